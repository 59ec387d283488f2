//! Who takes part.

use std::path::PathBuf;
use std::process::Command;

/// A client as it is built and told of.
pub(crate) struct Entry {
    /// What `--client` says.
    pub(crate) name: &'static str,
    /// What the table says.
    pub(crate) title: &'static str,
    pub(crate) package: &'static str,
    pub(crate) binary: &'static str,
    /// The package of the lock file whose version is told.
    pub(crate) crate_name: &'static str,
    /// Whether it counts among those that reqs is compared with.
    pub(crate) is_peer: bool,
    /// It gets so much less to do, because it is so much slower.
    pub(crate) slow: u64,
}

impl Entry {
    /// Raw and reqs: without them there is nothing to tell.
    pub(crate) fn is_compared(&self) -> bool {
        ["raw", "reqs"].contains(&self.name)
    }
}

const fn peer(name: &'static str, package: &'static str) -> Entry {
    Entry { name, title: name, package, binary: package, crate_name: name, is_peer: true, slow: 1 }
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry { is_peer: false, crate_name: "httparse", ..peer("raw", "client-raw") },
    Entry { is_peer: false, ..peer("reqs", "client-reqs") },
    peer("ureq", "client-ureq"),
    Entry {
        name: "reqwest-blocking",
        title: "reqwest blocking",
        binary: "client-reqwest-blocking",
        ..peer("reqwest", "client-reqwest")
    },
    Entry {
        name: "reqwest-async",
        title: "reqwest async",
        binary: "client-reqwest-async",
        ..peer("reqwest", "client-reqwest")
    },
    peer("attohttpc", "client-attohttpc"),
    peer("minreq", "client-minreq"),
    peer("isahc", "client-isahc"),
    Entry { title: "libcurl", crate_name: "curl-sys", ..peer("curl", "client-curl") },
    // It has no pool, no redirects and no URLs.
    Entry { title: "hyper, bare", is_peer: false, ..peer("hyper", "client-hyper") },
];

/// Python's Requests; it has no package here.
pub(crate) const REQUESTS: Entry =
    Entry { title: "Requests", package: "", binary: "", is_peer: false, slow: 20, ..peer("requests", "") };

/// A client that can be run.
pub(crate) struct Runnable {
    pub(crate) entry: &'static Entry,
    pub(crate) program: PathBuf,
    /// What stands before the arguments of the bench.
    pub(crate) first: Option<PathBuf>,
    pub(crate) version: String,
}

impl Runnable {
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.first);
        command
    }
}
