use super::*;

const NOW: i64 = 1_800_000_000;

fn parse_from(url: &str, text: &str) -> Result<Cookie, InvalidCookie> {
    Cookie::parse(text, &url.parse().unwrap(), from_unix_seconds(NOW), &Limits::default())
}

fn parse(text: &str) -> Result<Cookie, InvalidCookie> {
    parse_from("https://www.example.com/dir/page", text)
}

#[test]
fn names_and_values() {
    let table = [
        ("a=b", ("a", "b")),
        ("a=b=c", ("a", "b=c")),
        (" a = b ; Path=/", ("a", "b")),
        ("\ta\t=\tb\t", ("a", "b")),
        ("a=", ("a", "")),
        ("a", ("", "a")),
        ("a b", ("", "a b")),
        ("a=1, b=2", ("a", "1, b=2")),
        ("a=\"q\"", ("a", "\"q\"")),
        ("a=\"q; r\"", ("a", "\"q")),
        ("a=ü", ("a", "ü")),
        ("a=x\ty", ("a", "x\ty")),
        ("a=\u{a0}b", ("a", "\u{a0}b")),
    ];
    for (text, expected) in table {
        let cookie = parse(text).unwrap();
        assert_eq!((cookie.name(), cookie.value()), expected, "{text}");
    }
}

#[test]
fn attributes_in_any_order_and_capitalisation() {
    let cookie = parse(
        "a=b; secure; HTTPONLY=anything; SameSite=sTRICT; PATH = /x ; Domain=.EXAMPLE.com; Unknown=1; ;;",
    )
    .unwrap();
    assert!(cookie.secure() && cookie.http_only() && !cookie.host_only());
    assert_eq!(cookie.same_site(), Some(SameSite::Strict));
    assert_eq!((cookie.domain(), cookie.path()), ("example.com", "/x"));
    assert_eq!(cookie.expires(), None);
    assert_eq!(to_seconds(cookie.created()), NOW);
}

#[test]
fn the_last_of_an_attribute_counts() {
    let cookie =
        parse("a=b; Path=/x; Path=/y; Domain=example.com; Domain=; SameSite=Lax; SameSite=odd").unwrap();
    assert_eq!((cookie.path(), cookie.domain(), cookie.host_only()), ("/y", "www.example.com", true));
    assert_eq!(cookie.same_site(), None);
    assert_eq!(parse("a=b; Path=/x; Path=").unwrap().path(), "/dir");
}

#[test]
fn ck_11_paths() {
    let table = [
        ("a=b", "/dir"),
        ("a=b; Path", "/dir"),
        ("a=b; Path=", "/dir"),
        ("a=b; Path=noslash", "/dir"),
        ("a=b; Path=/", "/"),
        ("a=b; Path=/other/", "/other/"),
        ("a=b; Path=/%41 b", "/%41 b"),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text).unwrap().path(), expected, "{text}");
    }
}

fn to_seconds(time: SystemTime) -> i64 {
    crate::date::to_unix_seconds(time)
}

#[test]
fn ck_9_max_age_beats_expires() {
    const DAY: i64 = 86_400;
    const FARTHEST: i64 = NOW + 400 * DAY;
    let table = [
        ("a=b; Max-Age=60", Some(NOW + 60)),
        ("a=b; max-age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", Some(NOW + 60)),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60", Some(NOW + 60)),
        ("a=b; Max-Age=0", Some(0)),
        ("a=b; Max-Age=-0", Some(0)),
        ("a=b; Max-Age=-5", Some(0)),
        ("a=b; Max-Age=007", Some(NOW + 7)),
        // What cannot be read is as if it were not there.
        ("a=b; Max-Age=", None),
        ("a=b; Max-Age=-", None),
        ("a=b; Max-Age=+5", None),
        ("a=b; Max-Age=5x", None),
        ("a=b; Max-Age=1.5", None),
        ("a=b; Max-Age=\"5\"", None),
        ("a=b; Max-Age=60; Max-Age=x", Some(NOW + 60)),
        ("a=b; Max-Age=60; Max-Age=30", Some(NOW + 30)),
        ("a=b; Expires=garbage", None),
        ("a=b; Expires=", None),
        ("a=b; Expires=Fri, 15 Jan 2027 08:00:05 GMT", Some(NOW + 5)),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
        // Nothing lives longer than 400 days, and nothing overflows (SEC-95).
        ("a=b; Max-Age=34560001", Some(FARTHEST)),
        ("a=b; Max-Age=18446744073709551615", Some(FARTHEST)),
        ("a=b; Max-Age=99999999999999999999", Some(FARTHEST)),
        ("a=b; Max-Age=-99999999999999999999", Some(0)),
        ("a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT", Some(FARTHEST)),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text).unwrap().expires().map(to_seconds), expected, "{text}");
    }
}

