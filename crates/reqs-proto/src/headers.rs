//! `Headers`: an ordered, case-preserving, case-insensitive multimap whose text lives in one block.
//! This file owns the map and its invariants; `check` owns what may be sent, `convert` what it can be made from,
//! `traits` how it compares and shows itself, `wire` what the protocol itself asks of it.

mod check;
mod convert;
mod iter;
mod names;
#[cfg(test)]
mod tests;
mod traits;
mod wire;

use std::borrow::Cow;
use std::mem::take;
use std::ops::Range;

use crate::grammar::latin1;

use check::check_line;
pub(crate) use names::{Name, Names};

pub use check::{HeaderError, HeaderProblem};
pub use iter::Iter;

/// Around a line on the wire.
const SEPARATOR: &str = ": ";
const LINE_END: &str = "\r\n";
const AROUND: usize = SEPARATOR.len().saturating_add(LINE_END.len());

/// Header lines in the order they were given, in the spelling they were given, found by any spelling.
///
/// Several lines may share a name: [`get`](Headers::get) gives the first value, [`get_all`](Headers::get_all)
/// all, [`joined`](Headers::joined) the list that they stand for (RFC 9110 section 5.3).
///
/// A value is text *and* bytes. Received bytes that are not UTF-8 read as ISO-8859-1, and
/// [`get_bytes`](Headers::get_bytes) has them as they came. A value given as text is sent as ISO-8859-1, as Requests
/// does; text beyond that is refused when the head is encoded, and [`insert_bytes`](Headers::insert_bytes) sends any
/// bytes as they are.
///
/// Nothing is checked when a header is put in, so that building headers cannot fail; [`check`](Headers::check) tells
/// what may not be sent, and no head is encoded without it.
///
/// ```
/// use reqs_proto::Headers;
///
/// let mut headers = Headers::from([("Accept", "*/*"), ("X-Test", "1")]);
/// headers.append("x-test", "2");
/// assert_eq!(&headers["ACCEPT"], "*/*");
/// assert_eq!(headers.joined("X-Test").unwrap(), "1, 2");
/// headers.insert("accept", "text/html"); // same position, new spelling
/// assert_eq!(headers.iter().next(), Some(("accept", "text/html")));
/// ```
#[derive(Clone)]
pub struct Headers {
    /// The text: of a parsed head as it came, otherwise one `name: value CRLF` after another, as it will be sent.
    /// What was removed stays as dead text until `compact`.
    block: String,
    entries: Vec<Entry>,
    /// The bytes of values that are not the UTF-8 of their text.
    raw: Vec<u8>,
    /// Bytes of `block` and `raw` that no entry points at.
    dead: usize,
    /// The block is what is sent for all the entries in their order, byte for byte, provided that it may be sent.
    wire: bool,
    /// Perhaps some line may not be sent: `check` must look. Lines are looked at when they come in, so that sending
    /// the same headers again costs nothing.
    suspect: bool,
    /// Something was given that does not fit the index. `check` refuses it: it must not vanish silently.
    overflowed: bool,
    /// Names that matter to the protocol and may be among the lines.
    names: Names,
}

/// One header line: where its parts stand. 32-bit offsets halve the index; text beyond 4 GiB is `overflowed`.
#[derive(Clone, Copy, Debug)]
struct Entry {
    name: Span,
    value: Span,
    raw: Raw,
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    len: u32,
}

/// What stands for the value on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Raw {
    /// Given as text: the block's bytes, which must be ASCII (other text of ISO-8859-1 has `Kept` bytes).
    Text,
    /// Given or received as bytes that are UTF-8: the block's bytes.
    Utf8,
    /// Bytes in `raw` from here on, one for each char of the text.
    Kept(u32),
}

impl Span {
    fn range(self) -> Range<usize> {
        let start = self.start as usize;
        start..start.saturating_add(self.len as usize)
    }

    fn new(start: usize, len: usize) -> Option<Self> {
        start.checked_add(len).filter(|end| u32::try_from(*end).is_ok())?;
        Some(Self { start: u32::try_from(start).ok()?, len: u32::try_from(len).ok()? })
    }
}

