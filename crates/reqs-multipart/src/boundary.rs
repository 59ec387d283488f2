//! The boundary: its grammar (RFC 2046 §5.1.1), where it comes from, and how it stands in a `Content-Type`.

use std::fmt;

use crate::Error;

/// RFC 2046 §5.1.1: "Boundary delimiters must not … be longer than 70 characters, not counting the two hyphens".
const LONGEST: usize = 70;

/// 128 bits: nobody can guess one, and two never meet (MPT-10).
const RANDOM_BYTES: usize = 16;

/// A boundary that keeps to RFC 2046's grammar, so that it can stand in a header and in a delimiter line.
///
/// A [`Form`](crate::Form) has one of its own; this type is for those who fix it, or find it in a header:
///
/// ```
/// use reqs_multipart::Boundary;
///
/// let boundary = Boundary::from_content_type(r#"multipart/form-data; boundary="a b""#).unwrap()?;
/// assert_eq!(boundary.as_str(), "a b");
/// assert!(Boundary::new("ends in space ").is_err());
/// # Ok::<(), reqs_multipart::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Boundary(String);

impl Boundary {
    /// Checks a boundary.
    ///
    /// # Errors
    /// [`Error::InvalidBoundary`] when it is not 1 to 70 of the characters that RFC 2046 allows, or ends in a space.
    pub fn new(boundary: impl Into<String>) -> Result<Boundary, Error> {
        let boundary = boundary.into();
        match fault(&boundary) {
            None => Ok(Boundary(boundary)),
            Some(reason) => Err(Error::InvalidBoundary { boundary, reason }),
        }
    }

    /// A new boundary: 16 bytes of the operating system's randomness as 32 lower-case hex digits.
    ///
    /// # Errors
    /// [`Error::Random`] when the operating system has none to give.
    pub fn random() -> Result<Boundary, Error> {
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| Error::Random { source: error.into() })?;
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
        Ok(Boundary(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()))
    }

    /// The `boundary` parameter of a `Content-Type` value, quoted or not; `None` when it has none.
    ///
    /// # Errors
    /// [`Error::InvalidBoundary`] when there is one that no delimiter line could hold.
    pub fn from_content_type(content_type: &str) -> Option<Result<Boundary, Error>> {
        parameter(content_type, "boundary").map(Boundary::new)
    }

    /// The boundary without its hyphens and quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `multipart/SUBTYPE; boundary=…`, the boundary quoted only where it is not a token (MPT-10).
    pub(crate) fn content_type(&self, subtype: &str) -> String {
        let quote = if self.0.bytes().all(is_token_byte) { "" } else { "\"" };
        format!("multipart/{subtype}; boundary={quote}{}{quote}", self.0)
    }
}

impl AsRef<str> for Boundary {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Boundary> for String {
    fn from(boundary: Boundary) -> String {
        boundary.0
    }
}

impl TryFrom<&str> for Boundary {
    type Error = Error;

    fn try_from(boundary: &str) -> Result<Boundary, Error> {
        Boundary::new(boundary)
    }
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// RFC 9110 §5.6.2: the bytes of a token.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// `boundary := 0*69<bchars> bcharsnospace`
fn fault(boundary: &str) -> Option<&'static str> {
    if boundary.is_empty() {
        return Some("is empty");
    }
    if boundary.len() > LONGEST {
        return Some("is longer than 70 characters");
    }
    if !boundary.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte)) {
        return Some("holds a character that RFC 2046 does not allow in a boundary");
    }
    boundary.ends_with(' ').then_some("ends in a space")
}

/// One parameter of a header value such as `type/subtype; name=value; other="quo\"ted"` (RFC 9110 §5.6.6), unquoted.
/// Lenient: spaces around `=` pass, and a quote that is never closed ends with the value.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let end = rest.find(['=', ';'])?;
        let (name, after) = (rest[..end].trim(), &rest[end + 1..]);
        if rest[end..].starts_with(';') {
            rest = after;
            continue;
        }
        let (text, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = after.split_once(';')?.1;
    }
}

