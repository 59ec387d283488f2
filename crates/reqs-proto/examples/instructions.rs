//! Instructions per operation, repeatable to the last digit. Run under callgrind with two counts; the difference of
//! the totals, divided by the difference of the counts, is one operation without the start of the process:
//!
//! ```text
//! cargo build --release --example instructions -p reqs-proto
//! for n in 1000 2000; do
//!     valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/instructions parse-20 $n
//! done
//! ```
//!
//! Operations: `encode`, `parse-5`, `parse-20`, `parse-100`, `httparse-20`, `exchange` (a whole keep-alive GET of 200 bytes).
//! With no arguments it runs each once as a check.
#![allow(clippy::print_stdout)]

#[allow(dead_code)]
#[path = "../benches/shared/mod.rs"]
mod shared;

use std::hint::black_box;

use reqs_proto::{Exchange, Frame, Headers, Limits, RequestHead};

const OPERATIONS: [&str; 6] = ["encode", "parse-5", "parse-20", "parse-100", "httparse-20", "exchange"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [operation, count] = arguments.as_slice() {
        run(operation, count.parse().expect("a count"));
        return;
    }
    for operation in OPERATIONS {
        run(operation, 1);
        println!("{operation}: ran");
    }
}

fn run(operation: &str, count: usize) {
    let none = Headers::new();
    let headers = shared::request_headers();
    let head =
        |headers| RequestHead { method: "GET", target: "/events?page=1", host: "api.github.com", headers };
    let lines = operation.rsplit('-').next().and_then(|n| n.parse().ok()).unwrap_or(5);
    let mut wire = shared::response_head(lines);
    if operation == "exchange" {
        wire.resize(wire.len() + 200, b'x');
    }
    let limits = Limits::default();
    let mut out = Vec::with_capacity(4096);
    for _ in 0..count {
        out.clear();
        match operation {
            "encode" => {
                black_box(Exchange::start(&head(&headers), &limits, &mut out).unwrap());
            }
            "httparse-20" => {
                let mut parsed = [httparse::EMPTY_HEADER; 64];
                black_box(httparse::Response::new(&mut parsed).parse(black_box(&wire)).unwrap());
            }
            "exchange" => {
                let mut exchange = Exchange::start(&head(&headers), &limits, &mut out).unwrap();
                let (_, consumed) = black_box(exchange.receive_head(black_box(&wire)).unwrap().unwrap());
                let Frame::Data { len, .. } = exchange.frame(&wire[consumed..]).unwrap() else {
                    unreachable!()
                };
                exchange.consume(len as u64);
                black_box(exchange.reuse(0)).unwrap();
            }
            _ => {
                let mut exchange = Exchange::start(&head(&none), &limits, &mut out).unwrap();
                black_box(exchange.receive_head(black_box(&wire)).unwrap());
            }
        }
    }
}
