//! Which names may be among the lines, as one number, so that asking for a name that is not there costs next to nothing: an
//! exchange asks for a dozen, and nearly all are absent. Connection is nearly always there, and says the same word.

/// A bit for each kind of name that was noted, by its length and its first letter in any case. Other names share the bit,
/// and what is removed stays noted: a set bit says perhaps, a clear one no.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    bits: u64,
    /// A line that may be Connection says something else than `keep-alive`, as it is usually written.
    may_close: bool,
}

impl Names {
    pub(super) const NONE: Names = Names { bits: 0, may_close: false };

    #[inline]
    pub(super) fn note(&mut self, name: &str, value: &[u8]) {
        let bit = bit(name);
        self.bits |= bit;
        self.may_close |= bit == CONNECTION_BIT && !matches!(value, b"keep-alive" | b"Keep-Alive");
    }

    #[inline]
    pub(super) fn may_have(self, name: &str) -> bool {
        self.bits & bit(name) != 0
    }

    /// Whether Connection may say `close`: as with names, no is certain.
    pub(super) fn may_close(self) -> bool {
        self.may_close
    }
}

const CONNECTION_BIT: u64 = bit(name::CONNECTION);

/// The factor keeps the names that an exchange asks for apart from those that messages usually have.
#[inline]
const fn bit(name: &str) -> u64 {
    let first = match name.as_bytes() {
        [first, ..] => *first | 0x20,
        [] => 0,
    };
    let kind = name.len().wrapping_mul(7).wrapping_add(first as usize);
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
