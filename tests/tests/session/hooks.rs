//! Hooks: each may look, change, replace and refuse.

use std::sync::{Arc, Mutex};

use reqs::{Error, ErrorKind, Hooks, MockAdapter, PreparedRequest, Response, Retry, Session};

use crate::session;

type Log = Arc<Mutex<Vec<String>>>;

fn mocked() -> (MockAdapter, Session, Log) {
    let mock = MockAdapter::new().always(|r| match r.url.path() {
        "/redirect" => Ok(Response::builder().status(302).header("Location", "/there").build()),
        "/busy" => Ok(Response::builder().status(503).header("Retry-After", "3600").build()),
        path => Ok(Response::builder()
            .header("Set-Cookie", format!("seen={}", path.len()))
            .body(path.to_owned())
            .build()),
    });
    let mut session = session();
    session.mount("http://", mock.clone());
    (mock, session, Log::default())
}

fn refusal() -> Error {
    Error::new(ErrorKind::Other, "refused by the hook")
}

#[test]
fn x56_before_prepare_changes_replaces_and_refuses_and_sees_the_request_alone() {
    let (mock, mut s, _) = mocked();
    s.headers.insert("X-Default", "session");
    s.base_url = Some("http://h/base/".parse().unwrap());
    s.hooks
        .before_prepare(|request| Ok(request.header("X-Default", "hook").params([("added", 1)]).timeout(7)));
    s.get("path").send().unwrap();
    let sent = mock.requests().pop().unwrap();
    assert_eq!(sent.url.as_str(), "http://h/base/path?added=1");
    assert_eq!(&sent.headers["x-default"], "hook");
    assert_eq!(sent.options.timeout, Some(7.into()));
    s.prepare(reqs::Request::new("GET", "http://h/"))
        .map(|p| assert_eq!(&p.headers["x-default"], "hook"))
        .unwrap();

    s.hooks.clear();
    s.hooks.before_prepare(|_| Ok(reqs::Request::new("PUT", "http://other/")));
    s.get("path").send().unwrap();
    assert_eq!(mock.requests().pop().unwrap().method.as_str(), "PUT");
    s.hooks.before_prepare(|_| Err(refusal()));
    let count = mock.requests().len();
    assert_eq!(s.get("path").send().unwrap_err().to_string(), "refused by the hook");
    assert_eq!(mock.requests().len(), count);
}

#[test]
fn x56_before_send_changes_answers_and_refuses_at_every_hop() {
    let (mock, mut s, log) = mocked();
    let seen = Arc::clone(&log);
    s.hooks.before_send(move |request: &mut PreparedRequest| {
        seen.lock().unwrap().push(request.url.path().to_owned());
        request.headers.insert("X-Signed", request.url.path());
    });
    s.get("http://h/redirect").send().unwrap();
    assert_eq!(*log.lock().unwrap(), ["/redirect", "/there"]);
    assert_eq!(&mock.requests()[1].headers["x-signed"], "/there");

    s.hooks.before_send(|request: &mut PreparedRequest| -> reqs::Result<()> {
        if request.url.path() == "/there" { Err(refusal()) } else { Ok(()) }
    });
    let error = s.get("http://h/redirect").send().unwrap_err();
    assert!(error.to_string().starts_with("refused by the hook"));
    assert_eq!(error.request().unwrap().url.path(), "/there");

    let (mock, mut s, _) = mocked();
    s.hooks.before_send(|_: &mut PreparedRequest| {
        Ok(Some(Response::builder().header("Set-Cookie", "c=1").body("cached").build()))
    });
    let r = s.get("http://h/").send().unwrap();
    assert_eq!((r.text().as_ref(), r.url().as_str(), mock.requests().len()), ("cached", "http://h/", 0));
    assert_eq!(s.cookies.get("c").as_deref(), Some("1"));
}

