//! TLS over anything that reads and writes: a socket, or another TLS stream to a proxy.
//!
//! The loop over rustls is written here and not left to `complete_io`, so that every turn of it either moves bytes or
//! returns: a peer that says goodbye in the middle of a handshake ends it (RUSTSEC-2024-0336).

use std::fmt;
use std::io::{self, BufRead, IoSlice, Read, Write};
use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, HandshakeKind};
use rustls_pki_types::ServerName;

use crate::dial::Socket;
use crate::error::{TimeUp, inside};
use crate::info::TlsInfo;
use crate::layer::{Layer, Pending};

/// What is read from the layer below at first: a handshake flight or a small response.
const FIRST_READ: usize = 8 * 1024;

/// What is read at most, four records of the largest size: rustls itself would ask for 4 KiB at a time.
const LARGEST_READ: usize = 64 * 1024;

/// TLS over whatever is below, as a connection knows it. An object, since what drops a session of rustls is much code, which
/// would be compiled anew in every place, of this crate and of those above it, where a connection may be dropped.
pub(crate) trait Session: Layer + Send + Sync {
    /// What the handshake agreed on.
    fn info(&self) -> TlsInfo;

    /// Whether decrypted bytes wait, or an end was announced: the session must not be used for another exchange. Looks at
    /// what was read already, and reads nothing.
    fn has_leftovers(&mut self) -> bool;

    /// Reads from below until something is decrypted, and says how much of it lies in one piece. 0 only at the end.
    fn receive(&mut self) -> io::Result<usize>;

    /// The piece of decrypted bytes that comes next, as it lies in rustls' memory; empty where nothing is decrypted.
    fn decrypted(&mut self) -> &[u8];

    /// Drops `n` bytes of the piece that comes next.
    fn advance(&mut self, n: usize);

    /// Appends decrypted bytes to `out`, at most `limit`. 0 only at the end.
    fn read_to_vec(&mut self, out: &mut Vec<u8>, limit: usize) -> io::Result<usize>;
}

impl fmt::Debug for dyn Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

/// A TLS session over `S`.
pub(crate) struct TlsStream<S> {
    session: ClientConnection,
    under: S,
    /// Encrypted bytes read and not yet given to rustls: `inbound[start..end]`.
    inbound: Vec<u8>,
    start: usize,
    end: usize,
    /// The last write below got stuck. Reads do not wait for it: the other side may have to be heard first.
    is_stuck: bool,
}

impl<S: Layer> TlsStream<S> {
    /// Shakes hands. The last flight of ours may be left for the first write to take along, which saves a packet.
    pub(crate) fn connect(
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
        under: S,
    ) -> io::Result<Self> {
        let session = ClientConnection::new(config, name).map_err(invalid)?;
        let mut stream =
            TlsStream { session, under, inbound: vec![0; FIRST_READ], start: 0, end: 0, is_stuck: false };
        while stream.session.is_handshaking() {
            stream.send_pending()?;
            if !stream.session.is_handshaking() {
                break;
            }
            if !stream.pull()? {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
            }
        }
        Ok(stream)
    }

    /// One read from below at most, and one step of decryption. `false`: the other side has ended.
    fn pull(&mut self) -> io::Result<bool> {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            let read = self.under.read(&mut self.inbound)?;
            if read == self.inbound.len() && read < LARGEST_READ {
                self.inbound.resize(read * 2, 0);
            }
            self.end = read;
        }
        let mut waiting = self.inbound.get(self.start..self.end).unwrap_or_default();
        // With nothing waiting this tells rustls of the end.
        let taken = self.session.read_tls(&mut waiting)?;
        self.start += taken;
        match self.session.process_new_packets() {
            Ok(state) => Ok(taken > 0 && !(state.peer_has_closed() && self.session.is_handshaking())),
            Err(error) => {
                // The alert that tells the peer what was wrong.
                let _ = self.send_pending();
                Err(invalid(error))
            }
        }
    }

    /// Sends what a read owes the other side, such as the answer to a key update.
    fn answer(&mut self) -> io::Result<()> {
        if self.is_stuck { Ok(()) } else { self.send_pending() }
    }

    fn send_pending(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            let written = self.session.write_tls(&mut self.under);
            self.is_stuck = written.as_ref().is_err_and(is_stall);
            if written? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Encrypts what `give` hands over and sends it, and says how much was taken. What was taken is not lost when the way
    /// below is stuck: it goes out with the next write, or with `flush`.
    fn write_with(
        &mut self,
        mut give: impl FnMut(&mut rustls::Writer<'_>) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            let taken = give(&mut self.session.writer())?;
            match self.send_pending() {
                Err(e) if taken == 0 || !is_stall(&e) => return Err(e),
                _ if taken > 0 => return Ok(taken),
                // There was no room: now there is.
                _ => {}
            }
        }
    }
}

