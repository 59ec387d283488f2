//! The adapter for `http` and `https`: options become a route, the body becomes bytes, the pool does the rest.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use reqs_pool::{Call, Pool, PoolConfig, Proxy, ProxyKind, Reply, Route, Timeouts, TlsSettings};
use reqs_proto::{DecodeLimits, Limits};
use url::Url;

use crate::adapter::Adapter;
use crate::convert;
use crate::error::{Error, ErrorKind, Result};
use crate::framing;
use crate::options::{Cert, Options, Verify};
use crate::prepared::PreparedRequest;
use crate::response::{Exchange, Head, Response, Stream};

/// Carries requests over HTTP/1.1, with connections kept alive between them. (Requests: `HTTPAdapter`.)
///
/// A session has one mounted for `http://` and `https://` together. Mount another to give a site a pool or limits of
/// its own.
#[derive(Debug, Default)]
pub struct HttpAdapter {
    pool: Pool,
    limits: Limits,
    decoding: DecodeLimits,
    plain: Route,
    /// Routes made of settings other than the defaults, so that TLS settings are built once and connections made
    /// under them are found again.
    routes: Mutex<Vec<(Settings, Route)>>,
}

/// What makes one route differ from another.
#[derive(Clone, Debug, PartialEq)]
struct Settings {
    verify: Verify,
    cert: Option<Cert>,
    proxy: Option<String>,
}

/// How many routes are remembered; programs use a handful, and a forgotten one is only made again.
const ROUTES: usize = 64;

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

    /// The route for these options; the plain one without a lock.
    fn route(&self, url: &Url, options: &Options) -> Result<Route> {
        let proxy = options.proxies.select(url);
        let verify = match (&options.verify, url.scheme()) {
            // Files of certificates are not asked for where there is no TLS (TLS-3, TLS-4).
            (_, "http") if proxy.is_none() => &Verify::On,
            (None, _) => &Verify::On,
            (Some(verify), _) => verify,
        };
        let cert = options.cert.as_ref().filter(|_| url.scheme() == "https");
        if proxy.is_none() && cert.is_none() && *verify == Verify::On {
            return Ok(self.plain.clone());
        }
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let known = routes.iter().find(|(settings, _)| {
            settings.verify == *verify && settings.cert.as_ref() == cert && settings.proxy.as_deref() == proxy
        });
        if let Some((_, route)) = known {
            return Ok(route.clone());
        }
        let settings =
            Settings { verify: verify.clone(), cert: cert.cloned(), proxy: proxy.map(str::to_owned) };
        let route = make_route(&settings)?;
        if routes.len() == ROUTES {
            routes.remove(0);
        }
        routes.push((settings, route.clone()));
        Ok(route)
    }
}

impl Adapter for HttpAdapter {
    fn send(&self, request: &PreparedRequest, options: &Options) -> Result<Response<Stream>> {
        let url = &request.url;
        let route = self.route(url, options)?;
        let framing = framing::check(&request.headers, &request.body)?;
        let replayable = request.body.can_rewind();
        let mut opened = request.body.open()?;
        let body = opened.outgoing(framing);
        let call = Call {
            https: url.scheme() == "https",
            host: url.host_str().ok_or_else(|| Error::new(ErrorKind::InvalidUrl, "No host supplied"))?,
            port: url.port_or_known_default().unwrap_or_default(),
            route: &route,
            method: request.method.as_str(),
            target: request.path_url(),
            host_header: request.authority(),
            headers: &request.headers,
            body,
            timeouts: timeouts(options)?,
            limits: &self.limits,
            replayable,
        };
        let Reply { head, body, connection, timings, reused, informational } =
            self.pool.exchange(call).map_err(convert::exchange)?;
        let mut head = Head::new(head, None);
        head.exchange = Some(Exchange { connection, timings, reused, informational });
        Ok(Response::assemble(head, Stream::wire(body, self.decoding)))
    }

    fn close(&self) {
        self.pool.close();
    }
}

fn timeouts(options: &Options) -> Result<Timeouts> {
    let timeout = options.checked_timeout()?;
    Ok(Timeouts {
        connect: timeout.connect,
        read: timeout.read,
        write: timeout.read,
        deadline: timeout.total.map(|total| Instant::now() + total),
        total: timeout.total,
    })
}

fn make_route(settings: &Settings) -> Result<Route> {
    let mut tls = TlsSettings::default();
    tls.verify = match &settings.verify {
        Verify::On => reqs_pool::Verify::System,
        Verify::Off => reqs_pool::Verify::Off,
        Verify::Path(path) => reqs_pool::Verify::Path(path.clone()),
        Verify::Pem(pem) => reqs_pool::Verify::Pem(Arc::clone(pem)),
    };
    tls.identity = settings.cert.as_ref().map(|cert| match cert {
        Cert::Combined(path) => reqs_pool::Identity::Combined(path.clone()),
        Cert::Pair { cert, key } => reqs_pool::Identity::Pair { cert: cert.clone(), key: key.clone() },
        Cert::Pem(pem) => reqs_pool::Identity::Pem(Arc::clone(pem)),
    });
    let proxy = settings.proxy.as_deref().map(parse_proxy).transpose()?;
    Ok(Route { proxy: proxy.map(Arc::new), tls: Arc::new(tls), ..Route::default() })
}

/// A proxy's URL; without a scheme it is `http` (PRX-7, PRX-8).
fn parse_proxy(given: &str) -> Result<Proxy> {
    let invalid = |reason: &str| {
        let shown = given.rsplit('@').next().unwrap_or_default();
        let message = format!("the proxy '{shown}' cannot be used: {reason}");
        Error::new(ErrorKind::InvalidProxyUrl, message)
    };
    let with_scheme = match given.contains("://") {
        true => given.to_owned(),
        false => format!("http://{given}"),
    };
    let url = Url::parse(&with_scheme).map_err(|error| invalid(&error.to_string()))?;
    let (kind, port) = match url.scheme() {
        "http" => (ProxyKind::Http, 80),
        "https" => (ProxyKind::Https, 443),
        "socks4" => (ProxyKind::Socks4, 1080),
        "socks4a" => (ProxyKind::Socks4a, 1080),
        "socks5" => (ProxyKind::Socks5, 1080),
        "socks5h" => (ProxyKind::Socks5h, 1080),
        other => return Err(invalid(&format!("there are no {other} proxies"))),
    };
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host
        .ok_or_else(|| invalid("Please check proxy URL. It is malformed and could be missing the host."))?;
    let mut proxy = Proxy::new(kind, host, url.port().unwrap_or(port));
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    if let Some(password) = url.password() {
        let (user, password) = (decoded(url.username()), decoded(password));
        if matches!(kind, ProxyKind::Http | ProxyKind::Https) {
            let basic = reqs_auth::Basic::new(user.clone(), password.clone());
            proxy.authorization = Some(basic.authorization().map_err(|error| invalid(&error.to_string()))?);
        }
        proxy.username = Some(user);
        proxy.password = Some(password);
    } else if !url.username().is_empty() {
        proxy.username = Some(decoded(url.username()));
    }
    Ok(proxy)
}