/// The text up to the closing quote, and what stands after it.
fn unquote(quoted: &str) -> (String, &str) {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (text, &quoted[at + 1..]),
            '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => text.push(character),
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mpt_10_a_random_boundary_is_32_lower_case_hex_digits() {
        let boundary = Boundary::random().unwrap();
        assert_eq!(boundary.as_str().len(), 32);
        assert!(
            boundary.as_str().bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
            "{boundary}"
        );
    }

    #[test]
    fn sec_76_boundaries_differ_and_use_every_bit() {
        let all: std::collections::HashSet<String> =
            (0..1000).map(|_| Boundary::random().unwrap().into()).collect();
        assert_eq!(all.len(), 1000);
        for position in 0..32 {
            let digits: std::collections::HashSet<u8> = all.iter().map(|b| b.as_bytes()[position]).collect();
            assert_eq!(digits.len(), 16, "digit {position} does not take every value");
        }
    }

    #[test]
    fn the_grammar_of_rfc_2046() {
        let longest = "x".repeat(70);
        for good in ["a", "simple boundary", "gc0pJq0M:08jU534c0p", "'()+_,-./:=?", " leading", &longest] {
            assert_eq!(Boundary::new(good).unwrap().as_str(), good);
        }
        let too_long = "x".repeat(71);
        for (bad, reason) in [
            ("", "boundary \"\" is empty"),
            ("a ", "boundary \"a \" ends in a space"),
            (
                "a\r\nX: y",
                "boundary \"a\\r\\nX: y\" holds a character that RFC 2046 does not allow in a boundary",
            ),
            ("a\"b", "boundary \"a\\\"b\" holds a character that RFC 2046 does not allow in a boundary"),
            ("é", "boundary \"é\" holds a character that RFC 2046 does not allow in a boundary"),
            ("a;b", "boundary \"a;b\" holds a character that RFC 2046 does not allow in a boundary"),
            (&too_long, &format!("boundary {too_long:?} is longer than 70 characters")),
        ] {
            assert_eq!(Boundary::new(bad).unwrap_err().to_string(), reason);
        }
    }

    #[test]
    fn found_in_a_content_type() {
        for (value, wanted) in [
            ("multipart/form-data; boundary=abc", Some("abc")),
            ("multipart/form-data;boundary=\"abc\"", Some("abc")),
            ("multipart/mixed; BOUNDARY = \"a b\" ; charset=utf-8", Some("a b")),
            ("multipart/mixed; charset=\"x; boundary=no\"; boundary=yes", Some("yes")),
            ("multipart/mixed; x=\"\\\"; boundary=no\"; ; flag; boundary=\"y\\es\"", Some("yes")),
            ("multipart/mixed; boundary=\"open", Some("open")),
            ("multipart/mixed; flag; boundary=b=c", Some("b=c")),
            ("multipart/form-data", None),
            ("boundary=x", None),
            ("multipart/form-data; xboundary=x", None),
            ("", None),
            (";;=;\"", None),
        ] {
            let found = Boundary::from_content_type(value).map(|found| found.unwrap().to_string());
            assert_eq!(found.as_deref(), wanted, "{value}");
        }
        assert!(Boundary::from_content_type("multipart/mixed; boundary=\"\"").unwrap().is_err());
    }

    #[test]
    fn quoted_only_where_it_must_be() {
        let value = |boundary: &str| Boundary::new(boundary).unwrap().content_type("form-data");
        assert_eq!(value("abc-1.2"), "multipart/form-data; boundary=abc-1.2");
        assert_eq!(value("a b"), "multipart/form-data; boundary=\"a b\"");
        assert_eq!(value("a:b"), "multipart/form-data; boundary=\"a:b\"");
    }
}
