//! The layers under an exchange: a socket, TLS over it, or TLS over TLS where the proxy itself speaks TLS.

use std::io::{self, IoSlice, Read, Write};

use crate::dial::Socket;
use crate::layer::{Layer, Pending};
use crate::tls::Session;

/// A connection that is ready to carry HTTP.
#[derive(Debug)]
pub(crate) enum Transport {
    Plain(Socket),
    /// With the target, also within TLS with the proxy; or with a proxy that the target is reached through in the clear.
    Tls(Box<dyn Session>),
}

impl Transport {
    /// Whether the layers hold bytes beyond those that were read.
    pub(crate) fn has_leftovers(&mut self) -> bool {
        match self {
            Transport::Plain(_) => false,
            Transport::Tls(tls) => tls.has_leftovers(),
        }
    }

    /// Receives bytes and keeps them to be lent by [`lent`](Self::lent), and says how many there are, 0 only at the end.
    /// `None` where the layers have no memory of their own to lend.
    pub(crate) fn receive(&mut self) -> Option<io::Result<usize>> {
        match self {
            Transport::Plain(_) => None,
            Transport::Tls(tls) => Some(tls.receive()),
        }
    }

    /// Bytes that were received and not taken, in the layers' own memory.
    pub(crate) fn lent(&mut self) -> &[u8] {
        match self {
            Transport::Plain(_) => &[],
            Transport::Tls(tls) => tls.decrypted(),
        }
    }

    /// Drops `n` bytes of those that are lent.
    pub(crate) fn advance(&mut self, n: usize) {
        match self {
            Transport::Plain(_) => {}
            Transport::Tls(tls) => tls.advance(n),
        }
    }

    /// Reads up to `limit` bytes to the end of `out`, which has room for them. May return with fewer, and with 0 only at
    /// the end of the connection.
    pub(crate) fn read_to_vec(&mut self, out: &mut Vec<u8>, limit: usize) -> io::Result<usize> {
        match self {
            Transport::Plain(socket) => socket.read_to_vec(out, limit),
            Transport::Tls(tls) => tls.read_to_vec(out, limit),
        }
    }
}

impl Layer for Transport {
    fn socket(&mut self) -> &mut Socket {
        match self {
            Transport::Plain(socket) => socket,
            Transport::Tls(tls) => tls.socket(),
        }
    }

    /// Costs one system call while nothing has happened.
    fn pending(&mut self) -> io::Result<Pending> {
        match self {
            Transport::Plain(socket) => socket.pending(),
            Transport::Tls(tls) => tls.pending(),
        }
    }

    fn say_goodbye(&mut self) {
        match self {
            Transport::Plain(socket) => socket.say_goodbye(),
            Transport::Tls(tls) => tls.say_goodbye(),
        }
    }
}

impl Read for Transport {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Transport::Plain(socket) => socket.read(out),
            Transport::Tls(tls) => tls.read(out),
        }
    }
}

impl Write for Transport {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Transport::Plain(socket) => socket.write(data),
            Transport::Tls(tls) => tls.write(data),
        }
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Transport::Plain(socket) => socket.write_vectored(parts),
            Transport::Tls(tls) => tls.write_vectored(parts),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Transport::Plain(socket) => socket.flush(),
            Transport::Tls(tls) => tls.flush(),
        }
    }
}
