//! Cookies as a session sends and keeps them.

use std::sync::{Arc, Mutex};

use reqs::{CookieJar, CookieStore, Cookies, ErrorKind, NoCookies, Session, Url};
use reqs_tests::Scripted;
use reqs_tests::scripted::{ok, redirect, response};
use serde_json::{Value, json};

use crate::{SERVER, session};

fn cookie_at(server: &Scripted, at: usize) -> Option<String> {
    server.requests()[at].header("cookie")
}

/// t:test_set_cookie_on_301
#[test]
fn ck_6_s30_1_cookies_of_every_hop_are_kept_and_sent_on_the_next() {
    let s = session();
    let r = s.get(SERVER.url("/cookies/set?k=v")).send().unwrap();
    assert_eq!(r.json::<Value>().unwrap(), json!({"cookies": {"k": "v"}}));
    assert_eq!(s.cookies.get("k").as_deref(), Some("v"));
    let r = s.get(SERVER.url("/cookies")).send().unwrap();
    assert_eq!(r.json::<Value>().unwrap()["cookies"]["k"], "v");
    // t:test_cookie_removed_on_expire
    s.get(SERVER.url("/cookies/delete?k")).send().unwrap();
    assert_eq!(s.cookies.get("k"), None);
    s.get(SERVER.url("/cookies/set?k=v")).send().unwrap();
    let expired = "k=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT";
    s.get(SERVER.url("/response-headers")).params([("Set-Cookie", expired)]).send().unwrap();
    assert_eq!(s.cookies.get("k"), None);
}

/// t:test_cookie_sent_on_redirect, t:test_cookie_persists_via_api
#[test]
fn ck_1_ck_6_the_sessions_cookies_and_the_requests_are_sent_on_every_hop() {
    let s = session();
    s.get(SERVER.url("/cookies/set?foo=bar")).send().unwrap();
    let r = s.get(SERVER.url("/redirect/1")).send().unwrap();
    assert_eq!(r.json::<Value>().unwrap()["headers"]["Cookie"], "foo=bar");

    let r = session().get(SERVER.url("/redirect/1")).cookies([("own", "1")]).send().unwrap();
    assert_eq!(&r.request().headers["cookie"], "own=1");
    assert_eq!(&r.history()[0].request().headers["cookie"], "own=1");
}

/// t:test_cookie_quote_wrapped
#[test]
fn ck_8_quotes_around_a_value_are_kept() {
    let s = session();
    s.get(SERVER.url("/cookies/set?foo=\"bar:baz\"")).send().unwrap();
    assert_eq!(s.cookies.get("foo").as_deref(), Some("\"bar:baz\""));
}

/// t:test_request_with_bytestring_host
#[test]
fn ck_22_the_host_header_says_whose_cookie_it_is() {
    let s = session();
    let request = s.get(SERVER.url("/cookies/set?cookie=value")).header("Host", "httpbin.org");
    let r = request.allow_redirects(false).send().unwrap();
    assert_eq!(r.cookies().get("cookie").unwrap().as_deref(), Some("value"));
    let jar = s.cookies.jar().unwrap();
    assert_eq!(jar.get(("cookie", "httpbin.org")).unwrap().as_deref(), Some("value"));
}

#[test]
fn ck_7_a_responses_cookies_are_its_own() {
    let first = response("302 Found", &[("Location", "/b"), ("Set-Cookie", "a=1")], "");
    let server = Scripted::answers([first, response("200 OK", &[("Set-Cookie", "b=2")], "")]);
    let s = session();
    let r = s.get(server.url("/")).send().unwrap();
    assert_eq!(r.cookies().keys(), ["b"]);
    assert_eq!(r.history()[0].cookies().keys(), ["a"]);
    let mut all = s.cookies.jar().unwrap().keys();
    all.sort();
    assert_eq!(all, ["a", "b"]);
}

