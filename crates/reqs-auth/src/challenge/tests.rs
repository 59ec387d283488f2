use proptest::prelude::*;

use super::*;

/// A short notation: `Scheme(token68)[name=value|name=value]!`, with `!` for a quote left open.
fn shown(challenges: &[Challenge]) -> String {
    let one = |challenge: &Challenge| {
        let token68 = challenge.token68.iter().map(|t| format!("({t})"));
        let params: Vec<_> = challenge.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let params = (!params.is_empty()).then(|| format!("[{}]", params.join("|")));
        let mark = challenge.unclosed.then(|| "!".to_owned());
        let parts = token68.chain(params).chain(mark).collect::<String>();
        format!("{}{parts}", challenge.scheme)
    };
    challenges.iter().map(one).collect::<Vec<_>>().join(" ; ")
}

fn check(cases: &[(&[&str], &str)]) {
    for (fields, expected) in cases {
        let found = parse(fields.iter().copied()).unwrap();
        assert_eq!(shown(&found), *expected, "{fields:?}");
    }
}

#[test]
fn the_grammar_of_rfc_9110_section_11() {
    check(&[
        // The RFC's own examples: sections 11.6.1 and 11.6.3 (as credentials: 11.4).
        (
            &[r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#],
            r#"Basic[realm=simple] ; Newauth[realm=apps|type=1|title=Login to "apps"]"#,
        ),
        (
            &[r#"Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple""#],
            r#"Newauth[realm=apps|type=1|title=Login to "apps"] ; Basic[realm=simple]"#,
        ),
        // Many fields, many schemes without anything.
        (&["Negotiate", "NTLM", r#"Basic realm="x""#], "Negotiate ; NTLM ; Basic[realm=x]"),
        (&["Negotiate, NTLM, Basic"], "Negotiate ; NTLM ; Basic"),
        // token68, with and without padding, before another challenge.
        (&["Negotiate YWJj"], "Negotiate(YWJj)"),
        (&["Negotiate YWJj==, Basic realm=x"], "Negotiate(YWJj==) ; Basic[realm=x]"),
        (&["NTLM TlRMTVNTUAACAAAA+/-._~="], "NTLM(TlRMTVNTUAACAAAA+/-._~=)"),
        (&["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="], "Basic(QWxhZGRpbjpvcGVuIHNlc2FtZQ==)"),
        // BWS around "=", any amount of whitespace after the scheme.
        (&["Basic   realm = \"x\" ,\tcharset\t=\tUTF-8"], "Basic[realm=x|charset=UTF-8]"),
        // Empty list elements, and a value that is empty.
        (&[", ,Basic realm=\"x\",,, Digest realm=\"\","], "Basic[realm=x] ; Digest[realm=]"),
        (&["", " ", ",,"], ""),
        // Quoted: commas, equals signs and whole challenges; escapes of any character.
        (&[r#"Basic realm="a, Digest nonce=b""#], "Basic[realm=a, Digest nonce=b]"),
        (&[r#"Basic realm="\a\\\"\é""#], r#"Basic[realm=a\"é]"#),
        (&["Basic realm=\"tab\there\""], "Basic[realm=tab\there]"),
    ]);
}

#[test]
fn dig_11_challenges_come_in_one_field_or_many() {
    let digest = r#"Digest realm="d", nonce="n", qop="auth,auth-int""#;
    let expected = "Basic[realm=b] ; Digest[realm=d|nonce=n|qop=auth,auth-int]";
    check(&[
        (&[&format!(r#"Basic realm="b", {digest}"#)], expected),
        (&[r#"Basic realm="b""#, digest], expected),
    ]);
    // The word "Digest " may also stand in a realm, where Requests deletes it.
    check(&[(&[r#"Digest realm="Digest area", nonce="n""#], "Digest[realm=Digest area|nonce=n]")]);
}

#[test]
fn dig_13_tolerance_has_its_rules() {
    check(&[
        // A missing comma.
        (&[r#"Digest realm="d" nonce="n" qop=auth"#], "Digest[realm=d|nonce=n|qop=auth]"),
        (&[r#"Basic realm="b" Digest realm="d""#], "Basic[realm=b] ; Digest[realm=d]"),
        // Values that should be quoted: they end at whitespace or a comma.
        (&["Digest nonce=a/b+c==, domain=/x?y=z"], "Digest[nonce=a/b+c==|domain=/x?y=z]"),
        (&["Basic realm=Café"], "Basic[realm=Café]"),
        (&["Basic realm=, charset=UTF-8"], "Basic(realm=)[charset=UTF-8]"),
        // A quote that stays open swallows its own field only, and says so.
        (&[r#"Basic realm="a, Digest nonce="#, "NTLM"], "Basic[realm=a, Digest nonce=]! ; NTLM"),
        (&[r#"Basic realm="a\"#], "Basic[realm=a]!"),
        (&["Basic realm=\""], "Basic[realm=]!"),
        // After a closing quote comes nothing.
        (&[r#"Basic realm="a"b, x=y"#], "Basic[realm=a|x=y]"),
        // What is no scheme and no parameter is passed over, a quoted string as a whole.
        (&["@@@, Basic realm=x"], "Basic[realm=x]"),
        (&[r#""Basic realm=x, Digest realm=y", NTLM"#], "NTLM"),
        (&["foo@bar, NTLM"], "NTLM"),
        (&["\u{0}, \u{7f}x, é, NTLM"], "NTLM"),
        // Whitespace is no token68, and padding alone makes a parameter of it.
        (&["Negotiate , NTLM "], "Negotiate ; NTLM"),
        (&["Negotiate ==, NTLM"], "NTLM"),
        // Parameters without a scheme are nobody's.
        (&[r#"realm="x", nonce="y""#, "NTLM"], "NTLM"),
        (&["Basic", "realm=x"], "Basic"),
    ]);
}

#[test]
fn parameters_are_found_in_any_capitalisation_and_the_last_counts() {
    let found = parse([r#"dIgEsT Realm="a", NONCE=b, realm="c""#]).unwrap();
    let challenge = &found[0];
    assert!(challenge.is("Digest") && challenge.is("DIGEST") && !challenge.is("Digestx"));
    assert_eq!(challenge.get("realm"), Some("c"));
    assert_eq!(challenge.get("Nonce"), Some("b"));
    assert_eq!(challenge.get("opaque"), None);
}

/// t:test_parse_dict_header, and what DIG-13 says of the same function.
#[test]
fn dig_13_parse_dict_header() {
    type Params<'a> = &'a [(&'a str, Option<&'a str>)];
    let cases: &[(&str, Params<'_>)] = &[
        (r#"foo="is a fish", bar="as well""#, &[("foo", Some("is a fish")), ("bar", Some("as well"))]),
        ("key_without_value", &[("key_without_value", None)]),
        (r#"a="x, y", b, c=3"#, &[("a", Some("x, y")), ("b", None), ("c", Some("3"))]),
        (r#"a="say \"hi\"""#, &[("a", Some(r#"say "hi""#))]),
        (r#"a="open, b=c"#, &[("a", Some("open, b=c"))]),
        (r#"a="x" b="y""#, &[("a", Some("x")), ("b", Some("y"))]),
        (
            r#"nextnonce="n", qop=auth, nc=00000001"#,
            &[("nextnonce", Some("n")), ("qop", Some("auth")), ("nc", Some("00000001"))],
        ),
        ("", &[]),
        (" , ,", &[]),
        ("a=", &[("a", Some(""))]),
        ("=x, b=c", &[("b", Some("c"))]),
    ];
    for (text, expected) in cases {
        let found = parse_params(text).unwrap();
        let found: Vec<_> = found.iter().map(|(n, v)| (n.as_str(), v.as_deref())).collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn the_limits_hold_and_one_less_is_fine() {
    let challenges = |count: usize| vec!["Basic"; count].join(", ");
    assert_eq!(parse([challenges(MAX_CHALLENGES).as_str()]).unwrap().len(), MAX_CHALLENGES);
    assert_eq!(parse([challenges(MAX_CHALLENGES + 1).as_str()]), Err(Error::TooManyChallenges));
    // Also over many fields.
    assert_eq!(parse(vec!["NTLM"; MAX_CHALLENGES + 1]), Err(Error::TooManyChallenges));

    let params = |count: usize| format!("Digest {}", vec!["a=b"; count].join(","));
    assert_eq!(parse([params(MAX_PARAMS).as_str()]).unwrap()[0].params.len(), MAX_PARAMS);
    let scheme = "Digest".to_owned();
    assert_eq!(parse([params(MAX_PARAMS + 1).as_str()]), Err(Error::TooManyParams { scheme }));
    let bare = vec!["a"; MAX_PARAMS + 1].join(",");
    assert!(matches!(parse_params(&bare), Err(Error::TooManyParams { .. })));
}

/// SEC-46: what takes other clients quadratic time or worse. The work is counted, not timed.
#[test]
fn sec_46_a_megabyte_takes_linear_work() {
    const LENGTH: usize = 1 << 20;
    // What starts a list element is looked at by several questions in turn, each once. Quadratic work would be
    // hundreds of thousands.
    const LOOKS_PER_BYTE: usize = 8;
    let hostile = [
        "\"",
        ",",
        "=",
        " ",
        "a",
        "\\",
        "a=",
        "a ",
        "a,",
        "\",",
        "\"\\",
        "=\"",
        "a=\"",
        "a=\",\"",
        "@",
        ",@",
        "@\"",
        "é",
        "Basic ",
        "Digest realm=\"",
        "a =",
        "a= ",
        "aaaa== ",
        "====a",
        "\t",
        "(",
        "a\t=\t\"\"",
        "\\\"",
        "\"\" ",
    ];
    let looks_at = |text: &str| {
        let mut scanner = Scanner::new(text);
        // The limits would end some of these early; without them the whole text is read.
        while !scanner.is_at_end() {
            let _ = parse_field(&mut scanner, &mut Vec::new());
        }
        let looks = scanner.looks.get();
        let start: String = text.chars().take(20).collect();
        assert!(looks >= text.len(), "{start}: not all was read");
        assert!(looks <= LOOKS_PER_BYTE * text.len(), "{start}: {looks} looks at {} bytes", text.len());
    };
    for pattern in hostile {
        looks_at(&pattern.repeat(LENGTH / pattern.len()));
        for prefix in ["Basic ", "Digest a=\"", "Digest a=", "\""] {
            looks_at(&(prefix.to_owned() + &pattern.repeat(LENGTH / 32 / pattern.len())));
        }
        // And through the front door, where the limits hold.
        let _ = parse([pattern.repeat(LENGTH / pattern.len()).as_str()]);
        let _ = parse_params(&pattern.repeat(LENGTH / pattern.len()));
    }
}

#[test]
fn what_is_written_is_quoted_and_escaped() {
    let text = Writer::new("Digest")
        .quoted("realm", r#"a "quoted" \ one"#)
        .token("nc", "00000001")
        .quoted("empty", "")
        .quoted("name", "Jäsøn\tDoe")
        .finish();
    assert_eq!(
        text.unwrap(),
        r#"Digest realm="a \"quoted\" \\ one", nc=00000001, empty="", name="Jäsøn	Doe""#
    );
    assert_eq!(Writer::new("Negotiate").token68("YWJj==").finish().unwrap(), "Negotiate YWJj==");
    assert_eq!(Writer::new("Negotiate").finish().unwrap(), "Negotiate");
}

#[test]
fn what_would_break_the_field_is_not_written() {
    let refused = [
        Writer::new("").finish(),
        Writer::new("Two words").finish(),
        Writer::new("A\r\nB").finish(),
        Writer::new("A").token("n", "").finish(),
        Writer::new("A").token("n", "a b").finish(),
        Writer::new("A").token("n", "a,b").finish(),
        Writer::new("A").token("n=", "a").finish(),
        Writer::new("A").quoted("n n", "a").finish(),
        Writer::new("A").quoted("n", "a\r\nX-Evil: 1").finish(),
        Writer::new("A").quoted("n", "\0").finish(),
        Writer::new("A").quoted("n", "\u{7f}").finish(),
        Writer::new("A").token68("").finish(),
        Writer::new("A").token68("==").finish(),
        Writer::new("A").token68("a b").finish(),
        Writer::new("A").token68("a=b").finish(),
    ];
    for (index, text) in refused.iter().enumerate() {
        assert!(text.is_err(), "{index}: {text:?}");
    }
    // The first mistake is the one that is told.
    let text = Writer::new("A").quoted("n", "a\nb").token("", "x").finish();
    let error = text.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the n parameter has a control character at byte 1, which no credentials may carry"
    );
}

#[test]
fn debug_shows_no_credentials() {
    let found = parse(["Basic dXNlcjpwYXNz", r#"Digest username="u", response="0123abcd""#]).unwrap();
    let shown = format!("{found:?}");
    assert!(!shown.contains("dXNl") && !shown.contains("0123abcd"), "{shown}");
    assert!(shown.contains("username"), "{shown}");
}

fn token() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,12}"
}

fn challenge() -> impl Strategy<Value = Challenge> {
    let token68 = proptest::option::of("[a-zA-Z0-9._~+/-]{1,12}={0,2}");
    let params = proptest::collection::vec((token(), "[^\u{0}-\u{8}\u{a}-\u{1f}\u{7f}]{0,12}"), 0..6);
    (token(), token68, params).prop_map(|(scheme, token68, params)| Challenge {
        scheme,
        token68,
        params,
        unclosed: false,
    })
}

proptest! {
    #[test]
    fn what_was_written_reads_the_same(challenges in proptest::collection::vec(challenge(), 0..4)) {
        let fields: Vec<String> = challenges.iter().map(|c| c.to_header().unwrap()).collect();
        prop_assert_eq!(&parse(fields.iter().map(String::as_str)).unwrap(), &challenges);
        // And joined into one field.
        let joined = fields.join(", ");
        prop_assert_eq!(&parse([joined.as_str()]).unwrap(), &challenges);
    }

    #[test]
    fn no_text_breaks_the_parsers(text in "\\PC*") {
        let _ = parse([text.as_str()]);
        let _ = parse_params(&text);
    }

    #[test]
    fn no_text_of_the_grammars_characters_breaks_the_parsers(text in "[ab=\", \\\\\té\u{0}@/]{0,60}") {
        let found = parse([text.as_str()]).unwrap_or_default();
        // Whatever was read without an open quote can be written and read again.
        for challenge in found.iter().filter(|challenge| !challenge.unclosed) {
            if let Ok(header) = challenge.to_header() {
                prop_assert_eq!(&parse([header.as_str()]).unwrap(), std::slice::from_ref(challenge));
            }
        }
        let _ = parse_params(&text);
    }

    #[test]
    fn an_invalid_part_is_never_written(scheme in "\\PC{0,6}|[a-z]{1,3}", value in "[\u{0}-\u{7f}]{0,6}") {
        let written = Writer::new(&scheme).quoted("a", &value).finish();
        if let Ok(text) = written {
            prop_assert!(!text.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t'));
            let read = parse([text.as_str()]).unwrap();
            prop_assert_eq!(read[0].get("a"), Some(value.as_str()));
        }
    }
}
