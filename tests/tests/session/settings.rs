//! Request over session over environment, and what a session is to its clones.

use reqs::{Environment, ErrorKind, Options, Request, Response, Session, Timeout};
use reqs_tests::Scripted;
use reqs_tests::scripted::ok;
use serde_json::Value;

use crate::{SERVER, session};

fn echo() -> (reqs::MockAdapter, Session) {
    let mock = reqs::MockAdapter::new().always(|_| Ok(Response::builder().build()));
    let mut session = session();
    session.mount("http://", mock.clone());
    (mock, session)
}

#[test]
fn ses_1_what_a_new_session_holds() {
    let s = Session::new();
    assert!(s.auth.is_none() && s.params.is_empty() && s.hooks.is_empty() && s.proxies.is_empty());
    assert!(
        s.verify.is_none()
            && s.cert.is_none()
            && s.timeout.is_none()
            && s.retry.is_none()
            && s.base_url.is_none()
    );
    assert!(s.trust_env && s.allow_redirects && !s.raise_for_status);
    assert_eq!(s.max_redirects, 30);
    assert!(s.cookies.jar().unwrap().is_empty());
    assert!(format!("{s:?}").contains("[\"https://\", \"http://\"]"));
}

/// t:test_headers_on_session_with_None_are_not_sent, t:test_header_remove_is_case_insensitive
#[test]
fn ses_4_ses_9_none_means_not_sent() {
    let server = Scripted::with(|_| ok(""));
    let mut s = session();
    s.headers.insert("X-Session", "1");
    let request = s.get(server.url("/")).without_header("x-SESSION").without_header("user-agent");
    request
        .without_header("accept-encoding")
        .without_header("accept")
        .without_header("connection")
        .send()
        .unwrap();
    let names: Vec<String> = server.requests()[0].headers().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Host"]);
    for name in ["x-session", "ACCEPT-encoding"] {
        s.headers.remove(name);
    }
    s.get(server.url("/")).send().unwrap();
    let second = &server.requests()[1];
    assert_eq!((second.header("x-session"), second.header("accept-encoding")), (None, None));
}

/// t:test_fixes_1329
#[test]
fn ses_5_an_override_keeps_the_place_and_takes_the_spelling() {
    let server = Scripted::with(|_| ok(""));
    session().get(server.url("/")).header("x-a", "1").header("user-AGENT", "me").send().unwrap();
    let headers = server.requests()[0].headers();
    assert_eq!(headers[1], ("user-AGENT".to_owned(), "me".to_owned()));
    assert_eq!(headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("user-agent")).count(), 1);
}

/// t:test_params_are_merged_case_sensitive
#[test]
fn ses_6_ses_8_params_merge_by_exact_key_and_none_removes() {
    let (mock, mut s) = echo();
    s.params = reqs::Params::new(&[("foo", "bar"), ("gone", "1")]).unwrap();
    s.get("http://h/").params([("FOO", Some("bar")), ("gone", None)]).send().unwrap();
    assert_eq!(mock.requests()[0].url.query(), Some("foo=bar&FOO=bar"));
}

/// t:test_request_cookies_not_persisted
#[test]
fn ses_10_nothing_of_a_request_stays_in_the_session() {
    let (mock, s) = echo();
    let request = s.get("http://h/").header("x-own", "1").cookies([("own", "1")]).params([("own", "1")]);
    request.auth(("user", "pass")).timeout(1).send().unwrap();
    s.get("http://h/").send().unwrap();
    let second = &mock.requests()[1];
    assert_eq!(second.url.as_str(), "http://h/");
    assert!(["x-own", "cookie", "authorization"].iter().all(|name| !second.headers.contains(name)));
    assert_eq!(second.options.timeout, None);
    assert!(s.cookies.jar().unwrap().is_empty());
}

#[test]
fn ses_4_every_setting_of_a_request_wins_over_the_sessions() {
    let (mock, mut s) = echo();
    s.timeout = Some(Timeout::from(1.0));
    s.verify = Some("/session.pem".into());
    s.cert = Some("/session-cert.pem".into());
    s.proxies.insert("http", "http://session:1");
    s.max_redirects = 1;
    s.raise_for_status = true;
    s.get("http://h/").send().unwrap();
    let own =
        s.get("http://h/").timeout(2.0).verify(false).cert("/own.pem").proxy("http", "").max_redirects(2);
    own.raise_for_status(false).send().unwrap();
    let (first, second) = (&mock.requests()[0].options, &mock.requests()[1].options);
    assert_eq!((first.timeout, second.timeout), (Some(Timeout::from(1.0)), Some(Timeout::from(2.0))));
    assert_eq!(
        (first.verify.clone(), second.verify.clone()),
        (Some("/session.pem".into()), Some(false.into()))
    );
    assert_eq!(
        (first.cert.clone(), second.cert.clone()),
        (Some("/session-cert.pem".into()), Some("/own.pem".into()))
    );
    assert_eq!((first.proxies.get("http"), second.proxies.get("http")), (Some("http://session:1"), None));
    assert_eq!((first.max_redirects, second.max_redirects), (Some(1), Some(2)));
    assert_eq!((first.raise_for_status, second.raise_for_status), (Some(true), Some(false)));
    s.get("http://h/").timeout(Timeout::NONE).send().unwrap();
    assert_eq!(mock.requests()[2].options.timeout, Some(Timeout::NONE));
}

