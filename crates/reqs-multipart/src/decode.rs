//! The other direction: the parts of a `multipart/*` body as it arrives (RFC 2046 §5.1), in bounded memory.
//!
//! This file owns where parts begin and end. It knows no header's meaning and no content coding. The bytes come from the
//! network: nothing here may panic, and nothing grows without a limit.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

use std::fmt;
use std::io::{self, Read};

use crate::Boundary;
use crate::boundary::is_token_byte;

mod error;
mod scan;
#[cfg(test)]
mod tests;

pub use error::DecodeError;
use scan::{Behind, Buffer, Found, behind, find};

/// A delimiter begins with a line break, and the first may stand at the very start of the body: with this before the
/// body's bytes it needs no rule of its own.
const LINE_BREAK: &[u8] = b"\r\n";

/// What a sender may make the reader of its body hold or skip. Contents are not among it: they are read by the caller,
/// who sees how much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultipartLimits {
    /// The longest head of one part, in bytes; also the longest preamble. Default 16 KiB: a handful of headers.
    pub head_bytes: usize,
    /// The most parts. Default 10 000: more are an attack on whoever keeps a record of each.
    pub parts: usize,
}

impl Default for MultipartLimits {
    fn default() -> MultipartLimits {
        MultipartLimits { head_bytes: 16 * 1024, parts: 10_000 }
    }
}

/// Reads the parts of a `multipart/*` body one after the other, none of them held in memory.
///
/// What stands before the first delimiter and behind the last is skipped, as RFC 2046 asks; a body that ends before its
/// closing delimiter is an error. (requests-toolbelt: `MultipartDecoder`.)
///
/// ```
/// use std::io::Read;
/// use reqs_multipart::MultipartReader;
///
/// let body = b"--X\r\nContent-Type: text/plain\r\n\r\nfirst\r\n--X\r\n\r\nsecond\r\n--X--\r\n";
/// let mut parts = MultipartReader::new(&body[..], "multipart/mixed; boundary=X")?;
///
/// let mut part = parts.next_part()?.unwrap();
/// assert_eq!(part.header("content-type"), Some("text/plain"));
/// let mut text = String::new();
/// part.read_to_string(&mut text)?;
/// assert_eq!(text, "first");
///
/// assert_eq!(parts.next_part()?.unwrap().content(1024)?, b"second");
/// assert!(parts.next_part()?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MultipartReader<R> {
    reader: R,
    limits: MultipartLimits,
    /// Line break, two hyphens, boundary.
    delimiter: Vec<u8>,
    buffer: Buffer,
    place: Place,
    parts: usize,
}

/// What the next byte of the buffer belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Preamble,
    Head,
    Content,
    /// Behind the closing delimiter, or behind an error: no more parts.
    Over,
}

impl<R: Read> MultipartReader<R> {
    /// Reads a body of the given `Content-Type`.
    ///
    /// # Errors
    /// [`DecodeError::NotMultipart`] when the type is another, [`DecodeError::NoBoundary`] when it names no boundary or
    /// none that RFC 2046 allows.
    pub fn new(reader: R, content_type: &str) -> Result<MultipartReader<R>, DecodeError> {
        let is_multipart =
            content_type.trim_start().get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"));
        if !is_multipart {
            return Err(DecodeError::NotMultipart { content_type: content_type.to_owned() });
        }
        match Boundary::from_content_type(content_type) {
            Some(Ok(boundary)) => Ok(MultipartReader::with_boundary(reader, &boundary)),
            Some(Err(_)) | None => Err(DecodeError::NoBoundary { content_type: content_type.to_owned() }),
        }
    }

    /// Reads a body whose boundary is known.
    pub fn with_boundary(reader: R, boundary: &Boundary) -> MultipartReader<R> {
        MultipartReader {
            reader,
            limits: MultipartLimits::default(),
            delimiter: [b"\r\n--", boundary.as_str().as_bytes()].concat(),
            buffer: Buffer::starting_with(LINE_BREAK),
            place: Place::Preamble,
            parts: 0,
        }
    }

    /// Sets other limits than [`MultipartLimits::default`].
    #[must_use]
    pub fn limits(mut self, limits: MultipartLimits) -> MultipartReader<R> {
        self.limits = limits;
        self
    }

