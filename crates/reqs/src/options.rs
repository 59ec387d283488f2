//! The settings that a request, a session and an adapter share, and the one merge between them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::error::Result;
use crate::proxies::Proxies;
use crate::redirect_policy::RedirectPolicy;
use crate::retry::Retry;
use crate::timeout::{Checked, Timeout};

/// Settings of how a request is sent. `None` says nothing: the next level is asked, request over session over
/// environment.
///
/// ```
/// use reqs::{Options, Session};
///
/// let session = Session::new();
/// let options = Options::new().timeout(5.0).allow_redirects(false);
/// let prepared = session.prepare(reqs::Request::new("GET", "http://example.com/"))?;
/// # let _ = || -> reqs::Result<()> {
/// let response = session.send(prepared, options)?;
/// # Ok(()) };
/// # Ok::<(), reqs::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// How long to wait; see [`Timeout`].
    pub timeout: Option<Timeout>,
    /// Whom to trust; see [`Verify`].
    pub verify: Option<Verify>,
    /// The client's own certificate; see [`Cert`].
    pub cert: Option<Cert>,
    /// Which proxies to use; see [`Proxies`].
    pub proxies: Proxies,
    /// Whether redirects are followed. Default: yes, except for [`head`](crate::head()).
    pub allow_redirects: Option<bool>,
    /// How many redirects are followed before [`TooManyRedirects`](crate::ErrorKind::TooManyRedirects). Default: 30.
    pub max_redirects: Option<u32>,
    /// Which redirects are followed; see [`RedirectPolicy`].
    pub redirects: Option<RedirectPolicy>,
    /// When a request is sent again; see [`Retry`]. Default: never.
    pub retry: Option<Retry>,
    /// Whether a status of 400 or above is an error. Default: no.
    pub raise_for_status: Option<bool>,
    /// When the whole chain of requests must be over; set by the session from [`Timeout::total`].
    pub(crate) deadline: Option<Instant>,
}

impl Options {
    /// Settings that say nothing yet.
    pub fn new() -> Options {
        Options::default()
    }

