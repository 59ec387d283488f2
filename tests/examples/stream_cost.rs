//! `cargo run --release --example stream_cost [-- ROUNDS]`: what streaming 1 GiB costs, beside a bare read loop.
//!
//! Two programs of this one: a server that writes zeros, and the client that is measured. Rounds alternate between a
//! loop of `read` on a socket and the ways of reading of `reqs`, each 1 GiB a round, so that whatever else the machine
//! does meets all of them. Printed are the user CPU time (`getrusage`), the wall time, and how far the peak of memory
//! rose over an idle session's (VmHWM, reset before each round).

#![allow(clippy::print_stdout, missing_docs, reason = "it prints what it measures")]

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("this reads /proc, which only Linux has");
}

#[cfg(target_os = "linux")]
fn main() -> reqs::Result<()> {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::io::{self, BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    use reqs::{Result, Session};

    const SIZE: u64 = 1 << 30;
    /// As much as most loops read at a time.
    const BUFFER: usize = 64 * 1024;

    pub(super) fn main() -> Result<()> {
        let argument = std::env::args().nth(1);
        if argument.as_deref() == Some("--serve") {
            return Ok(serve()?);
        }
        let rounds: u32 = argument.and_then(|rounds| rounds.parse().ok()).unwrap_or(8);
        let server = Server::start()?;
        let session = Session::new();
        // A first exchange: code is loaded, the connection is kept, and the session is idle.
        session.get(server.url(100)).send()?;
        fs::write("/proc/self/clear_refs", "5")?;
        let idle = memory("VmRSS:")?;

        let ways: [(&str, &dyn Fn() -> Result<u64>); 4] = [
            ("bare read loop, 64 KiB", &|| Ok(bare(&server)?)),
            ("reqs, read, 64 KiB", &|| read(&session, &server)),
            ("reqs, copy_to", &|| session.get(server.url(SIZE)).stream()?.copy_to(&mut io::sink())),
            ("reqs, iter_content, 64 KiB", &|| pieces(&session, &server)),
        ];
        let mut costs = [Cost::default(); 4];
        for _ in 0..rounds {
            for ((_, way), cost) in ways.iter().zip(&mut costs) {
                fs::write("/proc/self/clear_refs", "5")?;
                let (started, user) = (Instant::now(), user_time());
                let read = way()?;
                assert_eq!(read, SIZE, "bytes read");
                cost.wall += started.elapsed();
                cost.user += user_time() - user;
                cost.peak = cost.peak.max(memory("VmHWM:")?.saturating_sub(idle));
            }
        }
        println!("{rounds} rounds of 1 GiB; idle session: {idle} KiB");
        println!("{:<28}{:>14}{:>8}{:>14}{:>8}{:>18}", "", "user/GiB", "", "wall/GiB", "", "peak over idle");
        for ((name, _), cost) in ways.iter().zip(&costs) {
            let per_round =
                |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0 / f64::from(rounds));
            let ratio =
                |time: Duration, bare: Duration| format!("{:.2}x", time.as_secs_f64() / bare.as_secs_f64());
            println!(
                "{name:<28}{:>14}{:>8}{:>14}{:>8}{:>14} KiB",
                per_round(cost.user),
                ratio(cost.user, costs[0].user),
                per_round(cost.wall),
                ratio(cost.wall, costs[0].wall),
                cost.peak,
            );
        }
        Ok(())
    }

    #[derive(Clone, Copy, Default)]
    struct Cost {
        user: Duration,
        wall: Duration,
        peak: u64,
    }

    /// The floor: a request written by hand, the head passed over, and the rest read into one buffer.
    fn bare(server: &Server) -> io::Result<u64> {
        let mut socket = TcpStream::connect(("127.0.0.1", server.port))?;
        write!(socket, "GET /{SIZE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
        let mut buffer = vec![0; BUFFER];
        let first = socket.read(&mut buffer)?;
        let head = buffer[..first].windows(4).position(|end| end == b"\r\n\r\n").map_or(first, |at| at + 4);
        let mut read = (first - head) as u64;
        while read < SIZE {
            match socket.read(&mut buffer)? {
                0 => break,
                n => read += n as u64,
            }
        }
        Ok(read)
    }

    fn read(session: &Session, server: &Server) -> Result<u64> {
        let mut r = session.get(server.url(SIZE)).stream()?;
        let mut buffer = vec![0; BUFFER];
        let mut read = 0;
        loop {
            match r.read(&mut buffer)? {
                0 => return Ok(read),
                n => read += n as u64,
            }
        }
    }

    fn pieces(session: &Session, server: &Server) -> Result<u64> {
        let mut r = session.get(server.url(SIZE)).stream()?;
        r.iter_content(BUFFER).map(|piece| Ok(piece?.len() as u64)).sum()
    }

    fn user_time() -> Duration {
        let usage = getrusage(UsageWho::RUSAGE_SELF).expect("the usage of this process");
        Duration::from_micros(usage.user_time().num_microseconds().unsigned_abs())
    }

    /// A figure of `/proc/self/status`, in KiB.
    fn memory(name: &str) -> io::Result<u64> {
        let status = fs::read_to_string("/proc/self/status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        Ok(line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or_default())
    }

    /// The server, in a process of its own, so that it is not measured.
    struct Server {
        child: Child,
        port: u16,
    }

    impl Server {
        fn start() -> io::Result<Server> {
            let program = std::env::current_exe()?;
            let mut child = Command::new(program).arg("--serve").stdout(Stdio::piped()).spawn()?;
            let mut line = String::new();
            if let Some(out) = child.stdout.take() {
                BufReader::new(out).read_line(&mut line)?;
            }
            let port = line.trim().parse().map_err(io::Error::other)?;
            Ok(Server { child, port })
        }

        fn url(&self, size: u64) -> String {
            format!("http://127.0.0.1:{}/{size}", self.port)
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    /// Answers `/N` with N zeros, connection after connection, each in a thread.
    fn serve() -> io::Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        println!("{}", listener.local_addr()?.port());
        loop {
            let (socket, _) = listener.accept()?;
            std::thread::spawn(move || answer(socket));
        }
    }

    fn answer(socket: TcpStream) -> io::Result<()> {
        let zeros = vec![0; 1 << 20];
        let mut requests = BufReader::new(socket.try_clone()?);
        let mut socket = socket;
        loop {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                if requests.read_until(b'\n', &mut head)? == 0 {
                    return Ok(());
                }
            }
            let text = String::from_utf8_lossy(&head);
            let path = text.split(' ').nth(1).unwrap_or_default();
            let mut left: u64 = path.trim_start_matches('/').parse().map_err(io::Error::other)?;
            // In one write, so that the bare loop finds the end of the head in its first read.
            socket.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {left}\r\n\r\n").as_bytes())?;
            while left > 0 {
                let n = usize::try_from(left).unwrap_or(usize::MAX).min(zeros.len());
                socket.write_all(&zeros[..n])?;
                left -= n as u64;
            }
        }
    }
}
