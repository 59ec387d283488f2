//! Text out of a body while it arrives: decoded piece by piece, with characters that are cut put together again.

use std::collections::VecDeque;

use encoding_rs::{Decoder, Encoding, UTF_8};

use crate::error::{Error, ErrorKind, Result};
use crate::response::{Response, Stream};
use crate::text;

impl Response<Stream> {
    /// The body as text in pieces of up to `size` bytes of it, or as they arrive; a character is never cut. (Requests:
    /// `iter_content(decode_unicode=True)`.)
    ///
    /// The charset is that of [`encoding`](Response::encoding). Where none is named a byte order mark decides, and
    /// then the first characters that are not ASCII: valid UTF-8 is taken for UTF-8, the rest as
    /// [`text`](Response::text) does, which sees the whole body and may know better. What cannot be decoded becomes
    /// U+FFFD.
    ///
    /// # Errors
    /// Items are errors as those of [`load`](Response::load); [`ErrorKind::UnknownEncoding`] where nothing is known of
    /// the charset; [`ErrorKind::StreamConsumed`] where the body was read to its end before.
    pub fn iter_text(&mut self, size: impl Into<Option<usize>>) -> TextPieces<'_> {
        let decoder = TextDecoder::new(self);
        TextPieces { response: self, decoder, size: size.into(), finished: false, ended: false }
    }

    /// The body's lines as text, without their ends. (Requests: `iter_lines(decode_unicode=True)`.)
    ///
    /// Lines end as they do for Python's `str.splitlines`: besides `\n`, `\r\n` and `\r` at form feeds, separators
    /// and the like (U+000B, U+000C, U+001C to U+001E, U+0085, U+2028, U+2029). JSON may hold some of these inside
    /// strings: read lines of JSON with [`iter_lines`](Response::iter_lines). The charset is found as
    /// [`iter_text`](Response::iter_text) does. Text is decoded ahead: a line that is not taken is gone.
    ///
    /// # Errors
    /// As [`iter_text`](Response::iter_text).
    pub fn iter_lines_text(&mut self) -> TextLines<'_> {
        TextLines {
            pieces: self.iter_text(None),
            delimiter: None,
            text: String::new(),
            searched: 0,
            lines: VecDeque::new(),
            after_cr: false,
            any: false,
            ended: false,
        }
    }
}

/// Pieces of a body's text; see [`Response::iter_text`].
#[derive(Debug)]
pub struct TextPieces<'a> {
    response: &'a mut Response<Stream>,
    decoder: std::result::Result<TextDecoder, String>,
    size: Option<usize>,
    finished: bool,
    ended: bool,
}

/// How much is decoded at a time, where no size is given.
const LARGEST_PIECE: usize = 64 * 1024;

impl TextPieces<'_> {
    /// The next text that is not empty; `None` at the end.
    fn read(&mut self) -> Result<Option<String>> {
        let decoder = match &mut self.decoder {
            Ok(decoder) => decoder,
            Err(unknown) => return Err(Error::new(ErrorKind::UnknownEncoding, std::mem::take(unknown))),
        };
        let size = self.size.unwrap_or(LARGEST_PIECE);
        if size == 0 {
            return Err(Error::new(
                ErrorKind::InvalidOption,
                "pieces of 0 bytes would never get through a body",
            ));
        }
        let mut text = String::new();
        loop {
            let ready = self.response.settled()?.fill()?;
            let n = ready.len().min(size);
            // Told once that the body has ended, a decoder is not asked again.
            if !self.finished {
                self.finished = n == 0;
                decoder.decode(&ready[..n], self.finished, &mut text);
            }
            self.response.body.consume(n);
            if !text.is_empty() {
                return Ok(Some(text));
            }
            if n == 0 {
                return Ok(None);
            }
        }
    }
}

impl Iterator for TextPieces<'_> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Result<String>> {
        if self.ended {
            return None;
        }
        if let Some(error) = self.response.already_consumed() {
            self.ended = true;
            return Some(Err(error));
        }
        let read = self.read().map_err(|error| self.response.named(error)).transpose();
        self.ended = !matches!(read, Some(Ok(_)));
        if read.is_none() {
            self.response.body.note_end();
        }
        read
    }
}

impl std::iter::FusedIterator for TextPieces<'_> {}

/// A body's lines as text; see [`Response::iter_lines_text`].
#[derive(Debug)]
pub struct TextLines<'a> {
    pieces: TextPieces<'a>,
    delimiter: Option<String>,
    /// What has come since the last end.
    text: String,
    /// Up to here there is no end in it.
    searched: usize,
    /// Whole lines that were not given out yet.
    lines: VecDeque<String>,
    /// The last line ended in CR where the text did, so that an LF that comes next is part of its end.
    after_cr: bool,
    /// Whether there was any text.
    any: bool,
    ended: bool,
}

