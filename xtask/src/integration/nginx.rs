//! nginx: static files, keep-alive, TLS, Basic, gzip, ranges.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqs_tests::certificates;

use super::check::{Check, Tally};
use super::daemon::{Daemon, free_ports, loopback};
use super::install;

pub(super) fn run(tally: &mut Tally) {
    if let Some(nginx) = tally.started(Nginx::start()) {
        tally.run(&nginx, CHECKS);
    }
}

/// A running nginx with a configuration of our own.
struct Nginx {
    directory: PathBuf,
    http: u16,
    https: u16,
    _daemon: Daemon,
}

impl Nginx {
    fn start() -> Result<Nginx, String> {
        install::program("nginx", "-v", "nginx-light")?;
        let directory = install::fresh_directory("nginx")?;
        let [http, https] = free_ports()?;
        write_files(&directory, http, https).map_err(|error| format!("{}: {error}", directory.display()))?;
        let mut nginx = Command::new("nginx");
        nginx.arg("-p").arg(&directory).args(["-c", "nginx.conf", "-e", "error.log"]);
        let daemon = Daemon::start(&mut nginx, &directory.join("output.log"), loopback(http))?;
        Ok(Nginx { directory, http, https, _daemon: daemon })
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.http)
    }

    fn https_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.https)
    }

    /// The connections that carried requests for that path, as the access log has them: one number per request.
    fn connections_of(&self, path: &str) -> Result<Vec<u64>, String> {
        let log = self.directory.join("access.log");
        let text = fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let of_path = |line: &str| {
            let (connection, target) = line.split_once(' ')?;
            (target == path).then(|| connection.parse().ok())?
        };
        Ok(text.lines().filter_map(of_path).collect())
    }
}

fn write_files(directory: &Path, http: u16, https: u16) -> std::io::Result<()> {
    let site = directory.join("site");
    fs::create_dir_all(site.join("private"))?;
    fs::create_dir_all(directory.join("tmp"))?;
    fs::write(site.join("index.html"), "<h1>nginx</h1>\n")?;
    fs::write(site.join("hello.txt"), "hello, world\n")?;
    fs::write(site.join("private/secret.txt"), "the secret\n")?;
    fs::write(site.join("long.txt"), LONG_LINE.repeat(LONG_LINES))?;
    fs::write(directory.join("passwords"), "user:{PLAIN}pass\n")?;
    certificates::write_server_files(directory)?;
    let config = include_str!("nginx.conf")
        .replace("@HTTP@", &http.to_string())
        .replace("@HTTPS@", &https.to_string());
    fs::write(directory.join("nginx.conf"), config)
}

const LONG_LINE: &str = "All work and no play makes a dull client.\n";
const LONG_LINES: usize = 50_000;

const CHECKS: &[Check<Nginx>] = &[];
