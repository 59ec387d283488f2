//! Which headers say how long a body is, by method and kind of body (BOD-1 to BOD-17, RFC 9110 §8.6).

use std::borrow::Cow;

use http::Method;
use reqs_proto::Headers;

use crate::body::Body;
use crate::error::{Error, ErrorKind, Result};

const CONTENT_LENGTH: &str = "Content-Length";
const TRANSFER_ENCODING: &str = "Transfer-Encoding";
const CHUNKED: &str = "chunked";

/// Sets Content-Length or Transfer-Encoding to fit the body.
///
/// What is known replaces what the caller said. A caller's Content-Length for a stream of unknown length is
/// believed, and held to while sending; a caller's `Transfer-Encoding` sends any body chunked. Both at once are
/// refused: two recipients might see two different ends of the body (BOD-13, BOD-14).
pub(crate) fn set(headers: &mut Headers, method: &Method, body: &Body) -> Result<()> {
    if headers.contains(TRANSFER_ENCODING) {
        if headers.contains(CONTENT_LENGTH) {
            return Err(both());
        }
        if body.is_stream() || !body.is_empty() {
            return chunked_last(headers);
        }
        headers.remove(TRANSFER_ENCODING);
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
            headers.insert(TRANSFER_ENCODING, CHUNKED);
        }
        Some(length) => headers.insert(CONTENT_LENGTH, decimal(length, &mut [0; 20])),
        None if headers.contains(CONTENT_LENGTH) => {}
        None => headers.insert(TRANSFER_ENCODING, CHUNKED),
    }
    Ok(())
}

/// Takes away what [`set`] said about a body that has been replaced. What somebody else says stays.
pub(crate) fn forget(headers: &mut Headers, length: Option<u64>) {
    let ours = |header: &str| match length {
        Some(length) => header == decimal(length, &mut [0; 20]),
        None => false,
    };
    if headers.get(CONTENT_LENGTH).is_some_and(ours) {
        headers.remove(CONTENT_LENGTH);
    }
    if matches!(length, None | Some(0)) && headers.get(TRANSFER_ENCODING) == Some(CHUNKED) {
        headers.remove(TRANSFER_ENCODING);
    }
}

/// Says of a body that takes another's place how long it is, whatever was said before.
pub(crate) fn refit(headers: &mut Headers, method: &Method, body: &Body) {
    headers.remove(CONTENT_LENGTH);
    headers.remove(TRANSFER_ENCODING);
    if body.is_empty() {
        // RFC 9110 §10.1.1: not without content.
        headers.remove("Expect");
    }
    // With neither of them there, nothing can disagree.
    let _ = set(headers, method, body);
}

/// Whether the header says something about the body: its length, type, coding or digest.
pub(crate) fn describes_body(name: &str) -> bool {
    const PREFIX: &str = "content-";
    let others = [TRANSFER_ENCODING, "Trailer", "Repr-Digest", "Digest"];
    name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
        || others.iter().any(|other| other.eq_ignore_ascii_case(name))
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
        if headers.contains(CONTENT_LENGTH) {
            return Err(both());
        }
        return chunked_last(headers).map(|()| Framing::Chunked);
    }
    match (stated(headers)?, body.length()) {
        (Some(stated), Some(length)) if stated != length => Err(invalid(format!(
            "Content-Length says {stated} bytes, the body has {length}: set one to fit the other (set_body does)"
        ))),
        (Some(stated), _) => Ok(Framing::Length(stated)),
        (None, Some(0)) => Ok(Framing::Length(0)),
        (None, _) => Err(invalid(
            "the request has a body, but neither Content-Length nor Transfer-Encoding says how it ends",
        )),
    }
}

/// The Content-Length, which must be one number of digits alone.
fn stated(headers: &Headers) -> Result<Option<u64>> {
    let Some(value) = headers.get(CONTENT_LENGTH) else { return Ok(None) };
    if headers.get_all(CONTENT_LENGTH).count() > 1 {
        return Err(invalid("Content-Length is set more than once"));
    }
    let value = value.trim();
    match value.parse() {
        Ok(number) if value.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(number)),
        _ => Err(invalid(format!("Content-Length is not a number: {value:?}"))),
    }
}

