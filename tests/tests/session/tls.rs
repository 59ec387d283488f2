//! TLS and timeouts as a session's user meets them.

use std::time::{Duration, Instant};

use reqs::{ErrorKind, HttpAdapter, Session, Timeout, TlsVersion, Verify};
use reqs_tests::scripted::ok;
use reqs_tests::{Connection, Scripted, logged, tarpit};

use crate::{SERVER, session};

#[test]
fn tls_3_tls_5_s31_who_is_believed() {
    let mut s = session();
    s.verify = Some(SERVER.ca_file().into());
    assert_eq!(s.get(SERVER.https_url("/get")).send().unwrap().status(), 200);
    assert_eq!(
        s.get(SERVER.https_url("/get"))
            .verify(Verify::pem(SERVER.ca_pem().as_bytes()))
            .send()
            .unwrap()
            .status(),
        200
    );
    for bad in [SERVER.expired_url("/"), SERVER.wrong_host_url("/"), SERVER.self_signed_url("/")] {
        let error = s.get(&bad).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ssl, "{error}");
        assert!(error.is_connection());
    }
}

/// t:test_invalid_ca_certificate_path, t:test_invalid_ssl_certificate_files, t:test_http_with_certificate
#[test]
fn tls_3_tls_4_s31_8_files_that_are_not_there() {
    let s = session();
    let https = SERVER.https_url("/get");
    let cases = [
        s.get(&https).verify("/no/such/bundle.pem"),
        s.get(&https).verify(SERVER.ca_file()).cert("/no/such/cert.pem"),
        s.get(&https).verify(SERVER.ca_file()).cert((SERVER.client_cert().cert.clone(), "/no/such/key.pem")),
    ];
    for request in cases {
        let error = request.send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ssl);
        assert!(error.to_string().contains("/no/such/"), "{error}");
    }
    let http = SERVER.url("/get");
    assert_eq!(
        s.get(http).verify("/no/such/bundle.pem").cert("/no/such/cert.pem").send().unwrap().status(),
        200
    );
}

#[test]
fn tls_4_s31_7_client_certificates() {
    let mut s = session();
    s.verify = Some(SERVER.ca_file().into());
    let files = SERVER.client_cert();
    let url = SERVER.mtls_url("/get");
    assert_eq!(s.get(&url).send().unwrap_err().kind(), ErrorKind::Ssl);
    s.cert = Some((&files.cert, &files.key).into());
    assert_eq!(s.get(&url).send().unwrap().status(), 200);
    let pem = std::fs::read(&files.combined).unwrap();
    s.cert = Some(reqs::Cert::pem(pem));
    assert_eq!(s.get(&url).send().unwrap().status(), 200);
}

#[test]
fn tls_8_x05_x09_x40_the_adapters_own_settings() {
    let url = SERVER.https_url("/get");
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut s = session();
    s.verify = Some(SERVER.ca_file().into());
    s.mount("https://", HttpAdapter::new().min_tls_version(TlsVersion::Tls13).key_log(log.path()));
    let r = s.get(&url).send().unwrap();
    let tls = r.connection().unwrap().tls.clone().unwrap();
    assert!(tls.version.contains('3'), "{}", tls.version);
    assert!(std::fs::read_to_string(log.path()).unwrap().contains("CLIENT_HANDSHAKE_TRAFFIC_SECRET"));

    let wrong: reqs::Fingerprint = "ab".repeat(32).parse().unwrap();
    let mut pinned = session();
    pinned.mount("https://", HttpAdapter::new().fingerprint(wrong));
    for verify in [Verify::Off, SERVER.ca_file().into()] {
        let error = pinned.get(&url).verify(verify).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ssl, "{error}");
    }
}

