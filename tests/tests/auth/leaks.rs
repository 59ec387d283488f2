//! Credentials go to their origin alone, and to no log, message or Debug output.

use std::sync::{Arc, Mutex};

use reqs::{
    AnyAuth, Auth, Basic, Bearer, Digest, Environment, HttpAdapter, OriginAuth, PreparedRequest,
    ResponseHead, Session,
};
use reqs_tests::scripted::{ok, redirect, response};
use reqs_tests::{Received, Scripted, logged};

use crate::{DIGEST, authorization, session, unauthorized};

/// `http://a.example`, `https://a.example` and `http://b.example`, each answered by a server of its own.
struct World {
    plain: Scripted,
    tls: Scripted,
    other: Scripted,
    session: Session,
}

impl World {
    fn new(plain: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> World {
        let plain = Scripted::with(plain);
        let tls = Scripted::https().with(|_| ok("tls"));
        let other = Scripted::with(|_| ok("other"));
        let adapter = || {
            HttpAdapter::new()
                .connect_to("a.example:80", plain.address())
                .connect_to("a.example:443", tls.address())
                .connect_to("b.example:80", other.address())
        };
        let mut session = session();
        session.verify = Some(false.into());
        session.mount("http://", adapter());
        session.mount("https://", adapter());
        World { plain, tls, other, session }
    }
}

/// Signs with headers of its own, as services with keys have them, and pays when asked.
struct Key;

impl Auth for Key {
    fn apply(&self, request: &mut PreparedRequest) -> reqs::Result<()> {
        request.headers.insert("X-Api-Key", "s3cr3t");
        request.headers.insert("X-Mine", "overwritten with s3cr3t");
        request.hooks.response(Ok);
        Ok(())
    }

    fn answer(&self, sent: &PreparedRequest, head: &ResponseHead) -> reqs::Result<Option<PreparedRequest>> {
        Ok((head.status == 402).then(|| {
            let mut next = sent.clone();
            next.headers.insert("X-Paid", "s3cr3t");
            next
        }))
    }

