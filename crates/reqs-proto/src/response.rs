//! Response heads: finding their end without looking at a byte twice, and parsing them once, strictly.
//!
//! What is tolerated: lines ended by LF alone (RFC 9112 section 2.2), values folded over several lines (obs-fold, which
//! becomes one space, section 5.2), any minor version of HTTP/1 (RFC 9110 section 2.5), a missing reason, bytes of obs-text.
//! Everything else that RFC 9112 forbids is an error that says where.

use std::fmt;

use http::{StatusCode, Version};
use httparse::Status;
use memchr::{memchr, memchr_iter};

use crate::error::{Error, excerpt};
use crate::grammar::{is_field_byte, is_field_value, latin1};
use crate::headers::{Headers, Span};
use crate::limits::Limits;

/// The head of a response.
#[derive(Clone)]
#[non_exhaustive]
pub struct ResponseHead {
    /// HTTP/1.0 or HTTP/1.1. A higher minor version counts as 1.1.
    pub version: Version,
    /// The status code, 100 to 999.
    pub status: StatusCode,
    /// The headers as they were received, in order.
    pub headers: Headers,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    /// The phrase that the RFCs give this code: the common case, without an allocation.
    Canonical,
    Other(Box<str>),
}

impl ResponseHead {
    /// A head that did not come from a server: for tests, mocks and adapters. The reason is the canonical one.
    pub fn new(version: Version, status: StatusCode, headers: Headers) -> Self {
        Self { version, status, headers, reason: Reason::Canonical }
    }

    fn with_headers(status_line: &[u8], headers: Headers) -> Result<Self, Error> {
        let (version, status, reason) = parse_status_line(status_line)?;
        Ok(Self { version, status, headers, reason })
    }

    /// With this reason phrase.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<Box<str>>) -> Self {
        self.reason = Reason::Other(reason.into());
        self
    }

    /// The reason phrase as it was received: empty where there was none, ISO-8859-1 where it is not UTF-8.
    pub fn reason(&self) -> &str {
        match &self.reason {
            Reason::Canonical => self.status.canonical_reason().unwrap_or_default(),
            Reason::Other(text) => text,
        }
    }
}

impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseHead")
            .field("version", &self.version)
            .field("status", &self.status.as_u16())
            .field("reason", &self.reason())
            .field("headers", &self.headers)
            .finish()
    }
}

/// Finds and parses one head in a buffer that grows. Remembers how far it looked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeadReader {
    /// Up to here there is no end of the head.
    scanned: usize,
    /// The parser was run once on what there was.
    tried: bool,
}

impl HeadReader {
    /// The head and its length, or `None` where more bytes are needed. `input` always starts where the head does.
    pub(crate) fn read(
        &mut self,
        input: &[u8],
        limits: &Limits,
    ) -> Result<Option<(ResponseHead, usize)>, Error> {
        check_start(input)?;
        // Most heads come whole in the first read: then the parser finds the end by itself, and no byte is looked at
        // twice. It is tried once, so that a head in many pieces costs no more than two passes.
        if !self.tried {
            let unseen = input.get(self.scanned..).unwrap_or_default();
            let Some(at) = memchr(b'\n', unseen) else {
                self.scanned = input.len();
                within(input.len(), limits)?;
                return Ok(None);
            };
            let lf = self.scanned.saturating_add(at);
            self.scanned = lf;
            self.tried = true;
            let (status_line, lines) = split_at_line_end(input, lf);
            if let Ok(Some((headers, len))) = parse_lines(lines, limits) {
                let len = lf.saturating_add(1).saturating_add(len);
                within(len, limits)?;
                let head = ResponseHead::with_headers(status_line, headers)?;
                return Ok(Some((head, len)));
            }
        }
        let Some(len) = self.find_end(input) else {
            within(input.len(), limits)?;
            return Ok(None);
        };
        within(len, limits)?;
        let head = parse_whole(input.get(..len).unwrap_or(input), limits)?;
        Ok(Some((head, len)))
    }

    /// Where the empty line ends.
    fn find_end(&mut self, input: &[u8]) -> Option<usize> {
        let rest = input.get(self.scanned..).unwrap_or_default();
        for at in memchr_iter(b'\n', rest) {
            let lf = self.scanned.saturating_add(at);
            let after = lf.saturating_add(1);
            match input.get(after..) {
                Some([b'\n', ..]) => return Some(lf.saturating_add(2)),
                Some([b'\r', b'\n', ..]) => return Some(lf.saturating_add(3)),
                // Too short to tell: look at this line end again.
                Some([] | [b'\r']) => {
                    self.scanned = lf;
                    return None;
                }
                _ => {}
            }
        }
        self.scanned = input.len();
        None
    }
}

