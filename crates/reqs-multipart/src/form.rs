//! The form while it is put together: parts in order, and the boundary between them.

use std::fmt;

use crate::part::Part;
use crate::reader::{FormReader, Progress};
use crate::{Boundary, Error, head};

/// A `multipart/form-data` body: an ordered list of named parts (RFC 7578).
///
/// Put together by chaining, then turned into a [`FormReader`] that gives the bytes. What is wrong with a name, header
/// or boundary waits for [`into_reader`](Form::into_reader), so that the chain needs no `?`.
///
/// ```
/// use std::io::Read;
/// use reqs_multipart::Form;
///
/// let form = Form::new().boundary("XX").text("user", "ada").file("notes", ("notes.txt", "1843"));
/// assert_eq!(form.content_type(), "multipart/form-data; boundary=XX");
/// assert_eq!(form.length(), Some(148));
///
/// let mut body = String::new();
/// form.into_reader()?.read_to_string(&mut body)?;
/// assert_eq!(
///     body,
///     "--XX\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nada\r\n\
///      --XX\r\nContent-Disposition: form-data; name=\"notes\"; filename=\"notes.txt\"\r\n\r\n1843\r\n\
///      --XX--\r\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a form does nothing until it is read"]
pub struct Form {
    boundary: Result<Boundary, Error>,
    /// A random boundary is in no content; one that somebody chose may be.
    boundary_was_set: bool,
    parts: Vec<(String, Part)>,
    progress: Option<Progress>,
}

impl Form {
    /// An empty form with a boundary of its own: 32 hex digits from the operating system's randomness (MPT-10, SEC-76).
    pub fn new() -> Form {
        Form { boundary: Boundary::random(), boundary_was_set: false, parts: Vec::new(), progress: None }
    }

    /// Adds a field of text: no file name, no content type (MPT-8).
    pub fn text(self, name: impl Into<String>, value: impl Into<String>) -> Form {
        self.part(name, Part::text(value))
    }

    /// Adds a file: content, a [`Part`], or a tuple of file name and content. Text is the content itself, never a path: that
    /// is [`Part::path`]. Several may have the same field name.
    ///
    /// Where nothing was said about the file name it is the field's name, since without one a server would take the
    /// part for text (MPT-3, as Requests does it). [`Part::no_file_name`] prevents that.
    pub fn file(self, name: impl Into<String>, file: impl Into<Part>) -> Form {
        let name = name.into();
        let part = file.into().named_after(&name);
        self.part(name, part)
    }

    /// Adds a part as it is: it has a file name only if it says so.
    pub fn part(mut self, name: impl Into<String>, part: impl Into<Part>) -> Form {
        self.parts.push((name.into(), part.into()));
        self
    }

    /// Sets the boundary, for tests that want exact bytes. It must keep to RFC 2046's grammar, and is looked for in
    /// the contents that are in memory; files and readers with it would be read wrongly by the server, so leave the
    /// choice to [`new`](Form::new) elsewhere.
    pub fn boundary(mut self, boundary: impl Into<String>) -> Form {
        self.boundary = Boundary::new(boundary);
        self.boundary_was_set = true;
        self
    }

    /// Calls a function after each read with the number of bytes read so far, and the length where it is known.
    ///
    /// After a rewind the count starts again at 0. (requests-toolbelt: `MultipartEncoderMonitor`.)
    pub fn on_progress(mut self, progress: impl FnMut(u64, Option<u64>) + Send + 'static) -> Form {
        self.progress = Some(Box::new(progress));
        self
    }

    /// The `Content-Type` to send with the body: `multipart/form-data; boundary=…`.
    ///
    /// Without a valid boundary, which [`into_reader`](Form::into_reader) reports, the parameter is missing.
    pub fn content_type(&self) -> String {
        match &self.boundary {
            Ok(boundary) => boundary.content_type("form-data"),
            Err(_) => "multipart/form-data".to_owned(),
        }
    }

    /// How many bytes the whole body has: known before the first is read whenever every part's length is.
    pub fn length(&self) -> Option<u64> {
        let boundary = self.boundary.as_ref().ok()?;
        let frame = Frame::new(boundary, &self.parts);
        total(&frame, &self.parts)
    }

    /// Whether every part can be read again, so that [`FormReader::rewind`] will work.
    pub fn can_rewind(&self) -> bool {
        self.parts.iter().all(|(_, part)| part.can_rewind())
    }

