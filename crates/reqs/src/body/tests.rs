use super::*;
use std::io::{Cursor, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::framing::Framing;
use reqs_pool::Outgoing;

/// What a transport would send, and in which of the pool's ways.
fn sent(body: &Body, framing: Framing) -> Result<(&'static str, Vec<u8>)> {
    let mut opened = body.open()?;
    let mut all = Vec::new();
    let way = match opened.outgoing(framing) {
        Outgoing::Empty => "empty",
        Outgoing::Bytes(bytes) => {
            all.extend_from_slice(bytes);
            "bytes"
        }
        Outgoing::File { file, length } => {
            file.take(length).read_to_end(&mut all)?;
            "file"
        }
        Outgoing::Reader { reader, .. } => {
            reader.read_to_end(&mut all)?;
            "reader"
        }
        Outgoing::Chunks(chunks) => {
            for chunk in chunks {
                all.extend(chunk?);
                all.push(b'|');
            }
            "chunks"
        }
    };
    Ok((way, all))
}

fn read(body: &Body) -> Result<Vec<u8>> {
    let framing = body.length().map_or(Framing::Chunked, Framing::Length);
    sent(body, framing).map(|(_, bytes)| bytes)
}

fn file(content: &[u8]) -> File {
    let path = std::env::temp_dir().join(format!("reqs-body-{}-{:p}", std::process::id(), &content));
    let mut file =
        File::options().read(true).write(true).create_new(true).open(&path).expect("a file of our own");
    std::fs::remove_file(path).expect("it was just made");
    file.write_all(content).unwrap();
    file.rewind().unwrap();
    file
}

/// A reader that does what it is told about seeking.
struct Moody {
    tells: bool,
    seeks_back: bool,
}

impl Read for Moody {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

impl Seek for Moody {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Current(_) if self.tells => Ok(3),
            SeekFrom::End(_) => Ok(9),
            SeekFrom::Start(_) if self.seeks_back => Ok(3),
            _ => Err(io::Error::other("no")),
        }
    }
}

/// t:TestSuperLen::test_string, t:TestSuperLen::test_io_streams, t:TestSuperLen::test_file: text and bytes, read from
/// memory and from a file. An empty stream has a length of 0 there too, and is sent chunked (BOD-8).
#[test]
fn bod_7_lengths_of_texts_streams_and_files() {
    let cases = [
        (Body::from("Test"), 4),
        (Body::from(""), 0),
        (Body::seekable(Cursor::new("")), 0),
        (Body::seekable(Cursor::new("Test")), 4),
        (Body::seekable(Cursor::new(b"")), 0),
        (Body::seekable(Cursor::new(b"Test")), 4),
        (Body::from(file(b"Test")), 4),
        (Body::seekable(file(b"Test")), 4),
    ];
    for (body, length) in cases {
        assert_eq!(body.length(), Some(length), "{body:?}");
    }
}

/// t:TestSuperLen::test_super_len_with_fileno
#[test]
fn bod_10_the_length_of_a_file_is_what_reading_it_gives() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/body/tests.rs");
    let content = std::fs::read(path).unwrap();
    let body = Body::from(File::open(path).unwrap());
    assert_eq!(body.length(), Some(content.len() as u64));
    assert_eq!(read(&body).unwrap(), content);
}

/// t:TestSuperLen::test_super_len_with_tell,
/// t:TestSuperLen::test_super_len_correctly_calculates_len_of_partially_read_file: what was written is behind it.
#[test]
fn bod_9_what_was_read_or_written_before_is_not_counted() {
    let mut cursor = Cursor::new("12345");
    assert_eq!(Body::seekable(cursor.clone()).length(), Some(5));
    cursor.read_exact(&mut [0; 2]).unwrap();
    assert_eq!(Body::seekable(cursor).length(), Some(3));

    let mut written = Cursor::new(Vec::new());
    written.write_all(b"foobarbogus").unwrap();
    assert_eq!(Body::seekable(written).length(), Some(0));
    let mut written = file(b"");
    written.write_all(b"foobarbogus").unwrap();
    assert_eq!(Body::from(written).length(), Some(0));
}