/// t:test_read_timeout, t:test_connect_timeout, t:test_total_timeout_connect, t:test_none_timeout, t:test_stream_timeout: each
/// limit as a pair, or one for all, and as a `Timeout` of which the parts are said.
#[test]
fn tmo_1_tmo_3_the_timeouts_of_requests_own_tests() {
    let s = session();
    let pit = tarpit::Tarpit::start();
    let limits = [
        Timeout::from((0.1, None)),
        Timeout::NONE.connect(0.1).read(None),
        Timeout::from((0.1, 0.1)),
        Timeout::NONE.connect(0.1).read(0.1),
    ];
    for timeout in limits {
        let error = s.get(pit.url("/")).timeout(timeout).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectTimeout, "{timeout:?}");
        assert!(error.is_connection() && error.is_timeout(), "{timeout:?}");
    }
    let limits = [
        (Timeout::from((None, 0.1)), "0.1 s"),
        (Timeout::NONE.connect(None).read(0.1), "0.1 s"),
        (Timeout::from(2.0), "2 s"),
    ];
    for (timeout, said) in limits {
        let error = s.get(SERVER.url("/delay/10")).timeout(timeout).send().unwrap_err();
        assert_eq!((error.kind(), error.is_timeout()), (ErrorKind::ReadTimeout, true), "{timeout:?}");
        assert!(error.to_string().contains(said), "{error}");
    }
    for timeout in [Timeout::NONE, Timeout::NONE.connect(None).read(None)] {
        assert_eq!(s.get(SERVER.url("/get")).timeout(timeout).send().unwrap().status(), 200, "{timeout:?}");
    }
}

#[test]
fn tmo_3_tmo_4_which_timeout_it_was() {
    let s = session();
    let pit = tarpit::Tarpit::start();
    let error = s.get(pit.url("/")).timeout((0.2, None)).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectTimeout);
    assert!(error.is_timeout() && error.is_connection());
    let error = s.get(pit.url("/")).timeout(Timeout::NONE.total(0.2)).send().unwrap_err();
    assert!(error.is_timeout(), "{error}");

    let silent = Scripted::start([Connection::new().expect_request().wait_for_close()]);
    let error = s.get(silent.url("/")).timeout((None, 0.2)).send().unwrap_err();
    assert_eq!((error.kind(), error.is_connection()), (ErrorKind::ReadTimeout, false));
    assert!(error.to_string().contains("0.2 s"), "{error}");

    let stalls = Scripted::start([Connection::new()
        .expect_request()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        .wait_for_close()]);
    let error = s.get(stalls.url("/")).timeout(0.2).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadTimeout, "{error}");
}

#[test]
fn tmo_1_tmo_2_x31_what_a_timeout_may_be() {
    let s = session();
    for fine in [
        Timeout::from(5),
        Timeout::from((3.05, 27)),
        Timeout::from(Duration::MAX).total(Duration::MAX),
        Timeout::NONE,
    ] {
        assert_eq!(s.get(SERVER.url("/get")).timeout(fine).send().unwrap().status(), 200, "{fine:?}");
    }
    for bad in [0.0, -1.0, f64::NAN] {
        assert_eq!(
            s.get(SERVER.url("/get")).timeout(bad).send().unwrap_err().kind(),
            ErrorKind::InvalidOption
        );
    }
}

#[test]
fn sec_85_x31_the_total_covers_the_body_too() {
    let drips = Scripted::start([Connection::new()
        .expect_request()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        .send_slowly(vec![b'x'; 100_000], 1, Duration::from_millis(20))]);
    let started = Instant::now();
    let timeout = Timeout::from(5).total(0.5);
    let error = session().get(drips.url("/")).timeout(timeout).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.to_string().contains("0.5 s"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn tls_9_an_unverified_connection_is_warned_about_once() {
    logged();
    let server = Scripted::https().with(|_| ok(""));
    let s = session();
    for _ in 0..3 {
        s.get(server.url("/secret?token=1")).verify(false).send().unwrap();
    }
    let authority = format!("127.0.0.1:{}", server.port());
    let lines: Vec<String> =
        logged().into_iter().filter(|line| line.starts_with("WARN") && line.contains(&authority)).collect();
    assert_eq!(lines, [format!("WARN reqs::transport: the certificate of {authority} was not verified")]);
}

#[test]
fn s36_4_a_session_may_hold_several_adapters_for_tls() {
    let server = Scripted::https().with(|_| ok(""));
    let mut s = Session::new();
    s.trust_env = false;
    s.verify = Some(reqs_tests::ca_file().into());
    s.mount(&server.url(""), HttpAdapter::new());
    assert_eq!(s.get(server.url("/")).send().unwrap().status(), 200);
    assert_eq!(s.pool_stats().opened, 1);
}

#[test]
fn a_port_that_speaks_tls_is_named_as_one() {
    let error = reqs::get(SERVER.https_url("/get").replace("https:", "http:")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(error.to_string().contains(", which is TLS: ask this port by https for url: "), "{error}");
}
