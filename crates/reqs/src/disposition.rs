//! Under which name a body may be saved: Content-Disposition (RFC 6266) and URLs, with nothing taken from a server that
//! could leave the directory or surprise in it (SEC-70). Pure.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::parameters::{self, Parameters};

/// The name in the Content-Disposition, where it is fit for use, else the last part of the URL's path.
pub(crate) fn filename(disposition: Option<&str>, url: &Url) -> Option<String> {
    let stated = disposition.and_then(stated).and_then(|name| plain(&name));
    stated.or_else(|| {
        let last = url.path_segments()?.next_back()?;
        plain(&percent_decode_str(last).decode_utf8().ok()?)
    })
}

/// The name as the server states it; `filename*` goes before `filename` (RFC 6266 §4.3).
fn stated(disposition: &str) -> Option<String> {
    let (mut extended, mut simple) = (None, None);
    for (name, value) in Parameters::after_first(disposition) {
        if name.eq_ignore_ascii_case("filename*") {
            extended = extended.or_else(|| parameters::decode_extended(value));
        } else if name.eq_ignore_ascii_case("filename") {
            simple = simple.or_else(|| Some(parameters::unquote(value).into_owned()));
        }
    }
    extended.or(simple)
}

/// What Windows takes for a device, whatever follows after a dot.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// What file systems allow in one name.
const LONGEST: usize = 255;

/// The last part of a name that may hold directories, if it is a name that can be given to a file anywhere.
fn plain(name: &str) -> Option<String> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let stem = base.split('.').next().unwrap_or_default().trim_end();
    let is_port = |stem: &str| {
        let port = stem.get(..3).filter(|start| ["COM", "LPT"].iter().any(|p| start.eq_ignore_ascii_case(p)));
        port.is_some() && stem.chars().count() == 4
    };
    let is_device = DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device)) || is_port(stem);
    // A leading dot hides the file, or is a shell's settings; a trailing one is lost on Windows; a colon names a drive
    // or a stream there; what is no character on paper can turn the others around.
    let is_odd =
        base.starts_with('.') || base.ends_with('.') || base.contains(':') || base.contains(is_invisible);
    (!base.is_empty() && base.len() <= LONGEST && !is_device && !is_odd).then(|| base.to_owned())
}

/// Controls, and the marks that change the direction of what follows.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(disposition: &str) -> Option<String> {
        filename(Some(disposition), &Url::parse("http://h/").unwrap())
    }

    #[test]
    fn x19_names_that_are_fit_for_use() {
        let cases = [
            ("attachment; filename=report.pdf", "report.pdf"),
            ("attachment; filename=\"a b.txt\"", "a b.txt"),
            ("attachment; filename=\"a\\\"b;c.txt\"", "a\"b;c.txt"),
            ("attachment; FILENAME = x", "x"),
            ("attachment; filename=\"EURO.txt\"; filename*=UTF-8''%e2%82%ac.txt", "€.txt"),
            ("attachment; filename*=iso-8859-1'en'%A3.txt", "£.txt"),
            ("attachment; filename=ok.txt; filename*=KOI8-R''x", "ok.txt"),
            ("attachment; filename=\"../../x\"", "x"),
            ("attachment; filename=/etc/passwd", "passwd"),
            ("attachment; filename=\"C:\\\\dir\\\\x.txt\"", "x.txt"),
            ("attachment; filename*=UTF-8''..%2F..%2Fx", "x"),
            ("attachment; filename=console.log", "console.log"),
            ("attachment; filename=COMET", "COMET"),
        ];
        for (disposition, expected) in cases {
            assert_eq!(named(disposition).as_deref(), Some(expected), "{disposition}");
        }
    }

    /// t:TestUnquoteHeaderValue::test_is_filename: a path of Windows' network keeps its backslashes in Requests; here the
    /// directories go anyway (SEC-70).
    #[test]
    fn sec_70_of_a_network_path_the_name_is_left() {
        assert_eq!(named(r#"attachment; filename="\\Comp\Res""#).as_deref(), Some("CompRes"));
        assert_eq!(named(r#"attachment; filename="\\\\Comp\\Res""#).as_deref(), Some("Res"));
        assert_eq!(named(r"attachment; filename=\\Comp\Res").as_deref(), Some("Res"));
    }

    #[test]
    fn sec_70_names_that_are_refused() {
        let bad = [
            "",
            ".",
            "..",
            "../..",
            "/",
            "x/",
            ".bashrc",
            "a.",
            "nul",
            "NUL.txt",
            "com1",
            "LPT9.log",
            "C:x",
            "x:y",
            "a\u{202e}txt.exe",
            "a\u{61c}b",
            "a\u{2028}b",
        ];
        for name in bad {
            assert_eq!(plain(name), None, "{name:?}");
        }
        assert_eq!(plain("a\0b"), None);
        assert_eq!(plain("a\nb"), None);
        assert_eq!(plain(&"x".repeat(256)), None);
        assert_eq!(named("attachment; filename*=UTF-8''a%00b"), None);
        assert_eq!(named("attachment"), None);
    }

    #[test]
    fn the_url_names_what_nothing_else_does() {
        let from = |url: &str| filename(None, &Url::parse(url).unwrap());
        assert_eq!(from("http://h/a/b.tar.gz?x=/y#z").as_deref(), Some("b.tar.gz"));
        assert_eq!(from("http://h/a%20b").as_deref(), Some("a b"));
        assert_eq!(from("http://h/a%2F..%2F.bashrc"), None);
        assert_eq!(from("http://h/dir/"), None);
        let refused = filename(Some("attachment; filename=.bashrc"), &Url::parse("http://h/page").unwrap());
        assert_eq!(refused.as_deref(), Some("page"));
    }
}