/// t:test_rewind_partially_read_body
#[test]
fn bod_9_a_partly_read_reader_or_file_is_sent_from_where_it_stands() {
    let mut cursor = Cursor::new(b"0123456789".to_vec());
    cursor.set_position(4);
    let mut partly_read = file(b"0123456789");
    partly_read.seek(SeekFrom::Start(4)).unwrap();
    for body in [Body::seekable(cursor), Body::from(partly_read)] {
        assert_eq!(body.length(), Some(6));
        assert_eq!(read(&body).unwrap(), b"456789");
        body.rewind().unwrap();
        assert_eq!(read(&body).unwrap(), b"456789");
        assert_eq!(read(&body).unwrap(), b"456789", "it goes back by itself when it is sent again");
    }
}

#[test]
fn bod_9_a_file_moved_by_another_handle_and_grown_is_sent_as_it_was() {
    let mut ours = file(b"0123456789");
    let body = Body::from(ours.try_clone().unwrap());
    ours.seek(SeekFrom::End(0)).unwrap();
    ours.write_all(b"more").unwrap();
    assert_eq!(read(&body).unwrap(), b"0123456789");
    assert_eq!(read(&body.on_progress(|_, _| {})).unwrap(), b"0123456789");
}

/// t:TestSuperLen::test_super_len_handles_files_raising_weird_errors_in_tell,
/// t:TestSuperLen::test_super_len_tell_ioerror, t:test_rewind_body_failed_tell. Python's IOError is its OSError, so that the
/// two cases of each are one. Where Requests takes the length for 0, and with it for unknown, it is unknown.
#[test]
fn bod_10_a_reader_that_cannot_tell_where_it_stands_is_sent_chunked() {
    let body = Body::seekable(Moody { tells: false, seeks_back: true });
    assert_eq!(body.length(), None);
    read(&body).unwrap();
    assert_eq!(body.rewind().unwrap_err().kind(), ErrorKind::UnrewindableBody);
}

/// t:test_rewind_body_failed_seek
#[test]
fn bod_12_a_reader_that_measuring_lost_is_refused_not_cut_short() {
    let body = Body::seekable(Moody { tells: true, seeks_back: false });
    let error = read(&body).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnrewindableBody);
    assert_eq!(error.to_string(), "the body cannot go back to where it stood: no");
}

/// t:test_rewind_body_no_seek
#[test]
fn bod_12_a_reader_can_be_sent_once() {
    for body in [Body::reader(&b"abc"[..]), Body::sized(&b"abc"[..], 3), Body::chunks(["abc"])] {
        assert!(body.can_rewind(), "nothing was read yet");
        body.rewind().unwrap();
        assert!(read(&body).unwrap().starts_with(b"abc"));
        assert!(!body.can_rewind());
        assert_eq!(body.rewind().unwrap_err().kind(), ErrorKind::UnrewindableBody);
        let error = read(&body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnrewindableBody);
        assert!(error.to_string().contains("unlike one of Body::seekable or Body::factory"), "{error}");
    }
}

#[test]
fn what_may_be_there_and_forms_are_bodies() {
    assert_eq!(Body::from(Some("text")).as_bytes(), Some(&b"text"[..]));
    assert!(Body::from(None::<File>).is_empty());

    let form = reqs_multipart::Form::new().boundary("B").part("f", reqs_multipart::Part::reader(&b"abc"[..]));
    let body = Body::from(form.into_reader().unwrap());
    assert_eq!(body.length(), None);
    assert!(read(&body).unwrap().ends_with(b"abc\r\n--B--\r\n"));
    let error = body.rewind().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnrewindableBody);
    assert!(error.to_string().contains("unlike one of Part::seekable"), "{error}");
}

#[test]
fn a_factory_makes_its_body_again() {
    let body = Body::factory(Some(3), || Ok(&b"abc"[..]));
    for _ in 0..2 {
        assert_eq!(read(&body).unwrap(), b"abc");
        body.rewind().unwrap();
    }
    let vanished = Body::factory(None, || File::open("/no/such/file"));
    let error = read(&vanished).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidBody);
    assert!(error.to_string().starts_with("the body could not be opened: "), "{error}");
}

