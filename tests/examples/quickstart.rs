//! `cargo run --example quickstart`: Requests' quickstart, line by line, against an embedded server.
//!
//! Every call is printed before its answer, so that reading the output is learning the library. With a URL as
//! argument, that is fetched instead.

#![allow(clippy::print_stdout, missing_docs, reason = "a tour prints")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;

use reqs::{Body, Digest, ErrorKind, Options, Part, PreparedRequest, Request, Result, Session};
use reqs_tests::httpbin::{self, Server};
use serde_json::{Value, json};

/// Prints a statement, then runs it.
macro_rules! run {
    ($($code:tt)*) => {
        println!("    {}", tidy(stringify!($($code)*)));
        $($code)*
    };
}

/// Prints an expression and its value.
macro_rules! show {
    ($code:expr) => {
        println!("    {:<56} // {}", tidy(stringify!($code)), brief(&$code.to_string()))
    };
}

fn main() -> Result<()> {
    if let Some(url) = std::env::args().nth(1) {
        return fetch(&url);
    }
    let server = httpbin::start();
    make_a_request(&server)?;
    pass_parameters(&server)?;
    read_the_response(&server)?;
    stream_it(&server)?;
    send_bodies(&server)?;
    ask_for_the_status(&server)?;
    keep_cookies(&server)?;
    follow_redirects(&server)?;
    authenticate(&server)?;
    use_tls(&server)?;
    meet_errors(&server);
    println!(
        "\nThat was HTTP and HTTPS against a server in this process. Give a URL to fetch one of your own."
    );
    Ok(())
}

fn make_a_request(server: &Server) -> Result<()> {
    title("Make a request");
    run! { let url = server.url("/get"); }
    run! { let r = reqs::get(&url).send()?; }
    show!(r.status());
    show!(&r.headers()["content-type"]);
    run! { let r = reqs::post(server.url("/post")).data("text").send()?; }
    show!(r.status());
    run! { let r = reqs::put(server.url("/put")).data("text").send()?; }
    show!(r.status());
    run! { let r = reqs::patch(server.url("/patch")).data("text").send()?; }
    show!(r.status());
    run! { let r = reqs::delete(server.url("/delete")).send()?; }
    show!(r.status());
    run! { let r = reqs::head(&url).send()?; }
    show!(r.content().len());
    run! { let r = reqs::options(&url).send()?; }
    show!(&r.headers()["allow"]);
    Ok(())
}

fn pass_parameters(server: &Server) -> Result<()> {
    title("Pass parameters and headers");
    run! { let url = server.url("/get"); }
    run! { let r = reqs::get(&url).params((("key1", "value1"), ("key2", ["value2", "value3"]), ("none", None::<u8>))).send()?; }
    show!(r.url().query().unwrap_or_default());
    run! { let url = server.url("/headers"); }
    run! { let r = reqs::get(&url).headers([("user-agent", "my-app/0.0.1")]).send()?; }
    show!(r.json::<Value>()?["headers"]["User-Agent"]);
    show!(r.request().headers["user-agent"]);
    Ok(())
}

fn read_the_response(server: &Server) -> Result<()> {
    title("Response content");
    run! { let url = server.url("/encoding/utf8"); }
    run! { let mut r = reqs::get(&url).send()?; }
    show!(r.encoding().unwrap_or("none"));
    show!(r.text().chars().count());
    run! { r.set_encoding("ISO-8859-1"); }
    show!(r.text().chars().count());
    run! { let r = reqs::get(server.url("/gzip")).send()?; }
    show!(r.json::<Value>()?["gzipped"]);
    run! { let r = reqs::get(server.url("/deflate")).send()?; }
    show!(r.json::<Value>()?["deflated"]);
    run! { let r = reqs::get(server.url("/brotli")).send()?; }
    show!(r.json::<Value>()?["brotli"]);
    run! { let url = server.url("/json"); }
    run! { let value: Value = reqs::get(&url).send()?.json()?; }
    show!(value["slideshow"]["title"]);
    Ok(())
}

fn stream_it(server: &Server) -> Result<()> {
    title("Raw and streamed content");
    run! { let url = server.url("/stream/3"); }
    run! { let mut r = reqs::get(&url).stream()?; }
    for line in r.iter_lines() {
        show!(String::from_utf8_lossy(&line?));
    }
    run! { let url = server.url("/gzip"); }
    run! { let mut r = reqs::get(&url).stream()?; }
    run! { let mut start = [0; 2]; r.raw().read_exact(&mut start)?; }
    show!(format!("{start:02x?}"));
    let path = std::env::temp_dir().join(format!("reqs-quickstart-{}", std::process::id()));
    run! { let url = server.url("/bytes/10000"); }
    run! { let n = reqs::get(&url).stream()?.copy_to(&mut File::create(&path)?)?; }
    show!(n);
    fs::remove_file(&path)?;
    Ok(())
}

fn send_bodies(server: &Server) -> Result<()> {
    title("POST requests");
    run! { let url = server.url("/post"); }
    run! { let r = reqs::post(&url).form([("key1", "value1"), ("key1", "value2")]).send()?; }
    show!(r.json::<Value>()?["form"]);
    run! { let r = reqs::post(&url).json(json!({"some": "data"})).send()?; }
    show!(r.json::<Value>()?["json"]);
    run! { let r = reqs::post(&url).data("raw text").send()?; }
    show!(r.json::<Value>()?["data"]);
    run! { let r = reqs::post(&url).data(Body::chunks(["one ", "chunk ", "each"])).send()?; }
    show!(r.json::<Value>()?["data"]);
    run! { let r = reqs::post(&url).file("file", Part::text("some,data,to,send\n").file_name("report.csv")).send()?; }
    show!(r.json::<Value>()?["files"]);
    let path = std::env::temp_dir().join(format!("reqs-quickstart-up-{}", std::process::id()));
    fs::write(&path, "from a file")?;
    run! { let r = reqs::post(&url).data(File::open(&path)?).send()?; }
    show!(r.json::<Value>()?["data"]);
    fs::remove_file(&path)?;
    Ok(())
}