fn within(len: usize, limits: &Limits) -> Result<(), Error> {
    if len > limits.head_bytes {
        return Err(Error::HeadTooLong { limit: limits.head_bytes });
    }
    Ok(())
}

/// Something that is not HTTP is told at its first wrong byte, not after a timeout.
fn check_start(input: &[u8]) -> Result<(), Error> {
    const START: &[u8] = b"HTTP/1.";
    if input.starts_with(START) || START.starts_with(input) {
        return Ok(());
    }
    Err(Error::NotHttp(excerpt(input)))
}

/// A head from its first byte to its last: what is wrong with it is known for certain, and said.
fn parse_whole(whole: &[u8], limits: &Limits) -> Result<ResponseHead, Error> {
    let lf = memchr(b'\n', whole).unwrap_or(whole.len());
    let (status_line, lines) = split_at_line_end(whole, lf);
    // The status line first: it is the first that a reader of the error would look at.
    let head = ResponseHead::with_headers(status_line, Headers::new())?;
    let headers = match parse_lines(lines, limits) {
        Ok(Some((headers, _))) => headers,
        Err(Refused::TooMany) => return Err(Refused::TooMany.explain(lines, 2, limits)),
        Ok(None) | Err(Refused::Malformed) => {
            let refused = || Refused::Malformed.explain(lines, 2, limits);
            let unfolded = unfold(lines).ok_or_else(refused)?;
            match parse_lines(&unfolded, limits) {
                Ok(Some((headers, _))) => headers,
                Ok(None) => return Err(refused()),
                Err(refused) => return Err(refused.explain(&unfolded, 2, limits)),
            }
        }
    };
    Ok(ResponseHead { headers, ..head })
}

/// `status-line = HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 section 4). The last space may be missing with
/// the reason.
fn parse_status_line(line: &[u8]) -> Result<(Version, StatusCode, Reason), Error> {
    let invalid = || Error::InvalidStatusLine(excerpt(line));
    let [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor @ b'0'..=b'9', b' ', a, b, c, rest @ ..] = line
    else {
        return Err(invalid());
    };
    let status = StatusCode::from_bytes(&[*a, *b, *c]).map_err(|_| invalid())?;
    let version = if *minor == b'0' { Version::HTTP_10 } else { Version::HTTP_11 };
    let reason = match rest {
        [] => &[],
        [b' ', reason @ ..] => reason,
        _ => return Err(invalid()),
    };
    let reason = if status.canonical_reason().is_some_and(|canonical| canonical.as_bytes() == reason) {
        Reason::Canonical
    } else if is_field_value(reason) {
        Reason::Other(match std::str::from_utf8(reason) {
            Ok(text) => text.into(),
            Err(_) => latin1(reason).into(),
        })
    } else {
        return Err(invalid());
    };
    Ok((version, status, reason))
}

/// What stands before the line end at `lf`, without it, and what follows.
fn split_at_line_end(text: &[u8], lf: usize) -> (&[u8], &[u8]) {
    let (line, rest) = text.split_at_checked(lf).unwrap_or((text, &[]));
    (line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..).unwrap_or_default())
}

/// Why lines were refused, before the words for it are looked for.
#[derive(Clone, Copy, Debug)]
enum Refused {
    TooMany,
    Malformed,
}

/// Header lines through the empty line that ends them, and how long they are with it. `None` where that is missing.
fn parse_lines(lines: &[u8], limits: &Limits) -> Result<Option<(Headers, usize)>, Refused> {
    // On the stack for heads of common size; on the heap, once, for larger ones.
    const COMMON: usize = 32;
    let mut common = [httparse::EMPTY_HEADER; COMMON];
    let room = limits.headers.min(COMMON);
    let few = common.get_mut(..room).unwrap_or_default();
    match httparse::parse_headers(lines, few) {
        Err(httparse::Error::TooManyHeaders) if limits.headers > COMMON => {
            let count = memchr_iter(b'\n', lines).count().min(limits.headers);
            let mut many = vec![httparse::EMPTY_HEADER; count];
            collect(lines, httparse::parse_headers(lines, &mut many))
        }
        parsed => collect(lines, parsed),
    }
}

/// What the parser gives: how long the lines are, and where each stands.
type Parsed<'h, 'b> = httparse::Result<(usize, &'h [httparse::Header<'b>])>;

