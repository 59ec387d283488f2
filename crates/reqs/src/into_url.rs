//! From what a person wrote to a `url::Url`, with Requests' error kinds for what is not one (URL-1 to URL-8).

use std::borrow::Cow;

use url::{ParseError, Url};

use crate::error::{Error, ErrorKind, Result};
use crate::params::Params;
use crate::recent;

/// What names a URL: text, UTF-8 bytes, a [`Url`] already parsed, or an [`http::Uri`]. Implemented here only.
///
/// Text is parsed as the WHATWG standard does it, by the `url` crate, after white space around it was taken away. A
/// `%` that begins no escape is sent as `%25` (URL-25). A `Url` is taken as it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no URL",
    label = "not a URL",
    note = "text, UTF-8 bytes, a `Url` or an `http::Uri` are taken, owned or borrowed"
)]
pub trait IntoUrl: sealed::Sealed {
    /// The URL, checked.
    ///
    /// # Errors
    /// [`ErrorKind::MissingSchema`] without a scheme, [`ErrorKind::InvalidSchema`] where what stands before the colon
    /// cannot be one, [`ErrorKind::InvalidUrl`] for everything else that is not a URL with a host.
    fn into_url(self) -> Result<Url>;
}

impl IntoUrl for &str {
    fn into_url(self) -> Result<Url> {
        parse(self)
    }
}

impl IntoUrl for String {
    fn into_url(self) -> Result<Url> {
        parse(&self)
    }
}

impl IntoUrl for &String {
    fn into_url(self) -> Result<Url> {
        parse(self)
    }
}

/// What a loop over a list of `&str` gives.
impl IntoUrl for &&str {
    fn into_url(self) -> Result<Url> {
        parse(self)
    }
}

impl IntoUrl for Cow<'_, str> {
    fn into_url(self) -> Result<Url> {
        parse(&self)
    }
}

impl<const N: usize> IntoUrl for &[u8; N] {
    fn into_url(self) -> Result<Url> {
        self.as_slice().into_url()
    }
}

impl IntoUrl for &[u8] {
    fn into_url(self) -> Result<Url> {
        match str::from_utf8(self) {
            Ok(text) => parse(text),
            Err(_) => Err(invalid(&String::from_utf8_lossy(self), "it is not UTF-8")),
        }
    }
}

impl IntoUrl for Url {
    fn into_url(self) -> Result<Url> {
        check_host(self)
    }
}

impl IntoUrl for &Url {
    fn into_url(self) -> Result<Url> {
        check_host(self.clone())
    }
}

impl IntoUrl for http::Uri {
    fn into_url(self) -> Result<Url> {
        parse(&self.to_string())
    }
}

impl IntoUrl for &http::Uri {
    fn into_url(self) -> Result<Url> {
        parse(&self.to_string())
    }
}

/// Where to, as far as it is known before a session is.
#[derive(Debug)]
pub enum Address {
    /// A whole URL.
    Url(Url),
    /// Text that is no URL by itself, but may be one under a session's base URL.
    Relative(String),
}

mod sealed {
    use std::borrow::Cow;

    use super::{Address, IntoUrl, address};
    use crate::error::Result;

    pub trait Sealed {
        /// The URL, or text that may be one under a session's base URL.
        fn into_address(self) -> Result<Address>;
    }

