//! OpenSSL's own server, `openssl s_server`: one version of TLS at a time, client certificates, resumption.
//!
//! With `-www` it answers with a page about the handshake, so that the other side's view of it can be checked.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqs::{ErrorKind, HttpAdapter, Session, TlsVersion};
use reqs_tests::certificates::{self, ServerFiles};
use reqs_tests::machine;

use super::check::{Check, Outcome, Tally, contains, fails, same};
use super::daemon::{Daemon, free_ports, loopback};
use crate::{install, tool};

pub(super) fn run(tally: &mut Tally) {
    if let Some(openssl) = tally.started(OpenSsl::start()) {
        tally.run(&openssl, CHECKS);
    }
}

/// Old versions of TLS need algorithms that OpenSSL has since put out of reach.
const NO_SECURITY: &str = "DEFAULT@SECLEVEL=0";

/// One server for each way to be asked; each takes one connection at a time.
struct OpenSsl {
    program: PathBuf,
    version: String,
    tls12: SocketAddr,
    tls13: SocketAddr,
    /// Want a client certificate, over TLS 1.2 and over 1.3.
    curious12: SocketAddr,
    curious13: SocketAddr,
    /// Answers with the file that is asked for, head and all.
    files: SocketAddr,
    /// Speaks TLS 1.1 alone, where this OpenSSL still can; otherwise the reason why not.
    tls11: Result<SocketAddr, String>,
    _daemons: Vec<Daemon>,
}

impl OpenSsl {
    fn start() -> Result<OpenSsl, String> {
        let program = install::program("openssl", "openssl")?;
        let directory = install::fresh_directory("openssl")?;
        let explain = |error: std::io::Error| format!("{}: {error}", directory.display());
        let identity = certificates::write_server_files(&directory).map_err(explain)?;
        fs::write(directory.join("hello"), HELLO).map_err(explain)?;
        let version = tool::output(Command::new(&program).arg("version"))?;
        let [tls12, tls13, curious12, curious13, files, tls11] = free_ports()?.map(loopback);

        let mut daemons = Vec::new();
        let authority = certificates::ca_file().to_string_lossy();
        let wants = ["-Verify", "1", "-verify_return_error", "-verifyCAfile", &authority, "-www"];
        let servers = [
            ("tls12", tls12, vec!["-tls1_2", "-www"]),
            ("tls13", tls13, vec!["-tls1_3", "-www"]),
            ("curious12", curious12, [&["-tls1_2"], &wants[..]].concat()),
            ("curious13", curious13, [&["-tls1_3"], &wants[..]].concat()),
            ("files", files, vec!["-HTTP"]),
        ];
        for (name, address, arguments) in servers {
            daemons.push(s_server(&program, &directory, &identity, name, address, &arguments)?);
        }
        let arguments = ["-tls1_1", "-cipher", NO_SECURITY, "-www"];
        let old = s_server(&program, &directory, &identity, "tls11", tls11, &arguments);
        let tls11 = old.map(|daemon| {
            daemons.push(daemon);
            tls11
        });
        let version = version.trim().to_owned();
        Ok(OpenSsl { program, version, tls12, tls13, curious12, curious13, files, tls11, _daemons: daemons })
    }

    /// Nothing to check, which is no answer in CI.
    fn lacks_tls11(&self) -> Outcome {
        let said = format!("{} speaks no TLS 1.1", self.version);
        if machine::is_ci() { Err(said.into()) } else { Ok(format!("not checked: {said}")) }
    }

    /// The page with which `-www` answers, over a session that trusts the authority.
    fn page(&self, address: SocketAddr) -> Result<String, Box<dyn std::error::Error>> {
        let r = reqs::get(url(address)).verify(certificates::ca_file()).send()?.raise_for_status()?;
        Ok(r.text().into_owned())
    }
}

/// What the server of files has to give.
const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nhello, world\n";

fn s_server(
    program: &Path,
    directory: &Path,
    identity: &ServerFiles,
    name: &str,
    address: SocketAddr,
    arguments: &[&str],
) -> Result<Daemon, String> {
    let mut command = Command::new(program);
    command.current_dir(directory).arg("s_server").args(["-accept", &address.to_string()]);
    command.arg("-cert").arg(&identity.cert).arg("-key").arg(&identity.key).args(arguments);
    Daemon::start_listening(&mut command, &directory.join(format!("{name}.log")), address)
}

fn url(address: SocketAddr) -> String {
    format!("https://localhost:{}/", address.port())
}

