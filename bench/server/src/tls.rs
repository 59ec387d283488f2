//! HTTPS with a certificate of the process's own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A running server, and whom its clients must trust.
pub struct Tls {
    /// Where it listens.
    pub address: SocketAddr,
    /// The certificate of the authority, as PEM.
    pub authority: String,
}

/// Serves HTTPS for `localhost` on a free port until the process ends. Sessions can be resumed.
///
/// # Errors
/// When no port can be had, or no certificate made.
pub fn start() -> io::Result<Tls> {
    let (config, authority) = config().map_err(io::Error::other)?;
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            thread::spawn(move || {
                let _ = stream.set_nodelay(true);
                let Ok(connection) = ServerConnection::new(config) else { return };
                // As with plain connections: who goes away ends this thread alone.
                let _ = crate::serve(StreamOwned::new(connection, stream));
            });
        }
    });
    Ok(Tls { address, authority })
}

fn config() -> Result<(ServerConfig, String), Box<dyn std::error::Error + Send + Sync>> {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    // An issuer of another name than what it issues, or OpenSSL takes the one for the other.
    parameters.distinguished_name.push(DnType::CommonName, "bench authority");
    let authority = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).map_err(|error| error.to_owned())?,
        )?;
    config.ticketer = rustls::crypto::ring::Ticketer::new()?;
    Ok((config, authority.pem()))
}
