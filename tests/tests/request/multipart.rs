//! Files and multipart forms (MPT-1 to MPT-17, X01, X74). reqs-multipart has its own tests of the bytes.

use std::fs::{self, File};
use std::io::{Cursor, Seek, SeekFrom, Write};

use reqs::{Body, ErrorKind, Form, Options, Part, Request, Session};
use reqs_tests::scripted::{ok, response};
use reqs_tests::{Scripted, httpbin};
use serde_json::{Value, json};

use crate::wire::{rest, sent, wire};

/// Header lines and body, with the boundary written as `B`.
fn multipart(make: impl FnOnce(Request) -> Request) -> (String, String) {
    let text = rest(|url| make(reqs::post(url)));
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let boundary = head.split("boundary=").nth(1).unwrap().split("\r\n").next().unwrap();
    assert!(head.contains(&format!("Content-Length: {}", body.len())), "{head}");
    (head.replace(boundary, "B"), body.replace(boundary, "B"))
}

fn part(head: &str, content: &str) -> String {
    format!("--B\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
}

/// What httpbin reads. t:test_POSTBIN_GET_POST_FILES, t:test_POSTBIN_GET_POST_FILES_WITH_DATA,
/// t:test_different_encodings_dont_break_post, t:test_unicode_multipart_post, t:test_can_send_objects_with_files
#[test]
fn mpt_1_mpt_7_mpt_8_forms_as_a_server_reads_them() {
    let server = httpbin::start();
    let url = server.url("/post");
    let read =
        |request: Request| request.send().unwrap().raise_for_status().unwrap().json::<Value>().unwrap();
    let post = || reqs::post(&url);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"the content").unwrap();
    let path = || Part::path(file.path()).unwrap();

    assert_eq!(read(post())["data"], "");
    assert_eq!(read(post().form([("some", "data")]))["form"], json!({"some": "data"}));
    assert_eq!(read(post().file("some", path()))["files"], json!({"some": "the content"}));
    let both = read(post().form([("some", "data")]).file("some", path()));
    assert_eq!((&both["form"]["some"], &both["files"]["some"]), (&json!("data"), &json!("the content")));
    assert_eq!(read(post().data("[{\"some\": \"json\"}]"))["json"], json!([{"some": "json"}]));

    let json = "{\"a\": 123}";
    let request = post().params([("blah", "asdf1234")]).form([("stuff", json)]);
    let all = read(request.file("file", ("test.rs", File::open(file.path()).unwrap())));
    assert_eq!(all["args"], json!({"blah": "asdf1234"}));
    assert_eq!((&all["form"]["stuff"], &all["files"]["file"]), (&json!(json), &json!("the content")));

    for stuff in ["ëlïxr", "elixr"] {
        let as_text = read(post().form([("stuff", stuff)]).file("file", path()));
        let form = Form::new().part("stuff", Part::from(stuff.as_bytes()).no_file_name());
        let as_bytes = read(post().multipart(form.file("file", path())));
        assert_eq!((&as_text["form"]["stuff"], &as_bytes["form"]["stuff"]), (&json!(stuff), &json!(stuff)));
    }

    for part in [Part::from("foo"), Part::from(b"foo"), Part::from(b"foo".to_vec())] {
        let request = post().form([("a", "this is a string")]).file("b", part);
        let prepared = request.prepare().unwrap();
        assert!(prepared.headers["content-type"].starts_with("multipart/form-data; boundary="));
        let found: Value = Session::new().send(prepared, Options::new()).unwrap().json().unwrap();
        assert_eq!(
            (&found["form"], &found["files"]),
            (&json!({"a": "this is a string"}), &json!({"b": "foo"}))
        );
    }
}

