//! The addresses to which no connection can be made.

use std::net::TcpStream;
use std::time::Duration;

use reqs_tests::tarpit::{self, Tarpit};

#[test]
fn nobody_answers_at_a_tarpit_or_a_refused_address() {
    let tarpit = Tarpit::start();
    let error = TcpStream::connect_timeout(&tarpit.address(), Duration::from_millis(200)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    let error = TcpStream::connect(tarpit::refused()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}
