//! minreq. It keeps neither connections nor sessions, and sends no streams.

#![forbid(unsafe_code)]

use std::io::Read;

use bench_harness::{Client, Order, Site};

fn main() {
    bench_harness::main::<Minreq>();
}

struct Minreq;

impl Client for Minreq {
    /// Whom to trust it learns from `SSL_CERT_FILE`.
    fn new(_site: &Site) -> Self {
        Minreq
    }

    fn another(&self) -> Self {
        Minreq
    }

    fn get(&mut self, url: &str) -> usize {
        minreq::get(url).send().unwrap().as_bytes().len()
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        minreq::post(url).with_json(order).unwrap().send().unwrap().json().unwrap()
    }

    fn stream(&mut self, url: &str) -> u64 {
        let mut response = minreq::get(url).send_lazy().unwrap();
        let mut memory = vec![0; 64 * 1024];
        let mut total = 0;
        loop {
            match response.read(&mut memory).unwrap() {
                0 => return total,
                read => total += read as u64,
            }
        }
    }
}
