//! Servers that answer before the body has ended (BOD-19), and those that only take their time.

mod common;

use std::io::{Read, Seek};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use common::tls::{self, ALL_VERSIONS, Authority, server_config, trusting};
use common::{Ask, Server, Wire, ms, text};
use reqs_pool::{DropReason, ErrorKind, Outgoing, Pool, Timeouts};

/// More than the buffers of two sockets hold.
const LARGE: usize = 12_000_000;

/// How a body is handed over.
const WAYS: [&str; 5] = ["bytes", "bytes in chunks", "file", "reader", "chunks"];

/// Sends `bytes` in that way, to a server in the clear or behind TLS.
fn send(pool: &Pool, ask: &Ask, way: &str, bytes: &[u8]) -> Result<reqs_pool::Reply, reqs_pool::Error> {
    let mut ask = Ask { method: "POST", replayable: false, ..ask.clone() };
    match way {
        "bytes in chunks" | "chunks" => ask.headers.insert("Transfer-Encoding", "chunked"),
        _ => ask.headers.insert("Content-Length", bytes.len().to_string()),
    }
    match way {
        "file" => {
            let mut file = common::temporary_file(bytes);
            file.rewind().unwrap();
            ask.send_with(pool, Outgoing::File { file: &mut file, length: bytes.len() as u64 })
        }
        "reader" => {
            ask.send_with(pool, Outgoing::Reader { reader: &mut &*bytes, length: Some(bytes.len() as u64) })
        }
        "chunks" => {
            let mut chunks = bytes.chunks(100_000).map(|chunk| Ok(chunk.to_vec()));
            ask.send_with(pool, Outgoing::Chunks(&mut chunks))
        }
        _ => ask.send_with(pool, Outgoing::Bytes(bytes)),
    }
}

/// The same server in the clear and behind TLS, and how to ask it.
fn both(script: impl Fn(&mut dyn Side) + Send + Sync + Clone + 'static) -> [(&'static str, Server, Ask); 2] {
    let ca = Authority::new("root");
    let config = server_config(&ca.server(&["localhost"]), None, ALL_VERSIONS);
    let inside = script.clone();
    let plain = Server::start(move |mut wire, _| script(&mut wire));
    let secure = tls::start(config, move |mut wire, _| inside(&mut wire));
    let ask = Ask::get(plain.port, "/");
    let secure_ask = tls::ask("localhost", secure.port, trusting(&ca));
    [("plain", plain, ask), ("TLS", secure, secure_ask)]
}

/// What a script needs, over either.
trait Side {
    fn skip_head(&mut self);
    fn say(&mut self, text: &str);
    /// The body's bytes and their sum, framing taken off.
    fn body(&mut self) -> (usize, u64);
}

impl<S: Read + std::io::Write> Side for Wire<S> {
    fn skip_head(&mut self) {
        self.head();
    }

    fn say(&mut self, text: &str) {
        self.send(text);
    }

    fn body(&mut self) -> (usize, u64) {
        let request = self.request().unwrap();
        let chunked = request.header("transfer-encoding").is_some();
        let mut rest = &request.body[..];
        let mut body = Vec::new();
        while chunked && !rest.starts_with(b"0\r\n") {
            let line = rest.iter().position(|byte| *byte == b'\r').unwrap();
            let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
            body.extend_from_slice(&rest[line + 2..line + 2 + size]);
            rest = &rest[line + 2 + size + 2..];
        }
        if !chunked {
            body = request.body;
        }
        (body.len(), body.iter().map(|byte| u64::from(*byte)).sum())
    }
}

