//! One cookie: its fields, how a user builds one, and what makes it acceptable.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use url::Url;

use crate::{
    InvalidCookie,
    scope::{RequestHost, canonical_domain, is_ip, is_secure, path_match},
    suffix::is_public_suffix,
};

/// The value of a `SameSite` attribute. It is kept and saved, and decides nothing: outside a browser no
/// request has a site that it started from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SameSite {
    /// `SameSite=Strict`
    Strict,
    /// `SameSite=Lax`
    Lax,
    /// `SameSite=None`
    None,
}

impl SameSite {
    /// The attribute's value by its usual spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }

    /// Reads an attribute's value in any capitalisation.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        [Self::Strict, Self::Lax, Self::None]
            .into_iter()
            .find(|same_site| text.eq_ignore_ascii_case(same_site.as_str()))
    }
}

/// One cookie, received or made by hand.
///
/// [`Cookie::parse`] reads a `Set-Cookie` header; [`Cookie::new`] and the `with_` methods build a cookie
/// for [`CookieJar::insert`](crate::CookieJar::insert), which checks it. `Debug` leaves the value out.
///
/// ```
/// use reqs_cookies::Cookie;
///
/// let cookie = Cookie::new("tasty", "yum").with_domain(".httpbin.org").with_path("/cookies");
/// assert_eq!((cookie.domain(), cookie.host_only()), ("httpbin.org", false));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) domain: String,
    pub(crate) host_only: bool,
    pub(crate) path: String,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: Option<SameSite>,
    pub(crate) expires: Option<SystemTime>,
    pub(crate) created: SystemTime,
    pub(crate) last_access: SystemTime,
}

