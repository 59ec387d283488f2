//! Bytes as text and as JSON.

use std::borrow::Cow;

use reqs::ErrorKind;
use reqs_tests::httpbin;
use serde_json::{Value, json};

use crate::{answer, session, stream};

#[test]
fn s27_enc_5_the_encoding_can_be_asked_and_set() {
    let (r, _server) = stream(answer("Content-Type: text/html; charset=KOI8-R\r\n", b"\xf0\xf2\xe9"));
    let mut r = r.load().unwrap();
    assert_eq!((r.encoding(), r.text().as_ref()), (Some("KOI8-R"), "ПРИ"));
    r.set_encoding("windows-1252");
    assert_eq!((r.encoding(), r.text().as_ref()), (Some("windows-1252"), "ðòé"));
    r.set_encoding("no such thing");
    assert_eq!(r.text(), "ðòé", "ENC-3: an unknown one is as good as none");
    let error = r.try_text().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownEncoding);
    assert!(
        error.to_string().starts_with("the encoding 'no such thing' is unknown: set_encoding()"),
        "{error}"
    );
}

#[test]
fn enc_4_s27_3_a_guess_and_a_pages_own_word() {
    let page = "<meta charset=shift_jis>こんにちは、世界。".to_owned();
    let bytes =
        [&page.as_bytes()[..24], b"\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd\x81\x41\x90\xa2\x8a\x45\x81\x42"]
            .concat();
    let (r, _server) = stream(answer("Content-Type: text/html\r\n", &bytes));
    let mut r = r.load().unwrap();
    assert_eq!(r.apparent_encoding(), "Shift_JIS");
    let own = r.encodings_in_content();
    assert_eq!(own, ["shift_jis"]);
    r.set_encoding(own[0].as_str());
    assert_eq!(r.text(), page);
}

/// Counted by the allocator, for this thread alone.
#[test]
fn text_of_utf_8_allocates_nothing() {
    let server = httpbin::start();
    let utf_8 = session().get(server.url("/encoding/utf8")).send().unwrap();
    let json = session().get(server.url("/json")).send().unwrap();
    let value: Value = json.json().unwrap();
    assert!(value.is_object());
    let (unlabelled, _server) = stream(answer("", "naïve".repeat(1000)));
    let unlabelled = unlabelled.load().unwrap();
    for r in [&utf_8, &json, &unlabelled] {
        let first = r.text().len();
        let mut second = 0;
        let counted = allocation_counter::measure(|| second = r.text().len());
        assert_eq!((counted.count_total, counted.bytes_total), (0, 0), "{r:?}");
        assert_eq!(first, second);
    }
    // The counter counts.
    let copied = allocation_counter::measure(|| drop(utf_8.text().into_owned()));
    assert_eq!((copied.count_total, copied.bytes_total), (1, utf_8.content().len() as u64));
}

#[test]
fn text_twice_copies_nothing() {
    let server = httpbin::start();
    let r = session().get(server.url("/encoding/utf8")).send().unwrap();
    for _ in 0..2 {
        let text = r.text();
        assert!(matches!(text, Cow::Borrowed(_)) && !text.is_ascii(), "lent, not copied");
        assert_eq!(text.as_ptr(), r.content().as_ptr());
    }
}

/// t:test_json_decode_compatibility_for_alt_utf_encodings
#[test]
fn jrs_1_json_in_seven_encodings_over_the_wire() {
    let text = r#"{"a": "€𝄞"}"#;
    let utf_16: Vec<u16> = text.encode_utf16().collect();
    let utf_32: Vec<u32> = text.chars().map(u32::from).collect();
    let le =
        |mark: &[u8]| [mark, &utf_16.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>()].concat();
    let be =
        |mark: &[u8]| [mark, &utf_16.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>()].concat();
    let le_32 =
        |mark: &[u8]| [mark, &utf_32.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>()].concat();
    let be_32 =
        |mark: &[u8]| [mark, &utf_32.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>()].concat();
    let bodies = [
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        le(b""),
        le(b"\xff\xfe"),
        be(b""),
        be(b"\xfe\xff"),
        le_32(b""),
        le_32(b"\xff\xfe\0\0"),
        be_32(b""),
        be_32(b"\0\0\xfe\xff"),
    ];
    for body in bodies {
        let (r, _server) = stream(answer("Content-Type: application/json\r\n", &body));
        assert_eq!(r.load().unwrap().json::<Value>().unwrap(), json!({"a": "€𝄞"}), "{body:?}");
    }
}

#[test]
fn s14_3_json_of_an_error_page_is_json() {
    let (r, _server) = stream("HTTP/1.1 500 Oops\r\nContent-Length: 13\r\n\r\n{\"why\": \"no\"}");
    let r = r.load().unwrap();
    assert_eq!(r.json::<Value>().unwrap()["why"], "no");
    assert!(!r.ok());
}
