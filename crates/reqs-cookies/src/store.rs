//! [`CookieStore`]: what a client asks of any jar, so that a jar may be of your own making.

use std::{fmt, sync::Arc};

use url::Url;

use crate::{CookieJar, InvalidCookie, cookie::check_pair, header::push_pair};

/// A place for cookies: [`CookieJar`], [`NoCookies`], or one of your own, over a database perhaps.
///
/// ```
/// use reqs_cookies::{CookieJar, CookieStore};
/// use url::Url;
///
/// /// Sends what it was filled with, and keeps nothing that servers send.
/// struct SendOnly(CookieJar);
///
/// impl CookieStore for SendOnly {
///     fn store(&self, _url: &Url, _set_cookie: &mut dyn Iterator<Item = &str>) {}
///     fn header(&self, url: &Url) -> Option<String> {
///         self.0.header(url)
///     }
/// }
/// ```
pub trait CookieStore: Send + Sync + 'static {
    /// Keeps the cookies of a response's `Set-Cookie` headers, one string each, that `url` answered with.
    fn store(&self, url: &Url, set_cookie: &mut dyn Iterator<Item = &str>);

    /// The value of the `Cookie` header for a request to `url`; `None` when there is nothing to send.
    fn header(&self, url: &Url) -> Option<String>;

    /// The `Cookie` header for a request that brings cookies of its own.
    ///
    /// By default they come after those of the store; [`CookieJar`] lays them over its own.
    ///
    /// # Errors
    /// A name or value that no `Cookie` header can carry.
    fn header_with(&self, url: &Url, extra: &[(&str, &str)]) -> Result<Option<String>, InvalidCookie> {
        let mut header = self.header(url).unwrap_or_default();
        for (name, value) in extra {
            check_pair(name, value).map_err(|error| error.of(name))?;
            if !header.is_empty() {
                header.push_str("; ");
            }
            push_pair(&mut header, name, value);
        }
        Ok((!header.is_empty()).then_some(header))
    }

    /// The jar behind it for those who want to list and change cookies; `None` where there is none.
    fn jar(&self) -> Option<&CookieJar> {
        None
    }
}

impl CookieStore for CookieJar {
    fn store(&self, url: &Url, set_cookie: &mut dyn Iterator<Item = &str>) {
        CookieJar::store(self, url, set_cookie);
    }

    fn header(&self, url: &Url) -> Option<String> {
        CookieJar::header(self, url)
    }

    fn header_with(&self, url: &Url, extra: &[(&str, &str)]) -> Result<Option<String>, InvalidCookie> {
        CookieJar::header_with(self, url, extra)
    }

    fn jar(&self) -> Option<&CookieJar> {
        Some(self)
    }
}

/// A jar that is shared: keep one handle, give the other to a client.
impl<S: CookieStore + ?Sized> CookieStore for Arc<S> {
    fn store(&self, url: &Url, set_cookie: &mut dyn Iterator<Item = &str>) {
        (**self).store(url, set_cookie);
    }

    fn header(&self, url: &Url) -> Option<String> {
        (**self).header(url)
    }

    fn header_with(&self, url: &Url, extra: &[(&str, &str)]) -> Result<Option<String>, InvalidCookie> {
        (**self).header_with(url, extra)
    }

    fn jar(&self) -> Option<&CookieJar> {
        (**self).jar()
    }
}

impl fmt::Debug for dyn CookieStore {
    /// The jar behind it where there is one; what is in another store is its own affair.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.jar() {
            Some(jar) => jar.fmt(f),
            None => f.debug_struct("CookieStore").finish_non_exhaustive(),
        }
    }
}

/// A jar that forgets: it keeps nothing and sends nothing.
///
/// ```
/// use reqs_cookies::{CookieStore, NoCookies};
///
/// let url = "https://example.com/".parse().unwrap();
/// NoCookies.store(&url, &mut ["a=1"].into_iter());
/// assert_eq!(NoCookies.header(&url), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoCookies;

impl CookieStore for NoCookies {
    fn store(&self, _url: &Url, _set_cookie: &mut dyn Iterator<Item = &str>) {}

    fn header(&self, _url: &Url) -> Option<String> {
        None
    }
}
