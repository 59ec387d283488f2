//! One exchange on one connection, as an explicit state machine. It owns the order of things; the rules are elsewhere:
//! what may be sent in `request`, what a head means in `framing` and `response`, chunks in `chunked`.

use crate::chunked::{ChunkedDecoder, LAST_CHUNK, encode_chunk};
use crate::error::Error;
use crate::frame::Frame;
use crate::framing::{BodyLength, MethodKind, ResponseBody, close_reason, response_framing};
use crate::headers::Headers;
use crate::limits::Limits;
use crate::request::{RequestHead, encode};
use crate::response::{HeadReader, ResponseHead};
use crate::reuse::CloseReason;

/// One exchange on one connection, without the connection: bytes in, bytes out.
///
/// Both sides of an exchange run at the same time: a server may answer before the request body has ended.
///
/// ```text
///  request side                                  response side
///
///  start()                                       Head ◀──────────────┐
///    │ head written, framing learned              │ receive_head()    │ 1xx: Informational
///    ▼                                            ├───────────────────┘
///  Body ◀──┐ encode_body(), note_sent()           │ Final
///    │     │ (expects_continue() until 100,       ▼
///    │     │  a final response or the first      Body ◀──┐ frame(), consume(), direct()
///    ├─────┘  byte)                               │      │
///    │ finish_body(), or abandon_body()           ├──────┘
///    ▼                                            │
///  Sent, or given up                              │ Frame::End, the last consume(), or eof()
///    │                                            ▼
///    │                                           Ended ── trailers()
///    └──────────────────┬─────────────────────────┘
///                       ▼
///                    reuse(surplus) ──▶ Ok: the connection carries the next exchange
///                                   └─▶ CloseReason: close it
/// ```
///
/// An error from any call puts the exchange out of service: `reuse` says [`CloseReason::Error`] from then on.
///
/// ```
/// use reqs_proto::{Exchange, Frame, Headers, Limits, Received, RequestHead};
///
/// // What is sent.
/// let headers = Headers::from([("Accept", "*/*"), ("Content-Length", "2")]);
/// let head = RequestHead { method: "POST", target: "/items", host: "example.org", headers: &headers };
/// let mut wire = Vec::new();
/// let mut exchange = Exchange::start(&head, &Limits::default(), &mut wire)?;
/// exchange.encode_body(b"hi", &mut wire)?;
/// exchange.finish_body(&mut wire)?;
/// assert_eq!(wire, b"POST /items HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nContent-Length: 2\r\n\r\nhi");
///
/// // What is received, in whatever pieces.
/// let received = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
/// assert!(exchange.receive_head(&received[..20])?.is_none()); // not all of it yet
/// let (head, consumed) = exchange.receive_head(received)?.unwrap();
/// let Received::Final(head) = head else { panic!("not 1xx") };
/// assert_eq!(head.status, 201);
///
/// let mut rest = &received[consumed..];
/// let mut body = Vec::new();
/// loop {
///     match exchange.frame(rest)? {
///         Frame::Data { skip, len } => {
///             body.extend_from_slice(&rest[skip..skip + len]);
///             exchange.consume(len as u64);
///             rest = &rest[skip + len..];
///         }
///         Frame::More { .. } => panic!("here one would read from the socket, or call eof()"),
///         Frame::End { skip } => {
///             rest = &rest[skip..];
///             break;
///         }
///     }
/// }
/// assert_eq!(body, b"hello");
/// assert_eq!(exchange.reuse(rest.len()), Ok(()));
/// # Ok::<(), reqs_proto::Error>(())
/// ```
#[derive(Debug)]
pub struct Exchange {
    limits: Limits,
    method: MethodKind,
    upgrades: bool,
    expects_continue: bool,
    request: Sending,
    response: Receiving,
    head: HeadReader,
    /// Bytes of an unfinished head that were last shown.
    head_seen: usize,
    informational: usize,
    body: ResponseBody,
    /// Body bytes taken of a body that is not chunked.
    taken: u64,
    /// The first reason to close that does not depend on how the exchange goes on.
    close: Option<CloseReason>,
    /// Boxed: there are hardly ever any, and an exchange is handed on several times.
    trailers: Option<Box<Headers>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    Exact { wanted: u64, sent: u64 },
    Chunked,
    Sent(BodyLength),
    Abandoned(BodyLength),
}

#[derive(Debug)]
enum Receiving {
    Head,
    Exact { left: u64 },
    Chunked(Box<ChunkedDecoder>),
    UntilClose,
    Ended,
}

/// What [`Exchange::receive_head`] found.
#[derive(Clone, Debug)]
pub enum Received {
    /// An informational response (1xx, but not 101): the final one is still to come.
    Informational(ResponseHead),
    /// The final response; or 101, after which the connection speaks another protocol.
    Final(ResponseHead),
}

