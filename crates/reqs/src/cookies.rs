//! A session's cookies: the jar of `reqs-cookies`, or any store of the caller's.

use std::fmt;
use std::sync::Arc;

use reqs_cookies::{CookieJar, CookieStore};
use url::Url;

use crate::error::{Error, ErrorKind, Result};

/// The cookies of a session; a clone is the same cookies. (Requests: `Session.cookies`.)
///
/// ```
/// let session = reqs::Session::new();
/// session.cookies.set("tasty", "yum", "httpbin.org", "/cookies");
/// assert_eq!(session.cookies.get("tasty").as_deref(), Some("yum"));
/// ```
///
/// [`jar`](Cookies::jar) has the rest: listing, removing, loading and saving. A [`CookieStore`] of your own may take
/// its place: `session.cookies = Cookies::from(MyStore::new())`.
#[derive(Clone)]
pub struct Cookies(Arc<dyn CookieStore>);

impl Cookies {
    /// An empty jar.
    pub fn new() -> Cookies {
        Cookies::from(CookieJar::new())
    }

    /// The cookies of a store that is used elsewhere too.
    pub fn shared<S: CookieStore>(store: Arc<S>) -> Cookies {
        Cookies(store)
    }

    /// Sets a cookie for a host and the paths below one. What no jar can hold is left out, and logged; ask
    /// [`CookieJar::set`] for a reason.
    pub fn set(&self, name: &str, value: &str, domain: &str, path: &str) {
        match self.0.jar() {
            Some(jar) => {
                if let Err(error) = jar.set(name, value, domain, path) {
                    log::warn!("the cookie '{}' was not set: {error}", name.escape_debug());
                }
            }
            None => log::warn!("the cookie '{}' was not set: this store has no jar", name.escape_debug()),
        }
    }

    /// The value of the one cookie of this name; `None` where there is none, or where several domains or paths have
    /// one: [`CookieJar::get`] tells those apart.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.jar()?.get(name).ok().flatten()
    }

    /// The jar behind it, unless the store is of another kind.
    pub fn jar(&self) -> Option<&CookieJar> {
        self.0.jar()
    }

    /// Keeps what the response of this URL set.
    pub(crate) fn store(&self, url: &Url, set_cookie: &mut dyn Iterator<Item = &str>) {
        self.0.store(url, set_cookie);
    }

    /// The value of `Cookie` for this URL, with a request's own cookies laid over the store's (CK-2).
    pub(crate) fn header_with(&self, url: &Url, own: &[(String, String)]) -> Result<Option<String>> {
        if own.is_empty() {
            return Ok(self.0.header(url));
        }
        let own: Vec<(&str, &str)> =
            own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.0.header_with(url, &own).map_err(|error| {
            Error::new(ErrorKind::InvalidHeader, format!("a cookie cannot be sent: {error}"))
                .with_source(error)
        })
    }
}

impl Default for Cookies {
    fn default() -> Cookies {
        Cookies::new()
    }
}

impl<S: CookieStore> From<S> for Cookies {
    fn from(store: S) -> Cookies {
        Cookies(Arc::new(store))
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.jar() {
            Some(jar) => write!(f, "Cookies({})", jar.len()),
            None => f.write_str("Cookies(..)"),
        }
    }
}
