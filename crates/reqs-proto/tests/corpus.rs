//! Replays the seeds of the fuzz targets on stable: `tests/corpus/TARGET/*`. A crash that a fuzzer finds becomes a file
//! here, and with it a regression test.

mod support;

use std::fs;
use std::path::Path;

use support::checks;

/// Runs every seed, and some damaged forms of it, through the check.
fn replay(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
    let mut seeds = 0;
    for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let seed = fs::read(entry.unwrap().path()).unwrap();
        check(&seed);
        seeds += 1;
        let step = 1 + seed.len() / 40;
        for at in (0..seed.len()).step_by(step) {
            check(&seed[..at]);
            let mut flipped = seed.clone();
            flipped[at] ^= 1 << (at % 8);
            check(&flipped);
        }
    }
    assert!(seeds >= 5, "{target}: {seeds} seeds");
}

#[test]
fn response_head() {
    replay("response_head", checks::response_head);
}

#[test]
fn exchange() {
    replay("exchange", checks::exchange);
}

#[test]
fn chunked() {
    replay("chunked", checks::chunked);
}

#[test]
fn gzip() {
    replay("gzip", |data| checks::decoder("gzip", data));
}

#[test]
fn deflate() {
    replay("deflate", |data| checks::decoder("deflate", data));
}

#[test]
fn br() {
    replay("br", |data| checks::decoder("br", data));
}

#[cfg(feature = "zstd")]
#[test]
fn zstd() {
    replay("zstd", |data| checks::decoder("zstd", data));
}

#[test]
fn chain() {
    replay("chain", |data| checks::decoder("deflate, gzip", data));
}
