//! TLS: which certificates are accepted, what is said of those that are not, and that settings never mix.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use common::tls::{self, ALL_VERSIONS, Authority, Identity, ask, self_signed, server_config, trusting};
use common::{Ask, Server, ms, text};
use rcgen::ExtendedKeyUsagePurpose;
use reqs_pool::{ErrorKind, Fingerprint, Identity as ClientIdentity, Pool, TlsSettings, TlsVersion, Verify};

/// One line of the certificate table.
struct Case {
    name: &'static str,
    host: &'static str,
    server: Server,
    settings: TlsSettings,
    /// The kind and a piece of the line; `None`: accepted.
    wanted: Option<(ErrorKind, &'static str)>,
}

#[test]
#[allow(clippy::print_stdout, reason = "the table is for reading")]
fn the_certificate_table() {
    use ErrorKind::{Certificate, ClientCertificate, Tls};

    let ca = Authority::new("Our root");
    let stranger = Authority::new("Some other root");
    let trust = || trusting(&ca);
    let off = || TlsSettings { verify: Verify::Off, ..TlsSettings::default() };
    let named = |identity: &Identity| TlsSettings {
        verify: Verify::Pem(identity.cert.as_bytes().into()),
        ..TlsSettings::default()
    };
    let good = ca.server(&["localhost"]);
    let mut pinned: Option<Fingerprint> = None;
    let learn = Ask { route: tls::route(off()), ..Ask::https("127.0.0.1", tls::echo(&good).port) };
    let reply = learn.send(&Pool::default()).unwrap();
    let der = reply.connection.tls.as_ref().unwrap().certificates[0].clone();
    assert_eq!(der, good.der());
    if let Some(digest) = tls::sha256(&der) {
        pinned = Some(digest);
    }
    let lone = self_signed(&["localhost"], false);
    let lone_ca = self_signed(&["localhost"], true);
    let shows = |clients: &Authority| trusting_with(&ca, &clients.client());
    let wants_client =
        || tls::start(server_config(&good, Some(&ca), ALL_VERSIONS), |mut wire, _| wire.echo());
    let wants_client_12 =
        || tls::start(server_config(&good, Some(&ca), &[&rustls::version::TLS12]), |mut wire, _| wire.echo());
    let only_12 =
        || tls::start(server_config(&good, None, &[&rustls::version::TLS12]), |mut wire, _| wire.echo());
    let for_clients =
        ca.with(&["localhost"], |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);

    let case = |name, host, server, settings, wanted| Case { name, host, server, settings, wanted };
    let cases = [
        case("valid, its root named", "localhost", tls::echo(&good), trust(), None),
        case("valid, TLS 1.2 only", "localhost", only_12(), trust(), None),
        case(
            "expired",
            "localhost",
            tls::echo(&ca.between(&["localhost"], 2020, 2021)),
            trust(),
            Some((Certificate, "expired")),
        ),
        case(
            "expired, verify off",
            "localhost",
            tls::echo(&ca.between(&["localhost"], 2020, 2021)),
            off(),
            None,
        ),
        case(
            "not yet valid",
            "localhost",
            tls::echo(&ca.between(&["localhost"], 3000, 3001)),
            trust(),
            Some((Certificate, "not valid for another")),
        ),
        case(
            "wrong host",
            "localhost",
            tls::echo(&ca.server(&["other.test", "more.test"])),
            trust(),
            Some((Certificate, "is for other.test, more.test and not for that name")),
        ),
        case("wrong host, verify off", "localhost", tls::echo(&ca.server(&["other.test"])), off(), None),
        case(
            "name in CN only, no SAN",
            "localhost",
            tls::echo(&ca.server(&[])),
            trust(),
            Some((Certificate, "carries no name")),
        ),
        case("self-signed", "localhost", tls::echo(&lone), trust(), Some((Certificate, "unknown issuer"))),
        case("self-signed, named itself", "localhost", tls::echo(&lone), named(&lone), None),
        case("self-signed as a CA, named itself", "localhost", tls::echo(&lone_ca), named(&lone_ca), None),
        case(
            "the same, for another host",
            "other.test",
            tls::echo(&lone_ca),
            named(&lone_ca),
            Some((Certificate, "is for localhost and not")),
        ),
        case(
            "self-signed as a CA, not named",
            "localhost",
            tls::echo(&lone_ca),
            trust(),
            Some((Certificate, "not trusted")),
        ),
        case(
            "unknown root",
            "localhost",
            tls::echo(&stranger.server(&["localhost"])),
            trust(),
            Some((Certificate, "is not trusted: unknown issuer")),
        ),
        case(
            "own root, against the system's",
            "localhost",
            tls::echo(&good),
            TlsSettings::default(),
            Some((Certificate, "unknown issuer")),
        ),
        case("IP address in the SAN", "127.0.0.1", tls::echo(&ca.server(&["127.0.0.1"])), trust(), None),
        case(
            "IP address, only names in the SAN",
            "127.0.0.1",
            tls::echo(&good),
            trust(),
            Some((Certificate, "is for localhost and not")),
        ),
        case(
            "another IP address",
            "127.0.0.1",
            tls::echo(&ca.server(&["127.0.0.2"])),
            trust(),
            Some((Certificate, "is for 127.0.0.2 and not")),
        ),
        case("IPv6 address in the SAN", "[::1]", tls::echo(&ca.server(&["::1"])), trust(), None),
        case(
            "wildcard, one label",
            "a.example.test",
            tls::echo(&ca.server(&["*.example.test"])),
            trust(),
            None,
        ),
        case(
            "wildcard, two labels",
            "a.b.example.test",
            tls::echo(&ca.server(&["*.example.test"])),
            trust(),
            Some((Certificate, "is for *.example.test and not")),
        ),
        case(
            "wildcard, no label",
            "example.test",
            tls::echo(&ca.server(&["*.example.test"])),
            trust(),
            Some((Certificate, "is for *.example.test and not")),
        ),
        case("trailing dot in the host", "localhost.", tls::echo(&good), trust(), None),
        case(
            "certificate for clients",
            "localhost",
            tls::echo(&for_clients),
            trust(),
            Some((Certificate, "not meant for servers")),
        ),
        case(
            "client certificate wanted, none shown",
            "localhost",
            wants_client(),
            trust(),
            Some((ClientCertificate, "wants a client certificate")),
        ),
        case("client certificate wanted, shown", "localhost", wants_client(), shows(&ca), None),
        case(
            "client certificate of a stranger",
            "localhost",
            wants_client(),
            shows(&stranger),
            Some((ClientCertificate, "refused the client certificate")),
        ),
        case("the same over TLS 1.2, shown", "localhost", wants_client_12(), shows(&ca), None),
        case(
            "the same over TLS 1.2, none shown",
            "localhost",
            wants_client_12(),
            trust(),
            Some((ClientCertificate, "wants a client certificate")),
        ),
        case(
            "fingerprint pinned, right, verify off",
            "localhost",
            tls::echo(&good),
            TlsSettings { fingerprint: pinned, ..off() },
            None,
        ),
        case(
            "fingerprint pinned, wrong, verify off",
            "localhost",
            tls::echo(&lone),
            TlsSettings { fingerprint: pinned, ..off() },
            Some((Certificate, "fingerprint")),
        ),
        case(
            "fingerprint right, root unknown",
            "localhost",
            tls::echo(&good),
            TlsSettings { fingerprint: pinned, ..trusting(&stranger) },
            Some((Certificate, "unknown issuer")),
        ),
        case(
            "TLS 1.3 asked for, 1.2 offered",
            "localhost",
            only_12(),
            TlsSettings { min_version: TlsVersion::Tls13, ..trust() },
            Some((Tls, "no version of TLS")),
        ),
        case(
            "TLS 1.1 only (by its alert)",
            "localhost",
            alerting(70),
            trust(),
            Some((Tls, "no version of TLS")),
        ),
        case(
            "handshake refused by an alert",
            "localhost",
            alerting(40),
            trust(),
            Some((Tls, "refused the TLS handshake")),
        ),
        case(
            "no TLS at all",
            "localhost",
            Server::start(|mut wire, _| {
                wire.send("HTTP/1.1 400 Bad Request\r\n\r\n");
                wire.until_closed();
            }),
            trust(),
            Some((Tls, "does not speak TLS")),
        ),
    ];

    println!("{:<40} {:<18} {:<18} what is said", "case", "expected", "got");
    let mut wrong = Vec::new();
    for Case { name, host, server, settings, wanted } in cases {
        let result = ask(host, server.port, settings).text(&Pool::default());
        let expected = wanted.map_or_else(|| "accepted".to_owned(), |(kind, _)| format!("{kind:?}"));
        let (got, line) = match &result {
            Ok(body) => (if body == "/" { "accepted".to_owned() } else { body.clone() }, String::new()),
            Err(e) => (format!("{:?}", e.kind()), e.to_string()),
        };
        println!("{name:<40} {expected:<18} {got:<18} {line}");
        let piece = wanted.map_or("", |(_, piece)| piece);
        if got != expected || !line.contains(piece) || line.contains('\n') {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn trusting_with(ca: &Authority, client: &Identity) -> TlsSettings {
    let identity = Some(ClientIdentity::Pem(client.combined().as_bytes().into()));
    TlsSettings { identity, ..trusting(ca) }
}

/// A server that answers a ClientHello with a fatal alert.
fn alerting(alert: u8) -> Server {
    Server::start(move |mut wire, _| {
        let mut hello = [0; 16];
        let _ = wire.io.read(&mut hello);
        wire.send([21, 3, 1, 0, 2, 2, alert]);
        wire.until_closed();
    })
}

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
fn tls_3_and_4_files_that_cannot_be_used_are_named() {
    let dir = temporary_dir();
    let write = |name: &str, content: &str| {
        let path = dir.join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let ca = Authority::new("root");
    let (one, two) = (ca.client(), ca.client());
    let cert = write("cert.pem", &one.cert);
    let key = write("key.pem", &one.key);
    let other_key = write("other.pem", &two.key);
    let empty = write("empty.pem", "nothing here");
    let locked = write(
        "locked.pem",
        &format!(
            "{}-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            one.cert
        ),
    );
    let missing = dir.join("missing.pem");
    let bare_dir = dir.join("bare");
    fs::create_dir(&bare_dir).unwrap();

    let verify =
        |path: &PathBuf| TlsSettings { verify: Verify::Path(path.clone()), ..TlsSettings::default() };
    let client =
        |identity| TlsSettings { verify: Verify::Off, identity: Some(identity), ..TlsSettings::default() };
    let pair =
        |cert: &PathBuf, key: &PathBuf| client(ClientIdentity::Pair { cert: cert.clone(), key: key.clone() });
    let combined = |path: &PathBuf| client(ClientIdentity::Combined(path.clone()));
    let table = [
        (verify(&missing), &missing, "could not read the CA certificate bundle"),
        (verify(&empty), &empty, "holds no certificate"),
        (verify(&bare_dir), &bare_dir, "holds no certificate"),
        (combined(&missing), &missing, "could not read the client certificate file"),
        (combined(&cert), &cert, "it holds no private key"),
        (combined(&locked), &locked, "its private key is encrypted"),
        (pair(&cert, &missing), &missing, "could not read the client key file"),
        (pair(&cert, &other_key), &other_key, "does not belong to the certificate"),
        (pair(&key, &cert), &key, "holds no certificate"),
    ];
    for (settings, path, piece) in table {
        // Told before anything is connected: nobody listens on port 1.
        let error = ask("localhost", 1, settings).text(&Pool::default()).unwrap_err();
        let line = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Settings, "{line}");
        assert!(line.contains(piece) && line.contains(&path.display().to_string()), "{line}");
    }
    // For plain http they do not matter.
    let server = Server::echo();
    let plain = Ask { route: tls::route(verify(&missing)), ..Ask::get(server.port, "/") };
    assert_eq!(plain.text(&Pool::default()).unwrap(), "/");
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn certificates_are_read_from_files_pairs_and_hashed_directories() {
    let dir = temporary_dir();
    let ca = Authority::new("root");
    let client = ca.client();
    let bundle = dir.join("ca.pem");
    fs::write(&bundle, format!("{}{}", Authority::new("another").pem, ca.pem)).unwrap();
    let hashed = dir.join("hashed");
    fs::create_dir(&hashed).unwrap();
    fs::write(hashed.join("0123abcd.0"), &ca.pem).unwrap();
    let (cert, key, both) = (dir.join("c.pem"), dir.join("k.pem"), dir.join("b.pem"));
    fs::write(&cert, &client.cert).unwrap();
    fs::write(&key, &client.key).unwrap();
    fs::write(&both, client.combined()).unwrap();

    let server =
        tls::start(server_config(&ca.server(&["localhost"]), Some(&ca), ALL_VERSIONS), |mut wire, _| {
            wire.echo();
        });
    for verify in [Verify::Path(bundle), Verify::Path(hashed)] {
        let identities = [
            ClientIdentity::Combined(both.clone()),
            ClientIdentity::Pair { cert: cert.clone(), key: key.clone() },
            ClientIdentity::Pem(client.combined().as_bytes().into()),
        ];
        for identity in identities {
            let settings =
                TlsSettings { verify: verify.clone(), identity: Some(identity), ..TlsSettings::default() };
            assert_eq!(ask("localhost", server.port, settings).text(&Pool::default()).unwrap(), "/");
        }
    }
    fs::remove_dir_all(dir).unwrap();
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

fn temporary_dir() -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("reqs-pool-tls-{}-{number}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    dir
}
