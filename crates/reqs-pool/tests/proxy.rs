//! HTTP and HTTPS proxies, each played by a few lines that check what they are told. SOCKS is in `socks`.

mod common;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use common::proxy::{Heard, at, heard, relay, take, through};
use common::tls::{self, ALL_VERSIONS, Authority, ask as https_ask, server_config, trusting};
use common::{Ask, Server, ms, text};
use reqs_pool::{ErrorKind, Pool, Proxy, ProxyKind, Step};
use reqs_proto::Headers;

/// An HTTP proxy that opens tunnels to `to`, whatever it is asked for.
fn tunnelling(to: u16, heard: Heard) -> Server {
    Server::start(move |mut wire, _| {
        let Some(request) = wire.head() else { return };
        heard.lock().unwrap().push(request.head.clone());
        wire.send("HTTP/1.1 200 Connection established\r\n\r\n");
        assert!(wire.io.buffer().is_empty());
        relay(wire.io.into_inner(), TcpStream::connect(("127.0.0.1", to)).unwrap());
    })
}

#[test]
fn prx_9_plain_http_goes_in_absolute_form_with_the_proxys_own_fields() {
    let (heard, said) = heard();
    let proxy = Server::start(move |mut wire, _| {
        while let Some(request) = wire.request() {
            said.lock().unwrap().push(request.head.clone());
            wire.answer("from the proxy");
        }
    });
    let pool = Pool::default();
    let mut settings = at(ProxyKind::Http, &proxy);
    settings.authorization = Some("Basic dXNlcjpwYXNz".to_owned());
    settings.headers = Headers::from([("X-Proxy", "yes")]);
    let mut ask = Ask { host: "one.test".to_owned(), ..Ask::get(80, "/a?b=c") };
    ask.headers = Headers::from([("Proxy-Authorization", "Basic dXNlcg=="), ("Accept", "*/*")]);
    let ask = through(ask, settings.clone());
    assert_eq!(ask.text(&pool).unwrap(), "from the proxy");
    let wanted = "GET http://one.test/a?b=c HTTP/1.1\r\nHost: one.test\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\
                  Accept: */*\r\nX-Proxy: yes\r\n";
    assert_eq!(take(&heard), [wanted]);
    // PRX-12: another origin through the same proxy uses the same connection.
    let other = Ask { host: "[::1]".to_owned(), port: 8080, ..ask.clone() };
    let reply = other.send(&pool).unwrap();
    assert!(reply.reused);
    assert!(reply.connection.proxied);
    text(reply).unwrap();
    assert!(take(&heard)[0].starts_with("GET http://[::1]:8080/a?b=c HTTP/1.1\r\n"));
    // SEC-54: other credentials, another connection.
    settings.authorization = Some("Basic b3RoZXI6cGFzcw==".to_owned());
    assert!(!through(ask, settings).send(&pool).unwrap().reused);
}

#[test]
fn a_407_of_the_proxy_to_plain_http_is_a_response_like_any_other() {
    let proxy = Server::start(|mut wire, _| {
        wire.request();
        wire.send("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\nno");
    });
    let reply = through(Ask::get(80, "/"), at(ProxyKind::Http, &proxy)).send(&Pool::default()).unwrap();
    assert_eq!(reply.head.status.as_u16(), 407);
    assert_eq!(text(reply).unwrap(), "no");
}

