//! Credentials and cookies: told to nobody but those they are meant for.

use std::io::Write;

use reqs::{
    AnyAuth, Bearer, CookieJar, Cookies, Digest, Environment, ErrorKind, OriginAuth, RedirectPolicy, Request,
    Response, Session, Url,
};
use reqs_tests::scripted::{ok, redirect, response};
use reqs_tests::{Received, Scripted};

use crate::session_to;

/// Two hosts on one server, `a.example` and `b.example`, and every path of the first redirects to `to`.
struct Chain {
    server: Scripted,
    session: Session,
}

impl Chain {
    fn to(to: &'static str) -> Chain {
        Chain::with(move |request| match request.header("host").as_deref() {
            Some("a.example") => redirect(to),
            _ => ok(""),
        })
    }

    fn with(answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Chain {
        let server = Scripted::with(answer);
        let hosts = ["a.example", "b.example", "www.a.example"].map(|host| (host, server.address()));
        let session = session_to(&hosts);
        Chain { server, session }
    }

    fn sent(&self, header: &str) -> Vec<Option<String>> {
        self.server.requests().iter().map(|request| request.header(header)).collect()
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn netrc(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn with_netrc(session: &mut Session, file: &tempfile::NamedTempFile) {
    session.trust_env = true;
    session.set_environment(Environment::new([("NETRC", file.path())]));
}

#[test]
fn sec_01_authorization_and_netrc_do_not_reach_the_redirects_host() {
    let chain = Chain::to("http://b.example/");
    chain.session.get("http://a.example/").auth(("user", "pass")).send().unwrap();
    assert_eq!(chain.sent("authorization"), [some("Basic dXNlcjpwYXNz"), None]);

    let mut chain = Chain::to("http://b.example/");
    let file = netrc("machine a.example login user password pass");
    with_netrc(&mut chain.session, &file);
    chain.session.get("http://a.example/").send().unwrap();
    assert_eq!(chain.sent("authorization"), [some("Basic dXNlcjpwYXNz"), None]);
}

#[test]
fn sec_03_a_cookie_of_a_redirect_is_bound_to_who_set_it() {
    let chain = Chain::with(|request| match request.header("host").as_deref() {
        Some("a.example") => {
            response("302 Found", &[("Location", "http://b.example/"), ("Set-Cookie", "s=1")], "")
        }
        _ => ok(""),
    });
    chain.session.get("http://a.example/").send().unwrap();
    chain.session.get("http://b.example/").send().unwrap();
    assert_eq!(chain.sent("cookie"), [None, None, None]);
}

#[test]
fn sec_04_sec_50_authorization_goes_when_scheme_or_port_changes() {
    let plain = Scripted::with(|_| ok(""));
    let port = plain.port();
    for (hosts, to) in
        [("a.example", format!("http://a.example:{port}/")), ("a.example", "http://a.example/".to_owned())]
    {
        let tls = {
            let to = to.clone();
            Scripted::https().with(move |_| redirect(&to))
        };
        let session = session_to(&[
            ("a.example:443", tls.address()),
            ("a.example:80", plain.address()),
            (&format!("{hosts}:{port}"), plain.address()),
        ]);
        let request = session.get("https://a.example/").auth(("user", "pass")).header("cookie", "own=1");
        request.send().unwrap();
        assert_eq!(tls.requests()[0].header("authorization").as_deref(), Some("Basic dXNlcjpwYXNz"));
        let second = plain.requests().pop().unwrap();
        assert_eq!((second.header("authorization"), second.header("cookie")), (None, None), "{to}");
    }
}

#[test]
fn sec_07_netrc_is_asked_for_the_host_and_nothing_else() {
    let mut chain = Chain::with(|_| ok(""));
    let file = netrc("machine a.example login user password pass");
    with_netrc(&mut chain.session, &file);
    chain.session.get("http://a.example:@b.example/").send().unwrap();
    let sent = chain.sent("authorization").remove(0);
    assert_ne!(sent, some("Basic dXNlcjpwYXNz"), "the credentials of a.example went to b.example");
    chain.session.get("http://a.example/").send().unwrap();
    assert_eq!(chain.sent("authorization").pop().unwrap(), some("Basic dXNlcjpwYXNz"));
}

#[test]
fn sec_09_a_host_header_is_not_forwarded_to_another_host() {
    let chain = Chain::with(|request| match request.target().as_str() {
        "/" => redirect("http://b.example/b"),
        _ => ok(""),
    });
    chain.session.get("http://a.example/").header("Host", "virtual.example").send().unwrap();
    assert_eq!(chain.sent("host"), [some("virtual.example"), some("b.example")]);
}

#[test]
fn sec_10_sec_81_a_requests_own_cookies_stay_at_its_host() {
    let chain = Chain::to("http://b.example/");
    chain.session.get("http://a.example/").cookies([("own", "1")]).send().unwrap();
    chain.session.get("http://b.example/").send().unwrap();
    assert_eq!(chain.sent("cookie"), [some("own=1"), None, None]);

    // A persisted jar keeps its bounds.
    let jar = CookieJar::new();
    jar.store(&Url::parse("http://a.example/").unwrap(), ["saved=1"]);
    let mut file = Vec::new();
    jar.write_json(&mut file).unwrap();
    let loaded = CookieJar::new();
    loaded.read_json(&file[..]).unwrap();
    let mut chain = Chain::to("http://b.example/");
    chain.session.cookies = Cookies::from(loaded);
    chain.session.get("http://a.example/").send().unwrap();
    assert_eq!(chain.sent("cookie"), [some("saved=1"), None]);
}

#[test]
fn sec_14_no_secret_in_errors_or_debug() {
    let server = Scripted::with(|_| response("404 Not Found", &[("Set-Cookie", "sid=s3cr3t")], "no"));
    let url = format!("http://user:s3cr3t@127.0.0.1:{}/p", server.port());
    let mut session = Session::new();
    session.auth = Some(Bearer::new("s3cr3t").into());
    session.headers.insert("Cookie", "s3cr3t");
    session.headers.insert("x-api-key", "s3cr3t");
    session.redirects = RedirectPolicy::new().sensitive_header("X-Api-Key");
    session.proxies.insert("https", "http://u:s3cr3t@127.0.0.1:1");
    let request = session.get(&url).header("Proxy-Authorization", "s3cr3t");
    let shown = format!("{request:?}");
    let error = request.raise_for_status(true).send().unwrap_err();
    let prepared = session.prepare(Request::new("GET", &url)).unwrap();
    let texts = [
        shown,
        format!("{error} {error:?}"),
        format!("{session:?} {:?}", session.cookies),
        format!("{prepared:?} {:?}", session.auth),
        format!("{} {}", prepared.to_curl(), session.get(&url).send().unwrap().dump()),
        format!("{:?}", session.proxies),
        session.get("https://u:s3cr3t@127.0.0.1:1/").send().unwrap_err().to_string(),
    ];
    for text in texts {
        assert!(!text.contains("s3cr3t"), "{text}");
    }
}

#[test]
fn sec_21_whatever_the_spelling_authorization_is_stripped() {
    for name in ["authorization", "AUTHORIZATION", "aUtHoRiZaTiOn"] {
        let chain = Chain::to("http://b.example/");
        chain.session.get("http://a.example/").header(name, "secret").send().unwrap();
        assert_eq!(chain.sent("authorization"), [some("secret"), None]);
    }
}

#[test]
fn sec_28_a_cookie_header_is_stripped() {
    for to in ["http://b.example/", "http://www.a.example/"] {
        let chain = Chain::to(to);
        chain.session.get("http://a.example/").header("cookie", "own=1").send().unwrap();
        assert_eq!(chain.sent("cookie"), [some("own=1"), None]);
    }
}

#[test]
fn sec_31_no_second_request_where_redirects_are_off() {
    let chain = Chain::to("http://b.example/");
    chain.session.get("http://a.example/").allow_redirects(false).send().unwrap();
    assert!(chain.session.get("http://a.example/").max_redirects(0).send().is_err());
    let mut session = chain.session.clone();
    session.allow_redirects = false;
    session.get("http://a.example/").send().unwrap();
    session.get("http://a.example/").timeout(5).send().unwrap();
    assert!(chain.server.requests().iter().all(|request| request.header("host") == some("a.example")));
    let mock = reqs::MockAdapter::new()
        .answer(Response::builder().status(302).header("Location", "http://b.example/").build());
    session.mount("http://a.example", mock.clone());
    assert_eq!(session.get("http://a.example/").send().unwrap().status(), 302);
    assert_eq!(mock.requests().len(), 1);
}

#[test]
fn sec_51_a_bearer_token_is_treated_like_a_password() {
    let chain = Chain::to("http://b.example/");
    chain.session.get("http://a.example/").auth("token").send().unwrap();
    assert_eq!(chain.sent("authorization"), [some("Bearer token"), None]);
}

#[test]
fn sec_52_netrc_of_the_first_host_is_not_lent_to_the_second() {
    let mut chain = Chain::to("http://b.example/");
    let file = netrc("machine a.example login user password pass\nmachine b.example login other\ndefault");
    with_netrc(&mut chain.session, &file);
    chain.session.get("http://a.example/").send().unwrap();
    let sent = chain.sent("authorization");
    assert_eq!(sent[0], some("Basic dXNlcjpwYXNz"));
    assert!(sent[1].as_deref().is_none_or(|sent| !sent.contains("cGFzcw")), "{sent:?}");

    // RED-23: credentials for the second host are its own.
    let mut chain = Chain::to("http://b.example/");
    let file = netrc("machine a.example login user password pass\nmachine b.example login u password p");
    with_netrc(&mut chain.session, &file);
    chain.session.get("http://a.example/").send().unwrap();
    assert_eq!(chain.sent("authorization"), [some("Basic dXNlcjpwYXNz"), some("Basic dTpw")]);
    // Who said that nobody signs has said it for the chain, and a password is not given to the clear that was for TLS.
    chain.session.get("http://a.example/").no_auth().send().unwrap();
    assert_eq!(chain.sent("authorization")[2..], [None, None]);
}

#[test]
fn sec_53_digest_state_belongs_to_its_origin() {
    let chain =
        Chain::with(|request| match (request.header("host").as_deref(), request.header("authorization")) {
            (Some("a.example"), None) => {
                let challenge = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
                response("401 Unauthorized", &[("WWW-Authenticate", challenge)], "")
            }
            _ => ok(""),
        });
    let auth = Digest::new("user", "pass");
    for _ in 0..2 {
        chain.session.get("http://a.example/").auth(auth.clone()).send().unwrap();
    }
    chain.session.get("http://b.example/").auth(auth.clone()).send().unwrap();
    chain.session.get("http://a.example:8080/").auth(auth).send().unwrap();
    let sent = chain.sent("authorization");
    assert_eq!(sent.len(), 5, "the second request to a.example costs one round trip");
    assert!(sent[1].as_deref().unwrap().contains("nc=00000001"));
    assert!(sent[2].as_deref().unwrap().contains("nc=00000002"));
    assert_eq!(sent[3..], [None, None], "another host, another port");
}

#[test]
fn sec_53_any_auth_and_a_table_are_bound_likewise() {
    let basic = |request: &Received| match request.header("authorization") {
        None => response("401 Unauthorized", &[("WWW-Authenticate", "Basic realm=\"r\"")], ""),
        Some(_) if request.header("host").as_deref() == Some("a.example") => redirect("http://b.example/"),
        Some(_) => ok(""),
    };
    let chain = Chain::with(basic);
    let auth = AnyAuth::new("user", "pass").allow_basic_over_http(true);
    let r = chain.session.get("http://a.example/").auth(auth).send().unwrap();
    assert_eq!(r.status(), 401, "nobody signs at b.example");
    assert_eq!(chain.sent("authorization"), [None, some("Basic dXNlcjpwYXNz"), None]);

    let chain = Chain::with(basic);
    let table = OriginAuth::new()
        .with("http://a.example", ("user", "pass"))
        .and_then(|table| table.with("http://b.example", ("u", "p")))
        .unwrap();
    let r = chain.session.get("http://a.example/").auth(table).send().unwrap();
    assert_eq!(r.status(), 200);
    assert_eq!(chain.sent("authorization"), [some("Basic dXNlcjpwYXNz"), some("Basic dTpw")]);
}

#[test]
fn sec_63_ck_22_cookies_follow_the_host_that_is_asked_for() {
    let chain = Chain::with(|request| match request.target().as_str() {
        "/" => response("302 Found", &[("Location", "http://b.example/b"), ("Set-Cookie", "v=1")], ""),
        _ => ok(""),
    });
    chain.session.get("http://a.example/").header("Host", "virtual.example").send().unwrap();
    let domains: Vec<String> = chain.session.cookies.jar().unwrap().list_domains();
    assert_eq!(domains, ["virtual.example"]);
    chain.session.get("http://a.example/x").send().unwrap();
    chain.session.get("http://a.example/x").header("host", "virtual.example").send().unwrap();
    assert_eq!(chain.sent("cookie"), [None, None, None, some("v=1")]);
}

#[test]
fn sec_69_there_is_no_automatic_referer() {
    let chain = Chain::to("http://b.example/");
    chain.session.get("http://user:pass@a.example/?secret").send().unwrap();
    assert_eq!(chain.sent("referer"), [None, None]);
}

#[test]
fn sec_72_a_prepared_request_keeps_its_own_method_and_body() {
    let server = Scripted::with(|_| ok(""));
    let session = Session::new();
    let post = session.prepare(Request::new("POST", server.url("/")).data("body")).unwrap();
    for _ in 0..2 {
        session.send(post.clone(), reqs::Options::new()).unwrap();
        session.get(server.url("/")).send().unwrap();
    }
    let seen: Vec<_> = server.requests().iter().map(|r| (r.method(), r.content())).collect();
    let (post, get) = (("POST".to_owned(), b"body".to_vec()), ("GET".to_owned(), Vec::new()));
    assert_eq!(seen, [post.clone(), get.clone(), post, get]);
}

#[test]
fn sec_73_userinfo_ends_at_the_last_at_sign() {
    let chain = Chain::to("http://us@er:p@ss@b.example/");
    let r = chain.session.get("http://a.example/").send().unwrap();
    assert_eq!(r.url().host_str(), Some("b.example"));
    assert_eq!(chain.sent("host")[1], some("b.example"));
}

#[test]
fn sec_75_a_base_urls_credentials_do_not_leave_its_origin() {
    let mut chain = Chain::with(|_| ok(""));
    chain.session.base_url = Some("http://a.example/api/".parse().unwrap());
    chain.session.auth = Some(("user", "pass").into());
    chain.session.headers.insert("X-Api-Key", "secret");
    chain.session.headers.insert("X-Plain", "1");
    chain.session.redirects = reqs::RedirectPolicy::new().sensitive_header("x-api-key");
    chain.session.get("users").send().unwrap();
    chain.session.get("http://b.example/").send().unwrap();
    chain.session.get("http://b.example/").auth(("own", "word")).send().unwrap();
    assert_eq!(chain.server.requests()[0].target(), "/api/users");
    assert_eq!(chain.sent("authorization"), [some("Basic dXNlcjpwYXNz"), None, some("Basic b3duOndvcmQ=")]);
    assert_eq!(chain.sent("x-api-key"), [some("secret"), None, None]);
    assert_eq!(chain.sent("x-plain"), [some("1"), some("1"), some("1")]);
    for away in ["//b.example/", "\\\\b.example\\"] {
        assert_eq!(chain.session.get(away).send().unwrap_err().kind(), ErrorKind::InvalidUrl, "{away}");
    }
}

#[test]
fn sec_77_subdomains_are_strangers_and_nothing_comes_back() {
    let chain = Chain::with(|request| match (request.header("host").as_deref(), request.target().as_str()) {
        (Some("a.example"), "/") => redirect("http://www.a.example/"),
        (Some("www.a.example"), _) => redirect("http://a.example/again"),
        _ => ok(""),
    });
    chain.session.get("http://a.example/").auth(("user", "pass")).cookies([("own", "1")]).send().unwrap();
    assert_eq!(chain.sent("authorization"), [some("Basic dXNlcjpwYXNz"), None, None]);
    assert_eq!(chain.sent("cookie"), [some("own=1"), None, None]);
}

#[test]
fn dig_14_hooks_of_an_auth_leave_with_it() {
    let chain = Chain::to("http://b.example/");
    let count = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&count);
    let signer = move |request: &mut reqs::PreparedRequest| {
        let log = std::sync::Arc::clone(&log);
        request.hooks.response(move |r| {
            log.lock().unwrap().push(r.url().to_string());
            Ok(r)
        });
    };
    chain.session.get("http://a.example/").auth(signer).send().unwrap();
    assert_eq!(*count.lock().unwrap(), ["http://a.example/"]);
}

/// What an auth of the caller's set is a credential, whatever its header is called.
#[test]
fn sec_01_sec_51_headers_that_an_auth_set_stay_at_its_origin() {
    let chain = Chain::with(|request| match (request.header("host").as_deref(), request.target().as_str()) {
        (Some("a.example"), "/1") => redirect("/2"),
        (Some("a.example"), "/2") => redirect("http://b.example/3"),
        (Some("b.example"), _) => redirect("http://a.example/4"),
        _ => ok(""),
    });
    let sign = |request: &mut reqs::PreparedRequest| {
        request.headers.insert("X-Signature", "secret");
        request.headers.insert("x-both", "signed");
    };
    let request = chain.session.get("http://a.example/1").header("X-Both", "said").header("X-Plain", "1");
    request.auth(sign).send().unwrap();
    let secret = some("secret");
    assert_eq!(chain.sent("x-signature"), [secret.clone(), secret, None, None]);
    assert_eq!(chain.sent("x-both"), [some("signed"), some("signed"), None, None]);
    assert_eq!(chain.sent("x-plain"), [some("1"), some("1"), some("1"), some("1")]);
}

/// A hook is asked at every hop: what it set for one origin does not reach the next by itself.
#[test]
fn sec_01_x56_headers_that_a_hook_set_before_sending_stay_at_their_origin() {
    let mut chain = Chain::to("http://b.example/");
    chain.session.hooks.before_send(|request: &mut reqs::PreparedRequest| {
        if request.url.host_str() == Some("a.example") {
            request.headers.insert("X-Token", "secret");
        }
        request.headers.insert("X-Trace", "1");
    });
    chain.session.get("http://a.example/").send().unwrap();
    assert_eq!(chain.sent("x-token"), [some("secret"), None]);
    assert_eq!(chain.sent("x-trace"), [some("1"), some("1")]);
}
