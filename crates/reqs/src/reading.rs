//! The ways of reading a body as it arrives: in pieces, into a file, or whole after all. Lines and text have files of
//! their own.

use std::io::{self, BufRead, Read, Write};

use reqs_proto::{DecodeLimits, Headers};

use crate::content::Content;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::Memory;
use crate::progress::Progress;
use crate::response::{Response, Stream};

/// `Read` and `BufRead` give decoded bytes; so does everything here but [`raw`](Response::raw).
impl Response<Stream> {
    /// Reads the body, and gives the response with it.
    ///
    /// # Errors
    /// A body that breaks off, is badly framed or coded, over a limit, or stalls; see [`ErrorKind`]. What came until
    /// then is the content of the error's [`response`](Error::response).
    /// [`ErrorKind::StreamConsumed`] where part of it was already read, since a piece is not the content (RES-6).
    pub fn load(mut self) -> Result<Response> {
        if self.body.has_begun() {
            let message = "the content for this response was already consumed, in part or in whole";
            return Err(self.named(Error::new(ErrorKind::StreamConsumed, message)));
        }
        if let Some(content) = self.body.take_whole() {
            return Ok(self.with_content(content.into()));
        }
        let mut content = Memory::default();
        let read = self.settled().and_then(|body| body.read_whole(&mut content));
        let loaded = self.with_content(content);
        match read {
            Ok(()) => Ok(loaded),
            Err(error) => Err(loaded.named(error).with_response(loaded)),
        }
    }

    /// Reads what is left of the body and keeps it: the bytes are lent here, and are there to be read again by whoever
    /// has the response next. A hook looks at a body in this way.
    ///
    /// # Errors
    /// As [`load`](Response::load), but for `StreamConsumed`.
    pub fn buffer(&mut self) -> Result<&[u8]> {
        self.settled()?;
        match self.body.hold_rest() {
            // Asked for again, since an error above cannot be named while the bytes are lent.
            Ok(_) => self.body.fill(),
            Err(error) => Err(self.named(error)),
        }
    }

