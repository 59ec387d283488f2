//! What goes out: sections 2.4 and 2.5 (framing) of the parity table, byte for byte.

use reqs_proto::{
    BodyLength, CloseReason, Error, Exchange, HeaderProblem, Headers, Limits, RequestHead, ResponseBody,
};

fn start(method: &str, target: &str, headers: &Headers) -> Result<(Exchange, Vec<u8>), Error> {
    let mut wire = b"before ".to_vec();
    let head = RequestHead { method, target, host: "example.org", headers };
    let exchange = match Exchange::start(&head, &Limits::default(), &mut wire) {
        Ok(exchange) => exchange,
        Err(error) => {
            assert_eq!(wire, b"before ", "nothing may be written for a request that is refused");
            assert!(error.is_local(), "{error}");
            return Err(error);
        }
    };
    Ok((exchange, wire.split_off("before ".len())))
}

fn post(headers: impl Into<Headers>) -> Exchange {
    start("POST", "/", &headers.into()).unwrap().0
}

#[test]
fn ses_2_hdr_5_url_27_host_first_then_the_headers_as_given() {
    let headers =
        Headers::from([("User-Agent", "reqs"), ("aCCept", "*/*"), ("X-Empty", ""), ("accept", "b")]);
    let (exchange, wire) = start("GET", "/a?b=c", &headers).unwrap();
    let expected = "GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nUser-Agent: reqs\r\naCCept: */*\r\nX-Empty: \r\naccept: b\r\n\r\n";
    assert_eq!(String::from_utf8(wire).unwrap(), expected);
    assert_eq!((exchange.request_body(), exchange.is_sent()), (BodyLength::None, true));
}

#[test]
fn hdr_6_the_users_host_stands_where_the_user_put_it_once() {
    let headers = Headers::from([("A", "b"), ("hOst", "other.example:81"), ("Transfer-Encoding", "chunked")]);
    let (_, wire) = start("POST", "/", &headers).unwrap();
    let expected = "POST / HTTP/1.1\r\nA: b\r\nhOst: other.example:81\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(String::from_utf8(wire).unwrap(), expected);

    let twice = Headers::from([("Host", "a"), ("host", "a")]);
    assert_eq!(start("GET", "/", &twice).unwrap_err(), Error::DuplicateHost);
}

#[test]
fn headers_that_were_changed_are_sent_in_their_order() {
    let mut headers = Headers::from([("A", "1"), ("B", "2"), ("C", "3")]);
    headers.insert("a", "4");
    headers.remove("b");
    headers.append("D", "caf\u{e9}");
    headers.append_bytes("E", b"\xff\xfe");
    let (_, wire) = start("GET", "/", &headers).unwrap();
    assert_eq!(
        wire,
        b"GET / HTTP/1.1\r\nHost: example.org\r\na: 4\r\nC: 3\r\nD: caf\xe9\r\nE: \xff\xfe\r\n\r\n"
    );
}

#[test]
fn targets_of_every_form() {
    for target in ["/", "*", "example.org:443", "http://example.org/a?b", "/%E2%82%AC?[]|\\^`{}\"<>"] {
        let (_, wire) = start("X", target, &Headers::new()).unwrap();
        assert_eq!(
            String::from_utf8(wire).unwrap(),
            format!("X {target} HTTP/1.1\r\nHost: example.org\r\n\r\n")
        );
    }
}

