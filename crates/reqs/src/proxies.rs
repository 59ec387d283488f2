//! Which proxy serves a URL: the table of proxies, the choice from it, and the hosts that bypass it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// Proxies by what they serve. (Requests: `proxies=`.)
///
/// A key is `scheme://host` for one host, a scheme for all hosts of it, `all://host` or `all` for every scheme; the
/// more exact wins in that order (PRX-1). The value is the proxy's URL: `http`, `https`, `socks4`, `socks4a`,
/// `socks5` (names are resolved here) or `socks5h` (names are resolved by the proxy), with user and password where
/// it asks for them. The key `no_proxy` lists hosts that are reached directly.
///
/// A request's table is asked first, then the session's, then the environment's: what one of them has for the URL stands,
/// however exact the next would be. Of their lists of hosts the nearest counts, for its own table and those after it
/// (PRX-2, PRX-6).
///
/// ```
/// # use reqs::Proxies;
/// let mut proxies = Proxies::from([("https", "http://10.10.1.10:1080")]);
/// proxies.insert("http://intranet", "socks5h://user:pass@10.10.1.11:1080");
/// proxies.insert("no_proxy", "localhost, .example.com, 10.0.0.0/8");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Proxies {
    own: Vec<(String, Option<String>)>,
    /// What is asked where these have nothing to say: those of the session, of the environment.
    next: Option<Box<Proxies>>,
}

impl Proxies {
    /// No proxies said here: the environment's are used, where it may be trusted.
    pub fn new() -> Proxies {
        Proxies::default()
    }

    /// Sets the proxy for this key. An empty URL says that there is to be none, whatever the environment says.
    pub fn insert(&mut self, key: impl Into<String>, url: impl Into<String>) {
        self.set(key.into(), Some(url.into()).filter(|url| !url.is_empty()));
    }

    /// Says that there is to be no proxy for this key, whatever the environment says.
    pub fn disable(&mut self, key: impl Into<String>) {
        self.set(key.into(), None);
    }

    /// The proxy's URL for exactly this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.tables().find_map(|table| table.entry(key)).flatten()
    }

    /// Whether nothing is said here.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.next.as_ref().is_none_or(|next| next.is_empty())
    }

    /// The proxy for this URL, if any (PRX-1, PRX-2, PRX-4 to PRX-6).
    pub fn select(&self, url: &Url) -> Option<&str> {
        if self.is_empty() {
            return None;
        }
        let mut no_proxy = None;
        for table in self.tables() {
            no_proxy = no_proxy.or_else(|| table.entry(NO_PROXY));
            if no_proxy.flatten().is_some_and(|list| bypasses(url, list)) {
                return None;
            }
            if let Some(said) = table.choose(url) {
                return said;
            }
        }
        None
    }

    /// What this table alone says: nothing, a proxy, or that there is to be none.
    fn choose(&self, url: &Url) -> Option<Option<&str>> {
        let for_host = |scheme: &str| {
            let host = url.host_str()?;
            let names_host = |key: &str| {
                key.split_once("://").is_some_and(|(s, h)| s == scheme && h.eq_ignore_ascii_case(host))
            };
            self.own.iter().find(|(key, _)| names_host(key)).map(|(_, url)| url.as_deref())
        };
        [url.scheme(), "all"].into_iter().find_map(|scheme| for_host(scheme).or_else(|| self.entry(scheme)))
    }

    /// These, and `base` where they have nothing to say.
    #[must_use]
    pub(crate) fn over(mut self, base: &Proxies) -> Proxies {
        if base.is_empty() {
            return self;
        }
        if self.own.is_empty() && self.next.is_none() {
            return base.clone();
        }
        self.next = Some(Box::new(match self.next {
            None => base.clone(),
            Some(next) => next.over(base),
        }));
        self
    }

    /// These key by key in place of what was said before at the same level.
    pub(crate) fn replace(&mut self, newer: Proxies) {
        newer.own.into_iter().for_each(|(key, url)| self.set(key, url));
    }

    /// This table, and those that are asked after it.
    fn tables(&self) -> impl Iterator<Item = &Proxies> {
        std::iter::successors(Some(self), |table| table.next.as_deref())
    }

    fn set(&mut self, key: String, url: Option<String>) {
        self.own.retain(|(k, _)| *k != key);
        self.own.push((key, url));
    }

    fn entry(&self, key: &str) -> Option<Option<&str>> {
        self.own.iter().find(|(k, _)| k == key).map(|(_, url)| url.as_deref())
    }
}

