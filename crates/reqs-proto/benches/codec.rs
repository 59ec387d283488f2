//! `cargo bench -p reqs-proto`: the codec beside what it stands on, in one run, so that the ratios can be read.

#[allow(dead_code)]
mod shared;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use flate2::{Decompress, FlushDecompress, Status};
use reqs_proto::{ChunkedDecoder, DecodeLimits, Decoder, Exchange, Frame, Headers, Limits, RequestHead};

fn main() {
    divan::main();
}

fn get(headers: &Headers) -> RequestHead<'_> {
    RequestHead { method: "GET", target: "/events?page=1", host: "api.github.com", headers }
}

#[divan::bench]
fn head_encode(bencher: Bencher<'_, '_>) {
    let headers = shared::request_headers();
    let mut out = Vec::with_capacity(4096);
    bencher.bench_local(|| {
        out.clear();
        Exchange::start(black_box(&get(&headers)), &Limits::default(), &mut out).unwrap()
    });
}

#[divan::bench(args = [5, 20, 100])]
fn head_parse(bencher: Bencher<'_, '_>, headers: usize) {
    let wire = shared::response_head(headers);
    let request = Headers::new();
    let mut out = Vec::with_capacity(4096);
    bencher
        .with_inputs(|| {
            out.clear();
            Exchange::start(&get(&request), &Limits::default(), &mut out).unwrap()
        })
        .bench_local_refs(|exchange| exchange.receive_head(black_box(&wire)).unwrap().unwrap());
}

#[divan::bench(args = [5, 20, 100])]
fn head_parse_httparse_alone(bencher: Bencher<'_, '_>, headers: usize) {
    let wire = shared::response_head(headers);
    bencher.bench_local(|| {
        // As much room as a client gives that does not know how many there will be.
        let mut few = [httparse::EMPTY_HEADER; 64];
        let mut many;
        let room = if headers <= few.len() {
            few.as_mut_slice()
        } else {
            many = [httparse::EMPTY_HEADER; 128];
            many.as_mut_slice()
        };
        let mut response = httparse::Response::new(room);
        let len = response.parse(black_box(&wire)).unwrap().unwrap();
        (len, response.code, black_box(response.headers).len())
    });
}

#[divan::bench(args = [64, 1024, 16 * 1024])]
fn chunked_decode(bencher: Bencher<'_, '_>, size: usize) {
    let wire = shared::chunked_body(1024 * 1024 / size, size);
    bencher.counter(BytesCount::of_slice(&wire)).bench_local(|| {
        let mut decoder = ChunkedDecoder::new(&Limits::default());
        let mut rest = black_box(wire.as_slice());
        let mut body = 0;
        while let Frame::Data { skip, len } = decoder.frame(rest).unwrap() {
            decoder.consume(len as u64);
            body += len;
            rest = &rest[skip + len..];
        }
        body
    });
}

const TEXT: usize = 20 * 1024 * 1024;
const ROOM: usize = 64 * 1024;

#[divan::bench]
fn gzip_decode(bencher: Bencher<'_, '_>) {
    let wire = shared::gzip(&shared::text(TEXT));
    let headers = Headers::from([("Content-Encoding", "gzip")]);
    let mut room = vec![0; ROOM];
    bencher.counter(BytesCount::new(TEXT)).bench_local(|| {
        let mut decoder = Decoder::from_headers(&headers, &DecodeLimits::default()).unwrap().unwrap();
        let mut rest = black_box(wire.as_slice());
        let mut total = 0;
        while !rest.is_empty() {
            let progress = decoder.decode(rest, &mut room).unwrap();
            rest = &rest[progress.consumed..];
            total += progress.produced;
        }
        loop {
            match decoder.finish(&mut room).unwrap() {
                0 => return total,
                n => total += n,
            }
        }
    });
}

#[divan::bench]
fn gzip_decode_flate2_alone(bencher: Bencher<'_, '_>) {
    let wire = shared::gzip(&shared::text(TEXT));
    let mut room = vec![0; ROOM];
    bencher.counter(BytesCount::new(TEXT)).bench_local(|| {
        let mut inflate = Decompress::new_gzip(15);
        loop {
            let rest = &black_box(wire.as_slice())[inflate.total_in() as usize..];
            if inflate.decompress(rest, &mut room, FlushDecompress::None).unwrap() == Status::StreamEnd {
                return inflate.total_out() as usize;
            }
        }
    });
}
