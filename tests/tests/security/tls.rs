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

/// TLS-6: t:test_different_connection_pool_for_tls_settings_verify_True, …_bundle_expired_cert, …_for_mtls_settings
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
