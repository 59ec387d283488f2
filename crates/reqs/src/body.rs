//! A request's body: bytes, or something to read from when the time comes, and whether it can be sent again.

mod opened;
mod source;

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use reqs_multipart::FormReader;

use crate::error::{Error, ErrorKind, Result};
pub(crate) use opened::OnProgress;
use opened::{Opened, Progress};
use source::Source;

/// A request's body.
///
/// Text and bytes become a body by themselves, and so does a [`File`], which is streamed from where it stands with
/// its length known. The constructors here make one of any reader or iterator.
///
/// A clone is the same body. What is streamed is read once, or again where it can go back: files, seekable readers and
/// factories can, so that redirects, answers to a challenge and a second [`send`](crate::Session::send) work with them.
/// A second send of what was read and cannot go back is [`ErrorKind::UnrewindableBody`].
///
/// ```
/// use reqs::Body;
///
/// assert_eq!(Body::from("text").length(), Some(4));
/// assert_eq!(Body::sized(std::io::repeat(0), 1 << 30).length(), Some(1 << 30));
/// assert_eq!(Body::chunks(["one", "two"]).length(), None); // sent chunked, one chunk each
/// ```
#[derive(Clone, Default)]
pub struct Body {
    repr: Repr,
    progress: Option<Progress>,
}

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

impl Body {
    /// No body.
    pub const fn empty() -> Body {
        Body::of(Repr::Empty)
    }

    /// A body of bytes that live as long as the program, without a copy.
    pub const fn from_static(bytes: &'static [u8]) -> Body {
        Body::of(if bytes.is_empty() { Repr::Empty } else { Repr::Static(bytes) })
    }

