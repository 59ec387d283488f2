//! From a host and a port to an open socket: overrides, resolving, filtering, and the socket's options.

use std::borrow::Cow;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use socket2::{Domain, Protocol, SockAddr, SockRef, Type};

use super::mailbox::{Empty, mailbox};
use super::{Opened, Steps, Stream, Target, bare_host, left, race, timed};
use crate::error::{Error, ErrorKind, Peer, Plain, Step, TimeUp, inside};
use crate::route::{Attempt, ConnectTo, Destination, Family, LocalSettings, Resolver, SystemResolver};

/// Opens a socket to `host` and `port`, which are the proxy's where `is_proxy` says so.
pub(super) fn open(
    target: &Target<'_>,
    host: &str,
    port: u16,
    is_proxy: bool,
    deadline: Option<Instant>,
    steps: &mut Steps,
) -> Result<Opened, Error> {
    let local = &target.route.local;
    let peer = Peer { host, port };
    if let Some(path) = &local.unix_socket {
        return timed(&mut steps.connect, || open_unix(path, deadline)).map_err(|e| {
            if let Some(time_up) = inside(&e).copied() {
                return Error::timeout(&peer, Step::Connect, target.timeouts, time_up);
            }
            let message = format!("could not connect to the Unix socket {}: {}", path.display(), Plain(&e));
            Error::new(ErrorKind::Connect, message).at(Step::Connect).because(e)
        });
    }

    let addresses = timed(&mut steps.resolve, || addresses(target, host, port, is_proxy, deadline))?;
    let (shared, wanted) = (Arc::clone(local), addresses.len());
    let connect = move |address: SocketAddr| connect(address, &shared, deadline);
    let raced = timed(&mut steps.connect, || race::race(&addresses, deadline, connect));
    match raced {
        Ok((stream, address)) => {
            if let Some(keepalive) = &local.keepalive {
                set_keepalive(&stream, keepalive).map_err(|e| unusable("TCP keep-alive", &e))?;
            }
            let local = stream.local_addr().ok();
            Ok(Opened { stream: Stream::Tcp(stream), peer: Some(address), local })
        }
        Err(e) => Err(match inside(&e).copied() {
            Some(time_up) => Error::timeout(&peer, Step::Connect, target.timeouts, time_up),
            None => {
                let what = if is_proxy { "the proxy " } else { "" };
                let several = if wanted > 1 { format!(" ({wanted} addresses tried)") } else { String::new() };
                let message = format!("could not connect to {what}{peer}{several}: {}", Plain(&e));
                let kind = if is_proxy { ErrorKind::Proxy } else { ErrorKind::Connect };
                Error::new(kind, message).at(Step::Connect).because(e)
            }
        }),
    }
}

/// The addresses to try for `host`, in order; at least one.
pub(super) fn addresses(
    target: &Target<'_>,
    host: &str,
    port: u16,
    is_proxy: bool,
    deadline: Option<Instant>,
) -> Result<Vec<SocketAddr>, Error> {
    let local = &target.route.local;
    let (lookup, port): (Cow<'_, str>, u16) = match redirected(local, host, port, is_proxy) {
        Some(Destination::Addresses(fixed)) => return permitted(local, host, is_proxy, fixed.clone()),
        Some(Destination::Name { host: name, port: other }) => (Cow::Borrowed(name), other.unwrap_or(port)),
        None => (Cow::Borrowed(host), port),
    };
    let bare = bare_host(&lookup);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return permitted(local, host, is_proxy, vec![SocketAddr::new(ip, port)]);
    }
    let resolver = local.resolver.clone().unwrap_or_else(|| Arc::new(SystemResolver));
    let found = resolve(resolver, bare, port, deadline).map_err(|e| match inside(&e).copied() {
        Some(time_up) => Error::timeout(&Peer { host, port }, Step::Resolve, target.timeouts, time_up),
        None => {
            let what = if is_proxy { "the proxy's name" } else { "the name" };
            let message = format!("{what} {bare} could not be resolved: {}", Plain(&e));
            let kind = if is_proxy { ErrorKind::Proxy } else { ErrorKind::Resolve };
            Error::new(kind, message).at(Step::Resolve).because(e)
        }
    })?;
    log::debug!("{bare} has the addresses {found:?}");
    if found.is_empty() {
        let message = format!("the name {bare} could not be resolved: it has no address");
        return Err(Error::new(ErrorKind::Resolve, message).at(Step::Resolve));
    }
    permitted(local, host, is_proxy, found)
}

