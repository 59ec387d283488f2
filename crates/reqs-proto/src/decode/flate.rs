//! gzip (RFC 1952) with any number of members, and deflate, which is zlib (RFC 1950) in the standard and raw (RFC 1951)
//! from servers that read its name literally.

use flate2::{Decompress, FlushDecompress, Status};

use super::{DecodeError, Step};

/// 32 KiB, the largest window there is.
const WINDOW_BITS: u8 = 15;
/// How every gzip member starts: the magic number and the only method.
const MEMBER: [u8; 3] = [0x1f, 0x8b, 8];

pub(super) struct Flate {
    state: State,
    gzip: bool,
    inner: Decompress,
    /// Bytes that were looked at to tell what follows, and are still to be decoded.
    held: Held,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    bytes: [u8; MEMBER.len()],
    start: usize,
    end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// deflate: before its first byte, then with it.
    Start(Option<u8>),
    /// In the middle.
    Running,
    /// gzip: a member ended, and so many bytes of the next one's start were seen.
    Between(u8),
    /// Ended. What follows is not looked at (DEC-2).
    Ended,
}

impl Flate {
    pub(super) fn gzip() -> Self {
        Self {
            state: State::Running,
            gzip: true,
            inner: Decompress::new_gzip(WINDOW_BITS),
            held: Held::default(),
        }
    }

    pub(super) fn deflate() -> Self {
        Self { state: State::Start(None), gzip: false, inner: Decompress::new(true), held: Held::default() }
    }

    pub(super) fn name(&self) -> &'static str {
        if self.gzip { "gzip" } else { "deflate" }
    }

    pub(super) fn is_complete(&self) -> bool {
        matches!(self.state, State::Between(0) | State::Ended)
    }

    pub(super) fn step(&mut self, input: &[u8], out: &mut [u8], step: &mut Step) -> Result<(), DecodeError> {
        loop {
            let rest = input.get(step.consumed..).unwrap_or_default();
            match self.state {
                State::Ended => {
                    step.consumed = input.len();
                    return Ok(());
                }
                State::Running => {
                    let room = out.get_mut(step.produced..).unwrap_or_default();
                    if room.is_empty() {
                        return Ok(());
                    }
                    let held = self.held;
                    let from_held = !held.left().is_empty();
                    let source = if from_held { held.left() } else { rest };
                    let mut did = Step::default();
                    let result = self.inflate(source, room, &mut did);
                    step.produced = step.produced.saturating_add(did.produced);
                    result?;
                    if from_held {
                        self.held.start = held.start.saturating_add(did.consumed);
                    } else {
                        step.consumed = step.consumed.saturating_add(did.consumed);
                    }
                    let stuck = did.consumed == 0 && did.produced == 0;
                    if self.state == State::Running && (stuck || !from_held) {
                        return Ok(());
                    }
                }
                State::Between(seen) => {
                    let Some(byte) = rest.first() else {
                        return Ok(());
                    };
                    if MEMBER.get(usize::from(seen)) != Some(byte) {
                        self.state = State::Ended;
                        continue;
                    }
                    step.consumed = step.consumed.saturating_add(1);
                    self.state = State::Between(seen.saturating_add(1));
                    if usize::from(seen).saturating_add(1) == MEMBER.len() {
                        self.inner.reset(true);
                        self.run_with(&MEMBER);
                    }
                }
                State::Start(first) => {
                    let Some(&byte) = rest.first() else {
                        return Ok(());
                    };
                    step.consumed = step.consumed.saturating_add(1);
                    match first {
                        None => self.state = State::Start(Some(byte)),
                        Some(first) => {
                            if !is_zlib([first, byte]) {
                                self.inner.reset(false);
                            }
                            self.run_with(&[first, byte]);
                        }
                    }
                }
            }
        }
    }

    fn run_with(&mut self, held: &[u8]) {
        self.held = Held::of(held);
        self.state = State::Running;
    }

    fn inflate(&mut self, input: &[u8], out: &mut [u8], did: &mut Step) -> Result<(), DecodeError> {
        let (consumed, produced) = (self.inner.total_in(), self.inner.total_out());
        let result = self.inner.decompress(input, out, FlushDecompress::None);
        let since = |now: u64, before: u64, most: usize| {
            usize::try_from(now.saturating_sub(before)).map_or(most, |n| n.min(most))
        };
        *did = Step {
            consumed: since(self.inner.total_in(), consumed, input.len()),
            produced: since(self.inner.total_out(), produced, out.len()),
        };
        match result {
            Ok(Status::StreamEnd) => self.state = if self.gzip { State::Between(0) } else { State::Ended },
            Ok(_) => {}
            Err(error) => {
                let detail = error.message().unwrap_or("corrupt data").to_owned();
                return Err(self.corrupt(&detail));
            }
        }
        Ok(())
    }

    fn corrupt(&self, detail: &str) -> DecodeError {
        DecodeError::Corrupt { coding: self.name(), detail: detail.into() }
    }
}

impl Held {
    fn of(bytes: &[u8]) -> Self {
        let mut held = Self::default();
        for (slot, byte) in held.bytes.iter_mut().zip(bytes) {
            *slot = *byte;
            held.end = held.end.saturating_add(1);
        }
        held
    }

    fn left(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }
}

/// A zlib header (RFC 1950 section 2.2): method 8, a window of at most 32 KiB, and a checksum. No encoder starts a raw
/// stream so, since its low bits would be a stored block with padding that is not zero.
fn is_zlib([cmf, flg]: [u8; 2]) -> bool {
    cmf & 0x0f == 8 && cmf >> 4 <= 7 && u16::from_be_bytes([cmf, flg]) % 31 == 0
}
