//! A request as it will be sent: everything decided, everything still open to change.

use std::fmt;

use http::Method;
use reqs_proto::Headers;
use url::{Position, Url};

use crate::auth::SharedAuth;
use crate::body::Body;
use crate::hooks::{HookId, Hooks};
use crate::redact::Redacted;

/// The exact request that goes to the server. (Requests: `PreparedRequest`.)
///
/// [`Session::prepare`](crate::Session::prepare) makes one with the session's defaults in it; look at it, change any
/// of it, and send it with [`Session::send`](crate::Session::send). Headers are checked when it is sent, and a
/// Content-Length that no longer fits the body is refused there rather than put on the wire.
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
#[derive(Clone)]
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
    pub(crate) marks: Marks,
}

/// What is remembered of how a request was prepared, for the requests that follow from it.
#[derive(Clone, Default)]
pub(crate) struct Marks {
    /// It was said that nobody signs it: netrc is not asked either when it is redirected.
    pub(crate) no_auth: bool,
    /// Its `Cookie` was made from the jar, and may be made again from it.
    pub(crate) cookie_from_jar: bool,
    /// Hooks that the auth added; they leave with it.
    pub(crate) auth_hooks: Vec<HookId>,
}

impl PreparedRequest {
    /// Path and query, as on the request line. (Requests: `path_url`.)
    pub fn path_url(&self) -> &str {
        &self.url[Position::BeforePath..Position::AfterQuery]
    }

    /// Host, and port unless it is the scheme's own: the value of `Host` where the headers have none.
    pub fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }
}

/// Shows what will be sent without its secrets: no password of the URL, no Authorization, no cookies, no body.
impl fmt::Debug for PreparedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedRequest")
            .field("method", &self.method)
            .field("url", &format_args!("{}", Redacted(&self.url)))
            .field("headers", &self.headers)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
