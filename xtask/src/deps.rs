//! `cargo xtask deps`: how many crates a default build of `reqs` compiles.

use std::collections::BTreeSet;
use std::process::ExitCode;

use crate::tool;

/// The most crates that a default build of `reqs` may compile, its own six included. `url` alone brings
/// some thirty small ones for international names; everything else must earn its place.
const BUDGET: usize = 80;

pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let crates = match crates() {
        Ok(crates) => crates,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    if arguments.iter().any(|argument| argument == "--list") {
        crates.iter().for_each(|line| println!("{line}"));
    }
    println!("{} crates in the default build of reqs, budget {BUDGET}", crates.len());
    if crates.len() > BUDGET {
        eprintln!(
            "over the budget: `cargo xtask deps --list` names them, `cargo tree -i NAME` tells why one is there"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Name and version of each, as `cargo tree` tells for this machine's target.
fn crates() -> Result<BTreeSet<String>, String> {
    let mut tree = tool::cargo();
    tree.args(["tree", "--locked", "-e", "normal", "-p", "reqs", "--prefix", "none", "--no-dedupe"]);
    let printed = tool::output(&mut tree)?;
    // A path in brackets and marks such as `(proc-macro)` follow the version.
    let named = |line: &str| line.split(" (").next().unwrap_or_default().to_owned();
    Ok(printed.lines().filter(|line| !line.is_empty()).map(named).collect())
}
