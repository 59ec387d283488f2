//! How a form reads: how many reads it takes, what a faulty part does to it, what is shown of it.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex};

use reqs_multipart::{Error, Form, Part};

/// What a read came to: bytes, or the error of a part.
fn read(reader: &mut impl Read, room: usize) -> Result<Vec<u8>, Error> {
    let mut out = vec![0; room];
    match reader.read(&mut out) {
        Ok(count) => Ok(out[..count].to_vec()),
        Err(error) => Err(error.downcast().expect("the error is this crate's")),
    }
}

/// A reader that follows a script, one line for each call.
struct Script(std::vec::IntoIter<io::Result<&'static str>>);

fn script(lines: Vec<io::Result<&'static str>>) -> Script {
    Script(lines.into_iter())
}

impl Read for Script {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(line) = self.0.next() else {
            return Ok(0);
        };
        let line = line?.as_bytes();
        out[..line.len()].copy_from_slice(line);
        Ok(line.len())
    }
}

#[test]
fn a_small_form_is_one_read() {
    let parts: [fn() -> Part; 3] =
        [|| Part::bytes("y"), || Part::seekable(Cursor::new("y")), || Part::sized(Cursor::new("y"), 1)];
    for part in parts {
        let form = Form::new().text("a", "x").part("b", part()).text("c", "z");
        let length = form.length().unwrap() as usize;
        let mut reader = form.into_reader().unwrap();
        assert_eq!(read(&mut reader, length + 1).unwrap().len(), length);
        assert!(read(&mut reader, 1).unwrap().is_empty());
        assert!(read(&mut reader, 1).unwrap().is_empty(), "the end stays the end");
    }
}

/// Counts the calls and the largest buffer that a part's reader is given.
struct Watched(Arc<Mutex<Vec<usize>>>, io::Take<io::Repeat>);

impl Read for Watched {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(out.len());
        self.1.read(out)
    }
}

#[test]
fn large_reads_go_straight_into_the_caller_s_buffer() {
    const SIZE: u64 = 1 << 20;
    const ROOM: usize = 1 << 18;
    let calls = Arc::new(Mutex::new(Vec::new()));
    let part = Part::sized(Watched(Arc::clone(&calls), io::repeat(0).take(SIZE)), SIZE);
    let mut reader = Form::new().boundary("B").part("f", part).into_reader().unwrap();
    let mut reads = 0;
    while !read(&mut reader, ROOM).unwrap().is_empty() {
        reads += 1;
    }
    assert_eq!(reads, 5, "a mebibyte and a head");
    let head = "--B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n".len();
    assert_eq!(
        *calls.lock().unwrap(),
        [ROOM - head, ROOM, ROOM, ROOM, head, 1],
        "the last one looks for more"
    );
}

#[test]
fn bytes_at_hand_do_not_wait_for_a_slow_reader() {
    let form = Form::new().boundary("B").part("f", Part::reader(script(vec![Ok("ab"), Ok("c")])));
    let mut reader = form.into_reader().unwrap();
    assert!(read(&mut reader, 1000).unwrap().ends_with(b"\r\n\r\nab"));
    assert_eq!(read(&mut reader, 1000).unwrap(), b"c");
    assert_eq!(read(&mut reader, 1000).unwrap(), b"\r\n--B--\r\n");
    assert_eq!(read(&mut reader, 1000).unwrap(), b"");
}

#[test]
fn a_part_shorter_than_its_length_is_an_error_and_the_form_stays_open() {
    let mut reader = Form::new()
        .boundary("B")
        .part("f\n", Part::sized(&b"abc"[..], 5))
        .text("g", "x")
        .into_reader()
        .unwrap();
    assert!(read(&mut reader, 1000).unwrap().ends_with(b"abc"), "what there was is sent");
    let error = read(&mut reader, 1000).unwrap_err();
    assert!(matches!(&error, Error::TooShort { field, length: 5, read: 3 } if field == "f\n"), "{error:?}");
    assert_eq!(error.to_string(), "part \"f\\n\" ended after 3 of its 5 bytes");
    assert!(matches!(read(&mut reader, 1000), Err(Error::ReadAfterFailure)));
}

