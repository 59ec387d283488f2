//! What becomes of a request whose `Expect: 100-continue` the server refuses: it is sent again without.

use http::StatusCode;

use crate::prepared::PreparedRequest;

/// The same request without its expectation, where the response refuses just that (RFC 9110 §10.1.1): 417 says that
/// somebody on the way does not know the word, not that the request is unwelcome. `None` where it expected nothing or
/// something else, and where its body is gone: then the response stands. What is returned expects nothing any more, so
/// that this happens once to a request.
pub(crate) fn given_up(request: &PreparedRequest, status: StatusCode) -> Option<PreparedRequest> {
    let expects =
        || request.headers.get("Expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
    if status != StatusCode::EXPECTATION_FAILED || !expects() || !request.body.can_rewind() {
        return None;
    }
    let mut again = request.clone();
    again.headers.remove("Expect");
    Some(again)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Body;

    fn gives_up(status: StatusCode, change: impl FnOnce(crate::Request) -> crate::Request) -> bool {
        let request = change(crate::post("http://h/").data("x").expect_continue(true)).prepare().unwrap();
        given_up(&request, status).is_some()
    }

    #[test]
    fn only_417_to_an_expectation_of_100_continue_is_answered() {
        let refused = StatusCode::EXPECTATION_FAILED;
        assert!(gives_up(refused, |request| request));
        assert!(gives_up(refused, |request| request.header("Expect", "100-Continue")));
        assert!(gives_up(refused, |request| request.data(Body::reader(&b"unread"[..]))));
        assert!(!gives_up(StatusCode::BAD_REQUEST, |request| request));
        assert!(!gives_up(refused, |request| request.expect_continue(false)));
        assert!(!gives_up(refused, |request| request.header("Expect", "tea")));
    }

    #[test]
    fn what_is_sent_again_expects_nothing_and_is_otherwise_the_same() {
        let request = crate::post("http://h/").data("x").expect_continue(true).prepare().unwrap();
        let again = given_up(&request, StatusCode::EXPECTATION_FAILED).unwrap();
        assert!(given_up(&again, StatusCode::EXPECTATION_FAILED).is_none());
        let mut expected = request.headers.clone();
        expected.remove("expect");
        assert_eq!(again.headers, expected);
        assert_eq!((again.method, again.url), (request.method, request.url));
    }
}
