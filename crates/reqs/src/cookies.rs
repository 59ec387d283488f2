//! A session's cookies: the jar of `reqs-cookies`, or any store of the caller's.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use reqs_cookies::{CookieJar, CookieStore, InvalidCookie};
use reqs_proto::Headers;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::prepared::PreparedRequest;

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

    /// Forgets all cookies. A store that is no jar keeps its own. (Requests: `cookies.clear()`.)
    pub fn clear(&self) {
        match self.0.jar() {
            Some(jar) => jar.clear(),
            None => log::warn!("no cookies were cleared: this store has no jar"),
        }
    }

    /// The jar behind it, unless the store is of another kind.
    pub fn jar(&self) -> Option<&CookieJar> {
        self.0.jar()
    }

    /// The same cookies in a jar of its own: what happens to one is not seen by the other from here on. Use it where a
    /// clone of a session is to share connections and not cookies. A store that is no jar gives an empty one. (Requests:
    /// `cookies.copy()`.)
    ///
    /// ```
    /// let alice = reqs::Session::new();
    /// let mut bob = alice.clone();
    /// bob.cookies = alice.cookies.copy();
    /// bob.cookies.set("name", "bob", "example.com", "/");
    /// assert_eq!(alice.cookies.get("name"), None);
    /// ```
    #[must_use]
    pub fn copy(&self) -> Cookies {
        self.0.jar().map_or_else(Cookies::new, |jar| Cookies::from(jar.clone()))
    }

    /// These cookies are sent, and what servers set is not kept. (niquests: `allow_incoming_cookies=False`.)
    ///
    /// ```
    /// use reqs::{CookieJar, Cookies, Session};
    ///
    /// let jar = CookieJar::new();
    /// jar.set("consent", "none", "example.com", "/")?;
    /// let mut session = Session::new();
    /// session.cookies = Cookies::send_only(jar);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send_only(jar: CookieJar) -> Cookies {
        Cookies::from(SendOnly(jar))
    }

    /// Whether this is a jar without a cookie, which needs no asking.
    pub(crate) fn is_empty_jar(&self) -> bool {
        self.0.jar().is_some_and(CookieJar::is_empty)
    }

    /// Keeps what a response set.
    pub(crate) fn keep(&self, request: &PreparedRequest, url: &Url, headers: &Headers) {
        if headers.contains("Set-Cookie") {
            let url = match *url == request.url {
                true => host_of(url, &request.headers),
                false => Cow::Borrowed(url),
            };
            self.0.store(&url, &mut headers.get_all("Set-Cookie"));
        }
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

/// The URL that decides which cookies go with a request: that of the host which the request's own `Host` header names,
/// where it has one (CK-22, as curl does). A redirect to another host takes that header away, so that it is never an old
/// one (SEC-63).
pub(crate) fn host_of<'a>(url: &'a Url, headers: &Headers) -> Cow<'a, Url> {
    let Some(host) = headers.get("Host") else { return Cow::Borrowed(url) };
    let named = Url::parse(&format!("{}://{host}/", url.scheme())).ok();
    let named = named.as_ref().and_then(Url::host_str).filter(|named| Some(*named) != url.host_str());
    let Some(named) = named else { return Cow::Borrowed(url) };
    let mut url = url.clone();
    // What cannot be set as a host leaves the URL as it was.
    let _unchanged = url.set_host(Some(named));
    Cow::Owned(url)
}

/// A jar that servers cannot write to.
struct SendOnly(CookieJar);

impl CookieStore for SendOnly {
    fn store(&self, _url: &Url, _set_cookie: &mut dyn Iterator<Item = &str>) {}

    fn header(&self, url: &Url) -> Option<String> {
        self.0.header(url)
    }

    fn header_with(
        &self,
        url: &Url,
        extra: &[(&str, &str)],
    ) -> std::result::Result<Option<String>, InvalidCookie> {
        self.0.header_with(url, extra)
    }

    fn jar(&self) -> Option<&CookieJar> {
        Some(&self.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ck_22_sec_63_the_hosts_header_decides_whose_cookies() {
        let url = Url::parse("http://127.0.0.1:8080/a").unwrap();
        let cases = [
            (None, "http://127.0.0.1:8080/a"),
            (Some("Example.com"), "http://example.com:8080/a"),
            (Some("example.com:99"), "http://example.com:8080/a"),
            (Some("127.0.0.1"), "http://127.0.0.1:8080/a"),
            (Some("not a host"), "http://127.0.0.1:8080/a"),
        ];
        for (host, expected) in cases {
            let headers: Headers = host.map(|host| ("host", host)).into_iter().collect();
            assert_eq!(host_of(&url, &headers).as_str(), expected, "{host:?}");
        }
    }

    #[test]
    fn a_copy_is_detached_and_a_clone_is_not() {
        let cookies = Cookies::new();
        cookies.set("a", "1", "h.example", "/");
        let (copy, clone) = (cookies.copy(), cookies.clone());
        cookies.set("b", "2", "h.example", "/");
        assert_eq!((copy.get("a").as_deref(), copy.get("b")), (Some("1"), None));
        assert_eq!(clone.get("b").as_deref(), Some("2"));
        clone.clear();
        assert_eq!((cookies.get("a"), copy.get("a").as_deref()), (None, Some("1")));
    }

    #[test]
    fn x77_servers_cannot_write_into_a_jar_that_only_sends() {
        let url = Url::parse("http://h.example/").unwrap();
        let jar = CookieJar::new();
        jar.set("a", "1", "h.example", "/").unwrap();
        let cookies = Cookies::send_only(jar);
        cookies.0.store(&url, &mut ["b=2"].into_iter());
        assert_eq!(cookies.header_with(&url, &[]).unwrap().as_deref(), Some("a=1"));
    }
}
