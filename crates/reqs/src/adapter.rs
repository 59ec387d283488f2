//! What carries requests for the URLs that it is mounted for, and the table that finds it.

use std::any::TypeId;
use std::sync::Arc;

use reqs_pool::PoolStats;
use url::{Position, Url};

use crate::error::Result;
use crate::options::Options;
use crate::prepared::PreparedRequest;
use crate::redact::Redacted;
use crate::response::{Response, Stream};
use crate::retry::Retry;
use crate::transport::HttpAdapter;
use crate::url_text::no_adapter;

/// Carries a request to whatever answers it. (Requests: `BaseAdapter`.)
///
/// A session has [`HttpAdapter`](crate::HttpAdapter) mounted for `http://` and `https://`. A closure is an adapter
/// too, which makes a mock:
///
/// ```
/// use reqs::{PreparedRequest, Response, Session};
///
/// let mut session = Session::new();
/// session.mount("mock://", |r: &PreparedRequest| Ok(Response::builder().body(r.url.path().to_owned()).build()));
/// assert_eq!(session.get("mock://h/hello").send()?.text(), "/hello");
/// # Ok::<(), reqs::Error>(())
/// ```
pub trait Adapter: Send + Sync + 'static {
    /// Sends one request and gives the response once its head is read. Redirects, cookies and auth are the session's
    /// affair. The options are merged: what they leave unsaid has its default.
    ///
    /// # Errors
    /// Whatever kept the response from coming.
    fn send(&self, request: &PreparedRequest, options: &Options) -> Result<Response<Stream>>;

    /// Gives up idle connections and the like; the adapter may be used again.
    fn close(&self) {}

    /// When requests by this adapter are sent again, where the request itself does not say; it comes before the
    /// session's.
    fn retry(&self) -> Option<&Retry> {
        None
    }

    /// What the adapter's pool did so far, where it has one.
    fn pool_stats(&self) -> Option<PoolStats> {
        None
    }
}

/// An adapter that is kept by others too: by another session, or by a test that looks into it.
impl<A: Adapter> Adapter for Arc<A> {
    fn send(&self, request: &PreparedRequest, options: &Options) -> Result<Response<Stream>> {
        (**self).send(request, options)
    }

    fn close(&self) {
        (**self).close();
    }

    fn retry(&self) -> Option<&Retry> {
        (**self).retry()
    }

    fn pool_stats(&self) -> Option<PoolStats> {
        (**self).pool_stats()
    }
}

impl<F> Adapter for F
where
    F: Fn(&PreparedRequest) -> Result<Response<Stream>> + Send + Sync + 'static,
{
    fn send(&self, request: &PreparedRequest, _options: &Options) -> Result<Response<Stream>> {
        self(request)
    }
}

/// The mounted adapters, longest prefix first.
#[derive(Clone)]
pub(crate) struct Adapters(Vec<Mounted>);

/// An adapter with the prefix of the URLs that it is mounted for.
#[derive(Clone)]
pub(crate) struct Mounted {
    prefix: String,
    pub(crate) adapter: Arc<dyn Adapter>,
    /// Its pool reads the clock when it begins and when the head has come, so that nobody else need do so.
    pub(crate) tells_time: bool,
}

impl Adapters {
    pub(crate) fn new() -> Adapters {
        Adapters(Vec::new())
    }

    /// Mounts the adapter for URLs with this prefix, in the place of one with the same prefix.
    pub(crate) fn mount<A: Adapter>(&mut self, prefix: &str, adapter: Arc<A>) {
        let prefix = prefix.to_ascii_lowercase();
        self.0.retain(|mounted| mounted.prefix != prefix);
        let is_shorter = |mounted: &Mounted| mounted.prefix.len() < prefix.len();
        let at = self.0.iter().position(is_shorter).unwrap_or(self.0.len());
        let tells_time = TypeId::of::<A>() == TypeId::of::<HttpAdapter>();
        self.0.insert(at, Mounted { prefix, adapter, tells_time });
    }

    /// The adapter for the URL: that of the longest prefix that it starts with (POOL-1, POOL-2).
    pub(crate) fn find(&self, url: &Url) -> Result<&Mounted> {
        match self.0.iter().find(|mounted| covers(&mounted.prefix, url)) {
            Some(mounted) => Ok(mounted),
            None => Err(no_adapter(&Redacted(url).to_string())),
        }
    }

