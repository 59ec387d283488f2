//! Chains over the wire: fragments, Locations of every shape, history, limits, drains, and connections that are kept.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqs::{Adapter, Body, Digest, ErrorKind, Options, PreparedRequest, Response, Session, Stream, Timeout};
use reqs_tests::scripted::{ok, redirect, response};
use reqs_tests::{Connection, Received, Scripted, httpbin};

use crate::session_to;

fn moved(status: &str, location: &str) -> Vec<u8> {
    response(status, &[("Location", location)], "")
}

/// t:test_http_301_changes_post_to_get, t:test_http_302_changes_post_to_get, t:test_http_303_changes_post_to_get,
/// t:test_http_301_doesnt_change_head_to_get, t:test_http_302_doesnt_change_head_to_get,
/// t:test_http_303_doesnt_change_head_to_get
#[test]
fn red_2_a_post_is_followed_by_a_get_and_a_head_by_a_head() {
    let server = httpbin::start();
    for status in [301, 302, 303] {
        let url = server.url(&format!("/status/{status}"));
        let session = Session::new();
        for (request, method) in
            [(session.post(&url), "GET"), (session.head(&url).allow_redirects(true), "HEAD")]
        {
            let r = request.send().unwrap();
            assert_eq!((r.status().as_u16(), r.request().method.as_str()), (200, method), "{status}");
            let first = &r.history()[0];
            assert!(first.status() == status && first.is_redirect(), "{status}: {first:?}");
        }
    }
}

/// t:test_HTTP_307_ALLOW_REDIRECT_POST, t:test_HTTP_307_ALLOW_REDIRECT_POST_WITH_SEEKABLE
#[test]
fn red_2_red_5_after_307_a_post_is_posted_again() {
    let server = httpbin::start();
    for body in [Body::from("test"), Body::seekable(std::io::Cursor::new("test"))] {
        let request = reqs::post(server.url("/redirect-to")).data(body);
        let r = request.params((("url", "post"), ("status_code", 307))).send().unwrap();
        assert_eq!((r.status().as_u16(), r.history()[0].status().as_u16()), (200, 307));
        assert!(r.history()[0].is_redirect());
        assert_eq!(r.json::<serde_json::Value>().unwrap()["data"], "test");
    }
}

/// t:test_auth_is_retained_for_redirect_on_host, t:test_auth_is_stripped_on_http_downgrade
#[test]
fn red_22_credentials_stay_with_the_host_and_do_not_leave_tls() {
    let server = httpbin::start();
    let mut session = Session::new();
    session.verify = Some(server.ca_file().into());
    let auth = ("user", "pass");
    let r = session.get(server.url("/redirect/1")).auth(auth).send().unwrap();
    let (before, after) = (&r.history()[0].request().headers, &r.request().headers);
    assert_eq!(&before["authorization"], "Basic dXNlcjpwYXNz");
    assert_eq!(&before["authorization"], &after["authorization"]);

    let (tls, clear) = (server.https_url("/redirect-to"), server.localhost_url("/get"));
    let r = session.get(tls).params([("url", clear)]).auth(auth).send().unwrap();
    assert_eq!(r.url().host(), r.history()[0].url().host());
    assert!(r.history()[0].request().headers.contains("authorization"));
    assert_eq!((r.url().scheme(), r.request().headers.contains("authorization")), ("http", false));
}

/// t:test_pyopenssl_redirect
#[test]
fn red_27_a_chain_over_tls_is_verified_as_its_first_request() {
    let server = httpbin::start();
    let r = Session::new().get(server.https_url("/status/301")).verify(server.ca_file()).send().unwrap();
    assert_eq!((r.status().as_u16(), r.url().scheme(), r.history().len()), (200, "https", 2));
}

