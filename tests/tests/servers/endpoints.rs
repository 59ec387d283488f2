//! Every endpoint of the embedded httpbin.

use std::io::Read;

use serde_json::{Value, json};

use super::{ask, get};

#[test]
fn get_tells_args_and_headers_as_httpbin_does() {
    let answer =
        ask("GET", "/get?a=1&b=x%20y&a=2&empty=", &[("x-two-words", "v"), ("X-Two-Words", "w")], b"");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("content-type"), "application/json");
    let value = answer.json();
    assert_eq!(value["args"], json!({ "a": ["1", "2"], "b": "x y", "empty": "" }));
    assert_eq!(value["headers"]["X-Two-Words"], "v,w");
    assert_eq!(value["headers"]["Host"], "httpbin.test");
    assert_eq!(value["origin"], "127.0.0.1");
    assert_eq!(value["url"], "http://httpbin.test/get?a=1&b=x%20y&a=2&empty=");
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["args", "headers", "origin", "url"]);
}

#[test]
fn bodies_go_into_the_right_drawer() {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let value = ask("POST", "/post", &form, b"a=1&a=2&b=%C3%A9+x").json();
    assert_eq!(value["form"], json!({ "a": ["1", "2"], "b": "é x" }));
    assert_eq!((&value["data"], &value["json"], &value["files"]), (&json!(""), &Value::Null, &json!({})));

    let value = ask("PUT", "/put", &[], b"{\"a\": [1]}").json();
    assert_eq!((&value["data"], &value["json"]), (&json!("{\"a\": [1]}"), &json!({ "a": [1] })));

    let value = ask("PATCH", "/patch", &[], b"\xff\x00").json();
    assert_eq!(value["data"], "data:application/octet-stream;base64,/wA=");

    let multipart = [("Content-Type", "multipart/form-data; boundary=B")];
    let body = b"--B\r\nContent-Disposition: form-data; name=\"k\"\r\n\r\nv\r\n\
        --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\ntext\r\n\
        --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"m\"\r\nContent-Type: a/b\r\n\r\n\xfe\r\n--B--\r\n";
    let value = ask("DELETE", "/delete", &multipart, body).json();
    assert_eq!(value["form"], json!({ "k": "v" }));
    assert_eq!(value["files"], json!({ "f": ["text", "data:a/b;base64,/g=="] }));
    assert_eq!(value["data"], "");

    // Nothing to take apart by: the bytes are shown.
    let value = ask("POST", "/post", &[("Content-Type", "multipart/form-data")], b"--B--").json();
    assert_eq!(value["data"], "--B--");
}

#[test]
fn anything_takes_any_method() {
    for method in ["GET", "POST", "OPTIONS", "TRACE", "PROPFIND"] {
        let answer = ask(method, "/anything/a/b?c", &[], b"x");
        assert_eq!(answer.json()["method"], method);
        assert_eq!(answer.json()["data"], "x");
    }
}

#[test]
fn head_and_options_stand_where_get_stands() {
    let head = ask("HEAD", "/get", &[], b"");
    assert_eq!((head.status(), head.body.len()), (200, 0));
    assert!(head.header("content-length").parse::<usize>().unwrap() > 100);
    assert_eq!(ask("OPTIONS", "/get", &[], b"").header("allow"), "GET, HEAD, OPTIONS");
    assert_eq!(ask("OPTIONS", "/post", &[], b"").header("allow"), "POST, OPTIONS");
    assert_eq!(ask("POST", "/get", &[], b"").status(), 405);
    assert_eq!(get("/nowhere").status(), 404);
}

#[test]
fn status_has_what_belongs_to_it() {
    assert_eq!(get("/status/404").status(), 404);
    assert_eq!(ask("POST", "/status/201", &[], b"x").status(), 201);
    assert_eq!(get("/status/302").header("location"), "/redirect/1");
    assert_eq!(get("/status/401").header("www-authenticate"), "Basic realm=\"Fake Realm\"");
    assert!(get("/status/418").text().contains("teapot"));
    assert!([200, 500].contains(&get("/status/200:2,500").status()));
    assert_eq!(get("/status/500:0,204:1").status(), 204);
    assert_eq!(get("/status/none").status(), 400);
    assert_eq!(get("/status/7").status(), 400);
}

