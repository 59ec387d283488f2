//! Sockets in, requests to the routes: accepts connections, speaks TLS and HTTP on them, counts both.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, Response};
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::call::Peer;
use super::routes;
use crate::certificates::{Identity, server_config};

/// Tells which connection of the server carried a response, counted from 1: so that a test can see
/// reuse even on a server that it shares.
const CONNECTION_HEADER: HeaderName = HeaderName::from_static("x-connection");
/// More than any client should send by itself, few enough to end.
const MAX_HEADERS: usize = 1000;
/// How long a stop waits for the port to be free again.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// How often another port is tried when `::1` has the one that 127.0.0.1 gave.
const BIND_ATTEMPTS: usize = 8;

/// What a server has seen.
#[derive(Debug, Default)]
pub(super) struct Counters {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

impl Counters {
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// One port on which the endpoints are served. Dropping it closes the port and its connections.
pub(super) struct Listening {
    pub(super) address: SocketAddr,
    tasks: Vec<AbortHandle>,
    /// Disconnected once every accepting task, and with it its socket, is gone.
    gone: Mutex<mpsc::Receiver<Infallible>>,
}

impl Listening {
    pub(super) fn start(identity: Option<Identity>, counters: Arc<Counters>) -> Listening {
        let (v4, v6) = bind().expect("a free loopback port");
        let address = v4.local_addr().expect("a bound address");
        let (alive, gone) = mpsc::channel();
        let shared =
            Shared { routes: routes::routes(), tls: identity.map(|i| server_config(i).into()), counters };
        let tasks = [Some(v4), v6].into_iter().flatten().map(|listener| {
            let accepting = Accepting {
                connections: JoinSet::new(),
                listener,
                shared: shared.clone(),
                _alive: alive.clone(),
            };
            runtime().spawn(accepting.run()).abort_handle()
        });
        Listening { address, tasks: tasks.collect(), gone: Mutex::new(gone) }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        // Never a value: either the disconnect that is waited for, or the time is up.
        let gone = self.gone.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = gone.recv_timeout(STOP_LIMIT);
    }
}

/// The runtime of all servers of the process. It ends with the process.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("httpbin")
            .enable_all()
            .build()
            .expect("a runtime")
    })
}

/// A free port on 127.0.0.1, and the same on `::1` where there is IPv6: `localhost` may mean either.
fn bind() -> io::Result<(TcpListener, Option<TcpListener>)> {
    for _ in 0..BIND_ATTEMPTS {
        let v4 = listen((Ipv4Addr::LOCALHOST, 0).into())?;
        match listen((Ipv6Addr::LOCALHOST, v4.local_addr()?.port()).into()) {
            Ok(v6) => return Ok((v4, Some(v6))),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(_) => return Ok((v4, None)),
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[derive(Clone)]
struct Shared {
    routes: Router,
    tls: Option<TlsAcceptor>,
    counters: Arc<Counters>,
}

/// The accepting task. Fields drop in this order: connections, port, and then the sign that they are gone.
struct Accepting {
    connections: JoinSet<()>,
    listener: TcpListener,
    shared: Shared,
    _alive: mpsc::Sender<Infallible>,
}

impl Accepting {
    async fn run(mut self) {
        let listener = self.listener.try_clone().and_then(tokio::net::TcpListener::from_std);
        let listener = listener.expect("a listener that tokio accepts");
        loop {
            while self.connections.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let number = self.shared.counters.connections.fetch_add(1, Ordering::SeqCst) + 1;
                    self.connections.spawn(serve(self.shared.clone(), stream, peer, number));
                }
                // Out of descriptors, or the peer left at once: later ones may do better.
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }
}

async fn serve(shared: Shared, stream: TcpStream, peer: SocketAddr, number: usize) {
    let _ = stream.set_nodelay(true);
    let scheme = if shared.tls.is_some() { "https" } else { "http" };
    let peer = Peer { address: peer, scheme };
    match &shared.tls {
        // A handshake that fails is the client's to report.
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                speak(&shared, stream, peer, number).await;
            }
        }
        None => speak(&shared, stream, peer, number).await,
    }
}

async fn speak(shared: &Shared, stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer, number: usize) {
    let routes = TowerToHyperService::new(shared.routes.clone().layer(Extension(peer)));
    let service = service_fn(|request: Request<Incoming>| {
        shared.counters.requests.fetch_add(1, Ordering::SeqCst);
        let response = routes.call(request);
        async move {
            let mut response: Response<Body> = response.await?;
            response.headers_mut().insert(CONNECTION_HEADER, HeaderValue::from(number));
            Ok::<_, Infallible>(response)
        }
    });
    // Errors are the client's: it left, or what it sent was no HTTP (hyper has answered 400 then).
    let _ = http1::Builder::new()
        .half_close(true)
        .title_case_headers(true)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
