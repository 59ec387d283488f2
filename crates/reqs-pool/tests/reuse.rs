//! A connection after its exchange: what keeps it for the next, what ends it, and what happens to a request that finds it
//! dead.

mod common;

use std::io::{Read, Seek, SeekFrom};
use std::time::Instant;

use common::{Ask, Server, ms, temporary_file, text};
use reqs_pool::{DropReason, ErrorKind, Outgoing, Pool, Step};

#[test]
fn a_connection_carries_one_exchange_after_another() {
    let server = Server::echo();
    let pool = Pool::default();
    for n in 0..5 {
        let reply = Ask::get(server.port, &format!("/{n}")).send(&pool).unwrap();
        assert_eq!(reply.reused, n > 0);
        assert_eq!(reply.timings.connect.is_some(), n == 0);
        assert_eq!(reply.connection.peer.unwrap().port(), server.port);
        assert!(reply.connection.local.is_some());
        assert_eq!(text(reply).unwrap(), format!("/{n}"));
    }
    let stats = pool.stats();
    assert_eq!((stats.opened, stats.reused, stats.idle), (1, 4, 1));
    assert_eq!(server.accepted(), 1);
}

#[test]
fn pool_8_what_ends_a_connection_and_what_does_not() {
    // Response, whether the connection is kept after it.
    const TABLE: &[(&str, &str, bool)] = &[
        ("length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true),
        ("chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true),
        ("204", "HTTP/1.1 204 No Content\r\n\r\n", true),
        ("304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", true),
        ("1.0 keep-alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", true),
        ("1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false),
        ("close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", false),
        ("surplus", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", false),
        (
            "both framings",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            false,
        ),
    ];
    for (name, response, kept) in TABLE {
        let server =
            Server::start(move |mut wire, _| while wire.request().is_some() && wire.send(response) {});
        let pool = Pool::default();
        for _ in 0..2 {
            let reply = Ask::get(server.port, "/").send(&pool).unwrap();
            let has_body = ![204, 304].contains(&reply.head.status.as_u16());
            assert_eq!(text(reply).unwrap(), if has_body { "ok" } else { "" }, "{name}");
        }
        assert_eq!(server.accepted() == 1, *kept, "{name}: {:?}", pool.stats());
    }
}

#[test]
fn pool_9_sec_83_surplus_bytes_never_answer_the_next_request() {
    let server = Server::start(|mut wire, number| {
        wire.request();
        if number == 0 {
            wire.answer("first");
            // Comes after the connection went back to the pool.
            std::thread::sleep(ms(100));
            wire.answer("poison");
            wire.until_closed();
        } else {
            wire.answer("second");
        }
    });
    let pool = Pool::default();
    assert_eq!(Ask::get(server.port, "/").text(&pool).unwrap(), "first");
    std::thread::sleep(ms(300));
    assert_eq!(Ask::get(server.port, "/").text(&pool).unwrap(), "second");
    assert_eq!(pool.stats().dropped_for(DropReason::Surplus), 1);
}

#[test]
fn pool_6_a_look_at_an_idle_connection_finds_out_that_it_was_closed() {
    let server = Server::start(|mut wire, _| {
        wire.request();
        wire.answer("one");
        // Closed while it is idle.
    });
    let pool = Pool::default();
    assert_eq!(Ask::get(server.port, "/").text(&pool).unwrap(), "one");
    std::thread::sleep(ms(150));
    let reply = Ask::get(server.port, "/").send(&pool).unwrap();
    assert!(!reply.reused);
    assert_eq!(text(reply).unwrap(), "one");
    let stats = pool.stats();
    assert_eq!((stats.opened, stats.replaced, stats.dropped_for(DropReason::Stale)), (2, 0, 1));
}

#[test]
fn pool_7_a_kept_connection_that_died_is_replaced_once_and_silently() {
    let server = Server::start(|mut wire, connection| {
        wire.request();
        wire.answer("one");
        if connection == 0 {
            // Closed with the second request in hand.
            wire.request();
        }
    });
    let pool = Pool::default();
    assert_eq!(Ask::get(server.port, "/").text(&pool).unwrap(), "one");
    let reply = Ask::get(server.port, "/").send(&pool).unwrap();
    assert!(!reply.reused);
    assert_eq!(text(reply).unwrap(), "one");
    let stats = pool.stats();
    assert_eq!((stats.opened, stats.replaced, stats.dropped_for(DropReason::Stale)), (2, 1, 1));
}

#[test]
fn pool_7_a_request_that_may_not_be_replayed_is_not() {
    let server = Server::start(|mut wire, _| {
        wire.request();
        wire.answer("one");
        // The second request is read and not answered.
        wire.request();
    });
    let pool = Pool::default();
    assert_eq!(Ask::get(server.port, "/").text(&pool).unwrap(), "one");
    let error = Ask::post(server.port, &[("Content-Length", "2")])
        .send_with(&pool, Outgoing::Bytes(b"hi"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(error.to_string().contains("closed the connection without a response"), "{error}");
    assert_eq!(server.accepted(), 1);
}

#[test]
fn pool_6_a_server_that_closes_without_a_word_after_each_response_gets_its_posts() {
    let server = Server::start(|mut wire, _| {
        wire.request();
        wire.answer("one");
    });
    let pool = Pool::default();
    for _ in 0..3 {
        let ask = Ask::post(server.port, &[("Content-Length", "2")]);
        assert_eq!(text(ask.send_with(&pool, Outgoing::Bytes(b"hi")).unwrap()).unwrap(), "one");
        // Far less than a second.
        std::thread::sleep(ms(50));
    }
    assert_eq!((pool.stats().opened, pool.stats().dropped_for(DropReason::Stale)), (3, 2));
}

#[test]
fn pool_7_a_server_that_always_hangs_up_is_not_asked_for_ever() {
    let server = Server::start(|mut wire, number| {
        wire.request();
        if number == 0 {
            wire.answer("one");
            wire.request();
        }
    });
    let pool = Pool::default();
    assert_eq!(Ask::get(server.port, "/").text(&pool).unwrap(), "one");
    let error = Ask::get(server.port, "/").send(&pool).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert_eq!(server.accepted(), 2);
}

#[test]
fn pool_7_a_file_is_replayed_from_where_it_began() {
    let server = Server::start(|mut wire, number| {
        let body = wire.request().unwrap().body;
        if number == 0 {
            wire.answer("one");
            // The second request is read and not answered.
            wire.request();
        } else {
            wire.answer(&String::from_utf8_lossy(&body).len().to_string());
        }
    });
    let pool = Pool::default();
    assert_eq!(Ask::get(server.port, "/").text(&pool).unwrap(), "one");
    let mut file = temporary_file(&[b'x'; 100_000]);
    file.seek(SeekFrom::Start(10)).unwrap();
    let ask = Ask { replayable: true, ..Ask::post(server.port, &[("Content-Length", "99990")]) };
    let reply = ask.send_with(&pool, Outgoing::File { file: &mut file, length: 99_990 }).unwrap();
    assert_eq!(text(reply).unwrap(), "99990");
    assert_eq!(pool.stats().replaced, 1);
}

#[test]
fn pool_10_an_unread_body_closes_the_connection_and_a_drained_one_does_not() {
    let server = Server::start(|mut wire, _| {
        while let Some(request) = wire.request() {
            match request.target() {
                "/long" if !wire.answer(&"x".repeat(100_000)) => return,
                "/long" => {}
                _ => {
                    let chunk = "x".repeat(1000);
                    wire.send(format!(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n{chunk}\r\n0\r\n\r\n"
                    ));
                }
            }
        }
    });
    let pool = Pool::default();
    let ask = Ask::get(server.port, "/");
    drop(ask.send(&pool).unwrap());
    assert_eq!((pool.stats().idle, pool.stats().dropped_for(DropReason::Unread)), (0, 1));
    ask.send(&pool).unwrap().body.close();
    assert_eq!(pool.stats().idle, 0);
    ask.send(&pool).unwrap().body.drain(100);
    assert_eq!(pool.stats().idle, 0);
    ask.send(&pool).unwrap().body.drain(1000);
    assert_eq!(pool.stats().idle, 1);
    // A small body comes with its head, so that nothing need be waited for.
    ask.send(&pool).unwrap().body.drain_buffered(100);
    assert_eq!(pool.stats().idle, 0);
    ask.send(&pool).unwrap().body.drain_buffered(1000);
    assert_eq!(pool.stats().idle, 1);
    // The last byte gives it back, no call for the end is needed.
    let mut reply = Ask::get(server.port, "/long").send(&pool).unwrap();
    reply.body.read_exact(&mut vec![0; 100_000]).unwrap();
    assert_eq!(pool.stats().idle, 1);
}

#[test]
fn pool_10_a_body_that_came_with_its_head_keeps_no_connection() {
    let server =
        Server::start(|mut wire, _| while wire.request().is_some() && wire.answer("a small body") {});
    let pool = Pool::default();
    let ask = Ask::get(server.port, "/");
    let mut first = ask.send(&pool).unwrap().body;
    assert_eq!((pool.stats().idle, first.is_ended(), first.length()), (1, false, Some(12)));
    // The next exchange has the connection while the body is read.
    let mut start = [0; 2];
    first.read_exact(&mut start).unwrap();
    let second = ask.send(&pool).unwrap();
    assert!(second.reused);
    let mut rest = String::from_utf8(start.to_vec()).unwrap();
    first.read_to_string(&mut rest).unwrap();
    assert_eq!((rest.as_str(), first.is_ended()), ("a small body", true));
    let mut whole = Vec::new();
    let mut body = second.body;
    assert_eq!(body.read_to_vec(&mut whole, u64::MAX).unwrap(), 12);
    assert_eq!((whole, body.is_ended()), (b"a small body".to_vec(), true));
    assert_eq!(pool.stats().dropped, []);
}

#[test]
fn draining_waits_for_a_second_and_no_longer() {
    let server = Server::start(|mut wire, _| {
        wire.request();
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe rest never");
        wire.until_closed();
    });
    let pool = Pool::default();
    let body = Ask::get(server.port, "/").send(&pool).unwrap().body;
    let started = Instant::now();
    body.drain(1_000_000);
    let took = started.elapsed();
    assert!(took >= ms(1000) && took < ms(4000), "{took:?}");
    assert_eq!((pool.stats().idle, pool.stats().dropped_for(DropReason::Failed)), (0, 1));
}

#[test]
fn a_request_that_cannot_be_sent_leaves_the_connection_as_it_was() {
    let server = Server::echo();
    let pool = Pool::default();
    assert_eq!(Ask::get(server.port, "/").text(&pool).unwrap(), "/");
    let mut bad = Ask::get(server.port, "/");
    bad.headers.insert("x", "a\r\nEvil: yes");
    let e = bad.send(&pool).unwrap_err();
    assert_eq!((e.kind(), e.step()), (ErrorKind::Protocol, Some(Step::Send)));
    assert!(e.protocol().unwrap().is_local());
    assert!(Ask::get(server.port, "/").send(&pool).unwrap().reused);
    assert_eq!(server.accepted(), 1);
}
