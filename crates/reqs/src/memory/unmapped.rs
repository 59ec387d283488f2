//! Where huge pages cannot be asked for, there are no mappings.

use std::ops::Deref;

/// What does not exist here.
pub(crate) enum Mapped {}

impl Mapped {
    pub(crate) fn with(_bytes: &[u8], _capacity: u64) -> Option<Mapped> {
        None
    }

    pub(crate) fn is_full(&self) -> bool {
        match *self {}
    }

    pub(crate) fn room(&mut self, _limit: usize) -> &mut [u8] {
        match *self {}
    }

    pub(crate) fn advance(&mut self, _n: usize) {
        match *self {}
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match *self {}
    }
}
