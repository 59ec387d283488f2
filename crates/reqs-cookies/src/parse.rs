//! A `Set-Cookie` value: read by the grammar of RFC 6265bis section 5.6, then judged for the URL that sent
//! it by the steps of section 5.7 that need no store.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use url::Url;

use crate::{
    Cookie, InvalidCookie, Limits, SameSite,
    cookie::{Prefix, has_control_character},
    date::{LAST_DATE, from_unix_seconds, parse_cookie_date},
    scope::{RequestHost, default_path, domain_match, is_secure},
    suffix::is_public_suffix,
};

impl Cookie {
    /// Reads one `Set-Cookie` value that `url` answered with at `now`.
    ///
    /// An expired cookie is fine here: it is how a server deletes one. What depends on the other cookies
    /// of a jar is judged by the jar. Fits any input.
    ///
    /// # Errors
    /// [`InvalidCookie`] says why RFC 6265bis has a client ignore it.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use reqs_cookies::{Cookie, InvalidCookie, Limits};
    ///
    /// let url = "https://www.example.com/a/b".parse().unwrap();
    /// let parse = |text| Cookie::parse(text, &url, SystemTime::now(), &Limits::default());
    ///
    /// let cookie = parse("id=42; Domain=example.com; Secure").unwrap();
    /// assert_eq!((cookie.domain(), cookie.path()), ("example.com", "/a"));
    /// assert_eq!(parse("id=42; Domain=com"), Err(InvalidCookie::PublicSuffix { domain: "com".into() }));
    /// ```
    pub fn parse(text: &str, url: &Url, now: SystemTime, limits: &Limits) -> Result<Self, InvalidCookie> {
        let received = SetCookie::read(text, limits)?;
        let host = RequestHost::of(url).ok_or(InvalidCookie::NoHost)?;
        let (domain, host_only) = cookie_domain(received.domain, host)?;
        if received.secure && !is_secure(url) {
            return Err(InvalidCookie::InsecureOrigin);
        }
        let path = received.path.filter(|path| path.starts_with('/'));
        let cookie = Self {
            name: received.name.to_owned(),
            value: received.value.to_owned(),
            domain,
            host_only,
            path: path.unwrap_or_else(|| default_path(url)).to_owned(),
            secure: received.secure,
            http_only: received.http_only,
            same_site: received.same_site,
            expires: received.expires(now, limits.lifetime),
            created: now,
            last_access: now,
        };
        cookie.check_prefix()?;
        // The `__Host-` prefix wants the attributes as such: `Path=/` spelled out and no `Domain` that
        // happens to name the host (section 4.1.3.2).
        let names_domain = received.domain.is_some_and(|domain| !domain.is_empty());
        if Prefix::of(&cookie.name) == Some(Prefix::Host) && (path.is_none() || names_domain) {
            return Err(InvalidCookie::Prefix);
        }
        Ok(cookie)
    }
}

/// The parts of a `Set-Cookie` value before any of them is judged.
struct SetCookie<'a> {
    name: &'a str,
    value: &'a str,
    domain: Option<&'a str>,
    path: Option<&'a str>,
    secure: bool,
    http_only: bool,
    same_site: Option<SameSite>,
    expires: Option<SystemTime>,
    /// Seconds; zero stands for every number that is not positive.
    max_age: Option<u64>,
}

impl<'a> SetCookie<'a> {
    fn read(text: &'a str, limits: &Limits) -> Result<Self, InvalidCookie> {
        if has_control_character(text) {
            return Err(InvalidCookie::ControlCharacter);
        }
        let mut parts = text.split(';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = match pair.split_once('=') {
            Some((name, value)) => (trim(name), trim(value)),
            None => ("", trim(pair)),
        };
        let starts_with_equals = name.is_empty() && pair.contains('=');
        if starts_with_equals || (name.is_empty() && value.is_empty()) {
            return Err(InvalidCookie::NoName);
        }
        let bytes = name.len() + value.len();
        if bytes > limits.cookie_bytes {
            return Err(InvalidCookie::TooLarge { bytes, limit: limits.cookie_bytes });
        }
        let mut cookie = Self {
            name,
            value,
            domain: None,
            path: None,
            secure: false,
            http_only: false,
            same_site: None,
            expires: None,
            max_age: None,
        };
        for attribute in parts {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (name, value) = (trim(name), trim(value));
            if value.len() <= limits.attribute_bytes {
                cookie.read_attribute(name, value);
            }
        }
        Ok(cookie)
    }

    /// Sections 5.6.1 to 5.6.7: of several the last counts, an unknown or unreadable one changes nothing.
    fn read_attribute(&mut self, name: &str, value: &'a str) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("expires") {
            self.expires = parse_cookie_date(value).or(self.expires);
        } else if is("max-age") {
            self.max_age = parse_max_age(value).or(self.max_age);
        } else if is("domain") {
            self.domain = Some(value.strip_prefix('.').unwrap_or(value));
        } else if is("path") {
            self.path = Some(value);
        } else if is("secure") {
            self.secure = true;
        } else if is("httponly") {
            self.http_only = true;
        } else if is("samesite") {
            self.same_site = SameSite::from_text(value);
        }
    }

    /// `Max-Age` over `Expires`, neither beyond the lifetime allowed (section 5.7, step 3).
    fn expires(&self, now: SystemTime, lifetime: Option<Duration>) -> Option<SystemTime> {
        let latest = lifetime
            .and_then(|lifetime| now.checked_add(lifetime))
            .unwrap_or_else(|| from_unix_seconds(LAST_DATE));
        match self.max_age {
            Some(0) => Some(UNIX_EPOCH),
            Some(seconds) => {
                let asked = now.checked_add(Duration::from_secs(seconds));
                Some(asked.map_or(latest, |asked| asked.min(latest)))
            }
            None => self.expires.map(|expires| expires.min(latest)),
        }
    }
}

/// Section 5.6.2: `-` or digits; what overflows is the largest number there is.
fn parse_max_age(value: &str) -> Option<u64> {
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_number {
        return None;
    }
    Some(if negative { 0 } else { digits.parse().unwrap_or(u64::MAX) })
}

/// The domain of a cookie and whether it is for the host alone (section 5.7, steps 4 to 7).
fn cookie_domain(attribute: Option<&str>, host: RequestHost<'_>) -> Result<(String, bool), InvalidCookie> {
    let Some(attribute) = attribute.filter(|attribute| !attribute.is_empty()) else {
        return Ok((host.name.to_owned(), true));
    };
    // A final dot makes another name of it, one that no public suffix list knows.
    if !attribute.is_ascii() || attribute.ends_with('.') {
        return Err(InvalidCookie::BadDomain { domain: attribute.to_owned() });
    }
    let domain = attribute.to_ascii_lowercase();
    let is_host = domain == host.name;
    if is_host && host.is_ip {
        return Ok((domain, true));
    }
    if is_public_suffix(&domain) {
        // `github.io` may have cookies of its own, though none that reach the hosts below.
        return if is_host { Ok((domain, true)) } else { Err(InvalidCookie::PublicSuffix { domain }) };
    }
    if !domain_match(host.name, &domain) {
        return Err(InvalidCookie::ForeignDomain { domain, host: host.name.to_owned() });
    }
    Ok((domain, false))
}

/// Section 5.6: WSP is space and tab, not what Unicode calls whitespace.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests;