impl<S: Layer + Send + Sync> Session for TlsStream<S> {
    fn info(&self) -> TlsInfo {
        let version = match self.session.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
            _ => "unknown",
        };
        let cipher = self
            .session
            .negotiated_cipher_suite()
            .and_then(|suite| suite.suite().as_str())
            .unwrap_or("unknown");
        let certificates = self.session.peer_certificates().unwrap_or_default();
        TlsInfo {
            version,
            cipher,
            alpn: self.session.alpn_protocol().map(|p| String::from_utf8_lossy(p).into_owned()),
            resumed: self.session.handshake_kind() == Some(HandshakeKind::Resumed),
            certificates: certificates.iter().map(|c| c.clone().into_owned()).collect(),
        }
    }

    fn has_leftovers(&mut self) -> bool {
        loop {
            match self.session.process_new_packets() {
                Ok(state) if state.plaintext_bytes_to_read() > 0 || state.peer_has_closed() => return true,
                Ok(_) if self.start == self.end => return false,
                Ok(_) => {}
                Err(_) => return true,
            }
            // Something is buffered, so that this does not read from below.
            if !matches!(self.pull(), Ok(true)) {
                return true;
            }
        }
    }

    fn receive(&mut self) -> io::Result<usize> {
        loop {
            match self.session.reader().into_first_chunk() {
                Ok(piece) => return Ok(piece.len()),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(e) => return Err(end_of_session(e)),
            }
            self.answer()?;
            self.pull()?;
        }
    }

    fn decrypted(&mut self) -> &[u8] {
        self.session.reader().into_first_chunk().unwrap_or_default()
    }

    fn advance(&mut self, n: usize) {
        // rustls panics where more is dropped than there is.
        let n = n.min(self.decrypted().len());
        self.session.reader().consume(n);
    }

    fn read_to_vec(&mut self, out: &mut Vec<u8>, limit: usize) -> io::Result<usize> {
        if limit == 0 {
            return Ok(0);
        }
        let taken = self.receive()?.min(limit);
        out.extend_from_slice(self.decrypted().get(..taken).unwrap_or_default());
        self.advance(taken);
        Ok(taken)
    }
}

impl<S: Layer> Layer for TlsStream<S> {
    fn socket(&mut self) -> &mut Socket {
        self.under.socket()
    }

    /// Says goodbye, as RFC 8446 section 6.1 asks of a side that closes in good order.
    fn say_goodbye(&mut self) {
        self.session.send_close_notify();
        let _ = self.send_pending();
        self.under.say_goodbye();
    }

    /// Session tickets and key updates are neither bytes nor an end.
    fn pending(&mut self) -> io::Result<Pending> {
        loop {
            let state = self.session.process_new_packets().map_err(invalid)?;
            if state.plaintext_bytes_to_read() > 0 {
                return Ok(Pending::Bytes);
            }
            if state.peer_has_closed() {
                return Ok(Pending::End);
            }
            // Only what is here already is taken in.
            if self.start == self.end && self.under.pending()? == Pending::Nothing {
                return Ok(Pending::Nothing);
            }
            if !self.pull()? {
                return Ok(Pending::End);
            }
        }
    }
}

impl<S: Layer> Read for TlsStream<S> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            match self.session.reader().read(out) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Ok(n) => return Ok(n),
                Err(e) => return Err(end_of_session(e)),
            }
            self.answer()?;
            self.pull()?;
        }
    }
}

impl<S: Layer> Write for TlsStream<S> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if data.is_empty() {
            return Ok(0);
        }
        self.write_with(|session| session.write(data))
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        if parts.iter().all(|part| part.is_empty()) {
            return Ok(0);
        }
        self.write_with(|session| session.write_vectored(parts))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send_pending()
    }
}

fn end_of_session(error: io::Error) -> io::Error {
    if error.kind() != io::ErrorKind::UnexpectedEof {
        return error;
    }
    let what = "the connection ended without TLS's close_notify, so that what was received may be cut short";
    io::Error::new(io::ErrorKind::UnexpectedEof, what)
}

fn is_stall(error: &io::Error) -> bool {
    inside(error) == Some(&TimeUp::Stall)
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
