//! Makes connections: names to addresses, addresses to sockets, proxies to tunnels, TLS on top.
//!
//! Each layer knows only the one below. One deadline, the sooner of the connect timeout and the total one, covers all of them.

mod address;
mod mailbox;
mod race;
mod socket;
mod socks;
mod tunnel;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustls_pki_types::ServerName;

use crate::call::Timeouts;
use crate::error::{Error, ErrorKind, Peer, Step, TimeUp, inside};
use crate::info::ConnectionInfo;
use crate::layer::Layer;
use crate::route::{Proxy, ProxyKind, Route};
use crate::tls::{ConfigCache, Role, TlsSettings, TlsStream};
use crate::transport::Transport;

pub(crate) use socket::{Clocks, Socket, Stream};
pub(crate) use tunnel::headers as proxy_headers;

/// Where to, and by which road.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) https: bool,
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) route: &'a Route,
    pub(crate) timeouts: &'a Timeouts,
}

impl<'a> Target<'a> {
    pub(crate) fn peer(&self) -> Peer<'a> {
        Peer { host: self.host, port: self.port }
    }
}

/// A connection that was made, and how long its steps took.
#[derive(Debug)]
pub(crate) struct Dialed {
    pub(crate) transport: Transport,
    pub(crate) info: ConnectionInfo,
    pub(crate) steps: Steps,
}

/// How long the steps took; those that were not taken are `None`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Steps {
    pub(crate) resolve: Option<Duration>,
    pub(crate) connect: Option<Duration>,
    pub(crate) proxy: Option<Duration>,
    pub(crate) tls: Option<Duration>,
}

/// Makes a connection to `target`.
pub(crate) fn dial(target: &Target<'_>, configs: &ConfigCache) -> Result<Dialed, Error> {
    // Settings that cannot be used are told before anything is connected.
    let config = match target.https {
        true => Some(configs.config(&target.route.tls, Role::Target)?),
        false => None,
    };
    let timeouts = target.timeouts;
    let by_connect = timeouts.connect.and_then(|limit| Instant::now().checked_add(limit));
    let deadline = sooner(by_connect, timeouts.deadline);
    let mut steps = Steps::default();

    let proxy = target.route.proxy.as_deref();
    let opened = match proxy {
        None => address::open(target, target.host, target.port, false, deadline, &mut steps)?,
        Some(proxy) => address::open(target, &proxy.host, proxy.port, true, deadline, &mut steps)?,
    };
    let peer_address = opened.peer;
    let local_address = opened.local;
    let mut socket = Socket::new(opened.stream, target.route.local.nodelay);
    socket.set_clocks(Clocks { deadline, ..Clocks::default() });

    let started = Instant::now();
    let transport = match (proxy, config) {
        (Some(proxy), config) if proxy.kind == ProxyKind::Https => {
            let mut to_proxy = tls_to_proxy(target, proxy, configs, socket)?;
            match config {
                None => Transport::Tls(Box::new(to_proxy)),
                Some(config) => {
                    tunnel::open(target, proxy, deadline, &mut to_proxy)?;
                    steps.proxy = Some(started.elapsed());
                    let tls = timed(&mut steps.tls, || tls_to_target(target, config, to_proxy))?;
                    Transport::Tls(Box::new(tls))
                }
            }
        }
        (proxy, config) => {
            if let Some(proxy) = proxy {
                if proxy.kind == ProxyKind::Http {
                    if target.https {
                        tunnel::open(target, proxy, deadline, &mut socket)?;
                    }
                } else {
                    socks::open(target, proxy, deadline, &mut socket)?;
                }
                steps.proxy = Some(started.elapsed());
            }
            match config {
                None => Transport::Plain(socket),
                Some(config) => {
                    let tls = timed(&mut steps.tls, || tls_to_target(target, config, socket))?;
                    Transport::Tls(Box::new(tls))
                }
            }
        }
    };
    let tls = match &transport {
        Transport::Tls(tls) if target.https => Some(tls.info()),
        // TLS that ends at the proxy says nothing about the target.
        Transport::Plain(_) | Transport::Tls(_) => None,
    };
    let info = ConnectionInfo {
        id: next_id(),
        opened: Instant::now(),
        peer: peer_address,
        local: local_address,
        proxied: proxy.is_some(),
        tls,
    };
    log::debug!(
        "connected to {}{} [{}], {steps:?}",
        target.peer(),
        proxy.map_or_else(String::new, |p| format!(" through {}://{}:{}", p.kind.scheme(), p.host, p.port)),
        info.tls.as_ref().map_or("no TLS", |tls| tls.version),
    );
    Ok(Dialed { transport, info, steps })
}

