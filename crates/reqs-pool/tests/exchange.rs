//! One exchange: bodies out and in, timeouts, and every way in which a server can let a client down in the midst of it.

mod common;

use std::io::{self, BufRead, Read};
use std::time::{Duration, Instant};

use common::{Ask, Server, ms, temporary_file, text};
use reqs_pool::{DropReason, ErrorKind, Outgoing, Pool, Step, Timeouts};

#[test]
fn a_body_that_ends_with_the_connection() {
    let server = Server::start(|mut wire, _| {
        wire.request();
        wire.send("HTTP/1.1 200 OK\r\n\r\nall of it");
    });
    let pool = Pool::default();
    assert_eq!(Ask::get(server.port, "/").text(&pool).unwrap(), "all of it");
    assert_eq!(pool.stats().dropped_for(DropReason::NotKept), 1);
}

#[test]
fn a_server_that_closes_at_each_step() {
    // What the server sends before it closes, the kind, and a piece of the message.
    const TABLE: &[(&str, ErrorKind, &str)] = &[
        ("", ErrorKind::Closed, "closed the connection without a response"),
        ("HTTP", ErrorKind::Protocol, "inside the response head"),
        ("HTTP/1.1 200 OK\r\nContent-Le", ErrorKind::Protocol, "inside the response head"),
        ("HTTP/1.1 103 Early Hints\r\n\r\n", ErrorKind::Protocol, "inside the response head"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", ErrorKind::Protocol, "5"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", ErrorKind::Protocol, "last chunk"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", ErrorKind::Protocol, "last chunk"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
            ErrorKind::Protocol,
            "last chunk",
        ),
        ("SSH-2.0-OpenSSH\r\n", ErrorKind::Protocol, "SSH-2.0"),
    ];
    for (sent, kind, piece) in TABLE {
        let server = Server::start(move |mut wire, _| {
            wire.request();
            wire.send(sent);
        });
        let pool = Pool::default();
        let error = Ask::get(server.port, "/").text(&pool).unwrap_err();
        assert_eq!(error.kind(), *kind, "{sent:?}: {error}");
        let line = error.to_string();
        assert!(line.contains(piece) && !line.contains('\n'), "{sent:?}: {line}");
        assert!(line.contains(&format!("127.0.0.1:{}", server.port)), "{line}");
        assert_eq!(pool.stats().idle, 0);
    }
}

#[test]
fn bodies_of_every_kind_arrive_whole() {
    let server = Server::start(|mut wire, _| {
        while let Some(request) = wire.request() {
            let sum: u64 = request.body.iter().map(|b| u64::from(*b)).sum();
            wire.answer(&format!("{} {sum}", request.body.len()));
        }
    });
    let pool = Pool::default();
    for size in [0_usize, 1, 5_000, 16_384, 70_000, 3_000_000] {
        let bytes: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let sum: u64 = bytes.iter().map(|b| u64::from(*b)).sum();
        let wanted = format!("{size} {sum}");
        let length = size.to_string();
        let ask = Ask::post(server.port, &[("Content-Length", &length)]);
        for timeouts in [
            Timeouts::default(),
            Timeouts { deadline: Some(Instant::now() + ms(20_000)), ..Timeouts::default() },
        ] {
            let ask = Ask { timeouts, ..ask.clone() };
            let reply = ask.send_with(&pool, Outgoing::Bytes(&bytes)).unwrap();
            assert_eq!(text(reply).unwrap(), wanted);
            let mut file = temporary_file(&bytes);
            let body = Outgoing::File { file: &mut file, length: size as u64 };
            assert_eq!(text(ask.send_with(&pool, body).unwrap()).unwrap(), wanted);
            let body = Outgoing::Reader { reader: &mut &bytes[..], length: Some(size as u64) };
            assert_eq!(text(ask.send_with(&pool, body).unwrap()).unwrap(), wanted);
        }
    }
    assert_eq!(server.accepted(), 1, "{:?}", pool.stats());
}

