//! isahc, which drives libcurl on a thread of its own.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::Read;

use bench_harness::{Client, Order, Payload, Site};
use isahc::config::Configurable;
use isahc::prelude::*;
use isahc::tls::{TlsConfig, TrustStore};
use isahc::{Body, HttpClient, Request};

fn main() {
    bench_harness::main::<Isahc>();
}

struct Isahc(HttpClient);

impl Client for Isahc {
    fn new(site: &Site) -> Self {
        let mut builder = HttpClient::builder();
        if site.is_tls() {
            let roots = TrustStore::from_file(&site.authority);
            builder = builder.tls_config(TlsConfig::builder().trust_store(roots).build());
        }
        Isahc(builder.build().unwrap())
    }

    fn another(&self) -> Self {
        Isahc(self.0.clone())
    }

    fn get(&mut self, url: &str) -> usize {
        self.0.get(url).unwrap().bytes().unwrap().len()
    }

    fn get_decoded(&mut self, url: &str) -> usize {
        // A coding that libcurl was not built with is an error.
        match self.0.get(url) {
            Ok(mut response) => response.bytes().unwrap().len(),
            Err(_) => bench_harness::unable(),
        }
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        let body = serde_json::to_vec(order).unwrap();
        let request = Request::post(url).header("content-type", "application/json").body(body).unwrap();
        self.0.send(request).unwrap().json().unwrap()
    }

    fn stream(&mut self, url: &str) -> u64 {
        let mut response = self.0.get(url).unwrap();
        let mut memory = vec![0; 64 * 1024];
        let mut total = 0;
        loop {
            match response.body_mut().read(&mut memory).unwrap() {
                0 => return total,
                read => total += read as u64,
            }
        }
    }

    fn upload(&mut self, url: &str, payload: Payload) {
        let length = payload.left();
        self.0.post(url, Body::from_reader_sized(payload, length)).unwrap().bytes().unwrap();
    }

    fn upload_file(&mut self, url: &str, file: File, length: u64) {
        self.0.post(url, Body::from_reader_sized(file, length)).unwrap().bytes().unwrap();
    }
}
