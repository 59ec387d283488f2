//! Public suffixes: domains under which strangers register names, so that no cookie may span one.
//!
//! The Public Suffix List stands in the binary as sorted lines and is searched where it stands: no
//! table to build at start, 150 KB in all. (The `psl` crate, which compiles the list to code, adds
//! 780 KB; the tests hold this against it.)

/// The rules of the list, sorted by bytes; `data/README.md` tells where they come from.
const RULES: &str = include_str!("../data/public_suffixes.txt");

/// Whether a canonical domain is a public suffix, such as `co.uk` or `github.io`.
///
/// A single label is always one, known or not (the list's rule `*`). Of the rules that match a domain the longest
/// counts, and none is longer than one that names all of its labels: so it is enough to ask for the domain itself, for
/// the wildcard in the place of its first label, and for an exception, which beats both.
pub(crate) fn is_public_suffix(domain: &str) -> bool {
    let Some((_, parent)) = domain.split_once('.') else {
        return true;
    };
    let is_listed = || contains(RULES, domain) || contains(RULES, &format!("*.{parent}"));
    is_listed() && !contains(RULES, &format!("!{domain}"))
}

/// Whether a text of sorted lines has this line.
fn contains(lines: &str, wanted: &str) -> bool {
    let mut rest = lines;
    while !rest.is_empty() {
        let Some((before, line, after)) = middle_line(rest) else {
            return false;
        };
        rest = match wanted.cmp(line) {
            std::cmp::Ordering::Less => before,
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Greater => after,
        };
    }
    false
}

/// The line that holds the middle of a text, with the whole lines before and after it.
fn middle_line(text: &str) -> Option<(&str, &str, &str)> {
    let (half, _) = text.split_at_checked(text.len() / 2)?;
    let start = half.rfind('\n').map_or(0, |newline| newline + 1);
    let (before, from_line) = text.split_at_checked(start)?;
    let (line, after) = from_line.split_once('\n').unwrap_or((from_line, ""));
    Some((before, line, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_sorted_and_in_canonical_form() {
        assert!(RULES.is_ascii() && RULES.ends_with('\n'));
        let lines: Vec<&str> = RULES.lines().collect();
        assert!(lines.is_sorted_by(|a, b| a < b));
        assert!(lines.len() > 9_000, "{} rules", lines.len());
        for line in lines {
            let host = line.trim_start_matches('!').trim_start_matches("*.");
            assert_eq!(crate::scope::canonical_domain(host).as_deref(), Some(host));
            // The list's grammar has room for wildcards elsewhere, which the search here would not find.
            assert!(!host.contains(['*', '!']), "{line}");
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
        for line in RULES.lines() {
            let host = line.trim_start_matches('!').trim_start_matches("*.");
            let parent = host.split_once('.').map_or(host, |(_, parent)| parent);
            let others = [format!("a.{host}"), format!("b.a.{host}"), format!("{host}x")];
            for domain in [host, parent].into_iter().chain(others.iter().map(String::as_str)) {
                cases += 1;
                if is_public_suffix(domain) != judged_by_psl(domain) {
                    differing.push(domain.to_owned());
                }
            }
        }
        assert!(differing.len() * 1000 < cases, "{} of {cases}: {differing:?}", differing.len());
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
