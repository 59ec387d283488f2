//! `/get`, `/post`, `/put`, `/patch`, `/delete` and `/anything`: tell the request back.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::call::{Call, add, flatten, json_response};

pub(super) const ANY_METHOD: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE";

pub(super) async fn get(call: Call) -> Response {
    json_response(&json!({
        "args": call.args_json(),
        "headers": call.headers_json(),
        "origin": call.origin(),
        "url": call.url(),
    }))
}

pub(super) async fn with_body(call: Call) -> Response {
    json_response(&whole(&call).await)
}

/// Any method, also those that nobody standardised. (httpbin answers OPTIONS here with no body.)
pub(super) async fn anything(call: Call) -> Response {
    let mut value = whole(&call).await;
    value["method"] = call.method.as_str().into();
    let mut response = json_response(&value);
    if call.method == Method::OPTIONS {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(ANY_METHOD));
    }
    response
}

/// Everything but the method: what `/post` and its kin answer.
pub(super) async fn whole(call: &Call) -> Value {
    let content = Content::read(call).await;
    json!({
        "args": call.args_json(),
        "data": content.data,
        "files": content.files,
        "form": content.form,
        "headers": call.headers_json(),
        "json": content.json,
        "origin": call.origin(),
        "url": call.url(),
    })
}

/// What the body holds, sorted into httpbin's drawers.
#[derive(Default)]
struct Content {
    data: String,
    files: Map<String, Value>,
    form: Value,
    json: Value,
}

impl Content {
    async fn read(call: &Call) -> Content {
        let content_type = call.header(header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
        if content_type.starts_with("multipart/form-data") {
            // Without a boundary, say, it stays data: a test wants to see what came.
            return Content::multipart(call).await.unwrap_or_else(|| Content::data(call));
        }
        if content_type.starts_with("application/x-www-form-urlencoded") {
            let form = flatten(form_urlencoded::parse(&call.body).into_owned());
            return Content { form, ..Content::default() };
        }
        Content::data(call)
    }

    fn data(call: &Call) -> Content {
        Content {
            data: text_or_data_url(&call.body, "application/octet-stream"),
            json: serde_json::from_slice(&call.body).unwrap_or(Value::Null),
            form: json!({}),
            ..Content::default()
        }
    }

    async fn multipart(call: &Call) -> Option<Content> {
        let content_type = call.headers.get(header::CONTENT_TYPE)?;
        let request = Request::builder().header(header::CONTENT_TYPE, content_type);
        let request = request.body(Body::from(call.body.clone())).ok()?;
        let mut parts = Multipart::from_request(request, &()).await.ok()?;
        let (mut form, mut files) = (Map::new(), Map::new());
        while let Some(part) = parts.next_field().await.ok()? {
            let name = part.name().unwrap_or_default().to_owned();
            let is_file = part.file_name().is_some();
            let part_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
            let value = text_or_data_url(&part.bytes().await.ok()?, &part_type);
            add(if is_file { &mut files } else { &mut form }, name, value.into());
        }
        Some(Content { form: form.into(), files, ..Content::default() })
    }
}

/// UTF-8 as it is, anything else as a `data:` URL.
fn text_or_data_url(bytes: &[u8], content_type: &str) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("data:{content_type};base64,{}", BASE64_STANDARD.encode(bytes)),
    }
}
