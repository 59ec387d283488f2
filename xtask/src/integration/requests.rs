//! What a server that nobody here wrote understands of every kind of request: httpbin's echo of params, headers, forms,
//! bodies and files.

use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::process::Command;

use reqs::{Body, Digest, Form, Options, Params, Part, PreparedRequest, Request, Session};
use serde_json::{Value, json};

use super::check::{Check, FINE, Outcome, Tally, contains, same};
use crate::{install, tool};

/// A running httpbin, whoever started it.
struct Site<'a> {
    base: &'a str,
}

/// Runs the checks against the httpbin at this URL, which has no path.
pub(super) fn run(tally: &mut Tally, base: &str) {
    let checks = CHECKS.iter().map(|(name, run)| Check { name, run: *run }).collect::<Vec<_>>();
    tally.run(&Site { base }, &checks);
}

impl Site<'_> {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn post(&self) -> Request {
        reqs::post(self.url("/post"))
    }
}

type Run = fn(&Site<'_>) -> Outcome;

const CHECKS: &[(&str, Run)] = &[
    ("params of every shape", params),
    ("headers: spelling, several values, defaults left out", headers),
    ("forms of every shape", forms),
    ("bodies of every kind", bodies),
    ("no body, by method", no_body),
    ("JSON of every kind", json_bodies),
    ("multipart: fields, files, types and order", multipart),
    ("multipart: names that would break out of their line", hostile_names),
    ("multipart: streamed, with and without a length", streamed_parts),
    ("multipart: by Content-Type alone", form_by_content_type),
    ("Expect: 100-continue", expect_continue),
    ("bodies sent again after a redirect and a challenge", replays),
    ("prepared, changed and sent; from http::Request", prepared),
    ("the request as a curl command", curl),
];

fn echo(request: Request) -> Result<Value, Box<dyn std::error::Error>> {
    Ok(request.send()?.raise_for_status()?.json()?)
}

fn params(site: &Site<'_>) -> Outcome {
    let get = |path: &str| reqs::get(site.url(path));
    let pairs = (("text", "é & =+%"), ("list", ["a", "b"]), ("none", None::<u8>), ("empty", ""), ("n", 1.0));
    same(
        "args",
        &echo(get("/get?given=1").params(pairs))?["args"],
        &json!({"given": "1", "text": "é & =+%", "list": ["a", "b"], "empty": "", "n": "1.0"}),
    )?;
    same(
        "args of a string",
        &echo(get("/get").params("a=b c&d=é"))?["args"],
        &json!({"a": "b c", "d": "é"}),
    )?;
    let nested = Params::nested(&json!({"a": {"b": 1}, "c": [2, 3]}))?;
    same(
        "nested args",
        &echo(get("/get").params(nested))?["args"],
        &json!({"a[b]": "1", "c[]": ["2", "3"]}),
    )?;
    let odd = echo(get("/anything/a b/%zz/é;x?q=%"))?;
    same("args of a lone %", &odd["args"], &json!({"q": "%"}))?;
    contains("url", odd["url"].as_str().unwrap_or_default(), "/anything/a%20b/%zz/é;x?q=%25")?;
    FINE
}

fn headers(site: &Site<'_>) -> Outcome {
    let request = reqs::get(site.url("/headers"))
        .headers([("x-one", "1"), ("X-Two", "a"), ("x-two", "b")])
        .header("accept", "text/plain")
        .without_header("User-Agent");
    let found = echo(request)?["headers"].take();
    same("X-One", &found["X-One"], "1")?;
    same("X-Two", &found["X-Two"], "a,b")?;
    same("Accept", &found["Accept"], "text/plain")?;
    same("User-Agent", found.get("User-Agent").is_some(), false)?;
    FINE
}

fn forms(site: &Site<'_>) -> Outcome {
    let form = (("text", "é & =+%"), ("list", [1, 2]), ("none", None::<u8>), ("empty", ""));
    let found = echo(site.post().form(form))?;
    same("form", &found["form"], &json!({"text": "é & =+%", "list": ["1", "2"], "empty": ""}))?;
    let nothing = echo(site.post().form([("none", None::<u8>)]))?;
    same("form of nothing", &nothing["form"], &json!({}))?;
    same("its length", &nothing["headers"]["Content-Length"], "0")?;
    FINE
}

fn bodies(site: &Site<'_>) -> Outcome {
    let mut file = tempfile::tempfile()?;
    file.write_all(b"--the body")?;
    file.seek(SeekFrom::Start(2))?;
    let known: [(&str, Body); 6] = [
        ("text", "the body".into()),
        ("bytes", b"the body".into()),
        ("a file from where it stands", file.into()),
        ("a seekable reader", Body::seekable(Cursor::new("the body"))),
        ("a reader of stated length", Body::sized(&b"the body"[..], 8)),
        ("with progress", Body::from("the body").on_progress(|_, _| {})),
    ];
    for (name, body) in known {
        let found = echo(site.post().data(body))?;
        same(name, &found["data"], "the body")?;
        same(name, &found["headers"]["Content-Length"], "8")?;
    }
    let unknown = [
        Body::reader(&b"the body"[..]),
        Body::chunks(["the ", "", "body"]),
        Body::factory(None, || Ok(&b"the body"[..])),
    ];
    for body in unknown {
        let found = echo(site.post().data(body))?;
        same("chunked data", &found["data"], "the body")?;
        same("Transfer-Encoding", &found["headers"]["Transfer-Encoding"], "chunked")?;
    }
    let large = "x".repeat(1 << 20);
    let found = echo(site.post().data(Body::sized(std::io::repeat(b'x').take(1 << 20), 1 << 20)))?;
    same("a mebibyte came whole", found["data"] == large, true)?;
    FINE
}

fn no_body(site: &Site<'_>) -> Outcome {
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let found = echo(reqs::request(method, site.url("/anything")))?;
        same(method, &found["headers"]["Content-Length"], "0")?;
    }
    let found = echo(reqs::get(site.url("/anything")))?;
    same("GET", found["headers"].get("Content-Length").is_some(), false)?;
    let with_body = echo(reqs::get(site.url("/anything")).data("x"))?;
    same("GET with a body", &with_body["data"], "x")?;
    FINE
}