impl Exchange {
    /// Checks the head and writes it to the end of `out`. Its Content-Length or Transfer-Encoding says how the body
    /// will be framed; neither means that there is none.
    ///
    /// # Errors
    /// A method, target, Host or header that may not be sent, or framing that contradicts itself. Nothing was written.
    pub fn start(head: &RequestHead<'_>, limits: &Limits, out: &mut Vec<u8>) -> Result<Self, Error> {
        let mut exchange = Self::over();
        exchange.begin(head, limits, out)?;
        Ok(exchange)
    }

    /// An exchange that is over: a place in which exchanges [begin](Self::begin) one after another.
    pub fn over() -> Self {
        Self {
            limits: Limits::default(),
            method: MethodKind::Other,
            upgrades: false,
            expects_continue: false,
            request: Sending::Sent(BodyLength::None),
            response: Receiving::Ended,
            head: HeadReader::default(),
            head_seen: 0,
            informational: 0,
            body: ResponseBody::None,
            taken: 0,
            close: None,
            trailers: None,
        }
    }

    /// Begins a new exchange in the place of this one, which is forgotten; otherwise as [`start`](Self::start).
    ///
    /// # Errors
    /// As [`start`](Self::start). Nothing was written, and this exchange is what it was.
    pub fn begin(&mut self, head: &RequestHead<'_>, limits: &Limits, out: &mut Vec<u8>) -> Result<(), Error> {
        let learned = encode(head, out)?;
        // Field by field, since a new value would be made elsewhere and copied; without `..`, so that none is forgotten.
        let Self {
            limits: own_limits,
            method,
            upgrades,
            expects_continue,
            request,
            response,
            head,
            head_seen,
            informational,
            body,
            taken,
            close,
            trailers,
        } = self;
        *own_limits = *limits;
        *method = learned.method;
        *upgrades = learned.upgrades;
        *expects_continue = learned.expects_continue;
        *request = match learned.body {
            BodyLength::Exact(wanted) if wanted > 0 => Sending::Exact { wanted, sent: 0 },
            BodyLength::Chunked => Sending::Chunked,
            none => Sending::Sent(none),
        };
        *response = Receiving::Head;
        *head = HeadReader::default();
        *head_seen = 0;
        *informational = 0;
        *body = ResponseBody::None;
        *taken = 0;
        *close = learned.closes.then_some(CloseReason::ConnectionClose);
        *trailers = None;
        Ok(())
    }

    /// Writes a piece of the request body to the end of `out`, framed. One call is one chunk of a chunked body; an empty
    /// piece writes nothing.
    ///
    /// # Errors
    /// [`Error::BodyTooLong`] for more bytes than the Content-Length, [`Error::BodyNotOpen`] where there is no body.
    pub fn encode_body(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if data.is_empty() {
            return Ok(());
        }
        if self.request == Sending::Chunked {
            self.expects_continue = false;
            encode_chunk(data, out);
            return Ok(());
        }
        self.note_sent(data.len() as u64)?;
        out.extend_from_slice(data);
        Ok(())
    }

    /// So many bytes of a body of known length were sent, or are about to be, by other means: written straight to the
    /// socket, or by the kernel from a file.
    ///
    /// # Errors
    /// As [`encode_body`](Self::encode_body).
    pub fn note_sent(&mut self, n: u64) -> Result<(), Error> {
        if n == 0 {
            return Ok(());
        }
        let error = match &mut self.request {
            Sending::Exact { wanted, sent } => match sent.checked_add(n) {
                Some(got) if got <= *wanted => {
                    *sent = got;
                    self.expects_continue = false;
                    return Ok(());
                }
                got => Error::BodyTooLong { wanted: *wanted, got: got.unwrap_or(u64::MAX) },
            },
            Sending::Sent(BodyLength::Exact(wanted)) => {
                Error::BodyTooLong { wanted: *wanted, got: wanted.saturating_add(n) }
            }
            Sending::Chunked | Sending::Sent(_) | Sending::Abandoned(_) => Error::BodyNotOpen,
        };
        self.fail(error)
    }

    /// Ends the request body: writes the last chunk of a chunked one. Fine where there is none, or where it has ended.
    ///
    /// # Errors
    /// [`Error::BodyTooShort`] for fewer bytes than the Content-Length.
    pub fn finish_body(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        match self.request {
            Sending::Sent(_) => {}
            Sending::Abandoned(_) => return self.fail(Error::BodyNotOpen),
            Sending::Chunked => {
                out.extend_from_slice(LAST_CHUNK);
                self.request = Sending::Sent(BodyLength::Chunked);
            }
            Sending::Exact { wanted, sent } if wanted == sent => {
                self.request = Sending::Sent(BodyLength::Exact(wanted));
            }
            Sending::Exact { wanted, sent } => {
                return self.fail(Error::BodyTooShort { wanted, got: sent });
            }
        }
        self.expects_continue = false;
        Ok(())
    }

