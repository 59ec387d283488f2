//! Packing every crate that will be published, and building each from its package with the others' packages.

use std::path::PathBuf;
use std::{env, fs, io};

use crate::tool::{cargo, run as run_command};

/// Packs and builds.
///
/// # Errors
/// When a crate cannot be packed, or does not build from its package.
pub(crate) fn run() -> Result<(), String> {
    forget_unpacked().map_err(|error| format!("old packages cannot be removed: {error}"))?;
    let mut package = cargo();
    package.args(["package", "--workspace", "--exclude", "reqs-tests", "--exclude", "xtask"]);
    package.args(["--locked", "--allow-dirty"]);
    run_command(&mut package)
}

/// Cargo keeps what it unpacked of a version, also where the version is one that is still being written: another run
/// would build a crate against the packages of the run before.
fn forget_unpacked() -> io::Result<()> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let Some(Ok(registries)) = home.map(|home| fs::read_dir(home.join("registry/src"))) else {
        return Ok(());
    };
    for registry in registries {
        let registry = registry?;
        // Registries on the network have the name of their host before the hyphen.
        if !registry.file_name().to_string_lossy().starts_with('-') {
            continue;
        }
        for unpacked in fs::read_dir(registry.path())? {
            let unpacked = unpacked?;
            let name = unpacked.file_name();
            if name.to_string_lossy().starts_with("reqs-") {
                fs::remove_dir_all(unpacked.path())?;
            }
        }
    }
    Ok(())
}
