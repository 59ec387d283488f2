//! The bytes of a form: heads from one block, contents from wherever they are, never more of them in memory than the
//! caller's buffer holds.

use std::fmt;
use std::io::{self, Read};

use crate::form::Frame;
use crate::part::Part;
use crate::source::Step;
use crate::{Boundary, Error};

pub(crate) type Progress = Box<dyn FnMut(u64, Option<u64>) + Send>;

/// The body of a [`Form`](crate::Form) as a reader of constant memory.
///
/// Large reads go from a part's reader straight into the caller's buffer, and one read goes over as many parts as fit:
/// a small form is one read. A part that does not keep to its length, or whose reader fails, ends the body with an
/// error before anything stands behind it that a server could take for a complete form; the error is an [`Error`]
/// inside the [`io::Error`].
pub struct FormReader {
    boundary: Boundary,
    frame: Frame,
    parts: Vec<(String, Part)>,
    length: Option<u64>,
    progress: Option<Progress>,
    place: Place,
    sent: u64,
    state: State,
}

/// How far the body has been read.
#[derive(Default)]
struct Place {
    /// Bytes of the frame.
    frame: usize,
    /// Parts whose content is complete.
    part: usize,
    /// Bytes of the content of the part after those.
    content: u64,
    /// Whether that content was begun.
    begun: bool,
}

enum State {
    Good,
    /// A part failed while bytes before it were still to be handed out.
    Failing(Error),
    Failed,
}

impl FormReader {
    pub(crate) fn new(
        boundary: Boundary,
        frame: Frame,
        parts: Vec<(String, Part)>,
        length: Option<u64>,
        progress: Option<Progress>,
    ) -> FormReader {
        FormReader {
            boundary,
            frame,
            parts,
            length,
            progress,
            place: Place::default(),
            sent: 0,
            state: State::Good,
        }
    }

    /// Goes back to the first byte: every part to where it stood when it was made (MPT-17).
    ///
    /// A part that can be read only once does no harm as long as it was not read from.
    ///
    /// # Errors
    /// [`Error::NotRewindable`] and [`Error::Rewind`], which name the part.
    pub fn rewind(&mut self) -> Result<(), Error> {
        let begun = self.place.part + usize::from(self.place.begun);
        for (field, part) in self.parts.iter_mut().take(begun) {
            if !part.can_rewind() {
                return Err(Error::NotRewindable { field: field.clone() });
            }
            part.source.seek_to_start().map_err(|source| Error::Rewind { field: field.clone(), source })?;
        }
        self.place = Place::default();
        self.sent = 0;
        self.state = State::Good;
        Ok(())
    }

