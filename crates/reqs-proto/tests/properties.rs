//! What holds for every message: encode then parse is identity, any chunking of any body is the body, no input panics.

mod support;

use proptest::prelude::*;
use reqs_proto::{DecodeLimits, Exchange, Headers, Limits, RequestHead};
use support::{checks, decode_in, drive, encoders, started};

fn name() -> impl Strategy<Value = String> {
    "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}"
}

/// Field bytes without blanks at either end, and empty.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let visible = || prop_oneof![0x21..=0x7eu8, 0x80..=0xffu8];
    let any = prop_oneof![Just(b' '), Just(b'\t'), 0x21..=0x7eu8, 0x80..=0xffu8];
    prop_oneof![
        Just(Vec::new()),
        visible().prop_map(|byte| vec![byte]),
        (visible(), proptest::collection::vec(any, 0..30), visible()).prop_map(|(first, middle, last)| [
            vec![first],
            middle,
            vec![last]
        ]
        .concat()),
    ]
}

fn lines() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    proptest::collection::vec((name(), value()), 0..20)
        .prop_map(|lines| lines.into_iter().filter(|(name, _)| !is_framing(name)).collect())
}

fn is_framing(name: &str) -> bool {
    ["content-length", "transfer-encoding", "connection", "host"]
        .contains(&name.to_ascii_lowercase().as_str())
}

/// What a plain list of pairs would do, as the model of `Headers`.
#[derive(Default)]
struct Model(Vec<(String, String)>);

impl Model {
    fn insert(&mut self, name: &str, value: &str) {
        let Some(at) = self.0.iter().position(|(own, _)| own.eq_ignore_ascii_case(name)) else {
            self.0.push((name.into(), value.into()));
            return;
        };
        self.0[at] = (name.into(), value.into());
        let mut index = 0;
        self.0.retain(|(own, _)| {
            index += 1;
            index - 1 <= at || !own.eq_ignore_ascii_case(name)
        });
    }
}

proptest! {
    #[test]
    fn bytes_of_any_kind_never_panic(data in proptest::collection::vec(any::<u8>(), 0..300)) {
        checks::response_head(&data);
        checks::exchange(&data);
        checks::chunked(&data);
        for codings in ["gzip", "deflate", "br", "br, gzip"] {
            checks::decoder(codings, &data);
        }
        checks::response_head(&[b"HTTP/1.1 200 OK\r\n", data.as_slice()].concat());
        checks::exchange(&[b"\0HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", data.as_slice()].concat());
    }

    #[test]
    fn a_head_that_is_encoded_parses_to_itself(lines in lines()) {
        let mut headers = Headers::new();
        for (name, value) in &lines {
            headers.append_bytes(name, value);
        }
        let mut wire = Vec::new();
        let head = RequestHead { method: "GET", target: "/", host: "a", headers: &headers };
        Exchange::start(&head, &Limits::default(), &mut wire).unwrap();
        let sent = wire.strip_prefix(b"GET / HTTP/1.1\r\nHost: a\r\n").unwrap();
        let response = [b"HTTP/1.1 204 No Content\r\n", sent].concat();
        let seen = support::receive(&response).unwrap();
        prop_assert_eq!(&seen.headers, &lines);
    }

    #[test]
    fn any_chunking_of_any_body_is_the_body(
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..10),
        cuts in proptest::collection::vec(1..30usize, 1..10),
        straight in any::<bool>(),
    ) {
        let headers = Headers::from([("Transfer-Encoding", "chunked")]);
        let head = RequestHead { method: "POST", target: "/", host: "a", headers: &headers };
        let mut sender = Exchange::start(&head, &Limits::default(), &mut Vec::new()).unwrap();
        let mut wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for piece in &pieces {
            sender.encode_body(piece, &mut wire).unwrap();
        }
        sender.finish_body(&mut wire).unwrap();
        // Cut the wire at places that have nothing to do with the chunks.
        let (mut cut, mut rest) = (Vec::new(), wire.as_slice());
        for len in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, tail) = rest.split_at((*len).min(rest.len()));
            cut.push(piece);
            rest = tail;
        }
        let seen = drive(started("GET", &Limits::default()), &cut, straight).unwrap();
        prop_assert_eq!(seen.body, pieces.concat());
        prop_assert_eq!(seen.reuse, Ok(()));
    }

    #[test]
    fn what_is_compressed_decodes(
        body in proptest::collection::vec(0..4u8, 0..2000),
        piece in 1..100usize,
        room in 1..100usize,
    ) {
        let headers = |codings: &str| Headers::from([("content-encoding", codings)]);
        for (codings, wire) in [
            ("gzip", encoders::gzip(&body)),
            ("deflate", encoders::zlib(&body)),
            ("deflate", encoders::raw_deflate(&body)),
            ("br", encoders::br(&body)),
            ("gzip, br", encoders::br(&encoders::gzip(&body))),
        ] {
            let decoded = decode_in(&headers(codings), &DecodeLimits::default(), &wire, piece, room);
            prop_assert_eq!(decoded.as_ref(), Ok(&body));
        }
    }

    #[test]
    fn headers_are_a_list_of_pairs_found_without_case(
        steps in proptest::collection::vec((0..4u8, "[abAB]{1,2}", "[ -~]{0,300}"), 0..60),
    ) {
        let mut headers = Headers::new();
        let mut model = Model::default();
        for (step, name, value) in &steps {
            match step {
                0 => {
                    headers.append(name, value);
                    model.0.push((name.clone(), value.clone()));
                }
                1 => {
                    headers.insert(name, value);
                    model.insert(name, value);
                }
                2 => {
                    let had = model.0.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
                    prop_assert_eq!(headers.remove(name), had);
                    model.0.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
                }
                _ => {
                    let expected = model.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
                    prop_assert_eq!(headers.get(name), expected.map(|(_, value)| value.as_str()));
                }
            }
        }
        let pairs: Vec<(&str, &str)> = model.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        prop_assert_eq!(headers.iter().collect::<Vec<_>>(), pairs.clone());
        prop_assert_eq!(headers.len(), pairs.len());
        prop_assert_eq!(&headers, &Headers::from(pairs));
        prop_assert_eq!(&headers.clone(), &headers);
    }
}
