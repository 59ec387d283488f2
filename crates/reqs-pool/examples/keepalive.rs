//! Many small GETs over one connection, against a server in a thread of its own. For counting what one of them costs:
//!
//! ```text
//! cargo build --release --example keepalive -p reqs-pool
//! strace -c target/release/examples/keepalive 10000
//! strace -c target/release/examples/keepalive 10000 read-timeout
//! strace -c target/release/examples/keepalive 10000 deadline
//! strace -c target/release/examples/keepalive 10000 tls
//! ```
//!
//! strace without `-f` follows the main thread alone, which is the client.

use std::env;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use reqs_pool::{Call, Outgoing, Pool, Route, Timeouts, TlsSettings, Verify};
use reqs_proto::{Headers, Limits};

const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let count: u32 = arguments.next().map_or(Ok(1000), |n| n.parse())?;
    let mode = arguments.next().unwrap_or_default();

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let tls = mode == "tls";
    let mut route = Route::default();
    if tls {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let verify = Verify::Pem(cert.pem().as_bytes().into());
        route.tls = Arc::new(TlsSettings { verify, ..TlsSettings::default() });
        let key = rustls_pki_types::PrivateKeyDer::try_from(signing_key.serialize_der())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)?;
        let config = Arc::new(config);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Ok(session) = rustls::ServerConnection::new(Arc::clone(&config)) else { return };
                serve(rustls::StreamOwned::new(session, stream));
            }
        });
    } else {
        thread::spawn(move || listener.incoming().flatten().for_each(serve));
    }

    let pool = Pool::default();
    let limits = Limits::default();
    let headers = Headers::from([("Accept", "*/*"), ("User-Agent", "example")]);
    let started = Instant::now();
    let mut body = Vec::new();
    for _ in 0..count {
        let seconds = Duration::from_secs(30);
        let timeouts = match mode.as_str() {
            "read-timeout" => Timeouts { read: Some(seconds), ..Timeouts::default() },
            "deadline" => Timeouts { deadline: Instant::now().checked_add(seconds), ..Timeouts::default() },
            _ => Timeouts::default(),
        };
        let mut reply = pool.exchange(Call {
            https: tls,
            host: "127.0.0.1",
            port,
            route: &route,
            method: "GET",
            target: "/",
            host_header: "127.0.0.1",
            headers: &headers,
            body: Outgoing::Empty,
            timeouts,
            limits: &limits,
            replayable: true,
        })?;
        body.clear();
        reply.body.read_to_vec(&mut body, u64::MAX)?;
        assert_eq!(body, b"Hello, world!");
    }
    let each = started.elapsed() / count;
    let mut out = std::io::stdout();
    writeln!(out, "{count} requests, {each:?} each, {:?}", pool.stats())?;
    Ok(())
}

fn serve(mut stream: impl Read + Write) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|n| n > 0) {
        if stream.write_all(RESPONSE).and_then(|()| stream.flush()).is_err() {
            break;
        }
    }
}