    /// Sets [`Options::timeout`].
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Timeout>) -> Options {
        self.timeout = Some(timeout.into());
        self
    }

    /// Sets [`Options::verify`].
    #[must_use]
    pub fn verify(mut self, verify: impl Into<Verify>) -> Options {
        self.verify = Some(verify.into());
        self
    }

    /// Sets [`Options::cert`].
    #[must_use]
    pub fn cert(mut self, cert: impl Into<Cert>) -> Options {
        self.cert = Some(cert.into());
        self
    }

    /// Adds to [`Options::proxies`].
    #[must_use]
    pub fn proxy(mut self, scheme: impl Into<String>, url: impl Into<String>) -> Options {
        self.proxies.insert(scheme, url);
        self
    }

    /// Adds to [`Options::proxies`]; each takes the place of one said before for the same key.
    #[must_use]
    pub fn proxies(mut self, proxies: impl Into<Proxies>) -> Options {
        self.proxies.replace(proxies.into());
        self
    }

    /// Sets [`Options::allow_redirects`].
    #[must_use]
    pub fn allow_redirects(mut self, allow: bool) -> Options {
        self.allow_redirects = Some(allow);
        self
    }

    /// Sets [`Options::max_redirects`].
    #[must_use]
    pub fn max_redirects(mut self, limit: u32) -> Options {
        self.max_redirects = Some(limit);
        self
    }

    /// Sets [`Options::redirects`].
    #[must_use]
    pub fn redirects(mut self, policy: RedirectPolicy) -> Options {
        self.redirects = Some(policy);
        self
    }

    /// Sets [`Options::retry`].
    #[must_use]
    pub fn retry(mut self, retry: impl Into<Retry>) -> Options {
        self.retry = Some(retry.into());
        self
    }

    /// Sets [`Options::raise_for_status`].
    #[must_use]
    pub fn raise_for_status(mut self, raise: bool) -> Options {
        self.raise_for_status = Some(raise);
        self
    }

    /// These settings over `base`: what is not said here is taken from there.
    #[must_use]
    pub fn over(self, base: &Options) -> Options {
        self.over_level(base.level())
    }

    pub(crate) fn over_level(mut self, base: Level<'_>) -> Options {
        self.fill(base);
        self
    }

    /// What this level says: the merge of a request that says nothing itself, as most do, without going through it.
    pub(crate) fn of(base: Level<'_>) -> Options {
        // Destructured without `..`, so that a new setting cannot be forgotten here.
        let Level {
            timeout,
            verify,
            cert,
            proxies,
            allow_redirects,
            max_redirects,
            redirects,
            retry,
            raise_for_status,
        } = base;
        Options {
            timeout,
            verify: verify.cloned(),
            cert: cert.cloned(),
            proxies: if proxies.is_empty() { Proxies::new() } else { proxies.clone() },
            allow_redirects,
            max_redirects,
            redirects: redirects.cloned(),
            retry: retry.cloned(),
            raise_for_status,
            deadline: None,
        }
    }

    /// The one merge of settings: request over session over environment (SES-4).
    pub(crate) fn fill(&mut self, base: Level<'_>) {
        // Destructured without `..`, so that a new setting cannot be forgotten here.
        let Options {
            timeout,
            verify,
            cert,
            proxies,
            allow_redirects,
            max_redirects,
            redirects,
            retry,
            raise_for_status,
            // The loop's own: nobody says it.
            deadline: _,
        } = self;
        fill(timeout, base.timeout.as_ref());
        fill(verify, base.verify);
        fill(cert, base.cert);
        if !base.proxies.is_empty() {
            *proxies = std::mem::take(proxies).over(base.proxies);
        }
        fill(allow_redirects, base.allow_redirects.as_ref());
        fill(max_redirects, base.max_redirects.as_ref());
        fill(redirects, base.redirects);
        fill(retry, base.retry);
        fill(raise_for_status, base.raise_for_status.as_ref());
    }

    /// When the whole exchange must be over, for adapters to keep to: the session works it out from the total timeout
    /// when a chain of requests begins.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn level(&self) -> Level<'_> {
        Level {
            timeout: self.timeout,
            verify: self.verify.as_ref(),
            cert: self.cert.as_ref(),
            proxies: &self.proxies,
            allow_redirects: self.allow_redirects,
            max_redirects: self.max_redirects,
            redirects: self.redirects.as_ref(),
            retry: self.retry.as_ref(),
            raise_for_status: self.raise_for_status,
        }
    }

    pub(crate) fn checked_timeout(&self) -> Result<Checked> {
        self.timeout.as_ref().map_or(Ok(Checked::default()), Timeout::checked)
    }
}

/// Takes what the next level says where nothing is said yet.
fn fill<T: Clone>(said: &mut Option<T>, below: Option<&T>) {
    if let (None, Some(below)) = (&said, below) {
        *said = Some(below.clone());
    }
}

/// What one level says, borrowed from wherever it keeps it: a request's options, a session's fields, the environment.
#[derive(Clone, Copy)]
pub(crate) struct Level<'a> {
    pub(crate) timeout: Option<Timeout>,
    pub(crate) verify: Option<&'a Verify>,
    pub(crate) cert: Option<&'a Cert>,
    pub(crate) proxies: &'a Proxies,
    pub(crate) allow_redirects: Option<bool>,
    pub(crate) max_redirects: Option<u32>,
    pub(crate) redirects: Option<&'a RedirectPolicy>,
    pub(crate) retry: Option<&'a Retry>,
    pub(crate) raise_for_status: Option<bool>,
}

