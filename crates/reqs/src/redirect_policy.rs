//! Which redirects are followed, and what must not go along: a value that sessions and requests share.

use std::fmt;
use std::sync::Arc;

use reqs_proto::ResponseHead;
use url::Url;

use crate::error::Result;
use crate::prepared::PreparedRequest;
use crate::redirect::{is_downgrade, must_strip_auth};

/// Which redirects are followed. By default all of them that lead to `http` or `https`, up to
/// [`max_redirects`](crate::Session::max_redirects).
///
/// ```
/// use reqs::{RedirectPolicy, Session};
///
/// let mut session = Session::new();
/// session.redirects = RedirectPolicy::same_host().sensitive_header("X-Api-Key");
/// let careful = RedirectPolicy::new().when(|redirect| Ok(!redirect.to.url.path().contains("/logout")));
/// let request = session.get("http://example.com/").redirects(careful);
/// ```
///
/// A redirect that is not followed is the response; [`next_request`](crate::Response::next_request) has where it leads.
#[derive(Clone, Default)]
pub struct RedirectPolicy(
    /// Nothing for the default, which every request carries.
    Option<Arc<Rules>>,
);

#[derive(Clone, Default)]
struct Rules {
    scope: Scope,
    schemes: Vec<String>,
    sensitive: Vec<String>,
    when: Vec<When>,
    target: Option<Target>,
}

type When = Arc<dyn Fn(&Redirect<'_>) -> Result<bool> + Send + Sync>;
type Target = Arc<dyn Fn(&ResponseHead) -> Option<String> + Send + Sync>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Scope {
    #[default]
    Anywhere,
    NoDowngrade,
    SameHost,
    SameOrigin,
    Nowhere,
}

/// A redirect that a [`RedirectPolicy`] is asked about.
#[derive(Debug)]
#[non_exhaustive]
pub struct Redirect<'a> {
    /// The head of the response that redirects.
    pub head: &'a ResponseHead,
    /// The request that it answers.
    pub from: &'a PreparedRequest,
    /// The request that would be sent next.
    pub to: &'a PreparedRequest,
    /// How many redirects were followed before this one.
    pub hops: u32,
}

impl RedirectPolicy {
    /// The default.
    pub(crate) const ALL: RedirectPolicy = RedirectPolicy(None);

    /// Follows all.
    pub fn new() -> RedirectPolicy {
        RedirectPolicy::default()
    }

    /// Follows none. The same as [`allow_redirects(false)`](crate::Request::allow_redirects).
    pub fn nowhere() -> RedirectPolicy {
        RedirectPolicy::within(Scope::Nowhere)
    }

    /// Follows redirects to the same host, whatever the scheme and port.
    pub fn same_host() -> RedirectPolicy {
        RedirectPolicy::within(Scope::SameHost)
    }

    /// Follows redirects that keep host, port and scheme, or go from `http` to `https` on the default ports: those that
    /// keep Authorization.
    pub fn same_origin() -> RedirectPolicy {
        RedirectPolicy::within(Scope::SameOrigin)
    }

    /// Follows all redirects but those from `https` to `http`.
    pub fn no_downgrade() -> RedirectPolicy {
        RedirectPolicy::within(Scope::NoDowngrade)
    }

