//! Lines are the same however the body is cut.

use std::io::{self, Read};

use proptest::prelude::*;

use super::*;

/// Gives its bytes in pieces of these sizes, over and over.
struct Cut {
    rest: Vec<u8>,
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Cut {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        let n = size.min(out.len()).min(self.rest.len());
        out[..n].copy_from_slice(&self.rest[..n]);
        self.rest.drain(..n);
        Ok(n)
    }
}

fn cut(bytes: &[u8], sizes: &[usize]) -> Response<Stream> {
    Response::builder().reader(Cut { rest: bytes.to_vec(), sizes: sizes.to_vec(), turn: 0 }).build()
}

fn lines(mut response: Response<Stream>) -> Vec<Vec<u8>> {
    response.iter_lines().map(Result::unwrap).collect()
}

/// What Python's `bytes.splitlines` gives, a byte at a time.
fn model(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = vec![];
    let mut line = vec![];
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' | b'\r' => {
                lines.push(std::mem::take(&mut line));
                if bytes[at..].starts_with(b"\r\n") {
                    at += 1;
                }
            }
            byte => line.push(byte),
        }
        at += 1;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// What splitting the whole at each occurrence gives.
fn model_split(bytes: &[u8], delimiter: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = vec![];
    let mut rest = bytes;
    while let Some(at) = rest.windows(delimiter.len()).position(|window| window == delimiter) {
        pieces.push(rest[..at].to_vec());
        rest = &rest[at + delimiter.len()..];
    }
    if !bytes.is_empty() {
        pieces.push(rest.to_vec());
    }
    pieces
}

/// t:test_response_iter_lines
#[test]
fn str_7_str_8_any_line_end_cut_anywhere() {
    let cases: [(&[u8], &[&str]); 9] = [
        (b"", &[]),
        (b"a", &["a"]),
        (b"a\r\nb\r\n", &["a", "b"]),
        (b"a\nb\rc\r\n\r\nd", &["a", "b", "c", "", "d"]),
        (b"\n", &[""]),
        (b"\r\n", &[""]),
        (b"\r\r\n\n", &["", "", ""]),
        (b"a\x0bb\x85", &["a\x0bb\u{fffd}"]),
        (b"a\n\r\nb", &["a", "", "b"]),
    ];
    for (text, expected) in cases {
        for size in 1..=text.len().max(1) {
            let got = lines(cut(text, &[size]));
            let got: Vec<_> = got.iter().map(|line| String::from_utf8_lossy(line)).collect();
            assert_eq!(got, expected, "{text:?} cut every {size}");
        }
    }
}

#[test]
fn str_9_delimiters_cut_anywhere() {
    let cases: [(&str, &str, &[&str]); 8] = [
        ("a,b", ",", &["a", "b"]),
        ("a,b,", ",", &["a", "b", ""]),
        (",", ",", &["", ""]),
        ("", ",", &[]),
        ("a\n\nb\n\n\nc", "\n\n", &["a", "b", "\nc"]),
        ("aaab", "aab", &["a", ""]),
        ("ababac", "abac", &["ab", ""]),
        ("a\r\nb", "xyz", &["a\r\nb"]),
    ];
    for (text, delimiter, expected) in cases {
        for size in 1..=text.len().max(1) {
            let mut response = cut(text.as_bytes(), &[size]);
            let got: Vec<Vec<u8>> = response.iter_lines().delimiter(delimiter).map(Result::unwrap).collect();
            let got: Vec<_> = got.iter().map(|line| str::from_utf8(line).unwrap()).collect();
            assert_eq!(got, expected, "{text:?} at {delimiter:?} cut every {size}");
        }
    }
    let mut response = cut(b"abc", &[1]);
    let error = response.iter_lines().delimiter("").next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
}

#[test]
fn s32_3_who_asks_again_gets_the_next_line() {
    for size in 1..=20 {
        let mut response = cut(b"1\r\n2\r3\n\r\n4", &[size]);
        let mut got = Vec::new();
        while let Some(line) = response.iter_lines().next() {
            got.push(String::from_utf8(line.unwrap()).unwrap());
            if got.len() == 5 {
                break;
            }
        }
        assert_eq!(got, ["1", "2", "3", "", "4"], "cut every {size}");
    }
}

