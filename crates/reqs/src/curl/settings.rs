//! How the request is to be sent, as options of curl: what was said while it was made, as far as curl has a word for it.

use std::fmt;
use std::path::Path;

use http::Method;
use url::Url;

use super::{Curl, Data, Quoted};
use crate::options::{Cert, Options, Verify};
use crate::redact::Redacted;

impl Curl<'_> {
    /// Writes an option for each setting.
    pub(super) fn settings(&self, f: &mut fmt::Formatter<'_>, data: &Data<'_>) -> fmt::Result {
        let Some(options) = self.request.options() else { return Ok(()) };
        self.proxy(f, options)?;
        match &options.verify {
            Some(Verify::Off) => f.write_str(" --insecure")?,
            // Whether the path is a directory is for curl's two options to tell apart; a missing one is no directory.
            Some(Verify::Path(path)) if path.is_dir() => write!(f, " --capath {}", Text(path))?,
            Some(Verify::Path(path)) => write!(f, " --cacert {}", Text(path))?,
            None | Some(Verify::On | Verify::Pem(_)) => {}
        }
        match &options.cert {
            Some(Cert::Combined(both)) => write!(f, " --cert {}", Certificate(both))?,
            Some(Cert::Pair { cert, key }) => write!(f, " --cert {} --key {}", Certificate(cert), Text(key))?,
            None | Some(Cert::Pem(_)) => {}
        }
        // Times that make no sense are refused when the request is sent.
        let timeout = options.checked_timeout().unwrap_or_default();
        if let Some(limit) = timeout.connect {
            write!(f, " --connect-timeout {}", limit.as_secs_f64())?;
        }
        if let Some(limit) = timeout.total {
            write!(f, " --max-time {}", limit.as_secs_f64())?;
        }
        if self.follows(data) {
            // Cookies that come on the way go along, as in a session.
            f.write_str(" --location --cookie ''")?;
            if let Some(limit) = options.max_redirects {
                write!(f, " --max-redirs {limit}")?;
            }
        }
        if options.raise_for_status == Some(true) {
            f.write_str(" --fail-with-body")?;
        }
        Ok(())
    }

    /// Whether redirects were asked for, and curl can follow them as they must be: a method that is named goes along to
    /// every one, so that only those do that need no naming.
    pub(super) fn follows(&self, data: &Data<'_>) -> bool {
        let Some(options) = self.request.options() else { return false };
        let asked = match options.allow_redirects {
            Some(allowed) => allowed,
            None => options.max_redirects.is_some(),
        };
        let method = &self.request.method;
        let unnamed = match data {
            Data::None => *method == Method::GET || *method == Method::HEAD,
            _ => *method == Method::POST,
        };
        asked && unnamed
    }

    fn proxy(&self, f: &mut fmt::Formatter<'_>, options: &Options) -> fmt::Result {
        if options.proxies.is_empty() {
            return Ok(());
        }
        let Some(proxy) = options.proxies.select(&self.request.url) else {
            // Nor one of the environment, which curl reads as well.
            return f.write_str(" --noproxy '*'");
        };
        let proxy = proxy.strip_prefix("//").unwrap_or(proxy);
        let shown = if self.secrets { proxy.to_owned() } else { without_userinfo(proxy) };
        write!(f, " --proxy {}", Quoted(shown.as_bytes()))
    }
}

/// A proxy's URL without user and password; it may have no scheme.
fn without_userinfo(proxy: &str) -> String {
    match Url::parse(proxy) {
        Ok(url) if url.has_host() => Redacted(&url).to_string(),
        // What cannot be read is shown from the last @ on.
        _ => proxy.rsplit('@').next().unwrap_or_default().to_owned(),
    }
}

/// A path as a word of a shell.
struct Text<'a>(&'a Path);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Quoted(self.0.as_os_str().as_encoded_bytes()))
    }
}

/// A certificate's path, behind which a colon and a password could stand.
struct Certificate<'a>(&'a Path);

impl fmt::Display for Certificate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaped = Vec::new();
        for byte in self.0.as_os_str().as_encoded_bytes() {
            if b":\\".contains(byte) {
                escaped.push(b'\\');
            }
            escaped.push(*byte);
        }
        write!(f, "{}", Quoted(&escaped))
    }
}
