//! URL preparation (URL-1 to URL-27). Decision 1: text is parsed by the `url` crate.

use reqs::{ErrorKind, Url};

use crate::wire::{expected as head_of, rest, target, through_proxy, wire};

fn prepared(url: &str) -> String {
    reqs::get(url).prepare().unwrap().url.into()
}

fn refused(url: &str) -> (ErrorKind, String) {
    let error = reqs::get(url).send().unwrap_err();
    (error.kind(), error.to_string())
}

/// t:test_prepare_request_with_bytestring_url
#[test]
fn url_1_a_url_may_be_bytes_of_utf_8() {
    let prepared = reqs::get("https://httpbin.org/é".as_bytes()).prepare().unwrap();
    assert_eq!(prepared.url.as_str(), "https://httpbin.org/%C3%A9");
    let error = reqs::get(b"http://h/\xff".as_slice()).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidUrl);
    assert!(error.to_string().contains("not UTF-8"), "{error}");
}

/// t:test_whitespaces_are_removed_from_url
#[test]
fn url_2_white_space_around_is_taken_away() {
    assert_eq!(target(|url| reqs::get(format!(" \t\n{url}/x "))), "/x");
}

/// t:test_nonhttp_schemes_dont_check_URLs, t:test_url_mutation, t:test_parameters_for_nonstandard_schemes.
#[test]
fn url_3_url_4_other_schemes_keep_their_url() {
    for url in [
        "data:image/gif;base64,R0lGODlhAQABAHAAACH5BAUAAAAALAAAAAABAAEAAAICRAEAOw==",
        "file:///etc/passwd",
        "magnet:?xt=urn:btih:be08f00302bc2d1d3cfa3af02024fa647a271431",
        "mailto:user@example.org",
        "data:SSDimaUgUHl0aG9uIQ==",
    ] {
        let with_params = reqs::get(url).params([("key", "value")]).prepare().unwrap();
        assert_eq!(with_params.url.as_str(), url);
    }
    let unix = "http+unix://%2Fvar%2Frun%2Fsocket/path";
    let with_params = reqs::get(unix).params([("key", "value")]).prepare().unwrap();
    assert_eq!(with_params.url.as_str(), format!("{unix}?key=value"));
    // As bytes too; and an escape that need not be one stays (decision 1, URL-17).
    for url in
        ["mailto:user@example.org", "data:SSDimaUgUHl0aG9uIQ==", "http+unix://%2Fvar%2Frun%2Fsocket/path%7E"]
    {
        assert_eq!(prepared(url), url);
        assert_eq!(reqs::get(url.as_bytes()).prepare().unwrap().url.as_str(), url);
    }
    for (url, expected) in
        [(unix, format!("{unix}?key=value")), ("mailto:user@example.org", "mailto:user@example.org".into())]
    {
        let with_params = reqs::get(url.as_bytes()).params([("key", "value")]).prepare().unwrap();
        assert_eq!(with_params.url.as_str(), expected);
    }
}

/// t:test_invalid_url
#[test]
fn url_5_url_6_url_7_what_is_no_url_says_why() {
    use ErrorKind::{InvalidSchema, InvalidUrl, MissingSchema};
    let cases = [
        (
            "hiwpef",
            MissingSchema,
            "Invalid URL 'hiwpef': No scheme supplied. Perhaps you meant https://hiwpef?",
        ),
        ("//x/y", MissingSchema, "Invalid URL '//x/y': No scheme supplied. Perhaps you meant https://x/y?"),
        ("localhost:3128", InvalidSchema, "No connection adapters were found for 'localhost:3128'"),
        (
            "localhost.localdomain:3128/",
            InvalidSchema,
            "No connection adapters were found for 'localhost.localdomain:3128/'",
        ),
        ("10.122.1.1:3128/", InvalidSchema, "No connection adapters were found for '10.122.1.1:3128/'"),
        ("http://", InvalidUrl, "Invalid URL 'http://': No host supplied"),
        ("http:///p", InvalidUrl, "Invalid URL 'http:///p': No host supplied"),
    ];
    for (url, kind, message) in cases {
        let (found, text) = refused(url);
        assert_eq!(found, kind, "{url}");
        assert!(text.starts_with(message), "{text}");
    }
}

/// t:test_preparing_bad_url, t:test_invalid_url. `http://☃.net/` is a host to the `url` crate (URL-9, decision 1).
#[test]
fn url_8_labels_that_name_no_host() {
    for url in ["http://*.google.com", "http://*", "http://.example.com", "http://*example.com"] {
        let (kind, text) = refused(url);
        assert_eq!(kind, ErrorKind::InvalidUrl);
        assert!(text.contains("URL has an invalid label."), "{text}");
        assert_eq!(reqs::get(url.as_bytes()).send().unwrap_err().kind(), ErrorKind::InvalidUrl);
    }
    assert_eq!(prepared("http://☃.net/"), "http://xn--n3h.net/");
}

