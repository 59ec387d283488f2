//! What every client of the bench is asked to do, and how it is timed.
//!
//! A client is a program of its own: `client SCENARIO BASE_URL CA_FILE COUNT quick|full CORE|-`. It warms up, does the
//! work, and tells wall time and processor time of the work in nanoseconds. It leaves with [`UNABLE`] where it cannot
//! do what is asked.

#![forbid(unsafe_code)]

mod order;
mod payload;
mod scenarios;

use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sched::{CpuSet, sched_setaffinity};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;

pub use order::{Item, Order};
pub use payload::{Payload, file_of};
pub use scenarios::{Clock, SCENARIOS, Scenario, THREADS, Work};

/// The exit code of a client that cannot do what is asked.
pub const UNABLE: i32 = 3;

/// What a client may need to know to begin.
#[derive(Clone, Debug)]
pub struct Site {
    /// `http://host:port` or `https://host:port`.
    pub base: String,
    /// Whom to trust, as PEM. `SSL_CERT_FILE` names it too, for clients that can be told in no other way.
    pub authority: PathBuf,
}

impl Site {
    /// Host and port.
    pub fn authority_part(&self) -> &str {
        self.base.split("://").nth(1).unwrap_or_default()
    }

    /// Whether this is `https`.
    pub fn is_tls(&self) -> bool {
        self.base.starts_with("https")
    }
}

/// A client. What it cannot do it leaves to the defaults. Failing is panicking: a bench has nobody to tell.
pub trait Client: Send + Sized {
    /// The client as its users make it once, for many requests.
    fn new(site: &Site) -> Self;

    /// The same session for another thread.
    fn another(&self) -> Self {
        unable()
    }

    /// Gets the whole body into memory, and tells its length.
    fn get(&mut self, url: &str) -> usize;

    /// The same where the body has a content coding, which is undone.
    fn get_decoded(&mut self, url: &str) -> usize {
        self.get(url)
    }

    /// Posts an order, and parses the one that comes back.
    fn json(&mut self, _url: &str, _order: &Order) -> Order {
        unable()
    }

    /// Reads the body piece by piece, as large as suits the client but no larger than 64 KiB where it can choose, and
    /// tells how many bytes there were.
    fn stream(&mut self, _url: &str) -> u64 {
        unable()
    }

    /// Posts what the payload gives, without holding it in memory.
    fn upload(&mut self, _url: &str, _payload: Payload) {
        unable()
    }

    /// Posts a file.
    fn upload_file(&mut self, _url: &str, _file: File, _length: u64) {
        unable()
    }

    /// Gets from [`THREADS`] threads, `each` times in each.
    fn crowd(&mut self, url: &str, each: u64, length: usize) {
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                let mut client = self.another();
                scope.spawn(move || {
                    for _ in 0..each {
                        assert_eq!(black_box(client.get(url)), length);
                    }
                });
            }
        });
    }
}

/// Ends the process of a client that cannot do what is asked.
pub fn unable() -> ! {
    std::process::exit(UNABLE);
}

/// The client's `main`.
pub fn main<C: Client>() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, base, authority, count, speed, core] = &arguments[..] else {
        panic!("usage: client SCENARIO BASE_URL CA_FILE COUNT quick|full CORE|-");
    };
    if let Ok(core) = core.parse() {
        pin(core);
    }
    let scenario = Scenario::named(name).expect("a scenario of the table");
    let site = Site { base: base.clone(), authority: authority.into() };
    let count = count.parse().expect("a number of requests");
    if let Some((wall, cpu)) = run::<C>(scenario.work(speed == "quick"), &site, count) {
        println!("{} {}", wall.as_nanos(), cpu.as_nanos());
    }
}

/// The body of `/small` and `/close`.
const SMALL: usize = 200;

fn run<C: Client>(work: Work, site: &Site, count: u64) -> Option<(Duration, Duration)> {
    let url = |path: &str| format!("{}{path}", site.base);
    let mut client = C::new(site);
    let warm_up = (count / 10).clamp(1, 200);
    let timed = match work {
        Work::Start(path) => {
            assert_eq!(client.get(&url(path)), SMALL);
            return None;
        }
        Work::Get(path) => {
            let url = url(path);
            repeat(warm_up, count, || assert_eq!(black_box(client.get(&url)), SMALL))
        }
        Work::Threads(path) => {
            let url = url(path);
            client.crowd(&url, warm_up, SMALL);
            timed(|| client.crowd(&url, count / THREADS, SMALL))
        }
        Work::Json => {
            let (url, order) = (url("/json"), Order::example());
            repeat(warm_up, count, || assert_eq!(client.json(&url, &order), order))
        }
        Work::Load(size) => {
            let url = url(&format!("/bytes/{size}"));
            repeat(warm_up, count, || assert_eq!(black_box(client.get(&url)) as u64, size))
        }
        Work::Decode(path, size) => {
            let url = url(path);
            // Who does not know a coding gives the body as it came.
            if client.get_decoded(&url) as u64 != size {
                unable();
            }
            repeat(0, count, || assert_eq!(black_box(client.get_decoded(&url)) as u64, size))
        }
        Work::Stream(size) => {
            let url = url(&format!("/bytes/{size}"));
            connect(&mut client, site);
            repeat(0, count, || assert_eq!(client.stream(&url), size))
        }
        Work::Chunked(size) => {
            let url = url(&format!("/chunked/{size}"));
            connect(&mut client, site);
            repeat(0, count, || assert_eq!(client.stream(&url), size))
        }
        Work::Upload(size) => {
            let url = url("/sink");
            connect(&mut client, site);
            repeat(0, count, || client.upload(&url, Payload::new(size)))
        }
        Work::UploadFile(size) => {
            let (url, path) = (url("/sink"), file_beside(&site.authority));
            connect(&mut client, site);
            repeat(0, count, || client.upload_file(&url, File::open(&path).expect("the file"), size))
        }
    };
    Some(timed)
}

/// Opens the connection that a large body is to run over.
fn connect<C: Client>(client: &mut C, site: &Site) {
    assert_eq!(client.get(&format!("{}/small", site.base)), SMALL);
}

/// Where the file lies that is uploaded; the runner makes it.
pub fn file_beside(authority: &Path) -> PathBuf {
    authority.with_file_name("upload")
}

fn repeat(warm_up: u64, count: u64, mut work: impl FnMut()) -> (Duration, Duration) {
    (0..warm_up).for_each(|_| work());
    timed(|| (0..count).for_each(|_| work()))
}

fn timed(work: impl FnOnce()) -> (Duration, Duration) {
    let (wall, cpu) = (Instant::now(), processor_time());
    work();
    (wall.elapsed(), processor_time() - cpu)
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("a clock that Linux has").into()
}

/// Runs this process, and what it starts, on one core.
pub fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores
        .set(core)
        .and_then(|()| sched_setaffinity(Pid::from_raw(0), &cores))
        .expect("a core of this machine");
}
