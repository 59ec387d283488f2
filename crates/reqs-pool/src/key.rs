//! What makes two requests share a connection: everything that the connection was made from.

use std::sync::Arc;

use crate::dial::Target;
use crate::error::Peer;
use crate::route::{ProxyKind, Route};

/// The key of a connection. Owned by the connection; lookups compare it with a [`Target`] and allocate nothing.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    place: Place,
    route: Route,
}

/// Where a connection leads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// To one origin, directly or through a tunnel.
    Origin { https: bool, host: Box<str>, port: u16 },
    /// To an HTTP proxy that is told with each request where it goes: one pool for all plain `http` origins (PRX-12).
    Forward,
}

impl Key {
    pub(crate) fn of(target: &Target<'_>) -> Arc<Key> {
        let place = if forwards(target) {
            Place::Forward
        } else {
            Place::Origin { https: target.https, host: target.host.into(), port: target.port }
        };
        Arc::new(Key { place, route: target.route.clone() })
    }

    /// Whether a connection with this key may serve `target`.
    pub(crate) fn serves(&self, target: &Target<'_>) -> bool {
        // Destructured without `..`: a new field must be compared before this compiles (CVE-2024-35195).
        // The timeouts are no part of a connection.
        let Target { https, host, port, route, timeouts: _ } = target;
        let Key { place, route: own } = self;
        let same_place = match place {
            Place::Forward => forwards(target),
            Place::Origin { https: own_https, host: own_host, port: own_port } => {
                own_port == port && own_https == https && **own_host == **host && !forwards(target)
            }
        };
        same_place && own == *route
    }

    pub(crate) fn same(&self, other: &Key) -> bool {
        self.place == other.place && self.route == other.route
    }

    /// Whom errors name: the origin, or the proxy that stands for many.
    pub(crate) fn peer(&self) -> Peer<'_> {
        match (&self.place, &self.route.proxy) {
            (Place::Origin { host, port, .. }, _) => Peer { host, port: *port },
            (Place::Forward, Some(proxy)) => Peer { host: &proxy.host, port: proxy.port },
            (Place::Forward, None) => Peer { host: "the proxy", port: 0 },
        }
    }
}

/// Whether requests for `target` are sent to an HTTP proxy in absolute-form, with no tunnel.
pub(crate) fn forwards(target: &Target<'_>) -> bool {
    let http_proxy = |kind| matches!(kind, ProxyKind::Http | ProxyKind::Https);
    !target.https && target.route.proxy.as_ref().is_some_and(|proxy| http_proxy(proxy.kind))
}

/// A number by which connections are found fast. Equal keys have equal numbers; the rest is left to [`Key::serves`].
pub(crate) fn hash(target: &Target<'_>) -> u64 {
    // FNV-1a: short inputs, no state to set up. An attacker who makes hosts collide makes one list of at most
    // `max_idle` entries.
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let step = |hash: u64, word: u64| (hash ^ word).wrapping_mul(PRIME);
    // Eight bytes at a time.
    let text = |start: u64, text: &str| {
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        let start = words.iter().fold(start, |hash, word| step(hash, u64::from_ne_bytes(*word)));
        rest.iter().fold(start, |hash, byte| step(hash, u64::from(*byte)))
    };
    if forwards(target) {
        return target.route.proxy.as_ref().map_or(OFFSET, |proxy| text(OFFSET, &proxy.host));
    }
    let start = step(OFFSET, u64::from(target.port) << 1 | u64::from(target.https));
    text(start, target.host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Timeouts;
    use crate::route::Proxy;
    use crate::tls::{TlsSettings, Verify};

    fn target<'a>(https: bool, host: &'a str, port: u16, route: &'a Route) -> Target<'a> {
        const NONE: &Timeouts =
            &Timeouts { connect: None, read: None, write: None, deadline: None, total: None };
        Target { https, host, port, route, timeouts: NONE }
    }

    #[test]
    fn a_key_serves_its_own_target_and_no_other() {
        let direct = Route::default();
        let unverified = TlsSettings { verify: Verify::Off, ..TlsSettings::default() };
        let unverified = Route { tls: Arc::new(unverified), ..Route::default() };
        let key = Key::of(&target(true, "a.test", 443, &direct));
        assert!(key.serves(&target(true, "a.test", 443, &Route::default())));
        for other in [
            target(false, "a.test", 443, &direct),
            target(true, "b.test", 443, &direct),
            target(true, "a.test", 444, &direct),
            // SEC-06: CVE-2024-35195.
            target(true, "a.test", 443, &unverified),
        ] {
            assert!(!key.serves(&other), "{other:?}");
        }
    }

    #[test]
    fn prx_12_plain_origins_share_their_proxy_and_tunnels_do_not() {
        let proxied = |kind| Route { proxy: Some(Arc::new(Proxy::new(kind, "p", 1))), ..Route::default() };
        let http = proxied(ProxyKind::Http);
        let key = Key::of(&target(false, "a.test", 80, &http));
        let other = target(false, "b.test", 81, &http);
        assert!(key.serves(&other));
        assert_eq!(hash(&other), hash(&target(false, "a.test", 80, &http)));
        assert!(!key.serves(&target(true, "a.test", 80, &http)));
        assert!(!Key::of(&target(true, "a.test", 443, &http)).serves(&target(true, "b.test", 443, &http)));
        let socks = proxied(ProxyKind::Socks5h);
        assert!(!Key::of(&target(false, "a.test", 80, &socks)).serves(&target(false, "b.test", 80, &socks)));
    }
}
