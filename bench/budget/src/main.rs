//! `cargo xtask budget`: what requests cost, counted, against the limits of `budget.toml`.
//!
//! Everything here is a count and comes out the same on a busy machine. What a request costs is the difference between
//! twice as many requests and once as many, so that starting up and connecting do not count.

#![forbid(unsafe_code)]

mod limits;
mod measure;
mod table;

use std::path::Path;
use std::process::ExitCode;

use limits::Limits;
use measure::Bench;
use table::Row;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints everything; whether all of it is within the limits.
fn run() -> Result<bool, String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the package has no workspace")?;
    let only = only()?;
    let limits = Limits::load(&workspace.join("budget.toml"))?;
    let bench = Bench::new(workspace)?;
    let must_have_all = std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false");

    let mut rows = Vec::new();
    for limit in limits.iter().filter(|limit| only.as_ref().is_none_or(|only| limit.subject.contains(only))) {
        eprintln!("measuring {} of {}", limit.figure, limit.subject);
        rows.push(Row { limit, measured: bench.measure(&limit.subject, &limit.figure)? });
    }
    print!("{}", table::markdown(&rows));

    let over: Vec<&Row<'_>> = rows.iter().filter(|row| row.is_over()).collect();
    for row in &over {
        eprintln!("over the limit: {}", row.sentence());
    }
    let missing = bench.missing_tools();
    for tool in &missing {
        let word = if must_have_all { "error" } else { "not measured" };
        eprintln!("{word}: {tool} is not installed");
    }
    Ok(over.is_empty() && (missing.is_empty() || !must_have_all))
}

fn only() -> Result<Option<String>, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [] => Ok(None),
        [flag, name] if flag == "--only" => Ok(Some(name.clone())),
        _ => Err("usage: cargo xtask budget [--only PART-OF-A-SUBJECT]".to_owned()),
    }
}