#[test]
fn a_path_that_is_not_there_is_named() {
    let error = Body::path("/no/such/file").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().starts_with(r#"cannot open "/no/such/file" as a body: "#), "{error}");
    // Windows does not even open one.
    let directory = Body::path(std::env::temp_dir()).unwrap_err();
    assert_eq!(directory.kind(), ErrorKind::Io);
}

#[test]
fn whatever_holds_bytes_becomes_a_body() {
    let bodies = [
        Body::from(*b"abc"),
        Body::from(b"abc"),
        Body::from(Box::<[u8]>::from(*b"abc")),
        Body::from(Cow::Borrowed(&b"abc"[..])),
        Body::from(Cow::Borrowed("abc")),
        Body::from(&b"abc".to_vec()),
        Body::from("abc".to_owned()),
    ];
    for body in bodies {
        assert_eq!(body.as_bytes(), Some(&b"abc"[..]));
    }
}

#[test]
fn a_body_being_sent_is_busy_not_stuck() {
    let body = Body::reader(&b"abc"[..]);
    let opened = body.open().unwrap();
    assert_eq!(body.open().err().unwrap().kind(), ErrorKind::InvalidBody);
    drop(opened);
}

#[test]
fn x04_a_stated_length_is_held_to() {
    let cases: [(&str, Body); 4] = [
        ("it ended after 2 of the 3 bytes that it was to have", Body::sized(&b"ab"[..], 3)),
        ("it goes on after the 3 bytes that it was to have", Body::sized(&b"abcd"[..], 3)),
        ("it goes on after the 0 bytes that it was to have", Body::sized(&b"a"[..], 0)),
        ("it goes on after the 2 bytes that it was to have", Body::factory(Some(2), || Ok(&b"abc"[..]))),
    ];
    for (message, body) in cases {
        assert_eq!(read(&body).unwrap_err().to_string(), message);
    }
    let short = Body::sized(&b"ab"[..], 3);
    let error = sent(&short, Framing::Chunked).unwrap_err().to_string();
    assert_eq!(error, "it ended after 2 of the 3 bytes that it was to have", "chunked too");
}

#[test]
fn what_is_longer_than_it_was_said_to_be_never_gives_its_last_byte() {
    let body = Body::sized(&b"abcd"[..], 3);
    let mut opened = body.open().unwrap();
    let Outgoing::Reader { reader, .. } = opened.outgoing(Framing::Length(3)) else { panic!("a reader") };
    let mut one = [0];
    assert_eq!(reader.read(&mut one).unwrap(), 1);
    assert_eq!(reader.read(&mut one).unwrap(), 1);
    assert!(reader.read(&mut one).is_err());
}

#[test]
fn each_kind_goes_its_own_way() {
    let chunks = || Body::chunks(["ab", "", "c"]);
    let cases = [
        (Body::empty(), Framing::Length(0), "empty", ""),
        (Body::from("abc"), Framing::Length(3), "bytes", "abc"),
        (Body::from("abc"), Framing::Chunked, "reader", "abc"),
        (Body::from(file(b"abc")), Framing::Length(3), "file", "abc"),
        (Body::from(file(b"abc")), Framing::Chunked, "reader", "abc"),
        (Body::from(file(b"")), Framing::Chunked, "reader", ""),
        (Body::reader(&b"abc"[..]), Framing::Chunked, "reader", "abc"),
        (Body::reader(&b"abc"[..]), Framing::Length(3), "reader", "abc"),
        (chunks(), Framing::Chunked, "chunks", "ab||c|"),
        (chunks(), Framing::Length(3), "reader", "abc"),
        (Body::from("abc").on_progress(|_, _| {}), Framing::Length(3), "reader", "abc"),
        (Body::from(file(b"abc")).on_progress(|_, _| {}), Framing::Length(3), "reader", "abc"),
        (chunks().on_progress(|_, _| {}), Framing::Chunked, "chunks", "ab||c|"),
    ];
    for (body, framing, way, bytes) in cases {
        assert_eq!(sent(&body, framing).unwrap(), (way, bytes.as_bytes().to_vec()), "{body:?} {framing:?}");
    }
}

#[test]
fn x02_progress_counts_what_was_sent_and_starts_again() {
    static SENT: AtomicU64 = AtomicU64::new(0);
    let body = Body::from(vec![7; 100_000]).on_progress(|sent, total| {
        assert_eq!(total, Some(100_000));
        SENT.store(sent, Ordering::Relaxed);
    });
    for _ in 0..2 {
        assert_eq!(read(&body).unwrap().len(), 100_000);
        assert_eq!(SENT.swap(0, Ordering::Relaxed), 100_000);
    }
}

#[test]
fn debug_shows_sizes_never_contents() {
    assert_eq!(format!("{:?}", Body::from("secret")), "Body(6 bytes)");
    assert_eq!(format!("{:?}", Body::from("")), "Body(empty)");
    assert_eq!(format!("{:?}", Body::sized(io::empty(), 7)), "Body(stream of 7 bytes)");
}
