//! `cargo xtask bench`: every client in every scenario, in turn, and the table of what they took.
//!
//! Runs are interleaved: a round is every client once, so that what disturbs the machine for a while disturbs all. What
//! is told is the median over the rounds of each round's ratio to raw, the floor.

#![forbid(unsafe_code)]

mod build;
mod builds;
mod clients;
mod options;
mod run;
mod table;

use std::path::Path;
use std::process::ExitCode;

use bench_harness::{SCENARIOS, Scenario, Work};
use options::Options;
use run::{Outcome, Server};
use table::Results;

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<(), String> {
    let options = Options::parse(std::env::args().skip(1))?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the package has no workspace")?;
    if options.builds {
        return builds::compare(workspace, &options);
    }
    let clients = build::all(workspace, &options)?;
    let scenarios: Vec<&Scenario> =
        SCENARIOS.iter().filter(|scenario| options.wants(scenario.name)).collect();

    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    if scenarios.iter().any(|scenario| matches!(scenario.work, Work::UploadFile(_))) {
        let path = bench_harness::file_beside(&scratch.path().join("pinned.pem"));
        bench_harness::file_of(&path, upload_size(options.quick)).map_err(|error| error.to_string())?;
    }
    let server_core = if options.two_cores { options.core + 1 } else { options.core };
    let pinned = Server::start(&scratch.path().join("pinned.pem"), Some(server_core))?;
    let free = Server::start(&scratch.path().join("free.pem"), None)?;

    let mut results = Results::new(&scenarios, &clients);
    let rounds = options.rounds();
    for round in 1..=rounds {
        for scenario in &scenarios {
            eprint!("\rround {round} of {rounds}: {:<12}", scenario.name);
            let server = if scenario.pinned { &pinned } else { &free };
            // Who goes first changes, so that nobody always follows the same one.
            for offset in 0..clients.len() {
                let client = &clients[(round + offset) % clients.len()];
                match run::one(client, scenario, server, &options) {
                    Ok(Outcome::Took(time)) => results.add(scenario, client, round, time),
                    Ok(Outcome::Unable) => {}
                    Err(error) if client.entry.is_compared() => return Err(error),
                    // A peer that fails is told of, and the others go on.
                    Err(error) => eprintln!("\n{error}"),
                }
            }
        }
    }
    eprintln!("\r{:40}", "");
    print!("{}", results.markdown(&options));
    Ok(())
}

/// The largest file that is uploaded.
fn upload_size(quick: bool) -> u64 {
    let sizes = SCENARIOS.iter().map(|scenario| match scenario.work(quick) {
        Work::UploadFile(size) => size,
        _ => 0,
    });
    sizes.max().unwrap_or_default()
}
