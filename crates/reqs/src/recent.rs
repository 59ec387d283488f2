//! URLs that this thread asked for before: a program that talks to the same few servers does not have their hosts
//! parsed anew for every request.

use std::cell::RefCell;

use url::{Position, Url};

/// How many a thread remembers, each of another origin. Looking through them must cost next to nothing.
const KEPT: usize = 4;

/// Longer ones are not worth their memory.
const LONGEST: usize = 1024;

thread_local! {
    static RECENT: RefCell<Recent> = const { RefCell::new(Recent { urls: Vec::new(), next: 0 }) };
}

struct Recent {
    /// Each as the parser gave it, none with a user or password in it.
    urls: Vec<Url>,
    /// Whose place is taken next.
    next: usize,
}

/// The URL that this text is, letter for letter.
pub(crate) fn same(text: &str) -> Option<Url> {
    let mut found = None;
    with(|recent| found = recent.urls.iter().find(|url| url.as_str() == text).cloned());
    found
}

/// The URL that this text is, if it leads to an origin that is known: then its path, query and fragment alone are parsed.
pub(crate) fn of_same_origin(text: &str) -> Option<Url> {
    let mut found = None;
    with(|recent| {
        found = recent.urls.iter().find_map(|url| {
            let path = text.strip_prefix(&url[..Position::BeforePath])?;
            // One slash and no second one: the parser must take it for a path, and a path alone.
            let is_path = path.starts_with('/') && !path[1..].starts_with(['/', '\\']);
            if is_path { Url::options().base_url(Some(url)).parse(path).ok() } else { None }
        });
    });
    found
}

/// Remembers what the text was parsed to, if the text was spelt as the parser spells it.
pub(crate) fn remember(text: &str, url: &Url) {
    let has_userinfo = !url.username().is_empty() || url.password().is_some();
    let is_http = matches!(url.scheme(), "http" | "https");
    if text.len() > LONGEST || text != url.as_str() || has_userinfo || !is_http {
        return;
    }
    with(|recent| {
        let origin = &url[..Position::BeforePath];
        let known = recent.urls.iter_mut().find(|known| known[..Position::BeforePath] == *origin);
        if let Some(known) = known {
            *known = url.clone();
            return;
        }
        match recent.urls.get_mut(recent.next) {
            Some(place) => *place = url.clone(),
            None => recent.urls.push(url.clone()),
        }
        recent.next = (recent.next + 1) % KEPT;
    });
}

/// Looks at them, or not while the thread ends or looks already.
fn with(look: impl FnOnce(&mut Recent)) {
    let _ = RECENT.try_with(|recent| recent.try_borrow_mut().map(|mut recent| look(&mut recent)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn forget() {
        with(|recent| *recent = Recent { urls: Vec::new(), next: 0 });
    }

    fn learn(text: &str) {
        remember(text, &Url::parse(text).unwrap());
    }

    #[test]
    fn the_same_text_is_the_same_url() {
        forget();
        assert_eq!(same("http://h/a"), None);
        learn("http://h/a");
        assert_eq!(same("http://h/a").unwrap().as_str(), "http://h/a");
        assert_eq!(same("http://h/b"), None);
    }

    #[test]
    fn secrets_and_long_texts_are_not_remembered() {
        forget();
        let long = format!("http://h/{}", "x".repeat(LONGEST));
        for text in ["http://user:secret@h/", "http://user@h/", "http://H/", "ftp://h/", &long] {
            learn(text);
            assert_eq!(same(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_few_are_kept() {
        forget();
        let texts: Vec<String> = (0..=KEPT).map(|n| format!("http://h{n}/")).collect();
        texts.iter().for_each(|text| learn(text));
        assert_eq!(same(&texts[0]), None);
        assert!(texts[1..].iter().all(|text| same(text).is_some()));
        learn("http://h2/other");
        assert_eq!(same(&texts[2]), None);
        assert!(same("http://h2/other").is_some() && same(&texts[1]).is_some());
    }

    #[test]
    fn what_is_no_path_is_left_to_the_parser() {
        forget();
        learn("http://h:8080/a");
        for text in [
            "http://h:8080//other",
            "http://h:8080/\\other",
            "http://h:80801/",
            "http://h:8080",
            "http://h:8080?q",
        ] {
            assert_eq!(of_same_origin(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_known_origin_changes_nothing(rest in "[/\\\\a-zA-Z0-9.%?#:@ é{}|^~&=+-]{0,24}") {
            forget();
            learn("https://example.org:8443/first?a=1#b");
            let text = format!("https://example.org:8443/{rest}");
            if let Some(url) = of_same_origin(&text) {
                prop_assert_eq!(url, Url::parse(&text).unwrap());
            }
        }
    }
}
