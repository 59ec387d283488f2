//! A request as it came over the wire, and where on the wire it ends.

use std::fmt;

/// One request, byte for byte as the server got it.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    bytes: Vec<u8>,
    head: usize,
}

impl Received {
    pub(super) fn new(bytes: Vec<u8>, head: usize) -> Received {
        Received { bytes, head }
    }

    /// Everything: head and body.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Everything, as text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The head as text, with the empty line that ends it.
    pub fn head(&self) -> String {
        String::from_utf8_lossy(&self.bytes[..self.head]).into_owned()
    }

    /// The request line, without its line end.
    pub fn line(&self) -> String {
        self.head().split("\r\n").next().unwrap_or_default().to_owned()
    }

    /// The request line's first word.
    pub fn method(&self) -> String {
        self.line().split(' ').next().unwrap_or_default().to_owned()
    }

    /// The request line's second word, as sent.
    pub fn target(&self) -> String {
        self.line().split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// Names and values of the header lines, in order and as spelled. Values lose the space around them.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.head()
            .split("\r\n")
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect()
    }

    /// The first header of that name, in any capitalisation.
    pub fn header(&self, name: &str) -> Option<String> {
        self.header_all(name).into_iter().next()
    }

    /// Every header of that name, in order.
    pub fn header_all(&self, name: &str) -> Vec<String> {
        let same = |(found, value): (String, String)| found.eq_ignore_ascii_case(name).then_some(value);
        self.headers().into_iter().filter_map(same).collect()
    }

    /// The body as it was framed: with chunk lines where it was chunked.
    pub fn body(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    /// The body without its framing.
    pub fn content(&self) -> Vec<u8> {
        if is_chunked(&self.bytes[..self.head]) { self.chunks().concat() } else { self.body().to_vec() }
    }

    /// The chunks of a chunked body, without the empty one that ends it; none when it was not chunked.
    pub fn chunks(&self) -> Vec<Vec<u8>> {
        if !is_chunked(&self.bytes[..self.head]) {
            return Vec::new();
        }
        match walk_chunks(self.body()) {
            Ok(Some(walked)) => walked.chunks.into_iter().map(<[u8]>::to_vec).collect(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received(\"{}\")", self.bytes.escape_ascii())
    }
}

impl AsRef<[u8]> for Received {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The length of the head with its empty line, once it is all there.
pub(super) fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// The length of the body that follows `head` with its framing, once it is all there.
///
/// RFC 9112 section 6.3; a request has no body unless it says so.
///
/// # Errors
/// When the framing is wrong: what and where.
pub(super) fn body_length(head: &[u8], rest: &[u8]) -> Result<Option<usize>, String> {
    if is_chunked(head) {
        return Ok(walk_chunks(rest)?.map(|walked| walked.length));
    }
    let Some(length) = header(head, "content-length") else {
        return Ok(Some(0));
    };
    let length: usize = length.parse().map_err(|_| format!("Content-Length is `{length}`"))?;
    Ok((rest.len() >= length).then_some(length))
}

/// Whether the head asks to wait for `100 Continue` before the body is sent.
pub(super) fn expects_continue(head: &[u8]) -> bool {
    header(head, "expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
}

fn is_chunked(head: &[u8]) -> bool {
    header(head, "transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().ends_with("chunked"))
}

fn header(head: &[u8], name: &str) -> Option<String> {
    String::from_utf8_lossy(head)
        .split("\r\n")
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}

struct Walked<'a> {
    chunks: Vec<&'a [u8]>,
    length: usize,
}

/// Walks a chunked body (RFC 9112 section 7.1) to its end; `None` while that has not come.
fn walk_chunks(bytes: &[u8]) -> Result<Option<Walked<'_>>, String> {
    let mut chunks = Vec::new();
    let mut at = 0;
    loop {
        let Some(line) = line_at(bytes, at) else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(line);
        let digits = text.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(digits, 16)
            .map_err(|_| format!("chunk size `{}` at byte {at} of the body", digits.escape_debug()))?;
        at += line.len() + 2;
        if size == 0 {
            break;
        }
        let Some(end) = bytes.get(at..at + size + 2) else {
            return Ok(None);
        };
        if !end.ends_with(b"\r\n") {
            return Err(format!("no line end after the chunk of {size} bytes at byte {at} of the body"));
        }
        chunks.push(&end[..size]);
        at += size + 2;
    }
    // Trailers, then an empty line.
    loop {
        let Some(line) = line_at(bytes, at) else {
            return Ok(None);
        };
        at += line.len() + 2;
        if line.is_empty() {
            return Ok(Some(Walked { chunks, length: at }));
        }
    }
}

fn line_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = &bytes[at..];
    rest.windows(2).position(|window| window == b"\r\n").map(|end| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_ends_where_its_framing_says() {
        let cases = [
            ("GET / HTTP/1.1\r\n\r\n", "", Ok(Some(0))),
            ("POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n", "abcd", Ok(Some(3))),
            ("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n", "ab", Ok(None)),
            ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "ab", Err(())),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "1\r\na\r\n0\r\n\r\nrest",
                Ok(Some(11)),
            ),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "1;x=y\r\na\r\n0\r\nT: v\r\n\r\n",
                Ok(Some(21)),
            ),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n0\r\n", Ok(None)),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na", Ok(None)),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nabc", Err(())),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "z\r\n", Err(())),
        ];
        for (head, rest, expected) in cases {
            let length = body_length(head.as_bytes(), rest.as_bytes());
            assert_eq!(length.map_err(drop), expected, "{head}{rest}");
        }
    }

    #[test]
    fn a_request_tells_its_parts() {
        let head =
            "POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Two: 1\r\nTransfer-Encoding: chunked\r\nx-two:  2 \r\n\r\n";
        let received =
            Received::new(format!("{head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").into_bytes(), head.len());
        assert_eq!(received.line(), "POST /a?b=c HTTP/1.1");
        assert_eq!((received.method().as_str(), received.target().as_str()), ("POST", "/a?b=c"));
        assert_eq!(received.header("HOST").as_deref(), Some("x"));
        assert_eq!(received.header_all("x-two"), ["1", "2"]);
        assert_eq!(received.header("absent"), None);
        assert_eq!(received.headers()[3].0, "x-two");
        assert_eq!(received.head(), head);
        assert_eq!(received.body(), b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        assert_eq!(received.content(), b"abcde");
        assert_eq!(received.chunks(), [b"abc".to_vec(), b"de".to_vec()]);
    }
}
