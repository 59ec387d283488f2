//! What is uploaded.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

const PIECE: usize = 64 * 1024;

/// So many bytes, made as they are read.
#[derive(Clone, Debug)]
pub struct Payload {
    left: u64,
}

impl Payload {
    /// A payload of that length.
    pub fn new(length: u64) -> Payload {
        Payload { left: length }
    }

    /// How many bytes are still to come.
    pub fn left(&self) -> u64 {
        self.left
    }
}

impl Read for Payload {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        static PATTERN: [u8; PIECE] = [b'p'; PIECE];
        let step = out.len().min(PIECE).min(usize::try_from(self.left).unwrap_or(PIECE));
        out[..step].copy_from_slice(&PATTERN[..step]);
        self.left -= step as u64;
        Ok(step)
    }
}

/// Makes a file of that length.
///
/// # Errors
/// What the file system says.
pub fn file_of(path: &Path, length: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    io::copy(&mut Payload::new(length), &mut file)?;
    file.flush()
}
