//! nginx: static files, keep-alive, TLS, Basic, gzip, ranges.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqs::ErrorKind;
use reqs_tests::certificates;

use super::check::{Check, FINE, Outcome, Tally, fails, same};
use super::daemon::{Daemon, free_ports, loopback};
use crate::install;

pub(super) fn run(tally: &mut Tally) {
    if let Some(nginx) = tally.started(Nginx::start()) {
        tally.run(&nginx, CHECKS);
    }
}

/// A running nginx with a configuration of our own.
struct Nginx {
    directory: PathBuf,
    http: u16,
    https: u16,
    _daemon: Daemon,
}

impl Nginx {
    fn start() -> Result<Nginx, String> {
        let program = install::program("nginx", "nginx")?;
        let directory = install::fresh_directory("nginx")?;
        let [http, https] = free_ports()?;
        write_files(&directory, http, https).map_err(|error| format!("{}: {error}", directory.display()))?;
        let mut nginx = Command::new(program);
        nginx.arg("-p").arg(&directory).args(["-c", "nginx.conf", "-e", "error.log"]);
        let daemon = Daemon::start(&mut nginx, &directory.join("output.log"), loopback(http))?;
        Ok(Nginx { directory, http, https, _daemon: daemon })
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.http)
    }

    fn https_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.https)
    }

    /// How many connections nginx has accepted, by its own count.
    fn accepted(&self) -> Result<u64, Box<dyn Error>> {
        let status = reqs::get(self.url("/connections")).send()?.raise_for_status()?.text().into_owned();
        // The third line: accepted, handled, requests.
        let numbers = status.lines().nth(2).unwrap_or_default();
        let accepted = numbers.split_whitespace().next().and_then(|number| number.parse().ok());
        Ok(accepted.ok_or_else(|| format!("stub_status says `{status}`"))?)
    }

    /// So many requests for that path, all on one connection.
    fn one_connection(&self, path: &str, requests: usize) -> Outcome {
        let connections = self.connections_of(path)?;
        same("requests in nginx's log", connections.len(), requests)?;
        let different: BTreeSet<u64> = connections.into_iter().collect();
        same("connections in nginx's log", different.len(), 1)?;
        Ok(format!("{requests} requests, 1 connection, by nginx's log and count"))
    }

    /// The connections that carried requests for that path, as the access log has them: one number per request.
    fn connections_of(&self, path: &str) -> Result<Vec<u64>, String> {
        let log = self.directory.join("access.log");
        let text = fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let of_path = |line: &str| {
            let (connection, target) = line.split_once(' ')?;
            (target == path).then(|| connection.parse().ok())?
        };
        Ok(text.lines().filter_map(of_path).collect())
    }
}

fn write_files(directory: &Path, http: u16, https: u16) -> std::io::Result<()> {
    let site = directory.join("site");
    fs::create_dir_all(site.join("private"))?;
    fs::create_dir_all(site.join("uploads"))?;
    fs::create_dir_all(directory.join("tmp"))?;
    fs::write(site.join("index.html"), "<h1>nginx</h1>\n")?;
    fs::write(site.join("hello.txt"), "hello, world\n")?;
    fs::write(site.join("private/secret.txt"), "the secret\n")?;
    fs::write(site.join("empty.txt"), "")?;
    fs::write(site.join("long.txt"), LONG_LINE.repeat(LONG_LINES))?;
    fs::write(directory.join("passwords"), "user:{PLAIN}pass\n")?;
    certificates::write_server_files(directory)?;
    let config = include_str!("nginx.conf")
        .replace("@HTTP@", &http.to_string())
        .replace("@HTTPS@", &https.to_string());
    fs::write(directory.join("nginx.conf"), config)
}

const LONG_LINE: &str = "All work and no play makes a dull client.\n";
const LONG_LINES: usize = 50_000;

