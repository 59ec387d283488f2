//! A request's body: bytes, or something to read from when the time comes, and whether it can be sent again.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use reqs_multipart::FormReader;

use crate::error::{Error, ErrorKind, Result};

/// A request's body.
///
/// Text and bytes become a body by themselves, and so does a [`File`], which is streamed from where it stands with
/// its length known. The constructors here make one of any reader or iterator. A clone is the same body: what is
/// streamed can be read once, or again after [`rewind`](Body::rewind) where it can be.
///
/// ```
/// use reqs::Body;
///
/// assert_eq!(Body::from("text").length(), Some(4));
/// assert_eq!(Body::sized(std::io::repeat(0), 1 << 30).length(), Some(1 << 30));
/// assert_eq!(Body::chunks(["one", "two"]).length(), None); // sent chunked, one chunk each
/// ```
#[derive(Clone, Default)]
pub struct Body(Repr);

#[derive(Clone, Default)]
enum Repr {
    #[default]
    Empty,
    Static(&'static [u8]),
    Bytes(Arc<Vec<u8>>),
    Stream {
        length: Option<u64>,
        source: Arc<Mutex<Source>>,
    },
}

/// What a streamed body reads from; the transport takes it by the lock of [`Body::source`].
pub(crate) enum Source {
    File {
        file: File,
        start: u64,
    },
    Reader {
        reader: Box<dyn Read + Send>,
        used: bool,
    },
    Seekable {
        reader: Box<dyn ReadSeek>,
        start: u64,
    },
    Chunks {
        items: Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>,
        used: bool,
    },
    Form(Box<FormReader>),
    Factory {
        make: Box<dyn FnMut() -> io::Result<Box<dyn Read + Send>> + Send>,
        reader: Option<Box<dyn Read + Send>>,
    },
}

pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// A body as the transport sees it.
pub(crate) enum Opened<'a> {
    Bytes(&'a [u8]),
    Stream(MutexGuard<'a, Source>),
}

impl Body {
    /// No body.
    pub const fn empty() -> Body {
        Body(Repr::Empty)
    }

    /// A body read to its end, of unknown length, so sent chunked. It cannot be sent twice.
    pub fn reader(reader: impl Read + Send + 'static) -> Body {
        Body::stream(None, Source::Reader { reader: Box::new(reader), used: false })
    }

    /// A body of a stated length. A reader that ends early or would go on is an error, and the connection is given
    /// up. (requests-toolbelt's `StreamingIterator`.)
    pub fn sized(reader: impl Read + Send + 'static, length: u64) -> Body {
        Body::stream(Some(length), Source::Reader { reader: Box::new(reader), used: false })
    }

    /// A body read from where the reader stands to its end: its length is known by seeking, and it can be sent
    /// again from the same place. Where seeking fails it is a [`Body::reader`].
    pub fn seekable(reader: impl Read + Seek + Send + 'static) -> Body {
        let mut reader = Box::new(reader);
        match span(&mut *reader) {
            Ok((start, length)) => Body::stream(Some(length), Source::Seekable { reader, start }),
            Err(_) => Body::stream(None, Source::Reader { reader, used: false }),
        }
    }

    /// A body sent chunked, one chunk per item; empty items are skipped, since an empty chunk would end the body.
    pub fn chunks<I>(items: I) -> Body
    where
        I: IntoIterator<Item: AsRef<[u8]>, IntoIter: Send + 'static>,
    {
        let items = items.into_iter().map(|item| Ok(item.as_ref().to_vec()));
        Body::stream(None, Source::Chunks { items: Box::new(items), used: false })
    }

    /// Like [`Body::chunks`], for items that may fail; the first error ends the request and reaches the caller.
    pub fn try_chunks<I, T>(items: I) -> Body
    where
        I: IntoIterator<Item = io::Result<T>, IntoIter: Send + 'static>,
        T: AsRef<[u8]>,
    {
        let items = items.into_iter().map(|item| item.map(|bytes| bytes.as_ref().to_vec()));
        Body::stream(None, Source::Chunks { items: Box::new(items), used: false })
    }

    /// A body made anew by the closure for each time that it is sent, so that it can be replayed. Give the length
    /// where it is known.
    pub fn factory<R: Read + Send + 'static>(
        length: Option<u64>,
        mut make: impl FnMut() -> io::Result<R> + Send + 'static,
    ) -> Body {
        let make = Box::new(move || Ok(Box::new(make()?) as Box<dyn Read + Send>));
        Body::stream(length, Source::Factory { make, reader: None })
    }

    pub(crate) fn form(reader: FormReader) -> Body {
        Body::stream(reader.length(), Source::Form(Box::new(reader)))
    }

    fn stream(length: Option<u64>, source: Source) -> Body {
        Body(Repr::Stream { length, source: Arc::new(Mutex::new(source)) })
    }

    /// Puts a streamed body back to where it stood when it was made.
    ///
    /// # Errors
    /// [`ErrorKind::UnrewindableBody`] where it was read from and cannot go back.
    pub fn rewind(&self) -> Result<()> {
        let Repr::Stream { source, .. } = &self.0 else { return Ok(()) };
        lock(source)?.rewind()
    }

    /// How many bytes will be sent, where that is known. A body of unknown length is sent chunked.
    pub fn length(&self) -> Option<u64> {
        match &self.0 {
            Repr::Stream { length, .. } => *length,
            _ => self.as_bytes().map(|bytes| bytes.len() as u64),
        }
    }

    /// Whether there is nothing to send: no body, or no bytes. A stream is never empty in this sense, since only
    /// reading tells.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_some_and(<[u8]>::is_empty)
    }

