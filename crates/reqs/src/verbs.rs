//! One request without a session: `reqs::get(url)` and its like. (Requests: `requests.api`.)

use http::Method;

use crate::into_url::IntoUrl;
use crate::request::Request;

macro_rules! verbs {
    ($($name:ident $method:ident $doc:literal)*) => {$(
        #[doc = $doc]
        ///
        /// Nothing is sent before [`send`](Request::send) or [`stream`](Request::stream); the methods of [`Request`] say
        /// more on the way. Many requests to one host are faster by a [`Session`](crate::Session), which keeps connections.
        pub fn $name(url: impl IntoUrl) -> Request {
            Request::with_method((), Method::$method, url.into_address())
        }
    )*};
}
verbs! {
    get GET "A GET request, by a session of its own."
    options OPTIONS "An OPTIONS request, by a session of its own."
    post POST "A POST request, by a session of its own."
    put PUT "A PUT request, by a session of its own."
    patch PATCH "A PATCH request, by a session of its own."
    delete DELETE "A DELETE request, by a session of its own."
}

/// A HEAD request, by a session of its own; it does not follow redirects unless told to.
pub fn head(url: impl IntoUrl) -> Request {
    Request::with_method((), Method::HEAD, url.into_address()).allow_redirects(false)
}

/// A QUERY request, by a session of its own: safe like GET, with a body (RFC 10008).
pub fn query(url: impl IntoUrl) -> Request {
    Request::new("QUERY", url)
}

/// A request with any method, by a session of its own. (Requests: `request`.)
///
/// ```no_run
/// let r = reqs::request("PROPFIND", "http://example.com/dav/").header("depth", "1").send()?;
/// # Ok::<(), reqs::Error>(())
/// ```
pub fn request(method: impl AsRef<str>, url: impl IntoUrl) -> Request {
    Request::new(method, url)
}
