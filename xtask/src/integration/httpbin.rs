//! PyPI's `httpbin` under gunicorn.

use std::process::Command;

use super::check::{Check, Tally};
use super::daemon::{Daemon, free_ports, loopback};
use super::install;

pub(super) fn run(tally: &mut Tally) {
    if let Some(httpbin) = tally.started(Httpbin::start()) {
        tally.run(&httpbin, CHECKS);
    }
}

/// A running httpbin.
struct Httpbin {
    port: u16,
    _daemon: Daemon,
}

impl Httpbin {
    fn start() -> Result<Httpbin, String> {
        let environment = install::python_environment("python", include_str!("requirements.txt"))?;
        let directory = install::fresh_directory("httpbin")?;
        let [port] = free_ports()?;
        let mut gunicorn = Command::new(environment.join("bin/gunicorn"));
        gunicorn.args([
            "--bind",
            &format!("127.0.0.1:{port}"),
            "--worker-class",
            "gthread",
            "--threads",
            "4",
        ]);
        gunicorn.args(["--keep-alive", "30", "--worker-tmp-dir"]).arg(&directory).arg("httpbin:app");
        gunicorn.current_dir(&directory);
        let daemon = Daemon::start(&mut gunicorn, &directory.join("gunicorn.log"), loopback(port))?;
        Ok(Httpbin { port, _daemon: daemon })
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

const CHECKS: &[Check<Httpbin>] = &[];