const CHECKS: &[Check<Nginx>] = &[
    Check {
        name: "a static file is text with its charset",
        run: |nginx| {
            let r = reqs::get(nginx.url("/hello.txt")).send()?;
            same("status", r.status().as_u16(), 200)?;
            same("Content-Type", &r.headers()["content-type"], "text/plain; charset=utf-8")?;
            same("encoding", r.encoding(), Some("utf-8"))?;
            same("text", r.text().as_ref(), "hello, world\n")?;
            FINE
        },
    },
    Check {
        name: "ten GETs of a session take one connection",
        run: |nginx| ten_gets(nginx, &nginx.url("/hello.txt?plain"), "/hello.txt?plain"),
    },
    Check {
        name: "ten GETs of a session take one connection over TLS",
        run: |nginx| ten_gets(nginx, &nginx.https_url("/hello.txt?tls"), "/hello.txt?tls"),
    },
    Check {
        name: "HEAD, 304, 404 and an empty file leave the connection fit for the next request",
        run: |nginx| {
            let s = reqs::Session::new();
            let target = "/hello.txt?mixed";
            let first = s.get(nginx.url(target)).send()?;
            let r = s.head(nginx.url(target)).send()?;
            same("length of HEAD", &r.headers()["content-length"], "13")?;
            same("body of HEAD", r.content(), b"")?;
            let r = s.get(nginx.url(target)).header("if-none-match", &first.headers()["etag"]).send()?;
            same("status", r.status().as_u16(), 304)?;
            same("status", s.get(nginx.url("/nothing")).send()?.status().as_u16(), 404)?;
            same("text", s.get(nginx.url("/empty.txt")).send()?.text().as_ref(), "")?;
            same("text", s.get(nginx.url(target)).send()?.text().as_ref(), "hello, world\n")?;
            nginx.one_connection(target, 4)
        },
    },
    Check {
        name: "gzip is decoded, and the bytes as they came are to be had",
        run: |nginx| {
            let r = reqs::get(nginx.url("/long.txt")).send()?;
            same("Content-Encoding", &r.headers()["content-encoding"], "gzip")?;
            same("length", r.content().len(), LONG_LINE.len() * LONG_LINES)?;
            let mut r = reqs::get(nginx.url("/long.txt")).stream()?;
            let mut raw = Vec::new();
            r.raw().read_to_end(&mut raw)?;
            same("magic", raw.get(..2), Some(&b"\x1f\x8b"[..]))?;
            Ok(format!("{} bytes from {}", LONG_LINE.len() * LONG_LINES, raw.len()))
        },
    },
    Check {
        name: "lines of a long file arrive one by one",
        run: |nginx| {
            let mut r = reqs::get(nginx.url("/long.txt")).stream()?;
            let mut count = 0;
            for line in r.iter_lines() {
                same("line", &line?[..], LONG_LINE.trim_end().as_bytes())?;
                count += 1;
            }
            same("lines", count, LONG_LINES)?;
            FINE
        },
    },
    Check {
        name: "part of a file",
        run: |nginx| {
            let r = reqs::get(nginx.url("/hello.txt")).headers([("range", "bytes=7-11")]).send()?;
            same("status", r.status().as_u16(), 206)?;
            same("text", r.text().as_ref(), "world")?;
            same("Content-Range", &r.headers()["content-range"], "bytes 7-11/13")?;
            FINE
        },
    },
    Check {
        name: "a redirect is followed, or not",
        run: |nginx| {
            let r = reqs::get(nginx.url("/moved")).send()?;
            same("url", r.url().as_str(), nginx.url("/hello.txt"))?;
            same("history", r.history().iter().map(|r| r.status().as_u16()).collect::<Vec<_>>(), [301])?;
            let r = reqs::get(nginx.url("/moved")).allow_redirects(false).send()?;
            same("status", r.status().as_u16(), 301)?;
            FINE
        },
    },
    Check {
        name: "Basic lets in, and nothing else does",
        run: |nginx| {
            let url = nginx.url("/private/secret.txt");
            let r = reqs::get(&url).auth(("user", "pass")).send()?;
            same("text", r.text().as_ref(), "the secret\n")?;
            let error = fails(reqs::get(&url).send()?.raise_for_status(), ErrorKind::Http)?;
            let status = error.response().map(|r| r.status().as_u16());
            same("status", status, Some(401))?;
            same("status", reqs::get(&url).auth(("user", "no")).send()?.status().as_u16(), 401)?;
            Ok(error.to_string())
        },
    },
    Check {
        name: "what asks for Basic gets it where nobody can listen, and once",
        run: |nginx| {
            let auth = reqs::AnyAuth::new("user", "pass");
            let mut s = reqs::Session::new();
            s.verify = Some(certificates::ca_file().into());
            let error = fails(
                s.get(nginx.url("/private/secret.txt")).auth(auth.clone()).send(),
                ErrorKind::InvalidResponse,
            )?;
            for history in [1, 0] {
                let r = s.get(nginx.https_url("/private/secret.txt")).auth(auth.clone()).send()?;
                same("text", r.text().as_ref(), "the secret\n")?;
                same("history", r.history().len(), history)?;
            }
            Ok(error.to_string())
        },
    },
    Check {
        name: "netrc lets in too",
        run: |nginx| {
            let file = nginx.directory.join("netrc");
            fs::write(&file, "machine 127.0.0.1 login user password pass\n")?;
            let mut s = reqs::Session::new();
            s.set_environment(reqs::Environment::new([("NETRC", &file)]));
            let r = s.get(nginx.url("/private/secret.txt")).send()?;
            same("text", r.text().as_ref(), "the secret\n")?;
            FINE
        },
    },
    Check {
        name: "a file is uploaded with its length, an iterator in chunks",
        run: |nginx| {
            let long = nginx.directory.join("site/long.txt");
            let r = reqs::put(nginx.url("/uploads/file.txt")).data(fs::File::open(&long)?).send()?;
            same("status", r.status().as_u16(), 201)?;
            same("file", fs::read(nginx.directory.join("site/uploads/file.txt"))? == fs::read(long)?, true)?;

            let pieces = (0..100).map(|number| format!("piece {number}\n"));
            let expected: String = pieces.clone().collect();
            let r = reqs::put(nginx.url("/uploads/pieces.txt")).data(reqs::Body::chunks(pieces)).send()?;
            same("status", r.status().as_u16(), 201)?;
            let found = fs::read_to_string(nginx.directory.join("site/uploads/pieces.txt"))?;
            same("pieces", found, expected)?;
            FINE
        },
    },
    Check {
        name: "a body over the server's limit is answered with 413, not with a broken pipe",
        run: |nginx| {
            let body = vec![b'x'; 8 << 20];
            let r = reqs::put(nginx.url("/uploads/too-long.txt")).data(body).send()?;
            same("status", r.status().as_u16(), 413)?;
            FINE
        },
    },
    Check {
        name: "a certificate of an authority nobody knows is refused, of one that is named accepted",
        run: |nginx| {
            let url = nginx.https_url("/hello.txt");
            let error = fails(reqs::get(&url).send(), ErrorKind::Ssl)?;
            let r = reqs::get(&url).verify(certificates::ca_file()).send()?;
            same("text", r.text().as_ref(), "hello, world\n")?;
            let r = reqs::get(&url).verify(false).send()?;
            same("text", r.text().as_ref(), "hello, world\n")?;
            Ok(error.to_string())
        },
    },
];

/// Ten requests by one session, all of which nginx must have got on one connection.
fn ten_gets(nginx: &Nginx, url: &str, target: &str) -> Outcome {
    let before = nginx.accepted()?;
    let mut s = reqs::Session::new();
    s.verify = Some(certificates::ca_file().into());
    for _ in 0..10 {
        s.get(url).send()?.raise_for_status()?;
    }
    // Asking for the number took a connection too, both times.
    let accepted = nginx.accepted()? - before - 1;
    same("connections that stub_status counted", accepted, 1)?;
    nginx.one_connection(target, 10)
}