#[test]
fn a_part_longer_than_its_length_is_an_error_at_any_buffer_size() {
    for length in [0, 1, 3] {
        for room in [1, 2, 7, 1000] {
            let part = Part::sized(&b"abcd"[..], length);
            let mut reader = Form::new().boundary("B").part("f", part).into_reader().unwrap();
            let mut sent = Vec::new();
            let error = loop {
                match read(&mut reader, room) {
                    Ok(bytes) => sent.extend(bytes),
                    Err(error) => break error,
                }
            };
            assert_eq!(
                error.to_string(),
                format!("part \"f\" goes on after the {length} bytes given as its length")
            );
            let content = &b"abcd"[..length as usize];
            assert!(sent.ends_with(&[b"\r\n\r\n", content].concat()), "nothing is sent behind it");
            assert!(matches!(read(&mut reader, room), Err(Error::ReadAfterFailure)));
        }
    }
    let part = Part::sized(io::repeat(b'x').take(3), 3);
    assert!(Form::new().part("f", part).into_vec().is_ok(), "the first bytes of an endless reader");
}

#[test]
fn a_reader_s_own_error_comes_back_once_after_the_bytes_before_it() {
    #[derive(Debug)]
    struct OnFire;
    impl std::fmt::Display for OnFire {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("disk on fire")
        }
    }
    impl std::error::Error for OnFire {}

    let part =
        Part::reader(script(vec![Ok("ab"), Err(io::Error::new(io::ErrorKind::TimedOut, OnFire)), Ok("c")]));
    let mut reader = Form::new().text("a", "x").part("f", part).into_reader().unwrap();
    assert!(read(&mut reader, 1000).unwrap().ends_with(b"ab"));
    let error = reader.read(&mut [0; 10]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut, "the kind shows through");
    let error: Error = error.downcast().unwrap();
    assert_eq!(error.to_string(), "cannot read part \"f\": disk on fire");
    assert!(error.io_error().unwrap().get_ref().unwrap().is::<OnFire>());
    assert!(std::error::Error::source(&error).is_none(), "the message said it all");
    assert!(
        matches!(read(&mut reader, 10), Err(Error::ReadAfterFailure)),
        "what comes after is not sent as if whole"
    );

    // The same where head and failure fall into one read.
    let part = Part::reader(script(vec![Err(io::Error::other(OnFire)), Ok("c")]));
    let mut reader = Form::new().part("f", part).into_reader().unwrap();
    assert!(read(&mut reader, 1000).unwrap().ends_with(b"\r\n\r\n"));
    assert!(matches!(read(&mut reader, 10), Err(Error::Read { field, .. }) if field == "f"));
    assert!(matches!(read(&mut reader, 10), Err(Error::ReadAfterFailure)));
}

#[test]
fn an_interrupted_read_is_taken_up_again() {
    let pauses = [io::ErrorKind::Interrupted, io::ErrorKind::WouldBlock];
    for pause in pauses {
        let lines = || vec![Err(pause.into()), Ok("ab"), Err(pause.into()), Ok("c"), Err(pause.into())];
        for part in [Part::reader(script(lines())), Part::sized(script(lines()), 3)] {
            let mut reader = Form::new().boundary("B").part("f", part).into_reader().unwrap();
            let mut sent = Vec::new();
            loop {
                let mut out = [0; 1000];
                match reader.read(&mut out) {
                    Ok(0) => break,
                    Ok(count) => sent.extend_from_slice(&out[..count]),
                    Err(error) => assert_eq!(error.kind(), pause),
                }
            }
            assert!(sent.ends_with(b"\r\n\r\nabc\r\n--B--\r\n"));
        }
    }
}

#[test]
fn a_reader_that_claims_more_than_it_had_room_for_is_an_error() {
    struct Liar;
    impl Read for Liar {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            Ok(out.len() + 1)
        }
    }
    for part in [Part::reader(Liar), Part::sized(Liar, 5)] {
        let error = Form::new().part("f", part).into_vec().unwrap_err();
        assert_eq!(error.to_string(), "cannot read part \"f\": it claims more bytes than it had room for");
    }
}

#[test]
fn a_stream_rewinds_only_while_nothing_was_read_from_it() {
    let form = Form::new().boundary("B").text("a", "x").part("f", Part::reader(&b"y"[..]));
    assert!(!form.can_rewind());
    let mut reader = form.into_reader().unwrap();
    assert!(!reader.can_rewind());
    let head = read(&mut reader, 20).unwrap();
    reader.rewind().unwrap();
    assert_eq!(read(&mut reader, 20).unwrap(), head);
    while !read(&mut reader, 1000).unwrap().is_empty() {}
    let error = reader.rewind().unwrap_err();
    assert!(matches!(&error, Error::NotRewindable { field } if field == "f"));
    assert_eq!(error.to_string(), "part \"f\" can be read only once");
}

