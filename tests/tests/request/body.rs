//! Bodies and what says how long they are (BOD-1 to BOD-19, X02, X04).

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use reqs::{Body, ErrorKind, Form, Options, Request, Session};
use reqs_tests::scripted::{ok, response};
use reqs_tests::{Connection, Scripted};
use serde_json::json;

use crate::wire::{rest, sent};

fn file(content: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    file.rewind().unwrap();
    file
}

/// t:test_no_content_length, t:test_no_body_content_length, t:test_empty_content_length
#[test]
fn bod_1_no_body_says_so_unless_the_method_has_none() {
    for method in ["GET", "HEAD"] {
        assert_eq!(rest(|url| reqs::request(method, url)), "\r\n", "{method}");
        assert_eq!(rest(|url| reqs::request(method, url).data("")), "\r\n", "{method}");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO"] {
        let empty: [fn(Request) -> Request; 5] =
            [|r| r, |r| r.data(""), |r| r.data(b""), |r| r.data(()), |r| r.form(json!({}))];
        for make in empty {
            assert_eq!(rest(|url| make(reqs::request(method, url))), "Content-Length: 0\r\n\r\n", "{method}");
        }
    }
}

/// t:test_override_content_length. What it says must be true, though, before it goes out.
#[test]
fn bod_1_bod_13_a_content_length_without_a_body_is_the_callers() {
    let request = || reqs::post("http://127.0.0.1:9/").header("Content-Length", "not zero");
    assert_eq!(&request().prepare().unwrap().headers["content-length"], "not zero");
    let error = request().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidHeader);
    assert!(error.to_string().starts_with("Content-Length is not a number: \"not zero\""), "{error}");
    let error = reqs::post("http://127.0.0.1:9/").header("Content-Length", "5").send().unwrap_err();
    assert!(error.to_string().starts_with("Content-Length says 5 bytes, the body has 0"), "{error}");
    assert_eq!(rest(|url| reqs::get(url).header("content-length", "0")), "content-length: 0\r\n\r\n");
}

/// t:test_content_length_for_string_data_counts_bytes, t:test_content_length_for_bytes_data, t:test_unicode_header_name
#[test]
fn bod_2_text_is_utf_8_and_counted_in_bytes() {
    let text = "This is a string containing multi-byte UTF-8 ☃️";
    let expected = format!("Content-Length: 51\r\n\r\n{text}");
    assert_eq!(rest(|url| reqs::post(url).data(text)), expected);
    assert_eq!(rest(|url| reqs::post(url).data(text.as_bytes())), expected);
    assert_eq!(
        rest(|url| reqs::put(url).header("Content-Type", "application/octet-stream").data("ÿ")),
        "Content-Type: application/octet-stream\r\nContent-Length: 2\r\n\r\nÿ"
    );
}

/// t:test_binary_put
#[test]
fn bod_3_bytes_go_as_they_are_with_any_method() {
    let server = Scripted::one(ok(""));
    sent(reqs::get(server.url("/")).data(vec![0xff, 0, 0x0d, 0x0a]).send());
    let request = &server.requests()[0];
    assert_eq!(request.body(), [0xff, 0, 0x0d, 0x0a]);
    assert_eq!(request.header("content-length").as_deref(), Some("4"));
    assert_eq!(request.header("content-type"), None);
    let put = reqs::put("http://example.com").data("ööö".as_bytes()).prepare().unwrap();
    assert_eq!(put.body.as_bytes(), Some("ööö".as_bytes()));
}

/// t:test_basic_building, t:test_autoset_header_values_are_native, t:test_prepare_body_position_non_stream
#[test]
fn bod_1_bod_2_a_request_is_built_step_by_step() {
    let prepared = Request::new("GET", "http://kennethreitz.org/").form([("life", "42")]).prepare().unwrap();
    assert_eq!(prepared.url.as_str(), "http://kennethreitz.org/");
    assert_eq!(prepared.body.as_bytes(), Some(&b"life=42"[..]));
    let prepared = reqs::post("http://h/").data("this is a string").prepare().unwrap();
    assert_eq!(&prepared.headers["content-length"], "16");
    // What is held in memory has no place to go back to, and needs none.
    assert!(prepared.body.can_rewind());
    prepared.body.rewind().unwrap();
}