#[test]
fn redirects_lead_to_get() {
    assert_eq!(get("/redirect/3").header("location"), "/relative-redirect/2");
    assert_eq!(
        get("/redirect/3?absolute=true").header("location"),
        "http://httpbin.test/absolute-redirect/2"
    );
    assert_eq!(get("/relative-redirect/1").header("location"), "/get");
    assert_eq!(get("/absolute-redirect/1").header("location"), "http://httpbin.test/get");
    assert_eq!(get("/redirect/0").status(), 400);
    let to = get("/redirect-to?url=http%3A%2F%2Fx%2Fy&status_code=307");
    assert_eq!((to.status(), to.header("location")), (307, "http://x/y"));
    let to = ask("POST", "/redirect-to?url=/get&status_code=999", &[], b"x");
    assert_eq!((to.status(), to.header("location")), (302, "/get"));
}

#[test]
fn cookies_are_told_set_and_deleted() {
    let value = ask("GET", "/cookies", &[("Cookie", "a=1; b=x=y")], b"").json();
    assert_eq!(value, json!({ "cookies": { "a": "1", "b": "x=y" } }));
    let set = get("/cookies/set?a=1&b=2");
    assert_eq!((set.status(), set.header("location")), (302, "/cookies"));
    assert_eq!(set.headers("set-cookie"), ["a=1; Path=/", "b=2; Path=/"]);
    assert_eq!(get("/cookies/set/c/3").header("set-cookie"), "c=3; Path=/");
    let deleted = get("/cookies/delete?a");
    assert_eq!(deleted.header("set-cookie"), "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/");
}

#[test]
fn credentials_are_checked() {
    let basic = |target, value| ask("GET", target, &[("Authorization", value)], b"").status();
    assert_eq!(basic("/basic-auth/user/pass", "Basic dXNlcjpwYXNz"), 200);
    assert_eq!(basic("/basic-auth/user/other", "Basic dXNlcjpwYXNz"), 401);
    assert_eq!(basic("/hidden-basic-auth/user/pass", "Basic dXNlcjpwYXNz"), 200);
    assert_eq!(get("/hidden-basic-auth/user/pass").status(), 404);
    assert_eq!(basic("/bearer", "Bearer t"), 200);
    assert_eq!(get("/bearer").header("www-authenticate"), "Bearer");
    assert_eq!(get("/basic-auth/user/pass").header("www-authenticate"), "Basic realm=\"Fake Realm\"");
}

#[test]
fn digest_is_checked_with_its_body_and_its_cookies() {
    let challenge = get("/digest-auth/auth-int/user/pass");
    assert_eq!(challenge.status(), 401);
    assert_eq!(challenge.headers("set-cookie"), ["stale_after=never; Path=/", "fake=fake_value; Path=/"]);
    let said = challenge.header("www-authenticate");
    assert!(said.starts_with("Digest realm=\"me@kennethreitz.com\", nonce=\""), "{said}");
    assert!(said.contains("qop=\"auth-int\"") && said.contains("algorithm=MD5"), "{said}");
    let nonce = said.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();

    let hash = |text: String| format!("{:x}", md5::compute(text));
    let ha1 = hash("user:me@kennethreitz.com:pass".to_owned());
    let body = hash("the body".to_owned());
    let ha2 = hash(format!("POST:/digest-auth/auth-int/user/pass:{body}"));
    let response = hash(format!("{ha1}:{nonce}:00000001:c:auth-int:{ha2}"));
    let credentials = format!(
        "Digest username=\"user\", realm=\"me@kennethreitz.com\", nonce=\"{nonce}\", \
         uri=\"/digest-auth/auth-int/user/pass\", response=\"{response}\", qop=auth-int, nc=00000001, cnonce=\"c\""
    );
    let ask = |body: &[u8], cookie: &str| {
        let headers = [("Authorization", credentials.as_str()), ("Cookie", cookie)];
        super::ask("POST", "/digest-auth/auth-int/user/pass", &headers, body)
    };
    assert_eq!(ask(b"the body", "x=y").json(), json!({ "authenticated": true, "user": "user" }));
    assert_eq!(ask(b"another body", "x=y").status(), 401);
    let stale = ask(b"the body", &format!("last_nonce={nonce}"));
    assert!(stale.header("www-authenticate").ends_with("stale=True"));
}

