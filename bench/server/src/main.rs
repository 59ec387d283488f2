//! `bench-server CA_FILE [CORE]`: serves until its input is closed; tells its addresses in one line.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{Read, Write};

use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let authority_file = arguments.next().ok_or("usage: bench-server CA_FILE [CORE]")?;
    if let Some(core) = arguments.next() {
        let mut cores = CpuSet::new();
        cores.set(core.parse()?)?;
        sched_setaffinity(Pid::from_raw(0), &cores)?;
    }
    let plain = bench_server::start()?;
    let tls = bench_server::tls::start()?;
    std::fs::write(authority_file, tls.authority)?;
    let mut out = std::io::stdout();
    writeln!(out, "{plain} localhost:{}", tls.address.port())?;
    out.flush()?;
    // Whoever started us holds the other end.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
