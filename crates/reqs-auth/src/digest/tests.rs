//! What Digest answers, held against the RFCs and the parity ids. Where it goes ahead of time is in `spaces`, the hashes
//! themselves in `vectors`.

mod spaces;
mod vectors;

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;
use crate::challenge::Challenge;

const ORIGIN: Origin<'static> = Origin { scheme: "http", host: "www.example.org", port: 80 };

fn get(uri: &str) -> Target<'_> {
    Target { origin: ORIGIN, method: "GET", uri, body: Some(&[]) }
}

fn at<'a>(scheme: &'a str, host: &'a str, port: u16) -> Target<'a> {
    Target { origin: Origin { scheme, host, port }, ..get("/") }
}

/// A client nonce that does not change.
fn fixed(username: &str, password: &str, cnonce: &'static str) -> Digest {
    Digest::with_cnonces(username, password, move || cnonce.to_owned())
}

/// A parameter of credentials.
fn param(credentials: &str, name: &str) -> Option<String> {
    let found = challenge::parse([credentials]).unwrap();
    assert_eq!(found.len(), 1, "{credentials}");
    found[0].get(name).map(str::to_owned)
}

fn answer(digest: &Digest, challenge: &str, sent: Option<&str>) -> Option<String> {
    digest.answer([challenge], get("/"), sent).unwrap()
}

fn refuse(digest: &Digest, challenge: &str) -> Error {
    digest.answer([challenge], get("/"), None).unwrap_err()
}

