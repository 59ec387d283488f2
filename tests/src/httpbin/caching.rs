//! `/cache` and `/etag`: conditional requests (RFC 9110 section 13).

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::call::{Call, bad_request};
use super::echo;

/// 304 to any conditional request; else what `/get` says, with something to be conditional on.
pub(super) async fn cache(call: Call) -> Response {
    if call.headers.contains_key(header::IF_MODIFIED_SINCE)
        || call.headers.contains_key(header::IF_NONE_MATCH)
    {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let mut response = echo::get(call).await;
    let headers = response.headers_mut();
    headers.insert(header::LAST_MODIFIED, HeaderValue::from_static("Thu, 01 Jan 2026 00:00:00 GMT"));
    headers.insert(header::ETAG, HeaderValue::from_static("9ad7b5bdbd2c4ff2a6dd1e7bf4b1c0de"));
    response
}

/// What `/get` says, good for so many seconds.
pub(super) async fn cache_for(Path(seconds): Path<u32>, call: Call) -> Response {
    let mut response = echo::get(call).await;
    let value = HeaderValue::try_from(format!("public, max-age={seconds}")).expect("letters and digits");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

/// A resource with that entity tag: 304 to an If-None-Match that has it, 412 to an If-Match that has it not.
pub(super) async fn etag(Path(etag): Path<String>, call: Call) -> Response {
    let Ok(value) = HeaderValue::try_from(&etag) else {
        return bad_request("the tag fits into no header");
    };
    let has = |list: String| list.split(',').any(|tag| tag.trim() == "*" || bare(tag) == etag);
    let none_match = call.header(header::IF_NONE_MATCH).map(has);
    let matches = call.header(header::IF_MATCH).map(has);
    let mut response = match (none_match, matches) {
        (Some(true), _) => StatusCode::NOT_MODIFIED.into_response(),
        (None, Some(false)) => return StatusCode::PRECONDITION_FAILED.into_response(),
        _ => echo::get(call).await,
    };
    response.headers_mut().insert(header::ETAG, value);
    response
}

/// A tag without `W/` and quotes.
fn bare(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/").trim_matches('"')
}
