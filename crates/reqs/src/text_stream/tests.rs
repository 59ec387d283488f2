//! Text is the same however the body is cut.

use std::io::{self, Read};

use proptest::prelude::*;

use super::*;

/// Gives its bytes so many at a time.
struct Cut(Vec<u8>, usize);

impl Read for Cut {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.1.min(out.len()).min(self.0.len());
        out[..n].copy_from_slice(&self.0[..n]);
        self.0.drain(..n);
        Ok(n)
    }
}

fn cut(bytes: &[u8], size: usize, content_type: &str) -> Response<Stream> {
    let builder = Response::builder().reader(Cut(bytes.to_vec(), size));
    match content_type {
        "" => builder.build(),
        content_type => builder.header("Content-Type", content_type).build(),
    }
}

fn text_of(bytes: &[u8], size: usize, content_type: &str) -> String {
    cut(bytes, size, content_type).iter_text(None).map(Result::unwrap).collect()
}

fn lines_of(text: &str, size: usize) -> Vec<String> {
    cut(text.as_bytes(), size, "").iter_lines_text().map(Result::unwrap).collect()
}

#[test]
fn str_5_characters_are_never_cut() {
    let cases: [(&[u8], &str, &str); 14] = [
        (b"", "", ""),
        ("aé€𝄞".as_bytes(), "", "aé€𝄞"),
        ("aé€𝄞".as_bytes(), "text/plain; charset=utf-8", "aé€𝄞"),
        (b"\xef\xbb\xbfx\xc3\xa9", "", "xé"),
        (b"\xef\xbb\xbfx", "text/plain; charset=utf-8", "x"),
        (b"\xff\xfea\0\xe9\0", "", "aé"),
        (b"\xfe\xff\0a\0\xe9", "text/plain; charset=utf-16", "aé"),
        (b"\xff\xfe\0\0a\0\0\0\xe9\0\0\0", "", "aé"),
        (b"caf\xe9 cr\xe8me", "text/plain", "café crème"),
        (b"caf\xe9", "text/plain; charset=iso-8859-1", "café"),
        (b"\x83\x65\x83\x58\x83\x67\x82\xc5\x82\xb7", "application/x", "テストです"),
        (b"\x83\x65\x83\x58\x83\x67", "application/x; charset=cp932", "テスト"),
        (b"a\xff", "text/plain; charset=utf-8", "a\u{fffd}"),
        (b"a\xe2\x82", "text/plain; charset=utf-8", "a\u{fffd}"),
    ];
    for (bytes, content_type, expected) in cases {
        for size in 1..=bytes.len().max(1) {
            assert_eq!(
                text_of(bytes, size, content_type),
                expected,
                "{bytes:?} as {content_type} cut every {size}"
            );
        }
        let whole = cut(bytes, 1, content_type).load().unwrap();
        assert_eq!(whole.text(), expected, "and all at once");
    }
}

#[test]
fn str_5_an_unknown_charset_is_an_error_that_says_how_to_go_on() {
    let mut r = cut(b"abc", 9, "text/plain; charset=klingon");
    for error in
        [r.iter_text(8).next().unwrap().unwrap_err(), r.iter_lines_text().next().unwrap().unwrap_err()]
    {
        assert_eq!(error.kind(), ErrorKind::UnknownEncoding);
        assert!(
            error.to_string().starts_with("the encoding 'klingon' is unknown: set_encoding()"),
            "{error}"
        );
    }
    // ENC-5: and so it is.
    r.set_encoding("utf-8");
    assert_eq!(r.iter_text(2).map(Result::unwrap).collect::<Vec<_>>(), ["ab", "c"]);
    assert_eq!(r.iter_text(2).next().unwrap().unwrap_err().kind(), ErrorKind::StreamConsumed);
    assert_eq!(cut(b"abc", 9, "").iter_text(0).next().unwrap().unwrap_err().kind(), ErrorKind::InvalidOption);
}

#[test]
fn str_7_lines_of_text_end_where_pythons_do() {
    let text = "a\nb\r\nc\rd\u{b}e\u{c}f\u{1c}g\u{1d}h\u{1e}i\u{85}j\u{2028}k\u{2029}l\r\n\r\nm\r\r\n";
    let expected = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "", "m", ""];
    for size in 1..=text.len() {
        assert_eq!(lines_of(text, size), expected, "cut every {size}");
    }
    let mut utf_16 = vec![0xff, 0xfe];
    utf_16.extend("é\r\n€\n".encode_utf16().flat_map(u16::to_le_bytes));
    for size in 1..=utf_16.len() {
        let lines: Vec<_> = cut(&utf_16, size, "").iter_lines_text().map(Result::unwrap).collect();
        assert_eq!(lines, ["é", "€"], "cut every {size}");
    }
}

#[test]
fn str_9_delimiters_of_text() {
    for (text, delimiter, expected) in [
        ("a€b€", "€", &["a", "b", ""][..]),
        ("a||b|c", "||", &["a", "b|c"]),
        ("", "|", &[]),
        ("\n", "|", &["\n"]),
    ] {
        for size in 1..=text.len().max(1) {
            let mut r = cut(text.as_bytes(), size, "");
            let lines: Vec<_> = r.iter_lines_text().delimiter(delimiter).map(Result::unwrap).collect();
            assert_eq!(lines, expected, "{text} cut every {size}");
        }
    }
    let mut r = cut(b"a", 1, "");
    assert_eq!(
        r.iter_lines_text().delimiter("").next().unwrap().unwrap_err().kind(),
        ErrorKind::InvalidOption
    );
}

proptest! {
    #[test]
    fn str_5_any_cut_of_any_utf_8_is_the_text(text in any::<String>(), size in 1..20_usize) {
        let whole = cut(text.as_bytes(), 1000, "").load().unwrap();
        prop_assert_eq!(text_of(text.as_bytes(), size, ""), whole.text());
    }

    #[test]
    fn any_cut_of_any_bytes_is_the_same_text(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        size in 1..20_usize,
        content_type in prop::sample::select(&[
            "", "text/html", "x/y; charset=shift_jis", "x/y; charset=gb18030", "x/y; charset=utf-16",
            "x/y; charset=iso-2022-jp", "x/y; charset=utf-8",
        ][..]),
    ) {
        prop_assert_eq!(text_of(&bytes, size, content_type), text_of(&bytes, 1000, content_type));
    }

    #[test]
    fn any_cut_gives_the_same_lines(text in "[ab\n\r\u{b}\u{85}\u{2028}]{0,40}", size in 1..9_usize) {
        prop_assert_eq!(lines_of(&text, size), lines_of(&text, 1000));
    }
}