/// t:test_request_cookie_overrides_session_cookie
#[test]
fn ck_1_ck_2_ck_3_a_requests_cookies_beside_the_sessions() {
    let server = Scripted::with(|_| ok(""));
    let s = session();
    s.cookies.set("a", "session", "127.0.0.1", "/");
    s.cookies.set("deep", "1", "127.0.0.1", "/deep");
    s.cookies.set("elsewhere", "1", "other.example", "/");
    s.get(server.url("/deep/x")).cookies([("a", "request"), ("b", "\"as is\"")]).send().unwrap();
    assert_eq!(cookie_at(&server, 0).as_deref(), Some("deep=1; a=request; b=\"as is\""));
    s.get(server.url("/")).send().unwrap();
    assert_eq!(cookie_at(&server, 1).as_deref(), Some("a=session"));
    assert_eq!(s.cookies.get("a").as_deref(), Some("session"));
}

#[test]
fn ck_4_ck_5_a_cookie_header_of_the_callers_stands_until_a_redirect() {
    let server = Scripted::answers([redirect("/b"), ok(""), challenge(), ok("")]);
    let s = session();
    s.cookies.set("jar", "1", "127.0.0.1", "/");
    s.get(server.url("/")).header("Cookie", "own=1").send().unwrap();
    assert_eq!(cookie_at(&server, 0).as_deref(), Some("own=1"));
    assert_eq!(cookie_at(&server, 1).as_deref(), Some("jar=1"));
    // An answer to a challenge is the same request once more.
    s.get(server.url("/")).header("Cookie", "own=1").auth(reqs::Digest::new("u", "p")).send().unwrap();
    assert_eq!(cookie_at(&server, 3).as_deref(), Some("own=1"));
}

fn challenge() -> Vec<u8> {
    let digest = ("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");
    response("401 Unauthorized", &[digest, ("Set-Cookie", "fresh=1")], "")
}

#[test]
fn dig_1_cookies_of_the_challenge_go_with_the_answer() {
    let server = Scripted::answers([challenge(), ok("")]);
    let s = session();
    let r = s.get(server.url("/")).auth(reqs::Digest::new("u", "p")).send().unwrap();
    assert_eq!((cookie_at(&server, 0), cookie_at(&server, 1).as_deref()), (None, Some("fresh=1")));
    assert_eq!(r.history()[0].cookies().keys(), ["fresh"]);
    let url = SERVER.url("/digest-auth/auth/user/pass/MD5/never?require-cookie=1");
    assert_eq!(session().get(url).auth(reqs::Digest::new("user", "pass")).send().unwrap().status(), 200);
}

/// New ones before Authorization, renewed ones where they were.
#[test]
fn dig_1_ses_2_cookies_stand_before_the_credentials() {
    let ends = [
        (None, ["Content-Length", "Content-Type", "Cookie", "Authorization"]),
        (Some("0"), ["Cookie", "Content-Length", "Content-Type", "Authorization"]),
    ];
    for (known, expected) in ends {
        let server = Scripted::answers([challenge(), ok("")]);
        let s = session();
        if let Some(value) = known {
            s.cookies.set("fresh", value, "127.0.0.1", "/");
        }
        s.post(server.url("/")).form([("a", "b")]).auth(reqs::Digest::new("u", "p")).send().unwrap();
        let answer = server.requests().pop().unwrap();
        let names: Vec<String> = answer.headers().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names[names.len() - expected.len()..], expected);
        assert_eq!(answer.header("cookie").as_deref(), Some("fresh=1"));
    }
}

/// t:test_cookie_duplicate_names_raises_cookie_conflict_error, t:test_cookie_duplicate_names_different_domains
#[test]
fn ck_23_one_name_in_two_places_is_a_conflict() {
    let s = session();
    s.cookies.set("a", "1", "one.example", "/");
    s.cookies.set("a", "2", "two.example", "/");
    assert_eq!(s.cookies.get("a"), None);
    let jar = s.cookies.jar().unwrap();
    assert!(jar.get("a").is_err() && jar.contains("a"));
    assert_eq!(jar.get(("a", "two.example")).unwrap().as_deref(), Some("2"));
    assert_eq!(jar.items().len(), 2);
    assert_eq!(jar.remove("a"), 2);

    s.cookies.set("b", "1", "one.example", "/some_path");
    s.cookies.set("b", "2", "one.example", "/");
    assert!(s.cookies.get("b").is_none() && jar.get("b").is_err());
}

#[test]
fn ck_29_what_would_break_the_header_is_refused() {
    let server = Scripted::with(|_| ok(""));
    let s = session();
    for bad in ["a\r\nX-Injected: 1", "a;b", "a\0"] {
        let error = s.get(server.url("/")).cookies([("c", bad)]).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidHeader, "{bad:?}");
        s.cookies.set("c", bad, "127.0.0.1", "/");
    }
    assert!(s.cookies.jar().unwrap().is_empty() && server.requests().is_empty());
}

