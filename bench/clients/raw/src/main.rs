//! The floor: a blocking socket, request bytes made once, httparse for the head. No URL, headers, pool, cookies,
//! redirects or timeouts. rustls for TLS, zlib-rs and brotli-decompressor for codings.

#![forbid(unsafe_code)]

mod connection;

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};

use bench_harness::{Client, Order, Payload, Site};
use connection::Connection;
use memmap2::{Advice, MmapMut};

fn main() {
    bench_harness::main::<Raw>();
}

struct Raw {
    site: Site,
    connection: Option<Connection>,
    tls: Option<std::sync::Arc<rustls::ClientConfig>>,
    /// The request for this URL.
    request: (String, Vec<u8>),
}

/// What is moved at a time.
const PIECE: usize = 64 * 1024;

/// From this size on memory is asked for in huge pages.
const HUGE: u64 = 4 * 1024 * 1024;

impl Client for Raw {
    fn new(site: &Site) -> Self {
        let tls = site.is_tls().then(|| connection::tls_config(&site.authority));
        Raw { site: site.clone(), connection: None, tls, request: Default::default() }
    }

    fn another(&self) -> Self {
        Self::new(&self.site)
    }

    fn get(&mut self, url: &str) -> usize {
        let length = self.start(url);
        if length >= HUGE {
            return self.get_huge(length);
        }
        let mut body = vec![0; length as usize];
        let (connection, closes) = self.connection();
        connection.read_exact(&mut body).unwrap();
        if closes {
            self.connection = None;
        }
        black_box(body).len()
    }

    fn get_decoded(&mut self, url: &str) -> usize {
        let length = self.start(url);
        let (connection, _) = self.connection();
        let mut decoded = Vec::with_capacity(32 * 1024 * 1024);
        let mut coded = Read::take(&mut *connection, length);
        if url.ends_with("gzip") {
            flate2::read::GzDecoder::new(&mut coded).read_to_end(&mut decoded).unwrap();
        } else {
            brotli_decompressor::Decompressor::new(&mut coded, PIECE).read_to_end(&mut decoded).unwrap();
        }
        std::io::copy(&mut coded, &mut std::io::sink()).unwrap();
        black_box(decoded).len()
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        let body = serde_json::to_vec(order).unwrap();
        let mut request = self.head("POST", url);
        write!(request, "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
        request.extend_from_slice(&body);
        let length = self.send(&request);
        let mut body = vec![0; length as usize];
        self.connection().0.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn stream(&mut self, url: &str) -> u64 {
        let length = self.start(url);
        let (connection, _) = self.connection();
        if connection.is_chunked() {
            return connection.skip_chunks();
        }
        let mut memory = vec![0; PIECE];
        let mut left = length;
        while left > 0 {
            let room = memory.len().min(left as usize);
            let read = connection.read(&mut memory[..room]).unwrap();
            assert_ne!(read, 0);
            left -= read as u64;
        }
        length
    }

    fn upload(&mut self, url: &str, payload: Payload) {
        let length = payload.left();
        self.post(url, payload, length);
    }

    fn upload_file(&mut self, url: &str, file: File, length: u64) {
        self.post(url, file, length);
    }
}

impl Raw {
    /// Sends the request for this URL, which is made once, and tells how long the body will be.
    fn start(&mut self, url: &str) -> u64 {
        if self.request.0 != url {
            let mut request = self.head("GET", url);
            request.extend_from_slice(b"\r\n");
            self.request = (url.to_owned(), request);
        }
        let request = std::mem::take(&mut self.request.1);
        let length = self.send(&request);
        self.request.1 = request;
        length
    }

    fn head(&self, method: &str, url: &str) -> Vec<u8> {
        let path = url.strip_prefix(&self.site.base).unwrap();
        let host = self.site.authority_part();
        format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: raw\r\nAccept: */*\r\n").into_bytes()
    }

    fn send(&mut self, request: &[u8]) -> u64 {
        if self.connection.is_none() {
            self.connection = Some(Connection::open(&self.site, self.tls.clone()));
        }
        let connection = self.connection.as_mut().unwrap();
        connection.write_all(request).unwrap();
        connection.receive_head()
    }

    fn connection(&mut self) -> (&mut Connection, bool) {
        let connection = self.connection.as_mut().unwrap();
        let closes = connection.closes();
        (connection, closes)
    }

    fn get_huge(&mut self, length: u64) -> usize {
        let mut body = MmapMut::map_anon(length as usize).unwrap();
        body.advise(Advice::HugePage).unwrap();
        self.connection().0.read_exact(&mut body).unwrap();
        black_box(body).len()
    }

    fn post(&mut self, url: &str, mut body: impl Read, length: u64) {
        let mut head = self.head("POST", url);
        write!(head, "Content-Length: {length}\r\n\r\n").unwrap();
        let connection = self.connection().0;
        connection.write_all(&head).unwrap();
        let mut piece = vec![0; PIECE];
        loop {
            match body.read(&mut piece).unwrap() {
                0 => break,
                read => connection.write_all(&piece[..read]).unwrap(),
            }
        }
        let length = connection.receive_head();
        let mut answer = vec![0; length as usize];
        connection.read_exact(&mut answer).unwrap();
    }
}
