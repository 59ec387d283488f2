//! br (RFC 7932). Large-window streams, which are no RFC 7932, are refused: their window could be 1 GiB.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{DecodeError, Step};

pub(super) struct Brotli {
    /// Boxed: it is several kilobytes, and most bodies are not br.
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    ended: bool,
}

impl Brotli {
    pub(super) fn new() -> Self {
        let alloc = StandardAlloc::default;
        Self { state: Box::new(BrotliState::new_strict(alloc(), alloc(), alloc())), ended: false }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.ended
    }

    pub(super) fn step(&mut self, input: &[u8], out: &mut [u8], step: &mut Step) -> Result<(), DecodeError> {
        if self.ended {
            step.consumed = input.len();
            return Ok(());
        }
        let (mut input_left, mut consumed) = (input.len(), 0);
        let (mut room, mut produced) = (out.len(), 0);
        let mut total = 0;
        let result = BrotliDecompressStream(
            &mut input_left,
            &mut consumed,
            input,
            &mut room,
            &mut produced,
            out,
            &mut total,
            &mut self.state,
        );
        *step = Step { consumed, produced };
        match result {
            BrotliResult::ResultSuccess => self.ended = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
            BrotliResult::ResultFailure => {
                return Err(DecodeError::Corrupt { coding: "br", detail: "corrupt data".into() });
            }
        }
        Ok(())
    }
}
