//! A prepared request as a `curl` command that sends the same: quoting for POSIX shells, and what curl would add by
//! itself taken away.

mod settings;

use std::fmt::{self, Write};

use http::Method;

use crate::prepared::PreparedRequest;

/// A request as a `curl` command; made by [`PreparedRequest::as_curl`].
///
/// Shown, it is one line for a POSIX shell (`sh`, bash, zsh) that sends the same method, URL, headers and body. Headers
/// that hold credentials, and user and password of the URL, are shown as `[redacted]` or left out, until
/// [`with_secrets`](Curl::with_secrets) says otherwise; the body is shown. A streamed body is read from standard input.
///
/// Settings that were said while the request was made become options where curl has the same: the proxy for this URL,
/// `verify` and `cert` with paths, the limits for connecting and in all, `raise_for_status`, and redirects where they
/// were asked for and curl changes methods as it must, which it does for GET, HEAD and a POST with a body. A limit between
/// bytes, retries, certificates from memory and answers to a challenge, as [`Digest`](crate::Digest) gives them, are left to
/// the reader, as is all that the session alone says.
///
/// Bytes that are not text, or would not show as such on a terminal, go through `printf`.
#[derive(Clone, Copy)]
pub struct Curl<'a> {
    request: &'a PreparedRequest,
    secrets: bool,
}

/// Headers that curl sends by itself where it is not told otherwise; the last only with data.
const CURLS_OWN: [&str; 3] = ["User-Agent", "Accept", "Content-Type"];

/// From this size curl announces a body with `Expect: 100-continue` by itself.
const CURLS_EXPECT: u64 = 1024 * 1024;

impl<'a> Curl<'a> {
    pub(crate) fn of(request: &'a PreparedRequest) -> Curl<'a> {
        Curl { request, secrets: false }
    }

    /// The same with its credentials, so that it can be run as it is. Mind where it is printed.
    #[must_use]
    pub fn with_secrets(self) -> Curl<'a> {
        Curl { secrets: true, ..self }
    }

    fn method(&self, f: &mut fmt::Formatter<'_>, data: &Data<'_>) -> fmt::Result {
        let method = &self.request.method;
        match data {
            Data::None if *method == Method::GET => Ok(()),
            Data::None if *method == Method::HEAD => f.write_str(" --head"),
            // It is what data makes of it, and curl forgets it where a redirect says so.
            _ if self.follows(data) => Ok(()),
            _ => write!(f, " -X {}", Quoted(method.as_str().as_bytes())),
        }
    }

    fn headers(&self, f: &mut fmt::Formatter<'_>, data: &Data<'_>) -> fmt::Result {
        let headers = &self.request.headers;
        let has_data = !matches!(data, Data::None);
        for (name, value) in headers.iter_bytes() {
            // curl counts what it sends by itself.
            if has_data && name.eq_ignore_ascii_case("Content-Length") {
                continue;
            }
            let secret = self.request.is_secret(name);
            let line = match (secret && !self.secrets, value) {
                (true, _) => format!("{name}: [redacted]").into_bytes(),
                // A colon with nothing behind it would take the header away.
                (false, []) => format!("{name};").into_bytes(),
                (false, value) => [name.as_bytes(), b": ", value].concat(),
            };
            write!(f, " -H {}", Quoted(&line))?;
        }
        let own = if has_data { &CURLS_OWN[..] } else { &CURLS_OWN[..2] };
        for name in own.iter().filter(|name| !headers.contains(name)) {
            write!(f, " -H '{name}:'")?;
        }
        let announced = has_data && self.request.body.length().is_none_or(|length| length > CURLS_EXPECT);
        if announced && !headers.contains("Expect") {
            f.write_str(" -H 'Expect:'")?;
        }
        Ok(())
    }
}

impl fmt::Display for Curl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = Data::of(self.request);
        if let Data::Binary(bytes) = data {
            write!(f, "{} | ", Printf(bytes))?;
        }
        f.write_str("curl")?;
        self.method(f, &data)?;
        self.headers(f, &data)?;
        if self.request.headers.contains("Accept-Encoding") {
            f.write_str(" --compressed")?;
        }
        match data {
            Data::None => {}
            Data::Text(text) => write!(f, " --data-raw {}", Quoted(text))?,
            Data::Binary(_) | Data::Stream => f.write_str(" --data-binary @-")?,
        }
        self.settings(f, &data)?;
        let url = self.request.sent_url();
        // Brackets and braces are patterns to curl.
        if url.contains(['[', ']', '{', '}']) {
            f.write_str(" --globoff")?;
        }
        write!(f, " {}", Quoted(url.as_bytes()))
    }
}

impl fmt::Debug for Curl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Curl({self})")
    }
}

/// How the body gets to curl.
#[derive(Clone, Copy)]
enum Data<'a> {
    None,
    /// As an argument.
    Text(&'a [u8]),
    /// Through a pipe, since no argument can hold it.
    Binary(&'a [u8]),
    /// From wherever the reader has it.
    Stream,
}

/// Linux takes no argument longer than 128 KiB.
const LONGEST_ARGUMENT: usize = 100 * 1024;

impl Data<'_> {
    fn of(request: &PreparedRequest) -> Data<'_> {
        match request.body.as_bytes() {
            None => Data::Stream,
            Some([]) => Data::None,
            Some(bytes) if is_plain(bytes) && bytes.len() <= LONGEST_ARGUMENT => Data::Text(bytes),
            Some(bytes) => Data::Binary(bytes),
        }
    }
}

/// Whether the bytes can stand in a shell's single quotes, and on a terminal: text, without NUL and escape sequences.
fn is_plain(bytes: &[u8]) -> bool {
    let is_shown = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n');
    str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_shown))
}

/// One word of a POSIX shell command. What is not text must hold no NUL and end in no line break.
struct Quoted<'a>(&'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(byte);
        let Ok(text) = str::from_utf8(self.0) else { return write!(f, "\"$({})\"", Printf(self.0)) };
        if !text.is_empty() && self.0.iter().all(is_bare) {
            return f.write_str(text);
        }
        f.write_char('\'')?;
        for (at, piece) in text.split('\'').enumerate() {
            if at > 0 {
                f.write_str("'\\''")?;
            }
            f.write_str(piece)?;
        }
        f.write_char('\'')
    }
}

/// A command that prints these bytes: what is not plain ASCII as octal, which every `printf` knows.
struct Printf<'a>(&'a [u8]);

impl fmt::Display for Printf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("printf '")?;
        for (at, &byte) in self.0.iter().enumerate() {
            match byte {
                // A dash at the beginning would make an option of it.
                b'-' if at == 0 => f.write_str("\\055")?,
                b'%' => f.write_str("%%")?,
                b'\\' | b'\'' => write!(f, "\\{byte:03o}")?,
                b' '..=b'~' => f.write_char(char::from(byte))?,
                _ => write!(f, "\\{byte:03o}")?,
            }
        }
        f.write_char('\'')
    }
}

#[cfg(test)]
mod tests;
