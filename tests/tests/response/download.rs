//! The example that saves a file: what it leaves behind, and what it does not.

use std::fs;

use indicatif::ProgressBar;
use reqs::{ErrorKind, Result};
use reqs_tests::Scripted;

use crate::session;

#[allow(dead_code, reason = "its main is not called")]
#[path = "../../examples/download.rs"]
mod example;

fn names(directory: &tempfile::TempDir) -> Vec<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Downloads this answer into a directory, and says what is there then.
fn download(directory: &tempfile::TempDir, answer: &str) -> Result<String> {
    let server = Scripted::one(answer);
    let path =
        example::download(&session(), &server.url("/page.txt"), directory.path(), &ProgressBar::hidden())?;
    assert_eq!(path.parent().unwrap(), directory.path());
    Ok(path.file_name().unwrap().to_str().unwrap().to_owned())
}

#[test]
fn x19_sec_70_a_whole_file_under_a_plain_name() {
    let directory = tempfile::tempdir().unwrap();
    let answer = |headers: &str| format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 5\r\n\r\nhello");
    assert_eq!(download(&directory, &answer("")).unwrap(), "page.txt");
    let traversal = answer("Content-Disposition: attachment; filename=\"../../x\"\r\n");
    assert_eq!(download(&directory, &traversal).unwrap(), "x");
    assert_eq!(fs::read_to_string(directory.path().join("x")).unwrap(), "hello");

    // What is there stays as it is.
    fs::write(directory.path().join("x"), "mine").unwrap();
    assert_eq!(download(&directory, &traversal).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(fs::read_to_string(directory.path().join("x")).unwrap(), "mine");
    let mut left = names(&directory);
    left.sort();
    assert_eq!(left, ["page.txt", "x"]);
}

#[test]
fn sec_08_after_an_error_nothing_is_left() {
    let directory = tempfile::tempdir().unwrap();
    let cases = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", ErrorKind::ChunkedEncoding),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", ErrorKind::ChunkedEncoding),
        (
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
            ErrorKind::ContentDecoding,
        ),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello", ErrorKind::Http),
    ];
    for (answer, kind) in cases {
        assert_eq!(download(&directory, answer).unwrap_err().kind(), kind);
        assert_eq!(names(&directory), [""; 0]);
    }
}
