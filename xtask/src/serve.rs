//! `cargo xtask serve`: the embedded httpbin, to play with.

use std::process::ExitCode;

pub(crate) fn run() -> ExitCode {
    let server = reqs_tests::httpbin::start();
    println!("http    {}", server.url("/"));
    println!("https   {}", server.https_url("/"));
    println!("mtls    {}", server.mtls_url("/"));
    println!("        cert {}", server.client_cert().cert.display());
    println!("        key  {}", server.client_cert().key.display());
    println!("bad     {} (expired)", server.expired_url("/"));
    println!("        {} (another host's)", server.wrong_host_url("/"));
    println!("        {} (self-signed)", server.self_signed_url("/"));
    println!("CA      {}", server.ca_file().display());
    println!();
    println!("curl {}", server.url("/get?hello=world"));
    println!("curl --cacert {} {}", server.ca_file().display(), server.https_url("/get"));
    println!("Ctrl-C ends it.");
    loop {
        std::thread::park();
    }
}
