//! A response whose body was read: its bytes, its text, its JSON.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;

use crate::error::Result;
use crate::json;
use crate::response::Response;
use crate::text;

/// A body that was read whole.
#[derive(Clone, Default)]
pub struct Content(pub(crate) Vec<u8>);

impl Response {
    /// The body's bytes, decoded from gzip and the like. (Requests: `content`.)
    pub fn content(&self) -> &[u8] {
        &self.body.0
    }

    /// The body's bytes, taken out.
    pub fn into_content(self) -> Vec<u8> {
        self.body.0
    }

    /// The body as text. (Requests: `text`.)
    ///
    /// A charset that was set by hand or stands in the Content-Type decides; without one a byte order mark does, then
    /// whether the bytes are UTF-8; what is left is ISO-8859-1 for `text/*` and a guess from the bytes for the rest.
    /// What cannot be decoded becomes U+FFFD. Where the bytes are UTF-8 nothing is copied.
    pub fn text(&self) -> Cow<'_, str> {
        text::decode(self.content(), self.encoding(), self.headers())
    }

    /// The charset that the bytes look like, whatever the headers say. (Requests: `apparent_encoding`.)
    pub fn apparent_encoding(&self) -> &'static str {
        text::apparent(self.content())
    }

    /// The body as JSON, in UTF-8, UTF-16 or UTF-32. The Content-Type is not asked. (Requests: `json()`.)
    ///
    /// # Errors
    /// [`ErrorKind::JsonDecode`](crate::ErrorKind::JsonDecode) that says where and why; status, content type and the
    /// beginning of the body are in the message.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        json::decode(self)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.0.len())
    }
}
