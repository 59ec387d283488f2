//! From a name to a connection: resolving, racing, overriding, filtering, and the socket's own options.

mod common;

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Ask, Server, ms, text};
use reqs_pool::{
    Attempt, ConnectTo, Destination, ErrorKind, Family, KeepAlive, LocalSettings, Pool, Resolver, Route, Step,
};

fn with(local: LocalSettings) -> Route {
    Route { local: Arc::new(local), ..Route::default() }
}

fn ask(host: &str, port: u16, local: LocalSettings) -> Ask {
    Ask { host: host.to_owned(), route: with(local), ..Ask::get(port, "/") }
}

/// A resolver that knows one answer and counts how often it is asked.
struct Fixed {
    addresses: Vec<SocketAddr>,
    asked: AtomicUsize,
}

impl Fixed {
    fn new(addresses: &[SocketAddr]) -> Arc<Fixed> {
        Arc::new(Fixed { addresses: addresses.to_vec(), asked: AtomicUsize::new(0) })
    }
}

impl Resolver for Fixed {
    fn resolve(&self, _: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.addresses.clone())
    }
}

fn resolving(resolver: &Arc<Fixed>) -> LocalSettings {
    let resolver = Arc::clone(resolver);
    LocalSettings { resolver: Some(resolver), ..LocalSettings::default() }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// A listener whose queue is full, so that further connections wait in silence.
struct Tarpit {
    address: SocketAddr,
    _listener: socket2::Socket,
    _queued: Vec<socket2::Socket>,
}

impl Tarpit {
    fn new(bind: &str) -> Option<Tarpit> {
        let bind: SocketAddr = bind.parse().unwrap();
        let listener =
            socket2::Socket::new(socket2::Domain::for_address(bind), socket2::Type::STREAM, None).ok()?;
        listener.bind(&bind.into()).ok()?;
        listener.listen(0).ok()?;
        let address = listener.local_addr().unwrap().as_socket().unwrap();
        let mut queued = Vec::new();
        for _ in 0..8 {
            let socket =
                socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::STREAM, None)
                    .unwrap();
            if socket.connect_timeout(&address.into(), ms(60)).is_err() {
                return Some(Tarpit { address, _listener: listener, _queued: queued });
            }
            queued.push(socket);
        }
        None
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "a figure to be read")]
fn rfc_8305_a_black_holed_family_costs_less_than_400_ms() {
    let server = Server::echo();
    let good = loopback(server.port);
    let mut tried = 0;
    for hole in ["[::1]:0", "127.0.0.1:0"] {
        let Some(tarpit) = Tarpit::new(hole) else { continue };
        tried += 1;
        let local = resolving(&Fixed::new(&[tarpit.address, good]));
        let started = Instant::now();
        let reply = ask("two.test", server.port, local).send(&Pool::default()).unwrap();
        let took = started.elapsed();
        println!(
            "{} is a black hole: first byte after {:?} ({:?} in all)",
            tarpit.address, reply.timings.first_byte, took
        );
        assert_eq!(reply.connection.peer, Some(good));
        assert!(reply.timings.first_byte < ms(400), "{took:?}");
        assert!(reply.timings.first_byte >= ms(245), "the black hole did not hold: {took:?}");
    }
    assert!(tried > 0, "no black hole could be made on this machine");
}

#[test]
fn a_refused_address_gives_way_to_the_next_at_once() {
    let server = Server::echo();
    let refused = unused_port();
    let local = resolving(&Fixed::new(&[loopback(refused), loopback(server.port)]));
    let reply = ask("two.test", server.port, local).send(&Pool::default()).unwrap();
    assert!(reply.timings.connect.unwrap() < ms(200));
    assert_eq!(text(reply).unwrap(), "/");
}

#[test]
fn failures_to_connect_say_what_where_and_why() {
    let port = unused_port();
    let error = Ask::get(port, "/").text(&Pool::default()).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::Connect, Some(Step::Connect)));
    assert_eq!(error.to_string(), format!("could not connect to 127.0.0.1:{port}: connection refused"));
    assert!(std::error::Error::source(&error).is_none());
    let cause = error.cause().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::ConnectionRefused);

    let two = resolving(&Fixed::new(&[loopback(port), loopback(unused_port())]));
    let error = ask("two.test", port, two).text(&Pool::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("could not connect to two.test:{port} (2 addresses tried): connection refused")
    );

    let nothing = |_: &str, _: u16| -> io::Result<Vec<SocketAddr>> { Err(io::Error::other("no such name")) };
    let local = LocalSettings { resolver: Some(Arc::new(nothing)), ..LocalSettings::default() };
    let error = ask("no.such.example", 80, local).text(&Pool::default()).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::Resolve, Some(Step::Resolve)));
    assert_eq!(error.to_string(), "the name no.such.example could not be resolved: no such name");

    let error = ask("no.such.invalid", 80, LocalSettings::default()).text(&Pool::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolve);
    assert!(error.to_string().starts_with("the name no.such.invalid could not be resolved: "), "{error}");
    assert!(!error.to_string().contains("os error"), "{error}");

    let none = resolving(&Fixed::new(&[]));
    let error = ask("empty.test", 80, none).text(&Pool::default()).unwrap_err();
    assert_eq!(error.to_string(), "the name empty.test could not be resolved: it has no address");
}

