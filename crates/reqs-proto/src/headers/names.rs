//! Which names may be among the lines, as one number, so that asking for a name that is not there costs next to nothing: an
//! exchange asks for a dozen, and nearly all are absent.

/// A bit for each kind of name that was noted, by its length and its first letter in any case. Other names share the bit,
/// and what is removed stays noted: a set bit says perhaps, a clear one no.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names(u64);

impl Names {
    pub(super) const NONE: Names = Names(0);

    pub(super) fn note(&mut self, name: &str) {
        self.0 |= bit(name);
    }

    pub(super) fn may_have(self, name: &str) -> bool {
        self.0 & bit(name) != 0
    }
}

/// The factor keeps the names that an exchange asks for apart from those that messages usually have.
#[inline]
fn bit(name: &str) -> u64 {
    let first = name.as_bytes().first().map_or(0, |first| first | 0x20);
    let kind = name.len().wrapping_mul(7).wrapping_add(usize::from(first));
    1 << (kind % 64)
}

/// The names that matter to the protocol, in the usual spelling: the first comparison mostly succeeds.
pub(crate) mod name {
    pub(crate) const HOST: &str = "Host";
    pub(crate) const EXPECT: &str = "Expect";
    pub(crate) const UPGRADE: &str = "Upgrade";
    pub(crate) const CONNECTION: &str = "Connection";
    pub(crate) const CONTENT_LENGTH: &str = "Content-Length";
    pub(crate) const CONTENT_ENCODING: &str = "Content-Encoding";
    pub(crate) const TRANSFER_ENCODING: &str = "Transfer-Encoding";
}
