//! A server that does what its script says, byte by byte, and keeps what it got.
//!
//! A script is made of [`Connection`]s; the first client to connect plays the first, and so on.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//! use reqs_tests::{Connection, Scripted};
//!
//! let server = Scripted::start([
//!     Connection::new().answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel").close(),
//! ]);
//!
//! let mut client = TcpStream::connect(server.address())?;
//! client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")?;
//! let mut response = String::new();
//! client.read_to_string(&mut response)?;
//!
//! assert!(response.ends_with("\r\n\r\nhel"));
//! assert_eq!(server.requests()[0].line(), "GET / HTTP/1.1");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! | to test | write |
//! |---|---|
//! | one response | `Scripted::one(ok("hello"))` |
//! | redirects, challenges: answers in the order of the requests | `Scripted::answers([redirect("/b"), ok("b")])` |
//! | an answer that depends on the request | `Scripted::with(\|request\| ok(request.target()))` |
//! | several connections | `Scripted::start([Connection::new()…, Connection::new()…])` |
//! | the same for every connection | `Scripted::each(Connection::new()…)` |
//! | any of these over TLS | `Scripted::https().one(…)` |
//! | a proxy's tunnel | `Connection::new().answer("HTTP/1.1 200 OK\r\n\r\n").tunnel_to(address)` |
//!
//! No test hangs on it: whatever a script waits for, it waits 30 seconds at most, and dropping the
//! server closes its connections and ends its threads.

mod connection;
mod log;
mod player;
mod received;
mod response;
mod stream;

use std::collections::VecDeque;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use connection::{Connection, Gate};
pub use received::Received;
pub use response::{chunked, ok, redirect, response};

use log::Log;

/// The longest wait for anything. Generous, since a loaded machine is no bug; finite, since a hang is.
const LIMIT: Duration = Duration::from_secs(30);

/// A running scripted server. Dropping it closes everything.
pub struct Scripted {
    address: SocketAddr,
    scheme: &'static str,
    /// How many connections were planned; `None`: any number.
    planned: Option<usize>,
    log: Arc<Log>,
    accepting: Option<JoinHandle<()>>,
}

impl Scripted {
    /// Plays one script per connection, in the order in which clients connect.
    /// A connection too many is closed at once, and is one of the [`problems`](Scripted::problems).
    pub fn start(connections: impl IntoIterator<Item = Connection>) -> Scripted {
        Scripted::http().start(connections)
    }

    /// One connection, one request, this response; then the connection is closed.
    pub fn one(response: impl AsRef<[u8]>) -> Scripted {
        Scripted::http().one(response)
    }

    /// These responses in the order in which requests come, on whatever connections they come.
    /// Connections stay open; a request too many gets its connection closed.
    pub fn answers<R: AsRef<[u8]>>(responses: impl IntoIterator<Item = R>) -> Scripted {
        Scripted::http().answers(responses)
    }

    /// Answers every request on every connection with what `answer` makes of it.
    pub fn with(answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Scripted {
        Scripted::http().with(answer)
    }

    /// Plays the same script on every connection, however many there are.
    pub fn each(connection: Connection) -> Scripted {
        Scripted::http().each(connection)
    }

    /// The plain server, for symmetry.
    pub fn http() -> Listen {
        Listen { tls: false }
    }

    /// The same ways to start over TLS: every script begins with a handshake (unless it says so itself)
    /// with a certificate for `localhost`, `127.0.0.1` and `::1` that [`ca_pem`](crate::ca_pem) signed.
    pub fn https() -> Listen {
        Listen { tls: true }
    }

    /// Where it listens: 127.0.0.1 and a free port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// `http://127.0.0.1:PORT` (`https://` over TLS) and the path, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        self.url_on("127.0.0.1", path)
    }

    /// The URL under another name of this machine: `localhost`, `a.localhost`, or a name that a proxy resolves.
    pub fn url_on(&self, host: &str, path: &str) -> String {
        format!("{}://{host}:{}{path}", self.scheme, self.port())
    }

    /// Every whole request so far, in the order of arrival, over all connections.
    pub fn requests(&self) -> Vec<Received> {
        self.log.lock().requests()
    }

    /// The whole requests of one connection, counted from 0 in the order of connecting.
    pub fn requests_on(&self, connection: usize) -> Vec<Received> {
        self.log.lock().connections.get(connection).map(|entry| entry.requests.clone()).unwrap_or_default()
    }

    /// Every byte that came on one connection (inside TLS where there is TLS), whole requests or not.
    pub fn received(&self, connection: usize) -> Vec<u8> {
        self.log.lock().connections.get(connection).map(|entry| entry.bytes.clone()).unwrap_or_default()
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.log.lock().connections.len()
    }

