//! One exchange over one connection, up to the head of the response.

mod request;
mod send;

use std::io;
use std::time::{Duration, Instant};

use reqs_proto::{Received, RequestHead, ResponseHead};

use self::request::{addressed, fits, misfit, path_only};
use crate::call::Call;
use crate::connection::Connection;
use crate::error::{Error, ErrorKind, Peer, Plain, Step, TimeUp, inside};
use crate::layer::{Layer, Pending};

/// The head of the response, and what follows.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: ResponseHead,
    pub(crate) informational: Vec<ResponseHead>,
    pub(crate) first_byte: Instant,
    /// When the last bytes of the head came.
    pub(crate) head_at: Instant,
}

/// Why an exchange failed, and what that means for its connection.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// The connection died before the first byte of a response: it had been closed while it was idle.
    pub(crate) is_stale: bool,
    /// Nothing was sent.
    pub(crate) is_untouched: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure { error, is_stale: false, is_untouched: false }
    }
}

/// Sends the request and receives the head of its response.
pub(crate) fn run(
    connection: &mut Connection,
    call: &mut Call<'_>,
    expect_timeout: Duration,
) -> Result<Answer, Failure> {
    let mut run = Run::start(connection, call)?;
    run.send(&mut call.body, expect_timeout)?;
    run.receive()
}

/// An exchange on its way, with what its errors need to know.
struct Run<'c, 'a> {
    connection: &'c mut Connection,
    peer: Peer<'a>,
    informational: Vec<ResponseHead>,
    /// The final head, where it came before the body was sent.
    early: Option<ResponseHead>,
    first_byte: Option<Instant>,
    /// More was read after the first byte.
    read_on: bool,
    /// A write failed because the server had closed or reset: it may have answered before it did (BOD-19).
    write_error: Option<io::Error>,
}

impl<'c, 'a> Run<'c, 'a> {
    fn start(connection: &'c mut Connection, call: &Call<'a>) -> Result<Self, Failure> {
        let peer = Peer { host: call.host, port: call.port };
        let untouched = |error| Failure { error, is_stale: false, is_untouched: true };
        connection.timeouts = call.timeouts;
        connection.set_clocks(None);
        connection.outbound.clear();
        let (target, headers) = addressed(call);
        let head =
            RequestHead { method: call.method, target: &target, host: call.host_header, headers: &headers };
        let begun = connection.exchange.begin(&head, call.limits, &mut connection.outbound);
        begun.map_err(|e| untouched(Error::protocol_broken(&peer, Step::Send, e)))?;
        let stated = connection.exchange.request_body();
        if !fits(&call.body, stated) {
            let message = format!("the request to {peer} cannot be sent: {}", misfit(&call.body, stated));
            return Err(untouched(Error::new(ErrorKind::Body, message).at(Step::Send)));
        }
        log::debug!(
            "{} {} to {peer} over connection {}",
            call.method,
            path_only(call.target),
            connection.info().id
        );
        Ok(Run {
            connection,
            peer,
            informational: Vec::new(),
            early: None,
            first_byte: None,
            read_on: false,
            write_error: None,
        })
    }

    /// Waits for the word of a server that was asked with `Expect: 100-continue`, for a bounded time.
    fn wait_for_continue(&mut self, limit: Duration) -> Result<(), Failure> {
        // Not `limit` for each read: other interim responses must not prolong the wait.
        let until = Instant::now().checked_add(limit);
        while self.connection.exchange.expects_continue() {
            match self.next_head()? {
                Some(Received::Informational(head)) => self.informational.push(head),
                Some(Received::Final(head)) => self.early = Some(head),
                None => {
                    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
                    if left == Some(Duration::ZERO) {
                        break;
                    }
                    self.connection.set_clocks(left);
                    match self.connection.fill() {
                        Ok(0) => break,
                        Ok(_) => self.note_first_byte(),
                        Err(e) if inside(&e) == Some(&TimeUp::Read) => break,
                        Err(e) => return Err(self.read_failed(e)),
                    }
                }
            }
        }
        self.connection.set_clocks(None);
        Ok(())
    }

