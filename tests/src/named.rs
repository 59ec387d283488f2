//! Tests as the pages and lists of this workspace name them: `path::function`.
//!
//! A name stands for a test function of the file, or for a row from which a macro makes one. Every file is read once.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files with tests, each read once.
#[derive(Debug, Default)]
pub struct Tests(HashMap<String, Option<String>>);

impl Tests {
    /// The text of the test `path::name`: the comments and attributes above it, and it itself.
    ///
    /// # Errors
    ///
    /// A line that says what is wrong with the name: the file cannot be read, or has no such test.
    pub fn find(&mut self, test: &str) -> Result<&str, String> {
        let (path, name) = test.split_once("::").ok_or_else(|| format!("'{test}' is not path::name"))?;
        let file =
            self.0.entry(path.to_owned()).or_insert_with(|| fs::read_to_string(root().join(path)).ok());
        let file = file.as_ref().ok_or_else(|| format!("{path} cannot be read"))?;
        text_of(file, name).ok_or_else(|| format!("there is no test {name} in {path}"))
    }
}

/// The folder of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text_of<'a>(file: &'a str, name: &str) -> Option<&'a str> {
    let lines: Vec<&str> = file.split_inclusive('\n').collect();
    let (at, is_function) = lines.iter().enumerate().find_map(|(at, line)| {
        let line = line.trim_start();
        let function = line.strip_prefix("fn ").and_then(|line| line.strip_prefix(name));
        let is_function = function.is_some_and(|rest| rest.starts_with('('));
        let is_row = line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
        (is_function || is_row).then_some((at, is_function))
    })?;
    let above = lines[..at].iter().rev().take_while(|line| line.trim_start().starts_with(['/', '#'])).count();
    let below = if is_function { lines_of_function(&lines[at..]) } else { 1 };
    let start: usize = lines[..at - above].iter().map(|line| line.len()).sum();
    let length: usize = lines[at - above..at + below].iter().map(|line| line.len()).sum();
    file.get(start..start + length)
}

/// How many lines a function has: to the brace that closes it, which stands under its first letter.
fn lines_of_function(lines: &[&str]) -> usize {
    let indent = lines[0].len() - lines[0].trim_start().len();
    let closing = format!("{}}}", &lines[0][..indent]);
    let is_last = |line: &&str| line.trim_end() == closing;
    lines.iter().position(is_last).map_or(lines.len(), |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_its_comments_its_attributes_and_its_body() {
        let file = "\
use x;

/// One.
#[test]
fn one() {
    two()
}

rows! {
    /// Three.
    three: 3,
    four: 4,
}
";
        let cases = [
            ("one", Some("/// One.\n#[test]\nfn one() {\n    two()\n}\n")),
            ("three", Some("    /// Three.\n    three: 3,\n")),
            ("four", Some("    four: 4,\n")),
            ("two", None),
            ("on", None),
        ];
        for (name, expected) in cases {
            assert_eq!(text_of(file, name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_that_leads_nowhere_is_told() {
        let mut tests = Tests::default();
        assert!(tests.find("tests/src/named.rs::a_name_that_leads_nowhere_is_told").is_ok());
        let cases = [
            ("tests/src/named.rs", "is not path::name"),
            ("tests/src/nowhere.rs::x", "cannot be read"),
            ("tests/src/named.rs::not_here", "there is no test"),
        ];
        for (name, expected) in cases {
            let told = tests.find(name).unwrap_err();
            assert!(told.contains(expected), "{told}");
        }
    }
}