impl Headers {
    /// No headers. Does not allocate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Room for so many header lines with so many bytes of names and values together.
    pub fn with_capacity(headers: usize, bytes: usize) -> Self {
        let bytes = bytes.saturating_add(headers.saturating_mul(AROUND));
        Self { block: String::with_capacity(bytes), entries: Vec::with_capacity(headers), ..Self::default() }
    }

    /// Sets the header to this one value. Where it stood before, it keeps its first position and takes the new
    /// spelling; other lines of that name go. Otherwise it is added at the end.
    pub fn insert(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        let entry = self.store_text(name.as_ref(), value.as_ref());
        self.place(name.as_ref(), entry);
    }

    /// [`insert`](Self::insert) with a value of any bytes, which are sent as they are.
    pub fn insert_bytes(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) {
        let entry = self.store_bytes(name.as_ref(), value.as_ref());
        self.place(name.as_ref(), entry);
    }

    /// Adds a line at the end, whatever lines of that name there are.
    pub fn append(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        let entry = self.store_text(name.as_ref(), value.as_ref());
        self.entries.extend(entry);
    }

    /// [`append`](Self::append) with a value of any bytes, which are sent as they are.
    pub fn append_bytes(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) {
        let entry = self.store_bytes(name.as_ref(), value.as_ref());
        self.entries.extend(entry);
    }

