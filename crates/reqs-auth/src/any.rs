//! A user name and a password for whatever scheme the server asks for: Digest if it can be, else Basic.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::basic::Basic;
use crate::challenge::{self, Challenge};
use crate::digest::Digest;
use crate::error::Error;
use crate::target::{Origin, OwnedOrigin, Target, path};

/// How many places one object remembers. The oldest makes room: it costs one more challenge.
const MAX_PLACES: usize = 64;

/// A user name and a password that go with Digest where the server offers it and with Basic otherwise (the toolbelt of
/// Requests: `GuessAuth`; curl: `--anyauth`).
///
/// The password is never sent before a server asks. Basic is refused on a connection without encryption unless
/// [`allow_basic_over_http`](Self::allow_basic_over_http) says otherwise. Credentials that were refused with Digest are
/// not tried with Basic.
///
/// A clone shares what was learned from servers. All methods may be called from any thread.
///
/// ```
/// use reqs_auth::{AnyAuth, Error, Origin, Target};
///
/// let auth = AnyAuth::new("user", "pass");
/// let origin = Origin { scheme: "https", host: "example.org", port: 443 };
/// let target = Target { origin, method: "GET", uri: "/", body: Some(&[]) };
/// let answer = auth.answer([r#"Basic realm="x""#], target, None)?.unwrap();
/// assert!(answer.starts_with("Basic "));
///
/// let digest = r#"Digest realm="x", nonce="y", qop="auth""#;
/// let answer = auth.answer([r#"Basic realm="x""#, digest], target, None)?.unwrap();
/// assert!(answer.starts_with("Digest "));
///
/// let http = Target { origin: Origin { scheme: "http", port: 80, ..origin }, ..target };
/// let refused = auth.answer([r#"Basic realm="x""#], http, None);
/// assert!(matches!(refused, Err(Error::BasicInTheClear { .. })));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AnyAuth {
    digest: Digest,
    basic: Basic,
    basic_over_http: bool,
    places: Arc<Mutex<Vec<Place>>>,
}

/// Where a scheme was asked for: all paths that start with this directory, one realm as RFC 7617 section 2.2 has it.
#[derive(Debug)]
struct Place {
    origin: OwnedOrigin,
    directory: String,
    scheme: Scheme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Basic,
    Digest,
}

impl AnyAuth {
    /// Takes a user name and a password.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        let (username, password) = (username.into(), password.into());
        AnyAuth {
            digest: Digest::new(username.clone(), password.clone()),
            basic: Basic::new(username, password),
            basic_over_http: false,
            places: Arc::default(),
        }
    }

    /// Whether Basic may be used without encryption, where everybody on the way can read the password. Off by default.
    #[must_use]
    pub fn allow_basic_over_http(mut self, allow: bool) -> Self {
        self.basic_over_http = allow;
        self
    }

    /// The value of `Authorization` for a request that was not challenged yet, where an earlier one at the same place
    /// was; see [`Digest::authorization`]. A place is the directory of the path and all below it; the nearest one says
    /// which scheme it is to be.
    pub fn authorization(&self, target: Target<'_>) -> Option<String> {
        match self.scheme_at(target) {
            Some(Scheme::Basic) if self.may_use_basic(target) => self.basic.authorization().ok(),
            Some(Scheme::Basic) => None,
            Some(Scheme::Digest) | None => self.digest.authorization(target),
        }
    }

    /// Answers a 401 (or 407); see [`Digest::answer`].
    ///
    /// `Ok(None)`: neither Digest nor Basic is asked for, or the credentials were refused.
    ///
    /// # Errors
    /// When Basic is asked for without encryption, when the user name or password cannot go into Basic, or when Digest
    /// is asked for in a way that cannot be answered and Basic is not.
    pub fn answer<'v>(
        &self,
        challenges: impl IntoIterator<Item = &'v str>,
        target: Target<'_>,
        sent: Option<&str>,
    ) -> Result<Option<String>, Error> {
        let challenges = challenge::parse(challenges)?;
        let asks_for = |scheme| challenges.iter().any(|challenge| challenge.is(scheme));
        let digest = self.digest.answer_parsed(&challenges, target, sent);
        if matches!(digest, Ok(Some(_))) {
            self.remember(target, Scheme::Digest);
        }
        if !asks_for("Basic") || (asks_for("Digest") && digest.is_ok()) {
            return digest;
        }
        if sent.is_some_and(|sent| is_downgrade(sent, &challenges)) {
            return digest;
        }
        if !self.may_use_basic(target) {
            let origin = target.origin.to_string();
            return Err(Error::BasicInTheClear { origin });
        }
        let value = self.basic.authorization()?;
        if sent == Some(value.as_str()) {
            self.forget(target);
            return Ok(None);
        }
        self.remember(target, Scheme::Basic);
        Ok(Some(value))
    }

    /// Takes in `Authentication-Info`; see [`Digest::learn`].
    pub fn learn(&self, authentication_info: &str, origin: Origin<'_>, sent: &str) {
        self.digest.learn(authentication_info, origin, sent);
    }

    fn may_use_basic(&self, target: Target<'_>) -> bool {
        self.basic_over_http || target.origin.is_secure()
    }

    /// What was asked for at the nearest place that the target is in.
    fn scheme_at(&self, target: Target<'_>) -> Option<Scheme> {
        let places = self.places();
        let around = places.iter().filter(|place| place.covers(target));
        around.max_by_key(|place| place.directory.len()).map(|place| place.scheme)
    }

    fn remember(&self, target: Target<'_>, scheme: Scheme) {
        let directory = directory(target.uri);
        let mut places = self.places();
        places.retain(|place| !place.origin.is(&target.origin) || place.directory != directory);
        if places.len() == MAX_PLACES {
            places.remove(0);
        }
        places.push(Place { origin: target.origin.into(), directory: directory.to_owned(), scheme });
    }

    /// Nothing goes ahead to where the target is any more.
    fn forget(&self, target: Target<'_>) {
        self.places().retain(|place| !place.covers(target));
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        // No code panics while it holds the lock, and every state in between is a valid one.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn covers(&self, target: Target<'_>) -> bool {
        self.origin.is(&target.origin)
            && path(target.uri).is_some_and(|path| path.starts_with(&self.directory))
    }
}

/// Equal when user name, password and the use of Basic are.
impl PartialEq for AnyAuth {
    fn eq(&self, other: &Self) -> bool {
        self.basic == other.basic && self.basic_over_http == other.basic_over_http
    }
}

impl Eq for AnyAuth {}

/// Whether Digest was sent for a realm that now asks for Basic: who refused a hash must not get the password for it.
fn is_downgrade(sent: &str, challenges: &[Challenge]) -> bool {
    let sent = challenge::parse([sent]).unwrap_or_default();
    let Some(sent) = sent.first().filter(|sent| sent.is("Digest")) else {
        return false;
    };
    let realm = sent.get("realm");
    challenges.iter().any(|challenge| challenge.get("realm") == realm)
}

/// The path up to its last slash. A target without a path, as that of CONNECT, counts as the whole origin.
fn directory(uri: &str) -> &str {
    let path = path(uri).unwrap_or("/");
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let end = path.rfind('/').map_or(0, |slash| slash + 1);
    path.get(..end).unwrap_or("/")
}

#[cfg(test)]
mod tests;
