//! Pairs of text for a query or a form: kept in order, merged by key, and written as `application/x-www-form-urlencoded`.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::{Serialize, Serializer};

use crate::error::{Error, ErrorKind, Result};
use crate::nested;
use crate::pairs;

/// The pairs of a query string (`params`) or of a form (`form`), or a string to be used as it is.
///
/// Anything that serializes to pairs becomes `Params`: arrays, lists and tuples of pairs, maps, and structs with
/// their fields' names. `None` is left out, a list repeats its key, and a plain string stays raw (Requests'
/// `params=` and `data=`).
///
/// ```
/// # use reqs::Params;
/// let params = Params::new(&(("q", "rust http"), ("page", 2), ("lang", ["en", "de"])))?;
/// assert_eq!(params.to_string(), "q=rust+http&page=2&lang=en&lang=de");
/// # Ok::<(), reqs::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Repr);

#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Raw(String),
    /// A value of `None` was said to be left out; it takes the key away from what it is merged over.
    Pairs(Vec<Pair>),
}

/// A key, and its value as bytes, since neither queries nor forms are confined to UTF-8.
pub(crate) type Pair = (Vec<u8>, Option<Vec<u8>>);

impl Default for Repr {
    fn default() -> Repr {
        Repr::Pairs(Vec::new())
    }
}

impl Params {
    /// What this value serializes to.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParams`] where it is neither pairs nor a string: a number, a map inside a map, a list of
    /// triples.
    pub fn new<T: Serialize + ?Sized>(value: &T) -> Result<Params> {
        match pairs::of(value) {
            Ok(pairs::Shape::Raw(text)) => Ok(Params(Repr::Raw(text))),
            Ok(pairs::Shape::Pairs(pairs)) => Ok(Params(Repr::Pairs(pairs))),
            Err(error) => Err(Error::new(ErrorKind::InvalidParams, error.to_string())),
        }
    }

    /// The same for values inside values, with brackets as PHP, Rails and jQuery have them: `a[b]=1` for a map inside
    /// a map, `a[]=1` for a list, `a[0][b]=1` for maps inside a list. (requests-toolbelt's `formdata.urlencode`.)
    ///
    /// ```
    /// # use reqs::Params;
    /// let value = serde_json::json!({"user": {"name": "ada", "tags": ["x", "y"]}, "nothing": null});
    /// let params = Params::nested(&value)?;
    /// assert_eq!(params.to_string(), "user%5Bname%5D=ada&user%5Btags%5D%5B%5D=x&user%5Btags%5D%5B%5D=y");
    /// reqs::post("http://example.com/").form(params);
    /// # Ok::<(), reqs::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParams`] where it is neither a map nor a struct, or holds an enum's variant with data.
    pub fn nested<T: Serialize + ?Sized>(value: &T) -> Result<Params> {
        match nested::of(value) {
            Ok(pairs) => Ok(Params(Repr::Pairs(pairs))),
            Err(error) => Err(Error::new(ErrorKind::InvalidParams, error.to_string())),
        }
    }

    /// Sets the key's only value, in the place of the first it had, or at the end.
    pub fn insert(&mut self, key: impl AsRef<str>, value: impl AsRef<str>) {
        let key = key.as_ref().as_bytes();
        let value = Some(value.as_ref().as_bytes().to_vec());
        replace(self.pairs_mut(), key, vec![(key.to_vec(), value)]);
    }

    /// Adds a value, beside any that the key has.
    pub fn append(&mut self, key: impl AsRef<str>, value: impl AsRef<str>) {
        let pair = (key.as_ref().as_bytes().to_vec(), Some(value.as_ref().as_bytes().to_vec()));
        self.pairs_mut().push(pair);
    }

