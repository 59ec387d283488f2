//! Cookies by domain: replacement, expiry, eviction, retrieval. Every step takes the time as a value; the
//! lock around it is the jar's.
//!
//! A request looks at the domains above its host only, so what it costs does not grow with what other
//! hosts have stored. Cookies without a domain yet wait under the empty one.

use std::{cell::Cell, cmp::Reverse, collections::HashMap, time::SystemTime};

use url::Url;

use crate::{
    Cookie, InvalidCookie, Limits,
    scope::{RequestHost, domain_match, is_secure},
};

/// Where cookies wait that are bound to the host of the next request.
const UNBOUND: &str = "";

#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    domains: HashMap<String, Vec<Entry>>,
    /// Some cookies may wait for a host. No is certain, and saves every request a look.
    may_wait: bool,
    len: usize,
    /// Counts what was ever stored: ties of the clock do not blur the order of sending.
    births: u64,
    /// Counts what was ever stored or sent, for the same reason.
    touches: u64,
    /// No cookie expires before this.
    next_expiry: Option<SystemTime>,
}

#[derive(Clone, Debug)]
struct Entry {
    cookie: Cookie,
    birth: u64,
    /// Sending marks what it sends while several domains are borrowed at once.
    used: Cell<Use>,
}

#[derive(Clone, Copy, Debug)]
struct Use {
    touch: u64,
    at: SystemTime,
}

impl Entry {
    fn to_cookie(&self) -> Cookie {
        Cookie { last_access: self.used.get().at, ..self.cookie.clone() }
    }
}

impl Index {
    /// Keeps a cookie that a server sent, unless a `Secure` one would be overlaid by it.
    pub(crate) fn receive(
        &mut self,
        cookie: Cookie,
        url: &Url,
        now: SystemTime,
        limits: &Limits,
    ) -> Result<(), InvalidCookie> {
        if !cookie.secure && !is_secure(url) && self.would_overlay_secure(&cookie) {
            return Err(InvalidCookie::SecureCookieExists);
        }
        self.put(cookie, now, limits);
        Ok(())
    }

    /// Puts a cookie in the place of the one with its identity, which hands on its age; an expired cookie
    /// leaves that place empty.
    pub(crate) fn put(&mut self, mut cookie: Cookie, now: SystemTime, limits: &Limits) {
        self.drop_expired(now);
        if cookie.is_expired(now) {
            self.remove(&cookie);
            return;
        }
        if limits.per_domain == 0 || limits.total == 0 {
            return;
        }
        self.next_expiry = earlier(self.next_expiry, cookie.expires);
        self.may_wait |= cookie.domain == UNBOUND;
        self.touches += 1;
        let used = Cell::new(Use { touch: self.touches, at: cookie.last_access });
        let shelf = match self.domains.get_mut(&cookie.domain) {
            Some(shelf) => shelf,
            None => self.domains.entry(cookie.domain.clone()).or_default(),
        };
        if let Some(old) = shelf.iter_mut().find(|old| old.cookie.same_identity(&cookie)) {
            cookie.created = old.cookie.created;
            *old = Entry { cookie, birth: old.birth, used };
            return;
        }
        self.births += 1;
        shelf.push(Entry { cookie, birth: self.births, used });
        self.len += 1;
        if shelf.len() > limits.per_domain
            && let Some(victim) = least_wanted(shelf)
        {
            shelf.swap_remove(victim);
            self.len -= 1;
        }
        while self.len > limits.total && self.evict_oldest() {}
    }

    /// Removes the cookie with this one's identity.
    fn remove(&mut self, cookie: &Cookie) {
        let Some(shelf) = self.domains.get_mut(&cookie.domain) else { return };
        let had = shelf.len();
        shelf.retain(|kept| !kept.cookie.same_identity(cookie));
        self.len -= had - shelf.len();
        if shelf.is_empty() {
            self.domains.remove(&cookie.domain);
        }
    }

    /// Removes what `condemned` says, and tells how many that were.
    pub(crate) fn remove_where(&mut self, condemned: impl Fn(&Cookie) -> bool) -> usize {
        let before = self.len;
        self.domains.retain(|_, shelf| {
            let had = shelf.len();
            shelf.retain(|entry| !condemned(&entry.cookie));
            self.len -= had - shelf.len();
            !shelf.is_empty()
        });
        before - self.len
    }

    /// Removes what has expired; cheap while nothing can have.
    pub(crate) fn drop_expired(&mut self, now: SystemTime) -> usize {
        if self.next_expiry.is_none_or(|next| next > now) {
            return 0;
        }
        let removed = self.remove_where(|cookie| cookie.is_expired(now));
        let left = self.domains.values().flatten().filter_map(|entry| entry.cookie.expires);
        self.next_expiry = left.min();
        removed
    }

    /// Brings an index into bounds that were narrowed.
    pub(crate) fn shrink_to(&mut self, limits: &Limits) {
        for shelf in self.domains.values_mut() {
            while shelf.len() > limits.per_domain
                && let Some(victim) = least_wanted(shelf)
            {
                shelf.swap_remove(victim);
                self.len -= 1;
            }
        }
        self.domains.retain(|_, shelf| !shelf.is_empty());
        while self.len > limits.total && self.evict_oldest() {}
    }

