//! How long a body is: RFC 9112 section 6.3 as pure functions over heads. Nothing here reads a byte of a body.

use http::Version;

use crate::error::{Error, excerpt};
use crate::grammar::{decimal, is_token, list, list_has, trim_ows};
use crate::headers::{Headers, name};
use crate::reuse::CloseReason;

/// How the body of a request is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// No body: neither Content-Length nor Transfer-Encoding.
    None,
    /// Content-Length: so many bytes, no more and no fewer.
    Exact(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

/// How the body of a response is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseBody {
    /// No body, whatever the headers say: to HEAD, 1xx, 204, 304, a tunnel or a switched protocol.
    None,
    /// So many bytes.
    Exact(u64),
    /// Chunked, with trailers perhaps.
    Chunked,
    /// Until the server closes the connection.
    UntilClose,
}

/// What a response's head says about its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Framing {
    pub(crate) body: ResponseBody,
    /// Another recipient might see another length: the connection must not be reused.
    pub(crate) in_doubt: bool,
}

/// The parts of the request that decide about the response's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MethodKind {
    Head,
    Connect,
    Other,
}

/// RFC 9112 section 6.3, rules 1 to 8, for a client.
pub(crate) fn response_framing(
    method: MethodKind,
    version: Version,
    status: u16,
    headers: &Headers,
) -> Result<Framing, Error> {
    let bodiless = method == MethodKind::Head
        || matches!(status, 100..=199 | 204 | 304)
        || (method == MethodKind::Connect && matches!(status, 200..=299));
    if bodiless {
        // A 204 that announces a body may well send it, and it would be read as the next response.
        let in_doubt = status == 204
            && method == MethodKind::Other
            && (headers.contains(name::TRANSFER_ENCODING)
                || headers.get_all(name::CONTENT_LENGTH).any(|length| length != "0"));
        return Ok(Framing { body: ResponseBody::None, in_doubt });
    }
    let coding = transfer_coding(headers)?;
    if coding != TransferCoding::Absent {
        // RFC 9112 section 6.1: with HTTP/1.0 or beside a Content-Length, the framing is faulty. The Content-Length
        // is not looked at.
        let faulty = version == Version::HTTP_10 || headers.contains(name::CONTENT_LENGTH);
        let body = match coding {
            TransferCoding::Chunked => ResponseBody::Chunked,
            TransferCoding::Identity => length_or_close(headers)?,
            TransferCoding::Absent | TransferCoding::Other => ResponseBody::UntilClose,
        };
        return Ok(Framing { body, in_doubt: faulty || coding == TransferCoding::Identity });
    }
    Ok(Framing { body: length_or_close(headers)?, in_doubt: false })
}

fn length_or_close(headers: &Headers) -> Result<ResponseBody, Error> {
    Ok(content_length(headers)?.map_or(ResponseBody::UntilClose, ResponseBody::Exact))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TransferCoding {
    Absent,
    /// `chunked` is the last coding, once. What stands before it stays undone: the client asked for none.
    Chunked,
    /// The lone word `identity`, which RFC 2616 had and RFC 9112 no longer has: no coding, not to be trusted.
    Identity,
    /// Something else is the last: the body ends with the connection.
    Other,
}

/// RFC 9112 section 6.1: `Transfer-Encoding = #transfer-coding`, `transfer-coding = token *( OWS ";" OWS parameter )`.
fn transfer_coding(headers: &Headers) -> Result<TransferCoding, Error> {
    if !headers.contains(name::TRANSFER_ENCODING) {
        return Ok(TransferCoding::Absent);
    }
    let value = headers.joined(name::TRANSFER_ENCODING).unwrap_or_default();
    let invalid = || Error::InvalidTransferEncoding(excerpt(value.as_bytes()));
    let mut coding = TransferCoding::Absent;
    for element in list(&value) {
        if matches!(coding, TransferCoding::Chunked | TransferCoding::Identity) {
            return Err(invalid());
        }
        let (name, parameters) = match element.split_once(';') {
            Some((name, parameters)) => (trim_ows(name), Some(parameters)),
            None => (element, None),
        };
        // A quoted string may hold commas, and nobody agrees on what is framing then. No parameter needs one.
        if !is_token(name.as_bytes()) || parameters.is_some_and(|parameters| parameters.contains('"')) {
            return Err(invalid());
        }
        let chunked = name.eq_ignore_ascii_case("chunked");
        if chunked && parameters.is_some() {
            return Err(invalid());
        }
        coding = if chunked {
            TransferCoding::Chunked
        } else if coding == TransferCoding::Absent && name.eq_ignore_ascii_case("identity") {
            TransferCoding::Identity
        } else {
            TransferCoding::Other
        };
    }
    if coding == TransferCoding::Absent {
        return Err(invalid());
    }
    Ok(coding)
}

/// Every Content-Length, each a number or a list of the same number (RFC 9110 section 8.6).
fn content_length(headers: &Headers) -> Result<Option<u64>, Error> {
    let mut length = None;
    for value in headers.get_all(name::CONTENT_LENGTH) {
        if length.is_none()
            && let Some(plain) = decimal(value)
        {
            length = Some(plain);
            continue;
        }
        for element in value.split(',') {
            let invalid = || Error::InvalidContentLength(excerpt(value.as_bytes()));
            let other = decimal(trim_ows(element)).ok_or_else(invalid)?;
            match length {
                Some(first) if first != other => {
                    return Err(Error::ConflictingContentLength { first, other });
                }
                _ => length = Some(other),
            }
        }
    }
    Ok(length)
}

/// Why the connection ends after this response although its body does not end it (RFC 9112 section 9.3).
pub(crate) fn close_reason(version: Version, headers: &Headers) -> Option<CloseReason> {
    if asks_to_close(headers) {
        return Some(CloseReason::ConnectionClose);
    }
    (version == Version::HTTP_10 && !says(headers, "keep-alive")).then_some(CloseReason::Http10)
}

/// Whether a Connection line says `close`. Most say one other word and no more, which was seen when they came in.
#[inline]
pub(crate) fn asks_to_close(headers: &Headers) -> bool {
    headers.may_close() && says(headers, "close")
}

fn says(headers: &Headers, option: &str) -> bool {
    headers.get_all(name::CONNECTION).any(|value| list_has(value, option))
}

/// The body that a request's own headers announce. Stricter than what is received: our own framing is never in doubt.
pub(crate) fn request_body(headers: &Headers) -> Result<BodyLength, Error> {
    match (headers.contains(name::CONTENT_LENGTH), headers.contains(name::TRANSFER_ENCODING)) {
        (false, false) => Ok(BodyLength::None),
        (true, true) => Err(Error::ConflictingFraming),
        (true, false) => {
            // One line with one number: of two lines, joined, a comma is left.
            let value = headers.joined(name::CONTENT_LENGTH).unwrap_or_default();
            decimal(&value)
                .map(BodyLength::Exact)
                .ok_or_else(|| Error::InvalidRequestLength(excerpt(value.as_bytes())))
        }
        (false, true) => {
            let value = headers.joined(name::TRANSFER_ENCODING).unwrap_or_default();
            let chunked = |element: &str| element.eq_ignore_ascii_case("chunked");
            let last = list(&value).last().is_some_and(chunked);
            if last && list(&value).filter(|element| chunked(element)).count() == 1 {
                Ok(BodyLength::Chunked)
            } else {
                Err(Error::InvalidRequestCoding(excerpt(value.as_bytes())))
            }
        }
    }
}
