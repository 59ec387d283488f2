//! [`CookieJar`]: the index behind a lock, with a clock and limits.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use url::Url;

use crate::{
    Cookie, InvalidCookie, Limits, cookie::check_pair, header::compose, index::Index, scope::RequestHost,
};

/// Cookies of many hosts, kept and sent by the rules of RFC 6265bis.
///
/// All methods take `&self`: a jar is shared between threads as it is, in an `Arc` or a `static`.
/// `clone` makes a jar of its own with the same cookies. A jar without cookies costs a request one
/// atomic load.
///
/// Cookies that have expired stay listed until the next request or `Set-Cookie` clears them away, or
/// [`clear_expired`](Self::clear_expired) does.
///
/// ```
/// use reqs_cookies::CookieJar;
/// use url::Url;
///
/// let jar = CookieJar::new();
/// let login = Url::parse("https://example.com/login").unwrap();
/// jar.store(&login, ["session=s3cr3t; Path=/; Secure; HttpOnly", "theme=dark; Max-Age=0"]);
///
/// let page = Url::parse("https://example.com/account").unwrap();
/// assert_eq!(jar.header(&page).as_deref(), Some("session=s3cr3t"));
/// assert_eq!(jar.header(&Url::parse("https://example.net/").unwrap()), None);
/// ```
pub struct CookieJar {
    state: Mutex<State>,
    /// The number of cookies, so that an empty jar is asked without taking the lock.
    len: AtomicUsize,
    clock: Option<Clock>,
}

type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

#[derive(Clone, Default)]
struct State {
    index: Index,
    limits: Limits,
}

impl CookieJar {
    /// An empty jar with the default [`Limits`]. Allocates nothing.
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// An empty jar with limits of your own.
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            state: Mutex::new(State { index: Index::default(), limits }),
            len: AtomicUsize::new(0),
            clock: None,
        }
    }

    /// The same jar with another clock than the system's, so that tests need not wait for a cookie to expire.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use reqs_cookies::CookieJar;
    ///
    /// let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    /// let jar = CookieJar::new().with_clock(move || tomorrow);
    /// ```
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Keeps the cookies of a response's `Set-Cookie` headers, one string each, that `url` answered with.
    ///
    /// What the standard has a client ignore is ignored; [`store_one`](Self::store_one) says why.
    pub fn store<'a>(&self, url: &Url, set_cookie: impl IntoIterator<Item = &'a str>) {
        for text in set_cookie {
            // Refusing a cookie silently is what the standard asks for: a response is good without it.
            let _refused = self.store_one(url, text);
        }
    }

    /// Keeps the cookie of one `Set-Cookie` header, or deletes the one that it expires.
    ///
    /// # Errors
    /// Why the cookie was refused.
    pub fn store_one(&self, url: &Url, set_cookie: &str) -> Result<(), InvalidCookie> {
        let now = self.now();
        let limits = self.limits();
        let cookie = Cookie::parse(set_cookie, url, now, &limits)?;
        self.change(|state| state.index.receive(cookie, url, now, &state.limits))
    }

    /// The value of the `Cookie` header for a request to `url`; `None` when there is nothing to send.
    pub fn header(&self, url: &Url) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        self.header_over(url, &[])
    }

    /// The `Cookie` header for a request that brings cookies of its own, which the jar does not keep.
    ///
    /// They belong to the host of `url` and path `/`: the jar's cookie of that name, host and path is
    /// replaced, cookies of the same name with another domain or path are sent beside them (CK-2).
    ///
    /// # Errors
    /// A name or value that no `Cookie` header can carry; the error names the cookie.
    ///
    /// ```
    /// # use reqs_cookies::CookieJar;
    /// # let url = "https://example.com/".parse().unwrap();
    /// let jar = CookieJar::new();
    /// jar.store(&url, ["a=session", "b=2"]);
    /// let header = jar.header_with(&url, &[("a", "request"), ("c", "3")]).unwrap();
    /// assert_eq!(header.as_deref(), Some("a=request; b=2; c=3"));
    /// ```
    pub fn header_with(&self, url: &Url, extra: &[(&str, &str)]) -> Result<Option<String>, InvalidCookie> {
        for (name, value) in extra {
            check_pair(name, value).map_err(|error| error.of(name))?;
        }
        Ok(self.header_over(url, extra))
    }

    /// Keeps a cookie that you made, in the place of the one with its name, domain and path.
    ///
    /// Without a domain it is bound to the host of the first request that the jar is asked about. An
    /// expired cookie deletes.
    ///
    /// # Errors
    /// What no server would understand or what would reach strangers' hosts: control characters and
    /// separators, a domain that is none or is a public suffix, a prefix that does not keep its promise.
    pub fn insert(&self, cookie: Cookie) -> Result<(), InvalidCookie> {
        let now = self.now();
        let mut cookie = cookie.checked()?;
        (cookie.created, cookie.last_access) = (now, now);
        self.change(|state| state.index.put(cookie, now, &state.limits));
        Ok(())
    }

    /// Changes what the jar may hold; what is beyond that goes at once, the least recently used first.
    pub fn set_limits(&self, limits: Limits) {
        self.change(|state| {
            state.limits = limits;
            state.index.shrink_to(&limits);
        });
    }

    /// What the jar may hold.
    pub fn limits(&self) -> Limits {
        self.lock().limits
    }

    /// How many cookies it holds.
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts in cookies that were checked before, in order, but for those that `left_out` says. All at once:
    /// no other thread comes between the question and the answer.
    pub(crate) fn put_all(
        &self,
        cookies: impl IntoIterator<Item = Cookie>,
        left_out: impl Fn(&Index, &Cookie) -> bool,
    ) {
        let now = self.now();
        self.change(|state| {
            for cookie in cookies {
                if !left_out(&state.index, &cookie) {
                    state.index.put(cookie, now, &state.limits);
                }
            }
        });
    }

    pub(crate) fn change_index<T>(&self, change: impl FnOnce(&mut Index) -> T) -> T {
        self.change(|state| change(&mut state.index))
    }

    pub(crate) fn read_index<T>(&self, read: impl FnOnce(&Index) -> T) -> T {
        read(&self.lock().index)
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.clock.as_ref().map_or_else(SystemTime::now, |clock| clock())
    }

    fn header_over(&self, url: &Url, extra: &[(&str, &str)]) -> Option<String> {
        let host = RequestHost::of(url)?;
        let now = self.now();
        self.change(|state| {
            state.index.drop_expired(now);
            state.index.bind(host, now, &state.limits);
            let kept = state.index.matching(host, url, now);
            compose(&kept, host.name, extra, state.limits.header_bytes)
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state);
        self.len.store(state.index.len(), Ordering::Release);
        result
    }

    /// Nothing panics under the lock; if it did, the cookies would still be cookies.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for CookieJar {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for CookieJar {
    /// A jar of its own with the same cookies, limits and clock.
    fn clone(&self) -> Self {
        let state = self.lock().clone();
        Self { len: AtomicUsize::new(state.index.len()), state: Mutex::new(state), clock: self.clock.clone() }
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
