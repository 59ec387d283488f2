//! The embedded httpbin as a server: what it counts, where it listens, how it stops.

use std::io::{Read, Write};
use std::net::TcpStream;

use reqs_tests::httpbin;

use super::{connect, shared};

#[test]
fn it_counts_connections_and_requests() {
    let server = httpbin::start();
    let mut stream = connect(server.address());
    for _ in 0..3 {
        stream.write_all(b"GET /bytes/5 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    }
    stream.write_all(b"GET /bytes/5 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let text = String::from_utf8_lossy(&all).to_ascii_lowercase();
    assert_eq!(text.matches("x-connection: 1\r\n").count(), 4);
    assert_eq!((server.connections(), server.requests()), (1, 4));
}

#[test]
fn its_port_is_free_when_it_is_dropped() {
    let server = httpbin::start();
    let address = server.address();
    let mut idle = connect(address);
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    // What was connected is closed, in order or by a reset.
    assert!(matches!(idle.read(&mut [0]), Ok(0) | Err(_)));
}

#[test]
fn it_can_be_reached_as_localhost_over_every_family_there_is() {
    let url = shared().localhost_url("/get");
    let authority = url.trim_start_matches("http://").trim_end_matches("/get");
    for address in std::net::ToSocketAddrs::to_socket_addrs(authority).unwrap() {
        if address.is_ipv4() || reqs_tests::machine::has_ipv6() {
            connect(address);
        }
    }
}
