//! How much a jar keeps and sends.

use std::time::Duration;

/// How much a jar keeps and sends, so that no server can make it grow without end.
///
/// The first four defaults are those of RFC 6265bis sections 5.6, 5.7 and 6.1.
///
/// ```
/// use reqs_cookies::{CookieJar, Limits};
///
/// let mut limits = Limits::default();
/// limits.per_domain = 180;
/// let jar = CookieJar::with_limits(limits);
/// # assert_eq!(jar.limits().total, 3000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of name and value together in a received cookie; longer ones are refused. 4096.
    pub cookie_bytes: usize,
    /// Bytes of one attribute's value in a received cookie; a longer attribute is ignored. 1024.
    pub attribute_bytes: usize,
    /// Cookies of one domain; beyond that expired ones go first, then the least recently used. 50.
    pub per_domain: usize,
    /// Cookies in all; beyond that expired ones go first, then the least recently used. 3000.
    pub total: usize,
    /// The longest life that a server may ask for; `None` leaves it to the server. 400 days
    /// (RFC 6265bis section 5.5). Cookies that you set yourself live as long as you say.
    pub lifetime: Option<Duration>,
    /// Bytes of one `Cookie` header; cookies of the jar that would exceed it are left out, those with the
    /// shortest paths first, never those that a request brings itself. 256 KiB, more than most servers read.
    pub header_bytes: usize,
}

/// RFC 6265bis section 5.5: "SHOULD NOT be greater than 400 days".
const LIFETIME: Duration = Duration::from_secs(400 * 24 * 60 * 60);

impl Default for Limits {
    fn default() -> Self {
        Self {
            cookie_bytes: 4096,
            attribute_bytes: 1024,
            per_domain: 50,
            total: 3000,
            lifetime: Some(LIFETIME),
            header_bytes: 256 * 1024,
        }
    }
}
