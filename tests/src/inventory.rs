//! The list of Requests' own tests, and what became of each here: `tests/ported/*.txt`.
//!
//! ```text
//! [test_requests.py::TestRequests]
//! test_invalid_url x7: ported
//!     tests/tests/request/url.rs::url_2_bad_urls
//! test_header_value_not_str x3: python-only: a header value has a type
//! ```
//!
//! A section names a file, or a class in a file. A line names a test, how many cases it has when they are not one, and
//! what became of it, perhaps with a reason; our tests follow, one to a line, as [`crate::named`] finds them. Lines that
//! begin with `#` are comments.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::named::root;

/// A test of Requests and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where this stands: `tests/ported/others.txt:12`.
    pub at: String,
    /// The file and perhaps the class: `test_requests.py::TestRequests`.
    pub section: String,
    /// The function: `test_invalid_url`.
    pub name: String,
    /// How many cases pytest collects from it.
    pub cases: usize,
    /// What became of it.
    pub fate: Fate,
    /// Why, where that needs to be said.
    pub reason: String,
    /// Our tests, as `path::function`.
    pub tests: Vec<String>,
}

/// What became of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Our tests assert what it asserts.
    Ported,
    /// It is about Python.
    PythonOnly,
    /// It could be here and is not.
    LeftOut,
}

impl Fate {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Self; 3] = [Self::Ported, Self::PythonOnly, Self::LeftOut];
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ported => "ported",
            Self::PythonOnly => "python-only",
            Self::LeftOut => "left out",
        })
    }
}

impl Entry {
    /// The full name: `test_requests.py::TestRequests::test_invalid_url`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}::{}", self.section, self.name)
    }

    /// The file in Requests' repository: `test_requests.py`.
    #[must_use]
    pub fn file(&self) -> &str {
        self.section.split("::").next().unwrap_or_default()
    }

    /// The class, where the test is in one.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        self.section.split_once("::").map(|(_, class)| class)
    }

    /// Whether a mark names this test: `test_get`, `TestLookupDict::test_get`, the class `TestLookupDict`, or
    /// `test_ge*`.
    #[must_use]
    pub fn is_named_by(&self, mark: &str) -> bool {
        let (class, name) = match mark.split_once("::") {
            Some((class, name)) => (Some(class), name),
            None if mark.starts_with("Test") => (Some(mark), "*"),
            None => (None, mark),
        };
        let is_name = name.strip_suffix('*').map_or(self.name == name, |start| self.name.starts_with(start));
        is_name && (class.is_none() || class == self.class())
    }
}

/// The marks in a text: what follows `t:` in `t:test_x`, `t:TestX::test_x`, `t:TestX` and `t:test_x*`.
pub fn marks(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '*');
    text.match_indices("t:").filter_map(move |(at, _)| {
        let mark = &text[at + 2..];
        let mark = mark[..mark.find(|c| !is_part(c)).unwrap_or(mark.len())].trim_end_matches(':');
        let begins = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        (begins && (mark.starts_with("test_") || mark.starts_with("Test"))).then_some(mark)
    })
}

/// Every entry of every file in `tests/ported`.
///
/// # Errors
///
/// What is wrong with a file, a line each.
pub fn read() -> Result<Vec<Entry>, String> {
    let folder = "tests/ported";
    let files = fs::read_dir(root().join(folder)).map_err(|error| format!("{folder}: {error}"))?;
    let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();

    let mut entries = Vec::new();
    for path in paths {
        let name = path.file_name().map(Path::new).map(|name| format!("{folder}/{}", name.display()));
        let name = name.unwrap_or_default();
        let text = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        entries.extend(parse(&name, &text)?);
    }
    Ok(entries)
}

/// The entries of one file.
///
/// # Errors
///
/// What is wrong with the first line that is wrong.
pub fn parse(path: &str, text: &str) -> Result<Vec<Entry>, String> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut section = None;
    for (number, line) in text.lines().enumerate() {
        let at = format!("{path}:{}", number + 1);
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if line.starts_with(' ') {
            let entry = entries.last_mut().ok_or_else(|| format!("{at}: our test answers no test"))?;
            entry.tests.push(trimmed.to_owned());
        } else if let Some(name) = trimmed.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = Some(name);
        } else {
            let section = section.ok_or_else(|| format!("{at}: no section before the first test"))?;
            entries.push(entry(at, section, trimmed)?);
        }
    }
    Ok(entries)
}

fn entry(at: String, section: &str, line: &str) -> Result<Entry, String> {
    let (test, rest) = line.split_once(": ").ok_or_else(|| format!("{at}: '{line}' says nothing"))?;
    let (name, cases) = test.split_once(" x").unwrap_or((test, "1"));
    let cases = cases.parse().map_err(|_| format!("{at}: '{cases}' is not a number of cases"))?;
    let (fate, reason) = rest.split_once(": ").unwrap_or((rest, ""));
    let fate = match fate {
        "ported" => Fate::Ported,
        "python-only" => Fate::PythonOnly,
        "left out" => Fate::LeftOut,
        _ => return Err(format!("{at}: '{fate}' is not ported, python-only or left out")),
    };
    Ok(Entry {
        at,
        section: section.to_owned(),
        name: name.to_owned(),
        cases,
        fate,
        reason: reason.to_owned(),
        tests: Vec::new(),
    })
}
