//! Who signs, in which order, and how challenges are answered.

use reqs::{
    AnyAuth, Auth, Basic, Bearer, Body, Digest, Environment, Error, ErrorKind, Options, OriginAuth,
    PreparedRequest, Request, ResponseHead, Session,
};
use reqs_tests::scripted::{ok, response};
use reqs_tests::{Received, Scripted};
use serde_json::Value;

use crate::{SERVER, session};

fn authorization(request: &Received) -> Option<String> {
    request.header("authorization")
}

fn unauthorized(challenges: &[&str]) -> Vec<u8> {
    let headers: Vec<_> = challenges.iter().map(|challenge| ("WWW-Authenticate", *challenge)).collect();
    response("401 Unauthorized", &headers, "who are you?")
}

const DIGEST: &str = "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"";

/// t:test_BASICAUTH_TUPLE_HTTP_200_OK_GET
#[test]
fn aut_1_basic_is_utf_8() {
    let r = session().get(SERVER.url("/basic-auth/user/pass")).auth(("user", "pass")).send().unwrap();
    assert_eq!(r.json::<Value>().unwrap()["authenticated"], true);
    assert_eq!(session().get(SERVER.url("/basic-auth/user/pass")).send().unwrap().status(), 401);
    let mut s = session();
    s.auth = Some(("user", "pass").into());
    assert_eq!(s.get(SERVER.url("/basic-auth/user/pass")).send().unwrap().status(), 200);
    let server = Scripted::with(|_| ok(""));
    let s = session();
    s.get(server.url("/")).auth(("\u{e9}", "\u{e9}")).send().unwrap();
    s.get(server.url("/")).auth(Basic::from_bytes(*b"\xe9", *b"\xe9")).send().unwrap();
    s.get(server.url("/")).auth(("", "")).send().unwrap();
    let sent: Vec<_> = server.requests().iter().filter_map(authorization).collect();
    assert_eq!(sent, ["Basic w6k6w6k=", "Basic 6Trp", "Basic Og=="]);
    let error = s.get(server.url("/")).auth(("a:b", "c")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidHeader);
    assert!(!error.to_string().contains("a:b"), "{error}");
}

/// t:test_set_basicauth, t:test_basicauth_encodes_byte_strings, t:test_basic_auth_str_is_always_native
#[test]
fn aut_1_texts_and_bytes_as_they_are_written() {
    let cyrillic = "Basic 0LjQvNGPOtC/0LDRgNC+0LvRjA==";
    let cases = [
        (Basic::new("user", "pass"), "Basic dXNlcjpwYXNz"),
        (Basic::new("test", "test"), "Basic dGVzdDp0ZXN0"),
        (Basic::new("имя", "пароль"), cyrillic),
        (Basic::from_bytes("имя", "пароль"), cyrillic),
        (Basic::from_bytes(*b"\xc5\xafsername", *b"test\xc6\xb6"), "Basic xa9zZXJuYW1lOnRlc3TGtg=="),
    ];
    for (basic, expected) in cases {
        assert_eq!(basic.authorization().unwrap(), expected);
        let prepared = reqs::get("http://localhost").auth(basic).prepare().unwrap();
        assert_eq!(&prepared.headers["authorization"], expected);
    }
}

/// t:test_basicauth_with_netrc_leak: a user's name that looks like a host is not looked up.
#[test]
fn aut_5_netrc_is_asked_about_the_host_and_about_nothing_else() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let netrc = "machine example.com\nlogin wronguser\npassword wrongpass\n\
                 machine 127.0.0.1\nlogin user\npassword pass\n";
    std::fs::write(file.path(), netrc).unwrap();
    let mut s = Session::new();
    s.set_environment(Environment::new([("NETRC", file.path())]));
    let url = SERVER.url("/basic-auth/user/pass").replacen("//", "//example.com:@", 1);
    assert_eq!(s.get(url).send().unwrap().status(), 200);
}

