//! From bytes to text: which charset they are in, and what they say in it. Pure.

use std::borrow::Cow;

use chardetng::EncodingDetector;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::{memchr, memmem};
use reqs_proto::Headers;

use crate::parameters::Parameters;

/// The `charset` of the Content-Type, as written; of several the last (ENC-1). One without a value names none.
pub(crate) fn charset(headers: &Headers) -> Option<&str> {
    let parameters = Parameters::after_first(headers.get("Content-Type")?);
    let charsets = parameters.filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
    let labels = charsets.map(|(_, value)| value.trim_matches(['"', '\'', ' ']));
    labels.filter(|label| !label.is_empty()).last()
}

/// Python's names of encodings that the Encoding standard knows by other labels only (S27.4).
const ALIASES: [(&str, &Encoding); 14] = [
    ("utf", UTF_8),
    ("u8", UTF_8),
    ("utf-8-sig", UTF_8),
    ("latin", WINDOWS_1252),
    ("latin-1", WINDOWS_1252),
    ("8859", WINDOWS_1252),
    ("cp819", WINDOWS_1252),
    ("cp932", SHIFT_JIS),
    ("cp936", GBK),
    ("cp949", EUC_KR),
    ("cp950", BIG5),
    ("eucjp", EUC_JP),
    ("euckr", EUC_KR),
    ("shiftjis", SHIFT_JIS),
];

/// The encoding of that label: one of the standard's, or Python's name for one of them. What the standard replaces by
/// nothing at all is not known here.
pub(crate) fn named(label: &str) -> Option<&'static Encoding> {
    let of_standard = Encoding::for_label_no_replacement;
    of_standard(label.as_bytes()).or_else(|| {
        let label = label.trim().replace('_', "-").to_ascii_lowercase();
        let alias = ALIASES.iter().find(|(alias, _)| *alias == label);
        alias.map(|(_, encoding)| *encoding).or_else(|| of_standard(label.as_bytes()))
    })
}

/// The encoding for these bytes under that label. `utf-16` alone leaves the order of bytes to their mark (RFC 2781
/// §3.3); all others mean what they say.
fn chosen(label: &str, bytes: &[u8]) -> Option<&'static Encoding> {
    let encoding = named(label)?;
    let is_either = encoding == UTF_16LE && label.trim().eq_ignore_ascii_case("utf-16");
    Some(if is_either && bytes.starts_with(b"\xfe\xff") { UTF_16BE } else { encoding })
}

/// The bytes as text in the named charset, or, where none or an unknown one is named, as decision 5 says: by mark,
/// as UTF-8, and then by type.
pub(crate) fn decode<'a>(bytes: &'a [u8], charset: Option<&str>, headers: &Headers) -> Cow<'a, str> {
    if let Some(encoding) = charset.and_then(|label| chosen(label, bytes)) {
        return encoding.decode_with_bom_removal(bytes).0;
    }
    if let Some(text) = utf32(bytes) {
        return Cow::Owned(text);
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    match is_text(headers) {
        true => latin_1(bytes),
        false => detected(bytes).decode_without_bom_handling(bytes).0,
    }
}

/// The bytes as text, where they are that without a doubt.
///
/// # Errors
/// What is wrong: a charset that nothing is known of, or bytes that it does not have.
pub(crate) fn decode_strictly<'a>(
    bytes: &'a [u8],
    charset: Option<&str>,
    headers: &Headers,
) -> Result<Cow<'a, str>, String> {
    let charset = charset.filter(|label| !label.is_empty());
    let Some(label) = charset else { return Ok(decode(bytes, None, headers)) };
    let encoding = chosen(label, bytes).ok_or_else(|| unknown(label))?;
    let (text, is_damaged) = encoding.decode_with_bom_removal(bytes);
    match is_damaged {
        false => Ok(text),
        true => {
            let good = text.split(char::REPLACEMENT_CHARACTER).next().map_or(0, |good| good.chars().count());
            let name = encoding.name();
            Err(format!("the body is not valid {name}: it cannot be decoded after {good} characters"))
        }
    }
}

/// What is said of a label that nothing is known of.
pub(crate) fn unknown(label: &str) -> String {
    let label: String = label.chars().take(40).flat_map(char::escape_debug).collect();
    format!(
        "the encoding '{label}' is unknown: set_encoding() overrules it, with a label of the Encoding standard"
    )
}

/// Whether the type is `text/*`, whose charset was ISO-8859-1 where none is named (ENC-2).
pub(crate) fn is_text(headers: &Headers) -> bool {
    headers.get("Content-Type").is_some_and(|value| {
        value.trim_start().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"))
    })
}

/// What the bytes look like (ENC-4).
pub(crate) fn apparent(bytes: &[u8]) -> &'static str {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.name();
    }
    match str::from_utf8(bytes) {
        Ok(_) => "UTF-8",
        Err(_) => detected(bytes).name(),
    }
}

pub(crate) fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// ISO-8859-1 as the web reads it is windows-1252, but Requests' is the plain one: each byte is its code point.
pub(crate) fn latin_1(bytes: &[u8]) -> Cow<'_, str> {
    encoding_rs::mem::decode_latin1(bytes)
}

/// UTF-32 is no web encoding, so `encoding_rs` has none; its marks are unambiguous.
fn utf32(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 4]) -> u32 = match bytes {
        [0xFF, 0xFE, 0, 0, ..] => u32::from_le_bytes,
        [0, 0, 0xFE, 0xFF, ..] => u32::from_be_bytes,
        _ => return None,
    };
    Some(from_utf32(&bytes[4..], read))
}

/// Text from units of four bytes; what is no character, or a rest of fewer bytes, becomes U+FFFD.
pub(crate) fn from_utf32(bytes: &[u8], read: fn([u8; 4]) -> u32) -> String {
    let units = bytes.chunks(4).map(|unit| unit.try_into().ok().and_then(|unit| char::from_u32(read(unit))));
    units.map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The charsets that a page names in itself: in `<meta charset>`, `<meta content>` and `<?xml encoding>`, in this order
/// (ENC-6).
pub(crate) fn in_content(bytes: &[u8]) -> Vec<String> {
    let page = bytes.to_ascii_lowercase();
    let mut found: Vec<String> = memmem::find_iter(&page, "<meta")
        .filter_map(|at| {
            let tag = &page[at..];
            let tag = &tag[..memchr(b'>', tag)?];
            let value = &bytes[at + memmem::find(tag, b"charset=")? + "charset=".len()..at + tag.len()];
            label(value)
        })
        .collect();
    if let Some(declaration) = page.strip_prefix(b"<?xml".as_slice())
        && let Some(end) = memchr(b'>', declaration)
        && let Some(at) = memmem::find(&declaration[..end], b"encoding=")
    {
        found.extend(label(&bytes["<?xml".len() + at + "encoding=".len()..]));
    }
    found
}

/// The label at the beginning, quoted or not.
fn label(value: &[u8]) -> Option<String> {
    let start = value.iter().position(|byte| !b"\"' ".contains(byte))?;
    let value = &value[start..];
    let end = value.iter().position(|byte| b"\"'> ;/?".contains(byte)).unwrap_or(value.len());
    let label = str::from_utf8(&value[..end]).ok()?;
    (!label.is_empty()).then(|| label.to_owned())
}

#[cfg(test)]
mod tests;
