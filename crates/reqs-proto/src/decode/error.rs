//! What can go wrong in decoding, in words.

use std::fmt;

/// Why a body could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The list of codings has one that is unknown here, among known ones.
    UnknownCoding(Box<str>),
    /// More codings than the limit.
    TooManyCodings {
        /// [`DecodeLimits::layers`](crate::DecodeLimits::layers).
        limit: usize,
    },
    /// The bytes are not what the coding says: a bad header, bad data, a wrong checksum or length.
    Corrupt {
        /// Which coding.
        coding: &'static str,
        /// What the decoder says of it.
        detail: Box<str>,
    },
    /// The body ended in the middle of a coding: part of it is missing.
    Truncated(&'static str),
    /// Decoded bytes outweigh the encoded ones by more than the limit: a decompression bomb.
    RatioTooHigh {
        /// [`DecodeLimits::ratio`](crate::DecodeLimits::ratio).
        limit: u32,
        /// Encoded bytes so far.
        consumed: u64,
        /// Decoded bytes so far, of the layer with the most.
        produced: u64,
    },
    /// More decoded bytes than the limit.
    TooLong {
        /// [`DecodeLimits::total`](crate::DecodeLimits::total).
        limit: u64,
    },
}

impl DecodeError {
    /// Is it a limit that was met, rather than bytes that are wrong?
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::TooManyCodings { .. } | Self::RatioTooHigh { .. } | Self::TooLong { .. })
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCoding(name) => {
                write!(f, "unknown content coding {name:?} among known ones")
            }
            Self::TooManyCodings { limit } => {
                write!(f, "more content codings than the limit of {limit}")
            }
            Self::Corrupt { coding, detail } => {
                write!(f, "the body is not valid {coding}: {detail}")
            }
            Self::Truncated(coding) => {
                write!(f, "the body is cut short: its {coding} data goes on")
            }
            Self::RatioTooHigh { limit, consumed, produced } => write!(
                f,
                "the body unfolds beyond the limit of {limit} to 1: {consumed} bytes became {produced}"
            ),
            Self::TooLong { limit } => {
                write!(f, "the decoded body is longer than the limit of {limit} bytes")
            }
        }
    }
}

impl std::error::Error for DecodeError {}
