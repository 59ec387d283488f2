//! Response heads: finding their end without looking at a byte twice, and parsing them once, strictly.
//!
//! What is tolerated: lines ended by LF alone (RFC 9112 section 2.2), values folded over several lines (obs-fold, which
//! becomes one space, section 5.2), any minor version of HTTP/1 (RFC 9110 section 2.5), a missing reason, bytes of obs-text.
//! Everything else that RFC 9112 forbids is an error that says where.

use std::fmt;
use std::ops::Range;

use http::{StatusCode, Version};
use httparse::Status;
use memchr::{memchr, memchr_iter};

use crate::error::{Error, excerpt};
use crate::grammar::{is_field_byte, is_field_value, latin1};
use crate::headers::Headers;
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
        Self {
            version,
            status,
            headers,
            reason: Reason::Canonical,
        }
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
    scanned: usize,
}

impl HeadReader {
    /// The head and its length, or `None` where more bytes are needed. `input` always starts where the head does.
    pub(crate) fn read(
        &mut self,
        input: &[u8],
        limits: &Limits,
    ) -> Result<Option<(ResponseHead, usize)>, Error> {
        check_start(input)?;
        let Some(len) = self.find_end(input) else {
            within(input.len(), limits)?;
            return Ok(None);
        };
        within(len, limits)?;
        let whole = input.get(..len).unwrap_or(input);
        parse_whole(whole, limits).map(|head| Some((head, len)))
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
        return Err(Error::HeadTooLong {
            limit: limits.head_bytes,
        });
    }
    Ok(())
}

/// Something that is not HTTP is told at its first wrong byte, not after a timeout.
fn check_start(input: &[u8]) -> Result<(), Error> {
    const START: &[u8] = b"HTTP/1.";
    let len = input.len().min(START.len());
    if input.get(..len) == START.get(..len) {
        return Ok(());
    }
    Err(Error::NotHttp(excerpt(input)))
}

fn parse_whole(whole: &[u8], limits: &Limits) -> Result<ResponseHead, Error> {
    let (status_line, lines) = split_line(whole);
    let (version, status, reason) = parse_status_line(status_line)?;
    let headers = match parse_lines(lines, limits) {
        Ok(headers) => headers,
        Err(Refused::TooMany) => {
            return Err(Error::TooManyHeaders {
                limit: limits.headers,
            });
        }
        Err(Refused::Malformed) => match unfold(lines) {
            Some(unfolded) => parse_lines(&unfolded, limits)
                .map_err(|refused| refused.explain(&unfolded, 2, limits))?,
            None => return Err(Refused::Malformed.explain(lines, 2, limits)),
        },
    };
    Ok(ResponseHead {
        version,
        status,
        headers,
        reason,
    })
}

/// `status-line = HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 section 4). The last space may be missing with
/// the reason.
fn parse_status_line(line: &[u8]) -> Result<(Version, StatusCode, Reason), Error> {
    let invalid = || Error::InvalidStatusLine(excerpt(line));
    let [
        b'H',
        b'T',
        b'T',
        b'P',
        b'/',
        b'1',
        b'.',
        minor @ b'0'..=b'9',
        b' ',
        a,
        b,
        c,
        rest @ ..,
    ] = line
    else {
        return Err(invalid());
    };
    let status = StatusCode::from_bytes(&[*a, *b, *c]).map_err(|_| invalid())?;
    let version = if *minor == b'0' {
        Version::HTTP_10
    } else {
        Version::HTTP_11
    };
    let reason = match rest {
        [] => &[],
        [b' ', reason @ ..] if is_field_value(reason) => reason,
        _ => return Err(invalid()),
    };
    let reason = if status
        .canonical_reason()
        .is_some_and(|canonical| canonical.as_bytes() == reason)
    {
        Reason::Canonical
    } else {
        Reason::Other(match std::str::from_utf8(reason) {
            Ok(text) => text.into(),
            Err(_) => latin1(reason).into(),
        })
    };
    Ok((version, status, reason))
}

/// The first line without its end, and what follows.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let Some(lf) = memchr(b'\n', text) else {
        return (text, &[]);
    };
    let (line, rest) = text.split_at_checked(lf).unwrap_or((text, &[]));
    (
        line.strip_suffix(b"\r").unwrap_or(line),
        rest.get(1..).unwrap_or_default(),
    )
}

/// Why lines were refused, before the words for it are looked for.
#[derive(Clone, Copy, Debug)]
enum Refused {
    TooMany,
    Malformed,
}

/// Header lines through the empty line that ends them.
fn parse_lines(lines: &[u8], limits: &Limits) -> Result<Headers, Refused> {
    // On the stack for heads of common size; on the heap, once, for larger ones.
    const COMMON: usize = 64;
    let mut common = [httparse::EMPTY_HEADER; COMMON];
    let room = limits.headers.min(COMMON);
    let few = common.get_mut(..room).unwrap_or_default();
    match httparse::parse_headers(lines, few) {
        Ok(Status::Complete((_, parsed))) => collect(lines, parsed),
        Err(httparse::Error::TooManyHeaders) if limits.headers > COMMON => {
            let count = memchr_iter(b'\n', lines).count().min(limits.headers);
            let mut many = vec![httparse::EMPTY_HEADER; count];
            match httparse::parse_headers(lines, &mut many) {
                Ok(Status::Complete((_, parsed))) => collect(lines, parsed),
                Err(httparse::Error::TooManyHeaders) => Err(Refused::TooMany),
                _ => Err(Refused::Malformed),
            }
        }
        Err(httparse::Error::TooManyHeaders) => Err(Refused::TooMany),
        _ => Err(Refused::Malformed),
    }
}

/// One copy of the text, one index over it. Text that is not UTF-8 is taken line by line.
fn collect(lines: &[u8], parsed: &[httparse::Header<'_>]) -> Result<Headers, Refused> {
    if let Ok(text) = std::str::from_utf8(lines) {
        let base = lines.as_ptr() as usize;
        let at = |part: &[u8]| -> Range<usize> {
            let start = (part.as_ptr() as usize).saturating_sub(base);
            start..start.saturating_add(part.len())
        };
        let spans = parsed
            .iter()
            .map(|header| (at(header.name.as_bytes()), at(header.value)));
        return Headers::from_block(text.to_owned(), spans).ok_or(Refused::TooMany);
    }
    let mut headers = Headers::with_capacity(parsed.len(), lines.len());
    for header in parsed {
        headers.append_bytes(header.name, header.value);
    }
    Ok(headers)
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
            return Error::TooManyHeaders {
                limit: limits.headers,
            };
        }
        let mut rest = lines;
        let mut number = first_line;
        while !rest.is_empty() {
            let (line, tail) = split_line(rest);
            if let Err((name, problem)) = check_line(line) {
                return Error::InvalidResponseHeader {
                    line: number,
                    name: excerpt(name),
                    problem,
                };
            }
            rest = tail;
            number = number.saturating_add(1);
        }
        Error::InvalidResponseHeader {
            line: number,
            name: "".into(),
            problem: "malformed",
        }
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
    parse_lines(lines, limits).map_err(|refused| refused.explain(lines, 1, limits))
}
