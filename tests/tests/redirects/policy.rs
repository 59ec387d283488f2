//! Redirect policies: values and closures, of sessions and of requests.

use reqs::{Error, ErrorKind, MockAdapter, PreparedRequest, RedirectPolicy, Response, Session};
use reqs_tests::Scripted;
use reqs_tests::scripted::{ok, redirect, response};

use crate::session_to;

#[test]
fn red_19_a_policy_decides_for_a_session_and_a_request_overrules_it() {
    let server = Scripted::with(|request| match request.header("host").as_deref() {
        Some("a.example") => redirect("http://b.example/"),
        _ => ok("b"),
    });
    let mut session = session_to(&[("a.example", server.address()), ("b.example", server.address())]);
    session.redirects = RedirectPolicy::same_host();
    let r = session.get("http://a.example/").send().unwrap();
    assert_eq!(r.status(), 302);
    assert_eq!(r.next_request().unwrap().url.as_str(), "http://b.example/");
    let r = session.get("http://a.example/").redirects(RedirectPolicy::new()).send().unwrap();
    assert_eq!(r.text(), "b");
    session.redirects = RedirectPolicy::nowhere();
    assert_eq!(session.get("http://a.example/").send().unwrap().status(), 302);
}

#[test]
fn a_closure_may_stop_or_refuse() {
    let server = Scripted::with(|request| redirect(&format!("{}x", request.target())));
    let session = Session::new();
    let three = RedirectPolicy::new().when(|redirect| Ok(redirect.hops < 3));
    let r = session.get(server.url("/")).redirects(three).send().unwrap();
    assert_eq!((r.status().as_u16(), r.url().path(), r.history().len()), (302, "/xxx", 3));

    let refuse = RedirectPolicy::new().when(|redirect| match redirect.to.url.path() {
        "/xx" => Err(Error::new(ErrorKind::Other, format!("not from {}", redirect.from.url.path()))),
        _ => Ok(true),
    });
    let error = session.get(server.url("/")).redirects(refuse).send().unwrap_err();
    assert!(error.to_string().starts_with("not from /x"), "{error}");
    assert_eq!(error.response().unwrap().status(), 302);
}

/// t:test_custom_redirect_mixin
#[test]
fn red_19_a_target_of_ones_own() {
    let malformed = response("200 OK", &[("Location", "/login")], "not here");
    let server = Scripted::answers([redirect("/malformed"), malformed, ok("login")]);
    let policy = RedirectPolicy::new().target(|head| head.headers.get("Location").map(str::to_owned));
    let r = Session::new().get(server.url("/")).redirects(policy).send().unwrap();
    assert_eq!((r.status().as_u16(), r.text().as_ref(), r.url().path()), (200, "login", "/login"));
    let history: Vec<_> = r.history().iter().map(|r| (r.status().as_u16(), r.is_redirect())).collect();
    assert_eq!(history, [(302, true), (200, false)]);
}

#[test]
fn red_24_sensitive_headers_stay_at_their_origin_and_do_not_come_back() {
    let server =
        Scripted::with(|request| match (request.header("host").as_deref(), request.target().as_str()) {
            (Some("a.example"), "/1") => redirect("/2"),
            (Some("a.example"), "/2") => redirect("http://b.example/3"),
            (Some("b.example"), _) => redirect("http://a.example/4"),
            _ => ok(""),
        });
    let mut session = session_to(&[("a.example", server.address()), ("b.example", server.address())]);
    session.redirects = RedirectPolicy::new().sensitive_headers(["x-api-key"]);
    session.headers.insert("X-Api-Key", "secret");
    session.get("http://a.example/1").header("X-Plain", "1").send().unwrap();
    let seen: Vec<_> =
        server.requests().iter().map(|r| (r.header("x-api-key"), r.header("x-plain"))).collect();
    let (secret, plain) = (Some("secret".to_owned()), Some("1".to_owned()));
    assert_eq!(
        seen,
        [(secret.clone(), plain.clone()), (secret, plain.clone()), (None, plain.clone()), (None, plain)]
    );
}

#[test]
fn sec_71_another_scheme_is_reached_only_where_it_was_allowed() {
    let server =
        Scripted::each(reqs_tests::Connection::new().answer_each(|_| redirect("vault://secrets/all")));
    let vault = MockAdapter::new().always(|_| Ok(Response::builder().body("gold").build()));
    let mut session = Session::new();
    session.mount("vault://", vault.clone());
    assert_eq!(session.get("vault://secrets/all").send().unwrap().text(), "gold");
    let error = session.get(server.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSchema);
    assert!(error.to_string().contains("(see RedirectPolicy::allow_scheme)"), "{error}");
    assert_eq!(vault.requests().len(), 1);
    let allowed = RedirectPolicy::new().allow_scheme("vault");
    assert_eq!(session.get(server.url("/")).redirects(allowed).send().unwrap().text(), "gold");
}

#[test]
fn the_hook_for_redirects_changes_replaces_and_refuses() {
    let server = Scripted::with(|request| match request.target().as_str() {
        "/a" => redirect("/b"),
        "/b" => redirect("/forbidden"),
        _ => ok(request.header("x-hop").unwrap_or_default()),
    });
    let mut session = Session::new();
    session.hooks.redirect(|from, next| {
        next.headers.insert("X-Hop", format!("{} {}", from.status().as_u16(), next.url.path()));
        if next.url.path() == "/forbidden" {
            next.url.set_path("/elsewhere");
        }
        Ok(())
    });
    let r = session.get(server.url("/a")).send().unwrap();
    assert_eq!((r.text().as_ref(), r.url().path()), ("302 /forbidden", "/elsewhere"));
    session.hooks.clear();
    session.hooks.redirect(|_, next: &mut PreparedRequest| match next.url.path() {
        "/forbidden" => Err(Error::new(ErrorKind::Other, "no further")),
        _ => Ok(()),
    });
    let error = session.get(server.url("/a")).send().unwrap_err();
    assert!(error.to_string().starts_with("no further"));
    assert_eq!(error.response().unwrap().history().len(), 1);
}

#[test]
fn the_hook_for_redirects_is_not_told_of_one_that_is_too_many() {
    let server = Scripted::with(|_| redirect("/"));
    let mut session = Session::new();
    let told = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = std::sync::Arc::clone(&told);
    session.hooks.redirect(move |_, _| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    });
    let error = session.get(server.url("/")).max_redirects(2).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyRedirects);
    assert_eq!(told.load(std::sync::atomic::Ordering::Relaxed), 2);
}