    /// The body in pieces. (Requests: `iter_content`.)
    ///
    /// With a size, each piece has that many bytes and the last one what is left; of a chunked or compressed body
    /// pieces may be shorter, since none spans two chunks and none waits for bytes that did not come yet. With `None`
    /// pieces are given as they arrive, of whatever size.
    ///
    /// ```no_run
    /// # use std::{fs::File, io::Write};
    /// let mut r = reqs::get("https://httpbin.org/bytes/100000").stream()?;
    /// let mut file = File::create("bytes")?;
    /// for piece in r.iter_content(64 * 1024) {
    ///     file.write_all(&piece?)?;
    /// }
    /// # Ok::<(), reqs::Error>(())
    /// ```
    ///
    /// # Errors
    /// Items are errors as those of [`load`](Response::load), after what came before them; then there are no more. A size of 0 is
    /// [`ErrorKind::InvalidOption`]; a body that was read to its end before is [`ErrorKind::StreamConsumed`].
    pub fn iter_content(&mut self, size: impl Into<Option<usize>>) -> Pieces<'_> {
        let size = size.into();
        let size_is_exact = size.is_some() && !self.headers().contains("Transfer-Encoding");
        Pieces { response: self, size, size_is_exact, failed: None, ended: false }
    }

    /// Writes the decoded body to a file or any other writer, and tells how many bytes that were. Nothing is copied on the way where there is no
    /// coding.
    ///
    /// # Errors
    /// As [`load`](Response::load), or [`ErrorKind::Io`] with what the writer says. Of a body that was read in part
    /// the rest is written, of one that was read to its end nothing.
    pub fn copy_to<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<u64> {
        let mut copied = 0;
        loop {
            let ready = match self.settled().and_then(Stream::fill) {
                Ok(ready) => ready,
                Err(error) => return Err(self.named(error)),
            };
            let n = ready.len();
            if n == 0 {
                self.body.note_end();
                return Ok(copied);
            }
            if let Err(error) = writer.write_all(ready) {
                let message = format!("writing the body failed after {copied} bytes: {error}");
                return Err(self.named(Error::new(ErrorKind::Io, message).with_source(error)));
            }
            self.body.consume(n);
            copied += n as u64;
        }
    }

    /// The body as it came, codings and all. (Requests: `raw`.)
    ///
    /// ```no_run
    /// # use std::io::Read;
    /// let mut r = reqs::get("https://httpbin.org/gzip").stream()?;
    /// let mut magic = [0; 2];
    /// r.raw().read_exact(&mut magic)?;
    /// assert_eq!(magic, [0x1f, 0x8b]);
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn raw(&mut self) -> Raw<'_> {
        Raw(self)
    }

    /// How much of the body was read until now.
    pub fn progress(&self) -> Progress {
        self.body.progress()
    }

    /// Calls `watcher` whenever more of the body was read, in whichever way.
    ///
    /// ```no_run
    /// let r = reqs::get("https://httpbin.org/bytes/100000").stream()?;
    /// let r = r.on_progress(|p| eprint!("\r{} of {:?}", p.received, p.total)).load()?;
    /// # Ok::<(), reqs::Error>(())
    /// ```
    #[must_use]
    pub fn on_progress(mut self, watcher: impl FnMut(Progress) + Send + 'static) -> Response<Stream> {
        self.body.watch(Box::new(watcher));
        self
    }

    /// Sets the limits on what this body may unfold to, in the place of the adapter's
    /// ([`HttpAdapter::decode_limits`](crate::HttpAdapter::decode_limits)).
    ///
    /// ```no_run
    /// let mut limits = reqs::DecodeLimits::default();
    /// limits.ratio = None; // a dump of zeros may unfold a thousandfold
    /// let r = reqs::get("https://example.com/zeros.gz").stream()?.decode_limits(limits)?.load()?;
    /// # Ok::<(), reqs::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] where some of the body was read already; [`ErrorKind::ContentDecoding`] where the
    /// headers name more codings than the new limit, or codings that are unknown here among known ones.
    pub fn decode_limits(mut self, limits: DecodeLimits) -> Result<Response<Stream>> {
        let Response { head, body } = &mut self;
        match body.set_limits(limits, &head.head.headers) {
            Ok(()) => Ok(self),
            Err(error) => Err(self.named(error)),
        }
    }

    /// The trailer fields that followed the last chunk, once the body was read to its end (RFC 9110 §6.5).
    pub fn trailers(&self) -> Option<&Headers> {
        self.body.trailers().or(self.head.trailers.as_deref())
    }

    /// Gives the connection up without reading the rest, as dropping does; where the rest has already arrived the
    /// connection is kept. (Requests: `close`.)
    pub fn close(self) {}

    /// The response with the beginning of its body; what cannot be read is left out.
    pub(crate) fn load_at_most(mut self, limit: u64) -> Response {
        let mut content = Vec::new();
        let _ = (&mut self).take(limit).read_to_end(&mut content);
        self.with_content(content.into())
    }

    /// The decoded bytes that come next; none is the end.
    pub(crate) fn next_bytes(&mut self) -> Result<&[u8]> {
        // Twice, since the borrow of what is given back would outlast the naming of an error.
        if let Err(error) = self.settled().and_then(|body| body.fill().map(drop)) {
            return Err(self.named(error));
        }
        self.body.fill()
    }

    /// The body, ready to be decoded.
    pub(crate) fn settled(&mut self) -> Result<&mut Stream> {
        self.body.settle(&self.head.head.headers)?;
        Ok(&mut self.body)
    }

    fn with_content(self, content: Memory) -> Response {
        let Response { mut head, body } = self;
        if let Some(trailers) = body.trailers() {
            head.trailers = Some(Box::new(trailers.clone()));
        }
        Response { head, body: Content(content) }
    }
}

