//! Charsets, byte order marks, guesses, and every label.

use super::*;

fn typed(content_type: &str) -> Headers {
    Headers::from([("Content-Type", content_type)])
}

/// t:test_get_encoding_from_headers. Decision 5: the guess that text is ISO-8859-1 is made when the text is asked for, and
/// not before, so that what the header did not say is not said here.
#[test]
fn enc_1_enc_2_what_the_header_says_and_what_becomes_of_the_text() {
    let cases = [
        (Headers::new(), None, "\u{e9}"),
        (typed("application/json; charset=utf-8"), Some("utf-8"), "\u{fffd}"),
        (typed("text/plain"), None, "\u{e9}"),
        (typed("text/html; charset"), None, "\u{e9}"),
    ];
    for (headers, expected, text) in cases {
        assert_eq!(charset(&headers), expected, "{headers:?}");
        assert_eq!(decode(b"\xe9", charset(&headers), &headers), text, "{headers:?}");
    }
}

#[test]
fn enc_1_the_charset_parameter() {
    let cases = [
        ("text/html; charset=ISO-8859-1", Some("ISO-8859-1")),
        ("application/json ; Charset=utf-8", Some("utf-8")),
        ("text/html; charset=\"utf-8\"", Some("utf-8")),
        ("text/html; charset='x'; a=b", Some("x")),
        ("text/html; charset=a; charset=b", Some("b")),
        ("text/html; title=\"a; charset=no\"; charset=yes", Some("yes")),
        ("text/html; charset=", None),
        ("text/html; charset", None),
        ("text/html; charset=\"\"", None),
        ("text/html; charset=a; charset", Some("a")),
        ("text/html", None),
        ("", None),
    ];
    for (value, expected) in cases {
        assert_eq!(charset(&typed(value)), expected, "{value}");
    }
}

#[test]
fn enc_2_enc_3_how_bytes_become_text() {
    let cases: [(&[u8], &str, &str); 9] = [
        (b"\xe9t\xe9", "text/plain; charset=ISO-8859-1", "été"),
        (b"\xef\xbb\xbfx", "text/plain", "x"),
        (b"\xff\xfea\0", "text/plain", "a"),
        (b"\xff\xfe\0\0a\0\0\0", "text/plain", "a"),
        ("é".as_bytes(), "text/plain", "é"),
        (b"\xe9\x80", "text/plain", "é\u{80}"),
        (b"\xff", "text/plain; charset=utf-8", "\u{fffd}"),
        (b"\x83\x65\x83\x58\x83\x67\x82\xc5\x82\xb7", "application/x", "テストです"),
        (b"plain", "text/plain; charset=no-such", "plain"),
    ];
    for (bytes, content_type, expected) in cases {
        let headers = typed(content_type);
        assert_eq!(decode(bytes, charset(&headers), &headers), expected, "{content_type} {bytes:?}");
    }
}

#[test]
fn text_that_is_utf_8_is_borrowed() {
    assert!(matches!(decode(b"abc", None, &Headers::new()), Cow::Borrowed("abc")));
    assert!(matches!(decode("é".as_bytes(), Some("utf-8"), &Headers::new()), Cow::Borrowed("é")));
}

/// Every label of the Encoding standard that names one of its encodings.
#[test]
fn enc_3_every_label_means_its_encoding() {
    // One character that each encoding has a form of its own for, or at least ASCII.
    let labels = LABELS.iter().flat_map(|(name, labels)| labels.split(' ').map(move |label| (label, *name)));
    assert_eq!(labels.clone().count(), 222);
    for (label, name) in labels {
        let encoding = named(label).unwrap_or_else(|| panic!("{label} is unknown"));
        assert_eq!(encoding.name(), name, "{label}");
        assert_eq!(named(&label.to_ascii_uppercase()), Some(encoding), "{label}");
        let mut headers = Headers::new();
        headers.insert("Content-Type", format!("text/plain; charset={label}"));
        for sample in ["plain", "é", "я", "テスト", "汉字", "漢字", "한글", "ש", "ก", "ğ"] {
            let (bytes, _, is_lossy) = encoding.encode(sample);
            if is_lossy || encoding != encoding.output_encoding() {
                continue;
            }
            assert_eq!(decode(&bytes, charset(&headers), &headers), sample, "{label}");
        }
    }
    for encoding in [UTF_16LE, UTF_16BE] {
        let units = "añ€𝄞".encode_utf16();
        let bytes: Vec<u8> = match encoding == UTF_16LE {
            true => units.flat_map(u16::to_le_bytes).collect(),
            false => units.flat_map(u16::to_be_bytes).collect(),
        };
        assert_eq!(decode(&bytes, Some(encoding.name()), &Headers::new()), "añ€𝄞");
    }
}

#[test]
fn s27_4_python_has_names_of_its_own() {
    let cases = [
        ("latin-1", WINDOWS_1252),
        ("latin_1", WINDOWS_1252),
        ("utf_8", UTF_8),
        ("UTF-8-SIG", UTF_8),
        ("cp932", SHIFT_JIS),
        ("euc_jp", EUC_JP),
        ("cp950", BIG5),
        ("cp949", EUC_KR),
        (" utf8 ", UTF_8),
    ];
    for (label, encoding) in cases {
        assert_eq!(named(label), Some(encoding), "{label}");
    }
    assert_eq!(named("no-such"), None);
    assert_eq!(named(""), None);
}

