//! docs/parity.md and docs/security.md are held to what they say: every id of tests/parity/ids.txt has one row, every row
//! a verdict, and every test that a row names is there.

#![allow(missing_docs, reason = "tests")]

use std::collections::HashMap;
use std::fs;

use reqs_tests::named::{Tests, root};

/// A page with tables of ids: which ids belong to it, and the words with which the third cell of a row may begin.
struct Page {
    path: &'static str,
    owns: fn(&str) -> bool,
    verdicts: &'static [Verdict],
}

struct Verdict {
    word: &'static str,
    needs_test: bool,
}

const fn proven(word: &'static str) -> Verdict {
    Verdict { word, needs_test: true }
}

const fn explained(word: &'static str) -> Verdict {
    Verdict { word, needs_test: false }
}

const PARITY: Page = Page {
    path: "docs/parity.md",
    owns: |id| !id.starts_with("SEC-"),
    verdicts: &[
        proven("same"),
        proven("different"),
        proven("built"),
        explained("typed away"),
        explained("left out"),
    ],
};

const SECURITY: Page = Page {
    path: "docs/security.md",
    owns: |id| id.starts_with("SEC-"),
    verdicts: &[proven("held"), explained("cannot apply"), explained("gate"), explained("owed")],
};

#[test]
fn every_id_has_one_row_with_a_verdict_and_tests_that_exist() {
    let ids = read("tests/parity/ids.txt");
    let ids: Vec<&str> = ids.lines().filter(|line| !line.is_empty()).collect();
    assert!(ids.len() > 500, "the list of ids is not whole: {}", ids.len());
    let wrong: Vec<String> = [PARITY, SECURITY]
        .iter()
        .flat_map(|page| complaints(page, &read(page.path), &ids, &mut Tests::default()))
        .collect();
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_row_of_the_hostile_server_matrix_is_in_the_page() {
    let table = read("tests/tests/hostile.rs");
    let page = read(SECURITY.path);
    let rows: Vec<&str> = table
        .lines()
        .skip_while(|line| !line.starts_with("const ROWS"))
        .take_while(|line| !line.starts_with("];"))
        .flat_map(|line| line.split('"').nth(1))
        .collect();
    assert_eq!(rows.len(), 27);
    for row in rows {
        assert!(page.contains(&format!("| {row} |")), "{} has no row '{row}'", SECURITY.path);
    }
}

/// What `cargo xtask parity` finds to differ, the page calls different.
#[test]
fn the_page_agrees_with_the_differences_that_were_measured() {
    let measured: serde_json::Value = serde_json::from_str(&read("tests/parity/differences.json")).unwrap();
    let page = read(PARITY.path);
    let verdict =
        |id: &str| page.lines().map(cells).find(|cells| cells.first() == Some(&id)).map(|cells| cells[2]);
    let wrong: Vec<String> = measured
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|difference| difference["id"].as_str())
        .filter(|id| !verdict(id).is_some_and(|verdict| begins_with(verdict, "different")))
        .map(|id| format!("{id} is '{}' in {}", verdict(id).unwrap_or_default(), PARITY.path))
        .collect();
    assert!(wrong.is_empty(), "tests/parity/differences.json says that these are different: {wrong:#?}");
}

#[test]
fn what_is_wrong_with_a_page_is_told() {
    let here = "tests/tests/parity_doc.rs::what_is_wrong_with_a_page_is_told";
    let row = |id: &str, verdict: &str, test: &str| format!("| {id} | it | {verdict} | {test} |\n");
    let good = row("A-1", "same", &format!("`{here}`"));
    let cases = [
        (good.clone(), None),
        (row("A-1", "typed away: by a type", "—"), None),
        (row("A-1", "different: `a \\| b`", &format!("`{here}`, `{here}`")), None),
        (String::new(), Some("A-1 has no row")),
        (good.repeat(2), Some("A-1 has 2 rows")),
        (row("A-1", "fine", &format!("`{here}`")), Some("'fine' is no verdict")),
        (row("A-1", "", &format!("`{here}`")), Some("'' is no verdict")),
        (row("A-1", "same", "—"), Some("names no test")),
        (row("A-1", "same", &format!("`{here}_not`")), Some("there is no test")),
        (row("A-1", "same", "`tests/nowhere.rs::x`"), Some("tests/nowhere.rs cannot be read")),
        (format!("{good}{}", row("B-2", "same", &format!("`{here}`"))), Some("B-2 is not in the list")),
        ("| A-1 | same |\n".to_owned(), Some("has 2 cells and not 4")),
    ];
    for (page, expected) in cases {
        let told = complaints(&PARITY, &page, &["A-1"], &mut Tests::default());
        match expected {
            None => assert!(told.is_empty(), "{page}: {told:?}"),
            Some(words) => assert!(told.iter().any(|line| line.contains(words)), "{page}: {told:?}"),
        }
    }
}

/// Everything that is wrong with the page, a line each.
fn complaints(page: &Page, text: &str, ids: &[&str], tests: &mut Tests) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut rows: HashMap<&str, u32> = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let cells = cells(line);
        let Some(&id) = cells.first().filter(|cell| is_id(cell)) else { continue };
        let at = format!("{}:{}: {id}", page.path, number + 1);
        *rows.entry(id).or_default() += 1;
        if !ids.contains(&id) || !(page.owns)(id) {
            wrong.push(format!("{at} is not in the list of ids for this page"));
        }
        let [_, _, verdict, held_by] = cells[..] else {
            wrong.push(format!("{at} has {} cells and not 4", cells.len()));
            continue;
        };
        let Some(known) = page.verdicts.iter().find(|known| begins_with(verdict, known.word)) else {
            wrong.push(format!("{at}: '{verdict}' is no verdict"));
            continue;
        };
        let named: Vec<&str> =
            held_by.split('`').skip(1).step_by(2).filter(|code| code.contains("::")).collect();
        if named.is_empty() && known.needs_test {
            wrong.push(format!("{at} names no test"));
        }
        wrong.extend(
            named.iter().filter_map(|test| tests.find(test).err()).map(|problem| format!("{at}: {problem}")),
        );
    }
    for id in ids.iter().filter(|id| (page.owns)(id)) {
        match rows.get(id) {
            Some(1) => {}
            None => wrong.push(format!("{}: {id} has no row", page.path)),
            Some(count) => wrong.push(format!("{}: {id} has {count} rows", page.path)),
        }
    }
    wrong
}

/// The cells of a row of a Markdown table, trimmed; a bar may be escaped. No cells for any other line.
fn cells(line: &str) -> Vec<&str> {
    let Some(row) = line.strip_prefix('|').and_then(|line| line.trim_end().strip_suffix('|')) else {
        return Vec::new();
    };
    let mut cells = Vec::new();
    let mut start = 0;
    for (at, _) in row.match_indices('|').filter(|(at, _)| !row[..*at].ends_with('\\')) {
        cells.push(row[start..at].trim());
        start = at + 1;
    }
    cells.push(row[start..].trim());
    cells
}

/// Capitals, perhaps a dash, and numbers: `SES-1`, `S09.2a`, `X04`.
fn is_id(cell: &str) -> bool {
    let rest = cell.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let number = rest.strip_prefix('-').unwrap_or(rest);
    rest.len() < cell.len()
        && number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_digit() || c == '.' || c.is_ascii_lowercase())
}

/// Whether the text is this verdict, perhaps with an explanation.
fn begins_with(text: &str, verdict: &str) -> bool {
    text.strip_prefix(verdict).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ';', ',']))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
