//! Where a cookie may go: hosts, domain-match, path-match, secure connections. Pure functions over text.

use url::{Host, Url};

/// The host of a URL as the jar knows it: in lower case, IDNs as `xn--`, IPv6 in brackets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestHost<'a> {
    pub(crate) name: &'a str,
    pub(crate) is_ip: bool,
}

impl<'a> RequestHost<'a> {
    pub(crate) fn of(url: &'a Url) -> Option<Self> {
        let name = url.host_str().filter(|name| !name.is_empty())?;
        let is_ip = is_ip(name);
        Some(Self { name, is_ip })
    }

    /// The host, then each domain above it, down to a single label. A host longer than names can be has none above it:
    /// no server answers under it, and asking for each of its thousands of labels would take seconds.
    pub(crate) fn and_parents(self) -> impl Iterator<Item = &'a str> {
        let has_parents = !self.is_ip && self.name.len() <= LONGEST_NAME;
        std::iter::successors(Some(self.name), move |domain| {
            let (_, parent) = domain.split_once('.')?;
            (has_parents && !parent.is_empty()).then_some(parent)
        })
    }
}

/// The bytes of the longest name of the DNS as text, with its final dot (RFC 1035 section 3.1).
const LONGEST_NAME: usize = 254;

/// Whether a canonical host is an address rather than a name: addresses have no parents.
///
/// The URL standard reads every host that ends in a number as an IPv4 address or refuses it.
pub(crate) fn is_ip(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    host.starts_with('[') || (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()))
}

/// The canonical form of a domain that a user wrote: lower case, IDNs as `xn--`, addresses as the URL
/// standard writes them. `None` when it is no host.
pub(crate) fn canonical_domain(domain: &str) -> Option<String> {
    let host = if domain.contains(':') && !domain.starts_with('[') {
        Host::parse(&format!("[{domain}]"))
    } else {
        Host::parse(domain)
    };
    let host = host.ok()?.to_string();
    // A final dot is part of a name: `example.com.` is another host than `example.com`.
    let labels = host.strip_suffix('.').unwrap_or(&host);
    let labels_are_whole = labels.split('.').all(|label| !label.is_empty());
    labels_are_whole.then_some(host)
}

/// RFC 6265bis section 5.1.3: the same host, or `domain` behind a label boundary of a host that is no address.
pub(crate) fn domain_match(host: &str, domain: &str) -> bool {
    host == domain || (host.strip_suffix(domain).is_some_and(|labels| labels.ends_with('.')) && !is_ip(host))
}

/// RFC 6265bis section 5.1.4: the directory of the request's path.
pub(crate) fn default_path(url: &Url) -> &str {
    match url.path().rsplit_once('/') {
        Some((directory, _)) if directory.starts_with('/') => directory,
        _ => "/",
    }
}

/// RFC 6265bis section 5.1.4: the same path, or `cookie_path` is a directory above it.
pub(crate) fn path_match(request_path: &str, cookie_path: &str) -> bool {
    request_path
        .strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

/// Whether `Secure` cookies may travel: over TLS only. `http://localhost` is not TLS, and Requests does
/// not send them there either.
pub(crate) fn is_secure(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "wss")
}

#[cfg(test)]
mod tests;
