//! Running other programs, from the workspace's root.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    // Cargo sets this when it runs us, and a binary that was moved has no workspace.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What it told us about ourselves is not for others: a build script that watches these, as ring's does, would run
    // anew, and everything that stands on it would be built again.
    let told = |name: &OsStr| {
        name.to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| told(name)) {
        command.env_remove(name);
    }
    command.current_dir(root());
    command
}

/// Where a program is: on the path, or among the system's own, which Debian leaves out of a user's path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    let places = std::env::split_paths(&path).chain(system);
    places.map(|place| place.join(program)).find(|file| file.is_file())
}

/// Whether we may install packages and become other users.
pub(crate) fn is_root() -> Result<bool, String> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}

/// Runs a command to its end with its output going where ours goes.
///
/// # Errors
/// When it cannot be run or does not succeed: which command, and how it ended.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let said = describe(command);
    let status = command.status().map_err(|error| format!("`{said}` cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{said}` failed ({status})")) }
}

/// Runs a command to its end and returns what it printed.
///
/// # Errors
/// As [`run`], with the last lines that it printed.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let said = describe(command);
    let output = command.output().map_err(|error| format!("`{said}` cannot be run: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(printed);
    }
    let all = format!("{printed}{}", String::from_utf8_lossy(&output.stderr));
    Err(format!("`{said}` failed ({}):\n{}", output.status, tail(&all, 20)))
}

/// The last lines of a text.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_tells_its_name_and_its_last_words() {
        let mut fails = Command::new("sh");
        fails.args(["-c", "for n in $(seq 30); do echo line $n; done; echo reason >&2; exit 3"]);
        let error = output(&mut fails).unwrap_err();
        assert!(error.starts_with("`sh -c "), "{error}");
        assert!(error.contains("exit status: 3") && error.ends_with("line 30\nreason"), "{error}");
        assert!(!error.contains("line 10\n"), "{error}");
        assert!(run(&mut Command::new("no-such-program")).unwrap_err().contains("cannot be run"));
    }

    #[test]
    fn the_root_is_where_the_workspace_is() {
        assert!(root().join("xtask/Cargo.toml").is_file());
    }
}
