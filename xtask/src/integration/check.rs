//! Checks with names, and the count of how they went.

use std::error::Error;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use reqs::ErrorKind;

/// What a check found: a remark for the reader (may be empty), or what is wrong.
pub(super) type Outcome = Result<String, Box<dyn Error>>;

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
                Ok(Err(error)) => self.fail(check.name, &error.to_string()),
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

/// A check that passed without a remark.
pub(super) const FINE: Outcome = Ok(String::new());

/// Fails with both values unless they are the same.
#[expect(clippy::needless_pass_by_value, reason = "what is compared is made on the spot")]
pub(super) fn same<A, B>(what: &str, found: A, expected: B) -> Result<(), String>
where
    A: PartialEq<B> + Debug,
    B: Debug,
{
    if found == expected { Ok(()) } else { Err(format!("{what} is {found:?}, expected {expected:?}")) }
}

/// Fails with the text around it unless `part` stands in it.
pub(super) fn contains(what: &str, text: &str, part: &str) -> Result<(), String> {
    let start: String = text.chars().take(200).collect();
    if text.contains(part) { Ok(()) } else { Err(format!("{what} has no `{part}`: `{start}`")) }
}

/// The error that had to come.
pub(super) fn fails<T>(result: reqs::Result<T>, kind: ErrorKind) -> Result<reqs::Error, String> {
    match result {
        Ok(_) => Err(format!("it succeeded, expected {kind:?}")),
        Err(error) if error.kind() == kind => Ok(error),
        Err(error) => Err(format!("the error is {:?}, expected {kind:?}: {error}", error.kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_and_panics_are_counted_and_fail_the_run() {
        let mut tally = Tally::default();
        let checks: [Check<()>; 3] = [
            Check { name: "passes", run: |()| FINE },
            Check { name: "fails", run: |()| Err("no".into()) },
            Check { name: "panics", run: |()| panic!("on purpose") },
        ];
        tally.run(&(), &checks);
        assert!(tally.started::<()>(Err("does not start".to_owned())).is_none());
        assert_eq!((tally.passed, tally.failed), (1, 3));
        assert_eq!(format!("{:?}", tally.finish()), format!("{:?}", ExitCode::FAILURE));
        // Nothing checked is nothing proven.
        assert_eq!(format!("{:?}", Tally::default().finish()), format!("{:?}", ExitCode::FAILURE));
    }
}
