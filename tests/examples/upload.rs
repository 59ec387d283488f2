//! `cargo run --release --example upload [-- MIB]`: large uploads, their memory and their speed.
//!
//! A sparse file (4 GiB unless said otherwise) goes to a server in this process as a plain body and as a multipart form.
//! The server computes the SHA-256 of what arrives, and the peak of memory is that of both sides together. Then a part
//! of the file goes up as a plain body in turns with a bare loop of reads and writes, and the ratio is printed.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints")]

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use reqs::{Body, Part};
use ring::digest::{Context, Digest, SHA256};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

const MIB: u64 = 1024 * 1024;
const BUFFER: usize = 64 * 1024;

/// How often the race is run, and how much of the file goes up each time.
const ROUNDS: usize = 9;
const RACE: u64 = 512 * MIB;

fn main() -> Outcome {
    let mib: u64 = std::env::args().nth(1).map_or(Ok(4096), |argument| argument.parse())?;
    let size = mib * MIB;
    let file = sparse_file(size)?;
    let server = serve()?;
    let url = |path: &str| format!("http://{server}{path}");

    println!("{mib} MiB of a sparse file");
    let expected = hex(&sha_256(&mut File::open(file.path())?, u64::MAX)?);
    println!("  SHA-256 here             {expected}");

    // A first request, so that what is made once is made.
    reqs::get(url("/idle")).send()?.raise_for_status()?;
    for name in ["plain body", "multipart"] {
        let idle = Memory::now();
        let started = Instant::now();
        let request = match name {
            "plain body" => reqs::post(url("/plain")).data(Body::path(file.path())?),
            _ => reqs::post(url("/form")).form([("name", "value")]).file("file", Part::path(file.path())?),
        };
        let response = request.send()?.raise_for_status()?;
        let took = started.elapsed();
        println!("  SHA-256 there, {name:<10} {}", response.text());
        println!("    {:.0} MiB/s with hashing; memory: {}", rate(size, took), idle.peak_since());
        if response.text() != expected {
            return Err(format!("{name}: the server got other bytes").into());
        }
        idle.check()?;
    }
    race(file.path(), RACE.min(size), server)
}

/// A plain upload by reqs against a bare loop of reads and writes, in turns.
fn race(path: &std::path::Path, size: u64, server: SocketAddr) -> Outcome {
    let session = reqs::Session::new();
    let url = format!("http://{server}/sink");
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let started = Instant::now();
        write_loop(path, size, server)?;
        let theirs = started.elapsed();

        let started = Instant::now();
        let body = if size == fs::metadata(path)?.len() {
            Body::path(path)?
        } else {
            // The last part of the file: a body begins where its file stands.
            let mut file = File::open(path)?;
            file.seek(SeekFrom::End(-i64::try_from(size)?))?;
            file.into()
        };
        session.post(&url).data(body).send()?.raise_for_status()?;
        // The first round warms up both.
        if round > 0 {
            bare.push(theirs);
            ours.push(started.elapsed());
        }
    }
    ours.sort();
    bare.sort();
    println!("{} MiB of a File over http, {ROUNDS} rounds in turns", size / MIB);
    println!("                 median       best");
    for (name, times) in [("bare loop", &bare), ("reqs", &ours)] {
        println!(
            "  {name:<10} {:>6.0} MiB/s {:>6.0} MiB/s",
            rate(size, times[ROUNDS / 2]),
            rate(size, times[0])
        );
    }
    let ratio = |at: usize| bare[at].as_secs_f64() / ours[at].as_secs_f64();
    println!("  reqs / bare {:>11.2} {:>12.2}", ratio(ROUNDS / 2), ratio(0));
    Ok(())
}

fn write_loop(path: &std::path::Path, size: u64, server: SocketAddr) -> Outcome {
    let mut stream = TcpStream::connect(server)?;
    write!(stream, "POST /sink HTTP/1.1\r\nHost: {server}\r\nContent-Length: {size}\r\n\r\n")?;
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-i64::try_from(size)?))?;
    let mut buffer = vec![0; BUFFER];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => stream.write_all(&buffer[..read])?,
        }
    }
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(answer.into()) }
}

