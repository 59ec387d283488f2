//! The builder: what a person says about one request, kept until it is sent or prepared.

mod settings;

use std::fmt;

use http::Method;
use reqs_multipart::{Form, Part};
use reqs_proto::Headers;
use serde::Serialize;

use crate::auth::SharedAuth;
use crate::body::Body;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::Hooks;
use crate::into_url::{Address, IntoUrl};
use crate::json;
use crate::params::Params;
use crate::plan::{AuthChoice, Content, Data, Plan};
use crate::prepare::overlay;
use crate::prepared::{PreparedRequest, check_headers};
use crate::response::{Response, Stream};
use crate::session::Session;

/// A request in the making.
///
/// [`reqs::get`](crate::get()) and its like make one that is sent by a session of its own; a [`Session`]'s methods
/// make one that it will send. Every setter takes what a person would write; the first thing wrong is told by
/// [`send`](Request::send), so that lines can be chained.
///
/// ```no_run
/// let r = reqs::get("https://httpbin.org/get")
///     .params([("key", "value")])
///     .headers([("user-agent", "my-app/0.0.1")])
///     .timeout(5.0)
///     .send()?;
/// # Ok::<(), reqs::Error>(())
/// ```
#[must_use = "a request does nothing until it is sent"]
pub struct Request<C = ()> {
    pub(crate) client: C,
    pub(crate) plan: Plan,
}

impl Request {
    /// A request with any method; it is written in capitals, as Requests does.
    ///
    /// ```no_run
    /// let r = reqs::Request::new("PROPFIND", "http://example.com/dav/").send()?;
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn new(method: impl AsRef<str>, url: impl IntoUrl) -> Request {
        Request::with_client((), method.as_ref(), url)
    }

    /// Sends the request by a session of its own and reads the whole response.
    ///
    /// # Errors
    /// [`ErrorKind`] lists what can go wrong. A status of 400 or above is not an error here; see
    /// [`raise_for_status`](Response::raise_for_status).
    pub fn send(self) -> Result<Response> {
        self.stream()?.load()
    }

    /// Sends the request and reads the response's head; the body is read when it is asked for. (Requests:
    /// `stream=True`.)
    ///
    /// # Errors
    /// As [`send`](Request::send).
    pub fn stream(self) -> Result<Response<Stream>> {
        Session::run(self.with(&Session::new()))
    }

    /// The request with what was said here and nothing else: no session's defaults, not even a User-Agent, no
    /// cookies, nothing from the environment or netrc (SES-17). [`Session::prepare`] is the one with all of that.
    ///
    /// # Errors
    /// Whatever is wrong with what was said.
    #[doc(alias = "build")]
    pub fn prepare(self) -> Result<PreparedRequest> {
        let mut bare = Session::new();
        bare.headers.clear();
        bare.trust_env = false;
        bare.prepare(self)
    }

    pub(crate) fn from_plan(plan: Plan) -> Request {
        Request { client: (), plan }
    }

    pub(crate) fn into_plan(self) -> Plan {
        self.plan
    }

    /// The same, for this session to send.
    pub(crate) fn with(self, session: &Session) -> Request<&Session> {
        Request { client: session, plan: self.plan }
    }
}

impl Request<&Session> {
    /// Sends the request with the session's defaults, and reads the whole response.
    ///
    /// # Errors
    /// As [`Request::<()>::send`].
    pub fn send(self) -> Result<Response> {
        self.stream()?.load()
    }

    /// Sends the request and reads the response's head; the body is read when it is asked for.
    ///
    /// # Errors
    /// As [`send`](Request::send).
    pub fn stream(self) -> Result<Response<Stream>> {
        Session::run(self)
    }

    /// The request as the session would send it.
    ///
    /// # Errors
    /// Whatever is wrong with what was said.
    pub fn prepare(self) -> Result<PreparedRequest> {
        Session::prepare_own(self)
    }
}

impl<C> Request<C> {
    /// With the method as somebody wrote it. What is wrong with it is told before what is wrong with the URL.
    pub(crate) fn with_client(client: C, method: &str, url: impl IntoUrl) -> Request<C> {
        let (method, wrong) = match parse_method(method) {
            Ok(method) => (method, None),
            Err(error) => (Method::GET, Some(error)),
        };
        let mut request = Request::with_method(client, method, url.into_address());
        request.plan.error = wrong.or(request.plan.error);
        request
    }

    pub(crate) fn with_method(client: C, method: Method, address: Result<Address>) -> Request<C> {
        let (address, error) = match address {
            Ok(address) => (address, None),
            Err(error) => (Address::Relative(String::new()), Some(error)),
        };
        let plan = Plan {
            method,
            address,
            params: Params::default(),
            headers: Headers::new(),
            without: Vec::new(),
            content: Content::default(),
            auth: AuthChoice::Unsaid,
            cookies: Vec::new(),
            hooks: Hooks::default(),
            options: None,
            expect_continue: None,
            error,
        };
        Request { client, plan }
    }

