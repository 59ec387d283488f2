//! Adapters: the table, the settings of the one for HTTP, and pools as a session's user sees them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use reqs::{ErrorKind, Family, HttpAdapter, KeepAlive, MockAdapter, PoolConfig, Response, Session};
use reqs_tests::scripted::{ok, response};
use reqs_tests::{Connection, Scripted};

use crate::{SERVER, session};

fn mounted(adapter: HttpAdapter) -> Session {
    let mut session = session();
    session.mount("http://", adapter);
    session
}

/// t:test_session_get_adapter_prefix_matching; the table of prefixes is a unit test.
#[test]
fn pool_1_pool_2_sec_13_the_longest_prefix_on_a_host_boundary() {
    let named =
        |name: &'static str| MockAdapter::new().always(move |_| Ok(Response::builder().body(name).build()));
    let mut s = session();
    s.mount("http://", named("all"));
    s.mount("http://api.example", named("api"));
    s.mount("http://api.example/v2", named("v2"));
    for (url, expected) in [
        ("http://api.example/", "api"),
        ("HTTP://API.example/v2/x", "v2"),
        ("http://api.example:81/v2", "api"),
        ("http://api.example.evil/", "all"),
        ("http://api.example@evil.example/", "all"),
    ] {
        assert_eq!(s.get(url).send().unwrap().text(), expected, "{url}");
    }
    assert!(s.unmount("http://api.example/V2") && !s.unmount("http://api.example/v2"));
    assert_eq!(s.get("http://api.example/v2").send().unwrap().text(), "api");
    let error = s.get("foo://x/").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSchema);
    assert!(error.to_string().starts_with("No connection adapters were found for 'foo://x/'"), "{error}");
    assert!(s.adapter("http://any/").is_ok() && s.adapter("foo://x").is_err());
}

#[test]
fn pool_14_an_adapter_is_a_trait_a_closure_or_a_shared_one() {
    let shared = Arc::new(HttpAdapter::new());
    let (mut one, mut two) = (session(), session());
    one.mount("http://", Arc::clone(&shared));
    two.mount("http://", Arc::clone(&shared));
    let server = Scripted::with(|_| ok(""));
    one.get(server.url("/")).send().unwrap();
    two.get(server.url("/")).send().unwrap();
    assert_eq!((server.connections(), shared.stats().reused), (1, 1));
    one.mount("app://", |r: &reqs::PreparedRequest| {
        Ok(Response::builder().body(r.path_url().to_owned()).build())
    });
    assert_eq!(one.get("app://x/path?q").send().unwrap().text(), "/path?q");
}

#[test]
fn x10_connect_to_and_resolvers_leave_host_and_names_alone() {
    let server = Scripted::with(|request| ok(request.header("host").unwrap_or_default()));
    let s = mounted(HttpAdapter::new().connect_to("api.example:8080", server.address()));
    assert_eq!(s.get("http://api.example:8080/").send().unwrap().text(), "api.example:8080");
    assert_eq!(s.get("http://API.example:8080/").send().unwrap().text(), "api.example:8080");

    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (log, address) = (Arc::clone(&asked), server.address());
    let s = mounted(HttpAdapter::new().resolver(move |host: &str, port: u16| {
        log.lock().unwrap().push(format!("{host}:{port}"));
        match host {
            "known.example" => Ok(vec![address]),
            _ => Err(std::io::Error::other("never heard of it")),
        }
    }));
    assert_eq!(s.get("http://known.example/").send().unwrap().text(), "known.example");
    let error = s.get("http://unknown.example/").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolve);
    assert!(error.to_string().contains("never heard of it"), "{error}");
    assert_eq!(*asked.lock().unwrap(), ["known.example:80", "unknown.example:80"]);
}