/// t:test_basicauth_with_netrc
#[test]
fn aut_2_aut_5_aut_6_who_goes_first() {
    let server = Scripted::with(|_| ok(""));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "machine 127.0.0.1 login netrc password word").unwrap();
    let mut s = Session::new();
    s.set_environment(Environment::new([("NETRC", file.path())]));
    let plain = server.url("/");
    let with_userinfo = format!("http://url:word@127.0.0.1:{}/", server.port());
    let header = "Basic aGVhZGVyOndvcmQ=";
    let ask = |request: reqs::Request<&Session>| {
        request.send().unwrap();
        server.requests().last().and_then(authorization)
    };
    let basic = |user: &str| Some(Basic::new(user, "word").authorization().unwrap());
    assert_eq!(ask(s.get(&plain)), basic("netrc"));
    assert_eq!(ask(s.get(&with_userinfo)), basic("url"));
    assert_eq!(ask(s.get(&with_userinfo).header("authorization", header)), basic("header"));
    s.auth = Some(("session", "word").into());
    assert_eq!(ask(s.get(&with_userinfo).header("authorization", header)), basic("session"));
    assert_eq!(
        ask(s.get(&with_userinfo).header("authorization", header).auth(("own", "word"))),
        basic("own")
    );
    // AUT-4
    assert_eq!(ask(s.get(&with_userinfo).no_auth()), None);
    s.auth = None;
    s.trust_env = false;
    assert_eq!(ask(s.get(&plain)), None);
    // AUT-3
    assert_eq!(ask(s.get(format!("http://user@127.0.0.1:{}/", server.port()))), None);
    let escaped = format!("http://us%20er:w%C3%A9@127.0.0.1:{}/", server.port());
    assert_eq!(ask(s.get(escaped)), Some(Basic::new("us er", "w\u{e9}").authorization().unwrap()));
}

/// t:test_get_auth_from_url: what Requests finds in seven URLs, seen in what is sent. A user name with a colon is refused
/// (RFC 7617 §2), where Requests sends what no server can take apart.
#[test]
fn aut_3_user_and_password_of_a_url() {
    let quote = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let (user, password) = ("%!*'();@&=+$,/?#[] ", "%!*'();:@&=+$,/?#[] ");
    let cases = [
        (format!("{}:{}@", quote(user), quote(password)), Some((user, password))),
        ("user:pass@".to_owned(), Some(("user", "pass"))),
        ("user:pass%20pass@".to_owned(), Some(("user", "pass pass"))),
        ("user:pass pass@".to_owned(), Some(("user", "pass pass"))),
        ("user%25user:pass@".to_owned(), Some(("user%user", "pass"))),
        ("user:pass%23pass@".to_owned(), Some(("user", "pass#pass"))),
        (String::new(), None),
    ];
    let server = Scripted::with(|_| ok(""));
    let url = |userinfo: &str| format!("http://{userinfo}127.0.0.1:{}/path?query=yes#test", server.port());
    for (userinfo, expected) in cases {
        session().get(url(&userinfo)).send().unwrap();
        let basic = expected.map(|(user, password)| Basic::new(user, password).authorization().unwrap());
        assert_eq!(server.requests().last().and_then(authorization), basic, "{userinfo}");
    }
    let error = session().get(url(&format!("{}:x@", quote(password)))).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidHeader);
    assert!(error.to_string().contains("user name for Basic authentication has a colon"), "{error}");
}

/// t:TestGetNetrcAuth::test_works, t:TestGetNetrcAuth::test_not_vulnerable_to_bad_url_parsing,
/// t:TestGetNetrcAuth::test_empty_default_credentials_ignored
#[test]
fn aut_5_aut_6_aut_7_what_netrc_says_of_an_url() {
    let server = Scripted::with(|_| ok(""));
    let ask = |netrc: &str, url: String| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), netrc).unwrap();
        let mut s = Session::new();
        s.set_environment(Environment::new([("NETRC", file.path())]));
        s.mount("http://", reqs::HttpAdapter::new().connect_to("example.com", server.address()));
        s.get(url).send().unwrap();
        server.requests().last().and_then(authorization)
    };
    let netrc = "machine example.com login aaaa password bbbb\n";
    let basic = Basic::new("aaaa", "bbbb").authorization().unwrap();
    assert_eq!(ask(netrc, "http://example.com/thing".into()), Some(basic));
    assert_eq!(ask(netrc, format!("http://example.com:@127.0.0.1:{}/&apos;", server.port())), None);
    let empty = "machine example.com login user password pass\ndefault\n";
    assert_eq!(ask(empty, server.url("/")), None);
}

#[test]
fn aut_5_a_netrc_that_cannot_be_read_is_no_reason_to_fail() {
    let server = Scripted::with(|_| ok(""));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "machine 127.0.0.1 login \"unterminated").unwrap();
    for path in [file.path().to_owned(), "/no/such/netrc".into(), "/".into()] {
        let mut s = Session::new();
        s.set_environment(Environment::new([("NETRC", path)]));
        assert_eq!(s.get(server.url("/")).send().unwrap().status(), 200);
    }
    assert!(server.requests().iter().all(|request| authorization(request).is_none()));
}

struct Pizza;

impl Auth for Pizza {
    fn apply(&self, request: &mut PreparedRequest) -> reqs::Result<()> {
        request.headers.insert("X-Pizza", "kenneth");
        Ok(())
    }

