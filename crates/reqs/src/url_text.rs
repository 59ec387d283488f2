//! From text to a `url::Url`, with Requests' error kinds for what is not one (URL-1 to URL-8), and from a URL to the one that
//! is asked for: params added, stray percents quoted, passwords kept out of messages.

#[cfg(test)]
mod tests;

use url::{ParseError, Url};

use crate::error::{Error, ErrorKind, Result};
use crate::into_url::Address;
use crate::params::Params;
use crate::recent;

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

pub(crate) fn address(given: &str) -> Result<Address> {
    match parse(given) {
        Ok(url) => Ok(Address::Url(url)),
        Err(error) if error.kind() == ErrorKind::MissingSchema => Ok(Address::Relative(given.to_owned())),
        Err(error) => Err(error),
    }
}

pub(crate) fn parse(given: &str) -> Result<Url> {
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

pub(crate) fn check_host(url: Url) -> Result<Url> {
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

pub(crate) fn invalid(text: &str, reason: &str) -> Error {
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
