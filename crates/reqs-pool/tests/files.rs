//! Files on their way to another machine, which on Linux the kernel sends. Over loopback they are copied like any reader, as
//! everywhere in the other tests; so these speak to this machine by the address that others know it by.

#![allow(clippy::print_stderr, reason = "a test that cannot be made says so")]

mod common;

use std::io::{Seek, SeekFrom};
use std::net::{IpAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use common::{Ask, Server, Wire, ms, temporary_file, text};
use reqs_pool::{ErrorKind, Outgoing, Pool, Timeouts};

/// More than the buffers of two sockets hold.
const LARGE: usize = 12_000_000;

/// A server under this machine's own address; `None`, which is said, where it has no other than loopback.
fn start(script: impl Fn(&mut Wire<std::net::TcpStream>) + Send + Sync + 'static) -> Option<(Server, Ask)> {
    // Connecting a datagram socket sends nothing: it only chooses the interface. The address is one for documentation.
    let own = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("203.0.113.1:9")?;
        socket.local_addr()
    });
    let Some(own) = own.ok().map(|own| own.ip()).filter(|own: &IpAddr| !own.is_loopback()) else {
        assert!(std::env::var_os("CI").is_none(), "this machine has no address but loopback");
        eprintln!("not tested: this machine has no address but loopback");
        return None;
    };
    let server = Server::on(&format!("{own}:0"), move |mut wire, _| script(&mut wire));
    let ask = Ask { host: own.to_string(), ..Ask::get(server.port, "/") };
    Some((server, ask))
}

fn bytes() -> Vec<u8> {
    (0..LARGE).map(|n| u8::try_from(n % 251).unwrap()).collect()
}

fn post(ask: &Ask, length: usize) -> Ask {
    let headers = [("Content-Length", length.to_string())].into_iter().collect();
    Ask { method: "POST", headers, replayable: false, ..ask.clone() }
}

/// Answers with the body's length and the sum of its bytes.
fn count(wire: &mut Wire<std::net::TcpStream>) {
    while let Some(request) = wire.request() {
        let sum: u64 = request.body.iter().map(|byte| u64::from(*byte)).sum();
        wire.answer(&format!("{} {sum}", request.body.len()));
    }
}

#[test]
fn a_file_arrives_whole_and_from_where_it_stood() {
    let Some((server, ask)) = start(count) else { return };
    let bytes = bytes();
    let mut file = temporary_file(&bytes);
    let pool = Pool::default();
    for from in [0, 1, 4096, 70_001] {
        for deadline in [None, Some(Instant::now() + ms(20_000))] {
            file.seek(SeekFrom::Start(from as u64)).unwrap();
            let ask =
                Ask { timeouts: Timeouts { deadline, ..Timeouts::default() }, ..post(&ask, LARGE - from) };
            let body = Outgoing::File { file: &mut file, length: (LARGE - from) as u64 };
            let sum: u64 = bytes[from..].iter().map(|byte| u64::from(*byte)).sum();
            assert_eq!(text(ask.send_with(&pool, body).unwrap()).unwrap(), format!("{} {sum}", LARGE - from));
            assert_eq!(file.stream_position().unwrap(), LARGE as u64, "it stands behind what was sent");
        }
    }
    assert_eq!(server.accepted(), 1);
}

#[test]
fn a_file_that_is_shorter_than_stated_is_an_error() {
    let Some((_server, ask)) = start(Wire::until_closed) else { return };
    let mut file = temporary_file(b"xxx");
    let body = Outgoing::File { file: &mut file, length: 90_000 };
    let pool = Pool::default();
    let error = post(&ask, 90_000).send_with(&pool, body).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Body);
    assert!(error.to_string().contains("ended after 3 of 90000 bytes"), "{error}");
    assert_eq!(pool.stats().idle, 0);
}

#[test]
fn bod_19_an_error_ends_a_file_that_the_server_no_longer_takes() {
    let refusing = start(|wire| {
        wire.head();
        wire.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
        // Open, silent, and taking nothing.
        thread::sleep(Duration::from_secs(20));
    });
    let Some((_server, ask)) = refusing else { return };
    let mut file = temporary_file(&bytes());
    let body = Outgoing::File { file: &mut file, length: LARGE as u64 };
    let reply = post(&ask, LARGE).send_with(&Pool::default(), body).unwrap();
    assert_eq!(reply.head.status.as_u16(), 413);
    assert_eq!(text(reply).unwrap(), "big");
}

#[test]
fn a_server_that_takes_its_time_gets_the_whole_file() {
    let slow = start(|wire| {
        // Longer than a stall.
        thread::sleep(ms(400));
        count(wire);
    });
    let Some((_server, ask)) = slow else { return };
    let bytes = bytes();
    let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
    let mut file = temporary_file(&bytes);
    let body = Outgoing::File { file: &mut file, length: LARGE as u64 };
    let reply = post(&ask, LARGE).send_with(&Pool::default(), body).unwrap();
    assert_eq!(text(reply).unwrap(), format!("{LARGE} {sum}"));
}
