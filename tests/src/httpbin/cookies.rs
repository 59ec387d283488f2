//! `/cookies` and those who set and delete them.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde_json::json;

use super::call::{Call, flatten, json_response};
use super::redirects::redirect_page;

pub(super) async fn list(call: Call) -> Response {
    json_response(&json!({ "cookies": flatten(call.cookies()) }))
}

pub(super) async fn set(call: Call) -> Response {
    let mut response = redirect_page("/cookies");
    for (name, value) in call.query() {
        set_cookie(&mut response, &call, &name, &value);
    }
    response
}

pub(super) async fn set_one(Path((name, value)): Path<(String, String)>, call: Call) -> Response {
    let mut response = redirect_page("/cookies");
    set_cookie(&mut response, &call, &name, &value);
    response
}

pub(super) async fn delete(call: Call) -> Response {
    let mut response = redirect_page("/cookies");
    for (name, _) in call.query() {
        append(&mut response, format!("{name}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"));
    }
    response
}

/// Sets a session cookie for the whole site, `Secure` over HTTPS.
pub(super) fn set_cookie(response: &mut Response, call: &Call, name: &str, value: &str) {
    let secure = if call.peer.scheme == "https" { "; Secure" } else { "" };
    append(response, format!("{name}={value}{secure}; Path=/"));
}

fn append(response: &mut Response, cookie: String) {
    // A name or value that fits into no header is left out: the cookie would not have come back either.
    if let Ok(value) = HeaderValue::from_maybe_shared(axum::body::Bytes::from(cookie)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
