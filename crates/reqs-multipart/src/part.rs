//! One part of a form: its content, and what its header lines say.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use crate::Error;
use crate::source::Source;

/// One part of a [`Form`](crate::Form): content, and perhaps a file name, a content type and more headers.
///
/// Nothing is guessed from a file's name or bytes: a `Content-Type` is sent only where
/// [`content_type`](Part::content_type) gives one (MPT-5). Text, bytes and files turn into parts by themselves, and so
/// do Requests' tuples of file name, content and content type:
///
/// ```
/// use reqs_multipart::{Form, Part};
///
/// let form = Form::new()
///     .file("report", ("report.csv", "some,data,to,send\n", "text/csv"))
///     .file("photo", Part::bytes([0xff, 0xd8]).file_name("me.jpg").content_type("image/jpeg"))
///     .part("meta", Part::text(r#"{"draft":true}"#).content_type("application/json").header("X-Version", "2"));
/// assert!(form.length().is_some());
/// ```
#[must_use = "a part does nothing until a form has it"]
pub struct Part {
    pub(crate) source: Source,
    file_name: FileName,
    content_type: Option<String>,
    headers: Vec<(String, String)>,
}

/// What was said about the file name, which decides what [`Form::file`](crate::Form::file) adds (MPT-3, MPT-4).
enum FileName {
    Unsaid,
    None,
    Is(String),
}

impl Part {
    /// Text, sent as UTF-8.
    pub fn text(text: impl Into<String>) -> Part {
        Part::bytes(text.into())
    }

    /// Bytes. A `Vec<u8>` or `String` is taken as it is, slices and arrays are copied.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Part {
        Part::new(Source::bytes(bytes.into()))
    }

    /// The file at a path, under the last component of the path as its file name (SEC-70: no directory is told).
    ///
    /// It is opened at once, so that a wrong path is known before anything is sent; see [`file`](Part::file) for how
    /// it is read.
    ///
    /// # Errors
    /// [`Error::Open`], which names the path, when it cannot be opened or is a directory.
    pub fn path(path: impl AsRef<Path>) -> Result<Part, Error> {
        let path = path.as_ref();
        let file = open(path).map_err(|source| Error::Open { path: path.to_owned(), source })?;
        let part = Part::file(file);
        Ok(match path.file_name() {
            Some(name) => part.file_name(name.to_string_lossy()),
            None => part,
        })
    }

    /// An open file, from where it stands to its end (MPT-14), never held in memory. It has no file name: a `File` does not
    /// know its path, [`path`](Part::path) does.
    ///
    /// The length is the file's size now, less its position: bytes that others append later are not sent, and a file
    /// that has shrunk is [`Error::TooShort`]. The part can be sent again, from the same position. What is not a
    /// regular file, such as a pipe, is sent like a [`reader`](Part::reader).
    pub fn file(file: File) -> Part {
        Part::new(Source::file(file))
    }

    /// Any reader, to its end: the length is not known before that, so an HTTP client sends it chunked, and once.
    pub fn reader(reader: impl Read + Send + 'static) -> Part {
        Part::new(Source::stream(reader, None))
    }

    /// A reader that gives exactly `length` bytes and then ends; it can be sent once.
    ///
    /// Fewer bytes are [`Error::TooShort`], more are [`Error::TooLong`]. To send the first bytes of a longer stream,
    /// give it an end: `Part::sized(reader.take(n), n)`.
    pub fn sized(reader: impl Read + Send + 'static, length: u64) -> Part {
        Part::new(Source::stream(reader, Some(length)))
    }

    /// A reader that can seek, from where it stands to its end, with its length known. The part can be sent again, from
    /// the same position. A reader whose `seek` fails is sent like a [`reader`](Part::reader).
    pub fn seekable(reader: impl Read + Seek + Send + 'static) -> Part {
        Part::new(Source::seekable(reader))
    }

    /// Sets the file name. Empty is a file name too: `filename=""` (MPT-4).
    pub fn file_name(mut self, file_name: impl Into<String>) -> Part {
        self.file_name = FileName::Is(file_name.into());
        self
    }

    /// Sends no file name, also under [`Form::file`](crate::Form::file): a plain field (MPT-4).
    pub fn no_file_name(mut self) -> Part {
        self.file_name = FileName::None;
        self
    }

    /// Sets the `Content-Type` of the part. Empty sends none, which is the default (MPT-5).
    pub fn content_type(mut self, content_type: impl Into<String>) -> Part {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets one more header of the part; the same name, in any case, is set once, in its first place.
    ///
    /// The order is that of Requests: `Content-Disposition`, `Content-Type`, `Content-Location`, then the others as they
    /// were given. The first two are written from the part itself and ignored here, as is a header with an empty
    /// value (MPT-6). A name or value that cannot be a header's is an error when the form is read.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Part {
        let (name, value) = (name.into(), value.into());
        match self.headers.iter_mut().find(|(set, _)| set.eq_ignore_ascii_case(&name)) {
            Some(header) => *header = (name, value),
            None => self.headers.push((name, value)),
        }
        self
    }

    /// The length of the content in bytes; `None` when only reading it will tell.
    pub fn length(&self) -> Option<u64> {
        self.source.length()
    }

    /// Whether the content can be read again from where it began: text, bytes, files, seekable readers.
    pub fn can_rewind(&self) -> bool {
        self.source.can_rewind()
    }

    fn new(source: Source) -> Part {
        Part { source, file_name: FileName::Unsaid, content_type: None, headers: Vec::new() }
    }

    /// The file name of a part that is a file whatever was said of it: the field's name where nothing was (MPT-3).
    pub(crate) fn named_after(self, field: &str) -> Part {
        match self.file_name {
            FileName::Unsaid => self.file_name(field),
            FileName::None | FileName::Is(_) => self,
        }
    }

    pub(crate) fn file_name_text(&self) -> Option<&str> {
        match &self.file_name {
            FileName::Is(name) => Some(name),
            FileName::None | FileName::Unsaid => None,
        }
    }

    pub(crate) fn content_type_text(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    pub(crate) fn header_list(&self) -> &[(String, String)] {
        &self.headers
    }
}