    /// The bytes, unless the body is streamed.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Repr::Empty => Some(&[]),
            Repr::Static(bytes) => Some(bytes),
            Repr::Bytes(bytes) => Some(bytes),
            Repr::Stream { .. } => None,
        }
    }

    /// Whether the body can be sent again after it was sent once: bytes, files, seekable readers and factories can.
    pub fn can_rewind(&self) -> bool {
        match &self.0 {
            Repr::Stream { source, .. } => source.try_lock().is_ok_and(|source| source.can_rewind()),
            _ => true,
        }
    }

    pub(crate) fn is_stream(&self) -> bool {
        matches!(self.0, Repr::Stream { .. })
    }

    /// The body, ready to be sent; a stream that was used and cannot be read again is refused here.
    pub(crate) fn open(&self) -> Result<Opened<'_>> {
        let Repr::Stream { source, .. } = &self.0 else {
            return Ok(Opened::Bytes(self.as_bytes().unwrap_or_default()));
        };
        let mut source = lock(source)?;
        source.start()?;
        Ok(Opened::Stream(source))
    }
}

impl Source {
    /// Marks the source as being sent, or says that it was already.
    fn start(&mut self) -> Result<()> {
        match self {
            Source::Reader { used, .. } | Source::Chunks { used, .. } if *used => Err(Error::new(
                ErrorKind::UnrewindableBody,
                "the body was read from its stream when it was sent before, and cannot be sent again",
            )),
            Source::Reader { used, .. } | Source::Chunks { used, .. } => {
                *used = true;
                Ok(())
            }
            Source::Factory { make, reader } => {
                if reader.is_none() {
                    *reader = Some(make().map_err(failed)?);
                }
                Ok(())
            }
            Source::File { .. } | Source::Seekable { .. } | Source::Form(_) => Ok(()),
        }
    }

    fn rewind(&mut self) -> Result<()> {
        let back = match self {
            Source::File { file, start } => file.seek(SeekFrom::Start(*start)).map(drop),
            Source::Seekable { reader, start } => reader.seek(SeekFrom::Start(*start)).map(drop),
            Source::Form(form) => form.rewind().map_err(io::Error::other),
            Source::Factory { reader, .. } => {
                *reader = None;
                Ok(())
            }
            Source::Reader { used: false, .. } | Source::Chunks { used: false, .. } => Ok(()),
            Source::Reader { .. } | Source::Chunks { .. } => {
                return Err(Error::new(
                    ErrorKind::UnrewindableBody,
                    "a body that is read once cannot be sent again",
                ));
            }
        };
        back.map_err(|error| {
            let message = format!("the body cannot go back to where it stood: {error}");
            Error::new(ErrorKind::UnrewindableBody, message).with_source(error)
        })
    }

    fn can_rewind(&self) -> bool {
        match self {
            Source::File { .. } | Source::Seekable { .. } | Source::Factory { .. } => true,
            Source::Form(form) => form.can_rewind(),
            Source::Reader { used, .. } | Source::Chunks { used, .. } => !used,
        }
    }
}

impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::File { file, .. } => file.read(buf),
            Source::Reader { reader, .. } | Source::Factory { reader: Some(reader), .. } => reader.read(buf),
            Source::Seekable { reader, .. } => reader.read(buf),
            Source::Form(form) => form.read(buf),
            // The transport takes chunks one by one and a factory's reader is made when the body is opened.
            Source::Chunks { .. } | Source::Factory { reader: None, .. } => Ok(0),
        }
    }
}

fn lock(source: &Mutex<Source>) -> Result<MutexGuard<'_, Source>> {
    match source.try_lock() {
        Ok(guard) => Ok(guard),
        Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => Err(Error::new(
            ErrorKind::InvalidBody,
            "the body's stream is being sent by another request at this moment",
        )),
    }
}

