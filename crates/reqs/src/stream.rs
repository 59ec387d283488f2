//! A body that is still to be read: from its source, through its content codings and limits, to whoever asks.
//!
//! This file owns the state of reading and the ways that all others are made of: look at what is next
//! ([`Stream::fill`] and [`Stream::consume`]), fill the caller's memory ([`Stream::read_into`]), and take a piece or
//! the rest ([`Stream::append`], [`Stream::read_rest`]). `flow.rs` below decodes and counts. Neither knows URLs or
//! heads; `reading.rs` adds those to the errors.

mod flow;

use std::fmt;
use std::io::{self, BufRead, Read};

use reqs_pool::Incoming;
use reqs_proto::{DecodeLimits, Decoder, Headers};

use crate::convert;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::{self, Memory};
use crate::progress::Progress;
use crate::source::Source;

/// A body that is read when it is asked for.
///
/// Dropping it before its end gives the connection up, unless the rest has already arrived; at the end the
/// connection goes back to the pool by itself.
pub struct Stream {
    /// A body that came whole with its head and has no coding, which is most of all small ones: nothing need be kept about
    /// reading it until somebody reads it in parts.
    whole: Vec<u8>,
    /// How every other body is read; `None` while `whole` is the body.
    inner: Option<Box<Inner>>,
}

/// Boxed, so that a response that is handed around is small.
struct Inner {
    source: Source,
    coding: Coding,
    limits: DecodeLimits,
    /// Decoded and not yet taken: `ahead[at..end]`.
    ahead: Vec<u8>,
    at: usize,
    end: usize,
    received: u64,
    decoded: u64,
    state: State,
    /// A line ended in CR at the end of what had arrived, so that an LF that comes next is part of its end (STR-8).
    after_cr: bool,
    watcher: Option<Watcher>,
}

const _: () = assert!(size_of::<crate::response::Response<Stream>>() == 5 * size_of::<usize>());

type Watcher = Box<dyn FnMut(Progress) + Send>;

/// How the bytes are coded.
enum Coding {
    /// Not yet looked at: the headers say.
    Undecided,
    None,
    Some(Box<Decoder>),
    /// The decoder came to its end.
    Ended,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unread,
    Begun,
    /// The end was seen by whoever read.
    Consumed,
    Failed,
}

/// What is decoded at a time for those who look at what is next: at first, and at most. A page fits in the first;
/// decoders are fastest with the second.
const FIRST_STEP: usize = 8 * 1024;
const LARGEST_STEP: usize = 64 * 1024;

/// From this size on decoded bytes go straight into the caller's memory.
const DIRECT: usize = 16 * 1024;

impl Stream {
    /// A body from a connection, coded as its headers say.
    pub(crate) fn wire(mut incoming: Incoming, headers: &Headers, limits: DecodeLimits) -> Stream {
        let is_plain = limits.total.is_none() && !headers.contains("Content-Encoding");
        match is_plain.then(|| incoming.take_whole()).flatten() {
            Some(whole) => Stream { whole, inner: None },
            None => Stream::of(Inner::new(Source::wire(incoming), Coding::Undecided, limits)),
        }
    }

    /// A body that an adapter reads from somewhere: as it is, or coded as its headers say.
    pub(crate) fn reader(reader: Box<dyn Read + Send>, coded: Option<DecodeLimits>) -> Stream {
        let coding = if coded.is_some() { Coding::Undecided } else { Coding::None };
        Stream::of(Inner::new(Source::reader(reader), coding, coded.unwrap_or_default()))
    }

    /// A body that is at hand, decoded.
    pub(crate) fn held(bytes: Vec<u8>) -> Stream {
        let mut inner = Inner::new(Source::Nothing, Coding::None, DecodeLimits::default());
        (inner.end, inner.received) = (bytes.len(), bytes.len() as u64);
        inner.ahead = bytes;
        Stream::of(inner)
    }

    fn of(inner: Inner) -> Stream {
        Stream { whole: Vec::new(), inner: Some(Box::new(inner)) }
    }

