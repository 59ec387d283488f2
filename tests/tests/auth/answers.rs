//! Challenges and their answers: exact bytes, round trips, bodies that are sent again.

use std::io::{Cursor, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use reqs::{AnyAuth, Auth, Body, Digest, ErrorKind, PreparedRequest, ResponseHead};
use reqs_tests::scripted::{ok, response};
use reqs_tests::{Connection, Scripted};

use crate::{DIGEST, authorization, session, unauthorized};

/// The challenge of RFC 2617 section 3.5.
const RFC_2617: &str = r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#;

/// Three requests of one Digest object: the first is challenged, those after it cost one round trip each and count on;
/// to another origin nothing is told.
#[test]
fn dig_1_dig_5_dig_6_dig_9_dig_10_sec_53_one_digest_object_byte_for_byte() {
    let server = Scripted::with(|request| match authorization(request) {
        None => unauthorized(RFC_2617),
        Some(_) => ok("in"),
    });
    let elsewhere = Scripted::with(|_| ok("elsewhere"));
    let s = session();
    let auth = Digest::with_cnonces("Mufasa", "Circle Of Life", || "0a4f113b".to_owned());

    let r = s.get(server.url("/dir/index.html#top")).auth(auth.clone()).send().unwrap();
    assert_eq!(r.history().iter().map(|r| r.status().as_u16()).collect::<Vec<_>>(), [401]);
    assert_eq!(r.text(), "in");
    assert_eq!(server.requests().len(), 2);
    let r = s.get(server.url("/dir/index.html")).auth(auth.clone()).send().unwrap();
    assert_eq!((r.text().as_ref(), r.history().len(), server.requests().len()), ("in", 0, 3));
    for url in [elsewhere.url("/"), elsewhere.url_on("localhost", "/")] {
        s.get(url).auth(auth.clone()).send().unwrap();
    }

    let head = |target: &str, authorization: &str| {
        format!(
            "GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUser-Agent: reqs/{}\r\n\
             Accept-Encoding: gzip, deflate, br\r\nAccept: */*\r\nConnection: keep-alive\r\n{authorization}\r\n",
            server.port(),
            env!("CARGO_PKG_VERSION"),
        )
    };
    let credentials = |response: &str, count: u32| {
        format!(
            "Authorization: Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
             nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", response=\"{response}\", \
             opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", qop=\"auth\", nc={count:08x}, cnonce=\"0a4f113b\"\r\n"
        )
    };
    let expected = [
        head("/dir/index.html", ""),
        head("/dir/index.html", &credentials("6629fae49393a05397450978507c4ef1", 1)),
        head("/dir/index.html", &credentials("15b6bb427e3fecd23a43cb702ce447d5", 2)),
    ];
    assert_eq!(String::from_utf8_lossy(&server.received(0)), expected.concat());
    assert_eq!(server.connections(), 1);
    assert!(elsewhere.requests().iter().all(|request| authorization(request).is_none()));
    assert_eq!(elsewhere.requests().len(), 2);
}

/// The same host under another name is another origin, even if it is the very server that challenged.
#[test]
fn sec_53_another_name_of_the_same_server_is_another_origin() {
    let server = Scripted::with(|request| match authorization(request) {
        None => unauthorized(DIGEST),
        Some(_) => ok("in"),
    });
    let s = session();
    let auth = Digest::new("u", "p");
    s.get(server.url("/")).auth(auth.clone()).send().unwrap();
    s.get(server.url_on("localhost", "/")).auth(auth).send().unwrap();
    let sent: Vec<bool> = server.requests().iter().map(|request| authorization(request).is_some()).collect();
    assert_eq!(sent, [false, true, false, true]);
}

/// What was hashed is what is sent: names and realms are UTF-8 on the wire too, within Latin-1 and beyond it.
#[test]
fn dig_12_names_beyond_ascii_are_sent_as_they_were_hashed() {
    let cases = [
        ("Jäsøn", "pâss", "6782681a31e617a050ba2a396a27d09f"),
        ("日", "本", "224872cf5d13fa36e18f7a197f6c2de8"),
    ];
    for (user, password, expected) in cases {
        let server =
            Scripted::answers([unauthorized("Digest realm=\"réalm\", nonce=\"n\", qop=\"auth\""), ok("in")]);
        let auth = Digest::with_cnonces(user, password, || "c".to_owned());
        assert_eq!(session().get(server.url("/")).auth(auth).send().unwrap().text(), "in");
        let line = format!(
            "\r\nAuthorization: Digest username=\"{user}\", realm=\"réalm\", nonce=\"n\", uri=\"/\", \
             response=\"{expected}\", qop=\"auth\", nc=00000001, cnonce=\"c\"\r\n"
        );
        let bytes = server.received(0);
        assert!(
            bytes.windows(line.len()).any(|window| window == line.as_bytes()),
            "{}",
            server.requests()[1].text()
        );
    }
    // And again ahead of time.
    let server =
        Scripted::answers([unauthorized("Digest realm=\"réalm\", nonce=\"n\""), ok(""), ok("ahead")]);
    let auth = Digest::new("日", "本");
    let s = session();
    s.get(server.url("/")).auth(auth.clone()).send().unwrap();
    assert_eq!(s.get(server.url("/")).auth(auth).send().unwrap().text(), "ahead");
    let last = server.requests().pop().unwrap();
    let name = "username=\"日\"".as_bytes();
    assert!(last.bytes().windows(name.len()).any(|window| window == name), "{}", last.text());
}

#[test]
fn dig_1_a_body_that_can_go_back_is_sent_again_from_where_it_stood() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"skipped, sent").unwrap();
    file.seek(SeekFrom::Start(9)).unwrap();
    let mut seekable = Cursor::new(b"skipped, sent".to_vec());
    seekable.set_position(9);
    let made = std::sync::Arc::new(AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&made);
    let factory = Body::factory(None, move || {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(&b"sent"[..])
    });
    for body in [Body::from("sent"), Body::from(file), Body::seekable(seekable), factory] {
        // Stale once, so that every body is sent three times.
        let server = Scripted::answers([
            unauthorized(DIGEST),
            unauthorized("Digest realm=\"r\", nonce=\"n2\", qop=\"auth\", stale=true"),
            ok("in"),
        ]);
        let shown = format!("{body:?}");
        let r = session().put(server.url("/")).data(body).auth(Digest::new("u", "p")).send().unwrap();
        assert_eq!((r.text().as_ref(), r.history().len()), ("in", 2), "{shown}");
        let contents: Vec<_> = server.requests().iter().map(reqs_tests::Received::content).collect();
        assert_eq!(contents, [b"sent", b"sent", b"sent"], "{shown}");
    }
    assert_eq!(made.load(Ordering::Relaxed), 3);
}

