//! ureq, through an agent.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use bench_harness::{Client, Order, Payload, Site};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, SendBody};

fn main() {
    bench_harness::main::<Ureq>();
}

struct Ureq(Agent);

/// Its readers stop at 10 MiB unless told otherwise.
const NO_LIMIT: u64 = u64::MAX;

impl Client for Ureq {
    fn new(site: &Site) -> Self {
        let mut config = Agent::config_builder();
        if site.is_tls() {
            let pem = std::fs::read(&site.authority).unwrap();
            let roots = RootCerts::Specific(Arc::new(vec![Certificate::from_pem(&pem).unwrap()]));
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        Ureq(config.build().into())
    }

    fn another(&self) -> Self {
        Ureq(self.0.clone())
    }

    fn get(&mut self, url: &str) -> usize {
        let mut response = self.0.get(url).call().unwrap();
        response.body_mut().with_config().limit(NO_LIMIT).read_to_vec().unwrap().len()
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        self.0.post(url).send_json(order).unwrap().body_mut().read_json().unwrap()
    }

    fn stream(&mut self, url: &str) -> u64 {
        let mut response = self.0.get(url).call().unwrap();
        let mut reader = response.body_mut().with_config().limit(NO_LIMIT).reader();
        let mut memory = vec![0; 64 * 1024];
        let mut total = 0;
        loop {
            match reader.read(&mut memory).unwrap() {
                0 => return total,
                read => total += read as u64,
            }
        }
    }

    fn upload(&mut self, url: &str, payload: Payload) {
        let length = payload.left();
        let body = SendBody::from_owned_reader(payload);
        let mut response = self.0.post(url).header("content-length", length.to_string()).send(body).unwrap();
        response.body_mut().read_to_vec().unwrap();
    }

    fn upload_file(&mut self, url: &str, file: File, _length: u64) {
        self.0.post(url).send(file).unwrap().body_mut().read_to_vec().unwrap();
    }
}
