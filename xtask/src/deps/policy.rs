//! What may enter the dependency tree: licences, sources, crates.
//!
//! Advisories are left to people, since what was fine yesterday must build today: `cargo audit` knows them.

use std::collections::BTreeSet;

use super::licence::Licence;
use super::tree::{Package, Source};

/// Permissive ones alone, so that depending on reqs changes nothing for anybody. The list says what would be fine, not
/// what is used today.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// A crate that may have one licence more, and why.
const LICENCE_EXCEPTIONS: &[(&str, &str, &str)] =
    &[("reqs-cookies", "MPL-2.0", "the public suffix list is data, and asks nothing of code that uses it")];

/// Crates that must not come in, under any feature or on any platform, and why.
const BANNED: &[(&str, &str)] = &[
    ("openssl-sys", "TLS is rustls"),
    ("native-tls", "TLS is rustls"),
    ("curl-sys", "HTTP is ours"),
    ("hyper-tls", "TLS is rustls"),
];

/// Crates that a default build may compile in two versions, and why. Everything else is there once.
const TWICE: &[(&str, &str)] = &[("getrandom", "ring asks for 0.2 still")];

/// Everything about these packages that is not as it must be, in one sentence each.
pub(super) fn violations(packages: &[Package]) -> Vec<String> {
    let mut wrong: Vec<String> = packages.iter().flat_map(of_package).collect();
    for (name, licence, _) in LICENCE_EXCEPTIONS {
        let needed = packages.iter().any(|package| package.name == *name && !is_licensed(package, &[]));
        if !needed {
            wrong.push(format!("{name} needs no exception for {licence}: take it from the list"));
        }
    }
    wrong
}

/// Crates that stand twice among the names and versions of a default build, and exceptions that are none any more.
pub(super) fn duplicates(default_build: &BTreeSet<String>) -> Vec<String> {
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<String> =
        default_build.iter().map(|line| name(line)).filter(|name| !seen.insert(name.clone())).collect();
    let allowed = |name: &str| TWICE.iter().any(|(allowed, _)| *allowed == name);
    let wrong = twice.iter().filter(|name| !allowed(name)).map(|name| {
        format!("{name} is there in two versions: `cargo tree -p reqs -e normal -d` tells for whom")
    });
    let idle = TWICE.iter().filter(|(name, _)| !twice.contains(*name));
    wrong.chain(idle.map(|(name, _)| format!("{name} is there once: take it from the list"))).collect()
}

fn of_package(package: &Package) -> Vec<String> {
    let mut wrong = Vec::new();
    let Package { name, version, licence, source, is_published, wildcards } = package;
    let exceptions: Vec<&str> =
        LICENCE_EXCEPTIONS.iter().filter(|(of, ..)| of == name).map(|(_, licence, _)| *licence).collect();
    if *is_published && !is_licensed(package, &exceptions) {
        let licence = licence.as_deref().unwrap_or("none told");
        wrong.push(format!("the licence of {name} {version} is not among those that may come in: {licence}"));
    }
    if let Source::Elsewhere(source) = source {
        wrong.push(format!(
            "{name} {version} comes from {source}, neither from this workspace nor from crates.io"
        ));
    }
    if let Some((_, reason)) = BANNED.iter().find(|(banned, _)| banned == name) {
        wrong.push(format!("{name} must not come in: {reason} (`cargo tree -i {name}` tells for whom)"));
    }
    wrong.extend(wildcards.iter().map(|of| format!("{name} takes {of} in any version: name one")));
    wrong
}

fn is_licensed(package: &Package, more: &[&str]) -> bool {
    let accepted = |name: &str| LICENCES.contains(&name) || more.contains(&name);
    package.licence.as_deref().and_then(Licence::parse).is_some_and(|licence| licence.is_met_by(&accepted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, licence: &str) -> Package {
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: Some(licence.to_owned()),
            source: Source::CratesIo,
            is_published: true,
            wildcards: Vec::new(),
        }
    }

    /// What is said about a package, beside one that keeps every exception in use.
    fn said(package: Package) -> Vec<String> {
        violations(&[package, super::tests::package("reqs-cookies", "MIT AND MPL-2.0")])
    }

    #[test]
    fn what_may_come_in_comes_in() {
        assert!(said(package("a", "MIT OR GPL-3.0-only")).is_empty());
        let private = Package { is_published: false, licence: None, ..package("xtask", "") };
        assert!(said(Package { source: Source::Workspace, ..private }).is_empty());
    }

    #[test]
    fn every_rule_has_its_sentence() {
        let cases = [
            (package("a", "GPL-3.0-only"), "the licence of a 1.0.0"),
            (package("a", "MPL-2.0"), "the licence of a 1.0.0"),
            (package("a", "MIT AND"), "the licence of a 1.0.0"),
            (Package { licence: None, ..package("a", "") }, "none told"),
            (
                Package { source: Source::Elsewhere("git+https://x".to_owned()), ..package("a", "MIT") },
                "git+https://x",
            ),
            (package("openssl-sys", "MIT"), "TLS is rustls"),
            (Package { wildcards: vec!["b".to_owned()], ..package("a", "MIT") }, "takes b in any version"),
        ];
        for (package, expected) in cases {
            let said = said(package);
            assert!(said.len() == 1 && said[0].contains(expected), "{said:?}");
        }
        assert!(violations(&[]).concat().contains("needs no exception"));
    }

    #[test]
    fn a_default_build_has_one_version_of_each() {
        let build = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<BTreeSet<_>>();
        let random = ["getrandom v0.2.1", "getrandom v0.4.1"];
        assert!(duplicates(&build(&[&random[..], &["a v1.0.0", "a-b v1.0.0"]].concat())).is_empty());
        let twice = duplicates(&build(&[&random[..], &["a v1.0.0", "a v2.0.0"]].concat()));
        assert!(twice.len() == 1 && twice[0].starts_with("a is there in two versions"), "{twice:?}");
        assert!(duplicates(&build(&random[1..])).concat().contains("getrandom is there once"));
    }
}
