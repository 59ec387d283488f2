//! Bytes in the cases: plain text (UTF-8), or a word for what is easier said than written.
//!
//! `{"latin1": "caf\u00e9"}`, `{"hex": "00ff"}`, `{"repeat": [X, 1000]}`, `{"concat": [X, Y]}`, `{"gzip": X}`,
//! `{"deflate": X}` (zlib), `{"raw_deflate": X}`, `{"chunked": [X, Y]}`. All of them become `{"latin1": …}`.

use std::io::Read;

use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
use serde_json::{Value, json};

/// The words, all but the one that they become.
const WORDS: [&str; 7] = ["hex", "repeat", "concat", "gzip", "deflate", "raw_deflate", "chunked"];

/// Every word for bytes in it turned into `latin1`.
pub(super) fn expand(value: &Value) -> Result<Value, String> {
    match value {
        Value::Array(items) => items.iter().map(expand).collect::<Result<Vec<_>, _>>().map(Value::Array),
        Value::Object(map) => {
            if let Some((word, _)) =
                map.iter().next().filter(|(word, _)| map.len() == 1 && WORDS.contains(&word.as_str()))
            {
                let bytes = read(value).map_err(|error| format!("{word}: {error}"))?;
                return Ok(json!({ "latin1": text(&bytes) }));
            }
            let pairs = map.iter().map(|(key, inner)| Ok((key.clone(), expand(inner)?)));
            pairs.collect::<Result<_, String>>().map(Value::Object)
        }
        other => Ok(other.clone()),
    }
}

/// The bytes that a value stands for.
pub(super) fn read(value: &Value) -> Result<Vec<u8>, String> {
    if let Value::String(text) = value {
        return Ok(text.as_bytes().to_vec());
    }
    let word = value.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next());
    let Some((word, inner)) = word else {
        return Err(format!("this is neither text nor a word for bytes: {value}"));
    };
    match word.as_str() {
        "latin1" => latin1(inner.as_str().ok_or("latin1 is text")?),
        "hex" => hex(inner.as_str().ok_or("hex is text")?),
        "repeat" => Ok(read(&inner[0])?.repeat(inner[1].as_u64().ok_or("how often?")? as usize)),
        "concat" => Ok(list(inner)?.concat()),
        "gzip" => drain(GzEncoder::new(&read(inner)?[..], Compression::default())),
        "deflate" => drain(ZlibEncoder::new(&read(inner)?[..], Compression::default())),
        "raw_deflate" => drain(DeflateEncoder::new(&read(inner)?[..], Compression::default())),
        "chunked" => Ok(chunked(&list(inner)?)),
        other => Err(format!("unknown word for bytes `{other}`")),
    }
}

/// Bytes as text in which every character is one byte.
pub(super) fn text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn list(value: &Value) -> Result<Vec<Vec<u8>>, String> {
    value.as_array().ok_or("a list is wanted")?.iter().map(read).collect()
}

fn latin1(text: &str) -> Result<Vec<u8>, String> {
    let byte = |c: char| u8::try_from(u32::from(c)).map_err(|_| format!("'{c}' is no byte"));
    text.chars().map(byte).collect()
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect::<Option<_>>().ok_or_else(|| format!("`{text}` is not hexadecimal"))
}

fn chunked(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in chunks {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

fn drain(mut reader: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_bytes() {
        let cases = [
            (json!("é"), b"\xc3\xa9".to_vec()),
            (json!({"latin1": "é"}), b"\xe9".to_vec()),
            (json!({"hex": "00 ff"}), vec![0, 0xff]),
            (json!({"repeat": ["ab", 2]}), b"abab".to_vec()),
            (json!({"concat": ["a", {"hex": "62"}]}), b"ab".to_vec()),
            (json!({"chunked": ["abc"]}), b"3\r\nabc\r\n0\r\n\r\n".to_vec()),
        ];
        for (word, bytes) in cases {
            assert_eq!(read(&word).unwrap(), bytes, "{word}");
        }
        assert!(read(&json!({"gzip": "x"})).unwrap().starts_with(&[0x1f, 0x8b]));
        assert!(read(&json!({"hex": "0g"})).is_err());
        assert!(read(&json!({"what": "x"})).is_err());
        assert_eq!(expand(&json!([{"a": {"hex": "e9"}}])).unwrap(), json!([{"a": {"latin1": "é"}}]));
    }
}