/// Where the reader stands, and how many bytes follow.
fn span(reader: &mut impl Seek) -> io::Result<(u64, u64)> {
    let start = reader.stream_position()?;
    let end = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(start))?;
    Ok((start, end.saturating_sub(start)))
}

fn failed(error: io::Error) -> Error {
    Error::new(ErrorKind::InvalidBody, format!("the body could not be opened: {error}")).with_source(error)
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, self.length()) {
            (Repr::Empty, _) => f.write_str("Body(empty)"),
            (Repr::Stream { .. }, Some(length)) => write!(f, "Body(stream of {length} bytes)"),
            (Repr::Stream { .. }, None) => f.write_str("Body(stream)"),
            (_, length) => write!(f, "Body({} bytes)", length.unwrap_or_default()),
        }
    }
}

/// A file is streamed from where it stands to its end (BOD-9); what has no length, as a pipe, is sent chunked.
impl From<File> for Body {
    fn from(mut file: File) -> Body {
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => match file.stream_position() {
                Ok(start) => {
                    Body::stream(Some(metadata.len().saturating_sub(start)), Source::File { file, start })
                }
                Err(_) => Body::reader(file),
            },
            _ => Body::reader(file),
        }
    }
}

impl From<()> for Body {
    fn from((): ()) -> Body {
        Body::empty()
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Body {
        Body::from(text.as_bytes())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Body {
        Body::from(text.into_bytes())
    }
}

impl From<&String> for Body {
    fn from(text: &String) -> Body {
        Body::from(text.as_bytes())
    }
}

impl From<Cow<'_, str>> for Body {
    fn from(text: Cow<'_, str>) -> Body {
        Body::from(text.into_owned())
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Body {
        Body::from(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Body {
    fn from(bytes: &[u8; N]) -> Body {
        Body::from(bytes.to_vec())
    }
}

impl From<&Vec<u8>> for Body {
    fn from(bytes: &Vec<u8>) -> Body {
        Body::from(bytes.clone())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Body {
        Body::from(Arc::new(bytes))
    }
}

/// Shared, not copied.
impl From<Arc<Vec<u8>>> for Body {
    fn from(bytes: Arc<Vec<u8>>) -> Body {
        Body(if bytes.is_empty() { Repr::Empty } else { Repr::Bytes(bytes) })
    }
}

impl Body {
    /// A body of bytes that live as long as the program, without a copy.
    pub const fn from_static(bytes: &'static [u8]) -> Body {
        Body(if bytes.is_empty() { Repr::Empty } else { Repr::Static(bytes) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(body: &Body) -> Result<Vec<u8>> {
        match body.open()? {
            Opened::Bytes(bytes) => Ok(bytes.to_vec()),
            Opened::Stream(mut source) => {
                let mut all = Vec::new();
                source.read_to_end(&mut all)?;
                Ok(all)
            }
        }
    }

    #[test]
    fn bod_9_a_partly_read_reader_is_sent_from_where_it_stands() {
        let mut cursor = Cursor::new(b"0123456789".to_vec());
        cursor.set_position(4);
        let body = Body::seekable(cursor);
        assert_eq!(body.length(), Some(6));
        assert_eq!(read(&body).unwrap(), b"456789");
        body.rewind().unwrap();
        assert_eq!(read(&body).unwrap(), b"456789");
    }

    #[test]
    fn bod_12_a_reader_can_be_sent_once() {
        let body = Body::reader(&b"abc"[..]);
        assert!(body.can_rewind(), "nothing was read yet");
        assert_eq!(read(&body).unwrap(), b"abc");
        assert!(!body.can_rewind());
        assert_eq!(body.rewind().unwrap_err().kind(), ErrorKind::UnrewindableBody);
        assert_eq!(read(&body).unwrap_err().kind(), ErrorKind::UnrewindableBody);
    }

    #[test]
    fn a_factory_makes_its_body_again() {
        let body = Body::factory(Some(3), || Ok(&b"abc"[..]));
        for _ in 0..2 {
            assert_eq!(read(&body).unwrap(), b"abc");
            body.rewind().unwrap();
        }
    }

    #[test]
    fn a_body_being_sent_is_busy_not_stuck() {
        let body = Body::reader(&b"abc"[..]);
        let opened = body.open().unwrap();
        assert_eq!(body.open().err().unwrap().kind(), ErrorKind::InvalidBody);
        drop(opened);
    }

    #[test]
    fn debug_shows_sizes_never_contents() {
        assert_eq!(format!("{:?}", Body::from("secret")), "Body(6 bytes)");
        assert_eq!(format!("{:?}", Body::from("")), "Body(empty)");
        assert_eq!(format!("{:?}", Body::sized(io::empty(), 7)), "Body(stream of 7 bytes)");
    }
}
