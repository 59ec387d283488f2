//! What a connection depends on beside scheme, host and port: the proxy, the TLS settings and the local options.
//!
//! Everything in here is part of the pool's key, so that a connection made under one setting never serves another.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqs_proto::Headers;

use crate::tls::TlsSettings;

/// The road to a server: proxy, TLS settings and local options, shared by reference so that a request copies nothing.
///
/// Two routes are equal when all of their parts are equal by value; parts that are the same `Arc` are not compared.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The proxy to go through; `None` (the default) connects directly.
    pub proxy: Option<Arc<Proxy>>,
    /// How a TLS peer is verified and what is shown to it.
    pub tls: Arc<TlsSettings>,
    /// How sockets are made on this side.
    pub local: Arc<LocalSettings>,
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        // Destructured without `..`: a new field must be compared before this compiles (CVE-2024-35195).
        let Route { proxy, tls, local } = self;
        let same_proxy = match (proxy, &other.proxy) {
            (None, None) => true,
            (Some(a), Some(b)) => same(a, b),
            _ => false,
        };
        same_proxy && same(tls, &other.tls) && same(local, &other.local)
    }
}

/// Equal by pointer, and only else by value.
fn same<T: PartialEq>(a: &Arc<T>, b: &Arc<T>) -> bool {
    Arc::ptr_eq(a, b) || a == b
}

/// The protocol spoken to a proxy, after the scheme of its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProxyKind {
    /// `http`: absolute-form requests for `http` URLs, a `CONNECT` tunnel for `https` URLs (RFC 9110 section 9.3.6).
    Http,
    /// `https`: the same over TLS; an `https` URL then runs TLS inside TLS.
    Https,
    /// `socks4`: the name is resolved here and only IPv4 addresses can be reached.
    Socks4,
    /// `socks4a`: the proxy resolves the name.
    Socks4a,
    /// `socks5`: the name is resolved here (RFC 1928).
    Socks5,
    /// `socks5h`: the proxy resolves the name (RFC 1928).
    Socks5h,
}

impl ProxyKind {
    /// Whether names of targets are looked up on this machine and not by the proxy.
    #[must_use]
    pub fn resolves_here(self) -> bool {
        matches!(self, ProxyKind::Socks4 | ProxyKind::Socks5)
    }

    /// The scheme by which users write this proxy.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks4 => "socks4",
            ProxyKind::Socks4a => "socks4a",
            ProxyKind::Socks5 => "socks5",
            ProxyKind::Socks5h => "socks5h",
        }
    }
}

/// A proxy and the credentials for it. `Debug` shows no secret.
#[derive(Clone, PartialEq)]
pub struct Proxy {
    /// The protocol spoken to the proxy.
    pub kind: ProxyKind,
    /// The proxy's host: ASCII, an IPv6 address in brackets or bare.
    pub host: String,
    /// The proxy's port.
    pub port: u16,
    /// HTTP proxies: a ready value for `Proxy-Authorization`, such as `Basic dXNlcjpwYXNz`.
    pub authorization: Option<String>,
    /// HTTP proxies: further fields sent to the proxy and to nobody else.
    pub headers: Headers,
    /// SOCKS proxies: the user name (the user id of SOCKS 4).
    pub username: Option<String>,
    /// SOCKS 5 proxies: the password.
    pub password: Option<String>,
    /// HTTPS proxies: TLS settings for the proxy itself; `None` uses those of the route, without their client certificate
    /// and fingerprint, which are for the target.
    pub tls: Option<Arc<TlsSettings>>,
}

