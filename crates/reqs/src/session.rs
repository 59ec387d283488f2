//! A person's defaults, and what goes out with them. The loop that sends is in `chain`.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::Method;
use reqs_auth::Netrc;
use reqs_pool::PoolStats;
use reqs_proto::Headers;
use url::Url;

use crate::adapter::{Adapter, Adapters};
use crate::auth::SharedAuth;
use crate::chain;
use crate::cookies::Cookies;
use crate::environment::Environment;
use crate::error::Result;
use crate::hooks::Hooks;
use crate::into_url::IntoUrl;
use crate::options::{Cert, Level, Options, Verify};
use crate::params::Params;
use crate::prepare;
use crate::prepared::PreparedRequest;
use crate::proxies::Proxies;
use crate::redact::{self, Shown};
use crate::redirect;
use crate::redirect_policy::RedirectPolicy;
use crate::request::Request;
use crate::response::{Response, Stream};
use crate::retry::Retry;
use crate::timeout::Timeout;
use crate::transport::HttpAdapter;

/// Defaults for many requests, with the cookies and connections that they share. (Requests: `Session`.)
///
/// The fields are plain: set them. What a request says itself wins over them. A session is `Send` and `Sync`; a
/// clone shares connections and cookies and has fields of its own; [`Cookies::copy`] detaches the cookies.
///
/// ```no_run
/// let mut s = reqs::Session::new();
/// s.auth = Some(("user", "pass").into());
/// s.headers.insert("x-test", "true");
/// let r = s.get("https://httpbin.org/headers").header("x-test2", "true").send()?;
/// # Ok::<(), reqs::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Session {
    /// Sent with every request, in this order: at first User-Agent, Accept-Encoding, Accept and Connection
    /// ([`default_headers`]). A request adds to them, replaces them one by one, or leaves one out
    /// ([`without_header`](crate::Request::without_header)).
    pub headers: Headers,
    /// Added to every query: `[("key", "value")].into()`, or whatever [`Params::new`] takes. A request adds to them and
    /// wins where both have a key.
    pub params: Params,
    /// Signs every request that names no other: `Some(("user", "pass").into())`, say. `None`, the default, leaves it to
    /// an `Authorization` header, the URL, and netrc.
    pub auth: Option<SharedAuth>,
    /// Cookies received and sent. A jar of your own is set by `jar.into()`.
    pub cookies: Cookies,
    /// Called for requests that have no hooks of their own.
    pub hooks: Hooks,
    /// How long to wait: `Some(5.into())` is 5 seconds to connect and between bytes. `None`, the default, is without limit.
    pub timeout: Option<Timeout>,
    /// Whom to trust: `Some("roots.pem".into())`, `Some(false.into())` for anybody. `None`, the default, leaves it to
    /// `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE`, and then to the system.
    pub verify: Option<Verify>,
    /// The client's certificate: `Some(("client.cert", "client.key").into())`, say. `None` by default.
    pub cert: Option<Cert>,
    /// Which proxies to use, before those of the environment (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    pub proxies: Proxies,
    /// Whether redirects are followed. On by default; [`head`](Session::head) says no for itself.
    pub allow_redirects: bool,
    /// How many redirects are followed. 30 by default.
    pub max_redirects: u32,
    /// Which redirects are followed, and which headers stay behind when they leave the origin.
    pub redirects: RedirectPolicy,
    /// When a request is sent again: `Some(3.into())`, say. `None`, the default, is never.
    pub retry: Option<Retry>,
    /// Whether a status of 400 or above is an error without being asked for. Off by default.
    pub raise_for_status: bool,
    /// Whether the environment's proxies, CA bundles and netrc are used. On by default.
    pub trust_env: bool,
    /// Whether bodies wait for the server to ask for them; see
    /// [`Request::expect_continue`](crate::Request::expect_continue). Off by default.
    pub expect_continue: bool,
    /// What relative URLs are resolved against (RFC 3986 §5), for sessions that talk to one API. As with links, the part
    /// after its last slash is replaced: `https://example.com/v1/` and `users` make `https://example.com/v1/users`.
    pub base_url: Option<Url>,
    pub(crate) adapters: Adapters,
    surroundings: Arc<Surroundings>,
}

/// What is read from outside once, when it is first needed.
#[derive(Default)]
struct Surroundings {
    environment: OnceLock<Environment>,
    netrc: OnceLock<Option<Netrc>>,
}

/// How many redirects are followed by default, as in Requests.
const MAX_REDIRECTS: u32 = 30;