    /// Removes every line of that name. Was there any?
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.entries.len();
        let (block, dead) = (&self.block, &mut self.dead);
        self.entries.retain(|entry| {
            let keep = !named(block, *entry, name);
            if !keep {
                *dead = dead.saturating_add(entry.size());
            }
            keep
        });
        let removed = self.entries.len() != before;
        if removed {
            self.wire = false;
            self.compact();
        }
        removed
    }

    /// Removes everything and keeps the memory.
    pub fn clear(&mut self) {
        let (mut block, mut entries, mut raw) =
            (take(&mut self.block), take(&mut self.entries), take(&mut self.raw));
        block.clear();
        entries.clear();
        raw.clear();
        *self = Self { block, entries, raw, ..Self::default() };
    }

    /// How many lines there are. Two lines of one name count twice.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Are there no lines?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The first value of that name, in any spelling.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|entry| self.text(entry.value))
    }

    /// The first value of that name as bytes: as it was received, or as it will be sent.
    pub fn get_bytes(&self, name: &str) -> Option<&[u8]> {
        self.find(name).map(|entry| self.bytes(entry))
    }

    /// Every value of that name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.entries
            .iter()
            .filter(move |entry| named(&self.block, **entry, name))
            .map(|entry| self.text(entry.value))
    }

    /// Every value of that name as one list, joined by `", "` in order (RFC 9110 section 5.3). Borrowed where there is
    /// one. Not for `Set-Cookie`, whose values hold commas.
    pub fn joined(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut values = self
            .entries
            .iter()
            .filter(|entry| named(&self.block, **entry, name))
            .map(|entry| self.text(entry.value));
        let first = values.next()?;
        let Some(second) = values.next() else {
            return Some(Cow::Borrowed(first));
        };
        let mut joined = String::with_capacity(first.len().saturating_add(second.len()).saturating_add(2));
        joined.push_str(first);
        for value in std::iter::once(second).chain(values) {
            joined.push_str(", ");
            joined.push_str(value);
        }
        Some(Cow::Owned(joined))
    }

    /// Is there a line of that name?
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Name and value of every line, in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { headers: self, entries: self.entries.iter() }
    }

    /// Name and value of every line, in order, the value as bytes: as received, or as sent.
    pub fn iter_bytes(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> + '_ {
        self.entries.iter().map(|entry| (self.text(entry.name), self.bytes(*entry)))
    }

    fn store_text(&mut self, name: &str, value: &str) -> Option<Entry> {
        let raw = if value.is_ascii() || value.chars().any(|c| c > '\u{ff}') {
            Raw::Text
        } else {
            let start = self.fits(self.raw.len())?;
            self.raw.extend(value.chars().map(|c| u8::try_from(c).unwrap_or(b'?')));
            Raw::Kept(start)
        };
        self.store(name, value, raw)
    }

    fn store_bytes(&mut self, name: &str, value: &[u8]) -> Option<Entry> {
        match std::str::from_utf8(value) {
            Ok(text) => self.store(name, text, Raw::Utf8),
            Err(_) => {
                let start = self.fits(self.raw.len())?;
                self.raw.extend_from_slice(value);
                self.store(name, &latin1(value), Raw::Kept(start))
            }
        }
    }

    fn store(&mut self, name: &str, value: &str, raw: Raw) -> Option<Entry> {
        let start = self.block.len();
        let middle = start.saturating_add(name.len()).saturating_add(SEPARATOR.len());
        let (Some(name_at), Some(value_at)) = (Span::new(start, name.len()), Span::new(middle, value.len()))
        else {
            self.overflowed = true;
            return None;
        };
        self.block.reserve(name.len().saturating_add(value.len()).saturating_add(AROUND));
        self.block.push_str(name);
        self.block.push_str(SEPARATOR);
        self.block.push_str(value);
        self.block.push_str(LINE_END);
        self.names.note(name.as_bytes());
        let entry = Entry { name: name_at, value: value_at, raw };
        self.suspect |= check_line(name, self.bytes(entry), raw).is_err();
        self.wire &= !matches!(raw, Raw::Kept(_));
        Some(entry)
    }

    fn fits(&mut self, offset: usize) -> Option<u32> {
        let fits = u32::try_from(offset).ok();
        self.overflowed |= fits.is_none();
        fits
    }

    /// Puts the entry where the first line of that name stands, and drops the others.
    fn place(&mut self, name: &str, entry: Option<Entry>) {
        let Some(entry) = entry else { return };
        let (block, dead) = (&self.block, &mut self.dead);
        let mut placed = false;
        self.entries.retain_mut(|old| {
            if !named(block, *old, name) {
                return true;
            }
            *dead = dead.saturating_add(old.size());
            if placed {
                return false;
            }
            placed = true;
            *old = entry;
            true
        });
        if placed {
            self.wire = false;
            self.compact();
        } else {
            self.entries.push(entry);
        }
    }

    /// Builds the block anew once more of it is dead than alive. Amortised, so that a loop of inserts stays linear.
    fn compact(&mut self) {
        const WORTH_IT: usize = 1024;
        let total = self.block.len().saturating_add(self.raw.len());
        if self.dead < WORTH_IT || self.dead < total / 2 {
            return;
        }
        let mut fresh = Self::with_capacity(self.entries.len(), total.saturating_sub(self.dead));
        for entry in &self.entries {
            let (name, value) = (self.text(entry.name), self.text(entry.value));
            let raw = match entry.raw {
                Raw::Kept(_) => {
                    let start = fresh.fits(fresh.raw.len());
                    fresh.raw.extend_from_slice(self.bytes(*entry));
                    start.map_or(Raw::Text, Raw::Kept)
                }
                other => other,
            };
            if let Some(entry) = fresh.store(name, value, raw) {
                fresh.entries.push(entry);
            }
        }
        fresh.overflowed |= self.overflowed;
        *self = fresh;
    }

    fn find(&self, name: &str) -> Option<Entry> {
        self.entries.iter().find(|entry| named(&self.block, **entry, name)).copied()
    }

    fn text(&self, span: Span) -> &str {
        self.block.get(span.range()).unwrap_or_default()
    }

    fn bytes(&self, entry: Entry) -> &[u8] {
        match entry.raw {
            Raw::Text | Raw::Utf8 => self.text(entry.value).as_bytes(),
            Raw::Kept(start) => {
                let start = start as usize;
                let len = self.text(entry.value).chars().count();
                self.raw.get(start..start.saturating_add(len)).unwrap_or_default()
            }
        }
    }
}

impl Entry {
    fn size(self) -> usize {
        (self.name.len as usize).saturating_add(self.value.len as usize).saturating_add(AROUND)
    }
}

/// The length tells nearly all names apart, inline, before anything is looked at.
#[inline]
fn named(block: &str, entry: Entry, name: &str) -> bool {
    entry.name.len as usize == name.len() && same_name(block, entry, name)
}

fn same_name(block: &str, entry: Entry, name: &str) -> bool {
    let name = name.as_bytes();
    block.as_bytes().get(entry.name.range()).is_some_and(|own| own == name || own.eq_ignore_ascii_case(name))
}
