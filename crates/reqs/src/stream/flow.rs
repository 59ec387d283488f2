//! From the source to decoded bytes: content codings undone, limits held, what came and what came out counted.

use std::io::{BufRead, Read};

use reqs_proto::DecodeError;

use super::{Coding, FIRST_STEP, Inner, State};
use crate::convert;
use crate::error::{Error, ErrorKind, Result};

/// How much is read between two reports of progress, where a body is read whole.
const REPORT_STEP: u64 = 256 * 1024;

/// How much is cleared at a time in front of a decoder; small enough to be in the cache when the decoder writes it.
const CLEARED: usize = 128 * 1024;

impl Inner {
    /// The next bytes of an uncoded body, no more than the limit on its whole length allows.
    pub(super) fn look(&mut self) -> Result<&[u8]> {
        let Inner { source, limits, decoded, state, .. } = self;
        let ready = match source.fill_buf() {
            Ok(ready) => ready,
            Err(error) => {
                *state = State::Failed;
                return Err(convert::reading(error));
            }
        };
        let Some(limit) = limits.total else { return Ok(ready) };
        let left = usize::try_from(limit.saturating_sub(*decoded)).unwrap_or(usize::MAX);
        if left == 0 && !ready.is_empty() {
            *state = State::Failed;
            return Err(convert::decoding(DecodeError::TooLong { limit }));
        }
        Ok(&ready[..ready.len().min(left)])
    }

    /// Decodes into `out`; 0 is the end.
    pub(super) fn decode(&mut self, out: &mut [u8]) -> Result<usize> {
        let Coding::Some(decoder) = &mut self.coding else { return Ok(0) };
        let failed = loop {
            let input = match self.source.fill_buf() {
                Ok(input) => input,
                Err(error) => break convert::reading(error),
            };
            if input.is_empty() {
                match decoder.finish(out) {
                    Ok(0) => {
                        self.coding = Coding::Ended;
                        return Ok(0);
                    }
                    Ok(produced) => return Ok(produced),
                    Err(error) => break convert::decoding(error),
                }
            }
            let progress = match decoder.decode(input, out) {
                Ok(progress) => progress,
                Err(error) => break convert::decoding(error),
            };
            self.source.consume(progress.consumed);
            self.received += progress.consumed as u64;
            if progress.produced > 0 {
                return Ok(progress.produced);
            }
            if progress.consumed == 0 {
                break Error::new(ErrorKind::ContentDecoding, "the body's content coding makes no progress");
            }
        };
        Err(self.fail(failed))
    }

    /// Appends up to `size` bytes of an uncoded body, straight from the connection into memory. Fewer are the last.
    pub(super) fn copy(&mut self, out: &mut Vec<u8>, size: u64) -> Result<()> {
        let is_watched = self.watcher.is_some();
        let limit = self.limits.total;
        let mut left = size;
        while left > 0 {
            // One byte more than allowed shows that there is more.
            let allowed =
                limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.decoded).saturating_add(1));
            let step = left.min(allowed).min(if is_watched { REPORT_STEP } else { u64::MAX });
            let before = out.len();
            let read = match self.source.incoming() {
                Some(incoming) => incoming.read_to_vec(out, step).map_err(convert::broken),
                None => {
                    (&mut self.source).take(step).read_to_end(out).map(|n| n as u64).map_err(convert::reading)
                }
            };
            let came = (out.len() - before) as u64;
            self.received += came;
            self.decoded += came;
            if let Err(error) = read {
                return Err(self.fail(error));
            }
            if let Some(limit) = limit
                && self.decoded > limit
            {
                out.pop();
                self.decoded = limit;
                return Err(self.fail(convert::decoding(DecodeError::TooLong { limit })));
            }
            self.report();
            if came < step {
                break;
            }
            left -= came;
        }
        Ok(())
    }

    /// A coded rest, or `enough` of it. Memory grows in proportion to what has come, and each byte of it is cleared once at most.
    pub(super) fn decode_rest(&mut self, out: &mut Vec<u8>, enough: u64) -> Result<()> {
        let before = out.len();
        let mut filled = before;
        let result = loop {
            if filled == out.len() {
                if out.len() == out.capacity() {
                    out.reserve(FIRST_STEP.max(self.first_guess(out.len())));
                }
                let cleared = (filled + CLEARED).min(out.capacity());
                out.resize(cleared, 0);
            }
            match self.decode(&mut out[filled..]) {
                Ok(0) => break Ok(()),
                Ok(n) => {
                    filled += n;
                    self.decoded += n as u64;
                    self.report();
                    if (filled - before) as u64 >= enough {
                        break Ok(());
                    }
                }
                Err(error) => break Err(error),
            }
        };
        out.truncate(filled);
        result
    }

    /// How much to set aside at first: text unfolds to about four times its size.
    fn first_guess(&self, len: usize) -> usize {
        const RATIO: u64 = 4;
        const LARGEST_GUESS: u64 = 1024 * 1024;
        match self.source.length() {
            Some(length) if len == 0 => {
                usize::try_from(length.saturating_mul(RATIO).min(LARGEST_GUESS)).unwrap_or_default()
            }
            _ => 0,
        }
    }
}