#[test]
fn hdr_1_hdr_2_sec_45_what_may_not_be_sent_is_refused_by_name() {
    use HeaderProblem::{ControlCharacter, LeadingWhitespace, Name, NotLatin1};
    let table: &[(&str, &str, HeaderProblem)] = &[
        ("", "x", Name),
        ("a:b", "x", Name),
        (" a", "x", Name),
        ("a ", "x", Name),
        ("a\t", "x", Name),
        ("a\r\nb", "x", Name),
        ("a\n", "x", Name),
        ("a\0", "x", Name),
        ("a b", "x", Name),
        ("(a)", "x", Name),
        ("a\u{e9}", "x", Name),
        ("a", "x\r\ny: z", ControlCharacter(1)),
        ("a", "x\n", ControlCharacter(1)),
        ("a", "\r", ControlCharacter(0)),
        ("a", "xy\0", ControlCharacter(2)),
        ("a", "x\u{7f}", ControlCharacter(1)),
        ("a", "x\u{1b}[0m", ControlCharacter(1)),
        ("a", " x", LeadingWhitespace),
        ("a", "\tx", LeadingWhitespace),
        ("a", " ", LeadingWhitespace),
        // HDR-4 [FIX].
        ("a", "\u{20ac}", NotLatin1),
        ("a", "\u{65e5}\u{672c}", NotLatin1),
    ];
    for (name, value, problem) in table {
        for mut headers in [Headers::new(), Headers::from([("before", "1")]), Headers::from([(*name, "old")])]
        {
            headers.insert(name, value);
            headers.append("after", "2");
            let Err(Error::InvalidHeader(error)) = start("GET", "/", &headers) else {
                panic!("{name:?}: {value:?}")
            };
            assert_eq!((error.name(), error.problem()), (*name, *problem), "{name:?}: {value:?}");
            assert!(!error.to_string().contains('\n') && !error.to_string().contains('\0'), "{error}");
            assert_eq!(headers.check(), Err(error));
        }
    }
}

#[test]
fn hdr_1_hdr_2_what_may_be_sent() {
    let table: &[(&str, &[u8])] = &[
        ("!#$%&'*+-.^_`|~09azAZ", b"x"),
        ("a", b""),
        ("a", b"x \t y"),
        ("a", b"x "),
        ("a", b"\xff\x80"),
        ("a", "\u{20ac} as bytes".as_bytes()),
    ];
    for (name, value) in table {
        let mut headers = Headers::new();
        headers.insert_bytes(name, value);
        let (_, wire) = start("GET", "/", &headers).unwrap();
        let line = [name.as_bytes(), b": ", value, b"\r\n\r\n"].concat();
        assert!(wire.ends_with(&line), "{name:?}");
    }
}

#[test]
fn a_header_that_was_wrong_and_is_taken_back_is_no_error() {
    let mut headers = Headers::from([("a", "x\r\ny")]);
    assert!(start("GET", "/", &headers).is_err());
    headers.insert("a", "x");
    assert!(start("GET", "/", &headers).is_ok());
    headers.append("bad name", "");
    assert!(headers.remove("bad name"));
    assert_eq!(
        start("GET", "/", &headers).unwrap().1,
        b"GET / HTTP/1.1\r\nHost: example.org\r\na: x\r\n\r\n"
    );
}

#[test]
fn errors_never_show_the_value() {
    let headers = Headers::from([("Authorization", "Bearer s3cret\r\n")]);
    let error = start("GET", "/", &headers).unwrap_err();
    assert!(!error.to_string().contains("s3cret") && !format!("{error:?}").contains("s3cret"), "{error:?}");
    assert!(error.to_string().contains("\"Authorization\""), "{error}");
}

#[test]
fn sec_22_sec_24_sec_38_method_target_and_host_hold_nothing_that_injects() {
    for method in ["", " ", "GET ", "GE T", "GET\r\n", "G\0T", "G(T)", "G\u{c9}T", "GET / HTTP/1.1\r\nX: y"] {
        assert!(matches!(start(method, "/", &Headers::new()), Err(Error::InvalidMethod(_))), "{method:?}");
    }
    for (target, at) in
        [("", 0), ("/a b", 2), ("/\r\nX: y", 1), ("/\0", 1), ("/\t", 1), ("/caf\u{e9}", 4), ("/\u{7f}", 1)]
    {
        assert_eq!(
            start("GET", target, &Headers::new()).unwrap_err(),
            Error::InvalidTarget { at },
            "{target:?}"
        );
    }
    for host in ["a b", "a\r\nX: y", "a\0", "\u{e9}", "a\t"] {
        let headers = Headers::new();
        let head = RequestHead { method: "GET", target: "/", host, headers: &headers };
        let result = Exchange::start(&head, &Limits::default(), &mut Vec::new());
        assert!(matches!(result, Err(Error::InvalidHost(_))), "{host:?}");
        let mut headers = Headers::new();
        headers.insert_bytes("Host", host.as_bytes());
        assert!(start("GET", "/", &headers).is_err(), "{host:?}");
    }
}

