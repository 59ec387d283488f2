use super::*;

/// (user name, password, value)
const VECTORS: &[(&str, &str, &str)] = &[
    // RFC 7617 section 2 and section 2.1 (UTF-8).
    ("Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
    ("test", "123£", "dGVzdDoxMjPCow=="),
    // Requests: test_set_basicauth, test_get_auth_from_url.
    ("user", "pass", "dXNlcjpwYXNz"),
    ("", "pass", "OnBhc3M="),
    ("user", "", "dXNlcjo="),
    ("", "", "Og=="),
    // The password may have colons and spaces at its ends.
    ("user", "pa:ss:", "dXNlcjpwYTpzczo="),
    ("user", " pass ", "dXNlcjogcGFzcyA="),
    // Outside of Latin-1, where Requests gives up.
    ("žluťoučký", "kůň", "xb5sdcWlb3XEjWvDvTprxa/FiA=="),
];

#[test]
fn aut_1_a_pair_becomes_basic_in_utf_8() {
    for (username, password, encoded) in VECTORS {
        let value = Basic::new(*username, *password).authorization().unwrap();
        assert_eq!(value, format!("Basic {encoded}"), "{username}:{password}");
    }
}

/// Requests: test_basicauth_encodes_byte_strings.
#[test]
fn aut_1_bytes_go_as_they_are() {
    let basic = Basic::from_bytes(b"\xc5\xafsername", b"test\xc6\xb6");
    assert_eq!(basic.authorization().unwrap(), "Basic xa9zZXJuYW1lOnRlc3TGtg==");
}

#[test]
fn what_rfc_7617_forbids_is_refused() {
    let control = |part: &str, at| Error::ControlCharacter { part: part.to_owned(), at };
    let cases = [
        ("a:b", "x", Error::ColonInUserName),
        ("a\nb", "x", control("the user name", 1)),
        ("a", "secret\n", control("the password", 6)),
        ("a", "\0", control("the password", 0)),
        ("a\u{7f}", "x", control("the user name", 1)),
    ];
    for (username, password, error) in cases {
        let refused = Basic::new(username, password).authorization().unwrap_err();
        assert_eq!(refused, error);
        assert!(!refused.to_string().contains("secret"));
    }
}

#[test]
fn aut_8_equal_by_user_name_and_password() {
    assert_eq!(Basic::new("u", "p"), Basic::new("u", "p"));
    assert_ne!(Basic::new("u", "p"), Basic::new("u", "q"));
    assert_ne!(Basic::new("u", "p"), Basic::new("v", "p"));
}

#[test]
fn debug_shows_no_password() {
    let shown = format!("{:?}", Basic::new("user", "s3cr3t"));
    assert!(shown.contains("user") && !shown.contains("s3cr3t"), "{shown}");
}
