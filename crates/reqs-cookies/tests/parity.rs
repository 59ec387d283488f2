//! What Requests does with cookies, line by line: every test begins with the identifier of its line. Where
//! the jar differs on purpose, the test says so.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use reqs_cookies::{
    Cookie, CookieConflict, CookieJar, CookieStore, Existing, InvalidCookie, NoCookies, SameSite, Select,
};
use url::Url;

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// A jar that these strings were stored in, each from its URL.
fn jar(stored: &[(&str, &str)]) -> CookieJar {
    let jar = CookieJar::new();
    for (from, set_cookie) in stored {
        jar.store(&url(from), [*set_cookie]);
    }
    jar
}

fn sent(jar: &CookieJar, to: &str) -> String {
    jar.header(&url(to)).unwrap_or_default()
}

/// A jar whose clock stands until the returned counter of seconds is moved.
fn jar_with_clock() -> (CookieJar, Arc<AtomicU64>) {
    let seconds = Arc::new(AtomicU64::new(1_800_000_000));
    let clock = Arc::clone(&seconds);
    let now = move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst));
    (CookieJar::new().with_clock(now), seconds)
}

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

#[test]
fn ck_23_a_name_of_several_cookies() {
    let jar = CookieJar::new();
    jar.set("key", "1", "a.example", "/").unwrap();
    jar.set("key", "2", "b.example", "/").unwrap();
    jar.set("key", "3", "b.example", "/deep").unwrap();
    jar.set("other", "4", ".a.example", "/").unwrap();

    let conflict: CookieConflict = jar.get("key").unwrap_err();
    assert_eq!((conflict.name(), conflict.matches()), ("key", 3));
    assert_eq!(conflict.to_string(), "3 cookies are named `key`: name the domain or the path too");
    assert_eq!(jar.get(("key", "b.example")).unwrap_err().matches(), 2);
    assert_eq!(jar.get(("key", "a.example")), Ok(Some("1".into())));
    assert_eq!(jar.get(("key", "A.Example", "/")), Ok(Some("1".into())));
    assert_eq!(jar.get(Select::name("key").path("/deep")), Ok(Some("3".into())));
    assert_eq!(jar.get(("key", ".a.example")), Ok(None));
    assert_eq!(jar.get(("other", ".a.example")), Ok(Some("4".into())));
    assert_eq!(jar.get("missing"), Ok(None));

    assert!(jar.contains("key") && jar.contains(("key", "a.example")));
    assert!(!jar.contains("missing") && !jar.contains(("key", "c.example")));

    assert_eq!(jar.remove(("key", "b.example", "/deep")), 1);
    assert_eq!(jar.remove("key"), 2);
    assert_eq!(jar.remove("key"), 0);
    assert_eq!(jar.keys(), ["other"]);
}

/// Requests' test_cookie_parameters: everything that is set can be read.
/// t:test_cookie_parameters
#[test]
fn ck_23_what_is_set_can_be_read() {
    let jar = CookieJar::new();
    let expires = UNIX_EPOCH + Duration::from_secs(4_000_000_000);
    let cookie = Cookie::new("n", "v")
        .with_domain("test.example")
        .with_path("/p")
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_expires(expires);
    jar.insert(cookie).unwrap();
    assert!(jar.len() == 1 && jar.contains("n"));
    let kept = jar.cookie("n").unwrap().unwrap();
    assert_eq!((kept.name(), kept.value(), kept.domain(), kept.path()), ("n", "v", "test.example", "/p"));
    assert_eq!((kept.secure(), kept.http_only(), kept.host_only()), (true, true, true));
    assert_eq!((kept.same_site(), kept.expires()), (Some(SameSite::Lax), Some(expires)));
}