#[test]
fn x06_x08_x66_sockets_to_order() {
    let server = Scripted::with(|_| ok(""));
    let probes = KeepAlive { idle: std::time::Duration::from_secs(60), interval: None, retries: None };
    let s = mounted(HttpAdapter::new().source_address([127, 0, 0, 1]).keepalive(probes).family(Family::V4));
    let r = s.get(server.url("/")).send().unwrap();
    assert_eq!(
        r.connection().unwrap().local.map(|local| local.ip().to_string()).as_deref(),
        Some("127.0.0.1")
    );

    let unusable: SocketAddr = "203.0.113.1:0".parse().unwrap();
    let error =
        mounted(HttpAdapter::new().source_address(unusable.ip())).get(server.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    let error = mounted(HttpAdapter::new().interface("no-such-if0")).get(server.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.to_string().contains("no-such-if0"), "{error}");
    let error = mounted(HttpAdapter::new().family(Family::V6)).get(server.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolve, "{error}");
}

#[cfg(unix)]
#[test]
fn x69_a_unix_domain_socket() {
    use std::io::{Read, Write};
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut head = [0; 1024];
        let read = socket.read(&mut head).unwrap();
        socket.write_all(&ok("docked")).unwrap();
        String::from_utf8_lossy(&head[..read]).into_owned()
    });
    let mut s = session();
    s.mount("http://docker", HttpAdapter::new().unix_socket(&path));
    assert_eq!(s.get("http://docker/v1/info").send().unwrap().text(), "docked");
    assert!(server.join().unwrap().starts_with("GET /v1/info HTTP/1.1\r\nHost: docker\r\n"));
    let mut s = session();
    s.mount("http://docker", HttpAdapter::new().unix_socket(directory.path().join("absent")));
    let error = s.get("http://docker/").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
}

#[test]
fn pool_3_pool_4_x32_x76_the_pools_settings_and_figures() {
    let server = Scripted::with(|_| ok(""));
    let config = PoolConfig { max_idle_per_host: 0, ..PoolConfig::default() };
    let s = mounted(HttpAdapter::new().pool(config));
    for _ in 0..2 {
        s.get(server.url("/")).send().unwrap();
    }
    assert_eq!((server.connections(), s.pool_stats().idle), (2, 0));

    let config = PoolConfig { max_per_host: Some(1), ..PoolConfig::default() };
    let s = mounted(HttpAdapter::new().pool(config));
    let held = s.get(SERVER.url("/bytes/100000")).stream().unwrap();
    let error = s.get(SERVER.url("/get")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    drop(held);
    assert_eq!(s.get(SERVER.url("/get")).send().unwrap().status(), 200);
}

/// t:test_urllib3_pool_connection_closed: a pool that has room for nothing serves all the same, each time over a connection
/// of its own. Requests may fail there with "Pool is closed."
#[test]
fn pool_5_a_pool_without_room_keeps_nothing() {
    let config = PoolConfig { max_idle_per_host: 0, max_idle: 0, ..PoolConfig::default() };
    let server = Scripted::with(|_| ok(""));
    let s = mounted(HttpAdapter::new().pool(config));
    for _ in 0..2 {
        assert_eq!(s.get(server.url("/status/200")).send().unwrap().status(), 200);
    }
    assert_eq!((server.connections(), s.pool_stats().idle), (2, 0));
}

/// t:test_unconsumed_session_response_closes_connection
#[test]
fn pool_6_pool_7_pool_10_connections_that_are_used_again_and_those_that_are_not() {
    let s = session();
    let server = Scripted::with(|_| ok(vec![b'x'; 10_000_000]));
    drop(s.get(server.url("/")).stream().unwrap());
    s.get(server.url("/")).stream().unwrap().load().unwrap();
    s.get(server.url("/")).send().unwrap();
    assert_eq!(server.connections(), 2, "the first was left unread");

    let closes = response("200 OK", &[("Connection", "close")], "");
    let server = Scripted::start([
        Connection::new().answer(&closes).close(),
        Connection::new().answer(ok("")).expect_request().close(),
        Connection::new().answer(ok("replaced")),
    ]);
    s.get(server.url("/")).send().unwrap();
    s.get(server.url("/")).send().unwrap();
    assert_eq!(s.get(server.url("/")).send().unwrap().text(), "replaced");
    assert_eq!(server.connections(), 3);
    assert_eq!(s.pool_stats().replaced, 1);
}

/// POOL-7: what can be read once cannot be sent anew, so a kept connection is looked at before it is trusted with it.
#[test]
fn pool_7_a_body_that_is_read_once_is_not_risked_on_a_connection_that_was_closed() {
    let server = Scripted::start([
        Connection::new().answer(ok("")).close(),
        Connection::new().answer_each(|request| ok(request.content())),
    ]);
    let s = session();
    s.get(server.url("/")).send().unwrap();
    // Until the close has arrived.
    std::thread::sleep(std::time::Duration::from_millis(100));
    let r = s.post(server.url("/")).data(reqs::Body::reader(&b"once"[..])).send().unwrap();
    assert_eq!((r.text().as_ref(), server.connections()), ("once", 2));
}
