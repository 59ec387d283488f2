//! Hand-written servers on loopback, and a short way to call them.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod proxy;
pub mod tls;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use reqs_pool::{Call, Error, Outgoing, Pool, Reply, Route, Timeouts};
use reqs_proto::{Headers, Limits};

/// A listener whose connections each run the same script.
pub struct Server {
    pub port: u16,
    accepted: Arc<AtomicUsize>,
}

impl Server {
    /// Runs `script` for each connection, with the connection's number from 0.
    pub fn start(script: impl Fn(Wire<TcpStream>, usize) + Send + Sync + 'static) -> Server {
        Server::on("127.0.0.1:0", script)
    }

    pub fn on(address: &str, script: impl Fn(Wire<TcpStream>, usize) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind(address).unwrap();
        let port = listener.local_addr().unwrap().port();
        let accepted = Arc::new(AtomicUsize::new(0));
        let (count, script) = (Arc::clone(&accepted), Arc::new(script));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let script = Arc::clone(&script);
                thread::spawn(move || script(Wire::new(stream.unwrap()), number));
            }
        });
        Server { port, accepted }
    }

    /// Answers each request of each connection with its own target as the body.
    pub fn echo() -> Server {
        Server::start(|mut wire, _| wire.echo())
    }

    pub fn echo_in_chunks() -> Server {
        Server::start(|mut wire, _| wire.echo_in_chunks())
    }

    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

/// One side of a connection that speaks HTTP by hand.
pub struct Wire<S: Read + Write> {
    pub io: BufReader<S>,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// Request line and header lines with their line ends, without the empty line.
    pub head: String,
    /// The body as it came, chunk framing and all.
    pub body: Vec<u8>,
}

impl Request {
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub fn target(&self) -> &str {
        self.line().split(' ').nth(1).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = |line: &'_ str| line.split_once(": ").is_some_and(|(n, _)| n.eq_ignore_ascii_case(name));
        self.head.lines().skip(1).find(|line| found(line)).map(|line| line.split_once(": ").unwrap().1)
    }
}

impl<S: Read + Write> Wire<S> {
    pub fn new(stream: S) -> Self {
        Wire { io: BufReader::with_capacity(64 * 1024, stream) }
    }

    pub fn head(&mut self) -> Option<Request> {
        let mut head = String::new();
        loop {
            let mut line = String::new();
            match self.io.read_line(&mut line) {
                Ok(1..) if line == "\r\n" => return Some(Request { head, body: Vec::new() }),
                Ok(1..) => head.push_str(&line),
                _ => return None,
            }
        }
    }

    pub fn request(&mut self) -> Option<Request> {
        let mut request = self.head()?;
        if let Some(length) = request.header("content-length") {
            request.body = vec![0; length.parse().unwrap()];
            self.io.read_exact(&mut request.body).ok()?;
        } else if request.header("transfer-encoding").is_some() {
            while !request.body.ends_with(b"0\r\n\r\n") {
                self.io.read_until(b'\n', &mut request.body).ok().filter(|n| *n > 0)?;
            }
        }
        Some(request)
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let stream = self.io.get_mut();
        stream.write_all(bytes.as_ref()).and_then(|()| stream.flush()).is_ok()
    }

    pub fn answer(&mut self, body: &str) -> bool {
        self.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    }

    pub fn echo(&mut self) {
        while let Some(request) = self.request() {
            if !self.answer(request.target()) {
                return;
            }
        }
    }

    /// As [`echo`](Wire::echo), with bodies that keep their connection until somebody has read them to the end.
    pub fn echo_in_chunks(&mut self) {
        while let Some(request) = self.request() {
            let body = request.target();
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            if !self.send(format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len())) {
                return;
            }
        }
    }

    /// Waits until the other side closes.
    pub fn until_closed(&mut self) {
        let _ = std::io::copy(&mut self.io, &mut std::io::sink());
    }
}

/// A request to be made.
#[derive(Clone)]
pub struct Ask {
    pub https: bool,
    pub host: String,
    pub port: u16,
    pub route: Route,
    pub method: &'static str,
    pub target: String,
    pub headers: Headers,
    pub timeouts: Timeouts,
    pub limits: Limits,
    pub replayable: bool,
}

impl Ask {
    pub fn get(port: u16, target: &str) -> Ask {
        Ask {
            https: false,
            host: "127.0.0.1".to_owned(),
            port,
            route: Route::default(),
            method: "GET",
            target: target.to_owned(),
            headers: Headers::new(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            replayable: true,
        }
    }

    pub fn post(port: u16, headers: &[(&str, &str)]) -> Ask {
        let headers = headers.iter().copied().collect();
        Ask { method: "POST", headers, replayable: false, ..Ask::get(port, "/") }
    }

    pub fn https(host: &str, port: u16) -> Ask {
        Ask { https: true, host: host.to_owned(), ..Ask::get(port, "/") }
    }

    pub fn send(&self, pool: &Pool) -> Result<Reply, Error> {
        self.send_with(pool, Outgoing::Empty)
    }

    pub fn send_with<'a>(&'a self, pool: &Pool, body: Outgoing<'a>) -> Result<Reply, Error> {
        pool.exchange(Call {
            https: self.https,
            host: &self.host,
            port: self.port,
            route: &self.route,
            method: self.method,
            target: &self.target,
            host_header: &self.host,
            headers: &self.headers,
            body,
            timeouts: self.timeouts,
            limits: &self.limits,
            replayable: self.replayable,
        })
    }

    /// Sends, and reads the body as text.
    pub fn text(&self, pool: &Pool) -> Result<String, Error> {
        self.send(pool).and_then(text)
    }
}

pub fn text(mut reply: Reply) -> Result<String, Error> {
    let mut body = Vec::new();
    reply.body.read_to_vec(&mut body, u64::MAX)?;
    Ok(String::from_utf8(body).unwrap())
}

/// A directory of its own, empty.
pub fn temporary_dir() -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("reqs-pool-test-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// A file with these bytes, open and without a name.
pub fn temporary_file(bytes: &[u8]) -> std::fs::File {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("reqs-pool-{}-{number}", std::process::id()));
    let mut file = std::fs::File::options().read(true).write(true).create_new(true).open(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    file.write_all(bytes).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    file
}

pub fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}
