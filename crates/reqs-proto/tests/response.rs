//! Response heads and framing: section 2.17 of the parity table, the hostile-server matrix, and the advisories
//! about them. Every message is also fed one byte at a time and split at every position (see `support::receive`).

mod support;

use http::Version;
use reqs_proto::{CloseReason, Error, Limits};
use support::{receive, receive_with};

/// `(id, what the server sends)`: accepted, with this status, reason and body, and the connection's fate.
macro_rules! accepted {
    ($($name:ident: $wire:expr => $status:expr, $reason:expr, $body:expr, $reuse:expr;)*) => {$(
        #[test]
        fn $name() {
            let seen = receive($wire).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((seen.status, seen.reason.as_str(), seen.text(), seen.reuse), ($status, $reason, $body, $reuse));
        }
    )*};
}

/// Refused with an error of this shape.
macro_rules! refused {
    ($($name:ident: $wire:expr => $error:pat,)*) => {$(
        #[test]
        fn $name() {
            match receive($wire) {
                Err($error) => {}
                other => panic!("{other:?}"),
            }
        }
    )*};
}

const OK: Result<(), CloseReason> = Ok(());

accepted! {
    // RSP-1: the status line.
    rsp_1_plain: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" => 200, "OK", "hi", OK;
    rsp_1_reason_missing: b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi" => 200, "", "hi", OK;
    rsp_1_reason_empty: b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi" => 200, "", "hi", OK;
    rsp_1_reason_of_its_own: b"HTTP/1.1 200 Fine, thanks\r\nContent-Length: 0\r\n\r\n" => 200, "Fine, thanks", "", OK;
    rsp_1_unknown_code: b"HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n" => 299, "", "", OK;
    rsp_1_highest_code: b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n" => 999, "Denied", "", OK;
    rsp_1_any_minor_version: b"HTTP/1.9 200 OK\r\nContent-Length: 0\r\n\r\n" => 200, "OK", "", OK;
    rsp_1_http_10: b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi" => 200, "OK", "hi", Err(CloseReason::Http10);
    // RSP-2: the reason is UTF-8 or ISO-8859-1.
    rsp_2_reason_latin_1: b"HTTP/1.1 200 Tr\xe8s bien\r\nContent-Length: 0\r\n\r\n" => 200, "Tr\u{e8}s bien", "", OK;
    rsp_2_reason_utf_8: "HTTP/1.1 200 Très bien\r\nContent-Length: 0\r\n\r\n".as_bytes() => 200, "Tr\u{e8}s bien", "", OK;
    // RSP-3: line ends and folds.
    rsp_3_lf_alone: b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi" => 200, "OK", "hi", OK;
    rsp_3_lf_and_crlf_mixed: b"HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nhi" => 200, "OK", "hi", OK;
    rsp_3_no_headers: b"HTTP/1.1 204 No Content\r\n\r\n" => 204, "No Content", "", OK;
    // RSP-7: Content-Length.
    rsp_7_same_twice: b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc" => 200, "OK", "abc", OK;
    rsp_7_same_in_a_list: b"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc" => 200, "OK", "abc", OK;
    rsp_7_leading_zeros: b"HTTP/1.1 200 OK\r\nContent-Length: 0003\r\n\r\nabc" => 200, "OK", "abc", OK;
    // RSP-8, SEC-84: Transfer-Encoding.
    rsp_8_chunked: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" => 200, "OK", "abc", OK;
    rsp_8_any_case: b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" => 200, "OK", "abc", OK;
    rsp_8_gzip_then_chunked_is_not_gunzipped:
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" => 200, "OK", "abc", OK;
    rsp_8_list_over_two_lines:
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        => 200, "OK", "abc", OK;
    rsp_8_sec_84_chunked_and_length_is_never_reused:
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        => 200, "OK", "abc", Err(CloseReason::FramingInDoubt);
    rsp_8_bad_length_beside_chunked_is_not_looked_at:
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        => 200, "OK", "", Err(CloseReason::FramingInDoubt);
    rsp_8_chunked_from_http_10_is_never_reused:
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        => 200, "OK", "abc", Err(CloseReason::FramingInDoubt);
    rsp_8_not_chunked_at_the_end_reads_to_close:
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc" => 200, "OK", "abc", Err(CloseReason::UntilClose);
    rsp_8_xchunked_is_not_chunked:
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nabc" => 200, "OK", "abc", Err(CloseReason::UntilClose);
    rsp_8_identity_is_no_coding_but_in_doubt:
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc"
        => 200, "OK", "abc", Err(CloseReason::FramingInDoubt);
    // RSP-10: no body whatever the headers; a 205 has one.
    rsp_10_204_with_a_length_is_empty_and_closed:
        b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n" => 204, "No Content", "", Err(CloseReason::FramingInDoubt);
    rsp_10_204_with_length_0: b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n" => 204, "No Content", "", OK;
    rsp_10_304_with_a_length: b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" => 304, "Not Modified", "", OK;
    rsp_10_304_chunked: b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n" => 304, "Not Modified", "", OK;
    rsp_10_205_is_read: b"HTTP/1.1 205 Reset Content\r\nContent-Length: 2\r\n\r\nhi" => 205, "Reset Content", "hi", OK;
    // RSP-11: neither length nor coding.
    rsp_11_read_to_close: b"HTTP/1.1 200 OK\r\n\r\nall of it" => 200, "OK", "all of it", Err(CloseReason::UntilClose);
    rsp_11_read_to_close_empty: b"HTTP/1.1 200 OK\r\n\r\n" => 200, "OK", "", Err(CloseReason::UntilClose);
    // POOL-9, SEC-83: what follows the body ends the connection.
    pool_9_sec_83_surplus_after_length: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\n"
        => 200, "OK", "hi", Err(CloseReason::Surplus);
    pool_9_surplus_after_chunks: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx"
        => 200, "OK", "", Err(CloseReason::Surplus);
    pool_9_surplus_after_no_body: b"HTTP/1.1 204 No Content\r\n\r\nx" => 204, "No Content", "", Err(CloseReason::Surplus);
    // RFC 9112 section 9.3: persistence.
    persistence_close: b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        => 200, "OK", "", Err(CloseReason::ConnectionClose);
    persistence_close_in_a_list: b"HTTP/1.1 200 OK\r\nConnection: x, Close ,y\r\nContent-Length: 0\r\n\r\n"
        => 200, "OK", "", Err(CloseReason::ConnectionClose);
    persistence_close_beats_keep_alive:
        b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        => 200, "OK", "", Err(CloseReason::ConnectionClose);
    persistence_http_10_keep_alive: b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n"
        => 200, "OK", "", OK;
    persistence_http_10_close: b"HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        => 200, "OK", "", Err(CloseReason::ConnectionClose);
    persistence_http_10_other_option: b"HTTP/1.0 200 OK\r\nConnection: x\r\nContent-Length: 0\r\n\r\n"
        => 200, "OK", "", Err(CloseReason::Http10);
}

