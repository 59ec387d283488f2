//! The adapter for `http` and `https`: options become a route, the body becomes bytes, the pool does the rest.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use reqs_pool::{
    AddressFilter, Call, ConnectTo, Destination, Family, Fingerprint, KeepAlive, LocalSettings, Outgoing,
    Pool, PoolConfig, PoolStats, Reply, Resolver, Timeouts, TlsSettings, TlsVersion,
};
use reqs_proto::{DecodeLimits, Headers, Limits};

use crate::adapter::Adapter;
use crate::convert;
use crate::error::{Error, ErrorKind, Result};
use crate::options::Options;
use crate::prepared::PreparedRequest;
use crate::response::{Exchange, Head, Response, Stream};
use crate::retry::Retry;
use crate::roads::Roads;

/// Carries requests over HTTP/1.1, with connections kept alive between them. (Requests: `HTTPAdapter`.)
///
/// A session has one mounted for `http://` and `https://` together. Mount another to give a site a pool, limits, or roads
/// of its own:
///
/// ```
/// use reqs::{HttpAdapter, KeepAlive, Session, TlsVersion};
/// use std::time::Duration;
///
/// let mut session = Session::new();
/// let adapter = HttpAdapter::new()
///     .connect_to("api.example.com", "127.0.0.1:8443".parse()?)
///     .keepalive(KeepAlive { idle: Duration::from_secs(60), interval: None, retries: None })
///     .min_tls_version(TlsVersion::Tls13)
///     .retry(3);
/// session.mount("https://api.example.com", adapter);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
///
/// What cannot be used is told by the first request: a certificate or option as [`ErrorKind::Ssl`], an interface, address or
/// socket that does not exist as [`ErrorKind::Connection`], an address that the filter forbids likewise.
#[derive(Debug, Default)]
pub struct HttpAdapter {
    pool: Pool,
    limits: Limits,
    decoding: DecodeLimits,
    roads: Roads,
    retry: Option<Retry>,
}

impl HttpAdapter {
    /// An adapter with a pool of its own.
    pub fn new() -> HttpAdapter {
        HttpAdapter::default()
    }

    /// The same with a pool made from these settings.
    #[must_use]
    pub fn pool(mut self, config: PoolConfig) -> HttpAdapter {
        self.pool = Pool::new(config);
        self
    }

    /// The same with these limits on what servers may send in heads, chunks and trailers.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> HttpAdapter {
        self.limits = limits;
        self
    }

    /// The same with these limits on what content codings may unfold to.
    #[must_use]
    pub fn decode_limits(mut self, limits: DecodeLimits) -> HttpAdapter {
        self.decoding = limits;
        self
    }

    /// The same with these retries, for requests that say nothing themselves. (Requests: `max_retries`.)
    #[must_use]
    pub fn retry(mut self, retry: impl Into<Retry>) -> HttpAdapter {
        self.retry = Some(retry.into());
        self
    }

    /// Connects to this address in place of what the host's name resolves to; `Host`, TLS name and certificate stay those
    /// of the URL. `host` may end in `:port` to mean that port alone. (curl: `--resolve`, `--connect-to`.)
    #[must_use]
    pub fn connect_to(self, host: &str, address: SocketAddr) -> HttpAdapter {
        let (host, port) = match host.rsplit_once(':') {
            Some((name, port)) if !name.is_empty() => match port.parse() {
                Ok(port) => (name, Some(port)),
                Err(_) => (host, None),
            },
            _ => (host, None),
        };
        let host = Some(host.to_ascii_lowercase());
        let rule = ConnectTo { host, port, to: Destination::Addresses(vec![address]) };
        self.with_local(|local| local.connect_to.push(rule))
    }

    /// Looks names up by this in place of the system. A closure `|host: &str, port: u16| …` will do.
    #[must_use]
    pub fn resolver(self, resolver: impl Resolver) -> HttpAdapter {
        self.with_local(|local| local.resolver = Some(Arc::new(resolver)))
    }

    /// Asks this about every address before it is connected to, redirects included: the guard of programs that fetch what
    /// strangers name (SEC-86).
    #[must_use]
    pub fn address_filter(self, filter: impl AddressFilter) -> HttpAdapter {
        self.with_local(|local| local.filter = Some(Arc::new(filter)))
    }

    /// Connects from this address of the machine. (requests-toolbelt: `SourceAddressAdapter`.)
    #[must_use]
    pub fn source_address(self, address: impl Into<IpAddr>) -> HttpAdapter {
        self.with_local(|local| local.source = Some(address.into()))
    }

    /// Connects through this network interface; Linux and Android alone have that.
    #[must_use]
    pub fn interface(self, name: impl Into<String>) -> HttpAdapter {
        self.with_local(|local| local.interface = Some(name.into()))
    }

    /// Connects to this Unix domain socket, whatever the URL's host. Mount it for a host of your invention:
    /// `session.mount("http://docker", HttpAdapter::new().unix_socket("/var/run/docker.sock"))`.
    #[must_use]
    pub fn unix_socket(self, path: impl Into<PathBuf>) -> HttpAdapter {
        self.with_local(|local| local.unix_socket = Some(path.into()))
    }

    /// Keeps silent connections alive by probes of TCP. (requests-toolbelt: `TCPKeepAliveAdapter`.)
    #[must_use]
    pub fn keepalive(self, probes: KeepAlive) -> HttpAdapter {
        self.with_local(|local| local.keepalive = Some(probes))
    }

    /// Uses IPv4 or IPv6 alone.
    #[must_use]
    pub fn family(self, family: Family) -> HttpAdapter {
        self.with_local(|local| local.family = family)
    }

    /// Makes sockets in this way: all of the settings above at once, and those that have no method here.
    #[must_use]
    pub fn local(self, settings: LocalSettings) -> HttpAdapter {
        self.with_local(|local| *local = settings)
    }

    /// Speaks no TLS older than this; 1.2 by default. (requests-toolbelt: `SSLAdapter`.)
    #[must_use]
    pub fn min_tls_version(self, version: TlsVersion) -> HttpAdapter {
        self.with_tls(|tls| tls.min_version = version)
    }

    /// Accepts only a server whose own certificate has this SHA-256 fingerprint: `"AB:CD:…".parse()?`. It is asked for on
    /// top of `verify`, and is all that is asked for when that is off. (requests-toolbelt: `FingerprintAdapter`.)
    #[must_use]
    pub fn fingerprint(self, fingerprint: Fingerprint) -> HttpAdapter {
        self.with_tls(|tls| tls.fingerprint = Some(fingerprint))
    }

    /// Appends the secrets of TLS sessions to this file, for Wireshark and the like. Who reads it reads the traffic.
    #[must_use]
    pub fn key_log(self, path: impl Into<PathBuf>) -> HttpAdapter {
        self.with_tls(|tls| tls.key_log = Some(path.into()))
    }

    /// Speaks TLS in this way where requests and session say nothing else: all of the settings above at once.
    #[must_use]
    pub fn tls(self, settings: TlsSettings) -> HttpAdapter {
        self.with_tls(|tls| *tls = settings)
    }

    /// What the pool did so far, and how many connections are idle.
    pub fn stats(&self) -> PoolStats {
        self.pool.stats()
    }

    fn with_local(mut self, change: impl FnOnce(&mut LocalSettings)) -> HttpAdapter {
        self.roads.local(change);
        self
    }

    fn with_tls(mut self, change: impl FnOnce(&mut TlsSettings)) -> HttpAdapter {
        self.roads.tls(change);
        self
    }
}

