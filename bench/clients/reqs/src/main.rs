//! reqs, through a session.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::Read;

use bench_harness::{Client, Order, Payload, Site};
use reqs::{Body, Session};

fn main() {
    bench_harness::main::<Reqs>();
}

struct Reqs {
    session: Session,
    memory: Vec<u8>,
}

impl Client for Reqs {
    fn new(site: &Site) -> Self {
        let mut session = Session::new();
        if site.is_tls() {
            session.verify = Some(site.authority.as_path().into());
        }
        Reqs { session, memory: Vec::new() }
    }

    fn another(&self) -> Self {
        Reqs { session: self.session.clone(), memory: Vec::new() }
    }

    fn get(&mut self, url: &str) -> usize {
        self.session.get(url).send().unwrap().content().len()
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        self.session.post(url).json(order).send().unwrap().json().unwrap()
    }

    fn stream(&mut self, url: &str) -> u64 {
        self.memory.resize(64 * 1024, 0);
        let mut response = self.session.get(url).stream().unwrap();
        let mut total = 0;
        loop {
            match response.read(&mut self.memory).unwrap() {
                0 => return total,
                read => total += read as u64,
            }
        }
    }

    fn upload(&mut self, url: &str, payload: Payload) {
        let length = payload.left();
        let response = self.session.post(url).data(Body::sized(payload, length)).send().unwrap();
        assert_eq!(response.status(), 200);
    }

    fn upload_file(&mut self, url: &str, file: File, _length: u64) {
        assert_eq!(self.session.post(url).data(file).send().unwrap().status(), 200);
    }
}
