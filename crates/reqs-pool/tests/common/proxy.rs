//! What proxies of every kind have in common.

use std::io;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread;

use reqs_pool::{Proxy, ProxyKind, Route};

use super::{Ask, Server};

/// What a proxy was told, in order.
pub type Heard = Arc<Mutex<Vec<String>>>;

pub fn heard() -> (Heard, Heard) {
    let heard = Heard::default();
    (Arc::clone(&heard), heard)
}

pub fn take(heard: &Heard) -> Vec<String> {
    std::mem::take(&mut heard.lock().unwrap())
}

pub fn through(ask: Ask, proxy: Proxy) -> Ask {
    Ask { route: Route { proxy: Some(Arc::new(proxy)), ..ask.route }, ..ask }
}

pub fn at(kind: ProxyKind, server: &Server) -> Proxy {
    Proxy::new(kind, "127.0.0.1", server.port)
}

/// Copies between the two sides until either ends.
pub fn relay(client: TcpStream, target: TcpStream) {
    let (mut a, mut b) = (client.try_clone().unwrap(), target.try_clone().unwrap());
    let back = thread::spawn(move || {
        let _ = io::copy(&mut b, &mut a);
        let _ = a.shutdown(std::net::Shutdown::Both);
    });
    let (mut client, mut target) = (client, target);
    let _ = io::copy(&mut client, &mut target);
    let _ = target.shutdown(std::net::Shutdown::Both);
    let _ = back.join();
}
