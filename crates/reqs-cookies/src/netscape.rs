//! The Netscape `cookies.txt` format: one cookie a line, seven fields between tabs.
//!
//! ```text
//! domain  include-subdomains  path  secure  expires  name  value
//! ```
//!
//! `#HttpOnly_` before the domain marks such a cookie, any other `#` begins a comment, `0` as expiry date
//! means a session cookie.

use std::io::{self, BufRead, Read, Write};

use crate::{
    Cookie, CookieJar, InvalidCookie, Loaded, Saved,
    date::{from_unix_seconds, to_unix_seconds},
};

const HTTP_ONLY: &str = "#HttpOnly_";

/// Bytes of a line beyond which it is ignored: far more than any cookie that a server would read.
const LINE_LIMIT: u64 = 64 * 1024;

impl CookieJar {
    /// Adds the cookies of a Netscape `cookies.txt` from any reader. Fits any input: what is no cookie is
    /// ignored and counted, and a line is never held beyond 64 KiB.
    ///
    /// # Errors
    /// What the reader fails with; nothing was added then.
    ///
    /// ```
    /// # let jar = reqs_cookies::CookieJar::new();
    /// let text = "#HttpOnly_.example.com\tTRUE\t/\tTRUE\t0\tid\t42\nnot a cookie\n";
    /// let loaded = jar.read_netscape(text.as_bytes())?;
    /// assert_eq!((loaded.cookies, loaded.ignored), (1, 1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn read_netscape(&self, mut reader: impl BufRead) -> io::Result<Loaded> {
        let now = self.now();
        let mut entries = Vec::new();
        let mut line = Vec::new();
        while read_line(&mut reader, &mut line)? {
            let cookie = match std::str::from_utf8(&line) {
                Ok(text) => read_cookie(text),
                Err(_) => Some(Err(InvalidCookie::ControlCharacter)),
            };
            let stamped =
                cookie.map(|cookie| cookie.map(|cookie| Cookie { created: now, last_access: now, ..cookie }));
            entries.extend(stamped);
        }
        Ok(self.take_in(entries))
    }

    /// Writes the cookies that have not expired as a Netscape `cookies.txt`, session cookies too.
    ///
    /// # Errors
    /// What the writer fails with.
    pub fn write_netscape(&self, mut writer: impl Write) -> io::Result<Saved> {
        writer.write_all(b"# Netscape HTTP Cookie File\n")?;
        let mut saved = Saved::default();
        for cookie in self.unexpired() {
            let holds_tab = cookie.name.contains('\t') || cookie.path.contains('\t');
            if cookie.domain.is_empty() || holds_tab {
                saved.skipped += 1;
                continue;
            }
            write_cookie(&mut writer, &cookie)?;
            saved.cookies += 1;
        }
        writer.flush()?;
        Ok(saved)
    }
}

/// Reads a line without its end; one beyond the limit becomes a line that is no cookie. False at the end.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut is_cut = false;
    loop {
        let read = reader.by_ref().take(LINE_LIMIT).read_until(b'\n', line)?;
        let is_whole = line.last() == Some(&b'\n');
        if is_whole || read == 0 {
            break;
        }
        if line.len() as u64 >= LINE_LIMIT {
            is_cut = true;
            line.clear();
        }
    }
    if is_cut {
        line.clear();
        line.extend_from_slice(b"a line that was too long");
        return Ok(true);
    }
    let has_line = !line.is_empty();
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(has_line)
}

/// The cookie of a line; `None` for a comment or an empty line.
fn read_cookie(line: &str) -> Option<Result<Cookie, InvalidCookie>> {
    let (line, http_only) = match line.strip_prefix(HTTP_ONLY) {
        Some(line) => (line, true),
        None if line.starts_with('#') || line.trim().is_empty() => return None,
        None => (line, false),
    };
    let cookie = fields(line).map(|cookie| cookie.with_http_only(http_only));
    Some(cookie.ok_or(InvalidCookie::Separator))
}

fn fields(line: &str) -> Option<Cookie> {
    let mut fields = line.splitn(7, '\t');
    let domain = fields.next()?;
    let include_subdomains = flag(fields.next()?)?;
    let path = fields.next()?;
    let secure = flag(fields.next()?)?;
    let expires: i64 = fields.next()?.parse().ok()?;
    let name = fields.next()?;
    // Some writers leave out the last tab when the value is empty.
    let value = fields.next().unwrap_or_default();

    let host = domain.strip_prefix('.').unwrap_or(domain);
    let mut cookie = Cookie::new(name, value)
        .with_domain(host)
        .with_path(path)
        .with_secure(secure)
        .with_expires((expires != 0).then(|| from_unix_seconds(expires)));
    cookie.host_only = !include_subdomains;
    Some(cookie)
}

fn flag(field: &str) -> Option<bool> {
    match field {
        "TRUE" => Some(true),
        "FALSE" => Some(false),
        _ => None,
    }
}

fn write_cookie(writer: &mut impl Write, cookie: &Cookie) -> io::Result<()> {
    let flag = |is_set| if is_set { "TRUE" } else { "FALSE" };
    writeln!(
        writer,
        "{http_only}{dot}{domain}\t{subdomains}\t{path}\t{secure}\t{expires}\t{name}\t{value}",
        http_only = if cookie.http_only { HTTP_ONLY } else { "" },
        dot = if cookie.host_only { "" } else { "." },
        domain = cookie.domain,
        subdomains = flag(!cookie.host_only),
        path = cookie.path,
        secure = flag(cookie.secure),
        expires = cookie.expires.map_or(0, to_unix_seconds),
        name = cookie.name,
        value = cookie.value,
    )
}