const CHECKS: &[Check<OpenSsl>] = &[
    Check {
        name: "TLS 1.2 alone and TLS 1.3 alone",
        run: |openssl| {
            for (address, version) in [(openssl.tls12, "TLSv1.2"), (openssl.tls13, "TLSv1.3")] {
                contains("the server's page", &openssl.page(address)?, version)?;
            }
            Ok(format!("{}, by its own page", openssl.version))
        },
    },
    Check {
        name: "a server that speaks TLS 1.2 alone is too old for a session that wants 1.3",
        run: |openssl| {
            let mut s = Session::new();
            s.verify = Some(certificates::ca_file().into());
            s.mount("https://", HttpAdapter::new().min_tls_version(TlsVersion::Tls13));
            let error = fails(s.get(url(openssl.tls12)).send(), ErrorKind::Ssl)?;
            same("status", s.get(url(openssl.tls13)).send()?.status().as_u16(), 200)?;
            Ok(error.to_string())
        },
    },
    Check {
        name: "a server that speaks TLS 1.1 alone is refused",
        run: |openssl| {
            let address = match &openssl.tls11 {
                Ok(address) => *address,
                Err(_) => return openssl.lacks_tls11(),
            };
            // Its own client gets through, so that it is the version that is refused.
            let mut client = Command::new(&openssl.program);
            client.args(["s_client", "-connect", &address.to_string(), "-tls1_1", "-cipher", NO_SECURITY]);
            if tool::output(client.stdin(std::process::Stdio::null())).is_err() {
                return openssl.lacks_tls11();
            }
            for verify in [true, false] {
                let request = reqs::get(url(address));
                let request =
                    if verify { request.verify(certificates::ca_file()) } else { request.verify(false) };
                let error = fails(request.send(), ErrorKind::Ssl)?.to_string();
                contains("the error", &error, "offers no version of TLS that is allowed here")?;
            }
            Ok(fails(reqs::get(url(address)).verify(false).send(), ErrorKind::Ssl)?.to_string())
        },
    },
    Check {
        name: "an authority nobody knows is refused, one that is named accepted",
        run: |openssl| {
            let mut said = String::new();
            for address in [openssl.tls12, openssl.tls13] {
                said = fails(reqs::get(url(address)).send(), ErrorKind::Ssl)?.to_string();
                let r = reqs::get(url(address)).verify(false).send()?;
                same("status", r.status().as_u16(), 200)?;
            }
            Ok(said)
        },
    },
    Check {
        name: "a client certificate is shown where it is wanted, from one file and from two",
        run: |openssl| {
            let me = certificates::client();
            for address in [openssl.curious12, openssl.curious13] {
                let request = || reqs::get(url(address)).verify(certificates::ca_file());
                let one = request().cert(&me.combined).send()?;
                contains("the server's page", &one.text(), "reqs test client")?;
                let two = request().cert((&me.cert, &me.key)).send()?;
                contains("the server's page", &two.text(), "reqs test client")?;
            }
            Ok("TLS 1.2 and 1.3".to_owned())
        },
    },
    Check {
        name: "no client certificate where one is wanted",
        run: |openssl| {
            let request = |address| reqs::get(url(address)).verify(certificates::ca_file());
            let old = fails(request(openssl.curious12).send(), ErrorKind::Ssl)?;
            let new = fails(request(openssl.curious13).send(), ErrorKind::Ssl)?;
            contains("the error", &new.to_string(), "wants a client certificate")?;
            Ok(format!("{old}; {new}"))
        },
    },
    Check {
        name: "a second connection resumes the session, and never under other settings",
        run: resumption,
    },
    Check {
        name: "a file with a head of its own, twenty times",
        run: |openssl| {
            let mut s = Session::new();
            s.verify = Some(certificates::ca_file().into());
            for _ in 0..20 {
                let r = s.get(format!("{}hello", url(openssl.files))).send()?;
                same("text", r.text().as_ref(), "hello, world\n")?;
            }
            Ok("each on a connection of its own: s_server closes after every answer".to_owned())
        },
    },
];

fn resumption(openssl: &OpenSsl) -> Outcome {
    for address in [openssl.tls12, openssl.tls13] {
        let mut s = Session::new();
        s.verify = Some(certificates::ca_file().into());
        contains("the first page", &s.get(url(address)).send()?.text(), "New, TLS")?;
        contains("the second page", &s.get(url(address)).send()?.text(), "Reused, TLS")?;
        let other = s.get(url(address)).verify(false).send()?;
        contains("the page under other settings", &other.text(), "New, TLS")?;
    }
    Ok("TLS 1.2 and 1.3, by its own page".to_owned())
}
