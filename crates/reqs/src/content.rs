//! A response whose body was read: its bytes, its text, its JSON.

use std::borrow::Cow;
use std::fmt;

use reqs_proto::Headers;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::json;
use crate::lines;
use crate::memory::Memory;
use crate::response::Response;
use crate::text;

/// A body that was read whole.
#[derive(Clone, Default)]
pub struct Content(pub(crate) Memory);

impl Response {
    /// The body's bytes, decoded from gzip and the like. (Requests: `content`.)
    pub fn content(&self) -> &[u8] {
        &self.body.0
    }

    /// The body's bytes, taken out. They are not copied, unless they lie in huge pages, as on Linux those of many MiB do.
    pub fn into_content(self) -> Vec<u8> {
        self.body.0.into()
    }

    /// The body as text. (Requests: `text`.)
    ///
    /// A charset that was set by hand or stands in the Content-Type decides; without one a byte order mark does, then
    /// whether the bytes are UTF-8; what is left is ISO-8859-1 for `text/*` and a guess from the bytes for the rest.
    /// What cannot be decoded becomes U+FFFD, and a byte order mark is no part of the text. Where the bytes are UTF-8
    /// nothing is copied, however often it is called.
    ///
    /// ```
    /// let r = reqs::Response::builder().header("Content-Type", "text/html; charset=gbk").body(*b"\xc4\xe3").build();
    /// assert_eq!(r.load()?.text(), "你");
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn text(&self) -> Cow<'_, str> {
        text::decode(self.content(), self.encoding(), self.headers())
    }

    /// The body as [`text`](Response::text), where there is no doubt about it.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownEncoding`] where the charset is named and nothing is known of it, or where the bytes are
    /// not of that charset.
    pub fn try_text(&self) -> Result<Cow<'_, str>> {
        let text = text::decode_strictly(self.content(), self.encoding(), self.headers());
        text.map_err(|wrong| self.named(Error::new(ErrorKind::UnknownEncoding, wrong)))
    }

    /// The body as [`text`](Response::text), taken out: of UTF-8 nothing is copied.
    pub fn into_text(self) -> String {
        match self.text() {
            Cow::Owned(text) => text,
            Cow::Borrowed(text) if text.len() == self.content().len() => {
                String::from_utf8(self.into_content()).unwrap_or_default()
            }
            Cow::Borrowed(text) => text.to_owned(),
        }
    }

    /// The charset that the bytes look like, whatever the headers say. (Requests: `apparent_encoding`.)
    ///
    /// ```
    /// # let mut r = reqs::Response::builder().body("é").build().load()?;
    /// r.set_encoding(r.apparent_encoding());
    /// # assert_eq!(r.encoding(), Some("UTF-8"));
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn apparent_encoding(&self) -> &'static str {
        text::apparent(self.content())
    }

    /// The charsets that a page names in itself, in `<meta charset>`, `<meta content>` and `<?xml encoding>`. (Requests:
    /// `utils.get_encodings_from_content`.) They are not asked by [`text`](Response::text); use
    /// [`set_encoding`](Response::set_encoding) to follow one.
    pub fn encodings_in_content(&self) -> Vec<String> {
        text::in_content(self.content())
    }

    /// The body as JSON, in UTF-8, UTF-16 or UTF-32. Neither Content-Type nor status are asked. (Requests: `json()`.)
    ///
    /// ```
    /// # let r = reqs::Response::builder().body(r#"{"origin": "127.0.0.1"}"#).build().load()?;
    /// let v: serde_json::Value = r.json()?;
    /// assert_eq!(v["origin"], "127.0.0.1");
    /// # Ok::<(), reqs::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::JsonDecode`] that says where and why; status, content type and the body around that place are in
    /// the message, and a `serde_json::Error` with line and column is its source.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        json::decode(self)
    }

    /// The body in pieces of `size` bytes, the last one shorter; in one with `None` or 0. (Requests: `iter_content`,
    /// once the content was read.)
    pub fn iter_content(&self, size: impl Into<Option<usize>>) -> std::slice::Chunks<'_, u8> {
        let size = size.into().filter(|size| *size > 0);
        self.content().chunks(size.unwrap_or(self.content().len().max(1)))
    }

    /// The body's lines as bytes, without their ends, which are `\n`, `\r\n` or `\r`. (Requests: `iter_lines`.)
    pub fn iter_lines(&self) -> impl Iterator<Item = &[u8]> {
        lines::split(self.content())
    }

    /// The trailer fields that followed the last chunk (RFC 9110 §6.5).
    pub fn trailers(&self) -> Option<&Headers> {
        self.head.trailers.as_deref()
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Content) -> bool {
        *self.0 == *other.0
    }
}

impl Eq for Content {}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], content_type: &str) -> Response {
        Response::builder().header("Content-Type", content_type).body(bytes).build().load().unwrap()
    }

    /// t:test_iter_slices
    #[test]
    fn res_7_str_10_pieces_of_what_is_read() {
        let r = read(b"TestA", "");
        let pieces = |size: Option<usize>| r.iter_content(size).collect::<Vec<_>>();
        assert_eq!(pieces(Some(2)), [&b"Te"[..], b"st", b"A"]);
        for size in [None, Some(0), Some(5), Some(1000)] {
            assert_eq!(pieces(size), [b"TestA"]);
        }
        assert_eq!(read(b"", "").iter_content(3).count(), 0);
        // Requests' own six cases; its length of -5 is typed away.
        for (text, size, count) in [
            ("", Some(1), 0),
            ("T", Some(1), 1),
            ("Test", Some(1), 4),
            ("Cont", Some(0), 1),
            ("Content", None, 1),
        ] {
            assert_eq!(read(text.as_bytes(), "").iter_content(size).count(), count, "{text} by {size:?}");
        }
        assert_eq!(read(b"a\r\nb\r\rc\n", "").iter_lines().collect::<Vec<_>>(), [&b"a"[..], b"b", b"", b"c"]);
    }

    #[test]
    fn text_moves_out_where_it_can() {
        let r = read("é".as_bytes(), "");
        let at = r.content().as_ptr();
        let text = r.into_text();
        assert_eq!(text.as_ptr(), at);
        assert_eq!(read(b"\xef\xbb\xbfx", "").into_text(), "x");
        assert_eq!(read(b"\xe9", "text/plain").into_text(), "é");
        assert_eq!(read(b"\xff", "text/plain; charset=utf-8").into_text(), "\u{fffd}");
    }

    #[test]
    fn res_5_a_response_without_anything_has_nothing() {
        let r = Response::builder().build().load().unwrap();
        assert_eq!((r.content(), r.text().as_ref(), r.encoding()), (&b""[..], "", None));
        assert_eq!(r.apparent_encoding(), "UTF-8");
        assert_eq!((r.request().method.as_str(), r.request().url.as_str()), ("GET", "about:blank"));
        assert!(
            r.links().is_empty()
                && r.cookies().is_empty()
                && r.history().is_empty()
                && r.trailers().is_none()
        );
    }
}
