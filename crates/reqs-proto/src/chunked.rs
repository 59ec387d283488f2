//! The chunked transfer coding (RFC 9112 section 7.1), both ways. Strict: 1*HEXDIG, CRLF and nothing else, every length
//! checked, every line bounded.

use crate::error::{Error, excerpt};
use crate::frame::Frame;
use crate::headers::Headers;
use crate::limits::Limits;
use crate::response::parse_trailers;

/// Writes one chunk. No data writes nothing, since an empty chunk would end the body.
pub(crate) fn encode_chunk(data: &[u8], out: &mut Vec<u8>) {
    if data.is_empty() {
        return;
    }
    let mut digits = [0u8; 16];
    let size = hex(data.len(), &mut digits);
    out.reserve(data.len().saturating_add(size.len()).saturating_add(4));
    out.extend_from_slice(size);
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
}

/// Ends a chunked body: the last chunk and an empty trailer section.
pub(crate) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

fn hex(mut number: usize, digits: &mut [u8; 16]) -> &[u8] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut used = 0usize;
    for slot in digits.iter_mut().rev() {
        *slot = HEX.get(number & 0xf).copied().unwrap_or(b'0');
        number >>= 4;
        used = used.saturating_add(1);
        if number == 0 {
            break;
        }
    }
    let start = digits.len().saturating_sub(used);
    digits.get(start..).unwrap_or_default()
}

/// Digits of a size that surely fits its type.
const MOST_DIGITS: usize = 15;

/// Decodes a chunked body without holding any of it: it says which bytes of the caller's buffer are framing and which
/// are body.
///
/// ```
/// use reqs_proto::{ChunkedDecoder, Frame, Limits};
///
/// let mut decoder = ChunkedDecoder::new(&Limits::default());
/// let wire = b"5\r\nhello\r\n0\r\n\r\n";
/// assert_eq!(decoder.frame(wire)?, Frame::Data { skip: 3, len: 5 });
/// decoder.consume(5); // the caller took "hello"
/// assert_eq!(decoder.frame(&wire[8..])?, Frame::End { skip: 7 });
/// # Ok::<(), reqs_proto::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ChunkedDecoder {
    state: State,
    limits: Limits,
    /// Body bytes taken so far.
    taken: u64,
    /// Bytes of the current chunk-size line so far.
    line: usize,
    /// Bytes of extensions in the body so far, and of what pads its sizes: leading zeros and blanks.
    extensions: u64,
    /// The trailer section so far.
    trailers: Vec<u8>,
    parsed: Option<Headers>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first digit of a size.
    Start,
    /// Inside the digits.
    Size(u64),
    /// Blanks after the digits: only an extension may follow.
    Blanks(u64),
    Extension(u64),
    /// The size line's CR was seen.
    SizeLf(u64),
    /// So many bytes of this chunk are left.
    Data(u64),
    DataCr,
    DataLf,
    /// At the start of a trailer line.
    TrailerStart,
    TrailerLine,
    TrailerLf,
    /// The CR of the empty line was seen.
    LastLf,
    Ended,
}

impl ChunkedDecoder {
    /// A decoder at the start of a body.
    pub fn new(limits: &Limits) -> Self {
        Self {
            state: State::Start,
            limits: *limits,
            taken: 0,
            line: 0,
            extensions: 0,
            trailers: Vec::new(),
            parsed: None,
        }
    }

    /// Looks at buffered bytes. What it says to skip it has taken in, and must not be shown again.
    ///
    /// # Errors
    /// What RFC 9112 section 7.1 does not allow, and what goes over a limit.
    pub fn frame(&mut self, input: &[u8]) -> Result<Frame, Error> {
        let mut skip = 0usize;
        loop {
            match self.state {
                State::Data(left) => {
                    let there = input.len().saturating_sub(skip);
                    let len = usize::try_from(left).map_or(there, |left| left.min(there));
                    if len == 0 {
                        return Ok(Frame::More { skip });
                    }
                    return Ok(Frame::Data { skip, len });
                }
                State::Ended => return Ok(Frame::End { skip }),
                _ => {}
            }
            let rest = input.get(skip..).unwrap_or_default();
            if let Some((len, size)) = self.plain_line(rest) {
                self.state = State::Data(size);
                skip = skip.saturating_add(len);
                continue;
            }
            let Some(&byte) = rest.first() else {
                return Ok(Frame::More { skip });
            };
            self.state = self.step(byte, rest)?;
            skip = skip.saturating_add(1);
        }
    }

    /// So many body bytes were taken, from a buffer or straight from the socket. More than
    /// [`remaining`](Self::remaining) is a mistake that the next call of [`frame`](Self::frame) reports.
    pub fn consume(&mut self, n: u64) {
        let State::Data(left) = self.state else {
            return;
        };
        self.taken = self.taken.saturating_add(n);
        self.state = match left.saturating_sub(n) {
            0 => State::DataCr,
            left => State::Data(left),
        };
    }

    /// How many bytes of the current chunk are left: so many may be read without a look at them.
    pub fn remaining(&self) -> u64 {
        match self.state {
            State::Data(left) => left,
            _ => 0,
        }
    }

    /// Body bytes taken so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Has the last chunk been seen, with its trailers?
    pub fn is_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// The trailers, once the body has ended. `None` where there were none.
    pub fn trailers(&self) -> Option<&Headers> {
        self.parsed.as_ref()
    }

    /// Takes the trailers out.
    pub fn take_trailers(&mut self) -> Option<Headers> {
        self.parsed.take()
    }