/// `chunked` must be the last coding, and stand there once (RFC 9112 §6.1); other codings are the caller's work.
fn chunked_last(headers: &Headers) -> Result<()> {
    let value = headers.joined(TRANSFER_ENCODING).unwrap_or_default();
    let mut codings = value.rsplit(',').map(str::trim).filter(|coding| !coding.is_empty());
    let is_chunked = |coding: &str| coding.eq_ignore_ascii_case(CHUNKED);
    if codings.next().is_some_and(is_chunked) && !codings.any(is_chunked) {
        return Ok(());
    }
    Err(invalid(format!(
        "Transfer-Encoding is {value:?}: a request's must end in \"chunked\", for the server to see its end"
    )))
}

fn both() -> Error {
    invalid("Content-Length and Transfer-Encoding are both set: a body is framed by one of them")
}

fn invalid(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidHeader, message)
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

    #[expect(clippy::needless_pass_by_value, reason = "made on the spot")]
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
    fn bod_14_a_coding_that_hides_the_end_is_refused() {
        for coding in ["gzip", "chunked, gzip", "chunked, chunked", ""] {
            let error =
                framed(Method::POST, Body::from("abc"), &[("Transfer-Encoding", coding)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidHeader, "{coding}");
        }
        assert_eq!(
            lines(Method::POST, Body::from("abc"), &[("Transfer-Encoding", "gzip, Chunked")]),
            "Transfer-Encoding: gzip, Chunked\n"
        );
        assert_eq!(lines(Method::POST, Body::empty(), &[("Transfer-Encoding", "x")]), "Content-Length: 0\n");
    }

    #[test]
    fn bod_17_what_was_said_of_a_replaced_body_is_forgotten() {
        let after = |given: &[(&str, &str)], length| {
            let mut headers: Headers = given.iter().copied().collect();
            forget(&mut headers, length);
            headers.len()
        };
        assert_eq!(after(&[("Content-Length", "5")], Some(5)), 0);
        assert_eq!(after(&[("Content-Length", "6")], Some(5)), 1);
        assert_eq!(after(&[("Transfer-Encoding", "chunked")], None), 0);
        assert_eq!(after(&[("Transfer-Encoding", "gzip, chunked")], None), 1);
    }

    /// RFC 9110 §10.1.1
    #[test]
    fn nothing_is_expected_where_the_body_was_taken_away() {
        let mut headers = Headers::from([("expect", "100-continue"), ("Content-Length", "3")]);
        refit(&mut headers, &Method::PUT, &Body::from("abcd"));
        assert_eq!((headers.get("expect"), headers.get("content-length")), (Some("100-continue"), Some("4")));
        refit(&mut headers, &Method::PUT, &Body::empty());
        assert_eq!((headers.get("expect"), headers.get("content-length")), (None, Some("0")));
    }

    #[test]
    fn a_body_changed_after_preparing_is_noticed() {
        let headers = framed(Method::POST, Body::from("abc"), &[]).unwrap();
        assert_eq!(check(&headers, &Body::from("abc")).unwrap(), Framing::Length(3));
        let error = check(&headers, &Body::from("abcd")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Content-Length says 3 bytes, the body has 4: set one to fit the other (set_body does)"
        );
        assert!(check(&Headers::new(), &Body::from("abc")).is_err());
        assert_eq!(check(&Headers::new(), &Body::empty()).unwrap(), Framing::Length(0));
        for preset in ["not zero", "+3", "-0", "", "99999999999999999999"] {
            let preset = Headers::from([("Content-Length", preset)]);
            assert!(check(&preset, &Body::empty()).unwrap_err().to_string().contains("not a number"));
        }
        let twice = Headers::from([("Content-Length", "0"), ("content-length", "0")]);
        assert!(check(&twice, &Body::empty()).unwrap_err().to_string().contains("more than once"));
        let both = Headers::from([("Content-Length", "0"), ("transfer-encoding", "chunked")]);
        assert!(check(&both, &Body::empty()).unwrap_err().to_string().contains("both set"));
    }
}
