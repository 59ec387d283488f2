//! Certificates made at start: one authority per process, and every kind of leaf that a test needs.
//!
//! Nothing is ever valid outside the process that made it; the files lie in a directory of their own
//! below the system's temporary one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// The names for which the servers' good certificate stands.
const SERVER_NAMES: [&str; 4] = ["localhost", "*.localhost", "127.0.0.1", "::1"];
/// Directories of earlier processes older than this are swept away: their servers ended long ago.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);
const DIRECTORY_PREFIX: &str = "reqs-tests-";

/// The certificate authority of this process, in PEM.
pub fn ca_pem() -> &'static str {
    &authority().pem
}

/// A file with the certificate authority of this process, for `verify(path)` and its like.
pub fn ca_file() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| write("ca.pem", ca_pem()))
}

/// What a server shows to those who connect over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// Signed by [`ca_pem`], for `localhost`, `127.0.0.1` and `::1`.
    Valid,
    /// As `Valid`, and the client must show a certificate of its own ([`client`]).
    ClientRequired,
    /// Signed by [`ca_pem`], but it ended in 2021.
    Expired,
    /// Signed by [`ca_pem`], for `wrong.example` alone.
    WrongHost,
    /// Signed by itself; [`ca_pem`] knows nothing of it.
    SelfSigned,
}

/// The settings of a server with that identity: always the same ones, so that sessions can be resumed.
/// ALPN offers `http/1.1`.
///
/// # Panics
/// When a key cannot be made.
pub fn server_config(identity: Identity) -> Arc<ServerConfig> {
    static CONFIGS: Mutex<BTreeMap<Identity, Arc<ServerConfig>>> = Mutex::new(BTreeMap::new());
    let mut configs = CONFIGS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(configs.entry(identity).or_insert_with(|| Arc::new(make_server_config(identity))))
}

fn make_server_config(identity: Identity) -> ServerConfig {
    let (chain, key) = match identity {
        Identity::Valid | Identity::ClientRequired => leaf(&server_params(&SERVER_NAMES)),
        Identity::Expired => {
            let mut params = server_params(&SERVER_NAMES);
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
            leaf(&params)
        }
        Identity::WrongHost => leaf(&server_params(&["wrong.example"])),
        Identity::SelfSigned => {
            let key = KeyPair::generate().expect("a key");
            let certificate = server_params(&SERVER_NAMES).self_signed(&key).expect("a certificate");
            (vec![certificate.der().clone()], private_key(&key))
        }
    };

    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3");
    let builder = if identity == Identity::ClientRequired {
        let mut roots = RootCertStore::empty();
        roots.add(authority().issuer.der().clone()).expect("our own authority");
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(ring::default_provider()))
                .build()
                .expect("our own authority");
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder.with_single_cert(chain, key).expect("key and certificate match");
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// A client's certificate and key, as files.
#[derive(Clone, Debug)]
pub struct ClientFiles {
    /// The certificate, PEM.
    pub cert: PathBuf,
    /// Its private key, PKCS #8 in PEM.
    pub key: PathBuf,
    /// Both in one file, the certificate first.
    pub combined: PathBuf,
}

/// The certificate with which a client may connect to [`Identity::ClientRequired`].
pub fn client() -> &'static ClientFiles {
    static FILES: OnceLock<ClientFiles> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut params = params("reqs test client", &[]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &authority().issuer).expect("a certificate");
        let (cert, key) = (certificate.pem(), key.serialize_pem());
        ClientFiles {
            combined: write("client-combined.pem", &format!("{cert}{key}")),
            cert: write("client-cert.pem", &cert),
            key: write("client-key.pem", &key),
        }
    })
}

/// A server's certificate chain and key as files, for servers of other makers such as nginx.
#[derive(Clone, Debug)]
pub struct ServerFiles {
    /// The certificate, PEM.
    pub cert: PathBuf,
    /// Its private key, PKCS #8 in PEM.
    pub key: PathBuf,
}

/// Writes a good server certificate, signed by [`ca_pem`], into `directory`.
///
/// # Errors
/// When a file cannot be written.
pub fn write_server_files(directory: &Path) -> std::io::Result<ServerFiles> {
    let key = KeyPair::generate().expect("a key");
    let certificate =
        server_params(&SERVER_NAMES).signed_by(&key, &authority().issuer).expect("a certificate");
    let files = ServerFiles { cert: directory.join("server.pem"), key: directory.join("server.key") };
    std::fs::write(&files.cert, certificate.pem())?;
    std::fs::write(&files.key, key.serialize_pem())?;
    Ok(files)
}

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pem: String,
}

fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let mut params = params("reqs test authority", &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let pem = issuer.pem();
        Authority { issuer, pem }
    })
}

fn params(common_name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names fit for a certificate");
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

fn server_params(names: &[&str]) -> CertificateParams {
    let mut params = params(names.first().copied().unwrap_or("reqs test server"), names);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params
}

fn leaf(params: &CertificateParams) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &authority().issuer).expect("a certificate");
    (vec![certificate.der().clone()], private_key(&key))
}

fn private_key(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).expect("PKCS #8")
}

/// Writes a file into this process's directory and tells where it is.
fn write(name: &str, text: &str) -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    // Nothing runs when a test process ends, so the directory stays until a later process sweeps it.
    let directory = DIRECTORY.get_or_init(|| {
        sweep();
        tempfile::Builder::new().prefix(DIRECTORY_PREFIX).tempdir().expect("a temporary directory").keep()
    });
    let path = directory.join(name);
    std::fs::write(&path, text).expect("a writable temporary directory");
    path
}

/// Removes what earlier processes left. Best effort: another process may sweep at the same time.
fn sweep() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(DIRECTORY_PREFIX));
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let stale =
            modified.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > STALE));
        if ours && stale {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