/// Whoever read the LF in between, it ends one line only.
#[test]
fn an_lf_that_was_read_in_another_way_ends_no_second_line() {
    let ways: [fn(&mut Response<Stream>); 3] = [
        |r| r.read_exact(&mut [0; 1]).unwrap(),
        |r| r.raw().read_exact(&mut [0; 1]).unwrap(),
        |r| drop(r.iter_content(1).next()),
    ];
    for way in ways {
        let mut response = cut(b"a\r\n\nb", &[2]);
        assert_eq!(response.iter_lines().next().unwrap().unwrap(), b"a");
        way(&mut response);
        assert_eq!(lines(response), [&b""[..], b"b"]);
    }
    // Looking at the rest reads nothing.
    let mut response = cut(b"a\r\nb", &[2]);
    assert_eq!(response.iter_lines().next().unwrap().unwrap(), b"a");
    assert_eq!(response.buffer().unwrap(), b"\nb");
    assert_eq!(lines(response), [b"b"]);
}

#[test]
fn res_6_after_the_end_there_is_an_error_not_an_empty_body() {
    let mut response = cut(b"a\nb", &[2]);
    assert_eq!(response.iter_lines().count(), 2);
    let error = response.iter_lines().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StreamConsumed);
    assert_eq!(response.iter_content(3).next().unwrap().unwrap_err().kind(), ErrorKind::StreamConsumed);
    assert_eq!(response.load().unwrap_err().kind(), ErrorKind::StreamConsumed);
}

/// A rescan per piece would look at 50 TB here.
#[test]
fn a_line_of_ten_million_bytes_in_small_pieces_takes_no_time() {
    let long = vec![b'x'; 10_000_000];
    for delimiter in [None, Some("yyyy")] {
        let mut response = Response::builder().reader(Trickle(long.clone(), 0)).build();
        let lines = response.iter_lines();
        let mut lines = match delimiter {
            Some(delimiter) => lines.delimiter(delimiter),
            None => lines,
        };
        assert_eq!(lines.next().unwrap().unwrap().len(), long.len());
        assert!(lines.next().is_none());
    }
}

struct Trickle(Vec<u8>, usize);

impl Read for Trickle {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.0[self.1..].len().min(out.len()).min(10);
        out[..n].copy_from_slice(&self.0[self.1..self.1 + n]);
        self.1 += n;
        Ok(n)
    }
}

proptest! {
    #[test]
    fn str_8_any_cut_gives_what_splitting_the_whole_gives(
        bytes in prop::collection::vec(prop::sample::select(&b"ab\r\n\r\n"[..]), 0..60),
        sizes in prop::collection::vec(1..9_usize, 1..6),
    ) {
        let whole: Vec<_> = split(&bytes).map(<[u8]>::to_vec).collect();
        prop_assert_eq!(&whole, &model(&bytes));
        prop_assert_eq!(lines(cut(&bytes, &sizes)), whole);
    }

    #[test]
    fn str_9_any_cut_and_delimiter_gives_what_splitting_the_whole_gives(
        bytes in prop::collection::vec(prop::sample::select(&b"aab\n"[..]), 0..60),
        delimiter in prop::collection::vec(prop::sample::select(&b"aab\n"[..]), 1..5),
        sizes in prop::collection::vec(1..9_usize, 1..6),
    ) {
        let mut response = cut(&bytes, &sizes);
        let got: Vec<_> = response.iter_lines().delimiter(delimiter.clone()).map(Result::unwrap).collect();
        prop_assert_eq!(got, model_split(&bytes, &delimiter));
    }

    #[test]
    fn str_1_pieces_put_together_are_the_body(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        size in 1..40_usize,
        sizes in prop::collection::vec(1..9_usize, 1..6),
    ) {
        let pieces: Vec<_> = cut(&bytes, &sizes).iter_content(size).map(Result::unwrap).collect();
        prop_assert!(pieces.iter().rev().skip(1).all(|piece| piece.len() == size));
        prop_assert!(pieces.iter().all(|piece| !piece.is_empty()));
        prop_assert_eq!(pieces.concat(), bytes);
    }
}