/// Names, sizes and header names; never the content or a header's value.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Part")
            .field("file_name", &self.file_name_text())
            .field("content_type", &self.content_type)
            .field("headers", &headers)
            .field("length", &self.length())
            .finish()
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Part {
        Part::text(text)
    }
}

impl From<String> for Part {
    fn from(text: String) -> Part {
        Part::text(text)
    }
}

impl From<&String> for Part {
    fn from(text: &String) -> Part {
        Part::text(text)
    }
}

impl From<Cow<'_, str>> for Part {
    fn from(text: Cow<'_, str>) -> Part {
        Part::text(text)
    }
}

impl From<Vec<u8>> for Part {
    fn from(bytes: Vec<u8>) -> Part {
        Part::bytes(bytes)
    }
}

impl From<&Vec<u8>> for Part {
    fn from(bytes: &Vec<u8>) -> Part {
        Part::bytes(bytes.as_slice())
    }
}

impl From<&[u8]> for Part {
    fn from(bytes: &[u8]) -> Part {
        Part::bytes(bytes)
    }
}

impl<const N: usize> From<&[u8; N]> for Part {
    fn from(bytes: &[u8; N]) -> Part {
        Part::bytes(bytes)
    }
}

impl<const N: usize> From<[u8; N]> for Part {
    fn from(bytes: [u8; N]) -> Part {
        Part::bytes(bytes)
    }
}

/// Not copied.
impl From<Box<[u8]>> for Part {
    fn from(bytes: Box<[u8]>) -> Part {
        Part::bytes(bytes)
    }
}

impl From<Cow<'_, [u8]>> for Part {
    fn from(bytes: Cow<'_, [u8]>) -> Part {
        Part::bytes(bytes)
    }
}

/// See [`Part::file`].
impl From<File> for Part {
    fn from(file: File) -> Part {
        Part::file(file)
    }
}

/// File name and content (MPT-1).
impl<N: Into<String>, C: Into<Part>> From<(N, C)> for Part {
    fn from((file_name, content): (N, C)) -> Part {
        content.into().file_name(file_name)
    }
}

/// File name, content and content type (MPT-1).
impl<N: Into<String>, C: Into<Part>, T: Into<String>> From<(N, C, T)> for Part {
    fn from((file_name, content, content_type): (N, C, T)) -> Part {
        content.into().file_name(file_name).content_type(content_type)
    }
}

/// File name, content, content type and headers (MPT-1).
impl<N, C, T, H, K, V> From<(N, C, T, H)> for Part
where
    N: Into<String>,
    C: Into<Part>,
    T: Into<String>,
    H: IntoIterator<Item = (K, V)>,
    K: Into<String>,
    V: Into<String>,
{
    fn from((file_name, content, content_type, headers): (N, C, T, H)) -> Part {
        let part = content.into().file_name(file_name).content_type(content_type);
        headers.into_iter().fold(part, |part, (name, value)| part.header(name, value))
    }
}

/// Opens a file; a directory, which opens on some systems and only fails when read, is refused.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    match file.metadata()?.is_dir() {
        true => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        false => Ok(file),
    }
}
