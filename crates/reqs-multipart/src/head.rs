//! What stands before a part's content: the header lines, their order, their escaping and what may not be in them.

use crate::Error;
use crate::boundary::is_token_byte;
use crate::part::Part;

/// The header of a part whose value this crate writes itself.
const DISPOSITION: &str = "Content-Disposition";
const TYPE: &str = "Content-Type";
/// Urllib3 puts this one before the caller's other headers (MPT-6).
const LOCATION: &str = "Content-Location";

/// Appends the header lines of a part and the empty line after them (MPT-9). What [`check`] passed stays in its line.
pub(crate) fn render(out: &mut Vec<u8>, field: &str, part: &Part) {
    out.extend_from_slice(b"Content-Disposition: form-data; name=\"");
    escape(out, field);
    if let Some(file_name) = part.file_name_text() {
        out.extend_from_slice(b"\"; filename=\"");
        escape(out, file_name);
    }
    out.extend_from_slice(b"\"\r\n");
    // An empty content type counts as none (MPT-5).
    if let Some(content_type) = part.content_type_text().filter(|text| !text.is_empty()) {
        line(out, TYPE, content_type);
    }
    let (locations, others): (Vec<_>, Vec<_>) =
        own_headers(part).partition(|(name, _)| name.eq_ignore_ascii_case(LOCATION));
    for (name, value) in locations.into_iter().chain(others) {
        line(out, name, value);
    }
    out.extend_from_slice(b"\r\n");
}

/// Refuses a header that would not stay in its line, or is not a header at all.
///
/// # Errors
/// [`Error::InvalidHeaderName`] and [`Error::InvalidHeaderValue`], which name the field.
pub(crate) fn check(field: &str, part: &Part) -> Result<(), Error> {
    if let Some(content_type) = part.content_type_text() {
        check_value(field, TYPE, content_type)?;
    }
    for (name, value) in part.header_list() {
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err(Error::InvalidHeaderName { field: field.to_owned(), header: name.clone() });
        }
        check_value(field, name, value)?;
    }
    Ok(())
}

/// RFC 9110 §5.5: no control character but the tab may stand in a value.
fn check_value(field: &str, header: &str, value: &str) -> Result<(), Error> {
    match value.char_indices().find(|&(_, c)| c.is_ascii_control() && c != '\t') {
        None => Ok(()),
        Some((position, character)) => {
            let (field, header) = (field.to_owned(), header.to_owned());
            Err(Error::InvalidHeaderValue { field, header, position, character })
        }
    }
}

/// The caller's headers that are sent: not the two that this crate writes, and none that is empty (MPT-6).
fn own_headers(part: &Part) -> impl Iterator<Item = (&str, &str)> {
    let ours = |name: &str| [DISPOSITION, TYPE].iter().any(|own| name.eq_ignore_ascii_case(own));
    let all = part.header_list().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    all.filter(move |(name, value)| !ours(name) && !value.is_empty())
}

fn line(out: &mut Vec<u8>, name: &str, value: &str) {
    for piece in [name, ": ", value, "\r\n"] {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// WHATWG HTML, "multipart/form-data encoding algorithm": the quote and the two line breaks are percent-encoded and
/// nothing else is, not even `%`; all other characters go as UTF-8 (MPT-11).
fn escape(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"%22"),
            b'\r' => out.extend_from_slice(b"%0D"),
            b'\n' => out.extend_from_slice(b"%0A"),
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(field: &str, part: &Part) -> String {
        let mut out = Vec::new();
        render(&mut out, field, part);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn mpt_6_location_comes_first_and_the_rest_keep_their_order() {
        let part = Part::text("x")
            .header("X-B", "1")
            .header("content-location", "/here")
            .header("X-A", "2")
            .header("x-b", "3")
            .content_type("text/x");
        assert_eq!(
            head("f", &part),
            "Content-Disposition: form-data; name=\"f\"\r\nContent-Type: text/x\r\ncontent-location: /here\r\n\
             x-b: 3\r\nX-A: 2\r\n\r\n"
        );
    }

    #[test]
    fn mpt_6_what_this_crate_writes_and_what_is_empty_is_left_out() {
        let part = Part::text("x")
            .header("CONTENT-disposition", "attachment")
            .header("Content-type", "text/html")
            .header("Content-Location", "")
            .header("X-Empty", "");
        assert_eq!(head("f", &part), "Content-Disposition: form-data; name=\"f\"\r\n\r\n");
    }

    #[test]
    fn a_header_that_would_leave_its_line_is_refused_and_not_shown() {
        for (value, character, position) in [
            ("a\r\nX: secret", "'\\r'", 1),
            ("ab\nX", "'\\n'", 2),
            ("\0", "'\\0'", 0),
            ("é\u{7f}", "'\\u{7f}'", 2),
        ] {
            let error = check("f", &Part::text("").header("X-A", value)).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("part \"f\": header \"X-A\" holds {character} at byte {position} of its value")
            );
            let error = check("f", &Part::text("").content_type(value)).unwrap_err().to_string();
            assert!(error.starts_with("part \"f\": header \"Content-Type\" holds "), "{error}");
        }
        for name in ["", "X A", "X:A", "X\r\nA", "é"] {
            let error = check("f\n", &Part::text("").header(name, "v")).unwrap_err().to_string();
            assert_eq!(error, format!("part \"f\\n\": header name {name:?} is not a token"));
        }
        check("f", &Part::text("").header("X-A", "tab\tand é")).unwrap();
    }
}
