//! The `; name=value` lists of Content-Type, Content-Disposition and Link (RFC 9110 §5.6.6), read leniently, in one pass
//! and without copying. Pure.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The characters that are taken off a name or an unquoted value. Requests takes single quotes for quotes, so that
/// they are here too.
const TRIMMED: [char; 4] = [' ', '\t', '"', '\''];

/// Parameters, each with its name, and its value as written: see [`unquote`]. One without `=` has an empty value.
pub(crate) struct Parameters<'a> {
    rest: &'a str,
    /// What ends the list, where it is an element of a larger one.
    end: Option<u8>,
}

impl<'a> Parameters<'a> {
    /// Those of a whole header value, after its first part.
    pub(crate) fn after_first(value: &'a str) -> Parameters<'a> {
        Parameters { rest: value.get(next(value, None)..).unwrap_or_default(), end: None }
    }

    /// Those at the beginning of `list`, until a comma that stands in no quotes.
    pub(crate) fn of_element(list: &'a str) -> Parameters<'a> {
        Parameters { rest: list.get(next(list, Some(b','))..).unwrap_or_default(), end: Some(b',') }
    }

    /// What comes after those that were given out: nothing, or a comma and the next element.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        loop {
            let text = self.rest.strip_prefix(';')?;
            let end = next(text, self.end);
            self.rest = &text[end..];
            let this = &text[..end];
            let (name, value) = this.split_once('=').unwrap_or((this, ""));
            let name = name.trim_matches(TRIMMED);
            if !name.is_empty() {
                return Some((name, value.trim_matches([' ', '\t'])));
            }
        }
    }
}

/// Where the next semicolon, or `end`, stands outside quotes.
fn next(text: &str, end: Option<u8>) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => return at,
            _ if !quoted && Some(byte) == end => return at,
            _ => {}
        }
    }
    text.len()
}

/// The value without its quotes, and without the backslashes that escape (RFC 9110 §5.6.4).
pub(crate) fn unquote(value: &str) -> Cow<'_, str> {
    let Some(inner) = value.strip_prefix('"') else { return Cow::Borrowed(value.trim_matches(TRIMMED)) };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A value as `name*` has it: charset, language and percent-encoded text (RFC 8187). `None` where it is malformed or
/// in a charset other than the two that the RFC knows.
pub(crate) fn decode_extended(value: &str) -> Option<String> {
    let mut parts = value.trim_matches(['"', ' ']).splitn(3, '\'');
    let (charset, _language, text) = (parts.next()?, parts.next()?, parts.next()?);
    let decoded = percent_decode_str(text);
    if charset.eq_ignore_ascii_case("UTF-8") {
        return decoded.decode_utf8().ok().map(Cow::into_owned);
    }
    charset.eq_ignore_ascii_case("ISO-8859-1").then(|| decoded.map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Vec<(&str, Cow<'_, str>)> {
        Parameters::after_first(value).map(|(name, value)| (name, unquote(value))).collect()
    }

    /// t:test__parse_content_type_header, the parameters of its nine cases. A parameter without `=`, which Requests leaves
    /// out, is there with an empty value: links have such (LNK-2).
    #[test]
    fn enc_1_parameters_however_they_are_quoted() {
        let boundaries = [
            ("boundary", "something".into()),
            ("boundary2", "something_else".into()),
            ("no_equals", "".into()),
        ];
        assert_eq!(read("application/xml"), []);
        assert_eq!(read("application/json ; charset=utf-8"), [("charset", "utf-8".into())]);
        assert_eq!(read("application/json ; Charset=utf-8"), [("Charset", "utf-8".into())]);
        assert_eq!(read("text/plain"), []);
        for value in [
            "multipart/form-data; boundary = something ; boundary2='something_else' ; no_equals ",
            "multipart/form-data; boundary = something ; boundary2=\"something_else\" ; no_equals ",
            "multipart/form-data; boundary = something ; \"boundary2=something_else\" ; no_equals ",
            "multipart/form-data; boundary = something ; 'boundary2=something_else' ; no_equals ",
        ] {
            assert_eq!(read(value), boundaries, "{value}");
        }
        assert_eq!(read("application/json ; ; "), []);
    }

    /// t:TestUnquoteHeaderValue::test_valid: `None` is typed away. Requests takes a backslash away only before a backslash
    /// or a quote; RFC 9110 §5.6.4 before any character.
    #[test]
    fn quotes_and_what_escapes_are_taken_away() {
        let cases = [
            ("Test", "Test"),
            (r#""Test""#, "Test"),
            (r#""Test\\""#, r"Test\"),
            (r#""\\Comp\Res""#, r"\CompRes"),
        ];
        for (given, expected) in cases {
            assert_eq!(unquote(given), expected, "{given}");
        }
    }

    #[test]
    fn quotes_hide_what_separates() {
        assert_eq!(read(r#"x; a="1;\"2"; b=3"#), [("a", r#"1;"2"#.into()), ("b", "3".into())]);
        assert_eq!(read("x; a=\"open; b=3"), [("a", "open; b=3".into())]);
        assert_eq!(read("x; a=b=c"), [("a", "b=c".into())]);
        let mut element = Parameters::of_element("; a=\"1,2\"; b , <next>");
        assert_eq!(element.by_ref().count(), 2);
        assert_eq!(element.rest(), ", <next>");
    }

    #[test]
    fn rfc_8187_section_3_2_3() {
        assert_eq!(decode_extended("UTF-8'en'%C2%A3%20rates").as_deref(), Some("£ rates"));
        assert_eq!(decode_extended("iso-8859-1''%A3%20rates").as_deref(), Some("£ rates"));
        assert_eq!(decode_extended("UTF-8''%FF"), None);
        assert_eq!(decode_extended("EBCDIC''x"), None);
        assert_eq!(decode_extended("plain"), None);
    }
}
