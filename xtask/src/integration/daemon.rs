//! A server process that ends with us, and the loopback port that it gets.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::tool;

/// How long a server may take until it answers, or until it has ended.
const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(50);

/// A running server process. Dropping it asks it to end and, if it does not listen, kills it.
#[derive(Debug)]
pub(super) struct Daemon {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts a command with its output in `log`, and waits until `address` answers HTTP.
    ///
    /// # Errors
    /// When it cannot be started, ends, or answers too late: with the end of its log.
    pub(super) fn start(command: &mut Command, log: &Path, address: SocketAddr) -> Result<Daemon, String> {
        Daemon::start_and_wait(command, log, || answers_http(address))
    }

    /// As [`start`](Daemon::start), for a server that does not speak HTTP: waits until it accepts connections.
    pub(super) fn start_listening(
        command: &mut Command,
        log: &Path,
        address: SocketAddr,
    ) -> Result<Daemon, String> {
        Daemon::start_and_wait(command, log, || TcpStream::connect(address).is_ok())
    }

    fn start_and_wait(command: &mut Command, log: &Path, ready: impl Fn() -> bool) -> Result<Daemon, String> {
        let name =
            Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let errors = file.try_clone().map_err(|error| format!("{}: {error}", log.display()))?;
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let child = command.spawn().map_err(|error| format!("{name} cannot be started: {error}"))?;
        let mut daemon = Daemon { name, child, log: log.to_path_buf() };
        daemon.wait_until(ready)?;
        Ok(daemon)
    }

    fn wait_until(&mut self, ready: impl Fn() -> bool) -> Result<(), String> {
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("{} ended at once ({status}):\n{}", self.name, self.log_tail()));
            }
            if ready() {
                return Ok(());
            }
            sleep(TICK);
        }
        Err(format!("{} does not answer after {START_LIMIT:?}:\n{}", self.name, self.log_tail()))
    }

    fn log_tail(&self) -> String {
        tool::tail(&std::fs::read_to_string(&self.log).unwrap_or_default(), 15)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // The polite way first: a master that is killed leaves its workers behind.
        let _ = Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(TICK);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// So many different ports that are free now. Another process may take one before its server does;
/// then that server does not start, and says so.
pub(super) fn free_ports<const N: usize>() -> Result<[u16; N], String> {
    let mut listeners = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| format!("no free port: {error}"))?;
        *port = listener.local_addr().map_err(|error| format!("no free port: {error}"))?.port();
        listeners.push(listener);
    }
    Ok(ports)
}

pub(super) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Whether a bare GET gets an answer that begins as HTTP answers do.
fn answers_http(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<[u8; 5]> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut start = [0; 5];
        stream.read_exact(&mut start)?;
        Ok(start)
    };
    ask().is_ok_and(|start| &start == b"HTTP/")
}