#[test]
fn dig_12_a_name_beyond_ascii() {
    let digest = fixed("Jäsøn", "p", "c");
    // A server that shows it knows RFC 7616 gets `username*`; others UTF-8 as it is.
    let new = r#"Digest realm="r", nonce="n", charset="utf-8""#;
    let value = answer(&digest, new, None).unwrap();
    assert!(value.starts_with("Digest username*=UTF-8''J%C3%A4s%C3%B8n, realm="), "{value}");
    assert_eq!(param(&value, "username"), None);
    let old = r#"Digest realm="r", nonce="n""#;
    let value = answer(&digest, old, None).unwrap();
    assert!(value.starts_with(r#"Digest username="Jäsøn", realm="#), "{value}");
    let also_new = r#"Digest realm="r", nonce="n", userhash=false"#;
    let value = answer(&digest, also_new, None).unwrap();
    assert!(value.starts_with("Digest username*="), "{value}");
    // An ASCII name needs no other form.
    let value = answer(&fixed("u", "p", "c"), new, None).unwrap();
    assert!(value.starts_with(r#"Digest username="u", realm="#), "{value}");
}

#[test]
fn dig_5_dig_6_the_nonce_count_goes_up_and_starts_anew_with_a_new_nonce() {
    let digest = Digest::new("u", "p");
    let nc = |value: Option<String>| param(&value.unwrap(), "nc").unwrap();
    let challenge = |nonce: &str| format!(r#"Digest realm="r", nonce="{nonce}", qop="auth""#);
    assert_eq!(digest.authorization(get("/")), None);
    assert_eq!(nc(answer(&digest, &challenge("a"), None)), "00000001");
    for count in 2..=17 {
        let expected = format!("{count:08x}");
        assert_eq!(nc(digest.authorization(get("/other"))), expected);
    }
    // The same nonce again: its count goes on, since a server refuses one that it has seen.
    assert_eq!(nc(answer(&digest, &challenge("a"), None)), "00000012");
    assert_eq!(nc(answer(&digest, &challenge("b"), None)), "00000001");
    assert_eq!(nc(digest.authorization(get("/"))), "00000002");
}

#[test]
fn dig_6_a_client_nonce_is_random_and_fresh() {
    let digest = Digest::new("u", "p");
    let mut seen = HashSet::new();
    let first = answer(&digest, r#"Digest realm="r", nonce="n", qop=auth"#, None).unwrap();
    seen.insert(param(&first, "cnonce").unwrap());
    for _ in 0..100 {
        let value = digest.authorization(get("/")).unwrap();
        let cnonce = param(&value, "cnonce").unwrap();
        assert_eq!(cnonce.len(), 2 * CNONCE_BYTES);
        assert!(cnonce.bytes().all(|byte| byte.is_ascii_hexdigit()));
        seen.insert(cnonce);
    }
    assert_eq!(seen.len(), 101);
}

/// A `-sess` key is made with the first client nonce, which therefore stays, until the next challenge.
#[test]
fn a_session_keeps_its_client_nonce() {
    let digest = Digest::new("u", "p");
    let challenge = r#"Digest realm="r", nonce="n", qop=auth, algorithm=MD5-sess"#;
    let cnonce = |value: Option<String>| param(&value.unwrap(), "cnonce").unwrap();
    let first = cnonce(answer(&digest, challenge, None));
    assert_eq!(cnonce(digest.authorization(get("/"))), first);
    assert_eq!(cnonce(digest.authorization(get("/x"))), first);
    assert_ne!(cnonce(answer(&digest, challenge, None)), first);
}

#[test]
fn dig_7_the_algorithm_is_echoed_as_spelled_and_unquoted() {
    for name in ["MD5", "md5", "Md5-SESS", "sha-256", "SHA-512-256-Sess"] {
        let challenge = format!(r#"Digest realm="r", nonce="n", qop="auth", algorithm="{name}""#);
        let value = answer(&Digest::new("u", "p"), &challenge, None).unwrap();
        assert!(value.contains(&format!(", algorithm={name}, ")), "{value}");
    }
    let value = answer(&Digest::new("u", "p"), r#"Digest realm="r", nonce="n""#, None).unwrap();
    assert!(!value.contains("algorithm"), "{value}");
}

#[test]
fn dig_8_qop_lists_are_trimmed() {
    let cases = [
        ("auth", Some("auth")),
        ("auth,auth-int", Some("auth")),
        ("auth, auth-int", Some("auth")),
        // Where Requests gives up.
        ("auth-int, auth", Some("auth")),
        (" AUTH ", Some("auth")),
        ("auth-int", Some("auth-int")),
        (", auth-int ,new", Some("auth-int")),
        // Nothing in the list is as good as no list.
        ("", None),
        (" , ", None),
    ];
    for (list, expected) in cases {
        let challenge = format!(r#"Digest realm="r", nonce="n", qop="{list}""#);
        let value = answer(&Digest::new("u", "p"), &challenge, None).unwrap();
        assert_eq!(param(&value, "qop").as_deref(), expected, "{list:?}");
    }
}

/// Requests: test_DIGESTAUTH_QUOTES_QOP_VALUE.
#[test]
fn dig_9_qop_is_quoted_and_the_order_is_that_of_requests() {
    let challenge = r#"Digest nonce="n", opaque="o", qop="auth", realm="r", algorithm=MD5"#;
    let value = answer(&fixed("u", "p", "c"), challenge, None).unwrap();
    let response = param(&value, "response").unwrap();
    assert_eq!(
        value,
        format!(
            r#"Digest username="u", realm="r", nonce="n", uri="/", response="{response}", opaque="o", algorithm=MD5, qop="auth", nc=00000001, cnonce="c""#
        )
    );
}

#[test]
fn dig_10_the_uri_is_the_request_target() {
    let digest = Digest::new("u", "p");
    let challenge = r#"Digest realm="r", nonce="n""#;
    for uri in ["/", "/path?query=1&x=%22", "*", "example.org:443", "http://www.example.org/a"] {
        let value = digest.answer([challenge], get(uri), None).unwrap().unwrap();
        assert_eq!(param(&value, "uri").as_deref(), Some(uri));
    }
}

#[test]
fn dig_11_what_needs_escapes_is_escaped() {
    let challenge = r#"Digest realm="say \"hi\"", nonce="a\\b", opaque="\"""#;
    let value = answer(&fixed("back\\slash\"", "p", "c"), challenge, None).unwrap();
    assert!(
        value.starts_with(r#"Digest username="back\\slash\"", realm="say \"hi\"", nonce="a\\b", "#),
        "{value}"
    );
    assert!(value.ends_with(r#", opaque="\"""#), "{value}");
}

#[test]
fn a_tab_is_no_control_character_that_matters() {
    let value = answer(&Digest::new("u", "p"), "Digest realm=\"a\tb\", nonce=\"n\"", None);
    assert_eq!(param(&value.unwrap(), "realm").as_deref(), Some("a\tb"));
}

#[test]
fn opaque_comes_back_even_when_empty() {
    let value = answer(&Digest::new("u", "p"), r#"Digest realm="r", nonce="n", opaque="""#, None);
    assert_eq!(param(&value.unwrap(), "opaque").as_deref(), Some(""));
}

#[test]
fn the_strongest_algorithm_that_can_be_answered_is_chosen() {
    let offer =
        |algorithm: &str| format!(r#"Digest realm="r", nonce="n", qop="auth", algorithm={algorithm}"#);
    let cases: &[(&[&str], &str)] = &[
        (&["MD5", "SHA-256"], "SHA-256"),
        (&["SHA-256", "MD5"], "SHA-256"),
        (&["MD5", "SHA-512-256", "SHA-256"], "SHA-512-256"),
        (&["SHA", "MD5"], "SHA"),
        (&["MD5-sess", "MD5"], "MD5-sess"),
        (&["MD5", "MD5-sess"], "MD5"),
        // One that is not known does not stand in the way of one that is.
        (&["SHA3-256", "MD5"], "MD5"),
        (&["MD5", "SHA3-256"], "MD5"),
    ];
    for (algorithms, expected) in cases {
        let fields: Vec<String> = algorithms.iter().map(|name| offer(name)).collect();
        let choose = |fields: &[&str]| {
            let fields = fields.iter().copied();
            let value = Digest::new("u", "p").answer(fields, get("/"), None);
            param(&value.unwrap().unwrap(), "algorithm").unwrap()
        };
        let many: Vec<&str> = fields.iter().map(String::as_str).collect();
        assert_eq!(choose(&many), *expected, "{algorithms:?}");
        let one = format!(r#"Basic realm="b", {}"#, fields.join(", "));
        assert_eq!(choose(&[&one]), *expected, "{algorithms:?}");
    }
    // With the same hash, one with qop is better than one without.
    let fields = [r#"Digest realm="r", nonce="n""#, r#"Digest realm="r", nonce="n", qop="auth""#];
    let value = Digest::new("u", "p").answer(fields, get("/"), None);
    assert_eq!(param(&value.unwrap().unwrap(), "qop").as_deref(), Some("auth"));
}

#[test]
fn what_cannot_be_answered_is_an_error_in_plain_words() {
    let digest = Digest::new("u", "s3cr3t");
    let long = format!(r#"Digest realm="r", nonce="{}""#, "n".repeat(5000));
    let cases = [
        (r#"Digest nonce="n""#, "the Digest challenge has no realm"),
        (r#"Digest realm="r""#, "the Digest challenge has no nonce"),
        ("Digest", "the Digest challenge has no realm"),
        (
            r#"Digest realm="r", nonce="n", algorithm=SHA3-256"#,
            "the Digest challenge asks for the unknown algorithm \"SHA3-256\"",
        ),
        (
            r#"Digest realm="r", nonce="n", algorithm="""#,
            "the Digest challenge asks for the unknown algorithm \"\"",
        ),
        (
            r#"Digest realm="r", nonce="n", qop="auth-conf""#,
            "the Digest challenge offers only the unknown quality of protection \"auth-conf\"",
        ),
        (
            r#"Digest realm="r", nonce="n", algorithm=MD5-sess"#,
            "the Digest challenge asks for a -sess algorithm without a qop, which no answer can satisfy",
        ),
        (r#"Digest realm="r", nonce="n"#, "the Digest challenge has a quoted string that is not closed"),
        (long.as_str(), "the Digest challenge has a nonce of more than 4096 bytes"),
        (
            "Digest realm=\"r\u{1}\", nonce=\"n\"",
            "the Digest challenge's realm has a control character at byte 1, which no credentials may carry",
        ),
    ];
    for (challenge, message) in cases {
        assert_eq!(refuse(&digest, challenge).to_string(), message);
        // Nothing was learned from it.
        assert_eq!(digest.authorization(get("/")), None);
    }
    let error = refuse(&Digest::new("a\nb", "p"), r#"Digest realm="r", nonce="n""#);
    assert!(error.to_string().starts_with("the user name has a control character"));
}

#[test]
fn a_challenge_that_is_not_digest_is_nothing_to_answer() {
    let digest = Digest::new("u", "p");
    for fields in [&[][..], &["Basic realm=x"], &["Negotiate", "NTLM"], &["Digestx realm=r, nonce=n"]] {
        let value = digest.answer(fields.iter().copied(), get("/"), None);
        assert_eq!(value, Ok(None), "{fields:?}");
    }
}

#[test]
fn auth_int_needs_the_body() {
    let digest = Digest::new("u", "p");
    let streamed = Target { body: None, ..get("/") };
    let integrity = r#"Digest realm="r", nonce="n", qop="auth-int""#;
    let either = r#"Digest realm="r", nonce="n", qop="auth-int,auth""#;
    let refused = digest.answer([integrity], streamed, None);
    assert_eq!(refused, Err(Error::BodyNotAtHand));
    let value = digest.answer([either], streamed, None).unwrap().unwrap();
    assert_eq!(param(&value, "qop").as_deref(), Some("auth"));
    // A space that wants it was learned with a body; a stream later goes without and is asked.
    answer(&digest, integrity, None).unwrap();
    assert_eq!(digest.authorization(streamed), None);
    assert!(digest.authorization(get("/")).is_some());
}

#[test]
fn dig_2_a_refusal_is_not_answered() {
    let digest = Digest::new("u", "wrong");
    let challenge = |nonce: &str| format!(r#"Digest realm="r", nonce="{nonce}", qop="auth""#);
    let sent = answer(&digest, &challenge("a"), None).unwrap();
    // With the same nonce, with another, and with stale=FALSE.
    assert_eq!(answer(&digest, &challenge("a"), Some(&sent)), None);
    assert_eq!(answer(&digest, &challenge("b"), Some(&sent)), None);
    let not_stale = format!("{}, stale=FALSE", challenge("b"));
    assert_eq!(answer(&digest, &not_stale, Some(&sent)), None);
    // A weaker algorithm is no second chance.
    let sha = r#"Digest realm="r", nonce="c", qop="auth", algorithm=SHA-256"#;
    let sent = answer(&digest, sha, None).unwrap();
    assert_eq!(answer(&digest, &challenge("d"), Some(&sent)), None);
    // What was refused is not sent ahead of time.
    assert_eq!(digest.authorization(get("/")), None);
    // But a request without credentials is answered, and the count of a nonce that comes again goes on.
    let value = answer(&digest, sha, None).unwrap();
    assert_eq!(param(&value, "nc").as_deref(), Some("00000002"));
}

#[test]
fn dig_2_a_stale_nonce_is_answered_with_the_new_one() {
    let digest = Digest::new("u", "p");
    let sent = answer(&digest, r#"Digest realm="r", nonce="a", qop="auth""#, None).unwrap();
    for stale in ["true", "TRUE", "\"true\""] {
        let challenge = format!(r#"Digest realm="r", nonce="b", qop="auth", stale={stale}"#);
        let value = answer(&digest, &challenge, Some(&sent)).unwrap();
        assert_eq!(param(&value, "nonce").as_deref(), Some("b"));
    }
    // Without a new nonce, the answer would be as stale as the last.
    let same = r#"Digest realm="r", nonce="a", qop="auth", stale=true"#;
    assert_eq!(answer(&digest, same, Some(&sent)), None);
}

/// Servers that forget every nonce after a while and do not say `stale`.
#[test]
fn a_nonce_that_had_worked_may_have_run_out() {
    let digest = Digest::new("u", "p");
    let challenge = |nonce: &str| format!(r#"Digest realm="r", nonce="{nonce}", qop="auth""#);
    answer(&digest, &challenge("a"), None).unwrap();
    let ahead = digest.authorization(get("/")).unwrap();
    let again = answer(&digest, &challenge("b"), Some(&ahead)).unwrap();
    assert_eq!(param(&again, "nonce").as_deref(), Some("b"));
    // The fresh nonce was refused too: then it is not the nonce.
    assert_eq!(answer(&digest, &challenge("c"), Some(&again)), None);

    // An object that never used the nonce cannot know that it had worked.
    let stranger = Digest::new("u", "p");
    assert!(answer(&stranger, &challenge("c"), Some(&ahead)).is_some());
    assert_eq!(answer(&Digest::new("u", "p"), &challenge("c"), Some(&again)), None);

    // The same without qop, where credentials carry no count.
    let challenge = |nonce: &str| format!(r#"Digest realm="old", nonce="{nonce}""#);
    let first = answer(&digest, &challenge("a"), None).unwrap();
    assert_eq!(answer(&digest, &challenge("b"), Some(&first)), None);
    answer(&digest, &challenge("a"), None).unwrap();
    let ahead = digest.authorization(get("/")).unwrap();
    let again = answer(&digest, &challenge("b"), Some(&ahead)).unwrap();
    assert_eq!(answer(&digest, &challenge("c"), Some(&again)), None);
    assert_eq!(answer(&Digest::new("u", "p"), &challenge("c"), Some(&again)), None);
    // In the meantime another request has brought a newer nonce, so that the state says nothing about this one.
    answer(&digest, &challenge("newer"), None).unwrap();
    assert!(answer(&digest, &challenge("c"), Some(&again)).is_some());
}

#[test]
fn nextnonce_is_used_from_then_on() {
    let digest = fixed("u", "p", "c");
    let sent = answer(&digest, r#"Digest realm="r", nonce="a", qop=auth"#, None).unwrap();
    let ahead = || {
        let value = digest.authorization(get("/")).unwrap();
        (param(&value, "nonce").unwrap(), param(&value, "nc").unwrap())
    };
    // From another origin, for other credentials, or unfit: nothing changes.
    let other = at("http", "b.example.org", 80).origin;
    digest.learn(r#"nextnonce="b""#, other, &sent);
    digest.learn(r#"nextnonce="b""#, ORIGIN, "Basic dXNlcjpwYXNz");
    digest.learn(r#"nextnonce="""#, ORIGIN, &sent);
    digest.learn("nextnonce", ORIGIN, &sent);
    digest.learn("nextnonce=\"b\u{1}\"", ORIGIN, &sent);
    digest.learn(&format!(r#"nextnonce="{}""#, "b".repeat(5000)), ORIGIN, &sent);
    digest.learn(r#"rspauth="x", qop=auth"#, ORIGIN, &sent);
    assert_eq!(ahead(), ("a".to_owned(), "00000002".to_owned()));

    digest.learn(r#"qop=auth, nextnonce="b", nc=00000001"#, ORIGIN, &sent);
    assert_eq!(ahead(), ("b".to_owned(), "00000001".to_owned()));
    assert_eq!(ahead(), ("b".to_owned(), "00000002".to_owned()));
    // Who says what comes next has accepted the credentials, even if another request with them was refused.
    let late = digest.authorization(get("/")).unwrap();
    let first_use = late.replace("nc=00000003", "nc=00000001");
    assert_eq!(answer(&digest, r#"Digest realm="r", nonce="x", qop=auth"#, Some(&first_use)), None);
    assert_eq!(digest.authorization(get("/")), None);
    digest.learn(r#"nextnonce="c""#, ORIGIN, &late);
    assert_eq!(ahead(), ("c".to_owned(), "00000001".to_owned()));
    // A late response to the old nonce does not set it back.
    digest.learn(r#"nextnonce="late""#, ORIGIN, &sent);
    assert_eq!(ahead(), ("c".to_owned(), "00000002".to_owned()));
}

/// The key of a session is made from the challenge's nonce (RFC 7616 section 3.4.2), also when `nextnonce` replaces it.
#[test]
fn nextnonce_keeps_the_key_of_a_session() {
    let digest = fixed("u", "p", "c");
    let sent = answer(&digest, r#"Digest realm="r", nonce="a", qop=auth, algorithm=MD5-sess"#, None);
    digest.learn(r#"nextnonce="b""#, ORIGIN, &sent.unwrap());
    let value = digest.authorization(get("/")).unwrap();
    // hashlib: md5(md5(md5("u:r:p"):"a":"c") ":b:00000001:c:auth:" md5("GET:/"))
    assert_eq!(param(&value, "response").as_deref(), Some("6d1676997d3f548cd9edca4aba381155"));
}

#[test]
fn aut_8_equal_by_user_name_and_password() {
    let digest = Digest::new("u", "p");
    answer(&digest, r#"Digest realm="r", nonce="n""#, None).unwrap();
    assert_eq!(digest, Digest::new("u", "p"));
    assert_ne!(digest, Digest::new("u", "q"));
    assert_ne!(digest, Digest::new("v", "p"));
}

#[test]
fn debug_shows_neither_password_nor_key() {
    let digest = Digest::new("user", "s3cr3t");
    answer(&digest, r#"Digest realm="r", nonce="n""#, None).unwrap();
    let shown = format!("{digest:?}");
    assert_eq!(shown, r#"Digest { username: "user", password: "[redacted]", .. }"#);
}

#[test]
fn it_goes_from_thread_to_thread() {
    fn is_send_and_sync<T: Send + Sync + 'static>() {}
    is_send_and_sync::<Digest>();
    is_send_and_sync::<crate::AnyAuth>();
    is_send_and_sync::<Error>();
}

proptest! {
    #[test]
    fn no_challenge_breaks_it_and_every_answer_reads_as_one_digest(
        params in proptest::collection::vec((
            prop_oneof![
                Just("realm"), Just("nonce"), Just("qop"), Just("algorithm"), Just("opaque"),
                Just("stale"), Just("domain"), Just("userhash"), Just("charset"),
            ],
            prop_oneof![
                Just("auth".to_owned()), Just("auth-int".to_owned()), Just("MD5".to_owned()), Just("SHA-256-sess".to_owned()),
                Just("true".to_owned()), Just("UTF-8".to_owned()), "[^\u{0}-\u{1f}\u{7f}]{0,20}", "[ -~]{0,20}",
            ],
        ), 0..10),
        username in "[^\u{0}-\u{1f}\u{7f}]{0,10}",
        uri in "/[!-~]{0,10}",
        sent in "\\PC{0,40}",
    ) {
        let mut challenge = Challenge::new("Digest");
        for (name, value) in &params {
            challenge.params.push(((*name).to_owned(), value.clone()));
        }
        let header = challenge.to_header().unwrap();
        let digest = Digest::new(username.as_str(), "p");
        if let Ok(Some(value)) = digest.answer([header.as_str()], get(&uri), Some(&sent)) {
            prop_assert!(!value.bytes().any(|byte| byte.is_ascii_control()));
            prop_assert_eq!(param(&value, "realm"), challenge.get("realm").map(str::to_owned));
            prop_assert_eq!(param(&value, "nonce"), challenge.get("nonce").map(str::to_owned));
            prop_assert_eq!(param(&value, "uri"), Some(uri.clone()));
            prop_assert!(param(&value, "username").or(param(&value, "username*")).is_some());
            // Refused at once, it is not tried again.
            let fresh = challenge.get("stale").is_some_and(|s| s.eq_ignore_ascii_case("true"));
            let again = digest.answer([header.as_str()], get(&uri), Some(&value)).unwrap();
            prop_assert!(again.is_none(), "{fresh} {again:?}");
        }
        digest.learn(&sent, ORIGIN, &header);
    }

    #[test]
    fn no_text_breaks_it(fields in proptest::collection::vec("(Digest )?[a-z=\", \\\\é\u{0}]{0,30}", 0..4), sent in "\\PC{0,30}") {
        let digest = Digest::new("u", "p");
        let _ = digest.answer(fields.iter().map(String::as_str), get("/"), Some(&sent));
        let _ = digest.authorization(get("/"));
    }
}
