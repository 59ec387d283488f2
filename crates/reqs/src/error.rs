//! The one error of the facade: what went wrong, with which URL, and the request and response where there are any.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use http::method::InvalidMethod;
use reqs_cookies::{CookieConflict, InvalidCookie};
use reqs_pool::FingerprintError;
use url::Url;

use crate::prepared::PreparedRequest;
use crate::redact::Redacted;
use crate::response::Response;

/// The result of everything in reqs that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Anything that can go wrong with a request: one word wide, `Send`, `Sync`, and shown on one line.
///
/// [`kind`](Error::kind) names what happened in Requests' words. Where one kind belongs to several families, as
/// `ConnectTimeout` does, the `is_…` methods answer for each. The message holds no password, token or cookie of the
/// request, and of a response's body a few words at most: where it stops being JSON, or a value of another type.
///
/// ```
/// let error = reqs::get("example.com").send().unwrap_err();
/// assert_eq!(error.kind(), reqs::ErrorKind::MissingSchema);
/// assert!(error.to_string().contains("Perhaps you meant https://example.com?"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    url: Option<Url>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    request: Option<Arc<PreparedRequest>>,
    response: Option<Response>,
}

/// What went wrong, in Requests' words (its exception of the same name is given where the name differs).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The URL has no scheme such as `https://`.
    MissingSchema,
    /// No adapter is mounted for the URL's scheme.
    InvalidSchema,
    /// The URL cannot be parsed, or has no host.
    InvalidUrl,
    /// The method is not a token (RFC 9110 §9.1).
    InvalidMethod,
    /// A header's name is not a token, or its value holds a character that may not be sent.
    InvalidHeader,
    /// A setting cannot be used: a negative timeout, say. (Requests: `ValueError`.)
    InvalidOption,
    /// Params or form fields have a shape that does not become pairs of text. (Requests: `ValueError`.)
    InvalidParams,
    /// The body cannot be made or sent as described: two bodies at once, framing headers that disagree with it, a
    /// reader that failed or gave another length than it said.
    InvalidBody,
    /// The value for a JSON body cannot be written as JSON.
    InvalidJson,
    /// A proxy's URL cannot be used.
    InvalidProxyUrl,
    /// The host's name could not be resolved. (Requests: `ConnectionError`.)
    Resolve,
    /// The connection could not be made, or broke before a response arrived. (Requests: `ConnectionError`.)
    Connection,
    /// Connecting took longer than the connect timeout.
    ConnectTimeout,
    /// The server sent nothing for longer than the read timeout.
    ReadTimeout,
    /// The server took nothing for longer than the write timeout.
    WriteTimeout,
    /// The whole exchange took longer than the total timeout.
    Timeout,
    /// The proxy could not be reached or refused. (Requests: `ProxyError`.)
    Proxy,
    /// TLS failed: a certificate that does not verify, a handshake refused, a certificate file that cannot be read.
    /// (Requests: `SSLError`.)
    Ssl,
    /// More redirects than [`max_redirects`](crate::Session::max_redirects).
    TooManyRedirects,
    /// The response's status is 400 to 599; from [`raise_for_status`](crate::Response::raise_for_status). (Requests:
    /// `HTTPError`.)
    Http,
    /// The server's bytes are not HTTP, or frame the body in a way that cannot be trusted.
    InvalidResponse,
    /// The response's body broke off or its chunks are malformed.
    ChunkedEncoding,
    /// The response's gzip, deflate, br or zstd coding is damaged, cut short, or over a limit.
    ContentDecoding,
    /// The body was already read, wholly or in part, by other means.
    StreamConsumed,
    /// The response's body is not the JSON that was asked for. (Requests: `JSONDecodeError`.)
    JsonDecode,
    /// The response's charset is one that nothing is known of, or its bytes are not of that charset, where that is not
    /// passed over. (Requests: `LookupError`.)
    UnknownEncoding,
    /// A body had to be sent again, and cannot be.
    UnrewindableBody,
    /// Retries ran out. (Requests: `RetryError`.)
    Retry,
    /// Several cookies match the name. (Requests: `CookieConflictError`.)
    CookieConflict,
    /// A file or another local resource failed.
    Io,
    /// Something else, from an adapter, an auth or a hook.
    Other,
}