/// The rule of `connect_to` for a target. Proxies are named by the user, so that no rule is needed for them.
pub(super) fn redirected<'a>(
    local: &'a LocalSettings,
    host: &str,
    port: u16,
    is_proxy: bool,
) -> Option<&'a Destination> {
    if is_proxy {
        return None;
    }
    let fits = |rule: &&ConnectTo| {
        rule.host.as_deref().is_none_or(|h| bare_host(h).eq_ignore_ascii_case(bare_host(host)))
            && rule.port.is_none_or(|p| p == port)
    };
    local.connect_to.iter().find(fits).map(|rule| &rule.to)
}

/// What of `found` may be tried: by family, by the family of the source address, by the filter (SEC-86).
fn permitted(
    local: &LocalSettings,
    host: &str,
    is_proxy: bool,
    mut found: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, Error> {
    let fits = |address: &SocketAddr| {
        let family = match local.family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        };
        family && local.source.is_none_or(|source| source.is_ipv4() == address.is_ipv4())
    };
    found.retain(fits);
    if found.is_empty() {
        let message = format!("{host} has no address of the family that is asked for");
        return Err(Error::new(ErrorKind::Resolve, message).at(Step::Resolve));
    }
    if let Some(filter) = &local.filter {
        let blocked = found.first().copied();
        found.retain(|address| filter.allows(&Attempt { host, address: *address, proxy: is_proxy }));
        if found.is_empty() {
            let which = blocked.map_or_else(String::new, |address| format!(" (such as {})", address.ip()));
            let message = format!("the address filter allows no address of {host}{which}");
            return Err(Error::new(ErrorKind::Blocked, message).at(Step::Connect));
        }
    }
    Ok(found)
}

/// Asks the resolver; on a thread of its own when there is a deadline, since a resolver cannot be interrupted.
fn resolve(
    resolver: Arc<dyn Resolver>,
    host: &str,
    port: u16,
    deadline: Option<Instant>,
) -> io::Result<Vec<SocketAddr>> {
    if left(deadline)?.is_none() {
        return resolver.resolve(host, port);
    }
    let (writer, answer) = mailbox();
    let name = host.to_owned();
    thread::Builder::new().name("reqs-resolver".to_owned()).spawn(move || {
        writer.write(resolver.resolve(&name, port));
    })?;
    match answer.read(deadline) {
        Ok(result) => result,
        Err(Empty::TimeUp) => Err(TimeUp::Deadline.into()),
        Err(Empty::NoWriter) => Err(io::Error::other("the resolver panicked")),
    }
}

/// One TCP connection, blocking until `deadline`.
fn connect(address: SocketAddr, local: &LocalSettings, deadline: Option<Instant>) -> io::Result<TcpStream> {
    let wait = left(deadline)?;
    if local.source.is_none() && local.interface.is_none() {
        return match wait {
            None => TcpStream::connect(address),
            Some(wait) => TcpStream::connect_timeout(&address, wait).map_err(|e| timed_out(e, deadline)),
        };
    }
    let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if let Some(interface) = &local.interface {
        bind_interface(&socket, interface)?;
    }
    if let Some(source) = local.source {
        socket.bind(&SocketAddr::new(source, 0).into()).map_err(|e| {
            io::Error::new(e.kind(), format!("cannot bind to the source address {source}: {}", Plain(&e)))
        })?;
    }
    connect_socket(&socket, &address.into(), deadline)?;
    Ok(socket.into())
}