#[test]
fn prx_10_https_goes_through_a_tunnel_that_is_asked_for_with_proxy_fields_alone() {
    let ca = Authority::new("root");
    let (inside, said_inside) = heard();
    let config = server_config(&ca.server(&["target.test", "::1"]), None, ALL_VERSIONS);
    let target = tls::start(config, move |mut wire, _| {
        while let Some(request) = wire.request() {
            said_inside.lock().unwrap().push(request.head.clone());
            wire.answer("inside");
        }
    });
    let (outside, said) = heard();
    let proxy = tunnelling(target.port, said);
    let mut settings = at(ProxyKind::Http, &proxy);
    settings.authorization = Some("Basic dXNlcjpwYXNz".to_owned());
    let mut ask = Ask { route: tls::route(trusting(&ca)), ..Ask::https("target.test", 443) };
    ask.headers = Headers::from([
        ("Proxy-Authorization", "Basic leak"),
        ("Authorization", "Bearer secret"),
        ("Cookie", "a=b"),
    ]);
    let ask = through(ask, settings);
    let pool = Pool::default();
    for n in 0..2 {
        let reply = ask.send(&pool).unwrap();
        assert_eq!((reply.reused, reply.timings.proxy.is_some()), (n == 1, n == 0));
        assert_eq!(reply.connection.tls.as_ref().unwrap().version, "TLSv1.3");
        assert_eq!(text(reply).unwrap(), "inside");
    }
    let wanted = "CONNECT target.test:443 HTTP/1.1\r\nHost: target.test:443\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n";
    assert_eq!(take(&outside), [wanted]);
    // SEC-11: and nothing of it inside.
    for head in take(&inside) {
        assert!(!head.to_lowercase().contains("proxy-"), "{head}");
        assert!(head.contains("Authorization: Bearer secret"), "{head}");
    }
    let v6 = Ask { host: "[::1]".to_owned(), port: 8443, ..ask };
    assert_eq!(v6.text(&pool).unwrap(), "inside");
    assert!(take(&outside)[0].starts_with("CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n"));
}

#[test]
fn prx_11_a_refused_tunnel_can_be_read_about() {
    let proxy = Server::start(|mut wire, _| {
        wire.head();
        wire.send("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 9\r\n\r\nwho are ");
        wire.send("you, then?");
    });
    let ask = through(Ask::https("target.test", 443), at(ProxyKind::Http, &proxy));
    let error = ask.text(&Pool::default()).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::Proxy, Some(Step::Proxy)));
    let wanted = format!(
        "the proxy 127.0.0.1:{} refused the tunnel to target.test:443: 407 Proxy Authentication Required",
        proxy.port
    );
    assert_eq!(error.to_string(), wanted);
    let response = error.proxy_response().unwrap();
    assert_eq!(response.head.status.as_u16(), 407);
    assert_eq!(response.head.headers.get("proxy-authenticate"), Some("Basic realm=\"x\""));
    assert_eq!(response.body, b"who are y");
}

#[test]
fn prx_11_a_refusal_that_never_ends_is_not_waited_for() {
    let proxy = Server::start(|mut wire, _| {
        wire.head();
        wire.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 900\r\n\r\nwho are you");
        wire.until_closed();
    });
    let started = Instant::now();
    let ask = through(Ask::https("target.test", 443), at(ProxyKind::Http, &proxy));
    let error = ask.text(&Pool::default()).unwrap_err();
    assert!(started.elapsed() < ms(4000));
    assert_eq!(error.proxy_response().unwrap().body, b"who are you");
    assert!(format!("{error:?}").contains("body: 11 bytes"), "{error:?}");
}

#[test]
fn proxies_that_fail_are_named() {
    let closing = Server::start(|mut wire, _| {
        // Takes in all that comes at once, so that it ends without a reset.
        let _ = std::io::BufRead::fill_buf(&mut wire.io);
    });
    let garbled = Server::start(|mut wire, _| {
        wire.head();
        wire.send("ICY 200 OK\r\n\r\n");
    });
    let eager = Server::start(|mut wire, _| {
        wire.head();
        wire.send("HTTP/1.1 200 OK\r\n\r\nsurprise");
        wire.until_closed();
    });
    let table = [
        (
            at(ProxyKind::Http, &closing),
            "did not open the tunnel to target.test:443: the server closed the connection without a response",
        ),
        (at(ProxyKind::Http, &garbled), "did not open the tunnel to target.test:443: "),
        (at(ProxyKind::Http, &eager), "sent bytes into the tunnel to target.test:443 before it was used"),
        (
            Proxy::new(ProxyKind::Http, "127.0.0.1", 1),
            "could not connect to the proxy 127.0.0.1:1: connection refused",
        ),
        (
            Proxy::new(ProxyKind::Http, "no.proxy.invalid", 1),
            "the proxy's name no.proxy.invalid could not be resolved",
        ),
        (at(ProxyKind::Https, &closing), "127.0.0.1"),
        (at(ProxyKind::Socks5h, &closing), "closed the connection in the SOCKS handshake"),
    ];
    for (proxy, piece) in table {
        let kind = proxy.kind;
        let error = through(Ask::https("target.test", 443), proxy).text(&Pool::default()).unwrap_err();
        let line = error.to_string();
        assert!(line.contains(piece) && !line.contains('\n'), "{kind:?}: {line}");
        if kind != ProxyKind::Https {
            assert_eq!(error.kind(), ErrorKind::Proxy, "{line}");
        }
    }
}

