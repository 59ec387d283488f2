//! How each figure comes about: which program runs, who watches it, and what is read from what that prints.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Requests per run where system calls and allocations are counted.
const MANY: usize = 500;
/// And where a simulated processor counts instructions, fifty times slower.
const FEW: usize = 200;

/// MiB per run, where a subject is one of them.
const MIBS: usize = 100;

/// The server, the program that is watched, and what is known already.
pub(crate) struct Bench {
    workspace: PathBuf,
    base: String,
    subject: PathBuf,
    scratch: tempfile::TempDir,
    missing: RefCell<BTreeSet<&'static str>>,
    /// Allocations and bytes come from one run.
    allocations: RefCell<BTreeMap<String, (f64, f64)>>,
}

impl Bench {
    pub(crate) fn new(workspace: &Path) -> Result<Bench, String> {
        // `cargo run` builds one program of the package alone, and this is another.
        run(cargo()
            .args(["build", "--quiet", "--release", "-p", "budget", "--bin", "subject"])
            .current_dir(workspace))?;
        let address = on_one_core(bench_server::start)?
            .map_err(|error| format!("the server does not start: {error}"))?;
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        Ok(Bench {
            workspace: workspace.to_owned(),
            base: format!("http://{address}"),
            subject: own.with_file_name("subject"),
            scratch: tempfile::tempdir().map_err(|error| error.to_string())?,
            missing: RefCell::default(),
            allocations: RefCell::default(),
        })
    }

    /// The figure, rounded to hundredths; `None` where the tool for it is missing.
    pub(crate) fn measure(&self, subject: &str, figure: &str) -> Result<Option<f64>, String> {
        let measured = match (subject, figure) {
            ("default-build", "crates") => self.crates().map(Some),
            ("minimal-binary", "MiB") => self.minimal_size().map(Some),
            (_, "syscalls") => self.difference("strace", subject, many(subject), Self::syscalls),
            (_, "instructions") => self.difference("valgrind", subject, FEW, Self::instructions),
            (_, "allocations") => self.allocations(subject).map(|(count, _)| Some(count)),
            (_, "bytes") => self.allocations(subject).map(|(_, bytes)| Some(bytes)),
            _ => return Err(format!("`{figure}` of `{subject}` cannot be measured: no such figure")),
        }?;
        Ok(measured.map(|value| (value * 100.0).round() / 100.0))
    }

