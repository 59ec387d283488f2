//! What can go wrong with a form: one enum, every message one line that names the part.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a form could not be made, read or rewound.
///
/// Each message is one line that says what, where and the root cause; [`source`](StdError::source) goes on where the
/// message ends and does not repeat it. Field names are shown escaped, contents and header values never.
///
/// While a form is read, these errors travel inside [`io::Error`] and are found again with `downcast`:
///
/// ```
/// use std::io::Read;
/// use reqs_multipart::{Error, Form, Part};
///
/// let mut reader = Form::new().part("log", Part::sized(&b"abc"[..], 5)).into_reader()?;
/// let error = reader.read_to_end(&mut Vec::new()).unwrap_err().downcast::<Error>()?;
/// assert_eq!(error.to_string(), r#"part "log" ended after 3 of its 5 bytes"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// [`Part::path`](crate::Part::path) could not open the file: mend the path or the file's permissions.
    Open {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The boundary is not one by RFC 2046 §5.1.1: 1 to 70 characters of `A-Za-z0-9'()+_,-./:=?` and space, the last
    /// not a space.
    InvalidBoundary {
        /// The boundary as it was given.
        boundary: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// The boundary that was set stands as a delimiter line inside a part's content: set another, or none.
    BoundaryInContent {
        /// The name of the field.
        field: String,
    },
    /// The operating system gave no random bytes for a boundary.
    Random {
        /// What the operating system said.
        source: io::Error,
    },
    /// A part header's name is not a token (RFC 9110 §5.6.2).
    InvalidHeaderName {
        /// The name of the field.
        field: String,
        /// The header's name as it was given.
        header: String,
    },
    /// A part header's value, or the content type, holds a control character: a line break would start a header of
    /// its own.
    InvalidHeaderValue {
        /// The name of the field.
        field: String,
        /// The header's name.
        header: String,
        /// Where the character stands, in bytes from the value's start.
        position: usize,
        /// The character.
        character: char,
    },
    /// A part's content ended before its length. Where the length was measured (files, seekable readers) the content
    /// shrank in the meantime; else the length given to [`Part::sized`](crate::Part::sized) was too large.
    TooShort {
        /// The name of the field.
        field: String,
        /// The length given, in bytes.
        length: u64,
        /// How many bytes there were.
        read: u64,
    },
    /// A part's content goes on after the length given to [`Part::sized`](crate::Part::sized). To send the first bytes
    /// of a longer reader, say so: `Part::sized(reader.take(n), n)`.
    TooLong {
        /// The name of the field.
        field: String,
        /// The length given, in bytes.
        length: u64,
    },
    /// Reading a part's content failed.
    Read {
        /// The name of the field.
        field: String,
        /// The reader's error.
        source: io::Error,
    },
    /// The form was read on after a part had failed.
    ReadAfterFailure,
    /// The form was asked to rewind, and a part that was read from can be read only once.
    NotRewindable {
        /// The name of the field.
        field: String,
    },
    /// Going back to where a part's content began failed.
    Rewind {
        /// The name of the field.
        field: String,
        /// The reader's error.
        source: io::Error,
    },
}

impl Error {
    /// The operating system's or reader's error behind this one, where there is one: its `kind()`, or a caller's own
    /// error inside it.
    pub fn io_error(&self) -> Option<&io::Error> {
        match self {
            Error::Open { source, .. }
            | Error::Random { source }
            | Error::Read { source, .. }
            | Error::Rewind { source, .. } => Some(source),
            _ => None,
        }
    }

    fn io_kind(&self) -> io::ErrorKind {
        match (self, self.io_error()) {
            (_, Some(source)) => source.kind(),
            (Error::TooShort { .. }, _) => io::ErrorKind::UnexpectedEof,
            (Error::TooLong { .. }, _) => io::ErrorKind::InvalidData,
            (Error::NotRewindable { .. }, _) => io::ErrorKind::Unsupported,
            (Error::ReadAfterFailure, _) => io::ErrorKind::Other,
            _ => io::ErrorKind::InvalidInput,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Open { path, source } => write!(f, "cannot open {path:?} as a part: {source}"),
            Error::InvalidBoundary { boundary, reason } => {
                write!(f, "boundary {boundary:?} {reason}")
            }
            Error::BoundaryInContent { field } => {
                write!(f, "part {field:?} contains the boundary that was set")
            }
            Error::Random { source } => write!(f, "no random bytes for a boundary: {source}"),
            Error::InvalidHeaderName { field, header } => {
                write!(f, "part {field:?}: header name {header:?} is not a token")
            }
            Error::InvalidHeaderValue { field, header, position, character } => {
                write!(
                    f,
                    "part {field:?}: header {header:?} holds {character:?} at byte {position} of its value"
                )
            }
            Error::TooShort { field, length, read } => {
                write!(f, "part {field:?} ended after {read} of its {length} bytes")
            }
            Error::TooLong { field, length } => {
                write!(f, "part {field:?} goes on after the {length} bytes given as its length")
            }
            Error::Read { field, source } => write!(f, "cannot read part {field:?}: {source}"),
            Error::ReadAfterFailure => f.write_str("the form was read on after a part had failed"),
            Error::NotRewindable { field } => write!(f, "part {field:?} can be read only once"),
            Error::Rewind { field, source } => write!(f, "cannot rewind part {field:?}: {source}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.io_error().and_then(StdError::source)
    }
}

/// Keeps the kind of the error below; `downcast` gives the [`Error`] back.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::new(error.io_kind(), error)
    }
}

const _: () = {
    const fn crosses_threads<T: Send + Sync + 'static>() {}
    crosses_threads::<Error>();
};