impl Proxy {
    /// A proxy without credentials.
    ///
    /// ```
    /// use reqs_pool::{Proxy, ProxyKind};
    /// let mut proxy = Proxy::new(ProxyKind::Http, "proxy.example.com", 3128);
    /// proxy.authorization = Some("Basic dXNlcjpwYXNz".to_owned());
    /// assert!(!format!("{proxy:?}").contains("dXNlcjpwYXNz"));
    /// ```
    #[must_use]
    pub fn new(kind: ProxyKind, host: impl Into<String>, port: u16) -> Self {
        Proxy {
            kind,
            host: host.into(),
            port,
            authorization: None,
            headers: Headers::new(),
            username: None,
            password: None,
            tls: None,
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Proxy { kind, host, port, authorization, headers, username, password, tls } = self;
        f.debug_struct("Proxy")
            .field("kind", kind)
            .field("host", host)
            .field("port", port)
            .field("authorization", &authorization.as_ref().map(|_| "***"))
            .field("headers", headers)
            .field("username", &username.as_ref().map(|_| "***"))
            .field("password", &password.as_ref().map(|_| "***"))
            .field("tls", tls)
            .finish()
    }
}

/// How sockets are made on this side. The default asks for nothing but `TCP_NODELAY`.
#[derive(Clone)]
pub struct LocalSettings {
    /// The address that outgoing connections are bound to; only peers of its family are tried.
    pub source: Option<IpAddr>,
    /// The network interface that connections must use (`SO_BINDTODEVICE`; Linux and Android, an error elsewhere).
    pub interface: Option<String>,
    /// A Unix domain socket that stands in for the TCP connection (Unix only, an error elsewhere).
    pub unix_socket: Option<PathBuf>,
    /// Keep-alive probes of TCP; `None` (the default) leaves them off.
    pub keepalive: Option<KeepAlive>,
    /// Send small segments at once (`TCP_NODELAY`, default on). It is set on a socket when a write could be delayed
    /// without it, so that a plain small request costs no system call for it.
    pub nodelay: bool,
    /// Which address families are tried.
    pub family: Family,
    /// Fixed roads for some hosts; the first rule that fits is taken.
    pub connect_to: Vec<ConnectTo>,
    /// Looks names up; `None` (the default) asks the system.
    pub resolver: Option<Arc<dyn Resolver>>,
    /// Asked about every address before a connection is tried; `None` (the default) allows all.
    pub filter: Option<Arc<dyn AddressFilter>>,
}

impl Default for LocalSettings {
    fn default() -> Self {
        LocalSettings {
            source: None,
            interface: None,
            unix_socket: None,
            keepalive: None,
            nodelay: true,
            family: Family::Any,
            connect_to: Vec::new(),
            resolver: None,
            filter: None,
        }
    }
}

impl PartialEq for LocalSettings {
    fn eq(&self, other: &Self) -> bool {
        let LocalSettings {
            source,
            interface,
            unix_socket,
            keepalive,
            nodelay,
            family,
            connect_to,
            resolver,
            filter,
        } = self;
        *source == other.source
            && *interface == other.interface
            && *unix_socket == other.unix_socket
            && *keepalive == other.keepalive
            && *nodelay == other.nodelay
            && *family == other.family
            && *connect_to == other.connect_to
            && same_object(resolver.as_ref(), other.resolver.as_ref())
            && same_object(filter.as_ref(), other.filter.as_ref())
    }
}

/// Objects behind a trait have no value to compare, so they are equal only when they are one.
fn same_object<T: ?Sized>(a: Option<&Arc<T>>, b: Option<&Arc<T>>) -> bool {
    a.map(|a| Arc::as_ptr(a).cast::<()>()) == b.map(|b| Arc::as_ptr(b).cast::<()>())
}

impl fmt::Debug for LocalSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LocalSettings {
            source,
            interface,
            unix_socket,
            keepalive,
            nodelay,
            family,
            connect_to,
            resolver,
            filter,
        } = self;
        f.debug_struct("LocalSettings")
            .field("source", source)
            .field("interface", interface)
            .field("unix_socket", unix_socket)
            .field("keepalive", keepalive)
            .field("nodelay", nodelay)
            .field("family", family)
            .field("connect_to", connect_to)
            .field("resolver", &resolver.is_some())
            .field("filter", &filter.is_some())
            .finish()
    }
}

/// Keep-alive probes of TCP. What the platform cannot set is left at its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// How long a connection is silent before the first probe.
    pub idle: Duration,
    /// The time between probes; `None` leaves the system's value.
    pub interval: Option<Duration>,
    /// Unanswered probes before the connection is given up; `None` leaves the system's value.
    pub retries: Option<u32>,
}

/// Which address families may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// IPv4 and IPv6.
    #[default]
    Any,
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
}

