//! Retries over sockets: what is sent again, how often, and what never is.

use std::io::Cursor;
use std::time::{Duration, Instant};

use reqs::{Body, Digest, ErrorKind, HttpAdapter, Method, Retry, Session, Timeout};
use reqs_tests::scripted::{ok, redirect, response};
use reqs_tests::{Connection, Scripted, tarpit};

use crate::session;

fn hangs_up() -> Connection {
    Connection::new().expect_request().close()
}

fn answers(body: &str) -> Connection {
    Connection::new().answer(ok(body))
}

fn busy(after: &str) -> Vec<u8> {
    response("503 Service Unavailable", &[("Retry-After", after)], "busy")
}

fn retrying(retry: Retry) -> Session {
    let mut session = session();
    session.retry = Some(retry);
    session
}

#[test]
fn rty_1_there_are_none_by_default_and_errors_are_what_they_are() {
    let server = Scripted::start([hangs_up(), answers("too late")]);
    assert_eq!(session().get(server.url("/")).send().unwrap_err().kind(), ErrorKind::Connection);
    assert_eq!(server.connections(), 1);
    let server = Scripted::with(|_| busy("0"));
    assert_eq!(session().get(server.url("/")).send().unwrap().status(), 503);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn rty_2_a_broken_connection_is_retried_for_idempotent_methods() {
    let server = Scripted::start([hangs_up(), hangs_up(), answers("third")]);
    assert_eq!(retrying(2.into()).get(server.url("/")).send().unwrap().text(), "third");

    let server = Scripted::start([hangs_up(), answers("never")]);
    let error = retrying(2.into()).post(server.url("/")).data("x").send().unwrap_err();
    assert_eq!((error.kind(), server.connections()), (ErrorKind::Connection, 1));

    let server = Scripted::start([hangs_up(), answers("again")]);
    let any = Retry::new(2).methods([Method::POST]);
    assert_eq!(retrying(any).post(server.url("/")).data("x").send().unwrap().text(), "again");
    assert_eq!(server.requests()[1].content(), b"x");
}

#[test]
fn rty_9_what_is_not_http_is_retried() {
    let server = Scripted::start([Connection::new().answer("no HTTP at all\r\n\r\n").close(), answers("ok")]);
    assert_eq!(retrying(1.into()).get(server.url("/")).send().unwrap().text(), "ok");
}

#[test]
fn rty_3_a_named_time_is_waited_for() {
    let server = Scripted::answers([busy("0"), ok("now")]);
    assert_eq!(retrying(1.into()).get(server.url("/")).send().unwrap().text(), "now");
    assert_eq!(server.connections(), 1, "the 503 was read to its end");

    let server = Scripted::answers([busy("1"), ok("now")]);
    let started = Instant::now();
    assert_eq!(retrying(1.into()).get(server.url("/")).send().unwrap().text(), "now");
    assert!(started.elapsed() >= Duration::from_secs(1));

    let server = Scripted::with(|_| busy("0"));
    let r = retrying(2.into()).get(server.url("/")).send().unwrap();
    assert_eq!((r.status().as_u16(), r.text().as_ref(), server.requests().len()), (503, "busy", 3));
}

#[test]
fn rty_3_ck_6_a_cookie_that_came_before_the_retry_is_kept_and_the_request_stays_what_it_was() {
    let first = response("503 Service Unavailable", &[("Retry-After", "0"), ("Set-Cookie", "a=1")], "");
    let server = Scripted::answers([first, ok("")]);
    let s = retrying(1.into());
    s.get(server.url("/")).send().unwrap();
    assert_eq!(s.cookies.get("a").as_deref(), Some("1"));
    let requests = server.requests();
    assert_eq!(requests[0].text(), requests[1].text());
}

/// t:test_urllib3_retries
#[test]
fn rty_4_statuses_run_out_into_an_error_with_the_response() {
    let server = Scripted::with(|_| response("500 Oops", &[("Set-Cookie", "a=1")], "page"));
    let s = retrying(Retry::new(2).statuses([500]));
    let error = s.get(server.url("/x")).send().unwrap_err();
    assert_eq!((error.kind(), server.requests().len()), (ErrorKind::Retry, 3));
    assert!(
        error.to_string().contains("Max retries exceeded: too many 500 error responses (3 attempts)"),
        "{error}"
    );
    assert_eq!(error.response().unwrap().text(), "page");
    assert_eq!(error.request().unwrap().url.path(), "/x");
    assert_eq!(s.cookies.get("a").as_deref(), Some("1"));
    let mut mounted = session();
    mounted.mount("http://", HttpAdapter::new().retry(Retry::new(2).statuses([500])));
    let error = mounted.get(crate::SERVER.url("/status/500")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Retry);
    let r =
        s.get(server.url("/")).retry(Retry::new(1).statuses([500]).raise_on_status(false)).send().unwrap();
    assert_eq!((r.status().as_u16(), server.requests().len()), (500, 5));
}

#[test]
fn rty_5_sec_12_a_body_is_replayed_or_the_request_is_not() {
    let bodies: [(Body, bool); 5] = [
        (Body::from("data"), true),
        (Body::seekable(Cursor::new("data")), true),
        (Body::factory(Some(4), || Ok(&b"data"[..])), true),
        (Body::reader(&b"data"[..]), false),
        (Body::chunks(["data"]), false),
    ];
    for (body, is_replayed) in bodies {
        let shown = format!("{body:?}");
        let server = Scripted::start([hangs_up(), answers("")]);
        let sent = retrying(3.into()).put(server.url("/")).data(body).send();
        if is_replayed {
            assert_eq!(sent.unwrap().status(), 200, "{shown}");
            assert!(server.requests().iter().all(|request| request.content() == b"data"), "{shown}");
        } else {
            assert_eq!(
                sent.unwrap_err().kind(),
                ErrorKind::Connection,
                "{shown}: what happened, not what could not"
            );
            assert_eq!(server.connections(), 1, "{shown}");
        }
        let server = Scripted::answers([busy("0"), ok("")]);
        let once = retrying(3.into()).put(server.url("/")).data(Body::chunks(["data"])).send().unwrap();
        assert_eq!((once.status().as_u16(), server.requests().len()), (503, 1));
    }
}

#[test]
fn rty_7_every_hop_has_a_budget_of_its_own_and_connect_one_for_itself() {
    let server = Scripted::answers([busy("0"), redirect("/b"), busy("0"), ok("there")]);
    let r = retrying(1.into()).get(server.url("/a")).send().unwrap();
    assert_eq!((r.text().as_ref(), r.history().len(), server.requests().len()), ("there", 1, 4));

    let refused = format!("http://{}/", tarpit::refused());
    let error = retrying(Retry::new(5).connect(2)).post(&refused).data("x").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.to_string().contains("(3 attempts)"), "{error}");
    let error = retrying(Retry::new(5).connect(0)).get(&refused).send().unwrap_err();
    assert!(!error.to_string().contains("attempts"), "{error}");
}