#[test]
fn bod_19_an_error_ends_an_upload_that_the_server_no_longer_takes() {
    let servers = both(|side| {
        side.skip_head();
        side.say("HTTP/1.1 103 Early Hints\r\n\r\n");
        side.say("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
        // Open, silent, and taking nothing.
        thread::sleep(Duration::from_secs(20));
    });
    let bytes = vec![b'x'; LARGE];
    for (name, _, ask) in &servers {
        let pool = Pool::default();
        for way in WAYS {
            let started = Instant::now();
            let reply = send(&pool, ask, way, &bytes).unwrap_or_else(|e| panic!("{name}, {way}: {e}"));
            assert_eq!(reply.head.status.as_u16(), 413, "{name}, {way}");
            assert_eq!(reply.informational.len(), 1, "{name}, {way}");
            assert_eq!(text(reply).unwrap(), "big", "{name}, {way}");
            assert!(started.elapsed() < Duration::from_secs(5), "{name}, {way}: {:?}", started.elapsed());
        }
        assert_eq!((pool.stats().idle, pool.stats().dropped_for(DropReason::NotKept)), (0, 5), "{name}");
    }
}

#[test]
fn a_server_that_takes_its_time_gets_the_whole_body_once() {
    let servers = both(|side| {
        // Longer than a stall, twice.
        side.say("HTTP/1.1 102 Processing\r\n\r\n");
        thread::sleep(ms(400));
        let (length, sum) = side.body();
        let answer = format!("{length} {sum}");
        side.say(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}", answer.len()));
        thread::sleep(ms(400));
        let (length, sum) = side.body();
        let answer = format!("{length} {sum}");
        side.say(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}", answer.len()));
    });
    let bytes: Vec<u8> = (0..LARGE).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
    for (name, _, ask) in &servers {
        for way in WAYS {
            let pool = Pool::default();
            for turn in 0..2 {
                // The second time there is a write timeout too, far longer than the stall.
                let mut ask = ask.clone();
                ask.timeouts.write = (turn == 1).then_some(ms(10_000));
                let reply = send(&pool, &ask, way, &bytes).unwrap_or_else(|e| panic!("{name}, {way}: {e}"));
                assert_eq!(reply.reused, turn == 1);
                assert_eq!(text(reply).unwrap(), format!("{LARGE} {sum}"), "{name}, {way}");
            }
            assert_eq!(pool.stats().opened, 1, "{name}, {way}");
        }
    }
}

#[test]
fn a_success_that_comes_early_does_not_cut_the_body_short() {
    let [(_, _server, ask), _] = both(|side| {
        side.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        thread::sleep(ms(900));
        let (length, _) = side.body();
        side.say(&format!("8\r\n{length}\r\n0\r\n\r\n"));
        thread::sleep(ms(200));
    });
    let pool = Pool::default();
    let reply = send(&pool, &ask, "bytes", &vec![b'x'; LARGE]).unwrap();
    assert_eq!(text(reply).unwrap(), LARGE.to_string());
    assert_eq!(pool.stats().idle, 1);
}

#[test]
fn a_stall_is_still_under_the_write_timeout_and_the_deadline() {
    let servers = both(|side| {
        side.skip_head();
        thread::sleep(Duration::from_secs(20));
    });
    let bytes = vec![b'x'; LARGE];
    for (name, _, ask) in &servers {
        thread::scope(|scope| {
            for way in WAYS {
                let (ask, bytes) = (ask.clone(), &bytes);
                scope.spawn(move || times_out(name, way, &ask, bytes));
            }
        });
    }
}

fn times_out(name: &str, way: &str, ask: &Ask, bytes: &[u8]) {
    let started = Instant::now();
    let timeouts = Timeouts { write: Some(ms(600)), ..Timeouts::default() };
    let error = send(&Pool::default(), &Ask { timeouts, ..ask.clone() }, way, bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteTimeout, "{name}, {way}: {error}");
    assert!(error.to_string().contains("took nothing for 0.6 s"), "{error}");
    assert!(started.elapsed() >= ms(600) && started.elapsed() < ms(10_000), "{name}, {way}");

    let timeouts = Timeouts { deadline: Some(Instant::now() + ms(600)), ..Timeouts::default() };
    let error = send(&Pool::default(), &Ask { timeouts, ..ask.clone() }, way, bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{name}, {way}: {error}");
}

/// Where the system lets what was received before a reset be read.
#[cfg(target_os = "linux")]
#[test]
fn bod_19_a_connection_whose_upload_failed_is_not_kept() {
    let server = Server::start(|mut wire, _| {
        wire.head();
        // Nothing in it says that the connection ends.
        wire.answer("enough");
        thread::sleep(ms(50));
        // Dropped with unread bytes: the system sends a reset.
    });
    let pool = Pool::default();
    let bytes = Arc::new(vec![b'x'; LARGE]);
    for _ in 0..2 {
        let reply = send(&pool, &Ask::get(server.port, "/"), "bytes", &bytes).unwrap();
        assert_eq!(text(reply).unwrap(), "enough");
        assert_eq!(pool.stats().idle, 0);
    }
}
