//! What the second request of a redirect looks like: five statuses, seven methods, four kinds of body, five places to be sent
//! to, seen by the servers that got it. `cargo run -p reqs-tests --example redirect_matrix` prints the table.

#![allow(
    missing_docs,
    clippy::print_stdout,
    reason = "an example that prints, and a module of the tests that check its rows"
)]

use std::fmt;
use std::io::Cursor;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use reqs::{Body, ErrorKind, HttpAdapter, Method, PoolConfig, Session, StatusCode};
use reqs_tests::Received;
use reqs_tests::scripted::{self, Scripted};

pub(crate) const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];
pub(crate) const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
pub(crate) const BODIES: [Kind; 4] = [Kind::None, Kind::Bytes, Kind::Seekable, Kind::Once];
pub(crate) const PLACES: [Place; 5] =
    [Place::SameHost, Place::OtherPort, Place::HttpToHttps, Place::HttpsToHttp, Place::OtherHost];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    None,
    Bytes,
    /// Read from a seekable reader.
    Seekable,
    /// Read from a reader that cannot go back.
    Once,
}

impl Kind {
    fn body(self) -> Body {
        match self {
            Kind::None => Body::empty(),
            Kind::Bytes => Body::from("data"),
            Kind::Seekable => Body::seekable(Cursor::new("data")),
            Kind::Once => Body::reader(&b"data"[..]),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    SameHost,
    OtherPort,
    HttpToHttps,
    HttpsToHttp,
    OtherHost,
}

impl Place {
    pub(crate) fn from(self) -> &'static str {
        if self == Place::HttpsToHttp { "https://a.example" } else { "http://a.example" }
    }

    pub(crate) fn to(self) -> &'static str {
        match self {
            Place::SameHost | Place::HttpsToHttp => "http://a.example",
            Place::OtherPort => "http://a.example:8080",
            Place::HttpToHttps => "https://a.example",
            Place::OtherHost => "http://b.example",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) status: u16,
    pub(crate) method: Method,
    pub(crate) kind: Kind,
    pub(crate) place: Place,
    /// The second request as its server got it, or what kept it from being sent.
    pub(crate) second: Result<Received, ErrorKind>,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, place) = (format!("{:?}", self.kind), format!("{:?}", self.place));
        write!(f, "{} {:7} {kind:8} {place:11} → ", self.status, self.method.as_str())?;
        let second = match &self.second {
            Ok(second) => second,
            Err(kind) => return write!(f, "{kind:?}"),
        };
        let shown = |name: &str| second.header(name).unwrap_or_else(|| "-".into());
        let body = match second.content() {
            body if body.is_empty() => format!("none, length {}", shown("content-length")),
            body => format!("{:?}", String::from_utf8_lossy(&body)),
        };
        let (method, host) = (second.method(), shown("host"));
        write!(
            f,
            "{method:7} body {body:14} Authorization {:6} Cookie {:6} X-Api-Key {:4} Host {host}",
            shown("authorization"),
            shown("cookie"),
            shown("x-api-key"),
        )
    }
}

/// Two servers behind four names and ports: one in the clear, one with TLS.
pub(crate) struct World {
    session: Session,
    last: Arc<Mutex<Option<Received>>>,
    _servers: [Scripted; 2],
}

impl World {
    pub(crate) fn new() -> World {
        let last = Arc::new(Mutex::new(None));
        let answer = |last: &Arc<Mutex<Option<Received>>>| {
            let last = Arc::clone(last);
            move |request: &Received| match request.target().strip_prefix("/from/") {
                Some(rest) => {
                    let (status, place) = rest.split_once('/').unwrap();
                    let place = PLACES[place.parse::<usize>().unwrap()];
                    let status = StatusCode::from_bytes(status.as_bytes()).unwrap();
                    let location = format!("{}/second", place.to());
                    scripted::response(&status.to_string(), &[("Location", &location)], "")
                }
                None => {
                    *last.lock().unwrap() = Some(request.clone());
                    scripted::ok("")
                }
            }
        };
        let plain = Scripted::with(answer(&last));
        let tls = Scripted::https().with(answer(&last));
        let session = session_to(&[
            ("a.example:80", plain.address()),
            ("a.example:8080", plain.address()),
            ("b.example:80", plain.address()),
            ("a.example:443", tls.address()),
        ]);
        session.cookies.set("jar", "1", "a.example", "/");
        World { session, last, _servers: [plain, tls] }
    }

    pub(crate) fn row(&self, status: u16, method: &Method, kind: Kind, place: Place) -> Row {
        let index = PLACES.iter().position(|known| *known == place).unwrap();
        let url = format!("{}/from/{status}/{index}", place.from());
        let request = self.session.request(method, url).allow_redirects(true).data(kind.body());
        let request = request.header("authorization", "secret").header("X-Api-Key", "k");
        let second = match request.send() {
            Ok(r) => {
                assert_eq!((r.status().as_u16(), r.history().len()), (200, 1));
                Ok(self.last.lock().unwrap().take().expect("the second request"))
            }
            Err(error) => Err(error.kind()),
        };
        Row { status, method: method.clone(), kind, place, second }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> {
        let all = move |status| {
            METHODS.iter().flat_map(move |method| {
                BODIES
                    .into_iter()
                    .flat_map(move |kind| PLACES.map(|place| self.row(status, method, kind, place)))
            })
        };
        STATUSES.into_iter().flat_map(all)
    }
}

/// A session that finds these hosts and ports at these addresses, and believes every certificate.
pub(crate) fn session_to(hosts: &[(&str, SocketAddr)]) -> Session {
    let adapter = || {
        let adapter = HttpAdapter::new().pool(PoolConfig::default());
        hosts.iter().fold(adapter, |adapter, (host, address)| adapter.connect_to(host, *address))
    };
    let mut session = Session::new();
    session.trust_env = false;
    session.verify = Some(false.into());
    session.mount("http://", adapter());
    session.mount("https://", adapter());
    session
}

#[allow(dead_code, reason = "the tests have no use for it")]
fn main() {
    let world = World::new();
    println!(
        "The first request carries the header `Authorization: secret`, an X-Api-Key, and the jar's cookie for a.example."
    );
    for row in world.rows() {
        println!("{row}");
    }
}
