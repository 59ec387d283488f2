//! What `Headers` can be made from, and what can be made from them.

use std::collections::{BTreeMap, HashMap};

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::traits::is_sensitive;
use super::{HeaderError, HeaderProblem, Headers};

impl<K: AsRef<str>, V: AsRef<str>> Extend<(K, V)> for Headers {
    /// Appends every pair.
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (name, value) in pairs {
            self.append(name, value);
        }
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut headers = Self::new();
        headers.extend(pairs);
        headers
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const N: usize> From<[(K, V); N]> for Headers {
    fn from(pairs: [(K, V); N]) -> Self {
        from_pairs(&pairs)
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const N: usize> From<&[(K, V); N]> for Headers {
    fn from(pairs: &[(K, V); N]) -> Self {
        from_pairs(pairs)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> From<&[(K, V)]> for Headers {
    fn from(pairs: &[(K, V)]) -> Self {
        from_pairs(pairs)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> From<Vec<(K, V)>> for Headers {
    fn from(pairs: Vec<(K, V)>) -> Self {
        from_pairs(&pairs)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> From<&Vec<(K, V)>> for Headers {
    fn from(pairs: &Vec<(K, V)>) -> Self {
        from_pairs(pairs)
    }
}

/// In the order of the names.
impl<K: AsRef<str>, V: AsRef<str>> From<BTreeMap<K, V>> for Headers {
    fn from(map: BTreeMap<K, V>) -> Self {
        map.into_iter().collect()
    }
}

/// In the order of the names.
impl<K: AsRef<str>, V: AsRef<str>> From<&BTreeMap<K, V>> for Headers {
    fn from(map: &BTreeMap<K, V>) -> Self {
        map.iter().collect()
    }
}

/// In no particular order, as the map has none: give pairs where it matters.
impl<K: AsRef<str>, V: AsRef<str>, S> From<HashMap<K, V, S>> for Headers {
    fn from(map: HashMap<K, V, S>) -> Self {
        map.into_iter().collect()
    }
}

/// In no particular order, as the map has none: give pairs where it matters.
impl<K: AsRef<str>, V: AsRef<str>, S> From<&HashMap<K, V, S>> for Headers {
    fn from(map: &HashMap<K, V, S>) -> Self {
        map.iter().collect()
    }
}

/// A clone.
impl From<&Headers> for Headers {
    fn from(headers: &Headers) -> Self {
        headers.clone()
    }
}

/// Two allocations whatever the number of pairs.
fn from_pairs<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> Headers {
    let bytes = pairs.iter().fold(0usize, |sum, (name, value)| {
        sum.saturating_add(name.as_ref().len()).saturating_add(value.as_ref().len())
    });
    let mut headers = Headers::with_capacity(pairs.len(), bytes);
    headers.extend(pairs.iter().map(|(name, value)| (name, value)));
    headers
}

/// Names come out in lower case, since `http` keeps no spelling, and in its order.
impl From<&HeaderMap> for Headers {
    fn from(map: &HeaderMap) -> Self {
        let bytes = map.iter().fold(0usize, |sum, (name, value)| {
            sum.saturating_add(name.as_str().len()).saturating_add(value.len())
        });
        let mut headers = Self::with_capacity(map.len(), bytes);
        for (name, value) in map {
            headers.append_bytes(name.as_str(), value.as_bytes());
        }
        headers
    }
}

/// As from a borrowed one.
impl From<HeaderMap> for Headers {
    fn from(map: HeaderMap) -> Self {
        Self::from(&map)
    }
}

/// As from borrowed ones.
impl TryFrom<Headers> for HeaderMap {
    type Error = HeaderError;

    fn try_from(headers: Headers) -> Result<Self, HeaderError> {
        Self::try_from(&headers)
    }
}

/// Fails for what [`Headers::check`] refuses. Spelling is lost; credentials and cookies are marked as sensitive.
impl TryFrom<&Headers> for HeaderMap {
    type Error = HeaderError;

    fn try_from(headers: &Headers) -> Result<Self, HeaderError> {
        headers.check()?;
        let too_many = |name: &str| HeaderError::new(name, HeaderProblem::TooLarge);
        let mut map = HeaderMap::try_with_capacity(headers.len()).map_err(|_| too_many(""))?;
        for (name, value) in headers.iter_bytes() {
            let key = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| HeaderError::new(name, HeaderProblem::Name))?;
            let mut value = HeaderValue::from_bytes(value)
                .map_err(|_| HeaderError::new(name, HeaderProblem::ControlCharacter(0)))?;
            value.set_sensitive(is_sensitive(name));
            map.try_append(key, value).map_err(|_| too_many(name))?;
        }
        Ok(map)
    }
}