#[test]
fn names_are_resolved_only_when_a_connection_is_made() {
    let server = Server::echo();
    let resolver = Fixed::new(&[loopback(server.port)]);
    let pool = Pool::default();
    let ask = ask("name.test", server.port, resolving(&resolver));
    for _ in 0..3 {
        assert_eq!(ask.text(&pool).unwrap(), "/");
    }
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    pool.close();
    assert_eq!(ask.text(&pool).unwrap(), "/");
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_slow_resolver_is_under_the_connect_timeout_and_the_deadline() {
    let slow = |_: &str, _: u16| -> io::Result<Vec<SocketAddr>> {
        std::thread::sleep(Duration::from_secs(3));
        Ok(Vec::new())
    };
    let mut ask =
        ask("slow.test", 80, LocalSettings { resolver: Some(Arc::new(slow)), ..LocalSettings::default() });
    ask.timeouts.connect = Some(ms(100));
    let started = Instant::now();
    let error = ask.text(&Pool::default()).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::ConnectTimeout, Some(Step::Resolve)));
    assert_eq!(error.to_string(), "connecting to slow.test:80 timed out after 0.1 s (looking up the name)");
    ask.timeouts = reqs_pool::Timeouts {
        deadline: Some(Instant::now() + ms(100)),
        total: Some(ms(100)),
        ..reqs_pool::Timeouts::default()
    };
    let error = ask.text(&Pool::default()).unwrap_err();
    assert_eq!(error.to_string(), "the total time of 0.1 s ran out with slow.test:80 (looking up the name)");
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_silent_address_is_under_the_connect_timeout() {
    let Some(tarpit) = Tarpit::new("127.0.0.1:0") else {
        panic!("no black hole could be made on this machine")
    };
    let mut ask = Ask::get(tarpit.address.port(), "/");
    ask.timeouts.connect = Some(ms(150));
    let started = Instant::now();
    let error = ask.text(&Pool::default()).unwrap_err();
    let wanted =
        format!("connecting to {} timed out after 0.15 s (making the TCP connection)", tarpit.address);
    assert_eq!(error.to_string(), wanted);
    assert!(started.elapsed() >= ms(150) && started.elapsed() < ms(1500));
    // Two of them race, and the timeout covers both.
    let local = resolving(&Fixed::new(&[tarpit.address, tarpit.address]));
    let ask = Ask { timeouts: ask.timeouts, ..self::ask("two.test", 80, local) };
    assert_eq!(ask.text(&Pool::default()).unwrap_err().kind(), ErrorKind::ConnectTimeout);
}

#[test]
fn connect_to_leads_elsewhere_and_keeps_the_host_field() {
    let server = Server::start(|mut wire, _| {
        while let Some(request) = wire.request() {
            let host = request.header("host").unwrap().to_owned();
            wire.answer(&host);
        }
    });
    let rules = [
        Destination::Addresses(vec![loopback(server.port)]),
        Destination::Name { host: "127.0.0.1".to_owned(), port: Some(server.port) },
        Destination::Name { host: "localhost".to_owned(), port: Some(server.port) },
    ];
    for to in rules {
        let rule = ConnectTo { host: Some("example.test".to_owned()), port: Some(80), to };
        let local = LocalSettings { connect_to: vec![rule], ..LocalSettings::default() };
        assert_eq!(ask("example.test", 80, local).text(&Pool::default()).unwrap(), "example.test");
    }
}

#[test]
fn sec_86_the_filter_sees_every_address_and_blocks_the_rest() {
    let server = Server::echo();
    let resolver = Fixed::new(&[SocketAddr::from(([127, 0, 0, 2], server.port)), loopback(server.port)]);
    let only_one = |attempt: &Attempt<'_>| {
        attempt.host == "name.test" && attempt.address.ip() == IpAddr::from(Ipv4Addr::LOCALHOST)
    };
    let local = LocalSettings { filter: Some(Arc::new(only_one)), ..resolving(&resolver) };
    let reply = ask("name.test", server.port, local).send(&Pool::default()).unwrap();
    assert_eq!(reply.connection.peer, Some(loopback(server.port)));

    let none = |_: &Attempt<'_>| false;
    let local = || LocalSettings { filter: Some(Arc::new(none)), ..LocalSettings::default() };
    // An address written in the URL is asked about like any other.
    let error = ask("127.0.0.1", server.port, local()).text(&Pool::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Blocked);
    assert_eq!(error.to_string(), "the address filter allows no address of 127.0.0.1 (such as 127.0.0.1)");
    assert_eq!(server.accepted(), 1);
}