impl Read for Response<Stream> {
    /// Decoded bytes; an error inside is a [`crate::Error`], which `?` gives back as it was.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.settled().and_then(|body| body.read_into(out));
        read.map_err(|error| self.named(error).into())
    }

    fn read_to_end(&mut self, out: &mut Vec<u8>) -> io::Result<usize> {
        let before = out.len();
        let read = self.settled().and_then(|body| body.read_rest(out));
        match read {
            Ok(()) => Ok(out.len() - before),
            Err(error) => Err(self.named(error).into()),
        }
    }
}

/// Decoded bytes without copying them where there is no coding.
impl BufRead for Response<Stream> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.next_bytes()?)
    }

    fn consume(&mut self, n: usize) {
        self.body.consume(n);
    }
}

impl From<Response> for Response<Stream> {
    fn from(response: Response) -> Response<Stream> {
        let Response { head, body } = response;
        Response { head, body: Stream::held(body.0.into()) }
    }
}

/// Pieces of a body; see [`Response::iter_content`].
#[derive(Debug)]
pub struct Pieces<'a> {
    response: &'a mut Response<Stream>,
    size: Option<usize>,
    /// Whether pieces are filled up to their size, as those of a body without chunks and codings are (STR-1).
    size_is_exact: bool,
    /// What went wrong after the last piece.
    failed: Option<Error>,
    ended: bool,
}

/// The largest piece that is given as it arrives, and what is set aside at first for one of a given size.
const LARGEST_PIECE: usize = 64 * 1024;

impl Pieces<'_> {
    /// The next piece; none is the end.
    fn read(&mut self) -> Result<Vec<u8>> {
        if self.size == Some(0) {
            return Err(Error::new(
                ErrorKind::InvalidOption,
                "pieces of 0 bytes would never get through a body",
            ));
        }
        let body = self.response.settled()?;
        match self.size {
            Some(size) if self.size_is_exact && !body.is_coded() => {
                let whole = body.length().and_then(|length| usize::try_from(length).ok());
                let mut piece = Vec::with_capacity(size.min(LARGEST_PIECE).min(whole.unwrap_or(usize::MAX)));
                match body.append(&mut piece, size) {
                    // What came before the error is told first.
                    Err(error) if !piece.is_empty() => self.failed = Some(error),
                    read => read?,
                }
                Ok(piece)
            }
            size => {
                let ready = body.fill()?;
                let n = ready.len().min(size.unwrap_or(LARGEST_PIECE));
                let piece = ready[..n].to_vec();
                body.consume(n);
                Ok(piece)
            }
        }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Result<Vec<u8>>> {
        if self.ended {
            return None;
        }
        let read = match (self.failed.take(), self.response.already_consumed()) {
            (Some(error), _) => Err(self.response.named(error)),
            (None, Some(error)) => Err(error),
            (None, None) => self.read().map_err(|error| self.response.named(error)),
        };
        self.ended = !matches!(&read, Ok(piece) if !piece.is_empty());
        if matches!(&read, Ok(piece) if piece.is_empty()) {
            self.response.body.note_end();
            return None;
        }
        Some(read)
    }
}

impl std::iter::FusedIterator for Pieces<'_> {}

impl Response<Stream> {
    /// What an iterator says when the body was read to its end before it came (RES-6).
    pub(crate) fn already_consumed(&self) -> Option<Error> {
        let message = "the content for this response was already consumed";
        self.body.is_consumed().then(|| self.named(Error::new(ErrorKind::StreamConsumed, message)))
    }
}

/// A body as it came; see [`Response::raw`].
#[derive(Debug)]
pub struct Raw<'a>(&'a mut Response<Stream>);

impl Read for Raw<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.0.body.read_raw(out);
        read.map_err(|error| self.0.named(error).into())
    }
}