#[test]
fn every_coding_decodes_to_the_same_json() {
    let gzip = get("/gzip");
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&gzip.body[..]).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["gzipped"], true);

    let mut text = String::new();
    flate2::read::ZlibDecoder::new(&get("/deflate").body[..]).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["deflated"], true);

    let mut bytes = Vec::new();
    brotli::BrotliDecompress(&mut &get("/brotli").body[..], &mut bytes).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap()["brotli"], true);

    let zstd = get("/zstd");
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(&zstd.body[..]).unwrap();
    let mut text = String::new();
    decoder.read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["zstd"], true);
}

#[test]
fn streams_bytes_and_ranges_have_their_length() {
    let lines = get("/stream/3");
    let ids: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(ids.iter().map(|line| line["id"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(get("/bytes/100?seed=7").body == get("/bytes/100?seed=7").body);
    assert_eq!(get("/bytes/1000").body.len(), 1000);
    assert!(get("/bytes/100").body != get("/bytes/100").body);
    assert!(get("/stream-bytes/25000?seed=7&chunk_size=999").body == get("/bytes/25000?seed=7").body);
    assert_eq!(get("/drip?numbytes=5&duration=0").text(), "*****");
    let part = ask("GET", "/range/30", &[("Range", "bytes=25-27")], b"");
    assert_eq!((part.status(), part.text()), (206, "zab"));
    assert_eq!(part.header("content-range"), "bytes 25-27/30");
    assert_eq!(ask("GET", "/range/30", &[("Range", "bytes=30-")], b"").status(), 416);
}

#[test]
fn the_rest_answers_too() {
    assert_eq!(ask("GET", "/user-agent", &[("User-Agent", "u/1")], b"").json()["user-agent"], "u/1");
    assert_eq!(get("/ip").json()["origin"], "127.0.0.1");
    assert!(get("/headers").json()["headers"]["Host"].is_string());
    assert!(get("/html").text().contains("<h1>"));
    assert_eq!(get("/html").header("content-type"), "text/html; charset=utf-8");
    assert_eq!(get("/xml").header("content-type"), "application/xml");
    assert_eq!(get("/json").json()["slideshow"]["author"], "Yours Truly");
    assert!(get("/robots.txt").text().contains("/deny"));
    assert_eq!(get("/deny").status(), 200);
    assert!(get("/encoding/utf8").text().contains('🦀'));
    assert!(get("/forms/post").text().contains("<form"));
    assert_eq!(&get("/image/png").body[1..4], b"PNG");
    assert_eq!(&get("/image/jpeg").body[..2], b"\xff\xd8");
    assert_eq!(&get("/image/webp").body[8..12], b"WEBP");
    assert!(get("/image/svg").text().starts_with("<svg"));
    assert_eq!(ask("GET", "/image", &[("Accept", "image/webp")], b"").header("content-type"), "image/webp");
    assert_eq!(ask("GET", "/image", &[("Accept", "text/html")], b"").status(), 406);
    assert_eq!(get("/base64/aGVsbG8").text(), "hello");
    assert_eq!(get("/uuid").json()["uuid"].as_str().unwrap().len(), 36);
    assert!(get("/links/3/1").text().contains("/links/3/2"));
    assert_eq!(get("/links/3").header("location"), "/links/3/0");
    assert_eq!(get("/cache/60").header("cache-control"), "public, max-age=60");
    assert_eq!(ask("GET", "/cache", &[("If-None-Match", "x")], b"").status(), 304);
    assert_eq!(ask("GET", "/etag/e", &[("If-None-Match", "\"e\"")], b"").status(), 304);
    assert_eq!(ask("GET", "/etag/e", &[("If-Match", "\"f\"")], b"").status(), 412);
    assert_eq!(get("/delay/0.01").json()["args"], json!({}));
    assert_eq!(get("/delay/x").status(), 400);
    let answer = get("/response-headers?X-A=1&X-A=2&Content-Type=text/plain");
    assert_eq!(answer.headers("x-a"), ["1", "2"]);
    assert_eq!(answer.header("content-type"), "text/plain");
    assert_eq!(answer.json()["Content-Length"], answer.header("content-length"));
}
