//! The request on its way out: head and small body in one write, large bodies from where they lie.

use std::fs::File;
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::time::Duration;

use reqs_proto::{BodyLength, ResponseHead};

use super::{Failure, Run, is_closed};
use crate::call::Outgoing;
use crate::connection::Connection;
use crate::error::{Error, ErrorKind, Plain, Step};
use crate::transport::Transport;

/// A head and a body up to this size together go out in one write. Copying so much costs less than another system call
/// and another packet.
const ONE_WRITE: usize = 16 * 1024;

/// What is read from the caller's body at a time.
const BODY_STEP: usize = 64 * 1024;

impl Run<'_, '_> {
    /// Sends head and body. With `Some` the response came before the body was wanted.
    pub(super) fn send(
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

    fn send_file(&mut self, file: &mut File, length: u64) -> Result<(), Failure> {
        let small = length <= ONE_WRITE as u64;
        if small || self.exchange.request_body() == BodyLength::Chunked {
            return self.send_reader(&mut file.take(length), Some(length));
        }
        if let Transport::Plain(socket) = &self.connection.transport
            && socket.can_send_files()
            && let Ok(start) = file.stream_position()
        {
            return self.send_file_by_the_kernel(file, start, length);
        }
        self.send_reader(&mut file.take(length), Some(length))
    }

    /// Sends a file without copying it through this process, and leaves it positioned behind what was sent.
    fn send_file_by_the_kernel(&mut self, file: &mut File, start: u64, length: u64) -> Result<(), Failure> {
        if self.write_out()?.is_closed() {
            return Ok(());
        }
        let mut sent = 0;
        while sent < length {
            let Transport::Plain(socket) = &mut self.connection.transport else { break };
            match socket.send_file(file, start + sent, length - sent) {
                Ok(0) => return Err(self.short_body(sent, length)),
                Ok(n) => {
                    sent += n;
                    self.note_sent(n)?;
                }
                // Not every file can be sent so: those of /proc, for instance.
                Err(e) if sent == 0 && is_not_supported(&e) => {
                    return self.send_reader(&mut file.take(length), Some(length));
                }
                Err(e) => return self.write_failed(e).map(|_| ()),
            }
        }
        file.seek(SeekFrom::Start(start + sent)).map_err(|e| self.body_failed(e))?;
        self.finish()
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

fn is_not_supported(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, NotSeekable, Unsupported};
    matches!(error.kind(), InvalidInput | NotSeekable | Unsupported)
}