/// t:test_history_is_always_a_list, t:test_HTTP_302_ALLOW_REDIRECT_GET, t:test_requests_history_is_saved, t:test_redirect_history_no_self_reference
#[test]
fn red_15_red_27_history_is_oldest_first_and_one_connection_serves_the_chain() {
    let server = httpbin::start();
    let r = Session::new().get(server.url("/redirect/5")).send().unwrap();
    assert_eq!((r.status().as_u16(), r.history().len()), (200, 5));
    assert!(Session::new().get(server.url("/get")).send().unwrap().history().is_empty());
    assert!(r.url().path().ends_with("/get"));
    for (at, earlier) in r.history().iter().enumerate() {
        assert_eq!(earlier.status(), 302);
        assert_eq!(earlier.history().len(), at, "each holds the earlier ones alone");
        assert!(earlier.is_redirect() && !earlier.is_permanent_redirect());
    }
    assert_eq!(server.connections(), 2, "one for the chain, one for the session without");
}

#[test]
fn red_1_what_is_no_redirect() {
    let cases = [
        moved("300 Multiple Choices", "/b"),
        moved("304 Not Modified", "/b"),
        moved("305 Use Proxy", "/b"),
        moved("306 Unused", "/b"),
        moved("201 Created", "/b"),
        response("302 Found", &[("Location", "")], ""),
        response("302 Found", &[], ""),
    ];
    for answer in cases {
        let server = Scripted::one(&answer);
        let r = Session::new().get(server.url("/")).send().unwrap();
        assert!(r.history().is_empty() && !r.is_redirect() && r.next_request().is_none(), "{r:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

/// t:test_redirect_rfc1808_to_non_ascii_location
#[test]
fn red_8_red_10_a_location_without_a_scheme_and_beyond_ascii() {
    let port = Arc::new(Mutex::new(0));
    let known = Arc::clone(&port);
    let server = Scripted::with(move |request| match request.target().as_str() {
        "/" => {
            let location = format!("//127.0.0.1:{}/\u{161}", known.lock().unwrap());
            format!("HTTP/1.1 301 Moved Permanently\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n")
                .into()
        }
        _ => ok(""),
    });
    *port.lock().unwrap() = server.port();
    let r = Session::new().get(server.url("")).send().unwrap();
    assert_eq!(r.status(), 200);
    let statuses: Vec<u16> = r.history().iter().map(|earlier| earlier.status().as_u16()).collect();
    assert_eq!(statuses, [301]);
    assert_eq!(server.requests()[1].line(), "GET /%C5%A1 HTTP/1.1");
    assert_eq!(r.url().as_str(), server.url("/%C5%A1"));
}

/// t:test_uppercase_scheme_redirect
#[test]
fn red_7_red_8_red_10_red_13_locations_of_every_shape() {
    let cases: [(&[u8], &str); 12] = [
        (b"/b", "/b"),
        (b"b?c=d", "/a/b?c=d"),
        (b"../b", "/b"),
        (b"?q", "/a/x?q"),
        (b"/with space", "/with%20space"),
        ("/\u{161}".as_bytes(), "/%C5%A1"),
        (b"/latin-\xe9", "/latin-%E9"),
        (b"/a\"b<c>", "/a%22b%3Cc%3E"),
        (b"/%7Euser", "/%7Euser"),
        (b"  /b", "/b"),
        (b"HTTP://127.0.0.1:PORT/b", "/b"),
        (b"//127.0.0.1:PORT/b", "/b"),
    ];
    for (location, target) in cases {
        let port = Arc::new(Mutex::new(String::new()));
        let known = Arc::clone(&port);
        let location = location.to_vec();
        let shown = String::from_utf8_lossy(&location).into_owned();
        let server = Scripted::with(move |request| {
            if request.target() != "/a/x" {
                return ok("");
            }
            let port = known.lock().unwrap().clone();
            let at = location.windows(4).position(|window| window == b"PORT");
            let location = match at {
                Some(at) => [&location[..at], port.as_bytes(), &location[at + 4..]].concat(),
                None => location.clone(),
            };
            [b"HTTP/1.1 302 Found\r\nLocation: ", &location[..], b"\r\nContent-Length: 0\r\n\r\n"].concat()
        });
        *port.lock().unwrap() = server.port().to_string();
        let r = Session::new().get(server.url("/a/x")).send().unwrap();
        assert_eq!(r.status(), 200);
        assert_eq!(server.requests()[1].target(), target, "{shown}");
    }
}

#[test]
fn red_13_of_several_locations_the_first_counts() {
    let first = response("302 Found", &[("Location", "/one"), ("Location", "/two")], "");
    let server = Scripted::answers([first, ok("")]);
    assert_eq!(Session::new().get(server.url("/")).send().unwrap().url().path(), "/one");
}

/// t:test_fragment_update_on_redirect
#[test]
fn red_9_a_new_fragment_takes_the_place_of_the_old_one_for_good() {
    let server = Scripted::answers([
        moved("302 FOUND", "/get#relevant-section"),
        moved("302 FOUND", "/final-url/"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec(),
    ]);
    let first = server.url("/path/to/thing/#view=edit&token=hunter2");
    let r = Session::new().get(&first).send().unwrap();
    assert_eq!((r.status().as_u16(), r.history().len()), (200, 2));
    assert_eq!(r.history()[0].request().url.as_str(), first);
    assert_eq!(r.history()[1].request().url.as_str(), server.url("/get#relevant-section"));
    assert_eq!(r.url().as_str(), server.url("/final-url/#relevant-section"));
}

/// t:test_fragment_maintained_on_redirect
#[test]
fn red_9_the_fragment_is_carried_over_and_updated() {
    let server = Scripted::answers([redirect("/b"), redirect("/c#new"), redirect("/d"), ok("")]);
    let r = Session::new().get(server.url("/a#view=edit")).send().unwrap();
    assert_eq!(r.history()[0].request().url.fragment(), Some("view=edit"));
    assert_eq!(r.history()[1].url().fragment(), Some("view=edit"));
    assert_eq!(r.url().fragment(), Some("new"));
    assert!(server.requests().iter().all(|request| !request.target().contains('#')));
}

#[test]
fn red_11_idna_and_userinfo_in_a_location() {
    let log: Arc<Mutex<Vec<Received>>> = Arc::default();
    let seen = Arc::clone(&log);
    let server = Scripted::with(move |request| {
        seen.lock().unwrap().push(request.clone());
        if request.target() == "/" { redirect("http://us:pw@m\u{fc}nchen.example/b") } else { ok("") }
    });
    let session =
        session_to(&[("a.example", server.address()), ("xn--mnchen-3ya.example", server.address())]);
    let r = session.get("http://a.example/").send().unwrap();
    assert_eq!(r.url().as_str(), "http://us:pw@xn--mnchen-3ya.example/b");
    let last = log.lock().unwrap().last().cloned().unwrap();
    assert_eq!(last.header("host").as_deref(), Some("xn--mnchen-3ya.example"));
    assert_eq!(last.header("authorization"), None, "userinfo of a Location is no credential");
}

/// t:test_redirecting_to_bad_url
#[test]
fn red_12_sec_71_where_redirects_do_not_lead() {
    let cases = [
        ("mailto:a@b", ErrorKind::InvalidSchema),
        ("ftp://127.0.0.1/x#frag", ErrorKind::InvalidSchema),
        ("file:///etc/passwd", ErrorKind::InvalidSchema),
        ("http://[::1", ErrorKind::InvalidUrl),
        ("http://h:99999/", ErrorKind::InvalidUrl),
        ("http://:1", ErrorKind::InvalidUrl),
    ];
    for (location, kind) in cases {
        let server = Scripted::one(redirect(location));
        let error = Session::new().get(server.url("/")).send().unwrap_err();
        assert_eq!(error.kind(), kind, "{location}");
        assert_eq!(error.response().unwrap().status(), 302, "the response is not lost");
        assert_eq!(error.request().unwrap().url.path(), "/");
    }
    let httpbin = httpbin::start();
    let request = Session::new().get(httpbin.url("/redirect-to")).params([("url", "http://:1")]).send();
    assert_eq!(request.unwrap_err().kind(), ErrorKind::InvalidUrl);
}

/// t:test_HTTP_302_TOO_MANY_REDIRECTS, t:test_HTTP_302_TOO_MANY_REDIRECTS_WITH_PARAMS
#[test]
fn red_14_too_many() {
    let server = httpbin::start();
    let mut session = Session::new();
    let error = session.get(server.url("/relative-redirect/50")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyRedirects);
    assert!(error.to_string().starts_with("Exceeded 30 redirects for url: "), "{error}");
    assert_eq!(error.request().unwrap().url.as_str(), server.url("/relative-redirect/20"));
    assert_eq!(error.response().unwrap().url().as_str(), server.url("/relative-redirect/20"));
    assert_eq!(error.response().unwrap().history().len(), 30);
    assert_eq!(error.response().unwrap().status(), 302);

    session.max_redirects = 5;
    let error = session.get(server.url("/relative-redirect/50")).send().unwrap_err();
    assert_eq!(error.request().unwrap().url.as_str(), server.url("/relative-redirect/45"));
    assert_eq!(error.response().unwrap().url().as_str(), server.url("/relative-redirect/45"));
    assert_eq!(error.response().unwrap().history().len(), 5);
    let r = session.get(server.url("/relative-redirect/9")).max_redirects(9).send().unwrap();
    assert_eq!(r.history().len(), 9);
    let error = session.get(server.url("/relative-redirect/1")).max_redirects(0).send().unwrap_err();
    assert_eq!(error.response().unwrap().history().len(), 0);
}

/// t:test_manual_redirect_with_partial_body_read
#[test]
fn red_17_a_redirect_is_followed_by_hand_however_much_of_its_body_was_read() {
    let page = "a page that says where it went";
    let server = Scripted::with(move |request| match request.target().as_str() {
        "/1" => response("302 Found", &[("Location", "/2")], page),
        "/2" => response("302 Found", &[("Location", "/3")], page),
        _ => ok("there"),
    });
    let session = Session::new();
    let step = || Options::new().allow_redirects(false);
    let mut first = session.get(server.url("/1")).allow_redirects(false).stream().unwrap();
    assert!(first.is_redirect());
    assert_eq!(first.iter_content(8).next().unwrap().unwrap(), b"a page t");
    let mut second = session.stream(first.next_request().unwrap(), step()).unwrap();
    assert!(second.is_redirect());
    assert_eq!(second.iter_content(1).map(Result::unwrap).count(), page.len());
    let third = session.stream(second.next_request().unwrap(), step()).unwrap();
    assert!(!third.is_redirect() && third.next_request().is_none());
    assert_eq!(third.load().unwrap().text(), "there");
}

#[test]
fn red_17_sec_31_a_redirect_that_is_not_followed_says_where_it_leads() {
    let first = response("303 See Other", &[("Location", "/b"), ("Set-Cookie", "a=1")], "some body");
    let server = Scripted::answers([first, ok("there")]);
    let session = Session::new();
    let request = session.post(server.url("/")).auth(("user", "pass")).data("x").allow_redirects(false);
    let r = request.stream().unwrap();
    assert_eq!((r.status().as_u16(), r.history().len()), (303, 0));
    assert_eq!(server.requests().len(), 1);
    let next = r.next_request().unwrap();
    drop(r);
    assert_eq!((next.method.as_str(), next.body.length()), ("GET", Some(0)));
    assert_eq!(&next.headers["cookie"], "a=1");
    let r = session.send(next, reqs::Options::new()).unwrap();
    assert_eq!(r.text(), "there");
    let second = server.requests().pop().unwrap();
    assert_eq!(second.header("cookie").as_deref(), Some("a=1"));
    assert_eq!(second.header("authorization").as_deref(), Some("Basic dXNlcjpwYXNz"));
}

/// t:test_HTTP_307_ALLOW_REDIRECT_POST, t:test_HTTP_307_ALLOW_REDIRECT_POST_WITH_SEEKABLE, t:test_rewind_partially_read_body
#[test]
fn red_5_a_body_is_replayed_from_where_it_stood() {
    let server = Scripted::answers([
        moved("307 Temporary Redirect", "/b"),
        moved("308 Permanent Redirect", "/c"),
        ok(""),
    ]);
    let mut cursor = std::io::Cursor::new(b"0123456789".to_vec());
    cursor.set_position(4);
    Session::new().post(server.url("/")).data(Body::seekable(cursor)).send().unwrap();
    for request in server.requests() {
        assert_eq!((request.method().as_str(), request.content()), ("POST", b"456789".to_vec()));
    }
}

/// t:test_header_and_body_removal_on_redirect, t:test_transfer_enc_removal_on_redirect
#[test]
fn red_3_red_4_sec_29_what_describes_the_body_goes_with_it() {
    for body in [Body::from("abc"), Body::chunks(["abc"])] {
        let server = Scripted::answers([moved("302 Found", "/b"), ok("")]);
        let described = [
            ("Content-Type", "text/plain"),
            ("Content-Encoding", "x"),
            ("Content-Language", "de"),
            ("Content-Location", "/x"),
            ("Content-MD5", "x"),
            ("Digest", "x"),
            ("Last-Modified", "x"),
            ("X-Other", "stays"),
        ];
        Session::new().put(server.url("/")).headers(described).data(body).send().unwrap();
        let second = server.requests().pop().unwrap();
        let names: Vec<String> = second.headers().into_iter().map(|(name, _)| name).collect();
        assert_eq!(second.method(), "GET");
        assert_eq!(names, ["Host", "User-Agent", "Accept-Encoding", "Accept", "Connection", "X-Other"]);
    }
}

#[test]
fn red_3_a_verb_of_ones_own_says_that_it_has_no_body() {
    let lengths =
        [("PURGE", Some("0")), ("PUT", Some("0")), ("DELETE", None), ("OPTIONS", None), ("TRACE", None)];
    for (verb, length) in lengths {
        let server = Scripted::answers([moved("301 Moved", "/b"), ok("")]);
        Session::new().request(verb, server.url("/")).send().unwrap();
        let second = server.requests().pop().unwrap();
        assert_eq!((second.method().as_str(), second.header("content-length").as_deref()), (verb, length));
    }
}

/// t:test_redirect_with_wrong_gzipped_header
#[test]
fn red_16_sec_34_sec_35_what_redirects_carry_is_never_decoded() {
    let lie = response("302 Found", &[("Location", "/b"), ("Content-Encoding", "gzip")], "this is no gzip");
    let server = Scripted::answers([lie, ok("there")]);
    assert_eq!(Session::new().get(server.url("/")).send().unwrap().text(), "there");
    assert_eq!(server.connections(), 1, "drained raw, and the connection kept");
}

#[test]
fn red_16_a_body_too_long_to_drain_costs_its_connection_and_no_time() {
    let first = Connection::new()
        .expect_request()
        .send("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 1000000000\r\n\r\nbegin");
    let endless = Connection::new()
        .expect_request()
        .send("HTTP/1.1 302 Found\r\nLocation: /c\r\nTransfer-Encoding: chunked\r\n\r\n")
        .send_endlessly("8\r\nendless \r\n");
    let server = Scripted::start([first, endless, Connection::new().answer(ok("there")).close()]);
    assert_eq!(Session::new().get(server.url("/")).send().unwrap().text(), "there");
    assert_eq!(server.connections(), 3);
}

#[test]
fn red_16_a_body_that_never_comes_holds_nobody_up() {
    let stalls = Connection::new()
        .expect_request()
        .send("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 10\r\n\r\nbegin")
        .wait_for_close();
    let server = Scripted::start([stalls, Connection::new().answer(ok("there")).close()]);
    let started = Instant::now();
    assert_eq!(Session::new().get(server.url("/")).send().unwrap().text(), "there");
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "no timeout was set, and it waited {:?}",
        started.elapsed()
    );
}

/// RED-18: t:test_requests_are_updated_each_time: 303 and then 307 after a POST, and the settings of the first request for
/// each of them, as an adapter sees them.
#[test]
fn red_18_each_hop_is_made_from_the_request_before_it() {
    /// Says what it is asked, and redirects twice.
    #[derive(Default)]
    struct Calls(Mutex<Vec<String>>);
    impl Adapter for Calls {
        fn send(&self, request: &PreparedRequest, options: &Options) -> reqs::Result<Response<Stream>> {
            let mut calls = self.0.lock().unwrap();
            let status = [303, 307].get(calls.len()).copied().unwrap_or(200);
            calls.push(format!("{} {} {:?}", request.method, request.url.path(), options.timeout));
            Ok(Response::builder().status(status).header("Location", "/").build())
        }
    }

    let calls = Arc::new(Calls::default());
    let mut session = Session::new();
    session.trust_env = false;
    session.mount("http://", Arc::clone(&calls));
    let r = session.post("http://a.example/post").timeout(7).send().unwrap();
    assert_eq!(r.status(), 200);
    let timeout = format!("{:?}", Some(Timeout::from(7)));
    let expected = [format!("POST /post {timeout}"), format!("GET / {timeout}"), format!("GET / {timeout}")];
    assert_eq!(*calls.0.lock().unwrap(), expected);
    let methods: Vec<_> = r.history().iter().map(|earlier| earlier.request().method.to_string()).collect();
    assert_eq!((methods, r.request().method.as_str()), (vec!["POST".to_owned(), "GET".to_owned()], "GET"));
}

/// RED-18: t:test_requests_in_history_are_not_overridden
#[test]
fn red_18_each_hop_has_its_request_its_time_and_the_hooks() {
    let server = Scripted::answers([redirect("/b"), redirect("/c"), ok("")]);
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&seen);
    let r = Session::new()
        .get(server.url("/a"))
        .on_response(move |r| {
            log.lock().unwrap().push(format!("{} {}", r.status().as_u16(), r.request().url.path()));
            Ok(r)
        })
        .send()
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), ["302 /a", "302 /b", "200 /c"]);
    let paths: Vec<_> = r.history().iter().map(|earlier| earlier.request().url.path().to_owned()).collect();
    assert_eq!(paths, ["/a", "/b"]);
    assert!(r.history().iter().all(|earlier| earlier.url() == &earlier.request().url));
    assert!(
        r.elapsed() > Duration::ZERO && r.history().iter().all(|earlier| earlier.elapsed() > Duration::ZERO)
    );
}

