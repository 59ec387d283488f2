//! Decides whether a server's certificate is accepted.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::hash::HashAlgorithm;
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::config::provider;
use super::settings::Fingerprint;

/// Which certificates are trusted.
#[derive(Debug)]
pub(super) enum Trust {
    /// All of them.
    Anything,
    /// Those that lead to a root. `own` are the certificates that the user named one by one.
    Roots { roots: Arc<RootCertStore>, own: Vec<CertificateDer<'static>> },
}

/// Trust, and the pin on top of it.
#[derive(Debug)]
pub(super) struct Verifier {
    trust: Trust,
    fingerprint: Option<Fingerprint>,
}

impl Verifier {
    pub(super) fn new(trust: Trust, fingerprint: Option<Fingerprint>) -> Self {
        Verifier { trust, fingerprint }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Trust::Roots { roots, own } = &self.trust {
            // What rustls' own verifier does, without its lists of revoked certificates: there are none here, and to read
            // them is much code.
            let cert = ParsedCertificate::try_from(end_entity)?;
            let algorithms = provider().signature_verification_algorithms.all;
            match verify_server_cert_signed_by_trust_anchor(&cert, roots, intermediates, now, algorithms) {
                // `openssl req -x509` marks a self-signed certificate as a CA, which webpki refuses for a server
                // after it has found the dates valid. The user named this very certificate: the name decides.
                Err(error)
                    if is_ca_used_as_server(&error)
                        && own.iter().any(|c| c.as_ref() == end_entity.as_ref()) => {}
                verified => verified?,
            }
            verify_server_name(&cert, server_name)?;
        }
        if let Some(pinned) = self.fingerprint {
            let seen = sha256(end_entity.as_ref());
            if seen != Some(*pinned.as_bytes()) {
                return Err(Error::General(PIN_MISMATCH.to_owned()));
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// How a wrong pin is told; rustls has no error of its own for it.
pub(super) const PIN_MISMATCH: &str = "its SHA-256 fingerprint is not the pinned one";

fn is_ca_used_as_server(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::Other(other)) if other.to_string() == "CaUsedAsEndEntity")
}

/// SHA-256 by the provider that TLS uses, so that no further crate is needed for it.
fn sha256(data: &[u8]) -> Option<[u8; 32]> {
    let suites = provider().cipher_suites.iter();
    let hash = suites
        .filter_map(rustls::SupportedCipherSuite::tls13)
        .map(|suite| suite.common.hash_provider)
        .find(|hash| hash.algorithm() == HashAlgorithm::SHA256)?;
    hash.hash(data).as_ref().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_is_sha256() {
        // FIPS 180-4, the message "abc".
        let digest = Fingerprint::from_bytes(sha256(b"abc").unwrap());
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest, wanted.parse().unwrap());
    }
}
