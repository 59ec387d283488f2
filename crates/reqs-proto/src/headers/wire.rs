//! `Headers` as the protocol uses them: made from a parsed head without a copy per line, asked for the few names that it
//! must know, and written to the wire.

use std::ops::Range;

use super::{AROUND, Entry, Headers, LINE_END, Name, Names, Raw, SEPARATOR, Span, named};

impl Headers {
    /// A parsed head: `block` is its text, and every line says its name, and where name and value stand in the block.
    /// The caller has checked that they lie inside it, at char boundaries, and that all of it may be sent. `None` for
    /// a block that the index cannot span.
    pub(crate) fn from_block<'a>(
        block: String,
        lines: impl ExactSizeIterator<Item = (&'a str, Range<usize>, Range<usize>)>,
    ) -> Option<Self> {
        u32::try_from(block.len()).ok()?;
        // Not beyond the block, whose length fits.
        let span = |range: Range<usize>| Span { start: range.start as u32, len: range.len() as u32 };
        let mut names = Names::default();
        let entries = lines.map(|(text, name, value)| {
            names.note(text.as_bytes());
            Entry { name: span(name), value: span(value), raw: Raw::Utf8 }
        });
        let entries = entries.collect();
        Some(Self { block, entries, wire: false, names, ..Self::default() })
    }

    /// Might there be a line of that name? For names that matter to the protocol: the answer costs nothing.
    pub(crate) fn may_have(&self, name: Name) -> bool {
        self.names.has(name)
    }

    /// Every value of a name that matters to the protocol, as text.
    pub(crate) fn known(&self, name: Name) -> impl Iterator<Item = &str> {
        self.lines_named(name).map(|entry| self.text(entry.value))
    }

    /// The same as bytes.
    pub(crate) fn known_bytes(&self, name: Name) -> impl Iterator<Item = &[u8]> {
        self.lines_named(name).map(|entry| self.bytes(*entry))
    }

    fn lines_named(&self, name: Name) -> impl Iterator<Item = &Entry> {
        let entries = if self.names.has(name) { self.entries.as_slice() } else { &[] };
        entries.iter().filter(move |entry| named(&self.block, **entry, name.text()))
    }

    /// How many bytes `write` writes, or a few more.
    pub(crate) fn wire_len(&self) -> usize {
        let around = self.entries.len().saturating_mul(AROUND);
        self.block.len().saturating_add(self.raw.len()).saturating_add(around)
    }

    /// Writes every line, in order. The caller has called `check`.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        if self.wire {
            out.extend_from_slice(self.block.as_bytes());
            return;
        }
        for entry in &self.entries {
            out.extend_from_slice(self.text(entry.name).as_bytes());
            out.extend_from_slice(SEPARATOR.as_bytes());
            out.extend_from_slice(self.bytes(*entry));
            out.extend_from_slice(LINE_END.as_bytes());
        }
    }
}