#[test]
fn rty_8_the_last_error_is_what_it_was() {
    let silent = || Connection::new().expect_request().wait_for_close();
    let server = Scripted::start([silent(), silent()]);
    let error = retrying(1.into()).get(server.url("/")).timeout(0.2).send().unwrap_err();
    assert_eq!((error.kind(), server.connections()), (ErrorKind::ReadTimeout, 2));
    let pit = tarpit::Tarpit::start();
    let error = retrying(1.into()).get(pit.url("/")).timeout(0.2).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectTimeout);
    assert!(error.to_string().contains("(2 attempts)"), "{error}");
}

#[test]
fn sec_37_no_wait_outlasts_the_total_timeout() {
    let server = Scripted::with(|_| busy("99999999"));
    let started = Instant::now();
    let timeout = Timeout::NONE.total(20);
    let r = retrying(3.into()).get(server.url("/")).timeout(timeout).send().unwrap();
    assert_eq!((r.status().as_u16(), server.requests().len()), (503, 1));
    assert!(started.elapsed() < Duration::from_secs(15));
}

#[test]
fn request_over_adapter_over_session() {
    let server = Scripted::with(|_| busy("0"));
    let count = |s: &Session, own: Option<Retry>| {
        let before = server.requests().len();
        let request = s.get(server.url("/"));
        let request = match own {
            Some(retry) => request.retry(retry),
            None => request,
        };
        request.send().unwrap();
        server.requests().len() - before
    };
    let mut s = retrying(1.into());
    assert_eq!(count(&s, None), 2);
    s.mount("http://127.0.0.1", HttpAdapter::new().retry(3));
    assert_eq!(count(&s, None), 4);
    assert_eq!(count(&s, Some(Retry::none())), 1);
    assert_eq!(count(&s, Some(2.into())), 3);
}

#[test]
fn a_digest_is_never_seen_twice() {
    let challenge = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
    let asks = response("401 Unauthorized", &[("WWW-Authenticate", challenge)], "");
    let server = Scripted::answers([asks, busy("0"), ok("in")]);
    let r = retrying(1.into()).get(server.url("/")).auth(Digest::new("user", "pass")).send().unwrap();
    assert_eq!(r.text(), "in");
    let counts: Vec<_> = server.requests().iter().filter_map(|r| r.header("authorization")).collect();
    assert!(counts[0].contains("nc=00000001") && counts[1].contains("nc=00000002"), "{counts:?}");
}

#[test]
fn certificates_and_bad_settings_are_not_tried_again() {
    let s = retrying(5.into());
    for (url, verify) in [
        (crate::SERVER.self_signed_url("/"), reqs::Verify::On),
        (crate::SERVER.https_url("/"), "/no/such/file.pem".into()),
    ] {
        let error = s.get(url).verify(verify).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ssl);
        assert!(!error.to_string().contains("attempts"), "{error}");
    }
}

#[test]
fn only_attempts_that_were_made_are_counted() {
    let server = Scripted::start([hangs_up(), answers("")]);
    let error = retrying(3.into()).put(server.url("/")).data(Body::reader(&b"data"[..])).send().unwrap_err();
    assert!(!error.to_string().contains("attempts"), "{error}");
    // One more wait would outlast the total timeout.
    let refused = format!("http://{}/", tarpit::refused());
    let patient = Retry::new(5).backoff(60.0);
    let error = retrying(patient).get(&refused).timeout(Timeout::NONE.total(20)).send().unwrap_err();
    assert!(error.to_string().contains("(2 attempts)"), "{error}");
}