#[test]
fn a_silent_proxy_is_under_the_connect_timeout() {
    let silent = Server::start(|mut wire, _| wire.until_closed());
    for kind in [ProxyKind::Http, ProxyKind::Https, ProxyKind::Socks5h, ProxyKind::Socks4a] {
        let mut ask = through(Ask::https("target.test", 443), at(kind, &silent));
        ask.timeouts.connect = Some(ms(100));
        let error = ask.text(&Pool::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectTimeout, "{kind:?}: {error}");
        assert!(error.to_string().contains("timed out after 0.1 s ("), "{error}");
    }
}

#[test]
fn prx_15_a_certificate_refused_behind_a_tunnel_is_a_certificate_error() {
    let target = tls::echo(&Authority::new("stranger").server(&["target.test"]));
    let proxy = tunnelling(target.port, Heard::default());
    let ask = Ask { route: tls::route(trusting(&Authority::new("root"))), ..Ask::https("target.test", 443) };
    let error = through(ask, at(ProxyKind::Http, &proxy)).text(&Pool::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Certificate);
    assert_eq!(error.to_string(), "the certificate of target.test is not trusted: unknown issuer");
}

/// A proxy that itself speaks TLS.
fn tls_proxy(ca: &Authority, name: &str, to: u16, heard: Heard) -> Server {
    tls_proxy_with(server_config(&ca.server(&[name]), None, ALL_VERSIONS), to, heard)
}

fn tls_proxy_with(config: rustls::ServerConfig, to: u16, heard: Heard) -> Server {
    tls::start(config, move |mut wire, _| {
        while let Some(request) = wire.head() {
            heard.lock().unwrap().push(request.head.clone());
            if !request.head.starts_with("CONNECT ") {
                wire.answer("from the TLS proxy");
                continue;
            }
            wire.send("HTTP/1.1 200 OK\r\n\r\n");
            pump(&mut wire, TcpStream::connect(("127.0.0.1", to)).unwrap());
            return;
        }
    })
}

/// Copies between a TLS session and a socket with one thread: short waits on either side in turn. In the first longer
/// silence the session's keys are changed, of which the other side is told.
fn pump(wire: &mut tls::TlsWire, mut target: TcpStream) {
    let waits_a_little =
        |e: &io::Error| matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
    wire.io.get_ref().sock.set_read_timeout(Some(ms(3))).unwrap();
    target.set_read_timeout(Some(ms(3))).unwrap();
    let mut piece = [0; 16 * 1024];
    let mut silence = 0;
    loop {
        silence += 1;
        if silence == 40
            && wire.io.get_ref().conn.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3)
        {
            wire.io.get_mut().conn.refresh_traffic_keys().unwrap();
            wire.io.get_mut().flush().unwrap();
        }
        match wire.io.read(&mut piece) {
            Ok(0) => return,
            Ok(n) => target.write_all(&piece[..n]).unwrap(),
            Err(e) if waits_a_little(&e) => {}
            Err(_) => return,
        }
        match target.read(&mut piece) {
            Ok(0) => return,
            Ok(n) => assert!(wire.send(&piece[..n])),
            Err(e) if waits_a_little(&e) => {}
            Err(_) => return,
        }
    }
}

#[test]
fn prx_14_a_proxy_that_speaks_tls_carries_plain_http_and_tls_inside_tls() {
    let ca = Authority::new("root");
    let target = tls::echo(&ca.server(&["target.test"]));
    let (heard, said) = heard();
    let proxy = tls_proxy(&ca, "127.0.0.1", target.port, said);
    let settings = at(ProxyKind::Https, &proxy);
    let pool = Pool::default();
    let route = tls::route(trusting(&ca));

    let plain = through(
        Ask { host: "plain.test".to_owned(), route: route.clone(), ..Ask::get(80, "/x") },
        settings.clone(),
    );
    let reply = plain.send(&pool).unwrap();
    assert!(reply.connection.tls.is_none(), "TLS to the proxy says nothing about the target");
    assert_eq!(text(reply).unwrap(), "from the TLS proxy");
    assert!(take(&heard)[0].starts_with("GET http://plain.test/x HTTP/1.1\r\n"));

    let nested = through(Ask { route, ..Ask::https("target.test", 443) }, settings);
    for n in 0..3 {
        let reply = nested.send(&pool).unwrap();
        assert_eq!(reply.reused, n > 0);
        assert_eq!(text(reply).unwrap(), "/");
    }
    assert_eq!(take(&heard), ["CONNECT target.test:443 HTTP/1.1\r\nHost: target.test:443\r\n"]);
}