fn json_bodies(site: &Site<'_>) -> Outcome {
    let values =
        [json!({}), json!([]), json!(""), json!(0), json!(false), json!({"é": [1.5, null, "\u{1f40d}"]})];
    for value in values {
        let found = echo(site.post().json(&value))?;
        same("json", &found["json"], &value)?;
        same("Content-Type", &found["headers"]["Content-Type"], "application/json")?;
    }
    FINE
}

fn multipart(site: &Site<'_>) -> Outcome {
    let request = site
        .post()
        .file("file", ("report.csv", "some,data\r\nto,send\r\n", "text/csv", [("X-Part", "1")]))
        .files([("twice", "first"), ("twice", "second")])
        .form((("field", "é"), ("list", [1, 2])));
    let found = echo(request)?;
    same("form", &found["form"], &json!({"field": "é", "list": ["1", "2"]}))?;
    same("files", &found["files"]["file"], "some,data\r\nto,send\r\n")?;
    same("the one that httpbin shows of two", &found["files"]["twice"], "first")?;
    let binary: Vec<u8> = (0..=255).collect();
    let found = echo(site.post().file("b", binary))?;
    contains(
        "bytes that are no text",
        found["files"]["b"].as_str().unwrap_or_default(),
        "base64,AAECAwQFBgcICQoL",
    )?;
    FINE
}

fn hostile_names(site: &Site<'_>) -> Outcome {
    let name = "a\"; filename=\"x\r\nX-Injected: 1\r\n\r\n";
    let found = echo(site.post().form([(name, "value")]).file("é\n", ("ü\".txt", "content")))?;
    let form = found["form"].as_object().ok_or("there is no form")?;
    let files = found["files"].as_object().ok_or("there are no files")?;
    same("fields", form.values().collect::<Vec<_>>(), vec![&json!("value")])?;
    same("files", files.values().collect::<Vec<_>>(), vec![&json!("content")])?;
    Ok(format!("read as {:?} and {:?}", form.keys().next(), files.keys().next()))
}

