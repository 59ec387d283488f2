//! The ways of reading a body as it arrives: in pieces, in lines, into a file, or whole after all.

use std::io::{self, Read, Write};

use crate::content::Content;
use crate::error::{Error, ErrorKind, Result};
use crate::lines::Lines;
use crate::response::{Response, Stream};

impl Response<Stream> {
    /// Reads what is left of the body, and gives the response with it.
    ///
    /// # Errors
    /// A body that breaks off, is badly framed or coded, or stalls; see [`ErrorKind`].
    /// [`ErrorKind::StreamConsumed`] where part of it was already read, since a piece is not the content (RES-6).
    pub fn load(self) -> Result<Response> {
        let Response { head, body } = self;
        if body.has_begun() {
            let message = "the content for this response was already consumed, in part or in whole";
            return Err(Error::new(ErrorKind::StreamConsumed, message));
        }
        let content = body.read_all()?;
        Ok(Response { head, body: Content(content) })
    }

    /// The response with the beginning of its body; what cannot be read is left out.
    pub(crate) fn load_at_most(self, limit: u64) -> Response {
        let Response { head, body } = self;
        let mut content = Vec::new();
        let _ = body.take(limit).read_to_end(&mut content);
        Response { head, body: Content(content) }
    }

    /// The body in pieces of `size` decoded bytes, the last one shorter. (Requests: `iter_content`.) Of a chunked
    /// body no piece spans two chunks.
    pub fn iter_content(&mut self, size: usize) -> Pieces<'_> {
        Pieces { body: &mut self.body, size: size.max(1), ended: false }
    }

    /// The body's lines as bytes, without their ends, which are `\n`, `\r\n` or `\r`, wherever the pieces that arrive
    /// are cut. (Requests: `iter_lines`.)
    pub fn iter_lines(&mut self) -> Lines<'_> {
        Lines::new(&mut self.body)
    }

    /// Writes the decoded body, and tells how many bytes that were.
    ///
    /// # Errors
    /// As [`load`](Response::load), or what the writer says.
    pub fn copy_to<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<u64> {
        Ok(io::copy(&mut self.body, writer)?)
    }

    /// The body as it came, codings and all. (Requests: `raw`.)
    pub fn raw(&mut self) -> Raw<'_> {
        Raw(&mut self.body)
    }

    /// Gives the connection up without reading the rest, as dropping does. (Requests: `close`.)
    pub fn close(self) {}
}

impl Read for Response<Stream> {
    /// Decoded bytes; an error inside is a [`crate::Error`], which `?` gives back as it was.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.body.read(out)
    }
}

impl From<Response> for Response<Stream> {
    fn from(response: Response) -> Response<Stream> {
        let Response { head, body } = response;
        Response { head, body: Stream::held(body.0) }
    }
}

/// Pieces of a body; see [`Response::iter_content`].
#[derive(Debug)]
pub struct Pieces<'a> {
    body: &'a mut Stream,
    size: usize,
    ended: bool,
}

impl Iterator for Pieces<'_> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Result<Vec<u8>>> {
        if self.ended {
            return None;
        }
        let fills = self.body.decoded_length().is_some();
        let mut piece = vec![0; self.size];
        let mut filled = 0;
        while filled < piece.len() {
            match self.body.read(&mut piece[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => filled += n,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error.into()));
                }
            }
            if !fills {
                break;
            }
        }
        piece.truncate(filled);
        (filled > 0).then_some(Ok(piece))
    }
}

/// A body as it came; see [`Response::raw`].
#[derive(Debug)]
pub struct Raw<'a>(&'a mut Stream);

impl Read for Raw<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        Ok(self.0.read_raw(out)?)
    }
}