/// t:test_cookie_as_dict_keeps_len, t:test_cookie_as_dict_keeps_items
#[test]
fn ck_24_the_dictionary_and_its_domains() {
    let jar = CookieJar::new();
    jar.set("a", "1", "x.example", "/").unwrap();
    jar.set("b", "2", "x.example", "/p").unwrap();
    jar.set("a", "3", "y.example", "/p").unwrap();
    assert_eq!(jar.keys(), ["a", "b", "a"]);
    assert_eq!(jar.values(), ["1", "2", "3"]);
    assert_eq!(jar.items(), [("a", "1"), ("b", "2"), ("a", "3")].map(|(n, v)| (n.into(), v.into())));
    assert_eq!((jar.len(), jar.iter().count(), (&jar).into_iter().count()), (3, 3, 3));
    let collected: std::collections::HashMap<_, _> = jar.items().into_iter().collect();
    assert_eq!((collected.len(), &collected["a"], &collected["b"]), (2, &"3".to_owned(), &"2".to_owned()));
    assert_eq!(jar.list_domains(), ["x.example", "y.example"]);
    assert_eq!(jar.list_paths(), ["/", "/p"]);
    let dict = |domain, path| {
        let dict = jar.dict(domain, path);
        dict.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(dict(None, None), "a=3 b=2");
    assert_eq!(dict(Some("x.example"), None), "a=1 b=2");
    assert_eq!(dict(Some("x.example"), Some("/p")), "b=2");
    assert_eq!(dict(None, Some("/p")), "a=3 b=2");
    assert_eq!(dict(Some("z.example"), None), "");
}

/// t:test_cookie_policy_copy: what a policy is to Requests, limits and clock are here.
#[test]
fn ck_24_a_copy_is_a_jar_of_its_own() {
    let (jar, seconds) = jar_with_clock();
    jar.store(&url("http://h/"), ["a=1; Max-Age=10"]);
    let mut limits = jar.limits();
    limits.total = 7;
    jar.set_limits(limits);
    let copy = jar.clone();
    copy.set("b", "2", "h", "/").unwrap();
    assert_eq!((jar.len(), copy.len(), copy.limits().total), (1, 2, 7));
    jar.clear();
    assert_eq!(sent(&copy, "http://h/"), "a=1; b=2");
    seconds.fetch_add(10, Ordering::SeqCst);
    assert_eq!(sent(&copy, "http://h/"), "b=2");
}

#[test]
fn ck_24_update_from_another_jar() {
    let old = jar(&[("http://h/", "a=old"), ("http://h/", "b=old")]);
    let new = jar(&[("http://h/", "c=new"), ("http://h/", "a=new"), ("http://other/", "a=other")]);
    let replaced = old.clone();
    replaced.update(&new, Existing::Replace);
    assert_eq!(sent(&replaced, "http://h/"), "a=new; b=old; c=new");
    let kept = old.clone();
    kept.update(&new, Existing::Keep);
    assert_eq!(sent(&kept, "http://h/"), "a=old; b=old; c=new");
    assert_eq!((replaced.len(), kept.len(), new.len()), (4, 4, 3));
    // A jar may be updated from itself.
    old.update(&old, Existing::Replace);
    assert_eq!(sent(&old, "http://h/"), "a=old; b=old");
}

/// Different on purpose: Requests' method is true when two cookies share a domain.
#[test]
fn ck_25_multiple_domains() {
    let jar = CookieJar::new();
    assert!(!jar.multiple_domains());
    jar.set("a", "1", "x.example", "/").unwrap();
    jar.set("b", "2", "x.example", "/").unwrap();
    assert!(!jar.multiple_domains());
    jar.set("a", "1", "y.example", "/").unwrap();
    assert!(jar.multiple_domains());
}

/// X17 is the jar that forgets.
#[test]
fn ck_26_a_store_of_ones_own() {
    struct Constant;
    impl CookieStore for Constant {
        fn store(&self, _: &Url, _: &mut dyn Iterator<Item = &str>) {}
        fn header(&self, _: &Url) -> Option<String> {
            Some("k=v".into())
        }
    }
    let stores: [(Arc<dyn CookieStore>, &str, &str); 3] = [
        (Arc::new(Constant), "k=v", "k=v; a=1; bare"),
        (Arc::new(NoCookies), "", "a=1; bare"),
        (Arc::new(CookieJar::new()), "s=t", "s=t; a=1; bare"),
    ];
    for (store, alone, with_extra) in stores {
        let url = url("http://h/");
        store.store(&url, &mut ["s=t"].into_iter());
        assert_eq!(store.header(&url).unwrap_or_default(), alone);
        let header = store.header_with(&url, &[("a", "1"), ("", "bare")]).unwrap();
        assert_eq!(header.as_deref(), Some(with_extra));
        assert!(store.header_with(&url, &[("a", "1\r\nX: y")]).is_err());
        assert_eq!(store.jar().is_some(), alone == "s=t");
        assert!(!format!("{store:?}").is_empty());
    }
}

#[test]
fn ck_26_a_jar_can_be_shared() {
    let jar = Arc::new(CookieJar::new());
    let store: Box<dyn CookieStore> = Box::new(Arc::clone(&jar));
    store.store(&url("http://h/"), &mut ["a=1"].into_iter());
    assert_eq!(jar.keys(), ["a"]);
    assert_eq!(store.header(&url("http://h/")).as_deref(), Some("a=1"));
    assert_eq!(store.header_with(&url("http://h/"), &[("a", "2")]).unwrap().as_deref(), Some("a=2"));
    assert!(store.jar().is_some());
}

/// t:test_add_dict_to_cookiejar: into a jar, and beside what a store of one's own has.
#[test]
fn ck_27_a_dictionary_of_cookies() {
    let dict = BTreeMap::from([("test", "cookies"), ("good", "cookies")]);
    let jar = CookieJar::new();
    jar.update_dict(dict.clone(), Existing::Keep).unwrap();
    let found = jar.dict(None, None);
    assert_eq!(
        found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<BTreeMap<_, _>>(),
        dict
    );

    let pairs: Vec<_> = dict.into_iter().collect();
    let header = NoCookies.header_with(&url("http://h/"), &pairs).unwrap();
    assert_eq!(header.as_deref(), Some("good=cookies; test=cookies"));
}

/// Requests' merge_cookies keeps, its cookiejar_from_dict overwrites.
#[test]
fn ck_27_names_and_values() {
    let jar = CookieJar::new();
    jar.set("a", "1", "h.example", "/").unwrap();
    jar.update_dict([("a", "2"), ("b", "3")], Existing::Keep).unwrap();
    assert_eq!(jar.items(), [("a", "1"), ("b", "3")].map(|(n, v)| (n.into(), v.into())));
    jar.update_dict([("a", "4"), ("b", "5")], Existing::Replace).unwrap();
    assert_eq!(sent(&jar, "http://h.example/"), "a=4; b=5");
    // All or nothing.
    assert!(jar.update_dict([("c", "6"), ("d", "\n")], Existing::Replace).is_err());
    assert_eq!(jar.keys(), ["a", "b"]);
}

#[test]
fn ck_28_expired_cookies_stay_listed_until_the_next_request() {
    let (jar, seconds) = jar_with_clock();
    jar.store(&url("http://h/"), ["a=1; Max-Age=10", "b=2; Max-Age=20", "c=3"]);
    seconds.fetch_add(9, Ordering::SeqCst);
    assert_eq!(sent(&jar, "http://h/"), "a=1; b=2; c=3");
    seconds.fetch_add(1, Ordering::SeqCst);
    assert_eq!(jar.len(), 3);
    assert_eq!(sent(&jar, "http://other/"), "");
    assert_eq!(jar.keys(), ["b", "c"]);
    seconds.fetch_add(10, Ordering::SeqCst);
    jar.store(&url("http://other/"), ["d=4"]);
    assert_eq!(jar.keys(), ["c", "d"]);
}

#[test]
fn ck_28_clearing() {
    let (jar, seconds) = jar_with_clock();
    jar.store(&url("http://h/"), ["a=1; Max-Age=10", "b=2; Max-Age=20", "c=3"]);
    jar.store(&url("http://www.x.example/"), ["d=4", "e=5; Domain=x.example"]);
    assert_eq!(jar.clear_expired(), 0);
    seconds.fetch_add(15, Ordering::SeqCst);
    assert_eq!(jar.clear_expired(), 1);
    assert_eq!(jar.clear_domain("x.example"), 1);
    assert_eq!(jar.clear_session_cookies(), 2);
    assert_eq!(jar.keys(), ["b"]);
    jar.clear();
    assert!(jar.is_empty() && jar.keys().is_empty());
    assert_eq!(sent(&jar, "http://h/"), "");
}

/// Requests finds out when it sends, and knows ASCII and Latin-1 alone.
#[test]
fn ck_29_values_that_would_break_the_header_are_refused() {
    let jar = CookieJar::new();
    let refused = Err(InvalidCookie::ControlCharacter);
    assert_eq!(jar.set("a", "1\r\nX-Injected: yes", "h", "/"), refused);
    assert_eq!(jar.set("a\n", "1", "h", "/"), refused);
    assert_eq!(jar.set("a", "1; b=2", "h", "/"), Err(InvalidCookie::Separator));
    let error = jar.header_with(&url("http://h/"), &[("a", "1"), ("b", "\n")]).unwrap_err();
    assert_eq!(error.to_string(), "cookie `b`: it holds a control character");
    assert!(jar.is_empty());
    jar.set("a", "ünïcödé ✓", "h", "/").unwrap();
    assert_eq!(sent(&jar, "http://h/"), "a=ünïcödé ✓");
}

/// The guide's example: `jar.set('tasty_cookie', 'yum', domain='httpbin.org', path='/cookies')`.
#[test]
fn s07_5_a_cookie_for_a_path() {
    let jar = CookieJar::new();
    jar.set("tasty_cookie", "yum", "httpbin.org", "/cookies").unwrap();
    jar.set("gross_cookie", "blech", "httpbin.org", "/elsewhere").unwrap();
    assert_eq!(sent(&jar, "http://httpbin.org/cookies"), "tasty_cookie=yum");
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
