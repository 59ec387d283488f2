//! The request that credentials are made for: its origin and the parts that Digest hashes.
//! Strings and bytes only, so that any HTTP client can fill them in.

use std::fmt;

/// Where a request goes: the (scheme, host, port) of RFC 6454 and RFC 9110 section 4.3.1.
///
/// State learned from one origin is never used for another. For a proxy, give the proxy's own scheme,
/// host and port.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// `http` or `https`, in any capitalisation.
    pub scheme: &'a str,
    /// The host name or address as in the URL, without a port, in any capitalisation.
    pub host: &'a str,
    /// The port, with the scheme's default filled in: 80 or 443 where the URL has none.
    pub port: u16,
}

impl Origin<'_> {
    /// Whether the connection is encrypted, that is whether the scheme is `https`.
    pub(crate) fn is_secure(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("https")
    }
}

/// Equal when the scheme, the host (both without regard to capitalisation) and the port are.
impl PartialEq for Origin<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.port == other.port
            && self.scheme.eq_ignore_ascii_case(other.scheme)
            && self.host.eq_ignore_ascii_case(other.host)
    }
}

impl Eq for Origin<'_> {}

/// `http://example.com:8080`: always with the port.
impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

/// The parts of a request that credentials may depend on.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// Where the request goes.
    pub origin: Origin<'a>,
    /// The method as on the request line, for example `GET`.
    pub method: &'a str,
    /// The request target exactly as on the request line, for example `/dir/index.html?a=1`: no fragment
    /// and no user information. For a CONNECT this is `host:port`.
    pub uri: &'a str,
    /// The whole content of the request, `Some(&[])` where there is none. `None` says that it is not
    /// at hand, because it is streamed: then Digest cannot offer `auth-int`.
    pub body: Option<&'a [u8]>,
}

/// The body shows as its length only.
impl fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("origin", &self.origin)
            .field("method", &self.method)
            .field("uri", &self.uri)
            .field("body_length", &self.body.map(<[u8]>::len))
            .finish()
    }
}

/// An origin that is kept.
#[derive(Clone, Debug)]
pub(crate) struct OwnedOrigin {
    scheme: String,
    host: String,
    port: u16,
}

impl OwnedOrigin {
    pub(crate) fn is(&self, origin: &Origin<'_>) -> bool {
        self.borrowed() == *origin
    }

    fn borrowed(&self) -> Origin<'_> {
        Origin { scheme: &self.scheme, host: &self.host, port: self.port }
    }
}

impl From<Origin<'_>> for OwnedOrigin {
    fn from(origin: Origin<'_>) -> Self {
        OwnedOrigin {
            scheme: origin.scheme.to_ascii_lowercase(),
            host: origin.host.to_ascii_lowercase(),
            port: origin.port,
        }
    }
}

/// The path of a request target, whether in origin-form or in absolute-form (as sent to a proxy).
/// `None` for authority-form and `*`, which have no path.
pub(crate) fn path(uri: &str) -> Option<&str> {
    if uri.starts_with('/') {
        return Some(uri);
    }
    let (_, rest) = uri.split_once("://")?;
    let start = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(start..) {
        Some(path) if path.starts_with('/') => Some(path),
        _ => Some("/"),
    }
}
