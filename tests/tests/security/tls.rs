//! TLS settings: nothing that was decided for one request serves another.

use std::sync::LazyLock;

use reqs::{ErrorKind, HttpAdapter, Session};
use reqs_tests::httpbin::{self, Server};

static SERVER: LazyLock<Server> = LazyLock::new(httpbin::start);

fn trusting() -> Session {
    let mut session = Session::new();
    session.trust_env = false;
    session.verify = Some(SERVER.ca_file().into());
    session
}

/// TLS-6
#[test]
fn sec_06_sec_56_sec_57_what_was_not_verified_is_not_used_by_who_verifies() {
    for url in [SERVER.expired_url("/get"), SERVER.self_signed_url("/get"), SERVER.wrong_host_url("/get")] {
        let session = trusting();
        assert_eq!(session.get(&url).verify(false).send().unwrap().status(), 200);
        let error = session.get(&url).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ssl, "{error}");
        assert!(error.is_connection() && error.response().is_none());
        assert_eq!(session.get(&url).verify(false).send().unwrap().status(), 200);
    }
    let session = trusting();
    let files = SERVER.client_cert();
    let url = SERVER.mtls_url("/get");
    assert_eq!(session.get(&url).cert((&files.cert, &files.key)).send().unwrap().status(), 200);
    assert_eq!(
        session.get(&url).send().unwrap_err().kind(),
        ErrorKind::Ssl,
        "the certificate was of one request"
    );
    assert_eq!(session.get(&url).cert(&files.combined).send().unwrap().status(), 200);
}

/// t:test_different_connection_pool_for_tls_settings_verify_True,
/// t:test_different_connection_pool_for_tls_settings_verify_bundle_expired_cert,
/// t:test_different_connection_pool_for_tls_settings_verify_bundle_unexpired_cert,
/// t:test_different_connection_pool_for_mtls_settings: after a request that verified nothing, who verifies has a connection of
/// his own, or none where there can be none.
#[test]
fn tls_6_each_way_of_verifying_has_connections_of_its_own() {
    let bundle = || reqs::Verify::from(SERVER.ca_file());
    let identity = || reqs::Cert::from(&SERVER.client_cert().combined);
    let cases = [
        ("true", SERVER.self_signed_url("/get"), reqs::Verify::On, None, false),
        ("the right bundle, expired", SERVER.expired_url("/get"), bundle(), None, false),
        ("the right bundle", SERVER.https_url("/get"), bundle(), None, true),
        ("a client's certificate", SERVER.mtls_url("/get"), reqs::Verify::On, Some(identity()), false),
        (
            "a client's certificate and the right bundle",
            SERVER.mtls_url("/get"),
            bundle(),
            Some(identity()),
            true,
        ),
    ];
    for (name, url, verify, cert, is_trusted) in cases {
        let mut session = Session::new();
        session.trust_env = false;
        session.cert = cert;
        assert_eq!(session.get(&url).verify(false).send().unwrap().status(), 200, "{name}");
        let second = session.get(&url).verify(verify).send();
        match second {
            Ok(r) => assert!(is_trusted && r.status() == 200 && !r.is_reused(), "{name}"),
            Err(error) => assert!(!is_trusted && error.kind() == ErrorKind::Ssl, "{name}: {error}"),
        }
        assert_eq!(session.pool_stats().reused, 0, "{name}");
        assert!(session.get(&url).verify(false).send().unwrap().is_reused(), "{name}: there it is still");
    }
}

#[test]
fn sec_20_sec_23_no_combination_of_settings_lets_a_stranger_in() {
    let url = SERVER.https_url("/get");
    let files = SERVER.client_cert();
    let other = root_of_nobody();
    let system = Session::new();
    assert_eq!(system.get(&url).verify(true).send().unwrap_err().kind(), ErrorKind::Ssl);
    assert_eq!(
        system.get(&url).verify(true).cert(&files.combined).send().unwrap_err().kind(),
        ErrorKind::Ssl
    );
    let foreign = reqs::Verify::pem(other.into_bytes());
    assert_eq!(system.get(&url).verify(foreign.clone()).send().unwrap_err().kind(), ErrorKind::Ssl);
    let mut mounted = Session::new();
    mounted.mount("https://", HttpAdapter::new().min_tls_version(reqs::TlsVersion::Tls13));
    assert_eq!(mounted.get(&url).verify(foreign).send().unwrap_err().kind(), ErrorKind::Ssl);
    assert_eq!(trusting().get(&url).send().unwrap().status(), 200);
}

/// A root that signed nothing here.
fn root_of_nobody() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.self_signed(&key).unwrap().pem()
}

#[test]
fn sec_86_every_address_of_a_chain_is_asked_about() {
    let mut session = trusting();
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&asked);
    let adapter = HttpAdapter::new().address_filter(move |attempt: &reqs::Attempt<'_>| {
        log.lock().unwrap().push(attempt.host.to_owned());
        attempt.host != "localhost"
    });
    session.mount("http://", adapter);
    let target = SERVER.localhost_url("/get");
    let request = session.get(SERVER.url("/redirect-to")).params([("url", target)]);
    let error = request.send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert_eq!(asked.lock().unwrap().first().map(String::as_str), Some("127.0.0.1"));
    assert!(asked.lock().unwrap().contains(&"localhost".to_owned()));
}
