//! Request heads: checked as a whole, then written straight into the caller's buffer.

use crate::error::Error;
use crate::framing::{BodyLength, MethodKind, asks_to_close, request_body};
use crate::grammar::{is_token, is_visible_ascii, list_has};
use crate::headers::{Headers, name};

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
    let fixed = VERSION.len().saturating_add(HOST.len()).saturating_add(8);
    let size = [head.method.len(), head.target.len(), head.host.len(), head.headers.wire_len()]
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
    head.headers.write(out);
    out.extend_from_slice(b"\r\n");
    Ok(learned)
}

fn check(head: &RequestHead<'_>) -> Result<(Learned, bool), Error> {
    if !is_token(head.method.as_bytes()) {
        return Err(Error::InvalidMethod(head.method.into()));
    }
    if head.target.is_empty() || !is_visible_ascii(head.target.as_bytes()) {
        let at = head.target.bytes().position(|byte| !is_visible_ascii(&[byte])).unwrap_or_default();
        return Err(Error::InvalidTarget { at });
    }
    head.headers.check()?;
    let has_host = check_host(head)?;
    let body = request_body(head.headers)?;
    let learned = Learned {
        method: match head.method {
            "HEAD" => MethodKind::Head,
            "CONNECT" => MethodKind::Connect,
            _ => MethodKind::Other,
        },
        body,
        // Without a body there is nothing to wait with (RFC 9110 section 10.1.1).
        expects_continue: !matches!(body, BodyLength::None | BodyLength::Exact(0))
            && head.headers.get_all(name::EXPECT).any(|value| list_has(value, "100-continue")),
        closes: asks_to_close(head.headers),
        upgrades: head.headers.contains(name::UPGRADE),
    };
    Ok((learned, has_host))
}

/// One Host and no more (RFC 9112 section 3.2): the user's, or ours. Is it the user's?
fn check_host(head: &RequestHead<'_>) -> Result<bool, Error> {
    let mut hosts = head.headers.all_bytes(name::HOST);
    let own = hosts.next();
    if hosts.next().is_some() {
        return Err(Error::DuplicateHost);
    }
    let host = own.unwrap_or(head.host.as_bytes());
    if !is_visible_ascii(host) {
        return Err(Error::InvalidHost(String::from_utf8_lossy(host).into()));
    }
    Ok(own.is_some())
}
