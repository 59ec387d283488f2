//! `cargo xtask bench`: reqs beside its peers; see `docs/performance.md`.

use std::process::ExitCode;

/// The peers are built and run by the bench's own workspace.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    crate::budget::run_package("bench-runner", arguments)
}