    /// Asks the closure too: `true` follows, `false` lets the response stand, an error reaches the caller.
    #[must_use]
    pub fn when<F>(self, allow: F) -> RedirectPolicy
    where
        F: Fn(&Redirect<'_>) -> Result<bool> + Send + Sync + 'static,
    {
        self.with(|rules| rules.when.push(Arc::new(allow)))
    }

    /// Lets redirects lead to this scheme as well, for which an adapter must be mounted. `http` and `https` are always
    /// allowed, and nothing else by default, so that no server sends a client to its own files (SEC-71).
    #[must_use]
    pub fn allow_scheme(self, scheme: impl Into<String>) -> RedirectPolicy {
        let scheme = scheme.into().to_ascii_lowercase();
        self.with(|rules| rules.schemes.push(scheme))
    }

    /// Takes this header away when a redirect leaves the origin, as Authorization, Cookie, Proxy-Authorization and Host
    /// are. It is not given back when a later one returns; and it is not shown by Debug output, curl commands and dumps.
    #[must_use]
    pub fn sensitive_header(self, name: impl Into<String>) -> RedirectPolicy {
        let name = name.into();
        self.with(|rules| rules.sensitive.push(name))
    }

    /// Takes all these headers away when a redirect leaves the origin.
    #[must_use]
    pub fn sensitive_headers<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> RedirectPolicy {
        names.into_iter().fold(self, RedirectPolicy::sensitive_header)
    }

    /// Asks the closure where a response leads, in place of looking at status and Location. (Requests: overriding
    /// `get_redirect_target`.)
    #[must_use]
    pub fn target<F>(self, target: F) -> RedirectPolicy
    where
        F: Fn(&ResponseHead) -> Option<String> + Send + Sync + 'static,
    {
        self.with(|rules| rules.target = Some(Arc::new(target)))
    }

    fn within(scope: Scope) -> RedirectPolicy {
        RedirectPolicy::new().with(|rules| rules.scope = scope)
    }

    fn with(mut self, change: impl FnOnce(&mut Rules)) -> RedirectPolicy {
        change(Arc::make_mut(self.0.get_or_insert_default()));
        self
    }

    /// Where the response leads, by a closure of the user's; `None` where there is no such closure.
    pub(crate) fn own_target(&self, head: &ResponseHead) -> Option<Option<String>> {
        let target = self.0.as_ref()?.target.as_ref()?;
        Some(target(head))
    }

    pub(crate) fn allows_scheme(&self, scheme: &str) -> bool {
        let also = |rules: &Arc<Rules>| rules.schemes.iter().any(|allowed| allowed == scheme);
        matches!(scheme, "http" | "https") || self.0.as_ref().is_some_and(also)
    }

    pub(crate) fn sensitive(&self) -> &[String] {
        self.0.as_ref().map_or(&[], |rules| &rules.sensitive)
    }

    /// Whether the redirect is to be followed.
    pub(crate) fn allows(&self, redirect: &Redirect<'_>) -> Result<bool> {
        let Some(rules) = &self.0 else { return Ok(true) };
        if !rules.scope.covers(&redirect.from.url, &redirect.to.url) {
            return Ok(false);
        }
        for allow in &rules.when {
            if !allow(redirect)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Scope {
    fn covers(self, from: &Url, to: &Url) -> bool {
        match self {
            Scope::Anywhere => true,
            Scope::NoDowngrade => !is_downgrade(from, to),
            Scope::SameHost => from.host() == to.host(),
            Scope::SameOrigin => !must_strip_auth(from, to),
            Scope::Nowhere => false,
        }
    }
}

impl fmt::Debug for RedirectPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("RedirectPolicy");
        if let Some(rules) = &self.0 {
            let Rules { scope, schemes, sensitive, when, target } = &**rules;
            out.field("scope", scope).field("schemes", schemes).field("sensitive", sensitive);
            out.field("conditions", &when.len()).field("own target", &target.is_some());
        }
        out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_scope_covers() {
        let url = |text| Url::parse(text).unwrap();
        // from, to, no_downgrade, same_host, same_origin
        let cases = [
            ("http://a/", "http://a/x", true, true, true),
            ("http://a/", "https://a/", true, true, true),
            ("https://a/", "http://a/", false, true, false),
            ("http://a/", "http://a:8080/", true, true, false),
            ("http://a/", "http://b/", true, false, false),
            ("https://a/", "http://b/", false, false, false),
            ("https://a/", "https://www.a/", true, false, false),
        ];
        for (from, to, no_downgrade, same_host, same_origin) in cases {
            let (a, b) = (url(from), url(to));
            let covered = |scope: Scope| scope.covers(&a, &b);
            assert_eq!(covered(Scope::NoDowngrade), no_downgrade, "{from} {to}");
            assert_eq!(covered(Scope::SameHost), same_host, "{from} {to}");
            assert_eq!(covered(Scope::SameOrigin), same_origin, "{from} {to}");
            assert!(covered(Scope::Anywhere) && !covered(Scope::Nowhere));
        }
    }

    #[test]
    fn sec_71_schemes_are_http_and_https_and_what_was_allowed() {
        let policy = RedirectPolicy::new().allow_scheme("MOCK");
        assert!(policy.allows_scheme("mock") && policy.allows_scheme("https"));
        assert!(!policy.allows_scheme("file") && !RedirectPolicy::new().allows_scheme("mock"));
    }
}
