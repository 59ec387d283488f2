//! Builds the clients and the server, and a place for Requests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::clients::{ENTRIES, Entry, REQUESTS, Runnable};
use crate::options::Options;

/// Everybody who can be built. Each package is built alone, so that none gets the features of another. A peer that cannot
/// be built is left out, and said to be.
pub(crate) fn all(workspace: &Path, options: &Options) -> Result<Vec<Runnable>, String> {
    cargo_build(workspace, &["--package", "bench-server", "--features", "bench"])?;
    let lock = std::fs::read_to_string(workspace.join("Cargo.lock")).map_err(|error| error.to_string())?;
    let mut clients = Vec::new();
    for entry in ENTRIES.iter().filter(|entry| entry.is_compared() || options.wants_client(entry.name)) {
        match cargo_build(workspace, &["--package", entry.package]) {
            Ok(()) => clients.push(runnable(entry, &lock)?),
            Err(error) if !entry.is_compared() => eprintln!("without {}: {error}", entry.title),
            Err(error) => return Err(error),
        }
    }
    if options.wants_client(REQUESTS.name) {
        match requests(workspace) {
            Ok(requests) => clients.push(requests),
            Err(error) => eprintln!("without Python's Requests: {error}"),
        }
    }
    Ok(clients)
}

/// Where the programs lie: beside this one.
pub(crate) fn program(name: &str) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(own.with_file_name(name))
}

fn runnable(entry: &'static Entry, lock: &str) -> Result<Runnable, String> {
    Ok(Runnable {
        entry,
        program: program(entry.binary)?,
        first: None,
        version: locked(lock, entry.crate_name),
    })
}

/// The version in the lock file.
pub(crate) fn locked(lock: &str, name: &str) -> String {
    let header = format!("name = \"{name}\"\nversion = \"");
    let version = lock.split(&header).nth(1).and_then(|rest| rest.split('"').next());
    // What stands behind the plus is the version of the C library inside.
    let version = version.unwrap_or("?").split_once("+curl-").map_or(version.unwrap_or("?"), |(_, c)| c);
    version.to_owned()
}

fn cargo_build(workspace: &Path, what: &[&str]) -> Result<(), String> {
    eprintln!("building {}", what[1]);
    let mut cargo = cargo();
    cargo.current_dir(workspace).args(["build", "--quiet", "--release"]).args(what);
    let status = cargo.status().map_err(|error| format!("cargo cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{} cannot be built", what[1])) }
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What it told us about ourselves is not for others: ring's build script watches it and would run anew.
    for (name, _) in std::env::vars()
        .filter(|(name, _)| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    {
        cargo.env_remove(name);
    }
    cargo
}

/// Requests in an environment of its own, fetched once.
fn requests(workspace: &Path) -> Result<Runnable, String> {
    let venv = workspace.join("target/venv");
    let python = venv.join("bin/python");
    let version = |python: &Path| {
        let say = "import requests; print(requests.__version__)";
        let output = Command::new(python).args(["-c", say]).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if version(&python).is_none() {
        eprintln!("fetching Requests");
        quietly(Command::new("python3").arg("-m").arg("venv").arg(&venv))?;
        quietly(Command::new(&python).args(["-m", "pip", "install", "--quiet", "requests"]))?;
    }
    let version = version(&python).ok_or("it cannot be imported")?;
    let script = workspace.join("clients/python_requests.py");
    Ok(Runnable { entry: &REQUESTS, program: python, first: Some(script), version })
}

fn quietly(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("`{program}` cannot be run: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_the_lock_file() {
        let lock = "[[package]]\nname = \"ureq\"\nversion = \"3.5.2\"\n\n[[package]]\nname = \"curl-sys\"\nversion = \"0.4.91+curl-8.22.0\"\n";
        assert_eq!(locked(lock, "ureq"), "3.5.2");
        assert_eq!(locked(lock, "curl-sys"), "8.22.0");
        assert_eq!(locked(lock, "none"), "?");
    }
}