#[test]
fn chunks_go_out_one_per_item_and_empty_ones_are_skipped() {
    let server = Server::start(|mut wire, _| {
        while let Some(request) = wire.request() {
            wire.answer(&String::from_utf8(request.body).unwrap());
        }
    });
    let pool = Pool::default();
    let ask = Ask::post(server.port, &[("Transfer-Encoding", "chunked")]);
    let mut items = ["hi", "", "there"].into_iter().map(|s| Ok(s.as_bytes().to_vec()));
    let reply = ask.send_with(&pool, Outgoing::Chunks(&mut items)).unwrap();
    assert_eq!(text(reply).unwrap(), "2\r\nhi\r\n5\r\nthere\r\n0\r\n\r\n");
    let reply = ask.send_with(&pool, Outgoing::Reader { reader: &mut &b"hello"[..], length: None }).unwrap();
    assert_eq!(text(reply).unwrap(), "5\r\nhello\r\n0\r\n\r\n");
    let reply = ask.send_with(&pool, Outgoing::Bytes(b"hello")).unwrap();
    assert_eq!(text(reply).unwrap(), "5\r\nhello\r\n0\r\n\r\n");
    assert_eq!(server.accepted(), 1);
}

#[test]
fn a_body_that_is_not_what_was_stated_is_an_error_before_or_while_it_is_sent() {
    let server = Server::start(|mut wire, _| wire.until_closed());
    let five = Ask::post(server.port, &[("Content-Length", "5")]);
    fn error<'a>(ask: &'a Ask, body: Outgoing<'a>) -> reqs_pool::Error {
        ask.send_with(&Pool::default(), body).unwrap_err()
    }

    let e = error(&five, Outgoing::Bytes(b"hi"));
    assert_eq!(e.kind(), ErrorKind::Body);
    assert!(e.to_string().contains("Content-Length says 5 bytes, and the body is 2 bytes"), "{e}");
    let e = error(&Ask::post(server.port, &[]), Outgoing::Bytes(b"hi"));
    assert!(e.to_string().contains("neither Content-Length nor Transfer-Encoding"), "{e}");
    let e = error(&five, Outgoing::Reader { reader: &mut &b"hi"[..], length: Some(5) });
    assert_eq!((e.kind(), e.step()), (ErrorKind::Body, Some(Step::Send)));
    assert!(e.to_string().contains("ended after 2 of 5 bytes"), "{e}");
    let e = error(&five, Outgoing::Reader { reader: &mut &b"longer"[..], length: Some(5) });
    assert!(e.to_string().contains("more than the 5 bytes"), "{e}");
    let mut file = temporary_file(b"xxx");
    let long = Ask::post(server.port, &[("Content-Length", "90000")]);
    let e = error(&long, Outgoing::File { file: &mut file, length: 90_000 });
    assert!(e.to_string().contains("ended after 3 of 90000 bytes"), "{e}");

    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the tape is torn"))
        }
    }
    let e = error(&five, Outgoing::Reader { reader: &mut Failing, length: Some(5) });
    assert_eq!(e.kind(), ErrorKind::Body);
    assert!(e.to_string().ends_with("could not be read: the tape is torn"), "{e}");
    assert_eq!(e.cause().unwrap().to_string(), "the tape is torn");
}

#[test]
fn bod_19_an_answer_before_the_body_has_ended_is_read() {
    let server = Server::start(|mut wire, _| {
        wire.head();
        wire.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
        // Closed with the body unread: the client's writes fail from here on.
        std::thread::sleep(ms(50));
        let stream = wire.io.get_ref();
        let _ = stream.shutdown(std::net::Shutdown::Write);
        wire.until_closed();
    });
    let pool = Pool::default();
    let ask = Ask::post(server.port, &[("Content-Length", "40000000")]);
    let reply = ask.send_with(&pool, Outgoing::Bytes(&vec![0; 40_000_000])).unwrap();
    assert_eq!(reply.head.status.as_u16(), 413);
    assert_eq!(text(reply).unwrap(), "big");
    assert_eq!(pool.stats().idle, 0);
}

