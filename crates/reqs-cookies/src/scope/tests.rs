use super::*;

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

#[test]
fn sec_44_domain_match_stops_at_label_boundaries() {
    let table = [
        ("example.com", "example.com", true),
        ("www.example.com", "example.com", true),
        ("a.b.example.com", "example.com", true),
        ("pythonicexample.com", "example.com", false),
        ("example.com.evil.org", "example.com", false),
        ("example.com", "www.example.com", false),
        ("example.com.", "example.com", false),
        ("127.0.0.1", "127.0.0.1", true),
        ("127.0.0.1", "0.0.1", false),
        ("127.0.0.1", "1", false),
        ("[::1]", "[::1]", true),
        ("[::1]", "1]", false),
    ];
    for (host, domain, expected) in table {
        assert_eq!(domain_match(host, domain), expected, "{host} {domain}");
    }
}

#[test]
fn ck_12_path_match_stops_at_segment_boundaries() {
    let table = [
        ("/a", "/a", true),
        ("/a/", "/a", true),
        ("/a/b", "/a", true),
        ("/ab", "/a", false),
        ("/a", "/a/", false),
        ("/a/b", "/a/", true),
        ("/", "/", true),
        ("/anything", "/", true),
        ("/A", "/a", false),
        ("/", "/a", false),
    ];
    for (request, cookie, expected) in table {
        assert_eq!(path_match(request, cookie), expected, "{request} {cookie}");
    }
}

#[test]
fn ck_11_default_path_is_the_directory() {
    let table = [
        ("http://h", "/"),
        ("http://h/", "/"),
        ("http://h/x", "/"),
        ("http://h/x/", "/x"),
        ("http://h/x/y", "/x"),
        ("http://h/x/y/z?q=/1/2#/f/g", "/x/y"),
        ("http://h//", "/"),
        ("data:text/plain", "/"),
        ("mailto:a/b", "/"),
    ];
    for (text, expected) in table {
        assert_eq!(default_path(&url(text)), expected, "{text}");
    }
}

#[test]
fn ck_18_only_tls_is_secure() {
    let table = [
        ("https://h/", true),
        ("wss://h/", true),
        ("http://h/", false),
        ("http://localhost/", false),
        ("http://127.0.0.1/", false),
        ("ws://h/", false),
        ("ftp://h/", false),
    ];
    for (text, expected) in table {
        assert_eq!(is_secure(&url(text)), expected, "{text}");
    }
}

#[test]
fn hosts_and_their_parents() {
    let table: [(&str, &[&str]); 6] = [
        ("http://a.b.example.com/", &["a.b.example.com", "b.example.com", "example.com", "com"]),
        ("http://LOCALHOST/", &["localhost"]),
        ("http://127.0.0.1/", &["127.0.0.1"]),
        ("http://0x7f.1/", &["127.0.0.1"]),
        ("http://[::1]:8080/", &["[::1]"]),
        ("http://example.com./", &["example.com.", "com."]),
    ];
    for (text, expected) in table {
        let url = url(text);
        let domains: Vec<_> = RequestHost::of(&url).unwrap().and_parents().collect();
        assert_eq!(domains, expected, "{text}");
    }
    assert!(RequestHost::of(&url("data:,x")).is_none());
    assert!(RequestHost::of(&url("file:///etc/hosts")).is_none());
}

#[test]
fn domains_that_users_write() {
    let table = [
        ("HTTPBIN.org", Some("httpbin.org")),
        ("bücher.example", Some("xn--bcher-kva.example")),
        ("127.1", Some("127.0.0.1")),
        ("::1", Some("[::1]")),
        ("[::1]", Some("[::1]")),
        ("localhost", Some("localhost")),
        ("", None),
        (".", None),
        (".example.com", None),
        ("Example.com.", Some("example.com.")),
        ("example.com..", None),
        ("a..b", None),
        ("example.com:80", None),
        ("https://example.com", None),
        ("exa mple.com", None),
        ("example.com\tx", None),
    ];
    for (text, expected) in table {
        assert_eq!(canonical_domain(text).as_deref(), expected, "{text:?}");
    }
}
