//! Any text as a URL, and what is sent of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reqs::Request;

fuzz_target!(|text: &str| {
    let Ok(prepared) = Request::new("GET", text).params([("k", text)]).prepare() else { return };
    if !matches!(prepared.url.scheme(), "http" | "https") {
        return;
    }
    let visible = |text: &str| text.bytes().all(|byte| byte > b' ' && byte < 0x7f);
    assert!(visible(prepared.path_url()), "{}", prepared.path_url());
    assert!(visible(prepared.authority()) && !prepared.authority().contains('@'));
});
