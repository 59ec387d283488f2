//! What a Digest challenge asks for, checked: every [`Offer`] can be answered.

use super::hash::Algorithm;
use crate::challenge::Challenge;
use crate::error::Error;

/// How long a realm, nonce, opaque or domain may be. Real ones have a hundred bytes; they are kept, and all but the
/// domain are sent back with every request, so that a server must not make them as long as it likes.
const MAX_PARAM_BYTES: usize = 4096;

/// A Digest challenge that can be answered.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) realm: String,
    pub(super) nonce: String,
    pub(super) opaque: Option<String>,
    pub(super) algorithm: Algorithm,
    /// The algorithm's name as the server spells it; `None` where it does not say.
    pub(super) algorithm_name: Option<String>,
    pub(super) qop: Option<Qop>,
    pub(super) userhash: bool,
    /// Whether the server shows that it knows RFC 7616, and with it `username*`.
    pub(super) is_rfc_7616: bool,
    pub(super) stale: bool,
    pub(super) domain: Option<String>,
}

/// The quality of protection that the answer will have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qop {
    Auth,
    AuthInt,
}

impl Qop {
    pub(super) fn name(self) -> &'static str {
        match self {
            Qop::Auth => "auth",
            Qop::AuthInt => "auth-int",
        }
    }
}

impl Offer {
    /// Of the Digest challenges that can be answered, the one with the strongest hash; among equals one with `qop`
    /// before one without, and then the server's order. When none can be answered, the first one's error. `None` when
    /// there is no Digest challenge.
    pub(super) fn strongest(challenges: &[Challenge], body_at_hand: bool) -> Option<Result<Offer, Error>> {
        let mut best: Option<Result<Offer, Error>> = None;
        for challenge in challenges.iter().filter(|c| c.is("Digest")) {
            let offer = Offer::check(challenge, body_at_hand);
            let is_better = match (&best, &offer) {
                (None, _) | (Some(Err(_)), Ok(_)) => true,
                (Some(Ok(best)), Ok(offer)) => offer.strength() > best.strength(),
                (Some(_), Err(_)) => false,
            };
            if is_better {
                best = Some(offer);
            }
        }
        best
    }

    fn strength(&self) -> impl Ord {
        (self.algorithm.hash, self.qop.is_some())
    }

    fn check(challenge: &Challenge, body_at_hand: bool) -> Result<Offer, Error> {
        if challenge.unclosed {
            let scheme = challenge.scheme.clone();
            return Err(Error::UnclosedQuote { scheme });
        }
        let realm = param(challenge, "realm")?.ok_or(Error::MissingParam { name: "realm" })?;
        let nonce = param(challenge, "nonce")?.ok_or(Error::MissingParam { name: "nonce" })?;
        let algorithm_name = challenge.get("algorithm").map(str::to_owned);
        let algorithm = match &algorithm_name {
            None => Algorithm::DEFAULT,
            Some(name) => Algorithm::from_name(name)
                .ok_or_else(|| Error::UnknownAlgorithm { algorithm: name.clone() })?,
        };
        let qop = choose_qop(challenge.get("qop").unwrap_or_default(), body_at_hand)?;
        if algorithm.session && qop.is_none() {
            return Err(Error::SessionWithoutQop);
        }
        let says = |name, value| {
            let param = challenge.get(name);
            param.is_some_and(|param| param.eq_ignore_ascii_case(value))
        };
        Ok(Offer {
            realm,
            nonce,
            opaque: param(challenge, "opaque")?,
            algorithm,
            algorithm_name,
            qop,
            userhash: says("userhash", "true"),
            is_rfc_7616: says("charset", "utf-8") || challenge.get("userhash").is_some(),
            stale: says("stale", "true"),
            domain: param(challenge, "domain")?,
        })
    }
}

/// Whether a nonce from outside of a challenge may be used.
pub(super) fn is_fit_nonce(nonce: &str) -> bool {
    !nonce.is_empty() && nonce.len() <= MAX_PARAM_BYTES && !nonce.bytes().any(|byte| byte.is_ascii_control())
}

/// A parameter that is kept and sent back.
fn param(challenge: &Challenge, name: &'static str) -> Result<Option<String>, Error> {
    let Some(value) = challenge.get(name) else {
        return Ok(None);
    };
    if value.len() > MAX_PARAM_BYTES {
        let limit = MAX_PARAM_BYTES;
        return Err(Error::ParamTooLong { name, limit });
    }
    if let Some(at) = value.bytes().position(|b| b.is_ascii_control() && b != b'\t') {
        let part = format!("the Digest challenge's {name}");
        return Err(Error::ControlCharacter { part, at });
    }
    Ok(Some(value.to_owned()))
}

/// Chooses from a `qop` list. `auth` comes before `auth-int`, since it always can be answered; an empty list is none, as
/// in RFC 2069.
fn choose_qop(list: &str, body_at_hand: bool) -> Result<Option<Qop>, Error> {
    let offers = |qop: Qop| {
        let mut items = list.split(',');
        items.any(|item| item.trim().eq_ignore_ascii_case(qop.name()))
    };
    if offers(Qop::Auth) {
        return Ok(Some(Qop::Auth));
    }
    if offers(Qop::AuthInt) {
        return match body_at_hand {
            true => Ok(Some(Qop::AuthInt)),
            false => Err(Error::BodyNotAtHand),
        };
    }
    if list.split(',').all(|item| item.trim().is_empty()) {
        return Ok(None);
    }
    Err(Error::UnknownQop { qop: list.to_owned() })
}