/// The name, as in the code: for logs and figures.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Error {
    /// An error of this kind with this message; adapters, auths and hooks make theirs here.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Error {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            url: None,
            source: None,
            request: None,
            response: None,
        }))
    }

    /// The same error with its cause, which [`source`](StdError::source) gives back.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with the URL that it is about, unless it has one.
    #[must_use]
    pub fn with_url(mut self, url: &Url) -> Error {
        self.0.url.get_or_insert_with(|| url.clone());
        self
    }

    /// The same error with the request that it is about, unless it has one; so for its response.
    #[must_use]
    pub fn with_request(mut self, request: &Arc<PreparedRequest>) -> Error {
        self.0.url.get_or_insert_with(|| request.url.clone());
        let request = self.0.request.get_or_insert_with(|| Arc::clone(request));
        if let Some(response) = &mut self.0.response {
            response.head.request.get_or_insert_with(|| Arc::clone(request));
        }
        self
    }

    /// The same error with the response that it is about.
    #[must_use]
    pub fn with_response(self, mut response: Response) -> Error {
        let mut named = response.named(self);
        if let Some(request) = &named.0.request {
            response.head.request.get_or_insert_with(|| Arc::clone(request));
        }
        named.0.response = Some(response);
        named
    }

    /// The same error with a few words more in its line.
    pub(crate) fn noting(mut self, note: fmt::Arguments<'_>) -> Error {
        self.0.message.to_mut().push_str(&note.to_string());
        self
    }

    /// The pool's error that this one was made of.
    pub(crate) fn pool_error(&self) -> Option<&reqs_pool::Error> {
        self.0.source.as_deref()?.downcast_ref()
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether time ran out: connecting, reading, writing or in all. (Requests: `except Timeout`.)
    pub fn is_timeout(&self) -> bool {
        use ErrorKind::{ConnectTimeout, ReadTimeout, Timeout, WriteTimeout};
        matches!(self.kind(), ConnectTimeout | ReadTimeout | WriteTimeout | Timeout)
    }

    /// Whether the connection failed before a response came: resolving, connecting, TLS, the proxy, or a break.
    /// (Requests: `except ConnectionError`.) A body that breaks off later is [`ErrorKind::ChunkedEncoding`], which is
    /// none of these there either.
    pub fn is_connection(&self) -> bool {
        use ErrorKind::{ConnectTimeout, Connection, Proxy, Resolve, Ssl};
        matches!(self.kind(), Resolve | Connection | ConnectTimeout | Proxy | Ssl)
    }

    /// Whether the request itself could not be made, so that nothing was sent.
    pub fn is_invalid_request(&self) -> bool {
        use ErrorKind::*;
        matches!(
            self.kind(),
            MissingSchema
                | InvalidSchema
                | InvalidUrl
                | InvalidMethod
                | InvalidHeader
                | InvalidOption
                | InvalidParams
                | InvalidBody
                | InvalidJson
                | InvalidProxyUrl
        )
    }

    /// The URL that was asked for, where the error is about one; it may hold credentials, the message never does.
    pub fn url(&self) -> Option<&Url> {
        self.0.url.as_ref()
    }

    /// The request that failed. (Requests: `e.request`.)
    pub fn request(&self) -> Option<&PreparedRequest> {
        self.0.request.as_deref()
    }

    /// The response that made this an error, with its body. (Requests: `e.response`.)
    pub fn response(&self) -> Option<&Response> {
        self.0.response.as_ref()
    }

    /// The response that made this an error, taken out.
    pub fn into_response(self) -> Option<Response> {
        self.0.response
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.url {
            // Some of Requests' messages are sentences, which do not end here.
            Some(url) => write!(f, "{} for url: {}", self.0.message.trim_end_matches('.'), Redacted(url)),
            None => f.write_str(&self.0.message),
        }
    }
}

