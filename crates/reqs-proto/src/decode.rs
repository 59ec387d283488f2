//! Content codings (RFC 9110 section 8.4) as bounded streams: a chain of layers, each of which turns some input into at
//! most as much output as there is room for. This file owns the chain and the limits; `decode/*` own one coding each.

mod brotli;
mod error;
mod flate;
#[cfg(feature = "zstd")]
mod zstd;

use std::fmt;

use crate::grammar::list;
use crate::headers::{Headers, name};

pub use error::DecodeError;

/// Bounds on decoding. The defaults are never met by real pages.
///
/// Each read is bounded by the caller's memory whatever these say; they are there for callers that read to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeLimits {
    /// Codings in one chain (DEC-4).
    pub layers: usize,
    /// Bytes out for each byte in, checked once more than [`ratio_after`](Self::ratio_after) bytes came out of any layer.
    /// `None` lifts it.
    pub ratio: Option<u32>,
    /// Bytes of output before the ratio counts: small bodies may be as repetitive as they like.
    pub ratio_after: u64,
    /// Bytes of output in all. `None`, the default, is no bound.
    pub total: Option<u64>,
}

impl DecodeLimits {
    /// 5, as urllib3 has it. More than two do not occur.
    pub const LAYERS: usize = 5;
    /// 256. Text reaches 20 and very repetitive logs 100; a bomb of gzip is at 1000, of brotli beyond.
    pub const RATIO: u32 = 256;
    /// 64 MiB.
    pub const RATIO_AFTER: u64 = 64 * 1024 * 1024;
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self { layers: Self::LAYERS, ratio: Some(Self::RATIO), ratio_after: Self::RATIO_AFTER, total: None }
    }
}

/// What one call did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the input that were taken in. The caller shows the rest again.
    pub consumed: usize,
    /// Bytes of the output that were written.
    pub produced: usize,
}

/// Undoes the content codings of one body.
///
/// ```
/// use reqs_proto::{DecodeLimits, Decoder, Headers};
///
/// # use std::io::Write;
/// # let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
/// # gz.write_all(b"hello").unwrap();
/// # let compressed = gz.finish().unwrap();
/// let headers = Headers::from([("Content-Encoding", "gzip")]);
/// let mut decoder = Decoder::from_headers(&headers, &DecodeLimits::default())?.unwrap();
/// let (mut body, mut room, mut input) = (Vec::new(), [0u8; 1024], &compressed[..]);
/// while !input.is_empty() {
///     let progress = decoder.decode(input, &mut room)?;
///     input = &input[progress.consumed..];
///     body.extend_from_slice(&room[..progress.produced]);
/// }
/// loop {
///     match decoder.finish(&mut room)? {
///         0 => break,
///         n => body.extend_from_slice(&room[..n]),
///     }
/// }
/// assert_eq!(body, b"hello");
/// # Ok::<(), reqs_proto::DecodeError>(())
/// ```
pub struct Decoder {
    /// In the order in which bytes pass them. Never empty.
    layers: Vec<Layer>,
    limits: DecodeLimits,
    consumed: u64,
    produced: u64,
}

struct Layer {
    coding: Coding,
    /// What the layer before this one made and this one has not taken. Unused by the first.
    inbox: Inbox,
    /// Bytes that came out.
    produced: u64,
    touched: bool,
    /// An error that is told once the output made before it has been taken.
    failed: Option<DecodeError>,
}

#[derive(Default)]
struct Inbox {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

/// Between two layers. Small, since each layer of a chain has one.
const INBOX: usize = 8 * 1024;

enum Coding {
    Flate(flate::Flate),
    Brotli(brotli::Brotli),
    #[cfg(feature = "zstd")]
    Zstd(zstd::Zstd),
}

/// What a layer did with what it was given, before an error too: what was decoded until then is not lost.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    consumed: usize,
    produced: usize,
}

