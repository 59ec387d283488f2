//! Prepared requests and `http::Request`, one from the other.

use http::uri::Uri;

use crate::body::Body;
use crate::error::{Error, ErrorKind, Result};
use crate::framing;
use crate::hooks::Hooks;
use crate::into_url::IntoUrl;
use crate::prepared::{Marks, PreparedRequest};

/// The request as it is: no session's defaults are added, only what frames the body where nothing does.
///
/// Version and extensions are left behind, and names of headers are in lower case, as `http` keeps them. A header that is
/// marked as sensitive is a secret here, too: it is not shown, and stays at its origin when a redirect leaves that.
impl<B: Into<Body>> TryFrom<http::Request<B>> for PreparedRequest {
    type Error = Error;

    /// # Errors
    /// Those of the URL, which must have a scheme and a host; [`ErrorKind::InvalidHeader`] where the headers frame the
    /// body in two ways.
    fn try_from(request: http::Request<B>) -> Result<PreparedRequest> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.into_url()?;
        let (mut headers, body) = ((&parts.headers).into(), body.into());
        framing::set(&mut headers, &parts.method, &body).map_err(|error| error.with_url(&url))?;
        let secret = parts.headers.iter().filter(|(_, value)| value.is_sensitive());
        let mut marks = Marks::default();
        marks.add(secret.map(|(name, _)| name.as_str().to_owned()).collect(), Vec::new());
        let request = PreparedRequest {
            method: parts.method,
            url,
            headers,
            body,
            auth: None,
            hooks: Hooks::default(),
            cookies: Vec::new(),
            marks,
            options: None,
        };
        request.check_headers()?;
        Ok(request)
    }
}

/// What goes over the wire, but for `Host`, which whoever sends it adds: the URL has no user, password and fragment. Auth
/// and hooks, whose work is not done on the wire, stay behind; what auth has signed is among the headers. Credentials
/// and cookies are marked as sensitive, so that `Debug` of `http` does not show them.
impl TryFrom<PreparedRequest> for http::Request<Body> {
    type Error = Error;

    /// # Errors
    /// [`ErrorKind::InvalidHeader`] where a header cannot be sent; [`ErrorKind::InvalidUrl`] for the few URLs that are
    /// none to `http`.
    fn try_from(request: PreparedRequest) -> Result<http::Request<Body>> {
        let mut headers = http::HeaderMap::try_from(&request.headers).map_err(|error| {
            Error::new(ErrorKind::InvalidHeader, error.to_string()).with_source(error).with_url(&request.url)
        })?;
        for (name, value) in &mut headers {
            value.set_sensitive(request.is_secret(name.as_str()));
        }
        let uri = request.sent_url().parse::<Uri>().map_err(|error| {
            let message = format!("the URL is none to the `http` crate: {error}");
            Error::new(ErrorKind::InvalidUrl, message).with_source(error).with_url(&request.url)
        })?;
        let mut out = http::Request::new(request.body);
        *out.method_mut() = request.method;
        *out.uri_mut() = uri;
        *out.headers_mut() = headers;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_there_and_back() {
        let there = http::Request::put("http://example.com:8080/a%20b?q=1")
            .header("X-One", "1")
            .header("x-two", "2")
            .header("x-two", "3")
            .body("text")
            .unwrap();
        let prepared = PreparedRequest::try_from(there).unwrap();
        assert_eq!(prepared.url.as_str(), "http://example.com:8080/a%20b?q=1");
        let lines: Vec<_> = prepared.headers.iter().collect();
        assert_eq!(lines, [("x-one", "1"), ("x-two", "2"), ("x-two", "3"), ("Content-Length", "4")]);

        let mut with_fragment = prepared.clone();
        with_fragment.url.set_fragment(Some("gone"));
        let back = http::Request::<Body>::try_from(with_fragment).unwrap();
        assert_eq!(back.method(), "PUT");
        assert_eq!(back.uri(), "http://example.com:8080/a%20b?q=1");
        assert_eq!(back.headers().get_all("x-two").iter().count(), 2);
        assert_eq!(back.headers()["content-length"], "4");
        assert_eq!(back.body().as_bytes(), Some(&b"text"[..]));

        let mut with_empty_query = prepared;
        with_empty_query.url.set_query(Some(""));
        let back = http::Request::<Body>::try_from(with_empty_query).unwrap();
        assert_eq!(back.uri(), "http://example.com:8080/a%20b");
    }

    #[test]
    fn sec_14_neither_password_nor_credentials_are_shown_by_the_http_crate() {
        let pizza = |request: &mut PreparedRequest| request.headers.insert("x-pizza", "secret");
        let signed = crate::get("http://user:secret@h/p").auth(pizza).cookies([("id", "secret")]);
        let out = http::Request::<Body>::try_from(signed.prepare().unwrap()).unwrap();
        assert_eq!(
            (out.uri().to_string().as_str(), &out.headers()["x-pizza"]),
            ("http://h/p", &"secret".parse().unwrap())
        );
        let by_userinfo = crate::get("http://user:secret@h/p").prepare().unwrap();
        let out = [out, by_userinfo.try_into().unwrap()];
        assert!(out[1].headers().contains_key("authorization"));
        assert!(!format!("{out:?}").contains("secret") && !format!("{out:?}").contains("Basic"), "{out:?}");

        let [signed, _] = out;
        let back = PreparedRequest::try_from(signed).unwrap();
        assert_eq!(&back.headers["x-pizza"], "secret");
        assert!(!format!("{back:?} {}", back.to_curl()).contains("secret"), "{back:?}");
    }

    #[test]
    fn what_cannot_be_converted_says_why() {
        let relative = http::Request::get("/path").body(()).unwrap();
        assert_eq!(PreparedRequest::try_from(relative).unwrap_err().kind(), ErrorKind::MissingSchema);
        let both = http::Request::post("http://h/")
            .header("content-length", "1")
            .header("transfer-encoding", "chunked")
            .body("x")
            .unwrap();
        assert_eq!(PreparedRequest::try_from(both).unwrap_err().kind(), ErrorKind::InvalidHeader);
        let mut bad = crate::get("http://h/").prepare().unwrap();
        bad.headers.insert("x", "a\nb");
        assert_eq!(http::Request::<Body>::try_from(bad).unwrap_err().kind(), ErrorKind::InvalidHeader);
    }
}
