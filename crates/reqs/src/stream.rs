//! A body that is still to be read: from the wire or an adapter's reader, through its content codings, to whoever asks.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use reqs_pool::Incoming;
use reqs_proto::{DecodeLimits, Decoder, Headers};
use url::Url;

use crate::convert;
use crate::error::{Error, ErrorKind, Result};

/// A body that is read when it is asked for.
///
/// Dropping it before its end gives the connection up; at the end the connection goes back to the pool by itself.
pub struct Stream {
    source: Source,
    decoder: Option<Box<Decoder>>,
    /// Whether reading began, so that what [`load`](crate::Response::load) gives is only the rest.
    begun: bool,
    ended: bool,
    /// What errors are about.
    url: Option<Box<Url>>,
}

enum Source {
    /// Boxed, since a held body is the common case and should not be carried around at the size of a live one.
    Wire(Box<Incoming>),
    Reader(BufReader<Box<dyn Read + Send>>),
    Held {
        bytes: Vec<u8>,
        at: usize,
    },
}

impl Stream {
    /// A body from the wire, whose headers say how it is coded.
    pub(crate) fn wire(
        incoming: Incoming,
        headers: &Headers,
        limits: &DecodeLimits,
        url: &Url,
    ) -> Result<Stream> {
        let decoder =
            Decoder::from_headers(headers, limits).map_err(|e| convert::decoding(e).with_url(url))?;
        let mut stream = Stream::of(Source::Wire(Box::new(incoming)));
        stream.decoder = decoder.map(Box::new);
        stream.url = Some(Box::new(url.clone()));
        Ok(stream)
    }

    /// A body that an adapter reads from somewhere.
    pub(crate) fn reader(reader: Box<dyn Read + Send>) -> Stream {
        Stream::of(Source::Reader(BufReader::new(reader)))
    }

    /// A body that is at hand.
    pub(crate) fn held(bytes: Vec<u8>) -> Stream {
        Stream::of(Source::Held { bytes, at: 0 })
    }

    fn of(source: Source) -> Stream {
        Stream { source, decoder: None, begun: false, ended: false, url: None }
    }

    /// How many bytes the wire has in all, where that is known and no coding changes it.
    pub(crate) fn decoded_length(&self) -> Option<u64> {
        match &self.source {
            _ if self.decoder.is_some() => None,
            Source::Wire(incoming) => incoming.length(),
            Source::Reader(_) => None,
            Source::Held { bytes, .. } => Some(bytes.len() as u64),
        }
    }

    /// Everything that is left.
    pub(crate) fn read_all(mut self) -> Result<Vec<u8>> {
        self.begun = true;
        match (self.source, self.decoder) {
            (Source::Held { mut bytes, at }, None) => {
                bytes.drain(..at);
                Ok(bytes)
            }
            (Source::Wire(mut incoming), None) => {
                let mut bytes = Vec::new();
                match incoming.read_to_vec(&mut bytes, u64::MAX) {
                    Ok(_) => Ok(bytes),
                    Err(error) => Err(named(convert::broken(error), self.url.as_deref())),
                }
            }
            (source, decoder) => {
                self.source = source;
                self.decoder = decoder;
                let mut bytes = Vec::new();
                self.read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// Reads decoded bytes.
    fn read_decoded(&mut self, out: &mut [u8]) -> Result<usize> {
        if out.is_empty() || self.ended {
            return Ok(0);
        }
        self.begun = true;
        let Some(decoder) = &mut self.decoder else {
            return self.source.read(out).map_err(convert::reading);
        };
        loop {
            let input = self.source.fill_buf().map_err(convert::reading)?;
            if input.is_empty() {
                let produced = decoder.finish(out).map_err(convert::decoding)?;
                self.ended = produced == 0;
                return Ok(produced);
            }
            let progress = decoder.decode(input, out).map_err(convert::decoding)?;
            self.source.consume(progress.consumed);
            if progress.produced > 0 {
                return Ok(progress.produced);
            }
            if progress.consumed == 0 {
                return Err(Error::new(ErrorKind::ContentDecoding, "the body's coding makes no progress"));
            }
        }
    }

    /// Reads bytes as they came, codings and all.
    pub(crate) fn read_raw(&mut self, out: &mut [u8]) -> Result<usize> {
        self.begun = true;
        let url = self.url.as_deref();
        self.source.read(out).map_err(|error| named(convert::reading(error), url))
    }

    /// Reads and forgets a small rest, so that the connection can be kept; gives it up where more than that is left.
    /// Nothing is decoded (SEC-34).
    pub(crate) fn drain(self, limit: usize) {
        if let Source::Wire(incoming) = self.source {
            incoming.drain(limit);
        }
    }

    /// Whether anything was read.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }
}

impl Read for Stream {
    /// Decoded bytes; the error inside is [`crate::Error`].
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.read_decoded(out).map_err(|error| named(error, self.url.as_deref()).into())
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::Wire(incoming) => incoming.read(out),
            Source::Reader(reader) => reader.read(out),
            Source::Held { bytes, at } => {
                let n = bytes[*at..].as_ref().read(out)?;
                *at += n;
                Ok(n)
            }
        }
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Source::Wire(incoming) => incoming.fill_buf(),
            Source::Reader(reader) => reader.fill_buf(),
            Source::Held { bytes, at } => Ok(&bytes[*at..]),
        }
    }

    fn consume(&mut self, n: usize) {
        match self {
            Source::Wire(incoming) => incoming.consume(n),
            Source::Reader(reader) => reader.consume(n),
            Source::Held { at, .. } => *at += n,
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.has_begun() { "begun" } else { "unread" };
        write!(f, "Stream({state})")
    }
}

fn named(error: Error, url: Option<&Url>) -> Error {
    match url {
        Some(url) => error.with_url(url),
        None => error,
    }
}
