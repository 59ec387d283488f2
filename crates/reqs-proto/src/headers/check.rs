//! What may be sent as a header line, and what to say about one that may not.

use std::fmt;

use super::Headers;
use super::index::Raw;
use super::lines::Lines;
use crate::grammar::{is_field_value, is_token};

/// A header that may not be sent. Names the header, never its value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderError {
    name: Box<str>,
    problem: HeaderProblem,
}

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderProblem {
    /// The name is not a token (RFC 9110 section 5.6.2): empty, or with a space, a colon, a control or a non-ASCII character.
    Name,
    /// The value holds CR, LF, NUL or another control character at this byte.
    ControlCharacter(usize),
    /// The value starts with a space or a tab.
    LeadingWhitespace,
    /// The value is text beyond ISO-8859-1. Give bytes to send UTF-8.
    NotLatin1,
    /// The headers together hold more than 4 GiB.
    TooLarge,
}

impl HeaderError {
    pub(crate) fn new(name: &str, problem: HeaderProblem) -> Self {
        Self { name: name.into(), problem }
    }

    /// The name of the header, as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is wrong with it.
    pub fn problem(&self) -> HeaderProblem {
        self.problem
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Debug formatting escapes what would break the line.
        let name = &self.name;
        match self.problem {
            HeaderProblem::Name if name.is_empty() => f.write_str("invalid header: the name is empty"),
            HeaderProblem::Name => write!(
                f,
                "invalid header name {name:?}: a name is made of letters, digits and !#$%&'*+-.^_`|~"
            ),
            HeaderProblem::ControlCharacter(at) => {
                write!(
                    f,
                    "invalid value of header {name:?}: a control character (such as CR, LF or NUL) at byte {at}"
                )
            }
            HeaderProblem::LeadingWhitespace => {
                write!(f, "invalid value of header {name:?}: it starts with whitespace")
            }
            HeaderProblem::NotLatin1 => {
                write!(
                    f,
                    "invalid value of header {name:?}: a character outside ISO-8859-1 (Headers::insert_bytes sends UTF-8)"
                )
            }
            HeaderProblem::TooLarge => {
                write!(f, "header {name:?} does not fit: the headers hold more than 4 GiB")
            }
        }
    }
}

impl std::error::Error for HeaderError {}

impl Headers {
    /// May all of this be sent? Every name a token, no value with CR, LF, NUL or another control character but HTAB,
    /// none that starts with whitespace, no text beyond ISO-8859-1. An empty value is fine.
    ///
    /// # Errors
    /// The first header that may not.
    #[inline]
    pub fn check(&self) -> Result<(), HeaderError> {
        let lines = self.lines();
        // Asked several times on a request's way, and nearly always fine.
        if lines.overflowed || lines.suspect { find_fault(lines) } else { Ok(()) }
    }
}

#[cold]
fn find_fault(lines: &Lines) -> Result<(), HeaderError> {
    if lines.overflowed {
        return Err(HeaderError::new("", HeaderProblem::TooLarge));
    }
    for entry in lines.entries() {
        let name = lines.text(entry.name);
        if let Err(problem) = check_line(name, lines.bytes(entry), entry.raw) {
            return Err(HeaderError::new(name, problem));
        }
    }
    Ok(())
}

/// One line: a name, and what stands for the value on the wire.
pub(super) fn check_line(name: &str, value: &[u8], raw: Raw) -> Result<(), HeaderProblem> {
    if !is_token(name.as_bytes()) {
        return Err(HeaderProblem::Name);
    }
    if !is_field_value(value) {
        let at = value.iter().position(|byte| !crate::grammar::is_field_byte(*byte));
        return Err(HeaderProblem::ControlCharacter(at.unwrap_or_default()));
    }
    if matches!(value.first(), Some(b' ' | b'\t')) {
        return Err(HeaderProblem::LeadingWhitespace);
    }
    if raw == Raw::Text && !value.is_ascii() {
        return Err(HeaderProblem::NotLatin1);
    }
    Ok(())
}
