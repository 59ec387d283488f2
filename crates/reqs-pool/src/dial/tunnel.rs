//! `CONNECT`: asks an HTTP proxy for a tunnel to the target (RFC 9110 section 9.3.6).
//!
//! What goes to the proxy is its own: its credentials and headers, and nothing of the request that follows (SEC-55).

use std::time::{Duration, Instant};

use reqs_proto::{Exchange, Headers, Limits, Received, RequestHead, ResponseHead};

use super::address::redirected;
use super::{Clocks, Target, bare_host, sooner};
use crate::error::{Error, ErrorKind, Peer, ProxyResponse, Step};
use crate::layer::Layer;
use crate::route::{Destination, Proxy};

/// The head of an answer to CONNECT seldom has more than a few hundred bytes.
const FIRST_READ: usize = 2 * 1024;

/// How long the body of a refusal is waited for, at most.
const REFUSAL_TIME: Duration = Duration::from_secs(1);

/// Opens a tunnel through `proxy`, to which `io` leads.
pub(super) fn open<S: Layer>(
    target: &Target<'_>,
    proxy: &Proxy,
    deadline: Option<Instant>,
    io: &mut S,
) -> Result<(), Error> {
    let peer = Peer { host: &proxy.host, port: proxy.port };
    let network = |e| Error::network(&peer, Step::Proxy, target.timeouts, e);
    let broken = |e: reqs_proto::Error| {
        let message = format!("the proxy {peer} did not open the tunnel to {}: {e}", target.peer());
        Error::new(ErrorKind::Proxy, message).at(Step::Proxy).because(e)
    };

    let authority = authority(target);
    let headers = headers(proxy);
    let head = RequestHead { method: "CONNECT", target: &authority, host: &authority, headers: &headers };
    let mut sent = Vec::with_capacity(FIRST_READ);
    let mut exchange = Exchange::start(&head, &Limits::default(), &mut sent).map_err(broken)?;
    io.write_all(&sent).map_err(network)?;

    let mut received = Vec::new();
    let (head, used) = loop {
        if let Some((found, used)) = exchange.receive_head(&received).map_err(broken)? {
            match found {
                Received::Final(head) => break (head, used),
                Received::Informational(_) => drop(received.drain(..used)),
            }
            continue;
        }
        if read_more(io, &mut received).map_err(network)? == 0 {
            return Err(broken(exchange.eof().err().unwrap_or(reqs_proto::Error::NoResponse)));
        }
    };
    received.drain(..used);
    if !head.status.is_success() {
        let soon = Instant::now() + REFUSAL_TIME;
        io.socket().set_clocks(Clocks { deadline: sooner(deadline, Some(soon)), ..Clocks::default() });
        return Err(refused(target, &peer, head, received, exchange, io));
    }
    if !received.is_empty() {
        let message =
            format!("the proxy {peer} sent bytes into the tunnel to {} before it was used", target.peer());
        return Err(Error::new(ErrorKind::Proxy, message).at(Step::Proxy));
    }
    log::debug!("tunnel to {authority} through the proxy {peer}");
    Ok(())
}

fn authority(target: &Target<'_>) -> String {
    let (host, port) = match redirected(&target.route.local, target.host, target.port, false) {
        Some(Destination::Name { host, port }) => (host.clone(), port.unwrap_or(target.port)),
        Some(Destination::Addresses(addresses)) if let Some(address) = addresses.first() => {
            return address.to_string();
        }
        _ => (target.host.to_owned(), target.port),
    };
    Peer { host: bare_host(&host), port }.to_string()
}

/// The proxy's own header fields.
pub(crate) fn headers(proxy: &Proxy) -> Headers {
    let mut headers = proxy.headers.clone();
    if let Some(authorization) = &proxy.authorization {
        headers.insert("Proxy-Authorization", authorization);
    }
    headers
}

fn refused<S: Layer>(
    target: &Target<'_>,
    peer: &Peer<'_>,
    head: ResponseHead,
    mut received: Vec<u8>,
    mut exchange: Exchange,
    io: &mut S,
) -> Error {
    let mut body = Vec::new();
    // The body is a courtesy: whatever goes wrong with it, the refusal is what counts.
    while body.len() < ProxyResponse::BODY_LIMIT {
        match exchange.frame(&received) {
            Ok(reqs_proto::Frame::Data { skip, len }) => {
                body.extend_from_slice(received.get(skip..skip + len).unwrap_or_default());
                received.drain(..skip + len);
                exchange.consume(len as u64);
            }
            Ok(reqs_proto::Frame::More { skip }) => {
                received.drain(..skip);
                if !matches!(read_more(io, &mut received), Ok(1..)) {
                    break;
                }
            }
            Ok(reqs_proto::Frame::End { .. }) | Err(_) => break,
        }
    }
    body.truncate(ProxyResponse::BODY_LIMIT);
    let reason = head.reason();
    let space = if reason.is_empty() { "" } else { " " };
    let status = head.status.as_u16();
    let message =
        format!("the proxy {peer} refused the tunnel to {}: {status}{space}{reason}", target.peer());
    Error::new(ErrorKind::Proxy, message).at(Step::Proxy).with_proxy_response(ProxyResponse { head, body })
}

fn read_more<S: Layer>(io: &mut S, received: &mut Vec<u8>) -> std::io::Result<usize> {
    let before = received.len();
    received.resize(before + FIRST_READ, 0);
    let result = io.read(received.get_mut(before..).unwrap_or_default());
    received.truncate(before + result.as_ref().map_or(0, |n| *n));
    result
}
