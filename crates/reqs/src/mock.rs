//! An adapter that answers from a script and keeps what it was sent: for the tests of programs that use reqs.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Method;
use reqs_pool::Outgoing;
use reqs_proto::Headers;
use url::Url;

use crate::adapter::Adapter;
use crate::error::{Error, ErrorKind, Result};
use crate::framing;
use crate::options::Options;
use crate::prepared::PreparedRequest;
use crate::redact::Redacted;
use crate::response::{Response, Stream};

/// Answers requests from a script, without a network, and keeps them for a test to look at.
///
/// Answers are given in the order in which they were added; each serves one request. Where they have run out, the answer of
/// [`always`](MockAdapter::always) is given, and without one the request fails with a line that says so. A clone is the same
/// mock: mount one, ask the other.
///
/// ```
/// use reqs::{ErrorKind, MockAdapter, Response, Retry, Session};
///
/// let mock = MockAdapter::new()
///     .fail(ErrorKind::ConnectTimeout, "as planned")
///     .answer(Response::builder().status(503).build())
///     .answer(Response::builder().body("third time lucky").build());
/// let mut session = Session::new();
/// session.mount("https://api.example.com", mock.clone());
///
/// let retry = Retry::new(5).statuses([503]);
/// let r = session.get("https://api.example.com/v1").header("x-key", "1").retry(retry).send()?;
/// assert_eq!(r.text(), "third time lucky");
/// assert_eq!(mock.requests().len(), 3);
/// assert_eq!(&mock.requests()[0].headers["X-Key"], "1");
/// # Ok::<(), reqs::Error>(())
/// ```
///
/// Cookies, redirects, auth, hooks and retries are the session's affair, so they work as over a network. Headers and the
/// body's length are checked as before sending, and streamed bodies are read.
#[derive(Clone, Default)]
pub struct MockAdapter(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    script: VecDeque<Answer>,
    always: Option<Always>,
    recorded: Vec<Recorded>,
    closed: usize,
}

enum Answer {
    Response(Box<Response<Stream>>),
    Error(Error),
}

type Always = Arc<dyn Fn(&Recorded) -> Result<Response<Stream>> + Send + Sync>;

/// A request as a [`MockAdapter`] got it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Recorded {
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: Url,
    /// The headers; `Host` is among them only where the request said so itself.
    pub headers: Headers,
    /// The body's bytes, read to the end where it is a stream.
    pub body: Vec<u8>,
    /// The settings that the request was sent with, merged.
    pub options: Options,
}

impl MockAdapter {
    /// A mock without a script.
    pub fn new() -> MockAdapter {
        MockAdapter::default()
    }

    /// Adds a response for one request.
    #[must_use]
    pub fn answer(self, response: impl Into<Response<Stream>>) -> MockAdapter {
        self.lock().script.push_back(Answer::Response(Box::new(response.into())));
        self
    }

    /// Adds a failure for one request.
    #[must_use]
    pub fn fail(self, kind: ErrorKind, message: impl Into<String>) -> MockAdapter {
        self.lock().script.push_back(Answer::Error(Error::new(kind, message.into())));
        self
    }

    /// Answers every request for which the script has nothing.
    ///
    /// ```
    /// use reqs::{MockAdapter, Response, Session};
    ///
    /// let echo = MockAdapter::new().always(|r| Ok(Response::builder().body(r.body.clone()).build()));
    /// let mut session = Session::new();
    /// session.mount("http://", echo);
    /// assert_eq!(session.post("http://any/").data("hello").send()?.text(), "hello");
    /// # Ok::<(), reqs::Error>(())
    /// ```
    #[must_use]
    pub fn always<F>(self, answer: F) -> MockAdapter
    where
        F: Fn(&Recorded) -> Result<Response<Stream>> + Send + Sync + 'static,
    {
        self.lock().always = Some(Arc::new(answer));
        self
    }

    /// The requests so far, in the order in which they came.
    pub fn requests(&self) -> Vec<Recorded> {
        self.lock().recorded.clone()
    }

    /// How many answers of the script were not used yet: 0 where everything happened that was planned.
    pub fn answers_left(&self) -> usize {
        self.lock().script.len()
    }

