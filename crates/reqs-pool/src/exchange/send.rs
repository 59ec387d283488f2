//! The request on its way out: head and small body in one write, large bodies from where they lie.

use std::fs::File;
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::time::Duration;

use reqs_proto::BodyLength;

use super::{Failure, Run, is_closed};
use crate::call::Outgoing;
use crate::error::{Error, ErrorKind, Plain, Step, TimeUp, inside};
use crate::layer::Layer;
use crate::transport::Transport;

/// A head and a body up to this size together go out in one write. Copying so much costs less than another system call
/// and another packet.
const ONE_WRITE: usize = 16 * 1024;

/// What is read from the caller's body at a time.
const BODY_STEP: usize = 64 * 1024;

/// The same, once reads fill that. Linux hands out a file's pages 31 at a time; of the sizes up to half a MiB this one takes
/// the least time, and multiples of 64 KiB take a tenth more.
const LARGEST_STEP: usize = 31 * 4096;

/// When a server has taken nothing of a large body for this long, it is listened to: it may have answered already, and
/// wait for nothing but to be heard (RFC 9112 section 9.6). A body that flows costs no system call for it.
const STALL: Duration = Duration::from_millis(250);

/// An error or a redirect that comes early ends the body at the next stall. A success does not mean that the server has
/// enough: it gets this many stalls in a row.
const PATIENCE: u32 = 20;

impl Run<'_, '_> {
    /// Sends head and body, as much of it as the server takes.
    pub(super) fn send(&mut self, body: &mut Outgoing<'_>, expect_timeout: Duration) -> Result<(), Failure> {
        if self.connection.exchange.expects_continue() {
            self.write_out()?;
            self.wait_for_continue(expect_timeout)?;
        }
        let sent = match (&self.early, body) {
            (Some(_), _) => Sent::Stopped,
            (None, Outgoing::Empty) => self.finish()?,
            (None, Outgoing::Bytes(bytes)) => self.send_bytes(bytes)?,
            (None, Outgoing::File { file, length }) => self.send_file(file, *length)?,
            (None, Outgoing::Reader { reader, length }) => self.send_reader(reader, *length)?,
            (None, Outgoing::Chunks(chunks)) => self.send_chunks(chunks)?,
        };
        if sent.is_stopped() {
            self.connection.exchange.abandon_body();
        }
        Ok(())
    }

    fn send_bytes(&mut self, bytes: &[u8]) -> Result<Sent, Failure> {
        if self.connection.outbound.len() + bytes.len() <= ONE_WRITE {
            self.encode(bytes)?;
            return self.finish();
        }
        self.watch();
        if self.connection.exchange.request_body() == BodyLength::Chunked {
            for piece in bytes.chunks(BODY_STEP) {
                self.encode(piece)?;
                if self.write_out()?.is_stopped() {
                    return Ok(Sent::Stopped);
                }
            }
            return self.finish();
        }
        // The body is written from where it lies, behind the head.
        self.note_sent(bytes.len() as u64)?;
        if self.write_behind_head(bytes)?.is_stopped() {
            return Ok(Sent::Stopped);
        }
        self.finish()
    }

    fn send_file(&mut self, file: &mut File, length: u64) -> Result<Sent, Failure> {
        let small = length <= ONE_WRITE as u64;
        if small || self.connection.exchange.request_body() == BodyLength::Chunked {
            return self.send_reader(&mut file.take(length), Some(length));
        }
        if let Transport::Plain(socket) = &self.connection.transport
            && socket.is_for_files()
            && let Ok(start) = file.stream_position()
        {
            return self.send_file_by_the_kernel(file, start, length);
        }
        self.send_reader(&mut file.take(length), Some(length))
    }

    /// Sends a file without copying it through this process, and leaves it positioned behind what was sent.
    fn send_file_by_the_kernel(&mut self, file: &mut File, start: u64, length: u64) -> Result<Sent, Failure> {
        self.watch();
        if self.write_out()?.is_stopped() {
            return Ok(Sent::Stopped);
        }
        let mut sent = 0;
        let mut stalls = 0;
        while sent < length {
            let Transport::Plain(socket) = &mut self.connection.transport else { break };
            match socket.send_file(file, start + sent, length - sent) {
                Ok(0) => return Err(self.short_body(sent, length)),
                Ok(n) => {
                    stalls = 0;
                    sent += n;
                    self.note_sent(n)?;
                }
                // Not every file can be sent so: those of /proc, for instance.
                Err(e) if sent == 0 && is_not_supported(&e) => {
                    return self.send_reader(&mut file.take(length), Some(length));
                }
                Err(e) => {
                    if self.write_failed(e, &mut stalls)?.is_stopped() {
                        return Ok(Sent::Stopped);
                    }
                }
            }
        }
        file.seek(SeekFrom::Start(start + sent)).map_err(|e| self.body_failed(e))?;
        self.finish()
    }

