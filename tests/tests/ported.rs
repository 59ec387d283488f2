//! tests/ported is held to what it says: every test of Requests stands there once, each that is ported names tests
//! of ours that exist, and each of these names the test that it answers with a mark `t:test_x` in a comment.

#![allow(missing_docs, reason = "tests")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use reqs_tests::inventory::{self, Entry, Fate, marks, parse};
use reqs_tests::named::{Tests, root};

/// What pytest collects from each file and class of Requests' tests, and how much of it is about Python alone.
const SECTIONS: &[Section] = &[
    section("test_adapters.py", (1, 1), (0, 0)),
    section("test_help.py", (3, 3), (3, 3)),
    section("test_hooks.py", (2, 3), (0, 0)),
    section("test_lowlevel.py", (13, 20), (0, 0)),
    section("test_packages.py", (3, 3), (3, 3)),
    section("test_requests.py", (10, 18), (1, 1)),
    section("test_requests.py::TestCaseInsensitiveDict", (17, 19), (0, 0)),
    section("test_requests.py::TestMorselToCookieExpires", (3, 4), (3, 4)),
    section("test_requests.py::TestMorselToCookieMaxAge", (2, 2), (2, 2)),
    section("test_requests.py::TestPreparingURLs", (13, 34), (0, 0)),
    section("test_requests.py::TestRequests", (185, 252), (20, 22)),
    section("test_requests.py::TestTimeout", (7, 12), (2, 3)),
    section("test_structures.py::TestCaseInsensitiveDict", (7, 15), (1, 1)),
    section("test_structures.py::TestLookupDict", (6, 9), (4, 5)),
    section("test_testserver.py::TestTestServer", (11, 11), (8, 8)),
    section("test_utils.py", (24, 126), (7, 23)),
    section("test_utils.py::TestAddressInNetwork", (2, 2), (0, 0)),
    section("test_utils.py::TestContentEncodingDetection", (3, 6), (0, 0)),
    section("test_utils.py::TestExtractZippedPaths", (3, 6), (3, 6)),
    section("test_utils.py::TestGetEnvironProxies", (4, 32), (0, 0)),
    section("test_utils.py::TestGetNetrcAuth", (3, 3), (0, 0)),
    section("test_utils.py::TestGuessFilename", (2, 4), (1, 2)),
    section("test_utils.py::TestGuessJSONUTF", (3, 13), (0, 0)),
    section("test_utils.py::TestIsIPv4Address", (2, 3), (0, 0)),
    section("test_utils.py::TestIsValidCIDR", (2, 6), (0, 0)),
    section("test_utils.py::TestSuperLen", (12, 17), (4, 4)),
    section("test_utils.py::TestToKeyValList", (2, 5), (2, 5)),
    section("test_utils.py::TestUnquoteHeaderValue", (2, 6), (0, 0)),
];

struct Section {
    name: &'static str,
    /// Functions and cases.
    all: (usize, usize),
    python_only: (usize, usize),
}

const fn section(name: &'static str, all: (usize, usize), python_only: (usize, usize)) -> Section {
    Section { name, all, python_only }
}

#[test]
fn the_sections_add_up_to_what_pytest_collects() {
    let sum = |part: fn(&Section) -> (usize, usize)| {
        SECTIONS.iter().map(part).fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    };
    assert_eq!(sum(|section| section.all), (347, 635));
    assert_eq!(sum(|section| section.python_only), (64, 92));
}

