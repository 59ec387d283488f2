//! From bytes to text: which charset they are in, and what they say in it. Pure.

use std::borrow::Cow;

use chardetng::EncodingDetector;
use encoding_rs::{Encoding, WINDOWS_1252};
use reqs_proto::Headers;

/// The `charset` of the Content-Type, as written; of several the last (ENC-1).
pub(crate) fn charset(headers: &Headers) -> Option<&str> {
    parameter(headers.get("Content-Type")?, "charset")
}

/// A parameter's value, without quotes; of several the last.
pub(crate) fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let mut found = None;
    let mut rest = after_semicolon(value);
    while let Some(parameters) = rest {
        let this = &parameters[..separator(parameters)];
        if let Some((key, value)) = this.split_once('=') {
            if key.trim().eq_ignore_ascii_case(name) {
                found = Some(value.trim().trim_matches(['"', '\'']));
            }
        }
        rest = after_semicolon(parameters);
    }
    found
}

/// What follows the next semicolon that does not stand in quotes.
fn after_semicolon(text: &str) -> Option<&str> {
    text.get(separator(text) + 1..)
}

fn separator(text: &str) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

/// The bytes as text in the named charset, or, where none or an unknown one is named, as decision 5 says: by mark,
/// as UTF-8, and then by type.
pub(crate) fn decode<'a>(bytes: &'a [u8], charset: Option<&str>, headers: &Headers) -> Cow<'a, str> {
    if let Some(encoding) = charset.and_then(|label| Encoding::for_label(label.as_bytes())) {
        return encoding.decode_with_bom_removal(bytes).0;
    }
    if let Some(text) = utf32(bytes) {
        return Cow::Owned(text);
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let type_is_text = headers.get("Content-Type").is_some_and(|value| {
        value.trim_start().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"))
    });
    match type_is_text {
        true => latin_1(bytes),
        false => detected(bytes).decode_without_bom_handling(bytes).0,
    }
}

/// What the bytes look like (ENC-4).
pub(crate) fn apparent(bytes: &[u8]) -> &'static str {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.name();
    }
    match str::from_utf8(bytes) {
        Ok(_) => "UTF-8",
        Err(_) => detected(bytes).name(),
    }
}

fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// ISO-8859-1 as the web reads it is windows-1252, but Requests' is the plain one: each byte is its code point.
fn latin_1(bytes: &[u8]) -> Cow<'static, str> {
    debug_assert!(WINDOWS_1252.is_single_byte());
    Cow::Owned(encoding_rs::mem::decode_latin1(bytes).into_owned())
}

/// UTF-32 is no web encoding, so `encoding_rs` has none; its marks are unambiguous.
fn utf32(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 4]) -> u32 = match bytes {
        [0xFF, 0xFE, 0, 0, ..] => u32::from_le_bytes,
        [0, 0, 0xFE, 0xFF, ..] => u32::from_be_bytes,
        _ => return None,
    };
    Some(from_utf32(&bytes[4..], read))
}

/// Text from units of four bytes; what is no character, or a rest of fewer bytes, becomes U+FFFD.
pub(crate) fn from_utf32(bytes: &[u8], read: fn([u8; 4]) -> u32) -> String {
    let units = bytes.chunks(4).map(|unit| unit.try_into().ok().and_then(|unit| char::from_u32(read(unit))));
    units.map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(content_type: &str) -> Headers {
        Headers::from([("Content-Type", content_type)])
    }

    /// t:test_get_encoding_from_headers, t:test__parse_content_type_header
    #[test]
    fn enc_1_the_charset_parameter() {
        let cases = [
            ("text/html; charset=ISO-8859-1", Some("ISO-8859-1")),
            ("application/json ; Charset=utf-8", Some("utf-8")),
            ("text/html; charset=\"utf-8\"", Some("utf-8")),
            ("text/html; charset='x'; a=b", Some("x")),
            ("text/html; charset=a; charset=b", Some("b")),
            ("text/html; title=\"a; charset=no\"; charset=yes", Some("yes")),
            ("text/html; charset=", Some("")),
            ("text/html; charset", None),
            ("text/html", None),
            ("", None),
        ];
        for (value, expected) in cases {
            assert_eq!(charset(&typed(value)), expected, "{value}");
        }
    }

    #[test]
    fn enc_2_enc_3_how_bytes_become_text() {
        let cases: [(&[u8], &str, &str); 9] = [
            (b"\xe9t\xe9", "text/plain; charset=ISO-8859-1", "été"),
            (b"\xef\xbb\xbfx", "text/plain", "x"),
            (b"\xff\xfea\0", "text/plain", "a"),
            (b"\xff\xfe\0\0a\0\0\0", "text/plain", "a"),
            ("é".as_bytes(), "text/plain", "é"),
            (b"\xe9\x80", "text/plain", "é\u{80}"),
            (b"\xff", "text/plain; charset=utf-8", "\u{fffd}"),
            (b"\x83\x65\x83\x58\x83\x67\x82\xc5\x82\xb7", "application/x", "テストです"),
            (b"plain", "text/plain; charset=no-such", "plain"),
        ];
        for (bytes, content_type, expected) in cases {
            let headers = typed(content_type);
            assert_eq!(decode(bytes, charset(&headers), &headers), expected, "{content_type} {bytes:?}");
        }
    }

    #[test]
    fn text_that_is_utf_8_is_borrowed() {
        assert!(matches!(decode(b"abc", None, &Headers::new()), Cow::Borrowed("abc")));
        assert!(matches!(decode("é".as_bytes(), Some("utf-8"), &Headers::new()), Cow::Borrowed("é")));
    }
}