/// A socket just opened.
#[derive(Debug)]
struct Opened {
    stream: Stream,
    peer: Option<SocketAddr>,
    local: Option<SocketAddr>,
}

fn tls_to_proxy<S: Layer>(
    target: &Target<'_>,
    proxy: &Proxy,
    configs: &ConfigCache,
    under: S,
) -> Result<TlsStream<S>, Error> {
    let config = configs.config(&settings_for(proxy, &target.route.tls), Role::Proxy)?;
    let peer = Peer { host: &proxy.host, port: proxy.port };
    TlsStream::connect(config, server_name(&proxy.host)?, under).map_err(|e| {
        let speaks_no_tls = matches!(inside(&e), Some(rustls::Error::InvalidMessage(_)));
        if speaks_no_tls {
            let message =
                format!("the proxy {peer} does not speak TLS: is it an http:// proxy and no https:// one?");
            return Error::new(ErrorKind::Proxy, message).at(Step::Handshake).because(e);
        }
        Error::network(&peer, Step::Handshake, target.timeouts, e)
    })
}

/// The TLS settings for the proxy itself. Of those for the target, what is meant for the target alone stays behind: the
/// client certificate, which would tell the proxy who is there, and the pinned fingerprint.
fn settings_for(proxy: &Proxy, target: &Arc<TlsSettings>) -> Arc<TlsSettings> {
    match &proxy.tls {
        Some(own) => Arc::clone(own),
        None if target.identity.is_none() && target.fingerprint.is_none() => Arc::clone(target),
        None => Arc::new(TlsSettings { identity: None, fingerprint: None, ..TlsSettings::clone(target) }),
    }
}

fn tls_to_target<S: Layer>(
    target: &Target<'_>,
    config: Arc<rustls::ClientConfig>,
    under: S,
) -> Result<TlsStream<S>, Error> {
    TlsStream::connect(config, server_name(target.host)?, under)
        .map_err(|e| Error::network(&target.peer(), Step::Handshake, target.timeouts, e))
}

/// The name that is asked for in TLS and looked for in the certificate: without brackets, zone and trailing dot.
fn server_name(host: &str) -> Result<ServerName<'static>, Error> {
    let bare = bare_host(host);
    let bare = bare.split('%').next().unwrap_or(bare);
    let bare = bare.strip_suffix('.').unwrap_or(bare);
    ServerName::try_from(bare.to_owned()).map_err(|e| {
        let message = format!("the host {host:?} cannot be in a certificate: {e}");
        Error::new(ErrorKind::Tls, message).at(Step::Handshake)
    })
}

/// A host without the brackets of an IPv6 literal.
pub(crate) fn bare_host(host: &str) -> &str {
    host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
}

fn timed<T>(step: &mut Option<Duration>, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = work();
    *step = Some(started.elapsed());
    result
}

fn sooner(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// What is left until `deadline`; an error when that is nothing.
fn left(deadline: Option<Instant>) -> Result<Option<Duration>, TimeUp> {
    match deadline {
        None => Ok(None),
        Some(deadline) => match deadline.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(TimeUp::Deadline),
            left => Ok(Some(left)),
        },
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_7_names_lose_brackets_zone_and_trailing_dot() {
        let name = |host| server_name(host).unwrap();
        assert_eq!(name("example.com."), ServerName::try_from("example.com").unwrap());
        assert_eq!(name("[::1]"), ServerName::try_from("::1").unwrap());
        assert_eq!(name("fe80::1%eth0"), ServerName::try_from("fe80::1").unwrap());
        assert!(server_name("not a name").is_err());
    }
}
