//! Any multipart body: read to its end or its error, without a panic, and in bounded steps.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reqs_multipart::MultipartReader;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut reader) = MultipartReader::new(bytes, "multipart/form-data; boundary=b") else { return };
    let mut total = 0;
    while let Ok(Some(part)) = reader.next_part() {
        match part.content(1 << 20) {
            Ok(content) => total += content.len(),
            Err(_) => break,
        }
    }
    assert!(total <= bytes.len());
});