#[test]
fn bod_19_a_reset_while_the_body_is_sent_does_not_hide_the_answer_or_the_reason() {
    let server = Server::start(|mut wire, _| {
        wire.head();
        wire.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
        std::thread::sleep(ms(200));
        // Dropped with unread bytes: the system sends a reset.
    });
    let pool = Pool::default();
    let ask = Ask::post(server.port, &[("Content-Length", "40000000")]);
    // Whether the answer outlives the reset is up to the system. Either it is there, or the error says what happened.
    match ask.send_with(&pool, Outgoing::Bytes(&vec![0; 40_000_000])) {
        Ok(reply) => assert_eq!(reply.head.status.as_u16(), 413),
        Err(e) => assert!([ErrorKind::Closed, ErrorKind::Io].contains(&e.kind()), "{e}"),
    }
}

#[test]
fn expect_100_continue_waits_for_the_word_and_then_sends() {
    let server = Server::start(|mut wire, _| {
        while let Some(head) = wire.head() {
            match head.target() {
                "/yes" => {
                    wire.send("HTTP/1.1 100 Continue\r\n\r\n");
                    let mut body = [0; 4];
                    wire.io.read_exact(&mut body).unwrap();
                    wire.answer("took it");
                }
                "/hints" => {
                    wire.send("HTTP/1.1 103 Early Hints\r\n\r\n");
                    std::thread::sleep(ms(30));
                    // Not before its time.
                    assert!(wire.io.buffer().is_empty());
                    wire.send("HTTP/1.1 100 Continue\r\n\r\n");
                    let mut body = [0; 4];
                    wire.io.read_exact(&mut body).unwrap();
                    wire.answer("took it");
                }
                "/no" => {
                    wire.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
                    // Nothing of the body may come.
                    let mut rest = Vec::new();
                    wire.io.read_to_end(&mut rest).unwrap();
                    assert!(rest.is_empty());
                    return;
                }
                _ => {
                    let mut body = [0; 4];
                    wire.io.read_exact(&mut body).unwrap();
                    wire.answer("unasked");
                }
            }
        }
    });
    let pool = Pool::new(reqs_pool::PoolConfig { expect_timeout: ms(100), ..Default::default() });
    let ask = |target: &str| Ask {
        target: target.to_owned(),
        ..Ask::post(server.port, &[("Content-Length", "4"), ("Expect", "100-continue")])
    };
    let reply = ask("/yes").send_with(&pool, Outgoing::Bytes(b"body")).unwrap();
    assert_eq!(reply.informational.len(), 1);
    assert_eq!(text(reply).unwrap(), "took it");
    let reply = ask("/hints").send_with(&pool, Outgoing::Bytes(b"body")).unwrap();
    assert_eq!(reply.informational.len(), 2);
    assert_eq!(text(reply).unwrap(), "took it");
    let started = Instant::now();
    let reply = ask("/silent").send_with(&pool, Outgoing::Bytes(b"body")).unwrap();
    assert!(started.elapsed() >= ms(100));
    assert_eq!(text(reply).unwrap(), "unasked");
    let reply = ask("/no").send_with(&pool, Outgoing::Bytes(b"body")).unwrap();
    assert_eq!(reply.head.status.as_u16(), 417);
    drop(reply);
    assert_eq!(pool.stats().idle, 0);
    assert_eq!(server.accepted(), 1);
}

#[test]
fn informational_responses_are_kept_beside_the_final_one() {
    let server = Server::start(|mut wire, _| {
        wire.request();
        wire.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
        wire.send("HTTP/1.1 102 Processing\r\n\r\n");
        wire.answer("done");
    });
    let reply = Ask::get(server.port, "/").send(&Pool::default()).unwrap();
    let statuses: Vec<u16> = reply.informational.iter().map(|head| head.status.as_u16()).collect();
    assert_eq!(statuses, [103, 102]);
    assert_eq!(reply.informational[0].headers.get("link"), Some("</a.css>"));
    assert_eq!(text(reply).unwrap(), "done");
}

