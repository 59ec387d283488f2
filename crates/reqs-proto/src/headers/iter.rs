//! Going over the lines of `Headers`.

use std::fmt;

use super::Headers;
use super::index::{Entries, Entry};
use super::lines::Lines;

/// Name and value of every header line, in order. Made by [`Headers::iter`].
#[derive(Clone)]
pub struct Iter<'a> {
    pub(super) lines: &'a Lines,
    pub(super) entries: Entries<'a>,
}

impl<'a> Iter<'a> {
    fn pair(&self, entry: Entry) -> (&'a str, &'a str) {
        (self.lines.text(entry.name), self.lines.text(entry.value))
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entries.next()?;
        Some(self.pair(entry))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let entry = self.entries.next_back()?;
        Some(self.pair(entry))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl fmt::Debug for Iter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("left", &self.len()).finish()
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = (&'a str, &'a str);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}