/// The key of the list of hosts that are reached directly.
const NO_PROXY: &str = "no_proxy";

/// Shows the keys; proxies' URLs hold passwords.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |url: &Option<String>| match url {
            None => "none".to_owned(),
            Some(url) => match url.rfind('@') {
                Some(at) => format!("…{}", &url[at..]),
                None => url.clone(),
            },
        };
        let all = self.tables().flat_map(|table| &table.own);
        f.debug_map().entries(all.map(|(key, url)| (key, shown(url)))).finish()
    }
}

impl<K: Into<String>, U: Into<String>, const N: usize> From<[(K, U); N]> for Proxies {
    fn from(pairs: [(K, U); N]) -> Proxies {
        pairs.into_iter().collect()
    }
}

impl<K: Into<String>, U: Into<String>> From<Vec<(K, U)>> for Proxies {
    fn from(pairs: Vec<(K, U)>) -> Proxies {
        pairs.into_iter().collect()
    }
}

/// In the order of the keys.
impl<K: Into<String>, U: Into<String>> From<BTreeMap<K, U>> for Proxies {
    fn from(map: BTreeMap<K, U>) -> Proxies {
        map.into_iter().collect()
    }
}

/// In no particular order; none matters here.
impl<K: Into<String>, U: Into<String>, S> From<HashMap<K, U, S>> for Proxies {
    fn from(map: HashMap<K, U, S>) -> Proxies {
        map.into_iter().collect()
    }
}

/// Sets pairs, each in place of what its key had.
impl<K: Into<String>, U: Into<String>> Extend<(K, U)> for Proxies {
    fn extend<I: IntoIterator<Item = (K, U)>>(&mut self, pairs: I) {
        pairs.into_iter().for_each(|(key, url)| self.insert(key, url));
    }
}

impl<K: Into<String>, U: Into<String>> FromIterator<(K, U)> for Proxies {
    fn from_iter<I: IntoIterator<Item = (K, U)>>(pairs: I) -> Proxies {
        let mut proxies = Proxies::default();
        proxies.extend(pairs);
        proxies
    }
}

/// Whether `no_proxy`, a list separated by commas, names the URL's host: exactly, as a parent domain (with or
/// without leading dots), with its port, as a CIDR block of IPv4 or IPv6, or by `*` for every host (PRX-4, PRX-5).
pub(crate) fn bypasses(url: &Url, no_proxy: &str) -> bool {
    let Some(host) = url.host() else { return true };
    let address = match &host {
        Host::Ipv4(ip) => Some(IpAddr::V4(*ip)),
        Host::Ipv6(ip) => Some(IpAddr::V6(*ip)),
        Host::Domain(_) => None,
    };
    let entries = no_proxy.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    if no_proxy.trim() == "*" {
        return true;
    }
    entries.into_iter().any(|entry| match address {
        Some(address) => names_address(entry, address, url.port()),
        None => names_domain(entry, url.host_str().unwrap_or_default(), url.port()),
    })
}

fn names_domain(entry: &str, host: &str, port: Option<u16>) -> bool {
    let (entry, entry_port) = match entry.rsplit_once(':') {
        Some((name, number)) => match number.parse::<u16>() {
            Ok(number) => (name, Some(number)),
            Err(_) => return false,
        },
        None => (entry, None),
    };
    if entry_port.is_some() && entry_port != port {
        return false;
    }
    let suffix = entry.trim_start_matches('.');
    let Some(at) = host.len().checked_sub(suffix.len()).filter(|_| !suffix.is_empty()) else { return false };
    let Some(tail) = host.get(at..) else { return false };
    tail.eq_ignore_ascii_case(suffix) && (at == 0 || host.as_bytes()[at - 1] == b'.')
}

fn names_address(entry: &str, address: IpAddr, port: Option<u16>) -> bool {
    if let Some((network, bits)) = entry.split_once('/') {
        let network = network.trim_start_matches('[').trim_end_matches(']');
        return match (network.parse(), bits.parse()) {
            (Ok(network), Ok(bits)) => in_network(address, network, bits),
            _ => false,
        };
    }
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return ip == address;
    }
    entry
        .parse::<std::net::SocketAddr>()
        .is_ok_and(|entry| entry.ip() == address && Some(entry.port()) == port)
}

fn in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) if (1..=32).contains(&bits) => {
            (u32::from(address) ^ u32::from(network)) >> (32 - bits) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) if (1..=128).contains(&bits) => {
            (u128::from(address) ^ u128::from(network)) >> (128 - bits) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
