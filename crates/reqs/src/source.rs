//! Where a body's bytes come from, with their content coding still on: a connection, an adapter's reader, or nowhere.

use std::io::{self, BufRead, BufReader, Read};

use reqs_pool::Incoming;
use reqs_proto::Headers;

/// The undecoded bytes of a body.
#[allow(
    clippy::large_enum_variant,
    reason = "it lives in the stream's box, and the large one is the usual one"
)]
pub(crate) enum Source {
    Wire(Wire),
    Reader(BufReader<Box<dyn Read + Send>>),
    /// All that there was is held by the stream.
    Nothing,
}

/// A body on its connection.
///
/// Dropped before its end it gives the connection up, unless what is left has already arrived: then reading it costs
/// nothing and the connection is kept. It never waits for a server that nobody listens to any more.
pub(crate) struct Wire(Option<Incoming>);

/// How much of a rest that has arrived is worth reading to keep a connection.
const WORTH_READING: usize = 64 * 1024;

/// How much an adapter's reader is asked for at a time; less would cost a call more often than it saves memory.
const READER_BUFFER: usize = 64 * 1024;

impl Source {
    pub(crate) fn wire(incoming: Incoming) -> Source {
        Source::Wire(Wire(Some(incoming)))
    }

    pub(crate) fn reader(reader: Box<dyn Read + Send>) -> Source {
        Source::Reader(BufReader::with_capacity(READER_BUFFER, reader))
    }

    /// The connection's body, where that is what it is.
    pub(crate) fn incoming(&mut self) -> Option<&mut Incoming> {
        match self {
            Source::Wire(Wire(incoming)) => incoming.as_mut(),
            Source::Reader(_) | Source::Nothing => None,
        }
    }

    /// How many bytes there are in all, where the server said so.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Source::Wire(Wire(incoming)) => incoming.as_ref()?.length(),
            Source::Reader(_) => None,
            Source::Nothing => Some(0),
        }
    }

    /// What followed the last chunk (RFC 9112 §7.1.2), once the body was read to its end.
    pub(crate) fn trailers(&self) -> Option<&Headers> {
        match self {
            Source::Wire(Wire(incoming)) => incoming.as_ref()?.trailers(),
            Source::Reader(_) | Source::Nothing => None,
        }
    }

    /// Reads and forgets a rest of at most `limit` bytes, waiting for it if need be, so that the connection can be
    /// kept; gives it up where more is left.
    pub(crate) fn drain(mut self, limit: usize) {
        if let Source::Wire(Wire(incoming)) = &mut self
            && let Some(incoming) = incoming.take()
        {
            incoming.drain(limit);
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let is_open = self.0.as_ref().is_some_and(|incoming| !incoming.is_ended());
        if is_open && let Some(incoming) = self.0.take() {
            incoming.drain_buffered(WORTH_READING);
        }
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::Wire(Wire(Some(incoming))) => incoming.read(out),
            Source::Reader(reader) => uninterrupted(|| reader.read(out)),
            Source::Wire(Wire(None)) | Source::Nothing => Ok(0),
        }
    }
}

/// Tries again what a signal interrupted, as `Read` asks of its callers.
fn uninterrupted<T>(mut read: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match read() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Source::Wire(Wire(Some(incoming))) => incoming.fill_buf(),
            Source::Reader(reader) => {
                uninterrupted(|| reader.fill_buf().map(drop))?;
                reader.fill_buf()
            }
            Source::Wire(Wire(None)) | Source::Nothing => Ok(&[]),
        }
    }

    fn consume(&mut self, n: usize) {
        match self {
            Source::Wire(Wire(Some(incoming))) => incoming.consume(n),
            Source::Reader(reader) => reader.consume(n),
            Source::Wire(Wire(None)) | Source::Nothing => {}
        }
    }
}
