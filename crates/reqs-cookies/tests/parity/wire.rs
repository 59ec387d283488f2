//! The jar on the wire: what is stored, replaced and deleted, and what goes back to whom.

use std::sync::atomic::Ordering;
use std::time::Duration;

use reqs_cookies::{CookieJar, CookieStore, Existing, InvalidCookie, SameSite};

use crate::{jar, jar_with_clock, sent, url};

/// Different on purpose: Requests sends a cookie without a domain to every host.
#[test]
fn ck_1_a_cookie_without_a_domain_belongs_to_the_first_host() {
    let jar = CookieJar::new();
    jar.update_dict([("a", "1"), ("b", "2")], Existing::Replace).unwrap();
    assert_eq!(jar.list_domains(), [""]);
    assert_eq!(sent(&jar, "http://first.example/x"), "a=1; b=2");
    assert_eq!(sent(&jar, "http://second.example/"), "");
    assert_eq!(sent(&jar, "http://www.first.example/"), "");
    assert_eq!(sent(&jar, "http://first.example/"), "a=1; b=2");
    assert_eq!(jar.list_domains(), ["first.example"]);
}

#[test]
fn ck_2_request_cookies_lie_over_those_of_the_session() {
    let jar = jar(&[
        ("http://www.example.com/", "a=host"),
        ("http://www.example.com/", "a=domain; Domain=example.com"),
        ("http://www.example.com/deep/x", "a=deep"),
        ("http://www.example.com/", "b=kept"),
    ]);
    let with = |extra: &[(&str, &str)]| {
        jar.header_with(&url("http://www.example.com/deep/y"), extra).unwrap().unwrap_or_default()
    };
    assert_eq!(with(&[]), "a=deep; a=host; a=domain; b=kept");
    assert_eq!(with(&[("a", "request")]), "a=deep; a=request; a=domain; b=kept");
    assert_eq!(with(&[("c", "new"), ("b", "over")]), "a=deep; a=host; a=domain; b=over; c=new");
    assert_eq!(with(&[("c", "1"), ("c", "2")]), "a=deep; a=host; a=domain; b=kept; c=2");
    assert_eq!(with(&[("a", "1"), ("a", "2")]), "a=deep; a=2; a=domain; b=kept");
    // Nothing of it stays.
    assert_eq!(with(&[]), "a=deep; a=host; a=domain; b=kept");
    let empty = CookieJar::new();
    assert_eq!(empty.header_with(&url("http://h/"), &[("a", "1")]).unwrap().as_deref(), Some("a=1"));
    assert_eq!(empty.header_with(&url("http://h/"), &[]), Ok(None));
    assert_eq!(empty.len(), 0);
}

#[test]
fn ck_3_longer_paths_first_then_older_cookies() {
    let jar = jar(&[
        ("http://h/", "first=1; Path=/"),
        ("http://h/", "long=2; Path=/a/b"),
        ("http://h/", "second=3; Path=/"),
        ("http://h/", "middle=4; Path=/a"),
        ("http://h/", "also-long=5; Path=/a/b"),
        ("http://h/", "first=6; Path=/"),
    ]);
    assert_eq!(sent(&jar, "http://h/a/b/c"), "long=2; also-long=5; middle=4; first=6; second=3");
    assert_eq!(sent(&jar, "http://h/a"), "middle=4; first=6; second=3");
}

#[test]
fn ck_3_values_travel_as_they_came() {
    let jar = jar(&[
        ("http://h/", "a=\"q u o t e d\""),
        ("http://h/", "b=x,y"),
        ("http://h/", "c=%20+&?/\\"),
        ("http://h/", "d="),
        ("http://h/", "e=ü"),
    ]);
    assert_eq!(sent(&jar, "http://h/"), "a=\"q u o t e d\"; b=x,y; c=%20+&?/\\; d=; e=ü");
}

#[test]
fn ck_6_each_hop_stores_and_the_next_one_sends() {
    let jar = jar(&[("http://h/redirect", "a=1")]);
    assert_eq!(sent(&jar, "http://h/target"), "a=1");
}