impl Session {
    /// A session with Requests' defaults.
    pub fn new() -> Session {
        let http = Arc::new(HttpAdapter::new());
        let mut adapters = Adapters::new();
        adapters.mount("https://", Arc::clone(&http));
        adapters.mount("http://", http);
        Session {
            headers: default_headers(),
            params: Params::default(),
            auth: None,
            cookies: Cookies::new(),
            hooks: Hooks::default(),
            timeout: None,
            verify: None,
            cert: None,
            proxies: Proxies::default(),
            allow_redirects: true,
            max_redirects: MAX_REDIRECTS,
            redirects: RedirectPolicy::new(),
            retry: None,
            raise_for_status: false,
            trust_env: true,
            expect_continue: false,
            base_url: None,
            adapters,
            surroundings: Arc::default(),
        }
    }

    /// Uses this adapter for URLs that start with the prefix; of several prefixes the longest wins. A prefix that
    /// ends within a host's name covers that host only, not longer ones.
    pub fn mount(&mut self, prefix: &str, adapter: impl Adapter) {
        self.adapters.mount(prefix, Arc::new(adapter));
    }

    /// Takes away the adapter of exactly this prefix, and says whether there was one.
    pub fn unmount(&mut self, prefix: &str) -> bool {
        self.adapters.unmount(prefix)
    }

