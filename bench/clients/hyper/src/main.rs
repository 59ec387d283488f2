//! hyper's bare connection: what one gets without a pool, without redirects, without a client. On one thread.

#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use bench_harness::{Client, Order, Payload, Site};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

fn main() {
    bench_harness::main::<Hyper>();
}

type AnyBody = BoxBody<Bytes, Infallible>;

struct Hyper {
    runtime: Runtime,
    site: Site,
    connection: Option<SendRequest<AnyBody>>,
}

impl Client for Hyper {
    fn new(site: &Site) -> Self {
        if site.is_tls() {
            bench_harness::unable();
        }
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Hyper { runtime, site: site.clone(), connection: None }
    }

    fn another(&self) -> Self {
        Self::new(&self.site)
    }

    fn get(&mut self, url: &str) -> usize {
        let request = self.request("GET", url, Empty::new().boxed());
        self.run(request, async |response| response.into_body().collect().await.unwrap().to_bytes().len())
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        let body = Full::new(Bytes::from(serde_json::to_vec(order).unwrap())).boxed();
        let mut request = self.request("POST", url, body);
        request.headers_mut().insert("content-type", "application/json".parse().unwrap());
        self.run(request, async |response| {
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            serde_json::from_slice(&bytes).unwrap()
        })
    }

    fn stream(&mut self, url: &str) -> u64 {
        let request = self.request("GET", url, Empty::new().boxed());
        self.run(request, async |response| {
            let mut body = response.into_body();
            let mut total = 0;
            while let Some(frame) = body.frame().await {
                total += frame.unwrap().data_ref().map_or(0, |data| data.len() as u64);
            }
            total
        })
    }

    fn upload(&mut self, url: &str, payload: Payload) {
        let request = self.request("POST", url, Pieces(payload).boxed());
        self.run(request, async |response| response.into_body().collect().await.unwrap().to_bytes());
    }
}

impl Hyper {
    fn request(&self, method: &str, url: &str, body: AnyBody) -> Request<AnyBody> {
        let path = url.strip_prefix(&self.site.base).unwrap();
        let request = Request::builder().method(method).uri(path).header("host", self.site.authority_part());
        request.header("user-agent", "hyper").header("accept", "*/*").body(body).unwrap()
    }

    fn run<T>(&mut self, request: Request<AnyBody>, read: impl AsyncFnOnce(Response<Incoming>) -> T) -> T {
        self.runtime.block_on(async {
            let usable = match &mut self.connection {
                Some(connection) => connection.ready().await.is_ok(),
                None => false,
            };
            if !usable {
                let stream = TcpStream::connect(self.site.authority_part()).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
                tokio::spawn(connection);
                self.connection = Some(sender);
            }
            let response = self.connection.as_mut().unwrap().send_request(request).await.unwrap();
            assert_eq!(response.status(), 200);
            read(response).await
        })
    }
}

/// The payload as frames of 64 KiB.
struct Pieces(Payload);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut piece = vec![0; 64 * 1024];
        match self.0.read(&mut piece).unwrap() {
            0 => Poll::Ready(None),
            read => {
                piece.truncate(read);
                Poll::Ready(Some(Ok(Frame::data(Bytes::from(piece)))))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.left())
    }
}
