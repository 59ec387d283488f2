//! `to_curl` through a real shell, and through curl itself where there is one.

#![cfg(unix)]

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use reqs::PreparedRequest;
use reqs_tests::Scripted;
use reqs_tests::scripted::{ok, response};

/// A shell function in curl's place, which prints its arguments, and what it reads where it is told to.
const FAKE: &str = r#"curl() { for a in "$@"; do printf '%s\0' "$a"; done; case "$*" in *'--data-binary @-'*) cat;; esac; }; "#;

/// The arguments that the shell makes of the command, and what stands on curl's standard input.
fn arguments(command: &str) -> (Vec<Vec<u8>>, Vec<u8>) {
    // From a file, since the systems have limits on arguments.
    let mut script = tempfile::NamedTempFile::new().expect("a file of our own");
    script.write_all(format!("{FAKE}{command}").as_bytes()).expect("it can be written");
    let output = Command::new("sh").arg(script.path()).stdin(Stdio::null()).output().expect("a shell");
    assert!(output.status.success() && output.stderr.is_empty(), "{command}: {output:?}");
    let count = output.stdout.iter().filter(|byte| **byte == 0).count();
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    let mut rest = &output.stdout[..];
    // The last argument is the URL, which has no NUL; what follows it is the input, which may have some.
    for _ in 0..count {
        let Some(at) = rest.iter().position(|byte| *byte == 0) else { break };
        pieces.push(rest[..at].to_vec());
        rest = &rest[at + 1..];
        if pieces.last().is_some_and(|piece| piece.starts_with(b"http://")) {
            break;
        }
    }
    (pieces, rest.to_vec())
}

/// What stands after each such flag; what stands after another flag is none, whatever it looks like.
fn after<'a>(arguments: &'a [Vec<u8>], flag: &str) -> Vec<&'a [u8]> {
    const WITH_VALUE: [&[u8]; 4] = [b"-X", b"-H", b"--data-raw", b"--data-binary"];
    let mut found = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let value = if WITH_VALUE.contains(&argument.as_slice()) { rest.next() } else { None };
        found.extend(value.filter(|_| argument == flag.as_bytes()).map(Vec::as_slice));
    }
    found
}