#[test]
fn bod_13_bod_14_framing_that_contradicts_itself_is_refused() {
    let both = Headers::from([("Content-Length", "3"), ("Transfer-Encoding", "chunked")]);
    assert_eq!(start("POST", "/", &both).unwrap_err(), Error::ConflictingFraming);
    for length in ["", "+3", "-3", "3 ", "3,3", "0x3", "abc", "18446744073709551616"] {
        let headers = Headers::from([("Content-Length", length)]);
        assert!(matches!(start("POST", "/", &headers), Err(Error::InvalidRequestLength(_))), "{length:?}");
    }
    let twice = Headers::from([("Content-Length", "3"), ("content-length", "3")]);
    assert_eq!(start("POST", "/", &twice).unwrap_err(), Error::InvalidRequestLength("3, 3".into()));
    for coding in ["", "gzip", "chunked, gzip", "chunked, chunked", "xchunked", "identity"] {
        let headers = Headers::from([("Transfer-Encoding", coding)]);
        assert!(matches!(start("POST", "/", &headers), Err(Error::InvalidRequestCoding(_))), "{coding:?}");
    }
    for coding in ["chunked", "Chunked", "gzip, chunked"] {
        assert_eq!(post([("Transfer-Encoding", coding)]).request_body(), BodyLength::Chunked);
    }
}

#[test]
fn bod_1_bod_5_a_length_of_0_is_sent_and_takes_no_bytes() {
    let mut exchange = post([("Content-Length", "0")]);
    assert_eq!((exchange.request_body(), exchange.is_sent()), (BodyLength::Exact(0), true));
    assert_eq!(exchange.encode_body(b"x", &mut Vec::new()), Err(Error::BodyTooLong { wanted: 0, got: 1 }));
    let mut exchange = post([("Content-Length", "0")]);
    exchange.finish_body(&mut Vec::new()).unwrap();
}