refused! {
    // RSP-1 [FIX]: what is not HTTP/1.x, told at the first wrong byte.
    rsp_1_http_2: b"HTTP/2 200\r\n\r\n" => Error::NotHttp(_),
    rsp_1_icy: b"ICY 200 OK\r\n\r\n" => Error::NotHttp(_),
    rsp_1_http_09: b"<html>hello</html>" => Error::NotHttp(_),
    rsp_1_leading_line_end: b"\r\nHTTP/1.1 200 OK\r\n\r\n" => Error::NotHttp(_),
    rsp_1_lower_case: b"http/1.1 200 OK\r\n\r\n" => Error::NotHttp(_),
    rsp_1_tls_alert: b"\x15\x03\x01\x00\x02\x02\x50" => Error::NotHttp(_),
    rsp_1_code_not_numeric: b"HTTP/1.1 2x0 OK\r\n\r\n" => Error::InvalidStatusLine(_),
    rsp_1_code_too_short: b"HTTP/1.1 20 OK\r\n\r\n" => Error::InvalidStatusLine(_),
    rsp_1_code_too_long: b"HTTP/1.1 2000 OK\r\n\r\n" => Error::InvalidStatusLine(_),
    rsp_1_code_below_100: b"HTTP/1.1 099 OK\r\n\r\n" => Error::InvalidStatusLine(_),
    rsp_1_code_missing: b"HTTP/1.1\r\n\r\n" => Error::InvalidStatusLine(_),
    rsp_1_two_spaces: b"HTTP/1.1  200 OK\r\n\r\n" => Error::InvalidStatusLine(_),
    rsp_1_minor_of_two_digits: b"HTTP/1.11 200 OK\r\n\r\n" => Error::InvalidStatusLine(_),
    rsp_1_nul_in_reason: b"HTTP/1.1 200 O\0K\r\n\r\n" => Error::InvalidStatusLine(_),
    rsp_1_cr_in_reason: b"HTTP/1.1 200 O\rK\r\n\r\n" => Error::InvalidStatusLine(_),
    // RSP-3 [FIX]: malformed lines are errors, not the end of the headers.
    rsp_3_no_colon: b"HTTP/1.1 200 OK\r\nContent-Length 2\r\n\r\nhi" => Error::InvalidResponseHeader { line: 2, .. },
    rsp_3_sec_84_space_before_colon: b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length : 2\r\n\r\nhi"
        => Error::InvalidResponseHeader { line: 3, .. },
    rsp_3_leading_space_on_first_line: b"HTTP/1.1 200 OK\r\n A: b\r\n\r\n" => Error::InvalidResponseHeader { line: 2, .. },
    rsp_3_nul_in_value: b"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n" => Error::InvalidResponseHeader { .. },
    rsp_3_cr_in_value: b"HTTP/1.1 200 OK\r\nA: b\rc: d\r\n\r\n" => Error::InvalidResponseHeader { .. },
    rsp_3_escape_in_value: b"HTTP/1.1 200 OK\r\nA: \x1b[31m\r\n\r\n" => Error::InvalidResponseHeader { .. },
    rsp_3_del_in_value: b"HTTP/1.1 200 OK\r\nA: \x7f\r\n\r\n" => Error::InvalidResponseHeader { .. },
    rsp_3_empty_name: b"HTTP/1.1 200 OK\r\n: b\r\n\r\n" => Error::InvalidResponseHeader { .. },
    rsp_3_name_not_a_token: b"HTTP/1.1 200 OK\r\nA(b): c\r\n\r\n" => Error::InvalidResponseHeader { .. },
    rsp_3_name_not_ascii: b"HTTP/1.1 200 OK\r\n\xe9: c\r\n\r\n" => Error::InvalidResponseHeader { .. },
    rsp_3_nul_in_a_fold: b"HTTP/1.1 200 OK\r\nA: b\r\n \0\r\n\r\n" => Error::InvalidResponseHeader { .. },
    // RSP-7 [FIX], SEC-84, SEC-92: digits only.
    rsp_7_sec_92_plus: b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello" => Error::InvalidContentLength(_),
    rsp_7_negative: b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" => Error::InvalidContentLength(_),
    rsp_7_underscore: b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\n0123456789" => Error::InvalidContentLength(_),
    rsp_7_hexadecimal: b"HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello" => Error::InvalidContentLength(_),
    rsp_7_word: b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n" => Error::InvalidContentLength(_),
    rsp_7_empty: b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n" => Error::InvalidContentLength(_),
    rsp_7_space_inside: b"HTTP/1.1 200 OK\r\nContent-Length: 1 0\r\n\r\n" => Error::InvalidContentLength(_),
    rsp_7_beyond_64_bits: b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n" => Error::InvalidContentLength(_),
    rsp_7_empty_element: b"HTTP/1.1 200 OK\r\nContent-Length: 3,\r\n\r\nabc" => Error::InvalidContentLength(_),
    rsp_7_different: b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 3\r\n\r\nhello"
        => Error::ConflictingContentLength { first: 5, other: 3 },
    rsp_7_different_in_a_list: b"HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nhell"
        => Error::ConflictingContentLength { first: 3, other: 4 },
    // RSP-7, SEC-43: a body that ends too early is an error, and a huge length allocates nothing.
    rsp_7_short_body: b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello" => Error::IncompleteBody { got: 5, wanted: 50 },
    rsp_7_sec_43_huge_length: b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nhello"
        => Error::IncompleteBody { got: 5, wanted: u64::MAX },
    // RSP-8, SEC-93: the grammar of Transfer-Encoding.
    rsp_8_sec_93_chunked_twice: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"
        => Error::InvalidTransferEncoding(_),
    rsp_8_chunked_not_last: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"
        => Error::InvalidTransferEncoding(_),
    rsp_8_chunked_then_identity: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"
        => Error::InvalidTransferEncoding(_),
    rsp_8_parameter_on_chunked: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n"
        => Error::InvalidTransferEncoding(_),
    rsp_8_chunked_in_a_quoted_string:
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: x;a=\", chunked\r\n\r\n0\r\n\r\n"
        => Error::InvalidTransferEncoding(_),
    rsp_8_not_a_token: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"
        => Error::InvalidTransferEncoding(_),
    rsp_8_empty: b"HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n" => Error::InvalidTransferEncoding(_),
    rsp_8_vertical_tab: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"
        => Error::InvalidResponseHeader { .. },
    // RSP-12.
    rsp_12_empty_reply: b"" => Error::NoResponse,
    rsp_12_head_cut_short: b"HTTP/1.1 200 OK\r\nContent-Le" => Error::IncompleteHead { got: 27 },
    rsp_12_only_100: b"HTTP/1.1 100 Continue\r\n\r\n" => Error::IncompleteHead { got: 0 },
    // RSP-6: 101 unasked for.
    rsp_6_101_without_an_upgrade: b"HTTP/1.1 101 Switching Protocols\r\n\r\n" => Error::UnexpectedUpgrade,
}