#[test]
fn every_ported_test_names_tests_that_name_it() {
    let entries = inventory::read().unwrap();
    let wrong = complaints(&entries, &mut Tests::default());
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_section_is_whole() {
    let entries = inventory::read().unwrap();
    let mut found: BTreeMap<&str, [(usize, usize); 2]> = BTreeMap::new();
    for entry in &entries {
        let [all, python_only] = found.entry(&entry.section).or_default();
        *all = (all.0 + 1, all.1 + entry.cases);
        if entry.fate == Fate::PythonOnly {
            *python_only = (python_only.0 + 1, python_only.1 + entry.cases);
        }
    }
    let expected: BTreeMap<&str, [(usize, usize); 2]> =
        SECTIONS.iter().map(|section| (section.name, [section.all, section.python_only])).collect();
    assert_eq!(found, expected, "functions and cases: all of them, and the python-only ones");
}

/// A mark that no list knows is a slip of the pen, or an entry that forgot a test.
#[test]
fn every_mark_in_the_sources_is_answered_by_an_entry() {
    let entries = inventory::read().unwrap();
    let mut wrong = Vec::new();
    each_source(&root(), &mut |path, text| {
        let known = |mark: &str| {
            entries.iter().any(|entry| {
                entry.is_named_by(mark)
                    && entry.tests.iter().any(|test| test.starts_with(&format!("{path}::")))
            })
        };
        let unknown = marks(text).filter(|mark| !known(mark));
        wrong.extend(unknown.map(|mark| format!("{path}: no entry for t:{mark} names a test of this file")));
    });
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    // t:test_x, for the entries below
    let here = "tests/tests/ported.rs::what_is_wrong_with_an_entry_is_told";
    let cases = [
        (format!("test_x: ported\n    {here}"), None),
        ("test_x x3: python-only: it is about Python".to_owned(), None),
        ("test_x: left out: nobody needs it".to_owned(), None),
        ("test_x: ported".to_owned(), Some("names no test")),
        ("test_x: python-only".to_owned(), Some("gives no reason")),
        ("test_x: left out".to_owned(), Some("gives no reason")),
        (format!("test_x: ported\n    {here}_not"), Some("there is no test")),
        (format!("test_y: ported\n    {here}"), Some("carries no mark")),
        (format!("test_x: python-only: no\n    {here}"), Some("python-only and names tests")),
        (format!("test_x: ported\n    {here}\ntest_x: python-only: no"), Some("is listed before")),
    ];
    for (lines, expected) in cases {
        let entries = parse("here", &format!("[a.py::TestA]\n{lines}\n")).unwrap();
        let told = complaints(&entries, &mut Tests::default());
        match expected {
            None => assert!(told.is_empty(), "{lines}: {told:?}"),
            Some(words) => assert!(told.iter().any(|line| line.contains(words)), "{lines}: {told:?}"),
        }
    }
}

#[test]
fn a_line_that_cannot_be_read_is_told() {
    let cases = [
        ("test_x: ported", "here:1: no section"),
        ("    a::b", "here:1: our test answers no test"),
        ("[a]\n\n# c\ntest_x", "here:4: 'test_x' says nothing"),
        ("[a]\ntest_x xx: ported", "here:2: 'x' is not a number"),
        ("[a]\ntest_x: done", "here:2: 'done' is not"),
    ];
    for (text, expected) in cases {
        let told = parse("here", text).unwrap_err();
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn a_mark_names_a_test_a_class_or_a_group() {
    let found: Vec<&str> =
        marks("t:test_a, at:test_b (t:TestC::test_d). t:TestE; t:test_f_* t:http: 't:test_g': x").collect();
    assert_eq!(found, ["test_a", "TestC::test_d", "TestE", "test_f_*", "test_g"]);

    let entries = parse("here", "[a.py::TestA]\ntest_get: ported\n[a.py]\ntest_get: ported\n").unwrap();
    let cases = [
        ("test_get", [true, true]),
        ("TestA::test_get", [true, false]),
        ("TestA", [true, false]),
        ("TestB", [false, false]),
        ("test_g*", [true, true]),
        ("test_ge", [false, false]),
    ];
    for (mark, expected) in cases {
        assert_eq!([entries[0].is_named_by(mark), entries[1].is_named_by(mark)], expected, "{mark}");
    }
}

/// Everything that is wrong with the entries, a line each.
fn complaints(entries: &[Entry], tests: &mut Tests) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen: HashMap<String, &str> = HashMap::new();
    for entry in entries {
        let at = format!("{}: {}", entry.at, entry.name);
        if let Some(before) = seen.insert(entry.full_name(), &entry.at) {
            wrong.push(format!("{at} is listed before, at {before}"));
        }
        match entry.fate {
            Fate::Ported if entry.tests.is_empty() => wrong.push(format!("{at} is ported and names no test")),
            Fate::Ported => {}
            fate if entry.reason.is_empty() => wrong.push(format!("{at} is {fate} and gives no reason")),
            fate if !entry.tests.is_empty() => wrong.push(format!("{at} is {fate} and names tests")),
            _ => {}
        }
        for test in &entry.tests {
            match tests.find(test) {
                Err(problem) => wrong.push(format!("{at}: {problem}")),
                Ok(text) if marks(text).any(|mark| entry.is_named_by(mark)) => {}
                Ok(_) => wrong.push(format!("{at}: {test} carries no mark t:{}", entry.name)),
            }
        }
    }
    wrong
}

/// Every Rust file below `crates` and `tests/tests`, but for this one, with its path in the workspace.
fn each_source(root: &Path, visit: &mut dyn FnMut(&str, &str)) {
    let mut folders = vec![root.join("crates"), root.join("tests/tests")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") && name != "tests/tests/ported.rs" {
                visit(&name, &fs::read_to_string(&path).unwrap());
            }
        }
    }
}
