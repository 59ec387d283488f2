//! What can be wrong with a body that claims to be multipart.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// Why a `multipart/*` body could not be taken apart. Messages are one line; none holds a part's bytes.
#[derive(Debug)]
#[non_exhaustive]
pub enum DecodeError {
    /// The `Content-Type` is not `multipart/*`. (requests-toolbelt: `NonMultipartContentTypeException`.)
    NotMultipart {
        /// The value as it was given.
        content_type: String,
    },
    /// The `Content-Type` has no `boundary` parameter, or one that RFC 2046 §5.1.1 does not allow.
    NoBoundary {
        /// The value as it was given.
        content_type: String,
    },
    /// The body ended before its closing delimiter: it is not whole.
    Truncated,
    /// More stands before the first delimiter than [`MultipartLimits::head_bytes`](crate::MultipartLimits::head_bytes).
    PreambleTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A part's head is longer than [`MultipartLimits::head_bytes`](crate::MultipartLimits::head_bytes).
    HeadTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// There are more parts than [`MultipartLimits::parts`](crate::MultipartLimits::parts).
    TooManyParts {
        /// The limit.
        limit: usize,
    },
    /// A part's content is longer than the caller wanted to hold.
    PartTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A line of a part's head is no header. (requests-toolbelt: `ImproperBodyPartContentException`.)
    InvalidHeader {
        /// Which part, counted from 0.
        part: usize,
    },
    /// Reading the body failed.
    Read {
        /// The reader's error.
        source: io::Error,
    },
}

impl DecodeError {
    /// Nothing is lost: the same call can be made again.
    pub(super) fn is_pause(&self) -> bool {
        matches!(self, DecodeError::Read { source } if matches!(source.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock))
    }

    pub(super) fn is_interrupted(&self) -> bool {
        matches!(self, DecodeError::Read { source } if source.kind() == io::ErrorKind::Interrupted)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::NotMultipart { content_type } => {
                write!(f, "content type {content_type:?} is not multipart")
            }
            DecodeError::NoBoundary { content_type } => {
                write!(f, "content type {content_type:?} has no valid boundary")
            }
            DecodeError::Truncated => f.write_str("the multipart body ended before its closing delimiter"),
            DecodeError::PreambleTooLong { limit } => {
                write!(f, "the multipart body has more than {limit} bytes before its first part")
            }
            DecodeError::HeadTooLong { limit } => {
                write!(f, "the head of a part is longer than {limit} bytes")
            }
            DecodeError::TooManyParts { limit } => {
                write!(f, "the multipart body has more than {limit} parts")
            }
            DecodeError::PartTooLong { limit } => {
                write!(f, "the content of a part is longer than {limit} bytes")
            }
            DecodeError::InvalidHeader { part } => {
                write!(f, "part {part} (from 0) has a line in its head that is no header")
            }
            DecodeError::Read { source } => write!(f, "cannot read the multipart body: {source}"),
        }
    }
}

impl StdError for DecodeError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            DecodeError::Read { source } => source.source(),
            _ => None,
        }
    }
}

/// Keeps the kind of the reader's error; `downcast` gives the [`DecodeError`] back.
impl From<DecodeError> for io::Error {
    fn from(error: DecodeError) -> io::Error {
        let kind = match &error {
            DecodeError::Read { source } => source.kind(),
            DecodeError::Truncated => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

const _: () = {
    const fn crosses_threads<T: Send + Sync + 'static>() {}
    crosses_threads::<DecodeError>();
};
