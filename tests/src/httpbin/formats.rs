//! Fixed content of every kind, and content in every coding.

use std::io::Write;

use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::{Value, json};

use super::call::{Call, json_response, json_text};

pub(super) async fn gzip(call: Call) -> Response {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(coded(&call, "gzipped").as_bytes()).expect("memory takes everything");
    encoded("gzip", encoder.finish().expect("memory takes everything"))
}

/// The zlib format, as RFC 9110 section 8.4.1.2 has it.
pub(super) async fn deflate(call: Call) -> Response {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(coded(&call, "deflated").as_bytes()).expect("memory takes everything");
    encoded("deflate", encoder.finish().expect("memory takes everything"))
}

pub(super) async fn brotli(call: Call) -> Response {
    let mut bytes = Vec::new();
    let mut text = std::io::Cursor::new(coded(&call, "brotli"));
    let params = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut text, &mut bytes, &params).expect("memory takes everything");
    encoded("br", bytes)
}

/// Not in httpbin.
pub(super) async fn zstd(call: Call) -> Response {
    let text = coded(&call, "zstd");
    encoded(
        "zstd",
        ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest),
    )
}

fn coded(call: &Call, name: &str) -> String {
    let mut value = json!({
        "headers": call.headers_json(),
        "method": call.method.as_str(),
        "origin": call.origin(),
    });
    value[name] = Value::Bool(true);
    json_text(&value)
}

fn encoded(coding: &'static str, bytes: Vec<u8>) -> Response {
    typed("application/json", [(header::CONTENT_ENCODING, coding)], bytes)
}

pub(super) async fn index(_: Call) -> Response {
    Html(include_str!("pages/index.html")).into_response()
}

pub(super) async fn html(_: Call) -> Response {
    Html(include_str!("pages/story.html")).into_response()
}

pub(super) async fn form(_: Call) -> Response {
    Html(include_str!("pages/form.html")).into_response()
}

pub(super) async fn xml(_: Call) -> Response {
    typed("application/xml", [], include_str!("pages/slides.xml"))
}

pub(super) async fn robots(_: Call) -> Response {
    typed("text/plain", [], "User-agent: *\nDisallow: /deny\n")
}

pub(super) async fn deny(_: Call) -> Response {
    typed("text/plain", [], "Whoever obeys robots.txt would not be here.\n")
}

pub(super) async fn utf8(_: Call) -> Response {
    Html(include_str!("pages/utf8.html")).into_response()
}

pub(super) async fn json(_: Call) -> Response {
    json_response(&json!({
        "slideshow": {
            "author": "Yours Truly",
            "date": "date of publication",
            "slides": [
                { "title": "Wake up to WonderWidgets!", "type": "all" },
                {
                    "items": ["Why <em>WonderWidgets</em> are great", "Who <em>buys</em> WonderWidgets"],
                    "title": "Overview",
                    "type": "all",
                },
            ],
            "title": "Sample Slide Show",
        },
    }))
}

pub(super) async fn image(Path(kind): Path<String>, _: Call) -> Response {
    image_of(&kind).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

/// The first kind of image that the Accept header names; PNG where it names none in particular.
pub(super) async fn accepted_image(call: Call) -> Response {
    let accept = call.header(header::ACCEPT).unwrap_or_default().to_ascii_lowercase();
    if accept.is_empty() {
        return image_of("png").expect("there is a PNG");
    }
    for range in accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim()) {
        let kind = match range {
            "image/*" | "*/*" => "png",
            "image/svg+xml" => "svg",
            other => other.strip_prefix("image/").unwrap_or_default(),
        };
        if let Some(response) = image_of(kind) {
            return response;
        }
    }
    StatusCode::NOT_ACCEPTABLE.into_response()
}

/// A square of eight by eight pixels.
fn image_of(kind: &str) -> Option<Response> {
    let (content_type, bytes): (_, &'static [u8]) = match kind {
        "png" => ("image/png", include_bytes!("images/square.png")),
        "jpeg" => ("image/jpeg", include_bytes!("images/square.jpg")),
        "webp" => ("image/webp", include_bytes!("images/square.webp")),
        "svg" => ("image/svg+xml", include_bytes!("images/square.svg")),
        _ => return None,
    };
    Some(typed(content_type, [], bytes))
}

fn typed<const N: usize>(
    content_type: &'static str,
    headers: [(HeaderName, &'static str); N],
    body: impl IntoResponse,
) -> Response {
    ([(header::CONTENT_TYPE, content_type)], headers, body).into_response()
}
