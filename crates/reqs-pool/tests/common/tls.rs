//! Certificates made for the occasion, and servers that show them.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use reqs_pool::{ConnectTo, Destination, Fingerprint, LocalSettings, Route, TlsSettings, Verify};
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::{Server, Wire};

pub type TlsWire = Wire<StreamOwned<ServerConnection, TcpStream>>;

/// A certificate with its key, as PEM.
#[derive(Clone)]
pub struct Identity {
    pub cert: String,
    pub key: String,
}

impl Identity {
    pub fn combined(&self) -> String {
        format!("{}{}", self.cert, self.key)
    }

    pub fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.cert.as_bytes()).unwrap()
    }
}

/// A certification authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    pub fn server(&self, names: &[&str]) -> Identity {
        self.with(names, |_| {})
    }

    pub fn client(&self) -> Identity {
        self.with(&[], |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth])
    }

    pub fn between(&self, names: &[&str], from: i32, to: i32) -> Identity {
        self.with(names, |params| {
            params.not_before = date_time_ymd(from, 1, 1);
            params.not_after = date_time_ymd(to, 1, 1);
        })
    }

    pub fn with(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut params = server_params(names);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        Identity { cert: cert.pem(), key: key.serialize_pem() }
    }
}

pub fn self_signed(names: &[&str], as_ca: bool) -> Identity {
    let mut params = server_params(names);
    if as_ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate().unwrap();
    Identity { cert: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

fn server_params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The fingerprint of a certificate, if the provider has the means.
pub fn sha256(der: &[u8]) -> Option<Fingerprint> {
    let provider = provider();
    let suite =
        provider.cipher_suites.iter().find(|s| s.suite() == rustls::CipherSuite::TLS13_AES_128_GCM_SHA256)?;
    let hash = suite.tls13()?.common.hash_provider.hash(der);
    Some(Fingerprint::from_bytes(hash.as_ref().try_into().ok()?))
}

pub const ALL_VERSIONS: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

pub fn server_config(
    identity: &Identity,
    clients: Option<&Authority>,
    versions: &[&'static SupportedProtocolVersion],
) -> ServerConfig {
    let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(versions).unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let chain = CertificateDer::pem_slice_iter(identity.cert.as_bytes()).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

pub fn accept(config: &Arc<ServerConfig>, stream: TcpStream) -> TlsWire {
    Wire::new(StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), stream))
}

/// A server whose connections speak TLS.
pub fn start(config: ServerConfig, script: impl Fn(TlsWire, usize) + Send + Sync + 'static) -> Server {
    let config = Arc::new(config);
    Server::start(move |wire, number| script(accept(&config, wire.io.into_inner()), number))
}

/// A server that shows `identity` and echoes targets.
pub fn echo(identity: &Identity) -> Server {
    start(server_config(identity, None, ALL_VERSIONS), |mut wire, _| wire.echo())
}

pub fn trusting(authority: &Authority) -> TlsSettings {
    TlsSettings { verify: Verify::Pem(authority.pem.as_bytes().into()), ..TlsSettings::default() }
}

pub fn route(tls: TlsSettings) -> Route {
    Route { tls: Arc::new(tls), ..Route::default() }
}

/// Every name leads to loopback.
pub fn at_home(port: u16) -> LocalSettings {
    let to = Destination::Addresses(vec![SocketAddr::from(([127, 0, 0, 1], port))]);
    LocalSettings { connect_to: vec![ConnectTo { host: None, port: None, to }], ..LocalSettings::default() }
}

/// Any host name at `port` of this machine, under `tls`.
pub fn ask(host: &str, port: u16, tls: TlsSettings) -> super::Ask {
    let route = Route { local: Arc::new(at_home(port)), ..route(tls) };
    super::Ask { route, ..super::Ask::https(host, port) }
}

/// Settings that trust the authority and have a certificate of their own to show.
pub fn trusting_with(ca: &Authority, client: &Identity) -> TlsSettings {
    let identity = Some(reqs_pool::Identity::Pem(client.combined().as_bytes().into()));
    TlsSettings { identity, ..trusting(ca) }
}
