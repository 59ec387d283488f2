//! `Headers` as the protocol uses them: made from a parsed head without a copy per line, and written to the wire.

use std::sync::Arc;

use super::Headers;
use super::index::{Entry, Index, Raw, Span};
use super::lines::{AROUND, LINE_END, Lines, SEPARATOR};
use super::names::Names;

impl Headers {
    /// A parsed head: `block` is its text, and every line says its name and value, and where the two stand in the block.
    /// The caller has checked that they lie inside it, at char boundaries, and that all of it may be sent. `None` for
    /// a block that the index cannot span.
    pub(crate) fn from_block<'a>(
        block: String,
        lines: impl ExactSizeIterator<Item = (&'a str, &'a [u8], Span, Span)>,
    ) -> Option<Self> {
        u32::try_from(block.len()).ok()?;
        let mut names = Names::NONE;
        let mut index = Index::with_capacity(lines.len());
        for (name_text, value_text, name, value) in lines {
            names.note(name_text, value_text);
            index.push(Entry { name, value, raw: Raw::Utf8 });
        }
        Some(Self(Some(Arc::new(Lines { block, index, wire: false, names, ..Lines::new() }))))
    }

    /// How many bytes `write` writes, or a few more.
    pub(crate) fn wire_len(&self) -> usize {
        let lines = self.lines();
        let around = lines.len().saturating_mul(AROUND);
        lines.block.len().saturating_add(lines.raw.len()).saturating_add(around)
    }

    /// Writes every line, in order. The caller has called `check`.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let lines = self.lines();
        if lines.wire {
            out.extend_from_slice(lines.block.as_bytes());
            return;
        }
        for entry in lines.entries() {
            out.extend_from_slice(lines.text(entry.name).as_bytes());
            out.extend_from_slice(SEPARATOR.as_bytes());
            out.extend_from_slice(lines.bytes(entry));
            out.extend_from_slice(LINE_END.as_bytes());
        }
    }
}