    /// All of a body that came whole and was not touched.
    pub(crate) fn take_whole(&mut self) -> Option<Vec<u8>> {
        self.inner.is_none().then(|| std::mem::take(&mut self.whole))
    }

    /// The state of reading.
    fn inner(&mut self) -> &mut Inner {
        let whole = &mut self.whole;
        self.inner.get_or_insert_with(|| {
            let source = Source::wire(std::mem::take(whole).into());
            Box::new(Inner::new(source, Coding::None, DecodeLimits::default()))
        })
    }

    /// Decides how the body is coded, the first time that it is asked. To be called before anything decoded is read.
    pub(crate) fn settle(&mut self, headers: &Headers) -> Result<()> {
        let Some(inner) = self.inner.as_mut().filter(|inner| matches!(inner.coding, Coding::Undecided))
        else {
            return Ok(());
        };
        // What has no bytes needs no decoder, and is not refused for what its headers claim (DEC-6).
        let decoder = match inner.source.length() {
            Some(0) => None,
            _ => Decoder::from_headers(headers, &inner.limits).map_err(convert::decoding)?,
        };
        inner.coding = decoder.map_or(Coding::None, |decoder| Coding::Some(Box::new(decoder)));
        Ok(())
    }

    /// Replaces the limits of a body of which nothing was read.
    pub(crate) fn set_limits(&mut self, limits: DecodeLimits, headers: &Headers) -> Result<()> {
        if self.has_begun() {
            let message = "limits on decoding are set before any of the body is read";
            return Err(Error::new(ErrorKind::InvalidOption, message));
        }
        let inner = self.inner();
        inner.limits = limits;
        if matches!(inner.coding, Coding::Some(_)) && inner.received == 0 {
            inner.coding = Coding::Undecided;
            return self.settle(headers);
        }
        Ok(())
    }

    pub(crate) fn watch(&mut self, watcher: Watcher) {
        self.inner().watcher = Some(watcher);
    }

    /// Reads and forgets a small rest, waiting for it, so that the connection can be kept; gives it up where more
    /// than that is left. Nothing is decoded (SEC-34).
    pub(crate) fn drain(self, limit: usize) {
        if let Some(inner) = self.inner {
            inner.source.drain(limit);
        }
    }

    /// The decoded bytes that come next, at least one unless the body has ended.
    pub(crate) fn fill(&mut self) -> Result<&[u8]> {
        let inner = self.inner();
        if inner.at < inner.end {
            return Ok(&inner.ahead[inner.at..inner.end]);
        }
        inner.check_usable()?;
        match inner.coding {
            Coding::None | Coding::Undecided => inner.look(),
            Coding::Ended => Ok(&[]),
            Coding::Some(_) => {
                let size = match inner.ahead.len() {
                    0 => FIRST_STEP,
                    // Filled to the brim: there is more where that came from.
                    size if inner.end == size => (size * 2).min(LARGEST_STEP.max(size)),
                    size => size,
                };
                if inner.ahead.len() < size {
                    inner.ahead = vec![0; size];
                }
                let mut ahead = std::mem::take(&mut inner.ahead);
                let decoded = inner.decode(&mut ahead);
                inner.ahead = ahead;
                (inner.at, inner.end) = (0, decoded?);
                Ok(&inner.ahead[..inner.end])
            }
        }
    }

    /// So many of the bytes that [`fill`](Stream::fill) showed were taken.
    pub(crate) fn consume(&mut self, n: usize) {
        let inner = self.inner();
        inner.begin();
        if inner.at < inner.end {
            inner.at = (inner.at + n).min(inner.end);
            inner.decoded += n as u64;
        } else {
            inner.source.consume(n);
            inner.decoded += n as u64;
            inner.count(n);
        }
        if n > 0 {
            inner.report();
        }
    }

