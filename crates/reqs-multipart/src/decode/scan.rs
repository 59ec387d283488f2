//! Where content ends: the buffer of bytes at hand, the search for a delimiter in it, and what stands behind one.

use std::io::Read;

use super::DecodeError;

/// How much is read at a time.
pub(super) const BLOCK: usize = 16 * 1024;

/// Bytes that were read and not yet taken.
#[derive(Default)]
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    start: usize,
    /// How many bytes from `start` are known to be content.
    pub(super) content: usize,
    /// The reader has no more.
    pub(super) ended: bool,
}

impl Buffer {
    pub(super) fn starting_with(bytes: &[u8]) -> Buffer {
        Buffer { bytes: bytes.to_vec(), ..Buffer::default() }
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        self.content = self.content.saturating_sub(count);
    }

    /// Reads one block more behind what is left, which moves to the front.
    pub(super) fn fill(&mut self, reader: &mut impl Read) -> Result<(), DecodeError> {
        self.bytes.drain(..self.start.min(self.bytes.len()));
        self.start = 0;
        let left = self.bytes.len();
        self.bytes.resize(left + BLOCK, 0);
        let read = reader.read(self.bytes.get_mut(left..).unwrap_or_default());
        self.bytes.truncate(left + read.as_ref().map_or(0, |&count| count.min(BLOCK)));
        self.ended = read.map_err(|source| DecodeError::Read { source })? == 0;
        Ok(())
    }
}

pub(super) enum Found {
    /// Where the first one begins.
    At(usize),
    /// There is none; one may begin here, when more bytes come.
    NotBefore(usize),
}

/// The first delimiter. Its first byte, a carriage return, stands nowhere else in it.
pub(super) fn find(data: &[u8], delimiter: &[u8]) -> Found {
    let mut from = 0;
    loop {
        let rest = data.get(from..).unwrap_or_default();
        let Some(at) = rest.iter().position(|&byte| byte == b'\r') else {
            return Found::NotBefore(data.len());
        };
        let candidate = rest.get(at..).unwrap_or_default();
        if candidate.starts_with(delimiter) {
            return Found::At(from + at);
        }
        if delimiter.starts_with(candidate) {
            return Found::NotBefore(from + at);
        }
        from += at + 1;
    }
}

pub(super) enum Behind {
    /// So many bytes end the delimiter's line; a part follows.
    Part(usize),
    /// It was the closing one.
    Nothing,
    /// Another boundary that begins with ours: no delimiter at all.
    Content,
    /// More bytes are needed.
    Undecided,
}

/// What stands behind `--boundary` on its line: perhaps two hyphens, perhaps white space, a line break. The closing one
/// may be the end of the body.
pub(super) fn behind(line: &[u8], ended: bool) -> Behind {
    /// RFC 2046 calls it transport padding and nobody sends it: this much is looked at before it counts as content.
    const PADDING: usize = 256;
    let (closing, rest) = match line.strip_prefix(b"--") {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let padding = rest.iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
    match rest.get(padding..).unwrap_or_default() {
        _ if padding > PADDING => Behind::Content,
        [b'\r', b'\n', ..] if closing => Behind::Nothing,
        [b'\r', b'\n', ..] => Behind::Part(padding + 2),
        [] | [b'\r'] if closing && ended => Behind::Nothing,
        [] | [b'\r'] => Behind::Undecided,
        [b'-'] if padding == 0 && !closing => Behind::Undecided,
        _ => Behind::Content,
    }
}