/// t:test_preparing_url, as far as the `url` crate agrees
#[test]
fn url_9_hosts_beyond_ascii() {
    let cases = [
        ("http://google.com", "http://google.com/"),
        ("http://ジェーピーニック.jp", "http://xn--hckqz9bzb1cyrb.jp/"),
        ("http://xn--n3h.net/", "http://xn--n3h.net/"),
        ("http://straße.de/straße", "http://xn--strae-oqa.de/stra%C3%9Fe"),
        ("http://ß.de/", "http://xn--zca.de/"),
        ("http://Königsgäßchen.de/straße", "http://xn--knigsgchen-b4a3dun.de/stra%C3%9Fe"),
        ("http://☃.net/", "http://xn--n3h.net/"),
        (
            "http://[1200:0000:ab00:1234:0000:2552:7777:1313]:12345/",
            "http://[1200:0:ab00:1234:0:2552:7777:1313]:12345/",
        ),
    ];
    for (given, expected) in cases {
        assert_eq!(prepared(given), expected);
        assert_eq!(reqs::get(given.as_bytes()).prepare().unwrap().url.as_str(), expected, "as bytes");
    }
}

/// t:test_mixed_case_scheme_acceptable
#[test]
fn url_10_capitals_of_scheme_and_host() {
    for scheme in ["http", "HTTP", "hTTp", "HttP"] {
        assert_eq!(target(|url| reqs::get(url.replacen("http", scheme, 1) + "/Path?Q")), "/Path?Q");
        assert_eq!(prepared(&format!("{scheme}://ExAmPle.com/Path?Q")), "http://example.com/Path?Q");
    }
}

#[test]
fn url_11_ports() {
    assert_eq!(prepared("http://x:80/"), "http://x/");
    assert_eq!(prepared("http://x:/"), "http://x/");
    assert_eq!(prepared("https://x:80/"), "https://x:80/");
    for url in ["http://x:65536/", "http://x:abc/"] {
        assert_eq!(refused(url).0, ErrorKind::InvalidUrl);
    }
}

/// t:test_request_url_handles_leading_path_separators
#[test]
fn url_12_url_13_paths() {
    let cases = [
        ("", "/"),
        ("?q", "/?q"),
        ("/a/./b/../c", "/a/c"),
        ("/a/../../..", "/"),
        ("//v:h", "//v:h"),
        ("//a//b", "//a//b"),
        ("/a;p=1/b;q", "/a;p=1/b;q"), // URL-22
    ];
    for (path, expected) in cases {
        assert_eq!(target(|url| reqs::get(format!("{url}{path}"))), expected, "{path}");
    }
}

/// t:test_fragment_not_sent_with_request
#[test]
fn url_14_url_23_what_stands_on_the_request_line() {
    let cases = [("/?#", "/"), ("/?", "/"), ("/#fragment", "/"), ("/?a#b", "/?a"), ("/p?#x", "/p")];
    for (path, expected) in cases {
        assert_eq!(target(|url| reqs::get(format!("{url}{path}"))), expected, "{path}");
        assert_eq!(reqs::get(format!("http://h{path}")).prepare().unwrap().path_url(), expected);
    }
    let text = wire(|url| reqs::get(format!("{url}/path/to/thing/#view=edit&token=hunter2")));
    assert_eq!(text, head_of("GET /path/to/thing/", "", ""), "and nowhere else");
}

/// t:test_long_authinfo_in_url
#[test]
fn url_15_userinfo_stays_in_the_url_and_off_the_wire() {
    let text = wire(|url| reqs::get(url.replacen("//", "//us%40er:pass@", 1) + "/p").no_auth());
    assert_eq!(text, head_of("GET /p", "", ""));
    // The longest label that a host may have.
    let label = format!("exactly{:->56}", "characters");
    assert_eq!(label.len(), 63);
    let long = format!("http://{}:{}@{label}:9000/path?query#frag", "E8A3-9E3F".repeat(9), "EA77".repeat(9));
    assert_eq!(prepared(&long), long);
}

/// t:test_errors
#[test]
fn url_16_ipv6() {
    assert_eq!(prepared("http://[2001:DB8::1]/"), "http://[2001:db8::1]/");
    for url in
        ["http://2001:db8::1/", "http://fe80::5054:ff:fe5a:fc0", "http://[::1/", "http://[fe80::1%25eth0]/"]
    {
        assert_eq!(refused(url).0, ErrorKind::InvalidUrl, "{url}");
    }
}