#[test]
fn sec_95_without_a_lifetime_limit_nothing_overflows_either() {
    let limits = Limits { lifetime: None, ..Limits::default() };
    for seconds in ["18446744073709551615", "9223372036854775807", "99999999999999999999"] {
        let text = format!("a=b; Max-Age={seconds}");
        let url = "http://h/".parse().unwrap();
        let cookie = Cookie::parse(&text, &url, from_unix_seconds(NOW), &limits).unwrap();
        assert_eq!(cookie.expires().map(to_seconds), Some(LAST_DATE));
    }
}

#[test]
fn sec_62_control_characters_refuse_the_cookie() {
    for code in (0..=0x1f).chain([0x7f]).filter(|code| *code != 0x09) {
        let control = char::from(code);
        for text in [format!("a{control}=b"), format!("a=b{control}"), format!("a=b; Path=/{control}")] {
            assert_eq!(parse(&text), Err(InvalidCookie::ControlCharacter), "{text:?}");
        }
    }
}

#[test]
fn sec_62_sizes() {
    let of_size = |bytes: usize| format!("n={}", "v".repeat(bytes - 1));
    assert!(parse(&of_size(4096)).is_ok());
    assert_eq!(parse(&of_size(4097)), Err(InvalidCookie::TooLarge { bytes: 4097, limit: 4096 }));
    let with_path =
        |bytes: usize| parse(&format!("a=b; Path=/{}", "p".repeat(bytes - 1))).unwrap().path().len();
    assert_eq!(with_path(1024), 1024);
    assert_eq!(with_path(1025), "/dir".len());
}

#[test]
fn ck_20_cookies_without_a_name() {
    for text in ["=v", "=", "", " ", ";", "; Secure", "=a=b", " = ", "=__Host-a=b"] {
        assert_eq!(parse(text), Err(InvalidCookie::NoName), "{text:?}");
    }
    assert_eq!(parse("__Secure-a; Secure"), Err(InvalidCookie::Prefix));
    assert_eq!(parse("__host-a; Secure; Path=/"), Err(InvalidCookie::Prefix));
}

