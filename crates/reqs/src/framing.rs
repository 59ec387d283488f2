//! Which headers say how long a body is, by method and kind of body (BOD-1 to BOD-17, RFC 9110 §8.6).

use http::Method;
use reqs_proto::Headers;

use crate::body::Body;
use crate::error::{Error, ErrorKind, Result};

const CONTENT_LENGTH: &str = "Content-Length";
const TRANSFER_ENCODING: &str = "Transfer-Encoding";

/// Sets Content-Length or Transfer-Encoding to fit the body.
///
/// What is known replaces what the caller said. A caller's Content-Length for a stream of unknown length is
/// believed, and held to while sending; a caller's `Transfer-Encoding` sends any body chunked.
pub(crate) fn set(headers: &mut Headers, method: &Method, body: &Body) -> Result<()> {
    if headers.contains(TRANSFER_ENCODING) {
        return match (body.is_stream() || !body.is_empty(), headers.contains(CONTENT_LENGTH)) {
            (_, true) => Err(Error::new(
                ErrorKind::InvalidHeader,
                "Content-Length and Transfer-Encoding are both set: a body is framed by one of them",
            )),
            (false, false) => {
                headers.remove(TRANSFER_ENCODING);
                set(headers, method, body)
            }
            (true, false) => Ok(()),
        };
    }
    match body.length() {
        Some(0) if !body.is_stream() => {
            let bodiless = matches!(*method, Method::GET | Method::HEAD);
            if !bodiless && !headers.contains(CONTENT_LENGTH) {
                headers.insert(CONTENT_LENGTH, "0");
            }
        }
        // An empty stream is sent as Requests sends it: chunked, with the last chunk alone (BOD-8).
        Some(0) => {
            headers.remove(CONTENT_LENGTH);
            headers.insert(TRANSFER_ENCODING, "chunked");
        }
        Some(length) => headers.insert(CONTENT_LENGTH, decimal(length, &mut [0; 20])),
        None if headers.contains(CONTENT_LENGTH) => {}
        None => headers.insert(TRANSFER_ENCODING, "chunked"),
    }
    Ok(())
}

/// How the body goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
}

/// The framing that the headers announce, if it fits the body; a body changed after preparing may not.
pub(crate) fn check(headers: &Headers, body: &Body) -> Result<Framing> {
    if headers.contains(TRANSFER_ENCODING) {
        return Ok(Framing::Chunked);
    }
    let stated = match headers.get(CONTENT_LENGTH) {
        None => None,
        Some(value) => Some(value.trim().parse::<u64>().map_err(|_| {
            Error::new(
                ErrorKind::InvalidHeader,
                format!("Content-Length is not a number: {:?}", value.trim()),
            )
        })?),
    };
    match (stated, body.length()) {
        (Some(stated), Some(length)) if stated != length => Err(Error::new(
            ErrorKind::InvalidHeader,
            format!("Content-Length says {stated} bytes, the body has {length}: set one to fit the other"),
        )),
        (Some(stated), _) => Ok(Framing::Length(stated)),
        (None, Some(0)) => Ok(Framing::Length(0)),
        (None, _) => Err(Error::new(
            ErrorKind::InvalidHeader,
            "the request has a body, but neither Content-Length nor Transfer-Encoding says how it ends",
        )),
    }
}

/// The number in decimal, without a trip through a String.
fn decimal(mut number: u64, digits: &mut [u8; 20]) -> &str {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    str::from_utf8(&digits[at..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(method: Method, body: Body, given: &[(&str, &str)]) -> Result<Headers> {
        let mut headers: Headers = given.iter().copied().collect();
        set(&mut headers, &method, &body)?;
        Ok(headers)
    }

    fn lines(method: Method, body: Body, given: &[(&str, &str)]) -> String {
        let headers = framed(method, body, given).unwrap();
        headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
    }

    #[test]
    fn bod_1_no_body_says_so_unless_the_method_has_none() {
        assert_eq!(lines(Method::GET, Body::empty(), &[]), "");
        assert_eq!(lines(Method::HEAD, Body::empty(), &[]), "");
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            assert_eq!(lines(method, Body::from(""), &[]), "Content-Length: 0\n");
        }
        assert_eq!(lines(Method::POST, Body::empty(), &[("Content-Length", "9")]), "Content-Length: 9\n");
    }

    #[test]
    fn bod_2_bod_7_known_lengths_are_stated_unknown_ones_chunked() {
        assert_eq!(lines(Method::GET, Body::from("é"), &[]), "Content-Length: 2\n");
        assert_eq!(
            lines(Method::PUT, Body::sized(std::io::empty(), 1 << 40), &[]),
            "Content-Length: 1099511627776\n"
        );
        assert_eq!(lines(Method::PUT, Body::reader(std::io::empty()), &[]), "Transfer-Encoding: chunked\n");
        assert_eq!(lines(Method::PUT, Body::chunks(["a"]), &[]), "Transfer-Encoding: chunked\n");
    }

    #[test]
    fn bod_8_an_empty_stream_is_chunked() {
        let empty = Body::seekable(std::io::Cursor::new(Vec::new()));
        assert_eq!(lines(Method::POST, empty, &[("Content-Length", "0")]), "Transfer-Encoding: chunked\n");
    }

    #[test]
    fn bod_13_bod_14_conflicts_never_reach_the_wire() {
        assert_eq!(lines(Method::POST, Body::from("abc"), &[("content-length", "9")]), "Content-Length: 3\n");
        assert_eq!(
            lines(Method::POST, Body::reader(&b"abc"[..]), &[("Content-Length", "3")]),
            "Content-Length: 3\n"
        );
        let chunked = [("Transfer-Encoding", "chunked")];
        assert_eq!(lines(Method::POST, Body::from("abc"), &chunked), "Transfer-Encoding: chunked\n");
        let both = [("Transfer-Encoding", "chunked"), ("Content-Length", "3")];
        assert_eq!(
            framed(Method::POST, Body::from("abc"), &both).unwrap_err().kind(),
            ErrorKind::InvalidHeader
        );
    }

    #[test]
    fn a_body_changed_after_preparing_is_noticed() {
        let headers = framed(Method::POST, Body::from("abc"), &[]).unwrap();
        assert_eq!(check(&headers, &Body::from("abc")).unwrap(), Framing::Length(3));
        let error = check(&headers, &Body::from("abcd")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Content-Length says 3 bytes, the body has 4: set one to fit the other"
        );
        assert!(check(&Headers::new(), &Body::from("abc")).is_err());
        assert_eq!(check(&Headers::new(), &Body::empty()).unwrap(), Framing::Length(0));
        let preset = Headers::from([("Content-Length", "not zero")]);
        assert!(check(&preset, &Body::empty()).unwrap_err().to_string().contains("not a number"));
    }
}
