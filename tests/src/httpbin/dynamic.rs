//! Endpoints that compute: `/status`, `/delay`, `/drip`, `/bytes`, `/stream`, `/stream-bytes`, `/uuid`,
//! `/base64`, `/links`.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use futures_util::stream;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;

use super::call::{Call, Refusal, bad_request, json_response, seconds};
use super::digest::hex;
use super::echo::whole;
use super::redirects::redirect_page;
use super::routes::Untyped;

/// The longest that `/delay` and `/drip` take, as in httpbin.
const MAX_DELAY: Duration = Duration::from_secs(10);
/// The most that `/bytes` and `/drip` send. (httpbin stops at 100 KiB and 10 MiB.)
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The most lines of `/stream`, as in httpbin.
const MAX_LINES: usize = 100;
const DEFAULT_CHUNK: usize = 10 * 1024;
const OCTETS: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/octet-stream")];

/// `/status/418`; or one of several at random, with weights: `/status/200:3,500`.
pub(super) async fn status(Path(codes): Path<String>, _: Call) -> Response {
    let mut choices = Vec::new();
    for choice in codes.split(',') {
        let (code, weight) = choice.split_once(':').unwrap_or((choice, "1"));
        let code = code.trim().parse().ok().and_then(|code: u16| StatusCode::from_u16(code).ok());
        let (Some(code), Ok(weight)) =
            (code.filter(|code| code.as_u16() >= 200), weight.trim().parse::<f64>())
        else {
            return bad_request("Invalid status code");
        };
        choices.push((code, weight));
    }

    let total: f64 = choices.iter().map(|(_, weight)| weight).sum();
    let mut left = f64::from(u32::from_le_bytes(random())) / f64::from(u32::MAX) * total;
    let chosen = choices.iter().find(|(_, weight)| {
        left -= weight;
        left <= 0.0
    });
    status_response(chosen.or(choices.last()).map_or(StatusCode::OK, |(code, _)| *code))
}