impl Cookie {
    /// A session cookie for path `/`, without a domain yet.
    ///
    /// A cookie that goes into a jar without a domain is bound to the host of the first request that the
    /// jar is asked about, and reaches no other. A name with the prefix `__Secure-` or `__Host-` is
    /// `Secure` from the start, as the prefix demands.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            secure: Prefix::of(&name).is_some(),
            name,
            value: value.into(),
            domain: String::new(),
            host_only: true,
            path: String::from("/"),
            http_only: false,
            same_site: None,
            expires: None,
            created: UNIX_EPOCH,
            last_access: UNIX_EPOCH,
        }
    }

    /// The host that it is for. With a leading dot (`.example.com`) it is for the hosts below too.
    #[must_use]
    pub fn with_domain(mut self, domain: impl Into<String>) -> Self {
        let domain = domain.into();
        match domain.strip_prefix('.') {
            Some(stripped) => (self.domain, self.host_only) = (stripped.to_owned(), false),
            None => (self.domain, self.host_only) = (domain, true),
        }
        self
    }

    /// The path that it is for, with what is below. An empty one means `/`.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        if self.path.is_empty() {
            self.path.push('/');
        }
        self
    }

    /// Whether it travels over TLS only.
    #[must_use]
    pub fn with_secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// Whether it is marked `HttpOnly`.
    #[must_use]
    pub fn with_http_only(mut self, http_only: bool) -> Self {
        self.http_only = http_only;
        self
    }

    /// Its `SameSite` attribute.
    #[must_use]
    pub fn with_same_site(mut self, same_site: impl Into<Option<SameSite>>) -> Self {
        self.same_site = same_site.into();
        self
    }

    /// When it expires; `None` makes it a session cookie.
    #[must_use]
    pub fn with_expires(mut self, expires: impl Into<Option<SystemTime>>) -> Self {
        self.expires = expires.into();
        self
    }

    /// Its name; empty for a cookie that came without `=`, which is sent as its value alone.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value as it came, quotes and all.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Its host or domain without a leading dot; empty before it is bound to a host.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether it is for the host [`domain`](Self::domain) alone and not for those below.
    pub fn host_only(&self) -> bool {
        self.host_only
    }

    /// Its path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it travels over TLS only.
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// Whether it is marked `HttpOnly`. Kept and saved; there are no scripts here to keep it from.
    pub fn http_only(&self) -> bool {
        self.http_only
    }

    /// Its `SameSite` attribute, if it had a known one.
    pub fn same_site(&self) -> Option<SameSite> {
        self.same_site
    }

    /// When it expires; `None` for a session cookie.
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// When the jar first got it. A newer cookie in its place keeps this, and with it the order of sending.
    pub fn created(&self) -> SystemTime {
        self.created
    }

    /// When the jar last stored or sent it.
    pub fn last_access(&self) -> SystemTime {
        self.last_access
    }

    /// Whether it has expired at `now`.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Whether a request to `url` carries it: host, path and `Secure` (RFC 6265bis section 5.8.3). Expiry
    /// is another question.
    pub fn matches(&self, url: &Url) -> bool {
        RequestHost::of(url).is_some_and(|host| {
            host.and_parents().any(|domain| domain == self.domain && (!self.host_only || domain == host.name))
        }) && self.matches_beside_host(url.path(), is_secure(url))
    }

    /// The part of [`matches`](Self::matches) that is left when the domain is known to fit.
    pub(crate) fn matches_beside_host(&self, path: &str, secure: bool) -> bool {
        (secure || !self.secure) && path_match(path, &self.path)
    }

    /// Whether both stand for the same cookie of a store (RFC 6265bis section 5.7, step 23).
    pub(crate) fn same_identity(&self, other: &Cookie) -> bool {
        self.name == other.name
            && self.path == other.path
            && self.host_only == other.host_only
            && self.domain == other.domain
    }

    /// Checks a cookie that a user or a file made, and brings its domain into canonical form.
    pub(crate) fn checked(mut self) -> Result<Self, InvalidCookie> {
        check_pair(&self.name, &self.value)?;
        if !self.path.starts_with('/') {
            return Err(InvalidCookie::BadPath);
        }
        if has_control_character(&self.path) {
            return Err(InvalidCookie::ControlCharacter);
        }
        if self.path.contains(';') {
            return Err(InvalidCookie::Separator);
        }
        if !self.domain.is_empty() || !self.host_only {
            let Some(domain) = canonical_domain(&self.domain) else {
                return Err(InvalidCookie::BadDomain { domain: self.domain });
            };
            self.domain = domain;
            if is_ip(&self.domain) {
                self.host_only = true;
            }
            // A final dot makes another name of it, one that no public suffix list knows.
            if !self.host_only && self.domain.ends_with('.') {
                return Err(InvalidCookie::BadDomain { domain: self.domain });
            }
            if !self.host_only && is_public_suffix(&self.domain) {
                return Err(InvalidCookie::PublicSuffix { domain: self.domain });
            }
        }
        self.check_prefix()?;
        Ok(self)
    }

    /// RFC 6265bis section 5.7, steps 20 to 22: what the name promises must be so.
    pub(crate) fn check_prefix(&self) -> Result<(), InvalidCookie> {
        let kept = match Prefix::of(&self.name) {
            Some(Prefix::Secure) => self.secure,
            Some(Prefix::Host) => self.secure && self.host_only && self.path == "/",
            // Without a name the value is all that the server sees, and it must not pass for a prefixed name.
            None => !self.name.is_empty() || Prefix::of(&self.value).is_none(),
        };
        if kept { Ok(()) } else { Err(InvalidCookie::Prefix) }
    }
}

/// Names and values that a `Cookie` header can carry without meaning something else.
pub(crate) fn check_pair(name: &str, value: &str) -> Result<(), InvalidCookie> {
    if name.is_empty() && (value.is_empty() || value.contains('=')) {
        return Err(InvalidCookie::NoName);
    }
    if has_control_character(name) || has_control_character(value) {
        return Err(InvalidCookie::ControlCharacter);
    }
    if name.contains(['=', ';']) || value.contains(';') {
        return Err(InvalidCookie::Separator);
    }
    Ok(())
}

/// RFC 6265bis section 5.6, step 1: %x00-08 / %x0A-1F / %x7F. The tab is whitespace.
pub(crate) fn has_control_character(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_control() && b != b'\t')
}

/// What a name promises (RFC 6265bis section 4.1.3), in any capitalisation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefix {
    Secure,
    Host,
}

impl Prefix {
    pub(crate) fn of(name: &str) -> Option<Self> {
        let starts_with =
            |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        if starts_with("__Secure-") {
            Some(Self::Secure)
        } else if starts_with("__Host-") {
            Some(Self::Host)
        } else {
            None
        }
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A cookie without a name is all value.
        f.debug_struct("Cookie")
            .field("name", &self.name)
            .field("value", &format_args!("[{} bytes]", self.value.len()))
            .field("domain", &self.domain)
            .field("host_only", &self.host_only)
            .field("path", &self.path)
            .field("secure", &self.secure)
            .field("http_only", &self.http_only)
            .field("same_site", &self.same_site)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
