//! The messages that the benches and the instruction counts share.

use std::io::Write as _;

/// A response head with so many header lines, of the kinds and lengths that servers send.
pub(crate) fn response_head(headers: usize) -> Vec<u8> {
    const LINES: [&str; 20] = [
        "Date: Sun, 06 Nov 1994 08:49:37 GMT",
        "Server: nginx/1.27.1",
        "Content-Type: application/json; charset=utf-8",
        "Content-Length: 200",
        "Connection: keep-alive",
        "Cache-Control: public, max-age=60, s-maxage=60",
        "Vary: Accept, Accept-Encoding, Accept, X-Requested-With",
        "ETag: W/\"7a2c3f0f6e1d4c5b8a9e0d1f2c3b4a59\"",
        "X-RateLimit-Limit: 60",
        "X-RateLimit-Remaining: 58",
        "X-RateLimit-Reset: 1735689600",
        "Access-Control-Allow-Origin: *",
        "Strict-Transport-Security: max-age=31536000; includeSubdomains; preload",
        "X-Frame-Options: deny",
        "X-Content-Type-Options: nosniff",
        "Referrer-Policy: origin-when-cross-origin, strict-origin-when-cross-origin",
        "Content-Security-Policy: default-src 'none'",
        "Set-Cookie: session=0123456789abcdef0123456789abcdef; Path=/; HttpOnly; Secure",
        "Accept-Ranges: bytes",
        "X-Request-Id: C0FE:12AB:34CD:56EF:65A1B2C3",
    ];
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    for line in LINES.iter().cycle().take(headers) {
        head.extend_from_slice(line.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// What a session sends with every GET, and a few more.
pub(crate) fn request_headers() -> reqs_proto::Headers {
    reqs_proto::Headers::from([
        ("User-Agent", "reqs/0.1.0"),
        ("Accept-Encoding", "gzip, deflate, br"),
        ("Accept", "*/*"),
        ("Connection", "keep-alive"),
        ("Cookie", "session=0123456789abcdef0123456789abcdef"),
        ("Authorization", "Bearer 0123456789abcdef0123456789abcdef"),
    ])
}

/// A chunked body on the wire.
pub(crate) fn chunked_body(chunks: usize, size: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    for _ in 0..chunks {
        wire.extend_from_slice(format!("{size:x}\r\n").as_bytes());
        wire.resize(wire.len() + size, b'x');
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b"0\r\n\r\n");
    wire
}

/// Text that compresses as prose and logs do: words from a small vocabulary, by a generator that is always the same.
pub(crate) fn text(len: usize) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "the",
        "request",
        "was",
        "answered",
        "with",
        "status",
        "200",
        "after",
        "connection",
        "GET",
        "https://example.org/items/",
        "in",
        "ms",
        "user-agent",
        "\n",
        "error",
    ];
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut text = Vec::with_capacity(len + 32);
    while text.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.extend_from_slice(WORDS[(state % 16) as usize].as_bytes());
        if state.is_multiple_of(5) {
            text.extend_from_slice((state >> 40).to_string().as_bytes());
        }
        text.push(b' ');
    }
    text.truncate(len);
    text
}

/// That, as one gzip member.
pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).expect("memory does not fail");
    encoder.finish().expect("memory does not fail")
}