    /// Fills the caller's memory with decoded bytes, as many as are at hand; 0 is the end.
    pub(crate) fn read_into(&mut self, out: &mut [u8]) -> Result<usize> {
        let inner = self.inner();
        if out.is_empty() {
            return Ok(0);
        }
        let is_coded = matches!(inner.coding, Coding::Some(_));
        if inner.at < inner.end || (is_coded && out.len() < DIRECT) || inner.limits.total.is_some() {
            let ready = self.fill()?;
            let n = ready.len().min(out.len());
            out[..n].copy_from_slice(&ready[..n]);
            self.consume(n);
            if n == 0 {
                self.note_end();
            }
            return Ok(n);
        }
        inner.check_usable()?;
        inner.begin();
        let read = match inner.coding {
            Coding::Some(_) => inner.decode(out)?,
            Coding::Ended => 0,
            Coding::None | Coding::Undecided => {
                let read = inner.source.read(out);
                let read = read.map_err(|error| inner.fail(convert::reading(error)))?;
                inner.count(read);
                read
            }
        };
        inner.decoded += read as u64;
        match read {
            0 => self.note_end(),
            _ => self.inner().report(),
        }
        Ok(read)
    }

    /// Appends up to `size` bytes of an uncoded body to `out`; fewer are its last. On an error what came until then is
    /// there.
    pub(crate) fn append(&mut self, out: &mut Vec<u8>, size: usize) -> Result<()> {
        let before = out.len();
        let inner = self.inner();
        let held = size.min(inner.end - inner.at);
        if held > 0 {
            out.extend_from_slice(&inner.ahead[inner.at..inner.at + held]);
            self.consume(held);
        }
        let inner = self.inner();
        let copied = match held == size {
            true => Ok(()),
            false => inner.check_usable().and_then(|()| inner.copy(out, (size - held) as u64)),
        };
        if out.len() > before {
            inner.begin();
        }
        copied
    }

    /// Reads everything that is left into memory that suits its size. On an error what came until then is there.
    pub(crate) fn read_whole(&mut self, out: &mut Memory) -> Result<()> {
        let inner = self.inner();
        let is_plain = matches!(inner.coding, Coding::None | Coding::Undecided);
        let whole = inner.source.length().filter(|_| is_plain);
        if inner.at < inner.end || whole.is_some_and(|whole| whole < memory::LARGE) {
            return self.read_rest(out.heap());
        }
        if whole.is_none() && !self.read_some(out.heap(), memory::BEGINNING)? {
            return Ok(());
        }
        while let Some(room) = out.room(whole) {
            match self.read_into(room)? {
                0 => return Ok(()),
                n => out.advance(n),
            }
        }
        self.read_rest(out.heap())
    }

    /// Appends everything that is left to `out`. On an error what came until then is there.
    pub(crate) fn read_rest(&mut self, out: &mut Vec<u8>) -> Result<()> {
        self.read_some(out, u64::MAX).map(drop)
    }

    /// Appends what is left to `out`, and stops early where that is `enough` bytes or more, with `true`. On an error what came until then
    /// is there.
    fn read_some(&mut self, out: &mut Vec<u8>, enough: u64) -> Result<bool> {
        let inner = self.inner();
        let before = out.len();
        if inner.at < inner.end {
            // Handed over rather than copied.
            if out.is_empty() && inner.at == 0 {
                inner.ahead.truncate(inner.end);
                *out = std::mem::take(&mut inner.ahead);
            } else {
                out.extend_from_slice(&inner.ahead[inner.at..inner.end]);
            }
            (inner.at, inner.end) = (0, 0);
            inner.decoded += (out.len() - before) as u64;
        }
        inner.check_usable()?;
        inner.begin();
        match inner.coding {
            Coding::None | Coding::Undecided => inner.copy(out, enough)?,
            Coding::Some(_) => inner.decode_rest(out, enough)?,
            Coding::Ended => {}
        }
        let there_is_more = (out.len() - before) as u64 >= enough;
        if !there_is_more {
            self.note_end();
        }
        Ok(there_is_more)
    }

    /// Reads everything that is left and keeps it to be read again.
    pub(crate) fn hold_rest(&mut self) -> Result<&[u8]> {
        let inner = self.inner();
        let (state, decoded, after_cr) = (inner.state, inner.decoded, inner.after_cr);
        let mut bytes = Vec::new();
        let read = self.read_rest(&mut bytes);
        let inner = self.inner();
        // It was read for later: whoever asks next gets it from its beginning.
        (inner.decoded, inner.after_cr) = (decoded, after_cr);
        if inner.state != State::Failed {
            inner.state = state;
        }
        (inner.at, inner.end) = (0, bytes.len());
        inner.ahead = bytes;
        read?;
        Ok(&self.inner().ahead)
    }

