use super::*;

const BASIC: &str = "Basic dXNlcjpwYXNz";
const ASKS_BASIC: &str = r#"Basic realm="r""#;
const ASKS_DIGEST: &str = r#"Digest realm="r", nonce="n", qop="auth""#;

fn to<'a>(scheme: &'a str, host: &'a str, uri: &'a str) -> Target<'a> {
    let port = if scheme == "https" { 443 } else { 80 };
    Target { origin: Origin { scheme, host, port }, method: "GET", uri, body: Some(&[]) }
}

fn scheme_of(answer: Option<String>) -> Option<String> {
    answer.map(|value| value.split(' ').next().unwrap().to_owned())
}

#[test]
fn x12_digest_comes_before_basic() {
    let target = to("https", "a.com", "/");
    let cases: &[(&[&str], Option<&str>)] = &[
        (&[ASKS_BASIC, ASKS_DIGEST], Some("Digest")),
        (&[ASKS_DIGEST, ASKS_BASIC], Some("Digest")),
        (&[r#"Basic realm="r", Digest realm="r", nonce="n""#], Some("Digest")),
        (&[ASKS_BASIC], Some("Basic")),
        (&["Negotiate", "basic"], Some("Basic")),
        (&["Negotiate", "NTLM"], None),
        (&[], None),
        // A Digest that cannot be answered leaves Basic, where that is encrypted.
        (&[ASKS_BASIC, r#"Digest realm="r", nonce="n", algorithm=X"#], Some("Basic")),
    ];
    for (fields, expected) in cases {
        let auth = AnyAuth::new("user", "pass");
        let answer = auth.answer(fields.iter().copied(), target, None).unwrap();
        assert_eq!(scheme_of(answer).as_deref(), *expected, "{fields:?}");
    }
    let auth = AnyAuth::new("user", "pass");
    let error = auth.answer(["Digest realm=r"], target, None);
    assert_eq!(error, Err(Error::MissingParam { name: "nonce" }));
}

#[test]
fn x12_basic_goes_over_http_only_when_allowed() {
    let target = to("http", "a.com", "/");
    let auth = AnyAuth::new("user", "pass");
    let error = auth.answer([ASKS_BASIC], target, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "http://a.com:80 asks for Basic authentication without encryption, which would show the password"
    );
    assert_eq!(auth.authorization(target), None);
    // Digest does not show the password.
    let answer = auth.answer([ASKS_BASIC, ASKS_DIGEST], target, None);
    assert_eq!(scheme_of(answer.unwrap()).as_deref(), Some("Digest"));
    // An unknown Digest algorithm is no reason to give the password away.
    let unknown = r#"Digest realm="r", nonce="n", algorithm=X"#;
    assert!(auth.answer([ASKS_BASIC, unknown], target, None).is_err());

    let auth = AnyAuth::new("user", "pass").allow_basic_over_http(true);
    let answer = auth.answer([ASKS_BASIC], target, None).unwrap();
    assert_eq!(answer.as_deref(), Some(BASIC));
    assert_eq!(auth.authorization(target).as_deref(), Some(BASIC));
    // A clone that shares what was learned, but may not.
    let careful = auth.clone().allow_basic_over_http(false);
    assert_eq!(careful.authorization(target), None);
}

#[test]
fn x12_basic_is_remembered_for_its_origin_and_directory() {
    let auth = AnyAuth::new("user", "pass");
    let target = to("https", "a.com", "/docs/index.html?x=/y/");
    assert_eq!(auth.authorization(target), None);
    auth.answer([ASKS_BASIC], target, None).unwrap();
    for (uri, is_known) in
        [("/docs/", true), ("/docs/a/b", true), ("/docs", false), ("/", false), ("*", false)]
    {
        let value = auth.authorization(to("https", "a.com", uri));
        assert_eq!(value.is_some(), is_known, "{uri}");
    }
    for (scheme, host) in [("https", "b.com"), ("http", "a.com"), ("https", "sub.a.com")] {
        assert_eq!(auth.authorization(to(scheme, host, "/docs/")), None, "{scheme} {host}");
    }
    assert_eq!(auth.clone().authorization(target).as_deref(), Some(BASIC));
}

/// An origin may have both: each place gets what it asked for, and no place the other's.
#[test]
fn x12_the_nearest_place_says_which_scheme_goes_ahead() {
    let auth = AnyAuth::new("user", "pass");
    let at = |uri| to("https", "a.com", uri);
    let ahead = |uri| scheme_of(auth.authorization(at(uri)));
    auth.answer([ASKS_DIGEST], at("/digest/x"), None).unwrap();
    assert_eq!(
        ahead("/basic/x").as_deref(),
        Some("Digest"),
        "its space is the whole origin until more is known"
    );
    auth.answer([r#"Basic realm="b""#], at("/basic/x"), None).unwrap();
    auth.answer([r#"Basic realm="b""#], at("/x"), None).unwrap();
    for (uri, scheme) in
        [("/basic/y", "Basic"), ("/digest/y", "Digest"), ("/", "Basic"), ("/other/y", "Basic")]
    {
        assert_eq!(ahead(uri).as_deref(), Some(scheme), "{uri}");
    }
    // What Digest has lost, Basic does not take over.
    let sent = auth.authorization(at("/digest/y")).unwrap();
    assert_eq!(auth.answer([ASKS_DIGEST], at("/digest/y"), Some(&sent)), Ok(None));
    assert_eq!(ahead("/digest/y"), None);
    // A place that now asks for the other gets the other.
    auth.answer([r#"Digest realm="r2", nonce="n""#], at("/basic/x"), None).unwrap();
    assert_eq!(ahead("/basic/y").as_deref(), Some("Digest"));
}

#[test]
fn what_was_refused_is_not_sent_again() {
    let auth = AnyAuth::new("user", "pass");
    let target = to("https", "a.com", "/");
    let sent = auth.answer([ASKS_BASIC], target, None).unwrap().unwrap();
    assert_eq!(auth.answer([ASKS_BASIC], target, Some(&sent)), Ok(None));
    assert_eq!(auth.authorization(target), None);
    // Also where it was learned further up.
    auth.answer([ASKS_BASIC], target, None).unwrap();
    let below = to("https", "a.com", "/below/x");
    let sent = auth.authorization(below).unwrap();
    assert_eq!(auth.answer([ASKS_BASIC], below, Some(&sent)), Ok(None));
    assert_eq!(auth.authorization(below), None);

    let sent = auth.answer([ASKS_DIGEST], target, None).unwrap().unwrap();
    assert_eq!(auth.answer([ASKS_DIGEST, ASKS_BASIC], target, Some(&sent)), Ok(None));
    // Who had a hash and drops Digest does not get the password for it.
    assert_eq!(auth.answer([ASKS_BASIC], target, Some(&sent)), Ok(None));
    // Another realm of the same server may know Basic only.
    let answer = auth.answer([r#"Basic realm="other""#], target, Some(&sent));
    assert_eq!(answer.unwrap().as_deref(), Some(BASIC));
}

#[test]
fn the_number_of_places_is_bounded() {
    let auth = AnyAuth::new("user", "pass");
    for index in 0..=MAX_PLACES {
        let host = format!("h{index}.com");
        auth.answer([ASKS_BASIC], to("https", &host, "/"), None).unwrap();
        // The same place again takes no more room.
        auth.answer([ASKS_BASIC], to("https", &host, "/x"), None).unwrap();
    }
    assert_eq!(auth.places().len(), MAX_PLACES);
    assert_eq!(auth.authorization(to("https", "h0.com", "/")), None);
    assert!(auth.authorization(to("https", "h1.com", "/")).is_some());
}

#[test]
fn a_pair_that_basic_cannot_carry_is_an_error() {
    let auth = AnyAuth::new("a:b", "pass");
    let target = to("https", "a.com", "/");
    assert_eq!(auth.answer([ASKS_BASIC], target, None), Err(Error::ColonInUserName));
    assert!(auth.answer([ASKS_DIGEST], target, None).unwrap().is_some());
}

#[test]
fn nextnonce_reaches_digest() {
    let auth = AnyAuth::new("user", "pass");
    let target = to("https", "a.com", "/");
    let sent = auth.answer([ASKS_DIGEST], target, None).unwrap().unwrap();
    auth.learn(r#"nextnonce="later""#, target.origin, &sent);
    let value = auth.authorization(target).unwrap();
    assert!(value.contains(r#"nonce="later""#), "{value}");
}

#[test]
fn debug_shows_no_password() {
    let auth = AnyAuth::new("user", "s3cr3t");
    auth.answer([ASKS_BASIC], to("https", "a.com", "/"), None).unwrap();
    assert!(!format!("{auth:?}").contains("s3cr3t"));
    assert_eq!(auth, AnyAuth::new("user", "s3cr3t"));
    assert_ne!(auth, AnyAuth::new("user", "other"));
}