#[test]
fn red_20_tmo_5_the_total_time_covers_the_whole_chain() {
    let slow = |request: &Received| {
        std::thread::sleep(Duration::from_millis(60));
        let n: u32 = request.target().trim_start_matches('/').parse().unwrap_or(0);
        redirect(&format!("/{}", n + 1))
    };
    let server = Scripted::with(slow);
    let started = Instant::now();
    let timeout = reqs::Timeout::from(5).total(0.5);
    let error = Session::new().get(server.url("/0")).timeout(timeout).max_redirects(1000).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.is_timeout() && started.elapsed() < Duration::from_secs(4));
}

/// t:test_digestauth_401_count_reset_on_redirect
#[test]
fn dig_4_each_place_of_a_chain_may_challenge_anew() {
    let challenge = |realm: &str, nonce: &str| {
        let value = format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", qop=\"auth\"");
        response("401 Unauthorized", &[("WWW-Authenticate", &value)], "no")
    };
    let server =
        Scripted::answers([challenge("one", "n1"), redirect("/b"), challenge("two", "n2"), ok("in")]);
    let r = Session::new().get(server.url("/a")).auth(Digest::new("user", "pass")).send().unwrap();
    assert_eq!(r.text(), "in");
    let statuses: Vec<u16> = r.history().iter().map(|earlier| earlier.status().as_u16()).collect();
    assert_eq!(statuses, [401, 302, 401]);
    let requests = server.requests();
    assert_eq!(requests[0].header("authorization"), None);
    let sent = |at: usize| requests[at].header("authorization").unwrap_or_default();
    assert!(sent(1).contains("uri=\"/a\"") && sent(1).contains("nc=00000001"), "{}", sent(1));
    assert!(sent(2).contains("uri=\"/b\"") && sent(2).contains("nc=00000002"), "signed anew: {}", sent(2));
    assert!(sent(3).contains("realm=\"two\"") && sent(3).contains("nc=00000001"), "{}", sent(3));
}