#[test]
fn ses_11_methods_of_ones_own() {
    let (mock, s) = echo();
    s.request("m-search", "http://h/").send().unwrap();
    assert_eq!(mock.requests()[0].method.as_str(), "M-SEARCH");
    let error = s.request("GET /x\r\n", "http://h/").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidMethod);
}

#[test]
fn ses_12_the_functions_keep_nothing_between_two_calls() {
    let server = Scripted::with(|_| reqs_tests::scripted::response("200 OK", &[("Set-Cookie", "a=1")], ""));
    for _ in 0..2 {
        reqs::get(server.url("/")).send().unwrap();
    }
    assert_eq!(server.connections(), 2);
    assert!(server.requests().iter().all(|request| request.header("cookie").is_none()));
    let mut r = reqs::get(SERVER.url("/bytes/100000")).stream().unwrap();
    assert_eq!(std::io::copy(&mut r, &mut std::io::sink()).unwrap(), 100_000, "outlives its session");
}

#[test]
fn ses_14_send_takes_the_sessions_settings_for_what_the_options_leave_open() {
    let (mock, mut s) = echo();
    let prepared = s.prepare(Request::new("GET", "http://h/")).unwrap();
    s.timeout = Some(Timeout::from(3));
    s.set_environment(Environment::new([("http_proxy", "http://env:1"), ("REQUESTS_CA_BUNDLE", "/env.pem")]));
    s.send(prepared.clone(), Options::new()).unwrap();
    s.trust_env = true;
    s.send(prepared.clone(), Options::new()).unwrap();
    s.send(prepared, Options::new().timeout(9).proxy("http", "http://own:1")).unwrap();
    let seen: Vec<_> = mock.requests().iter().map(|r| r.options.clone()).collect();
    assert_eq!((seen[0].timeout, seen[0].proxies.get("http")), (Some(Timeout::from(3)), None));
    assert_eq!(
        (seen[1].proxies.get("http"), seen[1].verify.clone()),
        (Some("http://env:1"), Some("/env.pem".into()))
    );
    assert_eq!(
        (seen[2].timeout, seen[2].proxies.get("http")),
        (Some(Timeout::from(9)), Some("http://own:1"))
    );
}

/// t:test_prepared_copy
#[test]
fn ses_20_a_copy_of_a_prepared_request_has_headers_of_its_own_and_the_same_body() {
    let s = session();
    let prepared = s.prepare(Request::new("POST", "http://h/").data("body")).unwrap();
    let mut copy = prepared.clone();
    copy.headers.insert("X-New", "1");
    copy.url.set_path("/other");
    assert!(!prepared.headers.contains("x-new"));
    assert_eq!((prepared.url.path(), copy.body.as_bytes()), ("/", prepared.body.as_bytes()));
}

/// t:test_session_close_proxy_clear: with the connections to its proxies.
#[test]
fn ses_19_a_closed_session_opens_again() {
    let [server, one, two] = [(); 3].map(|()| Scripted::with(|_| ok("")));
    let s = session();
    let ask = || {
        s.get(server.url("/")).send().unwrap();
        for proxy in [&one, &two] {
            s.get("http://origin.example/").proxy("http", proxy.url("")).send().unwrap();
        }
    };
    ask();
    assert_eq!(s.pool_stats().idle, 3);
    s.close();
    assert_eq!(s.pool_stats().idle, 0);
    ask();
    assert_eq!([&server, &one, &two].map(Scripted::connections), [2, 2, 2]);
    assert_eq!((s.pool_stats().opened, s.pool_stats().reused), (6, 0));
}

#[test]
fn ses_22_without_trust_the_environment_is_not_asked() {
    let (mock, mut s) = echo();
    let netrc = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(netrc.path(), "default login user password pass").unwrap();
    let path = netrc.path().to_str().unwrap();
    s.set_environment(Environment::new([
        ("http_proxy", "http://env:1"),
        ("CURL_CA_BUNDLE", "/env.pem"),
        ("NETRC", path),
    ]));
    for trust in [false, true] {
        s.trust_env = trust;
        s.get("http://h/").send().unwrap();
        let sent = mock.requests().pop().unwrap();
        assert_eq!(sent.options.proxies.get("http").is_some(), trust);
        assert_eq!(sent.options.verify.is_some(), trust);
        assert_eq!(sent.headers.contains("authorization"), trust);
    }
}

