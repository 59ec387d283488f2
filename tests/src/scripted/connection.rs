//! What one connection does, step by step: the words in which a test tells its server how to behave.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::Received;
use crate::certificates::Identity;

/// The script of one connection: built step by step, played from the top when a client connects.
///
/// A script that has come to its end leaves the connection open until the client closes it, and
/// goes on recording. Say [`close`](Connection::close) where the server is to close.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    pub(super) steps: Vec<Step>,
}

/// Computes the answer to a request; `None`: no answer was planned for it.
pub(super) type Answer = Arc<dyn Fn(&Received) -> Option<Vec<u8>> + Send + Sync>;

#[derive(Clone)]
pub(super) enum Step {
    StartTls(Identity),
    ExpectRequest,
    ExpectHead,
    ExpectBody,
    ExpectBytes(usize),
    Send(Arc<[u8]>),
    SendSlowly { bytes: Arc<[u8]>, piece: usize, pause: Duration },
    SendEndlessly(Arc<[u8]>),
    AnswerEach(Answer),
    Pause(Duration),
    WaitFor(Gate),
    WaitForClose,
    TunnelTo(SocketAddr),
    CloseWrite,
    Close,
    Cut,
    Reset,
}

impl Connection {
    /// An empty script: accepts, then waits for the client to close.
    pub fn new() -> Connection {
        Connection::default()
    }

    /// Reads one whole request: head, and the body as its framing says.
    /// To a head with `Expect: 100-continue` whose body does not follow, `100 Continue` is sent.
    #[must_use]
    pub fn expect_request(self) -> Connection {
        self.step(Step::ExpectRequest)
    }

    /// Reads a request's head and leaves its body where it is.
    #[must_use]
    pub fn expect_head(self) -> Connection {
        self.step(Step::ExpectHead)
    }

    /// Reads the body that belongs to the head read last, so that both are one request.
    #[must_use]
    pub fn expect_body(self) -> Connection {
        self.step(Step::ExpectBody)
    }

    /// Reads exactly `length` bytes, whatever they mean: SOCKS greetings, half a body.
    #[must_use]
    pub fn expect_bytes(self, length: usize) -> Connection {
        self.step(Step::ExpectBytes(length))
    }

    /// Sends these bytes at once.
    #[must_use]
    pub fn send(self, bytes: impl AsRef<[u8]>) -> Connection {
        self.step(Step::Send(bytes.as_ref().into()))
    }

    /// Sends these bytes `piece` bytes at a time, each piece in a segment of its own, with a pause after each.
    #[must_use]
    pub fn send_slowly(self, bytes: impl AsRef<[u8]>, piece: usize, pause: Duration) -> Connection {
        self.step(Step::SendSlowly { bytes: bytes.as_ref().into(), piece: piece.max(1), pause })
    }

    /// Sends these bytes over and over until the client has had enough and closes.
    #[must_use]
    pub fn send_endlessly(self, bytes: impl AsRef<[u8]>) -> Connection {
        self.step(Step::SendEndlessly(bytes.as_ref().into()))
    }

    /// Reads one whole request, then sends `response`: the step of most scripts.
    #[must_use]
    pub fn answer(self, response: impl AsRef<[u8]>) -> Connection {
        self.expect_request().send(response)
    }

    /// Answers every request with what `answer` makes of it, until the client closes.
    #[must_use]
    pub fn answer_each(self, answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Connection {
        self.step(Step::AnswerEach(Arc::new(move |request| Some(answer(request)))))
    }

    /// Does nothing for that long. Ends early when the server is dropped.
    #[must_use]
    pub fn pause(self, duration: Duration) -> Connection {
        self.step(Step::Pause(duration))
    }

    /// Does nothing until the test opens the gate: for an order of events without a clock.
    #[must_use]
    pub fn wait_for(self, gate: &Gate) -> Connection {
        self.step(Step::WaitFor(gate.clone()))
    }

    /// Reads and records until the client closes.
    #[must_use]
    pub fn wait_for_close(self) -> Connection {
        self.step(Step::WaitForClose)
    }

    /// Speaks TLS from here on, with a good certificate. First in a script: an HTTPS server;
    /// after the answer to a CONNECT: the far end of a tunnel.
    #[must_use]
    pub fn start_tls(self) -> Connection {
        self.start_tls_as(Identity::Valid)
    }

    /// Speaks TLS from here on, with a certificate that may be bad.
    #[must_use]
    pub fn start_tls_as(self, identity: Identity) -> Connection {
        self.step(Step::StartTls(identity))
    }

    /// Carries bytes to and from that address until one side closes: makes a proxy of the script.
    /// What the client sends is recorded as bytes, not as requests.
    #[must_use]
    pub fn tunnel_to(self, address: SocketAddr) -> Connection {
        self.step(Step::TunnelTo(address))
    }

    /// Sends no more (FIN, after TLS's close_notify) but goes on with the script, so that it can read.
    #[must_use]
    pub fn close_write(self) -> Connection {
        self.step(Step::CloseWrite)
    }

    /// Closes in good order: what was sent arrives, what the client still sends is read and recorded.
    #[must_use]
    pub fn close(self) -> Connection {
        self.step(Step::Close)
    }

    /// Closes the TCP connection in good order but without TLS's close_notify. Without TLS, `close`.
    #[must_use]
    pub fn cut(self) -> Connection {
        self.step(Step::Cut)
    }

    /// Resets the TCP connection (RST): the client's next read or write fails.
    #[must_use]
    pub fn reset(self) -> Connection {
        self.step(Step::Reset)
    }

    pub(super) fn starting_with_tls(mut self) -> Connection {
        if !matches!(self.steps.first(), Some(Step::StartTls(_))) {
            self.steps.insert(0, Step::StartTls(Identity::Valid));
        }
        self
    }

    pub(super) fn step(mut self, step: Step) -> Connection {
        self.steps.push(step);
        self
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::StartTls(identity) => write!(f, "start TLS ({identity:?})"),
            Step::ExpectRequest => f.write_str("expect a request"),
            Step::ExpectHead => f.write_str("expect a request's head"),
            Step::ExpectBody => f.write_str("expect a request's body"),
            Step::ExpectBytes(length) => write!(f, "expect {length} bytes"),
            Step::Send(bytes) => write!(f, "send {} bytes", bytes.len()),
            Step::SendSlowly { bytes, piece, pause } => {
                write!(f, "send {} bytes, {piece} every {pause:?}", bytes.len())
            }
            Step::SendEndlessly(bytes) => write!(f, "send {} bytes endlessly", bytes.len()),
            Step::AnswerEach(_) => f.write_str("answer each request"),
            Step::Pause(duration) => write!(f, "pause {duration:?}"),
            Step::WaitFor(_) => f.write_str("wait for the gate"),
            Step::WaitForClose => f.write_str("wait for the client to close"),
            Step::TunnelTo(address) => write!(f, "tunnel to {address}"),
            Step::CloseWrite => f.write_str("close the writing side"),
            Step::Close => f.write_str("close"),
            Step::Cut => f.write_str("cut"),
            Step::Reset => f.write_str("reset"),
        }
    }
}

/// Holds scripts up until the test says go. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// A closed gate.
    pub fn new() -> Gate {
        Gate::default()
    }

    /// Opens it for good.
    pub fn open(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Whether it was open or became so within that time.
    pub(super) fn wait(&self, limit: Duration) -> bool {
        let open = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.1.wait_timeout_while(open, limit, |open| !*open);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
