//! A body while it is sent: bounded by its length, counted for whoever wants to know, in the shape that the pool takes.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqs_pool::Outgoing;

use crate::body::source::Source;
use crate::framing::Framing;

/// A body that was opened for one exchange. It is read as a stream or, chunk by chunk, as an iterator.
pub(crate) struct Opened<'a> {
    content: Content<'a>,
    /// How many bytes there are to send, where that is known or stated.
    length: Option<u64>,
    sent: u64,
    progress: Option<&'a Progress>,
}

enum Content<'a> {
    Bytes(&'a [u8]),
    Stream(MutexGuard<'a, Source>),
}

impl<'a> Opened<'a> {
    pub(crate) fn bytes(bytes: &'a [u8], progress: Option<&'a Progress>) -> Opened<'a> {
        let length = Some(bytes.len() as u64);
        Opened { content: Content::Bytes(bytes), length, sent: 0, progress }
    }

    pub(crate) fn stream(
        source: MutexGuard<'a, Source>,
        length: Option<u64>,
        progress: Option<&'a Progress>,
    ) -> Opened<'a> {
        Opened { content: Content::Stream(source), length, sent: 0, progress }
    }

    /// The body as the pool sends it under this framing.
    pub(crate) fn outgoing(&mut self, framing: Framing) -> Outgoing<'_> {
        let length = match framing {
            Framing::Length(length) => Some(length),
            Framing::Chunked => None,
        };
        if self.progress.is_none() {
            match (&self.content, length) {
                (Content::Bytes([]), Some(_)) => return Outgoing::Empty,
                (Content::Bytes(bytes), Some(_)) => return Outgoing::Bytes(bytes),
                _ => {}
            }
        }
        // A length that the caller stated for a stream that has none of its own is held to like its own.
        self.length = self.length.or(length);
        let is = |what: fn(&Source) -> bool| matches!(&self.content, Content::Stream(source) if what(source));
        if is(Source::is_chunks) && length.is_none() {
            return Outgoing::Chunks(self);
        }
        let whole_file = is(Source::is_file) && self.progress.is_none();
        let Some(stated) = length.filter(|_| whole_file) else {
            return Outgoing::Reader { reader: self, length };
        };
        match &mut self.content {
            Content::Stream(source) => match source.as_file() {
                Some(file) => Outgoing::File { file, length: stated },
                None => Outgoing::Empty,
            },
            Content::Bytes(bytes) => Outgoing::Bytes(bytes),
        }
    }

    fn count(&mut self, read: usize) {
        self.sent = self.sent.saturating_add(read as u64);
        if let Some(progress) = self.progress {
            progress.tell(self.sent, self.length);
        }
    }

    /// Whether the stream would go on after its length. Only a stream whose length was stated is asked: a file may
    /// have grown since it was measured, and what was appended is not part of the body.
    fn goes_on(&mut self) -> io::Result<bool> {
        let Content::Stream(source) = &mut self.content else { return Ok(false) };
        if !source.is_stated() {
            return Ok(false);
        }
        loop {
            match source.read(&mut [0]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return Ok(read? > 0),
            }
        }
    }

    fn too_long(&self) -> io::Error {
        let length = self.length.unwrap_or_default();
        let message = format!("it goes on after the {length} bytes that it was to have");
        io::Error::new(io::ErrorKind::InvalidData, message)
    }

    fn too_short(&self, length: u64) -> io::Error {
        let message = format!("it ended after {} of the {length} bytes that it was to have", self.sent);
        io::Error::new(io::ErrorKind::UnexpectedEof, message)
    }
}

impl Read for Opened<'_> {
    /// No more bytes than the length. The last are given only after a look at what follows, so that a body that is
    /// longer than it was said to be is never complete on the wire.
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.length.map(|length| length.saturating_sub(self.sent));
        if left == Some(0) {
            return if self.sent == 0 && self.goes_on()? { Err(self.too_long()) } else { Ok(0) };
        }
        let room = left
            .map_or(buf.len(), |left| usize::try_from(left).map_or(buf.len(), |left| left.min(buf.len())));
        let read = match &mut self.content {
            Content::Bytes(bytes) => bytes.read(&mut buf[..room])?,
            Content::Stream(source) => source.read(&mut buf[..room])?,
        };
        if read > room {
            return Err(io::Error::other("the reader claims more bytes than it was asked for"));
        }
        if let (Some(length), 0, 1..) = (self.length, read, room) {
            return Err(self.too_short(length));
        }
        if left == Some(read as u64) && self.goes_on()? {
            return Err(self.too_long());
        }
        if read > 0 {
            self.count(read);
        }
        Ok(read)
    }
}

impl Iterator for Opened<'_> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        let Content::Stream(source) = &mut self.content else { return None };
        let item = source.next_chunk()?;
        if let Ok(bytes) = &item {
            let length = bytes.len();
            self.count(length);
        }
        Some(item)
    }
}

/// What is called with the number of bytes sent, and the length where it is known.
pub(crate) type OnProgress = dyn FnMut(u64, Option<u64>) + Send;

/// A function that is told how much of a body was sent; clones of a body share it.
#[derive(Clone)]
pub(crate) struct Progress(Arc<Mutex<OnProgress>>);

impl Progress {
    pub(crate) fn new(function: impl FnMut(u64, Option<u64>) + Send + 'static) -> Progress {
        Progress(Arc::new(Mutex::new(function)))
    }

    fn tell(&self, sent: u64, length: Option<u64>) {
        let mut function = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        function(sent, length);
    }
}
