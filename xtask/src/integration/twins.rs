//! The embedded httpbin beside PyPI's: the same requests must get the same answers, or the tests that run
//! against the embedded one prove nothing about the world.

use reqs_tests::httpbin;
use serde_json::{Value, json};

use super::check::{Check, Outcome, Tally};

/// Both servers.
struct Twins<'a> {
    ours: httpbin::Server,
    theirs: &'a dyn Fn(&str) -> String,
}

pub(super) fn run(tally: &mut Tally, theirs: &dyn Fn(&str) -> String) {
    let twins = Twins { ours: httpbin::start(), theirs };
    tally.run(&twins, &[Check { name: "the embedded httpbin answers as PyPI's does", run: compare_all }]);
}

/// One request: method, path, headers, body.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static [u8]);

const FORM: &[(&str, &str)] = &[("Content-Type", "application/x-www-form-urlencoded")];
const MULTIPART: &[(&str, &str)] = &[("Content-Type", "multipart/form-data; boundary=B")];
const PARTS: &[u8] = b"--B\r\nContent-Disposition: form-data; name=\"k\"\r\n\r\nv\r\n\
    --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\ntext\r\n\
    --B\r\nContent-Disposition: form-data; name=\"g\"; filename=\"m\"\r\nContent-Type: a/b\r\n\r\n\xfe\r\n--B--\r\n";

const CASES: &[Case] = &[
    ("GET", "/get", &[], b""),
    ("GET", "/get?a=1&b=x%20y&a=2&empty=&flag", &[("X-Two-Words", "v")], b""),
    ("GET", "/get", &[("Cookie", "a=b")], b""),
    ("POST", "/get", &[], b""),
    ("OPTIONS", "/get", &[], b""),
    ("OPTIONS", "/post", &[], b""),
    ("HEAD", "/get", &[], b""),
    ("POST", "/post", &[], b""),
    ("POST", "/post", &[], b"text \xc3\xa9"),
    ("POST", "/post", &[], b"\xff\x00"),
    ("POST", "/post?q=1", &[("Content-Type", "application/json")], b"{\"a\": [1, null]}"),
    ("POST", "/post", &[("Content-Type", "application/json")], b"{broken"),
    ("POST", "/post", FORM, b"a=1&a=2&b=%C3%A9+x&c="),
    ("POST", "/post", MULTIPART, PARTS),
    ("PUT", "/put", &[], b"data"),
    ("PATCH", "/patch", &[], b"data"),
    ("DELETE", "/delete", &[], b"data"),
    ("GET", "/anything/a/b?c=d", &[], b""),
    ("POST", "/anything", FORM, b"a=1"),
    ("GET", "/headers", &[("Accept", "*/*"), ("X-Mixed-Case", "é")], b""),
    ("GET", "/ip", &[], b""),
    ("GET", "/user-agent", &[("User-Agent", "twin/1")], b""),
    ("GET", "/cookies", &[("Cookie", "a=1; b=2")], b""),
    ("GET", "/cookies/set?a=1&b=2", &[], b""),
    ("GET", "/cookies/set/a/1", &[], b""),
    ("GET", "/cookies/delete?a", &[("Cookie", "a=1")], b""),
    ("GET", "/status/200", &[], b""),
    ("GET", "/status/204", &[], b""),
    ("POST", "/status/302", &[], b"x"),
    ("GET", "/status/401", &[], b""),
    ("PUT", "/status/404", &[], b"x"),
    ("GET", "/status/407", &[], b""),
    ("GET", "/status/500", &[], b""),
    ("GET", "/redirect/1", &[], b""),
    ("GET", "/redirect/3", &[], b""),
    ("GET", "/redirect/3?absolute=true", &[], b""),
    ("GET", "/relative-redirect/2", &[], b""),
    ("GET", "/absolute-redirect/2", &[], b""),
    ("GET", "/redirect-to?url=%2Fget&status_code=307", &[], b""),
    ("POST", "/redirect-to?url=%2Fget&status_code=308", FORM, b"a=b"),
    ("GET", "/redirect-to?url=%2Fget&status_code=200", &[], b""),
    ("GET", "/basic-auth/u/p", &[], b""),
    ("GET", "/basic-auth/u/p", &[("Authorization", "Basic dTpw")], b""),
    ("GET", "/hidden-basic-auth/u/p", &[], b""),
    ("GET", "/bearer", &[], b""),
    ("GET", "/bearer", &[("Authorization", "Bearer t")], b""),
    ("GET", "/digest-auth/auth/u/p", &[], b""),
    ("GET", "/digest-auth/none/u/p/SHA-256/3", &[], b""),
    (
        "GET",
        "/digest-auth/auth/u/p?require-cookie=1",
        &[("Cookie", "x=y"), ("Authorization", "Digest a=\"b\"")],
        b"",
    ),
    ("GET", "/gzip", &[], b""),
    ("GET", "/deflate", &[], b""),
    ("GET", "/brotli", &[], b""),
    ("GET", "/delay/0", &[], b""),
    ("POST", "/delay/0", &[], b"data"),
    ("GET", "/drip?numbytes=3&duration=0", &[], b""),
    ("GET", "/range/26", &[], b""),
    ("GET", "/range/26", &[("Range", "bytes=3-5")], b""),
    ("GET", "/range/26", &[("Range", "bytes=-5")], b""),
    ("GET", "/json", &[], b""),
    ("GET", "/robots.txt", &[], b""),
    ("GET", "/xml", &[], b""),
    ("GET", "/html", &[], b""),
    ("GET", "/forms/post", &[], b""),
    ("GET", "/encoding/utf8", &[], b""),
    ("GET", "/image/png", &[], b""),
    ("GET", "/image/jpeg", &[], b""),
    ("GET", "/image/webp", &[], b""),
    ("GET", "/image/svg", &[], b""),
    ("GET", "/response-headers?X-A=1&X-A=2&X-B=3", &[], b""),
    ("POST", "/response-headers?X-A=1", &[], b""),
    ("GET", "/cache", &[("If-None-Match", "x")], b""),
    ("GET", "/cache/60", &[], b""),
    ("GET", "/etag/e", &[], b""),
    ("GET", "/etag/e", &[("If-None-Match", "\"e\"")], b""),
    ("GET", "/etag/e", &[("If-Match", "\"f\"")], b""),
    ("GET", "/base64/aGVsbG8=", &[], b""),
    ("GET", "/links/3", &[], b""),
    ("GET", "/links/3/0", &[], b""),
    ("GET", "/nowhere", &[], b""),
];