fn check(prepared: &PreparedRequest) {
    let command = prepared.as_curl().with_secrets().to_string();
    let (arguments, input) = arguments(&command);
    let headers: Vec<Vec<u8>> = prepared
        .headers
        .iter_bytes()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
        .map(|(name, value)| match value {
            [] => format!("{name};").into_bytes(),
            value => [name.as_bytes(), b": ", value].concat(),
        })
        .collect();
    let given = after(&arguments, "-H");
    assert_eq!(given[..headers.len()], headers[..], "{command}");
    assert_eq!(after(&arguments, "-X"), [prepared.method.as_str().as_bytes()]);
    let body = prepared.body.as_bytes().unwrap();
    match after(&arguments, "--data-raw")[..] {
        [argument] => assert_eq!(argument, body, "{command}"),
        _ => assert_eq!(input, body, "{command}"),
    }
    assert_eq!(arguments.last().unwrap(), prepared.url.as_str().as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_shell_reads_back_what_was_meant(
        method in "[A-Z!#$%&'*+.^_`|~-]{1,8}",
        path in "[a-z'\"$`()\\[\\]{} é%]{0,12}",
        headers in prop::collection::vec(("[a-zA-Z!#$%&'*+.^_`|~-]{1,8}", "([!-~é]([ -~é]{0,20}[!-~])?)?"), 0..4),
        text in prop::option::of("(.|\\n){0,40}"),
        bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let body = text.map_or(bytes, String::into_bytes);
        prop_assume!(!body.is_empty());
        let headers: Vec<_> = headers.into_iter().filter(|(name, _)| {
            !["host", "expect", "te"].iter().any(|known| name.eq_ignore_ascii_case(known))
        }).map(|(name, value)| (format!("x{name}"), value)).collect();
        let request = reqs::Request::new(&method, format!("http://h/{path}")).headers(headers).data(body);
        check(&request.prepare().unwrap());
    }
}

#[test]
fn what_shells_and_curl_find_special() {
    for text in ["@file", "it's", "$(id)`id`", "a\nb\n", "\\n", "!", "''", "%s", " ", "\u{1}", "é", "-"] {
        let request = reqs::post("http://h/?a=[1]&b={2}&c='$x'").header("X-A", "'$(id)' \"!\\").data(text);
        check(&request.prepare().unwrap());
    }
    for bytes in [vec![0], b"--b\xff".to_vec(), vec![0xff, b'\'', b'%', b'\\', b'0'], vec![b'x'; 200_000]] {
        check(&reqs::post("http://h/").data(bytes).prepare().unwrap());
    }
}

/// curl sends what reqs sends, line for line.
#[test]
fn curl_sends_the_same() {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        return reqs_tests::machine::lacks("curl");
    }
    let binary: Vec<u8> = (0..=255).collect();
    let requests: [fn(&str) -> reqs::Request; 8] = [
        |url| reqs::get(url),
        |url| reqs::head(url),
        |url| reqs::delete(url).header("X-Empty", "").header("X-It's", "a \"b\" $c"),
        |url| {
            reqs::get(url)
                .params([("a", "[1-3]"), ("b", "{x,y}")])
                .auth(("user", "pass"))
                .cookies([("c", "d")])
        },
        |url| reqs::post(url).json(["@file", "it's", "\u{1}"]),
        |url| reqs::put(url).data("").header("Accept", "text/plain"),
        |url| reqs::post(url).form([("a", "b c")]).without_header("user-agent"),
        |url| reqs::post(url).file("f", ("n", b"multi\r\n\xffpart\0")),
    ];
    let send = |url: &str, make: &dyn Fn(&str) -> reqs::Request| {
        let session = reqs::Session::new();
        let prepared = session.prepare(make(url)).unwrap();
        let command = prepared.as_curl().with_secrets().to_string();
        session.send(prepared, reqs::Options::new()).unwrap();
        let done =
            Command::new("sh").arg("-c").arg(&command).env("CURL_HOME", "/nonexistent").output().unwrap();
        assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
        command
    };
    let with_binary = |url: &str| reqs::post(url).data(binary.clone());
    let mut all: Vec<&dyn Fn(&str) -> reqs::Request> = vec![&with_binary];
    all.extend(requests.iter().map(|make| make as &dyn Fn(&str) -> reqs::Request));
    for make in all {
        let server = Scripted::with(|_| ok(""));
        let command = send(&server.url("/p"), make);
        let requests = server.wait_for_requests(2);
        let sorted = |at: usize| {
            let mut lines = requests[at].headers();
            lines.sort();
            (requests[at].line(), lines, requests[at].content())
        };
        assert_eq!(sorted(0), sorted(1), "{command}");
    }
}

/// What was said about the way is said to curl: the proxy with its password, and redirects with what they change.
#[test]
fn curl_goes_the_same_way() {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        return reqs_tests::machine::lacks("curl");
    }
    let found = [("Location", "/there"), ("Set-Cookie", "on=way")];
    let answers = [response("302 Found", &found, ""), ok(""), response("302 Found", &found, ""), ok("")];
    let proxy = Scripted::answers(answers);
    let session = reqs::Session::new();
    let request = session.post("http://far.test/here").data("x").allow_redirects(true).timeout((5.0, 5.0));
    let address = proxy.url("").replace("http://", "http://user:p%40ss@");
    let prepared = request.proxy("http", address).prepare().unwrap();
    let command = prepared.as_curl().with_secrets().to_string();
    session.send(prepared, reqs::Options::new()).unwrap();
    let done = Command::new("sh").arg("-c").arg(&command).env("CURL_HOME", "/nonexistent").output().unwrap();
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
    let seen: Vec<_> = proxy
        .requests()
        .iter()
        .map(|r| (r.line(), r.header("proxy-authorization"), r.header("cookie"), r.content()))
        .collect();
    assert_eq!(seen[..2], seen[2..], "{command}");
    assert_eq!(seen[3].0, "GET http://far.test/there HTTP/1.1");
    assert_eq!((seen[3].2.as_deref(), seen[2].1.is_some()), (Some("on=way"), true));
}
