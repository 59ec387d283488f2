//! The scripted server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqs_tests::scripted::{chunked, ok, redirect};
use reqs_tests::{Connection, Gate, Received, Scripted};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use super::tls::{over_tls, trusting};
use super::{connect, read_answer, shared};

/// Connects, sends, and reads until the server closes.
fn say(server: &Scripted, bytes: &[u8]) -> String {
    let mut stream = connect(server.address());
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

#[test]
fn one_response_for_one_request() {
    let server = Scripted::one(ok("hi"));
    let request = b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab";
    assert_eq!(say(&server, request), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    server.finish();
    assert_eq!(server.received(0), request);
    assert_eq!(server.requests()[0].body(), b"ab");
    assert_eq!(server.url("/x"), format!("http://{}/x", server.address()));
}

#[test]
fn requests_on_one_connection_are_answered_in_order() {
    let script = Connection::new().answer(redirect("/b")).answer(chunked(["x", "", "yz"])).close();
    let server = Scripted::start([script]);
    let requests =
        b"GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    let answers = say(&server, requests);
    assert!(answers.starts_with("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"));
    assert!(answers.ends_with("\r\n\r\n1\r\nx\r\n2\r\nyz\r\n0\r\n\r\n"));
    server.finish();
    let targets: Vec<String> = server.requests_on(0).iter().map(Received::target).collect();
    assert_eq!(targets, ["/a", "/b"]);
    assert_eq!(server.requests()[1].content(), b"ab");
}

#[test]
fn answers_come_in_the_order_of_requests_whatever_the_connection() {
    let server = Scripted::answers(["HTTP/1.1 200 OK\r\n\r\none", "HTTP/1.1 200 OK\r\n\r\ntwo"]);
    let mut first = connect(server.address());
    let mut buffer = [0; 64];
    first.write_all(b"GET /1 HTTP/1.1\r\n\r\n").unwrap();
    let length = first.read(&mut buffer).unwrap();
    assert!(buffer[..length].ends_with(b"one"));
    let mut second = connect(server.address());
    second.write_all(b"GET /2 HTTP/1.1\r\n\r\n").unwrap();
    let length = second.read(&mut buffer).unwrap();
    assert!(buffer[..length].ends_with(b"two"));
    server.finish();

    first.write_all(b"GET /3 HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(first.read(&mut buffer).unwrap(), 0);
    server.wait_for_requests(3);
    assert_eq!(server.connections(), 2);
}

#[test]
fn an_answer_can_depend_on_the_request() {
    let server = Scripted::with(|request| ok(request.target()));
    let mut stream = connect(server.address());
    stream.write_all(b"GET /echo HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = vec![0; 43];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n/echo"[..43]);
}

#[test]
fn each_connection_can_play_the_same_script() {
    let server = Scripted::each(Connection::new().answer(ok("")).close());
    for _ in 0..3 {
        say(&server, b"GET / HTTP/1.1\r\n\r\n");
    }
    assert_eq!((server.connections(), server.requests().len()), (3, 3));
    server.finish();
}

#[test]
fn a_connection_too_many_is_closed_and_named() {
    let server = Scripted::start([Connection::new().close()]);
    assert_eq!(say(&server, b""), "");
    let mut extra = connect(server.address());
    assert!(matches!(extra.read(&mut [0]), Ok(0) | Err(_)));
    assert_eq!(server.problems(), ["connection 1: one more than planned"]);
}

#[test]
fn what_did_not_go_as_scripted_is_named() {
    let server = Scripted::one(ok(""));
    let mut stream = connect(server.address());
    stream.write_all(b"GET / HT").unwrap();
    drop(stream);
    let problem = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| server.finish())).unwrap_err();
    let problem = problem.downcast_ref::<String>().unwrap();
    let expected = "connection 0, step 0 (expect a request): the client closed after 8 bytes of a head";
    assert!(problem.contains(expected), "{problem}");
}

#[test]
fn continue_is_sent_to_those_who_wait_for_it() {
    let server = Scripted::one(ok(""));
    let mut stream = connect(server.address());
    stream.write_all(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"x").unwrap();
    assert_eq!(read_answer(&mut stream).status(), 200);
    assert_eq!(server.requests()[0].body(), b"x");
}

#[test]
fn head_and_body_can_be_read_apart() {
    let gate = Gate::new();
    let script =
        Connection::new().expect_head().send("early").wait_for(&gate).expect_body().send("late").close();
    let server = Scripted::start([script]);
    let mut stream = connect(server.address());
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n").unwrap();
    let mut early = [0; 5];
    stream.read_exact(&mut early).unwrap();
    assert_eq!(server.requests()[0].body(), b"");
    stream.write_all(b"body").unwrap();
    gate.open();
    let mut late = String::new();
    stream.read_to_string(&mut late).unwrap();
    assert_eq!(late, "late");
    assert_eq!((server.requests().len(), server.requests()[0].body()), (1, &b"body"[..]));
}

#[test]
fn slow_pieces_have_a_pause_after_each() {
    let pause = Duration::from_millis(20);
    let server = Scripted::start([Connection::new().send_slowly("abcde", 2, pause).close()]);
    let start = Instant::now();
    assert_eq!(say(&server, b""), "abcde");
    assert!(start.elapsed() >= pause * 3);
    server.finish();
}

#[test]
fn endless_ends_with_the_client() {
    let server = Scripted::start([Connection::new().send_endlessly("X: y\r\n")]);
    let mut stream = connect(server.address());
    let mut some = vec![0; 1_000_000];
    stream.read_exact(&mut some).unwrap();
    drop(stream);
    server.finish();
}

#[test]
fn a_reset_is_a_reset_and_a_close_is_none() {
    let server = Scripted::start([Connection::new().expect_bytes(1).reset(), Connection::new().close()]);
    let mut stream = connect(server.address());
    stream.write_all(b"x").unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);

    let mut stream = connect(server.address());
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    // The server goes on reading, so that late bytes provoke no reset.
    stream.write_all(b"late").unwrap();
    drop(stream);
    server.finish();
}