/// What ends a line for `str.splitlines`, but CR LF, which is one end.
const ENDS: [char; 10] =
    ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];

impl TextLines<'_> {
    /// Splits at each occurrence of this text, and at nothing else, as `str::split` would split the whole. An empty
    /// body has no lines.
    #[must_use]
    pub fn delimiter(mut self, delimiter: impl Into<String>) -> Self {
        self.delimiter = Some(delimiter.into());
        self
    }

    fn take_in(&mut self, piece: &str) {
        let mut piece = piece;
        if std::mem::take(&mut self.after_cr) {
            piece = piece.strip_prefix('\n').unwrap_or(piece);
        }
        self.text.push_str(piece);
        let mut start = 0;
        while let Some((at, length)) = self.find_end() {
            self.lines.push_back(self.text[start..at].to_owned());
            self.after_cr = self.delimiter.is_none() && &self.text[at..] == "\r";
            start = at + length;
            self.searched = start;
        }
        self.text.drain(..start);
        // A delimiter may have begun at the end.
        let overlap = self.delimiter.as_ref().map_or(0, |delimiter| delimiter.len().saturating_sub(1));
        self.searched = self.text.floor_char_boundary(self.text.len().saturating_sub(overlap));
    }

    /// Where the next end stands and how long it is.
    fn find_end(&self) -> Option<(usize, usize)> {
        let rest = &self.text[self.searched..];
        match &self.delimiter {
            Some(delimiter) => Some((self.searched + rest.find(delimiter.as_str())?, delimiter.len())),
            None => {
                let at = rest.find(ENDS)?;
                let length = match rest[at..].starts_with("\r\n") {
                    true => 2,
                    false => rest[at..].chars().next().map_or(0, char::len_utf8),
                };
                Some((self.searched + at, length))
            }
        }
    }
}

impl Iterator for TextLines<'_> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Result<String>> {
        if self.delimiter.as_ref().is_some_and(String::is_empty) && !self.ended {
            self.ended = true;
            return Some(Err(Error::new(ErrorKind::InvalidOption, "an empty delimiter splits nothing")));
        }
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Some(Ok(line));
            }
            if self.ended {
                return None;
            }
            match self.pieces.next() {
                Some(Ok(piece)) => {
                    self.take_in(&piece);
                    self.any = true;
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(error));
                }
                None => {
                    self.ended = true;
                    let last = std::mem::take(&mut self.text);
                    // After a delimiter comes a line, even an empty one.
                    let is_due = !last.is_empty() || (self.delimiter.is_some() && self.any);
                    return is_due.then_some(Ok(last));
                }
            }
        }
    }
}

impl std::iter::FusedIterator for TextLines<'_> {}

/// Bytes to text, piece by piece.
pub(crate) struct TextDecoder {
    state: State,
    /// Bytes that wait for more before anything can be said of them.
    waiting: Vec<u8>,
    /// Whether the type is `text/*`, which decides where nothing else does.
    is_text: bool,
}

enum State {
    /// Nothing was decoded: there may be a byte order mark.
    Start,
    /// All was ASCII, so that nothing is decided.
    Ascii,
    Known(Box<Decoder>),
    Latin1,
    Utf32(fn([u8; 4]) -> u32),
}

/// How many bytes are looked at before a charset is guessed, from the first on that is not ASCII. The same whichever
/// way the body is cut.
const GUESSED_FROM: usize = 4096;

impl TextDecoder {
    /// The decoder for this response, or what to say of a charset that nothing is known of.
    fn new<S>(response: &Response<S>) -> std::result::Result<TextDecoder, String> {
        let state = match response.encoding().filter(|label| !label.is_empty()) {
            None => State::Start,
            // By its mark, as `text()` has it.
            Some(label) if label.trim().eq_ignore_ascii_case("utf-16") => {
                State::known(encoding_rs::UTF_16LE, true)
            }
            Some(label) => State::known(text::named(label).ok_or_else(|| text::unknown(label))?, false),
        };
        Ok(TextDecoder { state, waiting: Vec::new(), is_text: text::is_text(response.headers()) })
    }

    /// Appends what these bytes mean; `last` says that no others follow.
    fn decode(&mut self, bytes: &[u8], last: bool, out: &mut String) {
        match &mut self.state {
            State::Known(decoder) => decode_with(decoder, bytes, last, out),
            State::Latin1 => out.push_str(&text::latin_1(bytes)),
            State::Start | State::Ascii | State::Utf32(_) => {
                let mut waiting = std::mem::take(&mut self.waiting);
                waiting.extend_from_slice(bytes);
                self.decide(waiting, last, out);
            }
        }
    }