/// Connections for one host and port go somewhere else, as with curl's `--resolve` and `--connect-to`.
///
/// The `Host` field, the name shown in TLS and the name that the certificate must carry stay those of the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectTo {
    /// The host of the URL that this rule is for; `None` is any host.
    pub host: Option<String>,
    /// The port of the URL that this rule is for; `None` is any port.
    pub port: Option<u16>,
    /// Where to connect.
    pub to: Destination,
}

/// Where a [`ConnectTo`] rule leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// These addresses; nothing is looked up.
    Addresses(Vec<SocketAddr>),
    /// Another host name or address, and another port where one is given.
    Name {
        /// The name or address to connect to.
        host: String,
        /// The port to connect to; `None` keeps that of the URL.
        port: Option<u16>,
    },
}

/// Looks up names.
///
/// It is asked only when a connection must be made, never for one from the pool, and not for hosts that are IP addresses.
/// Where a timeout is set it runs on a thread of its own, which is left behind when time is up.
pub trait Resolver: Send + Sync + 'static {
    /// The addresses of `host`, the preferred first, each with `port` set.
    ///
    /// # Errors
    /// Whatever kept the name from being resolved; its text becomes part of the error's one line.
    fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

impl<F> Resolver for F
where
    F: Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
{
    fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self(host, port)
    }
}

/// The resolver of the operating system (`getaddrinfo`).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        (host, port).to_socket_addrs().map(Iterator::collect)
    }
}

/// Decides which addresses may be connected to: the guard against requests that reach into a private network
/// (server-side request forgery, DNS rebinding).
///
/// It sees every address at the moment a connection is tried, redirects included. Names that a proxy resolves
/// never become addresses here; filter those on the proxy.
pub trait AddressFilter: Send + Sync + 'static {
    /// Whether a connection to `address` may be tried.
    fn allows(&self, attempt: &Attempt<'_>) -> bool;
}

impl<F> AddressFilter for F
where
    F: Fn(&Attempt<'_>) -> bool + Send + Sync + 'static,
{
    fn allows(&self, attempt: &Attempt<'_>) -> bool {
        self(attempt)
    }
}

/// What an [`AddressFilter`] is asked about.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The host as it was written in the URL or in the proxy's URL.
    pub host: &'a str,
    /// The address that would be connected to.
    pub address: SocketAddr,
    /// Whether `host` is a proxy and not the target itself.
    pub proxy: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_equal_by_value_and_differ_in_any_part() {
        let base = Route::default();
        assert_eq!(base, Route::default());
        let proxied = Route { proxy: Some(Arc::new(Proxy::new(ProxyKind::Http, "p", 1))), ..base.clone() };
        assert_ne!(base, proxied);
        // SEC-54: credentials are part of the key.
        let mut other = Proxy::new(ProxyKind::Http, "p", 1);
        other.authorization = Some("Basic YTpi".to_owned());
        assert_ne!(proxied, Route { proxy: Some(Arc::new(other)), ..base.clone() });
        let local = LocalSettings { nodelay: false, ..LocalSettings::default() };
        assert_ne!(base, Route { local: Arc::new(local), ..base.clone() });
        // SEC-06, SEC-56: TLS settings are part of the key.
        let tls = TlsSettings { verify: crate::Verify::Off, ..TlsSettings::default() };
        assert_ne!(base, Route { tls: Arc::new(tls), ..base.clone() });
    }

    #[test]
    fn resolvers_are_equal_only_when_they_are_one() {
        let one: Arc<dyn Resolver> = Arc::new(SystemResolver);
        let with = |r: &Arc<dyn Resolver>| LocalSettings {
            resolver: Some(Arc::clone(r)),
            ..LocalSettings::default()
        };
        // A zero-sized resolver may share its address with others, so a sized one is used to tell them apart.
        let port = 7_u16;
        let two: Arc<dyn Resolver> =
            Arc::new(move |_: &str, p: u16| Ok(vec![SocketAddr::from(([127, 0, 0, 1], p + port))]));
        assert_eq!(with(&one), with(&one));
        assert_ne!(with(&one), with(&two));
        assert_ne!(with(&one), LocalSettings::default());
    }
}
