//! One nonce of one server and what answering with it takes: RFC 7616 section 3.4.

use zeroize::Zeroizing;

use super::Account;
use super::offer::{Offer, Qop};
use crate::challenge::Writer;
use crate::error::Error;
use crate::target::{Origin, Target, path};

/// An accepted offer together with the key for it. It does not change; the nonce count is kept beside it.
#[derive(Clone)]
pub(super) struct Session {
    offer: Offer,
    username: UserName,
    /// H(A1), as good as the password for this realm.
    key: Zeroizing<String>,
    /// The client nonce that a `-sess` key was made with. It then stays with the session, so that servers which make
    /// the key from the current request's client nonce and those which keep the first one's both agree.
    cnonce: Option<String>,
}

/// How the user's name is sent (RFC 7616 sections 3.4 and 3.4.4).
#[derive(Clone)]
enum UserName {
    /// `username="…"`: as it is, in UTF-8.
    Plain(String),
    /// `username="…", userhash=true`: the hash of name and realm.
    Hashed(String),
    /// `username*=UTF-8''…`: RFC 8187.
    Extended(String),
}

impl Session {
    pub(super) fn new(
        account: &Account,
        offer: Offer,
        cnonce: impl Fn() -> Result<String, Error>,
    ) -> Result<Session, Error> {
        let hash = offer.algorithm.hash;
        let name = account.username.as_bytes();
        let realm = offer.realm.as_bytes();
        if let Some(at) = crate::error::control_character(name) {
            let part = "the user name".to_owned();
            return Err(Error::ControlCharacter { part, at });
        }
        let mut key = Zeroizing::new(hash.of_joined(&[name, realm, account.password.as_bytes()]));
        let cnonce = offer.algorithm.session.then(cnonce).transpose()?;
        if let Some(cnonce) = &cnonce {
            let parts = [key.as_bytes(), offer.nonce.as_bytes(), cnonce.as_bytes()];
            key = Zeroizing::new(hash.of_joined(&parts));
        }
        let username = if offer.userhash {
            UserName::Hashed(hash.of_joined(&[name, realm]))
        } else if offer.is_rfc_7616 && !account.username.is_ascii() {
            UserName::Extended(extended(&account.username))
        } else {
            // Servers before RFC 7616 do not know `username*`, but many read UTF-8.
            UserName::Plain(account.username.clone())
        };
        Ok(Session { offer, username, key, cnonce })
    }

    /// The same session with the server's next nonce. A `-sess` key stays: it is made once per challenge.
    pub(super) fn with_nonce(&self, nonce: String) -> Session {
        let mut next = self.clone();
        next.offer.nonce = nonce;
        next
    }

    pub(super) fn realm(&self) -> &str {
        &self.offer.realm
    }

    pub(super) fn nonce(&self) -> &str {
        &self.offer.nonce
    }

    pub(super) fn is_stale(&self) -> bool {
        self.offer.stale
    }

    /// The parameter that names the user.
    pub(super) fn username_param(&self) -> (&'static str, &str) {
        match &self.username {
            UserName::Plain(name) | UserName::Hashed(name) => ("username", name),
            UserName::Extended(name) => ("username*", name),
        }
    }

    /// Whether the target is in this protection space, and if so how many bytes of its path say so. Without a `domain`,
    /// the whole origin is.
    ///
    /// A `domain` may name other origins. These are not covered: what one origin says about another is not trusted.
    pub(super) fn covers(&self, target: &Target<'_>) -> Option<usize> {
        let uris = self.offer.domain.as_deref().unwrap_or_default();
        let mut best = None;
        let mut is_restricted = false;
        for uri in uris.split_ascii_whitespace() {
            let prefix = match split_absolute(uri) {
                Some((origin, prefix)) => {
                    is_restricted = true;
                    if origin != target.origin {
                        continue;
                    }
                    prefix
                }
                None if uri.starts_with('/') => uri,
                // Neither an absolute URI nor a path: it says nothing.
                None => continue,
            };
            is_restricted = true;
            if path(target.uri).is_some_and(|path| path.starts_with(prefix)) {
                best = best.max(Some(prefix.len()));
            }
        }
        if is_restricted { best } else { Some(0) }
    }

    /// The credentials for one use of the nonce.
    ///
    /// The order and the quotes are those of Requests. RFC 7616 section 3.4 wants `qop` without quotes, but servers of the
    /// time of RFC 2617 exist that take it only with them, and every parser of parameters reads both.
    pub(super) fn credentials(
        &self,
        target: Target<'_>,
        count: u32,
        cnonce: impl Fn() -> Result<String, Error>,
    ) -> Result<String, Error> {
        let Offer { realm, nonce, .. } = &self.offer;
        let hash = self.offer.algorithm.hash;
        let (method, uri) = (target.method.as_bytes(), target.uri.as_bytes());
        let count = format!("{count:08x}");
        let cnonce = match (&self.cnonce, self.offer.qop) {
            (_, None) => String::new(),
            (Some(cnonce), Some(_)) => cnonce.clone(),
            (None, Some(_)) => cnonce()?,
        };
        let request = match self.offer.qop {
            Some(Qop::AuthInt) => {
                let body = hash.of_joined(&[target.body.ok_or(Error::BodyNotAtHand)?]);
                hash.of_joined(&[method, uri, body.as_bytes()])
            }
            Some(Qop::Auth) | None => hash.of_joined(&[method, uri]),
        };
        let key = self.key.as_bytes();
        let response = match self.offer.qop {
            None => hash.of_joined(&[key, nonce.as_bytes(), request.as_bytes()]),
            Some(qop) => hash.of_joined(&[
                key,
                nonce.as_bytes(),
                count.as_bytes(),
                cnonce.as_bytes(),
                qop.name().as_bytes(),
                request.as_bytes(),
            ]),
        };

        let writer = Writer::new("Digest");
        let mut writer = match &self.username {
            UserName::Plain(name) | UserName::Hashed(name) => writer.quoted("username", name),
            UserName::Extended(name) => writer.token("username*", name),
        };
        writer = writer
            .quoted("realm", realm)
            .quoted("nonce", nonce)
            .quoted("uri", target.uri)
            .quoted("response", &response);
        if let Some(opaque) = &self.offer.opaque {
            writer = writer.quoted("opaque", opaque);
        }
        if let Some(name) = &self.offer.algorithm_name {
            writer = writer.token("algorithm", name);
        }
        if let Some(qop) = self.offer.qop {
            writer = writer.quoted("qop", qop.name()).token("nc", &count).quoted("cnonce", &cnonce);
        }
        if let UserName::Hashed(_) = self.username {
            writer = writer.token("userhash", "true");
        }
        writer.finish()
    }
}

/// An ext-value of RFC 8187 section 3.2: what is not an attr-char is percent-encoded UTF-8.
fn extended(text: &str) -> String {
    let mut value = String::from("UTF-8''");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    value
}

/// Splits `http://host:port/path` into its origin and path; `None` for what is not of that form.
fn split_absolute(uri: &str) -> Option<(Origin<'_>, &str)> {
    let (scheme, rest) = uri.split_once("://")?;
    let start = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, _) = rest.split_at_checked(start)?;
    let (host, port) = match authority.rsplit_once(':') {
        // The colon of an IPv6 address in brackets is not the one before a port.
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ if scheme.eq_ignore_ascii_case("https") => (authority, 443),
        _ => (authority, 80),
    };
    Some((Origin { scheme, host, port }, path(uri)?))
}