    /// Whether every content is in memory already, and nobody [watches](Form::on_progress) it being sent: then
    /// [`into_vec`](Form::into_vec) at once is as good as reading, and shorter.
    pub fn is_in_memory(&self) -> bool {
        self.progress.is_none() && self.parts.iter().all(|(_, part)| part.source.in_memory().is_some())
    }

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there are no parts; the body is then the closing delimiter alone (MPT-13).
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The body as a reader.
    ///
    /// # Errors
    /// [`Error::InvalidBoundary`], [`Error::BoundaryInContent`] or [`Error::Random`] about the boundary;
    /// [`Error::InvalidHeaderName`] and [`Error::InvalidHeaderValue`] with the name of the field.
    pub fn into_reader(self) -> Result<FormReader, Error> {
        let boundary = self.boundary?;
        for (field, part) in &self.parts {
            head::check(field, part)?;
            let content = part.source.in_memory().filter(|_| self.boundary_was_set);
            if content.is_some_and(|content| has_delimiter(content, &boundary)) {
                return Err(Error::BoundaryInContent { field: field.clone() });
            }
        }
        let frame = Frame::new(&boundary, &self.parts);
        let length = total(&frame, &self.parts);
        Ok(FormReader::new(boundary, frame, self.parts, length, self.progress))
    }

    /// The whole body in memory.
    ///
    /// # Errors
    /// Those of [`into_reader`](Form::into_reader), and those of reading a part.
    pub fn into_vec(self) -> Result<Vec<u8>, Error> {
        self.into_reader()?.into_vec()
    }
}

impl Default for Form {
    fn default() -> Form {
        Form::new()
    }
}

/// The names, sizes and header names of the parts, never their contents.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.parts.iter().map(|(name, part)| (name, part)).collect();
        let boundary: &dyn fmt::Debug = match &self.boundary {
            Ok(boundary) => boundary,
            Err(error) => error,
        };
        f.debug_struct("Form").field("boundary", boundary).field("parts", &parts).finish()
    }
}

/// Adds pairs as parts: text, bytes or whole [`Part`]s.
impl<N: Into<String>, P: Into<Part>> Extend<(N, P)> for Form {
    fn extend<I: IntoIterator<Item = (N, P)>>(&mut self, pairs: I) {
        self.parts.extend(pairs.into_iter().map(|(name, part)| (name.into(), part.into())));
    }
}

impl<N: Into<String>, P: Into<Part>> FromIterator<(N, P)> for Form {
    fn from_iter<I: IntoIterator<Item = (N, P)>>(pairs: I) -> Form {
        let mut form = Form::new();
        form.extend(pairs);
        form
    }
}

/// Everything in a body that is not content, in one block: before each part the delimiter and the head, and the closing
/// delimiter (MPT-9).
pub(crate) struct Frame {
    pub(crate) bytes: Vec<u8>,
    /// Where in `bytes` each part's content belongs.
    pub(crate) content_at: Vec<usize>,
}

impl Frame {
    fn new(boundary: &Boundary, parts: &[(String, Part)]) -> Frame {
        /// What one part needs besides its names and boundary: rarely exceeded, and only a matter of allocation.
        const USUAL_HEAD: usize = 96;
        let names: usize =
            parts.iter().map(|(field, part)| field.len() + part.file_name_text().map_or(0, str::len)).sum();
        let usual = (parts.len() + 1) * (boundary.as_str().len() + USUAL_HEAD) + names;
        let mut bytes = Vec::with_capacity(usual);
        let mut content_at = Vec::with_capacity(parts.len());
        for (index, (field, part)) in parts.iter().enumerate() {
            delimiter(&mut bytes, index, boundary);
            bytes.extend_from_slice(b"\r\n");
            head::render(&mut bytes, field, part);
            content_at.push(bytes.len());
        }
        delimiter(&mut bytes, parts.len(), boundary);
        bytes.extend_from_slice(b"--\r\n");
        Frame { bytes, content_at }
    }
}

/// The line break before a delimiter belongs to it (RFC 2046 §5.1.1); before the first there is nothing to end.
fn delimiter(out: &mut Vec<u8>, index: usize, boundary: &Boundary) {
    out.extend_from_slice(if index == 0 { b"--" } else { b"\r\n--" });
    out.extend_from_slice(boundary.as_str().as_bytes());
}

/// `None` also when the sum is beyond 64 bits: such a body has no length that a header could state.
fn total(frame: &Frame, parts: &[(String, Part)]) -> Option<u64> {
    parts.iter().try_fold(frame.bytes.len() as u64, |sum, (_, part)| sum.checked_add(part.length()?))
}

/// Whether a line of the content starts like a delimiter.
fn has_delimiter(content: &[u8], boundary: &Boundary) -> bool {
    let line = [b"--", boundary.as_str().as_bytes()].concat();
    let mut at = 0;
    loop {
        if content[at..].starts_with(&line) {
            return true;
        }
        match content[at..].windows(2).position(|pair| pair == b"\r\n") {
            Some(line_break) => at += line_break + 2,
            None => return false,
        }
    }
}
