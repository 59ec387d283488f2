//! JSON both ways: values to bodies, bodies to values in whichever Unicode encoding they came.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::finite;
use crate::response::Response;
use crate::text;

/// The value as compact JSON (JSN-4); NaN and the infinities are refused, since JSON has none (JSN-5).
pub(crate) fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    let unfit = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::new(ErrorKind::InvalidJson, format!("the value cannot be written as JSON: {error}"))
            .with_source(error)
    };
    finite::check(value).map_err(|error| unfit(error.into()))?;
    serde_json::to_vec(value).map_err(|error| unfit(error.into()))
}

/// The response's body as a value.
pub(crate) fn decode<T: DeserializeOwned>(response: &Response) -> Result<T> {
    let text = text_of(response);
    serde_json::from_str(&text).map_err(|error| explain(response, &text, error))
}

/// The body as the text that is parsed. JSON is Unicode, whichever of its encodings the first bytes show; only a charset
/// of another kind is believed (JRS-1), and what is no UTF-8 after all is what headers and detector make of it.
fn text_of(response: &Response) -> Cow<'_, str> {
    let charset = response.encoding().and_then(text::named);
    if charset.is_some_and(|charset| charset != UTF_8 && charset != UTF_16LE && charset != UTF_16BE) {
        return response.text();
    }
    match unicode(response.content()) {
        Unicode::Utf8(bytes) => str::from_utf8(bytes).map_or_else(|_| response.text(), Cow::Borrowed),
        Unicode::Transcoded(text) => text,
    }
}

/// The bytes as UTF-8, or text made of the UTF-16 or UTF-32 that they are.
enum Unicode<'a> {
    Utf8(&'a [u8]),
    Transcoded(Cow<'a, str>),
}

/// JSON begins with an ASCII character that is not NUL, so the zero bytes around it tell the encoding (JRS-1); marks do
/// so more plainly. RFC 4627 §3 could still count on two such characters.
fn unicode(bytes: &[u8]) -> Unicode<'_> {
    let utf_16 = |encoding: &'static Encoding, bytes| {
        Unicode::Transcoded(encoding.decode_without_bom_handling(bytes).0)
    };
    let utf_32 = |bytes, read| Unicode::Transcoded(Cow::Owned(text::from_utf32(bytes, read)));
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Unicode::Utf8(rest),
        [0xFF, 0xFE, 0, 0, rest @ ..] => utf_32(rest, u32::from_le_bytes),
        [0, 0, 0xFE, 0xFF, rest @ ..] => utf_32(rest, u32::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf_16(UTF_16LE, rest),
        [0xFE, 0xFF, rest @ ..] => utf_16(UTF_16BE, rest),
        [0, 0, 0, _, ..] => utf_32(bytes, u32::from_be_bytes),
        [_, 0, 0, 0, ..] => utf_32(bytes, u32::from_le_bytes),
        [0, _, ..] => utf_16(UTF_16BE, bytes),
        [_, 0, ..] => utf_16(UTF_16LE, bytes),
        _ => Unicode::Utf8(bytes),
    }
}

/// How much of what is no JSON is shown, about where parsing stopped.
const EXCERPT: usize = 60;

fn explain(response: &Response, text: &str, error: serde_json::Error) -> Error {
    let content_type = response.headers().get("Content-Type").unwrap_or("no content type");
    let content_type: String = content_type.chars().take(EXCERPT).flat_map(char::escape_debug).collect();
    let status = response.status().as_u16();
    let message = if text.trim_ascii().is_empty() {
        format!("the body is empty where JSON was expected (status {status}, {content_type})")
    } else if error.is_data() {
        // JSON of another shape may hold tokens (SEC-14), and its reason names the field.
        format!("the body is not the JSON expected: {error} (status {status}, {content_type})")
    } else {
        let excerpt = excerpt(text, offset(text, error.line(), error.column()));
        format!("the body is not the JSON expected: {error} (status {status}, {content_type}): {excerpt}")
    };
    response.named(Error::new(ErrorKind::JsonDecode, message).with_source(error))
}

