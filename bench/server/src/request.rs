//! Requests as far as the server looks at them: the path, and where the body ends.

use std::io::{self, Read};

use crate::bad;

const BUFFER: usize = 256 * 1024;

/// What was asked for.
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) body: Body,
    /// Whether it brought credentials; they are not looked at.
    pub(crate) is_signed: bool,
}

/// How the request's body ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    Length(u64),
    Chunked,
}

/// A connection and what was read from it beyond the last request.
pub(crate) struct Incoming<S> {
    stream: S,
    memory: Vec<u8>,
    start: usize,
    end: usize,
}

impl<S: Read> Incoming<S> {
    pub(crate) fn new(stream: S) -> Self {
        Incoming { stream, memory: vec![0; BUFFER], start: 0, end: 0 }
    }

    pub(crate) fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// The next request's head; `None` when the client has closed.
    pub(crate) fn next_request(&mut self) -> io::Result<Option<Request>> {
        loop {
            let seen = &self.memory[self.start..self.end];
            if let Some(at) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
                let request = parse(&seen[..at])?;
                self.start += at + 4;
                return Ok(Some(request));
            }
            if self.fill()? == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads and forgets the body.
    pub(crate) fn skip(&mut self, body: Body) -> io::Result<()> {
        match body {
            Body::None => Ok(()),
            Body::Length(length) => self.skip_bytes(length),
            Body::Chunked => loop {
                let size = self.line()?;
                let size = size.split(';').next().unwrap_or_default();
                let size = u64::from_str_radix(size, 16).map_err(|_| bad("the chunk size is no number"))?;
                self.skip_bytes(size + 2)?;
                if size == 0 {
                    return Ok(());
                }
            },
        }
    }

    fn skip_bytes(&mut self, mut left: u64) -> io::Result<()> {
        loop {
            let here = left.min((self.end - self.start) as u64);
            self.start += here as usize;
            left -= here;
            if left == 0 {
                return Ok(());
            }
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            let seen = &self.memory[self.start..self.end];
            if let Some(at) = seen.windows(2).position(|two| two == b"\r\n") {
                let line = String::from_utf8_lossy(&seen[..at]).into_owned();
                self.start += at + 2;
                return Ok(line);
            }
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn fill(&mut self) -> io::Result<usize> {
        if self.start > 0 {
            self.memory.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.memory.len() {
            return Err(bad("the head is too long"));
        }
        let read = self.stream.read(&mut self.memory[self.end..])?;
        self.end += read;
        Ok(read)
    }
}

fn parse(head: &[u8]) -> io::Result<Request> {
    let head = std::str::from_utf8(head).map_err(|_| bad("the head is not text"))?;
    let mut lines = head.split("\r\n");
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).ok_or_else(|| bad("no request line"))?;
    let mut body = Body::None;
    let mut is_signed = false;
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        if name.eq_ignore_ascii_case("content-length") {
            body = Body::Length(value.trim().parse().map_err(|_| bad("the length is no number"))?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            body = Body::Chunked;
        } else if name.eq_ignore_ascii_case("authorization") {
            is_signed = true;
        }
    }
    Ok(Request { path: path.to_owned(), body, is_signed })
}