#[test]
fn rsp_1_versions() {
    for (minor, version) in
        [(0, Version::HTTP_10), (1, Version::HTTP_11), (2, Version::HTTP_11), (9, Version::HTTP_11)]
    {
        let wire = format!("HTTP/1.{minor} 204 No Content\r\n\r\n");
        assert_eq!(receive(wire.as_bytes()).unwrap().version, version);
    }
}

#[test]
fn rsp_1_every_code_from_100_to_999() {
    for code in 0..=999u16 {
        let wire = format!(
            "HTTP/1.1 {code:03} x\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        );
        let mut exchange = support::started("GET", &Limits::default());
        match exchange.receive_head(wire.as_bytes()) {
            Ok(Some(_)) => assert!(code >= 100 && code != 101, "{code}"),
            Err(_) => assert!(code < 100 || code == 101, "{code}"),
            Ok(None) => panic!("{code}"),
        }
    }
}

#[test]
fn rsp_3_folds_become_one_space() {
    for (wire, value) in [
        ("A: b\r\n c\r\nContent-Length: 0\r\n", "b c"),
        ("A: b\r\n\tc\r\nContent-Length: 0\r\n", "b c"),
        ("A: b  \r\n \t  c\r\nContent-Length: 0\r\n", "b c"),
        ("A: b\n c\nContent-Length: 0\n", "b c"),
        ("A: b\r\n c\r\n d\r\nContent-Length: 0\r\n", "b c d"),
        ("A:\r\n c\r\nContent-Length: 0\r\n", "c"),
        ("Content-Length: 0\r\nA: b\r\n c\r\n", "b c"),
    ] {
        let seen = receive(format!("HTTP/1.1 200 OK\r\n{wire}\r\n").as_bytes()).unwrap();
        assert_eq!(seen.header("a"), Some(value.as_bytes()), "{wire:?}");
        assert_eq!(seen.headers.len(), 2, "{wire:?}");
    }
}

#[test]
fn rsp_4_order_spelling_and_duplicates_stay() {
    let wire = b"HTTP/1.1 200 OK\r\nX-A: a\r\nx-a: b\r\ncontent-LENGTH: 0\r\nX-A:\r\n\r\n";
    let seen = receive(wire).unwrap();
    let names: Vec<_> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["X-A", "x-a", "content-LENGTH", "X-A"]);

    let mut exchange = support::started("GET", &Limits::default());
    let Some((reqs_proto::Received::Final(head), _)) = exchange.receive_head(wire).unwrap() else { panic!() };
    assert_eq!(head.headers.joined("x-A").unwrap(), "a, b, ");
    assert_eq!(head.headers.get_all("x-a").collect::<Vec<_>>(), ["a", "b", ""]);
}