impl Adapter for HttpAdapter {
    fn send(&self, request: &PreparedRequest, options: &Options) -> Result<Response<Stream>> {
        let url = &request.url;
        let to_proxy = request.headers.get(PROXY_AUTHORIZATION);
        let route = self.roads.find(url, options, to_proxy)?;
        let headers = for_the_origin(&request.headers, to_proxy.is_some());
        let framing = request.check()?;
        let mut opened = request.body.open()?;
        let body = opened.outgoing(framing);
        // What the server may have done is done again only where that changes nothing (RFC 9110 §9.2.2), and the pool has
        // no way back in a reader or an iterator.
        let replayable = request.method.is_idempotent()
            && matches!(body, Outgoing::Empty | Outgoing::Bytes(_) | Outgoing::File { .. });
        let call = Call {
            https: url.scheme() == "https",
            host: url.host_str().ok_or_else(|| Error::new(ErrorKind::InvalidUrl, "No host supplied"))?,
            port: url.port_or_known_default().unwrap_or_default(),
            route: &route,
            method: request.method.as_str(),
            target: request.path_url(),
            host_header: request.authority(),
            headers: &headers,
            body,
            timeouts: timeouts(options)?,
            limits: &self.limits,
            replayable,
        };
        // Taken apart where it lies: a reply is large, and `map_err` and `?` would each copy it.
        let Reply { head, body, connection, timings, reused, informational } = match self.pool.exchange(call)
        {
            Ok(reply) => reply,
            Err(error) => return Err(convert::exchange(error)),
        };
        if !reused && connection.tls.is_some() && route.tls.verify == reqs_pool::Verify::Off {
            // Once per connection (TLS-9, Requests: `InsecureRequestWarning`).
            log::warn!("the certificate of {} was not verified", request.authority());
        }
        let body = Stream::wire(body, &head.headers, self.decoding);
        // Made where it stays, in one piece.
        let exchange = Some(Exchange { connection, timings, reused, informational });
        let head = Box::new(Head {
            head,
            url: None,
            request: None,
            history: Vec::new(),
            next: None,
            elapsed: timings.head,
            encoding: None,
            trailers: None,
            exchange,
        });
        Ok(Response { head, body })
    }

    fn close(&self) {
        self.pool.close();
    }

    fn retry(&self) -> Option<&Retry> {
        self.retry.as_ref()
    }

    fn pool_stats(&self) -> Option<PoolStats> {
        Some(self.stats())
    }
}

const PROXY_AUTHORIZATION: &str = "Proxy-Authorization";

/// What a request says to its proxy is part of the route; the origin never sees it, with or without a tunnel (SEC-02,
/// SEC-05, SEC-11).
fn for_the_origin(headers: &Headers, has_word_to_proxy: bool) -> Cow<'_, Headers> {
    if !has_word_to_proxy {
        return Cow::Borrowed(headers);
    }
    let mut headers = headers.clone();
    headers.remove(PROXY_AUTHORIZATION);
    Cow::Owned(headers)
}

fn timeouts(options: &Options) -> Result<Timeouts> {
    let timeout = options.checked_timeout()?;
    // A time that no clock can reach is no deadline.
    let own_deadline = || timeout.total.and_then(|total| Instant::now().checked_add(total));
    Ok(Timeouts {
        connect: timeout.connect,
        read: timeout.read,
        write: timeout.read,
        deadline: options.deadline.or_else(own_deadline),
        total: timeout.total,
    })
}
