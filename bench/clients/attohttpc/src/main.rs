//! attohttpc, through a session. It keeps no connections.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{self, Read, Write};

use attohttpc::Session;
use attohttpc::body::{Body, BodyKind};
use bench_harness::{Client, Order, Payload, Site};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

fn main() {
    bench_harness::main::<Attohttpc>();
}

struct Attohttpc {
    session: Session,
    site: Site,
}

impl Client for Attohttpc {
    fn new(site: &Site) -> Self {
        let mut session = Session::new();
        if site.is_tls() {
            let pem = std::fs::read(&site.authority).unwrap();
            session.add_root_certificate(CertificateDer::from_pem_slice(&pem).unwrap());
        }
        Attohttpc { session, site: site.clone() }
    }

    fn another(&self) -> Self {
        Self::new(&self.site)
    }

    fn get(&mut self, url: &str) -> usize {
        self.session.get(url).send().unwrap().bytes().unwrap().len()
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        self.session.post(url).json(order).unwrap().send().unwrap().json().unwrap()
    }

    fn stream(&mut self, url: &str) -> u64 {
        let (_, _, mut reader) = self.session.get(url).send().unwrap().split();
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
        self.session.post(url).body(Sized(payload)).send().unwrap().bytes().unwrap();
    }

    fn upload_file(&mut self, url: &str, file: File, _length: u64) {
        self.session.post(url).file(file).send().unwrap().bytes().unwrap();
    }
}

struct Sized(Payload);

impl Body for Sized {
    fn kind(&mut self) -> io::Result<BodyKind> {
        Ok(BodyKind::KnownLength(self.0.left()))
    }

    fn write<W: Write>(&mut self, mut writer: W) -> io::Result<()> {
        io::copy(&mut self.0, &mut writer).map(|_| ())
    }
}