/// Where Requests sends an empty body the second time.
#[test]
fn dig_1_a_body_that_was_read_and_cannot_go_back_is_an_error_with_the_401() {
    for body in [Body::reader(&b"once"[..]), Body::sized(&b"once"[..], 4), Body::chunks(["once"])] {
        let server = Scripted::answers([unauthorized(DIGEST), ok("never")]);
        let error =
            session().post(server.url("/")).data(body).auth(Digest::new("u", "p")).send().unwrap_err();
        assert_eq!((error.kind(), server.requests().len()), (ErrorKind::UnrewindableBody, 1));
        assert_eq!(error.response().unwrap().status(), 401);
    }
    // With credentials ahead of time it is sent once, and that is enough.
    let server = Scripted::with(|request| match authorization(request) {
        None => unauthorized(DIGEST),
        Some(_) => ok("in"),
    });
    let s = session();
    let auth = Digest::new("u", "p");
    s.get(server.url("/")).auth(auth.clone()).send().unwrap();
    let r = s.post(server.url("/")).data(Body::reader(&b"once"[..])).auth(auth).send().unwrap();
    assert_eq!((r.text().as_ref(), server.requests().len()), ("in", 3));
    assert_eq!(server.requests()[2].content(), b"once");
}

/// `Expect: 100-continue` asks before it reads: what was not read yet can be sent after the challenge.
#[test]
fn dig_1_a_body_that_was_not_asked_for_is_still_there_for_the_answer() {
    let server = Scripted::start([
        Connection::new()
            .expect_head()
            .send(response("401 Unauthorized", &[("WWW-Authenticate", DIGEST)], ""))
            .close(),
        Connection::new().expect_head().send("HTTP/1.1 100 Continue\r\n\r\n").expect_body().send(ok("in")),
    ]);
    let s = session();
    let request = s.post(server.url("/")).data(Body::reader(&b"once"[..])).expect_continue(true);
    let r = request.auth(Digest::new("u", "p")).send().unwrap();
    assert_eq!((r.text().as_ref(), r.history().len()), ("in", 1));
    assert_eq!(server.requests().pop().unwrap().content(), b"once");
}