#[test]
fn rsp_4_values_are_trimmed_and_hold_any_obs_text() {
    let wire = b"HTTP/1.1 200 OK\r\nLatin: caf\xe9\r\nUtf8: caf\xc3\xa9\r\nBlank:  \t x y \t\r\nContent-Length: 0\r\n\r\n";
    let seen = receive(wire).unwrap();
    assert_eq!(seen.header("latin"), Some(&b"caf\xe9"[..]));
    assert_eq!(seen.header("utf8"), Some("caf\u{e9}".as_bytes()));
    assert_eq!(seen.header("blank"), Some(&b"x y"[..]));

    let mut exchange = support::started("GET", &Limits::default());
    let Some((reqs_proto::Received::Final(head), _)) = exchange.receive_head(wire).unwrap() else { panic!() };
    assert_eq!((&head.headers["latin"], &head.headers["utf8"]), ("caf\u{e9}", "caf\u{e9}"));
}

#[test]
fn rsp_5_sec_94_header_count_limit() {
    let head = |count: usize| {
        let lines: String = (0..count).map(|n| format!("X-{n}: {n}\r\n")).collect();
        format!("HTTP/1.1 204 No Content\r\n{lines}\r\n").into_bytes()
    };
    for count in [0, 1, 63, 64, 65, 100, 200, 256] {
        assert_eq!(receive(&head(count)).unwrap().headers.len(), count);
    }
    assert!(matches!(receive(&head(257)), Err(Error::TooManyHeaders { limit: 256 })));
    let mut limits = Limits::default();
    limits.headers = 3;
    assert!(receive_with("GET", &head(3), &limits).is_ok());
    assert!(matches!(receive_with("GET", &head(4), &limits), Err(Error::TooManyHeaders { limit: 3 })));
    limits.headers = 1000;
    assert_eq!(receive_with("GET", &head(1000), &limits).unwrap().headers.len(), 1000);
    limits.headers = 0;
    assert!(receive_with("GET", &head(0), &limits).is_ok());
    assert!(receive_with("GET", &head(1), &limits).is_err());
}

