//! What is measured: one kind of request, so many times, through a session as a user would write it.
//!
//! `subject NAME BASE_URL COUNT` only sends them, for others to watch; with `count` behind it tells what was allocated
//! per request.

#![forbid(unsafe_code)]

use std::alloc::System;
use std::hint::black_box;
use std::io::Read;
use std::process::ExitCode;

use reqs::{Response, Session};
use serde::{Deserialize, Serialize};
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
    ("stream-mib", stream),
];

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

/// What is posted and what comes back; see `bench_server::JSON`.
#[derive(Debug, Deserialize, Serialize, PartialEq)]
struct Order {
    id: u64,
    customer: String,
    email: String,
    express: bool,
    total: f64,
    items: Vec<Item>,
    note: String,
}

#[derive(Debug, Deserialize, Serialize, PartialEq)]
struct Item {
    sku: String,
    name: String,
    count: u32,
    price: f64,
}

fn json_posts(session: &Session, base: &str, count: usize) -> Done {
    let url = format!("{base}/json");
    let item =
        |sku: &str, name: &str, count, price| Item { sku: sku.into(), name: name.into(), count, price };
    let order = Order {
        id: 4711,
        customer: "Ada Lovelace".into(),
        email: "ada@example.org".into(),
        express: true,
        total: 129.95,
        items: vec![
            item("A-1001", "difference engine, small", 1, 99.95),
            item("B-2002", "punched cards, 100", 3, 10.0),
        ],
        note: "leave it with the neighbour".into(),
    };
    for _ in 0..count {
        let answer: Order = checked(session.post(&url).json(&order).send()?)?.json()?;
        if answer != order {
            return Err(format!("another document came back: {answer:?}").into());
        }
    }
    Ok(())
}

/// One body of `count` MiB.
fn stream(session: &Session, base: &str, count: usize) -> Done {
    let size = count * 1024 * 1024;
    let mut response = session.get(format!("{base}/bytes/{size}")).stream()?;
    let mut memory = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        match response.read(&mut memory)? {
            0 => break,
            read => total += read,
        }
    }
    if total == size { Ok(()) } else { Err(format!("{total} bytes came, not {size}").into()) }
}

fn checked(response: Response) -> Result<Response, Box<dyn std::error::Error>> {
    if response.status() == 200 { Ok(response) } else { Err(format!("status {}", response.status()).into()) }
}
