//! Checks with names, and the count of how they went.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// What a check found: a remark for the reader, or what is wrong.
pub(super) type Outcome = Result<String, String>;

/// One thing that must hold of a running server.
pub(super) struct Check<S> {
    pub(super) name: &'static str,
    pub(super) run: fn(&S) -> Outcome,
}

/// How many checks passed and failed.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: usize,
    failed: usize,
}

impl Tally {
    /// The server, if it started; a failure with its reason if not.
    pub(super) fn started<S>(&mut self, server: Result<S, String>) -> Option<S> {
        server.map_err(|error| self.fail("start", &error)).ok()
    }

    /// Runs every check. One that panics has failed like any other.
    pub(super) fn run<S>(&mut self, server: &S, checks: &[Check<S>]) {
        for check in checks {
            match catch_unwind(AssertUnwindSafe(|| (check.run)(server))) {
                Ok(Ok(remark)) => {
                    self.passed += 1;
                    let remark = if remark.is_empty() { remark } else { format!(": {remark}") };
                    println!("  ok    {}{remark}", check.name);
                }
                Ok(Err(error)) => self.fail(check.name, &error),
                Err(_) => self.fail(check.name, "it panicked (see above)"),
            }
        }
    }

    /// Prints the last line.
    pub(super) fn finish(self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 && self.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn fail(&mut self, name: &str, error: &str) {
        self.failed += 1;
        println!("  FAIL  {name}: {error}");
    }
}

/// Fails with both values unless they are the same.
pub(super) fn same<A, B>(what: &str, found: A, expected: B) -> Result<(), String>
where
    A: PartialEq<B> + std::fmt::Debug,
    B: std::fmt::Debug,
{
    if found == expected { Ok(()) } else { Err(format!("{what} is {found:?}, expected {expected:?}")) }
}