    pub(crate) fn unmount(&mut self, prefix: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|mounted| !mounted.prefix.eq_ignore_ascii_case(prefix));
        self.0.len() < before
    }

    /// The figures of all pools together; an adapter under several prefixes counts once.
    pub(crate) fn stats(&self) -> PoolStats {
        let mut sum = PoolStats::default();
        for (at, Mounted { adapter, .. }) in self.0.iter().enumerate() {
            let is_known = self.0[..at].iter().any(|earlier| Arc::ptr_eq(&earlier.adapter, adapter));
            if let Some(stats) = adapter.pool_stats().filter(|_| !is_known) {
                sum.opened += stats.opened;
                sum.reused += stats.reused;
                sum.replaced += stats.replaced;
                sum.idle += stats.idle;
                for (reason, count) in stats.dropped {
                    match sum.dropped.iter_mut().find(|(known, _)| *known == reason) {
                        Some((_, known)) => *known += count,
                        None => sum.dropped.push((reason, count)),
                    }
                }
            }
        }
        sum
    }

    pub(crate) fn close(&self) {
        self.0.iter().for_each(|mounted| mounted.adapter.close());
    }

    pub(crate) fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|mounted| mounted.prefix.as_str())
    }
}

/// Whether the prefix, in lower case, covers the URL. The URL is compared without userinfo, and a prefix that ends
/// within the host does not reach into a longer one: `https://api.com` is not `https://api.com.evil` (SEC-13).
fn covers(prefix: &str, url: &Url) -> bool {
    // A whole scheme, which is what is mounted unless somebody mounts more.
    if let Some(scheme) = prefix.strip_suffix("://") {
        return scheme == url.scheme();
    }
    let scheme = &url[..Position::AfterScheme];
    let Some(after) = prefix.strip_prefix(scheme) else { return scheme.starts_with(prefix) };
    let Some(after) = after.strip_prefix("://") else { return ":/".starts_with(after) || after.is_empty() };
    let rest = &url[Position::BeforeHost..];
    let Some(head) = rest.as_bytes().get(..after.len()) else { return false };
    if !head.eq_ignore_ascii_case(after.as_bytes()) {
        return false;
    }
    let host_ends = after.is_empty() || after.contains(['/', '?', '#']);
    host_ends || matches!(rest.as_bytes().get(after.len()), None | Some(b'/' | b':' | b'?' | b'#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    fn never(_: &PreparedRequest) -> Result<Response<Stream>> {
        Err(Error::new(ErrorKind::Other, "not to be sent"))
    }

    fn table(prefixes: &[&str]) -> Adapters {
        let mut adapters = Adapters::new();
        for prefix in prefixes {
            adapters.mount(prefix, Arc::new(never));
        }
        adapters
    }

    /// t:test_transport_adapter_ordering
    #[test]
    fn ses_1_longer_prefixes_come_first_and_ties_keep_their_order() {
        let mut adapters = table(&["https://", "http://"]);
        let order = |adapters: &Adapters| adapters.prefixes().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(order(&adapters), ["https://", "http://"]);
        for prefix in ["http://git", "http://github", "http://github.com", "http://github.com/about/"] {
            adapters.mount(prefix, Arc::new(never));
        }
        assert_eq!(
            order(&adapters),
            [
                "http://github.com/about/",
                "http://github.com",
                "http://github",
                "http://git",
                "https://",
                "http://"
            ]
        );
        for prefix in ["http://gittip", "http://gittip.com", "http://gittip.com/about/"] {
            adapters.mount(prefix, Arc::new(never));
        }
        assert_eq!(
            order(&adapters),
            [
                "http://github.com/about/",
                "http://gittip.com/about/",
                "http://github.com",
                "http://gittip.com",
                "http://github",
                "http://gittip",
                "http://git",
                "https://",
                "http://"
            ]
        );
        assert_eq!(order(&table(&["http://", "https://"])), ["https://", "http://"]);
    }

    /// t:test_session_get_adapter_prefix_*
    #[test]
    fn pool_1_sec_13_what_a_prefix_covers() {
        let cases = [
            ("https://example.com", "https://example.com/", true),
            ("https://example.com", "https://example.com:8443/x", true),
            ("https://example.com", "https://example.com/some/path", true),
            // Requests says yes.
            ("https://example.com", "https://example.com.evil/", false),
            ("https://example.com", "https://another.example.com/", false),
            ("https://example.com/", "https://example.com.evil/some/path", false),
            ("https://api.com", "https://api.com@evil/", false),
            ("https://example.com/", "https://example.com/path", true),
            ("https://example.com/path", "https://example.com/path/to", true),
            ("https://example.com/path", "https://example.com/pa", false),
            ("hTTps://eXamPle.CoM/MixEd_CAse", "hTTps://eXamPle.CoM/MixEd_CAse/more", true),
            ("hTTps://eXamPle.CoM/MixEd_CAse", "HttpS://ExaMpLe.cOm/MiXeD_caSE/more", true),
            ("http://", "https://h/", false),
            ("http+unix://", "http+unix://%2Fsock/", true),
            ("mailto:", "mailto:a@b", true),
            ("http://github", "http://github.com/", false),
        ];
        for (prefix, url, expected) in cases {
            let found = table(&[prefix]).find(&Url::parse(url).unwrap()).is_ok();
            assert_eq!(found, expected, "{prefix} and {url}");
        }
    }
}
