//! What can go wrong on the way to a server and back, told in one line.
//!
//! The line names what was tried, with whom, and the root cause, so that nothing of it is repeated by `source()`.

mod words;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use reqs_proto::ResponseHead;

use crate::call::Timeouts;

pub(crate) use words::{Peer, Plain, Seconds};

type Cause = Box<dyn StdError + Send + Sync>;

/// Why an exchange failed. One word in size; the text is one line and holds no secret.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    step: Option<Step>,
    message: String,
    cause: Option<Cause>,
    proxy_response: Option<ProxyResponse>,
}

const _: () = {
    const fn send_sync<T: Send + Sync + 'static>() {}
    send_sync::<Error>();
};

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The name could not be resolved.
    Resolve,
    /// No connection could be made: refused, unreachable, or cut off before it was ready.
    Connect,
    /// The address filter allowed none of the addresses.
    Blocked,
    /// No connection was ready within the connect timeout.
    ConnectTimeout,
    /// The server sent nothing for as long as the read timeout.
    ReadTimeout,
    /// The server took nothing for as long as the write timeout.
    WriteTimeout,
    /// The total time ran out.
    Deadline,
    /// The TLS handshake failed, or TLS broke later.
    Tls,
    /// The server's certificate was refused.
    Certificate,
    /// The server wants a client certificate, or refused the one that it got.
    ClientCertificate,
    /// The settings cannot be used: a certificate file is missing or holds nothing, an option does not exist here.
    Settings,
    /// The proxy could not be reached or would not lead to the target; see [`Error::proxy_response`].
    Proxy,
    /// The request cannot be sent as it is, or the server broke the protocol; the cause is a [`reqs_proto::Error`].
    Protocol,
    /// The server closed the connection without a byte of response.
    Closed,
    /// The caller's request body failed: its reader gave an error, or fewer or more bytes than stated.
    Body,
    /// The limit of connections per host was reached.
    PoolFull,
    /// The network failed in mid-exchange.
    Io,
}

/// What was being done when an exchange failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Waiting for one of the pool's connections to become free.
    Wait,
    /// Looking up the name.
    Resolve,
    /// Making the TCP connection.
    Connect,
    /// Asking the proxy for the way to the target.
    Proxy,
    /// The TLS handshake.
    Handshake,
    /// Sending the request.
    Send,
    /// Waiting for the head of the response.
    Head,
    /// Reading the body of the response.
    Body,
}

impl Step {
    /// Whether a connection was still being made.
    #[must_use]
    pub fn is_connecting(self) -> bool {
        matches!(self, Step::Resolve | Step::Connect | Step::Proxy | Step::Handshake)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Wait => "waiting for a free connection",
            Step::Resolve => "looking up the name",
            Step::Connect => "making the TCP connection",
            Step::Proxy => "asking the proxy for the way",
            Step::Handshake => "in the TLS handshake",
            Step::Send => "sending the request",
            Step::Head => "waiting for the response",
            Step::Body => "reading the response's body",
        })
    }
}

/// What a proxy answered instead of opening the tunnel.
#[derive(Clone)]
#[non_exhaustive]
pub struct ProxyResponse {
    /// The head, such as that of a 407 with its `Proxy-Authenticate`.
    pub head: ResponseHead,
    /// The first bytes of the body, at most [`ProxyResponse::BODY_LIMIT`].
    pub body: Vec<u8>,
}

impl ProxyResponse {
    /// As much of the body as is kept: enough for an error page, too little to hurt.
    pub const BODY_LIMIT: usize = 16 * 1024;
}

impl fmt::Debug for ProxyResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ProxyResponse { head, body } = self;
        f.debug_struct("ProxyResponse")
            .field("head", head)
            .field("body", &format_args!("{} bytes", body.len()))
            .finish()
    }
}

