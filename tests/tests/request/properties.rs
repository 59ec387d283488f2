//! What holds for any text: URLs, params, and one set of headers over another.

use proptest::prelude::*;
use reqs::{Headers, IntoUrl, Params, Session};

proptest! {
    /// Any text is a URL or an error of one line, and never a panic.
    #[test]
    fn any_text_is_a_url_or_a_clear_error(text in ".{0,60}", scheme in "(|http://|https://|HTTP:|http:/|data:|h+x://)") {
        match format!("{scheme}{text}").into_url() {
            Ok(url) => {
                prop_assert!(!url.as_str().bytes().any(|byte| byte.is_ascii_control()));
                let prepared = reqs::get(&url).params([("a", "b")]).prepare().unwrap();
                prop_assert!(!prepared.path_url().contains([' ', '\r', '\n']) || prepared.url.cannot_be_a_base());
            }
            Err(error) => prop_assert_eq!(error.to_string().lines().count(), 1, "{}", error),
        }
    }

    /// Bytes that are no text are refused, never guessed at.
    #[test]
    fn any_bytes_are_a_url_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = bytes.as_slice().into_url();
        let _ = [b"http://", bytes.as_slice()].concat().as_slice().into_url();
    }

    /// What is written is what a form parser reads, in the same order.
    #[test]
    fn params_are_read_back(pairs in prop::collection::vec((".{0,12}", ".{0,12}"), 0..8)) {
        let params: Params = pairs.iter().cloned().collect();
        let text = params.to_string();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%+&=".contains(&byte)));
        let read: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        // A parser cannot see a pair of two empty strings between others, but it sees `=`.
        prop_assert_eq!(&read, &pairs);
        let url = reqs::get("http://h/").params(&pairs).prepare().unwrap().url;
        let read: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        prop_assert_eq!(&read, &pairs);
    }

    /// A name that the request has replaces the session's, in the place of its first, in the request's spelling; every
    /// other line of either stays, in its order.
    #[test]
    fn headers_over_headers(
        below in prop::collection::vec(("[A-Ca-c]", "[0-9]{0,3}"), 0..8),
        over in prop::collection::vec(("[A-Ea-e]", "[0-9]{0,3}"), 0..8),
    ) {
        let mut session = Session::new();
        session.headers = below.iter().cloned().collect();
        let over_headers: Headers = over.iter().cloned().collect();
        let merged = session.get("http://h/").headers(over_headers).prepare().unwrap().headers;
        let merged: Vec<(String, String)> = merged.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let values = |pairs: &[(String, String)], name: &str| -> Vec<(String, String)> {
            pairs.iter().filter(|(n, _)| same(n, name)).cloned().collect()
        };
        for name in ["a", "b", "c", "d", "e"] {
            let own = values(&over, name);
            let expected = if own.is_empty() { values(&below, name) } else { own };
            prop_assert_eq!(values(&merged, name), expected, "{}", name);
        }
        let first_of = |pairs: &[(String, String)]| -> Vec<String> {
            let mut seen: Vec<String> = Vec::new();
            for (name, _) in pairs {
                let name = name.to_ascii_lowercase();
                if !seen.contains(&name) {
                    seen.push(name);
                }
            }
            seen
        };
        let mut order = first_of(&below);
        order.extend(first_of(&over).into_iter().filter(|name| !below.iter().any(|(n, _)| same(n, name))));
        prop_assert_eq!(first_of(&merged), order);
    }
}
