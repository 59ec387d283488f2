use std::io::{self, Cursor, Read};

use proptest::prelude::*;

use super::scan::BLOCK;
use super::*;
use crate::{Form, Part};

type Parts = Vec<(Vec<(String, String)>, Vec<u8>)>;

/// Gives at most so many bytes at a time.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = out.len().min(self.1);
        self.0.read(&mut out[..room])
    }
}

fn decode_by(body: &[u8], content_type: &str, step: usize) -> Result<Parts, DecodeError> {
    let mut reader = MultipartReader::new(Dribble(body, step), content_type)?;
    let mut parts = Parts::new();
    while let Some(part) = reader.next_part()? {
        let headers = part.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        parts.push((headers, part.content(1 << 20)?));
    }
    assert!(reader.next_part()?.is_none(), "the end stays the end");
    Ok(parts)
}

/// The contents as text, the same however the bytes arrive.
fn contents(body: &[u8]) -> Result<Vec<String>, String> {
    let all = |step| {
        let parts =
            decode_by(body, "multipart/mixed; boundary=B", step).map_err(|error| error.to_string())?;
        Ok(parts.into_iter().map(|(_, content)| String::from_utf8(content).unwrap()).collect())
    };
    let whole: Result<Vec<String>, String> = all(usize::MAX);
    for step in [1, 2, 3, 7] {
        assert_eq!(all(step), whole, "{step} bytes at a time: {:?}", String::from_utf8_lossy(body));
    }
    whole
}

#[test]
fn x03_where_parts_begin_and_end() {
    let cases: &[(&str, &[&str])] = &[
        ("--B\r\n\r\na\r\n--B\r\n\r\nb\r\n--B--\r\n", &["a", "b"]),
        ("--B\r\n\r\na\r\n--B--", &["a"]),
        ("--B\r\n\r\na\r\n--B--\r", &["a"]),
        ("--B--\r\n", &[]),
        ("--B--", &[]),
        ("preamble\r\n--B\r\n\r\na\r\n--B--\r\nepilogue\r\n--B\r\n\r\nno", &["a"]),
        ("\r\n--B\r\n\r\na\r\n--B--", &["a"]),
        ("--B \t\r\n\r\na\r\n--B--  \r\n", &["a"]),
        ("--B\r\n\r\n\r\n--B\r\n\r\n\r\n\r\n--B--", &["", "\r\n"]),
        ("--B\r\nX-A: 1\r\n\r\na\r\n--B--", &["a"]),
        // Not delimiters: another boundary, no line break before it, a bare line feed.
        (
            "--B\r\n\r\na\r\n--BB\r\n--B-\r\n--B--x\r\n--Bx--\r\n--B--",
            &["a\r\n--BB\r\n--B-\r\n--B--x\r\n--Bx--"],
        ),
        ("--B\r\n\r\n--B\r\n--B--", &["--B"]),
        ("--B\r\n\r\na\n--B--\r\r\n\r\n--B--", &["a\n--B--\r\r\n"]),
        ("--B\r\n\r\n\r\r\r\n\r\n-\r\n--\r\n--B--", &["\r\r\r\n\r\n-\r\n--"]),
        // Not the first delimiter.
        ("x--B\r\n\r\na\r\n--B\r\n\r\nb\r\n--B--", &["b"]),
    ];
    for (body, wanted) in cases {
        assert_eq!(contents(body.as_bytes()).unwrap(), *wanted, "{body:?}");
    }
}

#[test]
fn x03_white_space_behind_a_delimiter_is_not_waited_for_without_end() {
    let body = |padding: usize| format!("--B\r\n\r\na\r\n--B{}\r\n\r\nb\r\n--B--", " ".repeat(padding));
    assert_eq!(contents(body(256).as_bytes()).unwrap(), ["a", "b"]);
    assert_eq!(contents(body(257).as_bytes()).unwrap().len(), 1);
    let endless = b"--B\r\n\r\na\r\n--B".chain(io::repeat(b' ').take(1 << 20));
    let mut reader = MultipartReader::new(endless, "multipart/mixed; boundary=B").unwrap();
    assert!(matches!(
        reader.next_part().unwrap().unwrap().content(100),
        Err(DecodeError::PartTooLong { limit: 100 })
    ));
}

