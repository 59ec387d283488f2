//! `cargo xtask ported`: how many of Requests' own tests have their counterpart here.
//!
//! The lists are in `tests/ported`; `cargo test -p reqs-tests --test ported` holds them to what they say.

use std::process::ExitCode;

use reqs_tests::inventory::{self, Entry, Fate};

/// Prints a line per file, the tests that are left out, and the totals last.
pub(crate) fn run() -> ExitCode {
    let entries = match inventory::read() {
        Ok(entries) => entries,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    println!("functions/cases        all     ported  python-only     left out");
    for file in files(&entries) {
        println!("{}", line(file, &entries.iter().filter(|entry| entry.file() == file).collect::<Vec<_>>()));
    }
    for entry in entries.iter().filter(|entry| entry.fate == Fate::LeftOut) {
        println!("left out: {}: {}", entry.full_name(), entry.reason);
    }
    println!("{}", line("total", &entries.iter().collect::<Vec<_>>()));
    ExitCode::SUCCESS
}

/// The files, each once, in the order of the alphabet.
fn files(entries: &[Entry]) -> Vec<&str> {
    let mut files: Vec<&str> = entries.iter().map(Entry::file).collect();
    files.sort_unstable();
    files.dedup();
    files
}

fn line(name: &str, entries: &[&Entry]) -> String {
    let all = count(entries.iter().copied());
    let [ported, python_only, left_out] =
        Fate::ALL.map(|fate| count(entries.iter().copied().filter(|entry| entry.fate == fate)));
    format!("{name:18} {all:>7}    {ported:>7}      {python_only:>7}      {left_out:>7}")
}

fn count<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let (functions, cases) = entries.fold((0, 0), |sum, entry| (sum.0 + 1, sum.1 + entry.cases));
    format!("{functions}/{cases}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_functions_and_cases() {
        let text = "[a.py]\ntest_a x3: ported\ntest_b: ported\ntest_c x2: python-only: no\n";
        let entries = inventory::parse("here", text).unwrap();
        let line = line("a.py", &entries.iter().collect::<Vec<_>>());
        assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["a.py", "3/6", "2/4", "1/2", "0/0"]);
        assert_eq!(files(&entries), ["a.py"]);
    }
}
