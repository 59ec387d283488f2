//! TLS: what passes through it, what is said of it, and that settings and sessions never mix.

mod common;

use std::fs;
use std::io::{BufRead, Read, Write};
use std::sync::Arc;
use std::time::Instant;

use common::tls::{self, ALL_VERSIONS, Authority, ask, self_signed, server_config, trusting, trusting_with};
use common::{Ask, Server, ms, temporary_dir, text};
use reqs_pool::{ErrorKind, Pool, TlsSettings, Verify};

#[test]
fn sec_06_and_tls_6_verification_is_part_of_the_key() {
    let server = tls::echo(&self_signed(&["localhost"], false));
    let pool = Pool::default();
    let off = TlsSettings { verify: Verify::Off, ..TlsSettings::default() };
    let on = TlsSettings {
        verify: Verify::Pem(Authority::new("x").pem.as_bytes().into()),
        ..TlsSettings::default()
    };
    assert_eq!(ask("localhost", server.port, off.clone()).text(&pool).unwrap(), "/");
    assert_eq!(pool.stats().idle, 1);
    let error = ask("localhost", server.port, on).text(&pool).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Certificate);
    // The unverified connection is still there for those that asked for it.
    let reply = ask("localhost", server.port, off).send(&pool).unwrap();
    assert!(reply.reused);
}

#[test]
fn sec_57_sessions_are_resumed_under_equal_settings_and_no_others() {
    for versions in [ALL_VERSIONS, &[&rustls::version::TLS12]] {
        let ca = Authority::new("root");
        let identity = ca.server(&["localhost"]);
        let server = tls::start(server_config(&identity, None, versions), |mut wire, _| {
            wire.request();
            wire.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
        });
        let pool = Pool::default();
        let resumed = |settings: TlsSettings| {
            let mut reply = ask("localhost", server.port, settings).send(&pool).unwrap();
            reply.body.read_to_vec(&mut Vec::new(), u64::MAX).unwrap();
            reply.connection.tls.as_ref().unwrap().resumed
        };
        let off = || TlsSettings { verify: Verify::Off, ..TlsSettings::default() };
        assert!(!resumed(off()));
        assert!(resumed(off()));
        // verify off never seeds verify on, nor one bundle another.
        assert!(!resumed(trusting(&ca)));
        assert!(resumed(trusting(&ca)));
        assert!(!resumed(trusting_with(&ca, &ca.client())));
        pool.close();
        assert!(!resumed(trusting(&ca)));
    }
}

#[test]
fn tls_is_told_about() {
    let ca = Authority::new("root");
    let identity = ca.server(&["localhost"]);
    let server = tls::echo(&identity);
    let reply = ask("localhost", server.port, trusting(&ca)).send(&Pool::default()).unwrap();
    let tls = reply.connection.tls.as_ref().unwrap();
    assert_eq!((tls.version, tls.alpn.as_deref()), ("TLSv1.3", Some("http/1.1")));
    assert!(tls.cipher.starts_with("TLS13_"), "{}", tls.cipher);
    assert_eq!(tls.certificates[0], identity.der());
    assert!(reply.timings.tls.is_some());
    // TLS 1.3's session tickets come unasked and do not spoil the connection.
    let pool = Pool::default();
    let ask = ask("localhost", server.port, trusting(&ca));
    for n in 0..5 {
        let reply = ask.send(&pool).unwrap();
        assert_eq!(reply.reused, n > 0);
        assert_eq!(text(reply).unwrap(), "/");
    }
    std::thread::sleep(ms(100));
    assert!(ask.send(&pool).unwrap().reused);
}

