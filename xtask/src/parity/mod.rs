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

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

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

/// How many cases play at the same time. Most of a case is waiting: for the last bytes to arrive, for a timeout to pass.
const AT_ONCE: usize = 8;

/// Runs the cases. The last line printed is `N same, M different on purpose, K unexplained`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let run = Arguments::parse(arguments).and_then(|arguments| Run::prepare(&arguments));
    match run.and_then(|(run, pythons)| run.all(pythons)) {
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
    verbose: bool,
    /// Whether every case runs, so that there can be said to be enough.
    whole: bool,
}

/// How one case came out, and what there is to read about it.
struct Played {
    outcome: Outcome,
    lines: Vec<String>,
}

#[derive(Clone, Copy)]
enum Outcome {
    Same,
    OnPurpose,
    Unexplained,
}

impl Run {
    /// With a Python for each case that plays at a time: the environment of its process is that case's alone.
    fn prepare(arguments: &Arguments) -> Result<(Run, Vec<Python>), String> {
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
        let pythons = Python::start_all(&directory().join("runner.py"), AT_ONCE.min(cases.len()))?;
        println!("{} of {all} cases, against Requests {}", cases.len(), pythons[0].facts().requests);
        Ok((Run { cases, differences, errors, verbose: arguments.verbose, whole }, pythons))
    }

    /// Plays every case, and tells of them in their order.
    fn all(&self, pythons: Vec<Python>) -> Result<Verdict, String> {
        let next = &AtomicUsize::new(0);
        let (send, results) = channel();
        thread::scope(|scope| {
            for mut python in pythons {
                let send = send.clone();
                scope.spawn(move || {
                    while let Some(case) = self.cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        // Nobody listens any more when another case could not be played.
                        if send.send((&case.id, self.one(case, &mut python))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(send);
            self.tell(results)
        })
    }

    fn tell(&self, results: Receiver<(&String, Result<Played, String>)>) -> Result<Verdict, String> {
        let mut verdict = Verdict { whole: self.whole, ..Verdict::default() };
        // Owned, so that the players stop when this returns an error.
        let mut results = results.into_iter();
        let mut early = HashMap::new();
        let mut section = "";
        for case in &self.cases {
            if case.section != section {
                section = &case.section;
                let there = self.cases.iter().filter(|case| case.section == section).count();
                println!("{section} ({there} cases)");
            }
            while !early.contains_key(&case.id) {
                let (id, result) = results.next().ok_or_else(|| format!("{} was not played", case.id))?;
                early.insert(id, result?);
            }
            if let Some(played) = early.remove(&case.id) {
                played.lines.iter().for_each(|line| println!("{line}"));
                verdict.count(played.outcome);
            }
        }
        Ok(verdict)
    }

    fn one(&self, case: &Case, python: &mut Python) -> Result<Played, String> {
        let theirs = Self::theirs(case, python)?;
        let cnonces = Cnonces::sent_in(&theirs);
        let ours = Self::ours(case, cnonces)?;
        let (theirs, ours) = (self.errors.translate(theirs), self.errors.translate(ours));
        let (outcome, wrong) = self.judge(case, &compare::differences(&theirs, &ours));

        let mut lines = Vec::new();
        if self.verbose {
            lines.push(format!("  {}", case.id));
            lines.push(format!("    Requests: {}", compare::shown(&theirs)));
            lines.push(format!("    reqs:     {}", compare::shown(&ours)));
        }
        if !wrong.is_empty() {
            lines.push(format!("  DIFFERS  {}", case.id));
            lines.extend(wrong.iter().map(|line| format!("    {line}")));
        }
        Ok(Played { outcome, lines })
    }

    fn theirs(case: &Case, python: &mut Python) -> Result<Value, String> {
        let servers = Servers::start(case)?;
        let played = case.filled_in(&servers)?;
        let told = python.play(&played)?;
        Ok(servers.with_wire(told, python.facts()))
    }

    fn ours(case: &Case, cnonces: Cnonces) -> Result<Value, String> {
        let servers = Servers::start(case)?;
        let played = case.filled_in(&servers)?;
        let told = ours::play(&played, cnonces).map_err(|error| format!("{}: {error}", case.id))?;
        Ok(servers.with_wire(told, &python::Facts::ours()))
    }

    /// How the case came out, and what about it nothing explains.
    fn judge(&self, case: &Case, found: &[Difference]) -> (Outcome, Vec<String>) {
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
        let outcome = match (wrong.is_empty(), found.is_empty()) {
            (true, true) => Outcome::Same,
            (true, false) => Outcome::OnPurpose,
            (false, _) => Outcome::Unexplained,
        };
        (outcome, wrong)
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
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Same => self.same += 1,
            Outcome::OnPurpose => self.on_purpose += 1,
            Outcome::Unexplained => self.unexplained += 1,
        }
    }

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