fn ask_for_the_status(server: &Server) -> Result<()> {
    title("Status codes and headers");
    run! { let url = server.url("/status/404"); }
    run! { let r = reqs::get(&url).send()?; }
    show!(r.status() == 404);
    show!(r.ok());
    run! { let error = r.raise_for_status().unwrap_err(); }
    show!(error);
    show!(error.response().is_some());
    run! { let url = server.url("/response-headers?X-Case=any"); }
    run! { let r = reqs::get(&url).send()?; }
    show!(&r.headers()["x-cASE"]);
    show!(r.headers().get("X-Absent").is_none());
    Ok(())
}

fn keep_cookies(server: &Server) -> Result<()> {
    title("Cookies and sessions");
    run! { let url = server.url("/cookies"); }
    run! { let r = reqs::get(&url).cookies([("cookies_are", "working")]).send()?; }
    show!(r.json::<Value>()?["cookies"]);
    run! { let mut s = Session::new(); }
    run! { let set = server.url("/cookies/set/sessioncookie/123456789"); }
    run! { s.get(&set).send()?; }
    run! { let r = s.get(&url).send()?; }
    show!(r.json::<Value>()?["cookies"]);
    run! { s.headers.insert("x-test", "true"); }
    run! { let url = server.url("/headers"); }
    run! { let r = s.get(&url).header("x-test2", "also").send()?; }
    show!(r.json::<Value>()?["headers"]["X-Test"]);
    show!(r.json::<Value>()?["headers"]["X-Test2"]);
    run! { let mut prepared = s.prepare(Request::new("POST", server.url("/post")).data("as prepared"))?; }
    run! { prepared.headers.insert("x-late", "yes"); }
    run! { let r = s.send(prepared, Options::new().timeout(5.0))?; }
    show!(r.json::<BTreeMap<String, Value>>()?["data"]);
    Ok(())
}

fn follow_redirects(server: &Server) -> Result<()> {
    title("Redirection and history");
    run! { let url = server.url("/redirect/3"); }
    run! { let r = reqs::get(&url).send()?; }
    show!(r.url().path());
    show!(format!("{:?}", r.history().iter().map(|h| h.status().as_u16()).collect::<Vec<_>>()));
    run! { let r = reqs::get(&url).allow_redirects(false).send()?; }
    show!(r.status());
    show!(r.history().is_empty());
    Ok(())
}

fn authenticate(server: &Server) -> Result<()> {
    title("Authentication");
    run! { let url = server.url("/basic-auth/user/pass"); }
    run! { let r = reqs::get(&url).auth(("user", "pass")).send()?; }
    show!(r.status());
    run! { let url = server.url("/digest-auth/auth/user/pass/SHA-256"); }
    run! { let r = reqs::get(&url).auth(Digest::new("user", "pass")).send()?; }
    show!(r.status());
    show!(r.history()[0].status());
    run! { let url = server.url("/headers"); }
    run! { let r = reqs::get(&url).auth(|r: &mut PreparedRequest| r.headers.insert("x-pizza", "kenneth")).send()?; }
    show!(r.json::<Value>()?["headers"]["X-Pizza"]);
    Ok(())
}

fn use_tls(server: &Server) -> Result<()> {
    title("HTTPS");
    run! { let url = server.https_url("/get"); }
    run! { let ca = server.ca_file(); }
    run! { let mut s = Session::new(); s.verify = Some(ca.into()); }
    run! { let r = s.get(&url).send()?; }
    show!(r.status());
    run! { let r = reqs::get(&url).verify(false).send()?; }
    show!(r.status());
    run! { let error = reqs::get(&url).send().unwrap_err(); }
    show!(format!("{:?}", error.kind()));
    Ok(())
}

fn meet_errors(server: &Server) {
    title("Errors and timeouts");
    let slow = server.url("/delay/5");
    let refused = "http://127.0.0.1:1/";
    let cases = [
        reqs::get("example.com").send(),
        reqs::get("gopher://example.com/").send(),
        reqs::get(refused).send(),
        reqs::get("http://no-such-name.invalid/").send(),
        reqs::get(server.https_url("/get")).send(),
        reqs::get(slow).timeout(0.1).send(),
        reqs::get(server.url("/redirect/5")).max_redirects(2).send(),
    ];
    for case in cases {
        let error = case.expect_err("each of these goes wrong");
        assert_ne!(error.kind(), ErrorKind::Other);
        println!("    {:?}: {error}", error.kind());
    }
}

fn fetch(url: &str) -> Result<()> {
    let r = reqs::get(url).timeout((10.0, 30.0)).send()?;
    println!("{:?} {} {}", r.version(), r.status().as_u16(), r.reason());
    for (name, value) in r.headers() {
        println!("{name}: {value}");
    }
    println!();
    let text = r.text();
    println!("{}", text.chars().take(2000).collect::<String>());
    if text.chars().nth(2000).is_some() {
        println!("… {} bytes in all", r.content().len());
    }
    Ok(())
}

fn title(text: &str) {
    println!("\n{text}\n");
}

/// Source code as a person writes it.
fn tidy(code: &str) -> String {
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a long value.
fn brief(value: &str) -> String {
    let line = value.replace('\n', " ");
    match line.char_indices().nth(70) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