    pub(crate) fn missing_tools(&self) -> Vec<&'static str> {
        self.missing.borrow().iter().copied().collect()
    }

    /// What one request adds, from a run with `count` requests and one with twice as many.
    fn difference(
        &self,
        tool: &'static str,
        subject: &str,
        count: usize,
        total: fn(&Self, &str, usize) -> Result<f64, String>,
    ) -> Result<Option<f64>, String> {
        if !exists(tool) {
            self.missing.borrow_mut().insert(tool);
            return Ok(None);
        }
        let (once, twice) = (total(self, subject, count)?, total(self, subject, 2 * count)?);
        Ok(Some((twice - once) / count as f64))
    }

    fn syscalls(&self, subject: &str, count: usize) -> Result<f64, String> {
        let summary = self.scratch.path().join("strace");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-c", "-U", "calls,name", "-o"]).arg(&summary);
        strace.arg(&self.subject).args([subject, &self.base]).arg(count.to_string());
        on_one_core(|| run(unsaid(&mut strace)))??;
        let summary = std::fs::read_to_string(&summary).map_err(|error| error.to_string())?;
        summary
            .lines()
            .find_map(|line| line.trim().strip_suffix("total")?.trim().parse().ok())
            .ok_or_else(|| format!("strace's summary has no total:\n{summary}"))
    }

    fn instructions(&self, subject: &str, count: usize) -> Result<f64, String> {
        let mut valgrind = Command::new("valgrind");
        valgrind.arg("--tool=callgrind");
        let out = self.scratch.path().join("callgrind");
        valgrind.arg(format!("--callgrind-out-file={}", out.display()));
        valgrind.arg(&self.subject).args([subject, &self.base]).arg(count.to_string());
        let printed = on_one_core(|| run(unsaid(&mut valgrind)))??;
        printed
            .lines()
            .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
            .ok_or_else(|| format!("valgrind tells no total:\n{printed}"))
    }

    fn allocations(&self, subject: &str) -> Result<(f64, f64), String> {
        if let Some(known) = self.allocations.borrow().get(subject) {
            return Ok(*known);
        }
        let printed = run(unsaid(Command::new(&self.subject).args([
            subject,
            &self.base,
            &many(subject).to_string(),
            "count",
        ])))?;
        let numbers =
            printed.trim().split_once(' ').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        let numbers = numbers.ok_or_else(|| format!("the subject tells no numbers: {printed}"))?;
        self.allocations.borrow_mut().insert(subject.to_owned(), numbers);
        Ok(numbers)
    }

    /// Crates that a default build of the facade compiles, its own included.
    fn crates(&self) -> Result<f64, String> {
        let mut tree = cargo();
        tree.args(["tree", "--locked", "-e", "normal", "-p", "reqs", "--prefix", "none", "--no-dedupe"]);
        let printed = run(tree.current_dir(self.workspace.join("..")))?;
        let crates: BTreeSet<&str> = printed
            .lines()
            .filter_map(|line| line.split(" (").next())
            .filter(|name| !name.is_empty())
            .collect();
        Ok(crates.len() as f64)
    }

    /// The size of a small program, which is built beside the subject with the same optimisations, and stripped.
    fn minimal_size(&self) -> Result<f64, String> {
        run(cargo().args(["build", "--quiet", "--release", "-p", "minimal"]).current_dir(&self.workspace))?;
        let built = self.subject.with_file_name("minimal");
        let size = std::fs::metadata(&built).map_err(|error| format!("{}: {error}", built.display()))?.len();
        Ok(size as f64 / (1024.0 * 1024.0))
    }
}

/// How many of a subject are in a run where system calls and allocations are counted.
fn many(subject: &str) -> usize {
    if subject.ends_with("-mib") { MIBS } else { MANY }
}

/// Does `work` where this thread, and the threads and processes that come from it there, share one core. How much has
/// arrived when a read is made is then no accident: one side works until it has to wait for the other.
fn on_one_core<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let this = Pid::from_raw(0);
    let all = sched_getaffinity(this).map_err(|error| error.to_string())?;
    let mut one = CpuSet::new();
    let first = (0..CpuSet::count()).find(|core| all.is_set(*core).unwrap_or(false)).unwrap_or_default();
    one.set(first).and_then(|()| sched_setaffinity(this, &one)).map_err(|error| error.to_string())?;
    let result = work();
    sched_setaffinity(this, &all).map_err(|error| error.to_string())?;
    Ok(result)
}

/// The cargo that runs us.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What it told us about ourselves is not for others: a build script that watches these, as ring's does, would run
    // anew, and everything that stands on it would be built again.
    for (name, _) in std::env::vars()
        .filter(|(name, _)| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    {
        command.env_remove(name);
    }
    command
}

/// Without what the environment says to reqs: its proxies would be between us and the server, and any of it is one more
/// level of settings to merge into every request.
fn unsaid(command: &mut Command) -> &mut Command {
    let says_something = |name: &str| {
        name.to_ascii_lowercase().ends_with("_proxy")
            || matches!(name, "REQUESTS_CA_BUNDLE" | "CURL_CA_BUNDLE" | "NETRC")
    };
    for (name, _) in std::env::vars().filter(|(name, _)| says_something(name)) {
        command.env_remove(name);
    }
    command
}

fn exists(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Runs to the end, with everything that it printed.
fn run(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("`{program}` cannot be run: {error}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("`{program}` failed ({}):\n{stdout}{stderr}", output.status));
    }
    Ok(if stdout.is_empty() { stderr.into_owned() } else { stdout.into_owned() })
}
