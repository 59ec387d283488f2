//! What becomes of the connection under a body.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqs_tests::{Connection, Scripted, scripted};

use crate::{answer, session};

/// How many connections two requests take when the first response is dealt with like this.
fn connections(first: impl AsRef<[u8]>, deal: impl FnOnce(reqs::Response<reqs::Stream>)) -> usize {
    let server = Scripted::answers([first.as_ref(), &scripted::ok("second")]);
    let session = session();
    deal(session.get(server.url("/")).stream().unwrap());
    assert_eq!(session.get(server.url("/")).send().unwrap().text(), "second");
    server.connections()
}

#[test]
fn s03_6_res_9_read_to_its_end_the_connection_is_kept() {
    let body = "x".repeat(300_000);
    let chunked = scripted::chunked([&body[..100_000], &body[100_000..]]);
    for answer in [answer("", &body), chunked] {
        assert_eq!(connections(&answer, |r| drop(r.load().unwrap())), 1);
        assert_eq!(connections(&answer, |mut r| assert!(r.iter_content(1000).count() > 100)), 1);
        assert_eq!(connections(&answer, |mut r| assert_eq!(r.copy_to(&mut Vec::new()).unwrap(), 300_000)), 1);
        assert_eq!(
            connections(&answer, |mut r| assert_eq!(r.raw().read_to_end(&mut Vec::new()).unwrap(), 300_000)),
            1
        );
    }
}

/// t:test_response_without_release_conn: what stands behind a response is anything that reads.
#[test]
fn res_9_closing_lets_go_of_whatever_is_read() {
    struct Told(&'static [u8], Arc<AtomicBool>);

    impl Read for Told {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Drop for Told {
        fn drop(&mut self) {
            self.1.store(true, Ordering::Relaxed);
        }
    }

    for deal in [reqs::Response::close as fn(reqs::Response<reqs::Stream>), drop] {
        let closed = Arc::new(AtomicBool::new(false));
        let r = reqs::Response::builder().reader(Told(b"test", Arc::clone(&closed))).build();
        assert!(!closed.load(Ordering::Relaxed));
        deal(r);
        assert!(closed.load(Ordering::Relaxed));
    }
}

/// t:test_response_context_manager, t:test_unconsumed_session_response_closes_connection
#[test]
fn s03_7_res_9_given_up_early_the_rest_is_not_read() {
    let large = answer("", vec![b'x'; 3_000_000]);
    assert_eq!(connections(&large, drop), 2);
    assert_eq!(connections(&large, reqs::Response::close), 2);
    assert_eq!(connections(&large, |mut r| drop(r.read(&mut [0; 10]))), 2);
    assert_eq!(
        connections(&large, |mut r| drop(r.iter_lines().next())),
        1,
        "which is all of it, being one line"
    );

    // A server that is in no hurry is not waited for.
    let gate = reqs_tests::Gate::new();
    let server = Scripted::start([
        Connection::new().answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").wait_for(&gate),
        Connection::new().answer(scripted::ok("second")),
    ]);
    let session = session();
    drop(session.get(server.url("/")).stream().unwrap());
    assert_eq!(session.get(server.url("/")).send().unwrap().text(), "second");
    gate.open();
}

#[test]
fn what_has_arrived_is_worth_reading_to_keep_the_connection() {
    assert_eq!(connections(answer("", "small"), drop), 1);
    assert_eq!(connections(answer("", "small"), reqs::Response::close), 1);
    assert_eq!(connections(scripted::chunked(["sm", "all"]), drop), 1);
    assert_eq!(connections(answer("", "small"), |mut r| drop(r.read(&mut [0; 2]))), 1);
    assert_eq!(
        connections(answer("Content-Encoding: gzip\r\n", "no gzip"), drop),
        1,
        "nothing is decoded for it"
    );
}