    /// The rest of the request body is not going to be sent, or did not get through although it was handed over: the
    /// server has answered or closed before it ended. The response can be read all the same; then the connection is closed.
    pub fn abandon_body(&mut self) {
        self.request = Sending::Abandoned(self.request_body());
        self.expects_continue = false;
    }

    /// Looks for a response head at the start of `input`. `None` means that more bytes are needed: the next call gets the
    /// same bytes with more behind them, and looks at none of the old ones again. With the head comes how many bytes it took.
    ///
    /// # Errors
    /// What is not HTTP/1.x, what RFC 9112 does not allow, what goes over a limit.
    pub fn receive_head(&mut self, input: &[u8]) -> Result<Option<(Received, usize)>, Error> {
        if !matches!(self.response, Receiving::Head) {
            return self.fail(Error::HeadAlreadyReceived);
        }
        self.head_seen = input.len();
        if input.is_empty() {
            return Ok(None);
        }
        let (head, len) = match self.head.read(input, &self.limits) {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(None),
            Err(error) => return self.fail(error),
        };
        self.head = HeadReader::default();
        self.head_seen = 0;
        let status = head.status.as_u16();
        if status == 101 {
            if !self.upgrades {
                return self.fail(Error::UnexpectedUpgrade);
            }
            self.will_close(CloseReason::Switched);
            self.response = Receiving::Ended;
            return Ok(Some((Received::Final(head), len)));
        }
        if status == 100 || status > 199 {
            self.expects_continue = false;
        }
        if matches!(status, 100..=199) {
            self.informational = self.informational.saturating_add(1);
            if self.informational > self.limits.informational {
                let limit = self.limits.informational;
                return self.fail(Error::TooManyInformational { limit });
            }
            return Ok(Some((Received::Informational(head), len)));
        }
        if let Err(error) = self.open_body(&head) {
            return self.fail(error);
        }
        Ok(Some((Received::Final(head), len)))
    }

    fn open_body(&mut self, head: &ResponseHead) -> Result<(), Error> {
        let status = head.status.as_u16();
        let framing = response_framing(self.method, head.version, status, &head.headers)?;
        self.body = framing.body;
        self.response = match framing.body {
            ResponseBody::None | ResponseBody::Exact(0) => Receiving::Ended,
            ResponseBody::Exact(left) => Receiving::Exact { left },
            ResponseBody::Chunked => Receiving::Chunked(Box::new(ChunkedDecoder::new(&self.limits))),
            ResponseBody::UntilClose => Receiving::UntilClose,
        };
        let tunnel = self.method == MethodKind::Connect && matches!(status, 200..=299);
        let reason = if tunnel {
            Some(CloseReason::Switched)
        } else if framing.in_doubt {
            Some(CloseReason::FramingInDoubt)
        } else if framing.body == ResponseBody::UntilClose {
            Some(CloseReason::UntilClose)
        } else {
            close_reason(head.version, &head.headers)
        };
        if let Some(reason) = reason {
            self.will_close(reason);
        }
        Ok(())
    }

    /// Later reasons are the more telling ones, but an error stays.
    fn will_close(&mut self, reason: CloseReason) {
        if self.close != Some(CloseReason::Error) {
            self.close = Some(reason);
        }
    }

    /// Looks at the buffered bytes of the response body: how many to drop, then how many are body. What it says to
    /// drop it has taken in, and must not be shown again. Before the final head it always asks for more.
    ///
    /// # Errors
    /// Chunks that RFC 9112 section 7.1 does not allow, or that go over a limit.
    pub fn frame(&mut self, input: &[u8]) -> Result<Frame, Error> {
        let available = |left: u64| usize::try_from(left).map_or(input.len(), |left| left.min(input.len()));
        let len = match &mut self.response {
            Receiving::Head => return Ok(Frame::More { skip: 0 }),
            Receiving::Ended => return Ok(Frame::End { skip: 0 }),
            Receiving::Exact { left } => available(*left),
            Receiving::UntilClose => input.len(),
            Receiving::Chunked(decoder) => match decoder.frame(input) {
                Ok(Frame::End { skip }) => {
                    self.taken = decoder.taken();
                    self.trailers = decoder.take_trailers().map(Box::new);
                    self.response = Receiving::Ended;
                    return Ok(Frame::End { skip });
                }
                Ok(frame) => return Ok(frame),
                Err(error) => return self.fail(error),
            },
        };
        Ok(if len == 0 { Frame::More { skip: 0 } } else { Frame::Data { skip: 0, len } })
    }

