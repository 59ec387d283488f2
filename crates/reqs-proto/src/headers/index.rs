//! Where the lines of `Headers` stand in its text: in the map itself while they are few and short, which nearly all are,
//! so that a map of headers is one block of memory; in a list of their own beyond that.

use std::ops::Range;
use std::slice;

use super::lines::same_name;

/// How many lines have a place in the map itself. Requests have four to eight, most responses no more than these.
const FEW: usize = 16;

/// One header line: where its parts stand. 32-bit offsets halve a list; text beyond 4 GiB is refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) name: Span,
    pub(super) value: Span,
    pub(super) raw: Raw,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// What stands for the value on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// Given as text: the block's bytes, which must be ASCII (other text of ISO-8859-1 has `Kept` bytes).
    Text,
    /// Given or received as bytes that are UTF-8: the block's bytes.
    Utf8,
    /// Bytes in `raw` from here on, one for each char of the text.
    Kept(u32),
}

/// The lines in their order.
#[derive(Clone)]
pub(super) enum Index {
    Few { lines: [Line; FEW], len: u8 },
    Many(Vec<Entry>),
}

/// An entry in a third of its size: within the first 64 KiB of text, of a name that is not absurdly long, and with nothing
/// kept beside the text.
#[derive(Clone, Copy)]
pub(super) struct Line {
    name: u16,
    value: u16,
    value_len: u16,
    name_len: u8,
    is_utf8: bool,
}

impl Span {
    pub(super) fn new(start: usize, len: usize) -> Option<Self> {
        start.checked_add(len).filter(|end| u32::try_from(*end).is_ok())?;
        Some(Self { start: u32::try_from(start).ok()?, len: u32::try_from(len).ok()? })
    }

    pub(super) fn range(self) -> Range<usize> {
        let start = self.start as usize;
        start..start.saturating_add(self.len as usize)
    }
}

impl Line {
    #[inline]
    fn of(entry: Entry) -> Option<Self> {
        let is_utf8 = match entry.raw {
            Raw::Text => false,
            Raw::Utf8 => true,
            Raw::Kept(_) => return None,
        };
        // Names stand before their values, so that nothing lies beyond the end of the value.
        u16::try_from(entry.value.start.saturating_add(entry.value.len)).ok()?;
        Some(Self {
            name: entry.name.start as u16,
            value: entry.value.start as u16,
            value_len: entry.value.len as u16,
            name_len: u8::try_from(entry.name.len).ok()?,
            is_utf8,
        })
    }

    fn entry(self) -> Entry {
        Entry {
            name: self.name(),
            value: Span { start: self.value.into(), len: self.value_len.into() },
            raw: if self.is_utf8 { Raw::Utf8 } else { Raw::Text },
        }
    }

    fn name(self) -> Span {
        Span { start: self.name.into(), len: self.name_len.into() }
    }
}

impl Default for Index {
    fn default() -> Self {
        Self::new()
    }
}

impl Index {
    pub(super) const fn new() -> Self {
        const NOTHING: Line = Line { name: 0, value: 0, value_len: 0, name_len: 0, is_utf8: false };
        Self::Few { lines: [NOTHING; FEW], len: 0 }
    }

    pub(super) fn with_capacity(lines: usize) -> Self {
        if lines <= FEW { Self::new() } else { Self::Many(Vec::with_capacity(lines)) }
    }

    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        if let Self::Few { lines, len } = self
            && let (Some(free), Some(line)) = (lines.get_mut(usize::from(*len)), Line::of(entry))
        {
            *free = line;
            *len = len.saturating_add(1);
        } else {
            // In parts, which need no place in memory.
            self.push_far(entry.name, entry.value, entry.raw);
        }
    }

    #[cold]
    fn push_far(&mut self, name: Span, value: Span, raw: Raw) {
        let entry = Entry { name, value, raw };
        match self {
            Self::Many(entries) => entries.push(entry),
            Self::Few { .. } => {
                let mut entries = Vec::with_capacity(FEW.saturating_mul(2));
                entries.extend(self.iter());
                entries.push(entry);
                *self = Self::Many(entries);
            }
        }
    }

    /// Keeps the entries of which `keep` says so, as it leaves them.
    pub(super) fn retain_mut(&mut self, mut keep: impl FnMut(&mut Entry) -> bool) {
        if let Self::Many(entries) = self {
            return entries.retain_mut(keep);
        }
        let mut kept = Self::new();
        for mut entry in self.iter() {
            if keep(&mut entry) {
                kept.push(entry);
            }
        }
        *self = kept;
    }

    /// Removes everything and keeps the memory.
    pub(super) fn clear(&mut self) {
        match self {
            Self::Few { len, .. } => *len = 0,
            Self::Many(entries) => entries.clear(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few { len, .. } => usize::from(*len),
            Self::Many(entries) => entries.len(),
        }
    }

    #[inline]
    pub(super) fn iter(&self) -> Entries<'_> {
        match self {
            Self::Few { .. } => Entries { few: self.few().iter(), ..Entries::default() },
            Self::Many(entries) => Entries { many: entries.iter(), ..Entries::default() },
        }
    }

    /// The first entry of that name.
    pub(super) fn find(&self, block: &str, name: &str) -> Option<Entry> {
        self.iter().next_named(block, name)
    }

    fn few(&self) -> &[Line] {
        match self {
            Self::Few { lines, len } => lines.get(..usize::from(*len)).unwrap_or_default(),
            Self::Many(_) => &[],
        }
    }
}

impl Entry {
    #[inline]
    pub(super) fn is_named(self, block: &str, name: &str) -> bool {
        self.name.len as usize == name.len() && same_name(block, self.name, name)
    }
}

/// The entries in their order: those of one list, of which the other is empty.
#[derive(Clone, Default)]
pub(super) struct Entries<'a> {
    few: slice::Iter<'a, Line>,
    many: slice::Iter<'a, Entry>,
}

impl Entries<'_> {
    /// The next entry of that name.
    #[inline]
    pub(super) fn next_named(&mut self, block: &str, name: &str) -> Option<Entry> {
        // The length tells nearly all names apart, before anything is looked at.
        let is_named =
            |line: &&Line| usize::from(line.name_len) == name.len() && same_name(block, line.name(), name);
        match self.few.find(is_named) {
            Some(line) => Some(line.entry()),
            None => self.many.find(|entry| entry.is_named(block, name)).copied(),
        }
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    #[inline]
    fn next(&mut self) -> Option<Entry> {
        match self.few.next() {
            Some(line) => Some(line.entry()),
            None => self.many.next().copied(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.few.len().saturating_add(self.many.len());
        (left, Some(left))
    }
}

impl DoubleEndedIterator for Entries<'_> {
    fn next_back(&mut self) -> Option<Entry> {
        match self.few.next_back() {
            Some(line) => Some(line.entry()),
            None => self.many.next_back().copied(),
        }
    }
}

impl ExactSizeIterator for Entries<'_> {}