#[test]
fn rsp_5_sec_41_sec_65_head_size_limit() {
    let head = |size: usize| {
        let empty = "HTTP/1.1 204 No Content\r\nA: \r\n\r\n".len();
        format!("HTTP/1.1 204 No Content\r\nA: {}\r\n\r\n", "x".repeat(size - empty)).into_bytes()
    };
    // A 100 KB header is fine.
    assert_eq!(receive(&head(100_000)).unwrap().headers.len(), 1);
    assert!(receive(&head(Limits::HEAD_BYTES)).is_ok());
    assert!(matches!(receive(&head(Limits::HEAD_BYTES + 1)), Err(Error::HeadTooLong { .. })));
    let mut limits = Limits::default();
    limits.head_bytes = 100;
    assert!(receive_with("GET", &head(100), &limits).is_ok());
    assert!(matches!(receive_with("GET", &head(101), &limits), Err(Error::HeadTooLong { limit: 100 })));
    // An endless header, and an endless status line, end at the limit, not at the end of the input.
    for endless in [&b"HTTP/1.1 200 OK\r\nA: xxxxxxxxxxxx"[..], b"HTTP/1.1 200 OK OK OK OK OK"] {
        limits.head_bytes = 20;
        let mut exchange = support::started("GET", &limits);
        assert!(exchange.receive_head(&endless[..20]).unwrap().is_none());
        assert!(matches!(exchange.receive_head(endless), Err(Error::HeadTooLong { limit: 20 })));
    }
}

#[test]
fn rsp_6_informational_responses_are_handed_out_and_the_final_one_follows() {
    let wire = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n\
        HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 199 x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    let seen = receive(wire).unwrap();
    assert_eq!(seen.informational, [100, 102, 103, 199]);
    assert_eq!((seen.status, seen.text(), seen.reuse), (200, "hi", OK));
}

