//! How a TLS peer is verified, and what is shown to it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

/// How a TLS peer is verified, and what is shown to it. Equal settings share sessions, different ones never do.
///
/// ```
/// use reqs_pool::{TlsSettings, Verify};
/// let settings = TlsSettings { verify: Verify::Path("/etc/my-ca.pem".into()), ..TlsSettings::default() };
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// Which roots a certificate must lead to; the system's by default.
    pub verify: Verify,
    /// The client certificate, shown when the server asks for one.
    pub identity: Option<Identity>,
    /// The lowest version that is accepted; TLS 1.2 by default.
    pub min_version: TlsVersion,
    /// The server's own certificate must have this SHA-256 fingerprint. It is asked for on top of `verify`;
    /// together with [`Verify::Off`] it is all that is asked for.
    pub fingerprint: Option<Fingerprint>,
    /// Append the session's secrets to this file, for tools such as Wireshark. Whoever reads the file reads the traffic.
    pub key_log: Option<PathBuf>,
}

/// Which roots a server's certificate must lead to (Requests' `verify`).
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Verify {
    /// The roots that the system trusts, loaded once per process. `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.
    #[default]
    System,
    /// None: every certificate is accepted, for any name. The connection is encrypted, but to whom is unknown.
    Off,
    /// The certificates of a PEM file, or of a directory with hashed names (`openssl rehash`), and no others.
    Path(PathBuf),
    /// The certificates in this PEM text, and no others.
    Pem(Arc<[u8]>),
}

impl fmt::Debug for Verify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verify::System => f.write_str("System"),
            Verify::Off => f.write_str("Off"),
            Verify::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Verify::Pem(pem) => write!(f, "Pem({} bytes)", pem.len()),
        }
    }
}

/// A client certificate with its private key (Requests' `cert`), as PEM. `Debug` shows no key.
#[derive(Clone, PartialEq, Eq)]
pub enum Identity {
    /// One file with the certificate, its chain and the private key.
    Combined(PathBuf),
    /// A file with the certificate and its chain, and one with the private key.
    Pair {
        /// The certificate and its chain.
        cert: PathBuf,
        /// The private key (PKCS#8, PKCS#1 or SEC1), not encrypted.
        key: PathBuf,
    },
    /// PEM text with the certificate, its chain and the private key.
    Pem(Arc<[u8]>),
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Combined(path) => f.debug_tuple("Combined").field(path).finish(),
            Identity::Pair { cert, key } => {
                f.debug_struct("Pair").field("cert", cert).field("key", key).finish()
            }
            Identity::Pem(_) => f.write_str("Pem(***)"),
        }
    }
}

/// A version of TLS. Older versions than these are not spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    #[default]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

/// The SHA-256 fingerprint of a certificate, written as 64 hexadecimal digits with or without colons.
///
/// ```
/// use reqs_pool::Fingerprint;
/// let plain: Fingerprint = "ab".repeat(32).parse()?;
/// let colons: Fingerprint = ["AB"; 32].join(":").parse()?;
/// assert_eq!(plain, colons);
/// # Ok::<(), reqs_pool::FingerprintError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// A fingerprint from its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Fingerprint(bytes)
    }

    /// The fingerprint's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        let mut digits = 0;
        for c in text.trim().chars().filter(|c| *c != ':') {
            let value = c.to_digit(16).ok_or(FingerprintError::NotHex(c))?;
            // A digit is below 16, so nothing is cut off.
            let value = u8::try_from(value).unwrap_or(0);
            if let Some(byte) = bytes.get_mut(digits / 2) {
                *byte = *byte << 4 | value;
            }
            digits += 1;
        }
        if digits == 64 { Ok(Fingerprint(bytes)) } else { Err(FingerprintError::Length(digits)) }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            let colon = if i == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// Why a text is no SHA-256 fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FingerprintError {
    /// This character is neither a hexadecimal digit nor a colon.
    NotHex(char),
    /// There are this many digits where 64 are needed.
    Length(usize),
}

impl fmt::Display for FingerprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FingerprintError::NotHex(c) => write!(f, "{c:?} is no hexadecimal digit of a fingerprint"),
            FingerprintError::Length(n) => {
                write!(f, "a SHA-256 fingerprint has 64 hexadecimal digits, not {n}")
            }
        }
    }
}

impl std::error::Error for FingerprintError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_and_written() {
        let text = ["0A"; 32].join(":");
        let fingerprint: Fingerprint = text.parse().unwrap();
        assert_eq!(fingerprint.to_string(), text);
        assert_eq!(fingerprint.as_bytes(), &[0x0a; 32]);
        assert_eq!("0a".repeat(31).parse::<Fingerprint>(), Err(FingerprintError::Length(62)));
        assert_eq!("0a".repeat(99).parse::<Fingerprint>(), Err(FingerprintError::Length(198)));
        assert_eq!("sha256".parse::<Fingerprint>(), Err(FingerprintError::NotHex('s')));
    }

    #[test]
    fn debug_shows_no_key() {
        let identity = Identity::Pem(Arc::from(&b"-----BEGIN PRIVATE KEY-----"[..]));
        assert_eq!(format!("{identity:?}"), "Pem(***)");
    }
}