    /// The next part, `None` behind the last. What was not read of the part before is skipped.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] when the body ends before its closing delimiter, the limits' errors, and
    /// [`DecodeError::Read`] when the reader fails. After an error there are no more parts.
    pub fn next_part(&mut self) -> Result<Option<PartReader<'_, R>>, DecodeError> {
        let headers = self.advance()?;
        Ok(headers.map(|headers| PartReader { body: self, headers }))
    }

    /// Goes on to the next part's content and gives its headers.
    fn advance(&mut self) -> Result<Option<Headers>, DecodeError> {
        let in_preamble = self.place == Place::Preamble;
        let mut skipped = 0_usize;
        while matches!(self.place, Place::Preamble | Place::Content) {
            let count = self.fail_over(Self::content)?;
            self.buffer.consume(count);
            skipped = skipped.saturating_add(count);
            if in_preamble && skipped.saturating_sub(LINE_BREAK.len()) > self.limits.head_bytes {
                self.place = Place::Over;
                return Err(DecodeError::PreambleTooLong { limit: self.limits.head_bytes });
            }
        }
        if self.place == Place::Over {
            return Ok(None);
        }
        if self.parts == self.limits.parts {
            self.place = Place::Over;
            return Err(DecodeError::TooManyParts { limit: self.limits.parts });
        }
        let headers = self.fail_over(Self::head)?;
        self.parts += 1;
        self.place = Place::Content;
        Ok(Some(headers))
    }

    /// After an error the bytes' meaning is unknown: nothing more is taken from them.
    fn fail_over<T>(&mut self, step: fn(&mut Self) -> Result<T, DecodeError>) -> Result<T, DecodeError> {
        step(self).inspect_err(|error| {
            if !error.is_pause() {
                self.place = Place::Over;
            }
        })
    }

    /// How many bytes of content stand at the front of the buffer. None: a delimiter stood there, was taken, and
    /// `place` says what follows.
    fn content(&mut self) -> Result<usize, DecodeError> {
        if self.buffer.content > 0 {
            return Ok(self.buffer.content);
        }
        loop {
            let data = self.buffer.rest();
            let count = match find(data, &self.delimiter) {
                Found::At(0) => {
                    match behind(data.get(self.delimiter.len()..).unwrap_or_default(), self.buffer.ended) {
                        Behind::Part(length) => {
                            self.buffer.consume(self.delimiter.len() + length);
                            self.place = Place::Head;
                            return Ok(0);
                        }
                        Behind::Nothing => {
                            self.place = Place::Over;
                            return Ok(0);
                        }
                        Behind::Content => self.delimiter.len(),
                        Behind::Undecided => 0,
                    }
                }
                Found::At(count) | Found::NotBefore(count) => count,
            };
            if count > 0 {
                self.buffer.content = count;
                return Ok(count);
            }
            if self.buffer.ended {
                return Err(DecodeError::Truncated);
            }
            self.buffer.fill(&mut self.reader)?;
        }
    }

    /// The header lines of a part, taken from the buffer with the empty line behind them.
    fn head(&mut self) -> Result<Headers, DecodeError> {
        let mut searched = 0;
        loop {
            let data = self.buffer.rest();
            let end = match data {
                [b'\r', b'\n', ..] => Some(0),
                _ => data
                    .get(searched..)
                    .unwrap_or_default()
                    .windows(4)
                    .position(|four| four == b"\r\n\r\n")
                    .map(|at| searched + at + 2),
            };
            match end {
                Some(end) if end <= self.limits.head_bytes => {
                    let headers = headers(data.get(..end).unwrap_or_default(), self.parts)?;
                    self.buffer.consume(end + 2);
                    return Ok(headers);
                }
                None if data.len() <= self.limits.head_bytes => {}
                _ => {
                    return Err(DecodeError::HeadTooLong { limit: self.limits.head_bytes });
                }
            }
            if self.buffer.ended {
                return Err(DecodeError::Truncated);
            }
            searched = data.len().saturating_sub(3);
            self.buffer.fill(&mut self.reader)?;
        }
    }

    /// The reader again, wherever it stands: some bytes behind what was decoded may be gone.
    pub fn into_inner(self) -> R {
        self.reader
    }
}

impl<R> fmt::Debug for MultipartReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let boundary = String::from_utf8_lossy(self.delimiter.get(4..).unwrap_or_default());
        f.debug_struct("MultipartReader")
            .field("boundary", &boundary)
            .field("limits", &self.limits)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

type Headers = Vec<(String, String)>;

/// One part of a body: its headers, and its content as a reader.
pub struct PartReader<'a, R> {
    body: &'a mut MultipartReader<R>,
    headers: Headers,
}

impl<R: Read> PartReader<'_, R> {
    /// The whole content, or what is left of it.
    ///
    /// # Errors
    /// [`DecodeError::PartTooLong`] when it has more than `limit` bytes, and those of
    /// [`next_part`](MultipartReader::next_part).
    pub fn content(mut self, limit: usize) -> Result<Vec<u8>, DecodeError> {
        let mut content = Vec::new();
        loop {
            let ready = match self.ready() {
                Err(error) if error.is_interrupted() => continue,
                ready => ready?,
            };
            if ready.is_empty() {
                return Ok(content);
            }
            if ready.len() > limit - content.len() {
                return Err(DecodeError::PartTooLong { limit });
            }
            content.extend_from_slice(ready);
            let count = ready.len();
            self.body.buffer.consume(count);
        }
    }

    /// The bytes of content at hand; none at its end.
    fn ready(&mut self) -> Result<&[u8], DecodeError> {
        if self.body.place != Place::Content {
            return Ok(&[]);
        }
        let count = self.body.fail_over(MultipartReader::content)?;
        Ok(self.body.buffer.rest().get(..count).unwrap_or_default())
    }
}

impl<R> PartReader<'_, R> {
    /// The first value of a header, in any case. Bytes that are not UTF-8 read as ISO-8859-1.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The headers in their order, as they were spelled.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The content. Errors are a [`DecodeError`] inside the [`io::Error`].
impl<R: Read> Read for PartReader<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let count = self.ready()?.read(out)?;
        self.body.buffer.consume(count);
        Ok(count)
    }
}

/// The names of the headers, never their values or the content.
impl<R> fmt::Debug for PartReader<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers().map(|(name, _)| name).collect();
        f.debug_struct("PartReader").field("headers", &names).finish_non_exhaustive()
    }
}

/// The header lines of part number `part`, from 0; folded lines are put together (RFC 5322 §2.2.3).
fn headers(head: &[u8], part: usize) -> Result<Headers, DecodeError> {
    let mut headers = Headers::new();
    for line in text(head).split("\r\n").filter(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t'])
            && let Some((_, value)) = headers.last_mut()
        {
            value.push(' ');
            value.push_str(line.trim_matches([' ', '\t']));
            continue;
        }
        match line.split_once(':') {
            Some((name, value)) if !name.is_empty() && name.bytes().all(is_token_byte) => {
                headers.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
            }
            _ => return Err(DecodeError::InvalidHeader { part }),
        }
    }
    Ok(headers)
}

fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
