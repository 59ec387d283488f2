//! `cargo xtask budget`: what requests cost, counted, against the limits of `bench/budget.toml`.

use std::process::{Command, ExitCode};

use crate::tool;

/// Builds and runs the package of that name of the bench's own workspace.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    run_package("budget", arguments)
}

pub(crate) fn run_package(package: &str, arguments: &[String]) -> ExitCode {
    // All programs of the package: `run` builds the one that it runs, and that one runs the others.
    let build = tool::run(bench("build", package).arg("--bins"));
    match build.and_then(|()| tool::run(bench("run", package).arg("--").args(arguments))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Cargo in the bench's workspace.
fn bench(command: &str, package: &str) -> Command {
    let mut cargo = tool::cargo();
    cargo.current_dir(tool::root().join("bench"));
    // Where our own build goes is no place for theirs: features would be joined and measured.
    cargo.env_remove("CARGO_TARGET_DIR");
    cargo.args([command, "--quiet", "--release", "--package", package]);
    cargo
}
