//! The value of a `Cookie` header: the jar's cookies with the request's own laid over them.

use crate::Cookie;

/// Bytes that a pair takes beside its name and value: `=` and `; `.
const PUNCTUATION: usize = 3;

/// One `name=value` of a header.
struct Pair<'a> {
    name: &'a str,
    value: &'a str,
    /// For the host alone and path `/`, as the request's own cookies are.
    at_root: bool,
    /// The request brought it, so that no limit of the jar leaves it out.
    own: bool,
}

impl Pair<'_> {
    fn bytes(&self) -> usize {
        self.name.len() + self.value.len() + PUNCTUATION
    }
}

/// `a=1; b=2` (RFC 6265bis section 5.8.3, step 4) of what the jar keeps for a host, in that order, and of
/// what the request brings (CK-2). The jar's cookies end where the header would exceed `limit`.
pub(crate) fn compose(kept: &[&Cookie], host: &str, own: &[(&str, &str)], limit: usize) -> Option<String> {
    let mut pairs = Vec::with_capacity(kept.len() + own.len());
    pairs.extend(kept.iter().map(|cookie| Pair {
        name: &cookie.name,
        value: &cookie.value,
        at_root: cookie.host_only && cookie.path == "/" && cookie.domain == host,
        own: false,
    }));
    for &(name, value) in own {
        let new = Pair { name, value, at_root: true, own: true };
        match pairs.iter_mut().find(|pair| pair.at_root && pair.name == name) {
            Some(pair) => *pair = new,
            None => pairs.push(new),
        }
    }
    leave_out_what_exceeds(&mut pairs, limit);
    write(&pairs)
}

fn leave_out_what_exceeds(pairs: &mut Vec<Pair<'_>>, limit: usize) {
    let own: usize = pairs.iter().filter(|pair| pair.own).map(Pair::bytes).sum();
    // The last pair is followed by no `; `.
    let mut room = (limit.saturating_add("; ".len())).saturating_sub(own);
    let mut is_full = false;
    pairs.retain(|pair| {
        if !pair.own && !is_full {
            is_full = pair.bytes() > room;
            room = room.saturating_sub(pair.bytes());
        }
        pair.own || !is_full
    });
}

fn write(pairs: &[Pair<'_>]) -> Option<String> {
    if pairs.is_empty() {
        return None;
    }
    let mut header = String::with_capacity(pairs.iter().map(Pair::bytes).sum());
    for pair in pairs {
        if !header.is_empty() {
            header.push_str("; ");
        }
        push_pair(&mut header, pair.name, pair.value);
    }
    Some(header)
}

/// A cookie without a name is sent as its value alone.
pub(crate) fn push_pair(header: &mut String, name: &str, value: &str) {
    if !name.is_empty() {
        header.push_str(name);
        header.push('=');
    }
    header.push_str(value);
}