/// t:test_data_argument_accepts_tuples
#[test]
fn bod_4_bod_6_forms() {
    let head = "Content-Length: 11\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n";
    assert_eq!(
        rest(|url| reqs::post(url).form([("a", "b c"), ("d", "é")])),
        format!("{head}a=b+c&d=%C3%A9").replace("11", "14")
    );
    assert_eq!(rest(|url| reqs::post(url).form((("a", 1), ("b", [2, 3])))), format!("{head}a=1&b=2&b=3"));
    assert_eq!(
        rest(|url| reqs::post(url).header("content-TYPE", "text/x").form([("a", "b")])),
        "content-TYPE: text/x\r\nContent-Length: 3\r\n\r\na=b"
    );
}

/// t:test_data_argument_accepts_tuples, with the method of its three cases
#[test]
fn bod_4_pairs_are_sent_in_their_order() {
    let cases: [(&[(&str, &str)], &str); 3] = [
        (&[("a", "b"), ("c", "d")], "a=b&c=d"),
        (&[("c", "d"), ("a", "b")], "c=d&a=b"),
        (&[("a", "b"), ("c", "d"), ("e", "f")], "a=b&c=d&e=f"),
    ];
    for (pairs, body) in cases {
        let prepared = reqs::get("http://www.example.com").form(pairs).prepare().unwrap();
        assert_eq!(prepared.body.as_bytes(), Some(body.as_bytes()));
    }
}

/// t:test_post_with_custom_mapping
#[test]
fn bod_4_a_mapping_of_ones_own_is_a_form() {
    struct Shelf(Vec<(&'static str, &'static str)>);

    impl serde::Serialize for Shelf {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().copied())
        }
    }

    assert!(rest(|url| reqs::post(url).form(Shelf(vec![("some", "data")]))).ends_with("\r\n\r\nsome=data"));
    // And any that can be walked through.
    let pairs = std::collections::HashMap::from([("some", "data")]);
    assert!(rest(|url| reqs::post(url).form(pairs)).ends_with("\r\n\r\nsome=data"));
}

#[test]
fn bod_5_a_form_of_nothing_is_empty_not_chunked() {
    assert_eq!(
        rest(|url| reqs::post(url).form([("a", None::<&str>)])),
        "Content-Length: 0\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    );
}

/// t:test_chunked_upload_does_not_set_content_length_header, t:test_stream_with_auth_does_not_set_transfer_encoding_header,
/// t:test_chunked_upload
#[test]
fn bod_7_bod_11_bod_15_streams_state_their_length_or_are_chunked() {
    let known: [fn() -> Body; 3] =
        [|| file(b"abc").into(), || Body::seekable(Cursor::new("abc")), || Body::sized(&b"abc"[..], 3)];
    for body in known {
        assert_eq!(rest(|url| reqs::post(url).data(body())), "Content-Length: 3\r\n\r\nabc");
        assert_eq!(
            rest(|url| reqs::post(url).data(body()).auth(("u", "p"))),
            "Content-Length: 3\r\nAuthorization: Basic dTpw\r\n\r\nabc"
        );
    }
    assert_eq!(
        rest(|url| reqs::post(url).data(Body::reader(&b"abc"[..]))),
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    );
    let signed = rest(|url| reqs::post(url).data(Body::chunks(["a"])).auth(("u", "p")));
    assert_eq!(signed, "Transfer-Encoding: chunked\r\nAuthorization: Basic dTpw\r\n\r\n1\r\na\r\n0\r\n\r\n");
}

/// t:test_empty_stream_with_auth_does_not_set_content_length_header
#[test]
fn bod_8_an_empty_stream_is_one_last_chunk() {
    let mut at_end = file(b"abc");
    at_end.seek(SeekFrom::End(0)).unwrap();
    for body in
        [Body::seekable(Cursor::new("")), file(b"").into(), at_end.into(), Body::reader(std::io::empty())]
    {
        assert_eq!(
            rest(|url| reqs::post(url).data(body).auth(("u", "p"))),
            "Transfer-Encoding: chunked\r\nAuthorization: Basic dTpw\r\n\r\n0\r\n\r\n"
        );
    }
}

/// t:test_POSTBIN_SEEKED_OBJECT_WITH_NO_ITER, t:TestSuperLen::test_super_len_with_tell
#[test]
fn bod_9_bod_10_what_was_partly_read_is_sent_from_there() {
    let mut partly = file(b"test data");
    partly.seek(SeekFrom::Start(5)).unwrap();
    assert_eq!(rest(|url| reqs::post(url).data(partly)), "Content-Length: 4\r\n\r\ndata");
    for (at, left) in [(0, "test"), (2, "st")] {
        let mut stream = Cursor::new("test");
        stream.set_position(at);
        let sent = rest(|url| reqs::post(url).data(Body::seekable(stream)));
        assert_eq!(sent, format!("Content-Length: {}\r\n\r\n{left}", left.len()));
    }
    #[cfg(target_os = "linux")]
    {
        // It says that it is empty, and is not.
        let sent = rest(|url| reqs::post(url).data(File::open("/proc/self/status").unwrap()));
        assert!(sent.starts_with("Transfer-Encoding: chunked\r\n") && sent.contains("Name:"), "{sent}");
    }
}

#[test]
fn bod_13_bod_14_conflicting_framing_never_leaves() {
    assert_eq!(
        rest(|url| reqs::post(url).header("Content-Length", "99").data("abc")),
        "Content-Length: 3\r\n\r\nabc"
    );
    let stated = |length: &str, body: Body| {
        reqs::post("http://127.0.0.1:9/").header("content-length", length).data(body)
    };
    assert_eq!(
        rest(|url| reqs::post(url).header("content-length", "3").data(Body::chunks(["ab", "c"]))),
        "content-length: 3\r\n\r\nabc",
        "one length, no chunks"
    );
    assert_eq!(
        rest(|url| reqs::post(url).header("Transfer-Encoding", "chunked").data("abc")),
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    );
    let both = stated("3", "abc".into()).header("Transfer-Encoding", "chunked").send().unwrap_err();
    assert_eq!(both.kind(), ErrorKind::InvalidHeader);
    assert!(both.to_string().starts_with("Content-Length and Transfer-Encoding are both set"), "{both}");
    let hidden =
        reqs::post("http://127.0.0.1:9/").header("transfer-encoding", "gzip").data("x").send().unwrap_err();
    assert_eq!(hidden.kind(), ErrorKind::InvalidHeader);
}

/// t:test_chunked_upload
#[test]
fn bod_16_one_chunk_per_item_and_no_empty_ones() {
    let items = vec!["hi".to_owned(), String::new(), "x".repeat(255), "é".to_owned()];
    assert_eq!(
        rest(|url| reqs::post(url).data(Body::chunks(items))),
        format!(
            "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nff\r\n{}\r\n2\r\né\r\n0\r\n\r\n",
            "x".repeat(255)
        )
    );
}

#[test]
fn bod_18_data_and_files_that_cannot_go_together() {
    let refused = |request: Request| {
        let error = request.file("f", "x").send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidBody);
        error.to_string()
    };
    let post = || reqs::post("http://127.0.0.1:9/");
    assert!(refused(post().data("[{\"some\": \"data\"}]")).starts_with("Data must not be a string"));
    assert!(refused(post().form("a=b")).starts_with("Data must not be a string"));
    let streamed = refused(post().data(Body::chunks(["a"])));
    assert!(streamed.starts_with("Streamed bodies and files are mutually exclusive for url: "), "{streamed}");
}

