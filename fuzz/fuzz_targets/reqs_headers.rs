//! What the facade reads out of response headers: Link, Content-Type, Content-Disposition, Set-Cookie, Location.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reqs::Response;

fuzz_target!(|text: &str| {
    for name in ["Link", "Content-Type", "Content-Disposition", "Set-Cookie", "Location"] {
        let url = reqs::Url::parse("http://example.com/a/b").expect("a URL");
        let built = Response::builder().status(302).url(url).header(name, text).body("{}").build();
        for link in built.links().iter() {
            let _ = (link.url(), link.rel(), link.title());
        }
        let _ = (built.encoding(), built.cookies(), built.is_redirect());
        if let Some(name) = built.filename() {
            assert!(!name.contains(['/', '\\', '\0']) && name != ".." && !name.is_empty());
        }
        if let Ok(loaded) = built.load() {
            let _ = loaded.text();
        }
    }
});