    /// Gives the cookies without a domain to the host of this request (CK-1).
    pub(crate) fn bind(&mut self, host: RequestHost<'_>, now: SystemTime, limits: &Limits) {
        if !std::mem::take(&mut self.may_wait) {
            return;
        }
        let Some(mut waiting) = self.domains.remove(UNBOUND) else {
            return;
        };
        self.len -= waiting.len();
        waiting.sort_by_key(|entry| entry.birth);
        for Entry { mut cookie, .. } in waiting {
            host.name.clone_into(&mut cookie.domain);
            self.put(cookie, now, limits);
        }
    }

    /// The cookies for a request in the order of sending: longer paths first, then older cookies
    /// (RFC 6265bis section 5.8.3). Marks them as used.
    pub(crate) fn matching(&mut self, host: RequestHost<'_>, url: &Url, now: SystemTime) -> Vec<&Cookie> {
        self.touches += 1;
        let used = Use { touch: self.touches, at: now };
        let (path, secure) = (url.path(), is_secure(url));
        let mut found: Vec<&Entry> = Vec::new();
        for domain in host.and_parents() {
            let reaches_host = |cookie: &Cookie| !cookie.host_only || domain == host.name;
            let shelf = self.domains.get(domain).map(Vec::as_slice).unwrap_or_default();
            found.extend(shelf.iter().filter(|entry| {
                reaches_host(&entry.cookie) && entry.cookie.matches_beside_host(path, secure)
            }));
        }
        found.sort_by_key(|entry| (Reverse(entry.cookie.path.len()), entry.birth));
        found.iter().for_each(|entry| entry.used.set(used));
        found.into_iter().map(|entry| &entry.cookie).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Every cookie that `wanted` says, the oldest first.
    pub(crate) fn cookies_where(&self, wanted: impl Fn(&Cookie) -> bool) -> Vec<Cookie> {
        self.sorted(wanted).into_iter().map(Entry::to_cookie).collect()
    }

    /// What `read` makes of every cookie, the oldest first.
    pub(crate) fn map<T>(&self, read: impl Fn(&Cookie) -> T) -> Vec<T> {
        self.sorted(|_| true).into_iter().map(|entry| read(&entry.cookie)).collect()
    }

    /// Whether there is a cookie with this one's identity.
    pub(crate) fn has(&self, cookie: &Cookie) -> bool {
        let shelf = self.domains.get(&cookie.domain).map(Vec::as_slice).unwrap_or_default();
        shelf.iter().any(|kept| kept.cookie.same_identity(cookie))
    }

    pub(crate) fn any(&self, wanted: impl Fn(&Cookie) -> bool) -> bool {
        self.domains.values().flatten().any(|entry| wanted(&entry.cookie))
    }

    fn sorted(&self, wanted: impl Fn(&Cookie) -> bool) -> Vec<&Entry> {
        let all = self.domains.values().flatten();
        let mut entries: Vec<&Entry> = all.filter(|entry| wanted(&entry.cookie)).collect();
        entries.sort_unstable_by_key(|entry| entry.birth);
        entries
    }

    /// RFC 6265bis section 5.7, step 16: a `Secure` cookie of the same name that would meet this one.
    fn would_overlay_secure(&self, cookie: &Cookie) -> bool {
        let related =
            |domain: &str| domain_match(domain, &cookie.domain) || domain_match(&cookie.domain, domain);
        self.domains.iter().filter(|(domain, _)| related(domain)).any(|(_, shelf)| {
            shelf.iter().any(|Entry { cookie: kept, .. }| {
                kept.secure && kept.name == cookie.name && crate::scope::path_match(&cookie.path, &kept.path)
            })
        })
    }

    /// Removes the least recently used cookie of all.
    fn evict_oldest(&mut self) -> bool {
        let oldest = self
            .domains
            .iter()
            .flat_map(|(domain, shelf)| {
                shelf.iter().enumerate().map(move |(at, entry)| (entry.used.get().touch, domain, at))
            })
            .min_by_key(|(touch, ..)| *touch)
            .map(|(_, domain, at)| (domain.clone(), at));
        let Some((domain, at)) = oldest else {
            return false;
        };
        if let Some(shelf) = self.domains.get_mut(&domain) {
            shelf.swap_remove(at);
            self.len -= 1;
            if shelf.is_empty() {
                self.domains.remove(&domain);
            }
        }
        true
    }
}

/// RFC 6265bis section 5.7, eviction: those without `Secure` before the others, each the least recently used first.
fn least_wanted(shelf: &[Entry]) -> Option<usize> {
    shelf
        .iter()
        .enumerate()
        .min_by_key(|(_, entry)| (entry.cookie.secure, entry.used.get().touch))
        .map(|(at, _)| at)
}

fn earlier(a: Option<SystemTime>, b: Option<SystemTime>) -> Option<SystemTime> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
