//! Where a response sends the client next, and what may go along: pure functions over heads (RED-1 to RED-27).

use http::{Method, StatusCode};
use percent_encoding::{CONTROLS, percent_encode};
use reqs_proto::{Headers, ResponseHead};
use url::Url;

use crate::body::Body;
use crate::error::{Error, ErrorKind, Result};
use crate::prepare;
use crate::prepared::PreparedRequest;
use crate::redact::Redacted;
use crate::redirect_policy::RedirectPolicy;
use crate::url_text::without_userinfo;

/// Where the response leads, as text; `None` where it is no redirect, as most are not.
pub(crate) fn location(head: &ResponseHead, policy: &RedirectPolicy) -> Option<String> {
    policy.own_target(head).unwrap_or_else(|| target(head))
}

/// The request that the response asks for, or `None` where it is no redirect.
///
/// # Errors
/// As [`to`].
pub(crate) fn next(
    request: &PreparedRequest,
    head: &ResponseHead,
    policy: &RedirectPolicy,
) -> Result<Option<PreparedRequest>> {
    location(head, policy).map(|location| to(&location, request, head, policy)).transpose()
}

/// The request that a response asks for that leads to this location.
///
/// The body is handed on as it is; who sends it rewinds it. Cookies are left out, for the jar to add.
///
/// # Errors
/// A Location that is no URL, or leads to a scheme that the policy does not allow.
pub(crate) fn to(
    location: &str,
    request: &PreparedRequest,
    head: &ResponseHead,
    policy: &RedirectPolicy,
) -> Result<PreparedRequest> {
    let url = resolve(&request.url, location, policy)?;
    let method = method_after(head.status, &request.method);
    let keeps_body = keeps_body(head.status, &request.method);

    let mut next = PreparedRequest {
        method,
        url,
        body: if keeps_body { request.body.clone() } else { Body::empty() },
        cookies: Vec::new(),
        ..request.clone()
    };
    if !keeps_body {
        drop_content(&mut next.headers, &next.method);
    }
    keep_what_may_go(request, &mut next, policy)?;
    Ok(next)
}

/// Whether the response is a redirect that names its target. (Requests: `is_redirect`.)
pub(crate) fn is_redirect(head: &ResponseHead) -> bool {
    target(head).is_some()
}

/// The Location, as text: raw UTF-8 is read as such, other bytes are percent-encoded (RED-7). Of several, the first
/// counts (RED-13); an empty one does not (RED-1).
fn target(head: &ResponseHead) -> Option<String> {
    if !matches!(head.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let bytes = head.headers.get_bytes("Location")?.trim_ascii();
    if bytes.is_empty() {
        return None;
    }
    Some(match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => percent_encode(bytes, CONTROLS).to_string(),
    })
}

/// The Location resolved (RFC 3986 §5); without a fragment of its own it inherits the request's (RED-9, RFC 9110
/// §10.2.2).
fn resolve(base: &Url, location: &str, policy: &RedirectPolicy) -> Result<Url> {
    let mut url = base.join(location).map_err(|error| {
        let shown: String = without_userinfo(location).chars().take(SHOWN).collect();
        let message = format!("the redirect to '{}' leads nowhere: {error}", shown.escape_debug());
        Error::new(ErrorKind::InvalidUrl, message).with_url(base)
    })?;
    url = crate::url_text::quote_percents(url);
    if !policy.allows_scheme(url.scheme()) {
        let message = format!(
            "the redirect to '{}' is not followed (see RedirectPolicy::allow_scheme)",
            Redacted(&url)
        );
        return Err(Error::new(ErrorKind::InvalidSchema, message).with_url(base));
    }
    if url.fragment().is_none_or(str::is_empty) {
        url.set_fragment(base.fragment());
    }
    Ok(url)
}

/// How much of a Location that is no URL an error repeats.
const SHOWN: usize = 200;

