//! The header names that the protocol itself must find. They are noted when a line comes in, so that asking for one that
//! is not there costs nothing.

/// A header that says something about the message or the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Host,
    Expect,
    Upgrade,
    Connection,
    ContentLength,
    ContentEncoding,
    TransferEncoding,
}

impl Name {
    /// In the usual spelling, so that the first comparison mostly succeeds.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Host => "Host",
            Self::Expect => "Expect",
            Self::Upgrade => "Upgrade",
            Self::Connection => "Connection",
            Self::ContentLength => "Content-Length",
            Self::ContentEncoding => "Content-Encoding",
            Self::TransferEncoding => "Transfer-Encoding",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of them: each that was noted, perhaps more, since what is removed stays noted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Names(u8);

impl Names {
    /// No two of the names have the same length and the same first letter.
    pub(crate) fn note(&mut self, name: &[u8]) {
        let candidate = match (name.len(), name.first().map(u8::to_ascii_lowercase)) {
            (4, Some(b'h')) => Name::Host,
            (6, Some(b'e')) => Name::Expect,
            (7, Some(b'u')) => Name::Upgrade,
            (10, Some(b'c')) => Name::Connection,
            (14, Some(b'c')) => Name::ContentLength,
            (16, Some(b'c')) => Name::ContentEncoding,
            (17, Some(b't')) => Name::TransferEncoding,
            _ => return,
        };
        self.0 |= candidate.bit();
    }

    pub(crate) fn has(self, name: Name) -> bool {
        self.0 & name.bit() != 0
    }
}
