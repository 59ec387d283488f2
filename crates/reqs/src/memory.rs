//! The memory of a body that is read whole: a `Vec`, and for large ones, on Linux, huge pages.
//!
//! Most of the time that a large body takes goes into first touching its memory, one page of 4 KiB after the other. Pages
//! of 2 MiB halve it. They cannot be asked for under a `Vec`, so a large body lies in a mapping of its own. Where there is none
//! to be had everything stays in a `Vec`.

#[cfg(target_os = "linux")]
mod mapped;
#[cfg(not(target_os = "linux"))]
#[path = "memory/unmapped.rs"]
mod mapped;

use std::ops::Deref;

use mapped::Mapped;

/// A body of a known length is mapped from this size on. Below, the allocator often has memory that was touched before, of the
/// body before this one, and that is faster still.
pub(crate) const LARGE: u64 = 16 * 1024 * 1024;

/// A body of unknown length begins on the heap, and moves when so much has come: there it would have to move as well.
pub(crate) const BEGINNING: u64 = 4 * 1024 * 1024;

/// How many addresses are set aside at first, whatever length is promised (SEC-43). They cost memory when bytes arrive.
const FIRST_MAPPING: u64 = 64 * 1024 * 1024;

/// What has arrived vouches for so many times as much.
const GROWTH: u64 = 16;

/// How much is lent at a time: enough for the largest read, and little enough for progress to be told often.
const STEP: usize = 1024 * 1024;

/// Bytes that grow at their end.
#[derive(Default)]
pub(crate) struct Memory {
    heap: Vec<u8>,
    /// Where they lie in the place of the heap.
    mapped: Option<Box<Mapped>>,
}

impl Memory {
    /// The bytes as a `Vec` to append to; from a mapping they are copied.
    pub(crate) fn heap(&mut self) -> &mut Vec<u8> {
        if let Some(mapped) = self.mapped.take() {
            self.heap = mapped.to_vec();
        }
        &mut self.heap
    }

    /// Mapped memory behind the bytes for the next ones, where `whole` is how many there will be in all, if that is known.
    /// `None` where memory cannot be mapped: [`heap`](Memory::heap) then takes what is left.
    pub(crate) fn room(&mut self, whole: Option<u64>) -> Option<&mut [u8]> {
        if self.mapped.as_ref().is_none_or(|mapped| mapped.is_full()) {
            let larger = Mapped::with(self, capacity(self.len() as u64, whole))?;
            *self = Memory { heap: Vec::new(), mapped: Some(Box::new(larger)) };
        }
        Some(self.mapped.as_mut()?.room(STEP))
    }

    /// So many bytes were written to what [`room`](Memory::room) lent.
    pub(crate) fn advance(&mut self, n: usize) {
        if let Some(mapped) = &mut self.mapped {
            mapped.advance(n);
        }
    }
}

/// How much to map behind `len` bytes. One byte more than there will be is room in which the end is met.
fn capacity(len: u64, whole: Option<u64>) -> u64 {
    let vouched = FIRST_MAPPING.max(len.saturating_mul(GROWTH));
    whole.map_or(vouched, |whole| vouched.min(whole.saturating_add(1)).max(len.saturating_add(1)))
}

impl Deref for Memory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.mapped {
            Some(mapped) => mapped,
            None => &self.heap,
        }
    }
}

impl Clone for Memory {
    fn clone(&self) -> Memory {
        self.to_vec().into()
    }
}

impl From<Vec<u8>> for Memory {
    fn from(heap: Vec<u8>) -> Memory {
        Memory { heap, mapped: None }
    }
}

impl From<Memory> for Vec<u8> {
    fn from(mut memory: Memory) -> Vec<u8> {
        std::mem::take(memory.heap())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fills in pieces of uneven length, and says how often memory was mapped.
    #[cfg(target_os = "linux")]
    fn fill(memory: &mut Memory, bytes: &[u8], whole: Option<u64>) -> Option<usize> {
        let mut mappings = 0;
        let mut left = bytes;
        while !left.is_empty() {
            let before = memory.mapped.as_ref().map(|mapped| mapped.as_ptr());
            let room = memory.room(whole)?;
            let n = left.len().min(room.len()).min(700_001);
            room[..n].copy_from_slice(&left[..n]);
            memory.advance(n);
            mappings += usize::from(before != memory.mapped.as_ref().map(|mapped| mapped.as_ptr()));
            left = &left[n..];
        }
        Some(mappings)
    }

    fn pattern(len: usize) -> Vec<u8> {
        (0..len).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn bytes_go_on_behind_those_of_the_heap() {
        let bytes = pattern(10_000_000);
        let mut memory = Memory::from(bytes[..1000].to_vec());
        assert_eq!(fill(&mut memory, &bytes[1000..], None), Some(1));
        assert!(memory.mapped.is_some());
        assert!(memory[..] == bytes && memory.clone()[..] == bytes);
        memory.heap().push(7);
        assert!(memory.mapped.is_none());
        assert_eq!((memory.len(), memory.last()), (10_000_001, Some(&7)));
        assert!(Vec::from(memory)[..10_000_000] == bytes);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_outgrows_its_mapping_moves_to_a_larger_one() {
        let bytes = pattern(FIRST_MAPPING as usize + 3_000_000);
        let mut memory = Memory::default();
        assert_eq!(fill(&mut memory, &bytes, None), Some(2));
        assert!(memory[..] == bytes);
    }

    #[test]
    fn sec_43_a_promise_is_believed_in_steps() {
        const PETABYTE: u64 = 1 << 50;
        assert_eq!(capacity(0, Some(5_000_000)), 5_000_001);
        assert_eq!(capacity(0, Some(PETABYTE)), FIRST_MAPPING);
        assert_eq!(capacity(FIRST_MAPPING, Some(PETABYTE)), FIRST_MAPPING * GROWTH);
        assert_eq!(capacity(FIRST_MAPPING, Some(100_000_000)), 100_000_001);
        assert_eq!(capacity(0, None), FIRST_MAPPING);
        // More than was promised has a place as well, should it ever come.
        assert_eq!(capacity(5000, Some(5)), 5001);
        assert_eq!(capacity(u64::MAX, Some(u64::MAX)), u64::MAX);
    }

    #[test]
    fn what_cannot_be_mapped_stays_on_the_heap() {
        let mut memory = Memory::from(pattern(100));
        assert!(Mapped::with(&memory, u64::MAX).is_none());
        assert_eq!(memory.heap().len(), 100);
    }
}