fn connect_socket(socket: &socket2::Socket, address: &SockAddr, deadline: Option<Instant>) -> io::Result<()> {
    match left(deadline)? {
        None => socket.connect(address),
        Some(wait) => socket.connect_timeout(address, wait).map_err(|e| timed_out(e, deadline)),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn bind_interface(socket: &socket2::Socket, interface: &str) -> io::Result<()> {
    socket.bind_device(Some(interface.as_bytes())).map_err(|e| {
        io::Error::new(e.kind(), format!("cannot bind to the network interface {interface}: {}", Plain(&e)))
    })
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn bind_interface(_: &socket2::Socket, interface: &str) -> io::Result<()> {
    let message = format!(
        "binding to the network interface {interface} is not possible on this system; set a source address"
    );
    Err(io::Error::new(io::ErrorKind::Unsupported, message))
}

#[cfg(unix)]
fn open_unix(path: &std::path::Path, deadline: Option<Instant>) -> io::Result<Opened> {
    let socket = socket2::Socket::new(Domain::UNIX, Type::STREAM, None)?;
    connect_socket(&socket, &SockAddr::unix(path)?, deadline)?;
    Ok(Opened { stream: Stream::Unix(socket.into()), peer: None, local: None })
}

#[cfg(not(unix))]
fn open_unix(_: &std::path::Path, _: Option<Instant>) -> io::Result<Opened> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no Unix domain sockets"))
}

fn set_keepalive(stream: &TcpStream, keepalive: &crate::route::KeepAlive) -> io::Result<()> {
    let mut options = socket2::TcpKeepalive::new().with_time(keepalive.idle);
    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd",
        target_os = "netbsd",
        windows
    ))]
    if let Some(interval) = keepalive.interval {
        options = options.with_interval(interval);
    }
    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd",
        target_os = "netbsd"
    ))]
    if let Some(retries) = keepalive.retries {
        options = options.with_retries(retries);
    }
    SockRef::from(stream).set_tcp_keepalive(&options)
}

fn unusable(what: &str, error: &io::Error) -> Error {
    Error::new(ErrorKind::Settings, format!("{what} cannot be set: {}", Plain(error)))
}

/// `error`, or our own word for it when it was the deadline that ended the attempt.
fn timed_out(error: io::Error, deadline: Option<Instant>) -> io::Error {
    let passed = deadline.is_some_and(|deadline| Instant::now() >= deadline);
    if passed && error.kind() == io::ErrorKind::TimedOut { TimeUp::Deadline.into() } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(host: Option<&str>, port: Option<u16>, to: &str) -> ConnectTo {
        let to = Destination::Name { host: to.to_owned(), port: None };
        ConnectTo { host: host.map(str::to_owned), port, to }
    }

    #[test]
    fn the_first_rule_that_fits_is_taken() {
        let rules = vec![
            rule(Some("a.test"), Some(443), "one"),
            rule(Some("A.test"), None, "two"),
            rule(None, Some(1), "three"),
        ];
        let local = LocalSettings { connect_to: rules, ..LocalSettings::default() };
        let to = |host, port| match redirected(&local, host, port, false) {
            Some(Destination::Name { host, .. }) => Some(host.as_str()),
            _ => None,
        };
        assert_eq!(to("a.test", 443), Some("one"));
        assert_eq!(to("a.test", 80), Some("two"));
        assert_eq!(to("b.test", 1), Some("three"));
        assert_eq!(to("b.test", 2), None);
        assert_eq!(redirected(&local, "a.test", 443, true), None);
    }

    #[test]
    fn addresses_are_kept_by_family_and_filter() {
        let v4 = SocketAddr::from(([127, 0, 0, 1], 1));
        let v6 = SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 1));
        let keep = |local: LocalSettings| permitted(&local, "h", false, vec![v6, v4]);
        assert_eq!(keep(LocalSettings::default()).unwrap(), [v6, v4]);
        assert_eq!(keep(LocalSettings { family: Family::V4, ..LocalSettings::default() }).unwrap(), [v4]);
        let bound = LocalSettings { source: Some(v6.ip()), ..LocalSettings::default() };
        assert_eq!(keep(bound).unwrap(), [v6]);
        let filter = |attempt: &Attempt<'_>| !attempt.address.ip().is_loopback();
        let error =
            keep(LocalSettings { filter: Some(Arc::new(filter)), ..LocalSettings::default() }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Blocked);
        assert_eq!(error.to_string(), "the address filter allows no address of h (such as ::1)");
    }
}
