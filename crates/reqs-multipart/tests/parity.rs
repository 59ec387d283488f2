//! The exact bytes of Requests 2.34 and urllib3 2, one test for each behaviour; the ids are those of the parity table.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use reqs_multipart::{Error, Form, Part};

const HEAD: &str = "--B\r\nContent-Disposition: form-data; ";

fn body(form: Form) -> String {
    let form = form.boundary("B");
    let length = form.length();
    let bytes = form.into_vec().unwrap();
    assert!(length.is_none_or(|length| length == bytes.len() as u64), "{length:?} is not {}", bytes.len());
    String::from_utf8(bytes).unwrap()
}

/// A file that goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: &[u8]) -> Scratch {
        let directory = std::env::temp_dir().join(format!("reqs-multipart-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join(name);
        std::fs::write(&path, content).unwrap();
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

#[test]
fn mpt_1_tuples_of_file_name_content_type_and_headers() {
    assert_eq!(
        body(Form::new().file("f", ("n.txt", "x"))),
        format!("{HEAD}name=\"f\"; filename=\"n.txt\"\r\n\r\nx\r\n--B--\r\n")
    );
    assert_eq!(
        body(Form::new().file("f", ("n.txt", b"x", "text/x"))),
        format!("{HEAD}name=\"f\"; filename=\"n.txt\"\r\nContent-Type: text/x\r\n\r\nx\r\n--B--\r\n")
    );
    assert_eq!(
        body(Form::new().file("f", (String::from("n.txt"), vec![b'x'], "text/x", [("X-A", "1")]))),
        format!(
            "{HEAD}name=\"f\"; filename=\"n.txt\"\r\nContent-Type: text/x\r\nX-A: 1\r\n\r\nx\r\n--B--\r\n"
        )
    );
}

#[test]
fn mpt_2_every_kind_of_content_gives_its_bytes() {
    let file = Scratch::new("content", "é".as_bytes());
    let parts = [
        Part::text("é"),
        Part::text(String::from("é")),
        Part::bytes(b"\xc3\xa9"),
        Part::bytes(vec![0xc3, 0xa9]),
        Part::from(&String::from("é")),
        Part::from("é".as_bytes()),
        Part::from([0xc3, 0xa9]),
        Part::from(Box::<[u8]>::from("é".as_bytes())),
        Part::from(std::borrow::Cow::Borrowed("é".as_bytes())),
        Part::from(std::borrow::Cow::Borrowed("é")),
        Part::path(&file.0).unwrap(),
        Part::file(File::open(&file.0).unwrap()),
        Part::reader(Cursor::new("é")),
        Part::sized(Cursor::new("é"), 2),
        Part::seekable(Cursor::new("é")),
    ];
    for part in parts {
        let shown = format!("{part:?}");
        assert_eq!(
            body(Form::new().part("f", part.no_file_name())),
            format!("{HEAD}name=\"f\"\r\n\r\né\r\n--B--\r\n"),
            "{shown}"
        );
    }
}

#[test]
fn mpt_3_bare_content_is_named_after_the_field_and_a_path_after_its_last_component() {
    let named = format!("{HEAD}name=\"f\"; filename=\"f\"\r\n\r\nx\r\n--B--\r\n");
    assert_eq!(body(Form::new().file("f", "x")), named);
    assert_eq!(body(Form::new().file("f", Part::reader(&b"x"[..]))), named);
    let file = Scratch::new("report.xls", b"x");
    assert_eq!(body(Form::new().file("f", File::open(&file.0).unwrap())), named);
    assert_eq!(
        body(Form::new().file("f", Part::path(&file.0).unwrap())),
        format!("{HEAD}name=\"f\"; filename=\"report.xls\"\r\n\r\nx\r\n--B--\r\n")
    );
    // A part is not a file unless it says so.
    assert_eq!(body(Form::new().part("f", "x")), format!("{HEAD}name=\"f\"\r\n\r\nx\r\n--B--\r\n"));
}

#[test]
fn mpt_4_no_file_name_and_an_empty_one_are_different_things() {
    let part = || Part::bytes("x").content_type("a/b");
    assert_eq!(
        body(Form::new().file("f", part().no_file_name())),
        format!("{HEAD}name=\"f\"\r\nContent-Type: a/b\r\n\r\nx\r\n--B--\r\n")
    );
    assert_eq!(
        body(Form::new().file("f", part().file_name(""))),
        format!("{HEAD}name=\"f\"; filename=\"\"\r\nContent-Type: a/b\r\n\r\nx\r\n--B--\r\n")
    );
}

#[test]
fn mpt_5_no_content_type_is_guessed_and_an_empty_one_is_none() {
    for file in [Part::text("{}"), Part::text("{}").content_type("")] {
        assert_eq!(
            body(Form::new().file("f", file.file_name("a.json"))),
            format!("{HEAD}name=\"f\"; filename=\"a.json\"\r\n\r\n{{}}\r\n--B--\r\n")
        );
    }
}

#[test]
fn mpt_6_headers_come_after_the_three_of_urllib3_and_cannot_replace_the_first_two() {
    let headers = [
        ("X-A", "1"),
        ("Content-Location", "/l"),
        ("Content-Type", "no"),
        ("Content-Disposition", "bad"),
        ("X-Empty", ""),
    ];
    assert_eq!(
        body(Form::new().file("f", ("n", "x", "text/x", headers))),
        format!(
            "{HEAD}name=\"f\"; filename=\"n\"\r\nContent-Type: text/x\r\nContent-Location: /l\r\nX-A: 1\r\n\r\nx\r\n--B--\r\n"
        )
    );
    assert_eq!(
        body(Form::new().file("f", ("n", "x", "", headers))),
        format!("{HEAD}name=\"f\"; filename=\"n\"\r\nContent-Location: /l\r\nX-A: 1\r\n\r\nx\r\n--B--\r\n")
    );
}

#[test]
fn mpt_7_parts_keep_their_order_and_a_name_may_repeat() {
    let form =
        Form::new().text("b", "1").text("a", "2").file("f", ("1", "x")).text("b", "3").file("f", ("2", "y"));
    assert_eq!(
        body(form),
        format!(
            "{HEAD}name=\"b\"\r\n\r\n1\r\n{HEAD}name=\"a\"\r\n\r\n2\r\n{HEAD}name=\"f\"; filename=\"1\"\r\n\r\nx\r\n\
             {HEAD}name=\"b\"\r\n\r\n3\r\n{HEAD}name=\"f\"; filename=\"2\"\r\n\r\ny\r\n--B--\r\n"
        )
    );
    let mut collected: Form = [("a", "1"), ("b", "2")].into_iter().collect();
    collected.extend([("c", Part::bytes(b"3"))]);
    assert_eq!((collected.len(), collected.is_empty()), (3, false));
    assert_eq!(
        body(collected),
        format!(
            "{HEAD}name=\"a\"\r\n\r\n1\r\n{HEAD}name=\"b\"\r\n\r\n2\r\n{HEAD}name=\"c\"\r\n\r\n3\r\n--B--\r\n"
        )
    );
}

#[test]
fn mpt_8_a_text_field_has_one_header_and_its_line_breaks_are_its_own() {
    assert_eq!(
        body(Form::new().text("x", "a\nb\r\nc\r")),
        format!("{HEAD}name=\"x\"\r\n\r\na\nb\r\nc\r\r\n--B--\r\n")
    );
}

#[test]
fn mpt_9_the_exact_part() {
    let part = Part::bytes(b"<data>").file_name("n.txt").content_type("text/x").header("X-A", "1");
    assert_eq!(
        body(Form::new().file("f", part)),
        "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\nContent-Type: text/x\r\nX-A: 1\r\n\r\n\
         <data>\r\n--B--\r\n"
    );
}

#[test]
fn mpt_10_the_content_type_has_the_boundary_unquoted() {
    let form = Form::new();
    let content_type = form.content_type();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap().to_owned();
    assert_eq!(boundary.len(), 32);
    let reader = form.text("a", "b").into_reader().unwrap();
    assert_eq!(reader.content_type(), content_type);
    let bytes = reader.into_vec().unwrap();
    assert!(bytes.starts_with(format!("--{boundary}\r\n").as_bytes()));
    assert!(bytes.ends_with(format!("\r\n--{boundary}--\r\n").as_bytes()));
}

#[test]
fn sec_76_two_forms_never_share_a_boundary() {
    assert_ne!(Form::new().content_type(), Form::new().content_type());
}

#[test]
fn sec_76_a_boundary_that_was_set_and_stands_in_the_content_is_refused() {
    for content in ["--B", "x\r\n--B", "x\r\n--B--\r\n", "\r\n\r\n\r\r\n--Bx"] {
        let error = Form::new().boundary("B").text("good", "--b").text("a", content).into_vec().unwrap_err();
        assert_eq!(error.to_string(), "part \"a\" contains the boundary that was set", "{content:?}");
    }
    for content in ["", "\r\n", "-B", " --B", "\n--B", "x\r--B", "\r\n-", "\r\n--b"] {
        assert!(Form::new().boundary("B").text("a", content).into_vec().is_ok(), "{content:?}");
    }
}

#[test]
fn mpt_11_quotes_and_line_breaks_are_percent_encoded_and_nothing_else_is() {
    let name = "f\"\r\n\\é\0\t%22;";
    assert_eq!(
        body(Form::new().file(name, ("a\"\r\n\\é.txt", "x"))),
        format!("{HEAD}name=\"f%22%0D%0A\\é\0\t%22;\"; filename=\"a%22%0D%0A\\é.txt\"\r\n\r\nx\r\n--B--\r\n")
    );
    // What a bare field name becomes as a file name is escaped too.
    assert_eq!(
        body(Form::new().file("\"\r\nX: y", "x")),
        format!("{HEAD}name=\"%22%0D%0AX: y\"; filename=\"%22%0D%0AX: y\"\r\n\r\nx\r\n--B--\r\n")
    );
    assert_eq!(body(Form::new().text("", "x")), format!("{HEAD}name=\"\"\r\n\r\nx\r\n--B--\r\n"));
}

#[test]
fn mpt_13_an_empty_form_is_the_closing_delimiter() {
    assert_eq!(body(Form::new()), "--B--\r\n");
    assert!(Form::default().is_empty());
}

#[test]
fn mpt_14_files_and_seekable_readers_are_read_from_where_they_stand() {
    let scratch = Scratch::new("seeked", b"0123456789");
    let wanted = format!("{HEAD}name=\"f\"; filename=\"f\"\r\n\r\n789\r\n--B--\r\n");
    let mut file = File::open(&scratch.0).unwrap();
    file.seek(SeekFrom::Start(7)).unwrap();
    let mut cursor = Cursor::new("0123456789");
    cursor.set_position(7);
    for part in [Part::file(file), Part::seekable(cursor)] {
        assert_eq!(part.length(), Some(3));
        assert_eq!(body(Form::new().file("f", part)), wanted);
    }
    let mut beyond = File::open(&scratch.0).unwrap();
    beyond.seek(SeekFrom::Start(70)).unwrap();
    assert_eq!(Part::file(beyond).length(), Some(0));
}

#[test]
fn mpt_14_handles_of_one_file_do_not_disturb_each_other() {
    let scratch = Scratch::new("shared", b"0123456789");
    let file = File::open(&scratch.0).unwrap();
    let form = Form::new().part("a", file.try_clone().unwrap()).part("b", file);
    assert_eq!(
        body(form),
        format!("{HEAD}name=\"a\"\r\n\r\n0123456789\r\n{HEAD}name=\"b\"\r\n\r\n0123456789\r\n--B--\r\n")
    );
}

#[test]
fn mpt_14_what_others_append_is_not_sent_and_what_they_cut_off_is_an_error() {
    let scratch = Scratch::new("log", b"line 1\n");
    let form = Form::new().part("log", Part::path(&scratch.0).unwrap().no_file_name());
    File::options().append(true).open(&scratch.0).unwrap().write_all(b"line 2\n").unwrap();
    assert_eq!(body(form), format!("{HEAD}name=\"log\"\r\n\r\nline 1\n\r\n--B--\r\n"));

    let form = Form::new().part("log", Part::path(&scratch.0).unwrap());
    File::options().write(true).open(&scratch.0).unwrap().set_len(4).unwrap();
    let error = form.into_vec().unwrap_err();
    assert_eq!(error.to_string(), "part \"log\" ended after 4 of its 14 bytes");
}

#[test]
fn mpt_15_the_length_is_known_before_the_first_byte_whenever_every_part_s_is() {
    let known = Form::new().text("a", "b").part("s", Part::sized(std::io::empty(), 1 << 40));
    assert!(known.length().is_some_and(|length| length > 1 << 40));
    assert_eq!(known.text("c", "d").part("r", Part::reader(&b""[..])).length(), None);
    let beyond = Form::new().part("s", Part::sized(std::io::empty(), u64::MAX));
    assert_eq!(beyond.length(), None, "no header can state more than 64 bits");
}

#[test]
fn mpt_17_a_form_is_sent_again_from_where_its_parts_stood() {
    let scratch = Scratch::new("again", b"0123456789");
    let mut file = File::open(&scratch.0).unwrap();
    file.seek(SeekFrom::Start(4)).unwrap();
    let form = Form::new().text("t", "x").part("f", file).part("s", Part::seekable(Cursor::new("seek")));
    assert!(form.can_rewind());
    let mut reader = form.into_reader().unwrap();
    let length = reader.length().unwrap();
    for stop in [0, 1, 90, 230, length, length] {
        let mut start = Vec::new();
        reader.by_ref().take(stop).read_to_end(&mut start).unwrap();
        assert_eq!(reader.sent(), stop);
        reader.rewind().unwrap();
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert!(all.starts_with(&start));
        assert_eq!(all.len() as u64, length);
        assert!(
            all.windows(6).any(|bytes| bytes == b"456789") && !all.windows(4).any(|bytes| bytes == b"3456")
        );
        reader.rewind().unwrap();
    }
}

#[test]
fn a_path_that_cannot_be_opened_fails_at_once_and_is_named() {
    let missing = Part::path("no/such/report.xls").unwrap_err();
    assert!(missing.to_string().starts_with("cannot open \"no/such/report.xls\" as a part: "), "{missing}");
    assert_eq!(missing.io_error().unwrap().kind(), std::io::ErrorKind::NotFound);
    let directory = std::env::temp_dir();
    assert!(matches!(Part::path(&directory).unwrap_err(), Error::Open { path, .. } if path == directory));
}

/// SEC-70, the sending side: the server learns no directory.
#[test]
fn sec_70_only_the_last_component_of_a_path_is_told() {
    let scratch = Scratch::new("plain.txt", b"x");
    let path = scratch.0.parent().unwrap().join(".").join("plain.txt");
    assert!(body(Form::new().file("f", Part::path(path).unwrap())).contains("; filename=\"plain.txt\"\r\n"));
}

#[test]
fn an_empty_file_has_length_0() {
    let scratch = Scratch::new("empty", b"");
    let part = Part::path(&scratch.0).unwrap();
    assert_eq!((part.length(), part.can_rewind()), (Some(0), true));
    assert_eq!(
        body(Form::new().part("f", part)),
        format!("{HEAD}name=\"f\"; filename=\"empty\"\r\n\r\n\r\n--B--\r\n")
    );
}

/// Its size is 0 and its content is not.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_made_as_it_is_read_is_sent_whole() {
    let part = Part::path("/proc/self/status").unwrap();
    assert_eq!(part.length(), None);
    let body = body(Form::new().part("f", part));
    assert!(body.contains("\r\n\r\nName:") && body.contains("Threads:"), "{body}");
}