#[test]
fn what_tls_says_unasked_is_no_reason_to_give_a_connection_up() {
    let ca = Authority::new("root");
    let config = server_config(&ca.server(&["localhost"]), None, &[&rustls::version::TLS13]);
    let server = tls::start(config, |mut wire, _| {
        while wire.request().is_some() && wire.answer("ok") {
            // A key update arrives while the connection is idle.
            std::thread::sleep(ms(50));
            let stream = wire.io.get_mut();
            stream.conn.refresh_traffic_keys().unwrap();
            stream.flush().unwrap();
        }
    });
    let pool = Pool::default();
    let mut ask = ask("localhost", server.port, trusting(&ca));
    for n in 0..3 {
        // The deadline of one exchange is over long before the next.
        ask.timeouts.deadline = Some(Instant::now() + ms(900));
        let reply = ask.send(&pool).unwrap();
        assert_eq!(reply.reused, n > 0);
        assert_eq!(text(reply).unwrap(), "ok");
        std::thread::sleep(ms(100));
    }
    assert_eq!(server.accepted(), 1);
}

#[test]
fn large_bodies_and_uploads_pass_through_tls_whole() {
    let ca = Authority::new("root");
    let config = server_config(&ca.server(&["localhost"]), None, ALL_VERSIONS);
    let server = tls::start(config, |mut wire, _| {
        while let Some(request) = wire.request() {
            wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", request.body.len()));
            wire.send(&request.body);
        }
    });
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let pool = Pool::default();
    let mut post = ask("localhost", server.port, trusting(&ca));
    post.method = "POST";
    post.headers.insert("content-length", "3000000");
    for way in 0..3 {
        let mut reply = post.send_with(&pool, reqs_pool::Outgoing::Bytes(&bytes)).unwrap();
        let mut out = Vec::new();
        match way {
            0 => assert_eq!(reply.body.read_to_vec(&mut out, u64::MAX).unwrap(), 3_000_000),
            1 => assert_eq!(std::io::copy(&mut reply.body, &mut out).unwrap(), 3_000_000),
            _ => {
                let mut piece = vec![0; 100_000];
                loop {
                    match reply.body.read(&mut piece).unwrap() {
                        0 => break,
                        n => out.extend_from_slice(&piece[..n]),
                    }
                }
            }
        }
        assert!(out == bytes);
    }
    assert_eq!(server.accepted(), 1);
}