/// t:test_custom_content_type
#[test]
fn mpt_1_mpt_9_names_contents_types_and_headers() {
    let (head, body) = multipart(|r| {
        r.file("a", "bare")
            .file("b", ("n.txt", "text"))
            .file("c", ("n.csv", b"1,2", "text/csv"))
            .file("d", ("n", "x", "text/x", [("X-A", "1"), ("Expires", "0")]))
    });
    assert_eq!(
        head,
        format!("Content-Length: {}\r\nContent-Type: multipart/form-data; boundary=B", length(&body))
    );
    assert_eq!(
        body,
        part("name=\"a\"; filename=\"a\"", "bare") // MPT-3
            + &part("name=\"b\"; filename=\"n.txt\"", "text") // MPT-5
            + &part("name=\"c\"; filename=\"n.csv\"\r\nContent-Type: text/csv", "1,2")
            + &part("name=\"d\"; filename=\"n\"\r\nContent-Type: text/x\r\nX-A: 1\r\nExpires: 0", "x") // MPT-6
            + "--B--\r\n"
    );
}

/// The length of a body whose boundaries of 32 characters are written as one.
fn length(body: &str) -> usize {
    body.len() + body.matches("--B").count() * 31
}

/// t:test_post_named_tempfile, t:test_invalid_files_input, t:TestGuessFilename::test_guess_filename_valid
#[test]
fn mpt_2_mpt_3_what_a_part_may_be() {
    let mut named = tempfile::Builder::new().prefix("report").suffix(".txt").tempfile().unwrap();
    named.write_all(b"from a path").unwrap();
    let name = named.path().file_name().unwrap().to_str().unwrap().to_owned();
    let (_, body) = multipart(|r| {
        r.file("p", Part::path(named.path()).unwrap())
            .file("v", vec![b'v'])
            .file("s", Part::seekable(Cursor::new("seek")))
            .files(None::<(&str, &str)>) // MPT-2: None is no part
            .files([("l", "1"), ("l", "2")])
    });
    let expected = part(&format!("name=\"p\"; filename=\"{name}\""), "from a path")
        + &part("name=\"v\"; filename=\"v\"", "v")
        + &part("name=\"s\"; filename=\"s\"", "seek")
        + &part("name=\"l\"; filename=\"l\"", "1")
        + &part("name=\"l\"; filename=\"l\"", "2")
        + "--B--\r\n";
    assert_eq!(body, expected);
}

/// t:TestGuessFilename::test_guess_filename_valid: text and bytes. Bytes that are no UTF-8 are replaced, since the name is
/// written in UTF-8.
#[cfg(unix)]
#[test]
fn mpt_3_a_file_may_be_named_by_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let directory = tempfile::tempdir().unwrap();
    let cases: [(&OsStr, &str); 3] = [
        (OsStr::new("value"), "value"),
        (OsStr::from_bytes(b"value"), "value"),
        (OsStr::from_bytes(b"v\xff"), "v\u{fffd}"),
    ];
    for (name, shown) in cases {
        let path = directory.path().join(name);
        fs::write(&path, "x").unwrap();
        let (_, body) = multipart(|r| r.file("f", Part::path(&path).unwrap()));
        assert_eq!(body, part(&format!("name=\"f\"; filename=\"{shown}\""), "x") + "--B--\r\n");
    }
}

#[test]
fn mpt_4_a_file_name_may_be_missing_or_empty() {
    let (_, body) = multipart(|r| r.file("a", Part::text("1").no_file_name()).file("b", ("", "2")));
    assert_eq!(body, part("name=\"a\"", "1") + &part("name=\"b\"; filename=\"\"", "2") + "--B--\r\n");
}

/// t:test_unicode_multipart_post_fieldnames
#[test]
fn mpt_7_mpt_8_fields_go_first_each_in_its_order() {
    let (_, body) = multipart(|r| {
        r.file("file", ("f", "x")).form((
            ("stuff", "ëlïxr"),
            ("list", [1, 2]),
            ("none", None::<u8>),
            ("flöat", 1.5),
        ))
    });
    assert_eq!(
        body,
        part("name=\"stuff\"", "ëlïxr")
            + &part("name=\"list\"", "1")
            + &part("name=\"list\"", "2")
            + &part("name=\"flöat\"", "1.5")
            + &part("name=\"file\"; filename=\"f\"", "x")
            + "--B--\r\n"
    );
}

