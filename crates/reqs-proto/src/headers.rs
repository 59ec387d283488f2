//! `Headers`: an ordered, case-preserving, case-insensitive multimap that is one word, shared until it is changed.
//! This file owns what a person can do with it; `lines` owns the text and its invariants, `index` where the lines stand in
//! it, `check` what may be sent, `convert` what it can be made from, `traits` how it compares and shows itself, `wire` what
//! the protocol itself asks of it.

mod check;
mod convert;
mod index;
mod iter;
mod lines;
mod names;
#[cfg(test)]
mod tests;
mod traits;
mod wire;

use std::borrow::Cow;
use std::sync::Arc;

pub(crate) use index::Span;
use lines::Lines;
pub(crate) use names::name;

pub use check::{HeaderError, HeaderProblem};
pub use iter::Iter;

/// Header lines in the order they were given, in the spelling they were given, found by any spelling.
///
/// Several lines may share a name: [`get`](Headers::get) gives the first value, [`get_all`](Headers::get_all)
/// all, [`joined`](Headers::joined) the list that they stand for (RFC 9110 section 5.3).
///
/// A value is text *and* bytes. Received bytes that are not UTF-8 read as ISO-8859-1, and
/// [`get_bytes`](Headers::get_bytes) has them as they came. A value given as text is sent as ISO-8859-1, as Requests
/// does; text beyond that is refused when the head is encoded, and [`insert_bytes`](Headers::insert_bytes) sends any
/// bytes as they are.
///
/// A clone shares the lines with the original until one of the two is changed: to hand the same headers on costs nothing.
///
/// Nothing is checked when a header is put in, so that building headers cannot fail; [`check`](Headers::check) tells
/// what may not be sent, and no head is encoded without it.
///
/// ```
/// use reqs_proto::Headers;
///
/// let mut headers = Headers::from([("Accept", "*/*"), ("X-Test", "1")]);
/// headers.append("x-test", "2");
/// assert_eq!(&headers["ACCEPT"], "*/*");
/// assert_eq!(headers.joined("X-Test").unwrap(), "1, 2");
/// headers.insert("accept", "text/html"); // same position, new spelling
/// assert_eq!(headers.iter().next(), Some(("accept", "text/html")));
/// ```
#[derive(Clone, Default)]
pub struct Headers(
    /// Nothing where there are no lines. One word, since heads are handed from floor to floor; shared, since a session's
    /// requests mostly have the same headers.
    Option<Arc<Lines>>,
);

impl Headers {
    /// No headers. Does not allocate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Room for so many header lines with so many bytes of names and values together.
    pub fn with_capacity(headers: usize, bytes: usize) -> Self {
        Self(Some(Arc::new(Lines::with_capacity(headers, bytes))))
    }

    /// Sets the header to this one value. Where it stood before, it keeps its first position and takes the new
    /// spelling; other lines of that name go. Otherwise it is added at the end.
    pub fn insert(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        self.lines_mut().insert(name.as_ref(), value.as_ref());
    }

    /// [`insert`](Self::insert) with a value of any bytes, which are sent as they are.
    pub fn insert_bytes(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) {
        self.lines_mut().insert_bytes(name.as_ref(), value.as_ref());
    }

    /// Adds the header at the end unless there is one of that name, which stays as it is. (Python: `dict.setdefault`.)
    ///
    /// ```
    /// # use reqs_proto::Headers;
    /// let mut headers = Headers::from([("Accept", "text/html")]);
    /// headers.insert_if_absent("accept", "*/*");
    /// headers.insert_if_absent("accept-language", "eo");
    /// assert_eq!(headers, Headers::from([("Accept", "text/html"), ("accept-language", "eo")]));
    /// ```
    pub fn insert_if_absent(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        // Asked before, so that lines that are shared stay so.
        if !self.contains(name.as_ref()) {
            self.append(name, value);
        }
    }

    /// Adds a line at the end, whatever lines of that name there are.
    pub fn append(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        self.lines_mut().append(name.as_ref(), value.as_ref());
    }

    /// [`append`](Self::append) with a value of any bytes, which are sent as they are.
    pub fn append_bytes(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) {
        self.lines_mut().append_bytes(name.as_ref(), value.as_ref());
    }

    /// Removes every line of that name. Was there any?
    pub fn remove(&mut self, name: &str) -> bool {
        // Asked before, so that lines that are shared stay so.
        let is_there = self.contains(name);
        if is_there {
            self.lines_mut().remove(name);
        }
        is_there
    }

    /// Removes everything and keeps the memory, where no clone shares it.
    pub fn clear(&mut self) {
        match self.0.as_mut().and_then(Arc::get_mut) {
            Some(lines) => lines.clear(),
            None => self.0 = None,
        }
    }

    /// How many lines there are. Two lines of one name count twice.
    pub fn len(&self) -> usize {
        self.lines().len()
    }

    /// Are there no lines?
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|lines| lines.len() == 0)
    }

    /// The first value of that name, in any spelling.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.who_may_have(name)?.get(name)
    }

    /// The first value of that name as bytes: as it was received, or as it will be sent.
    #[inline]
    pub fn get_bytes(&self, name: &str) -> Option<&[u8]> {
        self.who_may_have(name)?.get_bytes(name)
    }

    /// Every value of that name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        let lines = self.lines();
        lines.named(name).map(|entry| lines.text(entry.value))
    }

    /// Every value of that name as one list, joined by `", "` in order (RFC 9110 section 5.3). Borrowed where there is
    /// one. Not for `Set-Cookie`, whose values hold commas.
    pub fn joined(&self, name: &str) -> Option<Cow<'_, str>> {
        let lines = self.lines();
        let mut values = lines.named(name).map(|entry| lines.text(entry.value));
        let first = values.next()?;
        let Some(second) = values.next() else {
            return Some(Cow::Borrowed(first));
        };
        let mut joined = String::with_capacity(first.len().saturating_add(second.len()).saturating_add(2));
        joined.push_str(first);
        for value in std::iter::once(second).chain(values) {
            joined.push_str(", ");
            joined.push_str(value);
        }
        Some(Cow::Owned(joined))
    }

    /// Is there a line of that name?
    #[inline]
    pub fn contains(&self, name: &str) -> bool {
        self.who_may_have(name).is_some_and(|lines| lines.get_bytes(name).is_some())
    }

    /// Name and value of every line, in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { lines: self.lines(), entries: self.lines().entries() }
    }

    /// Name and value of every line, in order, the value as bytes: as received, or as sent.
    pub fn iter_bytes(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> + '_ {
        let lines = self.lines();
        lines.entries().map(|entry| (lines.text(entry.name), lines.bytes(entry)))
    }

    /// Every value of that name as bytes.
    pub(crate) fn all_bytes<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        let lines = self.lines();
        lines.named(name).map(|entry| lines.bytes(entry))
    }

    /// Whether a Connection line may say `close`; no is certain.
    pub(crate) fn may_close(&self) -> bool {
        self.lines().names.may_close()
    }

    /// The lines, where the name may be among them. In the place where it is asked, since mostly it is not there: of a name
    /// that is written down there one bit is looked at.
    #[inline]
    fn who_may_have(&self, name: &str) -> Option<&Lines> {
        self.0.as_deref().filter(|lines| lines.names.may_have(name))
    }

    fn lines(&self) -> &Lines {
        static NONE: Lines = Lines::new();
        self.0.as_deref().unwrap_or(&NONE)
    }

    /// The lines to be changed: no longer shared.
    fn lines_mut(&mut self) -> &mut Lines {
        Arc::make_mut(self.0.get_or_insert_default())
    }
}