    /// What did not go as scripted: which connection, which step, what happened instead.
    pub fn problems(&self) -> Vec<String> {
        let outcomes = |entry: &log::Entry| entry.outcome.clone()?.err();
        self.log.lock().connections.iter().filter_map(outcomes).collect()
    }

    /// Waits until that many whole requests have come, and returns them.
    ///
    /// # Panics
    /// When fewer came within 30 seconds.
    pub fn wait_for_requests(&self, count: usize) -> Vec<Received> {
        let came = self.log.wait(LIMIT, |state| state.requests().len() >= count);
        let requests = self.requests();
        assert!(came, "{} of {count} requests came, problems: {:?}", requests.len(), self.problems());
        requests
    }

    /// Waits until every planned connection has been made and every script has come to its end.
    /// Where any number of connections is fine, only looks for problems.
    ///
    /// # Panics
    /// When that takes longer than 30 seconds, or when something did not go as scripted.
    pub fn finish(&self) {
        let ended = |entry: &log::Entry| entry.outcome.is_some();
        let done = self.planned.is_none_or(|planned| {
            self.log.wait(LIMIT, |state| {
                state.connections.len() >= planned && state.connections.iter().all(ended)
            })
        });
        let problems = self.problems();
        assert!(problems.is_empty(), "not as scripted: {problems:#?}");
        let (made, planned) = (self.connections(), self.planned.unwrap_or_default());
        assert!(done, "after {LIMIT:?}: {made} of {planned} planned connections, or one still at work");
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.log.stop();
        // Wakes the accepting thread, which looks at the log and leaves.
        let woken = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if let (Ok(_), Some(accepting)) = (woken, self.accepting.take()) {
            let _ = accepting.join();
        }
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted")
            .field("url", &self.url("/"))
            .field("connections", &self.connections())
            .finish()
    }
}

/// How a scripted server speaks: [`Scripted::http`] or [`Scripted::https`]. Each method starts one.
#[derive(Clone, Copy, Debug)]
pub struct Listen {
    tls: bool,
}

impl Listen {
    /// See [`Scripted::start`].
    pub fn start(self, connections: impl IntoIterator<Item = Connection>) -> Scripted {
        self.listen(Plan::List(connections.into_iter().collect()))
    }

    /// See [`Scripted::one`].
    pub fn one(self, response: impl AsRef<[u8]>) -> Scripted {
        self.start([Connection::new().answer(response).close()])
    }

    /// See [`Scripted::answers`].
    pub fn answers<R: AsRef<[u8]>>(self, responses: impl IntoIterator<Item = R>) -> Scripted {
        let responses: VecDeque<Vec<u8>> =
            responses.into_iter().map(|bytes| bytes.as_ref().to_vec()).collect();
        let responses = Mutex::new(responses);
        let next = move |_: &Received| responses.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        self.each(Connection::new().step(connection::Step::AnswerEach(Arc::new(next))))
    }

    /// See [`Scripted::with`].
    pub fn with(self, answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Scripted {
        self.each(Connection::new().answer_each(answer))
    }

    /// See [`Scripted::each`].
    pub fn each(self, connection: Connection) -> Scripted {
        self.listen(Plan::Each(connection))
    }

    fn listen(self, plan: Plan) -> Scripted {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free loopback port");
        let address = listener.local_addr().expect("a bound address");
        let planned = match &plan {
            Plan::List(connections) => Some(connections.len()),
            Plan::Each(_) => None,
        };
        let log = Arc::new(Log::default());
        let shared = Arc::clone(&log);
        let accepting = thread::spawn(move || accept(&listener, plan, self.tls, &shared));
        let scheme = if self.tls { "https" } else { "http" };
        Scripted { address, scheme, planned, log, accepting: Some(accepting) }
    }
}

/// Which script is whose.
enum Plan {
    List(VecDeque<Connection>),
    Each(Connection),
}

impl Plan {
    fn next(&mut self) -> Option<Connection> {
        match self {
            Plan::List(connections) => connections.pop_front(),
            Plan::Each(connection) => Some(connection.clone()),
        }
    }
}

/// Accepts until the server stops, then waits for the players.
fn accept(listener: &TcpListener, mut plan: Plan, tls: bool, log: &Arc<Log>) {
    let mut players = Vec::new();
    while let Ok((socket, _)) = listener.accept() {
        if log.is_stopping() {
            break;
        }
        let number = log.open_connection();
        let Some(script) = plan.next() else {
            log.end(number, Err(format!("connection {number}: one more than planned")));
            continue;
        };
        let script = if tls { script.starting_with_tls() } else { script };
        let log = Arc::clone(log);
        players.push(thread::spawn(move || {
            player::play(script, socket, number, &log);
        }));
    }
    for player in players {
        let _ = player.join();
    }
}
