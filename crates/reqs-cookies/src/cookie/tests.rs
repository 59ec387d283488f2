use super::*;

#[test]
fn debug_leaves_the_value_out() {
    let cookie = Cookie::new("id", "s3cr3t").with_domain("example.com");
    let text = format!("{cookie:?}");
    assert!(text.contains("\"id\"") && text.contains("[6 bytes]") && !text.contains("s3cr3t"), "{text}");
}

#[test]
fn ck_29_what_no_header_can_carry_is_refused() {
    let table = [
        ("a", "b", Ok(())),
        ("a", "", Ok(())),
        ("", "bare", Ok(())),
        ("a", "spaces, commas and \"quotes\"", Ok(())),
        ("ä", "ö", Ok(())),
        ("a", "b\tc", Ok(())),
        ("a", "b=c", Ok(())),
        ("a", "b\r\nSet-Cookie: c=d", Err(InvalidCookie::ControlCharacter)),
        ("a\n", "b", Err(InvalidCookie::ControlCharacter)),
        ("a", "\0", Err(InvalidCookie::ControlCharacter)),
        ("a", "\u{7f}", Err(InvalidCookie::ControlCharacter)),
        ("a", "b; c=d", Err(InvalidCookie::Separator)),
        ("a=b", "c", Err(InvalidCookie::Separator)),
        ("a;b", "c", Err(InvalidCookie::Separator)),
        ("", "", Err(InvalidCookie::NoName)),
        ("", "a=b", Err(InvalidCookie::NoName)),
    ];
    for (name, value, expected) in table {
        assert_eq!(check_pair(name, value), expected, "{name:?} {value:?}");
        assert_eq!(Cookie::new(name, value).checked().map(|_| ()), expected, "{name:?} {value:?}");
    }
}

#[test]
fn what_a_user_builds_is_checked() {
    let a = || Cookie::new("a", "b");
    let bad_domain = |domain: &str| Err(InvalidCookie::BadDomain { domain: domain.into() });
    let public = |domain: &str| Err(InvalidCookie::PublicSuffix { domain: domain.into() });
    let table = [
        (a().with_domain("Example.COM"), Ok("example.com")),
        (a().with_domain(".Example.COM"), Ok("example.com")),
        (a().with_domain("com"), Ok("com")),
        (a().with_domain(".com"), public("com")),
        (a().with_domain(".Co.Uk"), public("co.uk")),
        (a().with_domain("."), bad_domain("")),
        (a().with_domain("com."), Ok("com.")),
        (a().with_domain(".com."), bad_domain("com.")),
        (a().with_domain(".example.com."), bad_domain("example.com.")),
        (a().with_domain("h:80"), bad_domain("h:80")),
        (a().with_path("x"), Err(InvalidCookie::BadPath)),
        (a().with_path("/x;y"), Err(InvalidCookie::Separator)),
        (a().with_path("/x\ny"), Err(InvalidCookie::ControlCharacter)),
        (a().with_path(""), Ok("")),
        (Cookie::new("__Secure-a", "b"), Ok("")),
        (Cookie::new("__secure-a", "b").with_secure(false), Err(InvalidCookie::Prefix)),
        (Cookie::new("__Host-a", "b").with_domain("h"), Ok("h")),
        (Cookie::new("__Host-a", "b").with_domain(".h.example"), Err(InvalidCookie::Prefix)),
        (Cookie::new("__HOST-a", "b").with_path("/x"), Err(InvalidCookie::Prefix)),
        (Cookie::new("", "__Host-a"), Err(InvalidCookie::Prefix)),
    ];
    for (cookie, expected) in table {
        let shown = format!("{cookie:?}");
        assert_eq!(cookie.checked().map(|cookie| cookie.domain), expected.map(str::to_owned), "{shown}");
    }
}

#[test]
fn an_address_has_no_hosts_below() {
    let cookie = Cookie::new("a", "b").with_domain(".127.0.0.1").checked().unwrap();
    assert!(cookie.host_only());
}

#[test]
fn errors_say_what_is_wrong_in_one_line() {
    let errors = [
        InvalidCookie::NoName,
        InvalidCookie::ControlCharacter,
        InvalidCookie::Separator,
        InvalidCookie::TooLarge { bytes: 5000, limit: 4096 },
        InvalidCookie::NoHost,
        InvalidCookie::BadDomain { domain: "a\nb".into() },
        InvalidCookie::ForeignDomain { domain: "a.b".into(), host: "c".into() },
        InvalidCookie::PublicSuffix { domain: "com".into() },
        InvalidCookie::BadPath,
        InvalidCookie::InsecureOrigin,
        InvalidCookie::SecureCookieExists,
        InvalidCookie::Prefix,
    ];
    for error in errors {
        let text = error.to_string();
        assert!(text.len() > 10 && !text.contains('\n'), "{text}");
    }
}
