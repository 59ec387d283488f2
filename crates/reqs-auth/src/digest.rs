//! The Digest scheme: RFC 7616, and RFC 2069 for servers without `qop`.
//!
//! This file owns what is known about each protection space and when it may be used. What a challenge asks for is in
//! `offer`, the hashes are in `hash`, and the text of an answer is made in `session`.

mod hash;
mod offer;
mod session;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::challenge::{self, Challenge};
use crate::error::Error;
use crate::target::{Origin, OwnedOrigin, Target};
use offer::Offer;
use session::Session;

/// How many protection spaces one object remembers. The one that was used longest ago makes room: it costs one more
/// challenge when it is met again.
const MAX_SPACES: usize = 64;

/// How many random bytes make a client nonce: 128 bits, so that none comes twice.
const CNONCE_BYTES: usize = 16;

/// A user name and a password for the Digest scheme (Requests: `HTTPDigestAuth`).
///
/// The server's challenge comes first: send the request without credentials, give the challenges of its 401 to
/// [`answer`](Self::answer), and send the request again with what that returns. From then on
/// [`authorization`](Self::authorization) gives credentials ahead of time for every request to the same protection
/// space, each with the next nonce count.
///
/// What was learned is kept per origin (scheme, host and port) and realm, and is never used for another origin. A clone
/// shares it: two clones never use the same nonce count for the same nonce. All methods take `&self` and may be called
/// from any thread.
///
/// Understood are the algorithms MD5, SHA-256, SHA-512-256 (RFC 7616), SHA and SHA-512 (as in Requests), each also as
/// `-sess`; `qop` absent, `auth`, and `auth-int` where the body is at hand; `opaque`, `stale`, `domain`, `userhash`,
/// `charset` and `nextnonce`. Names and passwords are hashed as UTF-8, as they are: there is no Unicode normalisation.
///
/// ```
/// use reqs_auth::{Digest, Origin, Target};
///
/// let digest = Digest::new("Mufasa", "Circle of Life");
/// let origin = Origin { scheme: "http", host: "www.example.org", port: 80 };
/// let target = Target { origin, method: "GET", uri: "/dir/index.html", body: Some(&[]) };
/// assert_eq!(digest.authorization(target), None);
///
/// let challenge = r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf""#;
/// let first = digest.answer([challenge], target, None)?.unwrap();
/// assert!(first.contains("nc=00000001"));
/// let second = digest.authorization(target).unwrap();
/// assert!(second.contains("nc=00000002"));
/// # Ok::<(), reqs_auth::Error>(())
/// ```
#[derive(Clone)]
pub struct Digest {
    shared: Arc<Shared>,
}

struct Shared {
    account: Account,
    cnonces: Cnonces,
    spaces: Mutex<Vec<Space>>,
}

/// Whom to authenticate.
struct Account {
    username: String,
    password: Zeroizing<String>,
}

enum Cnonces {
    System(SystemRandom),
    Given(Box<dyn Fn() -> String + Send + Sync>),
}

/// What is known about one protection space. The one used last stands last.
struct Space {
    origin: OwnedOrigin,
    session: Arc<Session>,
    /// How often the session's nonce was used: the nonce count of the last use.
    uses: u32,
    /// Whether credentials may go ahead of a challenge. Not after the server has refused them.
    ahead: bool,
}

