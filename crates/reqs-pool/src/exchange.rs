//! One exchange over one connection, up to the head of the response: head and small body in one write, one read after it.

use std::borrow::Cow;
use std::io::{self, IoSlice, Read, Write};
use std::time::{Duration, Instant};

use reqs_proto::{BodyLength, Exchange, Headers, Received, RequestHead, ResponseHead};

use crate::call::{Call, Outgoing};
use crate::connection::Connection;
use crate::dial::{self, Target};
use crate::error::{Error, ErrorKind, Peer, Plain, Step, TimeUp, inside};
use crate::key;

/// A head and a body up to this size together go out in one write. Copying so much costs less than another system call
/// and another packet.
const ONE_WRITE: usize = 16 * 1024;

/// What is read from the caller's body at a time.
const BODY_STEP: usize = 64 * 1024;

/// The head of the response, and what follows.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exchange: Exchange,
    pub(crate) head: ResponseHead,
    pub(crate) informational: Vec<ResponseHead>,
    pub(crate) first_byte: Instant,
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
    let early = run.send(&mut call.body, expect_timeout)?;
    run.receive(early)
}

/// An exchange on its way, with what its errors need to know.
struct Run<'c, 'a> {
    connection: &'c mut Connection,
    exchange: Exchange,
    peer: Peer<'a>,
    timeouts: crate::call::Timeouts,
    informational: Vec<ResponseHead>,
    first_byte: Option<Instant>,
    /// A write failed because the server had closed or reset: it may have answered before it did (BOD-19).
    write_error: Option<io::Error>,
}

