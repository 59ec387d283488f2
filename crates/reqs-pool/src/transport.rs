//! The layers under an exchange: a socket, TLS over it, or TLS over TLS where the proxy itself speaks TLS.

use std::io::{self, IoSlice, Read, Write};

use crate::dial::{Pending, Socket};
use crate::tls::TlsStream;

/// A connection that is ready to carry HTTP.
#[derive(Debug)]
pub(crate) enum Transport {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
    Nested(Box<TlsStream<TlsStream<Socket>>>),
}

impl Transport {
    /// The socket under all layers.
    pub(crate) fn socket(&mut self) -> &mut Socket {
        match self {
            Transport::Plain(socket) => socket,
            Transport::Tls(tls) => tls.under(),
            Transport::Nested(tls) => tls.under().under(),
        }
    }

    /// Whether a connection that was idle can still be used: open, and nothing arrived that nobody asked for.
    /// Costs one system call while nothing has happened.
    pub(crate) fn probe(&mut self) -> Probe {
        match self.socket().pending() {
            Ok(Pending::Nothing) => Probe::Alive,
            Ok(Pending::End) | Err(_) => Probe::Closed,
            Ok(Pending::Bytes) => match self {
                Transport::Plain(_) => Probe::Surplus,
                // TLS speaks without being asked: session tickets, key updates, and its goodbye.
                Transport::Tls(tls) => Probe::of(&tls.is_quiet_after_pull()),
                Transport::Nested(tls) => Probe::of(&tls.is_quiet_after_pull()),
            },
        }
    }

    /// Whether the layers hold bytes beyond those that were read.
    pub(crate) fn has_leftovers(&mut self) -> bool {
        match self {
            Transport::Plain(_) => false,
            Transport::Tls(tls) => tls.has_leftovers(),
            Transport::Nested(tls) => tls.has_leftovers(),
        }
    }

    /// Ends TLS as its standard asks, where there is any. Best effort, for connections that end in good order.
    pub(crate) fn say_goodbye(&mut self) {
        match self {
            Transport::Plain(_) => {}
            Transport::Tls(tls) => tls.say_goodbye(),
            Transport::Nested(tls) => {
                tls.say_goodbye();
                tls.under().say_goodbye();
            }
        }
    }

    /// Reads up to `limit` bytes to the end of `out`, which has room for them. May return with fewer, and with 0 only at
    /// the end of the connection.
    pub(crate) fn read_to_vec(&mut self, out: &mut Vec<u8>, limit: usize) -> io::Result<usize> {
        match self {
            Transport::Plain(socket) => socket.read_to_vec(out, limit),
            Transport::Tls(tls) => tls.read_to_vec(out, limit),
            Transport::Nested(tls) => tls.read_to_vec(out, limit),
        }
    }
}

/// What a look at an idle connection found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    Alive,
    Closed,
    Surplus,
}

impl Probe {
    fn of(quiet: &io::Result<bool>) -> Probe {
        if matches!(quiet, Ok(true)) { Probe::Alive } else { Probe::Closed }
    }
}

impl Read for Transport {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Transport::Plain(socket) => socket.read(out),
            Transport::Tls(tls) => tls.read(out),
            Transport::Nested(tls) => tls.read(out),
        }
    }
}

impl Write for Transport {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Transport::Plain(socket) => socket.write(data),
            Transport::Tls(tls) => tls.write(data),
            Transport::Nested(tls) => tls.write(data),
        }
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Transport::Plain(socket) => socket.write_vectored(parts),
            Transport::Tls(tls) => tls.write_vectored(parts),
            Transport::Nested(tls) => tls.write_vectored(parts),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Transport::Plain(socket) => socket.flush(),
            Transport::Tls(tls) => tls.flush(),
            Transport::Nested(tls) => tls.flush(),
        }
    }
}