/// All of it, as a `main` that returns it prints it: the message, and below it what only the cause knows.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind).field("message", &self.0.message);
        if let Some(url) = &self.0.url {
            out.field("url", &format_args!("{}", Redacted(url)));
        }
        if let Some(source) = self.source() {
            out.field("source", &source);
        }
        if let Some(response) = &self.0.response {
            out.field("response", response);
        }
        out.finish()
    }
}

impl StdError for Error {
    /// The cause, for programs to look into: an error of `std::io`, rustls or `serde_json`, say. What a person needs of
    /// it is in the message.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // A pool's error says what this one says, so that what it was made of, if anything, comes next.
        let below = match self.pool_error() {
            Some(error) => error.cause(),
            None => self.0.source.as_deref(),
        };
        below.map(|source| source as &(dyn StdError + 'static))
    }
}

/// An error of ours that passed through [`std::io::Read`] comes back as it was; any other becomes
/// [`ErrorKind::Io`].
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        match error.downcast::<Error>() {
            Ok(ours) => ours,
            Err(error) => Error::new(ErrorKind::Io, error.to_string()).with_source(error),
        }
    }
}

/// For readers of streamed bodies, and for functions that return [`io::Result`]: the kind is that of the system's error
/// where one is the cause, as `ConnectionRefused`, and the nearest where there is none.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
        let kind = match (error.kind(), cause) {
            _ if error.is_timeout() => io::ErrorKind::TimedOut,
            (ErrorKind::ChunkedEncoding, _) => io::ErrorKind::UnexpectedEof,
            (ErrorKind::ContentDecoding | ErrorKind::InvalidResponse, _) => io::ErrorKind::InvalidData,
            (_, Some(cause)) => cause.kind(),
            _ if error.is_invalid_request() => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

/// As [`ErrorKind::InvalidUrl`], for a [`Url`] that is parsed by hand.
impl From<url::ParseError> for Error {
    fn from(error: url::ParseError) -> Error {
        caused_by(ErrorKind::InvalidUrl, "the URL cannot be parsed", error)
    }
}

/// As [`ErrorKind::JsonDecode`], for JSON that is read line by line or event by event.
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Error {
        caused_by(ErrorKind::JsonDecode, "the text is not the JSON expected", error)
    }
}

/// As [`ErrorKind::CookieConflict`].
impl From<CookieConflict> for Error {
    fn from(error: CookieConflict) -> Error {
        Error::new(ErrorKind::CookieConflict, error.to_string()).with_source(error)
    }
}

/// As [`ErrorKind::InvalidHeader`].
impl From<InvalidCookie> for Error {
    fn from(error: InvalidCookie) -> Error {
        Error::new(ErrorKind::InvalidHeader, error.to_string()).with_source(error)
    }
}

/// As [`ErrorKind::InvalidMethod`], for a [`Method`](crate::Method) that is parsed by hand.
impl From<InvalidMethod> for Error {
    fn from(error: InvalidMethod) -> Error {
        caused_by(ErrorKind::InvalidMethod, "the method is not a token such as GET", error)
    }
}

/// As [`ErrorKind::InvalidOption`].
impl From<FingerprintError> for Error {
    fn from(error: FingerprintError) -> Error {
        Error::new(ErrorKind::InvalidOption, error.to_string()).with_source(error)
    }
}

/// For causes that do not say what they are about.
fn caused_by(kind: ErrorKind, what: &str, cause: impl StdError + Send + Sync + 'static) -> Error {
    Error::new(kind, format!("{what}: {cause}")).with_source(cause)
}

