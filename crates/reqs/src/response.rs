//! What came back: one type in two states, its body read ([`Content`]) or still to be read ([`Stream`]). This file owns
//! the head and what both states tell of it.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http::{Method, StatusCode, Version};
use reqs_cookies::CookieJar;
use reqs_pool::{ConnectionInfo, Timings};
use reqs_proto::{Headers, ResponseHead};
use url::Url;

use crate::body::Body;
pub use crate::content::Content;
use crate::cookies;
use crate::disposition;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::Hooks;
use crate::links::Links;
use crate::prepared::{Marks, PreparedRequest};
use crate::redact::Redacted;
use crate::redirect;
use crate::redirect_policy::RedirectPolicy;
pub use crate::stream::Stream;

/// A server's response. (Requests: `Response`.)
///
/// `Response` has its whole body at hand; `Response<Stream>`, from [`Request::stream`](crate::Request::stream), reads
/// it when asked. Both have the head's accessors. A clone of a whole response has a body of its own.
///
/// ```no_run
/// let r = reqs::get("https://api.github.com/events").send()?;
/// assert_eq!(r.status(), 200);
/// println!("{}", &r.headers()["content-type"]);
/// println!("{}", r.text());
/// # Ok::<(), reqs::Error>(())
/// ```
#[derive(Clone)]
pub struct Response<S = Content> {
    pub(crate) head: Box<Head>,
    pub(crate) body: S,
}

/// All of a response but its body.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) head: ResponseHead,
    /// Where an adapter gave one; else it is the request's.
    pub(crate) url: Option<Box<Url>>,
    pub(crate) request: Option<Arc<PreparedRequest>>,
    pub(crate) history: Vec<Response>,
    /// Where a redirect leads that was not followed, with the cookies and credentials for it.
    pub(crate) next: Option<Box<PreparedRequest>>,
    pub(crate) elapsed: Duration,
    /// What `set_encoding` said.
    pub(crate) encoding: Option<String>,
    pub(crate) trailers: Option<Box<Headers>>,
    /// Where the response came over a connection.
    pub(crate) exchange: Option<Exchange>,
}

/// What is known of the exchange that brought a response.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) connection: Arc<ConnectionInfo>,
    pub(crate) timings: Timings,
    pub(crate) reused: bool,
    pub(crate) informational: Vec<ResponseHead>,
}

/// What a response that was built by hand answers, where nothing was said of that.
static NO_REQUEST: LazyLock<PreparedRequest> = LazyLock::new(|| PreparedRequest {
    method: Method::GET,
    url: Url::parse("about:blank").expect("a URL of the standard"),
    headers: Headers::new(),
    body: Body::default(),
    auth: None,
    hooks: Hooks::default(),
    cookies: Vec::new(),
    options: None,
    marks: Marks::default(),
});

impl<S> Response<S> {
    /// The status code; it compares with numbers: `r.status() == 200`. (Requests: `status_code`.)
    pub fn status(&self) -> StatusCode {
        self.head.head.status
    }

    /// The reason phrase as the server wrote it, which may be empty.
    pub fn reason(&self) -> &str {
        self.head.head.reason()
    }

    /// The protocol's version in the status line.
    pub fn version(&self) -> Version {
        self.head.head.version
    }

    /// The headers, as received: `r.headers()["content-type"]` in any capitalisation, `.get()` where it may be
    /// absent, `.joined()` for repeats.
    pub fn headers(&self) -> &Headers {
        &self.head.head.headers
    }

    /// The URL that answered: the last one of a chain of redirects, with its fragment. (Requests: `url`.) It may hold
    /// credentials, as the one asked for did. Of a response that was built without one, `about:blank`.
    pub fn url(&self) -> &Url {
        match &self.head.url {
            Some(url) => url,
            None => &self.request().url,
        }
    }

    /// Whether the status is below 400. (Requests: `ok`.)
    pub fn ok(&self) -> bool {
        !is_failure(self.status())
    }

    /// The responses that led here, oldest first: redirects and answered challenges, with their bodies left out.
    pub fn history(&self) -> &[Response] {
        &self.head.history
    }

