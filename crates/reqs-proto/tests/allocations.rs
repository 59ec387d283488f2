//! What is allocated, counted. One test in a file of its own, so that nothing else runs beside it.
#![allow(clippy::print_stdout)] // The figures are the point: `cargo test -p reqs-proto --test allocations -- --nocapture`.

mod support;

use std::alloc::System;

use reqs_proto::{DecodeLimits, Decoder, Exchange, Frame, Headers, Limits, Received, RequestHead};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};
use support::encoders;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations, growth of allocations, and all the bytes that were asked for, whether given back or not.
fn counted<T>(what: impl FnOnce() -> T) -> (T, Stats) {
    let region = Region::new(ALLOCATOR);
    let result = what();
    let change = region.change();
    (result, change)
}

fn blocks(stats: &Stats) -> usize {
    stats.allocations + stats.reallocations
}

#[test]
fn what_is_allocated() {
    // The harness's own thread allocates too, while it starts.
    println!();
    std::thread::sleep(std::time::Duration::from_millis(100));
    building_headers();
    encoding_a_head();
    parsing_a_head();
    a_body();
    bombs();
}

fn building_headers() {
    let (_, stats) = counted(|| {
        Headers::from([("User-Agent", "reqs/0.1.0"), ("Accept", "*/*"), ("Connection", "keep-alive")])
    });
    println!("three headers by hand: {} allocations, {} bytes", blocks(&stats), stats.bytes_allocated);
    assert_eq!(blocks(&stats), 2);
    let headers = Headers::from([("User-Agent", "reqs/0.1.0"), ("Accept", "*/*")]);
    let (mut copy, stats) = counted(|| headers.clone());
    assert_eq!(blocks(&stats), 0);
    let (_, stats) = counted(|| copy.insert("Content-Type", "application/json"));
    println!("a header put into a copy: {} allocations", blocks(&stats));
    assert_eq!(blocks(&stats), 2);
}

fn encoding_a_head() {
    let headers =
        Headers::from([("User-Agent", "reqs/0.1.0"), ("Accept", "*/*"), ("Connection", "keep-alive")]);
    let head = RequestHead { method: "GET", target: "/", host: "example.org", headers: &headers };
    let mut out = Vec::with_capacity(1024);
    let (_, stats) = counted(|| Exchange::start(&head, &Limits::default(), &mut out).unwrap());
    println!("a request head into a buffer: {} allocations", blocks(&stats));
    assert_eq!(blocks(&stats), 0);
}

fn parsing_a_head() {
    for (count, most) in [(0, 0), (5, 2), (16, 2), (20, 3), (64, 4), (100, 4), (200, 4)] {
        let lines: String = (0..count).map(|n| format!("X-Header-{n}: some value of it\r\n")).collect();
        let wire = format!("HTTP/1.1 204 No Content\r\n{lines}\r\n");
        let mut exchange = support::started("GET", &Limits::default());
        let (found, stats) = counted(|| exchange.receive_head(wire.as_bytes()).unwrap().unwrap());
        println!(
            "a response head of {count} lines: {} allocations, {} bytes",
            blocks(&stats),
            stats.bytes_allocated
        );
        assert!(matches!(found, (Received::Final(head), _) if head.headers.len() == count));
        assert!(blocks(&stats) <= most, "{count}: {stats:?}");
    }
}

fn a_body() {
    let mut exchange = support::started("GET", &Limits::default());
    exchange.receive_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    let wire = b"5\r\nhello\r\n".repeat(1000);
    let (_, stats) = counted(|| {
        let mut rest = wire.as_slice();
        while let Frame::Data { skip, len } = exchange.frame(rest).unwrap() {
            exchange.consume(len as u64);
            rest = &rest[skip + len..];
        }
    });
    println!("a thousand chunks: {} allocations", blocks(&stats));
    assert_eq!(blocks(&stats), 0);
}

/// SEC-33, DEC-7: reading a kilobyte of a bomb, and then all of it a kilobyte at a time, allocates less than a megabyte
/// beyond the window that the coding needs.
fn bombs() {
    let zeros = vec![0; 10 << 20];
    let mut bombs = vec![
        ("gzip", encoders::gzip(&zeros)),
        ("gzip, gzip", encoders::gzip(&encoders::gzip(&zeros))),
        ("deflate", encoders::zlib(&zeros)),
        ("br", encoders::br(&zeros)),
    ];
    #[cfg(feature = "zstd")]
    bombs.push(("zstd", encoders::zstd(&zeros)));
    for (codings, wire) in &mut bombs {
        let headers = Headers::from([("content-encoding", &*codings)]);
        let mut room = [0; 1024];
        let mut input = wire.as_slice();
        let mut decoder = None;
        let (first, start) = counted(|| {
            let decoder =
                decoder.insert(Decoder::from_headers(&headers, &DecodeLimits::default()).unwrap().unwrap());
            let progress = decoder.decode(input, &mut room).unwrap();
            input = &input[progress.consumed..];
            progress.produced
        });
        let mut decoder = decoder.unwrap();
        let (total, rest) = counted(|| {
            let mut total = first;
            loop {
                let progress = decoder.decode(input, &mut room).unwrap();
                input = &input[progress.consumed..];
                total += progress.produced;
                if progress.produced == 0 && input.is_empty() {
                    return total;
                }
            }
        });
        println!(
            "a bomb of {codings}, {} bytes to {total}: {first} bytes read with {} allocated; all of it, 1 KiB at a time, with {}",
            wire.len(),
            start.bytes_allocated,
            start.bytes_allocated + rest.bytes_allocated,
        );
        assert_eq!((first, total), (1024, 10 << 20), "{codings}");
        // gzip and deflate have a window of 32 KiB. Those of br (up to 16 MiB, 4 as it was encoded here) and zstd (up to
        // 8) are what the stream says: the decoder cannot do with less.
        let window = if codings.contains("gzip") || *codings == "deflate" { 0 } else { 16 << 20 };
        assert!(start.bytes_allocated < window + (1 << 20), "{codings}: {start:?}");
        assert!(start.bytes_allocated + rest.bytes_allocated < window + (1 << 20), "{codings}: {rest:?}");
    }
}