/// One copy of the text, one index over it. Text that is not UTF-8 is taken line by line.
fn collect(lines: &[u8], parsed: Parsed<'_, '_>) -> Result<Option<(Headers, usize)>, Refused> {
    let (len, parsed) = match parsed {
        Ok(Status::Complete(parsed)) => parsed,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Refused::TooMany),
        Err(_) => return Err(Refused::Malformed),
    };
    if parsed.is_empty() {
        return Ok(Some((Headers::new(), len)));
    }
    let lines = lines.get(..len).unwrap_or(lines);
    // Copied first, since a copy is aligned and so looked at in larger steps.
    if let Ok(text) = String::from_utf8(lines.to_vec()) {
        let base = lines.as_ptr() as usize;
        // What does not fit is refused with the block, which is longer.
        let at = |part: &[u8]| {
            let start = (part.as_ptr() as usize).wrapping_sub(base);
            Span { start: start as u32, len: part.len() as u32 }
        };
        let spans =
            parsed.iter().map(|line| (line.name, line.value, at(line.name.as_bytes()), at(line.value)));
        let headers = Headers::from_block(text, spans).ok_or(Refused::TooMany)?;
        return Ok(Some((headers, len)));
    }
    let mut headers = Headers::with_capacity(parsed.len(), lines.len());
    for header in parsed {
        headers.append_bytes(header.name, header.value);
    }
    Ok(Some((headers, len)))
}

/// The lines with every fold (a line end followed by blanks, RFC 9112 section 5.2) made one space. `None` where there is
/// none, or where the first line starts with blanks, which is no fold.
fn unfold(lines: &[u8]) -> Option<Vec<u8>> {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    if is_blank(lines.first()) {
        return None;
    }
    let mut unfolded = Vec::with_capacity(lines.len());
    let mut rest = lines;
    let mut found = false;
    while let Some(lf) = memchr(b'\n', rest) {
        let (line, tail) = rest.split_at_checked(lf.saturating_add(1))?;
        if !is_blank(tail.first()) {
            unfolded.extend_from_slice(line);
            rest = tail;
            continue;
        }
        found = true;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        unfolded.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_end());
        unfolded.push(b' ');
        let blanks = tail.iter().take_while(|byte| is_blank(Some(byte))).count();
        rest = tail.get(blanks..).unwrap_or_default();
    }
    unfolded.extend_from_slice(rest);
    found.then_some(unfolded)
}

impl Refused {
    /// Looks again, slowly, for the line that was refused, and says what is wrong with it.
    fn explain(self, lines: &[u8], first_line: usize, limits: &Limits) -> Error {
        if matches!(self, Self::TooMany) {
            return Error::TooManyHeaders { limit: limits.headers };
        }
        let mut rest = lines;
        let mut number = first_line;
        while !rest.is_empty() {
            let lf = memchr(b'\n', rest).unwrap_or(rest.len());
            let (line, tail) = split_at_line_end(rest, lf);
            if let Err((name, problem)) = check_line(line) {
                return Error::InvalidResponseHeader { line: number, name: excerpt(name), problem };
            }
            rest = tail;
            number = number.saturating_add(1);
        }
        Error::InvalidResponseHeader { line: number, name: "".into(), problem: "malformed" }
    }
}

/// One header line, without its end: the name as far as there is one, and what is wrong.
fn check_line(line: &[u8]) -> Result<(), (&[u8], &'static str)> {
    if line.is_empty() {
        return Ok(());
    }
    if matches!(line, [b' ' | b'\t', ..]) {
        return Err((b"", "a line starts with whitespace but continues no header"));
    }
    let Some(colon) = memchr(b':', line) else {
        // What stands here may be the rest of a value: not shown.
        return Err((b"", "a colon is missing"));
    };
    let (name, value) = line.split_at_checked(colon).unwrap_or((line, b""));
    if name.is_empty() {
        return Err((name, "the name is empty"));
    }
    if matches!(name.last(), Some(b' ' | b'\t')) {
        return Err((name, "whitespace before the colon"));
    }
    if !crate::grammar::is_token(name) {
        return Err((name, "a character that a name may not have"));
    }
    if value.iter().any(|byte| !is_field_byte(*byte)) {
        return Err((name, "a control character in the value"));
    }
    Ok(())
}

/// The trailer section of a chunked body, whole, its line ends already checked. No folds (RFC 9112 section 5.2).
pub(crate) fn parse_trailers(lines: &[u8], limits: &Limits) -> Result<Headers, Error> {
    match parse_lines(lines, limits) {
        Ok(Some((headers, _))) => Ok(headers),
        Ok(None) => Err(Refused::Malformed.explain(lines, 1, limits)),
        Err(refused) => Err(refused.explain(lines, 1, limits)),
    }
}
