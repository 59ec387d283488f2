//! The side of Requests: Python processes that read cases and print what came of them.

use std::io::{BufRead, BufReader, Write};
use std::panic::resume_unwind;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::install;

/// What is compared with, to the digit. Brotli's decoder, so that both sides ask for the same codings.
const REQUIREMENTS: &str = "requests==2.34.2 urllib3==2.8.0 PySocks==1.7.1 brotli==1.2.1";

/// The longest time for one case: more than the timeouts of its requests.
const LIMIT: Duration = Duration::from_secs(60);

/// What differs between the sides by name.
pub(super) struct Facts {
    /// The version of Requests; of reqs, nothing.
    pub(super) requests: String,
    /// The default User-Agent.
    pub(super) user_agent: String,
    /// The default Accept-Encoding.
    pub(super) accept_encoding: String,
}

impl Facts {
    /// Those of reqs.
    pub(super) fn ours() -> Facts {
        let headers = reqs::default_headers();
        Facts {
            requests: String::new(),
            user_agent: reqs::default_user_agent().to_owned(),
            accept_encoding: headers["Accept-Encoding"].to_owned(),
        }
    }

    fn read(line: &str) -> Option<Facts> {
        let value: Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Some(Facts {
            requests: text("requests")?,
            user_agent: text("user_agent")?,
            accept_encoding: text("accept_encoding")?,
        })
    }
}

/// The process. Dropping it ends it.
pub(super) struct Python {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    facts: Facts,
}

impl Python {
    /// Starts so many runners at once, in an environment that is made at the first time.
    ///
    /// # Errors
    /// When there is no Python, or it cannot be installed or started.
    pub(super) fn start_all(runner: &Path, count: usize) -> Result<Vec<Python>, String> {
        let python = install::python_environment("parity", REQUIREMENTS)
            .map_err(|error| format!("the Python environment cannot be made: {error}"))?
            .join("bin/python");
        thread::scope(|scope| {
            let start = || scope.spawn(|| Python::start(&python, runner));
            let starting: Vec<_> = (0..count).map(|_| start()).collect();
            starting
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        })
    }

    fn start(python: &Path, runner: &Path) -> Result<Python, String> {
        let mut command = Command::new(python);
        command.arg(runner).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("Python cannot be started: {error}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("Python has no pipes".to_owned());
        };
        let (send, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let first = lines.recv_timeout(LIMIT).map_err(|error| format!("Python says nothing: {error}"))?;
        let facts = Facts::read(&first).ok_or_else(|| format!("Python says `{first}`"))?;
        Ok(Python { child, input, lines, facts })
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What Requests makes of a case.
    ///
    /// # Errors
    /// When the runner ends, hangs, or cannot make sense of the case.
    pub(super) fn play(&mut self, case: &Value) -> Result<Value, String> {
        let explain = |error: String| format!("{}, in Python: {error}", case["id"].as_str().unwrap_or("?"));
        writeln!(self.input, "{case}").map_err(|error| explain(error.to_string()))?;
        let line = self.lines.recv_timeout(LIMIT).map_err(|error| explain(error.to_string()))?;
        let result: Value = serde_json::from_str(&line).map_err(|error| explain(error.to_string()))?;
        match result.get("broken").and_then(Value::as_str) {
            Some(broken) => Err(explain(broken.to_owned())),
            None => Ok(result),
        }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