/// A reader whose seeks fail after the first `good` ones.
struct Rusty {
    inner: Cursor<&'static [u8]>,
    good: usize,
}

impl Read for Rusty {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.inner.read(out)
    }
}

impl Seek for Rusty {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.good = self.good.checked_sub(1).ok_or_else(|| io::Error::other("rusted"))?;
        self.inner.seek(to)
    }
}

#[test]
fn a_reader_whose_seek_fails_is_a_stream_or_an_error_but_never_other_bytes() {
    let part = |good| Part::seekable(Rusty { inner: Cursor::new(b"abc"), good });
    // It cannot say where it stands, or where it ends: a stream.
    for good in [0, 1] {
        assert_eq!((part(good).length(), part(good).can_rewind()), (None, false));
        assert!(
            Form::new().part("f", part(good)).into_vec().unwrap().windows(3).any(|bytes| bytes == b"abc")
        );
    }
    // It went to its end and cannot go back; or could then, and cannot later.
    for good in [2, 3] {
        let error = Form::new().part("f", part(good)).into_vec().unwrap_err();
        assert_eq!(error.to_string(), "cannot read part \"f\": rusted", "after {good} seeks");
    }
    let mut reader = Form::new().part("f", part(4)).into_reader().unwrap();
    io::copy(&mut reader, &mut io::sink()).unwrap();
    assert_eq!(reader.rewind().unwrap_err().to_string(), "cannot rewind part \"f\": rusted");
}

#[test]
fn x02_progress_is_told_after_each_read_with_the_whole() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    let form =
        Form::new().text("a", "b").on_progress(move |sent, total| sink.lock().unwrap().push((sent, total)));
    let length = form.length().unwrap();
    let mut reader = form.into_reader().unwrap();
    read(&mut reader, 10).unwrap();
    read(&mut reader, 0).unwrap();
    read(&mut reader, 10).unwrap();
    reader.rewind().unwrap();
    while !read(&mut reader, 1000).unwrap().is_empty() {}
    let total = Some(length);
    assert_eq!(*told.lock().unwrap(), [(10, total), (20, total), (length, total)]);

    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    let form = Form::new().part("a", Part::reader(&b"b"[..]));
    let form = form.on_progress(move |sent, total| sink.lock().unwrap().push((sent, total)));
    let body = form.into_vec().unwrap();
    assert_eq!(told.lock().unwrap().last(), Some(&(body.len() as u64, None)));
}

#[test]
fn debug_shows_names_and_sizes_and_never_contents() {
    let part = Part::text("hunter2").header("X-Token", "hunter2").file_name("n.txt").content_type("a/b");
    let form = Form::new().boundary("B").text("password", "hunter2").part("f", part);
    let shown = format!("{form:?}");
    assert_eq!(
        shown,
        "Form { boundary: \"B\", parts: [(\"password\", Part { file_name: None, content_type: None, headers: [], \
         length: Some(7) }), (\"f\", Part { file_name: Some(\"n.txt\"), content_type: Some(\"a/b\"), headers: [\"X-Token\"], \
         length: Some(7) })] }"
    );
    let shown = format!("{:?}", form.into_reader().unwrap());
    assert!(shown.contains("X-Token") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn what_is_wrong_with_a_form_waits_until_it_is_read() {
    let form = Form::new().boundary("a\r\nb").text("a", "b");
    assert_eq!((form.content_type().as_str(), form.length()), ("multipart/form-data", None));
    assert!(matches!(form.into_reader(), Err(Error::InvalidBoundary { .. })));
    let form = Form::new().part("f", Part::text("").header("X-A", "1\r\nX-B: 2"));
    assert!(matches!(form.into_reader(), Err(Error::InvalidHeaderValue { field, .. }) if field == "f"));
    let form = Form::new().part("f", Part::text("").content_type("a/b\n"));
    assert!(
        matches!(form.into_vec(), Err(Error::InvalidHeaderValue { header, .. }) if header == "Content-Type")
    );
    let form = Form::new().part("f", Part::text("").header("X A", ""));
    assert!(
        matches!(form.into_vec(), Err(Error::InvalidHeaderName { .. })),
        "also one that would be left out"
    );
}