    /// Goes as far as can be gone with what has come.
    fn decide(&mut self, mut bytes: Vec<u8>, last: bool, out: &mut String) {
        if let State::Start = self.state {
            match mark(&bytes, last) {
                Mark::Unclear => {
                    self.waiting = bytes;
                    return;
                }
                Mark::None => self.state = State::Ascii,
                Mark::Is(state, length) => {
                    bytes.drain(..length);
                    self.state = state;
                    return self.decode(&bytes, last, out);
                }
            }
        }
        if let State::Utf32(read) = self.state {
            let whole = if last { bytes.len() } else { bytes.len() / 4 * 4 };
            out.push_str(&text::from_utf32(&bytes[..whole], read));
            self.waiting = bytes.split_off(whole);
            return;
        }
        let ascii = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len());
        let rest = bytes.split_off(ascii);
        out.push_str(&text::latin_1(&bytes));
        match first_character(&rest) {
            _ if rest.is_empty() => return,
            First::Utf8 => self.state = State::known(UTF_8, false),
            First::Cut if !last => {
                self.waiting = rest;
                return;
            }
            First::Cut | First::Other if self.is_text => self.state = State::Latin1,
            First::Cut | First::Other => {
                if rest.len() < GUESSED_FROM && !last {
                    self.waiting = rest;
                    return;
                }
                let seen = rest.get(..GUESSED_FROM).unwrap_or(&rest);
                self.state = State::known(text::detected(seen), false);
            }
        }
        self.decode(&rest, last, out);
    }
}

impl State {
    /// A decoder that drops the encoding's own mark, or that lets a mark choose.
    fn known(encoding: &'static Encoding, by_mark: bool) -> State {
        State::Known(Box::new(match by_mark {
            true => encoding.new_decoder(),
            false => encoding.new_decoder_with_bom_removal(),
        }))
    }
}

fn decode_with(decoder: &mut Decoder, bytes: &[u8], last: bool, out: &mut String) {
    let mut rest = bytes;
    loop {
        let room = decoder.max_utf8_buffer_length(rest.len()).unwrap_or(rest.len());
        out.reserve(room.max(16));
        let (result, read, _) = decoder.decode_to_string(rest, out, last);
        rest = &rest[read..];
        if result == encoding_rs::CoderResult::InputEmpty {
            return;
        }
    }
}

/// What stands at the beginning of a body.
enum Mark {
    /// It may be the beginning of a mark.
    Unclear,
    None,
    Is(State, usize),
}

fn mark(bytes: &[u8], last: bool) -> Mark {
    const MARKS: [&[u8]; 5] = [b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    let may_become = |mark: &&[u8]| mark.len() > bytes.len() && mark.starts_with(bytes);
    if !last && MARKS.iter().any(may_become) {
        return Mark::Unclear;
    }
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => Mark::Is(State::Utf32(u32::from_le_bytes), 4),
        [0, 0, 0xfe, 0xff, ..] => Mark::Is(State::Utf32(u32::from_be_bytes), 4),
        [0xef, 0xbb, 0xbf, ..] => Mark::Is(State::known(UTF_8, false), 3),
        [0xff, 0xfe, ..] => Mark::Is(State::known(encoding_rs::UTF_16LE, false), 2),
        [0xfe, 0xff, ..] => Mark::Is(State::known(encoding_rs::UTF_16BE, false), 2),
        _ => Mark::None,
    }
}

/// What the first character is.
enum First {
    Utf8,
    /// It may be the beginning of one of UTF-8's.
    Cut,
    Other,
}

fn first_character(bytes: &[u8]) -> First {
    let first = &bytes[..bytes.len().min(4)];
    match str::from_utf8(first) {
        Ok(_) => First::Utf8,
        Err(error) if error.valid_up_to() > 0 => First::Utf8,
        Err(error) if error.error_len().is_none() => First::Cut,
        Err(_) => First::Other,
    }
}

impl std::fmt::Debug for TextDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &self.state {
            State::Start | State::Ascii => "TextDecoder(undecided)",
            State::Known(decoder) => return write!(f, "TextDecoder({})", decoder.encoding().name()),
            State::Latin1 => "TextDecoder(ISO-8859-1)",
            State::Utf32(_) => "TextDecoder(UTF-32)",
        })
    }
}

#[cfg(test)]
mod tests;
