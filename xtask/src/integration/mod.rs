//! `cargo xtask integration`: reqs against servers that nobody here wrote.
//!
//! Each part starts one server on loopback with a configuration and a directory of its own, runs its
//! checks, and takes the server down again. A part that cannot start is one failure with its reason.

mod check;
mod daemon;
mod httpbin;
mod install;
mod nginx;
mod twins;

use std::process::ExitCode;

use check::Tally;

/// A server's name and what starts and checks it.
type Part = (&'static str, fn(&mut Tally));

const PARTS: &[Part] = &[("nginx", nginx::run), ("httpbin", httpbin::run)];

/// Runs the parts that are named, or all of them. The last line printed is `N passed, M failed`.
pub(crate) fn run(names: &[String]) -> ExitCode {
    if let Some(unknown) = names.iter().find(|name| PARTS.iter().all(|(part, _)| part != name)) {
        let known: Vec<&str> = PARTS.iter().map(|(part, _)| *part).collect();
        eprintln!("there is no part `{unknown}`; there are {}", known.join(", "));
        return ExitCode::from(2);
    }

    let mut tally = Tally::default();
    for (name, run) in PARTS {
        if names.is_empty() || names.iter().any(|chosen| chosen == name) {
            println!("{name}");
            run(&mut tally);
        }
    }
    tally.finish()
}
