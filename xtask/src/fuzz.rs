//! `cargo xtask fuzz [--seconds N] [TARGET …]`: every fuzz target for a while, with what each executed.
//!
//! Needs a nightly toolchain and cargo-fuzz. The seeds are those that the crates' own tests replay on stable.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::tool;

/// How long each target runs unless told.
const SECONDS: u64 = 60;

/// Runs the targets that are named, or all.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let (seconds, names) = match parse(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    match fuzz(seconds, &names) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(crashes) => {
            eprintln!("{crashes} of the targets found something; see fuzz/artifacts");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Result<(u64, Vec<String>), String> {
    let mut seconds = SECONDS;
    let mut names = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--seconds" => {
                let number = rest.next().and_then(|number| number.parse().ok());
                seconds = number.ok_or("--seconds wants a whole number")?;
            }
            option if option.starts_with('-') => return Err(format!("there is no option {option}")),
            name => names.push(name.to_owned()),
        }
    }
    Ok((seconds, names))
}

/// Runs the targets one after the other, and tells how many found something.
fn fuzz(seconds: u64, names: &[String]) -> Result<usize, String> {
    let list = tool::output(nightly().arg("list")).map_err(|error| {
        format!(
            "fuzzing needs a nightly toolchain and cargo-fuzz (`cargo install --locked cargo-fuzz`): {error}"
        )
    })?;
    let targets: Vec<&str> =
        list.lines().filter(|target| names.is_empty() || names.iter().any(|name| name == target)).collect();
    if targets.is_empty() {
        return Err(format!(
            "there is no such target; there are {}",
            list.split_whitespace().collect::<Vec<_>>().join(", ")
        ));
    }
    tool::run(nightly().arg("build"))?;
    let mut crashes = 0;
    for (at, target) in targets.iter().enumerate() {
        eprintln!("{} of {}: {target}, {seconds} s", at + 1, targets.len());
        let time = format!("-max_total_time={seconds}");
        // libFuzzer wants the directory that new inputs go to.
        let corpus = format!("corpus/{target}");
        std::fs::create_dir_all(tool::root().join("fuzz").join(&corpus))
            .map_err(|error| error.to_string())?;
        let mut command = nightly();
        command.args(["run", target, &corpus]).args(seeds(target));
        command.args(["--", &time, "-rss_limit_mb=2048", "-print_final_stats=1"]);
        match captured(&mut command) {
            Ok(said) => println!("{target:<22} {:>12} executions, no crash", executions(&said)),
            Err(error) => {
                crashes += 1;
                println!("{target:<22} FAILED\n{error}");
            }
        }
    }
    Ok(crashes)
}

/// Seeds that are committed, where the target has some.
fn seeds(target: &str) -> Option<PathBuf> {
    let (krate, name) = target.split_once('_')?;
    let seeds = tool::root().join(format!("crates/reqs-{krate}/tests/corpus/{name}"));
    seeds.is_dir().then_some(seeds)
}

fn nightly() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(tool::root().join("fuzz")).args(["+nightly", "fuzz"]);
    // A toolchain that is named by the cargo that runs us would win over the one named here.
    for variable in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "CARGO_TARGET_DIR"] {
        command.env_remove(variable);
    }
    command
}

/// What the command printed, on either side: libFuzzer reports on stderr.
fn captured(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("cargo cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(said) } else { Err(tool::tail(&said, 30)) }
}

fn executions(said: &str) -> &str {
    let line = said.lines().find(|line| line.starts_with("stat::number_of_executed_units"));
    line.and_then(|line| line.rsplit(' ').next()).unwrap_or("an unknown number of")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_seconds_and_names() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parse(&words("")), Ok((SECONDS, vec![])));
        assert_eq!(parse(&words("--seconds 5 proto_gzip")), Ok((5, words("proto_gzip"))));
        assert!(parse(&words("--seconds x")).is_err());
        assert!(parse(&words("--fast")).is_err());
    }

    #[test]
    fn libfuzzers_count_is_found() {
        assert_eq!(executions("x\nstat::number_of_executed_units: 628792\ny"), "628792");
    }
}