    fn answer(&self, sent: &PreparedRequest, head: &ResponseHead) -> reqs::Result<Option<PreparedRequest>> {
        Ok((head.status == 402).then(|| {
            let mut next = sent.clone();
            next.headers.insert("X-Pizza", "paid");
            next
        }))
    }
}

/// t:test_prepared_from_session
#[test]
fn s08_aut_8_auths_of_ones_own() {
    let server = Scripted::with(|request| match request.header("x-pizza").as_deref() {
        Some("kenneth") => response("402 Payment Required", &[], ""),
        other => ok(other.unwrap_or("none")),
    });
    let mut s = session();
    s.auth = Some(Pizza.into());
    let r = s.get(server.url("/")).send().unwrap();
    assert_eq!((r.text().as_ref(), r.history().len()), ("paid", 1));
    let prepared = s.prepare(Request::new("GET", server.url("/"))).unwrap();
    assert_eq!(&prepared.headers["x-pizza"], "kenneth");
    assert_eq!(s.send(prepared, Options::new()).unwrap().text(), "paid");
    let replace = |request: &mut PreparedRequest| {
        let mut other = request.clone();
        other.url.set_path("/other");
        *request = other;
    };
    assert_eq!(s.get(server.url("/")).auth(replace).send().unwrap().url().path(), "/other");
    let refuse =
        |_: &mut PreparedRequest| -> reqs::Result<()> { Err(Error::new(ErrorKind::Other, "no key")) };
    assert_eq!(s.get(server.url("/")).auth(refuse).send().unwrap_err().to_string(), "no key");
    assert_eq!(Digest::new("u", "p"), Digest::new("u", "p"));
}

#[test]
fn x15_x54_a_text_alone_is_a_bearer_token() {
    for auth in [reqs::SharedAuth::from(Bearer::new("token")), reqs::SharedAuth::from("token")] {
        let r = session().get(SERVER.url("/bearer")).auth(auth).send().unwrap();
        assert_eq!(r.json::<Value>().unwrap()["token"], "token");
    }
    assert_eq!(session().get(SERVER.url("/bearer")).auth("token").send().unwrap().status(), 200);
    assert_eq!(
        session().get(SERVER.url("/bearer")).auth("no token").send().unwrap_err().kind(),
        ErrorKind::InvalidHeader
    );
}

/// t:test_DIGEST_HTTP_200_OK_GET, t:test_DIGEST_STREAM, t:test_DIGESTAUTH_QUOTES_QOP_VALUE,
/// t:test_DIGESTAUTH_WRONG_HTTP_401_GET, t:test_DIGEST_AUTH_RETURNS_COOKIE, t:test_DIGEST_AUTH_SETS_SESSION_COOKIES
#[test]
fn dig_1_dig_7_dig_9_with_credentials_without_and_with_wrong_ones() {
    for algorithm in ["MD5", "SHA-256", "SHA-512"] {
        for url in ["", "/never"].map(|end| format!("/digest-auth/auth/user/pass/{algorithm}{end}")) {
            let url = SERVER.url(&url);
            let get = || reqs::get(&url);
            let right = || Digest::new("user", "pass");

            let r = get().auth(right()).send().unwrap();
            assert_eq!(r.status(), 200, "{url}");
            assert!(r.request().headers["authorization"].contains("qop=\"auth\""), "{url}");

            let refused = get().send().unwrap();
            assert_eq!(refused.status(), 401, "{url}");
            assert_eq!(refused.cookies().get("fake").unwrap().as_deref(), Some("fake_value"));
            assert_eq!(get().auth(Digest::new("user", "wrongpass")).send().unwrap().status(), 401, "{url}");

            let mut body = Vec::new();
            let mut stream = get().auth(right()).stream().unwrap();
            std::io::Read::read_to_end(&mut stream.raw(), &mut body).unwrap();
            assert!(!body.is_empty(), "{url}");

            let mut s = session();
            s.auth = Some(right().into());
            assert_eq!(s.get(&url).send().unwrap().status(), 200, "{url}");
            assert_eq!(s.cookies.get("fake").as_deref(), Some("fake_value"));
            s.auth = Some(Digest::new("user", "wrongpass").into());
            assert_eq!(s.get(&url).send().unwrap().status(), 401, "{url}");
        }
    }
}

