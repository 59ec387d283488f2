//! The body of a response on its way in: framing taken off, content coding left on.
//!
//! Bytes that are buffered come from there; the rest of a large body goes from the socket, or from where TLS decrypted it,
//! to the caller's memory with nothing in between.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::mem;
use std::time::{Duration, Instant};

use reqs_proto::{Frame, Headers, ResponseBody};

use crate::config::DropReason;
use crate::connection::Connection;
use crate::error::{Error, ErrorKind, Step};
use crate::pool::Pool;

/// From this size on, a read goes straight into the caller's memory, around the connection's buffer.
const DIRECT_READ: usize = 16 * 1024;

/// What is set aside at once for a body whose length the server states. A false length costs no more than this, and
/// untouched memory costs next to nothing.
const FIRST_RESERVE: u64 = 16 * 1024 * 1024;

/// How long draining waits in all. A new connection seldom costs more, and a server that dribbles must not hold a chain of
/// redirects up.
const DRAIN_TIME: Duration = Duration::from_secs(1);

/// The body of a response: `Read` and `BufRead` over what the server sent, without the framing of the transfer and with any
/// content coding still on.
///
/// When the end is reached the connection goes back to its pool by itself; dropped earlier, it is closed. A body that came
/// whole with its head has let go of its connection from the beginning. An
/// `io::Error` out of here holds an [`Error`]: [`Error::from_io`] takes it out.
///
/// `fill_buf` never joins two chunks of a chunked body.
pub struct Incoming {
    lease: Lease,
    /// A body that had arrived whole with its head: its connection went back to the pool at once, and nobody waits for the
    /// reader to let go of it.
    held: Vec<u8>,
    /// Body bytes that were framed and not yet taken, at the start of the connection's buffer or at the end of `held`.
    ready: usize,
    framing: ResponseBody,
    trailers: Option<Headers>,
    ended: bool,
    failed: bool,
}

/// The connection while its body is read.
struct Lease {
    connection: Option<Box<Connection>>,
    pool: Option<Pool>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let (Some(connection), Some(pool)) = (self.connection.take(), &self.pool) {
            pool.give_up(connection, DropReason::Unread);
        }
    }
}

/// What the buffered bytes are.
enum Look {
    /// So many bytes of the body.
    Data(usize),
    More,
    End,
}

impl Incoming {
    /// The body of the exchange that `connection` carries. `now`: the moment at which what is buffered arrived.
    pub(crate) fn new(mut connection: Box<Connection>, pool: &Pool, now: Instant) -> Self {
        let framing = connection.exchange.response_body();
        let mut incoming = Incoming {
            lease: Lease { connection: None, pool: None },
            held: Vec::new(),
            ready: 0,
            framing,
            trailers: None,
            ended: false,
            failed: false,
        };
        let arrived = match framing {
            ResponseBody::Exact(length) => usize::try_from(length).ok(),
            ResponseBody::None => Some(0),
            ResponseBody::Chunked | ResponseBody::UntilClose => None,
        };
        match arrived.and_then(|length| connection.inbound.bytes().get(..length)) {
            Some(body) => {
                incoming.held = body.to_vec();
                incoming.ready = body.len();
                incoming.ended = body.is_empty();
                connection.inbound.advance(incoming.ready);
                connection.exchange.consume(incoming.ready as u64);
                let reuse = connection.exchange.reuse(connection.inbound.len());
                pool.release(connection, reuse, now);
            }
            None => incoming.lease = Lease { connection: Some(connection), pool: Some(pool.clone()) },
        }
        incoming
    }

    /// Appends the body to `out`, up to `limit` bytes of it, and says how many there were. Fewer than `limit` means that the
    /// body has ended.
    ///
    /// A stated length is believed in steps: a server that promises a petabyte costs 16 MiB of address space.
    ///
    /// # Errors
    /// What the network, TLS or the protocol came to; what was read until then is in `out`.
    pub fn read_to_vec(&mut self, out: &mut Vec<u8>, limit: u64) -> Result<u64, Error> {
        if out.capacity() == 0
            && self.ready as u64 <= limit
            && let Some(whole) = self.take_whole()
        {
            *out = whole;
            return Ok(out.len() as u64);
        }
        let mut left = limit;
        while left > 0 {
            match self.look()? {
                Look::End => break,
                Look::Data(ready) => {
                    self.reserve(out, left);
                    let taken = ready.min(usize::try_from(left).unwrap_or(usize::MAX));
                    out.extend_from_slice(self.buffered(taken));
                    self.consume(taken);
                    left -= taken as u64;
                }
                Look::More => {
                    let direct = self.direct();
                    if direct == 0 {
                        self.fill()?;
                    } else {
                        left -= self.read_direct(out, direct.min(left))?;
                    }
                }
            }
        }
        Ok(limit - left)
    }

    /// Takes a body that came whole with its head and of which nothing was read, without copying it.
    pub fn take_whole(&mut self) -> Option<Vec<u8>> {
        let is_whole = self.lease.connection.is_none() && self.ready == self.held.len() && !self.failed;
        let is_untouched = is_whole && (self.ready > 0 || self.length() == Some(0));
        is_untouched.then(|| {
            self.ready = 0;
            self.ended = true;
            mem::take(&mut self.held)
        })
    }