/// Some codes come with what belongs to them.
pub(super) fn status_response(status: StatusCode) -> Response {
    let header = match status.as_u16() {
        301 | 302 | 303 | 305 | 307 => Some((header::LOCATION, "/redirect/1")),
        401 => Some((header::WWW_AUTHENTICATE, "Basic realm=\"Fake Realm\"")),
        407 => Some((header::PROXY_AUTHENTICATE, "Basic realm=\"Fake Realm\"")),
        _ => None,
    };
    let (body, content_type) = match status.as_u16() {
        402 => ("Payment required.\n", None),
        406 => {
            ("{\"message\": \"Client did not request a supported media type.\"}\n", Some("application/json"))
        }
        418 => ("I'm a teapot: short and stout.\n", None),
        _ => ("", Some("text/html; charset=utf-8")),
    };
    let mut response = (status, Body::from(body)).into_response();
    match content_type.filter(|_| header.is_none()) {
        Some(content_type) => {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        None => {
            response.extensions_mut().insert(Untyped);
        }
    }
    response.headers_mut().extend(header.map(|(name, value)| (name, value.parse().expect("a plain value"))));
    response
}

/// Answers after so many seconds (a fraction is fine), ten at most.
pub(super) async fn delay(Path(delay): Path<String>, call: Call) -> Response {
    let delay = match seconds(&delay) {
        Ok(delay) => delay.min(MAX_DELAY),
        Err(refusal) => return refusal.into_response(),
    };
    tokio::time::sleep(delay).await;
    let mut value = whole(&call).await;
    if let Some(object) = value.as_object_mut() {
        object.remove("json");
    }
    json_response(&value)
}

/// `numbytes` asterisks spread over `duration` seconds, after `delay` seconds, with status `code`.
pub(super) async fn drip(call: Call) -> Result<Response, Refusal> {
    let duration = call.seconds("duration")?.unwrap_or(Duration::from_secs(2)).min(MAX_DELAY);
    let delay = call.seconds("delay")?.unwrap_or_default().min(MAX_DELAY);
    let count = call.number::<usize>("numbytes")?.unwrap_or(10).min(MAX_BYTES);
    let status = StatusCode::from_u16(call.number("code")?.unwrap_or(200));
    let status = status.map_err(|_| Refusal("code is no status code".to_owned()))?;
    if count == 0 {
        return Err(Refusal("number of bytes must be positive".to_owned()));
    }

    tokio::time::sleep(delay).await;
    let pause = duration / u32::try_from(count).unwrap_or(u32::MAX);
    let drops = (0..count).map(move |_| (Bytes::from_static(b"*"), pause));
    let headers = [(header::CONTENT_LENGTH, count.to_string())];
    Ok((status, OCTETS, headers, stream_body(drops)).into_response())
}

/// So many bytes; with `seed` the same ones each time (not those that Python's generator makes).
pub(super) async fn bytes(Path(count): Path<usize>, call: Call) -> Result<Response, Refusal> {
    let mut generator = Generator::new(call.number("seed")?);
    Ok((OCTETS, generator.bytes(count.min(MAX_BYTES))).into_response())
}

/// As `bytes`, in chunks of `chunk_size`, any number: it is made while it is sent.
pub(super) async fn stream_bytes(Path(count): Path<usize>, call: Call) -> Result<Response, Refusal> {
    let mut generator = Generator::new(call.number("seed")?);
    let size = call.number("chunk_size")?.unwrap_or(DEFAULT_CHUNK).max(1);
    let mut left = count;
    let chunks = std::iter::from_fn(move || {
        let length = left.min(size);
        left -= length;
        (length > 0).then(|| (Bytes::from(generator.bytes(length)), Duration::ZERO))
    });
    Ok((OCTETS, stream_body(chunks)).into_response())
}

/// So many lines of JSON, each a chunk, each with its number.
pub(super) async fn stream(Path(count): Path<usize>, call: Call) -> Response {
    let line = json!({
        "args": call.args_json(),
        "headers": call.headers_json(),
        "origin": call.origin(),
        "url": call.url(),
    });
    let lines = (0..count.min(MAX_LINES)).map(move |id| {
        let mut line = line.clone();
        line["id"] = id.into();
        (Bytes::from(format!("{line}\n")), Duration::ZERO)
    });
    ([(header::CONTENT_TYPE, "application/json")], stream_body(lines)).into_response()
}

/// A version 4 UUID (RFC 9562 section 5.4).
pub(super) async fn uuid(_: Call) -> Response {
    let mut bytes: [u8; 16] = random();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    let uuid = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-");
    json_response(&json!({ "uuid": uuid }))
}

/// Decodes URL-safe base64, with or without its padding.
pub(super) async fn base64_decode(Path(value): Path<String>, _: Call) -> Response {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    match GeneralPurpose::new(&URL_SAFE, config).decode(&value) {
        Ok(bytes) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], bytes).into_response(),
        Err(_) => bad_request("Incorrect Base64 data try: SFRUUEJJTiBpcyBhd2Vzb21l"),
    }
}

pub(super) async fn links(Path(count): Path<u32>, _: Call) -> Response {
    redirect_page(&format!("/links/{count}/0"))
}

/// A page of links to the other pages.
pub(super) async fn links_at(Path((count, offset)): Path<(u32, u32)>, _: Call) -> Response {
    let link = |number: u32| {
        if number == offset {
            format!("{number} ")
        } else {
            format!("<a href='/links/{count}/{number}'>{number}</a> ")
        }
    };
    let links: String = (0..count.min(200)).map(link).collect();
    Html(format!("<html><head><title>Links</title></head><body>{links}</body></html>")).into_response()
}

/// A body made piece by piece, with a pause after each piece.
pub(super) fn stream_body(pieces: impl Iterator<Item = (Bytes, Duration)> + Send + 'static) -> Body {
    Body::from_stream(stream::unfold(pieces, |mut pieces| async {
        let (bytes, pause) = pieces.next()?;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        Some((Ok::<_, Infallible>(bytes), pieces))
    }))
}

/// Random bytes that can be had again, in pieces of any size: SplitMix64.
struct Generator {
    state: u64,
    /// Made, but not yet handed out.
    word: [u8; 8],
    left: usize,
}

impl Generator {
    fn new(seed: Option<u64>) -> Generator {
        let state = seed.unwrap_or_else(|| u64::from_le_bytes(random()));
        Generator { state, word: [0; 8], left: 0 }
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count);
        while bytes.len() < count {
            if self.left == 0 {
                self.word = self.next().to_le_bytes();
                self.left = self.word.len();
            }
            let taken = self.left.min(count - bytes.len());
            let start = self.word.len() - self.left;
            bytes.extend_from_slice(&self.word[start..start + taken]);
            self.left -= taken;
        }
        bytes
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the system's random numbers");
    bytes
}
