//! libcurl, through the `curl` crate. A handle belongs to one thread, and each thread has one.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::Read;

use bench_harness::{Client, Order, Payload, Site};
use curl::easy::{Easy, List};

fn main() {
    bench_harness::main::<Curl>();
}

struct Curl {
    easy: Easy,
    site: Site,
}

impl Client for Curl {
    fn new(site: &Site) -> Self {
        let mut easy = Easy::new();
        if site.is_tls() {
            easy.cainfo(&site.authority).unwrap();
        }
        Curl { easy, site: site.clone() }
    }

    fn another(&self) -> Self {
        Self::new(&self.site)
    }

    fn get(&mut self, url: &str) -> usize {
        self.easy.get(true).unwrap();
        self.easy.url(url).unwrap();
        self.perform().len()
    }

    fn get_decoded(&mut self, url: &str) -> usize {
        // Whatever it was built with.
        self.easy.accept_encoding("").unwrap();
        self.get(url)
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        let body = serde_json::to_vec(order).unwrap();
        let mut headers = List::new();
        headers.append("Content-Type: application/json").unwrap();
        self.easy.post(true).unwrap();
        self.easy.url(url).unwrap();
        self.easy.http_headers(headers).unwrap();
        self.easy.post_fields_copy(&body).unwrap();
        serde_json::from_slice(&self.perform()).unwrap()
    }

    fn stream(&mut self, url: &str) -> u64 {
        self.easy.get(true).unwrap();
        self.easy.url(url).unwrap();
        self.easy.buffer_size(64 * 1024).unwrap();
        let mut total = 0;
        let mut transfer = self.easy.transfer();
        let count = |piece: &[u8]| {
            total += piece.len() as u64;
            Ok(piece.len())
        };
        transfer.write_function(count).unwrap();
        transfer.perform().unwrap();
        drop(transfer);
        total
    }

    fn upload(&mut self, url: &str, payload: Payload) {
        let length = payload.left();
        self.send(url, payload, length);
    }

    fn upload_file(&mut self, url: &str, file: File, length: u64) {
        self.send(url, file, length);
    }
}

impl Curl {
    /// Runs the transfer and gives the body.
    fn perform(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        let mut transfer = self.easy.transfer();
        let keep = |piece: &[u8]| {
            body.extend_from_slice(piece);
            Ok(piece.len())
        };
        transfer.write_function(keep).unwrap();
        transfer.perform().unwrap();
        drop(transfer);
        assert_eq!(self.easy.response_code().unwrap(), 200);
        body
    }

    fn send(&mut self, url: &str, mut reader: impl Read, length: u64) {
        let mut headers = List::new();
        // It would wait for the server's word, which nobody else does.
        headers.append("Expect:").unwrap();
        self.easy.post(true).unwrap();
        self.easy.url(url).unwrap();
        self.easy.http_headers(headers).unwrap();
        self.easy.post_field_size(length).unwrap();
        self.easy.upload_buffer_size(64 * 1024).unwrap();
        let mut transfer = self.easy.transfer();
        transfer.read_function(|room| Ok(reader.read(room).unwrap())).unwrap();
        transfer.write_function(|piece| Ok(piece.len())).unwrap();
        transfer.perform().unwrap();
    }
}