/// 303 turns all but HEAD into GET, 302 likewise as browsers do, 301 only POST; 307 and 308 change nothing (RED-2).
/// QUERY is asked again at the new place after 301 and 302 too: what made GET of POST there does not hold for it (RFC
/// 10008).
fn method_after(status: StatusCode, method: &Method) -> Method {
    let becomes_get = match status.as_u16() {
        303 => *method != Method::HEAD,
        302 => *method != Method::HEAD && !is_query(method),
        301 => *method == Method::POST,
        _ => false,
    };
    if becomes_get { Method::GET } else { method.clone() }
}

/// Whether the next request has the body of this one (RED-3).
fn keeps_body(status: StatusCode, method: &Method) -> bool {
    match status.as_u16() {
        307 | 308 => true,
        301 | 302 => is_query(method),
        _ => false,
    }
}

fn is_query(method: &Method) -> bool {
    method.as_str() == "QUERY"
}

/// What describes a body that is no longer sent (RED-3, RED-4).
const CONTENT_HEADERS: [&str; 13] = [
    "Content-Length",
    "Content-Type",
    "Transfer-Encoding",
    "Content-Encoding",
    "Content-Language",
    "Content-Location",
    "Content-MD5",
    "Content-Digest",
    "Repr-Digest",
    "Digest",
    "Last-Modified",
    "Trailer",
    "Expect",
];

fn drop_content(headers: &mut Headers, method: &Method) {
    CONTENT_HEADERS.iter().for_each(|name| {
        headers.remove(name);
    });
    // A method that may be expected to have a body says that it has none (RFC 9110 §8.6).
    if !is_without_body(method) {
        headers.insert("Content-Length", "0");
    }
}

/// Whether nobody expects a body of this method; of one that is not known, somebody may.
fn is_without_body(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::DELETE | Method::TRACE | Method::OPTIONS | Method::CONNECT
    )
}

/// What the next request may know: credentials stay at their origin, and what was left out once never comes back,
/// since it is the stripped request that the next hop is made from (SEC-01, SEC-04, SEC-50, SEC-77).
fn keep_what_may_go(
    from: &PreparedRequest,
    next: &mut PreparedRequest,
    policy: &RedirectPolicy,
) -> Result<()> {
    next.headers.remove("Cookie");
    next.headers.remove("Proxy-Authorization");
    next.marks.cookie_from_jar = false;
    next.marks.signed_by_redirect = false;
    let same_host = from.url.host() == next.url.host();
    if same_host && !is_downgrade(&from.url, &next.url) {
        next.cookies = from.cookies.clone();
    }
    if !same_host || from.url.port_or_known_default() != next.url.port_or_known_default() {
        next.headers.remove("Host");
    }
    // Who has credentials for each origin is asked again even where others may go along, from http to https.
    let is_asked_again = next.auth.as_ref().is_some_and(|auth| auth.get().goes_to_other_origins())
        && from.url.origin() != next.url.origin();
    if !is_asked_again && !must_strip_auth(&from.url, &next.url) {
        return match next.auth.clone() {
            Some(auth) => {
                next.marks.signed_by_redirect = true;
                prepare::sign_again(next, &auth)
            }
            None => Ok(()),
        };
    }
    next.headers.remove("Authorization");
    let by_auth = next.marks.by_auth.take().unwrap_or_default();
    for name in policy.sensitive().iter().chain(&by_auth.headers) {
        next.headers.remove(name);
    }
    for hook in by_auth.hooks {
        next.hooks.remove(hook);
    }
    match next.auth.take() {
        Some(auth) if auth.get().goes_to_other_origins() => {
            prepare::sign(next, &auth)?;
            next.auth = Some(auth);
        }
        _ => {}
    }
    Ok(())
}

/// Whether a redirect gives up TLS.
pub(crate) fn is_downgrade(from: &Url, to: &Url) -> bool {
    from.scheme() == "https" && to.scheme() == "http"
}