#[test]
fn the_whole_of_it_works_over_tls() {
    let server = Scripted::https().one(ok("secret"));
    let answer = over_tls(&server.url_on("localhost", "/"), trusting().with_no_client_auth()).unwrap();
    assert_eq!(answer.text(), "secret");
    assert_eq!(server.requests()[0].line(), "GET /get HTTP/1.1");
    server.finish();
}

#[test]
fn a_cut_has_no_close_notify() {
    let server = Scripted::https().start([Connection::new().answer("HTTP/1.1 200 OK\r\n\r\nsecr").cut()]);
    let error = over_tls(&server.url_on("localhost", "/"), trusting().with_no_client_auth()).unwrap_err();
    assert!(error.contains("close_notify"), "{error}");
}

#[test]
fn a_tunnel_can_end_in_the_script_or_elsewhere() {
    let connect_request = b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n";
    let established = b"HTTP/1.1 200 OK\r\n\r\n";
    let address = shared().address();
    let server = Scripted::start([
        Connection::new().answer(established).tunnel_to(address),
        Connection::new().answer(established).start_tls().answer(ok("inside")).close(),
    ]);

    let open = || {
        let mut stream = connect(server.address());
        stream.write_all(connect_request).unwrap();
        stream.read_exact(&mut vec![0; established.len()]).unwrap();
        stream
    };
    let mut stream = open();
    stream.write_all(b"GET /base64/aGVsbG8 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(read_answer(&mut stream).text(), "hello");
    drop(stream);

    let name = ServerName::try_from("localhost").unwrap();
    let config = Arc::new(trusting().with_no_client_auth());
    let mut tls = StreamOwned::new(ClientConnection::new(config, name).unwrap(), open());
    tls.write_all(b"GET /in HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(read_answer(&mut tls).text(), "inside");
    server.finish();
    let lines: Vec<String> = server.requests().iter().map(Received::line).collect();
    assert_eq!(lines, ["CONNECT h:443 HTTP/1.1", "CONNECT h:443 HTTP/1.1", "GET /in HTTP/1.1"]);
}

#[test]
fn dropping_it_ends_every_wait() {
    let gate = Gate::new();
    let server = Scripted::start([
        Connection::new().pause(Duration::from_secs(20)),
        Connection::new().wait_for(&gate),
        Connection::new().expect_request(),
    ]);
    let mut clients: Vec<TcpStream> = (0..3).map(|_| connect(server.address())).collect();
    let address = server.address();
    let start = Instant::now();
    drop(server);
    assert!(start.elapsed() < Duration::from_secs(10));
    for client in &mut clients {
        assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)));
    }
    assert!(TcpStream::connect(address).is_err());
}
