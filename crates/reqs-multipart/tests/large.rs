//! A body larger than any memory, and how fast it goes. One test in a process of its own, so that the peak is its own.

use std::io::{self, Read};
use std::time::Instant;

use reqs_multipart::{Form, Part};

const GIB: u64 = 1 << 30;
const ROOM: usize = 1 << 20;

/// The peak of this process's resident memory in KiB, where the system tells it.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}

fn count(reader: &mut impl Read, out: &mut [u8]) -> u64 {
    let mut sum = 0;
    loop {
        match reader.read(out).unwrap() {
            0 => return sum,
            count => sum += count as u64,
        }
    }
}

#[test]
fn four_gibibytes_take_no_memory_and_no_time_of_their_own() {
    let mut out = vec![0xAA; ROOM];
    let before = peak_kib();
    let form = Form::new()
        .text("a", "b")
        .part("f", Part::sized(io::repeat(b'x').take(4 * GIB), 4 * GIB))
        .text("c", "d");
    let length = form.length().unwrap();
    assert!(length > 4 * GIB);
    let mut reader = form.into_reader().unwrap();
    let began = Instant::now();
    assert_eq!(count(&mut reader, &mut out), length);
    let taken = began.elapsed();
    let bare = Instant::now();
    assert_eq!(count(&mut io::repeat(b'x').take(4 * GIB), &mut out), 4 * GIB);
    let bare = bare.elapsed();
    let growth = before.zip(peak_kib()).map(|(before, after)| after - before);
    eprint_figures(taken, bare, growth);
    assert!(growth.unwrap_or(0) < 4096, "the peak grew by {growth:?} KiB");
}

#[allow(clippy::print_stderr)] // Figures are for the person who runs the test.
fn eprint_figures(taken: std::time::Duration, bare: std::time::Duration, growth: Option<u64>) {
    let rate = |time: std::time::Duration| 4.0 * 1024.0 / time.as_secs_f64();
    eprintln!(
        "4 GiB in reads of 1 MiB: form {:.0} MiB/s, the bare reader {:.0} MiB/s; peak memory grew by {growth:?} KiB",
        rate(taken),
        rate(bare)
    );
}
