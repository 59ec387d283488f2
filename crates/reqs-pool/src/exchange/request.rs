//! What is decided about a request before a byte of it is sent.

use std::borrow::Cow;

use reqs_proto::{BodyLength, Headers};

use crate::call::{Call, Outgoing};
use crate::dial::{self, Target};
use crate::key;

/// Target and headers as they are sent: what goes to an HTTP proxy in the clear is in absolute-form and carries the proxy's
/// own fields (PRX-9); what goes to the target never does (SEC-11).
pub(super) fn addressed<'a>(call: &Call<'a>) -> (Cow<'a, str>, Cow<'a, Headers>) {
    let target = (Cow::Borrowed(call.target), Cow::Borrowed(call.headers));
    let Some(proxy) = &call.route.proxy else { return target };
    let road = Target {
        https: call.https,
        host: call.host,
        port: call.port,
        route: call.route,
        timeouts: &call.timeouts,
    };
    if !key::forwards(&road) {
        if !call.headers.contains("proxy-authorization") {
            return target;
        }
        let mut headers = call.headers.clone();
        headers.remove("proxy-authorization");
        return (target.0, Cow::Owned(headers));
    }
    let authority = match call.port {
        80 => Cow::Borrowed(call.host),
        port => Cow::Owned(format!("{}:{port}", call.host)),
    };
    // An asterisk-form target has no place behind an authority (RFC 9112 section 3.2.4).
    let path = if call.target == "*" { "" } else { call.target };
    let mut headers = call.headers.clone();
    for (name, value) in &dial::proxy_headers(proxy) {
        headers.insert(name, value);
    }
    (Cow::Owned(format!("http://{authority}{path}")), Cow::Owned(headers))
}

/// A target without its query, which may hold secrets, for the log.
pub(super) fn path_only(target: &str) -> &str {
    target.split('?').next().unwrap_or(target)
}

/// Whether what there is to send can be what the headers state.
pub(super) fn fits(body: &Outgoing<'_>, stated: BodyLength) -> bool {
    match (stated, body) {
        (BodyLength::None, body) => {
            body.is_empty()
                || matches!(body, Outgoing::File { length: 0, .. } | Outgoing::Reader { length: Some(0), .. })
        }
        (BodyLength::Exact(stated), Outgoing::Empty) => stated == 0,
        (BodyLength::Exact(stated), Outgoing::Bytes(bytes)) => stated == bytes.len() as u64,
        (BodyLength::Exact(stated), Outgoing::File { length, .. }) => stated == *length,
        (BodyLength::Exact(stated), Outgoing::Reader { length, .. }) => {
            length.is_none_or(|length| length == stated)
        }
        (BodyLength::Exact(_), Outgoing::Chunks(_)) | (BodyLength::Chunked, _) => true,
    }
}

/// What does not fit, in words.
pub(super) fn misfit(body: &Outgoing<'_>, stated: BodyLength) -> String {
    let has = match body {
        Outgoing::Empty => "none".to_owned(),
        Outgoing::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Outgoing::File { length, .. } | Outgoing::Reader { length: Some(length), .. } => {
            format!("{length} bytes")
        }
        Outgoing::Reader { length: None, .. } | Outgoing::Chunks(_) => "of unknown length".to_owned(),
    };
    match stated {
        BodyLength::Exact(stated) => format!("Content-Length says {stated} bytes, and the body is {has}"),
        _ => format!("it has a body ({has}), and neither Content-Length nor Transfer-Encoding"),
    }
}