#[test]
fn chunks_and_trailers_come_in_as_they_were_sent() {
    let server = Server::start(|mut wire, _| {
        wire.request();
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n");
        wire.send("5;x=y\r\nthree\r\n0\r\nX-Sum: 11\r\n\r\n");
        wire.until_closed();
    });
    let pool = Pool::default();
    let mut reply = Ask::get(server.port, "/").send(&pool).unwrap();
    assert_eq!(reply.body.length(), None);
    let mut chunks = Vec::new();
    loop {
        let chunk = reply.body.fill_buf().unwrap().to_vec();
        if chunk.is_empty() {
            break;
        }
        reply.body.consume(chunk.len());
        chunks.push(String::from_utf8(chunk).unwrap());
    }
    // A chunk may come in pieces, but never two in one.
    assert_eq!(chunks.concat(), "onetwothree");
    assert!(chunks.len() >= 3, "{chunks:?}");
    assert_eq!(reply.body.trailers().unwrap().get("x-sum"), Some("11"));
    assert_eq!(pool.stats().idle, 1);
}

#[test]
fn large_bodies_come_in_whole_by_every_way_of_reading() {
    const SIZE: usize = 5_000_000;
    fn byte(n: usize) -> u8 {
        u8::try_from(n % 251).unwrap()
    }
    let server = Server::start(|mut wire, _| {
        let bytes: Vec<u8> = (0..SIZE).map(byte).collect();
        while let Some(request) = wire.request() {
            match request.target() {
                "/length" => {
                    wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n"));
                    wire.send(&bytes);
                }
                "/chunked" => {
                    wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for (n, chunk) in bytes.chunks(77_777).enumerate() {
                        for chunk in chunk.chunks(if n % 2 == 0 { 100 } else { 77_777 }) {
                            wire.send(format!("{:x}\r\n", chunk.len()));
                            wire.send(chunk);
                            wire.send("\r\n");
                        }
                    }
                    wire.send("0\r\n\r\n");
                }
                _ => {
                    wire.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
                    wire.send(&bytes);
                    return;
                }
            }
        }
    });
    let pool = Pool::default();
    for target in ["/length", "/chunked", "/close"] {
        for watched in [false, true] {
            for way in 0..4 {
                let mut ask = Ask::get(server.port, target);
                ask.timeouts.deadline = watched.then(|| Instant::now() + ms(30_000));
                let mut body = ask.send(&pool).unwrap().body;
                let mut out = Vec::new();
                match way {
                    0 => assert_eq!(body.read_to_vec(&mut out, u64::MAX).unwrap(), SIZE as u64),
                    1 => loop {
                        let mut piece = vec![0; 1 + out.len() % 70_000];
                        let n = body.read(&mut piece).unwrap();
                        if n == 0 {
                            break;
                        }
                        out.extend_from_slice(&piece[..n]);
                    },
                    2 => loop {
                        let piece = body.fill_buf().unwrap();
                        if piece.is_empty() {
                            break;
                        }
                        let n = piece.len();
                        out.extend_from_slice(piece);
                        body.consume(n);
                    },
                    _ => {
                        while body.read_to_vec(&mut out, 333_333).unwrap() == 333_333 {}
                        assert!(body.is_ended());
                    }
                }
                assert_eq!(out.len(), SIZE, "{target} {watched} {way}");
                assert!(out.iter().enumerate().all(|(n, b)| *b == byte(n)), "{target} {watched} {way}");
            }
        }
    }
}

#[test]
fn sec_43_a_promise_of_a_petabyte_sets_nothing_aside() {
    let server = Server::start(|mut wire, _| {
        wire.request();
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000000\r\n\r\nhello");
    });
    let mut reply = Ask::get(server.port, "/").send(&Pool::default()).unwrap();
    let mut out = Vec::new();
    let error = reply.body.read_to_vec(&mut out, u64::MAX).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.protocol().unwrap().is_incomplete());
    assert_eq!(out, b"hello");
    assert!(out.capacity() <= 16 * 1024 * 1024);
}

