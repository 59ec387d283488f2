//! What is measured: one kind of request, so many times, through a session as a user would write it.
//!
//! `subject NAME BASE_URL COUNT` only sends them, for others to watch; with `count` behind it tells what was allocated
//! per request.

#![forbid(unsafe_code)]

use std::alloc::System;
use std::hint::black_box;
use std::io::{self, Read};
use std::process::ExitCode;

use bench_harness::Order;
use reqs::{Body, Digest, Part, Response, Session};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Connections are made, buffers grow and what is read once is read in so many requests.
const WARM_UP: usize = 20;

type Done = Result<(), Box<dyn std::error::Error>>;

/// Sends `count` requests.
type Send = fn(&Session, &str, usize) -> Done;

const KINDS: &[(&str, Send)] = &[
    ("keep-alive-get", |session, base, count| gets(session, &format!("{base}/small"), count)),
    ("new-connection-get", |session, base, count| gets(session, &format!("{base}/close"), count)),
    ("get-64k", |session, base, count| gets(session, &format!("{base}/bytes/65536"), count)),
    ("get-with-cookie", |session, base, count| {
        session.get(format!("{base}/cookie")).send()?;
        gets(session, &format!("{base}/small"), count)
    }),
    ("redirect", |session, base, count| gets(session, &format!("{base}/redirect"), count)),
    ("json-post", json_posts),
    ("multipart-post", multipart_posts),
    ("digest-get", digest_gets),
    ("stream-mib", |session, base, count| copied(session, &format!("{base}/bytes/{}", count * MIB), count)),
    ("chunked-mib", |session, base, count| {
        copied(session, &format!("{base}/chunked/{}", count * MIB), count)
    }),
    ("read-mib", read),
    ("upload-mib", |session, base, count| {
        let length = (count * MIB) as u64;
        upload(session, base, Body::sized(io::repeat(b'p').take(length), length))
    }),
    ("upload-chunked-mib", |session, base, count| {
        upload(session, base, Body::reader(io::repeat(b'p').take((count * MIB) as u64)))
    }),
    ("upload-file-mib", |session, base, count| {
        // All of it is a hole: it takes no room on the disk.
        let file = tempfile::tempfile()?;
        file.set_len((count * MIB) as u64)?;
        upload(session, base, file)
    }),
];

const MIB: usize = 1024 * 1024;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, base, count, rest @ ..] = &arguments[..] else {
        return Err("usage: subject NAME BASE_URL COUNT [count]".into());
    };
    let known = KINDS.iter().find(|(known, _)| known == name);
    let (_, send) = known.ok_or_else(|| format!("there is nothing called {name}"))?;
    let count: usize = count.parse()?;
    let session = Session::new();
    send(&session, base, WARM_UP)?;
    if rest.is_empty() {
        return send(&session, base, count);
    }
    let region = Region::new(ALLOCATOR);
    send(&session, base, count)?;
    let first = region.change();
    let region = Region::new(ALLOCATOR);
    send(&session, base, 2 * count)?;
    let second = region.change();
    let calls = |stats: &stats_alloc::Stats| (stats.allocations + stats.reallocations) as f64;
    let per = |more: f64, less: f64| (more - less) / count as f64;
    println!(
        "{} {}",
        per(calls(&second), calls(&first)),
        per(second.bytes_allocated as f64, first.bytes_allocated as f64)
    );
    Ok(())
}

fn gets(session: &Session, url: &str, count: usize) -> Done {
    for _ in 0..count {
        let response = checked(session.get(url).send()?)?;
        black_box(response.content());
    }
    Ok(())
}

fn json_posts(session: &Session, base: &str, count: usize) -> Done {
    let url = format!("{base}/json");
    let order = Order::example();
    for _ in 0..count {
        let answer: Order = checked(session.post(&url).json(&order).send()?)?.json()?;
        if answer != order {
            return Err(format!("another document came back: {answer:?}").into());
        }
    }
    Ok(())
}

/// A form with two fields and a small file.
fn multipart_posts(session: &Session, base: &str, count: usize) -> Done {
    let url = format!("{base}/sink");
    for _ in 0..count {
        let file = Part::bytes([b'r'; 1000]).file_name("report.csv").content_type("text/csv");
        let form = [("title", "difference engine"), ("author", "Ada Lovelace")];
        checked(session.post(&url).form(form).file("report", file).send()?)?;
    }
    Ok(())
}

/// Signed ahead of time, once the first answer has told with what.
fn digest_gets(session: &Session, base: &str, count: usize) -> Done {
    let mut session = session.clone();
    session.auth = Some(Digest::new("ada", "secret").into());
    gets(&session, &format!("{base}/digest"), count)
}

/// One body of `count` MiB, lent to a writer.
fn copied(session: &Session, url: &str, count: usize) -> Done {
    let size = (count * MIB) as u64;
    let total = session.get(url).stream()?.copy_to(&mut io::sink())?;
    whole(total, size)
}

/// One body of `count` MiB, read into memory of the caller.
fn read(session: &Session, base: &str, count: usize) -> Done {
    let size = (count * MIB) as u64;
    let mut response = session.get(format!("{base}/bytes/{size}")).stream()?;
    let mut memory = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        match response.read(&mut memory)? {
            0 => return whole(total, size),
            read => total += read as u64,
        }
    }
}

fn whole(total: u64, size: u64) -> Done {
    if total == size { Ok(()) } else { Err(format!("{total} bytes came, not {size}").into()) }
}

fn upload(session: &Session, base: &str, body: impl Into<Body>) -> Done {
    checked(session.post(format!("{base}/sink")).data(body).send()?)?;
    Ok(())
}

fn checked(response: Response) -> Result<Response, Box<dyn std::error::Error>> {
    if response.status() == 200 { Ok(response) } else { Err(format!("status {}", response.status()).into()) }
}
