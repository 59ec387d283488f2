//! Every bound on what a server may make a client hold, with the reason for its default.

/// Bounds on one response, so that no server can make its client grow without end.
///
/// The defaults are far above what honest servers send. To change one, take the default and set it:
///
/// ```
/// let mut limits = reqs_proto::Limits::default();
/// limits.headers = 64;
/// # assert_eq!(limits.head_bytes, reqs_proto::Limits::HEAD_BYTES);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one response head: status line, header lines, and the empty line.
    pub head_bytes: usize,
    /// Header lines in one head, and in one trailer section.
    pub headers: usize,
    /// Informational (1xx) responses before the final one.
    pub informational: usize,
    /// Bytes of one chunk-size line, with its extensions and its line end.
    pub chunk_line: usize,
    /// Bytes of chunk extensions, and of zeros and blanks around chunk sizes, in one body beyond the body's own bytes. They
    /// carry nothing that a client uses, so a body that consists mostly of them is an attack.
    pub chunk_extensions: usize,
    /// Bytes of the trailer section after the last chunk.
    pub trailer_bytes: usize,
}

impl Limits {
    /// 256 KiB: a 100 KB header exists in the wild, a megabyte of them does not.
    pub const HEAD_BYTES: usize = 256 * 1024;
    /// 256: servers that send 200 exist.
    pub const HEADERS: usize = 256;
    /// 16: a server may send 100, a few 102 and some 103; more is a loop.
    pub const INFORMATIONAL: usize = 16;
    /// 4 KiB: room for signatures in extensions, which is the largest honest use.
    pub const CHUNK_LINE: usize = 4 * 1024;
    /// 64 KiB more than the body itself.
    pub const CHUNK_EXTENSIONS: usize = 64 * 1024;
    /// 16 KiB: trailers carry checksums, timings and gRPC-like status lines.
    pub const TRAILER_BYTES: usize = 16 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: Self::HEAD_BYTES,
            headers: Self::HEADERS,
            informational: Self::INFORMATIONAL,
            chunk_line: Self::CHUNK_LINE,
            chunk_extensions: Self::CHUNK_EXTENSIONS,
            trailer_bytes: Self::TRAILER_BYTES,
        }
    }
}