    /// Takes in what has arrived, without waiting for more. `false`: the server has closed, and nothing is to come.
    fn listen(&mut self) -> Result<bool, Failure> {
        while self.early.is_none() {
            let read = match self.connection.transport.pending() {
                Ok(Pending::Nothing) => return Ok(true),
                Ok(Pending::Bytes) => self.connection.fill(),
                Ok(Pending::End) => Ok(0),
                Err(e) => Err(e),
            };
            match read {
                Ok(0) => return Ok(false),
                Ok(_) => self.note_first_byte(),
                Err(e) => return Err(self.read_failed(e)),
            }
            while let Some(received) = self.next_head()? {
                match received {
                    Received::Informational(head) => self.informational.push(head),
                    Received::Final(head) => {
                        self.early = Some(head);
                        break;
                    }
                }
            }
        }
        Ok(true)
    }

    fn receive(&mut self) -> Result<Answer, Failure> {
        let head = loop {
            if let Some(head) = self.early.take() {
                break head;
            }
            match self.next_head()? {
                Some(Received::Final(head)) => break head,
                Some(Received::Informational(head)) => self.informational.push(head),
                None => match self.connection.fill() {
                    Ok(0) => return Err(self.ended()),
                    Ok(_) => self.note_first_byte(),
                    Err(e) => return Err(self.read_failed(e)),
                },
            }
        };
        log::debug!("{} from {} over connection {}", head.status, self.peer, self.connection.info().id);
        let first_byte = self.first_byte.unwrap_or_else(Instant::now);
        Ok(Answer {
            head,
            informational: std::mem::take(&mut self.informational),
            first_byte,
            // Most heads come with their first byte, and the clock was read then.
            head_at: if self.read_on { Instant::now() } else { first_byte },
        })
    }

    fn next_head(&mut self) -> Result<Option<Received>, Failure> {
        if self.connection.inbound.is_empty() {
            return Ok(None);
        }
        match self.connection.exchange.receive_head(self.connection.inbound.bytes()) {
            Ok(Some((received, used))) => {
                self.connection.inbound.advance(used);
                Ok(Some(received))
            }
            Ok(None) => Ok(None),
            Err(e) => Err(Error::protocol_broken(&self.peer, Step::Head, e).into()),
        }
    }

    fn note_first_byte(&mut self) {
        self.read_on = self.first_byte.is_some();
        if !self.read_on {
            self.first_byte = Some(Instant::now());
        }
    }

    /// The server closed before the response was there.
    fn ended(&mut self) -> Failure {
        let peer = &self.peer;
        if self.first_byte.is_some() {
            return match self.connection.exchange.eof() {
                Err(e) => Error::protocol_broken(peer, Step::Head, e).into(),
                Ok(()) => Error::new(ErrorKind::Closed, format!("{peer} closed the connection"))
                    .at(Step::Head)
                    .into(),
            };
        }
        let error = match self.write_error.take() {
            Some(e) => Error::network(peer, Step::Send, &self.connection.timeouts, e),
            None => {
                let message = format!("{peer} closed the connection without a response");
                Error::new(ErrorKind::Closed, message).at(Step::Head).because(reqs_proto::Error::NoResponse)
            }
        };
        Failure { error, is_stale: true, is_untouched: false }
    }

    fn read_failed(&mut self, error: io::Error) -> Failure {
        if is_closed(&error) && self.first_byte.is_none() {
            let told = self.write_error.take().unwrap_or(error);
            let message = format!("{} closed the connection without a response: {}", self.peer, Plain(&told));
            let error = Error::new(ErrorKind::Closed, message).at(Step::Head).because(told);
            return Failure { error, is_stale: true, is_untouched: false };
        }
        Error::network(&self.peer, Step::Head, &self.connection.timeouts, error).into()
    }
}

/// Whether an error of a socket means that the other side has gone.
fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
}