/// Mostly hole, with bytes here and there that a wrong offset would miss.
fn sparse_file(size: u64) -> Outcome<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.as_file().set_len(size)?;
    for at in (0..size).step_by(usize::try_from(97 * MIB + 1)?) {
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&at.to_le_bytes()[..usize::try_from((size - at).min(8))?])?;
    }
    Ok(file)
}

/// A server that takes uploads apart by hand, so that nothing of reqs is on its side.
fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || while let Ok(true) = answer(&stream) {});
        }
    });
    Ok(address)
}

/// Answers one request; false at the end of the connection.
fn answer(stream: &TcpStream) -> io::Result<bool> {
    let mut reader = BufReader::with_capacity(BUFFER, stream);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(false);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().map_err(io::Error::other)?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = reader.take(length);
    let text = match path.as_str() {
        "/plain" => hex(&sha_256(&mut body, u64::MAX)?),
        "/form" => hex(&file_of_form(&mut body)?),
        _ => {
            io::copy(&mut body, &mut io::sink())?;
            String::new()
        }
    };
    let mut stream = stream;
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len())?;
    Ok(true)
}

/// The hash of the second part's content: what stands between its empty line and the closing delimiter.
fn file_of_form(body: &mut impl BufRead) -> io::Result<Digest> {
    let mut delimiter = String::new();
    body.read_line(&mut delimiter)?;
    let mut line = Vec::new();
    for _ in 0..2 {
        // Two heads end in an empty line each; between them stands the value of the field.
        loop {
            line.clear();
            body.read_until(b'\n', &mut line)?;
            if line == b"\r\n" {
                break;
            }
        }
    }
    let mut context = Context::new(&SHA256);
    let mut tail = Vec::new();
    let end = format!("\r\n{}--\r\n", delimiter.trim_end());
    loop {
        let available = body.fill_buf()?;
        if available.is_empty() {
            break;
        }
        // What may be the closing delimiter is held back.
        tail.extend_from_slice(available);
        let read = available.len();
        body.consume(read);
        let content = tail.len().saturating_sub(end.len());
        context.update(&tail[..content]);
        tail.drain(..content);
    }
    if tail != end.as_bytes() {
        return Err(io::Error::other("the form does not end in its delimiter"));
    }
    Ok(context.finish())
}

fn sha_256(reader: &mut impl Read, limit: u64) -> io::Result<Digest> {
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; BUFFER];
    let mut reader = reader.take(limit);
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(context.finish()),
            read => context.update(&buffer[..read]),
        }
    }
}

fn hex(digest: &Digest) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[allow(clippy::cast_precision_loss, reason = "a rate needs no more than fifteen digits")]
fn rate(bytes: u64, took: Duration) -> f64 {
    bytes as f64 / MIB as f64 / took.as_secs_f64()
}

/// What this process held when it was idle, in KiB; Linux tells, elsewhere nothing is checked.
struct Memory(Option<u64>);

/// Far below the size of the file, far above any buffer.
const MOST_KIB: u64 = 32 * 1024;

impl Memory {
    /// Forgets the peak so far and takes the present.
    fn now() -> Memory {
        let reset = fs::write("/proc/self/clear_refs", "5");
        Memory(reset.ok().and_then(|()| status("VmRSS:")))
    }

    fn peak(&self) -> Option<u64> {
        Some(status("VmHWM:")?.saturating_sub(self.0?))
    }

    fn peak_since(&self) -> String {
        match (self.0, self.peak()) {
            (Some(idle), Some(peak)) => format!("{idle} KiB idle, at most {peak} KiB more"),
            _ => "not known on this system".to_owned(),
        }
    }

    fn check(&self) -> Outcome {
        match self.peak() {
            Some(peak) if peak > MOST_KIB => Err(format!("{peak} KiB over the idle process").into()),
            _ => Ok(()),
        }
    }
}

fn status(field: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(field))?.trim().split(' ').next()?.parse().ok()
}