    /// Reads what is left and throws it away, if that is at most `limit` bytes and comes within a second, so that the
    /// connection is kept. Otherwise, or when anything goes wrong, the connection is closed.
    pub fn drain(mut self, limit: usize) {
        let mut left = limit;
        let mut is_timed = false;
        loop {
            if self.length_left().is_some_and(|n| n > left as u64) {
                return;
            }
            match self.look() {
                Ok(Look::Data(ready)) if ready <= left => {
                    self.consume(ready);
                    left -= ready;
                }
                Ok(Look::More) => {
                    if !is_timed {
                        self.finish_within(DRAIN_TIME);
                        is_timed = true;
                    }
                    if self.fill().is_err() {
                        return;
                    }
                }
                Ok(Look::Data(_) | Look::End) | Err(_) => return,
            }
        }
    }

    /// Like [`drain`](Incoming::drain), but waits for nothing: the connection is kept only where the rest was received already.
    pub fn drain_buffered(mut self, limit: usize) {
        let mut left = limit;
        while let Ok(Look::Data(ready)) = self.look() {
            if ready > left {
                return;
            }
            self.consume(ready);
            left -= ready;
        }
    }

    /// Brings the deadline forward. The next exchange on the connection sets clocks of its own.
    fn finish_within(&mut self, limit: Duration) {
        let soon = Instant::now() + limit;
        if let Some(connection) = &mut self.lease.connection {
            let deadline = &mut connection.timeouts.deadline;
            *deadline = Some(deadline.map_or(soon, |deadline| deadline.min(soon)));
            connection.set_clocks(None);
        }
    }

    /// Closes the connection without reading what is left.
    pub fn close(self) {}

    /// The length of the whole body, where the server stated it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        match self.framing {
            ResponseBody::None => Some(0),
            ResponseBody::Exact(length) => Some(length),
            ResponseBody::Chunked | ResponseBody::UntilClose => None,
        }
    }

    /// Whether the body was read to its end.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// The trailer fields of a chunked body that was read to its end (RFC 9112 section 7.1.2); `None` where there were none.
    #[must_use]
    pub fn trailers(&self) -> Option<&Headers> {
        self.trailers.as_ref()
    }

    /// Frames what is at hand, without I/O.
    fn look(&mut self) -> Result<Look, Error> {
        if self.ready > 0 {
            return Ok(Look::Data(self.ready));
        }
        if self.failed {
            return Err(Error::new(
                ErrorKind::Io,
                "the body cannot be read any further: it has failed before",
            )
            .at(Step::Body));
        }
        let Some(connection) = &mut self.lease.connection else { return Ok(Look::End) };
        loop {
            match connection.frame() {
                Ok(Frame::Data { skip, len }) => {
                    connection.advance(skip);
                    self.ready = len;
                    return Ok(Look::Data(len));
                }
                Ok(Frame::More { skip }) => {
                    connection.advance(skip);
                    if connection.received().is_empty() {
                        return Ok(Look::More);
                    }
                }
                Ok(Frame::End { skip }) => {
                    connection.advance(skip);
                    self.give_back();
                    return Ok(Look::End);
                }
                Err(e) => return Err(self.broken(e)),
            }
        }
    }

    /// Reads once, when nothing is at hand.
    fn fill(&mut self) -> Result<(), Error> {
        let Some(connection) = &mut self.lease.connection else { return Ok(()) };
        match connection.receive() {
            Ok(0) => self.ended(),
            Ok(_) => Ok(()),
            Err(e) => Err(self.network(e)),
        }
    }

    /// The server has closed.
    fn ended(&mut self) -> Result<(), Error> {
        let Some(connection) = &mut self.lease.connection else { return Ok(()) };
        match connection.exchange.eof() {
            Ok(()) => {
                self.give_back();
                Ok(())
            }
            Err(e) => Err(self.broken(e)),
        }
    }

    /// How many bytes may be read around the buffer, now that it is empty; 0 where that is not worth it.
    fn direct(&self) -> u64 {
        let direct = self.left();
        // The end of a small chunk is best read together with the next one.
        let small_chunk = self.framing == ResponseBody::Chunked && direct < DIRECT_READ as u64;
        if small_chunk { 0 } else { direct }
    }

    /// Reads up to `limit` bytes from the connection to the end of `out`.
    fn read_direct(&mut self, out: &mut Vec<u8>, limit: u64) -> Result<u64, Error> {
        self.reserve(out, limit);
        let Some(connection) = &mut self.lease.connection else { return Ok(0) };
        let room = out.capacity() - out.len();
        let step = usize::try_from(limit).unwrap_or(usize::MAX).min(room);
        let read = match connection.transport.read_to_vec(out, step) {
            Ok(read) => read,
            Err(e) => return Err(self.network(e)),
        };
        if read == 0 {
            self.ended()?;
        }
        self.take(read);
        Ok(read as u64)
    }

    /// Makes room in `out` for what is left of a body of known length, in bounded steps; at least for one read.
    fn reserve(&self, out: &mut Vec<u8>, limit: u64) {
        let room = out.capacity() - out.len();
        // What has arrived vouches for as much again.
        let arrived = out.len() as u64;
        let wanted = self.length_left().unwrap_or(arrived.max(DIRECT_READ as u64 * 2)).min(limit);
        if room as u64 >= wanted {
            return;
        }
        let step = wanted.min(FIRST_RESERVE.max(arrived));
        if room == 0 || out.is_empty() {
            out.reserve_exact(usize::try_from(step).unwrap_or(usize::MAX));
        }
    }

    /// What is left of a body of known length.
    fn length_left(&self) -> Option<u64> {
        matches!(self.framing, ResponseBody::Exact(_)).then(|| self.left())
    }

    /// What is left of a known length or of the current chunk.
    fn left(&self) -> u64 {
        match &self.lease.connection {
            Some(connection) => connection.exchange.direct(),
            None => self.ready as u64,
        }
    }

    fn buffered(&mut self, n: usize) -> &[u8] {
        let bytes = match &mut self.lease.connection {
            Some(connection) => connection.received(),
            None => self.held.get(self.held.len().saturating_sub(self.ready)..).unwrap_or_default(),
        };
        bytes.get(..n).unwrap_or(bytes)
    }

    /// `n` bytes of the body were taken.
    fn take(&mut self, n: usize) {
        let Some(connection) = &mut self.lease.connection else {
            self.ended = self.ready == 0;
            return;
        };
        connection.exchange.consume(n as u64);
        if connection.exchange.is_ended() {
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        self.ready = 0;
        self.ended = true;
        if let (Some(mut connection), Some(pool)) = (self.lease.connection.take(), &self.lease.pool) {
            self.trailers = connection.exchange.take_trailers();
            let reuse = connection.exchange.reuse(connection.inbound.len());
            pool.release(connection, reuse, Instant::now());
        }
    }

    fn network(&mut self, error: io::Error) -> Error {
        self.fail(|connection| {
            Error::network(&connection.key().peer(), Step::Body, &connection.timeouts, error)
        })
    }

    fn broken(&mut self, error: reqs_proto::Error) -> Error {
        self.fail(|connection| Error::protocol_broken(&connection.key().peer(), Step::Body, error))
    }

    fn fail(&mut self, explain: impl FnOnce(&Connection) -> Error) -> Error {
        self.failed = true;
        self.ready = 0;
        match (self.lease.connection.take(), &self.lease.pool) {
            (Some(connection), Some(pool)) => {
                let error = explain(&connection);
                pool.give_up(connection, DropReason::Failed);
                error
            }
            _ => Error::new(ErrorKind::Io, "the connection is gone").at(Step::Body),
        }
    }
}