/// One answer to each place, and then a refusal is one: also where the nonce is that of the place before.
/// t:test_digestauth_401_count_reset_on_redirect, where both places have the same
#[test]
fn dig_4_dig_2_the_nonce_of_the_place_before_is_answered_once() {
    let challenge = || {
        let value = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
        response("401 Unauthorized", &[("WWW-Authenticate", value)], "no")
    };
    for (last, status) in [(ok("in"), 200), (challenge(), 401)] {
        let server = Scripted::answers([challenge(), redirect("/b"), challenge(), last]);
        let r = Session::new().get(server.url("/a")).auth(Digest::new("user", "pass")).send().unwrap();
        assert_eq!(r.status(), status);
        let counts: Vec<Option<String>> = server
            .requests()
            .iter()
            .map(|request| request.header("authorization"))
            .map(|sent| sent.and_then(|sent| sent.split("nc=").nth(1)?.get(..8).map(str::to_owned)))
            .collect();
        let counts: Vec<&str> = counts.iter().map(|count| count.as_deref().unwrap_or_default()).collect();
        assert_eq!(counts, ["", "00000001", "00000002", "00000003"]);
    }
}

/// S25: HEAD does not follow unless told to. SES-13
#[test]
fn ses_13_head_follows_when_told_to() {
    let server = httpbin::start();
    let session = Session::new();
    assert_eq!(session.head(server.url("/redirect/1")).send().unwrap().status(), 302);
    assert_eq!(session.head(server.url("/redirect/1")).allow_redirects(true).send().unwrap().status(), 200);
    assert_eq!(session.request("HEAD", server.url("/redirect/1")).send().unwrap().status(), 200);
    assert_eq!(reqs::head(server.url("/redirect/1")).send().unwrap().status(), 302);
}

