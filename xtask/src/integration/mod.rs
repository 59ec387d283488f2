//! `cargo xtask integration`: reqs against servers and parsers that nobody here wrote.
//!
//! Each part starts one server on loopback with a configuration and a directory of its own, runs its
//! checks, and takes the server down again. A part that cannot start is one failure with its reason.

mod check;
mod daemon;
mod httpbin;
mod multipart;
mod nginx;
mod openssl;
mod requests;
mod socks;
mod squid;
mod twins;

use std::process::{Command, ExitCode};

use check::Tally;

/// A server's name and what starts and checks it.
type Part = (&'static str, fn(&mut Tally));

const PARTS: &[Part] = &[
    ("nginx", nginx::run),
    ("httpbin", httpbin::run),
    ("multipart", multipart::run),
    ("squid", squid::run),
    ("socks", socks::run),
    ("openssl", openssl::run),
];

/// Runs the parts that are named, or all of them. The last line printed is `N passed, M failed`.
pub(crate) fn run(names: &[String]) -> ExitCode {
    if let Some(unknown) = names.iter().find(|name| PARTS.iter().all(|(part, _)| part != name)) {
        let known: Vec<&str> = PARTS.iter().map(|(part, _)| *part).collect();
        eprintln!("there is no part `{unknown}`; there are {}", known.join(", "));
        return ExitCode::from(2);
    }

    if let Some(code) = in_clean_environment(names) {
        return code;
    }
    let mut tally = Tally::default();
    for (name, run) in PARTS {
        if names.is_empty() || names.iter().any(|chosen| chosen == name) {
            println!("{name}");
            run(&mut tally);
        }
    }
    tally.finish()
}

/// What would make a request to loopback take another way, or trust and sign otherwise.
const ENVIRONMENT: [&str; 12] = [
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "NETRC",
];

/// Where the environment speaks of proxies and the like, runs everything in a process that knows nothing of it.
fn in_clean_environment(names: &[String]) -> Option<ExitCode> {
    ENVIRONMENT.iter().find(|variable| std::env::var_os(variable).is_some())?;
    let mut again = Command::new(std::env::current_exe().ok()?);
    again.arg("integration").args(names);
    for variable in ENVIRONMENT {
        again.env_remove(variable);
    }
    let status = again.status().ok()?;
    Some(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
