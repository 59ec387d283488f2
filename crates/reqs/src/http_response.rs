//! To and from `http::Response`, for code that speaks the ecosystem's types.

use reqs_proto::{Headers, ResponseHead};

use crate::content::Content;
use crate::error::{Error, ErrorKind, Result};
use crate::response::{Head, Response, Stream};

/// Status, version, headers and body. Reason phrase, URL, history and the rest have no place there.
///
/// ```
/// let r = reqs::Response::builder().header("X-A", "1").body("hello").build().load()?;
/// let r: http::Response<Vec<u8>> = r.try_into()?;
/// assert_eq!(r.headers()["x-a"], "1");
/// assert_eq!(r.body(), b"hello");
/// # Ok::<(), reqs::Error>(())
/// ```
impl TryFrom<Response> for http::Response<Vec<u8>> {
    type Error = Error;

    fn try_from(response: Response) -> Result<http::Response<Vec<u8>>> {
        let Response { head, body } = response;
        to_http(*head, body.0.into())
    }
}

/// The body stays to be read, by `Read`, and is decoded as it would have been here.
impl TryFrom<Response<Stream>> for http::Response<Stream> {
    type Error = Error;

    fn try_from(mut response: Response<Stream>) -> Result<http::Response<Stream>> {
        if let Err(error) = response.settled() {
            return Err(response.named(error));
        }
        let Response { head, body } = response;
        to_http(*head, body)
    }
}

/// The body is taken as it is, whatever a Content-Encoding says. The reason phrase is the standard one.
impl<B: Into<Vec<u8>>> From<http::Response<B>> for Response {
    fn from(response: http::Response<B>) -> Response {
        let (parts, body) = response.into_parts();
        let head = ResponseHead::new(parts.version, parts.status, Headers::from(&parts.headers));
        Response::assemble(Head::new(head, None), Content(body.into().into()))
    }
}

fn to_http<B>(head: Head, body: B) -> Result<http::Response<B>> {
    let ResponseHead { version, status, headers, .. } = head.head;
    let headers = http::HeaderMap::try_from(&headers)
        .map_err(|error| Error::new(ErrorKind::InvalidHeader, error.to_string()).with_source(error))?;
    let mut response = http::Response::new(body);
    (*response.version_mut(), *response.status_mut(), *response.headers_mut()) = (version, status, headers);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use http::Version;
    use reqs_proto::DecodeLimits;

    use super::*;

    #[test]
    fn there_and_back() {
        let r = Response::builder().status(418).version(Version::HTTP_10).headers([
            ("A", "1"),
            ("B", "x"),
            ("a", "2"),
        ]);
        let there: http::Response<Vec<u8>> = r.body("hi").build().load().unwrap().try_into().unwrap();
        assert_eq!(there.headers().get_all("a").iter().count(), 2);
        let back = Response::from(there);
        assert_eq!((back.status().as_u16(), back.version()), (418, Version::HTTP_10));
        assert_eq!((back.headers().joined("a").unwrap().as_ref(), back.text().as_ref()), ("1, 2", "hi"));
        let from_text = Response::from(http::Response::new("text"));
        assert_eq!(from_text.text(), "text");
    }

    #[test]
    fn a_stream_stays_one() {
        let r = Response::builder().reader(&b"abc"[..]).build();
        let r: http::Response<Stream> = r.try_into().unwrap();
        let mut text = String::new();
        r.into_body().read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");

        let coded =
            Response::builder().header("Content-Encoding", "gzip").body("no").decode(DecodeLimits::default());
        let r: http::Response<Stream> = coded.build().try_into().unwrap();
        let error = Error::from(r.into_body().read_to_string(&mut text).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::ContentDecoding);
    }

    #[test]
    fn headers_that_cannot_be_are_an_error() {
        let r = Response::builder().header("bad name", "x").build().load().unwrap();
        assert_eq!(http::Response::<Vec<u8>>::try_from(r).unwrap_err().kind(), ErrorKind::InvalidHeader);
    }
}
