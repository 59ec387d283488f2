//! A request as the endpoints see it: read whole, with the words httpbin uses for its parts.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Map, Value, json};

/// Who asks, and over what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    pub(super) scheme: &'static str,
}

/// One request, with its body read.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) peer: Peer,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Call, Response> {
        let (parts, body) = request.into_parts();
        let peer = *parts
            .extensions
            .get::<Peer>()
            .ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())?;
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .map_err(|error| bad_request(format!("the body could not be read: {error}")))?;
        Ok(Call { method: parts.method, uri: parts.uri, headers: parts.headers, body, peer })
    }
}

impl Call {
    /// A header's value as text, ISO-8859-1 as WSGI has it. Repeats are joined with commas.
    pub(super) fn header(&self, name: impl header::AsHeaderName) -> Option<String> {
        let values: Vec<String> =
            self.headers.get_all(name).iter().map(|value| latin1(value.as_bytes())).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// `scheme://host`, as the client named the host.
    pub(super) fn base(&self) -> String {
        let host = self.header(header::HOST).unwrap_or_else(|| "127.0.0.1".to_owned());
        format!("{}://{host}", self.peer.scheme)
    }

    /// The URL that was asked for.
    pub(super) fn url(&self) -> String {
        let path = self.uri.path_and_query().map_or("/", |both| both.as_str());
        format!("{}{path}", self.base())
    }

    /// Path and query, as in the request line.
    pub(super) fn target(&self) -> String {
        self.uri.path_and_query().map_or("/", |both| both.as_str()).to_owned()
    }

    /// Pairs of the query, decoded, in order.
    pub(super) fn query(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
    }

    /// The first value of that name in the query.
    pub(super) fn argument(&self, name: &str) -> Option<String> {
        self.query().into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// The first value of that name in the query, as a number.
    ///
    /// # Errors
    /// 400 when it is none.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let Some(text) = self.argument(name) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| Refusal(format!("{name} is `{text}`, not a number in its range")))
    }

    /// As [`number`](Call::number), for a time in seconds, with a fraction if need be.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<Duration>, Refusal> {
        self.argument(name).map(|text| seconds(&text)).transpose()
    }

    /// Cookies that came with the request, in order, values as sent.
    pub(super) fn cookies(&self) -> Vec<(String, String)> {
        let all = self.headers.get_all(header::COOKIE).iter().map(|value| latin1(value.as_bytes()));
        all.flat_map(|line| {
            let pairs = line.split(';').filter_map(|pair| pair.trim().split_once('='));
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
        })
        .collect()
    }

    /// The value of one cookie.
    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// httpbin's `args`.
    pub(super) fn args_json(&self) -> Value {
        flatten(self.query())
    }

    /// httpbin's `headers`: names in title case, repeats joined with commas.
    pub(super) fn headers_json(&self) -> Value {
        let headers = self.headers.keys().map(|name| {
            let value = self.header(name).unwrap_or_default();
            (title_case(name.as_str()), Value::from(value))
        });
        Value::Object(headers.collect())
    }

    /// httpbin's `origin`.
    pub(super) fn origin(&self) -> String {
        self.header("x-forwarded-for").unwrap_or_else(|| self.peer.address.ip().to_string())
    }
}

/// A length of time written in seconds, `0.25` or `3`.
///
/// # Errors
/// 400 when it is none.
pub(super) fn seconds(text: &str) -> Result<Duration, Refusal> {
    let parsed = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    parsed.ok_or_else(|| Refusal(format!("`{text}` is not a number of seconds")))
}

/// Pairs as an object; a name that repeats has a list.
pub(super) fn flatten(pairs: impl IntoIterator<Item = (String, String)>) -> Value {
    let mut object = Map::new();
    for (name, value) in pairs {
        add(&mut object, name, value.into());
    }
    Value::Object(object)
}

/// Adds a value under a name that may have one or several already.
pub(super) fn add(object: &mut Map<String, Value>, name: String, value: Value) {
    match object.get_mut(&name) {
        None => drop(object.insert(name, value)),
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = json!([first.take(), value]),
    }
}

/// An answer in httpbin's JSON: indented, keys sorted, a line end at the end.
pub(super) fn json_response(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json_text(value)).into_response()
}

pub(super) fn json_text(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Why an endpoint cannot make sense of a request; as an answer, 400.
pub(super) struct Refusal(pub(super) String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        bad_request(self.0)
    }
}

/// 400 with the reason as its page.
pub(super) fn bad_request(reason: impl Into<String>) -> Response {
    (StatusCode::BAD_REQUEST, Html(reason.into())).into_response()
}

/// Every byte is the character of that number.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// `x-two-words` as `X-Two-Words`.
fn title_case(name: &str) -> String {
    let mut at_start = true;
    let letter = |letter: char| {
        let changed = if at_start { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        at_start = !letter.is_ascii_alphabetic();
        changed
    };
    name.chars().map(letter).collect()
}