#[test]
fn a_clone_shares_pool_and_cookies_and_nothing_else() {
    let server = Scripted::with(|_| ok(""));
    let one = session();
    let mut two = one.clone();
    two.headers.insert("X-Two", "2");
    one.get(server.url("/")).send().unwrap();
    two.get(server.url("/")).send().unwrap();
    assert_eq!(server.connections(), 1);
    assert!(!one.headers.contains("x-two"));
    one.cookies.set("a", "1", "127.0.0.1", "/");
    assert_eq!(two.cookies.get("a").as_deref(), Some("1"));
    two.cookies = two.cookies.copy();
    two.cookies.set("b", "2", "127.0.0.1", "/");
    assert_eq!(one.cookies.get("b"), None);
    two.get(server.url("/")).send().unwrap();
    assert_eq!(server.connections(), 1, "detached cookies, shared connections");
    assert_eq!(server.requests().pop().unwrap().header("cookie").as_deref(), Some("a=1; b=2"));
}

#[test]
fn x16_a_base_url_resolves_as_rfc_3986_does() {
    let (mock, mut s) = echo();
    let cases = [
        ("http://h/api/v1/", "users", "http://h/api/v1/users"),
        ("http://h/api/v1", "users", "http://h/api/users"),
        ("http://h/api/v1/", "/users", "http://h/users"),
        ("http://h/api/v1/", "?q=1", "http://h/api/v1/?q=1"),
        ("http://h/api/v1/", "http://h/x", "http://h/x"),
    ];
    for (base, given, expected) in cases {
        s.base_url = Some(base.parse().unwrap());
        s.get(given).send().unwrap();
        assert_eq!(mock.requests().pop().unwrap().url.as_str(), expected, "{base} {given}");
        assert_eq!(s.prepare(Request::new("GET", given)).unwrap().url.as_str(), expected);
    }
}

#[test]
fn raise_for_status_for_a_session_and_for_a_request() {
    let mut s = session();
    s.raise_for_status = true;
    let error = s.get(SERVER.url("/status/418")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Http);
    assert!(error.to_string().starts_with("418 Client Error"), "{error}");
    assert_eq!(error.response().unwrap().status(), 418);
    assert!(error.request().is_some());
    assert_eq!(s.get(SERVER.url("/status/418")).raise_for_status(false).send().unwrap().status(), 418);
    let r = s.get(SERVER.url("/redirect/1")).send().unwrap();
    assert_eq!(r.json::<Value>().unwrap()["url"], SERVER.url("/get"));
}

#[test]
fn ses_7_a_text_replaces_the_sessions_params() {
    let (mock, mut s) = echo();
    s.params = reqs::Params::new(&[("a", "1")]).unwrap();
    s.get("http://h/").params("b=2").send().unwrap();
    s.params = reqs::Params::new("a=1").unwrap();
    s.get("http://h/").params([("b", "2")]).send().unwrap();
    s.get("http://h/").send().unwrap();
    let queries: Vec<_> = mock.requests().iter().map(|r| r.url.query().unwrap().to_owned()).collect();
    assert_eq!(queries, ["b=2", "b=2", "a=1"]);
}

#[test]
fn ses_17_what_prepares_itself_has_nothing_of_a_session_nor_of_netrc() {
    let netrc = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(netrc.path(), "default login user password pass").unwrap();
    let mut s = session();
    s.trust_env = true;
    s.set_environment(Environment::new([("NETRC", netrc.path())]));
    s.cookies.set("jar", "1", "h", "/");
    let request = || Request::new("POST", "http://h/?a=b").params([("c", "d")]).data("x");
    let names = |prepared: &reqs::PreparedRequest| -> Vec<String> {
        prepared.headers.iter().map(|(name, _)| name.to_owned()).collect()
    };
    let alone = request().prepare().unwrap();
    assert_eq!((names(&alone), alone.url.as_str()), (vec!["Content-Length".to_owned()], "http://h/?a=b&c=d"));
    let with_session = names(&s.prepare(request()).unwrap());
    assert!(
        ["User-Agent", "Cookie", "Authorization"].iter().all(|name| with_session.iter().any(|n| n == name))
    );
}

/// A builder shows what Requests shows. What was prepared, and what came back, show all that a log may see.
#[test]
fn ses_21_sec_14_what_debug_shows() {
    let request = Request::new("get", "http://u:secret@h/").header("authorization", "secret");
    assert_eq!(format!("{request:?}"), "<Request [GET]>");
    let prepared = request.prepare().unwrap();
    let shown = format!("{prepared:?}");
    assert!(shown.starts_with("PreparedRequest { method: GET, url: http://h/, headers: "), "{shown}");
    let r = Response::builder().status(200).header("set-cookie", "secret").url(prepared.url).build();
    let shown = shown + &format!("{r:?}");
    assert!(
        shown.contains("Response { status: 200, url: http://h/, ") && !shown.contains("secret"),
        "{shown}"
    );
}