    /// The file at a path, as [`From<File>`](#impl-From%3CFile%3E-for-Body) sends it. It is opened at once, so that a
    /// wrong path is known before anything is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], with the path, where it cannot be opened or is a directory.
    pub fn path(path: impl AsRef<Path>) -> Result<Body> {
        let path = path.as_ref();
        let file = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
            true => Err(io::ErrorKind::IsADirectory.into()),
            false => Ok(file),
        });
        file.map(Body::from).map_err(|error| {
            let message = format!("cannot open {path:?} as a body: {error}");
            Error::new(ErrorKind::Io, message).with_source(error)
        })
    }

    /// A body read to its end, of unknown length, so sent chunked. It cannot be sent twice.
    pub fn reader(reader: impl Read + Send + 'static) -> Body {
        Body::stream(None, Source::reader(reader))
    }

    /// A body of a stated length. A reader that ends early or would go on is an error, and the connection is given
    /// up; to send the beginning of a longer stream give it an end: `Body::sized(reader.take(n), n)`. It cannot be
    /// sent twice. (requests-toolbelt's `StreamingIterator`.)
    pub fn sized(reader: impl Read + Send + 'static, length: u64) -> Body {
        Body::stream(Some(length), Source::reader(reader))
    }

    /// A body read from where the reader stands to its end: its length is known by seeking, and it can be sent
    /// again from the same place. A reader that cannot tell where it stands is a [`Body::reader`].
    pub fn seekable(reader: impl Read + Seek + Send + 'static) -> Body {
        let (source, length) = Source::seekable(reader);
        Body::stream(length, source)
    }

    /// A body sent chunked, one chunk per item; empty items are skipped, since an empty chunk would end the body. It
    /// cannot be sent twice. With a `Content-Length` among the request's headers the items are sent unchunked, and
    /// held to that length.
    pub fn chunks<I>(items: I) -> Body
    where
        I: IntoIterator<Item: AsRef<[u8]>, IntoIter: Send + 'static>,
    {
        let items = items.into_iter().map(|item| Ok(item.as_ref().to_vec()));
        Body::stream(None, Source::chunks(Box::new(items)))
    }

    /// Like [`Body::chunks`], for items that may fail; the first error ends the request and reaches the caller. Errors are
    /// those of `std::io`, as `BufRead::lines` gives them; [`Error`] becomes one by `into` and `?`.
    ///
    /// ```
    /// # use reqs::Body;
    /// let rows = ["1,2\n", "3,x\n"].map(|row| match row.contains('x') {
    ///     true => Err(std::io::Error::other("row 2 is no row of numbers")),
    ///     false => Ok(row),
    /// });
    /// let body = Body::try_chunks(rows);
    /// ```
    pub fn try_chunks<I, T>(items: I) -> Body
    where
        I: IntoIterator<Item = io::Result<T>, IntoIter: Send + 'static>,
        T: AsRef<[u8]>,
    {
        let items = items.into_iter().map(|item| item.map(|bytes| bytes.as_ref().to_vec()));
        Body::stream(None, Source::chunks(Box::new(items)))
    }

    /// A body made anew by the closure for each time that it is sent, so that it can be sent again. Give the length
    /// where it is known. Its errors are those of `std::io`.
    ///
    /// ```
    /// # use reqs::Body;
    /// let body = Body::factory(None, || std::fs::File::open("/var/log/app.log"));
    /// assert!(body.can_rewind());
    /// ```
    pub fn factory<R: Read + Send + 'static>(
        length: Option<u64>,
        mut make: impl FnMut() -> io::Result<R> + Send + 'static,
    ) -> Body {
        let make = Box::new(move || Ok(Box::new(make()?) as Box<dyn Read + Send>));
        Body::stream(length, Source::factory(make))
    }

    fn stream(length: Option<u64>, source: Source) -> Body {
        Body::of(Repr::Stream { length, source: Arc::new(Mutex::new(source)) })
    }

    const fn of(repr: Repr) -> Body {
        Body { repr, progress: None }
    }

    /// Calls the function while the body is sent: with the number of bytes handed to the connection so far, and the
    /// length where it is known. It starts again at 0 when the body is sent again. (requests-toolbelt's
    /// `MultipartEncoderMonitor`, niquests' `upload_progress`.)
    ///
    /// Bytes and files are read piece by piece then, in place of the shorter ways that they have.
    ///
    /// ```
    /// # use reqs::Body;
    /// let body = Body::from(vec![0; 1 << 20]).on_progress(|sent, total| println!("{sent} of {total:?}"));
    /// ```
    #[must_use]
    pub fn on_progress(mut self, progress: impl FnMut(u64, Option<u64>) + Send + 'static) -> Body {
        self.progress = Some(Progress::new(progress));
        self
    }

    /// Puts a streamed body back to where it stood when it was made.
    ///
    /// # Errors
    /// [`ErrorKind::UnrewindableBody`] where it was read from and cannot go back.
    pub fn rewind(&self) -> Result<()> {
        let Repr::Stream { source, .. } = &self.repr else { return Ok(()) };
        lock(source)?.rewind()
    }

    /// How many bytes will be sent, where that is known. A body of unknown length is sent chunked.
    pub fn length(&self) -> Option<u64> {
        match &self.repr {
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
        match &self.repr {
            Repr::Empty => Some(&[]),
            Repr::Static(bytes) => Some(bytes),
            Repr::Bytes(bytes) => Some(bytes),
            Repr::Stream { .. } => None,
        }
    }

    /// Whether [`rewind`](Body::rewind) will work: always for bytes, files, seekable readers and factories, and for
    /// what can be read once, as long as it was not.
    pub fn can_rewind(&self) -> bool {
        match &self.repr {
            Repr::Stream { source, .. } => source.try_lock().is_ok_and(|source| source.can_rewind()),
            _ => true,
        }
    }

    pub(crate) fn is_stream(&self) -> bool {
        matches!(self.repr, Repr::Stream { .. })
    }

    /// The body, ready to be sent; a stream that was used and cannot be read again is refused here.
    pub(crate) fn open(&self) -> Result<Opened<'_>> {
        let Repr::Stream { source, .. } = &self.repr else {
            return Ok(Opened::bytes(self.as_bytes().unwrap_or_default(), self.progress.as_ref()));
        };
        let mut source = lock(source)?;
        source.start()?;
        Ok(Opened::stream(source, self.length(), self.progress.as_ref()))
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

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.repr, self.length()) {
            (Repr::Empty, _) => f.write_str("Body(empty)"),
            (Repr::Stream { .. }, Some(length)) => write!(f, "Body(stream of {length} bytes)"),
            (Repr::Stream { .. }, None) => f.write_str("Body(stream)"),
            (_, length) => write!(f, "Body({} bytes)", length.unwrap_or_default()),
        }
    }
}

/// A file is streamed from where it stands to its end (BOD-9): bytes that others append later are not sent. What has
/// no length, as a pipe, is sent chunked.
impl From<File> for Body {
    fn from(file: File) -> Body {
        let (source, length) = Source::file(file);
        Body::stream(length, source)
    }
}

/// A multipart form; its [`content_type`](FormReader::content_type) is for the caller to send.
/// [`Request::multipart`](crate::Request::multipart) does both.
impl From<FormReader> for Body {
    fn from(reader: FormReader) -> Body {
        Body::stream(reader.length(), Source::form(reader))
    }
}

impl From<()> for Body {
    fn from((): ()) -> Body {
        Body::empty()
    }
}

/// `None` is no body.
impl<T: Into<Body>> From<Option<T>> for Body {
    fn from(body: Option<T>) -> Body {
        body.map_or_else(Body::empty, Into::into)
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

impl<const N: usize> From<[u8; N]> for Body {
    fn from(bytes: [u8; N]) -> Body {
        Body::from(bytes.to_vec())
    }
}

/// Not copied.
impl From<Box<[u8]>> for Body {
    fn from(bytes: Box<[u8]>) -> Body {
        Body::from(bytes.into_vec())
    }
}

impl From<Cow<'_, [u8]>> for Body {
    fn from(bytes: Cow<'_, [u8]>) -> Body {
        Body::from(bytes.into_owned())
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
        Body::of(if bytes.is_empty() { Repr::Empty } else { Repr::Bytes(bytes) })
    }
}

#[cfg(test)]
mod tests;