#[test]
fn dig_1_dig_7_dig_8_every_algorithm_and_qop_of_the_embedded_httpbin() {
    for algorithm in ["MD5", "SHA-256", "SHA-512", "SHA-512-256", "MD5-sess", "SHA-256-sess"] {
        for qop in ["auth", "auth-int"] {
            let url = SERVER.url(&format!("/digest-auth/{qop}/user/pass/{algorithm}"));
            let s = session();
            let auth = Digest::new("user", "pass");
            for (round, expected_history) in [(1, 1), (2, 0)] {
                let r = s.post(&url).data("the body").auth(auth.clone()).send().unwrap();
                assert_eq!(r.status(), 200, "{algorithm} {qop} {round}");
                assert_eq!(r.history().len(), expected_history, "{algorithm} {qop} {round}");
                let sent = &r.request().headers["authorization"];
                assert!(sent.contains(&format!("nc=0000000{round}")), "{sent}");
                assert!(
                    sent.contains(&format!("uri=\"/digest-auth/{qop}/user/pass/{algorithm}\"")),
                    "{sent}"
                );
            }
        }
    }
    let mut r = session()
        .get(SERVER.url("/digest-auth/auth/user/pass"))
        .auth(Digest::new("user", "pass"))
        .stream()
        .unwrap();
    assert_eq!(r.status(), 200);
    assert!(!std::io::read_to_string(&mut r).unwrap().is_empty());
}

/// t:test_digestauth_401_only_sent_once
#[test]
fn dig_2_a_second_refusal_stands_and_a_stale_nonce_is_answered_once_more() {
    let server = Scripted::with(|_| unauthorized(&[DIGEST]));
    let r = session().get(server.url("/")).auth(Digest::new("user", "wrong")).send().unwrap();
    assert_eq!((r.status().as_u16(), r.text().as_ref(), r.history().len()), (401, "who are you?", 1));
    assert_eq!(server.requests().len(), 2);
    let answer = server.requests().last().and_then(authorization).unwrap();
    let expected = "Digest username=\"user\", realm=\"r\", nonce=\"n1\", uri=\"/\"";
    assert!(answer.starts_with(expected), "{answer}");
    assert_eq!(r.history()[0].status(), 401);

    let stale = |nonce: &str| {
        unauthorized(&[&format!("Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\", stale=true")])
    };
    let server = Scripted::answers([unauthorized(&[DIGEST]), stale("n2"), ok("in")]);
    let r = session().get(server.url("/")).auth(Digest::new("user", "pass")).send().unwrap();
    assert_eq!((r.text().as_ref(), r.history().len()), ("in", 2));
    let server = Scripted::with(move |request| stale(&request.bytes().len().to_string()));
    let r = session().get(server.url("/")).auth(Digest::new("user", "pass")).send().unwrap();
    assert_eq!((r.status().as_u16(), server.requests().len()), (401, 3), "twice, and no more");
}