/// t:test_hook_receives_request_arguments
#[test]
fn hok_2_response_hooks_see_every_hop_before_its_body_and_their_errors_reach_the_caller() {
    let (_, mut s, log) = mocked();
    let seen = Arc::clone(&log);
    s.hooks.response(move |r| {
        seen.lock().unwrap().push(format!(
            "{} {} {}",
            r.request().method,
            r.url().path(),
            r.status().as_u16()
        ));
        Ok(r)
    });
    assert_eq!(s.get("http://h/redirect").send().unwrap().text(), "/there");
    assert_eq!(*log.lock().unwrap(), ["GET /redirect 302", "GET /there 200"]);
    let error = s.get("http://h/").on_response(|_| Err(refusal())).send().unwrap_err();
    assert_eq!(error.request().unwrap().url.as_str(), "http://h/");
    let r =
        s.get("http://h/").on_response(|_| Ok(Response::builder().body("instead").build())).send().unwrap();
    assert_eq!((r.text().as_ref(), r.request().url.as_str()), ("instead", "http://h/"));
}

/// t:test_session_hooks_are_overridden_by_request_hooks
#[test]
fn ses_18_a_requests_hooks_stand_for_the_sessions() {
    let (_, mut s, log) = mocked();
    let named = |name: &'static str| {
        let log = Arc::clone(&log);
        move |r| {
            log.lock().unwrap().push(name.to_owned());
            Ok(r)
        }
    };
    s.hooks.response(named("session"));
    s.get("http://h/").send().unwrap();
    let mut own = Hooks::new();
    own.response(named("one"));
    own.response(named("two"));
    s.get("http://h/").hooks(own).send().unwrap();
    assert_eq!(*log.lock().unwrap(), ["session", "one", "two"]);
}

#[test]
fn hok_3_cookies_of_responses_that_a_hook_went_through_are_kept() {
    let (_, mut s, _) = mocked();
    let inner = s.clone();
    s.hooks.response(move |r| match r.url().path() {
        "/first" => {
            let mut other = inner.clone();
            other.cookies = reqs::Cookies::new();
            other.get("http://h/second/").stream()
        }
        _ => Ok(r),
    });
    assert_eq!(s.get("http://h/first").send().unwrap().text(), "/second/");
    let kept = s.cookies.jar().unwrap().get(("seen", "h", "/second")).unwrap();
    assert_eq!(kept.as_deref(), Some("8"));
}

#[test]
fn the_retry_hook_changes_the_wait_and_the_request_and_refuses() {
    let (mock, mut s, log) = mocked();
    s.retry = Some(Retry::new(3));
    let seen = Arc::clone(&log);
    s.hooks.retry(move |retrying| {
        let reason = retrying.response.map(|r| format!("{} {}", r.status().as_u16(), r.request().url.path()));
        seen.lock().unwrap().push(format!("{} {:?} {reason:?}", retrying.attempt, retrying.wait));
        retrying.wait = std::time::Duration::ZERO;
        if retrying.attempt == 2 {
            retrying.request.url.set_path("/spare");
        }
        Ok(())
    });
    let r = s.get("http://h/busy").send().unwrap();
    assert_eq!((r.text().as_ref(), r.url().path(), mock.requests().len()), ("/spare", "/spare", 3));
    assert_eq!(*log.lock().unwrap(), [r#"1 3600s Some("503 /busy")"#, r#"2 3600s Some("503 /busy")"#]);
    s.hooks.retry(|retrying| if retrying.attempt == 1 { Err(refusal()) } else { Ok(()) });
    assert!(s.get("http://h/busy").send().unwrap_err().to_string().starts_with("refused by the hook"));
}

/// X71: a limit on the rate is a hook.
#[test]
fn x71_a_token_bucket_is_a_hook() {
    let (mock, mut s, _) = mocked();
    let tokens = Mutex::new(2);
    s.hooks.before_send(move |_: &mut PreparedRequest| -> reqs::Result<()> {
        let mut left = tokens.lock().unwrap();
        *left = i32::checked_sub(*left, 1).filter(|left| *left >= 0).ok_or_else(refusal)?;
        Ok(())
    });
    let outcomes: Vec<bool> = (0..3).map(|_| s.get("http://h/").send().is_ok()).collect();
    assert_eq!((outcomes, mock.requests().len()), (vec![true, true, false], 2));
}
