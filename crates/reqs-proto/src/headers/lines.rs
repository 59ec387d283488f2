//! The lines of `Headers`: one block of text with an index over it, found by name in any spelling.

use std::iter;
use std::mem::take;

use crate::grammar::latin1;

use super::check::check_line;
use super::index::{Entries, Entry, Index, Raw, Span};
use super::names::Names;

/// Around a line on the wire.
pub(super) const SEPARATOR: &str = ": ";
pub(super) const LINE_END: &str = "\r\n";
pub(super) const AROUND: usize = SEPARATOR.len().saturating_add(LINE_END.len());

/// What a copy has room for beside its lines: it was made to be changed, mostly by what a body brings along.
const ROOM: usize = 64;

pub(super) struct Lines {
    /// The text: of a parsed head as it came, otherwise one `name: value CRLF` after another, as it will be sent.
    /// What was removed stays as dead text until `compact`.
    pub(super) block: String,
    pub(super) index: Index,
    /// The bytes of values that are not the UTF-8 of their text.
    pub(super) raw: Vec<u8>,
    /// Bytes of `block` and `raw` that no entry points at.
    pub(super) dead: usize,
    /// The block is what is sent for all the entries in their order, byte for byte, provided that it may be sent.
    pub(super) wire: bool,
    /// Perhaps some line may not be sent: `check` must look. Lines are looked at when they come in, so that sending
    /// the same headers again costs nothing.
    pub(super) suspect: bool,
    /// Something was given that does not fit the index. `check` refuses it: it must not vanish silently.
    pub(super) overflowed: bool,
    /// Which names may be among the lines, and whether they may say `Connection: close`.
    pub(super) names: Names,
}

impl Lines {
    pub(super) const fn new() -> Self {
        Self {
            block: String::new(),
            index: Index::new(),
            raw: Vec::new(),
            dead: 0,
            wire: true,
            suspect: false,
            overflowed: false,
            names: Names::NONE,
        }
    }

    pub(super) fn with_capacity(lines: usize, bytes: usize) -> Self {
        let bytes = bytes.saturating_add(lines.saturating_mul(AROUND));
        Self { block: String::with_capacity(bytes), index: Index::with_capacity(lines), ..Self::new() }
    }

    pub(super) fn insert(&mut self, name: &str, value: &str) {
        let entry = self.store_text(name, value);
        self.place(name, entry);
    }

    pub(super) fn insert_bytes(&mut self, name: &str, value: &[u8]) {
        let entry = self.store_bytes(name, value);
        self.place(name, entry);
    }

    pub(super) fn append(&mut self, name: &str, value: &str) {
        if let Some(entry) = self.store_text(name, value) {
            self.index.push(entry);
        }
    }

    pub(super) fn append_bytes(&mut self, name: &str, value: &[u8]) {
        if let Some(entry) = self.store_bytes(name, value) {
            self.index.push(entry);
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        let (block, dead) = (&self.block, &mut self.dead);
        self.index.retain_mut(|entry| {
            let keep = !entry.is_named(block, name);
            if !keep {
                *dead = dead.saturating_add(entry.size());
            }
            keep
        });
        self.wire = false;
        self.compact();
    }

    pub(super) fn clear(&mut self) {
        let (mut block, mut index, mut raw) =
            (take(&mut self.block), take(&mut self.index), take(&mut self.raw));
        block.clear();
        index.clear();
        raw.clear();
        *self = Self { block, index, raw, ..Self::new() };
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn entries(&self) -> Entries<'_> {
        self.index.iter()
    }

    /// The first value of that name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.index.find(&self.block, name).map(|entry| self.text(entry.value))
    }

    /// The same as bytes.
    pub(super) fn get_bytes(&self, name: &str) -> Option<&[u8]> {
        self.index.find(&self.block, name).map(|entry| self.bytes(entry))
    }

    /// Every line of that name, in order.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = Entry> {
        let mut entries = if self.names.may_have(name) { self.index.iter() } else { Entries::default() };
        iter::from_fn(move || entries.next_named(&self.block, name))
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
        let entry = Entry { name: name_at, value: value_at, raw };
        self.names.note(name, value.as_bytes());
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
        if self.index.find(&self.block, name).is_none() {
            return self.index.push(entry);
        }
        let (block, dead) = (&self.block, &mut self.dead);
        let mut placed = false;
        self.index.retain_mut(|old| {
            if !old.is_named(block, name) {
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
        self.wire = false;
        self.compact();
    }

    /// Builds the block anew once more of it is dead than alive. Amortised, so that a loop of inserts stays linear.
    fn compact(&mut self) {
        const WORTH_IT: usize = 1024;
        let total = self.block.len().saturating_add(self.raw.len());
        if self.dead < WORTH_IT || self.dead < total / 2 {
            return;
        }
        let mut fresh = Self::with_capacity(self.index.len(), total.saturating_sub(self.dead));
        for entry in self.entries() {
            let (name, value) = (self.text(entry.name), self.text(entry.value));
            let raw = match entry.raw {
                Raw::Kept(_) => {
                    let start = fresh.fits(fresh.raw.len());
                    fresh.raw.extend_from_slice(self.bytes(entry));
                    start.map_or(Raw::Text, Raw::Kept)
                }
                other => other,
            };
            if let Some(entry) = fresh.store(name, value, raw) {
                fresh.index.push(entry);
            }
        }
        fresh.overflowed |= self.overflowed;
        *self = fresh;
    }

    pub(super) fn text(&self, span: Span) -> &str {
        self.block.get(span.range()).unwrap_or_default()
    }

    pub(super) fn bytes(&self, entry: Entry) -> &[u8] {
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

impl Clone for Lines {
    fn clone(&self) -> Self {
        let mut block = String::with_capacity(self.block.len().saturating_add(ROOM));
        block.push_str(&self.block);
        // Every other field as it is.
        let Self { block: _, index, raw, dead, wire, suspect, overflowed, names } = self;
        let (index, raw) = (index.clone(), raw.clone());
        Self {
            block,
            index,
            raw,
            dead: *dead,
            wire: *wire,
            suspect: *suspect,
            overflowed: *overflowed,
            names: *names,
        }
    }
}

impl Default for Lines {
    fn default() -> Self {
        Self::new()
    }
}

impl Entry {
    fn size(self) -> usize {
        (self.name.len as usize).saturating_add(self.value.len as usize).saturating_add(AROUND)
    }
}

pub(super) fn same_name(block: &str, own: Span, name: &str) -> bool {
    let name = name.as_bytes();
    block.as_bytes().get(own.range()).is_some_and(|own| own == name || own.eq_ignore_ascii_case(name))
}