/// `auth-int` hashes the body, which a stream does not have at hand: an error before anything is sent again.
#[test]
fn dig_8_auth_int_and_a_stream_is_an_error() {
    let server =
        Scripted::answers([unauthorized("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""), ok("never")]);
    let body = Body::seekable(Cursor::new("data"));
    let error = session().post(server.url("/")).data(body).auth(Digest::new("u", "p")).send().unwrap_err();
    assert_eq!((error.kind(), server.requests().len()), (ErrorKind::InvalidResponse, 1));
    assert!(error.to_string().contains("auth-int"), "{error}");
}

/// Whatever is wrong with a challenge, there is one request, one error that says what, and the response in it.
#[test]
fn dig_7_dig_11_dig_13_bad_challenges_are_errors_and_nothing_is_sent_again() {
    let many = vec!["Negotiate"; 40].join(", ");
    let params = format!("Digest {}", vec!["a=b"; 100].join(", "));
    let long = format!("Digest realm=\"r\", nonce=\"{}\"", "n".repeat(100_000));
    let cases = [
        ("Digest realm=\"r\", nonce=\"n\", algorithm=SHA3-256", "unknown algorithm \"SHA3-256\""),
        ("Digest realm=\"r\", qop=\"auth\"", "has no nonce"),
        ("Digest nonce=\"n\", qop=\"auth\"", "has no realm"),
        ("Digest realm=\"r\", nonce=\"n\", opaque=\"open", "a quoted string that is not closed"),
        ("Digest realm=\"r\", nonce=\"n\", qop=\"auth-conf\"", "unknown quality of protection \"auth-conf\""),
        ("Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess", "without a qop"),
        ("Digest", "has no realm"),
        (&many, "more than 32 authentication challenges"),
        (&params, "more than 64 parameters"),
        (&long, "a nonce of more than 4096 bytes"),
    ];
    let auths: [fn() -> reqs::SharedAuth; 2] =
        [|| Digest::new("u", "s3cr3t").into(), || AnyAuth::new("u", "s3cr3t").into()];
    for (challenge, why) in cases {
        for auth in auths {
            let server = Scripted::answers([unauthorized(challenge), ok("never")]);
            let error = session().get(server.url("/x")).auth(auth()).send().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{challenge}");
            assert!(error.to_string().contains(why), "{error}");
            assert!(!error.to_string().contains('\n') && error.to_string().len() < 400, "{error}");
            assert_eq!(error.url().unwrap().as_str(), server.url("/x"));
            assert_eq!((error.response().unwrap().status().as_u16(), server.requests().len()), (401, 1));
            assert!(!format!("{error:?}").contains("s3cr3t"));
        }
    }
    // Nobody asks for Digest: the 401 stands.
    for challenge in ["Basic realm=\"r\"", "Negotiate", "Digestive realm=\"r\"", "\"Digest", ""] {
        let server = Scripted::answers([unauthorized(challenge), ok("never")]);
        let r = session().get(server.url("/")).auth(Digest::new("u", "p")).send().unwrap();
        assert_eq!((r.status().as_u16(), server.requests().len()), (401, 1), "{challenge}");
    }
}

/// A server may ask for 200 KB of attention; it gets it once (SEC-46).
#[test]
fn sec_46_a_huge_challenge_costs_little() {
    for pattern in ["Digest realm=\"", "a=", "\\\"", ",", "Basic "] {
        let huge = pattern.repeat(200 * 1024 / pattern.len());
        let server = Scripted::answers([unauthorized(&format!("Digest realm=\"{huge}")), ok("never")]);
        assert!(session().get(server.url("/")).auth(Digest::new("u", "p")).send().is_err(), "{pattern}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn dig_2_a_password_that_became_wrong_is_refused_once_and_not_sent_ahead_any_more() {
    let server = Scripted::with(|request| match authorization(request) {
        Some(sent) if sent.contains("nc=00000001") && sent.contains("\"/first\"") => ok("in"),
        _ => unauthorized(DIGEST),
    });
    let s = session();
    let auth = Digest::new("u", "p");
    assert_eq!(s.get(server.url("/first")).auth(auth.clone()).send().unwrap().text(), "in");
    // Signed ahead of time, refused with the same nonce: it is not the nonce.
    let r = s.get(server.url("/second")).auth(auth.clone()).send().unwrap();
    assert_eq!((r.status().as_u16(), server.requests().len()), (401, 3));
    let r = s.get(server.url("/third")).auth(auth).send().unwrap();
    assert_eq!((r.status().as_u16(), server.requests().len()), (401, 5));
    assert!(authorization(&server.requests()[3]).is_none());
}

/// A token that has run out is fetched anew, in twenty lines of one's own.
#[test]
fn aut_8_an_auth_that_answers_for_itself() {
    struct Token(AtomicUsize);
    impl Token {
        fn sign(&self, request: &mut PreparedRequest) {
            let token = format!("Bearer t{}", self.0.load(Ordering::Relaxed));
            request.headers.insert("Authorization", token);
        }
    }
    impl Auth for Token {
        fn apply(&self, request: &mut PreparedRequest) -> reqs::Result<()> {
            self.sign(request);
            Ok(())
        }
        fn answer(
            &self,
            sent: &PreparedRequest,
            head: &ResponseHead,
        ) -> reqs::Result<Option<PreparedRequest>> {
            let challenges = reqs::challenge::parse(head.headers.get_all("WWW-Authenticate"));
            let expired = challenges
                .unwrap_or_default()
                .iter()
                .any(|challenge| challenge.is("Bearer") && challenge.get("error") == Some("invalid_token"));
            if !expired {
                return Ok(None);
            }
            self.0.fetch_add(1, Ordering::Relaxed);
            let mut next = sent.clone();
            self.sign(&mut next);
            Ok(Some(next))
        }
    }
    let server = Scripted::with(|request| match authorization(request).as_deref() {
        Some("Bearer t1") => ok("in"),
        _ => unauthorized("Bearer realm=\"r\", error=\"invalid_token\""),
    });
    let mut s = session();
    s.auth = Some(Token(AtomicUsize::new(0)).into());
    for (history, requests) in [(1, 2), (0, 3)] {
        let r = s.post(server.url("/")).data("body").send().unwrap();
        assert_eq!((r.text().as_ref(), r.history().len()), ("in", history));
        assert_eq!(server.requests().len(), requests);
    }
}
