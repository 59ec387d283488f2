//! Getting what we compare with onto the machine: Debian packages, and Python packages in environments of our own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::tool;

/// Where a program is, from its Debian package if it was missing.
///
/// # Errors
/// When it is missing and cannot be installed: how a person would.
pub(crate) fn program(name: &str, package: &str) -> Result<PathBuf, String> {
    if let Some(found) = tool::find(name) {
        return Ok(found);
    }
    debian_package(package).map_err(|error| format!("{name} is missing: {error}"))?;
    tool::find(name).ok_or_else(|| format!("the package {package} brought no {name}"))
}

/// Installs a Debian package without its services starting.
pub(crate) fn debian_package(package: &str) -> Result<(), String> {
    if tool::find("apt-get").is_none() {
        return Err(format!("install {package} (there is no apt-get here to do it)"));
    }
    if !tool::is_root()? {
        return Err(format!("`sudo apt-get install {package}` would bring it"));
    }
    println!("  installing {package}");
    let install = || {
        let mut command = apt_get();
        // The services of these packages would take ports of the machine: ours are started by hand.
        command.env("RUNLEVEL", "1").args(["install", "--yes", "--no-install-recommends", package]);
        tool::output(&mut command)
    };
    // On a bare machine the lists of packages come first.
    if install().is_err() {
        tool::output(apt_get().arg("update"))?;
        install()?;
    }
    Ok(())
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet").stdin(Stdio::null());
    command
}

/// A Python environment under `target/` with these requirements, made once and kept.
///
/// # Errors
/// When there is no Python, or a package cannot be installed.
pub(crate) fn python_environment(name: &str, requirements: &str) -> Result<PathBuf, String> {
    let directory = tool::root().join("target/python").join(name);
    let stamp = directory.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == requirements) {
        return Ok(directory);
    }

    let python = program("python3", "python3")?;
    println!("  installing Python packages into target/python/{name}");
    if make_environment(&python, &directory).is_err() {
        // Debian splits the module from the interpreter.
        debian_package("python3-venv")?;
        make_environment(&python, &directory)?;
    }
    let mut pip = Command::new(directory.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(requirements.split_whitespace());
    tool::output(&mut pip)?;
    std::fs::write(&stamp, requirements).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(directory)
}

fn make_environment(python: &Path, directory: &Path) -> Result<String, String> {
    tool::output(Command::new(python).args(["-m", "venv", "--clear"]).arg(directory))
}

/// A directory under `target/` for one server's files, empty.
pub(crate) fn fresh_directory(name: &str) -> Result<PathBuf, String> {
    let directory = tool::root().join("target/integration").join(name);
    let explain = |error: std::io::Error| format!("{}: {error}", directory.display());
    match std::fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(explain(error)),
        _ => std::fs::create_dir_all(&directory).map_err(explain)?,
    }
    Ok(directory)
}