    /// Adds to the URL's query: pairs, a map or a struct; see [`Params`]. `None` is left out, a list repeats its key.
    /// A string is used as it is; it and pairs do not mix, so that what was said last stands. (Requests: `params=`.)
    ///
    /// The session's params come first; a key that both have keeps its place and takes the value from here, and a
    /// `None` takes it away.
    ///
    /// ```
    /// let search = (("q", "rust http"), ("page", 2), ("lang", ["en", "de"]), ("sort", None::<&str>));
    /// let prepared = reqs::get("https://example.com/").params(search).prepare()?;
    /// assert_eq!(prepared.url.as_str(), "https://example.com/?q=rust+http&page=2&lang=en&lang=de");
    /// # Ok::<(), reqs::Error>(())
    /// ```
    #[doc(alias = "query")]
    pub fn params<T: Serialize>(self, params: T) -> Self {
        self.attempt(Params::new(&params), |plan, params| plan.params = params.over(&plan.params))
    }

    /// Sets headers, from pairs, a map, [`Headers`] or an `http::HeaderMap`: each replaces the session's header of that
    /// name, in its place and in the given spelling. A name given several times is sent several times. What may not be
    /// sent, such as a line break in a value, is [`ErrorKind::InvalidHeader`]. (Requests: `headers=`.)
    pub fn headers(self, headers: impl Into<Headers>) -> Self {
        let headers = headers.into();
        // Checked here, since merging makes bytes of text.
        self.attempt(check_headers(&headers), |plan, ()| {
            overlay(&mut plan.headers, &headers);
            plan.without.retain(|name| !headers.contains(name));
        })
    }

