//! `cargo xtask parity`: one list of cases through Requests and through reqs, against the same scripted servers.
//!
//! What each side sent and what it made of the answers is compared, field by field. A difference is a failure unless
//! `tests/parity/differences.json` says why it is meant; one that is said there and is none is a failure too.

mod bytes;
mod case;
mod compare;
mod differences;
mod errors;
mod ours;
mod python;
mod server;
mod wire;

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::Value;

use crate::tool;
use case::Case;
use compare::Difference;
use differences::Differences;
use errors::ErrorNames;
use ours::Cnonces;
use python::Python;
use server::Servers;

/// How many cases must come out the same for the claim of parity to mean something.
const ENOUGH: usize = 370;

/// Runs the cases. The last line printed is `N same, M different on purpose, K unexplained`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let run = Arguments::parse(arguments).and_then(|arguments| Run::prepare(&arguments));
    match run.and_then(|mut run| run.all()) {
        Ok(verdict) => {
            verdict.explain();
            println!("{verdict}");
            if verdict.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("parity: {error}");
            ExitCode::from(2)
        }
    }
}

/// Where the cases and what belongs to them stand.
fn directory() -> PathBuf {
    tool::root().join("tests/parity")
}

/// What the command line says.
struct Arguments {
    /// Cases whose id begins with this; all of them where it is empty.
    only: Vec<String>,
    /// Shows both sides of every case that runs.
    verbose: bool,
}

impl Arguments {
    fn parse(arguments: &[String]) -> Result<Arguments, String> {
        let mut parsed = Arguments { only: Vec::new(), verbose: false };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--verbose" => parsed.verbose = true,
                "--only" => {
                    parsed.only.push(words.next().ok_or("--only wants the beginning of an id")?.clone());
                }
                other => return Err(format!("unknown `{other}`; there are --only ID and --verbose")),
            }
        }
        Ok(parsed)
    }

    fn wants(&self, id: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|start| id.starts_with(start.as_str()))
    }
}

/// Everything that a case needs.
struct Run {
    cases: Vec<Case>,
    differences: Differences,
    errors: ErrorNames,
    python: Python,
    verbose: bool,
    /// Whether every case runs, so that there can be said to be enough.
    whole: bool,
}

/// How one case came out.
enum Outcome {
    Same,
    OnPurpose,
    Unexplained(Vec<String>),
}

impl Run {
    fn prepare(arguments: &Arguments) -> Result<Run, String> {
        let mut cases = case::load(&directory().join("cases"))?;
        let differences = Differences::load(&directory().join("differences.json"))?;
        differences.check_cases(&cases)?;
        let all = cases.len();
        cases.retain(|case| arguments.wants(&case.id));
        if cases.is_empty() {
            return Err("no case has such an id".to_owned());
        }
        let whole = cases.len() == all;
        let errors = ErrorNames::load(&directory().join("errors.json"))?;
        let python = Python::start(&directory().join("runner.py"))?;
        println!("{} of {all} cases, against Requests {}", cases.len(), python.facts().requests);
        Ok(Run { cases, differences, errors, python, verbose: arguments.verbose, whole })
    }

    fn all(&mut self) -> Result<Verdict, String> {
        let mut verdict = Verdict { whole: self.whole, ..Verdict::default() };
        let cases = std::mem::take(&mut self.cases);
        let mut section = String::new();
        for case in &cases {
            if case.section != section {
                section.clone_from(&case.section);
                let there = cases.iter().filter(|case| case.section == section).count();
                println!("{section} ({there} cases)");
            }
            match self.one(case)? {
                Outcome::Same => verdict.same += 1,
                Outcome::OnPurpose => verdict.on_purpose += 1,
                Outcome::Unexplained(lines) => {
                    verdict.unexplained += 1;
                    println!("  DIFFERS  {}", case.id);
                    for line in lines {
                        println!("    {line}");
                    }
                }
            }
        }
        Ok(verdict)
    }

    fn one(&mut self, case: &Case) -> Result<Outcome, String> {
        let theirs = self.theirs(case)?;
        let cnonces = Cnonces::sent_in(&theirs);
        let ours = Self::ours(case, cnonces)?;
        let (theirs, ours) = (self.errors.translate(theirs), self.errors.translate(ours));
        if self.verbose {
            println!("  {}", case.id);
            println!("    Requests: {}", compare::shown(&theirs));
            println!("    reqs:     {}", compare::shown(&ours));
        }
        let found = compare::differences(&theirs, &ours);
        Ok(self.judge(case, &found))
    }

    fn theirs(&mut self, case: &Case) -> Result<Value, String> {
        let servers = Servers::start(case)?;
        let played = case.filled_in(&servers)?;
        let told = self.python.play(&played)?;
        Ok(servers.with_wire(told, self.python.facts()))
    }

    fn ours(case: &Case, cnonces: Cnonces) -> Result<Value, String> {
        let servers = Servers::start(case)?;
        let played = case.filled_in(&servers)?;
        let told = ours::play(&played, cnonces).map_err(|error| format!("{}: {error}", case.id))?;
        Ok(servers.with_wire(told, &python::Facts::ours()))
    }

    fn judge(&self, case: &Case, found: &[Difference]) -> Outcome {
        let explained = self.differences.of(&case.id);
        let mut wrong: Vec<String> = Vec::new();
        for difference in found {
            if !explained.contains(&difference.field) {
                wrong.push(difference.to_string());
            }
        }
        for field in &explained {
            if !found.iter().any(|difference| difference.field == *field) {
                wrong.push(format!("{field}: said to differ, and is the same"));
            }
        }
        match (wrong.is_empty(), found.is_empty()) {
            (true, true) => Outcome::Same,
            (true, false) => Outcome::OnPurpose,
            (false, _) => Outcome::Unexplained(wrong),
        }
    }
}

/// The count.
#[derive(Debug, Default)]
struct Verdict {
    same: usize,
    on_purpose: usize,
    unexplained: usize,
    whole: bool,
}

impl Verdict {
    fn is_good(&self) -> bool {
        self.unexplained == 0 && (!self.whole || self.same >= ENOUGH)
    }

    fn explain(&self) {
        if self.unexplained > 0 {
            println!("{} cases differ and nothing says why", self.unexplained);
        }
        if self.whole && self.same < ENOUGH {
            println!("only {} cases are the same, of {ENOUGH} at least", self.same);
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { same, on_purpose, unexplained, whole: _ } = self;
        write!(f, "{same} same, {on_purpose} different on purpose, {unexplained} unexplained")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_good_when_nothing_is_unexplained_and_enough_is_the_same() {
        let verdict = |same, unexplained, whole| Verdict { same, on_purpose: 1, unexplained, whole };
        assert!(verdict(ENOUGH, 0, true).is_good());
        assert!(!verdict(ENOUGH, 1, true).is_good());
        assert!(!verdict(ENOUGH - 1, 0, true).is_good());
        assert!(verdict(1, 0, false).is_good());
        assert_eq!(verdict(9, 2, true).to_string(), "9 same, 1 different on purpose, 2 unexplained");
    }

    #[test]
    fn the_data_of_the_cases_is_whole() {
        let cases = case::load(&directory().join("cases")).unwrap();
        let differences = Differences::load(&directory().join("differences.json")).unwrap();
        differences.check_cases(&cases).unwrap();
        ErrorNames::load(&directory().join("errors.json")).unwrap();
        assert!(cases.len() >= 400, "{}", cases.len());
    }
}
