//! The hash functions that Digest knows, and their names.

use std::fmt::Write as _;

use ring::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512, SHA512_256};

/// A hash function, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha512_256,
    Sha512,
}

/// The value of the `algorithm` parameter (RFC 7616 section 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Algorithm {
    pub(super) hash: Hash,
    /// Whether the key is made anew for each session: the `-sess` variant.
    pub(super) session: bool,
}

impl Algorithm {
    /// What an absent `algorithm` means.
    pub(super) const DEFAULT: Algorithm = Algorithm { hash: Hash::Md5, session: false };

    /// `None` for a name that is not known. Capitalisation does not count.
    pub(super) fn from_name(name: &str) -> Option<Algorithm> {
        let name = name.to_ascii_lowercase();
        let (base, session) = match name.strip_suffix("-sess") {
            Some(base) => (base, true),
            None => (name.as_str(), false),
        };
        let hash = match base {
            "md5" => Hash::Md5,
            "sha" => Hash::Sha1,
            "sha-256" => Hash::Sha256,
            "sha-512-256" => Hash::Sha512_256,
            "sha-512" => Hash::Sha512,
            _ => return None,
        };
        Some(Algorithm { hash, session })
    }
}

impl Hash {
    /// The hash, in lower-case hexadecimal digits, of the parts with a colon between each two.
    pub(super) fn of_joined(self, parts: &[&[u8]]) -> String {
        let mut state = State::new(self);
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                state.update(b":");
            }
            state.update(part);
        }
        state.finish()
    }
}

enum State {
    Md5(md5::Context),
    Ring(digest::Context),
}

impl State {
    fn new(hash: Hash) -> State {
        let algorithm = match hash {
            Hash::Md5 => return State::Md5(md5::Context::new()),
            Hash::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &SHA256,
            Hash::Sha512_256 => &SHA512_256,
            Hash::Sha512 => &SHA512,
        };
        State::Ring(digest::Context::new(algorithm))
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            State::Md5(context) => context.consume(bytes),
            State::Ring(context) => context.update(bytes),
        }
    }

    fn finish(self) -> String {
        match self {
            State::Md5(context) => hex(&context.finalize().0),
            State::Ring(context) => hex(context.finish().as_ref()),
        }
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