    /// Takes all values of the key away.
    pub fn remove(&mut self, key: &str) {
        self.pairs_mut().retain(|(k, _)| k != key.as_bytes());
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Repr::Raw(text) => text.is_empty(),
            Repr::Pairs(pairs) => pairs.iter().all(|(_, value)| value.is_none()),
        }
    }

    /// Whether anything was said at all, if only that a key has no value (BOD-5).
    pub(crate) fn says_something(&self) -> bool {
        match &self.0 {
            Repr::Raw(text) => !text.is_empty(),
            Repr::Pairs(pairs) => !pairs.is_empty(),
        }
    }

    /// These over `base`: keys, compared by case, keep the place they have in `base` and take the values from here;
    /// others follow in their order; a `None` takes a key away; a raw string on either side stands alone (SES-4,
    /// SES-6, SES-8).
    pub(crate) fn over(self, base: &Params) -> Params {
        let (mine, base) = match (self.0, &base.0) {
            (mine, Repr::Pairs(base)) if base.is_empty() => return Params(mine),
            (Repr::Pairs(mine), Repr::Pairs(base)) => (mine, base),
            (Repr::Pairs(mine), Repr::Raw(_)) if mine.is_empty() => return base.clone(),
            (Repr::Raw(mine), _) if mine.is_empty() => return base.clone(),
            (mine, _) => return Params(mine),
        };
        let is_in = |pairs: &[Pair], key: &[u8]| pairs.iter().any(|(k, _)| k == key);
        let (replacing, added): (Vec<Pair>, Vec<Pair>) =
            mine.into_iter().partition(|(key, _)| is_in(base, key));
        let mut merged: Vec<Pair> = Vec::with_capacity(base.len() + added.len());
        for (key, value) in base {
            if !is_in(&replacing, key) {
                merged.push((key.clone(), value.clone()));
            } else if !is_in(&merged, key) {
                merged.extend(replacing.iter().filter(|(k, _)| k == key).cloned());
            }
        }
        merged.extend(added);
        Params(Repr::Pairs(merged))
    }

    /// The pairs that have a value, for a multipart form; a raw string is `None`.
    pub(crate) fn as_pairs(&self) -> Option<impl Iterator<Item = (&[u8], &[u8])>> {
        match &self.0 {
            Repr::Raw(_) => None,
            Repr::Pairs(pairs) => Some(pairs.iter().filter_map(|(k, v)| Some((k.as_slice(), v.as_deref()?)))),
        }
    }

    fn pairs_mut(&mut self) -> &mut Vec<Pair> {
        if let Repr::Raw(text) = &self.0 {
            let parsed = form_urlencoded::parse(text.as_bytes());
            let pairs = parsed.map(|(k, v)| (k.into_owned().into_bytes(), Some(v.into_owned().into_bytes())));
            self.0 = Repr::Pairs(pairs.collect());
        }
        match &mut self.0 {
            Repr::Pairs(pairs) => pairs,
            Repr::Raw(_) => unreachable!("raw text was parsed just above"),
        }
    }
}

/// The pairs as a query or form body holds them: `key=value&key=value`, space as `+` (PRM-5).
impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = match &self.0 {
            Repr::Raw(text) => return f.write_str(text),
            Repr::Pairs(pairs) => pairs,
        };
        let mut separator = "";
        for (key, value) in pairs {
            let Some(value) = value else { continue };
            f.write_str(separator)?;
            quote_plus(f, key)?;
            f.write_str("=")?;
            quote_plus(f, value)?;
            separator = "&";
        }
        Ok(())
    }
}

/// The keys, and how long their values are: forms have passwords. What will be sent is what `to_string` gives.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = match &self.0 {
            Repr::Raw(text) => return write!(f, "Params([{} bytes])", text.len()),
            Repr::Pairs(pairs) => pairs,
        };
        f.write_str("Params ")?;
        let lengths = pairs
            .iter()
            .map(|(key, value)| (String::from_utf8_lossy(key), Length(value.as_ref().map(Vec::len))));
        f.debug_map().entries(lengths).finish()
    }
}

/// How long a value is, where there is one.
struct Length(Option<usize>);

impl fmt::Debug for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(bytes) => write!(f, "[{bytes} bytes]"),
            None => f.write_str("None"),
        }
    }
}

/// As the pairs or the string that they are, so that they can be given wherever those can.
impl Serialize for Params {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Raw(text) => serializer.serialize_str(text),
            Repr::Pairs(pairs) => serializer
                .collect_seq(pairs.iter().map(|(key, value)| (Text(key), value.as_deref().map(Text)))),
        }
    }
}

/// Bytes that mostly are text.
struct Text<'a>(&'a [u8]);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match str::from_utf8(self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => serializer.serialize_bytes(self.0),
        }
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const N: usize> From<[(K, V); N]> for Params {
    fn from(pairs: [(K, V); N]) -> Params {
        pairs.into_iter().collect()
    }
}

impl<K: AsRef<str>, V: AsRef<str>> From<Vec<(K, V)>> for Params {
    fn from(pairs: Vec<(K, V)>) -> Params {
        pairs.into_iter().collect()
    }
}

/// In the order of the keys.
impl<K: AsRef<str>, V: AsRef<str>> From<BTreeMap<K, V>> for Params {
    fn from(map: BTreeMap<K, V>) -> Params {
        map.into_iter().collect()
    }
}

/// In no particular order, as the map has none: give pairs where it matters.
impl<K: AsRef<str>, V: AsRef<str>, S> From<HashMap<K, V, S>> for Params {
    fn from(map: HashMap<K, V, S>) -> Params {
        map.into_iter().collect()
    }
}