impl Error {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was being done, where the failure belongs to a step.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        self.0.step
    }

    /// Whether time ran out, whichever of the timeouts it was.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        use ErrorKind::{ConnectTimeout, Deadline, ReadTimeout, WriteTimeout};
        matches!(self.0.kind, ConnectTimeout | ReadTimeout | WriteTimeout | Deadline)
    }

    /// What a proxy answered instead of opening the tunnel.
    #[must_use]
    pub fn proxy_response(&self) -> Option<&ProxyResponse> {
        self.0.proxy_response.as_ref()
    }

    /// The error that the last part of the line was made from: a `std::io::Error`, `rustls::Error`, `reqs_proto::Error`,
    /// or the error of the caller's body.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.0.cause.as_deref()
    }

    /// The protocol error underneath, if that is what it was.
    #[must_use]
    pub fn protocol(&self) -> Option<&reqs_proto::Error> {
        self.0.cause.as_ref()?.downcast_ref()
    }

    /// Takes the error out of an `io::Error` that passed through `Read`, or wraps what else was in there.
    #[must_use]
    pub fn from_io(error: io::Error) -> Error {
        match error.downcast::<Error>() {
            Ok(own) => own,
            Err(error) => {
                Error::new(ErrorKind::Io, format!("reading failed: {}", Plain(&error))).because(error)
            }
        }
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            kind,
            step: None,
            message: message.into(),
            cause: None,
            proxy_response: None,
        }))
    }

    pub(crate) fn at(mut self, step: Step) -> Error {
        self.0.step = Some(step);
        self
    }

    pub(crate) fn because(mut self, cause: impl Into<Cause>) -> Error {
        self.0.cause = Some(cause.into());
        self
    }

    pub(crate) fn with_proxy_response(mut self, response: ProxyResponse) -> Error {
        self.0.proxy_response = Some(response);
        self
    }

    /// The protocol was broken in an exchange with `peer`.
    pub(crate) fn protocol_broken(peer: &Peer<'_>, step: Step, error: reqs_proto::Error) -> Error {
        let message = if step == Step::Send {
            format!("the request to {peer} cannot be sent: {error}")
        } else {
            format!("{peer}: {error}")
        };
        Error::new(ErrorKind::Protocol, message).at(step).because(error)
    }

    /// An I/O error with `peer` at `step`; finds out which timeout it was, and whether TLS was at fault.
    pub(crate) fn network(peer: &Peer<'_>, step: Step, timeouts: &Timeouts, error: io::Error) -> Error {
        if inside::<Error>(&error).is_some() {
            return Error::from_io(error);
        }
        if let Some(time_up) = inside(&error) {
            return Error::timeout(peer, step, timeouts, *time_up);
        }
        if let Some(tls) = inside::<rustls::Error>(&error) {
            return Error::tls(peer, step, tls.clone());
        }
        let message = match step {
            Step::Resolve | Step::Connect => format!("could not connect to {peer}: {}", Plain(&error)),
            Step::Wait | Step::Proxy => format!("could not get through to {peer}: {}", Plain(&error)),
            Step::Handshake => format!("the TLS handshake with {peer} failed: {}", Plain(&error)),
            Step::Send => format!("sending the request to {peer} failed: {}", Plain(&error)),
            Step::Head => format!("waiting for the response of {peer} failed: {}", Plain(&error)),
            Step::Body => format!("reading the body from {peer} failed: {}", Plain(&error)),
        };
        let kind = match step {
            Step::Resolve | Step::Connect | Step::Wait => ErrorKind::Connect,
            Step::Proxy => ErrorKind::Proxy,
            Step::Handshake => ErrorKind::Tls,
            Step::Send | Step::Head | Step::Body => ErrorKind::Io,
        };
        Error::new(kind, message).at(step).because(error)
    }

    /// Time ran out at `step`.
    pub(crate) fn timeout(peer: &Peer<'_>, step: Step, timeouts: &Timeouts, time_up: TimeUp) -> Error {
        let of = |limit: Option<Duration>| {
            limit.map_or_else(String::new, |limit| format!(" of {}", Seconds(limit)))
        };
        let after =
            |limit: Option<Duration>| limit.map_or_else(String::new, |l| format!(" after {}", Seconds(l)));
        let total_over = timeouts.deadline.is_some_and(|d| std::time::Instant::now() >= d);
        let (kind, message) = match time_up {
            TimeUp::Deadline if step.is_connecting() && !total_over => (
                ErrorKind::ConnectTimeout,
                format!("connecting to {peer} timed out{} ({step})", after(timeouts.connect)),
            ),
            TimeUp::Deadline => (
                ErrorKind::Deadline,
                format!("the total time{} ran out with {peer} ({step})", of(timeouts.total)),
            ),
            TimeUp::Read => (
                ErrorKind::ReadTimeout,
                format!("{peer} sent nothing for {} ({step})", Seconds(timeouts.read.unwrap_or_default())),
            ),
            TimeUp::Write | TimeUp::Stall => (
                ErrorKind::WriteTimeout,
                format!("{peer} took nothing for {} ({step})", Seconds(timeouts.write.unwrap_or_default())),
            ),
        };
        Error::new(kind, message).at(step)
    }

    /// TLS failed at `step`.
    pub(crate) fn tls(peer: &Peer<'_>, step: Step, error: rustls::Error) -> Error {
        let (kind, message) = crate::tls::explain(peer, step, &error);
        Error::new(kind, message).at(step).because(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, step, message, cause, proxy_response } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("step", step)
            .field("message", message)
            .field("cause", cause)
            .field("proxy_response", proxy_response)
            .finish()
    }
}

