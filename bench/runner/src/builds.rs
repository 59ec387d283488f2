//! `cargo xtask bench --builds`: what the smallest program on reqs and on ureq costs to build from nothing, and its size.
//!
//! ureq stands here twice, with its defaults and with the features that reqs has by default: what takes the time is mostly
//! crates that both then have.

use std::fs;
use std::path::Path;
use std::process::Command;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::build;
use crate::options::Options;

/// Medians of fewer move about; each takes minutes.
const ROUNDS: usize = 3;

const UREQ_FEATURES: &str =
    r#"["brotli", "charset", "cookies", "json", "multipart", "platform-verifier", "socks-proxy"]"#;

const UREQ_MAIN: &str = r#"fn main() -> Result<(), ureq::Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "https://example.org/".to_owned());
    print!("{}", ureq::get(url).call()?.body_mut().read_to_string()?);
    Ok(())
}
"#;

struct Program {
    title: String,
    dependency: String,
    main: String,
    /// Processor seconds of each build.
    seconds: Vec<f64>,
    bytes: u64,
}

/// Builds them in turn and prints the table.
pub(crate) fn compare(workspace: &Path, options: &Options) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut programs = programs(workspace)?;
    for program in &programs {
        lay_out(&scratch.path().join(&program.title), program)?;
    }
    let rounds = options.rounds_or(ROUNDS);
    for round in 1..=rounds {
        for program in &mut programs {
            eprintln!("round {round} of {rounds}: {}", program.title);
            build_anew(&scratch.path().join(&program.title), program)?;
        }
    }
    print!("{}", markdown(&mut programs));
    Ok(())
}

fn programs(workspace: &Path) -> Result<Vec<Program>, String> {
    let read =
        |path: &str| fs::read_to_string(workspace.join(path)).map_err(|error| format!("{path}: {error}"));
    let ureq = build::locked(&read("Cargo.lock")?, "ureq");
    let program = |title: &str, dependency: String, main: &str| Program {
        title: title.to_owned(),
        dependency,
        main: main.to_owned(),
        seconds: Vec::new(),
        bytes: 0,
    };
    let reqs = workspace.join("../crates/reqs");
    Ok(vec![
        program("reqs", format!("reqs = {{ path = {reqs:?} }}"), &read("minimal/src/main.rs")?),
        program("ureq", format!("ureq = \"={ureq}\""), UREQ_MAIN),
        program(
            "ureq with the features of reqs",
            format!("ureq = {{ version = \"={ureq}\", features = {UREQ_FEATURES} }}"),
            UREQ_MAIN,
        ),
    ])
}

/// A package of its own, with what it needs fetched.
fn lay_out(folder: &Path, program: &Program) -> Result<(), String> {
    let manifest = format!(
        "[package]\nname = \"minimal\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{}\n\n[profile.release]\nstrip = true\n\n[workspace]\n",
        program.dependency
    );
    let write = |path: &str, text: &str| fs::write(folder.join(path), text);
    fs::create_dir_all(folder.join("src"))
        .and_then(|()| write("Cargo.toml", &manifest))
        .and_then(|()| write("src/main.rs", &program.main))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    run(cargo(folder).arg("fetch"))
}

fn build_anew(folder: &Path, program: &mut Program) -> Result<(), String> {
    run(cargo(folder).arg("clean"))?;
    let before = spent()?;
    run(cargo(folder).args(["build", "--release", "--offline"]))?;
    program.seconds.push(spent()? - before);
    let built = folder.join("target/release/minimal");
    program.bytes = fs::metadata(&built).map_err(|error| format!("{}: {error}", built.display()))?.len();
    Ok(())
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = build::cargo();
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", folder.join("target")).arg("--quiet");
    cargo
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("cargo cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed: {status}")) }
}

/// Processor seconds of all children so far.
fn spent() -> Result<f64, String> {
    let usage: Usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    Ok((usage.user_time() + usage.system_time()).num_milliseconds() as f64 / 1000.0)
}

fn markdown(programs: &mut [Program]) -> String {
    let medians: Vec<f64> = programs.iter_mut().map(|program| median(&mut program.seconds)).collect();
    let own = medians.first().copied().unwrap_or_default();
    let rows = programs.iter().zip(&medians).map(|(program, seconds)| {
        let mib = program.bytes as f64 / (1024.0 * 1024.0);
        format!("| {} | {seconds:.1} | {:.2} | {mib:.2} |\n", program.title, own / seconds)
    });
    let head = "| a program on | processor seconds of a clean release build | reqs to it | stripped, MiB |\n\
                |---|---:|---:|---:|\n";
    head.to_owned() + &rows.collect::<String>()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_beside_reqs() {
        let program = |title: &str, seconds: &[f64], bytes| Program {
            title: title.to_owned(),
            dependency: String::new(),
            main: String::new(),
            seconds: seconds.to_vec(),
            bytes,
        };
        let table =
            markdown(&mut [program("reqs", &[9.0, 6.0, 5.0], 3 << 20), program("x", &[12.0], 1 << 19)]);
        assert!(table.contains("\n| reqs | 6.0 | 1.00 | 3.00 |\n| x | 12.0 | 0.50 | 0.50 |\n"), "{table}");
    }
}
