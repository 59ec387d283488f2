//! Request heads: checked as a whole, then written straight into the caller's buffer.

use crate::error::Error;
use crate::framing::{BodyLength, MethodKind, request_body};
use crate::grammar::{is_token, is_visible_ascii, list};
use crate::headers::Headers;

/// A request head that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method, sent as it is. A token.
    pub method: &'a str,
    /// The request target (RFC 9112 section 3.2): visible ASCII, not empty.
    pub target: &'a str,
    /// The Host value for a request whose headers have none. Sent first.
    pub host: &'a str,
    /// The headers, sent in their order and spelling.
    pub headers: &'a Headers,
}

/// What the exchange must remember of a request head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Learned {
    pub(crate) method: MethodKind,
    pub(crate) body: BodyLength,
    pub(crate) expects_continue: bool,
    pub(crate) closes: bool,
    pub(crate) upgrades: bool,
}

const VERSION: &[u8] = b" HTTP/1.1\r\n";
const HOST: &[u8] = b"Host: ";

/// Checks the head, writes it to the end of `out`, and tells what it means for the exchange. On an error nothing
/// was written.
pub(crate) fn encode(head: &RequestHead<'_>, out: &mut Vec<u8>) -> Result<Learned, Error> {
    let (learned, has_host) = check(head)?;
    let lines = head.headers.raw_lines().fold(0usize, |sum, (name, value)| {
        sum.saturating_add(name.len())
            .saturating_add(value.len())
            .saturating_add(4)
    });
    let fixed = VERSION.len().saturating_add(HOST.len()).saturating_add(8);
    let size = [head.method.len(), head.target.len(), head.host.len(), lines]
        .iter()
        .fold(fixed, |sum, part| sum.saturating_add(*part));
    out.reserve(size);

    out.extend_from_slice(head.method.as_bytes());
    out.push(b' ');
    out.extend_from_slice(head.target.as_bytes());
    out.extend_from_slice(VERSION);
    if !has_host {
        out.extend_from_slice(HOST);
        out.extend_from_slice(head.host.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    for (name, value) in head.headers.raw_lines() {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    Ok(learned)
}

fn check(head: &RequestHead<'_>) -> Result<(Learned, bool), Error> {
    if !is_token(head.method.as_bytes()) {
        return Err(Error::InvalidMethod(head.method.into()));
    }
    if head.target.is_empty() || !is_visible_ascii(head.target.as_bytes()) {
        let at = head
            .target
            .bytes()
            .position(|byte| !is_visible_ascii(&[byte]))
            .unwrap_or_default();
        return Err(Error::InvalidTarget { at });
    }
    head.headers.check()?;

    let mut has_host = false;
    let mut length: Option<&[u8]> = None;
    let mut lengths = 0usize;
    let mut coding = false;
    let mut learned = Learned {
        method: match head.method {
            "HEAD" => MethodKind::Head,
            "CONNECT" => MethodKind::Connect,
            _ => MethodKind::Other,
        },
        body: BodyLength::None,
        expects_continue: false,
        closes: false,
        upgrades: false,
    };
    for (name, value) in head.headers.raw_lines() {
        // The length tells most names apart without a comparison.
        match name.len() {
            4 if name.eq_ignore_ascii_case("host") => {
                if has_host {
                    return Err(Error::DuplicateHost);
                }
                if !is_visible_ascii(value) {
                    return Err(Error::InvalidHost(String::from_utf8_lossy(value).into()));
                }
                has_host = true;
            }
            6 if name.eq_ignore_ascii_case("expect") => {
                learned.expects_continue |= has_option(value, "100-continue");
            }
            7 if name.eq_ignore_ascii_case("upgrade") => learned.upgrades = true,
            10 if name.eq_ignore_ascii_case("connection") => {
                learned.closes |= has_option(value, "close");
            }
            14 if name.eq_ignore_ascii_case("content-length") => {
                lengths = lengths.saturating_add(1);
                length = Some(value);
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => coding = true,
            _ => {}
        }
    }
    if !has_host && !is_visible_ascii(head.host.as_bytes()) {
        return Err(Error::InvalidHost(head.host.into()));
    }
    if lengths > 1 {
        let value = head.headers.joined("content-length").unwrap_or_default();
        return Err(Error::InvalidRequestLength((*value).into()));
    }
    let coding = if coding {
        head.headers.joined("transfer-encoding")
    } else {
        None
    };
    learned.body = request_body(length, coding.as_deref())?;
    learned.expects_continue &= !matches!(learned.body, BodyLength::None | BodyLength::Exact(0));
    Ok((learned, has_host))
}

fn has_option(value: &[u8], option: &str) -> bool {
    std::str::from_utf8(value)
        .is_ok_and(|value| list(value).any(|own| own.eq_ignore_ascii_case(option)))
}
