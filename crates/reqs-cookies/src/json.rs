//! Cookies as JSON: an array of objects with the members that browser extensions and Playwright use.

use std::{
    io::{self, Read, Write},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use crate::{
    Cookie, CookieJar, InvalidCookie, Loaded, SameSite, Saved,
    date::{from_unix_seconds, to_unix_seconds},
};

impl CookieJar {
    /// Adds the cookies of a JSON text: what [`write_json`](Self::write_json) wrote, or an export of a
    /// browser extension or of Playwright. Fits any input.
    ///
    /// # Errors
    /// What the reader fails with, or that the text is no array of cookies
    /// ([`io::ErrorKind::InvalidData`], with line and column); nothing was added then.
    ///
    /// ```
    /// # let jar = reqs_cookies::CookieJar::new();
    /// let text = r#"[{"name": "id", "value": "42", "domain": ".example.com", "path": "/", "secure": true}]"#;
    /// assert_eq!(jar.read_json(text.as_bytes())?.cookies, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn read_json(&self, mut reader: impl Read) -> io::Result<Loaded> {
        let mut text = Vec::new();
        reader.read_to_end(&mut text)?;
        let mut value: Value = serde_json::from_slice(&text).map_err(|error| no_json(&error))?;
        let list = match value.get_mut("cookies") {
            Some(cookies) => cookies.take(),
            None => value,
        };
        let Value::Array(list) = list else {
            return Err(no_json("expected an array of cookies, or an object with one as `cookies`"));
        };
        let now = self.now();
        Ok(self.take_in(list.iter().map(|entry| read_cookie(entry, now).ok_or(InvalidCookie::NoName))))
    }

    /// Writes the cookies that have not expired as JSON, session cookies too, one object a line.
    ///
    /// Members are `name`, `value`, `domain`, `hostOnly`, `path`, `secure`, `httpOnly`, `sameSite`, and
    /// `expires`, `created` and `lastAccess` in seconds since 1970; `expires` is null for a session cookie.
    ///
    /// # Errors
    /// What the writer fails with.
    pub fn write_json(&self, mut writer: impl Write) -> io::Result<Saved> {
        let mut saved = Saved::default();
        let mut separator = "[\n";
        for cookie in self.unexpired() {
            if cookie.domain.is_empty() {
                saved.skipped += 1;
                continue;
            }
            write!(writer, "{separator}{}", write_cookie(&cookie))?;
            separator = ",\n";
            saved.cookies += 1;
        }
        writer.write_all(if saved.cookies == 0 { b"[]\n" } else { b"\n]\n" })?;
        writer.flush()?;
        Ok(saved)
    }
}

fn no_json(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("no JSON cookies: {error}"))
}

/// The members as others write them too: a domain cookie has a leading dot, which `hostOnly` repeats.
fn write_cookie(cookie: &Cookie) -> Value {
    let dot = if cookie.host_only { "" } else { "." };
    json!({
        "name": cookie.name,
        "value": cookie.value,
        "domain": format!("{dot}{}", cookie.domain),
        "hostOnly": cookie.host_only,
        "path": cookie.path,
        "secure": cookie.secure,
        "httpOnly": cookie.http_only,
        "sameSite": cookie.same_site.map(SameSite::as_str),
        "expires": cookie.expires.map(to_unix_seconds),
        "created": to_unix_seconds(cookie.created),
        "lastAccess": to_unix_seconds(cookie.last_access),
    })
}

fn read_cookie(entry: &Value, now: SystemTime) -> Option<Cookie> {
    let text = |member: &str| entry.get(member).and_then(Value::as_str);
    let flag = |member: &str| entry.get(member).and_then(Value::as_bool);
    let time = |member: &str| entry.get(member).and_then(point_in_time);
    let mut cookie = Cookie::new(text("name")?, text("value")?)
        .with_domain(text("domain")?)
        .with_path(text("path").unwrap_or("/"))
        .with_secure(flag("secure").unwrap_or(false))
        .with_http_only(flag("httpOnly").unwrap_or(false))
        .with_same_site(text("sameSite").and_then(SameSite::from_text))
        .with_expires(time("expires").or_else(|| time("expirationDate")));
    if let Some(host_only) = flag("hostOnly") {
        cookie.host_only = host_only;
    }
    cookie.created = time("created").unwrap_or(now);
    cookie.last_access = time("lastAccess").unwrap_or(now);
    Some(cookie)
}

/// Seconds since 1970, whole or with a fraction. Playwright writes -1 for "no date".
fn point_in_time(value: &Value) -> Option<SystemTime> {
    if let Some(seconds) = value.as_i64() {
        return (seconds >= 0).then(|| from_unix_seconds(seconds));
    }
    let distance = Duration::try_from_secs_f64(value.as_f64()?).ok()?;
    UNIX_EPOCH.checked_add(distance)
}