impl Digest {
    /// Takes a user name and a password. Both may hold anything but control characters; [`answer`](Self::answer)
    /// refuses those in the user name, which goes into the header field.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        let cnonces = Cnonces::System(SystemRandom::new());
        Digest::build(username.into(), password.into(), cnonces)
    }

    /// Like [`new`](Self::new), with a source of client nonces in place of the operating system's randomness. This is for
    /// tests that compare exact bytes: a client nonce that can be guessed helps an attacker (RFC 7616 section 5.10).
    pub fn with_cnonces(
        username: impl Into<String>,
        password: impl Into<String>,
        cnonces: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        let cnonces = Cnonces::Given(Box::new(cnonces));
        Digest::build(username.into(), password.into(), cnonces)
    }

    fn build(username: String, password: String, cnonces: Cnonces) -> Self {
        let account = Account { username, password: Zeroizing::new(password) };
        Digest { shared: Arc::new(Shared { account, cnonces, spaces: Mutex::new(Vec::new()) }) }
    }

    /// The value of `Authorization` for a request that was not challenged yet, where this origin has challenged an
    /// earlier one and the `domain` of its challenge covers this one (RFC 7616 section 3.3). `None`: send it without,
    /// and the server will ask.
    pub fn authorization(&self, target: Target<'_>) -> Option<String> {
        let (session, count) = self.next_use(target)?;
        session.credentials(target, count, || self.shared.cnonces.next()).ok()
    }

    /// Answers a 401 (or 407): takes the values of its `WWW-Authenticate` (or `Proxy-Authenticate`) fields, the request
    /// that it answers, and the `Authorization` value `sent` with that request, if any. Returns the value to send the
    /// same request with once more.
    ///
    /// Of several Digest challenges, the one with the strongest algorithm counts; among equals the first.
    ///
    /// `Ok(None)`: there is nothing to answer. Either nobody asks for Digest, or these very credentials were refused:
    /// they were made for this challenge's realm, and the server neither calls the nonce stale nor had the nonce been
    /// used with success before. After a refusal, nothing is sent ahead of time until the next challenge.
    ///
    /// A server can go on calling nonces stale for ever, so the caller counts: two answers to one request are enough.
    ///
    /// # Errors
    /// When Digest is asked for in a way that cannot be answered: a missing realm or nonce, an unknown algorithm or
    /// `qop`, `auth-int` without the body at hand, a quoted string that is not closed, a challenge beyond the limits; or
    /// when the user name has a control character, or there is no randomness. Do not send the request again then.
    pub fn answer<'v>(
        &self,
        challenges: impl IntoIterator<Item = &'v str>,
        target: Target<'_>,
        sent: Option<&str>,
    ) -> Result<Option<String>, Error> {
        self.answer_parsed(&challenge::parse(challenges)?, target, sent)
    }

    /// Takes in the `Authentication-Info` (or `Proxy-Authentication-Info`) of a response to a request that carried the
    /// credentials `sent`. Its `nextnonce` is used from then on, with a nonce count that starts anew (RFC 7616
    /// section 3.5). What cannot be understood is passed over: the old nonce goes on.
    pub fn learn(&self, authentication_info: &str, origin: Origin<'_>, sent: &str) {
        let Ok(params) = challenge::parse_params(authentication_info) else {
            return;
        };
        let next = params.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("nextnonce"));
        let Some((_, Some(nonce))) = next else {
            return;
        };
        if !offer::is_fit_nonce(&nonce) {
            return;
        }
        let Some(sent) = Sent::parse(sent) else {
            return;
        };
        let mut spaces = self.spaces();
        let current = spaces
            .iter_mut()
            .find(|space| space.is(&origin, sent.realm()) && Some(space.session.nonce()) == sent.nonce());
        if let Some(space) = current {
            space.session = Arc::new(space.session.with_nonce(nonce));
            space.uses = 0;
            space.ahead = true;
        }
    }

    pub(crate) fn answer_parsed(
        &self,
        challenges: &[Challenge],
        target: Target<'_>,
        sent: Option<&str>,
    ) -> Result<Option<String>, Error> {
        let Some(offer) = Offer::strongest(challenges, target.body.is_some()) else {
            return Ok(None);
        };
        let offer = offer?;
        let origin = target.origin;
        let cnonces = &self.shared.cnonces;
        let session = Session::new(&self.shared.account, offer, || cnonces.next())?;
        let mut spaces = self.spaces();
        let known = spaces.iter().position(|space| space.is(&origin, session.realm()));
        if let Some(sent) = sent.and_then(Sent::parse)
            && sent.is_for(&session)
            && !sent.may_be_stale(&session, known.and_then(|index| spaces.get(index)))
        {
            if let Some(space) = known.and_then(|index| spaces.get_mut(index)) {
                space.ahead = false;
            }
            return Ok(None);
        }

        // A server may offer the same nonce again; then its count goes on.
        let known = known.map(|index| spaces.remove(index));
        let used = known.map_or(0, |space| space.uses_of(session.nonce()));
        let count = used.saturating_add(1);
        let session = Arc::new(session);
        if spaces.len() == MAX_SPACES {
            spaces.remove(0);
        }
        spaces.push(Space { origin: origin.into(), session: Arc::clone(&session), uses: count, ahead: true });
        drop(spaces);
        session.credentials(target, count, || cnonces.next()).map(Some)
    }

    /// Takes the next nonce count of the protection space that the target is in, if it is in a known one: the one whose
    /// `domain` says so most precisely, then the one used last.
    fn next_use(&self, target: Target<'_>) -> Option<(Arc<Session>, u32)> {
        let mut spaces = self.spaces();
        let (_, index) = spaces
            .iter()
            .enumerate()
            .filter(|(_, space)| space.ahead && space.origin.is(&target.origin))
            .filter_map(|(index, space)| Some((space.session.covers(&target)?, index)))
            .max()?;
        let mut space = spaces.remove(index);
        // After four thousand million uses of one nonce, it is time for another: without a space, the server will ask.
        space.uses = space.uses.checked_add(1)?;
        let next = (Arc::clone(&space.session), space.uses);
        spaces.push(space);
        Some(next)
    }

    fn spaces(&self) -> MutexGuard<'_, Vec<Space>> {
        // No code panics while it holds the lock, and every state in between is a valid one.
        let lock = self.shared.spaces.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Equal when user name and password are, as in Requests; what was learned from servers does not count.
impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.shared.account, &other.shared.account);
        a.username == b.username && a.password == b.password
    }
}

impl Eq for Digest {}

/// Shows the user name only.
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digest")
            .field("username", &self.shared.account.username)
            .field("password", &"[redacted]")
            .finish_non_exhaustive()
    }
}

impl Cnonces {
    fn next(&self) -> Result<String, Error> {
        match self {
            Cnonces::System(random) => {
                let mut bytes = [0; CNONCE_BYTES];
                random.fill(&mut bytes).map_err(|_| Error::NoRandomness)?;
                Ok(hash::hex(&bytes))
            }
            Cnonces::Given(next) => Ok(next()),
        }
    }
}

impl Space {
    fn is(&self, origin: &Origin<'_>, realm: &str) -> bool {
        self.origin.is(origin) && self.session.realm() == realm
    }

    fn uses_of(&self, nonce: &str) -> u32 {
        if self.session.nonce() == nonce { self.uses } else { 0 }
    }
}

/// The Digest credentials that went with a request that was challenged all the same.
struct Sent(Challenge);

impl Sent {
    fn parse(authorization: &str) -> Option<Sent> {
        let credentials = challenge::parse([authorization]).ok()?.into_iter().next()?;
        credentials.is("Digest").then_some(Sent(credentials))
    }

    fn realm(&self) -> &str {
        self.0.get("realm").unwrap_or_default()
    }

    fn nonce(&self) -> Option<&str> {
        self.0.get("nonce")
    }

    /// Whether they were of the same user and for the same realm that the new challenge is for.
    fn is_for(&self, session: &Session) -> bool {
        let (name, value) = session.username_param();
        self.realm() == session.realm() && self.0.get(name) == Some(value)
    }

    /// Whether the nonce may have been the reason of the refusal, not the user name or the password. The new challenge
    /// must bring another nonce. And either it says that the old one is stale, or the old one had been used before, so
    /// that the credentials had been accepted with it: many servers forget to say `stale`.
    fn may_be_stale(&self, session: &Session, known: Option<&Space>) -> bool {
        if self.nonce() == Some(session.nonce()) {
            return false;
        }
        if session.is_stale() {
            return true;
        }
        if let Some(count) = self.0.get("nc") {
            return u32::from_str_radix(count, 16).is_ok_and(|count| count > 1);
        }
        match known {
            Some(space) if self.nonce() == Some(space.session.nonce()) => space.uses > 1,
            // Another request has brought a new nonce in the meantime.
            Some(_) => true,
            None => false,
        }
    }
}

#[cfg(test)]
mod tests;