    /// Sets one header; see [`headers`](Request::headers). The value is text: `5.to_string()` for a number.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let name = name.as_ref();
        self.plan.headers.insert(name, value);
        self.plan.without.retain(|without| !without.eq_ignore_ascii_case(name));
        self
    }

    /// Leaves out a header that would be sent by default. (Requests: a value of `None`.)
    ///
    /// It is not sent at all: nothing takes its place (SES-9). `Host` and what says how long the body is are needed by
    /// HTTP itself and stay.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.plan.headers.remove(&name);
        self.plan.without.push(name);
        self
    }

    /// Sends this body: text, bytes, a file, or a [`Body`] made of a reader or iterator. No Content-Type is added.
    /// (Requests: `data=` with anything but pairs.)
    ///
    /// It takes the place of a [`form`](Request::form) said before. Where there is JSON too, a body that is not empty
    /// wins over it, as in Requests (JSN-2).
    ///
    /// ```no_run
    /// use reqs::Body;
    /// use std::fs::File;
    ///
    /// let url = "https://httpbin.org/post";
    /// reqs::post(url).data("as it is").send()?;
    /// reqs::post(url).data(File::open("massive-body")?).send()?; // streamed, with its length
    /// reqs::post(url).data(Body::reader(std::io::stdin())).send()?; // chunked
    /// reqs::post(url).data(Body::chunks(["one", "two"])).send()?; // a chunk each
    /// # Ok::<(), reqs::Error>(())
    /// ```
    #[doc(alias("body", "send_bytes", "send_string"))]
    pub fn data(mut self, body: impl Into<Body>) -> Self {
        self.plan.content.data = Data::Body(body.into());
        self
    }

    /// Sends a form: pairs, a map or a struct, as `application/x-www-form-urlencoded`, or as fields of a multipart
    /// body where files are given too or the Content-Type says `multipart/form-data`. (Requests: `data=` with pairs.)
    ///
    /// It takes the place of [`data`](Request::data) or of a form said before. A string is sent as it is; what is nested
    /// is written by [`Params::nested`].
    ///
    /// ```
    /// let form = (("user", "ann"), ("remember", true), ("token", None::<u64>));
    /// let prepared = reqs::post("https://example.com/login").form(form).prepare()?;
    /// assert_eq!(prepared.body.as_bytes(), Some(&b"user=ann&remember=true"[..]));
    /// # Ok::<(), reqs::Error>(())
    /// ```
    #[doc(alias = "send_form")]
    pub fn form<T: Serialize>(self, form: T) -> Self {
        self.attempt(Params::new(&form), |plan, form| plan.content.data = Data::Form(form))
    }

    /// Sends the value as JSON, with its Content-Type. (Requests: `json=`.)
    ///
    /// NaN and the infinities, which JSON cannot write, are [`ErrorKind::InvalidJson`], with the place where they
    /// are. `null` is sent like any other value; to send nothing, do not call this.
    ///
    /// ```
    /// let prepared = reqs::post("https://example.com/").json(serde_json::json!({"some": "data"})).prepare()?;
    /// assert_eq!(prepared.body.as_bytes(), Some(&br#"{"some":"data"}"#[..]));
    /// assert_eq!(&prepared.headers["content-type"], "application/json");
    /// # Ok::<(), reqs::Error>(())
    /// ```
    #[doc(alias = "send_json")]
    pub fn json<T: Serialize>(self, value: T) -> Self {
        self.attempt(json::to_vec(&value), |plan, bytes| plan.content.json = Some(bytes))
    }

    /// Adds a file to a `multipart/form-data` body, which is streamed with its length known. The same field may
    /// have several. Text and bytes are the content itself, never a path: that is [`Part::path`]. A tuple is file name and
    /// content, then content type and headers where they are wanted; where no file name is given it is the field's name.
    /// (Requests: `files=`.)
    ///
    /// ```no_run
    /// use reqs::Part;
    ///
    /// reqs::post("https://httpbin.org/post").file("file", Part::path("report.xls")?).send()?;
    /// reqs::post("https://httpbin.org/post").file("file", ("report.csv", "some,data\n", "text/csv")).send()?;
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn file(mut self, field: impl Into<String>, part: impl Into<Part>) -> Self {
        self.plan.content.files.push((field.into(), part.into()));
        self
    }

    /// Adds files, in their order; an `Option` of a pair adds it if it is there. (Requests: `files=` with a list.)
    ///
    /// ```no_run
    /// use reqs::Part;
    ///
    /// let images = [("images", Part::path("foo.png")?), ("images", Part::path("bar.png")?)];
    /// reqs::post("https://httpbin.org/post").files(images).send()?;
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn files<N: Into<String>, P: Into<Part>>(mut self, files: impl IntoIterator<Item = (N, P)>) -> Self {
        let files = files.into_iter().map(|(field, part)| (field.into(), part.into()));
        self.plan.content.files.extend(files);
        self
    }

    /// Sends this multipart form; files added beside it come after its parts.
    pub fn multipart(mut self, form: Form) -> Self {
        self.plan.content.multipart = Some(Box::new(form));
        self
    }

    /// Calls the function while the body is sent, with the number of bytes so far and the length where it is known;
    /// see [`Body::on_progress`].
    pub fn on_upload(mut self, progress: impl FnMut(u64, Option<u64>) + Send + 'static) -> Self {
        self.plan.content.progress = Some(Box::new(progress));
        self
    }

    /// Whether a body is announced with `Expect: 100-continue` and held back until the server asks for it, or has
    /// been silent for [`PoolConfig::expect_timeout`](crate::PoolConfig::expect_timeout) (RFC 9110 §10.1.1). Off by
    /// default. Worth a round trip where a large upload may be refused.
    ///
    /// A server that answers 417 knows no expectations: the request is sent once more without, where its body was not
    /// asked for yet or can be read again. The 417 is in the [`history`](crate::Response::history).
    pub fn expect_continue(mut self, expect: bool) -> Self {
        self.plan.expect_continue = Some(expect);
        self
    }

    /// Sends these cookies with this request, beside the session's; they are bound to the URL's host and never kept.
    /// (Requests: `cookies=`. For a jar, set that of a [`Session`](crate::Session::cookies).)
    #[doc(alias = "cookie")]
    pub fn cookies<N: Into<String>, V: Into<String>>(
        mut self,
        cookies: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let cookies = cookies.into_iter().map(|(name, value)| (name.into(), value.into()));
        self.plan.cookies.extend(cookies);
        self
    }

    /// Authenticates: a pair of user name and password (Basic), [`Basic`](crate::Basic), [`Bearer`](crate::Bearer),
    /// [`Digest`](crate::Digest), or a closure over the prepared request. (Requests: `auth=`.)
    #[doc(alias("basic_auth", "bearer_auth"))]
    pub fn auth(mut self, auth: impl Into<SharedAuth>) -> Self {
        self.plan.auth = AuthChoice::As(auth.into());
        self
    }

    /// Sends no credentials: not the session's, not the URL's, not netrc's. (Requests: `auth=()`.)
    pub fn no_auth(mut self) -> Self {
        self.plan.auth = AuthChoice::Nobody;
        self
    }

    /// Takes the value, or keeps the first error for `send`.
    fn attempt<T>(mut self, value: Result<T>, take: impl FnOnce(&mut Plan, T)) -> Self {
        match value {
            Ok(value) => take(&mut self.plan, value),
            Err(error) => {
                self.plan.error.get_or_insert(error);
            }
        }
        self
    }
}

impl<C> fmt::Debug for Request<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Request [{}]>", self.plan.method)
    }
}

fn parse_method(method: &str) -> Result<Method> {
    let parsed = match method.bytes().any(|byte| byte.is_ascii_lowercase()) {
        true => Method::from_bytes(method.to_ascii_uppercase().as_bytes()),
        false => Method::from_bytes(method.as_bytes()),
    };
    parsed.map_err(|_| {
        let shown = method.escape_debug();
        Error::new(ErrorKind::InvalidMethod, format!("the method '{shown}' is not a token such as GET"))
    })
}
