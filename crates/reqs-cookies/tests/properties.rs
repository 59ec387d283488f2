//! What holds for any input: nothing panics, nothing is sent where it does not belong, limits hold, a
//! header has no room for anything but cookies.

use std::time::SystemTime;

use proptest::prelude::*;
use reqs_cookies::{Cookie, CookieJar, Limits, parse_cookie_date};
use url::Url;

fn hosts() -> impl Strategy<Value = String> {
    prop_oneof![
        "(www\\.|a\\.b\\.)?(example|evilexample|xample)\\.(com|co\\.uk|github\\.io)\\.?",
        "localhost|127\\.0\\.0\\.1|\\[::1\\]|com|co\\.uk",
    ]
}

fn urls() -> impl Strategy<Value = Url> {
    ("https?", hosts(), "(/(a|b|ab|%41)?){0,4}")
        .prop_map(|(scheme, host, path)| Url::parse(&format!("{scheme}://{host}{path}")).unwrap())
}

fn attributes() -> impl Strategy<Value = String> {
    prop_oneof![
        hosts().prop_map(|host| format!("; Domain={host}")),
        hosts().prop_map(|host| format!("; domain=.{}", host.to_uppercase())),
        "; Path=(/(a|b|ab)?){0,3}",
        "; (Secure|HttpOnly|SameSite=(Lax|None|x)|Max-Age=-?[0-9]{0,25}|Expires=[ -~]{0,30})",
        "; [ -~]{0,20}",
    ]
}

fn set_cookies() -> impl Strategy<Value = String> {
    let pair = prop_oneof!["[a-c]=[a-c]?", "(__Host-|__secure-)?[a-c]=x", "\\PC{0,10}", "[ -~]{0,20}"];
    (pair, prop::collection::vec(attributes(), 0..4))
        .prop_map(|(pair, attributes)| pair + &attributes.concat())
}

/// Domain-match as the standard words it, told apart from the crate's own.
fn may_reach(cookie: &Cookie, url: &Url) -> bool {
    let host = url.host_str().unwrap();
    let is_name = matches!(url.host(), Some(url::Host::Domain(_)));
    let domain = host == cookie.domain()
        || (!cookie.host_only() && is_name && host.ends_with(&format!(".{}", cookie.domain())));
    let directory = format!("{}/", cookie.path().strip_suffix('/').unwrap_or(cookie.path()));
    let path = url.path() == cookie.path() || url.path().starts_with(&directory);
    domain && path && (!cookie.secure() || url.scheme() == "https")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_cookie_or_refused(text in "\\PC*|[\\x00-\\x7f]*", url in urls()) {
        if let Ok(cookie) = Cookie::parse(&text, &url, SystemTime::now(), &Limits::default()) {
            prop_assert!(cookie.name().len() + cookie.value().len() <= 4096);
            prop_assert!(cookie.path().starts_with('/'));
            prop_assert!(may_reach(&cookie, &url) || cookie.path() != "/" || cookie.secure());
        }
    }

    #[test]
    fn any_text_is_a_date_or_not(text in "\\PC*|[0-9: A-Za-z,-]{0,40}") {
        let _date = parse_cookie_date(&text);
    }

    #[test]
    fn what_is_sent_belongs_there(
        stored in prop::collection::vec((urls(), set_cookies()), 0..20),
        requests in prop::collection::vec(urls(), 1..5),
    ) {
        let jar = CookieJar::new();
        for (url, text) in &stored {
            jar.store(url, [text.as_str()]);
        }
        for url in &requests {
            let header = jar.header(url).unwrap_or_default();
            let expected: Vec<Cookie> = jar.iter().filter(|cookie| may_reach(cookie, url)).collect();
            prop_assert_eq!(expected.len(), jar.iter().filter(|cookie| cookie.matches(url)).count());
            let mut sent: Vec<&str> = header.split("; ").filter(|pair| !pair.is_empty()).collect();
            let mut wanted: Vec<String> = expected.iter().map(|c| match c.name() {
                "" => c.value().to_owned(),
                name => format!("{name}={}", c.value()),
            }).collect();
            sent.sort_unstable();
            wanted.sort_unstable();
            prop_assert_eq!(sent, wanted);
            prop_assert!(!header.bytes().any(|b| b.is_ascii_control() && b != b'\t'));
        }
    }

    #[test]
    fn a_domain_cookie_never_spans_a_public_suffix(stored in prop::collection::vec((urls(), set_cookies()), 0..20)) {
        let jar = CookieJar::new();
        for (url, text) in &stored {
            jar.store(url, [text.as_str()]);
        }
        for cookie in &jar {
            let suffix = psl::suffix(cookie.domain().as_bytes()).unwrap();
            prop_assert!(cookie.host_only() || suffix.as_bytes().len() < cookie.domain().len(), "{:?}", cookie);
        }
    }

    #[test]
    fn limits_hold(
        stored in prop::collection::vec((urls(), set_cookies()), 0..60),
        (per_domain, total) in (0..5usize, 0..12usize),
    ) {
        let mut limits = Limits::default();
        (limits.per_domain, limits.total) = (per_domain, total);
        let jar = CookieJar::with_limits(limits);
        for (url, text) in &stored {
            jar.store(url, [text.as_str()]);
            prop_assert_eq!(jar.len(), jar.iter().count());
            prop_assert!(jar.len() <= total);
            for domain in jar.list_domains() {
                prop_assert!(jar.iter().filter(|cookie| cookie.domain() == domain).count() <= per_domain);
            }
        }
    }

    #[test]
    fn any_bytes_are_a_file(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        let jar = CookieJar::new();
        jar.read_netscape(bytes.as_slice()).unwrap();
        #[cfg(feature = "json")]
        let _maybe = jar.read_json(bytes.as_slice());
    }

    #[test]
    fn any_fields_are_lines(
        text in "(((#HttpOnly_)?\\.?(h|a\\.example|co\\.uk|[ -~]{0,5})\t(TRUE|FALSE)\t/\t(TRUE|FALSE)\t-?[0-9]{0,20}\t\\PC{0,5}\t\\PC{0,5})\n){0,5}",
    ) {
        let jar = CookieJar::new();
        let loaded = jar.read_netscape(text.as_bytes()).unwrap();
        prop_assert!(jar.len() <= loaded.cookies);
    }

    #[test]
    fn what_was_received_can_be_saved_and_loaded(stored in prop::collection::vec((urls(), set_cookies()), 0..20)) {
        let jar = CookieJar::new();
        for (url, text) in &stored {
            jar.store(url, [text.as_str()]);
        }
        let mut file = Vec::new();
        let saved = jar.write_netscape(&mut file).unwrap();
        let again = CookieJar::new();
        let loaded = again.read_netscape(file.as_slice()).unwrap();
        prop_assert_eq!(loaded.cookies + loaded.expired, saved.cookies);
        prop_assert_eq!(saved.cookies + saved.skipped, jar.len());
    }
}
