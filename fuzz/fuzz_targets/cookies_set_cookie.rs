//! Any `Set-Cookie`: stored, and only ever sent as a header may hold it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reqs_cookies::{CookieJar, parse_cookie_date};
use url::Url;

fuzz_target!(|text: &str| {
    let _ = parse_cookie_date(text);
    let url = Url::parse("https://www.example.com/a/b").expect("a URL");
    let stranger = Url::parse("https://example.org/").expect("a URL");
    let jar = CookieJar::new();
    jar.store(&url, text.split('\n'));
    assert_eq!(jar.header(&stranger), None, "a cookie reached a stranger");
    if let Some(header) = jar.header(&url) {
        assert!(!header.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t'));
    }
});
