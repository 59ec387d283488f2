//! Responses made by hand, for adapters and tests.

use std::fmt;
use std::io::{Cursor, Read};
use std::sync::Arc;
use std::time::Duration;

use http::{StatusCode, Version};
use reqs_proto::{DecodeLimits, Headers, ResponseHead};
use url::Url;

use crate::prepared::PreparedRequest;
use crate::redact::Redacted;
use crate::response::{Head, Response, Stream};

/// A response in the making; from [`Response::builder`].
///
/// ```
/// let r = reqs::Response::builder().status(404).header("x-mock", "yes").body("gone").build().load()?;
/// assert_eq!((r.status().as_u16(), r.text().as_ref()), (404, "gone"));
/// # Ok::<(), reqs::Error>(())
/// ```
pub struct ResponseBuilder {
    status: u16,
    reason: Option<String>,
    version: Version,
    headers: Headers,
    url: Option<Url>,
    request: Option<Arc<PreparedRequest>>,
    history: Vec<Response>,
    elapsed: Duration,
    trailers: Option<Headers>,
    body: Body,
    coded: Option<DecodeLimits>,
}

enum Body {
    Bytes(Vec<u8>),
    Reader(Box<dyn Read + Send>),
}

impl Response {
    /// Begins a response of status 200 without headers or body.
    pub fn builder() -> ResponseBuilder {
        ResponseBuilder {
            status: 200,
            reason: None,
            version: Version::HTTP_11,
            headers: Headers::new(),
            url: None,
            request: None,
            history: Vec::new(),
            elapsed: Duration::ZERO,
            trailers: None,
            body: Body::Bytes(Vec::new()),
            coded: None,
        }
    }
}

impl ResponseBuilder {
    /// Sets the status code.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets the reason phrase; the standard one by default.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Sets the protocol's version; HTTP/1.1 by default.
    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Adds headers.
    #[must_use]
    pub fn headers<K: AsRef<str>, V: AsRef<str>>(
        mut self,
        headers: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Sets the URL that answered; the request's by default.
    #[must_use]
    pub fn url(mut self, url: Url) -> Self {
        self.url = Some(url);
        self
    }

    /// Sets the request that is answered, for responses that pass through no session; a session sets its own.
    #[must_use]
    pub fn request(mut self, request: PreparedRequest) -> Self {
        self.request = Some(Arc::new(request));
        self
    }

    /// Sets the responses that led here; a session sets its own.
    #[must_use]
    pub fn history(mut self, history: impl IntoIterator<Item = Response>) -> Self {
        self.history = history.into_iter().collect();
        self
    }

    /// Sets how long the answer took; a session sets its own.
    #[must_use]
    pub fn elapsed(mut self, elapsed: Duration) -> Self {
        self.elapsed = elapsed;
        self
    }

    /// Sets the trailer fields; none by default.
    #[must_use]
    pub fn trailers(mut self, trailers: Headers) -> Self {
        self.trailers = Some(trailers);
        self
    }

    /// Sets the body. It is taken as it is, whatever a Content-Encoding says, unless [`decode`](Self::decode) asks for
    /// more.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Bytes(body.into());
        self
    }

    /// Sets a body that is read when it is asked for, otherwise as [`body`](Self::body).
    #[must_use]
    pub fn reader(mut self, reader: impl Read + Send + 'static) -> Self {
        self.body = Body::Reader(Box::new(reader));
        self
    }

    /// Says that the body is still coded as its Content-Encoding tells: reading it undoes the codings, within these
    /// limits. For adapters that bring bytes from a wire of their own.
    #[must_use]
    pub fn decode(mut self, limits: DecodeLimits) -> Self {
        self.coded = Some(limits);
        self
    }

    /// The response, with its body to be read.
    ///
    /// # Panics
    /// When the status is not between 100 and 999.
    pub fn build(self) -> Response<Stream> {
        let Ok(status) = StatusCode::from_u16(self.status) else {
            panic!("{} is no status code", self.status)
        };
        let mut head = ResponseHead::new(self.version, status, self.headers);
        if let Some(reason) = self.reason {
            head = head.with_reason(reason);
        }
        let mut head = Head::new(head, self.url);
        head.request = self.request;
        head.history = self.history;
        head.elapsed = self.elapsed;
        head.trailers = self.trailers.map(Box::new);
        let body = match (self.body, self.coded) {
            (Body::Bytes(bytes), None) => Stream::held(bytes),
            (Body::Bytes(bytes), coded) => Stream::reader(Box::new(Cursor::new(bytes)), coded),
            (Body::Reader(reader), coded) => Stream::reader(reader, coded),
        };
        Response::assemble(head, body)
    }
}

/// The URL is shown without its userinfo, headers without credentials, the body by its length (SEC-14).
impl fmt::Debug for ResponseBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut builder = f.debug_struct("ResponseBuilder");
        builder.field("status", &self.status);
        if let Some(url) = &self.url {
            builder.field("url", &format_args!("{}", Redacted(url)));
        }
        builder.field("headers", &self.headers).field("body", &self.body).finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Body::Reader(_) => f.write_str("a reader"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn what_was_said_is_there() {
        let r = Response::builder()
            .status(599)
            .reason("Odd")
            .version(Version::HTTP_10)
            .headers([("A", "1"), ("B", "2")])
            .url(Url::parse("http://h/p#f").unwrap())
            .history([Response::builder().status(302).build().load().unwrap()])
            .elapsed(Duration::from_secs(1))
            .trailers(Headers::from([("Digest", "x")]))
            .reader(&b"body"[..])
            .build();
        assert_eq!((r.status().as_u16(), r.reason(), r.version()), (599, "Odd", Version::HTTP_10));
        assert_eq!((&r.headers()["a"], r.url().as_str(), r.history().len()), ("1", "http://h/p#f", 1));
        assert_eq!((r.elapsed(), r.ok()), (Duration::from_secs(1), false));
        let r = r.load().unwrap();
        assert_eq!((r.content(), &r.trailers().unwrap()["digest"]), (&b"body"[..], "x"));
        let copy = r.clone();
        assert_eq!((copy.content(), copy.history().len(), copy.url()), (r.content(), 1, r.url()));
    }

    #[test]
    fn sec_14_debug_shows_no_secrets() {
        let url = Url::parse("http://user:s3cret@h/").unwrap();
        let builder = Response::builder().url(url).header("Set-Cookie", "a=s3cret").body("s3cret");
        let shown = format!("{builder:?}");
        assert!(shown.contains("http://h/") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn a_coded_body_is_decoded_where_that_was_asked_for() {
        let build = || Response::builder().header("Content-Encoding", "gzip").body("not gzip");
        assert_eq!(build().build().load().unwrap().text(), "not gzip");
        let error = build().decode(DecodeLimits::default()).build().load().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ContentDecoding);
    }
}
