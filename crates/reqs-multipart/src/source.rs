//! Where a part's bytes come from: memory, a thing that seeks, or a stream; its length, and going back to its start.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// The content of one part and how many bytes it will give.
pub(crate) struct Source {
    content: Content,
    length: Option<u64>,
}

enum Content {
    Bytes(Vec<u8>),
    /// `start` is where the reader stood when the part was made: content begins there, also after a rewind.
    Seekable {
        reader: Box<dyn ReadSeek>,
        start: u64,
    },
    /// `stated`: the length is the caller's word, so that more bytes are a contradiction.
    Stream {
        reader: Box<dyn Read + Send>,
        stated: bool,
    },
    /// Measuring moved the reader and could not move it back: what it would give is not what the caller meant.
    Lost(Option<io::Error>),
}

pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<R: Read + Seek + Send> ReadSeek for R {}

/// What one call for content came to.
pub(crate) enum Step {
    /// So many bytes, and there may be more.
    Bytes(usize),
    /// The content is complete.
    End,
    /// The content ended before its length.
    TooShort,
    /// The content goes on after its length.
    TooLong,
}

impl Source {
    pub(crate) fn bytes(bytes: Vec<u8>) -> Source {
        Source { length: Some(bytes.len() as u64), content: Content::Bytes(bytes) }
    }

    pub(crate) fn stream(reader: impl Read + Send + 'static, length: Option<u64>) -> Source {
        Source { content: Content::Stream { reader: Box::new(reader), stated: length.is_some() }, length }
    }

    /// From where the reader stands to its end. A reader that cannot say where it stands is a stream.
    pub(crate) fn seekable(mut reader: impl Read + Seek + Send + 'static) -> Source {
        let measured = reader.stream_position().and_then(|start| Ok((start, reader.seek(SeekFrom::End(0))?)));
        let Ok((start, end)) = measured else {
            return Source::stream(reader, None);
        };
        if let Err(error) = reader.seek(SeekFrom::Start(start)) {
            return Source { content: Content::Lost(Some(error)), length: None };
        }
        let length = Some(end.saturating_sub(start));
        Source { content: Content::Seekable { reader: Box::new(reader), start }, length }
    }

    /// From where the file stands to its end as it is now (MPT-14). Pipes and devices are streams.
    pub(crate) fn file(mut file: File) -> Source {
        let size = match file.metadata() {
            Ok(metadata) if metadata.is_file() => metadata.len(),
            _ => return Source::stream(file, None),
        };
        let Ok(start) = file.stream_position() else {
            return Source::stream(file, None);
        };
        // Files that are made as they are read (`/proc` on Linux) call themselves empty.
        let known = match size {
            0 => is_at_end(&mut file, start),
            _ => Ok(true),
        };
        match known {
            Ok(known) => {
                let length = known.then(|| size.saturating_sub(start));
                Source { content: Content::Seekable { reader: Box::new(file), start }, length }
            }
            Err(error) => Source { content: Content::Lost(Some(error)), length: None },
        }
    }

    /// How many bytes the content has; `None` when only reading it will tell.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// The content where it is in memory.
    pub(crate) fn in_memory(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn can_rewind(&self) -> bool {
        matches!(self.content, Content::Bytes(_) | Content::Seekable { .. })
    }

    /// Goes to where the content begins. It is called before the first byte is read too: handles of one file share a
    /// position, which another part may have moved.
    pub(crate) fn seek_to_start(&mut self) -> io::Result<()> {
        match &mut self.content {
            Content::Seekable { reader, start } => reader.seek(SeekFrom::Start(*start)).map(drop),
            Content::Lost(error) => {
                Err(error.take().unwrap_or_else(|| io::Error::other("its position was lost")))
            }
            Content::Bytes(_) | Content::Stream { .. } => Ok(()),
        }
    }

    /// The next bytes, `done` of them having been read before, into `out`, which is not empty.
    pub(crate) fn read(&mut self, done: u64, out: &mut [u8]) -> io::Result<Step> {
        let left = self.length.map(|length| length.saturating_sub(done));
        let room = left
            .map_or(out.len(), |left| usize::try_from(left).map_or(out.len(), |left| left.min(out.len())));
        let (reader, stated): (&mut dyn Read, bool) = match &mut self.content {
            Content::Bytes(bytes) => {
                let rest = usize::try_from(done).ok().and_then(|done| bytes.get(done..)).unwrap_or_default();
                out[..room].copy_from_slice(&rest[..room]);
                return Ok(if room == 0 { Step::End } else { Step::Bytes(room) });
            }
            Content::Seekable { reader, .. } => (reader, false),
            Content::Stream { reader, stated } => (reader, *stated),
            Content::Lost(_) => return Err(io::Error::other("its position was lost")),
        };
        if left == Some(0) {
            // One byte more tells a stated length from a wrong one, before anything is sent after it.
            return Ok(if stated && reader.read(&mut [0])? > 0 { Step::TooLong } else { Step::End });
        }
        match reader.read(&mut out[..room])? {
            0 if left.is_some() => Ok(Step::TooShort),
            0 => Ok(Step::End),
            read if read > room => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "it claims more bytes than it had room for"))
            }
            read => Ok(Step::Bytes(read)),
        }
    }
}

/// Whether a file ends where it stands, and stands there still. One that cannot be read says so when it is.
fn is_at_end(file: &mut File, start: u64) -> io::Result<bool> {
    let at_end = matches!(file.read(&mut [0]), Ok(0));
    file.seek(SeekFrom::Start(start))?;
    Ok(at_end)
}