/// Headers that say something about an endpoint, not about a server.
/// Not `Proxy-Authenticate`: gunicorn takes it for a header of its own and removes it.
const HEADERS: [&str; 11] = [
    "content-type",
    "content-encoding",
    "location",
    "allow",
    "set-cookie",
    "www-authenticate",
    "cache-control",
    "etag",
    "accept-ranges",
    "content-range",
    "x-a",
];

fn compare_all(twins: &Twins<'_>) -> Outcome {
    let mut differences = Vec::new();
    for case in CASES {
        let (method, path, ..) = case;
        let ours = ask(case, &twins.ours.url(path))?;
        let theirs = ask(case, &(twins.theirs)(path))?;
        if ours != theirs {
            differences.push(format!("\n    {method} {path}\n      ours   {ours}\n      PyPI's {theirs}"));
        }
    }
    if !differences.is_empty() {
        return Err(format!(
            "{} of {} answers differ{}",
            differences.len(),
            CASES.len(),
            differences.concat()
        )
        .into());
    }
    Ok(format!("{} requests", CASES.len()))
}

/// What matters of an answer, with host, port and random parts taken out.
fn ask(case: &Case, url: &str) -> Result<String, Box<dyn std::error::Error>> {
    let (method, _, headers, body) = *case;
    let mut request = reqs::request(method, url).allow_redirects(false).headers(headers.to_vec());
    if !body.is_empty() {
        request = request.data(body);
    }
    let r = request.send()?;

    let authority = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let neutral = |text: &str| text.replace(authority, "HOST");
    let shown = HEADERS.iter().flat_map(|name| {
        let values: Vec<&str> = r.headers().get_all(name).collect();
        values.into_iter().map(move |value| format!("{name}: {}", comparable(name, &neutral(value))))
    });
    let shown: Vec<String> = shown.collect();
    let body = match r.json::<Value>() {
        Ok(value) => neutral(&value.to_string()),
        // Pages and pictures are our own; that they are there is what counts.
        Err(_) => json!(if r.content().is_empty() { "nothing" } else { "something" }).to_string(),
    };
    Ok(format!("{} {shown:?} {body}", r.status().as_u16()))
}

/// A value without what is new each time, its parts in one order where order says nothing.
fn comparable(name: &str, value: &str) -> String {
    let is_new = |part: &&str| !part.starts_with("nonce=") && !part.starts_with("opaque=");
    let mut parts: Vec<&str> = match (name, value.strip_prefix("Digest ")) {
        ("allow", _) => value.split(", ").collect(),
        (_, Some(challenge)) => challenge.split(", ").filter(is_new).collect(),
        _ => return value.to_owned(),
    };
    parts.sort_unstable();
    parts.join(", ")
}
