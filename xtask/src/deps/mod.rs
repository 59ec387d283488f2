//! `cargo xtask deps`: how many crates a default build of `reqs` compiles, and whether everything in the whole tree may
//! be there.

mod licence;
mod policy;
mod tree;

use std::collections::BTreeSet;
use std::process::ExitCode;

/// The most crates that a default build of `reqs` may compile, its own six included. `url` alone brings
/// some thirty small ones for international names; everything else must earn its place.
const BUDGET: usize = 80;

pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let wrong = tree::default_build().and_then(|default_build| {
        if arguments.iter().any(|argument| argument == "--list") {
            default_build.iter().for_each(|line| println!("{line}"));
        }
        violations(&default_build)
    });
    match wrong {
        Ok(wrong) if wrong.is_empty() => ExitCode::SUCCESS,
        Ok(wrong) => {
            wrong.iter().for_each(|sentence| eprintln!("{sentence}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn violations(default_build: &BTreeSet<String>) -> Result<Vec<String>, String> {
    println!("{} crates in the default build of reqs, budget {BUDGET}", default_build.len());
    let packages = tree::packages()?;
    println!("{} in the whole tree, looked through for licences, sources and banned crates", packages.len());

    let mut wrong = policy::violations(&packages);
    wrong.extend(policy::duplicates(default_build));
    if default_build.len() > BUDGET {
        let list = "`cargo xtask deps --list` names them, `cargo tree -i NAME` tells why one is there";
        wrong.push(format!("over the budget: {list}"));
    }
    Ok(wrong)
}
