//! JSON both ways: values to bodies, bodies to values in whichever Unicode encoding they came.

use std::borrow::Cow;

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
    let bytes = response.content();
    let parsed = match unicode(bytes) {
        Unicode::Utf8(bytes) => match str::from_utf8(bytes) {
            Ok(text) => serde_json::from_str(text),
            // Not UTF-8 after all: what the headers or the detector make of it.
            Err(_) => serde_json::from_str(&response.text()),
        },
        Unicode::Transcoded(text) => serde_json::from_str(&text),
    };
    parsed.map_err(|error| explain(response, error))
}

/// The bytes as UTF-8, or text made of the UTF-16 or UTF-32 that they are.
enum Unicode<'a> {
    Utf8(&'a [u8]),
    Transcoded(Cow<'a, str>),
}

/// JSON begins with two ASCII characters, so the zero bytes among the first four tell the encoding (JRS-1, RFC 4627
/// §3); marks do so more plainly.
fn unicode(bytes: &[u8]) -> Unicode<'_> {
    let utf_16 = |encoding: &'static encoding_rs::Encoding, bytes| {
        Unicode::Transcoded(encoding.decode_without_bom_handling(bytes).0)
    };
    let utf_32 = |bytes, read| Unicode::Transcoded(Cow::Owned(text::from_utf32(bytes, read)));
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Unicode::Utf8(rest),
        [0xFF, 0xFE, 0, 0, rest @ ..] => utf_32(rest, u32::from_le_bytes),
        [0, 0, 0xFE, 0xFF, rest @ ..] => utf_32(rest, u32::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf_16(encoding_rs::UTF_16LE, rest),
        [0xFE, 0xFF, rest @ ..] => utf_16(encoding_rs::UTF_16BE, rest),
        [0, 0, 0, _, ..] => utf_32(bytes, u32::from_be_bytes),
        [_, 0, 0, 0, ..] => utf_32(bytes, u32::from_le_bytes),
        [0, _, 0, _, ..] => utf_16(encoding_rs::UTF_16BE, bytes),
        [_, 0, _, 0, ..] => utf_16(encoding_rs::UTF_16LE, bytes),
        _ => Unicode::Utf8(bytes),
    }
}

/// How much of the body is shown.
const EXCERPT: usize = 60;

fn explain(response: &Response, error: serde_json::Error) -> Error {
    let text = response.text();
    let excerpt: String = text.chars().take(EXCERPT).flat_map(char::escape_debug).collect();
    let rest = if text.chars().nth(EXCERPT).is_some() { "…" } else { "" };
    let content_type = response.headers().get("Content-Type").unwrap_or("no content type");
    let status = response.status().as_u16();
    let message = match text.is_empty() {
        true => format!("the body is empty where JSON was expected (status {status}, {content_type})"),
        false => format!(
            "the body is not the JSON expected: {error} (status {status}, {content_type}): {excerpt}{rest}"
        ),
    };
    Error::new(ErrorKind::JsonDecode, message).with_source(error).with_url(response.url())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn parse(bytes: &[u8]) -> Result<Value> {
        Response::builder().header("Content-Type", "application/json").body(bytes).build().load()?.json()
    }

    /// t:TestGuessJSONUTF, t:test_json_decode_compatibility_for_alt_utf_encodings
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
}
