//! The dict-like face of a jar, with the words and the semantics of Requests' `RequestsCookieJar`.

use std::collections::BTreeMap;

use crate::{Cookie, CookieConflict, CookieJar, InvalidCookie};

/// Which cookies are meant: a name, and where that is not enough a domain and a path.
///
/// A domain with a leading dot means cookies for a domain and what is below; without it also those of the
/// host alone. Made from `"name"`, `("name", "domain")` or `("name", "domain", "path")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Select<'a> {
    name: &'a str,
    domain: Option<&'a str>,
    path: Option<&'a str>,
}

impl<'a> Select<'a> {
    /// All cookies of a name.
    pub fn name(name: &'a str) -> Self {
        Self { name, domain: None, path: None }
    }

    /// Of these, those of a domain.
    #[must_use]
    pub fn domain(self, domain: &'a str) -> Self {
        Self { domain: Some(domain), ..self }
    }

    /// Of these, those of a path.
    #[must_use]
    pub fn path(self, path: &'a str) -> Self {
        Self { path: Some(path), ..self }
    }

    fn selects(self, cookie: &Cookie) -> bool {
        self.name == cookie.name && is_in(cookie, self.domain, self.path)
    }
}

impl<'a> From<&'a str> for Select<'a> {
    fn from(name: &'a str) -> Self {
        Self::name(name)
    }
}

impl<'a> From<&'a String> for Select<'a> {
    fn from(name: &'a String) -> Self {
        Self::name(name)
    }
}

impl<'a> From<(&'a str, &'a str)> for Select<'a> {
    fn from((name, domain): (&'a str, &'a str)) -> Self {
        Self::name(name).domain(domain)
    }
}

impl<'a> From<(&'a str, &'a str, &'a str)> for Select<'a> {
    fn from((name, domain, path): (&'a str, &'a str, &'a str)) -> Self {
        Self::name(name).domain(domain).path(path)
    }
}

/// What happens to a cookie that the jar already has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// The new one takes its place.
    Replace,
    /// It stays, and the new one is left out.
    Keep,
}