#[test]
fn bod_19_an_early_answer_is_read_although_the_upload_breaks() {
    for _ in 0..10 {
        let refusal = response("413 Content Too Large", &[("Connection", "close")], "too much");
        let server = Scripted::start([Connection::new().expect_head().send(refusal).reset()]);
        let response =
            reqs::post(server.url("/")).data(Body::sized(std::io::repeat(7).take(64 << 20), 64 << 20)).send();
        let response = response.unwrap();
        assert_eq!((response.status().as_u16(), &*response.text()), (413, "too much"));
    }
}

#[test]
fn x02_x57_progress_of_an_upload() {
    static SEEN: AtomicU64 = AtomicU64::new(0);
    let server = Scripted::one(ok(""));
    sent(
        reqs::post(server.url("/"))
            .file("f", ("name", vec![1; 300_000]))
            .on_upload(|sent, total| {
                assert!(SEEN.swap(sent, Ordering::Relaxed) < sent && sent <= total.unwrap());
            })
            .send(),
    );
    assert_eq!(SEEN.load(Ordering::Relaxed), server.requests()[0].body().len() as u64);
}

/// A form of text alone, which is put together at once where nobody watches it.
#[test]
fn x02_a_forms_own_progress_is_told_while_it_is_sent_and_sent_again() {
    let moved = response("307 Temporary Redirect", &[("Location", "/b")], "");
    let server = Scripted::answers([moved, ok("")]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let form =
        Form::new().text("a", "b").on_progress(move |sent, total| log.lock().unwrap().push((sent, total)));
    let prepared = reqs::post(server.url("/a")).multipart(form).prepare().unwrap();
    assert!(seen.lock().unwrap().is_empty(), "nothing is sent yet");
    sent(Session::new().send(prepared, Options::new()));
    let length = server.requests()[1].body().len() as u64;
    assert_eq!(*seen.lock().unwrap(), [(length, Some(length)); 2]);
}