    /// Reads bytes as they came, codings and all.
    pub(crate) fn read_raw(&mut self, out: &mut [u8]) -> Result<usize> {
        let inner = self.inner();
        if matches!(inner.coding, Coding::None) && inner.at < inner.end {
            // Held bytes have no other form than this.
            return self.read_into(out);
        }
        inner.check_usable()?;
        inner.begin();
        let read = inner.source.read(out).map_err(|error| inner.fail(convert::reading(error)))?;
        inner.count(read);
        inner.report();
        Ok(read)
    }

    /// Somebody was told that the body has ended.
    pub(crate) fn note_end(&mut self) {
        let inner = self.inner();
        if inner.state == State::Begun {
            inner.state = State::Consumed;
        }
    }

    /// The line that was taken last ended in CR, and nothing more had come.
    pub(crate) fn note_cr(&mut self) {
        self.inner().after_cr = true;
    }

    pub(crate) fn is_after_cr(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| inner.after_cr)
    }

    /// Whether anything was read.
    pub(crate) fn has_begun(&self) -> bool {
        self.state() != State::Unread
    }

    /// Whether somebody has read it to its end.
    pub(crate) fn is_consumed(&self) -> bool {
        self.state() == State::Consumed
    }

    /// Whether a content coding is undone.
    pub(crate) fn is_coded(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| matches!(inner.coding, Coding::Some(_) | Coding::Ended))
    }

    pub(crate) fn progress(&self) -> Progress {
        match &self.inner {
            Some(inner) => inner.progress(),
            None => Progress { received: 0, decoded: 0, total: Some(self.whole.len() as u64) },
        }
    }

    /// How long the body is in all, where that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        self.progress().total
    }

    pub(crate) fn trailers(&self) -> Option<&Headers> {
        self.inner.as_ref()?.source.trailers()
    }

    fn state(&self) -> State {
        self.inner.as_ref().map_or(State::Unread, |inner| inner.state)
    }
}

impl Inner {
    fn new(source: Source, coding: Coding, limits: DecodeLimits) -> Inner {
        Inner {
            source,
            coding,
            limits,
            ahead: Vec::new(),
            at: 0,
            end: 0,
            received: 0,
            decoded: 0,
            state: State::Unread,
            after_cr: false,
            watcher: None,
        }
    }

    /// Something is read.
    fn begin(&mut self) {
        self.after_cr = false;
        if self.state == State::Unread {
            self.state = State::Begun;
        }
    }

    fn check_usable(&self) -> Result<()> {
        match self.state {
            State::Failed => {
                let message = "the body cannot be read any further: reading it has failed before";
                Err(Error::new(ErrorKind::StreamConsumed, message))
            }
            State::Unread | State::Begun | State::Consumed => Ok(()),
        }
    }

    fn fail(&mut self, error: Error) -> Error {
        self.state = State::Failed;
        error
    }

    /// Undecoded bytes were taken from the source.
    fn count(&mut self, n: usize) {
        self.received += n as u64;
    }

    fn report(&mut self) {
        if let Some(mut watcher) = self.watcher.take() {
            watcher(self.progress());
            self.watcher = Some(watcher);
        }
    }

    fn progress(&self) -> Progress {
        let total = match (&self.source, self.source.length()) {
            (Source::Nothing, _) => Some(self.received),
            (_, length) => length,
        };
        Progress { received: self.received, decoded: self.decoded, total }
    }
}

impl Read for Stream {
    /// Decoded bytes; the error inside is [`crate::Error`].
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        Ok(self.read_into(out)?)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state() {
            State::Unread => "unread",
            State::Begun => "begun",
            State::Consumed => "read to its end",
            State::Failed => "failed",
        };
        write!(f, "Stream({state}, {} bytes received)", self.progress().received)
    }
}