#[test]
fn mpt_10_sec_76_boundaries_are_random() {
    let boundary = || {
        let prepared = reqs::post("http://h/").file("f", "x").prepare().unwrap();
        prepared.headers["content-type"].strip_prefix("multipart/form-data; boundary=").unwrap().to_owned()
    };
    let (first, second) = (boundary(), boundary());
    assert!(
        first.len() == 32 && first.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()),
        "{first}"
    );
    assert_ne!(first, second);
}

#[test]
fn mpt_11_names_that_would_leave_their_line() {
    let (_, body) = multipart(|r| r.form([("a\"\r\nb\\", "1")]).file("f", ("é\"\n.txt", "2")));
    assert_eq!(
        body,
        part("name=\"a%22%0D%0Ab\\\"", "1")
            + &part("name=\"f\"; filename=\"é%22%0A.txt\"", "2")
            + "--B--\r\n"
    );
}

#[test]
fn mpt_12_a_content_type_of_ones_own_gets_the_boundary_or_keeps_its_own() {
    for given in ["multipart/form-data", "Multipart/Form-Data; charset=utf-8", "multipart/mixed;"] {
        let (head, _) = multipart(|r| r.header("content-type", given).file("f", "x"));
        let first = head.split("\r\n").next().unwrap();
        assert_eq!(first, format!("content-type: {}; boundary=B", given.trim_end_matches(';')));
    }
    let own = rest(|url| {
        reqs::post(url).header("Content-Type", "multipart/form-data; boundary=\"my own\"").file("f", "x")
    });
    assert!(own.ends_with("\r\n\r\n--my own\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nx\r\n--my own--\r\n"), "{own}");

    let error =
        reqs::post("http://127.0.0.1:9/").header("content-type", "application/json").file("f", "x").send();
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidHeader);
    assert!(
        error.to_string().starts_with("Content-Type is 'application/json', but the body is a multipart form"),
        "{error}"
    );

    let mut session = Session::new();
    session.headers.insert("Content-Type", "application/json");
    let prepared = session.post("http://h/").file("f", "x").prepare().unwrap();
    assert!(
        prepared.headers["content-type"].starts_with("multipart/form-data; boundary="),
        "a default gives way"
    );
}

#[test]
fn mpt_13_no_files_is_no_form() {
    assert_eq!(rest(|url| reqs::post(url).files([("", ""); 0]).data("x")), "Content-Length: 1\r\n\r\nx");
    let (_, body) = multipart(|r| r.multipart(Form::new()));
    assert_eq!(body, "--B--\r\n");
}

/// t:test_rewind_partially_read_body
#[test]
fn mpt_14_mpt_15_x01_files_stream_from_where_they_stand_with_their_length() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"0123456789").unwrap();
    file.seek(SeekFrom::Start(4)).unwrap();
    let request = reqs::post("http://h/").file("f", file).prepare().unwrap();
    assert!(request.body.as_bytes().is_none(), "not held in memory");
    assert_eq!(request.headers["content-length"], request.body.length().unwrap().to_string());

    let (_, body) = multipart(|r| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        file.seek(SeekFrom::Start(4)).unwrap();
        r.file("f", file)
    });
    assert_eq!(body, part("name=\"f\"; filename=\"f\"", "456789") + "--B--\r\n");
}

#[test]
fn mpt_15_a_part_of_unknown_length_is_sent_chunked() {
    let text = wire(|url| reqs::post(url).file("f", Part::reader(&b"abc"[..])));
    assert!(
        text.contains("\r\nTransfer-Encoding: chunked\r\n") && !text.contains("Content-Length"),
        "{text}"
    );
}

/// t:test_conflicting_post_params
#[test]
fn mpt_16_data_beside_files_is_pairs() {
    let error =
        reqs::post("http://127.0.0.1:9/").data("[{\"some\": \"data\"}]").file("f", "x").send().unwrap_err();
    assert!(error.to_string().starts_with("Data must not be a string"), "{error}");
    let error =
        reqs::post("http://127.0.0.1:9/").form([("a", "b")]).multipart(Form::new()).send().unwrap_err();
    assert!(
        error.to_string().starts_with("a multipart form and other fields cannot be sent together"),
        "{error}"
    );
}