impl Decoder {
    /// A decoder for what `Content-Encoding` says, over all its lines, undone from the right to the left. `None` where
    /// nothing is to be done: no coding, only `identity`, or only codings that are unknown here (DEC-1), whose bytes
    /// are then passed on as they are.
    ///
    /// # Errors
    /// Known and unknown codings in one list, since the result would be neither; more codings than the limit.
    pub fn from_headers(headers: &Headers, limits: &DecodeLimits) -> Result<Option<Self>, DecodeError> {
        if !headers.contains(name::CONTENT_ENCODING) {
            return Ok(None);
        }
        let value = headers.joined(name::CONTENT_ENCODING).unwrap_or_default();
        if list(&value).count() > limits.layers {
            return Err(DecodeError::TooManyCodings { limit: limits.layers });
        }
        let mut layers = Vec::new();
        let mut unknown = None;
        for name in list(&value) {
            match Coding::named(name) {
                Some(coding) => layers.push(Layer::new(coding)),
                None if name.eq_ignore_ascii_case("identity") => {}
                None => unknown = Some(name),
            }
        }
        match unknown {
            _ if layers.is_empty() => Ok(None),
            Some(name) => Err(DecodeError::UnknownCoding(crate::error::excerpt(name.as_bytes()))),
            None => {
                layers.reverse();
                Ok(Some(Self { layers, limits: *limits, consumed: 0, produced: 0 }))
            }
        }
    }

    /// Turns some of `input` into some of `out`. Call it again with the rest of the input, and with room for more; a
    /// call that neither takes nor makes a byte needs more input. May make output from no input.
    ///
    /// # Errors
    /// Bytes that the coding does not allow, and limits.
    pub fn decode(&mut self, input: &[u8], out: &mut [u8]) -> Result<Progress, DecodeError> {
        let progress = self.run(input, out)?;
        self.account(progress)?;
        Ok(progress)
    }

    /// The input has ended: writes what is left, and gives how much that was; 0 means that all is done, provided that
    /// `out` has room at all. An empty body is fine (DEC-6).
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] where a coding needs more; limits.
    pub fn finish(&mut self, out: &mut [u8]) -> Result<usize, DecodeError> {
        let produced = self.decode(&[], out)?.produced;
        if produced == 0 && !out.is_empty() {
            for layer in &self.layers {
                if layer.touched && !layer.coding.is_complete() {
                    return Err(DecodeError::Truncated(layer.coding.name()));
                }
            }
        }
        Ok(produced)
    }

    fn run(&mut self, input: &[u8], out: &mut [u8]) -> Result<Progress, DecodeError> {
        if let [only] = self.layers.as_mut_slice() {
            let step = only.step(input, out)?;
            return Ok(Progress { consumed: step.consumed, produced: step.produced });
        }
        let mut progress = Progress::default();
        loop {
            let mut moved = false;
            // From the last layer to the first: each makes room in its inbox before the one before it fills it.
            for index in (0..self.layers.len()).rev() {
                let (before, after) = self.layers.split_at_mut(index.saturating_add(1));
                let Some(layer) = before.last_mut() else {
                    continue;
                };
                let mut inbox = std::mem::take(&mut layer.inbox);
                let source = if index == 0 {
                    input.get(progress.consumed..).unwrap_or_default()
                } else {
                    inbox.filled()
                };
                let result = match after.first_mut() {
                    Some(next) if !next.inbox.is_empty() => Ok(Step::default()),
                    Some(next) => {
                        layer.step(source, next.inbox.room()).inspect(|step| next.inbox.fill(step.produced))
                    }
                    None => layer.step(source, out).inspect(|step| progress.produced = step.produced),
                };
                let step = match result {
                    Ok(step) => step,
                    // It stays with its layer, and is told when nothing comes out any more.
                    Err(_) if progress.produced > 0 => return Ok(progress),
                    Err(error) => return Err(error),
                };
                moved |= step.consumed > 0 || step.produced > 0;
                if index == 0 {
                    progress.consumed = progress.consumed.saturating_add(step.consumed);
                } else {
                    inbox.take(step.consumed);
                }
                layer.inbox = inbox;
            }
            self.check_ratio(progress.consumed)?;
            if progress.produced > 0 || !moved {
                return Ok(progress);
            }
        }
    }

    fn account(&mut self, progress: Progress) -> Result<(), DecodeError> {
        self.consumed = self.consumed.saturating_add(progress.consumed as u64);
        self.produced = self.produced.saturating_add(progress.produced as u64);
        if let Some(limit) = self.limits.total
            && self.produced > limit
        {
            return Err(DecodeError::TooLong { limit });
        }
        self.check_ratio(0)
    }

    /// Every layer counts: a chain may swell in its middle and shrink again. `now` bytes are consumed but not yet counted.
    fn check_ratio(&self, now: usize) -> Result<(), DecodeError> {
        let Some(ratio) = self.limits.ratio else {
            return Ok(());
        };
        let consumed = self.consumed.saturating_add(now as u64);
        let allowed = consumed.saturating_mul(u64::from(ratio)).max(self.limits.ratio_after);
        match self.layers.iter().map(|layer| layer.produced).max() {
            Some(produced) if produced > allowed => {
                Err(DecodeError::RatioTooHigh { limit: ratio, consumed, produced })
            }
            _ => Ok(()),
        }
    }
}