/// Whether, and against which roots, a server's certificate is verified. (Requests: `verify=`.)
///
/// A path names a PEM bundle, or a directory of certificates named by their hash. Such roots replace the system's.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verify {
    /// Against the system's roots. The default.
    #[default]
    On,
    /// Not at all: anybody may answer. Only for servers that cannot do better, on networks that you trust.
    Off,
    /// Against the roots in this file or directory.
    Path(Arc<Path>),
    /// Against the roots in these PEM bytes.
    Pem(Arc<[u8]>),
}

impl Verify {
    /// Verifies against the roots in these PEM bytes.
    pub fn pem(bytes: impl Into<Arc<[u8]>>) -> Verify {
        Verify::Pem(bytes.into())
    }
}

/// Shows how much PEM there is, not all of it.
impl fmt::Debug for Verify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verify::On => f.write_str("On"),
            Verify::Off => f.write_str("Off"),
            Verify::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Verify::Pem(pem) => write!(f, "Pem({} bytes)", pem.len()),
        }
    }
}

impl From<bool> for Verify {
    fn from(on: bool) -> Verify {
        if on { Verify::On } else { Verify::Off }
    }
}

/// The client's certificate with its key, for servers that ask for one. (Requests: `cert=`.)
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cert {
    /// One PEM file that holds both.
    Combined(Arc<Path>),
    /// A PEM file each.
    Pair {
        /// The certificate and what stands between it and a root.
        cert: Arc<Path>,
        /// The certificate's private key.
        key: Arc<Path>,
    },
    /// PEM bytes that hold both.
    Pem(Arc<[u8]>),
}

impl Cert {
    /// A certificate and key from PEM bytes.
    pub fn pem(bytes: impl Into<Arc<[u8]>>) -> Cert {
        Cert::Pem(bytes.into())
    }
}

/// Shows paths, never the key.
impl fmt::Debug for Cert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cert::Combined(path) => f.debug_tuple("Combined").field(path).finish(),
            Cert::Pair { cert, key } => f.debug_struct("Pair").field("cert", cert).field("key", key).finish(),
            Cert::Pem(_) => f.write_str("Pem(..)"),
        }
    }
}

macro_rules! from_paths {
    ($target:ty, $variant:path: $($path:ty),*) => {$(
        impl From<$path> for $target {
            fn from(path: $path) -> $target {
                $variant(PathBuf::from(path).into())
            }
        }
    )*};
}
from_paths!(Verify, Verify::Path: &str, String, &String, &Path, PathBuf, &PathBuf);
from_paths!(Cert, Cert::Combined: &str, String, &String, &Path, PathBuf, &PathBuf);

impl<C: Into<PathBuf>, K: Into<PathBuf>> From<(C, K)> for Cert {
    fn from((cert, key): (C, K)) -> Cert {
        Cert::Pair { cert: cert.into().into(), key: key.into().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_wins_where_it_says_something() {
        let session =
            Options::new().timeout(1.0).verify("/ca.pem").max_redirects(3).proxy("http", "http://s:1");
        let merged = Options::new().verify(false).proxy("https", "http://r:1").over(&session);
        assert_eq!(merged.timeout, Some(Timeout::from(1.0)));
        assert_eq!(merged.verify, Some(Verify::Off));
        assert_eq!(merged.max_redirects, Some(3));
        assert_eq!(merged.proxies.get("http"), Some("http://s:1"));
        assert_eq!(merged.proxies.get("https"), Some("http://r:1"));
    }

    #[test]
    fn a_key_in_memory_is_not_shown() {
        assert_eq!(format!("{:?}", Cert::pem(*b"-----BEGIN PRIVATE KEY-----")), "Pem(..)");
        assert_eq!(format!("{:?}", Verify::pem(*b"-----BEGIN CERTIFICATE-----")), "Pem(27 bytes)");
    }

    #[test]
    fn proxies_are_said_as_for_a_request() {
        let options =
            Options::new().proxy("http", "http://a").proxies([("http", "http://b"), ("all", "http://c")]);
        assert_eq!(options.proxies, Proxies::from([("http", "http://b"), ("all", "http://c")]));
    }
}
