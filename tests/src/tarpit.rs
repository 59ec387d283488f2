//! Addresses to which no connection can be made: one that refuses at once, one that never answers.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// A loopback address on which nothing listens: a connection is refused at once.
///
/// The port was free a moment ago; another process might take it, which no test here ever saw.
///
/// # Panics
/// When no loopback port can be bound.
pub fn refused() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free loopback port");
    listener.local_addr().expect("a bound address")
}

/// A listener whose queue is full, so that connecting to it takes until the caller gives up.
#[derive(Debug)]
pub struct Tarpit {
    address: SocketAddr,
    _listener: Socket,
    _queue: Vec<TcpStream>,
}

impl Tarpit {
    /// Listens with the shortest queue there is and fills it.
    ///
    /// # Panics
    /// When the system's queue cannot be filled with a few hundred connections.
    pub fn start() -> Tarpit {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free loopback port");
        listener.listen(0).expect("listening");
        let address = listener.local_addr().expect("a bound address").as_socket().expect("an IP address");

        let mut queue = Vec::new();
        for _ in 0..512 {
            match TcpStream::connect_timeout(&address, Duration::from_millis(250)) {
                Ok(stream) => queue.push(stream),
                Err(_) => {
                    return Tarpit { address, _listener: listener, _queue: queue };
                }
            }
        }
        panic!("the queue of {address} is still not full after {} connections", queue.len());
    }

    /// Where connecting takes for ever.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://` and the address, with a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