    fn send_reader(&mut self, reader: &mut dyn Read, length: Option<u64>) -> Result<Sent, Failure> {
        let chunked = self.connection.exchange.request_body() == BodyLength::Chunked;
        let step = length
            .map_or(BODY_STEP, |length| usize::try_from(length).unwrap_or(BODY_STEP).clamp(1, BODY_STEP));
        let mut piece = vec![0; step];
        let mut sent = 0_u64;
        self.watch();
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
                if small { Sent::All } else { self.write_out()? }
            } else {
                self.note_sent(read as u64)?;
                self.write_behind_head(data)?
            };
            if wrote.is_stopped() {
                return Ok(Sent::Stopped);
            }
            if read == BODY_STEP {
                piece.resize(LARGEST_STEP, 0);
            }
        }
        if let Some(length) = length.filter(|length| sent < *length) {
            return Err(self.short_body(sent, length));
        }
        self.finish()
    }

    fn send_chunks(
        &mut self,
        chunks: &mut dyn Iterator<Item = io::Result<Vec<u8>>>,
    ) -> Result<Sent, Failure> {
        self.watch();
        for chunk in chunks {
            let chunk = chunk.map_err(|e| self.body_failed(e))?;
            if chunk.is_empty() {
                continue;
            }
            self.encode(&chunk)?;
            if self.write_out()?.is_stopped() {
                return Ok(Sent::Stopped);
            }
        }
        self.finish()
    }

    /// Large bodies are written with an ear to the server.
    fn watch(&mut self) {
        self.connection.transport.socket().watch_writes(STALL);
    }

    fn encode(&mut self, data: &[u8]) -> Result<(), Failure> {
        let result = self.connection.exchange.encode_body(data, &mut self.connection.outbound);
        result.map_err(|e| Error::protocol_broken(&self.peer, Step::Send, e).into())
    }

    fn note_sent(&mut self, n: u64) -> Result<(), Failure> {
        self.connection
            .exchange
            .note_sent(n)
            .map_err(|e| Error::protocol_broken(&self.peer, Step::Send, e).into())
    }

    /// Ends the body and writes what is left to write.
    fn finish(&mut self) -> Result<Sent, Failure> {
        let result = self.connection.exchange.finish_body(&mut self.connection.outbound);
        result.map_err(|e| Error::protocol_broken(&self.peer, Step::Send, e))?;
        if self.write_out()?.is_stopped() {
            return Ok(Sent::Stopped);
        }
        let mut stalls = 0;
        // What TLS still holds of a write that was stuck.
        while let Err(e) = self.connection.transport.flush() {
            if self.write_failed(e, &mut stalls)?.is_stopped() {
                return Ok(Sent::Stopped);
            }
        }
        Ok(Sent::All)
    }

    fn write_out(&mut self) -> Result<Sent, Failure> {
        if self.connection.outbound.is_empty() {
            return Ok(Sent::All);
        }
        self.write_behind_head(&[])
    }

    /// Writes what is buffered and `data` behind it, with one call while the system takes it all.
    fn write_behind_head(&mut self, data: &[u8]) -> Result<Sent, Failure> {
        let mut buffered = std::mem::take(&mut self.connection.outbound);
        let sent = match (buffered.is_empty(), data.is_empty()) {
            (true, _) => self.write(&mut [IoSlice::new(data)]),
            (_, true) => self.write(&mut [IoSlice::new(&buffered)]),
            _ => self.write(&mut [IoSlice::new(&buffered), IoSlice::new(data)]),
        };
        buffered.clear();
        self.connection.outbound = buffered;
        sent
    }

    fn write(&mut self, mut parts: &mut [IoSlice<'_>]) -> Result<Sent, Failure> {
        let mut stalls = 0;
        while !parts.is_empty() {
            match self.connection.transport.write_vectored(parts) {
                Ok(n) if n > 0 => {
                    stalls = 0;
                    IoSlice::advance_slices(&mut parts, n);
                }
                result => {
                    let error = result.err().unwrap_or_else(|| io::ErrorKind::WriteZero.into());
                    if self.write_failed(error, &mut stalls)?.is_stopped() {
                        return Ok(Sent::Stopped);
                    }
                }
            }
        }
        Ok(Sent::All)
    }

    /// What becomes of the body when nothing of it could be written: it goes on, or what was sent is all of it, because
    /// the server has answered or closed. Its answer is worth reading even where it has closed.
    fn write_failed(&mut self, error: io::Error, stalls: &mut u32) -> Result<Sent, Failure> {
        if is_closed(&error) {
            self.write_error = Some(error);
            return Ok(Sent::Stopped);
        }
        if inside(&error) != Some(&TimeUp::Stall) {
            return Err(Error::network(&self.peer, Step::Send, &self.connection.timeouts, error).into());
        }
        *stalls += 1;
        let is_open = self.listen()?;
        let has_enough = match &self.early {
            Some(head) => !head.status.is_success() || *stalls >= PATIENCE,
            None => !is_open,
        };
        Ok(if has_enough { Sent::Stopped } else { Sent::All })
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

/// How far a piece of the request went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    /// All of it, as far as this side knows.
    All,
    /// No further: the server has closed or answered. There may be a response all the same.
    Stopped,
}

impl Sent {
    fn is_stopped(self) -> bool {
        self == Sent::Stopped
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

fn is_not_supported(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, NotSeekable, Unsupported};
    matches!(error.kind(), InvalidInput | NotSeekable | Unsupported)
}
