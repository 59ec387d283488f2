//! reqwest's asynchronous client on one thread; where a session is shared by eight, on a runtime with a thread for each
//! core.

#![forbid(unsafe_code)]

use std::fs::File;

use bench_harness::{Client, Order, Payload, Site, THREADS};
use reqwest::Certificate;
use tokio::runtime::{Builder, Runtime};

fn main() {
    bench_harness::main::<Reqwest>();
}

struct Reqwest {
    client: reqwest::Client,
    runtime: Runtime,
}

impl Client for Reqwest {
    fn new(site: &Site) -> Self {
        let mut builder = reqwest::Client::builder();
        if site.is_tls() {
            let pem = std::fs::read(&site.authority).unwrap();
            builder = builder.tls_certs_only([Certificate::from_pem(&pem).unwrap()]);
        }
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Reqwest { client: builder.build().unwrap(), runtime }
    }

    fn get(&mut self, url: &str) -> usize {
        self.runtime.block_on(get(&self.client, url))
    }

    fn json(&mut self, url: &str, order: &Order) -> Order {
        self.runtime
            .block_on(async { self.client.post(url).json(order).send().await.unwrap().json().await.unwrap() })
    }

    fn stream(&mut self, url: &str) -> u64 {
        self.runtime.block_on(async {
            let mut response = self.client.get(url).send().await.unwrap();
            let mut total = 0;
            while let Some(piece) = response.chunk().await.unwrap() {
                total += piece.len() as u64;
            }
            total
        })
    }

    fn upload(&mut self, url: &str, payload: Payload) {
        let length = payload.left();
        let pieces = Pieces(payload);
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
        self.runtime.block_on(async {
            let request = self.client.post(url).header("content-length", length).body(body);
            request.send().await.unwrap().bytes().await.unwrap()
        });
    }

    fn upload_file(&mut self, url: &str, file: File, length: u64) {
        self.runtime.block_on(async {
            let body = reqwest::Body::from(tokio::fs::File::from_std(file));
            let request = self.client.post(url).header("content-length", length).body(body);
            request.send().await.unwrap().bytes().await.unwrap()
        });
    }

    fn crowd(&mut self, url: &str, each: u64, length: usize) {
        if self.runtime.metrics().num_workers() == 1 {
            self.runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        }
        let task = |_| {
            let (client, url) = (self.client.clone(), url.to_owned());
            self.runtime.spawn(async move {
                for _ in 0..each {
                    assert_eq!(get(&client, &url).await, length);
                }
            })
        };
        let tasks: Vec<_> = (0..THREADS).map(task).collect();
        for task in tasks {
            self.runtime.block_on(task).unwrap();
        }
    }
}

async fn get(client: &reqwest::Client, url: &str) -> usize {
    client.get(url).send().await.unwrap().bytes().await.unwrap().len()
}

/// The payload as pieces of 64 KiB.
struct Pieces(Payload);

impl Iterator for Pieces {
    type Item = std::io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut piece = vec![0; 64 * 1024];
        match std::io::Read::read(&mut self.0, &mut piece) {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some(Ok(piece))
            }
            Err(error) => Some(Err(error)),
        }
    }
}
