//! The endpoints of <https://httpbin.org>, on a server of our own over HTTP and HTTPS.
//!
//! Answers have the shapes of PyPI's `httpbin`, so that what a test says of this server holds there too;
//! differences are named where they are. Bodies of any size are read whole, so that a connection can
//! always be kept; requests arrive through hyper, which obeys RFC 9112.
//!
//! ```
//! use std::io::{Read, Write};
//!
//! let server = reqs_tests::httpbin::start();
//! let mut client = std::net::TcpStream::connect(server.address())?;
//! client.write_all(b"GET /get?a=1 HTTP/1.1\r\nHost: httpbin\r\nConnection: close\r\n\r\n")?;
//! let mut response = String::new();
//! client.read_to_string(&mut response)?;
//! assert!(response.starts_with("HTTP/1.1 200 OK\r\n"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod auth;
mod caching;
mod call;
mod cookies;
mod digest;
mod dynamic;
mod echo;
mod formats;
mod inspection;
mod range;
mod redirects;
mod routes;
mod serve;

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::certificates::{self, ClientFiles, Identity};
use serve::{Counters, Listening};

/// Starts a server on free loopback ports; dropping it stops it.
///
/// Tests that do not count connections may share one:
///
/// ```
/// use std::sync::OnceLock;
/// use reqs_tests::httpbin::{self, Server};
///
/// fn httpbin() -> &'static Server {
///     static SERVER: OnceLock<Server> = OnceLock::new();
///     SERVER.get_or_init(httpbin::start)
/// }
/// assert_eq!(httpbin().url("/get"), httpbin().url("/get"));
/// ```
///
/// # Panics
/// When no loopback port can be bound.
pub fn start() -> Server {
    let counters = Arc::new(Counters::default());
    let http = Listening::start(None, Arc::clone(&counters));
    Server { http, tls: Default::default(), counters }
}

/// A running httpbin. Its TLS variants start when they are first asked for.
pub struct Server {
    http: Listening,
    tls: [OnceLock<Listening>; 5],
    counters: Arc<Counters>,
}

impl Server {
    /// `http://127.0.0.1:PORT` and the path, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http.address)
    }

    /// The same server under the name `localhost`: for a client, another host.
    pub fn localhost_url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.http.address.port())
    }

    /// The same endpoints over TLS, with a good certificate: `https://localhost:PORT`.
    pub fn https_url(&self, path: &str) -> String {
        self.tls_url(Identity::Valid, path)
    }

    /// Over TLS, for clients that show the certificate of [`client_cert`](Server::client_cert).
    pub fn mtls_url(&self, path: &str) -> String {
        self.tls_url(Identity::ClientRequired, path)
    }

    /// Over TLS with a certificate that has ended.
    pub fn expired_url(&self, path: &str) -> String {
        self.tls_url(Identity::Expired, path)
    }

    /// Over TLS with a certificate for another host.
    pub fn wrong_host_url(&self, path: &str) -> String {
        self.tls_url(Identity::WrongHost, path)
    }

    /// Over TLS with a certificate that no authority signed.
    pub fn self_signed_url(&self, path: &str) -> String {
        self.tls_url(Identity::SelfSigned, path)
    }

    /// Where plain HTTP is served: 127.0.0.1 and a free port (on `::1` the same port, where there is IPv6).
    pub fn address(&self) -> SocketAddr {
        self.http.address
    }

    /// Where HTTPS with a good certificate is served.
    pub fn https_address(&self) -> SocketAddr {
        self.listening(Identity::Valid).address
    }

    /// The certificate authority, PEM: what a client must trust.
    pub fn ca_pem(&self) -> &'static str {
        certificates::ca_pem()
    }

    /// The certificate authority as a file.
    pub fn ca_file(&self) -> &'static Path {
        certificates::ca_file()
    }

    /// The certificate and key of a client whom [`mtls_url`](Server::mtls_url) lets in.
    pub fn client_cert(&self) -> &'static ClientFiles {
        certificates::client()
    }

    /// How many connections were accepted so far, on all ports, with or without a request on them.
    pub fn connections(&self) -> usize {
        self.counters.connections()
    }

    /// How many requests were served so far, on all ports.
    pub fn requests(&self) -> usize {
        self.counters.requests()
    }

    fn tls_url(&self, identity: Identity, path: &str) -> String {
        format!("https://localhost:{}{path}", self.listening(identity).address.port())
    }

    fn listening(&self, identity: Identity) -> &Listening {
        let slot = match identity {
            Identity::Valid => 0,
            Identity::ClientRequired => 1,
            Identity::Expired => 2,
            Identity::WrongHost => 3,
            Identity::SelfSigned => 4,
        };
        self.tls[slot].get_or_init(|| Listening::start(Some(identity), Arc::clone(&self.counters)))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("url", &self.url("/"))
            .field("connections", &self.connections())
            .finish()
    }
}
