//! A request as it will be sent: everything decided, everything still open to change.

use std::fmt;

use http::Method;
use reqs_proto::Headers;
use url::{Position, Url};

use crate::auth::SharedAuth;
use crate::body::Body;
use crate::curl::Curl;
use crate::error::{Error, ErrorKind, Result};
use crate::framing::{self, Framing};
use crate::hooks::{HookId, Hooks};
use crate::options::Options;
use crate::redact::{self, Redacted, Shown};

/// The exact request that goes to the server. (Requests: `PreparedRequest`.)
///
/// [`Session::prepare`](crate::Session::prepare) makes one with the session's defaults in it; look at it, change any
/// of it, and send it with [`Session::send`](crate::Session::send). What is left in it is what is sent. Headers are
/// checked before a byte goes out, and a Content-Length that no longer fits the body is refused rather than put on the
/// wire: change the body with [`set_body`](PreparedRequest::set_body).
///
/// A clone has headers of its own and the same body: bytes are shared, and a stream is still one stream.
///
/// ```no_run
/// use reqs::{Options, Request, Session};
///
/// let session = Session::new();
/// let mut prepared = session.prepare(Request::new("POST", "http://httpbin.org/post").data("hello"))?;
/// prepared.headers.insert("x-reason", "because");
/// let response = session.send(prepared, Options::new().timeout(5.0))?;
/// # Ok::<(), reqs::Error>(())
/// ```
///
/// It can be seen as a [`curl` command](PreparedRequest::as_curl), and converted from and to [`http::Request`]:
///
/// ```
/// # use reqs::PreparedRequest;
/// let request = http::Request::post("http://example.com/").header("x-a", "b").body("hi")?;
/// let prepared = PreparedRequest::try_from(request)?;
/// assert_eq!(&prepared.headers["content-length"], "2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[non_exhaustive]
pub struct PreparedRequest {
    /// The method, as it is sent.
    pub method: Method,
    /// The URL, with its params; the fragment and userinfo are never sent.
    pub url: Url,
    /// The headers, in the order in which they are sent. `Host` is put before them unless they hold one.
    pub headers: Headers,
    /// The body.
    pub body: Body,
    /// What signed the request, and answers if the server asks for more.
    pub auth: Option<SharedAuth>,
    /// What is called with the response.
    pub hooks: Hooks,
    /// Cookies of this request alone; they stay at the host that they were given for (CK-1).
    pub(crate) cookies: Vec<(String, String)>,
    /// The settings that were said while it was made, if any; those of the send are laid over them.
    pub(crate) options: Option<Box<Options>>,
    pub(crate) marks: Marks,
}

/// Not derived: what is derived is compiled anew in every place that clones, and this is large.
impl Clone for PreparedRequest {
    fn clone(&self) -> PreparedRequest {
        // Destructured without `..`, so that a new field cannot be forgotten here.
        let PreparedRequest { method, url, headers, body, auth, hooks, cookies, options, marks } = self;
        PreparedRequest {
            method: method.clone(),
            url: url.clone(),
            headers: headers.clone(),
            body: body.clone(),
            auth: auth.clone(),
            hooks: hooks.clone(),
            cookies: cookies.clone(),
            options: options.clone(),
            marks: marks.clone(),
        }
    }
}

/// What is remembered of how a request was prepared, for the requests that follow from it.
#[derive(Clone, Default)]
pub(crate) struct Marks {
    /// It was said that nobody signs it: netrc is not asked either when it is redirected.
    pub(crate) no_auth: bool,
    /// It was said that it has no `Cookie`: it gets none on its way either.
    pub(crate) no_cookies: bool,
    /// Its `Cookie` was made from the jar, and may be made again from it.
    pub(crate) cookie_from_jar: bool,
    /// What an auth left beside Authorization: hardly ever anything, and a request is moved about.
    pub(crate) by_auth: Option<Box<ByAuth>>,
    /// A redirect within the origin led here and had it signed: no challenge of this place was answered yet (DIG-4).
    pub(crate) signed_by_redirect: bool,
}

/// What leaves a request with the auth that put it there.
#[derive(Clone, Default)]
pub(crate) struct ByAuth {
    /// Headers beside Authorization that the auth or a `before_send` hook set, or that were said to be sensitive; they stay
    /// at the origin.
    pub(crate) headers: Vec<String>,
    /// Hooks that the auth added.
    pub(crate) hooks: Vec<HookId>,
}

impl Marks {
    /// Remembers these as the auth's.
    pub(crate) fn add(&mut self, headers: Vec<String>, hooks: Vec<HookId>) {
        if headers.is_empty() && hooks.is_empty() {
            return;
        }
        let by_auth = self.by_auth.get_or_insert_default();
        by_auth.headers.extend(headers);
        by_auth.hooks.extend(hooks);
    }

