//! Public suffixes: domains under which strangers register names, so that no cookie may span one.
//!
//! The Public Suffix List stands in the binary as sorted text and is searched where it stands: no table to build at
//! start, 87 KB in all. (The `psl` crate, which compiles the list to code, adds 780 KB; the tests hold this against it.)

use std::cmp::Ordering;

/// The rules of the list by the domain that they are below, as in `uk ac co gov`; both the lines and the labels of a line
/// are sorted by bytes. `data/README.md` tells where they come from.
const RULES: &str = include_str!("../data/public_suffixes.txt");

/// Whether a canonical domain is a public suffix, such as `co.uk` or `github.io`.
///
/// A single label is always one, known or not (the list's rule `*`). Of the rules that match a domain the longest
/// counts, and none is longer than one that names all of its labels: so it is enough to ask for the domain itself, for
/// the wildcard in the place of its first label, and for an exception, which beats both.
pub(crate) fn is_public_suffix(domain: &str) -> bool {
    let Some((label, parent)) = domain.split_once('.') else {
        return true;
    };
    let Some(labels) = labels_below(parent) else {
        return false;
    };
    let has = |wanted: &str| find(labels, ' ', |item| item.cmp(wanted)).is_some();
    let exception = || "!".bytes().chain(label.bytes());
    let is_exception = || find(labels, ' ', |item| item.bytes().cmp(exception())).is_some();
    (has(label) || has("*")) && !is_exception()
}

/// What the list names directly below a domain.
fn labels_below(domain: &str) -> Option<&'static str> {
    find(RULES, '\n', |line| parent_and_labels(line).0.cmp(domain)).map(|line| parent_and_labels(line).1)
}

fn parent_and_labels(line: &str) -> (&str, &str) {
    line.split_once(' ').unwrap_or((line, ""))
}

/// The item that `compare` finds equal to what is wanted, in a text of sorted items with `separator` between them.
fn find(items: &str, separator: char, compare: impl Fn(&str) -> Ordering) -> Option<&str> {
    let mut rest = items;
    while !rest.is_empty() {
        let (before, item, after) = middle_item(rest, separator)?;
        rest = match compare(item) {
            Ordering::Greater => before,
            Ordering::Equal => return Some(item),
            Ordering::Less => after,
        };
    }
    None
}

/// The item that holds the middle of a text, with the whole items before and after it.
fn middle_item(text: &str, separator: char) -> Option<(&str, &str, &str)> {
    let (half, _) = text.split_at_checked(text.len() / 2)?;
    let start = half.rfind(separator).map_or(0, |at| at + 1);
    let (before, from_item) = text.split_at_checked(start)?;
    let (item, after) = from_item.split_once(separator).unwrap_or((from_item, ""));
    Some((before, item, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_sorted_and_in_canonical_form() {
        assert!(RULES.is_ascii() && RULES.ends_with('\n'));
        let parents: Vec<&str> = RULES.lines().map(|line| parent_and_labels(line).0).collect();
        assert!(parents.is_sorted_by(|a, b| a < b));
        assert!(rules().count() > 8_500, "{} rules", rules().count());
        for parent in parents {
            assert_eq!(crate::scope::canonical_domain(parent).as_deref(), Some(parent));
            // The list's grammar has room for wildcards elsewhere, which the search here would not find.
            assert!(!parent.contains(['*', '!']), "{parent}");
            let labels: Vec<&str> = labels_below(parent).unwrap().split(' ').collect();
            assert!(labels.is_sorted_by(|a, b| a < b), "below {parent}");
        }
    }

    /// Every rule with the host above it, those below it, and a sibling, judged by an implementation that
    /// is not ours. A few differ: the lists may be of different days, and where both `*.run.app` and
    /// `*.mtls.run.app` are rules, psl forgets that the first makes `mtls.run.app` a public suffix.
    #[test]
    fn agrees_with_the_psl_crate_on_every_rule() {
        let judged_by_psl =
            |domain: &str| psl::suffix(domain.as_bytes()).is_none_or(|s| s.as_bytes().len() == domain.len());
        let (mut cases, mut differing) = (0, Vec::new());
        for (parent, label) in rules() {
            let host = match label.trim_start_matches('!') {
                "*" => parent.to_owned(),
                label => format!("{label}.{parent}"),
            };
            let others = [format!("a.{host}"), format!("b.a.{host}"), format!("{host}x")];
            for domain in [&host, parent].into_iter().chain(others.iter().map(String::as_str)) {
                cases += 1;
                if is_public_suffix(domain) != judged_by_psl(domain) {
                    differing.push(domain.to_owned());
                }
            }
        }
        assert!(differing.len() * 1000 < cases, "{} of {cases}: {differing:?}", differing.len());
    }

    /// Every rule of the list, as the domain and the label below it.
    fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
        RULES.lines().flat_map(|line| {
            let (parent, labels) = parent_and_labels(line);
            labels.split(' ').map(move |label| (parent, label))
        })
    }

    #[test]
    fn known_domains() {
        let table = [
            ("com", true),
            ("co.uk", true),
            ("github.io", true),
            ("s3.amazonaws.com", true),
            ("unknown-tld", true),
            ("localhost", true),
            ("kawasaki.jp", false),
            ("anything.kawasaki.jp", true),
            ("city.kawasaki.jp", false),
            ("anything.ck", true),
            ("www.ck", false),
            ("ex.futurecms.at", true),
            ("xn--55qx5d.cn", true),
            ("example.com", false),
            ("foo.co.uk", false),
            ("user.github.io", false),
            ("host.internal", false),
            ("", true),
        ];
        for (domain, expected) in table {
            assert_eq!(is_public_suffix(domain), expected, "{domain}");
        }
    }
}