/// Where that line and column stand; both count from 1, columns in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    let start = std::iter::once(0).chain(ends).nth(line.saturating_sub(1)).unwrap_or(text.len());
    (start + column).min(text.len())
}

/// The text about that place, on one line.
fn excerpt(text: &str, at: usize) -> String {
    let start = text.floor_char_boundary(at.saturating_sub(EXCERPT / 2));
    let shown: String = text[start..].chars().take(EXCERPT).collect();
    let before = if start > 0 { "…" } else { "" };
    let after = if start + shown.len() < text.len() { "…" } else { "" };
    format!("{before}{}{after}", shown.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn parse(bytes: &[u8]) -> Result<Value> {
        Response::builder().header("Content-Type", "application/json").body(bytes).build().load()?.json()
    }

    /// t:TestGuessJSONUTF::test_encoded, t:TestGuessJSONUTF::test_guess_by_bom: Python's eight names of encodings, of which
    /// `utf-16` and `utf-32` begin with a mark, and four where the mark stands before an order that was said.
    #[test]
    fn jrs_1_requests_own_encodings() {
        let units = |text: &str, big: bool, wide: bool| -> Vec<u8> {
            let order = |bytes: Vec<u8>| if big { bytes.into_iter().rev().collect() } else { bytes };
            match wide {
                false => text.encode_utf16().flat_map(|unit| order(unit.to_le_bytes().to_vec())).collect(),
                true => text.chars().flat_map(|c| order(u32::from(c).to_le_bytes().to_vec())).collect(),
            }
        };
        let marked = "\u{feff}{}";
        let cases = [
            ("utf-32", units(marked, false, true)),
            ("utf-8-sig", marked.into()),
            ("utf-16", units(marked, false, false)),
            ("utf-8", "{}".into()),
            ("utf-16-be", units("{}", true, false)),
            ("utf-16-le", units("{}", false, false)),
            ("utf-32-be", units("{}", true, true)),
            ("utf-32-le", units("{}", false, true)),
            ("utf-16-be and a mark", units(marked, true, false)),
            ("utf-16-le and a mark", units(marked, false, false)),
            ("utf-32-be and a mark", units(marked, true, true)),
            ("utf-32-le and a mark", units(marked, false, true)),
        ];
        for (name, bytes) in cases {
            assert_eq!(parse(&bytes).unwrap(), json!({}), "{name}");
        }
    }

    /// t:test_json_decode_compatibility_for_alt_utf_encodings: the body's 16 bits are found out, and it is no JSON in them
    /// either. The message shows the place where it ends to be (JRS-2).
    #[test]
    fn jrs_1_jrs_2_an_error_in_another_encoding() {
        let body = b"\xff\xfe{\x00\"\x00K0\"\x00=\x00\"\x00\xab0\"\x00\r\n";
        let error = parse(body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::JsonDecode);
        let message = error.to_string();
        assert!(message.contains("expected `:` at line 1 column 7"), "{message}");
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.downcast_ref::<serde_json::Error>().is_some_and(serde_json::Error::is_syntax));
    }

    #[test]
    fn jrs_1_seven_encodings() {
        let text = "{\"k\": \"é\"}";
        let units_16: Vec<u16> = text.encode_utf16().collect();
        let units_32: Vec<u32> = text.chars().map(u32::from).collect();
        let encodings: [(&str, Vec<u8>); 7] = [
            ("utf-8", text.as_bytes().to_vec()),
            ("utf-8-sig", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
            ("utf-16-le", units_16.iter().flat_map(|u| u.to_le_bytes()).collect()),
            ("utf-16-be", units_16.iter().flat_map(|u| u.to_be_bytes()).collect()),
            (
                "utf-16",
                [b"\xff\xfe".to_vec(), units_16.iter().flat_map(|u| u.to_le_bytes()).collect()].concat(),
            ),
            ("utf-32-le", units_32.iter().flat_map(|u| u.to_le_bytes()).collect()),
            ("utf-32-be", units_32.iter().flat_map(|u| u.to_be_bytes()).collect()),
        ];
        for (name, bytes) in encodings {
            assert_eq!(parse(&bytes).unwrap(), json!({"k": "é"}), "{name}");
        }
    }

    /// Only the first character of JSON is ASCII for sure (RFC 8259).
    #[test]
    fn jrs_1_text_beyond_ascii_from_the_second_character_on() {
        let text = "\"漢字\"";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [le, be] {
            assert_eq!(parse(&bytes).unwrap(), json!("漢字"), "{bytes:?}");
        }
        assert_eq!(parse(b"1\0").unwrap(), json!(1));
        assert_eq!(parse(b"\x001").unwrap(), json!(1));
    }

    #[test]
    fn jrs_2_an_error_tells_where_and_shows_a_little() {
        let error = parse(b"{\"a\": nope").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::JsonDecode);
        let message = error.to_string();
        assert!(message.contains("line 1 column 8"), "{message}");
        assert!(message.contains("status 200, application/json"), "{message}");
        assert!(parse(b"").unwrap_err().to_string().starts_with("the body is empty"));
        assert!(parse(&[b'x'; 5000]).unwrap_err().to_string().len() < 250);
    }

    #[test]
    fn jrs_1_another_charset_is_believed() {
        let build = |charset: &str| {
            let r =
                Response::builder().header("Content-Type", format!("application/json; charset={charset}"));
            r.body(*b"[\"\xe9\"]").build().load().unwrap().json::<Value>().unwrap()
        };
        assert_eq!(build("iso-8859-1"), json!(["é"]));
        assert_eq!(build("koi8-r"), json!(["И"]));
    }

    #[test]
    fn jrs_3_marks_are_stripped_and_later_keys_win() {
        let r = Response::builder().header("Content-Type", "application/json; charset=utf-8");
        let r = r.body("\u{feff}{\"a\": 1, \"a\": 2}").build().load().unwrap();
        assert_eq!(r.json::<Value>().unwrap(), json!({"a": 2}));
        // Python's json takes NaN for a number; the standard has none (RFC 8259 §6).
        assert_eq!(parse(b"[NaN]").unwrap_err().kind(), ErrorKind::JsonDecode);
    }

    /// t:TestGuessJSONUTF::test_bad_utf_like_encoding
    #[test]
    fn jrs_1_what_looks_like_no_unicode() {
        assert_eq!(parse(b"\0\0\0\0").unwrap_err().kind(), ErrorKind::JsonDecode);
        assert_eq!(parse(b"\xff\xfe[\0]\0").unwrap(), json!([]));
        assert_eq!(parse(b"1").unwrap(), json!(1));
    }

    #[test]
    fn jrs_2_a_number_that_does_not_fit_says_so() {
        let r = Response::builder().body("{\n  \"age\": 300\n}").build().load().unwrap();
        let error = r.json::<std::collections::BTreeMap<String, u8>>().unwrap_err();
        let message = error.to_string();
        assert!(message.contains("invalid value: integer `300`, expected u8 at line 2 column"), "{message}");
        let source = std::error::Error::source(&error).unwrap().downcast_ref::<serde_json::Error>().unwrap();
        assert_eq!(source.line(), 2);
    }

    #[test]
    fn sec_14_json_of_another_shape_is_not_shown() {
        let r = Response::builder().body(r#"{"access_token": "s3cret"}"#).build().load().unwrap();
        let error = r.json::<(u8,)>().unwrap_err();
        assert!(
            error.to_string().contains("invalid type: map, expected a tuple of size 1 at line 1"),
            "{error}"
        );
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    }

    #[test]
    fn jrs_2_what_is_shown_is_what_stands_there() {
        let long = format!("[{}\n, nope, {}]", "1,".repeat(500), "2,".repeat(500));
        let message = parse(long.as_bytes()).unwrap_err().to_string();
        assert!(message.contains("line 2 column"), "{message}");
        assert!(message.contains("nope"), "{message}");
        assert!(message.len() < 300 && !message.contains('\n'), "{message}");
        let chinese = format!("[\"{}", "漢".repeat(100));
        assert!(parse(chinese.as_bytes()).unwrap_err().to_string().ends_with('漢'));
    }
}
