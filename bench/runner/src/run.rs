//! One client in one scenario: a process that tells what it took, or is watched from outside where the process itself
//! is what is measured.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bench_harness::{Clock, Scenario, UNABLE, Work};
use nix::sys::resource::{UsageWho, getrusage};

use crate::build;
use crate::clients::Runnable;
use crate::options::Options;

/// What became of a run.
pub(crate) enum Outcome {
    /// Nanoseconds per request.
    Took(f64),
    /// The client does not do such things.
    Unable,
}

/// A server that ends with this value.
pub(crate) struct Server {
    child: Child,
    plain: String,
    tls: String,
    authority: PathBuf,
}

impl Server {
    pub(crate) fn start(authority: &Path, core: Option<usize>) -> Result<Server, String> {
        let mut command = Command::new(build::program("bench-server")?);
        command.arg(authority).args(core.map(|core| core.to_string()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("the server cannot be run: {error}"))?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("the server has no output")?;
        BufReader::new(out).read_line(&mut line).map_err(|error| error.to_string())?;
        let addresses = line.trim().split_once(' ').ok_or("the server tells no addresses")?;
        let (plain, tls) = (format!("http://{}", addresses.0), format!("https://{}", addresses.1));
        Ok(Server { child, plain, tls, authority: authority.to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends when its input does.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Runs it once.
pub(crate) fn one(
    client: &Runnable,
    scenario: &Scenario,
    server: &Server,
    options: &Options,
) -> Result<Outcome, String> {
    let asked = if options.quick { scenario.quick } else { scenario.count };
    let count = (asked / client.entry.slow).max(1);
    let mut command = client.command();
    command.arg(scenario.name).arg(if scenario.tls { &server.tls } else { &server.plain });
    command.arg(&server.authority).arg(count.to_string()).arg(if options.quick { "quick" } else { "full" });
    command.arg(if scenario.pinned { options.core.to_string() } else { "-".to_owned() });
    command.env("SSL_CERT_FILE", &server.authority);
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    let failed = |said: &str| format!("{} failed in {}: {said}", client.entry.title, scenario.name);

    if let Work::Start(_) = scenario.work {
        let (wall, cpu) = (Instant::now(), children()?);
        for _ in 0..count {
            let output = command.output().map_err(|error| failed(&error.to_string()))?;
            if !output.status.success() {
                return Err(failed(&String::from_utf8_lossy(&output.stderr)));
            }
        }
        let (wall, cpu) = (wall.elapsed(), children()? - cpu);
        return Ok(Outcome::Took(per_request(scenario, wall, cpu, count)));
    }

    let output = command.output().map_err(|error| failed(&error.to_string()))?;
    if output.status.code() == Some(UNABLE) {
        return Ok(Outcome::Unable);
    }
    if !output.status.success() {
        return Err(failed(&String::from_utf8_lossy(&output.stderr)));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    let times = printed.trim().split_once(' ').and_then(|(wall, cpu)| {
        Some((Duration::from_nanos(wall.parse().ok()?), Duration::from_nanos(cpu.parse().ok()?)))
    });
    let (wall, cpu) = times.ok_or_else(|| failed(&printed))?;
    Ok(Outcome::Took(per_request(scenario, wall, cpu, count)))
}

fn per_request(scenario: &Scenario, wall: Duration, cpu: Duration, count: u64) -> f64 {
    let time = match scenario.clock {
        Clock::Cpu => cpu,
        Clock::Wall => wall,
    };
    time.as_nanos() as f64 / count as f64
}

/// Processor time of all processes that were started here and have ended.
fn children() -> Result<Duration, String> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let of = |time: nix::sys::time::TimeVal| {
        let microseconds = time.tv_sec() * 1_000_000 + time.tv_usec();
        Duration::from_micros(u64::try_from(microseconds).unwrap_or_default())
    };
    Ok(of(usage.user_time()) + of(usage.system_time()))
}
