//! `cargo xtask budget`: what requests cost, counted, against the limits of `bench/budget.toml`.

use std::process::ExitCode;

use crate::tool;

/// Builds and runs the package of that name of the bench's own workspace.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    run_package("budget", arguments)
}

pub(crate) fn run_package(package: &str, arguments: &[String]) -> ExitCode {
    let mut cargo = tool::cargo();
    cargo.current_dir(tool::root().join("bench"));
    // Where our own build goes is no place for theirs: features would be joined and measured.
    cargo.env_remove("CARGO_TARGET_DIR");
    cargo.args(["run", "--quiet", "--release", "--package", package, "--"]).args(arguments);
    match tool::run(&mut cargo) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
