//! Twenty megabytes of text, coded once.

use std::io::Write;
use std::sync::LazyLock;

use crate::whole;

/// The text's size before it is coded.
const SIZE: usize = 20 * 1024 * 1024;

pub(crate) fn gzip() -> &'static [u8] {
    static ANSWER: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        let coded = encoder.write_all(&text()).and_then(|()| encoder.finish());
        whole("text/plain", "Content-Encoding: gzip\r\n", &coded.unwrap_or_default())
    });
    &ANSWER
}

pub(crate) fn brotli() -> &'static [u8] {
    static ANSWER: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut coded = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
        let done = brotli::BrotliCompress(&mut &text()[..], &mut coded, &parameters);
        whole("text/plain", "Content-Encoding: br\r\n", if done.is_ok() { &coded } else { &[] })
    });
    &ANSWER
}

/// Words in an order without a pattern, which packs like prose: to somewhat more than a quarter.
fn text() -> Vec<u8> {
    const WORDS: [&str; 32] = [
        "the ",
        "connection ",
        "of ",
        "a ",
        "request ",
        "and ",
        "its ",
        "answer ",
        "is ",
        "kept ",
        "open ",
        "until ",
        "nobody ",
        "needs ",
        "it; ",
        "header ",
        "fields ",
        "come ",
        "first, ",
        "then ",
        "body, ",
        "which ",
        "may ",
        "be ",
        "coded ",
        "in ",
        "several ",
        "ways.\n",
        "1729 ",
        "server ",
        "client ",
        "waits ",
    ];
    let mut text = Vec::with_capacity(SIZE + 16);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    while text.len() < SIZE {
        // Xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.extend_from_slice(WORDS[(state >> 32) as usize % WORDS.len()].as_bytes());
        if state & 0xf00 == 0 {
            text.extend_from_slice(format!("{} ", state >> 40).as_bytes());
        }
    }
    text.truncate(SIZE);
    text
}
