//! A person's defaults, and the loop of policy around one exchange.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use http::Method;
use reqs_auth::Netrc;
use reqs_proto::Headers;
use url::Url;

use crate::adapter::{Adapter, Adapters};
use crate::auth::SharedAuth;
use crate::cookies::Cookies;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::Hooks;
use crate::into_url::IntoUrl;
use crate::options::{Cert, Options, Verify};
use crate::params::Params;
use crate::prepare;
use crate::prepared::PreparedRequest;
use crate::proxies::Proxies;
use crate::redirect;
use crate::request::{Plan, Request};
use crate::response::{Response, Stream};
use crate::timeout::Timeout;
use crate::transport::HttpAdapter;

/// Defaults for many requests, with the cookies and connections that they share. (Requests: `Session`.)
///
/// The fields are plain: set them. What a request says itself wins over them. A session is `Send` and `Sync`; a
/// clone shares connections and cookies and has fields of its own.
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
    /// Sent with every request, in this order: at first User-Agent, Accept-Encoding, Accept and Connection.
    pub headers: Headers,
    /// Added to every query.
    pub params: Params,
    /// Signs every request that names no other.
    pub auth: Option<SharedAuth>,
    /// Cookies received and sent.
    pub cookies: Cookies,
    /// Called for requests that have no hooks of their own.
    pub hooks: Hooks,
    /// How long to wait. `None`, the default, is without limit.
    pub timeout: Option<Timeout>,
    /// Whom to trust. `None` leaves it to the environment, and then to the system.
    pub verify: Option<Verify>,
    /// The client's certificate.
    pub cert: Option<Cert>,
    /// Which proxies to use, before those of the environment.
    pub proxies: Proxies,
    /// How many redirects are followed. 30 by default.
    pub max_redirects: u32,
    /// Whether the environment's proxies, CA bundles and netrc are used. On by default.
    pub trust_env: bool,
    /// What relative URLs are resolved against (RFC 3986 §5), for sessions that talk to one API.
    pub base_url: Option<Url>,
    adapters: Adapters,
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

/// How often one request is answered to challenges: once, and once more when a nonce was stale (DIG-2).
const MAX_ANSWERS: u32 = 2;

/// How much of a response is read to keep its connection for the next request of a chain; more is cheaper to leave
/// behind (SEC-34).
const DRAIN: usize = 64 * 1024;

impl Session {
    /// A session with Requests' defaults.
    pub fn new() -> Session {
        let http: Arc<dyn Adapter> = Arc::new(HttpAdapter::new());
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
            max_redirects: MAX_REDIRECTS,
            trust_env: true,
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
        prepare::prepare(self, request.into_plan())
    }

