//! Lines out of bytes, the same whichever way the bytes are cut, and each byte looked at once however long a line is.

use memchr::{memchr2, memmem};

use crate::error::{Error, ErrorKind, Result};
use crate::response::{Response, Stream};

impl Response<Stream> {
    /// The body's lines as bytes, without their ends, which are `\n`, `\r\n` or `\r`, wherever the pieces that arrive
    /// are cut. (Requests: `iter_lines`.)
    ///
    /// An end at the very end of the body begins no other line. Empty lines are given; some servers send them to keep
    /// a connection alive. Lines that are not taken stay in the body: who asks again gets the next one.
    ///
    /// ```no_run
    /// let mut r = reqs::get("https://httpbin.org/stream/20").stream()?;
    /// for line in r.iter_lines() {
    ///     let event: serde_json::Value = serde_json::from_slice(&line?).unwrap();
    ///     println!("{}", event["id"]);
    /// }
    /// # Ok::<(), reqs::Error>(())
    /// ```
    ///
    /// # Errors
    /// Items are errors as those of [`load`](Response::load), or [`ErrorKind::StreamConsumed`] where the body was read
    /// to its end before; after one there are no more.
    pub fn iter_lines(&mut self) -> Lines<'_> {
        Lines { response: self, delimiter: None, line: Vec::new(), is_due: false, ended: false }
    }
}

/// A body's lines; see [`Response::iter_lines`].
#[derive(Debug)]
pub struct Lines<'a> {
    response: &'a mut Response<Stream>,
    delimiter: Option<Vec<u8>>,
    /// What has come of the line that is being read.
    line: Vec<u8>,
    /// Whether a delimiter came last, so that what comes next is a line, even if nothing does.
    is_due: bool,
    ended: bool,
}

impl Lines<'_> {
    /// Splits at each occurrence of these bytes, and at nothing else, as splitting the whole body would: a body that
    /// ends with them ends with an empty line. (Requests: `delimiter=`.) An empty body has no lines.
    ///
    /// ```no_run
    /// let mut r = reqs::get("https://example.com/records").stream()?;
    /// for record in r.iter_lines().delimiter("\0") {
    ///     println!("{} bytes", record?.len());
    /// }
    /// # Ok::<(), reqs::Error>(())
    /// ```
    #[must_use]
    pub fn delimiter(mut self, delimiter: impl Into<Vec<u8>>) -> Self {
        self.delimiter = Some(delimiter.into());
        self
    }

    /// The next line; `None` at the end.
    fn read(&mut self) -> Result<Option<Vec<u8>>> {
        match self.delimiter.take() {
            None => self.read_line(),
            Some(delimiter) if delimiter.is_empty() => {
                Err(Error::new(ErrorKind::InvalidOption, "an empty delimiter splits nothing"))
            }
            Some(delimiter) => {
                let read = self.read_until(&delimiter);
                self.delimiter = Some(delimiter);
                read
            }
        }
    }

    fn read_line(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            let after_cr = self.response.body.is_after_cr();
            let ready = self.response.settled()?.fill()?;
            if ready.is_empty() {
                return Ok(self.take_last());
            }
            let skipped = usize::from(after_cr && ready[0] == b'\n');
            let rest = &ready[skipped..];
            let Some(at) = memchr2(b'\n', b'\r', rest) else {
                let n = ready.len();
                self.line.extend_from_slice(rest);
                self.response.body.consume(n);
                continue;
            };
            self.line.extend_from_slice(&rest[..at]);
            let (taken, after_cr) = match &rest[at..] {
                [b'\r', b'\n', ..] => (at + 2, false),
                [b'\r'] => (at + 1, true),
                _ => (at + 1, false),
            };
            self.response.body.consume(skipped + taken);
            if after_cr {
                self.response.body.note_cr();
            }
            return Ok(Some(std::mem::take(&mut self.line)));
        }
    }

    fn read_until(&mut self, delimiter: &[u8]) -> Result<Option<Vec<u8>>> {
        loop {
            let ready = self.response.settled()?.fill()?;
            if ready.is_empty() {
                return Ok(self.take_last());
            }
            self.is_due = false;
            // A delimiter may begin in what came before: its first bytes are at the end of the line.
            let overlap = self.line.len().min(delimiter.len() - 1);
            let kept = self.line.len() - overlap;
            let seam_end = ready.len().min(delimiter.len() - 1);
            let seam =
                if overlap > 0 { [&self.line[kept..], &ready[..seam_end]].concat() } else { Vec::new() };
            let taken = match memmem::find(&seam, delimiter) {
                Some(at) => {
                    self.line.truncate(kept + at);
                    at + delimiter.len() - overlap
                }
                None => match memmem::find(ready, delimiter) {
                    Some(at) => {
                        self.line.extend_from_slice(&ready[..at]);
                        at + delimiter.len()
                    }
                    None => {
                        let n = ready.len();
                        self.line.extend_from_slice(ready);
                        self.response.body.consume(n);
                        continue;
                    }
                },
            };
            self.response.body.consume(taken);
            self.is_due = true;
            return Ok(Some(std::mem::take(&mut self.line)));
        }
    }

    /// What the end of the body leaves.
    fn take_last(&mut self) -> Option<Vec<u8>> {
        let is_due = std::mem::take(&mut self.is_due);
        (is_due || !self.line.is_empty()).then(|| std::mem::take(&mut self.line))
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Result<Vec<u8>>> {
        if self.ended {
            return None;
        }
        if let Some(error) = self.response.already_consumed() {
            self.ended = true;
            return Some(Err(error));
        }
        match self.read() {
            Ok(Some(line)) => Some(Ok(line)),
            Ok(None) => {
                self.ended = true;
                self.response.body.note_end();
                None
            }
            Err(error) => {
                self.ended = true;
                Some(Err(self.response.named(error)))
            }
        }
    }
}

impl std::iter::FusedIterator for Lines<'_> {}

/// The lines of bytes that are all there, as [`Response::iter_lines`] has them.
pub(crate) fn split(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(at) = memchr2(b'\n', b'\r', rest) else { return Some(std::mem::take(&mut rest)) };
        let line = &rest[..at];
        rest = match &rest[at..] {
            [b'\r', b'\n', after @ ..] | [_, after @ ..] => after,
            [] => &[],
        };
        Some(line)
    })
}

#[cfg(test)]
mod tests;
