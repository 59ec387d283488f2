//! Lines out of a stream of bytes, the same whichever way the stream is cut.

use std::io::Read;

use crate::error::Result;
use crate::response::Stream;

/// A body's lines; see [`Response::iter_lines`](crate::Response::iter_lines).
#[derive(Debug)]
pub struct Lines<'a> {
    body: &'a mut Stream,
    buffer: Vec<u8>,
    /// What of the buffer was given out already.
    at: usize,
    /// Whether the last line ended with CR at the end of what was read, so that an LF would belong to it (STR-8).
    after_cr: bool,
    ended: bool,
}

/// How much is read at a time.
const STEP: usize = 8 * 1024;

impl<'a> Lines<'a> {
    pub(crate) fn new(body: &'a mut Stream) -> Lines<'a> {
        Lines { body, buffer: Vec::new(), at: 0, after_cr: false, ended: false }
    }

    /// The next whole line in the buffer.
    fn take_line(&mut self) -> Option<Vec<u8>> {
        if self.after_cr && self.at < self.buffer.len() {
            self.after_cr = false;
            if self.buffer[self.at] == b'\n' {
                self.at += 1;
            }
        }
        let rest = &self.buffer[self.at..];
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
        let line = rest[..end].to_vec();
        self.after_cr = rest[end] == b'\r';
        self.at += end + 1;
        Some(line)
    }

    /// Reads more, and tells whether there was any.
    fn fill(&mut self) -> Result<bool> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + STEP, 0);
        let read = self.body.read(&mut self.buffer[filled..]);
        self.buffer.truncate(filled + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Result<Vec<u8>>> {
        loop {
            if let Some(line) = self.take_line() {
                return Some(Ok(line));
            }
            if self.ended {
                return None;
            }
            match self.fill() {
                Ok(true) => {}
                Ok(false) => {
                    self.ended = true;
                    let last = self.buffer.split_off(self.at);
                    self.buffer.clear();
                    self.at = 0;
                    return (!last.is_empty()).then_some(Ok(last));
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    /// Gives its text a few bytes at a time.
    struct Dribble(&'static [u8], usize);

    impl Read for Dribble {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(out.len()).min(self.0.len());
            let (now, later) = self.0.split_at(n);
            out[..n].copy_from_slice(now);
            self.0 = later;
            Ok(n)
        }
    }

    #[test]
    fn str_7_str_8_any_line_end_cut_anywhere() {
        let cases: [(&[u8], &[&str]); 8] = [
            (b"", &[]),
            (b"a", &["a"]),
            (b"a\r\nb\r\n", &["a", "b"]),
            (b"a\nb\rc\r\n\r\nd", &["a", "b", "c", "", "d"]),
            (b"\n", &[""]),
            (b"\r\n", &[""]),
            (b"\r\r\n\n", &["", "", ""]),
            (b"a\x0bb\x85", &["a\x0bb\u{fffd}"]),
        ];
        for (text, expected) in cases {
            for cut in 1..=text.len().max(1) {
                let mut stream = Stream::reader(Box::new(Dribble(text, cut)));
                let lines: Vec<String> = Lines::new(&mut stream)
                    .map(|line| String::from_utf8_lossy(&line.unwrap()).into_owned())
                    .collect();
                assert_eq!(lines, expected, "{text:?} cut every {cut}");
            }
        }
    }
}