impl StdError for Error {
    /// What lies under the cause: the cause itself is told in the line.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_ref()?.source()
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error.kind() {
            ErrorKind::ConnectTimeout
            | ErrorKind::ReadTimeout
            | ErrorKind::WriteTimeout
            | ErrorKind::Deadline => io::ErrorKind::TimedOut,
            ErrorKind::Closed => io::ErrorKind::UnexpectedEof,
            ErrorKind::Protocol => io::ErrorKind::InvalidData,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

/// Which clock ran out. Travels inside an `io::Error` from the socket to where the step is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeUp {
    Read,
    Write,
    Deadline,
    /// A write moved nothing for a while, and its caller wants to look round before it goes on. Reaches no user.
    Stall,
}

impl fmt::Display for TimeUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("time is up")
    }
}

impl StdError for TimeUp {}

impl From<TimeUp> for io::Error {
    fn from(time_up: TimeUp) -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, time_up)
    }
}

/// The `T` that an `io::Error` was made from.
pub(crate) fn inside<T: StdError + 'static>(error: &io::Error) -> Option<&T> {
    error.get_ref()?.downcast_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_say_which_one_after_how_long_and_where() {
        let peer = Peer { host: "::1", port: 80 };
        let timeouts = Timeouts {
            connect: Some(Duration::from_millis(3050)),
            read: Some(Duration::from_millis(300)),
            ..Timeouts::default()
        };
        let connect = Error::timeout(&peer, Step::Handshake, &timeouts, TimeUp::Deadline);
        assert_eq!(connect.kind(), ErrorKind::ConnectTimeout);
        assert_eq!(
            connect.to_string(),
            "connecting to [::1]:80 timed out after 3.05 s (in the TLS handshake)"
        );
        let read = Error::timeout(&peer, Step::Head, &timeouts, TimeUp::Read);
        assert_eq!(read.to_string(), "[::1]:80 sent nothing for 0.3 s (waiting for the response)");
        assert!(read.is_timeout());
    }

    #[test]
    fn an_error_passes_through_io_unharmed() {
        let error = Error::new(ErrorKind::Closed, "closed").at(Step::Head);
        let back = Error::from_io(io::Error::from(error));
        assert_eq!(back.kind(), ErrorKind::Closed);
        assert_eq!(back.step(), Some(Step::Head));
    }
}