/// t:test_digestauth_only_on_4xx
#[test]
fn dig_3_a_success_or_a_redirect_is_no_challenge() {
    for status in ["200 OK", "302 Found", "500 Oops"] {
        let server = Scripted::one(response(status, &[("WWW-Authenticate", DIGEST)], ""));
        let r = session().get(server.url("/")).auth(Digest::new("u", "p")).send().unwrap();
        assert!(r.history().is_empty(), "{status}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn dig_1_the_body_is_replayed_on_the_same_connection_or_the_answer_is_an_error() {
    for body in [Body::from("data"), Body::seekable(std::io::Cursor::new("data"))] {
        let server = Scripted::answers([unauthorized(&[DIGEST]), ok("in")]);
        let r = session().post(server.url("/")).data(body).auth(Digest::new("u", "p")).send().unwrap();
        assert_eq!((r.text().as_ref(), server.connections()), ("in", 1));
        assert!(server.requests().iter().all(|request| request.content() == b"data"));
    }
    let server = Scripted::answers([unauthorized(&[DIGEST]), ok("in")]);
    let once = Body::reader(&b"data"[..]);
    let error = session().post(server.url("/")).data(once).auth(Digest::new("u", "p")).send().unwrap_err();
    assert_eq!((error.kind(), server.requests().len()), (ErrorKind::UnrewindableBody, 1));
    assert_eq!(error.response().unwrap().status(), 401);
}

#[test]
fn dig_5_dig_6_nextnonce_is_taken() {
    let info = response("200 OK", &[("Authentication-Info", "nextnonce=\"n2\"")], "in");
    let server = Scripted::answers([unauthorized(&[DIGEST]), info, ok("again")]);
    let s = session();
    let auth = Digest::new("user", "pass");
    s.get(server.url("/")).auth(auth.clone()).send().unwrap();
    s.get(server.url("/")).auth(auth).send().unwrap();
    let last = server.requests().last().and_then(authorization).unwrap();
    assert!(last.contains("nonce=\"n2\"") && last.contains("nc=00000001"), "{last}");
}

#[test]
fn dig_11_several_challenges_and_the_strongest_counts() {
    let server = Scripted::answers([
        unauthorized(&[
            "Basic realm=\"b\", Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5",
            "Digest realm=\"r\", nonce=\"s\", qop=\"auth\", algorithm=SHA-256",
        ]),
        ok("in"),
    ]);
    session().get(server.url("/")).auth(Digest::new("u", "p")).send().unwrap();
    let sent = server.requests().last().and_then(authorization).unwrap();
    assert!(sent.contains("algorithm=SHA-256") && sent.contains("nonce=\"s\""), "{sent}");
}

/// Issue's "bad input": clear errors, never a resend without credentials.
#[test]
fn dig_7_dig_11_a_challenge_that_cannot_be_answered_is_an_error_with_the_response() {
    let cases = [
        ("Digest realm=\"r\", nonce=\"n\", algorithm=WHIRLPOOL", "WHIRLPOOL"),
        ("Digest realm=\"r\"", "nonce"),
        ("Digest nonce=\"n\"", "realm"),
        ("Digest realm=\"r\", nonce=\"n", "quote"),
        ("Digest realm=\"r\", nonce=\"n\", qop=\"auth-conf\"", "auth-conf"),
    ];
    for (challenge, why) in cases {
        let server = Scripted::answers([unauthorized(&[challenge]), ok("never")]);
        let error = session().get(server.url("/")).auth(Digest::new("u", "s3cr3t")).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{challenge}");
        let text = error.to_string();
        assert!(
            text.contains("cannot be answered") && text.to_lowercase().contains(&why.to_lowercase()),
            "{text}"
        );
        assert!(!text.contains("s3cr3t"));
        assert_eq!((error.response().unwrap().status().as_u16(), server.requests().len()), (401, 1));
    }
}

#[test]
fn x12_any_auth_takes_digest_where_it_can_and_basic_in_the_clear_where_it_was_allowed() {
    let server = Scripted::answers([unauthorized(&["Basic realm=\"b\"", DIGEST]), ok("")]);
    session().get(server.url("/")).auth(AnyAuth::new("u", "p")).send().unwrap();
    assert!(server.requests().last().and_then(authorization).unwrap().starts_with("Digest "));

    let server = Scripted::with(|request| match authorization(request) {
        Some(_) => ok("in"),
        None => unauthorized(&["Basic realm=\"b\""]),
    });
    let s = session();
    let error = s.get(server.url("/")).auth(AnyAuth::new("u", "p")).send().unwrap_err();
    assert!(error.to_string().contains("Basic"), "{error}");
    let auth = AnyAuth::new("u", "p").allow_basic_over_http(true);
    assert_eq!(s.get(server.url("/")).auth(auth.clone()).send().unwrap().history().len(), 1);
    assert_eq!(s.get(server.url("/")).auth(auth).send().unwrap().history().len(), 0, "remembered");
}

#[test]
fn x14_each_origin_its_own_credentials() {
    let one = Scripted::with(|_| ok(""));
    let two = Scripted::answers([unauthorized(&[DIGEST]), ok("")]);
    let mut s = session();
    let table = OriginAuth::new().with(one.url("/any/path"), ("one", "1")).unwrap();
    s.auth = Some(table.with(two.url(""), Digest::new("two", "2")).unwrap().into());
    for url in [one.url("/"), two.url("/"), one.url_on("localhost", "/")] {
        s.get(url).send().unwrap();
    }
    let at_one: Vec<_> = one.requests().iter().map(authorization).collect();
    assert_eq!(at_one, [Some("Basic b25lOjE=".to_owned()), None]);
    assert!(two.requests().last().and_then(authorization).unwrap().contains("username=\"two\""));
    assert_eq!(OriginAuth::new().with("mailto:a@b", "t").unwrap_err().kind(), ErrorKind::InvalidUrl);
}

#[test]
fn ses_16_auth_sees_the_finished_body_and_may_replace_it() {
    let server = Scripted::with(|_| ok(""));
    let sign = |request: &mut PreparedRequest| {
        let length = request.headers["content-length"].to_owned();
        request.headers.insert("X-Saw", length);
        request.body = Body::from("longer than before");
    };
    session().post(server.url("/")).data("abc").auth(sign).send().unwrap();
    let sent = server.requests().remove(0);
    assert_eq!(
        (sent.header("x-saw").as_deref(), sent.header("content-length").as_deref()),
        (Some("3"), Some("18"))
    );
    assert_eq!(sent.content(), b"longer than before");
}
