//! What a streamed body reads from, and how it goes back to where it began.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use reqs_multipart::FormReader;

use crate::error::{Error, ErrorKind, Result};

/// Where a streamed body's bytes come from.
pub(crate) struct Source {
    kind: Kind,
    /// Whether it was read from, or opened where it can go back, since it was made or rewound. What is read once and was
    /// not asked for yet, as after a refusal in place of `100 Continue`, can still be sent.
    used: bool,
}

enum Kind {
    File {
        file: File,
        start: u64,
    },
    Seekable {
        reader: Box<dyn ReadSeek>,
        start: u64,
    },
    Reader(Box<dyn Read + Send>),
    Chunks(Chunks),
    Form(Box<FormReader>),
    Factory {
        make: Make,
        reader: Option<Box<dyn Read + Send>>,
    },
    /// Measuring moved the reader and could not move it back: what it would give is not what the caller meant.
    Lost(Option<io::Error>),
}

/// Anything that a body can go back in.
trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Makes a reader for each time that the body is sent.
pub(crate) type Make = Box<dyn FnMut() -> io::Result<Box<dyn Read + Send>> + Send>;

/// The pieces of a body that is sent chunked, one chunk each.
pub(crate) type Items = Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>;

/// The pieces, and what of the last one a reader has not taken yet.
struct Chunks {
    items: Items,
    rest: io::Cursor<Vec<u8>>,
}

impl Source {
    /// A file from where it stands, and its length from there. What has no size of its own has no length: pipes,
    /// devices, and files that are made as they are read and call themselves empty (`/proc` on Linux).
    pub(crate) fn file(mut file: File) -> (Source, Option<u64>) {
        let size = match file.metadata() {
            Ok(metadata) if metadata.is_file() => metadata.len(),
            _ => return (Source::reader(file), None),
        };
        match file.stream_position() {
            Ok(start) => {
                let length = (size > 0).then(|| size.saturating_sub(start));
                (Source::of(Kind::File { file, start }), length)
            }
            Err(_) => (Source::reader(file), None),
        }
    }

    /// A reader from where it stands, and its length from there; where it cannot say where it stands it is read once
    /// (BOD-10, BOD-12).
    pub(crate) fn seekable(mut reader: impl Read + Seek + Send + 'static) -> (Source, Option<u64>) {
        let measured = reader.stream_position().and_then(|start| Ok((start, reader.seek(SeekFrom::End(0))?)));
        let Ok((start, end)) = measured else {
            return (Source::reader(reader), None);
        };
        if let Err(error) = reader.seek(SeekFrom::Start(start)) {
            return (Source::of(Kind::Lost(Some(error))), None);
        }
        let length = end.saturating_sub(start);
        (Source::of(Kind::Seekable { reader: Box::new(reader), start }), Some(length))
    }

    /// A reader that can be read once.
    pub(crate) fn reader(reader: impl Read + Send + 'static) -> Source {
        Source::of(Kind::Reader(Box::new(reader)))
    }

    /// An iterator, of which each item is one chunk.
    pub(crate) fn chunks(items: Items) -> Source {
        Source::of(Kind::Chunks(Chunks { items, rest: io::Cursor::default() }))
    }

    /// A multipart form.
    pub(crate) fn form(reader: FormReader) -> Source {
        Source::of(Kind::Form(Box::new(reader)))
    }

    /// A reader made when it is wanted, each time anew.
    pub(crate) fn factory(make: Make) -> Source {
        Source::of(Kind::Factory { make, reader: None })
    }

    fn of(kind: Kind) -> Source {
        Source { kind, used: false }
    }

    /// Makes it ready to be read from where it began.
    ///
    /// # Errors
    /// [`ErrorKind::UnrewindableBody`] where it was read before and cannot go back; [`ErrorKind::InvalidBody`] where
    /// it cannot be opened.
    pub(crate) fn start(&mut self) -> Result<()> {
        if self.used && !self.kind.can_go_back() {
            return Err(self.kind.gone());
        }
        match &mut self.kind {
            // A file's position is shared by every handle of it, so it is set before the first time too.
            Kind::File { .. } | Kind::Seekable { .. } => self.kind.go_back()?,
            Kind::Form(_) if self.used => self.kind.go_back()?,
            Kind::Factory { make, reader } => *reader = Some(make().map_err(unopened)?),
            Kind::Lost(error) => {
                let error = error.take().unwrap_or_else(|| io::Error::other("its position was lost"));
                return Err(lost(error));
            }
            Kind::Form(_) | Kind::Reader(_) | Kind::Chunks(_) => {}
        }
        self.used |= self.kind.can_go_back();
        Ok(())
    }