    macro_rules! text {
        ($($kind:ty),*) => {$(
            impl Sealed for $kind {
                fn into_address(self) -> Result<Address> {
                    address(self.as_ref())
                }
            }
        )*};
    }
    text!(&str, &&str, String, &String, Cow<'_, str>);

    macro_rules! whole {
        ($($kind:ty),*) => {$(
            impl Sealed for $kind {
                fn into_address(self) -> Result<Address> {
                    self.into_url().map(Address::Url)
                }
            }
        )*};
    }
    whole!(&[u8], url::Url, &url::Url, http::Uri, &http::Uri);

    impl<const N: usize> Sealed for &[u8; N] {
        fn into_address(self) -> Result<Address> {
            self.into_url().map(Address::Url)
        }
    }
}

/// Appends the params to the query, before the fragment (URL-24); schemes that are not of HTTP's family have none
/// (URL-3).
pub(crate) fn add_params(url: &mut Url, params: &Params) {
    if params.is_empty() || !url.scheme().starts_with("http") {
        return;
    }
    let more = params.to_string();
    let more = quoted_percents(&more).unwrap_or(more);
    match url.query() {
        Some(query) if !query.is_empty() => {
            let query = format!("{query}&{more}");
            url.set_query(Some(&query));
        }
        _ => url.set_query(Some(&more)),
    }
}

/// The text resolved against a session's base URL, as RFC 3986 §5 does (requests-toolbelt's `BaseUrlSession`).
///
/// Text that would lead to another origin, as `//other/`, is refused: the session's headers and credentials are meant
/// for the base (SEC-75).
pub(crate) fn under(base: &Url, text: &str) -> Result<Url> {
    let url = base.join(text.trim()).map_err(|error| invalid(text, &error.to_string()))?;
    if url.origin() != base.origin() {
        return Err(invalid(text, "it leads away from the session's base URL; give the whole URL"));
    }
    check_host(url).map(quote_percents)
}

/// The error for text without a scheme (URL-5).
pub(crate) fn no_scheme(text: &str) -> Error {
    let shown = without_userinfo(text);
    let advice = match shown.strip_prefix("//").unwrap_or(&shown) {
        "" => String::new(),
        path if path.starts_with(['/', '?', '#', '.']) => {
            " A path alone is for a session that has a base_url.".to_owned()
        }
        host => format!(" Perhaps you meant https://{host}?"),
    };
    Error::new(ErrorKind::MissingSchema, format!("Invalid URL '{shown}': No scheme supplied.{advice}"))
}

/// The error for a scheme that nobody carries, of a URL without its userinfo (URL-6, POOL-2).
pub(crate) fn no_adapter(shown: &str) -> Error {
    // `localhost:8080/path` has the scheme `localhost`.
    let port = shown.split_once(':').and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    let advice = match port.is_some_and(|port| port.parse::<u16>().is_ok()) {
        true => format!(". Perhaps you meant http://{shown}?"),
        false => String::new(),
    };
    let message = format!("No connection adapters were found for '{shown}'{advice}");
    Error::new(ErrorKind::InvalidSchema, message)
}

fn address(given: &str) -> Result<Address> {
    match parse(given) {
        Ok(url) => Ok(Address::Url(url)),
        Err(error) if error.kind() == ErrorKind::MissingSchema => Ok(Address::Relative(given.to_owned())),
        Err(error) => Err(error),
    }
}

fn parse(given: &str) -> Result<Url> {
    match recent::same(given) {
        Some(url) => Ok(url),
        None => {
            let url = parse_anew(given)?;
            recent::remember(given, &url);
            Ok(url)
        }
    }
}

fn parse_anew(given: &str) -> Result<Url> {
    let text = given.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(invalid(text, "it holds a control character"));
    }
    if names_http(text) && !has_authority(text) {
        return Err(invalid(text, "No host supplied"));
    }
    match recent::of_same_origin(text).map_or_else(|| Url::parse(text), Ok) {
        Ok(url) => check_host(url).map(quote_percents),
        Err(ParseError::RelativeUrlWithoutBase) if text.contains(':') => {
            Err(no_adapter(&without_userinfo(text)))
        }
        Err(ParseError::RelativeUrlWithoutBase) => Err(no_scheme(text)),
        Err(ParseError::EmptyHost) => Err(invalid(text, "No host supplied")),
        Err(ParseError::IdnaError) => Err(invalid(text, "the host is no domain name")),
        Err(error) => match cut_password(&text[authority_start(text)..]) {
            Some(_) => Err(invalid(text, "in a password '/', '?' and '#' are written %2F, %3F and %23")),
            None => Err(invalid(text, &error.to_string())),
        },
    }
}

