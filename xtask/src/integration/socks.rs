//! dante, a SOCKS 4 and 5 server, and microsocks, a SOCKS 5 server with a password.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use reqs::ErrorKind;
use reqs_tests::httpbin;
use serde_json::Value;

use super::check::{Check, Tally, fails, same};
use super::daemon::{Daemon, free_ports, loopback};
use crate::install;

pub(super) fn run(tally: &mut Tally) {
    if let Some(socks) = tally.started(Socks::start()) {
        tally.run(&socks, CHECKS);
    }
}

/// Both servers, and the server that is reached through them.
struct Socks {
    dante: SocketAddr,
    microsocks: SocketAddr,
    target: httpbin::Server,
    _daemons: [Daemon; 2],
}

impl Socks {
    fn start() -> Result<Socks, String> {
        let danted = install::program("danted", "dante-server")?;
        let micro = install::program("microsocks", "microsocks")?;
        let directory = install::fresh_directory("socks")?;
        let [dante, microsocks] = free_ports()?.map(loopback);

        let config = directory.join("danted.conf");
        let text = include_str!("danted.conf").replace("@PORT@", &dante.port().to_string());
        fs::write(&config, text).map_err(|error| format!("{}: {error}", config.display()))?;
        let mut command = Command::new(danted);
        command.arg("-f").arg(&config).arg("-p").arg(directory.join("danted.pid"));
        let dante_daemon = Daemon::start_listening(&mut command, &directory.join("danted.log"), dante)?;

        let mut command = Command::new(micro);
        command.args(["-i", "127.0.0.1", "-p", &microsocks.port().to_string(), "-u", "user", "-P", "pass"]);
        let micro_daemon =
            Daemon::start_listening(&mut command, &directory.join("microsocks.log"), microsocks)?;
        Ok(Socks { dante, microsocks, target: httpbin::start(), _daemons: [dante_daemon, micro_daemon] })
    }

    /// What one request over HTTP and one over HTTPS through that proxy say; the URL that the server saw.
    fn both(&self, proxy: &str) -> Result<(), Box<dyn std::error::Error>> {
        let mut s = reqs::Session::new();
        s.proxies = [("http", proxy), ("https", proxy)].into();
        s.verify = Some(self.target.ca_file().into());
        for url in [self.target.localhost_url("/get"), self.target.https_url("/get")] {
            let value: Value = s.get(&url).send()?.raise_for_status()?.json()?;
            same("url", &value["url"], url.as_str())?;
        }
        Ok(())
    }
}

const CHECKS: &[Check<Socks>] = &[
    Check {
        name: "HTTP and HTTPS through SOCKS, old and new, names resolved here and there",
        run: |socks| {
            // Not 4a: dante takes its 0.0.0.1 for an address.
            let schemes = ["socks5", "socks5h", "socks4"];
            for scheme in schemes {
                socks
                    .both(&format!("{scheme}://{}", socks.dante))
                    .map_err(|error| format!("{scheme}: {error}"))?;
            }
            Ok(schemes.join(", "))
        },
    },
    Check {
        name: "a password lets in, a wrong one does not",
        run: |socks| {
            socks.both(&format!("socks5://user:pass@{}", socks.microsocks))?;
            let wrong = format!("socks5h://user:hunter2@{}", socks.microsocks);
            let request = reqs::get(socks.target.url("/get")).proxy("http", &wrong);
            let said = fails(request.send(), ErrorKind::Proxy)?.to_string();
            same("the password in the message", said.contains("hunter2"), false)?;
            Ok(said)
        },
    },
    Check {
        name: "a server that is not there",
        run: |socks| {
            let nowhere = format!("http://{}/", reqs_tests::tarpit::refused());
            let request = reqs::get(&nowhere).proxy("http", format!("socks5://{}", socks.dante));
            Ok(fails(request.send(), ErrorKind::Proxy)?.to_string())
        },
    },
];