fn streamed_parts(site: &Site<'_>) -> Outcome {
    let length = 1 << 20;
    let part = || std::io::repeat(b'x').take(length);
    for (name, part) in [("sized", Part::sized(part(), length)), ("unknown", Part::reader(part()))] {
        let found = echo(site.post().form([("field", "1")]).file("large", part))?;
        same(name, found["files"]["large"].as_str().map(str::len), Some(1 << 20))?;
        same(name, &found["form"]["field"], "1")?;
    }
    FINE
}

fn form_by_content_type(site: &Site<'_>) -> Outcome {
    let request = || site.post().header("Content-Type", "multipart/form-data");
    let found = echo(request().form([("a", "b")]))?;
    same("form", &found["form"], &json!({"a": "b"}))?;
    let found = echo(request().multipart(Form::new().text("a", "b").file("f", "x")))?;
    same("form", &found["form"], &json!({"a": "b"}))?;
    same("files", &found["files"], &json!({"f": "x"}))?;
    FINE
}

fn expect_continue(site: &Site<'_>) -> Outcome {
    let found = echo(site.post().expect_continue(true).data("after a while"))?;
    same("data", &found["data"], "after a while")?;
    same("Expect", &found["headers"]["Expect"], "100-continue")?;
    FINE
}

fn replays(site: &Site<'_>) -> Outcome {
    let mut file = tempfile::tempfile()?;
    file.write_all(b"again")?;
    file.rewind()?;
    let moved = site.url("/redirect-to?url=/post&status_code=307");
    let found = echo(reqs::post(&moved).data(file.try_clone()?))?;
    same("data after a redirect", &found["data"], "again")?;
    let found = echo(reqs::post(&moved).form([("a", "b")]).file("f", Part::seekable(Cursor::new("part"))))?;
    same("files after a redirect", &found["files"], &json!({"f": "part"}))?;
    let error = reqs::post(&moved).data(Body::chunks(["once"])).send().map(|_| ());
    same("a body read once", error.map_err(|error| error.kind()), Err(reqs::ErrorKind::UnrewindableBody))?;
    file.rewind()?;
    let guarded = site.url("/digest-auth/auth-int/user/pass");
    let answered = reqs::get(guarded).data("body").auth(Digest::new("user", "pass")).send()?;
    same("status after a challenge", answered.status().as_u16(), 200)?;
    FINE
}

fn prepared(site: &Site<'_>) -> Outcome {
    let session = Session::new();
    let mut request = session.prepare(Request::new("POST", site.url("/post")).form([("a", "b")]))?;
    request.headers.remove("content-type");
    request.set_body("changed");
    let found: Value = session.send(request, Options::new())?.json()?;
    same("data", &found["data"], "changed")?;
    let request = http::Request::put(site.url("/put")).header("x-from", "http").body("converted")?;
    let found: Value = session.send(PreparedRequest::try_from(request)?, Options::new())?.json()?;
    same("data", &found["data"], "converted")?;
    same("X-From", &found["headers"]["X-From"], "http")?;
    FINE
}

fn curl(site: &Site<'_>) -> Outcome {
    install::program("curl", "curl")?;
    let session = Session::new();
    let requests = [
        site.post().json(json!({"it's": "$(id) \"quoted\" \\ @file\n"})),
        site.post().form([("a", "b c")]).cookies([("c", "d")]).auth(("user", "pass")),
        site.post().form([("field", "é")]).file("f", ("name", vec![0, 1, 0xff, b'\''])),
    ];
    for request in requests {
        let request = session.prepare(request)?;
        let command = request.as_curl().with_secrets().to_string();
        let ours: Value = session.send(request, Options::new())?.json()?;
        let answer = tool::output(Command::new("sh").arg("-c").arg(format!("{command} --silent")))?;
        let theirs: Value = serde_json::from_str(&answer)?;
        same("what the server saw", theirs, ours)?;
    }
    FINE
}