const _: () = {
    const fn crosses_threads<T: Send + Sync + 'static>() {}
    crosses_threads::<Error>();
    assert!(size_of::<Error>() == size_of::<usize>());
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_shown_by_its_name() {
        assert_eq!(ErrorKind::ConnectTimeout.to_string(), "ConnectTimeout");
    }

    #[test]
    fn debug_says_nothing_twice() {
        let error = crate::get("http://127.0.0.1:1/").send().unwrap_err();
        let shown = format!("{error:?}");
        assert_eq!(shown.matches("could not connect").count(), 1, "{shown}");
        assert!(shown.contains("source: Os {"), "{shown}");
    }

    #[test]
    fn our_error_comes_back_whole_from_io() {
        let io: io::Error = Error::new(ErrorKind::ReadTimeout, "nothing for 1 s").into();
        assert_eq!(io.kind(), io::ErrorKind::TimedOut);
        let back = Error::from(io);
        assert_eq!((back.kind(), back.to_string().as_str()), (ErrorKind::ReadTimeout, "nothing for 1 s"));
    }

    #[test]
    fn the_kind_of_the_system_carries_over_to_io() {
        let kind = |error: Error| io::Error::from(error).kind();
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(
            kind(Error::new(ErrorKind::Connection, "").with_source(refused)),
            io::ErrorKind::ConnectionRefused
        );
        assert_eq!(kind(Error::new(ErrorKind::Connection, "")), io::ErrorKind::Other);
        assert_eq!(kind(Error::new(ErrorKind::InvalidUrl, "")), io::ErrorKind::InvalidInput);
        assert_eq!(kind(Error::new(ErrorKind::ChunkedEncoding, "")), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_stands_beside_a_request_fails_in_the_same_words() {
        let jar = reqs_cookies::CookieJar::new();
        for domain in ["a.example", "b.example"] {
            jar.set("name", "1", domain, "/").unwrap();
        }
        let errors: [(Error, ErrorKind, &str); 6] = [
            (Url::parse("no url").unwrap_err().into(), ErrorKind::InvalidUrl, "the URL cannot be parsed: "),
            (
                serde_json::from_str::<u8>("x").unwrap_err().into(),
                ErrorKind::JsonDecode,
                "the text is not the JSON expected: expected value at line 1 column 1",
            ),
            (jar.get("name").unwrap_err().into(), ErrorKind::CookieConflict, ""),
            (jar.set("a\nb", "1", "a.example", "/").unwrap_err().into(), ErrorKind::InvalidHeader, ""),
            (
                "A B".parse::<http::Method>().unwrap_err().into(),
                ErrorKind::InvalidMethod,
                "the method is not",
            ),
            ("xy".parse::<reqs_pool::Fingerprint>().unwrap_err().into(), ErrorKind::InvalidOption, ""),
        ];
        for (error, kind, beginning) in errors {
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().starts_with(beginning), "{error}");
            assert!(error.source().is_some(), "{error}");
        }
    }

    #[test]
    fn res_4_sec_14_the_url_is_shown_without_its_password() {
        let url = Url::parse("http://user:secret@h/p?q#f").unwrap();
        let error = Error::new(ErrorKind::Http, "404 Client Error: Not Found").with_url(&url);
        assert_eq!(error.to_string(), "404 Client Error: Not Found for url: http://h/p?q#f");
        assert!(!format!("{error:?}").contains("secret"));
        assert_eq!(error.url(), Some(&url));
    }

    #[test]
    fn res_13_the_response_of_an_error_has_its_request() {
        let request = Arc::new(crate::get("http://h/p").prepare().unwrap());
        let refusal = || Response::builder().status(407).build().load().unwrap();
        for error in [
            Error::new(ErrorKind::Proxy, "").with_response(refusal()).with_request(&request),
            Error::new(ErrorKind::Proxy, "").with_request(&request).with_response(refusal()),
        ] {
            assert_eq!(error.response().unwrap().request().url.as_str(), "http://h/p");
        }
    }

    #[test]
    fn exc_1_a_broken_body_is_no_connection_error_as_in_requests() {
        assert!(!Error::new(ErrorKind::ChunkedEncoding, "").is_connection());
    }

    #[test]
    fn exc_1_a_connect_timeout_is_both() {
        let error = Error::new(ErrorKind::ConnectTimeout, "");
        assert!(error.is_timeout() && error.is_connection());
        assert!(!Error::new(ErrorKind::ReadTimeout, "").is_connection());
    }
}
