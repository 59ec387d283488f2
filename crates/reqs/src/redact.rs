//! What may be shown: of a URL everything but its userinfo, of headers all values but credentials.

use std::fmt;

use reqs_proto::Headers;
use url::Url;

/// Shows a URL without user name and password; messages and Debug output go through it (SEC-14).
pub(crate) struct Redacted<'a>(pub(crate) &'a Url);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.0.as_str();
        if self.0.cannot_be_a_base() && self.0.scheme() != "mailto" {
            // `user:password@host`, written without a scheme, reads as one: what stands before the @ is not shown.
            let hidden = url.rfind('@').map_or(0, |at| at + 1);
            return f.write_str(&url[hidden..]);
        }
        if self.0.username().is_empty() && self.0.password().is_none() {
            return f.write_str(url);
        }
        f.write_str(&url[..url::Position::BeforeUsername.of(self.0)])?;
        f.write_str(&url[url::Position::BeforeHost.of(self.0)..])
    }
}

/// Headers of which secret ones show their names alone.
pub(crate) struct Shown<'a, F> {
    pub(crate) headers: &'a Headers,
    pub(crate) is_secret: F,
}

impl<F: Fn(&str) -> bool> fmt::Debug for Shown<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.headers {
            match (self.is_secret)(name) {
                true => map.entry(&name, &format_args!("[redacted]")),
                false => map.entry(&name, &value),
            };
        }
        map.finish()
    }
}

/// Whether the values of this header are credentials, or stand for them.
pub(crate) fn is_sensitive(name: &str) -> bool {
    const SENSITIVE: [&str; 4] = ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"];
    SENSITIVE.iter().any(|sensitive| sensitive.eq_ignore_ascii_case(name))
}

trait Offset {
    fn of(self, url: &Url) -> usize;
}

impl Offset for url::Position {
    fn of(self, url: &Url) -> usize {
        url[..self].len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_14_what_is_shown() {
        let cases = [
            ("http://u:secret@h:8/p?q#f", "http://h:8/p?q#f"),
            ("http://u@h/", "http://h/"),
            ("http://h/a@b", "http://h/a@b"),
            ("user:secret@h", "h"),
            ("mailto:a@b", "mailto:a@b"),
        ];
        for (url, shown) in cases {
            assert_eq!(Redacted(&Url::parse(url).unwrap()).to_string(), shown);
        }
    }
}