    /// Goes back to where it began.
    ///
    /// # Errors
    /// [`ErrorKind::UnrewindableBody`] where it was read from and cannot.
    pub(crate) fn rewind(&mut self) -> Result<()> {
        if !self.used {
            return Ok(());
        }
        if !self.kind.can_go_back() {
            return Err(self.kind.gone());
        }
        self.kind.go_back()?;
        self.used = false;
        Ok(())
    }

    /// Whether [`rewind`](Source::rewind) can work at this moment.
    pub(crate) fn can_rewind(&self) -> bool {
        !self.used || self.kind.can_go_back()
    }

    /// The file, for a transport that has a shorter way for files.
    pub(crate) fn as_file(&mut self) -> Option<&mut File> {
        match &mut self.kind {
            Kind::File { file, .. } => Some(file),
            _ => None,
        }
    }

    /// Whether it is a file that is sent from where it stood.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.kind, Kind::File { .. })
    }

    /// Whether a length that it has was somebody's word, not measured.
    pub(crate) fn is_stated(&self) -> bool {
        matches!(self.kind, Kind::Reader(_) | Kind::Chunks(_) | Kind::Factory { .. })
    }

    /// Whether it comes in pieces that are sent one chunk each.
    pub(crate) fn is_chunks(&self) -> bool {
        matches!(self.kind, Kind::Chunks(_))
    }

    /// The next piece of a source that [comes in pieces](Source::is_chunks).
    pub(crate) fn next_chunk(&mut self) -> Option<io::Result<Vec<u8>>> {
        self.used = true;
        match &mut self.kind {
            Kind::Chunks(chunks) => chunks.items.next(),
            _ => None,
        }
    }
}

impl Kind {
    fn can_go_back(&self) -> bool {
        match self {
            Kind::File { .. } | Kind::Seekable { .. } | Kind::Factory { .. } => true,
            Kind::Form(form) => form.can_rewind(),
            Kind::Reader(_) | Kind::Chunks(_) | Kind::Lost(_) => false,
        }
    }

    /// What who wants it a second time is told.
    fn gone(&self) -> Error {
        let message = match self {
            Kind::Form(_) => {
                "the form has a part that is read once, and cannot be sent again, unlike one of Part::seekable"
            }
            _ => {
                "the body is read once, and cannot be sent again, unlike one of Body::seekable or Body::factory"
            }
        };
        Error::new(ErrorKind::UnrewindableBody, message)
    }

    fn go_back(&mut self) -> Result<()> {
        let back = match self {
            Kind::File { file, start } => file.seek(SeekFrom::Start(*start)).map(drop),
            Kind::Seekable { reader, start } => reader.seek(SeekFrom::Start(*start)).map(drop),
            Kind::Form(form) => form.rewind().map_err(io::Error::other),
            Kind::Factory { reader, .. } => {
                *reader = None;
                Ok(())
            }
            Kind::Reader(_) | Kind::Chunks(_) | Kind::Lost(_) => Ok(()),
        };
        back.map_err(lost)
    }
}

impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.used = true;
        match &mut self.kind {
            Kind::File { file, .. } => file.read(buf),
            Kind::Seekable { reader, .. } => reader.read(buf),
            Kind::Reader(reader) | Kind::Factory { reader: Some(reader), .. } => reader.read(buf),
            Kind::Form(form) => form.read(buf),
            Kind::Chunks(chunks) => chunks.read(buf),
            Kind::Factory { reader: None, .. } | Kind::Lost(_) => {
                Err(io::Error::other("the body was not opened"))
            }
        }
    }
}

/// Pieces read one after the other, for a body of pieces whose length the caller stated.
impl Read for Chunks {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.rest.read(buf)?;
            if read > 0 || buf.is_empty() {
                return Ok(read);
            }
            match self.items.next() {
                Some(item) => self.rest = io::Cursor::new(item?),
                None => return Ok(0),
            }
        }
    }
}

fn unopened(error: io::Error) -> Error {
    Error::new(ErrorKind::InvalidBody, format!("the body could not be opened: {error}")).with_source(error)
}

fn lost(error: io::Error) -> Error {
    let message = format!("the body cannot go back to where it stood: {error}");
    Error::new(ErrorKind::UnrewindableBody, message).with_source(error)
}
