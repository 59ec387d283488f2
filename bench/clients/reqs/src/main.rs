//! reqs, through a session.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io;

use bench_harness::{Client, Order, Payload, Site};
use reqs::{Body, Session};

fn main() {
    bench_harness::main::<Reqs>();
}

struct Reqs {
    session: Session,
}

impl Client for Reqs {
    fn new(site: &Site) -> Self {
        let mut session = Session::new();
        if site.is_tls() {
            session.verify = Some(site.authority.as_path().into());
        }
        Reqs { session }
    }

    fn another(&self) -> Self {
        Reqs { session: self.session.clone() }
    }

    fn get(&mut self, url: &str) -> usize {
        self.session.get(url).send().unwrap().content().len()
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        self.session.post(url).json(order).send().unwrap().json().unwrap()
    }

    fn stream(&mut self, url: &str) -> u64 {
        self.session.get(url).stream().unwrap().copy_to(&mut io::sink()).unwrap()
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
