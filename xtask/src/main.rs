//! `cargo xtask`: the workspace's own tools.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what these tools do")]

mod bench;
mod budget;
mod ci;
mod deps;
mod fuzz;
mod install;
mod integration;
mod package;
mod parity;
mod ported;
mod serve;
mod tool;

use std::process::ExitCode;

/// A command, what it is for, and what runs it.
struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> ExitCode,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "serve",
        about: "an httpbin over HTTP and HTTPS on this machine, until Ctrl-C",
        run: |_| serve::run(),
    },
    Command {
        name: "integration",
        about: "reqs against nginx, PyPI's httpbin and multipart, squid, SOCKS servers and openssl; installs what is missing",
        run: integration::run,
    },
    Command {
        name: "bench",
        about: "reqs beside its peers; --quick in two minutes, --only NAME",
        run: bench::run,
    },
    Command {
        name: "budget",
        about: "what requests cost, counted, against bench/budget.toml; --only NAME",
        run: budget::run,
    },
    Command {
        name: "fuzz",
        about: "every fuzz target for a while: --seconds N, names of targets; needs nightly and cargo-fuzz",
        run: fuzz::run,
    },
    Command {
        name: "parity",
        about: "reqs beside Requests on the same servers; --only ID, --verbose",
        run: parity::run,
    },
    Command {
        name: "ported",
        about: "how many of Requests' own tests have their counterpart here, from tests/ported",
        run: |_| ported::run(),
    },
    Command {
        name: "deps",
        about: "the default build's crates against the budget (--list names them); licences, sources and bans of all",
        run: deps::run,
    },
    Command {
        name: "ci",
        about: "everything that .ci/run checks; names of steps run those alone",
        run: ci::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", help());
        return ExitCode::SUCCESS;
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(rest),
        None => {
            eprint!("there is no command `{name}`\n\n{}", help());
            ExitCode::from(2)
        }
    }
}

fn help() -> String {
    let width = COMMANDS.iter().map(|command| command.name.len()).max().unwrap_or_default();
    let lines = COMMANDS.iter().map(|command| format!("  {:width$}  {}\n", command.name, command.about));
    format!("usage: cargo xtask COMMAND\n\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_command_once() {
        let help = help();
        for command in COMMANDS {
            assert_eq!(help.matches(&format!("\n  {} ", command.name)).count(), 1, "{help}");
        }
    }
}
