//! The small rules of RFC 9110 and RFC 9112 that every other file leans on: tokens, field values, lists,
//! decimal numbers. Pure functions over bytes.

/// `token = 1*tchar` (RFC 9110 section 5.6.2).
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| is_tchar(byte))
}

/// `tchar` (RFC 9110 section 5.6.2), looked up: names are checked byte by byte on every request.
fn is_tchar(byte: u8) -> bool {
    static TCHARS: [bool; 256] = tchars();
    TCHARS.get(usize::from(byte)).copied().unwrap_or_default()
}

const fn tchars() -> [bool; 256] {
    let mut table = [false; 256];
    let mut left =
        b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".as_slice();
    while let [first, rest @ ..] = left {
        #[allow(clippy::indexing_slicing)] // A u8 cannot leave it, and it runs at compile time.
        {
            table[*first as usize] = true;
        }
        left = rest;
    }
    table
}

/// May this stand in a field value or a reason phrase? HTAB, SP, VCHAR and obs-text (RFC 9110 section 5.5).
pub(crate) const fn is_field_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// The whole value, without an early return so that it runs many bytes at a time.
pub(crate) fn is_field_value(value: &[u8]) -> bool {
    !value.iter().fold(false, |bad, &byte| bad | !is_field_byte(byte))
}

/// Visible ASCII only: what a request target or a Host value may hold on the wire.
pub(crate) fn is_visible_ascii(text: &[u8]) -> bool {
    !text.iter().fold(false, |bad, &byte| bad | !matches!(byte, 0x21..=0x7e))
}

/// Elements of a comma-separated list, trimmed, empty ones skipped (RFC 9110 section 5.6.1.2).
/// Not for lists whose elements hold quoted strings.
pub(crate) fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(trim_ows).filter(|element| !element.is_empty())
}

/// Does the list have this element, in any case? Most lists are one element and nothing else, and that is quick.
pub(crate) fn list_has(value: &str, option: &str) -> bool {
    let several = value.bytes().fold(false, |found, byte| found | (byte == b','));
    if !several {
        return trim_ows(value).eq_ignore_ascii_case(option);
    }
    list(value).any(|element| element.eq_ignore_ascii_case(option))
}

/// Without optional whitespace at either end: SP and HTAB, nothing else.
pub(crate) fn trim_ows(text: &str) -> &str {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    let bytes = text.as_bytes();
    if is_blank(bytes.first()) || is_blank(bytes.last()) {
        return text.trim_matches([' ', '\t']);
    }
    text
}

/// `1*DIGIT` as a number; `None` for anything else, a sign, a space or an overflow among it.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0u64, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// The text of field bytes: UTF-8 where they are UTF-8, else ISO-8859-1, which is what RFC 9110 section 5.5 calls
/// the historical meaning of obs-text.
pub(crate) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_takes_digits_and_nothing_else() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("007"), Some(7));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "+3", "-1", " 3", "3 ", "1_0", "0x5", "18446744073709551616", "٣"] {
            assert_eq!(decimal(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn tokens_are_tchars_and_not_empty() {
        for byte in 0..=255u8 {
            let expected = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            assert_eq!(is_token(&[byte]), expected, "{byte:#x}");
        }
        assert!(!is_token(b""));
    }

    #[test]
    fn lists_skip_empty_elements_and_trim_blanks() {
        assert_eq!(list(" a ,\tb,, c c ,").collect::<Vec<_>>(), ["a", "b", "c c"]);
    }
}
