//! The test servers themselves, asked over raw sockets: what a client is tested against must hold first.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqs_tests::httpbin::{self, Server};
use reqs_tests::scripted::{chunked, ok, redirect};
use reqs_tests::tarpit::{self, Tarpit};
use reqs_tests::{Connection, Gate, Received, Scripted};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

fn httpbin() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(httpbin::start)
}

/// A response, taken apart as far as these tests need it.
#[derive(Debug)]
struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.head.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    fn header(&self, name: &str) -> &str {
        let values = self.headers(name);
        assert_eq!(values.len(), 1, "{name} in {}", self.head);
        values[0]
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Sends one request with `Connection: close` and reads everything.
fn ask(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut stream = connect(httpbin().address());
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: httpbin.test\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    read_answer(&mut stream)
}

fn get(target: &str) -> Answer {
    ask("GET", target, &[], b"")
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn read_answer(stream: &mut impl Read) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or_else(|| {
        panic!("no head in {:?}", String::from_utf8_lossy(&bytes));
    });
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut body = bytes.split_off(end + 4);
    if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        body = unchunk(&body);
    }
    Answer { head, body }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
}

mod httpbin_endpoints {
    use super::*;

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
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let to = ask("POST", "/redirect-to", &form, b"url=/get&status_code=999");
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
        assert_eq!(
            deleted.header("set-cookie"),
            "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"
        );
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
        assert!(stale.header("www-authenticate").ends_with("stale=TRUE"));
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
        assert_eq!(
            ask("GET", "/image", &[("Accept", "image/webp")], b"").header("content-type"),
            "image/webp"
        );
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
}

mod httpbin_server {
    use super::*;

    #[test]
    fn it_counts_connections_and_requests() {
        let server = httpbin::start();
        let mut stream = connect(server.address());
        for _ in 0..3 {
            stream.write_all(b"GET /bytes/5 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        }
        stream.write_all(b"GET /bytes/5 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        let text = String::from_utf8_lossy(&all).to_ascii_lowercase();
        assert_eq!(text.matches("x-connection: 1\r\n").count(), 4);
        assert_eq!((server.connections(), server.requests()), (1, 4));
    }

    #[test]
    fn its_port_is_free_when_it_is_dropped() {
        let server = httpbin::start();
        let address = server.address();
        let mut idle = connect(address);
        drop(server);
        assert!(TcpStream::connect(address).is_err());
        // What was connected is closed, in order or by a reset.
        assert!(matches!(idle.read(&mut [0]), Ok(0) | Err(_)));
    }

    #[test]
    fn it_can_be_reached_as_localhost_over_every_family_there_is() {
        let url = httpbin().localhost_url("/get");
        let authority = url.trim_start_matches("http://").trim_end_matches("/get");
        for address in std::net::ToSocketAddrs::to_socket_addrs(authority).unwrap() {
            if address.is_ipv4() || std::net::TcpListener::bind("[::1]:0").is_ok() {
                connect(address);
            }
        }
    }
}

/// GETs `/get` over TLS; the error is the one of the handshake.
fn over_tls(url: &str, config: ClientConfig) -> Result<Answer, String> {
    let authority = url.trim_start_matches("https://").split('/').next().unwrap();
    let (host, port) = authority.rsplit_once(':').unwrap();
    let tcp = connect(SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap())));
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut tls = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), tcp);
    let request = format!("GET /get HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    tls.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    tls.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(read_answer(&mut &bytes[..]))
}

fn trusting() -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(reqs_tests::ca_pem().as_bytes()).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
}

mod tls {
    use super::*;

    #[test]
    fn the_good_certificate_is_good() {
        let answer = over_tls(&httpbin().https_url("/get"), trusting().with_no_client_auth()).unwrap();
        assert_eq!(answer.json()["url"], httpbin().https_url("/get"));
        assert_eq!(std::fs::read_to_string(httpbin().ca_file()).unwrap(), httpbin().ca_pem());
    }

    #[test]
    fn each_bad_certificate_is_bad_in_its_own_way() {
        let server = httpbin();
        let cases = [
            (server.expired_url("/get"), "expired"),
            (server.wrong_host_url("/get"), "not valid for name"),
            (server.self_signed_url("/get"), "UnknownIssuer"),
        ];
        for (url, expected) in cases {
            let error = over_tls(&url, trusting().with_no_client_auth()).unwrap_err();
            assert!(error.contains(expected), "{url}: {error}");
        }
    }

    #[test]
    fn a_client_is_let_in_by_its_certificate_alone() {
        let url = httpbin().mtls_url("/get");
        let error = over_tls(&url, trusting().with_no_client_auth()).unwrap_err();
        assert!(error.contains("CertificateRequired"), "{error}");

        let files = httpbin().client_cert();
        let cert = CertificateDer::from_pem_file(&files.combined).unwrap();
        let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
        assert!(PrivateKeyDer::from_pem_file(&files.combined).is_ok());
        let config = trusting().with_client_auth_cert(vec![cert], key).unwrap();
        assert_eq!(over_tls(&url, config).unwrap().status(), 200);
    }
}