    /// What is left of the body, in memory.
    ///
    /// # Errors
    /// Those of reading a part: [`Error::Read`], [`Error::TooShort`], [`Error::TooLong`].
    pub fn into_vec(mut self) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        match self.read_to_end(&mut body) {
            Ok(_) => Ok(body),
            Err(error) => {
                Err(error.downcast().unwrap_or_else(|source| Error::Read { field: self.field(), source }))
            }
        }
    }

    /// The `Content-Type` to send with the body: `multipart/form-data; boundary=…`.
    pub fn content_type(&self) -> String {
        self.boundary.content_type("form-data")
    }

    /// How many bytes the whole body has, read or not; `None` when only reading it will tell.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// How many bytes have been read.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Whether every part can be read again, so that [`rewind`](FormReader::rewind) will work after any read.
    pub fn can_rewind(&self) -> bool {
        self.parts.iter().all(|(_, part)| part.can_rewind())
    }

    /// Fills `out` as far as the parts give bytes without being asked twice. `filled` counts also when it fails.
    fn fill(&mut self, out: &mut [u8], filled: &mut usize) -> Result<(), Stop> {
        while *filled < out.len() {
            let room = &mut out[*filled..];
            let frame_end = self.frame.content_at.get(self.place.part).copied();
            let framing = &self.frame.bytes[self.place.frame..frame_end.unwrap_or(self.frame.bytes.len())];
            if !framing.is_empty() {
                let count = framing.len().min(room.len());
                room[..count].copy_from_slice(&framing[..count]);
                self.place.frame += count;
                *filled += count;
                continue;
            }
            let Some((field, part)) = self.parts.get_mut(self.place.part) else {
                return Ok(());
            };
            if !self.place.begun {
                self.place.begun = true;
                part.source.seek_to_start().map_err(|error| Stop::of(field, error))?;
            }
            let room_for = room.len();
            match part.source.read(self.place.content, room).map_err(|error| Stop::of(field, error))? {
                Step::Bytes(count) => {
                    self.place.content += count as u64;
                    *filled += count;
                    let complete = part.length() == Some(self.place.content);
                    if count < room_for && !complete {
                        // The reader has no more at hand: another call might wait, and these bytes need not.
                        return Ok(());
                    }
                }
                Step::End => {
                    self.place.part += 1;
                    self.place.content = 0;
                    self.place.begun = false;
                }
                Step::TooShort => {
                    let (length, read) = (part.length().unwrap_or_default(), self.place.content);
                    return Err(Stop::Failure(Error::TooShort { field: field.clone(), length, read }));
                }
                Step::TooLong => {
                    let length = part.length().unwrap_or_default();
                    return Err(Stop::Failure(Error::TooLong { field: field.clone(), length }));
                }
            }
        }
        Ok(())
    }

    /// The name of the field that is being read.
    fn field(&self) -> String {
        self.parts.get(self.place.part).map(|(field, _)| field.clone()).unwrap_or_default()
    }
}

/// Why a read ended early.
enum Stop {
    /// `Interrupted` and `WouldBlock`: nothing is lost, the same call can be made again.
    Pause(io::Error),
    Failure(Error),
}

impl Stop {
    fn of(field: &str, source: io::Error) -> Stop {
        match source.kind() {
            io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => Stop::Pause(source),
            _ => Stop::Failure(Error::Read { field: field.to_owned(), source }),
        }
    }
}

impl Read for FormReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Good => self.state = State::Good,
            State::Failing(error) => return Err(error.into()),
            State::Failed => return Err(Error::ReadAfterFailure.into()),
        }
        let mut filled = 0;
        match self.fill(out, &mut filled) {
            Ok(()) => {}
            Err(Stop::Pause(error)) if filled == 0 => return Err(error),
            Err(Stop::Pause(_)) => {}
            Err(Stop::Failure(error)) if filled == 0 => {
                self.state = State::Failed;
                return Err(error.into());
            }
            Err(Stop::Failure(error)) => self.state = State::Failing(error),
        }
        self.sent += filled as u64;
        if let Some(progress) = self.progress.as_mut().filter(|_| filled > 0) {
            progress(self.sent, self.length);
        }
        Ok(filled)
    }

    fn read_to_end(&mut self, out: &mut Vec<u8>) -> io::Result<usize> {
        let left = self.length.and_then(|length| usize::try_from(length - self.sent).ok());
        // Only a hint: a length that somebody stated may be beyond any memory, and then reading says what is wrong.
        let _ = out.try_reserve(left.unwrap_or(0));
        self.by_ref().take(u64::MAX).read_to_end(out)
    }
}

/// The names and sizes of the parts, never their contents.
impl fmt::Debug for FormReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.parts.iter().map(|(name, part)| (name, part)).collect();
        f.debug_struct("FormReader")
            .field("boundary", &self.boundary)
            .field("parts", &parts)
            .field("length", &self.length)
            .field("sent", &self.sent)
            .finish()
    }
}

const _: () = {
    const fn crosses_threads<T: Send + 'static>() {}
    crosses_threads::<FormReader>();
    crosses_threads::<crate::Form>();
    crosses_threads::<Part>();
};
