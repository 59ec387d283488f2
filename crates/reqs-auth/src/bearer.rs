//! The Bearer scheme: RFC 6750. Whoever has the token has the access, so it is treated as a password.

use std::fmt;

use zeroize::Zeroizing;

use crate::challenge::is_token68_byte;
use crate::error::Error;

/// A Bearer token (RFC 6750).
///
/// ```
/// use reqs_auth::Bearer;
///
/// assert_eq!(Bearer::new("mF_9.B5f-4.1JqM").authorization()?, "Bearer mF_9.B5f-4.1JqM");
/// assert!(Bearer::new("two words").authorization().is_err());
/// # Ok::<(), reqs_auth::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer {
    token: Zeroizing<String>,
    charset: Charset,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Charset {
    Token68,
    Visible,
}

impl Bearer {
    /// Takes a token after RFC 6750 section 2.1: letters, digits, `-._~+/`, and `=` at the end. It is checked by
    /// [`authorization`](Self::authorization).
    pub fn new(token: impl Into<String>) -> Self {
        Bearer { token: Zeroizing::new(token.into()), charset: Charset::Token68 }
    }

    /// Takes a token of any visible ASCII characters, for services whose tokens RFC 6750 does not allow, such as
    /// Laravel's `1|abc…`.
    pub fn lenient(token: impl Into<String>) -> Self {
        Bearer { token: Zeroizing::new(token.into()), charset: Charset::Visible }
    }

    /// The value of the `Authorization` field.
    ///
    /// # Errors
    /// When the token is empty or has a character that it must not have. The message names the place, not the token.
    pub fn authorization(&self) -> Result<String, Error> {
        let token = self.token.as_str();
        if token.is_empty() {
            return Err(Error::EmptyToken);
        }
        let checked = match self.charset {
            Charset::Token68 => token.trim_end_matches('='),
            Charset::Visible => token,
        };
        let is_wrong = |byte: u8| match self.charset {
            Charset::Token68 => !is_token68_byte(byte),
            Charset::Visible => !byte.is_ascii_graphic(),
        };
        if let Some(at) = checked.bytes().position(is_wrong) {
            return Err(Error::TokenCharacter { at });
        }
        if checked.is_empty() {
            return Err(Error::TokenCharacter { at: 0 });
        }
        Ok(format!("Bearer {token}"))
    }
}

/// Shows nothing of the token.
impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_rfc_6750_are_sent_and_others_are_refused() {
        let good = ["mF_9.B5f-4.1JqM", "a", "YWJj==", "A-._~+/z0", "eyJhbGciOiJub25lIn0.e30."];
        for token in good {
            assert_eq!(Bearer::new(token).authorization().unwrap(), format!("Bearer {token}"));
        }
        let bad = [
            ("", Error::EmptyToken),
            ("==", Error::TokenCharacter { at: 0 }),
            ("a b", Error::TokenCharacter { at: 1 }),
            ("a=b", Error::TokenCharacter { at: 1 }),
            ("abc\n", Error::TokenCharacter { at: 3 }),
            ("abc\r\nX-Evil: 1", Error::TokenCharacter { at: 3 }),
            ("1|abc", Error::TokenCharacter { at: 1 }),
            ("é", Error::TokenCharacter { at: 0 }),
        ];
        for (token, error) in bad {
            assert_eq!(Bearer::new(token).authorization(), Err(error.clone()), "{token:?}");
            assert!(token.is_empty() || !error.to_string().contains(token));
        }
    }

    #[test]
    fn a_lenient_token_may_be_anything_visible() {
        assert_eq!(Bearer::lenient("1|abc:def").authorization().unwrap(), "Bearer 1|abc:def");
        for token in ["a b", "a\n", "a\u{7f}", "é", "a\0"] {
            assert!(Bearer::lenient(token).authorization().is_err(), "{token:?}");
        }
    }

    #[test]
    fn debug_shows_no_token() {
        assert!(!format!("{:?}", Bearer::new("s3cr3t")).contains("s3cr3t"));
    }
}
