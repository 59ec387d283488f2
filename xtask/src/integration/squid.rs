//! squid: an HTTP proxy with and without a password, for requests and for tunnels.

use std::fs;
use std::path::Path;
use std::process::Command;

use reqs::ErrorKind;
use reqs_tests::httpbin;
use serde_json::Value;
use tempfile::TempDir;

use super::check::{Check, FINE, Outcome, Tally, fails, same};
use super::daemon::{Daemon, free_ports, loopback};
use crate::{install, tool};

pub(super) fn run(tally: &mut Tally) {
    if let Some(squid) = tally.started(Squid::start()) {
        tally.run(&squid, CHECKS);
    }
}

/// A running squid, and the server that is reached through it.
struct Squid {
    open: u16,
    locked: u16,
    target: httpbin::Server,
    _daemon: Daemon,
    _directory: TempDir,
}

impl Squid {
    fn start() -> Result<Squid, String> {
        let program = install::program("squid", "squid")?;
        // Started by root, squid becomes another user, who may read nothing below a home directory.
        let directory = tempfile::Builder::new().prefix("reqs-squid-").tempdir();
        let directory = directory.map_err(|error| format!("no temporary directory: {error}"))?;
        let [open, locked] = free_ports()?;
        write_files(directory.path(), open, locked).map_err(|error| format!("squid's files: {error}"))?;
        give_to_squid(directory.path())?;
        let mut squid = Command::new(program);
        squid.args(["-N", "-f"]).arg(directory.path().join("squid.conf"));
        let log = directory.path().join("output.log");
        let daemon = Daemon::start(&mut squid, &log, loopback(open))?;
        Ok(Squid { open, locked, target: httpbin::start(), _daemon: daemon, _directory: directory })
    }

    fn open(&self) -> String {
        format!("http://127.0.0.1:{}", self.open)
    }

    fn locked(&self, credentials: &str) -> String {
        format!("http://{credentials}127.0.0.1:{}", self.locked)
    }

    /// A session whose every request goes through that proxy, and which trusts the target.
    fn session(&self, proxy: &str) -> reqs::Session {
        let mut s = reqs::Session::new();
        s.proxies = [("http", proxy), ("https", proxy)].into();
        s.verify = Some(self.target.ca_file().into());
        s
    }
}

fn write_files(directory: &Path, open: u16, locked: u16) -> std::io::Result<()> {
    // user:pass, as htpasswd writes it.
    fs::write(directory.join("passwords"), "user:$apr1$abcdefgh$rK/lObuciIG5ziaV8BdHR/\n")?;
    let helpers = ["/usr/lib/squid", "/usr/lib64/squid", "/usr/libexec/squid"];
    let helper =
        helpers.iter().map(|place| Path::new(place).join("basic_ncsa_auth")).find(|helper| helper.exists());
    let helper = helper.ok_or_else(|| std::io::Error::other("squid's basic_ncsa_auth is nowhere"))?;
    let config = include_str!("squid.conf")
        .replace("@OPEN@", &open.to_string())
        .replace("@LOCKED@", &locked.to_string())
        .replace("@HELPER@", &helper.display().to_string())
        .replace("@DIRECTORY@", &directory.display().to_string());
    fs::write(directory.join("squid.conf"), config)
}

/// Lets the user that squid becomes write into its directory.
fn give_to_squid(directory: &Path) -> Result<(), String> {
    if tool::is_root()? {
        tool::run(Command::new("chown").args(["-R", "proxy"]).arg(directory))?;
    }
    Ok(())
}

const CHECKS: &[Check<Squid>] = &[
    Check {
        name: "a request through the proxy, which says so",
        run: |squid| {
            let r = squid.session(&squid.open()).get(squid.target.url("/get")).send()?;
            let value: Value = r.json()?;
            same("url", &value["url"], squid.target.url("/get").as_str())?;
            same("Via", value["headers"]["Via"].is_string(), true)?;
            same("Via of the answer", r.headers().contains("via"), true)?;
            FINE
        },
    },
    Check {
        name: "HTTPS through a tunnel, in which the proxy can say nothing",
        run: |squid| {
            let r = squid.session(&squid.open()).get(squid.target.https_url("/get")).send()?;
            let value: Value = r.json()?;
            same("Via", &value["headers"]["Via"], &Value::Null)?;
            same("text", &value["url"], squid.target.https_url("/get").as_str())?;
            FINE
        },
    },
    Check {
        name: "ten GETs of a session through one tunnel",
        run: |squid| {
            let s = squid.session(&squid.open());
            let before = squid.target.connections();
            for _ in 0..10 {
                s.get(squid.target.https_url("/get")).send()?.raise_for_status()?;
            }
            same("connections at the target", squid.target.connections() - before, 1)?;
            FINE
        },
    },
    Check {
        name: "a proxy with a password lets in those who have it",
        run: |squid| {
            let s = squid.session(&squid.locked("user:pass@"));
            same("status", s.get(squid.target.url("/get")).send()?.status().as_u16(), 200)?;
            same("status", s.get(squid.target.https_url("/get")).send()?.status().as_u16(), 200)?;
            let value: Value = s.get(squid.target.url("/headers")).send()?.json()?;
            same("Proxy-Authorization", &value["headers"]["Proxy-Authorization"], &Value::Null)?;
            FINE
        },
    },
    Check { name: "and refuses those who have not, each in its own way", run: refused },
    Check {
        name: "a server that is not there",
        run: |squid| {
            let s = squid.session(&squid.open());
            let nowhere = reqs_tests::tarpit::refused();
            same("status", s.get(format!("http://{nowhere}/")).send()?.status().as_u16(), 503)?;
            let error = fails(s.get(format!("https://{nowhere}/")).send(), ErrorKind::Proxy)?;
            Ok(error.to_string())
        },
    },
];

fn refused(squid: &Squid) -> Outcome {
    let s = squid.session(&squid.locked("user:hunter2@"));
    same("status", s.get(squid.target.url("/get")).send()?.status().as_u16(), 407)?;
    let error = fails(s.get(squid.target.https_url("/get")).send(), ErrorKind::Proxy)?;
    let said = error.to_string();
    same("the password in the message", said.contains("hunter2"), false)?;
    Ok(said)
}