impl CookieJar {
    /// Sets a session cookie for a host and a path: `jar.set("tasty", "yum", "httpbin.org", "/cookies")`.
    ///
    /// `.httpbin.org` with a leading dot is for the hosts below too. An empty domain is bound to the host of
    /// the first request that the jar is asked about, an empty path is `/`.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn set(
        &self,
        name: impl Into<String>,
        value: impl Into<String>,
        domain: impl Into<String>,
        path: impl Into<String>,
    ) -> Result<(), InvalidCookie> {
        self.insert(Cookie::new(name, value).with_domain(domain).with_path(path))
    }

    /// The value of the one cookie that is meant, if there is one.
    ///
    /// # Errors
    /// [`CookieConflict`] when several are meant (Requests' `CookieConflictError`).
    ///
    /// ```
    /// # let jar = reqs_cookies::CookieJar::new();
    /// jar.set("a", "1", "example.com", "/").unwrap();
    /// jar.set("a", "2", "example.org", "/").unwrap();
    /// assert!(jar.get("a").is_err());
    /// assert_eq!(jar.get(("a", "example.org")).unwrap().as_deref(), Some("2"));
    /// assert_eq!(jar.get("b").unwrap(), None);
    /// ```
    pub fn get<'a>(&self, which: impl Into<Select<'a>>) -> Result<Option<String>, CookieConflict> {
        Ok(self.cookie(which)?.map(|cookie| cookie.value))
    }

    /// The one cookie that is meant, if there is one.
    ///
    /// # Errors
    /// [`CookieConflict`] when several are meant.
    pub fn cookie<'a>(&self, which: impl Into<Select<'a>>) -> Result<Option<Cookie>, CookieConflict> {
        let which = which.into();
        let mut found = self.read_index(|index| index.cookies_where(|cookie| which.selects(cookie)));
        if found.len() > 1 {
            return Err(CookieConflict { name: which.name.to_owned(), matches: found.len() });
        }
        Ok(found.pop())
    }

    /// Whether one or more cookies are meant.
    pub fn contains<'a>(&self, which: impl Into<Select<'a>>) -> bool {
        let which = which.into();
        self.read_index(|index| index.any(|cookie| which.selects(cookie)))
    }

    /// Removes all cookies that are meant, of every domain and path if only a name is given; tells how many.
    pub fn remove<'a>(&self, which: impl Into<Select<'a>>) -> usize {
        let which = which.into();
        self.change_index(|index| index.remove_where(|cookie| which.selects(cookie)))
    }

    /// All cookies, the oldest first. A copy: the jar may change meanwhile.
    pub fn iter(&self) -> std::vec::IntoIter<Cookie> {
        self.read_index(|index| index.cookies_where(|_| true)).into_iter()
    }

    /// The names of all cookies, the oldest first; a name that several have comes several times.
    pub fn keys(&self) -> Vec<String> {
        self.read_index(|index| index.map(|cookie| cookie.name.clone()))
    }

    /// The values of all cookies in the order of [`keys`](Self::keys).
    pub fn values(&self) -> Vec<String> {
        self.read_index(|index| index.map(|cookie| cookie.value.clone()))
    }

    /// Names and values of all cookies in the order of [`keys`](Self::keys).
    pub fn items(&self) -> Vec<(String, String)> {
        self.read_index(|index| index.map(|cookie| (cookie.name.clone(), cookie.value.clone())))
    }

    /// The domains that have cookies, each once.
    pub fn list_domains(&self) -> Vec<String> {
        unique(self.read_index(|index| index.map(|cookie| cookie.domain.clone())))
    }

    /// The paths that have cookies, each once.
    pub fn list_paths(&self) -> Vec<String> {
        unique(self.read_index(|index| index.map(|cookie| cookie.path.clone())))
    }

    /// Whether the cookies are of more than one domain.
    ///
    /// Requests' method of this name says so when two cookies share a domain.
    pub fn multiple_domains(&self) -> bool {
        self.list_domains().len() > 1
    }

    /// Names and values of the cookies of a domain and a path, or of all; of a name that several have the
    /// newest counts. Requests' `get_dict`.
    #[doc(alias = "get_dict")]
    pub fn dict(&self, domain: Option<&str>, path: Option<&str>) -> BTreeMap<String, String> {
        let cookies = self.read_index(|index| index.cookies_where(|c| is_in(c, domain, path)));
        cookies.into_iter().map(|cookie| (cookie.name, cookie.value)).collect()
    }

    /// Copies the cookies of another jar into this one. One with the same name, domain and path is
    /// replaced or kept, as you say.
    pub fn update(&self, other: &CookieJar, existing: Existing) {
        // The other jar is let go before this one is locked: they may be one, or updated from each other.
        let cookies = other.iter();
        self.put_all(cookies, |index, cookie| existing == Existing::Keep && index.has(cookie));
    }

    /// Sets session cookies from names and values, for the host of the first request that the jar is
    /// asked about. [`Existing::Keep`] leaves out every name that the jar has, whatever its domain.
    ///
    /// # Errors
    /// As [`insert`](Self::insert); nothing has been set then.
    pub fn update_dict<N, V>(
        &self,
        pairs: impl IntoIterator<Item = (N, V)>,
        existing: Existing,
    ) -> Result<(), InvalidCookie>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let now = self.now();
        let mut cookies = Vec::new();
        for (name, value) in pairs {
            let name = name.into();
            let cookie = Cookie::new(name.as_str(), value).checked().map_err(|error| error.of(&name))?;
            cookies.push(Cookie { created: now, last_access: now, ..cookie });
        }
        self.put_all(cookies, |index, cookie| {
            existing == Existing::Keep && index.any(|kept| kept.name == cookie.name)
        });
        Ok(())
    }

    /// Removes all cookies.
    pub fn clear(&self) {
        self.change_index(|index| *index = Default::default());
    }

    /// Removes the cookies of a domain, those of the hosts below not among them; tells how many.
    pub fn clear_domain(&self, domain: &str) -> usize {
        self.change_index(|index| index.remove_where(|cookie| is_in(cookie, Some(domain), None)))
    }

    /// Removes what has expired; tells how many.
    pub fn clear_expired(&self) -> usize {
        let now = self.now();
        self.change_index(|index| index.drop_expired(now))
    }

    /// Removes the cookies that have no expiry date; tells how many. A browser does so when it closes.
    pub fn clear_session_cookies(&self) -> usize {
        self.change_index(|index| index.remove_where(|cookie| cookie.expires.is_none()))
    }
}

impl IntoIterator for &CookieJar {
    type Item = Cookie;
    type IntoIter = std::vec::IntoIter<Cookie>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn is_in(cookie: &Cookie, domain: Option<&str>, path: Option<&str>) -> bool {
    let in_domain = domain.is_none_or(|domain| match domain.strip_prefix('.') {
        Some(domain) => !cookie.host_only && cookie.domain.eq_ignore_ascii_case(domain),
        None => cookie.domain.eq_ignore_ascii_case(domain),
    });
    in_domain && path.is_none_or(|path| cookie.path == path)
}

fn unique(mut texts: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    texts
}