    /// The request that was answered: the last one of a chain. (Requests: `request`.)
    ///
    /// A response that was [built](Response::builder) without one, and that passed through no session, tells of a GET of
    /// `about:blank`.
    pub fn request(&self) -> &PreparedRequest {
        self.head.request.as_deref().unwrap_or(&NO_REQUEST)
    }

    /// The cookies that this response set, for the host that its request named. (Requests: `cookies`.)
    pub fn cookies(&self) -> CookieJar {
        let jar = CookieJar::new();
        let url = cookies::host_of(self.url(), &self.request().headers);
        jar.store(&url, self.headers().get_all("Set-Cookie"));
        jar
    }

    /// From the moment the request was given to the adapter until the response's head was read. (Requests:
    /// `elapsed`.)
    pub fn elapsed(&self) -> Duration {
        self.head.elapsed
    }

    /// Whether this is a redirect that names its target. (Requests: `is_redirect`.)
    pub fn is_redirect(&self) -> bool {
        redirect::is_redirect(&self.head.head)
    }

    /// Whether this is a redirect for good: 301 or 308. (Requests: `is_permanent_redirect`.)
    pub fn is_permanent_redirect(&self) -> bool {
        self.is_redirect()
            && matches!(self.status(), StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT)
    }

    /// The request that the redirect asks for, where redirects were not followed; send it with
    /// [`Session::send`](crate::Session::send). (Requests: `next`.)
    pub fn next_request(&self) -> Option<PreparedRequest> {
        match &self.head.next {
            Some(next) => Some((**next).clone()),
            None => {
                redirect::next(self.head.request.as_ref()?, &self.head.head, &RedirectPolicy::new()).ok()?
            }
        }
    }

    /// The connection that carried this: addresses, TLS version and certificates; `None` where an adapter made the
    /// response.
    pub fn connection(&self) -> Option<&ConnectionInfo> {
        Some(&self.head.exchange.as_ref()?.connection)
    }

    /// How long the steps of the exchange took, from looking up the name to the first byte; `None` where an adapter
    /// made the response.
    pub fn timings(&self) -> Option<&Timings> {
        Some(&self.head.exchange.as_ref()?.timings)
    }

    /// Whether the connection was kept from an earlier exchange.
    pub fn is_reused(&self) -> bool {
        self.head.exchange.as_ref().is_some_and(|exchange| exchange.reused)
    }

    /// The interim responses that came before this one, such as 103 Early Hints (RFC 9110 §15.2).
    pub fn informational(&self) -> &[ResponseHead] {
        self.head.exchange.as_ref().map_or(&[], |exchange| &exchange.informational)
    }

    /// The parsed `Link` headers: `r.links()["next"].url()`. (Requests: `links`.)
    pub fn links(&self) -> Links {
        Links::parse(self.headers().get_all("Link"), self.url())
    }

    /// A name under which the body may be saved: that of the Content-Disposition (RFC 6266), else the last part of the
    /// URL's path.
    ///
    /// It is a plain name for a file in the directory of your choice: what the server says of directories is left
    /// out, and a name that hides the file, means a device, or holds a control character is not taken. `None` where
    /// nothing is left. Whether a file of that name exists is yours to ask.
    pub fn filename(&self) -> Option<String> {
        disposition::filename(self.headers().get("Content-Disposition"), self.url())
    }

    /// The charset that the Content-Type names, or the one set by hand. (Requests: `encoding`.)
    pub fn encoding(&self) -> Option<&str> {
        match &self.head.encoding {
            Some(set) => Some(set),
            None => crate::text::charset(self.headers()),
        }
    }

    /// Overrules the charset for everything that is decoded from here on. (Requests: `r.encoding = ...`.)
    ///
    /// Labels are those of the [Encoding standard](https://encoding.spec.whatwg.org/#names-and-labels), in any case,
    /// and Python's names for the same charsets. As on the web, `ISO-8859-1` means windows-1252. A label that nothing
    /// is known of is as good as none for [`text`](Response::text), and an error for
    /// [`try_text`](Response::try_text), [`iter_text`](Response::iter_text) and
    /// [`iter_lines_text`](Response::iter_lines_text).
    ///
    /// ```
    /// let mut r = reqs::Response::builder().body(*b"caf\xe9").build().load()?;
    /// r.set_encoding("ISO-8859-1");
    /// assert_eq!(r.text(), "café");
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn set_encoding(&mut self, label: impl Into<String>) {
        self.head.encoding = Some(label.into());
    }