#[test]
fn mpt_17_a_form_survives_a_redirect() {
    let path = tempfile::NamedTempFile::new().unwrap();
    fs::write(path.path(), "file content").unwrap();
    for status in ["307 Temporary Redirect", "308 Permanent Redirect"] {
        let server = Scripted::answers([response(status, &[("Location", "/b")], ""), ok("")]);
        sent(
            reqs::post(server.url("/a"))
                .form([("field", "1")])
                .file("memory", "x")
                .file("disk", Part::path(path.path()).unwrap())
                .send(),
        );
        let requests = server.requests();
        assert_eq!((requests[0].target(), requests[1].target()), ("/a".to_owned(), "/b".to_owned()));
        assert_eq!(requests[0].body(), requests[1].body());
        assert!(requests[1].text().contains("file content"));
    }
}

/// Beyond 1 MiB what is in memory is not copied into one block, and goes out and again all the same.
#[test]
fn mpt_15_mpt_17_a_large_form_from_memory_is_sent_from_where_it_lies() {
    let large = vec![b'x'; 1 << 20];
    let server = Scripted::answers([response("307 Temporary Redirect", &[("Location", "/b")], ""), ok("")]);
    let request =
        |content: &[u8]| reqs::post(server.url("/a")).form([("field", "1")]).file("f", ("n", content));
    assert!(request(&large[1000..]).prepare().unwrap().body.as_bytes().is_some());
    let prepared = request(&large).prepare().unwrap();
    assert!(prepared.body.as_bytes().is_none() && prepared.body.length().is_some());
    sent(Session::new().send(prepared, Options::new()));
    let requests = server.requests();
    assert_eq!(requests[0].body(), requests[1].body());
    assert!(requests[1].body().windows(large.len()).any(|window| window == large));
}

#[test]
fn x74_fields_under_multipart_form_data_are_a_form_without_files() {
    let (head, body) = multipart(|r| r.header("Content-Type", "multipart/form-data").form([("a", "b")]));
    assert!(head.starts_with("Content-Type: multipart/form-data; boundary=B\r\n"), "{head}");
    assert_eq!(body, part("name=\"a\"", "b") + "--B--\r\n");
}

/// X74: what cannot be read is an error, not a part that is left out.
#[test]
fn x74_a_part_that_fails_ends_the_request() {
    let server = Scripted::each(reqs_tests::Connection::new().wait_for_close());
    let error = reqs::post(server.url("/")).file("f", Part::sized(&b"ab"[..], 3)).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidBody, "{error}");
    assert!(error.to_string().contains("\"f\""), "{error}");
    let error = Part::path("/no/such/file").map(|_| ()).map_err(reqs::Error::from).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("/no/such/file"), "{error}");
    let header = Part::text("x").header("X-A", "a\nb");
    let error = reqs::post(server.url("/")).file("f", header).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidBody);
    assert!(Body::default().is_empty());
}

/// X03: a multipart response is read part by part, as it arrives.
#[test]
fn x03_a_multipart_response_is_taken_apart() {
    let body = "--B\r\nContent-Range: bytes 0-1/9\r\n\r\nab\r\n--B\r\nContent-Range: bytes 7-8/9\r\n\r\nhi\r\n--B--\r\n";
    let kind = "multipart/byteranges; boundary=\"B\"";
    let server = Scripted::one(response("206 Partial Content", &[("Content-Type", kind)], body));
    let response = reqs::get(server.url("/")).stream().unwrap();
    let kind = response.headers()["content-type"].to_owned();
    let mut parts = reqs::MultipartReader::new(response, &kind).unwrap();
    let mut found = Vec::new();
    while let Some(part) = parts.next_part().unwrap() {
        found.push((part.header("content-range").unwrap().to_owned(), part.content(1024).unwrap()));
    }
    assert_eq!(
        found,
        [("bytes 0-1/9".to_owned(), b"ab".to_vec()), ("bytes 7-8/9".to_owned(), b"hi".to_vec())]
    );
}
