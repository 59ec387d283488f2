//! HDR-1 to HDR-7, as far as they are about the map; what may be sent is in `tests/request.rs`.

use std::collections::{BTreeMap, HashMap};

use http::HeaderMap;

use super::*;
use crate::framing::asks_to_close;
use crate::limits::Limits;
use crate::response::HeadReader;

fn pairs(headers: &Headers) -> Vec<(&str, &str)> {
    headers.iter().collect()
}

#[test]
fn hdr_7_insert_keeps_the_first_position_and_takes_the_new_spelling() {
    let mut headers = Headers::from([("A", "1"), ("B", "2"), ("a", "3"), ("C", "4")]);
    headers.insert("a", "5");
    assert_eq!(pairs(&headers), [("a", "5"), ("B", "2"), ("C", "4")]);
    headers.insert("D", "6");
    assert_eq!(pairs(&headers).last(), Some(&("D", "6")));
}

#[test]
fn hdr_7_lookups_ignore_case_and_give_the_first_value() {
    let headers = Headers::from([("Set-Cookie", "a"), ("Accept", "*/*"), ("SET-COOKIE", "b")]);
    assert_eq!(headers.get("set-cookie"), Some("a"));
    assert_eq!(headers.get_bytes("ACCEPT"), Some(&b"*/*"[..]));
    assert_eq!(headers.get_all("Set-Cookie").collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(&headers["accept"], "*/*");
    assert!(headers.contains("aCCEPT") && !headers.contains("accep") && !headers.contains(""));
    assert_eq!((headers.get("x"), headers.get_bytes("x"), headers.joined("x")), (None, None, None));
    assert_eq!((headers.len(), headers.is_empty()), (3, false));
}

#[test]
fn joined_is_the_list_of_rfc_9110_and_borrows_a_single_value() {
    let headers = Headers::from([("a", "1"), ("b", "2"), ("A", ""), ("a", "3, 4")]);
    assert_eq!(headers.joined("A").as_deref(), Some("1, , 3, 4"));
    assert!(matches!(headers.joined("B"), Some(Cow::Borrowed("2"))));
}

#[test]
fn hdr_7_equality_ignores_spelling_and_the_order_of_different_names() {
    let one = Headers::from([("A", "1"), ("b", "2"), ("a", "3")]);
    assert_eq!(one, Headers::from([("B", "2"), ("a", "1"), ("A", "3")]));
    assert_ne!(one, Headers::from([("a", "3"), ("b", "2"), ("a", "1")]));
    assert_ne!(one, Headers::from([("a", "1"), ("b", "2")]));
    assert_ne!(one, Headers::from([("a", "1"), ("b", "2"), ("b", "3")]));
    assert_ne!(
        Headers::from([("a", "1"), ("a", "1"), ("b", "2")]),
        Headers::from([("a", "1"), ("b", "2"), ("b", "2")])
    );
}

#[test]
fn hdr_7_a_copy_is_independent() {
    let one = Headers::from([("a", "1")]);
    let mut other = one.clone();
    other.insert("a", "2");
    assert_eq!((&one["a"], &other["a"]), ("1", "2"));
}

#[test]
fn hdr_7_lines_that_are_many_or_long_are_found_as_others_are() {
    let long_name = "x".repeat(300);
    let long_value = "v".repeat(70_000);
    for count in [1, 15, 16, 17, 40] {
        let mut headers: Headers = (0..count).map(|n| (format!("n{n}"), n.to_string())).collect();
        for (name, value) in [("long", long_value.as_str()), (&long_name, "1"), ("last", "2")] {
            headers.append(name, value);
        }
        assert_eq!(headers.len(), count + 3);
        assert_eq!(headers.get(&format!("N{}", count - 1)), Some(&*(count - 1).to_string()));
        assert_eq!(headers.get(&long_name.to_uppercase()), Some("1"));
        assert_eq!((headers.get("LONG"), headers.get("last")), (Some(long_value.as_str()), Some("2")));
        assert!(headers.remove("n0") && headers.remove(&long_name) && !headers.contains("n0"));
        assert_eq!(headers.iter().next_back(), Some(("last", "2")));
        assert_eq!(headers.iter().len(), count + 1);
    }
}

#[test]
fn remove_takes_every_line_of_a_name() {
    let mut headers = Headers::from([("a", "1"), ("b", "2"), ("A", "3")]);
    assert!(headers.remove("A") && !headers.remove("a"));
    assert_eq!(pairs(&headers), [("b", "2")]);
    headers.clear();
    assert!(headers.is_empty() && headers.get("b").is_none());
    headers.append("c", "4");
    assert_eq!(pairs(&headers), [("c", "4")]);
}

#[test]
fn hdr_4_text_is_latin_1_and_bytes_are_themselves() {
    let mut headers = Headers::new();
    headers.insert("text", "caf\u{e9}");
    headers.insert_bytes("utf-8", "caf\u{e9} \u{20ac}".as_bytes());
    headers.append_bytes("other", b"\xff\xe9");
    assert_eq!((headers.get("text"), headers.get_bytes("text")), (Some("caf\u{e9}"), Some(&b"caf\xe9"[..])));
    assert_eq!(headers.get("utf-8"), Some("caf\u{e9} \u{20ac}"));
    assert_eq!(headers.get_bytes("utf-8"), Some("caf\u{e9} \u{20ac}".as_bytes()));
    assert_eq!(
        (headers.get("other"), headers.get_bytes("other")),
        (Some("\u{ff}\u{e9}"), Some(&b"\xff\xe9"[..]))
    );
    assert_eq!(headers.check(), Ok(()));
    headers.insert("text", "\u{20ac}");
    assert_eq!(headers.check().unwrap_err().problem(), HeaderProblem::NotLatin1);
}

#[test]
fn inserting_again_and_again_does_not_grow_the_block() {
    let mut headers = Headers::from([("keep", "caf\u{e9}")]);
    for n in 0..100_000 {
        headers.insert("a", if n % 2 == 0 { "1" } else { "a longer value" });
    }
    assert_eq!(pairs(&headers), [("keep", "caf\u{e9}"), ("a", "a longer value")]);
    assert_eq!(headers.get_bytes("keep"), Some(&b"caf\xe9"[..]));
    assert!(headers.lines().block.capacity() < 10_000, "{}", headers.lines().block.capacity());
}

#[test]
fn iteration_is_exact_and_goes_both_ways() {
    let headers = Headers::from(vec![("a".to_owned(), "1"), ("b".to_owned(), "2")]);
    assert_eq!(headers.iter().len(), 2);
    assert_eq!(headers.iter().next_back(), Some(("b", "2")));
    let mut seen = Vec::new();
    for (name, value) in &headers {
        seen.push(format!("{name}={value}"));
    }
    assert_eq!(seen, ["a=1", "b=2"]);
    let collected: Headers = headers.iter().collect();
    assert_eq!(collected, headers);
}

#[test]
fn debug_shows_no_credentials() {
    let headers = Headers::from([
        ("Authorization", "s3cret"),
        ("proxy-AUTHORIZATION", "s3cret"),
        ("Cookie", "s3cret"),
        ("Set-Cookie", "s3cret"),
        ("Accept", "*/*"),
    ]);
    let shown = format!("{headers:?}");
    assert!(!shown.contains("s3cret") && shown.contains("\"Accept\": \"*/*\""), "{shown}");
}

#[test]
fn whatever_holds_pairs_becomes_headers() {
    let pairs = [("a", "1"), ("b", "2")];
    let expected = Headers::from(pairs);
    let sorted = BTreeMap::from(pairs);
    let strings = vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())];
    for headers in [
        Headers::from(&pairs),
        Headers::from(&pairs[..]),
        Headers::from(&strings),
        Headers::from(strings),
        Headers::from(&sorted),
        Headers::from(sorted),
        Headers::from(&expected),
    ] {
        assert_eq!(headers, expected);
    }
    let unordered = HashMap::from(pairs);
    for headers in [Headers::from(&unordered), Headers::from(unordered)] {
        assert_eq!((headers.len(), headers.get("A"), headers.get("B")), (2, Some("1"), Some("2")));
    }
}

