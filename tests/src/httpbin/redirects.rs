//! `/redirect`, `/relative-redirect`, `/absolute-redirect`, `/redirect-to`.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::call::{Call, bad_request};

/// `n` redirects until `/get`: relative ones, or with `?absolute=true` absolute ones.
pub(super) async fn redirect(Path(n): Path<u32>, call: Call) -> Response {
    let absolute = call.argument("absolute").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    step(n, &call, absolute)
}

pub(super) async fn relative(Path(n): Path<u32>, call: Call) -> Response {
    step(n, &call, false)
}

pub(super) async fn absolute(Path(n): Path<u32>, call: Call) -> Response {
    step(n, &call, true)
}

/// To `url`, with `status_code` (300 to 399; 302 without), both from the query or a form.
pub(super) async fn redirect_to(call: Call) -> Response {
    let form: Vec<(String, String)> = form_urlencoded::parse(&call.body).into_owned().collect();
    let find = |name: &str| {
        let all = call.query().into_iter().chain(form.iter().cloned());
        all.filter(|(found, _)| found == name).map(|(_, value)| value).next()
    };
    let Some(url) = find("url") else {
        return bad_request("the parameter `url` is missing");
    };
    let status =
        find("status_code").and_then(|code| code.parse().ok()).filter(|code| (300..400).contains(code));
    to(status.unwrap_or(302), &url)
}

fn step(n: u32, call: &Call, absolute: bool) -> Response {
    let base = if absolute { call.base() } else { String::new() };
    match n {
        0 => bad_request("a number of redirects from 1"),
        1 => to(302, &format!("{base}/get")),
        _ if absolute => to(302, &format!("{base}/absolute-redirect/{}", n - 1)),
        _ => to(302, &format!("/relative-redirect/{}", n - 1)),
    }
}

/// A redirect with a little page for those who look.
fn to(status: u16, location: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND);
    match HeaderValue::from_bytes(location.as_bytes()) {
        Ok(value) => {
            let page = "<!doctype html>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n";
            (status, [(header::LOCATION, value), (header::CONTENT_TYPE, html())], page).into_response()
        }
        Err(_) => bad_request("the URL fits into no header"),
    }
}

fn html() -> HeaderValue {
    HeaderValue::from_static("text/html; charset=utf-8")
}
