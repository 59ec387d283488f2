//! What was sent and what came back, as it looks on the wire: for logs, bug reports and curious people.

use std::fmt;

use reqs_proto::Headers;

use crate::prepared::PreparedRequest;
use crate::redact;
use crate::response::{Head, Response, Stream};

/// Requests and responses as text; made by [`Response::dump`].
///
/// Lines that were sent begin with `> `, lines that came with `< `. The redirects and challenges of the
/// [history](Response::history) come first. Values of headers that hold credentials or cookies are shown as
/// `[redacted]`, until [`with_secrets`](Dump::with_secrets) says otherwise; bodies that are text are shown, without their
/// codings, and others counted.
#[derive(Clone, Copy)]
pub struct Dump<'a> {
    head: &'a Head,
    history: &'a [Response],
    request: &'a PreparedRequest,
    /// What was read of the body; `None` where that is still to be done.
    content: Option<&'a [u8]>,
    secrets: bool,
}

impl Response {
    /// The exchange as text, with those that led to it. Credentials and cookies are left out, see [`Dump::with_secrets`];
    /// URLs' queries and bodies are shown. (requests-toolbelt: `dump_all`.)
    ///
    /// ```
    /// let r = reqs::Response::builder()
    ///     .request(reqs::get("http://example.com/a?b").auth(reqs::Bearer::new("secret")).prepare()?)
    ///     .header("Content-Type", "text/plain")
    ///     .body("hello\n")
    ///     .build()
    ///     .load()?;
    /// let dump = r.dump().to_string();
    /// assert!(dump.starts_with("> GET /a?b HTTP/1.1\n> Host: example.com\n"));
    /// assert!(dump.contains("> Authorization: [redacted]\n"));
    /// assert!(dump.ends_with("< HTTP/1.1 200 OK\n< Content-Type: text/plain\n< \n< hello\n"));
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn dump(&self) -> Dump<'_> {
        Dump::of(self, Some(self.content()))
    }
}

impl Response<Stream> {
    /// The exchange as text, with those that led to it; its body is neither read nor shown.
    pub fn dump(&self) -> Dump<'_> {
        Dump::of(self, None)
    }
}

impl<'a> Dump<'a> {
    fn of<S>(response: &'a Response<S>, content: Option<&'a [u8]>) -> Dump<'a> {
        let (history, request) = (response.history(), response.request());
        Dump { head: &response.head, history, request, content, secrets: false }
    }

    /// The same with the values of all headers. Mind where it is printed.
    #[must_use]
    pub fn with_secrets(self) -> Dump<'a> {
        Dump { secrets: true, ..self }
    }

    fn sent(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PreparedRequest { method, headers, body, .. } = self.request;
        writeln!(f, "> {method} {} HTTP/1.1", self.request.path_url())?;
        if !headers.contains("Host") {
            writeln!(f, "> Host: {}", self.request.authority())?;
        }
        self.headers(f, '>', headers, |name| self.request.is_secret(name))?;
        match body.as_bytes() {
            Some(bytes) => show(f, '>', bytes),
            None => writeln!(f, "> [a streamed body]"),
        }
    }

    fn received(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = &self.head.head;
        let reason = head.reason().escape_debug();
        writeln!(f, "< {:?} {} {reason}", head.version, head.status.as_u16())?;
        self.headers(f, '<', &head.headers, redact::is_sensitive)?;
        match self.content {
            Some(bytes) => show(f, '<', bytes),
            None => writeln!(f, "< [a body to be read]"),
        }
    }

    /// The headers, and the empty line behind them.
    fn headers(
        &self,
        f: &mut fmt::Formatter<'_>,
        sign: char,
        headers: &Headers,
        is_secret: impl Fn(&str) -> bool,
    ) -> fmt::Result {
        for (name, value) in headers {
            match is_secret(name) && !self.secrets {
                true => writeln!(f, "{sign} {name}: [redacted]")?,
                false => writeln!(f, "{sign} {name}: {}", Plain(value))?,
            }
        }
        writeln!(f, "{sign} ")
    }
}

impl fmt::Display for Dump<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for earlier in self.history {
            // Each is shown once, whatever its own history holds.
            write!(f, "{}", Dump { history: &[], secrets: self.secrets, ..earlier.dump() })?;
        }
        self.sent(f)?;
        self.received(f)
    }
}

/// Without secrets, whatever it would show.
impl fmt::Debug for Dump<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dump({} {})", self.request.method, self.head.head.status.as_u16())
    }
}

/// The lines of a text, or the size of what is none.
fn show(f: &mut fmt::Formatter<'_>, sign: char, bytes: &[u8]) -> fmt::Result {
    match str::from_utf8(bytes) {
        Ok(text) => text.lines().try_for_each(|line| writeln!(f, "{sign} {}", Plain(line))),
        Err(_) => writeln!(f, "{sign} [{} bytes]", bytes.len()),
    }
}

/// Text whose control characters do nothing to a terminal.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c.is_control() && c != '\t' {
            true => write!(f, "{}", c.escape_default()),
            false => write!(f, "{c}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str) -> PreparedRequest {
        crate::post(url).header("Cookie", "a=secret").data("user=me").prepare().unwrap()
    }

    #[test]
    fn x18_both_sides_and_the_way_there() {
        let first = Response::builder()
            .status(302)
            .request(request("http://u:secret@h/first"))
            .header("Location", "/last");
        let first = first.header("Set-Cookie", "b=secret").build().load().unwrap();
        let r =
            Response::builder().request(request("http://h:81/last")).history([first]).body("1\n\n\x1b[2J");
        let r = r.build().load().unwrap();
        let text = r.dump().to_string();
        let shown = [
            "> POST /first HTTP/1.1\n> Host: h\n",
            "> Cookie: [redacted]\n",
            "> \n> user=me\n< HTTP/1.1 302 Found\n< Location: /last\n< Set-Cookie: [redacted]\n< \n> POST /last",
            "> Host: h:81\n",
            "\n< HTTP/1.1 200 OK\n< \n< 1\n< \n< \\u{1b}[2J\n",
        ];
        let mut rest = text.as_str();
        for part in shown {
            rest = rest.split_once(part).unwrap_or_else(|| panic!("{part:?} in {text}")).1;
        }
        assert!(rest.is_empty() && !text.contains("secret") && !format!("{:?}", r.dump()).contains("secret"));
        let secrets = r.dump().with_secrets().to_string();
        assert!(secrets.contains("> Cookie: a=secret\n") && secrets.contains("< Set-Cookie: b=secret\n"));
    }

    #[test]
    fn x18_what_is_no_text_is_counted() {
        let r = Response::builder().body(*b"\xff\0").build();
        assert!(r.dump().to_string().ends_with("< \n< [a body to be read]\n"));
        assert!(r.load().unwrap().dump().to_string().ends_with("< \n< [2 bytes]\n"));
        let sent = crate::post("http://h/").data(crate::Body::reader(&b"x"[..])).prepare().unwrap();
        let r = Response::builder().request(sent).build();
        assert!(r.dump().to_string().contains("> [a streamed body]\n< HTTP/1.1"));
    }
}
