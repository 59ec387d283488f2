//! Challenges and credentials as text: RFC 9110 section 11 and nothing else. What a scheme's parameters mean
//! is the business of the scheme.
//!
//! One response may carry several challenges, in one header field or in many, and the comma that separates
//! challenges also separates the parameters within one. [`parse`] reads all of that in one pass.
//!
//! ```
//! use reqs_auth::challenge;
//!
//! let found = challenge::parse([r#"Newauth realm="apps", type=1, Basic realm="simple""#, "Negotiate"])?;
//! assert_eq!(found.len(), 3);
//! assert_eq!(found[1].scheme, "Basic");
//! assert_eq!(found[1].get("Realm"), Some("simple"));
//! # Ok::<(), reqs_auth::Error>(())
//! ```

mod scan;
mod write;

use std::fmt;

use crate::error::Error;
use scan::Scanner;
pub(crate) use scan::is_token68_byte;
pub use write::Writer;

/// How many challenges one response may carry. Real servers send two or three; the bound keeps what a hostile
/// one can make its client remember small.
pub const MAX_CHALLENGES: usize = 32;

/// How many parameters one challenge may have. Digest, the largest scheme in use, has nine.
pub const MAX_PARAMS: usize = 64;

/// One challenge of a server, or the credentials of a client, which have the same form
/// (RFC 9110 sections 11.3 and 11.4).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme as written, for example `Digest`. Compare it with [`is`](Self::is).
    pub scheme: String,
    /// The one opaque value that some schemes have in place of parameters, for example Negotiate and Basic.
    pub token68: Option<String>,
    /// The parameters in order, names as written, values without quotes and escapes.
    pub params: Vec<(String, String)>,
    /// Whether the last quoted string was still open when the header field ended. Its value is what there was.
    pub unclosed: bool,
}

impl Challenge {
    /// A challenge or credentials of this scheme, with nothing in it yet.
    pub fn new(scheme: impl Into<String>) -> Self {
        Challenge { scheme: scheme.into(), ..Challenge::default() }
    }

    /// Whether it is of this scheme; capitalisation does not count.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value of a parameter; the capitalisation of its name does not count. Of parameters that are repeated,
    /// which RFC 9110 forbids, the last counts, as in Requests.
    pub fn get(&self, name: &str) -> Option<&str> {
        let same = |param: &&(String, String)| param.0.eq_ignore_ascii_case(name);
        self.params.iter().rev().find(same).map(|(_, value)| value.as_str())
    }

    /// The text of the header field, with every parameter quoted.
    ///
    /// # Errors
    /// When the scheme or a parameter's name is not a token, or a value holds a control character.
    pub fn to_header(&self) -> Result<String, Error> {
        let mut writer = Writer::new(&self.scheme);
        if let Some(token68) = &self.token68 {
            writer = writer.token68(token68);
        }
        for (name, value) in &self.params {
            writer = writer.quoted(name, value);
        }
        writer.finish()
    }
}

/// Shows no `token68` and no `response`, since these may be credentials.
impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Params<'a>(&'a [(String, String)]);
        impl fmt::Debug for Params<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut map = f.debug_map();
                for (name, value) in self.0 {
                    if name.eq_ignore_ascii_case("response") {
                        map.entry(name, &"[redacted]");
                    } else {
                        map.entry(name, value);
                    }
                }
                map.finish()
            }
        }
        f.debug_struct("Challenge")
            .field("scheme", &self.scheme)
            .field("token68", &self.token68.as_ref().map(|_| "[redacted]"))
            .field("params", &Params(&self.params))
            .field("unclosed", &self.unclosed)
            .finish()
    }
}

/// Reads the challenges of all `WWW-Authenticate` (or all `Proxy-Authenticate`) fields of a response, in order.
///
/// Each value is one field as received. The time is linear in their length. Reading is tolerant where real
/// servers need it and the meaning is clear:
/// - whitespace around `=` (the grammar's BWS), empty list elements, and a missing comma between parameters;
/// - values that should be quoted and are not: they end at whitespace or a comma;
/// - a quoted string that is not closed ends with its field, and the challenge says so in
///   [`unclosed`](Challenge::unclosed);
/// - what cannot be a scheme or a parameter, and parameters without a scheme before them, are passed over.
///
/// # Errors
/// When there are more than [`MAX_CHALLENGES`] challenges, or more than [`MAX_PARAMS`] parameters in one.
pub fn parse<'v>(values: impl IntoIterator<Item = &'v str>) -> Result<Vec<Challenge>, Error> {
    let mut found = Vec::new();
    for value in values {
        parse_field(&mut Scanner::new(value), &mut found)?;
    }
    Ok(found)
}

/// Reads one field, adding what it holds to `found`.
fn parse_field(scanner: &mut Scanner<'_>, found: &mut Vec<Challenge>) -> Result<(), Error> {
    let mut current: Option<Challenge> = None;
    let result = loop {
        scanner.skip_separators();
        if scanner.is_at_end() {
            break Ok(());
        }
        let name = scanner.token();
        if name.is_empty() {
            scanner.skip_element();
            continue;
        }
        let gap = scanner.skip_whitespace();
        if scanner.take(b'=') {
            let (value, closed) = scanner.value();
            let Some(challenge) = &mut current else {
                continue;
            };
            if challenge.params.len() == MAX_PARAMS {
                let scheme = challenge.scheme.clone();
                break Err(Error::TooManyParams { scheme });
            }
            challenge.params.push((name.to_owned(), value));
            challenge.unclosed |= !closed;
        } else if gap || scanner.is_at_element_end() {
            found.extend(current.take());
            if found.len() == MAX_CHALLENGES {
                break Err(Error::TooManyChallenges);
            }
            let mut challenge = Challenge::new(name);
            if gap {
                challenge.token68 = scanner.token68().map(str::to_owned);
            }
            current = Some(challenge);
        } else {
            scanner.skip_element();
        }
    };
    found.extend(current);
    result
}

/// Reads parameters that stand without a scheme, as in `Authentication-Info` (RFC 9110 section 11.6.3), and as
/// Requests' `parse_dict_header` does. A name without `=` has no value.
///
/// Commas within quotes do not separate, escapes are resolved, and a quoted string that is not closed ends with the
/// text.
///
/// # Errors
/// When there are more than [`MAX_PARAMS`] parameters.
///
/// ```
/// let params = reqs_auth::challenge::parse_params(r#"foo="is a, fish", bare"#)?;
/// assert_eq!(params[0], ("foo".to_owned(), Some("is a, fish".to_owned())));
/// assert_eq!(params[1], ("bare".to_owned(), None));
/// # Ok::<(), reqs_auth::Error>(())
/// ```
pub fn parse_params(text: &str) -> Result<Vec<(String, Option<String>)>, Error> {
    let mut scanner = Scanner::new(text);
    let mut params = Vec::new();
    loop {
        scanner.skip_separators();
        if scanner.is_at_end() {
            return Ok(params);
        }
        let name = scanner.token();
        if name.is_empty() {
            scanner.skip_element();
            continue;
        }
        if params.len() == MAX_PARAMS {
            let scheme = String::new();
            return Err(Error::TooManyParams { scheme });
        }
        scanner.skip_whitespace();
        let value = if scanner.take(b'=') {
            Some(scanner.value().0)
        } else {
            scanner.skip_element();
            None
        };
        params.push((name.to_owned(), value));
    }
}

#[cfg(test)]
mod tests;