impl<'c, 'a> Run<'c, 'a> {
    fn start(connection: &'c mut Connection, call: &Call<'a>) -> Result<Self, Failure> {
        let peer = Peer { host: call.host, port: call.port };
        let untouched = |error| Failure { error, is_stale: false, is_untouched: true };
        connection.set_clocks(&call.timeouts, None);
        connection.outbound.clear();
        let (target, headers) = addressed(call);
        let head =
            RequestHead { method: call.method, target: &target, host: call.host_header, headers: &headers };
        let exchange = Exchange::start(&head, call.limits, &mut connection.outbound)
            .map_err(|e| untouched(Error::protocol_broken(&peer, Step::Send, e)))?;
        let stated = exchange.request_body();
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
            exchange,
            peer,
            timeouts: call.timeouts,
            informational: Vec::new(),
            first_byte: None,
            write_error: None,
        })
    }

    /// Sends head and body. With `Some` the response came before the body was wanted.
    fn send(
        &mut self,
        body: &mut Outgoing<'_>,
        expect_timeout: Duration,
    ) -> Result<Option<ResponseHead>, Failure> {
        if self.exchange.expects_continue() {
            self.write_out()?;
            if let Some(early) = self.wait_for_continue(expect_timeout)? {
                return Ok(Some(early));
            }
        }
        match body {
            Outgoing::Empty => self.finish()?,
            Outgoing::Bytes(bytes) => self.send_bytes(bytes)?,
            Outgoing::File { file, length } => self.send_file(file, *length)?,
            Outgoing::Reader { reader, length } => self.send_reader(reader, *length)?,
            Outgoing::Chunks(chunks) => self.send_chunks(chunks)?,
        }
        Ok(None)
    }

    fn send_bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.connection.outbound.len() + bytes.len() <= ONE_WRITE {
            self.encode(bytes)?;
            return self.finish();
        }
        if self.exchange.request_body() == BodyLength::Chunked {
            for piece in bytes.chunks(BODY_STEP) {
                self.encode(piece)?;
                if self.write_out()?.is_closed() {
                    return Ok(());
                }
            }
            return self.finish();
        }
        // The body is written from where it lies, behind the head.
        self.note_sent(bytes.len() as u64)?;
        if self.write_behind_head(bytes)?.is_closed() {
            return Ok(());
        }
        self.finish()
    }

    fn send_file(&mut self, file: &mut std::fs::File, length: u64) -> Result<(), Failure> {
        if self.exchange.request_body() == BodyLength::Chunked || length <= ONE_WRITE as u64 {
            return self.send_reader(&mut file.take(length), Some(length));
        }
        if self.write_out()?.is_closed() {
            return Ok(());
        }
        match &mut self.connection.transport {
            crate::transport::Transport::Plain(socket) => {
                let sent = match socket.unwatched_writer() {
                    // On Linux the standard library turns this into `sendfile`.
                    Ok(Some(mut tcp)) => {
                        io::copy(&mut file.take(length), &mut tcp).map_err(|e| socket.write_error(e))
                    }
                    Ok(None) => return self.send_reader(&mut file.take(length), Some(length)),
                    Err(e) => Err(e),
                };
                match sent {
                    Ok(sent) => {
                        self.note_sent(sent)?;
                        if sent < length {
                            return Err(self.short_body(sent, length));
                        }
                        self.finish()
                    }
                    Err(e) => self.write_failed(e).map(|_| ()),
                }
            }
            _ => self.send_reader(&mut file.take(length), Some(length)),
        }
    }

    fn send_reader(&mut self, reader: &mut dyn Read, length: Option<u64>) -> Result<(), Failure> {
        let chunked = self.exchange.request_body() == BodyLength::Chunked;
        let step = length
            .map_or(BODY_STEP, |length| usize::try_from(length).unwrap_or(BODY_STEP).clamp(1, BODY_STEP));
        let mut piece = vec![0; step];
        let mut sent = 0_u64;
        loop {
            let read = read_piece(reader, &mut piece).map_err(|e| self.body_failed(e))?;
            if read == 0 {
                break;
            }
            let data = piece.get(..read).unwrap_or_default();
            sent += read as u64;
            if length.is_some_and(|length| sent > length) {
                return Err(self.long_body(length.unwrap_or_default()));
            }
            let small = self.connection.outbound.len() + read <= ONE_WRITE && length == Some(sent);
            let wrote = if chunked || small {
                self.encode(data)?;
                // The last piece of a small body goes out with the head, in `finish`.
                if small { Wrote::All } else { self.write_out()? }
            } else {
                self.note_sent(read as u64)?;
                self.write_behind_head(data)?
            };
            if wrote.is_closed() {
                return Ok(());
            }
        }
        if let Some(length) = length.filter(|length| sent < *length) {
            return Err(self.short_body(sent, length));
        }
        self.finish()
    }

    fn send_chunks(&mut self, chunks: &mut dyn Iterator<Item = io::Result<Vec<u8>>>) -> Result<(), Failure> {
        for chunk in chunks {
            let chunk = chunk.map_err(|e| self.body_failed(e))?;
            if chunk.is_empty() {
                continue;
            }
            self.encode(&chunk)?;
            if self.write_out()?.is_closed() {
                return Ok(());
            }
        }
        self.finish()
    }

    fn encode(&mut self, data: &[u8]) -> Result<(), Failure> {
        let result = self.exchange.encode_body(data, &mut self.connection.outbound);
        result.map_err(|e| Error::protocol_broken(&self.peer, Step::Send, e).into())
    }

    fn note_sent(&mut self, n: u64) -> Result<(), Failure> {
        self.exchange.note_sent(n).map_err(|e| Error::protocol_broken(&self.peer, Step::Send, e).into())
    }

    /// Ends the body and writes what is left to write.
    fn finish(&mut self) -> Result<(), Failure> {
        let result = self.exchange.finish_body(&mut self.connection.outbound);
        result.map_err(|e| Error::protocol_broken(&self.peer, Step::Send, e))?;
        self.write_out().map(|_| ())
    }

    fn write_out(&mut self) -> Result<Wrote, Failure> {
        let Connection { transport, outbound, .. } = &mut *self.connection;
        if outbound.is_empty() {
            return Ok(Wrote::All);
        }
        let result = transport.write_all(outbound);
        outbound.clear();
        match result {
            Ok(()) => Ok(Wrote::All),
            Err(e) => self.write_failed(e),
        }
    }

    /// Writes what is buffered and `data` behind it, with one call while the system takes it all.
    fn write_behind_head(&mut self, data: &[u8]) -> Result<Wrote, Failure> {
        let Connection { transport, outbound, .. } = &mut *self.connection;
        let result = if outbound.is_empty() {
            transport.write_all(data)
        } else {
            let mut parts = [IoSlice::new(outbound), IoSlice::new(data)];
            write_all_parts(transport, &mut parts)
        };
        outbound.clear();
        match result {
            Ok(()) => Ok(Wrote::All),
            Err(e) => self.write_failed(e),
        }
    }

    /// A server that has enough may answer and close before the body has ended: its answer is worth reading.
    fn write_failed(&mut self, error: io::Error) -> Result<Wrote, Failure> {
        if is_closed(&error) {
            self.write_error = Some(error);
            return Ok(Wrote::Closed);
        }
        Err(Error::network(&self.peer, Step::Send, &self.timeouts, error).into())
    }

    /// Waits for the word of a server that was asked with `Expect: 100-continue`, for a bounded time.
    fn wait_for_continue(&mut self, limit: Duration) -> Result<Option<ResponseHead>, Failure> {
        self.connection.set_clocks(&self.timeouts, Some(limit));
        let mut early = None;
        while self.exchange.expects_continue() && early.is_none() {
            match self.next_head() {
                Ok(Some(Received::Informational(head))) => self.informational.push(head),
                Ok(Some(Received::Final(head))) => early = Some(head),
                Ok(None) => {
                    let read = self.connection.fill();
                    match read {
                        Ok(0) => break,
                        Ok(_) => self.note_first_byte(),
                        Err(e) if inside(&e) == Some(&TimeUp::Read) => break,
                        Err(e) => return Err(self.read_failed(e)),
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
        self.connection.set_clocks(&self.timeouts, None);
        Ok(early)
    }

    fn receive(mut self, early: Option<ResponseHead>) -> Result<Answer, Failure> {
        let mut found = early;
        while found.is_none() {
            match self.next_head()? {
                Some(Received::Final(head)) => found = Some(head),
                Some(Received::Informational(head)) => self.informational.push(head),
                None => match self.connection.fill() {
                    Ok(0) => return Err(self.ended()),
                    Ok(_) => self.note_first_byte(),
                    Err(e) => return Err(self.read_failed(e)),
                },
            }
        }
        let Some(head) = found else { return Err(self.ended()) };
        log::debug!("{} from {} over connection {}", head.status, self.peer, self.connection.info().id);
        Ok(Answer {
            exchange: self.exchange,
            head,
            informational: self.informational,
            first_byte: self.first_byte.unwrap_or_else(Instant::now),
        })
    }

    fn next_head(&mut self) -> Result<Option<Received>, Failure> {
        match self.exchange.receive_head(self.connection.inbound.bytes()) {
            Ok(Some((received, used))) => {
                self.connection.inbound.advance(used);
                Ok(Some(received))
            }
            Ok(None) => Ok(None),
            Err(e) => Err(Error::protocol_broken(&self.peer, Step::Head, e).into()),
        }
    }

    fn note_first_byte(&mut self) {
        if self.first_byte.is_none() {
            self.first_byte = Some(Instant::now());
        }
    }

    /// The server closed before the response was there.
    fn ended(&mut self) -> Failure {
        let peer = &self.peer;
        if self.first_byte.is_some() {
            return match self.exchange.eof() {
                Err(e) => Error::protocol_broken(peer, Step::Head, e).into(),
                Ok(()) => Error::new(ErrorKind::Closed, format!("{peer} closed the connection"))
                    .at(Step::Head)
                    .into(),
            };
        }
        let error = match self.write_error.take() {
            Some(e) => Error::network(peer, Step::Send, &self.timeouts, e),
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
        Error::network(&self.peer, Step::Head, &self.timeouts, error).into()
    }

    fn body_failed(&self, error: io::Error) -> Failure {
        let message =
            format!("the body of the request to {} could not be read: {}", self.peer, Plain(&error));
        Error::new(ErrorKind::Body, message).at(Step::Send).because(error).into()
    }

    fn short_body(&self, sent: u64, stated: u64) -> Failure {
        let message =
            format!("the body of the request to {} ended after {sent} of {stated} bytes", self.peer);
        Error::new(ErrorKind::Body, message).at(Step::Send).into()
    }

    fn long_body(&self, stated: u64) -> Failure {
        let message = format!(
            "the body of the request to {} has more than the {stated} bytes that were stated",
            self.peer
        );
        Error::new(ErrorKind::Body, message).at(Step::Send).into()
    }
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrote {
    All,
    /// The server has closed; there may be a response all the same.
    Closed,
}

impl Wrote {
    fn is_closed(self) -> bool {
        self == Wrote::Closed
    }
}

/// Whether an error of a socket means that the other side has gone.
fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
}

/// Target and headers as they are sent: what goes to an HTTP proxy in the clear is in absolute-form and carries the proxy's
/// own fields (PRX-9); what goes to the target never does (SEC-11).
fn addressed<'a>(call: &Call<'a>) -> (Cow<'a, str>, Cow<'a, Headers>) {
    let target = (Cow::Borrowed(call.target), Cow::Borrowed(call.headers));
    let Some(proxy) = &call.route.proxy else { return target };
    let road = Target {
        https: call.https,
        host: call.host,
        port: call.port,
        route: call.route,
        timeouts: &call.timeouts,
    };
    if !key::forwards(&road) {
        if !call.headers.contains("proxy-authorization") {
            return target;
        }
        let mut headers = call.headers.clone();
        headers.remove("proxy-authorization");
        return (target.0, Cow::Owned(headers));
    }
    let authority = match call.port {
        80 => Cow::Borrowed(call.host),
        port => Cow::Owned(format!("{}:{port}", call.host)),
    };
    // An asterisk-form target has no place behind an authority (RFC 9112 section 3.2.4).
    let path = if call.target == "*" { "" } else { call.target };
    let mut headers = call.headers.clone();
    for (name, value) in &dial::proxy_headers(proxy) {
        headers.insert(name, value);
    }
    (Cow::Owned(format!("http://{authority}{path}")), Cow::Owned(headers))
}

/// A target without its query, which may hold secrets, for the log.
fn path_only(target: &str) -> &str {
    target.split('?').next().unwrap_or(target)
}

/// Whether what there is to send can be what the headers state.
fn fits(body: &Outgoing<'_>, stated: BodyLength) -> bool {
    match (stated, body) {
        (BodyLength::None, body) => {
            body.is_empty()
                || matches!(body, Outgoing::File { length: 0, .. } | Outgoing::Reader { length: Some(0), .. })
        }
        (BodyLength::Exact(stated), Outgoing::Empty) => stated == 0,
        (BodyLength::Exact(stated), Outgoing::Bytes(bytes)) => stated == bytes.len() as u64,
        (BodyLength::Exact(stated), Outgoing::File { length, .. }) => stated == *length,
        (BodyLength::Exact(stated), Outgoing::Reader { length, .. }) => {
            length.is_none_or(|length| length == stated)
        }
        (BodyLength::Exact(_), Outgoing::Chunks(_)) | (BodyLength::Chunked, _) => true,
    }
}

fn misfit(body: &Outgoing<'_>, stated: BodyLength) -> String {
    let has = match body {
        Outgoing::Empty => "none".to_owned(),
        Outgoing::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Outgoing::File { length, .. } | Outgoing::Reader { length: Some(length), .. } => {
            format!("{length} bytes")
        }
        Outgoing::Reader { length: None, .. } | Outgoing::Chunks(_) => "of unknown length".to_owned(),
    };
    match stated {
        BodyLength::Exact(stated) => format!("Content-Length says {stated} bytes, and the body is {has}"),
        _ => format!("it has a body ({has}), and neither Content-Length nor Transfer-Encoding"),
    }
}

fn read_piece(reader: &mut dyn Read, piece: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(piece) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Ok(n) if n > piece.len() => {
                return Err(io::Error::other("the reader claims more bytes than it was asked for"));
            }
            result => return result,
        }
    }
}

fn write_all_parts(io: &mut impl Write, mut parts: &mut [IoSlice<'_>]) -> io::Result<()> {
    while !parts.is_empty() {
        match io.write_vectored(parts) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => IoSlice::advance_slices(&mut parts, n),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