/// Requests deletes `\"` from quoted values. Different on purpose: the server gets back what it sent.
#[test]
fn ck_8_quoted_values_keep_their_quotes() {
    let jar = jar(&[("http://h/", r#"a="65:abc""#), ("http://h/", r#"b="q\"v""#)]);
    assert_eq!(sent(&jar, "http://h/"), r#"a="65:abc"; b="q\"v""#);
}

#[test]
fn ck_9_a_past_date_deletes() {
    for deletion in [
        "a=x; Max-Age=0",
        "a=x; Max-Age=-1",
        "a=x; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
        "a=x; Expires=Thu, 01 Jan 1970 00:00:01 GMT",
    ] {
        let jar = jar(&[("http://h/", "a=1; Path=/"), ("http://h/", "b=2"), ("http://h/", deletion)]);
        assert_eq!(jar.keys(), ["b"], "{deletion}");
    }
    let other_path = jar(&[("http://h/", "a=1; Path=/p"), ("http://h/", "a=; Max-Age=0; Path=/")]);
    assert_eq!(other_path.keys(), ["a"]);
}

/// Requests drops a cookie whose `Max-Age` it cannot read. Different on purpose, by RFC 6265bis section
/// 5.6.2: the attribute is ignored, as browsers do.
#[test]
fn ck_9_an_unreadable_max_age_is_ignored() {
    let jar = jar(&[("http://h/", "a=1; Max-Age=soon"), ("http://h/", "b=2; Expires=soon")]);
    assert_eq!(sent(&jar, "http://h/"), "a=1; b=2");
    assert!(jar.iter().all(|cookie| cookie.expires().is_none()));
}

#[test]
fn ck_11_and_12_paths() {
    let table = [
        ("a=1", "/dir/page", "/dir", true),
        ("a=1", "/dir/page", "/dir/", true),
        ("a=1", "/dir/page", "/dir/other/x", true),
        ("a=1", "/dir/page", "/directory", false),
        ("a=1", "/dir/page", "/", false),
        ("a=1", "/page", "/anything", true),
        ("a=1; Path=", "/dir/page", "/dir/x", true),
        ("a=1; Path=noslash", "/dir/page", "/dir/x", true),
        ("a=1; Path=noslash", "/dir/page", "/noslash", false),
        ("a=1; Path=/elsewhere", "/dir/page", "/elsewhere/x", true),
        ("a=1; Path=/elsewhere", "/dir/page", "/dir/x", false),
    ];
    for (set_cookie, from, to, expected) in table {
        let jar = jar(&[(&format!("http://h{from}"), set_cookie)]);
        let is_sent = sent(&jar, &format!("http://h{to}")) == "a=1";
        assert_eq!(is_sent, expected, "{set_cookie} from {from} to {to}");
    }
}

#[test]
fn ck_13_a_domain_reaches_the_hosts_below() {
    let jar = jar(&[("http://www.example.com/", "a=1; Domain=Example.com")]);
    for (to, expected) in [
        ("http://example.com/", true),
        ("http://EXAMPLE.com/", true),
        ("http://www.example.com/", true),
        ("http://a.b.example.com/", true),
        ("http://badexample.com/", false),
        ("http://example.com.evil.org/", false),
        ("http://example.org/", false),
        ("http://com/", false),
    ] {
        assert_eq!(sent(&jar, to) == "a=1", expected, "{to}");
    }
}

/// Different on purpose: Requests knows no public suffixes.
#[test]
fn ck_14_public_suffixes() {
    let jar = jar(&[
        ("http://foo.co.uk/", "a=1; Domain=co.uk"),
        ("http://user.github.io/", "a=1; Domain=github.io"),
        ("http://example.com/", "a=1; Domain=com"),
    ]);
    assert!(jar.is_empty());
}

/// Different on purpose: Requests sends these to the hosts below as well.
#[test]
fn ck_15_a_cookie_without_a_domain_attribute_is_for_its_host() {
    let jar = jar(&[("http://example.com/", "a=1")]);
    assert_eq!(sent(&jar, "http://example.com/"), "a=1");
    assert_eq!(sent(&jar, "http://www.example.com/"), "");
    assert!(jar.cookie("a").unwrap().unwrap().host_only());
}

#[test]
fn ck_15_host_only_and_domain_cookies_are_two() {
    let jar = jar(&[("http://example.com/", "a=host"), ("http://example.com/", "a=all; Domain=example.com")]);
    assert_eq!(sent(&jar, "http://example.com/"), "a=host; a=all");
    assert_eq!(sent(&jar, "http://www.example.com/"), "a=all");
}

/// Different on purpose: Requests calls it `localhost.local`, and loses it when it has a domain.
#[test]
fn ck_16_localhost() {
    for set_cookie in ["a=1", "a=1; Domain=localhost", "a=1; Domain=.LocalHost"] {
        let jar = jar(&[("http://localhost:8080/", set_cookie)]);
        assert_eq!(sent(&jar, "http://localhost:9090/"), "a=1", "{set_cookie}");
        assert_eq!(sent(&jar, "http://a.localhost/"), "", "{set_cookie}");
        assert_eq!(jar.list_domains(), ["localhost"], "{set_cookie}");
    }
}

/// Different on purpose: Requests takes `Domain=.0.0.1`.
#[test]
fn ck_17_addresses() {
    for host in ["127.0.0.1", "[::1]"] {
        let from = format!("http://{host}/");
        assert_eq!(sent(&jar(&[(&from, "a=1")]), &from), "a=1");
        assert_eq!(sent(&jar(&[(&from, &format!("a=1; Domain={host}"))]), &from), "a=1");
        assert!(jar(&[(&from, "a=1; Domain=.0.0.1"), (&from, "a=1; Domain=1")]).is_empty());
    }
    assert_eq!(sent(&jar(&[("http://127.0.0.1/", "a=1")]), "http://1.127.0.0.1.example/"), "");
}

#[test]
fn ck_18_secure_cookies_travel_over_tls() {
    let jar = jar(&[("https://localhost/", "a=1; Secure"), ("https://localhost/", "b=2")]);
    assert_eq!(sent(&jar, "https://localhost/"), "a=1; b=2");
    assert_eq!(sent(&jar, "http://localhost/"), "b=2");
}

/// Different on purpose: Requests lets http overwrite a `Secure` cookie.
#[test]
fn ck_18_http_leaves_secure_cookies_alone() {
    let table = [
        // The same cookie, overwritten or deleted.
        ("a=1; Secure; Path=/", "http://www.example.com/", "a=2; Path=/", false),
        ("a=1; Secure; Path=/", "http://www.example.com/", "a=2; Path=/; Max-Age=0", false),
        // Shadowed by a longer path, or from above or below.
        ("a=1; Secure; Path=/", "http://www.example.com/", "a=2; Path=/deep", false),
        ("a=1; Secure; Path=/", "http://www.example.com/", "a=2; Domain=example.com", false),
        ("a=1; Secure; Path=/; Domain=example.com", "http://sub.www.example.com/", "a=2", false),
        // Another name, path or domain.
        ("a=1; Secure; Path=/", "http://www.example.com/", "A=2", true),
        ("a=1; Secure; Path=/deep", "http://www.example.com/", "a=2; Path=/", true),
        ("a=1; Secure; Path=/", "http://other.example.com/", "a=2", true),
        // From https anything goes.
        ("a=1; Secure; Path=/", "https://www.example.com/", "a=2; Path=/", true),
    ];
    for (first, from, second, expected) in table {
        let jar = jar(&[("https://www.example.com/", first)]);
        let result = jar.store_one(&url(from), second);
        assert_eq!(result == Ok(()), expected, "{second} from {from}: {result:?}");
        if !expected {
            assert_eq!(result, Err(InvalidCookie::SecureCookieExists));
            assert_eq!(jar.values(), ["1"]);
        }
    }
}

#[test]
fn ck_19_ports_do_not_matter_and_attributes_are_kept() {
    let jar = jar(&[("https://h:8443/", "a=1; Secure; HttpOnly; SameSite=None")]);
    assert_eq!(sent(&jar, "https://h/"), "a=1");
    let cookie = jar.cookie("a").unwrap().unwrap();
    assert!(cookie.secure() && cookie.http_only());
    assert_eq!(cookie.same_site(), Some(SameSite::None));
}

/// Different on purpose: Requests enforces no prefixes.
#[test]
fn ck_19_prefixes() {
    let jar = jar(&[
        ("http://h.example/", "__Host-a=1; Path=/"),
        ("https://h.example/", "__Host-b=1; Secure; Path=/; Domain=h.example"),
        ("https://h.example/", "__secure-c=1"),
        ("https://h.example/", "__Host-d=1; Secure; Path=/"),
    ]);
    assert_eq!(jar.keys(), ["__Host-d"]);
}

#[test]
fn ck_20_odd_pairs() {
    let table =
        [("=v", ""), ("a", "a"), ("a=b=c", "a=b=c"), ("a=1, b=2", "a=1, b=2"), ("a=", "a="), ("", "")];
    for (set_cookie, expected) in table {
        assert_eq!(sent(&jar(&[("http://h/", set_cookie)]), "http://h/"), expected, "{set_cookie}");
    }
    // Without a name there is one cookie of a domain and path (RFC 6265bis section 5.7).
    assert_eq!(sent(&jar(&[("http://h/", "a"), ("http://h/", "b")]), "http://h/"), "b");
}

#[test]
fn ck_21_one_string_for_each_header() {
    let jar = CookieJar::new();
    let headers = ["a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT, b=2", "c=3"];
    CookieStore::store(&jar, &url("http://h/"), &mut headers.into_iter());
    assert_eq!(sent(&jar, "http://h/"), "a=1; c=3");
}

/// The examples of RFC 6265 section 3.1.
#[test]
fn the_examples_of_the_standard() {
    let jar = jar(&[("https://www.example.com/", "SID=31d4d96e407aad42")]);
    assert_eq!(sent(&jar, "https://www.example.com/"), "SID=31d4d96e407aad42");

    let from = url("https://site.example.com/");
    let set = |text| jar.store(&from, [text]);
    set("SID=31d4d96e407aad42; Path=/; Domain=example.com");
    assert_eq!(sent(&jar, "https://other.example.com/"), "SID=31d4d96e407aad42");
    jar.clear();

    set("SID=31d4d96e407aad42; Path=/; Secure; HttpOnly");
    set("lang=en-US; Path=/; Domain=example.com");
    assert_eq!(sent(&jar, "https://site.example.com/"), "SID=31d4d96e407aad42; lang=en-US");
    set("lang=en-US; Expires=Wed, 09 Jun 2100 10:18:14 GMT; Path=/; Domain=example.com");
    assert_eq!(jar.len(), 2);
    set("lang=; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/; Domain=example.com");
    assert_eq!(sent(&jar, "https://site.example.com/"), "SID=31d4d96e407aad42");
}

#[test]
fn a_replacement_keeps_its_age_and_place() {
    let (jar, seconds) = jar_with_clock();
    jar.store(&url("http://h/"), ["a=1", "b=2"]);
    let created = jar.cookie("a").unwrap().unwrap().created();
    seconds.fetch_add(60, Ordering::SeqCst);
    jar.store(&url("http://h/"), ["a=3; HttpOnly"]);
    let cookie = jar.cookie("a").unwrap().unwrap();
    assert_eq!((cookie.value(), cookie.created(), cookie.http_only()), ("3", created, true));
    assert_eq!(cookie.last_access(), created + Duration::from_secs(60));
    assert_eq!(sent(&jar, "http://h/"), "a=3; b=2");
}