    /// The error with the request and URL that this response belongs to.
    pub(crate) fn named(&self, error: Error) -> Error {
        let error = match &self.head.url {
            Some(url) => error.with_url(url),
            None => error,
        };
        match &self.head.request {
            Some(request) => error.with_request(request),
            None => error,
        }
    }

    /// The error that this status is, if it is one; the message is Requests' (RES-4).
    pub(crate) fn status_error(&self) -> Option<Error> {
        let status = self.status();
        if !is_failure(status) {
            return None;
        }
        let side = if status.is_client_error() { "Client" } else { "Server" };
        let reason = self.reason();
        let message = format!("{} {side} Error: {reason}", status.as_u16());
        Some(self.named(Error::new(ErrorKind::Http, message)))
    }
}

impl<S: State> Response<S> {
    /// This response, or the error that its status is, which owns the response: one that is still to be read with the
    /// beginning of its body. (Requests: `raise_for_status`, which returns nothing; here a chain of calls can go on.)
    ///
    /// ```no_run
    /// use reqs::Response;
    ///
    /// let page = reqs::get("https://example.com/").send()?.raise_for_status()?.into_text();
    /// let page = reqs::get("https://example.com/").send().and_then(Response::raise_for_status);
    /// # Ok::<(), reqs::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Http`] for a status of 400 to 599.
    pub fn raise_for_status(self) -> Result<Response<S>> {
        match self.status_error() {
            None => Ok(self),
            Some(error) => Err(error.with_response(S::kept(self))),
        }
    }
}

/// Whether a response's body was read, [`Content`], or is still to be, [`Stream`]. Implemented here only.
pub trait State: sealed::Sealed {}

impl State for Content {}

impl State for Stream {}

mod sealed {
    use super::{Content, Response, Stream};

    pub trait Sealed: Sized {
        /// The response with its body, or the beginning of it, for an error to own.
        fn kept(response: Response<Self>) -> Response;
    }

    impl Sealed for Content {
        fn kept(response: Response) -> Response {
            response
        }
    }

    impl Sealed for Stream {
        fn kept(response: Response<Stream>) -> Response {
            response.load_for_error()
        }
    }
}

fn is_failure(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

impl<S> fmt::Debug for Response<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status().as_u16())
            .field("url", &format_args!("{}", Redacted(self.url())))
            .field("headers", self.headers())
            .finish_non_exhaustive()
    }
}

impl Head {
    pub(crate) fn new(head: ResponseHead, url: Option<Url>) -> Head {
        Head {
            head,
            url: url.map(Box::new),
            request: None,
            history: Vec::new(),
            next: None,
            elapsed: Duration::ZERO,
            encoding: None,
            trailers: None,
            exchange: None,
        }
    }
}

impl<S> Response<S> {
    pub(crate) fn assemble(head: Head, body: S) -> Response<S> {
        Response { head: Box::new(head), body }
    }
}

impl Response {
    /// A copy for the histories of later responses, which need not hold one another's.
    pub(crate) fn without_history(&self) -> Response {
        let Head { head, url, request, history: _, next: _, elapsed, encoding, trailers, exchange } =
            &*self.head;
        let head = Head {
            head: head.clone(),
            url: url.clone(),
            request: request.clone(),
            history: Vec::new(),
            next: None,
            elapsed: *elapsed,
            encoding: encoding.clone(),
            trailers: trailers.clone(),
            exchange: exchange.clone(),
        };
        Response::assemble(head, self.body.clone())
    }
}

impl Response<Stream> {
    /// The response with the beginning of its body, for an error to own.
    pub(crate) fn load_for_error(self) -> Response {
        self.load_at_most(ERROR_BODY)
    }
}

/// How much of an error's body is read for the error to own: more than any page says that a person reads.
const ERROR_BODY: u64 = 1 << 20;