/// A QUERY is not a POST: it is asked again, body and all, but for 303, which says where to GET its answer.
#[test]
fn red_2_a_query_stays_a_query() {
    for (status, expected) in [
        ("301 Moved", "QUERY a b"),
        ("302 Found", "QUERY a b"),
        ("303 See Other", "GET "),
        ("307 T", "QUERY a b"),
    ] {
        let server = Scripted::answers([moved(status, "/b"), ok("")]);
        Session::new()
            .query(server.url("/"))
            .header("content-type", "text/plain")
            .data("a b")
            .send()
            .unwrap();
        let second = server.requests().pop().unwrap();
        let shown = format!("{} {}", second.method(), String::from_utf8_lossy(&second.content()));
        assert_eq!(shown, expected, "{status}");
        assert_eq!(second.header("content-type").is_some(), expected.starts_with("QUERY"), "{status}");
    }
}

/// SEC-65: every response of a chain is kept, so what a chain may hold is bounded as a whole.
#[test]
fn sec_65_redirects_cannot_fill_the_memory_with_headers() {
    let server =
        Scripted::with(|_| response("302 Found", &[("Location", "/"), ("X-Fat", &"x".repeat(200_000))], ""));
    let error = Session::new().get(server.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyRedirects);
    assert!(error.to_string().contains("1 MiB of headers"), "{error}");
    assert_eq!((server.requests().len(), error.response().unwrap().history().len()), (7, 6));
}
