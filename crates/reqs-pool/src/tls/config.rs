//! Makes rustls configurations from [`TlsSettings`], and keeps them so that equal settings share sessions.
//!
//! A configuration owns its session store. Settings that differ in anything have different configurations, so a session
//! made under one of them is never resumed under another (CVE-2016-5419 and its kin); nor is one made with a proxy
//! resumed with a target (CVE-2021-22890).

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, KeyLog, RootCertStore};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::settings::{Identity, TlsSettings, TlsVersion, Verify};
use super::verifier::{Trust, Verifier};
use crate::error::{Error, ErrorKind, Plain};

/// Configurations that a pool remembers. More than a handful of settings in one session is rare; the one that was not
/// used for longest makes room.
const CACHED_CONFIGS: usize = 32;

/// For whom a configuration is: sessions with a proxy and with a target never mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Target,
    Proxy,
}

#[derive(Debug)]
struct Cached {
    settings: Arc<TlsSettings>,
    role: Role,
    config: Arc<ClientConfig>,
}

/// The configurations made so far, the most recently used last.
#[derive(Debug, Default)]
pub(crate) struct ConfigCache(Mutex<Vec<Cached>>);

impl ConfigCache {
    /// The configuration for `settings`, made on first need.
    pub(crate) fn config(&self, settings: &Arc<TlsSettings>, role: Role) -> Result<Arc<ClientConfig>, Error> {
        if let Some(config) = self.find(settings, role) {
            return Ok(config);
        }
        // Files are read outside of the lock. Two threads may do so at once; the first to finish wins.
        let config = Arc::new(build(settings)?);
        if let Some(config) = self.find(settings, role) {
            return Ok(config);
        }
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.len() >= CACHED_CONFIGS {
            cached.remove(0);
        }
        cached.push(Cached { settings: Arc::clone(settings), role, config: Arc::clone(&config) });
        Ok(config)
    }

    /// Forgets all configurations, so that certificate files are read anew.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn find(&self, settings: &Arc<TlsSettings>, role: Role) -> Option<Arc<ClientConfig>> {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it =
            |c: &Cached| c.role == role && (Arc::ptr_eq(&c.settings, settings) || c.settings == *settings);
        let position = cached.iter().rposition(is_it)?;
        if position + 1 != cached.len() {
            let used = cached.remove(position);
            cached.push(used);
        }
        cached.last().map(|c| Arc::clone(&c.config))
    }
}

/// The cryptography, named in so many words: the process default of rustls panics when features of the whole
/// dependency tree leave two of them.
pub(crate) fn provider() -> &'static Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        #[cfg(feature = "aws-lc-rs")]
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        #[cfg(not(feature = "aws-lc-rs"))]
        let provider = rustls::crypto::ring::default_provider();
        Arc::new(provider)
    })
}

fn build(settings: &TlsSettings) -> Result<ClientConfig, Error> {
    let TlsSettings { verify, identity, min_version, fingerprint, key_log } = settings;
    let versions: &[&rustls::SupportedProtocolVersion] = match min_version {
        TlsVersion::Tls12 => &[&rustls::version::TLS13, &rustls::version::TLS12],
        TlsVersion::Tls13 => &[&rustls::version::TLS13],
    };
    let unusable =
        |e: rustls::Error| Error::new(ErrorKind::Settings, format!("TLS cannot be set up: {e}")).because(e);
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider()))
        .with_protocol_versions(versions)
        .map_err(unusable)?;
    let trust = trust(verify)?;
    let builder =
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Verifier::new(trust, *fingerprint)));
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let (chain, key, place) = read_identity(identity)?;
            builder.with_client_auth_cert(chain, key).map_err(|e| {
                let message =
                    format!("the client certificate {place} cannot be used: {}", identity_fault(&e));
                Error::new(ErrorKind::Settings, message).because(e)
            })?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if let Some(path) = key_log {
        config.key_log = Arc::new(KeyLogFile::open(path)?);
    }
    Ok(config)
}

fn identity_fault(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InconsistentKeys(_) => "the private key does not belong to the certificate".to_owned(),
        other => other.to_string(),
    }
}

fn trust(verify: &Verify) -> Result<Trust, Error> {
    match verify {
        Verify::Off => Ok(Trust::Anything),
        Verify::System => Ok(Trust::Roots { roots: system()?, own: Vec::new() }),
        Verify::Path(path) => roots_of(read_bundle(path)?, &format!("{}", path.display())),
        Verify::Pem(pem) => {
            roots_of(certificates_in(pem, "the PEM text for `verify`")?, "the PEM text for `verify`")
        }
    }
}

/// The system's roots, read once per process: that takes milliseconds.
fn system() -> Result<Arc<RootCertStore>, Error> {
    static SYSTEM: OnceLock<Result<Arc<RootCertStore>, String>> = OnceLock::new();
    let system = SYSTEM.get_or_init(|| {
        let loaded = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (added, ignored) = roots.add_parsable_certificates(loaded.certs);
        log::debug!("{added} root certificates of the system loaded, {ignored} not understood");
        if added == 0 {
            let why = loaded.errors.first().map_or_else(String::new, |e| format!(": {e}"));
            return Err(format!("no root certificates were found on this system{why}"));
        }
        Ok(Arc::new(roots))
    });
    match system {
        Ok(roots) => Ok(Arc::clone(roots)),
        Err(message) => Err(Error::new(ErrorKind::Settings, message.clone())),
    }
}