    /// How often [`close`](Adapter::close) was called.
    pub fn times_closed(&self) -> usize {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, and every state in between is a valid one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Adapter for MockAdapter {
    fn send(&self, request: &PreparedRequest, options: &Options) -> Result<Response<Stream>> {
        let recorded = record(request, options)?;
        let (answer, always) = {
            let mut state = self.lock();
            state.recorded.push(recorded.clone());
            (state.script.pop_front(), state.always.clone())
        };
        match (answer, always) {
            (Some(Answer::Response(response)), _) => Ok(*response),
            (Some(Answer::Error(error)), _) => Err(error),
            // Not under the lock, since the closure may ask the mock.
            (None, Some(always)) => always(&recorded),
            (None, None) => {
                let (method, url) = (&request.method, Redacted(&request.url));
                let message = format!("the MockAdapter has no answer left for {method} {url}");
                Err(Error::new(ErrorKind::Other, message))
            }
        }
    }

    fn close(&self) {
        self.lock().closed += 1;
    }
}

/// What would have gone over the wire, with the errors that there would have been.
fn record(request: &PreparedRequest, options: &Options) -> Result<Recorded> {
    request.headers.check().map_err(|error| {
        Error::new(ErrorKind::InvalidHeader, error.to_string()).with_source(error).with_url(&request.url)
    })?;
    let framing = framing::check(&request.headers, &request.body)?;
    let body = read(request.body.open()?.outgoing(framing)).map_err(|error| {
        let message = format!("the body could not be read: {error}");
        Error::new(ErrorKind::InvalidBody, message).with_source(error).with_url(&request.url)
    })?;
    Ok(Recorded {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        body,
        options: options.clone(),
    })
}

fn read(outgoing: Outgoing<'_>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    match outgoing {
        Outgoing::Empty => {}
        Outgoing::Bytes(bytes) => body.extend_from_slice(bytes),
        Outgoing::File { file, length } => drop(file.take(length).read_to_end(&mut body)?),
        Outgoing::Reader { reader, .. } => drop(reader.read_to_end(&mut body)?),
        Outgoing::Chunks(items) => {
            for item in items {
                body.extend_from_slice(&item?);
            }
        }
    }
    Ok(body)
}

/// Shows what a log may show: no password, Authorization, cookie or body.
impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("method", &self.method)
            .field("url", &format_args!("{}", Redacted(&self.url)))
            .field("headers", &self.headers)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for MockAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("MockAdapter")
            .field("answers_left", &state.script.len())
            .field("requests", &state.recorded)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Body;
    use crate::session::Session;

    fn session(mock: &MockAdapter) -> Session {
        let mut session = Session::new();
        session.mount("http://", mock.clone());
        session
    }

    #[test]
    fn answers_come_in_order_then_the_standing_one_then_an_error() {
        let mock = MockAdapter::new()
            .answer(Response::builder().status(201).build())
            .fail(ErrorKind::ReadTimeout, "as planned");
        let s = session(&mock);
        assert_eq!(s.get("http://h/").send().unwrap().status(), 201);
        assert_eq!(mock.answers_left(), 1);
        assert_eq!(s.get("http://h/").send().unwrap_err().kind(), ErrorKind::ReadTimeout);
        let error = s.get("http://u:secret@h/x").send().unwrap_err();
        assert!(error.to_string().contains("no answer left for GET http://h/x"), "{error}");
        let standing = mock
            .clone()
            .always(|r| Ok(Response::builder().status(if r.url.path() == "/a" { 200 } else { 404 }).build()));
        assert_eq!(s.get("http://h/a").send().unwrap().status(), 200);
        assert_eq!(s.get("http://h/b").send().unwrap().status(), 404);
        assert_eq!(standing.requests().len(), 5);
        s.close();
        assert_eq!(mock.times_closed(), 1);
    }

    #[test]
    fn bodies_of_every_kind_are_recorded() {
        let mock = MockAdapter::new().always(|_| Ok(Response::builder().build()));
        let s = session(&mock);
        let bodies: Vec<Body> = vec![
            Body::from("abc"),
            Body::reader(&b"abc"[..]),
            Body::sized(&b"abc"[..], 3),
            Body::chunks(["a", "bc"]),
            Body::factory(None, || Ok(&b"abc"[..])),
        ];
        for body in bodies {
            s.post("http://h/").data(body).send().unwrap();
        }
        assert!(mock.requests().iter().all(|r| r.body == b"abc"), "{mock:?}");
        assert!(s.post("http://h/").data(Body::sized(&b"abc"[..], 4)).send().is_err());
    }

    #[test]
    fn a_mock_refuses_what_could_not_be_sent_and_shows_no_secret() {
        let mock = MockAdapter::new().always(|_| Ok(Response::builder().build()));
        let s = session(&mock);
        let error = s.get("http://h/").header("x-bad", "a\r\nb").send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidHeader);
        s.get("http://u:secret@h/").header("cookie", "secret").send().unwrap();
        let shown = format!("{mock:?}");
        assert!(!shown.contains("secret") && !shown.contains("dTpz"), "{shown}");
    }
}