#[test]
fn what_a_tls_proxy_says_unasked_holds_up_no_look_at_an_idle_tunnel() {
    let ca = Authority::new("root");
    let target = tls::echo(&ca.server(&["target.test"]));
    let proxy = tls_proxy(&ca, "127.0.0.1", target.port, Heard::default());
    let pool = Pool::default();
    let nested = through(
        Ask { route: tls::route(trusting(&ca)), ..Ask::https("target.test", 443) },
        at(ProxyKind::Https, &proxy),
    );
    for n in 0..2 {
        let reply = nested.send(&pool).unwrap();
        assert_eq!(reply.reused, n > 0);
        assert_eq!(text(reply).unwrap(), "/");
        // Meanwhile the proxy changes its keys, which is no byte of the target's session.
        thread::sleep(ms(100));
    }
}

#[test]
fn what_is_for_the_target_alone_is_not_shown_to_its_tls_proxy() {
    let ca = Authority::new("root");
    let proxy = ca.server(&["127.0.0.1"]);
    let client = ca.client();
    let me = reqs_pool::Identity::Pem(client.combined().as_bytes().into());
    let tls = reqs_pool::TlsSettings { identity: Some(me), ..trusting(&ca) };
    let ask = Ask { host: "plain.test".to_owned(), route: tls::route(tls.clone()), ..Ask::get(80, "/") };
    // This proxy wants to know who is there.
    let curious = tls_proxy_with(server_config(&proxy, Some(&ca), ALL_VERSIONS), 1, Heard::default());
    let mut settings = at(ProxyKind::Https, &curious);
    let error = through(ask.clone(), settings.clone()).text(&Pool::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClientCertificate, "{error}");
    settings.tls = Some(Arc::new(tls));
    assert_eq!(through(ask, settings).text(&Pool::default()).unwrap(), "from the TLS proxy");

    // The pin is for the target's certificate, not the proxy's.
    let identity = ca.server(&["target.test"]);
    let target = tls::echo(&identity);
    let plain = tls_proxy(&ca, "127.0.0.1", target.port, Heard::default());
    let seen = {
        let ask = https_ask("target.test", target.port, trusting(&ca));
        ask.send(&Pool::default()).unwrap().connection.tls.as_ref().unwrap().certificates[0].clone()
    };
    let tls = reqs_pool::TlsSettings { fingerprint: tls::sha256(&seen), ..trusting(&ca) };
    let ask = Ask { route: tls::route(tls), ..Ask::https("target.test", 443) };
    assert_eq!(through(ask, at(ProxyKind::Https, &plain)).text(&Pool::default()).unwrap(), "/");
}

#[test]
fn sec_27_the_name_of_a_tls_proxy_is_checked() {
    let ca = Authority::new("root");
    let proxy = tls_proxy(&ca, "other.test", 1, Heard::default());
    for https in [false, true] {
        let ask = Ask { https, route: tls::route(trusting(&ca)), ..Ask::https("target.test", 443) };
        let error = through(ask, at(ProxyKind::Https, &proxy)).text(&Pool::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Certificate);
        assert_eq!(error.to_string(), "the certificate of 127.0.0.1 is for other.test and not for that name");
    }
}

#[test]
fn prx_14_a_proxy_that_speaks_no_tls_gets_a_hint() {
    let plain = Server::start(|mut wire, _| {
        let _ = wire.io.read(&mut [0; 8]);
        wire.send("HTTP/1.1 400 Bad Request\r\n\r\n");
        wire.until_closed();
    });
    let error = through(Ask::https("target.test", 443), at(ProxyKind::Https, &plain))
        .text(&Pool::default())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Proxy);
    assert!(
        error.to_string().ends_with("does not speak TLS: is it an http:// proxy and no https:// one?"),
        "{error}"
    );
}
