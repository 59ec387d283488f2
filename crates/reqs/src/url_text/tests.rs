use std::borrow::Cow;

use super::*;
use crate::into_url::IntoUrl;
use ErrorKind::{InvalidSchema, InvalidUrl, MissingSchema};

#[test]
fn url_5_to_8_what_is_not_a_url_says_why() {
    let cases = [
        (
            "hiwpef",
            MissingSchema,
            "Invalid URL 'hiwpef': No scheme supplied. Perhaps you meant https://hiwpef?",
        ),
        ("", MissingSchema, "Invalid URL '': No scheme supplied."),
        (
            "/p",
            MissingSchema,
            "Invalid URL '/p': No scheme supplied. A path alone is for a session that has a base_url.",
        ),
        ("//x/y", MissingSchema, "Invalid URL '//x/y': No scheme supplied. Perhaps you meant https://x/y?"),
        (
            "10.1.1.1:80/",
            InvalidSchema,
            "No connection adapters were found for '10.1.1.1:80/'. Perhaps you meant http://10.1.1.1:80/?",
        ),
        ("a b:c", InvalidSchema, "No connection adapters were found for 'a b:c'"),
        ("http://", InvalidUrl, "Invalid URL 'http://': No host supplied"),
        ("http:///p", InvalidUrl, "Invalid URL 'http:///p': No host supplied"),
        ("http:/x", InvalidUrl, "Invalid URL 'http:/x': No host supplied"),
        ("http:x", InvalidUrl, "Invalid URL 'http:x': No host supplied"),
        ("http://*", InvalidUrl, "Invalid URL 'http://*/': URL has an invalid label."),
        ("http://*.google.com", InvalidUrl, "Invalid URL 'http://*.google.com/': URL has an invalid label."),
        ("http://.example.com", InvalidUrl, "Invalid URL 'http://.example.com/': URL has an invalid label."),
        ("http://x:65536/", InvalidUrl, "Invalid URL 'http://x:65536/': invalid port number"),
        ("http://a b/", InvalidUrl, "Invalid URL 'http://a b/': the host is no domain name"),
        ("http://a\r\nb/", InvalidUrl, "Invalid URL 'http://a\\r\\nb/': it holds a control character"),
        ("http://a/\tb", InvalidUrl, "Invalid URL 'http://a/\\tb': it holds a control character"),
        ("http://u:secret@[::1/", InvalidUrl, "Invalid URL 'http://[::1/': invalid IPv6 address"),
    ];
    for (given, kind, message) in cases {
        let error = given.into_url().unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message), "{given:?}");
    }
    assert_eq!(b"http://\xff/".as_slice().into_url().unwrap_err().kind(), InvalidUrl);
}

#[test]
fn url_2_url_10_spaces_around_and_capitals_do_not_matter() {
    for given in [" http://Example.COM/A", "\t\n HTTP://example.com/A", "http://example.com/A \n"] {
        assert_eq!(given.into_url().unwrap().as_str(), "http://example.com/A", "{given:?}");
    }
}

#[test]
fn url_3_url_6_other_schemes_pass_untouched() {
    for given in
        ["mailto:user@example.org", "data:,x", "localhost:3128", "magnet:?xt=urn:btih:be08f00302bc2d1d3"]
    {
        let mut url = given.into_url().unwrap();
        add_params(&mut url, &Params::from([("a", "b")]));
        assert_eq!(url.as_str(), given);
    }
}

#[test]
fn url_4_url_24_params_go_before_the_fragment_and_after_the_query() {
    let cases = [
        ("http://h/p#frag", "http://h/p?a=b#frag"),
        ("http://h/p?x=y#frag", "http://h/p?x=y&a=b#frag"),
        ("http://h", "http://h/?a=b"),
        ("http+unix://%2Frun%2Fx.sock/p", "http+unix://%2Frun%2Fx.sock/p?a=b"),
    ];
    for (given, expected) in cases {
        let mut url = given.into_url().unwrap();
        add_params(&mut url, &Params::from([("a", "b")]));
        assert_eq!(url.as_str(), expected);
    }
}

/// t:test_unquote_unreserved. Decision 1: an escape that need not be one stays, and so that a `%` that begins none is
/// no end of it, that one is escaped (URL-17, URL-25).
#[test]
fn url_17_url_25_escapes_stay_as_they_were_written() {
    let cases = [
        ("http://example.com/?a=%--", "http://example.com/?a=%25--"),
        ("http://example.com/?a=%300", "http://example.com/?a=%300"),
    ];
    for (given, expected) in cases {
        assert_eq!(given.into_url().unwrap().as_str(), expected);
    }
}

/// t:test_requote_uri_with_unquoted_percents
#[test]
fn url_25_a_percent_that_begins_no_escape_is_quoted() {
    let cases = [
        ("http://h/fiz?buz=%25ppicture", "http://h/fiz?buz=%25ppicture"),
        ("http://h/fiz?buz=%ppicture", "http://h/fiz?buz=%25ppicture"),
        ("http://h/%zz/%2f%", "http://h/%25zz/%2f%25"),
        ("http://h/?%é%4", "http://h/?%25%C3%A9%254"),
        ("data:%zz", "data:%zz"),
    ];
    for (given, expected) in cases {
        assert_eq!(given.into_url().unwrap().as_str(), expected);
    }
    let given = Url::parse("http://h/%zz").unwrap();
    assert_eq!((&given).into_url().unwrap(), given, "a URL is taken as it is");
    let mut url = "http://h/".into_url().unwrap();
    add_params(&mut url, &Params::new("a=100%").unwrap());
    assert_eq!(url.as_str(), "http://h/?a=100%25");
}

#[test]
fn sec_14_no_password_in_messages() {
    for given in [
        "http://u:secret@h:x/",
        "http://u:secret@@h b/",
        "//u:secret@h/",
        "http:/u:secret@h/",
        "http:///u:secret@h/",
        "http:\\\\u:secret@h b/",
        "htt p://u:secret@h/",
        "http//u:secret@h/",
        "http://u:secret/x@h/",
        "http://u:x?secret@h:1/",
        "http://u:x#secret@h/",
    ] {
        let error = given.into_url().unwrap_err().to_string();
        assert!(!error.contains("secret") && error.contains('h'), "{given}: {error}");
    }
    for shown in ["/@me", "http://h:80/@me", "http://h:/a:b@me", "http://[::1/a@b"] {
        assert_eq!(without_userinfo(shown), shown, "a path is no authority");
    }
}

#[test]
fn a_password_that_ends_its_authority_is_named_as_what_is_wrong() {
    let error = "http://u:a/b@h:1/p".into_url().unwrap_err();
    let message = "Invalid URL 'http://h:1/p': in a password '/', '?' and '#' are written %2F, %3F and %23";
    assert_eq!((error.kind(), error.to_string().as_str()), (InvalidUrl, message));
}

#[test]
fn text_and_bytes_name_urls_in_whatever_form_they_are_at_hand() {
    let owned = "http://h/".to_owned();
    for given in ["http://h/", &owned].iter() {
        assert_eq!(given.into_url().unwrap().as_str(), owned);
    }
    assert_eq!(Cow::from(&owned).into_url().unwrap().as_str(), owned);
    assert_eq!(b"http://h/".into_url().unwrap().as_str(), owned);
}