    fn redirected(&self, next: &mut PreparedRequest) -> reqs::Result<()> {
        next.headers.insert("X-Again", "s3cr3t");
        Ok(())
    }
}

/// Whatever headers an auth sets are its signature, and stay at the origin as `Authorization` does.
#[test]
fn sec_50_aut_8_headers_that_an_auth_set_stay_at_their_origin() {
    let world = World::new(|request| match (request.target().as_str(), request.header("x-paid")) {
        (_, None) => response("402 Payment Required", &[], ""),
        ("/", _) => redirect("/inside"),
        _ => response("307 Temporary Redirect", &[("Location", "http://b.example/")], ""),
    });
    let request =
        world.session.post("http://a.example/").data("body").header("X-Mine", "1").header("X-Plain", "1");
    let r = request.auth(Key).send().unwrap();
    assert_eq!((r.text().as_ref(), r.history().len()), ("other", 3));

    let inside = world.plain.requests().pop().unwrap();
    for name in ["x-api-key", "x-paid", "x-again"] {
        assert_eq!(inside.header(name).as_deref(), Some("s3cr3t"), "{name}");
    }
    let outside = world.other.requests().remove(0);
    assert!(!outside.text().contains("s3cr3t"), "{}", outside.text());
    assert_eq!(outside.header("x-plain").as_deref(), Some("1"));
    // Not even to the host's own shop: nothing comes back either.
    assert!(r.request().hooks.is_empty());
}

#[test]
fn sec_50_headers_of_a_closure_stay_at_their_origin_and_its_body_keeps_its_length() {
    let world = World::new(|_| response("307 Temporary Redirect", &[("Location", "http://b.example/")], ""));
    let sign = |request: &mut PreparedRequest| {
        request.headers.insert("X-Signature", "s3cr3t");
        request.set_body("a longer body than before");
    };
    let r = world.session.post("http://a.example/").data("body").auth(sign).send().unwrap();
    assert_eq!(r.text(), "other");
    assert_eq!(world.plain.requests()[0].header("x-signature").as_deref(), Some("s3cr3t"));
    let outside = world.other.requests().remove(0);
    assert_eq!(outside.header("x-signature"), None);
    assert_eq!(outside.header("content-length").as_deref(), Some("25"));
    assert_eq!(outside.content(), b"a longer body than before");
}

/// From http to https of one host a plain auth goes along, as in Requests; a table has an entry for each.
#[test]
fn x14_red_22_a_table_asks_again_when_the_scheme_changes() {
    let signed = |auth: OriginAuth| {
        let world = World::new(|_| redirect("https://a.example/"));
        let r = world.session.get("http://a.example/").auth(auth).send().unwrap();
        assert_eq!(r.text(), "tls");
        assert_eq!(authorization(&world.plain.requests()[0]).as_deref(), Some("Basic dTpw"));
        authorization(&world.tls.requests()[0])
    };
    let table = OriginAuth::new().with("http://a.example", ("u", "p")).unwrap();
    assert_eq!(signed(table.clone()), None, "the table has nothing for https://a.example");
    let both = table.with("https://a.example", "token").unwrap();
    assert_eq!(signed(both).as_deref(), Some("Bearer token"));

    let world = World::new(|_| redirect("https://a.example/"));
    world.session.get("http://a.example/").auth(("u", "p")).send().unwrap();
    assert_eq!(authorization(&world.tls.requests()[0]).as_deref(), Some("Basic dTpw"));
}

/// Digest goes along from http to https only in what it knows of https: nothing (SEC-53).
#[test]
fn sec_53_no_digest_for_https_from_a_nonce_of_http() {
    for auth in [Digest::new("u", "p").into(), reqs::SharedAuth::from(AnyAuth::new("u", "p"))] {
        let world = World::new(|request| match authorization(request) {
            None => unauthorized(DIGEST),
            Some(_) => redirect("https://a.example/"),
        });
        world.session.get("http://a.example/").auth(auth).send().unwrap();
        assert_eq!(world.plain.requests().len(), 2);
        assert_eq!(authorization(&world.tls.requests()[0]), None);
    }
}

/// AnyAuth tells no password to a connection in the clear, however it came to be there.
#[test]
fn x12_no_basic_in_the_clear() {
    let server = Scripted::with(|_| unauthorized("Basic realm=\"r\""));
    let error = session().get(server.url("/")).auth(AnyAuth::new("u", "s3cr3t")).send().unwrap_err();
    assert!(error.to_string().contains("without encryption"), "{error}");
    assert_eq!(server.requests().len(), 1);
    assert_eq!(error.response().unwrap().status(), 401);

    let server = Scripted::https().with(|request| match authorization(request) {
        None => unauthorized("Basic realm=\"r\""),
        Some(_) => ok("in"),
    });
    let mut s = session();
    s.verify = Some(reqs_tests::ca_file().into());
    let auth = AnyAuth::new("u", "p");
    for (target, history) in [("/docs/a", 1), ("/docs/b", 0), ("/other", 1)] {
        let r = s.get(server.url(target)).auth(auth.clone()).send().unwrap();
        assert_eq!((r.text().as_ref(), r.history().len()), ("in", history), "{target}");
    }
}

#[test]
fn sec_14_neither_log_nor_debug_nor_message_shows_a_secret() {
    logged();
    let basic = Basic::new("user", "s3cr3t").authorization().unwrap();
    let encoded = basic.trim_start_matches("Basic ").to_owned();
    let responses = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&responses);
    let server = Scripted::with(move |request| match authorization(request) {
        Some(sent) if sent.starts_with("Digest ") => {
            let response = sent.split("response=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
            seen.lock().unwrap().push(response);
            redirect("/gone")
        }
        Some(_) => response("404 Not Found", &[], "no"),
        None => unauthorized(DIGEST),
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "machine 127.0.0.1 login user password s3cr3t").unwrap();
    let auths: Vec<(&str, reqs::SharedAuth)> = vec![
        ("pair", ("user", "s3cr3t").into()),
        ("text", "s3cr3t".into()),
        ("Bearer", Bearer::new("s3cr3t").into()),
        ("Digest", Digest::new("user", "s3cr3t").into()),
        ("AnyAuth", AnyAuth::new("user", "s3cr3t").into()),
        ("table", OriginAuth::new().with(server.url("/"), ("user", "s3cr3t")).unwrap().into()),
        ("closure", (|r: &mut PreparedRequest| r.headers.insert("Authorization", "s3cr3t")).into()),
    ];
    let mut shown = vec![
        format!("{:?} {:?}", Digest::new("user", "s3cr3t"), AnyAuth::new("user", "s3cr3t")),
        format!("{:?} {:?}", Basic::new("user", "s3cr3t"), Bearer::new("s3cr3t")),
        format!("{:?}", OriginAuth::new().with("http://a", ("user", "s3cr3t")).unwrap()),
        format!("{:?}", session().get("http://a/").auth("bad token s3cr3t").send().unwrap_err()),
        format!("{:?}", session().get("http://a/").auth(("user", "s3cr3t\n")).send().unwrap_err()),
    ];
    for (name, auth) in auths {
        let mut s = session();
        s.auth = Some(auth.clone());
        let request = s.get(server.url("/")).max_redirects(0).raise_for_status(true);
        shown.push(format!("{name} {auth:?} {s:?} {request:?}"));
        let prepared = s.prepare(reqs::Request::new("GET", server.url("/")));
        shown.push(format!("{prepared:?} {}", prepared.as_ref().unwrap().as_curl()));
        let error = request.send().unwrap_err();
        shown.push(format!("{name} {error} {error:?} {:?} {:?}", error.request(), error.response()));
    }
    let mut s = Session::new();
    s.set_environment(Environment::new([("NETRC", file.path())]));
    shown.push(format!("{s:?} {:?}", s.get(server.url("/")).send().unwrap()));
    shown.extend(logged());
    let responses = responses.lock().unwrap();
    assert_eq!(responses.len(), 2);
    for text in &shown {
        assert!(!text.contains("s3cr3t") && !text.contains(&encoded), "{text}");
        assert!(!responses.iter().any(|response| text.contains(response)), "{text}");
    }
    assert!(logged().iter().any(|line| line.starts_with("DEBUG")), "nothing was logged at all");
}

/// A header of one's own that an auth set is as secret as `Authorization`.
#[test]
fn sec_14_headers_that_an_auth_set_are_not_shown() {
    let mut s = session();
    s.auth = Some((|r: &mut PreparedRequest| r.headers.insert("X-Api-Key", "s3cr3t")).into());
    let prepared =
        s.prepare(reqs::Request::new("GET", "http://a.example/").header("X-Plain", "plain")).unwrap();
    let (debug, curl) = (format!("{prepared:?}"), prepared.as_curl().to_string());
    let answer = reqs::Response::builder().request(prepared.clone()).build();
    for text in [&debug, &curl, &answer.dump().to_string()] {
        assert!(!text.contains("s3cr3t"), "{text}");
        assert!(text.to_ascii_lowercase().contains("x-api-key") && text.contains("plain"), "{text}");
    }
    assert!(prepared.as_curl().with_secrets().to_string().contains("s3cr3t"));
    assert_eq!(&prepared.headers["x-api-key"], "s3cr3t");
}
