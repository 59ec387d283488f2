//! Attacks on cookie jars: every test begins with the identifier of its line in the list of attacks.

use reqs_cookies::{CookieJar, Existing};
use url::Url;

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn sent(jar: &CookieJar, to: &str) -> String {
    jar.header(&url(to)).unwrap_or_default()
}

#[test]
fn sec_03_a_cookie_of_a_redirect_stays_with_its_host() {
    let jar = CookieJar::new();
    jar.store(&url("http://a.example/redirect"), ["id=1", "wide=2; Domain=b.example"]);
    assert_eq!(sent(&jar, "http://b.example/"), "");
    assert_eq!(sent(&jar, "http://a.example/"), "id=1");
}

#[test]
fn sec_10_and_81_domainless_cookies_reach_one_host() {
    let jar = CookieJar::new();
    jar.update_dict([("token", "s3cr3t")], Existing::Replace).unwrap();
    assert_eq!(sent(&jar, "http://a.example/"), "token=s3cr3t");
    assert_eq!(sent(&jar, "http://b.example/"), "");
    // Saved and loaded, it is still for that host alone.
    let mut file = Vec::new();
    jar.write_netscape(&mut file).unwrap();
    let loaded = CookieJar::new();
    loaded.read_netscape(file.as_slice()).unwrap();
    assert_eq!(sent(&loaded, "http://b.example/"), "");
    assert_eq!(sent(&loaded, "http://a.example/"), "token=s3cr3t");
}

#[test]
fn sec_10_request_cookies_are_not_kept() {
    let jar = CookieJar::new();
    jar.header_with(&url("http://a.example/"), &[("token", "s3cr3t")]).unwrap();
    assert_eq!(sent(&jar, "http://a.example/"), "");
    assert!(jar.is_empty());
}

#[test]
fn sec_14_debug_shows_no_values() {
    let jar = CookieJar::new();
    jar.store(&url("http://h/"), ["id=s3cr3t", "s3cr3t-bare"]);
    let text = format!("{jar:?}");
    assert!(text.contains("id") && !text.contains("s3cr3t"), "{text}");
    let error = jar.set("a", "s3cr3t\n", "h", "/").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cr3t"));
}

#[test]
fn sec_44_and_60_no_cookie_for_strangers() {
    let refused = [
        ("http://pythonicexample.com/", "a=1; Domain=example.com"),
        ("http://127.0.0.1/", "a=1; Domain=0.0.1"),
        ("http://foo.co.uk/", "a=1; Domain=co.UK"),
        ("http://example.com/", "a=1; Domain=.com"),
        ("http://example.com/", "a=1; Domain=com."),
        ("http://example.com./", "a=1; Domain=com."),
        ("http://example.com./", "a=1; Domain=example.com."),
        ("http://example.com/", "a=1; Domain=."),
    ];
    for (from, set_cookie) in refused {
        let jar = CookieJar::new();
        jar.store(&url(from), [set_cookie]);
        let host_only = jar.iter().all(|cookie| cookie.host_only());
        assert!(host_only, "{set_cookie} from {from}: {jar:?}");
        for stranger in
            ["http://example.com/", "http://victim.co.uk/", "http://victim.com/", "http://10.0.0.1/"]
        {
            if stranger != from {
                assert_eq!(sent(&jar, stranger), "", "{set_cookie} from {from}");
            }
        }
    }
}

#[test]
fn sec_61_a_file_cannot_inject() {
    let long = format!("h\tFALSE\t/\tFALSE\t0\tlong\t{}\n", "v".repeat(1 << 20));
    let lines = [
        ".com\tTRUE\t/\tFALSE\t0\tsupercookie\tv\n",
        ".co.uk\tTRUE\t/\tFALSE\t0\tsupercookie\tv\n",
        "h\tFALSE\t/\tFALSE\t0\tcr\tv\rX: y\n",
        "h\tFALSE\t/\tFALSE\t0\tnul\t\0\n",
        "h\tFALSE\t/\tFALSE\t0\tescape\t\u{1b}[2J\n",
        "h\tFALSE\t/\tFALSE\t0\tsemicolon\tv; other=x\n",
        "h\tFALSE\t/\tFALSE\t0\ta=b\tv\n",
        "h\tFALSE\t/\tFALSE\t0\n",
        "h\tFALSE\t/\tFALSE\tnever\tname\tvalue\n",
        "h\tperhaps\t/\tFALSE\t0\tname\tvalue\n",
        "h\tFALSE\tno-slash\tFALSE\t0\tname\tvalue\n",
        "\tFALSE\t/\tFALSE\t0\tname\tvalue\n",
        "h:80\tFALSE\t/\tFALSE\t0\tname\tvalue\n",
        "h\tFALSE\t/\tFALSE\t0\t__Host-prefix\tv\n",
        "h\tFALSE\t/x\tTRUE\t0\t__Host-prefix\tv\n",
        "just words\n",
        long.as_str(),
    ];
    let good = "h\tFALSE\t/\tFALSE\t0\tgood\tv\n";
    for line in lines {
        let jar = CookieJar::new();
        let loaded = jar.read_netscape(format!("{line}{good}").as_bytes()).unwrap();
        assert_eq!((loaded.cookies, loaded.ignored), (1, 1), "{:?}", &line[..line.len().min(60)]);
        assert_eq!(jar.keys(), ["good"]);
    }
    let jar = CookieJar::new();
    let loaded = jar.read_netscape(b"h\tFALSE\t/\tFALSE\t0\tname\t\xff\xfe\n".as_slice()).unwrap();
    assert_eq!((loaded.cookies, loaded.ignored), (0, 1));
}

#[test]
fn sec_61_a_file_is_never_made_by_loading() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cookies.txt");
    let jar = CookieJar::new();
    let error = jar.load_netscape(&path).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(error.to_string().contains("cookies.txt"), "{error}");
    jar.store(&url("http://h/"), ["a=1"]);
    drop(jar);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn sec_62_limits_hold() {
    let jar = CookieJar::new();
    let from = url("http://h.example/");
    for number in 0..60 {
        jar.store(&from, [format!("n{number}=v").as_str()]);
    }
    assert_eq!(jar.len(), 50);
    assert_eq!(jar.keys()[0], "n10");
    let too_long = format!("long={}", "v".repeat(4093));
    jar.store(&from, [too_long.as_str()]);
    assert!(!jar.contains("long"));
    jar.store(&from, [&too_long[..4097]]);
    assert!(jar.contains("long"));
}

/// The jar knows URLs alone: a `Host` header of old cannot widen or redirect what is sent.
#[test]
fn sec_63_the_host_of_the_request_decides() {
    let jar = CookieJar::new();
    jar.store(&url("http://a.example/"), ["id=1"]);
    assert_eq!(sent(&jar, "http://user:a.example@b.example/?a.example#a.example"), "");
}

#[test]
fn sec_95_numbers_out_of_bounds() {
    let jar = CookieJar::new();
    jar.store(
        &url("http://h/"),
        [
            "a=1; Max-Age=99999999999999999999",
            "b=2; Max-Age=-99999999999999999999",
            "c=3; Expires=Fri, 99 Dec 99999999999999999999 99:99:99 GMT",
            "d=4; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
        ],
    );
    assert_eq!(sent(&jar, "http://h/"), "a=1; c=3; d=4");
}
