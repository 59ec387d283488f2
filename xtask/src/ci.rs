//! `cargo xtask ci`: every check of the house, one after the other.
//!
//! A step that fails does not stop the ones after it. The tests come last, so that the last thing
//! printed is their own summary.

use std::process::ExitCode;
use std::time::Instant;

use crate::tool::{cargo, run as run_command};

struct Step {
    name: &'static str,
    run: fn() -> Result<(), String>,
}

const STEPS: &[Step] = &[
    Step { name: "format", run: format },
    Step { name: "clippy", run: clippy },
    Step { name: "docs", run: docs },
    Step { name: "deps", run: deps },
    Step { name: "package", run: crate::package::run },
    Step { name: "features", run: features },
    Step { name: "budget", run: budget },
    Step { name: "integration", run: integration },
    Step { name: "parity", run: parity },
    Step { name: "test", run: test },
];

/// Runs the steps that are named, or all of them.
pub(crate) fn run(names: &[String]) -> ExitCode {
    if let Some(unknown) = names.iter().find(|name| STEPS.iter().all(|step| step.name != *name)) {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        eprintln!("there is no step `{unknown}`; there are {}", known.join(", "));
        return ExitCode::from(2);
    }

    let chosen: Vec<&Step> =
        STEPS.iter().filter(|step| names.is_empty() || names.iter().any(|name| name == step.name)).collect();
    let mut failures = Vec::new();
    for (number, step) in chosen.iter().enumerate() {
        let last = number + 1 == chosen.len();
        if last && !failures.is_empty() {
            println!("failed so far: {failures:?}");
        }
        println!("== {}", step.name);
        let start = Instant::now();
        match (step.run)() {
            // Nothing after the last step: its own words end the run.
            Ok(()) if last => {}
            Ok(()) => println!("== {} passed in {:.1} s", step.name, start.elapsed().as_secs_f64()),
            Err(error) => {
                eprintln!("== {} FAILED: {error}", step.name);
                failures.push(step.name);
            }
        }
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn format() -> Result<(), String> {
    run_command(cargo().args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<(), String> {
    run_command(cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
}

fn docs() -> Result<(), String> {
    let mut doc = cargo();
    doc.env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--workspace", "--no-deps", "--locked"]);
    run_command(&mut doc)
}

fn deps() -> Result<(), String> {
    if crate::deps::run(&[]) == ExitCode::SUCCESS { Ok(()) } else { Err("see above".to_owned()) }
}

/// The tests of what is off by default.
fn features() -> Result<(), String> {
    run_command(cargo().args([
        "test",
        "--quiet",
        "--locked",
        "--package",
        "reqs-proto",
        "--features",
        "zstd",
    ]))
}

fn budget() -> Result<(), String> {
    if crate::budget::run(&[]) == ExitCode::SUCCESS { Ok(()) } else { Err("over the budget".to_owned()) }
}

fn integration() -> Result<(), String> {
    another_xtask("integration")
}

fn parity() -> Result<(), String> {
    another_xtask("parity")
}

fn test() -> Result<(), String> {
    run_command(cargo().args(["test", "--workspace", "--locked", "--no-fail-fast"]))
}

/// In a process of its own: one that starts servers takes them down even when it fails.
fn another_xtask(command: &str) -> Result<(), String> {
    run_command(cargo().args(["run", "--quiet", "--locked", "--package", "xtask", "--", command]))
}
