//! `/range/{n}`: the alphabet over and over, whole or in part (RFC 9110 section 14).

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::call::{Call, Refusal};
use super::dynamic::stream_body;

/// As in httpbin.
const MAX_SIZE: usize = 100 * 1024;

/// `size` bytes; `chunk_size` and `duration` (seconds for all of it) say how they come.
pub(super) async fn range(Path(size): Path<usize>, call: Call) -> Result<Response, Refusal> {
    let etag = HeaderValue::try_from(format!("range{size}")).expect("letters and digits");
    let known = [(header::ETAG, etag), (header::ACCEPT_RANGES, HeaderValue::from_static("bytes"))];
    if size == 0 || size > MAX_SIZE {
        let reason = format!("number of bytes must be in the range (0, {MAX_SIZE}]");
        return Ok((StatusCode::NOT_FOUND, known, reason).into_response());
    }

    let (first, last) = match call.header(header::RANGE).as_deref().map(|range| parse(range, size)) {
        None | Some(Asked::Nothing) => (0, size - 1),
        Some(Asked::Part(first, last)) => (first, last),
        Some(Asked::Impossible) => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, known, range).into_response());
        }
    };

    let alphabet: Vec<u8> = (b'a'..=b'z').cycle().skip(first % 26).take(last - first + 1).collect();
    let chunk = call.number("chunk_size")?.unwrap_or(DEFAULT_CHUNK).max(1);
    let duration = call.seconds("duration")?.unwrap_or(Duration::ZERO).min(Duration::from_secs(10));
    let pause = duration / u32::try_from(alphabet.len().div_ceil(chunk)).unwrap_or(u32::MAX).max(1);
    let length = alphabet.len();
    let chunks: Vec<Bytes> = alphabet.chunks(chunk).map(Bytes::copy_from_slice).collect();
    let body = stream_body(chunks.into_iter().map(move |chunk| (chunk, pause)));

    let status = if length == size { StatusCode::OK } else { StatusCode::PARTIAL_CONTENT };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}")),
    ];
    Ok((status, known, headers, body).into_response())
}

const DEFAULT_CHUNK: usize = 10 * 1024;

enum Asked {
    /// Not a byte range: as if nothing had been asked.
    Nothing,
    /// First and last byte.
    Part(usize, usize),
    /// Past the end, or backwards.
    Impossible,
}

/// One range of bytes: `bytes=1-2`, `bytes=1-`, `bytes=-2`.
fn parse(range: &str, size: usize) -> Asked {
    let Some((first, last)) = range.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-'))
    else {
        return Asked::Nothing;
    };
    let (first, last) = match (first.trim().parse::<usize>(), last.trim().parse::<usize>()) {
        (Ok(first), Ok(last)) => (first, last.min(size - 1)),
        (Ok(first), Err(_)) if last.trim().is_empty() => (first, size - 1),
        (Err(_), Ok(length)) if first.trim().is_empty() => (size.saturating_sub(length), size - 1),
        _ => return Asked::Nothing,
    };
    if first > last || first >= size { Asked::Impossible } else { Asked::Part(first, last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_what_they_mean() {
        let cases = [
            ("bytes=0-4", Some((0, 4))),
            ("bytes=8-", Some((8, 9))),
            ("bytes=-3", Some((7, 9))),
            ("bytes=-30", Some((0, 9))),
            ("bytes=5-100", Some((5, 9))),
            ("bytes=10-", None),
            ("bytes=5-4", None),
            ("bytes=-0", None),
        ];
        for (range, expected) in cases {
            let asked = match parse(range, 10) {
                Asked::Part(first, last) => Some((first, last)),
                Asked::Impossible => None,
                Asked::Nothing => panic!("{range} was not understood"),
            };
            assert_eq!(asked, expected, "{range}");
        }
        assert!(matches!(parse("lines=1-2", 10), Asked::Nothing));
    }
}