#[test]
fn x03_a_body_that_is_not_whole_is_an_error_wherever_it_ends() {
    let body = b"--B\r\nX-A: 1\r\n\r\na\r\n--B\r\n\r\nb\r\n--B--";
    for end in 0..body.len() {
        let error = contents(&body[..end]).unwrap_err();
        assert_eq!(error, "the multipart body ended before its closing delimiter", "cut at {end}");
    }
    assert!(contents(body).is_ok());
    let mut reader = MultipartReader::new(&b"--B\r\n\r\nabc"[..], "multipart/mixed; boundary=B").unwrap();
    let mut part = reader.next_part().unwrap().unwrap();
    let error = part.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert!(matches!(error.downcast().unwrap(), DecodeError::Truncated));
    assert!(reader.next_part().unwrap().is_none());
}

#[test]
fn x03_headers_as_they_came() {
    let body =
        b"--B\r\nContent-Type: text/plain\r\nX-Fold: a\r\n\t b\r\nx-latin:\xe9\r\nX-E:\r\n\r\n\r\n--B--";
    let parts = decode_by(body, "Multipart/X; boundary=\"B\"", 5).unwrap();
    let headers: Vec<(&str, &str)> =
        parts[0].0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(headers, [("Content-Type", "text/plain"), ("X-Fold", "a b"), ("x-latin", "é"), ("X-E", "")]);
    for head in ["no colon", ": nameless", "na me: x", " folded: first"] {
        let body = format!("--B\r\n\r\n\r\n--B\r\n{head}\r\n\r\n\r\n--B--");
        assert_eq!(
            contents(body.as_bytes()).unwrap_err(),
            "part 1 (from 0) has a line in its head that is no header"
        );
    }
}

#[test]
fn x03_other_types_and_missing_boundaries_are_told() {
    let error = |content_type| MultipartReader::new(io::empty(), content_type).unwrap_err().to_string();
    assert_eq!(error("text/html; boundary=B"), "content type \"text/html; boundary=B\" is not multipart");
    assert_eq!(error("multi"), "content type \"multi\" is not multipart");
    assert_eq!(error("multipärt/x"), "content type \"multipärt/x\" is not multipart");
    assert_eq!(error("multipart/mixed"), "content type \"multipart/mixed\" has no valid boundary");
    assert_eq!(
        error("multipart/mixed; boundary=\"\""),
        "content type \"multipart/mixed; boundary=\\\"\\\"\" has no valid boundary"
    );
}

#[test]
fn x03_every_limit_holds() {
    let limits = MultipartLimits { head_bytes: 40, parts: 2 };
    let run = |body: String| {
        let content_type = "multipart/mixed; boundary=B";
        let mut reader =
            MultipartReader::new(Dribble(body.as_bytes(), 9), content_type).unwrap().limits(limits);
        loop {
            match reader.next_part() {
                Ok(Some(part)) => {
                    if let Err(error) = part.content(10) {
                        return error.to_string();
                    }
                }
                Ok(None) => return "whole".to_owned(),
                Err(error) => {
                    assert!(reader.next_part().unwrap().is_none(), "nothing comes after an error");
                    return error.to_string();
                }
            }
        }
    };
    let part = |head: usize, content: usize| {
        format!("\r\n--B\r\nX: {}\r\n\r\n{}", "h".repeat(head - 5), "c".repeat(content))
    };
    let close = "\r\n--B--\r\n";
    assert_eq!(run(part(40, 10) + &part(39, 0) + close), "whole");
    assert_eq!(run(part(41, 0) + close), "the head of a part is longer than 40 bytes");
    assert_eq!(run(part(4000, 0) + close), "the head of a part is longer than 40 bytes");
    assert_eq!(run(part(5, 11) + close), "the content of a part is longer than 10 bytes");
    assert_eq!(
        run(part(5, 0) + &part(5, 0) + &part(5, 0) + close),
        "the multipart body has more than 2 parts"
    );
    assert_eq!(run("p".repeat(40) + &part(5, 0) + close), "whole");
    assert_eq!(
        run("p".repeat(41) + close),
        "the multipart body has more than 40 bytes before its first part"
    );
}

