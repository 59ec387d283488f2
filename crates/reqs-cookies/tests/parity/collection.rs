//! The jar as a collection: what a program reads, sets, copies, merges and clears.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, UNIX_EPOCH};

use reqs_cookies::{
    Cookie, CookieConflict, CookieJar, CookieStore, Existing, InvalidCookie, NoCookies, SameSite, Select,
};
use url::Url;

use crate::{jar, jar_with_clock, sent, url};

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
