//! Saving and loading: what goes out comes back, others' files are understood, a file is whole or not there.

use std::{
    fs,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use reqs_cookies::{Cookie, CookieJar, SameSite};
use url::Url;

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn later() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(4_000_000_000)
}

fn full_jar() -> CookieJar {
    let jar = CookieJar::new();
    let https = url("https://www.example.com/dir/page");
    jar.store(
        &https,
        [
            "session=1",
            "wide=2; Domain=example.com; Path=/; Secure; HttpOnly",
            "dated=\"3 3\"; SameSite=Lax",
            "bare-value",
            "empty=",
            "tab=x\ty",
        ],
    );
    jar.insert(Cookie::new("hand", "made").with_domain("::1").with_expires(later())).unwrap();
    jar.insert(Cookie::new("__Host-h", "4").with_domain("h.example").with_same_site(SameSite::Strict))
        .unwrap();
    jar
}

/// What of a cookie `cookies.txt` can hold.
fn essence(jar: &CookieJar) -> Vec<String> {
    jar.iter()
        .map(|c| {
            let flags = (c.host_only(), c.secure(), c.http_only());
            let expires = c.expires().map(|e| e.duration_since(UNIX_EPOCH).unwrap().as_secs());
            format!("{}={} {} {} {flags:?} {expires:?}", c.name(), c.value(), c.domain(), c.path())
        })
        .collect()
}

#[test]
fn cookies_txt_goes_both_ways() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cookies.txt");
    let jar = full_jar();
    let saved = jar.save_netscape(&path).unwrap();
    assert_eq!((saved.cookies, saved.skipped), (jar.len(), 0));
    let loaded = CookieJar::new();
    let report = loaded.load_netscape(&path).unwrap();
    assert_eq!((report.cookies, report.expired, report.ignored), (jar.len(), 0, 0));
    assert_eq!(essence(&loaded), essence(&jar));
}

#[test]
fn cookies_txt_reads_as_others_write_it() {
    let jar = CookieJar::new();
    jar.store(&url("https://www.example.com/"), ["a=1; Domain=example.com; Secure; HttpOnly"]);
    jar.insert(Cookie::new("b", "2").with_domain("h.example").with_expires(later())).unwrap();
    let mut text = Vec::new();
    jar.write_netscape(&mut text).unwrap();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "# Netscape HTTP Cookie File\n\
         #HttpOnly_.example.com\tTRUE\t/\tTRUE\t0\ta\t1\n\
         h.example\tFALSE\t/\tFALSE\t4000000000\tb\t2\n"
    );
}

#[test]
fn cookies_txt_of_others_is_understood() {
    let text = "# HTTP Cookie File\r\n\
        # https://curl.se/docs/http-cookies.html\r\n\
        \r\n\
        .example.com\tTRUE\t/\tFALSE\t4000000000\tcrlf\tvalue\r\n\
        example.com\tTRUE\t/\tFALSE\t0\tno-dot\tvalue\n\
        .example.com\tFALSE\t/\tFALSE\t0\thost-only\tvalue\n\
        #HttpOnly_example.com\tFALSE\t/p\tTRUE\t0\tquiet\tvalue\n\
        # a comment\tFALSE\t/p\tTRUE\t0\tquiet\tvalue\n\
        example.com\tFALSE\t/\tFALSE\t0\tno-last-tab\n\
        example.com\tFALSE\t/\tFALSE\t1\texpired\tvalue\n\
        example.com\tFALSE\t/\tFALSE\t-1\talso-expired\tvalue\n\
        127.0.0.1\tTRUE\t/\tFALSE\t0\taddress\tvalue\n\
        example.com\tFALSE\t/\tFALSE\t9223372036854775807\tforever\tlast line";
    let jar = CookieJar::new();
    let loaded = jar.read_netscape(text.as_bytes()).unwrap();
    assert_eq!((loaded.cookies, loaded.expired, loaded.ignored), (7, 2, 0));
    let host_only: Vec<_> = jar.iter().map(|c| (c.name().to_owned(), c.host_only())).collect();
    let expected = [
        ("crlf", false),
        ("no-dot", false),
        ("host-only", true),
        ("quiet", true),
        ("no-last-tab", true),
        ("address", true),
        ("forever", true),
    ];
    assert_eq!(host_only, expected.map(|(name, host_only)| (name.to_owned(), host_only)));
    assert_eq!(jar.get("crlf").unwrap().as_deref(), Some("value"));
    assert_eq!(jar.get("no-last-tab").unwrap().as_deref(), Some(""));
    assert_eq!(jar.get("forever").unwrap().as_deref(), Some("last line"));
    assert!(jar.cookie("quiet").unwrap().unwrap().http_only());
}

#[test]
fn what_the_format_cannot_hold_is_skipped_and_counted() {
    let jar = CookieJar::new();
    jar.store(&url("http://h/"), ["a\tb=1", "c=2; Path=/x\ty", "d=3", "e=4; Max-Age=1000"]);
    jar.insert(Cookie::new("domainless", "5")).unwrap();
    let saved = jar.write_netscape(Vec::new()).unwrap();
    assert_eq!((saved.cookies, saved.skipped), (2, 3));
}

