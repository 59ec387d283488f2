//! reqwest's blocking client.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::Read;

use bench_harness::{Client, Order, Payload, Site};
use reqwest::Certificate;
use reqwest::blocking::Body;

fn main() {
    bench_harness::main::<Reqwest>();
}

struct Reqwest(reqwest::blocking::Client);

impl Client for Reqwest {
    fn new(site: &Site) -> Self {
        let mut builder = reqwest::blocking::Client::builder().timeout(None);
        if site.is_tls() {
            let pem = std::fs::read(&site.authority).unwrap();
            // With HTTP/2 the scenarios would compare protocols; the server has HTTP/1.1 alone.
            builder = builder.tls_certs_only([Certificate::from_pem(&pem).unwrap()]);
        }
        Reqwest(builder.build().unwrap())
    }

    fn another(&self) -> Self {
        Reqwest(self.0.clone())
    }

    fn get(&mut self, url: &str) -> usize {
        self.0.get(url).send().unwrap().bytes().unwrap().len()
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        self.0.post(url).json(order).send().unwrap().json().unwrap()
    }

    fn stream(&mut self, url: &str) -> u64 {
        let mut response = self.0.get(url).send().unwrap();
        let mut memory = vec![0; 64 * 1024];
        let mut total = 0;
        loop {
            match response.read(&mut memory).unwrap() {
                0 => return total,
                read => total += read as u64,
            }
        }
    }

    fn upload(&mut self, url: &str, payload: Payload) {
        let length = payload.left();
        self.0.post(url).body(Body::sized(payload, length)).send().unwrap().bytes().unwrap();
    }

    fn upload_file(&mut self, url: &str, file: File, _length: u64) {
        self.0.post(url).body(file).send().unwrap().bytes().unwrap();
    }
}