    /// So many body bytes were taken: of the last [`Frame::Data`], or read straight from the socket as
    /// [`direct`](Self::direct) allows. More than that spoils the connection: [`reuse`](Self::reuse) will refuse it.
    pub fn consume(&mut self, n: u64) {
        if n == 0 {
            return;
        }
        if n > self.direct() {
            self.close = Some(CloseReason::Error);
        }
        match &mut self.response {
            Receiving::Exact { left } => {
                self.taken = self.taken.saturating_add(n);
                *left = left.saturating_sub(n);
                if *left == 0 {
                    self.response = Receiving::Ended;
                }
            }
            Receiving::UntilClose => self.taken = self.taken.saturating_add(n),
            Receiving::Chunked(decoder) => decoder.consume(n),
            Receiving::Head | Receiving::Ended => {}
        }
    }

    /// The server closed the connection. Fine at the end of a body that ends so.
    ///
    /// # Errors
    /// [`Error::NoResponse`], [`Error::IncompleteHead`], [`Error::IncompleteBody`], [`Error::IncompleteChunked`].
    pub fn eof(&mut self) -> Result<(), Error> {
        let error = match &self.response {
            Receiving::Ended => return Ok(()),
            Receiving::UntilClose => {
                self.response = Receiving::Ended;
                return Ok(());
            }
            Receiving::Head if self.head_seen == 0 && self.informational == 0 => Error::NoResponse,
            Receiving::Head => Error::IncompleteHead { got: self.head_seen },
            Receiving::Exact { left } => {
                Error::IncompleteBody { got: self.taken, wanted: self.taken.saturating_add(*left) }
            }
            Receiving::Chunked(decoder) => Error::IncompleteChunked { got: decoder.taken() },
        };
        self.fail(error)
    }

    /// Takes the trailers out.
    pub fn take_trailers(&mut self) -> Option<Headers> {
        self.trailers.take().map(|trailers| *trailers)
    }

    /// How the request body is framed.
    pub fn request_body(&self) -> BodyLength {
        match self.request {
            Sending::Exact { wanted, .. } => BodyLength::Exact(wanted),
            Sending::Chunked => BodyLength::Chunked,
            Sending::Sent(length) | Sending::Abandoned(length) => length,
        }
    }

    /// Was the request body sent to its end? True where there is none.
    pub fn is_sent(&self) -> bool {
        match self.request {
            Sending::Sent(_) => true,
            Sending::Exact { wanted, sent } => wanted == sent,
            Sending::Chunked | Sending::Abandoned(_) => false,
        }
    }

    /// `Expect: 100-continue` was sent with a body to come, neither 100 nor a final response has come yet, and no body byte
    /// was sent: the caller waits a while before it sends the body (RFC 9110 section 10.1.1).
    pub fn expects_continue(&self) -> bool {
        self.expects_continue
    }

    /// How the response body is framed; [`ResponseBody::None`] before there is a final head.
    pub fn response_body(&self) -> ResponseBody {
        self.body
    }

    /// How many body bytes may be read straight from the socket into the caller's memory, once nothing is buffered: what
    /// is left of a known length or of the current chunk, [`u64::MAX`] for a body that ends with the connection, 0 where
    /// framing comes next or the body has ended.
    pub fn direct(&self) -> u64 {
        match &self.response {
            Receiving::Head | Receiving::Ended => 0,
            Receiving::Exact { left } => *left,
            Receiving::Chunked(decoder) => decoder.remaining(),
            Receiving::UntilClose => u64::MAX,
        }
    }

    /// Has the response ended?
    pub fn is_ended(&self) -> bool {
        matches!(self.response, Receiving::Ended)
    }

    /// The trailers of a chunked body that has ended; `None` where there were none.
    pub fn trailers(&self) -> Option<&Headers> {
        self.trailers.as_deref()
    }

    /// May the connection carry another exchange? `surplus` is how many bytes are buffered beyond this response.
    ///
    /// # Errors
    /// The reason why not. The connection is to be closed.
    pub fn reuse(&self, surplus: usize) -> Result<(), CloseReason> {
        if let Some(reason) = self.close {
            return Err(reason);
        }
        if !self.is_ended() {
            return Err(CloseReason::UnreadBody);
        }
        if !self.is_sent() {
            return Err(CloseReason::UnsentBody);
        }
        if surplus > 0 {
            return Err(CloseReason::Surplus);
        }
        Ok(())
    }

    fn fail<T>(&mut self, error: Error) -> Result<T, Error> {
        self.close = Some(CloseReason::Error);
        Err(error)
    }
}