/// Charsets that the Encoding standard replaces by nothing, since they are dangerous on the web: their bytes are not
/// thrown away.
#[test]
fn enc_3_what_the_standard_replaces_is_unknown() {
    for label in ["hz-gb-2312", "iso-2022-kr", "ISO-2022-CN", "replacement"] {
        assert_eq!(named(label), None, "{label}");
        assert_eq!(decode(b"abc", Some(label), &Headers::new()), "abc");
        assert!(decode_strictly(b"abc", Some(label), &Headers::new()).is_err());
    }
}

#[test]
fn utf_16_without_an_order_goes_by_its_mark() {
    let headers = Headers::new();
    assert_eq!(decode(b"\xfe\xff\0a", Some("utf-16"), &headers), "a");
    assert_eq!(decode(b"\xff\xfea\0", Some("UTF-16"), &headers), "a");
    assert_eq!(decode(b"\0a", Some("utf-16be"), &headers), "a");
}

#[test]
fn strictly_there_is_no_guessing() {
    let strictly = |bytes, label| decode_strictly(bytes, Some(label), &Headers::new());
    assert_eq!(strictly(b"abc", "utf-8").unwrap(), "abc");
    let error = strictly(b"ab\xff", "utf-8").unwrap_err();
    assert_eq!(error, "the body is not valid UTF-8: it cannot be decoded after 2 characters");
    assert!(strictly(b"abc", "klingon\n").unwrap_err().starts_with("the encoding 'klingon\\n' is unknown"));
    assert_eq!(decode_strictly(b"\xff", None, &Headers::new()).unwrap(), "ÿ");
}

/// t:TestContentEncodingDetection::test_none, t:TestContentEncodingDetection::test_pragmas,
/// t:TestContentEncodingDetection::test_precedence
#[test]
fn enc_6_what_a_page_says_of_itself() {
    let cases: [(&str, &[&str]); 8] = [
        ("", &[]),
        (r#"<meta charset="UTF-8">"#, &["UTF-8"]),
        (r#"<meta http-equiv="Content-type" content="text/html;charset=UTF-8">"#, &["UTF-8"]),
        (r#"<meta http-equiv="Content-type" content="text/html;charset=UTF-8" />"#, &["UTF-8"]),
        (r#"<?xml version="1.0" encoding="UTF-8"?>"#, &["UTF-8"]),
        (
            "<?xml version=\"1.0\" encoding=\"XML\"?>\n  <meta charset=\"HTML5\">\n  <meta http-equiv=\"Content-type\" content=\"text/html;charset=HTML4\" />",
            &["HTML5", "HTML4", "XML"],
        ),
        ("<META CHARSET=Big5/>", &["Big5"]),
        ("<meta charset=", &[]),
    ];
    for (page, expected) in cases {
        assert_eq!(in_content(page.as_bytes()), expected, "{page}");
    }
}

/// The labels of <https://encoding.spec.whatwg.org/#names-and-labels> by encoding, but those of `replacement`.
#[rustfmt::skip]
const LABELS: &[(&str, &str)] = &[
    ("Big5", "big5 big5-hkscs cn-big5 csbig5 x-x-big5"),
    ("EUC-JP", "cseucpkdfmtjapanese euc-jp x-euc-jp"),
    ("EUC-KR", "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949"),
    ("GBK", "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk"),
    ("IBM866", "866 cp866 csibm866 ibm866"),
    ("ISO-2022-JP", "csiso2022jp iso-2022-jp"),
    ("ISO-8859-10", "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6"),
    ("ISO-8859-13", "iso-8859-13 iso8859-13 iso885913"),
    ("ISO-8859-14", "iso-8859-14 iso8859-14 iso885914"),
    ("ISO-8859-15", "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9"),
    ("ISO-8859-16", "iso-8859-16"),
    ("ISO-8859-2", "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2"),
    ("ISO-8859-3", "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3"),
    ("ISO-8859-4", "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4"),
    ("ISO-8859-5", "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988"),
    ("ISO-8859-6", "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"),
    ("ISO-8859-7", "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek"),
    ("ISO-8859-8", "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual"),
    ("ISO-8859-8-I", "csiso88598i iso-8859-8-i logical"),
    ("KOI8-R", "cskoi8r koi koi8 koi8-r koi8_r"),
    ("KOI8-U", "koi8-ru koi8-u"),
    ("Shift_JIS", "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis"),
    ("UTF-16BE", "unicodefffe utf-16be"),
    ("UTF-16LE", "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"),
    ("UTF-8", "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8"),
    ("gb18030", "gb18030"),
    ("macintosh", "csmacintosh mac macintosh x-mac-roman"),
    ("windows-1250", "cp1250 windows-1250 x-cp1250"),
    ("windows-1251", "cp1251 windows-1251 x-cp1251"),
    ("windows-1252", "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252"),
    ("windows-1253", "cp1253 windows-1253 x-cp1253"),
    ("windows-1254", "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254"),
    ("windows-1255", "cp1255 windows-1255 x-cp1255"),
    ("windows-1256", "cp1256 windows-1256 x-cp1256"),
    ("windows-1257", "cp1257 windows-1257 x-cp1257"),
    ("windows-1258", "cp1258 windows-1258 x-cp1258"),
    ("windows-874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"),
    ("x-mac-cyrillic", "x-mac-cyrillic x-mac-ukrainian"),
    ("x-user-defined", "x-user-defined"),
];