mod scripts {
    use super::*;

    /// Connects, sends, and reads until the server closes.
    fn say(server: &Scripted, bytes: &[u8]) -> String {
        let mut stream = connect(server.address());
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }

    #[test]
    fn one_response_for_one_request() {
        let server = Scripted::one(ok("hi"));
        let request = b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab";
        assert_eq!(say(&server, request), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        server.finish();
        assert_eq!(server.received(0), request);
        assert_eq!(server.requests()[0].body(), b"ab");
        assert_eq!(server.url("/x"), format!("http://{}/x", server.address()));
    }

    #[test]
    fn requests_on_one_connection_are_answered_in_order() {
        let script = Connection::new().answer(redirect("/b")).answer(chunked(["x", "", "yz"])).close();
        let server = Scripted::start([script]);
        let requests = b"GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
        let answers = say(&server, requests);
        assert!(answers.starts_with("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"));
        assert!(answers.ends_with("\r\n\r\n1\r\nx\r\n2\r\nyz\r\n0\r\n\r\n"));
        server.finish();
        let targets: Vec<String> = server.requests_on(0).iter().map(Received::target).collect();
        assert_eq!(targets, ["/a", "/b"]);
        assert_eq!(server.requests()[1].content(), b"ab");
    }

    #[test]
    fn answers_come_in_the_order_of_requests_whatever_the_connection() {
        let server = Scripted::answers(["HTTP/1.1 200 OK\r\n\r\none", "HTTP/1.1 200 OK\r\n\r\ntwo"]);
        let mut first = connect(server.address());
        let mut buffer = [0; 64];
        first.write_all(b"GET /1 HTTP/1.1\r\n\r\n").unwrap();
        let length = first.read(&mut buffer).unwrap();
        assert!(buffer[..length].ends_with(b"one"));
        let mut second = connect(server.address());
        second.write_all(b"GET /2 HTTP/1.1\r\n\r\n").unwrap();
        let length = second.read(&mut buffer).unwrap();
        assert!(buffer[..length].ends_with(b"two"));
        server.finish();

        first.write_all(b"GET /3 HTTP/1.1\r\n\r\n").unwrap();
        assert_eq!(first.read(&mut buffer).unwrap(), 0);
        server.wait_for_requests(3);
        assert_eq!(server.connections(), 2);
    }

    #[test]
    fn an_answer_can_depend_on_the_request() {
        let server = Scripted::with(|request| ok(request.target()));
        let mut stream = connect(server.address());
        stream.write_all(b"GET /echo HTTP/1.1\r\n\r\n").unwrap();
        let mut answer = vec![0; 43];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n/echo"[..43]);
    }

    #[test]
    fn each_connection_can_play_the_same_script() {
        let server = Scripted::each(Connection::new().answer(ok("")).close());
        for _ in 0..3 {
            say(&server, b"GET / HTTP/1.1\r\n\r\n");
        }
        assert_eq!((server.connections(), server.requests().len()), (3, 3));
        server.finish();
    }

    #[test]
    fn a_connection_too_many_is_closed_and_named() {
        let server = Scripted::start([Connection::new().close()]);
        assert_eq!(say(&server, b""), "");
        let mut extra = connect(server.address());
        assert!(matches!(extra.read(&mut [0]), Ok(0) | Err(_)));
        assert_eq!(server.problems(), ["connection 1: one more than planned"]);
    }

    #[test]
    fn what_did_not_go_as_scripted_is_named() {
        let server = Scripted::one(ok(""));
        let mut stream = connect(server.address());
        stream.write_all(b"GET / HT").unwrap();
        drop(stream);
        let problem = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| server.finish())).unwrap_err();
        let problem = problem.downcast_ref::<String>().unwrap();
        let expected = "connection 0, step 0 (expect a request): the client closed after 8 bytes of a head";
        assert!(problem.contains(expected), "{problem}");
    }

    #[test]
    fn continue_is_sent_to_those_who_wait_for_it() {
        let server = Scripted::one(ok(""));
        let mut stream = connect(server.address());
        stream.write_all(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").unwrap();
        let mut interim = [0; 25];
        stream.read_exact(&mut interim).unwrap();
        assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"x").unwrap();
        assert_eq!(read_answer(&mut stream).status(), 200);
        assert_eq!(server.requests()[0].body(), b"x");
    }

    #[test]
    fn head_and_body_can_be_read_apart() {
        let gate = Gate::new();
        let script =
            Connection::new().expect_head().send("early").wait_for(&gate).expect_body().send("late").close();
        let server = Scripted::start([script]);
        let mut stream = connect(server.address());
        stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n").unwrap();
        let mut early = [0; 5];
        stream.read_exact(&mut early).unwrap();
        assert_eq!(server.requests()[0].body(), b"");
        stream.write_all(b"body").unwrap();
        gate.open();
        let mut late = String::new();
        stream.read_to_string(&mut late).unwrap();
        assert_eq!(late, "late");
        assert_eq!((server.requests().len(), server.requests()[0].body()), (1, &b"body"[..]));
    }

    #[test]
    fn slow_pieces_arrive_one_by_one() {
        let server =
            Scripted::start([Connection::new().send_slowly("abc", 1, Duration::from_millis(60)).close()]);
        let mut stream = connect(server.address());
        let mut buffer = [0; 8];
        assert_eq!(stream.read(&mut buffer).unwrap(), 1);
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "bc");
        server.finish();
    }

    #[test]
    fn endless_ends_with_the_client() {
        let server = Scripted::start([Connection::new().send_endlessly("X: y\r\n")]);
        let mut stream = connect(server.address());
        let mut some = vec![0; 1_000_000];
        stream.read_exact(&mut some).unwrap();
        drop(stream);
        server.finish();
    }

    #[test]
    fn a_reset_is_a_reset_and_a_close_is_none() {
        let server = Scripted::start([Connection::new().expect_bytes(1).reset(), Connection::new().close()]);
        let mut stream = connect(server.address());
        stream.write_all(b"x").unwrap();
        let error = stream.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);

        let mut stream = connect(server.address());
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
        // The server goes on reading, so that late bytes provoke no reset.
        stream.write_all(b"late").unwrap();
        drop(stream);
        server.finish();
    }

    #[test]
    fn the_whole_of_it_works_over_tls() {
        let server = Scripted::https().one(ok("secret"));
        let answer = over_tls(&server.url_on("localhost", "/"), trusting().with_no_client_auth()).unwrap();
        assert_eq!(answer.text(), "secret");
        assert_eq!(server.requests()[0].line(), "GET /get HTTP/1.1");
        server.finish();
    }

    #[test]
    fn a_cut_has_no_close_notify() {
        let server = Scripted::https().start([Connection::new().answer("HTTP/1.1 200 OK\r\n\r\nsecr").cut()]);
        let error = over_tls(&server.url_on("localhost", "/"), trusting().with_no_client_auth()).unwrap_err();
        assert!(error.contains("close_notify"), "{error}");
    }

    #[test]
    fn a_tunnel_can_end_in_the_script_or_elsewhere() {
        let connect_request = b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n";
        let established = b"HTTP/1.1 200 OK\r\n\r\n";
        let address = httpbin().address();
        let server = Scripted::start([
            Connection::new().answer(established).tunnel_to(address),
            Connection::new().answer(established).start_tls().answer(ok("inside")).close(),
        ]);

        let open = || {
            let mut stream = connect(server.address());
            stream.write_all(connect_request).unwrap();
            stream.read_exact(&mut vec![0; established.len()]).unwrap();
            stream
        };
        let mut stream = open();
        stream.write_all(b"GET /base64/aGVsbG8 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
        assert_eq!(read_answer(&mut stream).text(), "hello");
        drop(stream);

        let name = ServerName::try_from("localhost").unwrap();
        let config = Arc::new(trusting().with_no_client_auth());
        let mut tls = StreamOwned::new(ClientConnection::new(config, name).unwrap(), open());
        tls.write_all(b"GET /in HTTP/1.1\r\n\r\n").unwrap();
        assert_eq!(read_answer(&mut tls).text(), "inside");
        server.finish();
        let lines: Vec<String> = server.requests().iter().map(Received::line).collect();
        assert_eq!(lines, ["CONNECT h:443 HTTP/1.1", "CONNECT h:443 HTTP/1.1", "GET /in HTTP/1.1"]);
    }

    #[test]
    fn dropping_it_ends_every_wait() {
        let gate = Gate::new();
        let server = Scripted::start([
            Connection::new().pause(Duration::from_secs(20)),
            Connection::new().wait_for(&gate),
            Connection::new().expect_request(),
        ]);
        let mut clients: Vec<TcpStream> = (0..3).map(|_| connect(server.address())).collect();
        let address = server.address();
        let start = std::time::Instant::now();
        drop(server);
        assert!(start.elapsed() < Duration::from_secs(10));
        for client in &mut clients {
            assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)));
        }
        assert!(TcpStream::connect(address).is_err());
    }
}

#[test]
fn nobody_answers_at_a_tarpit_or_a_refused_address() {
    let tarpit = Tarpit::start();
    let error = TcpStream::connect_timeout(&tarpit.address(), Duration::from_millis(200)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    let error = TcpStream::connect(tarpit::refused()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}
