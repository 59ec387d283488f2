//! Why a cookie was refused, and what a name that stands for several cookies says.

use std::fmt;

/// Why a cookie is not kept.
///
/// For a received cookie the variants follow the steps of RFC 6265bis that end in "ignore the
/// set-cookie-string entirely"; for a cookie set by the user they say what to change. No variant
/// holds a value, so nothing secret is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidCookie {
    /// Neither name nor value, or `=value` with the name left out.
    ///
    /// A cookie without any `=` is accepted and has an empty name. One that starts with `=` is not:
    /// `=a=b` would be sent as `a=b` and pass for the cookie `a`.
    NoName,
    /// A control character in the cookie (RFC 6265bis section 5.6, step 1).
    ControlCharacter,
    /// The name holds `=` or `;`, or the value holds `;`: the server would read another cookie.
    Separator,
    /// Name and value together are longer than [`Limits::cookie_bytes`](crate::Limits::cookie_bytes).
    TooLarge {
        /// Bytes of name and value.
        bytes: usize,
        /// The limit that they exceed.
        limit: usize,
    },
    /// The URL has no host, so there is nothing the cookie could belong to.
    NoHost,
    /// The domain is no host name: empty labels, a port, characters no host has, or a final dot where it is
    /// for more than that host.
    BadDomain {
        /// The domain as it was given.
        domain: String,
    },
    /// The `Domain` attribute does not cover the host that sent it (RFC 6265bis section 5.1.3).
    ForeignDomain {
        /// The domain as it was given, in lower case.
        domain: String,
        /// The host that sent it.
        host: String,
    },
    /// The domain is a public suffix such as `co.uk`: the cookie would reach strangers' hosts.
    PublicSuffix {
        /// The domain as it was given, in lower case.
        domain: String,
    },
    /// The path does not start with `/`.
    BadPath,
    /// A `Secure` cookie that came over a connection without TLS.
    InsecureOrigin,
    /// A connection without TLS may not overlay a `Secure` cookie (RFC 6265bis section 5.7, "leave secure cookies alone").
    SecureCookieExists,
    /// The name starts with `__Secure-` or `__Host-`, and the cookie does not keep what the prefix promises.
    Prefix,
    /// One of several cookies that were given together.
    Named {
        /// The name of that cookie.
        name: String,
        /// What is wrong with it.
        reason: Box<InvalidCookie>,
    },
}

impl InvalidCookie {
    /// The same refusal, for callers who need to be told which cookie is meant.
    pub(crate) fn of(self, name: &str) -> Self {
        Self::Named { name: name.to_owned(), reason: Box::new(self) }
    }
}

impl fmt::Display for InvalidCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName => f.write_str("it has no name"),
            Self::ControlCharacter => f.write_str("it holds a control character"),
            Self::Separator => f.write_str("it holds a `;`, or its name a `=`"),
            Self::TooLarge { bytes, limit } => {
                write!(f, "name and value are {bytes} bytes, the limit is {limit}")
            }
            Self::NoHost => f.write_str("the URL has no host to keep a cookie for"),
            Self::BadDomain { domain } => {
                write!(f, "`{}` is no cookie domain", domain.escape_debug())
            }
            Self::ForeignDomain { domain, host } => {
                write!(f, "the domain `{}` does not cover the host `{host}`", domain.escape_debug())
            }
            Self::Named { name, reason } => write!(f, "cookie `{}`: {reason}", name.escape_debug()),
            Self::PublicSuffix { domain } => write!(f, "`{domain}` is a public suffix"),
            Self::BadPath => f.write_str("its path does not start with `/`"),
            Self::InsecureOrigin => f.write_str("a Secure cookie needs an https URL"),
            Self::SecureCookieExists => {
                f.write_str("an http URL may not overlay a Secure cookie of this name")
            }
            Self::Prefix => {
                f.write_str("a `__Secure-` name needs Secure, a `__Host-` name Secure, Path=/ and no Domain")
            }
        }
    }
}

impl std::error::Error for InvalidCookie {}

/// Several cookies of the jar have this name: say which domain or path is meant.
///
/// Requests' `CookieConflictError`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieConflict {
    pub(crate) name: String,
    pub(crate) matches: usize,
}

impl CookieConflict {
    /// The name that was asked for.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many cookies have it.
    pub fn matches(&self) -> usize {
        self.matches
    }
}

impl fmt::Display for CookieConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cookies are named `{}`: name the domain or the path too",
            self.matches,
            self.name.escape_debug()
        )
    }
}

impl std::error::Error for CookieConflict {}
