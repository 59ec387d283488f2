//! Ready-made responses for scripts that care about other things than bytes.

/// A response with that status (`"404 Not Found"`), these headers, a Content-Length and the body.
///
/// ```
/// let moved = reqs_tests::scripted::response("301 Moved Permanently", &[("Location", "/new")], "");
/// assert_eq!(moved, b"HTTP/1.1 301 Moved Permanently\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n");
/// ```
pub fn response(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// `200 OK` with that body and no other header than Content-Length.
pub fn ok(body: impl AsRef<[u8]>) -> Vec<u8> {
    response("200 OK", &[], body)
}

/// `302 Found` to that place, without a body.
pub fn redirect(location: &str) -> Vec<u8> {
    response("302 Found", &[("Location", location)], "")
}

/// `200 OK` with these chunks, each framed as one chunk (RFC 9112 section 7.1);
/// an empty one is left out.
pub fn chunked<C: AsRef<[u8]>>(chunks: impl IntoIterator<Item = C>) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in chunks {
        let chunk = chunk.as_ref();
        if chunk.is_empty() {
            continue; // It would end the body.
        }
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}