fn roots_of(certificates: Vec<CertificateDer<'static>>, place: &str) -> Result<Trust, Error> {
    let mut roots = RootCertStore::empty();
    let own = certificates.clone();
    let (added, ignored) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        let message = format!("{place}: none of the {ignored} certificates can be read");
        return Err(Error::new(ErrorKind::Settings, message));
    }
    Ok(Trust::Roots { roots: Arc::new(roots), own })
}

/// The certificates of a PEM file, or of the hashed names in a directory.
fn read_bundle(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let metadata = fs::metadata(path).map_err(|e| unreadable("CA certificate bundle", path, e))?;
    if !metadata.is_dir() {
        let pem = fs::read(path).map_err(|e| unreadable("CA certificate bundle", path, e))?;
        return certificates_in(&pem, &path.display().to_string());
    }
    let loaded = rustls_native_certs::load_certs_from_paths(None, Some(path));
    if loaded.certs.is_empty() {
        let why = loaded.errors.first().map_or_else(
            || "no file in it has a hashed name such as 1a2b3c4d.0 (see `openssl rehash`)".to_owned(),
            ToString::to_string,
        );
        let message = format!("the CA certificate directory {} holds no certificate: {why}", path.display());
        return Err(Error::new(ErrorKind::Settings, message));
    }
    Ok(loaded.certs)
}

fn certificates_in(pem: &[u8], place: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.map_err(|e| not_pem(place, e))?;
    if certificates.is_empty() {
        let message = format!("{place} holds no certificate: no `-----BEGIN CERTIFICATE-----` in it");
        return Err(Error::new(ErrorKind::Settings, message));
    }
    Ok(certificates)
}

type OwnedIdentity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>, String);

fn read_identity(identity: &Identity) -> Result<OwnedIdentity, Error> {
    match identity {
        Identity::Combined(path) => {
            let pem = fs::read(path).map_err(|e| unreadable("client certificate file", path, e))?;
            let place = path.display().to_string();
            Ok((certificates_in(&pem, &place)?, key_in(&pem, &place)?, place))
        }
        Identity::Pair { cert, key } => {
            let cert_pem = fs::read(cert).map_err(|e| unreadable("client certificate file", cert, e))?;
            let key_pem = fs::read(key).map_err(|e| unreadable("client key file", key, e))?;
            let place = cert.display().to_string();
            let key_place = key.display().to_string();
            let chain = certificates_in(&cert_pem, &place)?;
            Ok((chain, key_in(&key_pem, &key_place)?, format!("{place} with the key {key_place}")))
        }
        Identity::Pem(pem) => {
            let place = "the PEM text of the client certificate";
            Ok((certificates_in(pem, place)?, key_in(pem, place)?, "given as PEM text".to_owned()))
        }
    }
}

fn key_in(pem: &[u8], place: &str) -> Result<PrivateKeyDer<'static>, Error> {
    match PrivateKeyDer::from_pem_slice(pem) {
        Ok(key) => Ok(key),
        Err(pem::Error::NoItemsFound) => {
            let encrypted = pem.windows(ENCRYPTED.len()).any(|w| w == ENCRYPTED);
            let why = if encrypted {
                "its private key is encrypted; decrypt it first (`openssl pkey -in key.pem -out plain.pem`)"
            } else {
                "it holds no private key"
            };
            Err(Error::new(ErrorKind::Settings, format!("{place}: {why}")))
        }
        Err(e) => Err(not_pem(place, e)),
    }
}

const ENCRYPTED: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";

fn unreadable(what: &str, path: &Path, error: std::io::Error) -> Error {
    let message = format!("could not read the {what} {}: {}", path.display(), Plain(&error));
    Error::new(ErrorKind::Settings, message).because(error)
}

fn not_pem(place: &str, error: pem::Error) -> Error {
    Error::new(ErrorKind::Settings, format!("{place} is not valid PEM: {}", pem_fault(&error))).because(error)
}

fn pem_fault(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no end line".to_owned(),
        pem::Error::IllegalSectionStart { .. } => "a section's begin line is malformed".to_owned(),
        pem::Error::Base64Decode(what) => format!("bad base64 ({what})"),
        other => other.to_string(),
    }
}

/// Writes secrets in the format of NSS (`SSLKEYLOGFILE`), appending.
#[derive(Debug)]
struct KeyLogFile(Mutex<fs::File>);

impl KeyLogFile {
    fn open(path: &Path) -> Result<Self, Error> {
        let mut options = fs::OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|e| {
            let message = format!("could not open the TLS key log {}: {}", path.display(), Plain(&e));
            Error::new(ErrorKind::Settings, message).because(e)
        })?;
        Ok(KeyLogFile(Mutex::new(file)))
    }
}

impl KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = Vec::with_capacity(label.len() + 2 * (client_random.len() + secret.len()) + 3);
        line.extend_from_slice(label.as_bytes());
        for bytes in [client_random, secret] {
            line.push(b' ');
            for byte in bytes {
                // Writing into a Vec cannot fail.
                let _ = write!(line, "{byte:02x}");
            }
        }
        line.push(b'\n');
        // One write per line, so that lines of several processes do not mix. A full disk must not end the connection.
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line);
    }
}
