//! Anonymous memory in huge pages, as Linux gives it.

use std::ops::Deref;

use memmap2::{Advice, MmapMut};

/// Bytes at the beginning of a mapping.
pub(crate) struct Mapped {
    map: MmapMut,
    len: usize,
}

impl Mapped {
    /// A mapping of `capacity` bytes with those at its beginning; `None` where the system has not so many addresses.
    pub(crate) fn with(bytes: &[u8], capacity: u64) -> Option<Mapped> {
        let mut map = MmapMut::map_anon(usize::try_from(capacity).ok()?).ok()?;
        // A kernel without huge pages says no, and gives small ones.
        let _ = map.advise(Advice::HugePage);
        map.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Mapped { map, len: bytes.len() })
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len == self.map.len()
    }

    /// What lies behind the bytes, at most `limit` of it.
    pub(crate) fn room(&mut self, limit: usize) -> &mut [u8] {
        let end = self.len.saturating_add(limit).min(self.map.len());
        &mut self.map[self.len..end]
    }

    pub(crate) fn advance(&mut self, n: usize) {
        self.len = self.len.saturating_add(n).min(self.map.len());
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map[..self.len]
    }
}