#[test]
fn the_source_address_and_the_family_are_kept_to() {
    let server = Server::start(|mut wire, _| {
        let from = wire.io.get_ref().peer_addr().unwrap().ip().to_string();
        while wire.request().is_some() && wire.answer(&from) {}
    });
    if cfg!(target_os = "linux") {
        let source = IpAddr::from([127, 0, 0, 9]);
        let local = LocalSettings { source: Some(source), ..LocalSettings::default() };
        let reply = ask("127.0.0.1", server.port, local).send(&Pool::default()).unwrap();
        assert_eq!(reply.connection.local.unwrap().ip(), source);
        assert_eq!(text(reply).unwrap(), "127.0.0.9");
    }
    let local = LocalSettings { family: Family::V6, ..LocalSettings::default() };
    let error = ask("127.0.0.1", server.port, local).text(&Pool::default()).unwrap_err();
    assert_eq!(error.to_string(), "127.0.0.1 has no address of the family that is asked for");
    // Not an address of this machine.
    let local = LocalSettings { source: Some(IpAddr::from([192, 0, 2, 1])), ..LocalSettings::default() };
    let error = ask("127.0.0.1", server.port, local).text(&Pool::default()).unwrap_err();
    assert!(error.to_string().contains("cannot bind to the source address 192.0.2.1"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_interface_is_kept_to_or_told_about() {
    let server = Server::echo();
    let on =
        |interface: &str| LocalSettings { interface: Some(interface.to_owned()), ..LocalSettings::default() };
    match ask("127.0.0.1", server.port, on("lo")).text(&Pool::default()) {
        Ok(body) => assert_eq!(body, "/"),
        // Old kernels ask for a privilege.
        Err(e) => assert!(e.to_string().contains("cannot bind to the network interface lo"), "{e}"),
    }
    let error = ask("127.0.0.1", server.port, on("nosuchif0")).text(&Pool::default()).unwrap_err();
    assert!(error.to_string().contains("cannot bind to the network interface nosuchif0"), "{error}");
}

#[test]
fn keepalive_probes_can_be_asked_for() {
    let server = Server::echo();
    let keepalive = KeepAlive {
        idle: Duration::from_secs(60),
        interval: Some(Duration::from_secs(10)),
        retries: Some(3),
    };
    let local = LocalSettings { keepalive: Some(keepalive), nodelay: false, ..LocalSettings::default() };
    assert_eq!(ask("127.0.0.1", server.port, local).text(&Pool::default()).unwrap(), "/");
}

#[cfg(unix)]
#[test]
fn a_unix_socket_stands_in_for_tcp() {
    use common::Wire;
    use std::os::unix::net::UnixListener;

    let path = std::env::temp_dir().join(format!("reqs-pool-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut wire = Wire::new(stream.unwrap());
            std::thread::spawn(move || {
                while let Some(request) = wire.request() {
                    wire.answer(&format!("{} {}", request.target(), request.body.len()));
                }
            });
        }
    });
    let local = LocalSettings { unix_socket: Some(path.clone()), ..LocalSettings::default() };
    let pool = Pool::default();
    let mut ask = ask("docker", 80, local);
    ask.timeouts.read = Some(Duration::from_secs(10));
    for n in 0..3 {
        let reply = ask.send(&pool).unwrap();
        assert_eq!((reply.reused, reply.connection.peer), (n > 0, None));
        assert_eq!(text(reply).unwrap(), "/ 0");
    }
    std::fs::remove_file(&path).unwrap();
    pool.close();
    let error = ask.text(&pool).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("could not connect to the Unix socket {}: not found", path.display())
    );
}

#[test]
fn ipv6_hosts_are_written_in_brackets() {
    if TcpListener::bind("[::1]:0").is_err() {
        // Past the test's capture: what is not tested is read by whoever runs it.
        let _ = writeln!(io::stderr(), "not tested: this machine has no IPv6");
        return;
    }
    let server = Server::on("[::1]:0", |mut wire, _| wire.echo());
    let reply = ask("[::1]", server.port, LocalSettings::default()).send(&Pool::default()).unwrap();
    assert!(reply.connection.peer.unwrap().is_ipv6());
    let port = unused_port();
    let error = ask("[::1]", port, LocalSettings::default()).text(&Pool::default()).unwrap_err();
    assert_eq!(error.to_string(), format!("could not connect to [::1]:{port}: connection refused"));
}

fn unused_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert!(TcpStream::connect(loopback(port)).is_err());
    port
}
