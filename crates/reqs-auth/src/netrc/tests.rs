use proptest::prelude::*;

use super::*;

fn lookup<'a>(netrc: &'a Netrc, host: &str) -> Option<(&'a str, &'a str)> {
    let login = netrc.lookup(host)?;
    Some((login.username, login.password))
}

/// What each text says about `h`: what Requests and Python's `netrc` say, but for comments, of which Python now and then
/// reads the rest of the line as entries, and for a macro at the end of the file, which Python refuses.
#[test]
fn aut_6_what_an_entry_says() {
    let cases: &[(&str, Option<(&str, &str)>)] = &[
        ("machine h login u password p", Some(("u", "p"))),
        ("machine h\n\tlogin u\n\tpassword p\n", Some(("u", "p"))),
        ("machine h\r\nlogin u\r\npassword p\r\n", Some(("u", "p"))),
        ("\u{feff}machine h login u password p", Some(("u", "p"))),
        ("machine h password p login u", Some(("u", "p"))),
        ("machine h user u password p", Some(("u", "p"))),
        ("", None),
        ("\n \t\r\n", None),
        ("machine other login u password p", None),
        // The account stands in for a missing login.
        ("machine h account a password p", Some(("a", "p"))),
        ("machine h login u account a password p", Some(("u", "p"))),
        ("machine h login \"\" account a password p", Some(("a", "p"))),
        // Half an entry.
        ("machine h login u", Some(("u", ""))),
        ("machine h password p", Some(("", "p"))),
        ("machine h account a", Some(("a", ""))),
        ("machine h", None),
        ("machine h login \"\" password \"\"", None),
        // The last entry for a host counts, alone.
        ("machine h login a password 1 machine h login b password 2", Some(("b", "2"))),
        ("machine h login a password 1 machine h login b", Some(("b", ""))),
        ("machine h login a password 1 machine h", None),
        ("machine h login a login b password 1 password 2", Some(("b", "2"))),
        // The default, wherever it stands, and after any other.
        ("default login d password p", Some(("d", "p"))),
        ("default login d password p machine h login u password q", Some(("u", "q"))),
        ("machine h login u password q default login d password p", Some(("u", "q"))),
        ("machine other login u password q default login d password p", Some(("d", "p"))),
        // Quotes and escapes.
        (r#"machine h login "a b" password "p \"q\" \\ #""#, Some(("a b", r#"p "q" \ #"#))),
        (r#"machine h login a\ b password p\"q\\"#, Some(("a b", r#"p"q\"#))),
        (r#"machine h login a"b password p"q""#, Some((r#"a"b"#, r#"p"q""#))),
        (r#"machine "h" login u password """#, Some(("u", ""))),
        ("machine h login \"u\nv\" password p", Some(("u\nv", "p"))),
        (r#"machine h login "u"password p"#, Some(("u", "p"))),
        // Keywords as values.
        ("machine h login machine password default", Some(("machine", "default"))),
        ("machine h login login password password", Some(("login", "password"))),
        // Comments, but not in a value.
        ("# machine h login x password y\nmachine h login u password p", Some(("u", "p"))),
        ("#machine h login x\nmachine h login u password p", Some(("u", "p"))),
        ("machine h # login x\nlogin u # it's \"open\npassword p # end", Some(("u", "p"))),
        ("machine h login #u password #p", Some(("#u", "#p"))),
        ("machine h login u#v password p#", Some(("u#v", "p#"))),
        ("#\nmachine h login u password p", Some(("u", "p"))),
        ("machine h login u password p\n#", Some(("u", "p"))),
        // Macros: up to the first empty line.
        (
            "macdef init\ncd /pub\nmachine h login x password y\n\nmachine h login u password p",
            Some(("u", "p")),
        ),
        ("machine h login u password p\nmacdef m\nmachine h\n\n", Some(("u", "p"))),
        ("macdef m\r\nmachine h login x\r\n\r\nmachine h login u password p", Some(("u", "p"))),
        // A macro may also end with the file.
        ("machine h login u password p\nmacdef m\nquit", Some(("u", "p"))),
        ("machine h login u password p\nmacdef m", Some(("u", "p"))),
        // Beyond ASCII.
        ("machine h login ü password pâß", Some(("ü", "pâß"))),
    ];
    for (text, expected) in cases {
        let netrc: Netrc = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(lookup(&netrc, "h"), *expected, "{text}");
    }
}

#[test]
fn aut_6_a_host_matches_as_a_whole_in_any_capitalisation() {
    let text = "machine Example.COM login a password 1
        machine 127.0.0.1 login b password 2
        machine ::1 login c password 3
        machine localhost:8080 login d password 4";
    let netrc: Netrc = text.parse().unwrap();
    let cases = [
        // Requests never finds an entry with capitals, since the URL's host is in lower case.
        ("example.com", Some(("a", "1"))),
        ("EXAMPLE.com", Some(("a", "1"))),
        ("www.example.com", None),
        ("example.com.", None),
        ("xample.com", None),
        ("com", None),
        ("", None),
        ("127.0.0.1", Some(("b", "2"))),
        ("::1", Some(("c", "3"))),
        ("[::1]", Some(("c", "3"))),
        // No port is ever part of a host name.
        ("localhost", None),
    ];
    for (host, expected) in cases {
        assert_eq!(lookup(&netrc, host), expected, "{host}");
    }
}

/// t:TestGetNetrcAuth::test_works, t:TestGetNetrcAuth::test_empty_default_credentials_ignored
#[test]
fn aut_5_aut_6_the_tests_of_requests() {
    let netrc: Netrc = "machine example.com login aaaa password bbbb\n".parse().unwrap();
    assert_eq!(lookup(&netrc, "example.com"), Some(("aaaa", "bbbb")));
    let netrc: Netrc = "machine example.com login user password pass\n\ndefault".parse().unwrap();
    assert_eq!(lookup(&netrc, "httpbin.org"), None);
}

/// SEC-07, AUT-7 (test_not_vulnerable_to_bad_url_parsing, CVE-2024-47081): a host is never split here, so that what a
/// caller passes by mistake finds nothing.
#[test]
fn sec_07_aut_7_only_a_bare_host_finds_anything() {
    let netrc: Netrc = "machine example.com login aaaa password bbbb".parse().unwrap();
    for host in [
        "example.com:",
        "example.com:@evil.com",
        "example.com@evil.com",
        "user@example.com",
        "example.com:80",
    ] {
        assert_eq!(lookup(&netrc, host), None, "{host}");
    }
}

/// SEC-52 (CVE-2024-11053, CVE-2025-0167): what one entry lacks is not taken from another.
#[test]
fn sec_52_no_entry_borrows_from_another() {
    let text = "machine a.com login alice password secret-a
        machine b.com login bob
        machine c.com
        default login anyone password secret-d";
    let netrc: Netrc = text.parse().unwrap();
    assert_eq!(lookup(&netrc, "b.com"), Some(("bob", "")));
    assert_eq!(lookup(&netrc, "c.com"), None);
    assert_eq!(lookup(&netrc, "a.com"), Some(("alice", "secret-a")));
    assert_eq!(lookup(&netrc, "d.com"), Some(("anyone", "secret-d")));
}

#[test]
fn an_error_names_the_line_and_no_word_of_the_file() {
    let cases = [
        ("s3cr3t", "netrc, line 1: expected machine, default or macdef, found something else"),
        (
            "\n\nlogin u password s3cr3t",
            "netrc, line 3: expected machine, default or macdef, found something else",
        ),
        (
            "machine a login u\npassword pass s3cr3t",
            "netrc, line 2: expected login, account or password, found something else",
        ),
        (
            "# one\nmachine a # two\nlogin \"u\nv\"\ns3cr3t",
            "netrc, line 5: expected login, account or password, found something else",
        ),
        (
            "macdef m\ncd\n\ns3cr3t",
            "netrc, line 4: expected machine, default or macdef, found something else",
        ),
        ("machine", "netrc, line 1: machine has no value"),
        ("macdef", "netrc, line 1: macdef has no value"),
        ("machine a\nlogin", "netrc, line 2: login has no value"),
        ("machine a\nuser\n\n", "netrc, line 2: login has no value"),
        ("machine a\naccount ", "netrc, line 2: account has no value"),
        ("machine a login s3cr3t\npassword\n", "netrc, line 2: password has no value"),
        ("machine a\npassword \"s3cr3t", "netrc, line 2: a quoted value is not closed"),
        ("machine a\npassword \"s3cr3t\\", "netrc, line 2: a quoted value is not closed"),
    ];
    for (text, message) in cases {
        let error = text.parse::<Netrc>().unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
        assert!(error.line().is_some());
        assert!(!format!("{error:?}").contains("s3cr3t"), "{error:?}");
    }
}

#[test]
fn debug_shows_no_password() {
    let text = "machine a login alice account s3cr3t1 password s3cr3t2";
    let netrc: Netrc = text.parse().unwrap();
    let shown = format!("{netrc:?} {:?}", netrc.lookup("a"));
    assert!(shown.contains("alice") && !shown.contains("s3cr3t"), "{shown}");
}

#[test]
fn a_large_file_takes_linear_time() {
    // A megabyte of each takes milliseconds; with quadratic work, this test would not end.
    let size = usize::try_from(MAX_FILE_BYTES).unwrap();
    for pattern in [
        "\n",
        "#\n",
        "# ",
        "macdef m\n\n",
        "macdef m\nx\n\n",
        "machine a ",
        "\"",
        "\\",
        "machine h login \"\\\"",
        "é",
    ] {
        let text = pattern.repeat(size / pattern.len());
        let _ = text.parse::<Netrc>();
    }
    let long = format!("machine h login {} password {}", "u".repeat(size), "\\p".repeat(size / 2));
    let netrc: Netrc = long.parse().unwrap();
    assert_eq!(netrc.lookup("h").unwrap().password.len(), size / 2);
}

fn quote(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

fn escape(word: &str) -> String {
    word.chars().flat_map(|c| ['\\', c]).collect()
}

proptest! {
    #[test]
    fn any_login_can_be_written_and_read(
        username in "\\PC{1,12}", password in "[\u{1}-\u{10ffff}]{1,12}", quoted in any::<bool>(),
    ) {
        let write = |word: &str| if quoted { quote(word) } else { escape(word) };
        let text = format!("machine h login {} password {}\nmachine z login y", write(&username), write(&password));
        let netrc: Netrc = text.parse().unwrap();
        prop_assert_eq!(lookup(&netrc, "h"), Some((username.as_str(), password.as_str())));
        prop_assert_eq!(lookup(&netrc, "z"), Some(("y", "")));
    }

    #[test]
    fn no_text_breaks_the_parser(text in "((machine|default|login|password|account|macdef|#|\"|\\\\|[a-zé]{1,3})[ \n\t]?){0,20}") {
        if let Ok(netrc) = text.parse::<Netrc>() {
            let _ = netrc.lookup("a");
        }
    }

    #[test]
    fn no_characters_break_the_parser(text in "\\PC*") {
        let _ = text.parse::<Netrc>();
    }
}
