//! TLS: the settings, the rustls configurations made from them, and the stream.

mod config;
mod explain;
mod settings;
mod stream;
mod verifier;

pub use settings::{Fingerprint, FingerprintError, Identity, TlsSettings, TlsVersion, Verify};

pub(crate) use config::{ConfigCache, Role};
pub(crate) use explain::explain;
pub(crate) use stream::{Session, TlsStream};
