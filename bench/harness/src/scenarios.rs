//! The scenarios: what is asked for, how often, and what is told of it.

const MIB: u64 = 1024 * 1024;

/// One row of the table.
#[derive(Debug)]
pub struct Scenario {
    /// The name for `--only`.
    pub name: &'static str,
    /// What the table says.
    pub title: &'static str,
    /// What a client does.
    pub work: Work,
    /// What is compared.
    pub clock: Clock,
    /// Whether it runs over TLS.
    pub tls: bool,
    /// Whether client and server share one core, so that neither waits for the other to wake up.
    pub pinned: bool,
    /// Requests per run; [`Work::Start`]: processes per run.
    pub count: u64,
    /// The same under `--quick`.
    pub quick: u64,
    /// What reqs may take, relative to raw.
    pub target: f64,
}

/// What a client does with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Gets this path into memory.
    Get(&'static str),
    /// Gets `/bytes/SIZE` into memory.
    Load(u64),
    /// Gets this path into memory from eight threads that share a session; `count` is for all together.
    Threads(&'static str),
    /// Posts an order as JSON, and parses the one that comes back.
    Json,
    /// Reads `/bytes/SIZE` and forgets it.
    Stream(u64),
    /// Reads `/chunked/SIZE` and forgets it.
    Chunked(u64),
    /// Posts so many bytes from a reader of known length.
    Upload(u64),
    /// Posts so many bytes from a file.
    UploadFile(u64),
    /// Gets this path, of so many bytes once decoded, into memory.
    Decode(&'static str, u64),
    /// Is started, gets this path, and ends.
    Start(&'static str),
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The processor time of the client's process, the kernel's work for it included.
    Cpu,
    /// Wall time: the honest figure where much is moved, since the kernel's work for that moves between the two sides.
    Wall,
}

/// How many threads [`Work::Threads`] has.
pub const THREADS: u64 = 8;

const fn small(name: &'static str, title: &'static str, work: Work, count: u64, target: f64) -> Scenario {
    Scenario {
        name,
        title,
        work,
        clock: Clock::Cpu,
        tls: false,
        pinned: true,
        count,
        quick: count / 4,
        target,
    }
}

const fn bulk(name: &'static str, title: &'static str, work: Work, target: f64) -> Scenario {
    Scenario { name, title, work, clock: Clock::Wall, tls: false, pinned: true, count: 1, quick: 1, target }
}

const fn over_tls(scenario: Scenario) -> Scenario {
    Scenario { tls: true, ..scenario }
}

/// All of them, in the order of the table.
pub const SCENARIOS: &[Scenario] = &[
    small("get", "small GET, keep-alive (200 bytes)", Work::Get("/small"), 10_000, 1.15),
    Scenario {
        pinned: false,
        ..small("threads", "8 threads share one session (not pinned)", Work::Threads("/small"), 16_000, 1.25)
    },
    small("connect", "new connection per GET", Work::Get("/close"), 2_000, 1.08),
    small("json", "JSON POST and parse", Work::Json, 8_000, 1.15),
    small("64k", "64 KiB into memory", Work::Load(64 * 1024), 4_000, 1.10),
    Scenario {
        count: 4,
        ..bulk("64m", "64 MiB into memory, *wall* (raw asks for huge pages)", Work::Load(64 * MIB), 2.20)
    },
    bulk("stream", "1 GiB streamed, *wall* (raw reads 64 KiB at a time)", Work::Stream(1024 * MIB), 0.92),
    bulk("chunked", "512 MiB in 16 KiB chunks, *wall*", Work::Chunked(512 * MIB), 1.00),
    bulk("upload", "512 MiB uploaded from a `Read`, *wall*", Work::Upload(512 * MIB), 1.03),
    bulk(
        "upload-file",
        "512 MiB uploaded from a `File`, *wall* (raw copies through user space)",
        Work::UploadFile(512 * MIB),
        0.80,
    ),
    Scenario {
        count: 4,
        quick: 1,
        ..small("gzip", "20 MiB of gzip", Work::Decode("/gzip", 20 * MIB), 4, 1.03)
    },
    Scenario {
        count: 4,
        quick: 1,
        ..small("brotli", "20 MiB of brotli", Work::Decode("/brotli", 20 * MIB), 4, 1.00)
    },
    over_tls(small("tls", "small GET over TLS 1.3, keep-alive", Work::Get("/small"), 6_000, 1.15)),
    over_tls(small("tls-connect", "TLS handshake per GET (resumed)", Work::Get("/close"), 400, 1.05)),
    over_tls(bulk("tls-stream", "256 MiB over TLS, *wall*", Work::Stream(256 * MIB), 0.97)),
    small("start", "process start, one GET, exit", Work::Start("/small"), 40, 1.10),
    over_tls(small(
        "start-tls",
        "process start, one HTTPS GET, exit (raw with ring)",
        Work::Start("/small"),
        20,
        1.15,
    )),
];

impl Scenario {
    /// The scenario of that name.
    pub fn named(name: &str) -> Option<&'static Scenario> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    /// The work, with an eighth of the bytes where there is little time.
    pub fn work(&self, quick: bool) -> Work {
        let less = |size: u64| if quick { size / 8 } else { size };
        match self.work {
            Work::Stream(size) => Work::Stream(less(size)),
            Work::Chunked(size) => Work::Chunked(less(size)),
            Work::Upload(size) => Work::Upload(less(size)),
            Work::UploadFile(size) => Work::UploadFile(less(size)),
            // What is special about this one is its size.
            work @ (Work::Load(_) | Work::Get(_) | Work::Threads(_)) => work,
            work @ (Work::Json | Work::Decode(..) | Work::Start(_)) => work,
        }
    }
}