/// What becomes of a `Domain` attribute: the domain and whether it is for the host alone, or the refusal.
fn domain(host: &str, attribute: &str) -> Result<(String, bool), &'static str> {
    match parse_from(&format!("https://{host}/"), &format!("a=b; Domain={attribute}")) {
        Ok(cookie) => Ok((cookie.domain, cookie.host_only)),
        Err(InvalidCookie::ForeignDomain { .. }) => Err("foreign"),
        Err(InvalidCookie::PublicSuffix { .. }) => Err("public"),
        Err(InvalidCookie::BadDomain { .. }) => Err("bad"),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn ck_13_to_17_sec_60_domains() {
    let below = |domain: &str| Ok((domain.to_owned(), false));
    let alone = |domain: &str| Ok((domain.to_owned(), true));
    let table = [
        // CK-13: what covers the host, in any capitalisation, with a dot before it or not.
        ("www.example.com", "example.com", below("example.com")),
        ("www.example.com", ".example.com", below("example.com")),
        ("www.example.com", "WWW.Example.COM", below("www.example.com")),
        ("www.example.com", "", alone("www.example.com")),
        ("www.example.com", ".", alone("www.example.com")),
        ("www.example.com", "..example.com", Err("foreign")),
        ("www.example.com", "a.www.example.com", Err("foreign")),
        ("www.example.com", "other.com", Err("foreign")),
        ("www.example.com", "ample.com", Err("foreign")),
        ("www.example.com", "example.com.", Err("bad")),
        ("www.example.com", "éxample.com", Err("bad")),
        ("www.example.com", "example.com:443", Err("foreign")),
        // CK-14: public suffixes.
        ("www.example.com", "com", Err("public")),
        ("www.example.com", ".COM", Err("public")),
        ("www.example.com", "com.", Err("bad")),
        ("foo.co.uk", "co.uk", Err("public")),
        ("foo.co.uk", "co.UK", Err("public")),
        ("foo.co.uk", ".Co.Uk", Err("public")),
        ("foo.co.uk", "co.uk.", Err("bad")),
        ("foo.co.uk.", "co.uk.", Err("bad")),
        ("foo.co.uk", "foo.co.uk", below("foo.co.uk")),
        ("user.github.io", "github.io", Err("public")),
        ("github.io", "github.io", alone("github.io")),
        ("city.kawasaki.jp", "city.kawasaki.jp", below("city.kawasaki.jp")),
        ("foo.kawasaki.jp", "foo.kawasaki.jp", alone("foo.kawasaki.jp")),
        ("xn--85x722f.xn--55qx5d.cn", "xn--55qx5d.cn", Err("public")),
        ("a.b.internal", "internal", Err("public")),
        ("a.b.internal", "b.internal", below("b.internal")),
        // CK-16: a single label may name itself.
        ("localhost", "localhost", alone("localhost")),
        ("localhost", ".LOCALHOST", alone("localhost")),
        ("localhost", "localhost.local", Err("foreign")),
        ("a.localhost", "localhost", Err("public")),
        // CK-17: addresses.
        ("127.0.0.1", "127.0.0.1", alone("127.0.0.1")),
        ("127.0.0.1", ".0.0.1", Err("foreign")),
        ("127.0.0.1", "0.0.1", Err("foreign")),
        ("127.0.0.1", "1", Err("public")),
        ("[::1]", "[::1]", alone("[::1]")),
        ("[::1]", "::1", Err("public")),
        // A host with a final dot is another host.
        ("example.com.", "example.com", Err("foreign")),
    ];
    for (host, attribute, expected) in table {
        assert_eq!(domain(host, attribute), expected, "{host} {attribute}");
    }
}

#[test]
fn ck_19_prefixes_keep_their_promise() {
    let https = "https://example.com/";
    let refused = Err(InvalidCookie::Prefix);
    let table = [
        (https, "__Secure-a=b; Secure", Ok(())),
        (https, "__Secure-a=b", refused.clone()),
        (https, "__SECURE-a=b", refused.clone()),
        (https, "__Secure-a=b; Secure; Domain=example.com", Ok(())),
        (https, "__Host-a=b; Secure; Path=/", Ok(())),
        (https, "__hOsT-a=b; Path=/; Secure", Ok(())),
        (https, "__Host-a=b; Secure", refused.clone()),
        (https, "__Host-a=b; Path=/", refused.clone()),
        (https, "__host-a=b; Secure; Path=/x", refused.clone()),
        (https, "__Host-a=b; Secure; Path=/; Domain=example.com", refused.clone()),
        (https, "__Host-a=b; Secure; Path=/; Domain=", Ok(())),
        ("https://localhost/", "__Host-a=b; Secure; Path=/; Domain=localhost", refused.clone()),
        ("http://example.com/", "__Secure-a=b; Secure", Err(InvalidCookie::InsecureOrigin)),
        ("http://example.com/", "__Secure-a=b", refused),
        (https, "__Hostile-a=b", Ok(())),
        (https, "_Host-a=b", Ok(())),
        (https, "__Secur\u{e9}=b", Ok(())),
    ];
    for (url, text, expected) in table {
        assert_eq!(parse_from(url, text).map(|_| ()), expected, "{url} {text}");
    }
}

#[test]
fn ck_18_secure_needs_tls() {
    for url in ["http://example.com/", "http://localhost/", "ws://example.com/"] {
        assert_eq!(parse_from(url, "a=b; Secure"), Err(InvalidCookie::InsecureOrigin), "{url}");
    }
    assert!(parse_from("wss://example.com/", "a=b; Secure").is_ok());
}

#[test]
fn a_url_without_a_host_has_no_cookies() {
    assert_eq!(parse_from("data:text/plain,x", "a=b"), Err(InvalidCookie::NoHost));
}
