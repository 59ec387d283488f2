//! What is known about a connection: its addresses, and what TLS agreed on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use rustls_pki_types::CertificateDer;

/// A connection as its users see it. Made once per connection and shared by its exchanges.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// A number that no other connection of the process has.
    pub id: u64,
    /// When the connection was ready.
    pub opened: Instant,
    /// The address on the other side: the server's, or the proxy's where there is one. `None` for a Unix domain socket.
    pub peer: Option<SocketAddr>,
    /// The address on this side.
    pub local: Option<SocketAddr>,
    /// Whether the connection runs through a proxy.
    pub proxied: bool,
    /// What TLS agreed on with the target; `None` without TLS.
    pub tls: Option<TlsInfo>,
}

/// What a TLS handshake agreed on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TlsInfo {
    /// The version, as `TLSv1.3`.
    pub version: &'static str,
    /// The cipher suite, as `TLS13_AES_128_GCM_SHA256`.
    pub cipher: &'static str,
    /// The protocol chosen by ALPN, if the server chose one.
    pub alpn: Option<String>,
    /// Whether an earlier session was resumed.
    pub resumed: bool,
    /// The server's certificate and its chain as sent, the server's own first.
    pub certificates: Arc<[CertificateDer<'static>]>,
}