    fn auth_headers(&self) -> &[String] {
        self.by_auth.as_ref().map_or(&[], |by_auth| &by_auth.headers)
    }
}

impl PreparedRequest {
    /// Replaces the body, and sets Content-Length or Transfer-Encoding to fit it. The Content-Type stays; with no body
    /// left, nothing is expected of the server first (`Expect`).
    ///
    /// ```
    /// let mut prepared = reqs::post("http://example.com/").data("a").prepare()?;
    /// prepared.set_body("longer");
    /// assert_eq!(&prepared.headers["content-length"], "6");
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn set_body(&mut self, body: impl Into<Body>) {
        self.body = body.into();
        framing::refit(&mut self.headers, &self.method, &self.body);
    }

    /// Path and query, as on the request line; an empty query is none. (Requests: `path_url`.)
    pub fn path_url(&self) -> &str {
        match self.url.query() {
            None | Some("") => self.url.path(),
            Some(_) => &self.url[Position::BeforePath..Position::AfterQuery],
        }
    }

    /// Host, and port unless it is the scheme's own: the value of `Host` where the headers have none.
    pub fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }

    /// The URL for who sends the request by other means: without what is never sent, userinfo, fragment and an empty
    /// query.
    pub(crate) fn sent_url(&self) -> String {
        if self.url.cannot_be_a_base() {
            // `user:password@host` written without a scheme is such a URL.
            return Redacted(&self.url).to_string();
        }
        [&self.url[..Position::BeforeUsername], self.authority(), self.path_url()].concat()
    }

    /// The settings that were said while the request was made, such as a timeout; what
    /// [`Session::send`](crate::Session::send) is given is laid over them.
    pub fn options(&self) -> Option<&Options> {
        self.options.as_deref()
    }

    /// The request as a `curl` command for a POSIX shell, with the settings that were said for it. Credentials and cookies
    /// are left out, see [`Curl::with_secrets`]; query and body are shown. A body that is a stream is read from the
    /// command's input.
    ///
    /// ```
    /// let prepared = reqs::post("http://example.com/").header("x-a", "it's").data("hi").prepare()?;
    /// assert_eq!(
    ///     prepared.as_curl().to_string(),
    ///     r#"curl -X POST -H 'x-a: it'\''s' -H 'User-Agent:' -H 'Accept:' -H 'Content-Type:' --data-raw hi http://example.com/"#,
    /// );
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn as_curl(&self) -> Curl<'_> {
        Curl::of(self)
    }

    /// [`as_curl`](PreparedRequest::as_curl) as text.
    pub fn to_curl(&self) -> String {
        self.as_curl().to_string()
    }

    /// Whether the values of this header are not to be shown: credentials, whatever the auth set, and what was said to be
    /// sensitive.
    pub(crate) fn is_secret(&self, name: &str) -> bool {
        redact::is_sensitive(name)
            || self.marks.auth_headers().iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether all of it can be put on the wire, and how its body is framed there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeader`] where a header cannot be sent, or says another length than the body has.
    pub(crate) fn check(&self) -> Result<Framing> {
        self.check_headers()?;
        framing::check(&self.headers, &self.body)
    }

    /// Whether the headers can be sent.
    ///
    /// # Errors
    /// As [`check_headers`].
    pub(crate) fn check_headers(&self) -> Result<()> {
        check_headers(&self.headers).map_err(|error| error.with_url(&self.url))
    }
}

/// Whether these can be sent (HDR-1, HDR-2, HDR-4).
///
/// # Errors
/// [`ErrorKind::InvalidHeader`] with the header's name, never its value.
pub(crate) fn check_headers(headers: &Headers) -> Result<()> {
    headers
        .check()
        .map_err(|error| Error::new(ErrorKind::InvalidHeader, error.to_string()).with_source(error))
}

/// Method and URL, without user and password: a line for a log.
///
/// ```
/// let prepared = reqs::post("http://user:pass@example.com/a?b=1").prepare()?;
/// assert_eq!(prepared.to_string(), "POST http://example.com/a?b=1");
/// # Ok::<(), reqs::Error>(())
/// ```
impl fmt::Display for PreparedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, Redacted(&self.url))
    }
}

/// Shows what will be sent without its secrets: no password of the URL, no Authorization nor what else the auth set, no
/// cookies, no body.
impl fmt::Debug for PreparedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedRequest")
            .field("method", &self.method)
            .field("url", &format_args!("{}", Redacted(&self.url)))
            .field("headers", &Shown { headers: &self.headers, is_secret: |name: &str| self.is_secret(name) })
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