#[test]
fn rsp_6_sec_42_endless_informational_responses_end_at_the_limit() {
    let wire = |count: usize| {
        [b"HTTP/1.1 103 x\r\n\r\n".repeat(count).as_slice(), b"HTTP/1.1 204 x\r\n\r\n"].concat()
    };
    assert_eq!(receive(&wire(Limits::INFORMATIONAL)).unwrap().informational.len(), 16);
    assert!(matches!(receive(&wire(17)), Err(Error::TooManyInformational { limit: 16 })));
    let mut limits = Limits::default();
    limits.informational = 0;
    assert!(matches!(receive_with("GET", &wire(1), &limits), Err(Error::TooManyInformational { limit: 0 })));
}

#[test]
fn rsp_10_head_has_no_body_whatever_the_headers() {
    for headers in ["Content-Length: 5", "Transfer-Encoding: chunked", "A: b", "Content-Length: x"] {
        let wire = format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n");
        let seen = receive_with("HEAD", wire.as_bytes(), &Limits::default()).unwrap();
        assert_eq!((seen.text(), seen.reuse), ("", OK), "{headers}");
    }
}

#[test]
fn connect_2xx_is_a_tunnel_and_any_other_answer_a_response() {
    let limits = Limits::default();
    let seen =
        receive_with("CONNECT", b"HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n", &limits)
            .unwrap();
    assert_eq!((seen.text(), seen.reuse), ("", Err(CloseReason::Switched)));
    let refused = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno";
    let seen = receive_with("CONNECT", refused, &limits).unwrap();
    assert_eq!((seen.status, seen.text(), seen.reuse), (407, "no", OK));
}

#[test]
fn sec_98_a_head_of_a_megabyte_in_one_byte_reads_is_linear() {
    let mut limits = Limits::default();
    limits.head_bytes = 2 << 20;
    let mut wire = b"HTTP/1.1 200 OK\r\n".to_vec();
    assert!(receive_one_by_one(&limits, &[b"HTTP/1.1 200 ".as_slice(), &[b'x'; 1 << 20]].concat()).is_none());
    for n in 0..200 {
        wire.extend_from_slice(format!("X-{n}: {}\r\n", "x".repeat(5300)).as_bytes());
    }
    wire.extend_from_slice(b"\r\n");
    assert!(wire.len() > 1 << 20);
    // Quadratic would be 5 * 10^11 steps, which no test survives.
    assert_eq!(receive_one_by_one(&limits, &wire), Some(wire.len()));
}

/// How long the head is, if it ends.
fn receive_one_by_one(limits: &Limits, wire: &[u8]) -> Option<usize> {
    let mut exchange = support::started("GET", limits);
    for end in 1..wire.len() {
        assert!(exchange.receive_head(&wire[..end]).unwrap().is_none());
    }
    exchange.receive_head(wire).unwrap().map(|(_, len)| len)
}

#[test]
fn errors_name_the_line_and_the_header_and_never_the_value() {
    for (line, expected) in [
        (
            "Authorization : secret",
            "invalid header \"Authorization \" in the response, line 3: whitespace before the colon",
        ),
        (
            "Set-Cookie: secret\u{1}",
            "invalid header \"Set-Cookie\" in the response, line 3: a control character in the value",
        ),
        ("secret", "invalid header in the response, line 3: a colon is missing"),
        (
            "A\u{e9}: secret",
            "invalid header \"A\u{e9}\" in the response, line 3: a character that a name may not have",
        ),
        (": secret", "invalid header in the response, line 3: the name is empty"),
    ] {
        let wire = format!("HTTP/1.1 200 OK\r\nA: b\r\n{line}\r\n\r\n");
        assert_eq!(receive(wire.as_bytes()).unwrap_err().to_string(), expected);
    }
    let error = receive(b"SSH-2.0-OpenSSH_9.6\r\n").unwrap_err();
    assert_eq!(error.to_string(), "the response is not HTTP/1.x: it starts with \"SSH-2.0-OpenSSH_9.6\"");
    assert!(!error.is_local() && !error.is_incomplete());
}