#[test]
fn x03_unread_parts_are_skipped_and_memory_stays_small() {
    let size = 8 << 20;
    let body = b"--B\r\n\r\n".chain(io::repeat(b'\r').take(size)).chain(&b"\r\n--B\r\n\r\nlast\r\n--B--"[..]);
    let mut reader = MultipartReader::new(body, "multipart/mixed; boundary=B").unwrap();
    let mut first = reader.next_part().unwrap().unwrap();
    first.read_exact(&mut [0; 10]).unwrap();
    assert_eq!(reader.next_part().unwrap().unwrap().content(4).unwrap(), b"last");
    assert!(reader.buffer.bytes.capacity() <= 4 * BLOCK, "{}", reader.buffer.bytes.capacity());
}

#[test]
fn x03_an_interrupted_read_is_taken_up_again() {
    /// Interrupted before every byte.
    struct Fitful<'a>(&'a [u8], bool);
    impl Read for Fitful<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            match self.1 {
                true => Err(io::ErrorKind::Interrupted.into()),
                false => self.0.read(&mut out[..1]),
            }
        }
    }
    let body = Fitful(b"--B\r\nX-A: 1\r\n\r\nabc\r\n--B--\r\n", false);
    let mut reader = MultipartReader::new(body, "multipart/mixed; boundary=B").unwrap();
    let part = loop {
        match reader.next_part() {
            Ok(part) => break part.map(|part| part.content(10).unwrap()),
            Err(error) => assert!(error.is_interrupted()),
        }
    };
    assert_eq!(part.as_deref(), Some(&b"abc"[..]));
}

/// What a body is made of, and what looks like it.
const PIECES: [&str; 9] = ["\r\n", "--B", "--", "\r\n--B\r\n\r\n", "\r\n--B--", "a: b", " ", "\r", "x"];

proptest! {
    #[test]
    fn x03_what_a_form_writes_is_read_back(
        fields in prop::collection::vec(("[a-z]{1,8}", prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'-'), any::<u8>()], 0..100)), 0..6),
        step in 1..200_usize,
    ) {
        let form = fields.iter().fold(Form::new(), |form, (name, content)| {
            form.part(name, Part::seekable(Cursor::new(content.clone())).header("X-A", "1"))
        });
        let content_type = form.content_type();
        let body = form.into_vec().unwrap();
        let parts = decode_by(&body, &content_type, step).unwrap();
        prop_assert_eq!(parts.len(), fields.len());
        for ((headers, content), (name, wanted)) in parts.iter().zip(&fields) {
            prop_assert_eq!(&headers[0].1, &format!("form-data; name=\"{name}\""));
            prop_assert_eq!(&headers[1], &("X-A".to_owned(), "1".to_owned()));
            prop_assert_eq!(content, wanted);
        }
    }

    #[test]
    fn x03_no_bytes_make_it_panic_and_their_arrival_changes_nothing(pieces in prop::collection::vec(0..PIECES.len(), 0..30)) {
        // `contents` compares the ways of arrival.
        let _ = contents(pieces.into_iter().map(|piece| PIECES[piece]).collect::<String>().as_bytes());
    }

    #[test]
    fn x03_no_content_type_makes_it_panic(content_type in any::<String>(), parameter in any::<String>()) {
        let _ = MultipartReader::new(io::empty(), &content_type);
        let _ = MultipartReader::new(io::empty(), &format!("multipart/mixed; {parameter}"));
        let _ = MultipartReader::new(io::empty(), &format!("multipart/mixed; boundary=\"{parameter}"));
    }
}