/// Adds pairs, beside any of the same key.
impl<K: AsRef<str>, V: AsRef<str>> Extend<(K, V)> for Params {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        pairs.into_iter().for_each(|(key, value)| self.append(key, value));
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Params {
        let owned = |text: &str| text.as_bytes().to_vec();
        Params(Repr::Pairs(
            pairs.into_iter().map(|(k, v)| (owned(k.as_ref()), Some(owned(v.as_ref())))).collect(),
        ))
    }
}

/// What stands for itself in a query or form: the unreserved characters (RFC 3986 §2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn quote_plus(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut words = bytes.split(|&byte| byte == b' ');
    if let Some(first) = words.next() {
        write!(f, "{}", percent_encode(first, RESERVED))?;
    }
    words.try_for_each(|word| write!(f, "+{}", percent_encode(word, RESERVED)))
}

/// Puts these pairs where the key stood first, and takes its other values away.
fn replace(pairs: &mut Vec<Pair>, key: &[u8], with: Vec<Pair>) {
    let at = pairs.iter().position(|(k, _)| k == key).unwrap_or(pairs.len());
    pairs.retain(|(k, _)| k != key);
    pairs.splice(at..at, with);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: impl Serialize) -> String {
        Params::new(&value).unwrap().to_string()
    }

    #[test]
    fn prm_5_quoting_is_that_of_forms() {
        assert_eq!(written([("k /é", "a b*!()~-_.")]), "k+%2F%C3%A9=a+b%2A%21%28%29~-_.");
        assert_eq!(written([("a", "  ")]), "a=++");
    }

    #[test]
    fn prm_8_nothing_is_empty() {
        assert!(Params::new(&()).unwrap().is_empty());
        assert!(Params::new("").unwrap().is_empty());
        assert!(Params::new(&[("a", None::<&str>)]).unwrap().is_empty());
        assert!(!Params::new(&[("a", "")]).unwrap().is_empty());
    }

    #[test]
    fn debug_shows_no_values() {
        let params = Params::new(&(("user", "ann"), ("password", "s3cret"), ("page", None::<u8>))).unwrap();
        assert_eq!(
            format!("{params:?}"),
            r#"Params {"user": [3 bytes], "password": [6 bytes], "page": None}"#
        );
        assert_eq!(format!("{:?}", Params::new("token=s3cret").unwrap()), "Params([12 bytes])");
    }

    #[test]
    fn ses_6_ses_8_merging_keeps_place_and_case() {
        let base = Params::from([("a", "1"), ("b", "2"), ("foo", "bar")]);
        let over = |mine: Params| mine.over(&base).to_string();
        assert_eq!(over(Params::from([("b", "9"), ("FOO", "x")])), "a=1&b=9&foo=bar&FOO=x");
        assert_eq!(over(Params::new(&(("b", None::<u8>), ("c", 3))).unwrap()), "a=1&foo=bar&c=3");
        assert_eq!(
            over(Params::new(&(("a", [1, 2]), ("z", ["y"; 2]))).unwrap()),
            "a=1&a=2&b=2&foo=bar&z=y&z=y"
        );
        assert_eq!(
            over(Params::from([("x", "1"), ("b", "9"), ("y", "2"), ("x", "3")])),
            "a=1&b=9&foo=bar&x=1&y=2&x=3"
        );
        assert_eq!(over(Params::new("raw").unwrap()), "raw");
        assert_eq!(over(Params::default()), "a=1&b=2&foo=bar");
    }

    #[test]
    fn params_can_be_given_where_pairs_can() {
        for value in [Params::from([("a", "é"), ("b", "")]), Params::new("raw").unwrap()] {
            assert_eq!(Params::new(&value).unwrap(), value);
        }
        let removal = Params::new(&[("a", None::<&str>)]).unwrap();
        assert_eq!(Params::new(&removal).unwrap(), removal);
    }

    #[test]
    fn pairs_come_in_lists_and_maps() {
        let params = Params::from([("a", "1")]);
        assert_eq!(Params::from(vec![("a", "1")]), params);
        assert_eq!(Params::from(HashMap::from([("a", "1")])), params);
        assert_eq!(Params::from(BTreeMap::from([("a".to_owned(), "1")])), params);
    }

    #[test]
    fn pairs_can_be_changed_by_key() {
        let mut params = Params::from([("a", "1"), ("b", "2"), ("a", "3")]);
        params.insert("a", "9");
        params.append("b", "x y");
        assert_eq!(params.to_string(), "a=9&b=2&b=x+y");
        params.remove("b");
        assert_eq!(params.to_string(), "a=9");
        params.extend([("a", "0"), ("c", "1")]);
        assert_eq!(params.to_string(), "a=9&a=0&c=1");
        let mut raw = Params::new("x=1&y=2").unwrap();
        raw.insert("x", "3");
        assert_eq!(raw.to_string(), "x=3&y=2");
    }
}