#[test]
fn tmo_3_and_4_each_timeout_says_which_after_how_long_and_where() {
    let server = Server::start(|mut wire, _| {
        while let Some(request) = wire.head() {
            if request.target() == "/body" {
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nsome");
            }
            if request.target() == "/upload" {
                std::thread::sleep(Duration::from_secs(5));
            }
        }
    });
    let peer = format!("127.0.0.1:{}", server.port);
    let pool = Pool::default();
    let ask = |target: &str, timeouts: Timeouts| Ask { timeouts, ..Ask::get(server.port, target) };
    let read = Timeouts { read: Some(ms(150)), ..Timeouts::default() };
    let total =
        || Timeouts { deadline: Some(Instant::now() + ms(150)), total: Some(ms(150)), ..Timeouts::default() };

    let e = ask("/", read).text(&pool).unwrap_err();
    assert_eq!((e.kind(), e.step()), (ErrorKind::ReadTimeout, Some(Step::Head)));
    assert_eq!(e.to_string(), format!("{peer} sent nothing for 0.15 s (waiting for the response)"));

    let mut reply = ask("/body", read).send(&pool).unwrap();
    let e = reply.body.read_to_vec(&mut Vec::new(), u64::MAX).unwrap_err();
    assert_eq!((e.kind(), e.step()), (ErrorKind::ReadTimeout, Some(Step::Body)));
    assert_eq!(e.to_string(), format!("{peer} sent nothing for 0.15 s (reading the response's body)"));
    // What passes through Read is the same error.
    let mut reply = ask("/body", read).send(&pool).unwrap();
    let e = io::copy(&mut reply.body, &mut io::sink()).unwrap_err();
    assert_eq!(e.kind(), io::ErrorKind::TimedOut);
    assert_eq!(reqs_pool::Error::from_io(e).kind(), ErrorKind::ReadTimeout);

    for target in ["/", "/body"] {
        let started = Instant::now();
        let e = ask(target, total()).text(&pool).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Deadline);
        assert!(e.to_string().starts_with(&format!("the total time of 0.15 s ran out with {peer} (")), "{e}");
        assert!(started.elapsed() >= ms(150) && started.elapsed() < ms(1500));
    }

    let write = Timeouts { write: Some(ms(150)), ..Timeouts::default() };
    let upload = Ask {
        target: "/upload".to_owned(),
        timeouts: write,
        ..Ask::post(server.port, &[("Content-Length", "90000000")])
    };
    let e = upload.send_with(&pool, Outgoing::Bytes(&vec![0; 90_000_000])).unwrap_err();
    assert_eq!((e.kind(), e.step()), (ErrorKind::WriteTimeout, Some(Step::Send)));
    assert_eq!(e.to_string(), format!("{peer} took nothing for 0.15 s (sending the request)"));
    let upload = Ask { timeouts: total(), ..upload };
    let e = upload.send_with(&pool, Outgoing::Bytes(&vec![0; 90_000_000])).unwrap_err();
    assert_eq!((e.kind(), e.step()), (ErrorKind::Deadline, Some(Step::Send)));
}

#[test]
fn sec_85_one_byte_at_a_time_is_ended_by_the_total_deadline() {
    let server = Server::start(|mut wire, _| {
        wire.request();
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
        while wire.send("x") {
            std::thread::sleep(ms(10));
        }
    });
    let pool = Pool::default();
    let mut ask = Ask::get(server.port, "/");
    let started = Instant::now();
    ask.timeouts =
        Timeouts { read: Some(ms(5000)), deadline: Some(started + ms(300)), ..Timeouts::default() };
    let e = ask.text(&pool).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Deadline);
    assert!(started.elapsed() < ms(2000));
}
