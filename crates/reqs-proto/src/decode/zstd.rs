//! zstd (RFC 8878) with any number of frames, behind the feature `zstd`. The decoder is ruzstd: pure Rust, so that bytes
//! from the network meet no C. It wants whole blocks, so this file cuts the stream into them.

use std::io::Read;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{DecodeError, Step};

/// What a decoder of HTTP must have at least, and an encoder may use at most (RFC 9659 section 3).
const WINDOW: u64 = 8 * 1024 * 1024;
/// `Block_Maximum_Size` (RFC 8878 section 3.1.1.2.3).
const BLOCK: usize = 128 * 1024;
/// The magic number and the frame header descriptor, or the magic number of a skippable frame and one byte more.
const START: usize = 5;
const BLOCK_HEADER: usize = 3;
const CHECKSUM: usize = 4;

pub(super) struct Zstd {
    decoder: Box<FrameDecoder>,
    state: State,
    /// The part of the stream that is being collected.
    pending: Vec<u8>,
    /// The frame that is open ends with a checksum.
    has_checksum: bool,
    /// Something that is not skippable was seen.
    frames: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Collecting the start of a frame.
    Start,
    /// Collecting so many bytes of a frame header.
    Header(usize),
    /// Collecting the size of a skippable frame.
    SkipSize,
    Skip(u64),
    BlockHeader,
    /// Collecting so many bytes of a block, with its header and perhaps the checksum.
    Block(usize),
    /// The last block is decoded; what the window holds comes out.
    Draining,
}

impl Zstd {
    pub(super) fn new() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self {
            decoder: Box::new(decoder),
            state: State::Start,
            pending: Vec::new(),
            has_checksum: false,
            frames: false,
        }
    }

    /// Between two frames, of which there was at least one.
    pub(super) fn is_complete(&self) -> bool {
        self.state == State::Start && self.pending.is_empty() && self.frames
    }

    pub(super) fn step(&mut self, input: &[u8], out: &mut [u8], step: &mut Step) -> Result<(), DecodeError> {
        loop {
            if matches!(self.state, State::BlockHeader | State::Block(_) | State::Draining) {
                let room = out.get_mut(step.produced..).unwrap_or_default();
                let full = room.is_empty();
                let drained = self.decoder.read(room).map_err(|_| corrupt("its window"))?;
                step.produced = step.produced.saturating_add(drained);
                if drained > 0 {
                    continue;
                }
                if full && self.decoder.can_collect() > 0 {
                    return Ok(());
                }
            }
            if self.state == State::Draining {
                self.end_frame()?;
                continue;
            }
            let rest = input.get(step.consumed..).unwrap_or_default();
            if let State::Skip(left) = self.state {
                let skipped = usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
                step.consumed = step.consumed.saturating_add(skipped);
                let left = left.saturating_sub(skipped as u64);
                self.state = if left == 0 { State::Start } else { State::Skip(left) };
                if left > 0 {
                    return Ok(());
                }
                continue;
            }
            let need = self.need();
            let missing = need.saturating_sub(self.pending.len());
            let taken = rest.get(..missing.min(rest.len())).unwrap_or_default();
            self.pending.extend_from_slice(taken);
            step.consumed = step.consumed.saturating_add(taken.len());
            if self.pending.len() < need {
                return Ok(());
            }
            self.collected()?;
        }
    }

    /// How many bytes must be collected in this state.
    fn need(&self) -> usize {
        match self.state {
            State::Start => START,
            State::Header(n) | State::Block(n) => n,
            State::SkipSize => START.saturating_add(3),
            State::BlockHeader => BLOCK_HEADER,
            State::Skip(_) | State::Draining => 0,
        }
    }

    /// What was collected is all there: the next state.
    fn collected(&mut self) -> Result<(), DecodeError> {
        match (self.state, self.pending.as_slice()) {
            (State::Start, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]) => self.state = State::SkipSize,
            (State::Start, [0x28, 0xb5, 0x2f, 0xfd, descriptor]) => {
                self.has_checksum = descriptor & 0x04 != 0;
                self.state = State::Header(header_len(*descriptor));
                self.frames = true;
            }
            (State::Start, _) => return Err(corrupt("bad magic number")),
            (State::SkipSize, [_, _, _, _, size @ ..]) => {
                let size = <[u8; 4]>::try_from(size).map_or(0, u32::from_le_bytes);
                self.pending.clear();
                self.state = State::Skip(u64::from(size));
                self.frames = true;
            }
            (State::Header(_), header) => {
                self.decoder.reset(header).map_err(|error| corrupt(&error.to_string()))?;
                self.pending.clear();
                self.state = State::BlockHeader;
            }
            (State::BlockHeader, &[a, b, c]) => {
                let header = u32::from_le_bytes([a, b, c, 0]);
                let (last, kind) = (header & 1 == 1, header >> 1 & 3);
                let size = (header >> 3) as usize;
                if size > BLOCK || kind == 3 {
                    return Err(corrupt("bad block header"));
                }
                let content = if kind == 1 { 1 } else { size };
                let checksum = if last && self.has_checksum { CHECKSUM } else { 0 };
                self.state = State::Block(BLOCK_HEADER.saturating_add(content).saturating_add(checksum));
            }
            (State::Block(_), block) => {
                let last = self
                    .decoder
                    .decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(|error| corrupt(&error.to_string()))?;
                self.pending.clear();
                self.state = if last { State::Draining } else { State::BlockHeader };
            }
            _ => return Err(corrupt("bad frame")),
        }
        Ok(())
    }

    fn end_frame(&mut self) -> Result<(), DecodeError> {
        if self.has_checksum
            && self.decoder.get_checksum_from_data() != self.decoder.get_calculated_checksum()
        {
            return Err(corrupt("wrong checksum"));
        }
        self.state = State::Start;
        Ok(())
    }
}

/// Length of a frame header, magic number and descriptor included (RFC 8878 section 3.1.1.1).
fn header_len(descriptor: u8) -> usize {
    let single_segment = descriptor & 0x20 != 0;
    let window = usize::from(!single_segment);
    let dictionary = match descriptor & 3 {
        0 => 0,
        1 => 1,
        2 => 2,
        _ => 4,
    };
    let content_size = match (descriptor >> 6, single_segment) {
        (0, false) => 0,
        (0, true) => 1,
        (1, _) => 2,
        (2, _) => 4,
        _ => 8,
    };
    [window, dictionary, content_size].iter().fold(START, |sum, part| sum.saturating_add(*part))
}

fn corrupt(detail: &str) -> DecodeError {
    DecodeError::Corrupt { coding: "zstd", detail: detail.into() }
}