/// A body that is at hand.
impl From<Vec<u8>> for Incoming {
    fn from(whole: Vec<u8>) -> Incoming {
        Incoming {
            lease: Lease { connection: None, pool: None },
            ready: whole.len(),
            framing: ResponseBody::Exact(whole.len() as u64),
            trailers: None,
            ended: whole.is_empty(),
            failed: false,
            held: whole,
        }
    }
}

impl Read for Incoming {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            match self.look()? {
                Look::End => return Ok(0),
                Look::Data(ready) => {
                    let taken = ready.min(out.len());
                    if let Some(out) = out.get_mut(..taken) {
                        out.copy_from_slice(self.buffered(taken));
                    }
                    self.consume(taken);
                    return Ok(taken);
                }
                Look::More => {
                    let direct = self.direct();
                    if direct < DIRECT_READ as u64 || out.len() < DIRECT_READ {
                        self.fill()?;
                        continue;
                    }
                    let Some(connection) = &mut self.lease.connection else { return Ok(0) };
                    let step = usize::try_from(direct).unwrap_or(usize::MAX).min(out.len());
                    match io::Read::read(&mut connection.transport, out.get_mut(..step).unwrap_or_default()) {
                        Ok(0) => self.ended()?,
                        Ok(read) => {
                            self.take(read);
                            return Ok(read);
                        }
                        Err(e) => return Err(self.network(e).into()),
                    }
                }
            }
        }
    }

    fn read_to_end(&mut self, out: &mut Vec<u8>) -> io::Result<usize> {
        let read = self.read_to_vec(out, u64::MAX)?;
        Ok(usize::try_from(read).unwrap_or(usize::MAX))
    }
}

impl BufRead for Incoming {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.look()? {
                Look::Data(ready) => return Ok(self.buffered(ready)),
                Look::End => return Ok(&[]),
                Look::More => self.fill()?,
            }
        }
    }

    fn consume(&mut self, amount: usize) {
        let amount = amount.min(self.ready);
        if amount == 0 {
            return;
        }
        self.ready -= amount;
        if let Some(connection) = &mut self.lease.connection {
            connection.advance(amount);
        }
        self.take(amount);
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("framing", &self.framing)
            .field("is_ended", &self.ended)
            .finish_non_exhaustive()
    }
}