#[test]
fn a_default_is_set_only_where_nothing_is() {
    let mut headers = Headers::from([("Accept", "text/html"), ("accept", "text/plain")]);
    let shared = headers.clone();
    headers.insert_if_absent("ACCEPT", "*/*");
    assert_eq!(headers, shared);
    headers.insert_if_absent("X-New", "1");
    assert_eq!(headers.iter().next_back(), Some(("X-New", "1")));
    assert!(!shared.contains("x-new"));
}

#[test]
fn http_header_maps_convert_both_ways() {
    let headers = Headers::from([("X-A", "1"), ("b", "caf\u{e9}"), ("x-a", "2")]);
    let map = HeaderMap::try_from(&headers).unwrap();
    assert_eq!(map.get_all("x-a").iter().map(http::HeaderValue::as_bytes).collect::<Vec<_>>(), [b"1", b"2"]);
    assert_eq!(map["b"].as_bytes(), b"caf\xe9");
    assert_eq!(Headers::from(&map), headers);
    assert_eq!(Headers::from(map), headers);
    let error = HeaderMap::try_from(&Headers::from([("a b", "1")])).unwrap_err();
    assert_eq!((error.name(), error.problem()), ("a b", HeaderProblem::Name));
    assert!(HeaderMap::try_from(&Headers::from([("a", "1\r\n")])).is_err());
}

#[test]
#[should_panic(expected = "no header named \"absent\"")]
fn indexing_panics_for_what_is_absent() {
    let _ = &Headers::new()["absent"];
}

#[test]
fn close_is_heard_however_connection_is_spelt_and_whatever_else_it_says() {
    let cases = [
        ("Connection", "keep-alive", false),
        ("connection", "Keep-Alive", false),
        ("Connection", "KEEP-ALIVE", false),
        ("Connection", "upgrade", false),
        ("Connection", "", false),
        ("Keep-Alive", "close", false),
        // As long as Connection and with its first letter, so that the two share a bit.
        ("Collection", "close", false),
        ("Connection", "close", true),
        ("CONNECTION", "Close", true),
        ("connection", "keep-alive, close", true),
        ("Connection", "close,keep-alive", true),
        ("Connection", "keep-alive\r\nX-Other: 1\r\nConnection: close", true),
    ];
    for (name, value, closes) in cases {
        let text = format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{name}: {value}\r\n\r\n");
        let read = HeadReader::default().read(text.as_bytes(), &Limits::default());
        let (received, _) = read.unwrap().unwrap();
        let mut made = Headers::from([("Connection", "keep-alive")]);
        received.headers.iter().for_each(|(name, value)| made.append(name, value));
        for headers in [&received.headers, &made, &made.clone()] {
            assert_eq!(asks_to_close(headers), closes, "{name}: {value}");
        }
    }
}