fn names_http(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default();
    text.len() > scheme.len() && (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
}

/// `http:x`, `http:/x` and `http:///x` name no host for a person, whatever a browser makes of them (URL-7).
fn has_authority(text: &str) -> bool {
    let after = text.split_once(':').map_or("", |(_, after)| after);
    after.strip_prefix("//").is_some_and(|rest| !rest.starts_with(['/', '\\']))
}

fn check_host(url: Url) -> Result<Url> {
    if url.host_str().is_some_and(|host| host.starts_with(['*', '.'])) {
        return Err(invalid(url.as_str(), "URL has an invalid label."));
    }
    Ok(url)
}

/// The URL with `%25` for each `%` that begins no escape, which the parser leaves as it is and RFC 3986 §2.1 does not
/// know (URL-25).
pub(crate) fn quote_percents(mut url: Url) -> Url {
    if !url.scheme().starts_with("http") {
        return url;
    }
    if let Some(path) = quoted_percents(url.path()) {
        url.set_path(&path);
    }
    if let Some(query) = url.query().and_then(quoted_percents) {
        url.set_query(Some(&query));
    }
    url
}

/// The text with `%25` for each `%` that begins no escape; `None` where there is none.
fn quoted_percents(text: &str) -> Option<String> {
    let begins_escape = |at: usize| {
        let digits = text.as_bytes().get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let mut lone = text.match_indices('%').map(|(at, _)| at).filter(|at| !begins_escape(*at)).peekable();
    lone.peek()?;
    let mut quoted = String::with_capacity(text.len() + 8);
    let mut from = 0;
    for at in lone {
        quoted.push_str(&text[from..=at]);
        quoted.push_str("25");
        from = at + 1;
    }
    quoted.push_str(&text[from..]);
    Some(quoted)
}

fn invalid(text: &str, reason: &str) -> Error {
    let shown = without_userinfo(text);
    Error::new(ErrorKind::InvalidUrl, format!("Invalid URL '{}': {reason}", shown.escape_debug()))
}

/// The text with everything up to the last `@` of its authority left out, since that may be a password.
pub(crate) fn without_userinfo(text: &str) -> String {
    let (scheme, rest) = text.split_at(authority_start(text));
    match authority(rest).rfind('@').or_else(|| cut_password(rest)) {
        Some(at) => format!("{scheme}{}", &rest[at + 1..]),
        None => text.to_owned(),
    }
}

fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

/// Where the `@` stands behind a password that ended the authority, as that of `u:a/b@h` does: what should be a port is
/// none.
fn cut_password(rest: &str) -> Option<usize> {
    let (_, port) = authority(rest).rsplit_once(':')?;
    let is_port = port.is_empty() || port.parse::<u16>().is_ok();
    if is_port { None } else { rest.rfind('@') }
}

/// Where a person, or a lenient parser, would say that the authority begins: `//h`, `http:/h` and `http//h` have one
/// too.
fn authority_start(text: &str) -> usize {
    let is_slash = |c: char| matches!(c, '/' | '\\');
    let after_slashes = |from: usize| text.len() - text[from..].trim_start_matches(is_slash).len();
    let after_scheme = text
        .find(':')
        .map(|at| at + 1)
        .filter(|&at| text[at..].starts_with(is_slash) && !text[..at].contains(['/', '\\', '?', '#']));
    match after_scheme {
        Some(at) => after_slashes(at),
        None if after_slashes(0) >= 2 => after_slashes(0),
        None => text.find("//").map_or(0, |at| at + 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorKind::{InvalidSchema, InvalidUrl, MissingSchema};

    #[test]
    fn url_5_to_8_what_is_not_a_url_says_why() {
        let cases = [
            (
                "hiwpef",
                MissingSchema,
                "Invalid URL 'hiwpef': No scheme supplied. Perhaps you meant https://hiwpef?",
            ),
            ("", MissingSchema, "Invalid URL '': No scheme supplied."),
            (
                "/p",
                MissingSchema,
                "Invalid URL '/p': No scheme supplied. A path alone is for a session that has a base_url.",
            ),
            (
                "//x/y",
                MissingSchema,
                "Invalid URL '//x/y': No scheme supplied. Perhaps you meant https://x/y?",
            ),
            (
                "10.1.1.1:80/",
                InvalidSchema,
                "No connection adapters were found for '10.1.1.1:80/'. Perhaps you meant http://10.1.1.1:80/?",
            ),
            ("a b:c", InvalidSchema, "No connection adapters were found for 'a b:c'"),
            ("http://", InvalidUrl, "Invalid URL 'http://': No host supplied"),
            ("http:///p", InvalidUrl, "Invalid URL 'http:///p': No host supplied"),
            ("http:/x", InvalidUrl, "Invalid URL 'http:/x': No host supplied"),
            ("http:x", InvalidUrl, "Invalid URL 'http:x': No host supplied"),
            ("http://*", InvalidUrl, "Invalid URL 'http://*/': URL has an invalid label."),
            (
                "http://*.google.com",
                InvalidUrl,
                "Invalid URL 'http://*.google.com/': URL has an invalid label.",
            ),
            (
                "http://.example.com",
                InvalidUrl,
                "Invalid URL 'http://.example.com/': URL has an invalid label.",
            ),
            ("http://x:65536/", InvalidUrl, "Invalid URL 'http://x:65536/': invalid port number"),
            ("http://a b/", InvalidUrl, "Invalid URL 'http://a b/': the host is no domain name"),
            ("http://a\r\nb/", InvalidUrl, "Invalid URL 'http://a\\r\\nb/': it holds a control character"),
            ("http://a/\tb", InvalidUrl, "Invalid URL 'http://a/\\tb': it holds a control character"),
            ("http://u:secret@[::1/", InvalidUrl, "Invalid URL 'http://[::1/': invalid IPv6 address"),
        ];
        for (given, kind, message) in cases {
            let error = given.into_url().unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (kind, message), "{given:?}");
        }
        assert_eq!(b"http://\xff/".as_slice().into_url().unwrap_err().kind(), InvalidUrl);
    }

    #[test]
    fn url_2_url_10_spaces_around_and_capitals_do_not_matter() {
        for given in [" http://Example.COM/A", "\t\n HTTP://example.com/A", "http://example.com/A \n"] {
            assert_eq!(given.into_url().unwrap().as_str(), "http://example.com/A", "{given:?}");
        }
    }

    #[test]
    fn url_3_url_6_other_schemes_pass_untouched() {
        for given in
            ["mailto:user@example.org", "data:,x", "localhost:3128", "magnet:?xt=urn:btih:be08f00302bc2d1d3"]
        {
            let mut url = given.into_url().unwrap();
            add_params(&mut url, &Params::from([("a", "b")]));
            assert_eq!(url.as_str(), given);
        }
    }

    #[test]
    fn url_4_url_24_params_go_before_the_fragment_and_after_the_query() {
        let cases = [
            ("http://h/p#frag", "http://h/p?a=b#frag"),
            ("http://h/p?x=y#frag", "http://h/p?x=y&a=b#frag"),
            ("http://h", "http://h/?a=b"),
            ("http+unix://%2Frun%2Fx.sock/p", "http+unix://%2Frun%2Fx.sock/p?a=b"),
        ];
        for (given, expected) in cases {
            let mut url = given.into_url().unwrap();
            add_params(&mut url, &Params::from([("a", "b")]));
            assert_eq!(url.as_str(), expected);
        }
    }

    /// t:test_unquote_unreserved. Decision 1: an escape that need not be one stays, and so that a `%` that begins none is
    /// no end of it, that one is escaped (URL-17, URL-25).
    #[test]
    fn url_17_url_25_escapes_stay_as_they_were_written() {
        let cases = [
            ("http://example.com/?a=%--", "http://example.com/?a=%25--"),
            ("http://example.com/?a=%300", "http://example.com/?a=%300"),
        ];
        for (given, expected) in cases {
            assert_eq!(given.into_url().unwrap().as_str(), expected);
        }
    }

    /// t:test_requote_uri_with_unquoted_percents
    #[test]
    fn url_25_a_percent_that_begins_no_escape_is_quoted() {
        let cases = [
            ("http://h/fiz?buz=%25ppicture", "http://h/fiz?buz=%25ppicture"),
            ("http://h/fiz?buz=%ppicture", "http://h/fiz?buz=%25ppicture"),
            ("http://h/%zz/%2f%", "http://h/%25zz/%2f%25"),
            ("http://h/?%é%4", "http://h/?%25%C3%A9%254"),
            ("data:%zz", "data:%zz"),
        ];
        for (given, expected) in cases {
            assert_eq!(given.into_url().unwrap().as_str(), expected);
        }
        let given = Url::parse("http://h/%zz").unwrap();
        assert_eq!((&given).into_url().unwrap(), given, "a URL is taken as it is");
        let mut url = "http://h/".into_url().unwrap();
        add_params(&mut url, &Params::new("a=100%").unwrap());
        assert_eq!(url.as_str(), "http://h/?a=100%25");
    }

    #[test]
    fn sec_14_no_password_in_messages() {
        for given in [
            "http://u:secret@h:x/",
            "http://u:secret@@h b/",
            "//u:secret@h/",
            "http:/u:secret@h/",
            "http:///u:secret@h/",
            "http:\\\\u:secret@h b/",
            "htt p://u:secret@h/",
            "http//u:secret@h/",
            "http://u:secret/x@h/",
            "http://u:x?secret@h:1/",
            "http://u:x#secret@h/",
        ] {
            let error = given.into_url().unwrap_err().to_string();
            assert!(!error.contains("secret") && error.contains('h'), "{given}: {error}");
        }
        for shown in ["/@me", "http://h:80/@me", "http://h:/a:b@me", "http://[::1/a@b"] {
            assert_eq!(without_userinfo(shown), shown, "a path is no authority");
        }
    }

    #[test]
    fn a_password_that_ends_its_authority_is_named_as_what_is_wrong() {
        let error = "http://u:a/b@h:1/p".into_url().unwrap_err();
        let message =
            "Invalid URL 'http://h:1/p': in a password '/', '?' and '#' are written %2F, %3F and %23";
        assert_eq!((error.kind(), error.to_string().as_str()), (InvalidUrl, message));
    }

    #[test]
    fn text_and_bytes_name_urls_in_whatever_form_they_are_at_hand() {
        let owned = "http://h/".to_owned();
        for given in ["http://h/", &owned].iter() {
            assert_eq!(given.into_url().unwrap().as_str(), owned);
        }
        assert_eq!(Cow::from(&owned).into_url().unwrap().as_str(), owned);
        assert_eq!(b"http://h/".into_url().unwrap().as_str(), owned);
    }
}