    /// Sends a prepared request, and reads the whole response. The session's own settings hold where the options say
    /// nothing; its headers, params, auth and cookies were merged when it was prepared.
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
        let options = self.settle(options, &request);
        self.run(request, &options)
    }

    /// Gives up the idle connections. The session can be used again (SES-19).
    pub fn close(&self) {
        self.adapters.close();
    }

    /// Prepares and sends what a builder said.
    pub(crate) fn run_plan(&self, mut plan: Plan) -> Result<Response<Stream>> {
        let options = std::mem::take(&mut plan.options);
        let request = prepare::prepare(self, plan)?;
        self.stream(request, options)
    }

    /// The loop of policy: send, remember, and go on while an answer or a redirect is due.
    fn run(&self, request: PreparedRequest, options: &Options) -> Result<Response<Stream>> {
        let deadline = options.checked_timeout()?.total.map(|total| Instant::now() + total);
        let follow = options.allow_redirects.unwrap_or(true);
        let limit = options.max_redirects.unwrap_or(self.max_redirects);
        let mut request = Arc::new(request);
        let mut history: Vec<Response> = Vec::new();
        let mut redirects = 0;
        let mut answers = 0;
        loop {
            let mut response = self.exchange(&request, options, deadline)?;
            let answer = match &request.auth {
                Some(auth) if answers < MAX_ANSWERS => auth.get().answer(&request, &response.head.head)?,
                _ => None,
            };
            let next = match answer {
                Some(next) => {
                    answers += 1;
                    Some(self.with_fresh_cookies(next)?)
                }
                None if follow => match redirect::next(&request, &response.head.head)? {
                    Some(_) if redirects >= limit => {
                        return Err(too_many(limit, &request, response, history));
                    }
                    Some(next) => {
                        redirects += 1;
                        answers = 0;
                        Some(self.with_fresh_cookies(self.with_netrc(next)?)?)
                    }
                    None => None,
                },
                None => None,
            };
            let Some(next) = next else {
                response.head.history = history;
                return Ok(response);
            };
            next.body.rewind().map_err(|error| error.with_request(&request))?;
            history.push(leave_behind(response, &history));
            request = Arc::new(next);
        }
    }

    /// One request and its response, with what every response of a chain is owed: its request, its cookies kept, its
    /// hooks run.
    fn exchange(
        &self,
        request: &Arc<PreparedRequest>,
        options: &Options,
        deadline: Option<Instant>,
    ) -> Result<Response<Stream>> {
        let adapter = self.adapters.find(&request.url)?;
        let started = Instant::now();
        let sent = match remaining(options, deadline)? {
            None => adapter.send(request, options),
            Some(options) => adapter.send(request, &options),
        };
        let mut response = sent.map_err(|error| error.with_request(request))?;
        response.head.elapsed = started.elapsed();
        response.head.request = Some(Arc::clone(request));
        if response.headers().contains("Set-Cookie") {
            self.cookies.store(&request.url, &mut response.headers().get_all("Set-Cookie"));
        }
        if request.hooks.is_empty() {
            return Ok(response);
        }
        request.hooks.run_response(response)
    }

    /// The request with the `Cookie` that the jar has for it now.
    fn with_fresh_cookies(&self, mut request: PreparedRequest) -> Result<PreparedRequest> {
        request.headers.remove("Cookie");
        prepare::add_cookies(self, &request.url, &mut request.headers, &request.cookies)?;
        Ok(request)
    }

    /// The redirected request with netrc's credentials for the new host, if it has none (RED-23).
    fn with_netrc(&self, mut request: PreparedRequest) -> Result<PreparedRequest> {
        if request.auth.is_none() && !request.headers.contains("Authorization") {
            if let Some(auth) = self.netrc_auth(&request.url) {
                prepare::sign(&mut request, &auth)?;
                request.auth = Some(auth);
            }
        }
        Ok(request)
    }

    /// The settings of a request over the session's over the environment's.
    fn settle(&self, options: Options, request: &PreparedRequest) -> Options {
        let mut options = Options {
            timeout: options.timeout.or(self.timeout),
            verify: options.verify.or_else(|| self.verify.clone()),
            cert: options.cert.or_else(|| self.cert.clone()),
            proxies: options.proxies.over(&self.proxies),
            ..options
        };
        if self.trust_env {
            let environment = self.environment();
            options.proxies = options.proxies.over(&environment.proxies);
            if options.verify.is_none() && request.url.scheme() == "https" {
                options.verify = environment.verify.clone();
            }
        }
        options
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
            let path = self.environment().netrc.clone().or_else(Netrc::locate)?;
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
                self.request(Method::$method, url)
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
    /// A HEAD request; it does not follow redirects unless told to (SES-13).
    pub fn head(&self, url: impl IntoUrl) -> Request<&Session> {
        self.request(Method::HEAD, url).allow_redirects(false)
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
            .field("headers", &self.headers)
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

/// The options with no more time than the deadline of the whole chain leaves; `None` where there is none.
fn remaining(options: &Options, deadline: Option<Instant>) -> Result<Option<Options>> {
    let Some(deadline) = deadline else { return Ok(None) };
    let left = deadline.saturating_duration_since(Instant::now());
    if left == Duration::ZERO {
        return Err(Error::new(
            ErrorKind::Timeout,
            "the total timeout ran out between two requests of a chain",
        ));
    }
    let timeout = options.timeout.unwrap_or_default().total(left);
    Ok(Some(Options { timeout: Some(timeout), ..options.clone() }))
}

fn too_many(
    limit: u32,
    request: &Arc<PreparedRequest>,
    response: Response<Stream>,
    history: Vec<Response>,
) -> Error {
    let mut response = leave_behind(response, &[]);
    response.head.history = history;
    Error::new(ErrorKind::TooManyRedirects, format!("Exceeded {limit} redirects."))
        .with_request(request)
        .with_response(response)
}

/// The response without its body, for the history; its connection is kept where little is left to read.
fn leave_behind(response: Response<Stream>, history: &[Response]) -> Response {
    let Response { mut head, body } = response;
    body.drain(DRAIN);
    head.history = history.iter().map(Response::without_history).collect();
    Response { head, body: crate::content::Content::default() }
}