impl Inbox {
    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// All of it: asked for only when empty.
    fn room(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            self.bytes.resize(INBOX, 0);
        }
        &mut self.bytes
    }

    fn fill(&mut self, n: usize) {
        (self.start, self.end) = (0, n);
    }

    fn take(&mut self, n: usize) {
        self.start = self.start.saturating_add(n).min(self.end);
    }
}

impl Coding {
    /// Exact names, in any case (DEC-1).
    fn named(name: &str) -> Option<Self> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("gzip") || is("x-gzip") {
            return Some(Self::Flate(flate::Flate::gzip()));
        }
        if is("deflate") {
            return Some(Self::Flate(flate::Flate::deflate()));
        }
        if is("br") {
            return Some(Self::Brotli(brotli::Brotli::new()));
        }
        #[cfg(feature = "zstd")]
        if is("zstd") {
            return Some(Self::Zstd(zstd::Zstd::new()));
        }
        None
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Flate(flate) => flate.name(),
            Self::Brotli(_) => "br",
            #[cfg(feature = "zstd")]
            Self::Zstd(_) => "zstd",
        }
    }

    /// May the input end here?
    fn is_complete(&self) -> bool {
        match self {
            Self::Flate(flate) => flate.is_complete(),
            Self::Brotli(brotli) => brotli.is_complete(),
            #[cfg(feature = "zstd")]
            Self::Zstd(zstd) => zstd.is_complete(),
        }
    }
}

impl Layer {
    fn new(coding: Coding) -> Self {
        Self { coding, inbox: Inbox::default(), produced: 0, touched: false, failed: None }
    }

    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Step, DecodeError> {
        self.touched |= !input.is_empty();
        if !self.touched {
            return Ok(Step::default());
        }
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut step = Step::default();
        let result = match &mut self.coding {
            Coding::Flate(flate) => flate.step(input, out, &mut step),
            Coding::Brotli(brotli) => brotli.step(input, out, &mut step),
            #[cfg(feature = "zstd")]
            Coding::Zstd(zstd) => zstd.step(input, out, &mut step),
        };
        if let Err(error) = result {
            self.failed = Some(error.clone());
            if step.produced == 0 {
                return Err(error);
            }
        }
        self.produced = self.produced.saturating_add(step.produced as u64);
        Ok(step)
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("codings", &self.layers.iter().map(|layer| layer.coding.name()).collect::<Vec<_>>())
            .field("consumed", &self.consumed)
            .field("produced", &self.produced)
            .finish()
    }
}
