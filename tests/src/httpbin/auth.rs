//! `/basic-auth`, `/hidden-basic-auth`, `/bearer`. Digest has a file of its own.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::call::{Call, json_response};
use super::dynamic::status_response;

pub(super) async fn basic(Path((user, password)): Path<(String, String)>, call: Call) -> Response {
    if !is_basic(&call, &user, &password) {
        return status_response(StatusCode::UNAUTHORIZED);
    }
    json_response(&json!({ "authenticated": true, "user": user }))
}

/// As `basic`, but whoever is not let in is told that there is nothing.
pub(super) async fn hidden_basic(Path((user, password)): Path<(String, String)>, call: Call) -> Response {
    if !is_basic(&call, &user, &password) {
        return StatusCode::NOT_FOUND.into_response();
    }
    json_response(&json!({ "authenticated": true, "user": user }))
}

/// Any token will do.
pub(super) async fn bearer(call: Call) -> Response {
    let authorization = call.header(header::AUTHORIZATION).unwrap_or_default();
    match authorization.split_once(' ') {
        Some(("Bearer", token)) => json_response(&json!({ "authenticated": true, "token": token })),
        _ => (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], ()).into_response(),
    }
}

/// RFC 7617; user and password in UTF-8.
fn is_basic(call: &Call, user: &str, password: &str) -> bool {
    let authorization = call.header(header::AUTHORIZATION).unwrap_or_default();
    let Some((scheme, token)) = authorization.split_once(' ') else {
        return false;
    };
    let decoded = BASE64_STANDARD.decode(token.trim());
    scheme.eq_ignore_ascii_case("basic")
        && decoded.is_ok_and(|decoded| decoded == format!("{user}:{password}").as_bytes())
}
