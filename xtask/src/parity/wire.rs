//! What a client sent, taken apart so that a difference has a place, and without what differs by name.

use serde_json::{Value, json};

use super::bytes::text;

/// The requests in what came over one connection. What cannot be told apart is the last body.
pub(super) fn parsed(bytes: &[u8]) -> Value {
    let mut requests = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.windows(4).position(|window| window == b"\r\n\r\n");
        let Some(end) = end else {
            requests.push(json!({ "incomplete": text(rest) }));
            break;
        };
        let (head, after) = rest.split_at(end + 4);
        let mut lines = text(&head[..end]).split("\r\n").map(str::to_owned).collect::<Vec<_>>();
        let line = lines.remove(0);
        let (body, left) = after.split_at(body_length(&lines, after).min(after.len()));
        requests.push(without_boundary(&line, &lines, &text(body)));
        rest = left;
    }
    Value::Array(requests)
}

/// Every text with each of these replaced by its name.
pub(super) fn renamed(value: Value, names: &[(String, String)]) -> Value {
    match value {
        Value::String(mut text) => {
            for (from, to) in names {
                if text.contains(from.as_str()) {
                    text = text.replace(from.as_str(), to);
                }
            }
            Value::String(text)
        }
        Value::Array(items) => items.into_iter().map(|item| renamed(item, names)).collect(),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, inner)| (key, renamed(inner, names))).collect())
        }
        other => other,
    }
}

/// How many of these bytes are the body. A head that says two things has all of them.
fn body_length(lines: &[String], after: &[u8]) -> usize {
    let values = |name: &str| {
        let found = lines.iter().filter_map(|line| line.split_once(':'));
        found
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let (lengths, codings) = (values("content-length"), values("transfer-encoding"));
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => 0,
        ([length], []) => length.parse().unwrap_or(after.len()),
        ([], [_]) => chunked_length(after).unwrap_or(after.len()),
        _ => after.len(),
    }
}

/// Where a chunked body ends, if it does.
fn chunked_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = bytes.get(at..)?.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[at..at + line]).ok()?, 16).ok()?;
        at += line + 2 + size + 2;
        if size == 0 {
            return (at <= bytes.len()).then_some(at);
        }
    }
}

/// The request, its multipart boundary replaced by a name that tells what kind it is.
fn without_boundary(line: &str, headers: &[String], body: &str) -> Value {
    let boundary = headers.iter().find_map(|header| {
        let (_, value) = header.split_once("multipart/form-data; boundary=")?;
        Some(value.to_owned())
    });
    let Some(boundary) = boundary.filter(|boundary| body.contains(&format!("--{boundary}"))) else {
        return json!({ "line": line, "headers": headers, "body": body });
    };
    let kind = match boundary.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        true => format!("{{boundary: {} hex digits}}", boundary.len()),
        false => format!("{{boundary: {} characters}}", boundary.len()),
    };
    let headers: Vec<String> = headers.iter().map(|header| header.replace(&boundary, &kind)).collect();
    json!({ "line": line, "headers": headers, "body": body.replace(&boundary, &kind) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_by_their_framing() {
        let bytes = b"POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiPUT / HTTP/1.1\r\n\
            Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\nGET";
        let expected = json!([
            {"line": "POST /a HTTP/1.1", "headers": ["Content-Length: 2"], "body": "hi"},
            {"line": "PUT / HTTP/1.1", "headers": ["Transfer-Encoding: chunked"], "body": "1\r\nx\r\n0\r\n\r\n"},
            {"line": "GET / HTTP/1.1", "headers": [], "body": ""},
            {"incomplete": "GET"},
        ]);
        assert_eq!(parsed(bytes), expected);
    }

    #[test]
    fn boundaries_are_named_by_their_kind() {
        let body = "--0a--\r\n";
        let found =
            without_boundary("", &["Content-Type: multipart/form-data; boundary=0a".to_owned()], body);
        assert_eq!(found["body"], "--{boundary: 2 hex digits}--\r\n");
    }

    #[test]
    fn names_are_put_in_everywhere() {
        let names = [(":80".to_owned(), ":{port}".to_owned())];
        assert_eq!(renamed(json!([{"a": "h:80/"}, 1]), &names), json!([{"a": "h:{port}/"}, 1]));
    }
}
