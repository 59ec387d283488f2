//! How `Headers` compares, shows itself and is indexed.

use std::fmt;
use std::ops::Index;

use super::Headers;

/// The first value of that name.
///
/// # Panics
/// When there is no such header, as indexing a map does. [`Headers::get`] never panics.
impl Index<&str> for Headers {
    type Output = str;

    #[allow(clippy::panic)] // The contract of Index, as for std's maps; no code of this crate indexes.
    fn index(&self, name: &str) -> &str {
        match self.get(name) {
            Some(value) => value,
            None => panic!("no header named {name:?}"),
        }
    }
}

/// Values that are credentials are shown as `[redacted]`.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self {
            if is_sensitive(name) {
                map.entry(&name, &format_args!("[redacted]"));
            } else {
                map.entry(&name, &value);
            }
        }
        map.finish()
    }
}

/// Headers whose values are credentials or stand for them.
pub(super) fn is_sensitive(name: &str) -> bool {
    const SENSITIVE: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];
    SENSITIVE.iter().any(|sensitive| sensitive.eq_ignore_ascii_case(name))
}

/// Equal when they hold the same values under the same names, whatever the spelling of names and the order of
/// different names; values of one name must come in the same order.
impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.lines().overflowed == other.lines().overflowed
            && self.iter().all(|(name, _)| self.all_bytes(name).eq(other.all_bytes(name)))
    }
}

impl Eq for Headers {}