    /// What stands between two chunks as good as always, taken in one go: the end of the chunk before, if there was one,
    /// and a size without padding and extensions. Says how long that is, and the size. `None` is left to the steps below,
    /// which take every byte for itself: lines that are not all there, not plain, or wrong, and the last chunk's.
    fn plain_line(&self, rest: &[u8]) -> Option<(usize, u64)> {
        let (line, before) = match self.state {
            State::DataCr => (rest.strip_prefix(b"\r\n")?, 2),
            // Nothing of this line was taken yet.
            State::Start => (rest, 0),
            _ => return None,
        };
        let mut size = 0u64;
        let mut digits = 0usize;
        for &byte in line.iter().take(MOST_DIGITS.saturating_add(1)) {
            let Some(digit) = char::from(byte).to_digit(16) else { break };
            size = (size << 4) | u64::from(digit);
            digits = digits.saturating_add(1);
        }
        let is_padded = line.first() == Some(&b'0');
        let length = digits.saturating_add(2);
        let is_plain = (1..=MOST_DIGITS).contains(&digits)
            && !is_padded
            && length <= self.limits.chunk_line
            && line.get(digits..length) == Some(b"\r\n");
        is_plain.then_some((length.saturating_add(before), size))
    }

    fn step(&mut self, byte: u8, rest: &[u8]) -> Result<State, Error> {
        match self.state {
            State::Start | State::Size(_) | State::Blanks(_) | State::Extension(_) | State::SizeLf(_) => {
                self.line = self.line.saturating_add(1);
                if self.line > self.limits.chunk_line {
                    return Err(Error::ChunkLineTooLong { limit: self.limits.chunk_line });
                }
                self.step_line(byte, rest)
            }
            State::DataCr if byte == b'\r' => Ok(State::DataLf),
            State::DataLf if byte == b'\n' => Ok(State::Start),
            State::DataCr | State::DataLf => Err(Error::InvalidChunkEnd),
            State::TrailerStart | State::TrailerLine | State::TrailerLf | State::LastLf => {
                self.step_trailer(byte)
            }
            State::Data(_) | State::Ended => Ok(self.state),
        }
    }

    /// `chunk-size [ chunk-ext ] CRLF`, `chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`
    fn step_line(&mut self, byte: u8, rest: &[u8]) -> Result<State, Error> {
        let digit = char::from(byte).to_digit(16).map(u64::from);
        match self.state {
            State::Start => match digit {
                Some(digit) => Ok(State::Size(digit)),
                None => Err(Error::InvalidChunkSize(excerpt(rest))),
            },
            State::Size(size) => match (digit, byte) {
                (Some(digit), _) if size == 0 => self.note_extension().map(|()| State::Size(digit)),
                (Some(digit), _) => size
                    .checked_mul(16)
                    .and_then(|size| size.checked_add(digit))
                    .map(State::Size)
                    .ok_or(Error::ChunkTooLarge),
                (None, b'\r') => Ok(State::SizeLf(size)),
                (None, b';') => self.note_extension().map(|()| State::Extension(size)),
                (None, b' ' | b'\t') => self.note_extension().map(|()| State::Blanks(size)),
                (None, b'\n') => Err(Error::InvalidChunkEnd),
                _ => Err(Error::InvalidChunkSize(excerpt(rest))),
            },
            State::Blanks(size) => match byte {
                b' ' | b'\t' => self.note_extension().map(|()| State::Blanks(size)),
                b';' => self.note_extension().map(|()| State::Extension(size)),
                _ => Err(Error::InvalidChunkSize(excerpt(rest))),
            },
            State::Extension(size) => match byte {
                b'\r' => Ok(State::SizeLf(size)),
                b'\n' => Err(Error::InvalidChunkEnd),
                byte if crate::grammar::is_field_byte(byte) => {
                    self.note_extension().map(|()| State::Extension(size))
                }
                _ => Err(Error::InvalidChunkExtension),
            },
            State::SizeLf(size) => {
                if byte != b'\n' {
                    return Err(Error::InvalidChunkEnd);
                }
                self.line = 0;
                Ok(if size == 0 { State::TrailerStart } else { State::Data(size) })
            }
            other => Ok(other),
        }
    }

    fn note_extension(&mut self) -> Result<(), Error> {
        self.extensions = self.extensions.saturating_add(1);
        let limit = self.limits.chunk_extensions;
        if self.extensions > self.taken.saturating_add(limit as u64) {
            return Err(Error::ChunkExtensionsTooLong { limit });
        }
        Ok(())
    }

    /// `trailer-section = *( field-line CRLF )`, then the CRLF that ends the body.
    fn step_trailer(&mut self, byte: u8) -> Result<State, Error> {
        if self.trailers.len() >= self.limits.trailer_bytes {
            return Err(Error::TrailersTooLong { limit: self.limits.trailer_bytes });
        }
        self.trailers.push(byte);
        match (self.state, byte) {
            (State::TrailerStart, b'\r') => Ok(State::LastLf),
            (State::TrailerLine, b'\r') => Ok(State::TrailerLf),
            (State::TrailerStart | State::TrailerLine, b'\n') => Err(Error::InvalidChunkEnd),
            (State::TrailerStart | State::TrailerLine, _) => Ok(State::TrailerLine),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart),
            (State::LastLf, b'\n') => {
                let text = std::mem::take(&mut self.trailers);
                if text.len() > 2 {
                    self.parsed = Some(parse_trailers(&text, &self.limits)?);
                }
                Ok(State::Ended)
            }
            _ => Err(Error::InvalidChunkEnd),
        }
    }
}
