//! `/headers`, `/ip`, `/user-agent`, `/response-headers`: one part of a request or an answer at a time.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::call::{Call, add, bad_request, json_response, json_text};

pub(super) async fn headers(call: Call) -> Response {
    json_response(&json!({ "headers": call.headers_json() }))
}

pub(super) async fn ip(call: Call) -> Response {
    json_response(&json!({ "origin": call.origin() }))
}

pub(super) async fn user_agent(call: Call) -> Response {
    json_response(&json!({ "user-agent": call.header(header::USER_AGENT) }))
}

/// Every pair of the query becomes a header of the answer, whose body lists them with its own
/// Content-Length and Content-Type.
pub(super) async fn response_headers(call: Call) -> Response {
    let mut listed = json!({ "Content-Type": "application/json", "Content-Length": "0" });
    if let Value::Object(listed) = &mut listed {
        for (name, value) in call.query() {
            add(listed, name, value.into());
        }
    }
    // The length that is listed changes the length: twice is enough, thrice for a turn of digits.
    for _ in 0..3 {
        listed["Content-Length"] = json_text(&listed).len().to_string().into();
    }

    let mut response = json_response(&listed);
    for (name, value) in call.query() {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(&name), HeaderValue::from_bytes(value.as_bytes()))
        else {
            return bad_request(format!("`{name}: {value}` is no header"));
        };
        if name == header::CONTENT_TYPE {
            response.headers_mut().insert(name, value);
        } else if name != header::CONTENT_LENGTH {
            response.headers_mut().append(name, value);
        }
    }
    response
}
