//! What can go wrong, in words for the person who reads them: never a secret, and of what a server said
//! only a short, escaped piece.

use std::fmt;

/// How many characters of a server's words an error repeats.
const MAX_QUOTED_CHARS: usize = 64;

/// Why a challenge was not answered or credentials were not made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A user name for Basic holds a colon, which ends the user name there (RFC 7617 section 2).
    ColonInUserName,
    /// Text that must not hold control characters does (RFC 7617 section 2, RFC 9110 section 5.6.4).
    ControlCharacter {
        /// What it was in: `user name`, `password`, or a parameter's name.
        part: String,
        /// The offset of the character in bytes.
        at: usize,
    },
    /// A Bearer token is empty.
    EmptyToken,
    /// A Bearer token holds a character outside of `token68` (RFC 6750 section 2.1).
    TokenCharacter {
        /// The offset of the character in bytes.
        at: usize,
    },
    /// A scheme or a parameter's name is not a token (RFC 9110 section 5.6.2).
    NotAToken {
        /// What was to be a token.
        text: String,
    },
    /// More than [`MAX_CHALLENGES`](crate::challenge::MAX_CHALLENGES) challenges came in one response.
    TooManyChallenges,
    /// One challenge has more than [`MAX_PARAMS`](crate::challenge::MAX_PARAMS) parameters.
    TooManyParams {
        /// The challenge's scheme, empty where parameters stood alone.
        scheme: String,
    },
    /// A challenge's last quoted string is not closed, so that its end is unknown.
    UnclosedQuote {
        /// The challenge's scheme.
        scheme: String,
    },
    /// A Digest challenge lacks a parameter that it must have (RFC 7616 section 3.3).
    MissingParam {
        /// `realm` or `nonce`.
        name: &'static str,
    },
    /// A parameter of a Digest challenge is longer than any server has a reason for.
    ParamTooLong {
        /// The parameter's name.
        name: &'static str,
        /// How many bytes it may have.
        limit: usize,
    },
    /// A Digest challenge asks for a hash algorithm that is not known here.
    UnknownAlgorithm {
        /// The value of the `algorithm` parameter.
        algorithm: String,
    },
    /// A Digest challenge offers only qualities of protection that are not known here.
    UnknownQop {
        /// The value of the `qop` parameter.
        qop: String,
    },
    /// A Digest challenge asks for a `-sess` algorithm without `qop`: the server could not verify any
    /// answer, since the client nonce is only sent with a `qop` (RFC 7616 section 3.4).
    SessionWithoutQop,
    /// A Digest challenge offers `auth-int` only, which hashes the body, and the body is streamed.
    BodyNotAtHand,
    /// The operating system gave no random bytes for the client nonce.
    NoRandomness,
    /// The server asks for Basic over an unencrypted connection, where anybody on the way could read the
    /// password, and that was not allowed.
    BasicInTheClear {
        /// The server's origin.
        origin: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::challenge::{MAX_CHALLENGES, MAX_PARAMS};
        match self {
            Error::ColonInUserName => {
                f.write_str("the user name for Basic authentication has a colon, which would end it there")
            }
            Error::ControlCharacter { part, at } => write!(
                f,
                "{} has a control character at byte {at}, which no credentials may carry",
                Excerpt(part)
            ),
            Error::EmptyToken => f.write_str("the Bearer token is empty"),
            Error::TokenCharacter { at } => {
                write!(f, "the Bearer token has a character at byte {at} that no token may have")
            }
            Error::NotAToken { text } => {
                write!(f, "\"{}\" is not a token, so it names no scheme or parameter", Excerpt(text))
            }
            Error::TooManyChallenges => {
                write!(f, "the response has more than {MAX_CHALLENGES} authentication challenges")
            }
            Error::TooManyParams { scheme } => {
                write!(f, "the {} challenge has more than {MAX_PARAMS} parameters", Excerpt(scheme))
            }
            Error::UnclosedQuote { scheme } => {
                write!(f, "the {} challenge has a quoted string that is not closed", Excerpt(scheme))
            }
            Error::MissingParam { name } => write!(f, "the Digest challenge has no {name}"),
            Error::ParamTooLong { name, limit } => {
                write!(f, "the Digest challenge has a {name} of more than {limit} bytes")
            }
            Error::UnknownAlgorithm { algorithm } => {
                write!(f, "the Digest challenge asks for the unknown algorithm \"{}\"", Excerpt(algorithm))
            }
            Error::UnknownQop { qop } => write!(
                f,
                "the Digest challenge offers only the unknown quality of protection \"{}\"",
                Excerpt(qop)
            ),
            Error::SessionWithoutQop => f.write_str(
                "the Digest challenge asks for a -sess algorithm without a qop, which no answer can satisfy",
            ),
            Error::BodyNotAtHand => f.write_str(
                "the Digest challenge asks for auth-int, which hashes the body, and the body is streamed",
            ),
            Error::NoRandomness => {
                f.write_str("the operating system gave no random bytes for the client nonce")
            }
            Error::BasicInTheClear { origin } => write!(
                f,
                "{} asks for Basic authentication without encryption, which would show the password",
                Excerpt(origin)
            ),
        }
    }
}

impl std::error::Error for Error {}

/// The start of a text that may be long or hostile, with control characters escaped.
pub(crate) struct Excerpt<'a>(pub(crate) &'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(MAX_QUOTED_CHARS) {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        if chars.next().is_some() {
            f.write_str("…")?;
        }
        Ok(())
    }
}

/// The offset of the first control character (RFC 5234 CTL: below 0x20, and 0x7F).
pub(crate) fn control_character(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(u8::is_ascii_control)
}