/// Chunks and TLS records end at different places, and what is looked at is taken in odd steps.
#[test]
fn a_chunked_body_is_lent_from_tls_in_order() {
    const CHUNK: usize = 7001;
    let ca = Authority::new("root");
    let config = server_config(&ca.server(&["localhost"]), None, ALL_VERSIONS);
    let bytes: Vec<u8> = (0..500_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in bytes.chunks(CHUNK) {
        answer.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        answer.extend_from_slice(chunk);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"0\r\nX-Sum: 1\r\n\r\n");
    let server = tls::start(config, move |mut wire, _| {
        while wire.request().is_some() {
            for piece in answer.chunks(20_011) {
                wire.send(piece);
            }
        }
    });
    let pool = Pool::default();
    for step in [1, 999, 1_000_000] {
        let mut reply = ask("localhost", server.port, trusting(&ca)).send(&pool).unwrap();
        let mut out = Vec::new();
        loop {
            let lent = reply.body.fill_buf().unwrap();
            let taken = lent.len().min(step);
            if taken == 0 {
                break;
            }
            out.extend_from_slice(&lent[..taken]);
            reply.body.consume(taken);
        }
        assert!(out == bytes, "in steps of {step}");
        assert_eq!(reply.body.trailers().unwrap().get("x-sum"), Some("1"));
    }
    assert_eq!(server.accepted(), 1);
}

#[test]
fn a_tls_connection_that_was_closed_while_idle_is_replaced() {
    for (wait, goodbye) in [(0, true), (0, false), (150, true), (150, false)] {
        let ca = Authority::new("root");
        let config = server_config(&ca.server(&["localhost"]), None, ALL_VERSIONS);
        let server = tls::start(config, move |mut wire, _| {
            wire.request();
            wire.answer("one");
            if goodbye {
                let stream = wire.io.get_mut();
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        let pool = Pool::default();
        let ask = ask("localhost", server.port, trusting(&ca));
        assert_eq!(ask.text(&pool).unwrap(), "one");
        std::thread::sleep(ms(wait));
        assert_eq!(ask.text(&pool).unwrap(), "one", "{wait} {goodbye}");
        assert_eq!(pool.stats().opened, 2);
    }
}

#[test]
fn an_end_without_close_notify_is_no_end_of_a_body() {
    let ca = Authority::new("root");
    let config = server_config(&ca.server(&["localhost"]), None, ALL_VERSIONS);
    let server = tls::start(config, |mut wire, number| {
        wire.request();
        wire.send("HTTP/1.1 200 OK\r\n\r\nall of it, or not");
        if number == 0 {
            let stream = wire.io.get_mut();
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    let ask = ask("localhost", server.port, trusting(&ca));
    assert_eq!(ask.text(&Pool::default()).unwrap(), "all of it, or not");
    let error = ask.text(&Pool::default()).unwrap_err();
    assert!(error.to_string().contains("close_notify"), "{error}");
}

#[test]
fn sec_90_a_goodbye_in_the_middle_of_the_handshake_is_no_endless_loop() {
    // close_notify, a warning, in the clear. Nobody vouches for it, so the handshake waits for what comes next.
    const GOODBYE: [u8; 7] = [21, 3, 3, 0, 2, 1, 0];
    let off = || tls::route(TlsSettings { verify: Verify::Off, ..TlsSettings::default() });
    for (goodbyes, stays_open) in [(1, false), (1, true), (1000, false), (1000, true), (0, false)] {
        let server = Server::start(move |mut wire, _| {
            let _ = wire.io.read(&mut [0; 16]);
            for _ in 0..goodbyes {
                wire.send(GOODBYE);
            }
            if stays_open {
                wire.until_closed();
            }
        });
        let mut ask = Ask { route: off(), ..Ask::https("127.0.0.1", server.port) };
        ask.timeouts.connect = Some(ms(400));
        let error = ask.text(&Pool::default()).unwrap_err();
        // Silence is met by the timeout; an end, or a thousand goodbyes, by an error of TLS.
        let wanted = if stays_open && goodbyes == 1 { ErrorKind::ConnectTimeout } else { ErrorKind::Tls };
        assert_eq!(error.kind(), wanted, "{goodbyes} {stays_open}: {error}");
    }
}

#[test]
fn the_handshake_is_under_the_connect_timeout_and_under_the_deadline() {
    let silent = Server::start(|mut wire, _| wire.until_closed());
    let mut ask = Ask {
        route: tls::route(TlsSettings { verify: Verify::Off, ..TlsSettings::default() }),
        ..Ask::https("127.0.0.1", silent.port)
    };
    ask.timeouts.connect = Some(ms(150));
    let error = ask.text(&Pool::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectTimeout);
    let wanted =
        format!("connecting to 127.0.0.1:{} timed out after 0.15 s (in the TLS handshake)", silent.port);
    assert_eq!(error.to_string(), wanted);
    ask.timeouts.deadline = Some(Instant::now() + ms(100));
    ask.timeouts.connect = None;
    assert_eq!(ask.text(&Pool::default()).unwrap_err().kind(), ErrorKind::Deadline);
}

#[test]
fn the_key_log_is_written_only_where_it_is_asked_for() {
    let dir = temporary_dir();
    let path = dir.join("keys.log");
    let ca = Authority::new("root");
    let server = tls::echo(&ca.server(&["localhost"]));
    let settings = TlsSettings { key_log: Some(path.clone()), ..trusting(&ca) };
    ask("localhost", server.port, settings).text(&Pool::default()).unwrap();
    let log = fs::read_to_string(&path).unwrap();
    assert!(
        log.lines().any(|line| line.starts_with("CLIENT_TRAFFIC_SECRET_0 ") && line.len() > 130),
        "{log}"
    );
    let before = log.len();
    ask("localhost", server.port, trusting(&ca)).text(&Pool::default()).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().len(), before);
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn equal_settings_are_one_whichever_arc_they_are_in() {
    let ca = Authority::new("root");
    let server = tls::echo(&ca.server(&["localhost"]));
    let pool = Pool::default();
    for n in 0..3 {
        let mut ask = ask("localhost", server.port, trusting(&ca));
        ask.route.tls = Arc::new((*ask.route.tls).clone());
        assert_eq!(ask.send(&pool).map(|r| (r.reused, text(r).unwrap())).unwrap(), (n > 0, "/".to_owned()));
    }
}