/// t:test_path_is_not_double_encoded, t:test_requote_uri_with_unquoted_percents
#[test]
fn url_17_url_18_url_25_percent_encoding() {
    let cases = [
        ("/get/test case", "/get/test%20case"),
        ("/%20%2f%7E", "/%20%2f%7E"),
        ("/é?é", "/%C3%A9?%C3%A9"),
        ("/a+b?c+d", "/a+b?c+d"),
        ("/\"<>`{}", "/%22%3C%3E%60%7B%7D"),
        ("/?\"<>", "/?%22%3C%3E"),
        ("/?q=[1]", "/?q=[1]"),
        ("/fiz?buz=%25ppicture", "/fiz?buz=%25ppicture"),
        ("/fiz?buz=%ppicture", "/fiz?buz=%25ppicture"),
    ];
    for (path, expected) in cases {
        assert_eq!(target(|url| reqs::get(format!("{url}{path}"))), expected, "{path}");
    }
}

#[test]
fn url_19_url_20_url_21_what_could_be_read_in_two_ways() {
    assert_eq!(prepared("http://x\\y/"), "http://x/y/");
    for url in [
        "http://h/a\r\nb",
        "http://h/a\tb",
        "http://a\nb/",
        "http://h/\0",
        "http://x%00y/",
        "http://x y/",
        "http://a%2Fb/",
    ] {
        assert_eq!(refused(url).0, ErrorKind::InvalidUrl, "{url:?}");
    }
    assert_eq!(prepared("http://x%41y/"), "http://xay/");
    assert_eq!(prepared("http://0x7f.1/"), "http://127.0.0.1/");
}

/// t:test_params_are_added_before_fragment
#[test]
fn url_24_params_go_before_the_fragment() {
    for (path, expected) in
        [("/path#fragment", "/path?a=b"), ("/path?key=value#fragment", "/path?key=value&a=b")]
    {
        let mut shown = String::new();
        let found = target(|url| {
            let request = || reqs::get(format!("{url}{path}")).params([("a", "b")]);
            shown = request().prepare().unwrap().url.into();
            request()
        });
        assert_eq!(found, expected);
        assert!(shown.ends_with(&format!("{expected}#fragment")), "{shown}");
    }
}

/// t:test_urldefragauth. What has no scheme, or one that is not of HTTP, reaches no proxy, and its message shows no userinfo
/// either.
#[test]
fn url_26_a_proxy_sees_neither_userinfo_nor_fragment() {
    let cases = [
        ("http://u:p@example.com/path?a=1#test", "GET http://example.com/path?a=1 HTTP/1.1"),
        ("http://example.com/path", "GET http://example.com/path HTTP/1.1"),
        ("http://u:p@example.com/path?query#fragment", "GET http://example.com/path?query HTTP/1.1"),
        (
            "http://u@example.com:8080/path;params#fragment",
            "GET http://example.com:8080/path;params HTTP/1.1",
        ),
        ("http://example.com", "GET http://example.com/ HTTP/1.1"),
    ];
    for (url, line) in cases {
        assert_eq!(through_proxy(url).0, line);
    }
    let refusals = [
        ("//u:secret@example.com/path", ErrorKind::InvalidSchema),
        ("//example.com/path", ErrorKind::MissingSchema),
        ("example.com/path", ErrorKind::MissingSchema),
        ("scheme:u:secret@example.com/path", ErrorKind::InvalidSchema),
    ];
    for (url, expected) in refusals {
        let (kind, text) = refused(url);
        assert_eq!(kind, expected, "{url}");
        assert!(text.contains("example.com/path") && !text.contains("secret"), "{text}");
    }
}

#[test]
fn url_27_the_host_header() {
    let cases = [
        ("http://Example.com/", "example.com"),
        ("http://example.com:80/", "example.com"),
        ("http://example.com:8080/", "example.com:8080"),
        ("http://[2001:DB8::1]/", "[2001:db8::1]"),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]:8080"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
    ];
    for (url, host) in cases {
        assert_eq!(through_proxy(url).1, host);
    }
}

#[test]
fn a_url_that_was_parsed_is_fetched_as_it_is() {
    let found = target(|url| reqs::get(Url::parse(&format!("{url}/%zz?%")).unwrap()));
    assert_eq!(found, "/%zz?%");
    assert_eq!(rest(|url| reqs::get(url.parse::<http::Uri>().unwrap())), "\r\n");
}
