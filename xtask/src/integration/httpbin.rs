//! PyPI's `httpbin` under gunicorn.

use std::collections::BTreeSet;
use std::process::Command;

use reqs::ErrorKind;
use serde_json::{Value, json};

use super::check::{Check, FINE, Outcome, Tally, contains, fails, same};
use super::daemon::{Daemon, free_ports, loopback};
use super::{requests, twins};
use crate::install;

pub(super) fn run(tally: &mut Tally) {
    if let Some(httpbin) = tally.started(Httpbin::start()) {
        tally.run(&httpbin, CHECKS);
        requests::run(tally, &httpbin.url(""));
        twins::run(tally, &|path| httpbin.url(path));
    }
}

/// A running httpbin.
struct Httpbin {
    port: u16,
    _daemon: Daemon,
}

impl Httpbin {
    fn start() -> Result<Httpbin, String> {
        let environment = install::python_environment("integration", include_str!("requirements.txt"))?;
        let directory = install::fresh_directory("httpbin")?;
        let [port] = free_ports()?;
        let mut gunicorn = Command::new(environment.join("bin/gunicorn"));
        gunicorn.args([
            "--bind",
            &format!("127.0.0.1:{port}"),
            "--worker-class",
            "gthread",
            "--threads",
            "4",
        ]);
        gunicorn.args(["--keep-alive", "30", "--worker-tmp-dir"]).arg(&directory).arg("httpbin:app");
        gunicorn.current_dir(&directory);
        let daemon = Daemon::start(&mut gunicorn, &directory.join("gunicorn.log"), loopback(port))?;
        Ok(Httpbin { port, _daemon: daemon })
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// Requests' quickstart, call for call.
const CHECKS: &[Check<Httpbin>] = &[
    Check {
        name: "every verb",
        run: |httpbin| {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let path = format!("/{}", method.to_ascii_lowercase());
                let r = reqs::request(method, httpbin.url(&path)).send()?.raise_for_status()?;
                same("url", &r.json::<Value>()?["url"], &json!(httpbin.url(&path)))?;
            }
            same("body of HEAD", reqs::head(httpbin.url("/get")).send()?.content(), b"")?;
            let allow = reqs::options(httpbin.url("/get")).send()?.headers()["allow"].to_owned();
            contains("Allow", &allow, "GET")?;
            Ok(format!("OPTIONS allows {allow}"))
        },
    },
    Check {
        name: "params",
        run: |httpbin| {
            let params = [("key1", "value1"), ("key2", "value2"), ("key2", "é &")];
            let r = reqs::get(httpbin.url("/get")).params(params).send()?;
            same(
                "args",
                &r.json::<Value>()?["args"],
                &json!({ "key1": "value1", "key2": ["value2", "é &"] }),
            )?;
            Ok(r.url().to_string())
        },
    },
    Check {
        name: "headers, with those that are sent by default",
        run: |httpbin| {
            let r = reqs::get(httpbin.url("/headers")).headers([("user-agent", "my-app/0.0.1")]).send()?;
            same("User-Agent", &r.json::<Value>()?["headers"]["User-Agent"], "my-app/0.0.1")?;
            let headers = reqs::get(httpbin.url("/headers")).send()?.json::<Value>()?["headers"].take();
            same("User-Agent", &headers["User-Agent"], reqs::default_user_agent())?;
            same("Accept", &headers["Accept"], "*/*")?;
            contains("Accept-Encoding", headers["Accept-Encoding"].as_str().unwrap_or_default(), "gzip")?;
            FINE
        },
    },
    Check {
        name: "forms, JSON and text",
        run: |httpbin| {
            let url = httpbin.url("/post");
            let value: Value =
                reqs::post(&url).form([("key1", "value1"), ("key1", "value2")]).send()?.json()?;
            same("form", &value["form"], &json!({ "key1": ["value1", "value2"] }))?;
            let payload = json!({ "some": "data", "list": [1, 2.5, null] });
            let value: Value = reqs::post(&url).json(&payload).send()?.json()?;
            same("json", &value["json"], &payload)?;
            same("Content-Type", &value["headers"]["Content-Type"], "application/json")?;
            let value: Value = reqs::post(&url).data("raw text: é").send()?.json()?;
            same("data", &value["data"], "raw text: é")?;
            FINE
        },
    },
    Check {
        name: "chunks",
        run: |httpbin| {
            let r = reqs::post(httpbin.url("/post")).data(reqs::Body::chunks(["hi", "there"])).send()?;
            let value: Value = r.json()?;
            same("data", &value["data"], "hithere")?;
            same("Transfer-Encoding", &value["headers"]["Transfer-Encoding"], "chunked")?;
            FINE
        },
    },
    Check {
        name: "files",
        run: |httpbin| {
            let part =
                reqs::Part::bytes("some,data\nto,send\n").file_name("report.csv").content_type("text/csv");
            let r = reqs::post(httpbin.url("/post")).form([("field", "value")]).file("file", part).send()?;
            let value: Value = r.json()?;
            same("files", &value["files"], &json!({ "file": "some,data\nto,send\n" }))?;
            same("form", &value["form"], &json!({ "field": "value" }))?;
            FINE
        },
    },
    Check {
        name: "cookies of a request and of a session",
        run: |httpbin| {
            let value: Value =
                reqs::get(httpbin.url("/cookies")).cookies([("are", "working")]).send()?.json()?;
            same("cookies", &value["cookies"], &json!({ "are": "working" }))?;
            let s = reqs::Session::new();
            s.get(httpbin.url("/cookies/set/sessioncookie/123456789")).send()?;
            let value: Value = s.get(httpbin.url("/cookies")).send()?.json()?;
            same("cookies", &value["cookies"], &json!({ "sessioncookie": "123456789" }))?;
            s.get(httpbin.url("/cookies/delete?sessioncookie")).send()?;
            same("cookies", &s.get(httpbin.url("/cookies")).send()?.json::<Value>()?["cookies"], &json!({}))?;
            FINE
        },
    },
    Check {
        name: "redirects and their history",
        run: |httpbin| {
            let r = reqs::get(httpbin.url("/redirect/3")).send()?;
            same("history", r.history().len(), 3)?;
            same("url", r.url().as_str(), httpbin.url("/get"))?;
            let r = reqs::get(httpbin.url("/absolute-redirect/2")).send()?;
            same("history", r.history().len(), 2)?;
            let r = reqs::post(httpbin.url("/redirect-to?url=/post&status_code=307")).data("kept").send()?;
            same("data", &r.json::<Value>()?["data"], "kept")?;
            let r = reqs::head(httpbin.url("/redirect/1")).send()?;
            same("status of HEAD", r.status().as_u16(), 302)?;
            fails(
                reqs::get(httpbin.url("/redirect/5")).max_redirects(4).send(),
                ErrorKind::TooManyRedirects,
            )?;
            FINE
        },
    },
    Check {
        name: "statuses",
        run: |httpbin| {
            let r = reqs::get(httpbin.url("/status/404")).send()?;
            same("ok", r.ok(), false)?;
            let error = fails(r.raise_for_status(), ErrorKind::Http)?;
            same("status", reqs::delete(httpbin.url("/status/204")).send()?.status().as_u16(), 204)?;
            Ok(error.to_string())
        },
    },
    Check {
        name: "timeouts",
        run: |httpbin| {
            let error =
                fails(reqs::get(httpbin.url("/delay/5")).timeout(0.3).send(), ErrorKind::ReadTimeout)?;
            Ok(error.to_string())
        },
    },
    Check {
        name: "Basic",
        run: |httpbin| {
            let r = reqs::get(httpbin.url("/basic-auth/user/pass")).auth(("user", "pass")).send()?;
            same("answer", r.json::<Value>()?, json!({ "authenticated": true, "user": "user" }))?;
            same("status", reqs::get(httpbin.url("/basic-auth/user/pass")).send()?.status().as_u16(), 401)?;
            // Nothing but UTF-8 gets in here.
            let r = reqs::get(httpbin.url("/basic-auth/Jäsøn/日本")).auth(("Jäsøn", "日本")).send()?;
            same("status beyond ASCII", r.status().as_u16(), 200)?;
            let r = reqs::get(httpbin.url("/hidden-basic-auth/user/pass")).auth(("user", "no")).send()?;
            same("status of the hidden one", r.status().as_u16(), 404)?;
            FINE
        },
    },
    Check {
        name: "Bearer",
        run: |httpbin| {
            let url = httpbin.url("/bearer");
            for auth in [reqs::SharedAuth::from("mF_9.B5f-4.1JqM"), reqs::Bearer::lenient("1|a:b").into()] {
                let value: Value = reqs::get(&url).auth(auth).send()?.raise_for_status()?.json()?;
                same("authenticated", &value["authenticated"], &json!(true))?;
            }
            let r = reqs::get(&url).send()?;
            same("status", r.status().as_u16(), 401)?;
            same("WWW-Authenticate", &r.headers()["www-authenticate"], "Bearer")?;
            FINE
        },
    },
    Check { name: "Digest, with every algorithm and every quality of protection", run: digest },
    Check {
        name: "Digest: a nonce that went stale is replaced",
        run: |httpbin| {
            // Stale after one use: the second request is signed ahead of time and refused for its nonce's sake.
            let url = httpbin.url("/digest-auth/auth/user/pass/SHA-256/1");
            let s = reqs::Session::new();
            let auth = reqs::Digest::new("user", "pass");
            for _ in 0..3 {
                let r = s.get(&url).auth(auth.clone()).send()?;
                same("status", r.status().as_u16(), 200)?;
                same("history", r.history().len(), 1)?;
            }
            FINE
        },
    },
    Check {
        name: "whatever is asked for: Digest, and Basic only where that was allowed",
        run: |httpbin| {
            let (digest, basic) =
                (httpbin.url("/digest-auth/auth/user/pass"), httpbin.url("/basic-auth/user/pass"));
            let careful = reqs::AnyAuth::new("user", "pass");
            let s = reqs::Session::new();
            same("Digest", s.get(&digest).auth(careful.clone()).send()?.status().as_u16(), 200)?;
            let error = fails(s.get(&basic).auth(careful.clone()).send(), ErrorKind::InvalidResponse)?;
            let bold = careful.allow_basic_over_http(true);
            same("Basic", s.get(&basic).auth(bold.clone()).send()?.status().as_u16(), 200)?;
            let r = s.get(&basic).auth(bold).send()?;
            same("round trips too many", r.history().len(), 0)?;
            Ok(error.to_string())
        },
    },
    Check {
        name: "content codings",
        run: |httpbin| {
            for (path, mark) in [("/gzip", "gzipped"), ("/deflate", "deflated"), ("/brotli", "brotli")] {
                let r = reqs::get(httpbin.url(path)).send()?;
                same(path, &r.json::<Value>()?[mark], &json!(true))?;
            }
            FINE
        },
    },
    Check {
        name: "streams, line by line and byte by byte",
        run: |httpbin| {
            let mut r = reqs::get(httpbin.url("/stream/20")).stream()?;
            let mut ids = Vec::new();
            for line in r.iter_lines() {
                ids.push(serde_json::from_slice::<Value>(&line?)?["id"].clone());
            }
            same("ids", ids, (0..20).map(|id| json!(id)).collect::<Vec<_>>())?;
            let mut r = reqs::get(httpbin.url("/stream-bytes/50000?chunk_size=777")).stream()?;
            let mut bytes = Vec::new();
            same("copied", r.copy_to(&mut bytes)?, 50_000)?;
            FINE
        },
    },
    Check {
        name: "text in its encoding",
        run: |httpbin| {
            contains("text", &reqs::get(httpbin.url("/encoding/utf8")).send()?.text(), "∮ E⋅da = Q")?;
            FINE
        },
    },
    Check {
        name: "ten GETs of a session take one connection",
        run: |httpbin| {
            let s = reqs::Session::new();
            let mut connections = BTreeSet::new();
            for _ in 0..10 {
                let r = s.get(httpbin.url("/get")).send()?.raise_for_status()?;
                connections.insert(r.connection().map(|connection| connection.local));
            }
            same("connections", connections.len(), 1)?;
            FINE
        },
    },
];

/// Twice with one object, of which the second is signed ahead of time, and once with a wrong password.
fn digest(httpbin: &Httpbin) -> Outcome {
    let mut schemes = Vec::new();
    for algorithm in ["MD5", "SHA-256", "SHA-512"] {
        for qop in ["auth", "auth-int", "none"] {
            let what = format!("{algorithm} {qop}");
            let url = httpbin.url(&format!("/digest-auth/{qop}/user/pass/{algorithm}"));
            let s = reqs::Session::new();
            let auth = reqs::Digest::new("user", "pass");
            for (round, history) in [(1, 1), (2, 0)] {
                let r = s.get(&url).auth(auth.clone()).send()?;
                same(&format!("{what}, round {round}"), r.status().as_u16(), 200)?;
                same(&format!("{what}, history of round {round}"), r.history().len(), history)?;
            }
            let r = reqs::get(&url).auth(reqs::Digest::new("user", "wrong")).send()?;
            same(&format!("{what}, wrongly"), r.status().as_u16(), 401)?;
            schemes.push(what);
        }
    }
    Ok(schemes.join(", "))
}
