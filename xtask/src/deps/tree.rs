//! What cargo tells of the dependency tree.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::tool;

/// A package, as far as the policy cares.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: Option<String>,
    pub(super) source: Source,
    /// Everything but the workspace's own tools and tests.
    pub(super) is_published: bool,
    /// Dependencies from a registry of which every version would do.
    pub(super) wildcards: Vec<String>,
}

/// Where a package comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    Workspace,
    CratesIo,
    /// A git repository, another registry, a path outside.
    Elsewhere(String),
}

/// As `cargo metadata` writes it, whichever mirror stands in for it.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Name and version of every crate that a default build of `reqs` compiles, for this machine's target.
pub(super) fn default_build() -> Result<BTreeSet<String>, String> {
    let mut tree = tool::cargo();
    tree.args(["tree", "--locked", "-e", "normal", "-p", "reqs", "--prefix", "none", "--no-dedupe"]);
    let printed = tool::output(&mut tree)?;
    // A path in brackets and marks such as `(proc-macro)` follow the version.
    let named = |line: &str| line.split(" (").next().unwrap_or_default().to_owned();
    Ok(printed.lines().filter(|line| !line.is_empty()).map(named).collect())
}

/// Every package of the workspace's tree: all features, all platforms, tests and tools included.
pub(super) fn packages() -> Result<Vec<Package>, String> {
    let mut metadata = tool::cargo();
    metadata.args(["metadata", "--locked", "--all-features", "--format-version", "1"]);
    let printed = tool::output(&mut metadata)?;
    let metadata: Value =
        serde_json::from_str(&printed).map_err(|error| format!("cargo metadata: {error}"))?;
    let members: Vec<&str> = list(&metadata["workspace_members"]).iter().filter_map(Value::as_str).collect();
    let packages = list(&metadata["packages"]).iter().map(|package| read(package, &members));
    packages.collect::<Option<Vec<_>>>().ok_or("cargo metadata tells of packages in another shape".to_owned())
}

fn read(package: &Value, members: &[&str]) -> Option<Package> {
    let text = |name: &str| package[name].as_str().map(str::to_owned);
    let is_member = members.contains(&package["id"].as_str()?);
    let source = match package["source"].as_str() {
        None if is_member => Source::Workspace,
        None => Source::Elsewhere(text("manifest_path")?),
        Some(CRATES_IO) => Source::CratesIo,
        Some(other) => Source::Elsewhere(other.to_owned()),
    };
    let wildcards = list(&package["dependencies"]).iter().filter(|dependency| {
        // What others leave open is theirs, and the lock file's.
        is_member && dependency["req"] == "*" && dependency["path"].is_null()
    });
    let wildcards =
        wildcards.filter_map(|dependency| dependency["name"].as_str().map(str::to_owned)).collect();
    // No list of registries is all of them; an empty one is none.
    let is_published = package["publish"].as_array().is_none_or(|registries| !registries.is_empty());
    let (name, version, licence) = (text("name")?, text("version")?, text("license"));
    Some(Package { name, version, licence, source, is_published, wildcards })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn packages_are_read_with_their_source() {
        let read = |value: Value| read(&value, &["own"]).unwrap();
        let dependencies = json!([
            {"name": "open", "req": "*", "path": null},
            {"name": "beside", "req": "*", "path": "/x"},
            {"name": "fine", "req": "^1", "path": null}
        ]);
        let own = json!({"id": "own", "name": "own", "version": "1.0.0", "license": "MIT", "source": null,
            "publish": [], "dependencies": dependencies});
        let own = read(own);
        assert_eq!((own.source, own.is_published), (Source::Workspace, false));
        assert_eq!((own.wildcards, own.licence.as_deref()), (vec!["open".to_owned()], Some("MIT")));

        let from = |source: Value| {
            read(json!({"id": "a", "name": "a", "version": "1", "source": source, "manifest_path": "/a"}))
        };
        assert_eq!(from(json!(CRATES_IO)).source, Source::CratesIo);
        assert!(from(json!(CRATES_IO)).is_published);
        assert_eq!(from(json!("git+https://x")).source, Source::Elsewhere("git+https://x".to_owned()));
        assert_eq!(from(Value::Null).source, Source::Elsewhere("/a".to_owned()));
    }
}