#[derive(Default)]
struct Diary(Mutex<Vec<String>>);

impl CookieStore for Diary {
    fn store(&self, url: &Url, set_cookie: &mut dyn Iterator<Item = &str>) {
        self.0.lock().unwrap().extend(set_cookie.map(|cookie| format!("{} {cookie}", url.path())));
    }

    fn header(&self, url: &Url) -> Option<String> {
        Some(format!("asked={}", url.path().trim_start_matches('/')))
    }
}

/// t:test_generic_cookiejar_works, t:test_param_cookiejar_works, t:test_cookielib_cookiejar_on_redirect
#[test]
fn ck_26_a_store_of_ones_own_is_kept_on_redirects_and_used_as_it_is() {
    let first = response("302 Found", &[("Location", "/b"), ("Set-Cookie", "a=1")], "");
    let server = Scripted::answers([first, ok("")]);
    let diary = Arc::new(Diary::default());
    let mut s = session();
    s.cookies = Cookies::shared(Arc::clone(&diary));
    s.get(server.url("/a")).cookies([("own", "1")]).send().unwrap();
    assert_eq!(cookie_at(&server, 0).as_deref(), Some("asked=a; own=1"));
    assert_eq!(cookie_at(&server, 1).as_deref(), Some("asked=b; own=1"));
    assert_eq!(*diary.0.lock().unwrap(), ["/a a=1"]);
    assert!(s.cookies.jar().is_none());

    // A jar for one request: a clone shares the connections.
    let server = Scripted::with(|_| ok(""));
    let (s, jar) = (session(), CookieJar::new());
    jar.set("a", "1", "127.0.0.1", "/").unwrap();
    let mut once = s.clone();
    once.cookies = jar.into();
    once.get(server.url("/")).send().unwrap();
    s.get(server.url("/")).send().unwrap();
    assert_eq!((cookie_at(&server, 0).as_deref(), cookie_at(&server, 1)), (Some("a=1"), None));
    assert_eq!(server.connections(), 1);
}

#[test]
fn x17_x77_jars_that_forget_or_only_send() {
    let server = Scripted::with(|_| response("200 OK", &[("Set-Cookie", "a=1")], ""));
    let mut s = session();
    s.cookies = NoCookies.into();
    for _ in 0..2 {
        s.get(server.url("/")).send().unwrap();
    }
    let jar = CookieJar::new();
    jar.set("mine", "1", "127.0.0.1", "/").unwrap();
    s.cookies = Cookies::send_only(jar);
    for _ in 0..2 {
        s.get(server.url("/")).send().unwrap();
    }
    let sent: Vec<_> = (0..4).map(|at| cookie_at(&server, at)).collect();
    assert_eq!(sent, [None, None, Some("mine=1".to_owned()), Some("mine=1".to_owned())]);
}

#[test]
fn ck_21_several_set_cookie_headers_are_several_cookies() {
    let answer = response(
        "200 OK",
        &[("Set-Cookie", "a=1, b=2"), ("set-cookie", "c=3; Expires=Wed, 09 Jun 2100 10:18:14 GMT")],
        "",
    );
    let server = Scripted::with(move |_| answer.clone());
    let s = Session::new();
    s.get(server.url("/")).send().unwrap();
    s.get(server.url("/")).send().unwrap();
    assert_eq!(cookie_at(&server, 1).as_deref(), Some("a=1, b=2; c=3"));
}

#[test]
fn ses_9_a_cookie_header_that_was_taken_away_does_not_come_back_on_the_way() {
    let server = Scripted::answers([challenge(), redirect("/b"), ok("")]);
    let s = session();
    s.cookies.set("jar", "1", "127.0.0.1", "/");
    let request = s.get(server.url("/")).without_header("cookie").cookies([("own", "1")]);
    request.auth(reqs::Digest::new("u", "p")).send().unwrap();
    assert_eq!((0..3).map(|at| cookie_at(&server, at)).collect::<Vec<_>>(), [None, None, None]);
    assert_eq!(s.cookies.get("fresh").as_deref(), Some("1"), "kept all the same");
}