#[test]
fn bod_7_a_body_of_known_length_takes_neither_more_nor_fewer_bytes() {
    let mut wire = Vec::new();
    let mut exchange = post([("Content-Length", "5")]);
    exchange.encode_body(b"he", &mut wire).unwrap();
    exchange.encode_body(b"", &mut wire).unwrap();
    assert!(!exchange.is_sent());
    exchange.note_sent(2).unwrap();
    assert_eq!(exchange.finish_body(&mut wire), Err(Error::BodyTooShort { wanted: 5, got: 4 }));

    let mut exchange = post([("Content-Length", "5")]);
    exchange.note_sent(4).unwrap();
    exchange.encode_body(b"o", &mut wire).unwrap();
    assert!(exchange.is_sent());
    exchange.finish_body(&mut wire).unwrap();
    assert_eq!(wire, b"heo");

    for over in [1, u64::MAX] {
        let mut exchange = post([("Content-Length", "5")]);
        exchange.note_sent(5).unwrap();
        assert!(matches!(exchange.note_sent(over), Err(Error::BodyTooLong { wanted: 5, .. })));
        // An error stays, whatever the server says.
        exchange.receive_head(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").unwrap().unwrap();
        assert_eq!(exchange.reuse(0), Err(CloseReason::Error));
    }
}

#[test]
fn bod_8_bod_16_chunks_have_lower_case_sizes_and_empty_ones_are_skipped() {
    let mut exchange = post([("Transfer-Encoding", "chunked")]);
    let mut wire = Vec::new();
    exchange.encode_body(&[b'x'; 26], &mut wire).unwrap();
    exchange.encode_body(b"", &mut wire).unwrap();
    exchange.encode_body(b"y", &mut wire).unwrap();
    assert!(!exchange.is_sent());
    exchange.finish_body(&mut wire).unwrap();
    assert!(exchange.is_sent());
    assert_eq!(wire, [b"1a\r\n".as_slice(), &[b'x'; 26], b"\r\n1\r\ny\r\n0\r\n\r\n"].concat());
    assert_eq!(exchange.encode_body(b"z", &mut wire), Err(Error::BodyNotOpen));

    let mut exchange = post([("Transfer-Encoding", "chunked")]);
    let mut wire = Vec::new();
    exchange.finish_body(&mut wire).unwrap();
    assert_eq!(wire, b"0\r\n\r\n");
    assert_eq!(post([("Transfer-Encoding", "chunked")]).note_sent(1), Err(Error::BodyNotOpen));
}

#[test]
fn a_request_without_framing_takes_no_body() {
    let mut exchange = post(Headers::new());
    assert_eq!(exchange.encode_body(b"x", &mut Vec::new()), Err(Error::BodyNotOpen));
    let mut exchange = post(Headers::new());
    exchange.finish_body(&mut Vec::new()).unwrap();
}

#[test]
fn expect_100_continue_is_a_state() {
    let expecting = || post([("Expect", "100-Continue"), ("Content-Length", "2")]);
    assert!(expecting().expects_continue());
    assert!(post([("Expect", "100-continue"), ("Transfer-Encoding", "chunked")]).expects_continue());
    // Nothing to wait with, or nothing asked for.
    assert!(!post([("Expect", "100-continue")]).expects_continue());
    assert!(!post([("Expect", "100-continue"), ("Content-Length", "0")]).expects_continue());
    assert!(!post([("Expect", "x"), ("Content-Length", "2")]).expects_continue());
    assert!(!post([("Content-Length", "2")]).expects_continue());
    // It ends with 100, with the final response, or with the first byte of the body.
    let mut exchange = expecting();
    exchange.receive_head(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap().unwrap();
    assert!(!exchange.expects_continue());
    // Other interim responses are not the word that is waited for.
    let mut exchange = expecting();
    exchange.receive_head(b"HTTP/1.1 103 Early Hints\r\n\r\n").unwrap().unwrap();
    assert!(exchange.expects_continue());
    let mut exchange = expecting();
    exchange.encode_body(b"", &mut Vec::new()).unwrap();
    assert!(exchange.expects_continue());
    exchange.encode_body(b"h", &mut Vec::new()).unwrap();
    assert!(!exchange.expects_continue());
    let mut exchange = expecting();
    exchange.receive_head(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n").unwrap().unwrap();
    assert!(!exchange.expects_continue());
    assert_eq!(exchange.reuse(0), Err(CloseReason::UnsentBody));
}

#[test]
fn bod_19_an_early_answer_is_read_while_the_body_is_unsent() {
    let mut exchange = post([("Content-Length", "1000000")]);
    exchange.note_sent(10).unwrap();
    exchange.receive_head(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\n").unwrap().unwrap();
    assert_eq!(exchange.response_body(), ResponseBody::Exact(2));
    exchange.consume(2);
    assert_eq!(exchange.reuse(0), Err(CloseReason::UnsentBody));
}

#[test]
fn bod_19_a_body_that_was_handed_over_and_not_written_is_unsent() {
    let mut exchange = post([("Content-Length", "5")]);
    exchange.note_sent(5).unwrap();
    exchange.finish_body(&mut Vec::new()).unwrap();
    exchange.abandon_body();
    assert!(!exchange.is_sent());
    exchange.receive_head(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap().unwrap();
    assert_eq!(exchange.reuse(0), Err(CloseReason::UnsentBody));
}

#[test]
fn the_reasons_to_close_are_told_apart() {
    let ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    let mut exchange = post(Headers::new());
    assert_eq!(exchange.reuse(0), Err(CloseReason::UnreadBody));
    exchange.receive_head(ok).unwrap();
    assert_eq!(exchange.reuse(0), Err(CloseReason::UnreadBody));
    assert_eq!(exchange.direct(), 2);
    exchange.consume(2);
    assert_eq!(exchange.reuse(0), Ok(()));
    assert_eq!(exchange.reuse(1), Err(CloseReason::Surplus));
    assert_eq!(exchange.receive_head(ok).unwrap_err(), Error::HeadAlreadyReceived);
    assert_eq!(exchange.reuse(0), Err(CloseReason::Error));

    let mut exchange = post([("Connection", "x, close")]);
    exchange.receive_head(b"HTTP/1.1 204 x\r\n\r\n").unwrap();
    assert_eq!(exchange.reuse(0), Err(CloseReason::ConnectionClose));

    let mut exchange = post([("Connection", "upgrade"), ("Upgrade", "websocket")]);
    let (received, _) = exchange
        .receive_head(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
        .unwrap()
        .unwrap();
    assert!(matches!(received, reqs_proto::Received::Final(head) if head.status == 101));
    assert_eq!((exchange.is_ended(), exchange.reuse(0)), (true, Err(CloseReason::Switched)));
    for reason in [CloseReason::Surplus, CloseReason::Http10, CloseReason::Error] {
        assert!(!reason.to_string().is_empty());
    }
}