/// Whether the Authorization of one URL must not be sent to another: unless host, scheme and port are the same, or
/// the default ports are kept while http becomes https (RED-22).
pub(crate) fn must_strip_auth(from: &Url, to: &Url) -> bool {
    if from.host() != to.host() {
        return true;
    }
    let upgraded =
        from.scheme() == "http" && to.scheme() == "https" && from.port().is_none() && to.port().is_none();
    if upgraded {
        return false;
    }
    from.scheme() != to.scheme() || from.port_or_known_default() != to.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    /// t:test_should_strip_auth_*
    #[test]
    fn red_22_when_authorization_must_go() {
        let cases = [
            ("http://example.com/foo", "http://another.example.com/", true),
            ("https://example.com/foo", "http://example.com/bar", true),
            ("http://example.com:1234/foo", "https://example.com:4321/bar", true),
            // To TLS, from the standard port to the standard port.
            ("http://example.com/foo", "https://example.com/bar", false),
            ("http://example.com:80/foo", "https://example.com/bar", false),
            ("http://example.com/foo", "https://example.com:443/bar", false),
            ("http://example.com:8080/foo", "https://example.com/bar", true),
            ("http://example.com/foo", "https://example.com:8443/bar", true),
            // The standard port, said or not.
            ("https://example.com:443/foo", "https://example.com/bar", false),
            ("http://example.com:80/foo", "http://example.com/bar", false),
            ("https://example.com/foo", "https://example.com:443/bar", false),
            ("http://example.com/foo", "http://example.com:80/bar", false),
            ("https://example.com/foo", "https://example.com:8443/bar", true),
            ("http://example.com/foo", "http://example.com./bar", true),
            ("http://Example.com/foo", "http://example.COM/bar", false),
            ("http://a.example.com/", "http://example.com/", true),
        ];
        for (from, to, strip) in cases {
            assert_eq!(must_strip_auth(&url(from), &url(to)), strip, "{from} -> {to}");
        }
    }

    #[test]
    fn red_2_methods_after_each_status() {
        let query = Method::from_bytes(b"QUERY").unwrap();
        let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, query];
        let table = [
            (301, "GET HEAD GET PUT DELETE QUERY"),
            (302, "GET HEAD GET GET GET QUERY"),
            (303, "GET HEAD GET GET GET GET"),
            (307, "GET HEAD POST PUT DELETE QUERY"),
            (308, "GET HEAD POST PUT DELETE QUERY"),
        ];
        for (status, expected) in table {
            let status = StatusCode::from_u16(status).unwrap();
            let got: Vec<_> = methods.iter().map(|m| method_after(status, m).to_string()).collect();
            assert_eq!(got.join(" "), expected, "{status}");
        }
    }

    #[test]
    fn red_8_red_9_red_10_locations_are_resolved() {
        let base = "http://user@h:8/a/b?q#frag";
        let cases = [
            ("/x", "http://user@h:8/x#frag"),
            ("x", "http://user@h:8/a/x#frag"),
            ("../x?y", "http://user@h:8/x?y#frag"),
            ("?z", "http://user@h:8/a/b?z#frag"),
            ("#new", "http://user@h:8/a/b?q#new"),
            ("//other/p", "http://other/p#frag"),
            ("HTTPS://Other/p#own", "https://other/p#own"),
            ("/100%?%zz%20", "http://user@h:8/100%25?%25zz%20#frag"),
            ("/a b|é", "http://user@h:8/a%20b|%C3%A9#frag"),
            ("http://m\u{fc}nchen.example/", "http://xn--mnchen-3ya.example/#frag"),
        ];
        for (location, expected) in cases {
            assert_eq!(
                resolve(&url(base), location, &RedirectPolicy::new()).unwrap().as_str(),
                expected,
                "{location}"
            );
        }
    }

    #[test]
    fn red_12_sec_71_other_schemes_are_not_followed() {
        for location in ["mailto:a@b", "ftp://h/", "file:///etc/passwd"] {
            assert_eq!(
                resolve(&url("http://h/"), location, &RedirectPolicy::new()).unwrap_err().kind(),
                ErrorKind::InvalidSchema
            );
        }
        for location in ["http://[::1", "http://h:99999/", "http://"] {
            assert_eq!(
                resolve(&url("https://h/"), location, &RedirectPolicy::new()).unwrap_err().kind(),
                ErrorKind::InvalidUrl,
                "{location}"
            );
        }
    }
}