    /// The adapter that would carry a request to this URL. (Requests: `get_adapter`.)
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSchema`](crate::ErrorKind::InvalidSchema) where none is mounted for it, and whatever is wrong
    /// with the URL.
    pub fn adapter(&self, url: impl IntoUrl) -> Result<&dyn Adapter> {
        Ok(&*self.adapters.find(&url.into_url()?)?.adapter)
    }

    /// What the pools of the adapters did so far, and how many connections are idle.
    pub fn pool_stats(&self) -> PoolStats {
        self.adapters.stats()
    }

    /// Uses this environment in place of the process's.
    pub fn set_environment(&mut self, environment: Environment) {
        self.surroundings =
            Arc::new(Surroundings { environment: OnceLock::from(environment), netrc: OnceLock::new() });
    }

    /// A request with any method.
    pub fn request(&self, method: impl AsRef<str>, url: impl IntoUrl) -> Request<&Session> {
        Request::with_client(self, method.as_ref(), url)
    }

    /// The request as this session would send it: its defaults merged in, its cookies and credentials added.
    /// (Requests: `prepare_request`.)
    ///
    /// # Errors
    /// Whatever is wrong with what the request says.
    pub fn prepare(&self, request: Request) -> Result<PreparedRequest> {
        Session::prepare_own(request.with(self))
    }

    /// Sends a prepared request, and reads the whole response. Where the options say nothing, what the request was
    /// prepared with holds, then the session's own settings; its headers, params, auth and cookies were merged when it
    /// was prepared.
    ///
    /// # Errors
    /// As [`Request::send`].
    pub fn send(&self, request: PreparedRequest, options: Options) -> Result<Response> {
        self.stream(request, options)?.load()
    }

    /// Like [`send`](Session::send), with the body to be read.
    ///
    /// # Errors
    /// As [`Request::send`].
    pub fn stream(&self, request: PreparedRequest, options: Options) -> Result<Response<Stream>> {
        let options = match request.options() {
            None => options,
            Some(said) => options.over(said),
        };
        let mut options = options.over_level(self.level());
        self.ask_environment(&mut options);
        chain::run(self, Arc::new(request), &mut options)
    }

    /// Gives up the idle connections. The session can be used again (SES-19).
    pub fn close(&self) {
        self.adapters.close();
    }

    /// Prepares and sends what a builder said. The builder is handed on whole: to take it apart is to copy it.
    pub(crate) fn run(request: Request<&Session>) -> Result<Response<Stream>> {
        let session = request.client;
        let (request, said) = prepare::prepare(request)?;
        let mut options = match said {
            Some(said) => said.over_level(session.level()),
            None => Options::of(session.level()),
        };
        session.ask_environment(&mut options);
        chain::run(session, request, &mut options)
    }

    /// Prepares what a builder said, with the settings of its send.
    pub(crate) fn prepare_own(request: Request<&Session>) -> Result<PreparedRequest> {
        let (request, options) = prepare::prepare(request)?;
        let mut request = Arc::unwrap_or_clone(request);
        request.options = options;
        Ok(request)
    }

    /// What neither the request nor the session says, the environment may.
    fn ask_environment(&self, options: &mut Options) {
        if self.trust_env && !self.environment().is_silent() {
            options.fill(self.environment().level());
        }
    }

    fn level(&self) -> Level<'_> {
        Level {
            timeout: self.timeout,
            verify: self.verify.as_ref(),
            cert: self.cert.as_ref(),
            proxies: &self.proxies,
            allow_redirects: Some(self.allow_redirects),
            max_redirects: Some(self.max_redirects),
            redirects: Some(&self.redirects),
            // An adapter's own comes between the request's and the session's: the loop asks for them in turn.
            retry: None,
            raise_for_status: Some(self.raise_for_status),
        }
    }

    /// Whether the session's credentials are meant for this URL: with a base URL, those of its origin are (SEC-75).
    pub(crate) fn is_at_home(&self, url: &Url) -> bool {
        self.base_url.as_ref().is_none_or(|base| !redirect::must_strip_auth(base, url))
    }

    /// Takes away from the session's headers what a stranger must not see.
    pub(crate) fn keep_credentials_at_home(&self, headers: &mut Headers) {
        for name in ["Authorization", "Cookie", "Proxy-Authorization"] {
            headers.remove(name);
        }
        for name in self.redirects.sensitive() {
            headers.remove(name);
        }
    }

    fn is_secret(&self, name: &str) -> bool {
        let is_own = |own: &String| own.eq_ignore_ascii_case(name);
        redact::is_sensitive(name) || self.redirects.sensitive().iter().any(is_own)
    }

    fn environment(&self) -> &Environment {
        self.surroundings.environment.get_or_init(Environment::of_process)
    }

    /// What netrc has for the URL's host, as Basic; a netrc that cannot be read is logged and has nothing (AUT-5).
    pub(crate) fn netrc_auth(&self, url: &Url) -> Option<SharedAuth> {
        if !self.trust_env {
            return None;
        }
        let netrc = self.surroundings.netrc.get_or_init(|| {
            let named = self.environment().netrc.as_deref();
            let Some(path) = Netrc::locate_by(named) else {
                if let Some(named) = named.filter(|named| !named.is_empty()) {
                    log::warn!("netrc is not used: {} is not there", named.display());
                }
                return None;
            };
            let loaded = Netrc::load(path);
            if let Err(error) = &loaded {
                log::warn!("netrc is not used: {error}");
            }
            let netrc = loaded.ok()?;
            if let Some(warning) = netrc.warning() {
                log::warn!("{warning}");
            }
            Some(netrc)
        });
        let login = netrc.as_ref()?.lookup(url.host_str()?)?;
        Some(SharedAuth::from((login.username, login.password)))
    }
}

macro_rules! verbs {
    ($($name:ident $method:ident $doc:literal)*) => {
        impl Session {$(
            #[doc = $doc]
            pub fn $name(&self, url: impl IntoUrl) -> Request<&Session> {
                Request::with_method(self, Method::$method, url.into_address())
            }
        )*}
    };
}
verbs! {
    get GET "A GET request."
    options OPTIONS "An OPTIONS request."
    post POST "A POST request."
    put PUT "A PUT request."
    patch PATCH "A PATCH request."
    delete DELETE "A DELETE request."
}

impl Session {
    /// A QUERY request: safe like GET, with a body (RFC 10008).
    pub fn query(&self, url: impl IntoUrl) -> Request<&Session> {
        self.request("QUERY", url)
    }

    /// A HEAD request; it does not follow redirects unless told to (SES-13).
    pub fn head(&self, url: impl IntoUrl) -> Request<&Session> {
        Request::with_method(self, Method::HEAD, url.into_address()).allow_redirects(false)
    }
}

impl Default for Session {
    fn default() -> Session {
        Session::new()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("headers", &Shown { headers: &self.headers, is_secret: |name: &str| self.is_secret(name) })
            .field("cookies", &self.cookies)
            .field("adapters", &self.adapters.prefixes().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The headers that a session starts with; change its `headers` to change them (SES-3).
pub fn default_headers() -> Headers {
    Headers::from([
        ("User-Agent", default_user_agent()),
        ("Accept-Encoding", "gzip, deflate, br"),
        ("Accept", "*/*"),
        ("Connection", "keep-alive"),
    ])
}

/// `reqs/VERSION`.
pub fn default_user_agent() -> &'static str {
    concat!("reqs/", env!("CARGO_PKG_VERSION"))
}

const _: () = {
    const fn crosses_threads<T: Send + Sync + Clone + 'static>() {}
    crosses_threads::<Session>();
};
