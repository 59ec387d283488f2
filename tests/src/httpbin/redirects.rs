//! `/redirect`, `/relative-redirect`, `/absolute-redirect`, `/redirect-to`.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::call::{Call, bad_request};

const PAGE: &str = "<!doctype html>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n";

/// `n` redirects until `/get`: relative ones, or with `?absolute=true` absolute ones.
pub(super) async fn redirect(Path(n): Path<u32>, call: Call) -> Response {
    let absolute = call.argument("absolute").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    step(n, &call, absolute, PAGE)
}

pub(super) async fn relative(Path(n): Path<u32>, call: Call) -> Response {
    step(n, &call, false, "")
}

pub(super) async fn absolute(Path(n): Path<u32>, call: Call) -> Response {
    step(n, &call, true, PAGE)
}

/// To `url`, with `status_code` (300 to 399; 302 without), both from the query.
pub(super) async fn redirect_to(call: Call) -> Response {
    let Some(url) = call.argument("url") else { return bad_request("the parameter `url` is missing") };
    let status = call.argument("status_code").and_then(|code| code.parse().ok());
    let status =
        status.filter(|code| (300..400).contains(code)).and_then(|code| StatusCode::from_u16(code).ok());
    to(status.unwrap_or(StatusCode::FOUND), &url, "")
}

/// 302 with a little page for those who look.
pub(super) fn redirect_page(location: &str) -> Response {
    to(StatusCode::FOUND, location, PAGE)
}

fn step(n: u32, call: &Call, absolute: bool, page: &'static str) -> Response {
    let base = if absolute { call.base() } else { String::new() };
    let kind = if absolute { "absolute" } else { "relative" };
    match n {
        0 => bad_request("a number of redirects from 1"),
        1 => to(StatusCode::FOUND, &format!("{base}/get"), page),
        _ => to(StatusCode::FOUND, &format!("{base}/{kind}-redirect/{}", n - 1), page),
    }
}

fn to(status: StatusCode, location: &str, page: &'static str) -> Response {
    match HeaderValue::from_bytes(location.as_bytes()) {
        Ok(value) => (status, [(header::LOCATION, value)], Html(page)).into_response(),
        Err(_) => bad_request("the URL fits into no header"),
    }
}
