//! The certificates, good and bad.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Answer, connect, read_answer, shared};

/// GETs `/get` over TLS; the error is the one of the handshake.
pub(crate) fn over_tls(url: &str, config: ClientConfig) -> Result<Answer, String> {
    let authority = url.trim_start_matches("https://").split('/').next().unwrap();
    let (host, port) = authority.rsplit_once(':').unwrap();
    let tcp = connect(SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap())));
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut tls = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), tcp);
    let request = format!("GET /get HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    tls.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    tls.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(read_answer(&mut &bytes[..]))
}

pub(crate) fn trusting() -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(reqs_tests::ca_pem().as_bytes()).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
}

#[test]
fn the_good_certificate_is_good() {
    let answer = over_tls(&shared().https_url("/get"), trusting().with_no_client_auth()).unwrap();
    assert_eq!(answer.json()["url"], shared().https_url("/get"));
    assert_eq!(std::fs::read_to_string(shared().ca_file()).unwrap(), shared().ca_pem());
}

#[test]
fn each_bad_certificate_is_bad_in_its_own_way() {
    let server = shared();
    let cases = [
        (server.expired_url("/get"), "expired"),
        (server.wrong_host_url("/get"), "not valid for name"),
        (server.self_signed_url("/get"), "UnknownIssuer"),
    ];
    for (url, expected) in cases {
        let error = over_tls(&url, trusting().with_no_client_auth()).unwrap_err();
        assert!(error.contains(expected), "{url}: {error}");
    }
}

#[test]
fn a_client_is_let_in_by_its_certificate_alone() {
    let url = shared().mtls_url("/get");
    let error = over_tls(&url, trusting().with_no_client_auth()).unwrap_err();
    assert!(error.contains("CertificateRequired"), "{error}");

    let files = shared().client_cert();
    let cert = CertificateDer::from_pem_file(&files.combined).unwrap();
    let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
    assert!(PrivateKeyDer::from_pem_file(&files.combined).is_ok());
    let config = trusting().with_client_auth_cert(vec![cert], key).unwrap();
    assert_eq!(over_tls(&url, config).unwrap().status(), 200);
}