#[test]
fn saving_replaces_the_file_as_a_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cookies.txt");
    fs::write(&path, "what was there before, and longer than what comes now".repeat(100)).unwrap();
    let jar = CookieJar::new();
    jar.save_netscape(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "# Netscape HTTP Cookie File\n");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_failed_save_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    // A directory cannot be replaced by a file.
    let path = directory.path().join("occupied");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("inside"), "x").unwrap();
    let error = full_jar().save_netscape(&path).unwrap_err();
    assert!(error.to_string().contains("cannot save cookies"), "{error}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    assert!(full_jar().save_netscape(directory.path().join("no/such/directory")).is_err());
    assert!(full_jar().save_netscape("").is_err());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_saved_jar() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cookies.txt");
    full_jar().save_netscape(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(feature = "json")]
mod json {
    use super::*;

    #[test]
    fn json_goes_both_ways_with_everything() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cookies.json");
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let jar = full_jar();
        let whole_seconds = CookieJar::new().with_clock(move || now);
        whole_seconds.update(&jar, reqs_cookies::Existing::Replace);
        let saved = jar.save_json(&path).unwrap();
        assert_eq!((saved.cookies, saved.skipped), (jar.len(), 0));
        let loaded = CookieJar::new();
        let report = loaded.load_json(&path).unwrap();
        assert_eq!((report.cookies, report.expired, report.ignored), (jar.len(), 0, 0));
        assert_eq!(essence(&loaded), essence(&jar));
        let same_site = |jar: &CookieJar| jar.iter().map(|c| c.same_site()).collect::<Vec<_>>();
        assert_eq!(same_site(&loaded), same_site(&jar));
        for (new, old) in loaded.iter().zip(&jar) {
            let lost = old.created().duration_since(new.created()).unwrap();
            assert!(lost < Duration::from_secs(1), "{lost:?}");
        }
    }

    #[test]
    fn json_has_these_members() {
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let jar = CookieJar::new().with_clock(move || now);
        let mut text = Vec::new();
        assert_eq!(jar.write_json(&mut text).unwrap().cookies, 0);
        assert_eq!(text, b"[]\n");
        jar.store(
            &url("https://www.example.com/"),
            ["a=\"1\"; Domain=example.com; Secure; HttpOnly; SameSite=Lax; Max-Age=60", "b=2"],
        );
        text.clear();
        jar.write_json(&mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "[\n\
             {\"created\":1800000000,\"domain\":\".example.com\",\"expires\":1800000060,\"hostOnly\":false,\
             \"httpOnly\":true,\"lastAccess\":1800000000,\"name\":\"a\",\"path\":\"/\",\"sameSite\":\"Lax\",\
             \"secure\":true,\"value\":\"\\\"1\\\"\"},\n\
             {\"created\":1800000000,\"domain\":\"www.example.com\",\"expires\":null,\"hostOnly\":true,\
             \"httpOnly\":false,\"lastAccess\":1800000000,\"name\":\"b\",\"path\":\"/\",\"sameSite\":null,\
             \"secure\":false,\"value\":\"2\"}\n\
             ]\n"
        );
    }

    #[test]
    fn json_of_others_is_understood() {
        let playwright = r#"{"cookies": [
            {"name": "a", "value": "1", "domain": ".example.com", "path": "/", "expires": -1,
             "httpOnly": true, "secure": true, "sameSite": "Lax"},
            {"name": "b", "value": "2", "domain": "h.example", "path": "/x", "expires": 4000000000.5,
             "httpOnly": false, "secure": false, "sameSite": "None"}], "origins": []}"#;
        let jar = CookieJar::new();
        assert_eq!(jar.read_json(playwright.as_bytes()).unwrap().cookies, 2);
        let a = jar.cookie("a").unwrap().unwrap();
        assert_eq!((a.domain(), a.host_only(), a.expires()), ("example.com", false, None));
        let b = jar.cookie("b").unwrap().unwrap();
        assert_eq!((b.host_only(), b.same_site()), (true, Some(SameSite::None)));
        assert_eq!(b.expires(), Some(later() + Duration::from_millis(500)));

        let extension = r#"[{"domain": "example.com", "expirationDate": 4000000000, "hostOnly": true,
            "name": "c", "path": "/", "sameSite": "no_restriction", "secure": false, "storeId": "0", "value": "3"}]"#;
        let jar = CookieJar::new();
        assert_eq!(jar.read_json(extension.as_bytes()).unwrap().cookies, 1);
        let c = jar.cookie("c").unwrap().unwrap();
        assert_eq!((c.host_only(), c.expires(), c.same_site()), (true, Some(later()), None));
    }

    #[test]
    fn json_entries_that_are_no_cookies_are_ignored_and_counted() {
        let text = r#"[1, null, {}, {"name": "a"}, {"name": 1, "value": "b", "domain": "h"},
            {"name": "a", "value": "b\r\nX: y", "domain": "h"},
            {"name": "a", "value": "b", "domain": ".co.uk"},
            {"name": "a", "value": "b", "domain": ""},
            {"name": "a", "value": "b", "domain": "h", "path": "x"},
            {"name": "__Host-a", "value": "b", "domain": "h"},
            {"name": "old", "value": "b", "domain": "h", "expires": 1},
            {"name": "odd", "value": "b", "domain": "h", "expires": 1e300},
            {"name": "good", "value": "b", "domain": "h"}]"#;
        let jar = CookieJar::new();
        let loaded = jar.read_json(text.as_bytes()).unwrap();
        assert_eq!((loaded.cookies, loaded.expired, loaded.ignored), (2, 1, 10));
        assert_eq!(jar.keys(), ["odd", "good"]);
    }

    #[test]
    fn what_is_no_json_is_an_error_that_says_where() {
        let jar = full_jar();
        let before = jar.len();
        let nested = "[".repeat(100_000);
        for text in ["", "{", "[{\"name\": ]", "\"cookies\"", "{\"cookies\": 1}", "{}", nested.as_str()] {
            let error = jar.read_json(text.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{error}");
        }
        let error = jar.read_json("[\n1,]".as_bytes()).unwrap_err();
        assert!(error.to_string().contains("line 2 column 3"), "{error}");
        assert_eq!(jar.len(), before);
    }
}
