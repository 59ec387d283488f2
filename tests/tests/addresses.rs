//! Whom a URL names: what is refused, and that what is checked, connected to, verified and signed for is one and the same
//! host. The ids are those of docs/security.md.

#![allow(missing_docs, reason = "tests")]

#[path = "../examples/redirect_matrix.rs"]
#[allow(dead_code, reason = "an example's own main and table")]
mod matrix;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use matrix::session_to;
use reqs::{Environment, ErrorKind, HttpAdapter, PreparedRequest, Request, Result, Session, Verify};
use reqs_tests::certificates::{Identity, server_config};
use reqs_tests::scripted::{ok, response};
use reqs_tests::{Connection, Scripted, ca_pem};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

fn prepare(url: &str) -> Result<PreparedRequest> {
    Request::new("GET", url).prepare()
}

/// What grows with the square of its input takes hours here, what grows with the input takes milliseconds.
fn soon(what: &str, work: impl FnOnce()) {
    let began = Instant::now();
    work();
    assert!(began.elapsed() < Duration::from_secs(20), "{what} took {:?}", began.elapsed());
}

/// CVE-2019-11236, CVE-2020-11078, CVE-2014-8150, CVE-2012-0036
#[test]
fn sec_22_sec_47_sec_74_a_url_adds_no_line_to_the_request() {
    let server = Scripted::with(|_| ok(""));
    for path in ["/a\r\nX-Injected: 1", "/?q=\r\nX-Injected: 1", "/\nb", "/\rb", "/a\tb", "/\0b"] {
        let error = Session::new().get(server.url(path)).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidUrl, "{path:?}: {error}");
        assert!(!error.to_string().contains(['\r', '\n']), "{error:?}");
    }
    for host in ["http://h\r\nX: 1/", "http://h%0d%0aX/", "http://h%0a/"] {
        assert_eq!(prepare(host).unwrap_err().kind(), ErrorKind::InvalidUrl, "{host:?}");
    }
    assert_eq!(server.connections(), 0);

    // What is escaped stays so, and params are escaped.
    let s = session_to(&[("a.example", server.address())]);
    s.get("http://a.example/%0d%0aX:1").params([("q", "\r\nX: 1")]).send().unwrap();
    let sent = server.requests().remove(0);
    assert_eq!(sent.line(), "GET /%0d%0aX:1?q=%0D%0AX%3A+1 HTTP/1.1");
    assert_eq!(sent.header("x"), None);
}

/// CVE-2020-7212, CVE-2021-33503, CVE-2024-3651
#[test]
fn sec_25_sec_26_sec_48_long_urls_take_time_in_proportion() {
    soon("a megabyte of escapes", || {
        let url = format!("http://h/{}", "%41".repeat(1 << 18));
        assert!(prepare(&url).unwrap().path_url().len() > 1 << 18);
    });
    soon("a megabyte of spaces", || {
        prepare(&format!("http://h/{}", " é".repeat(1 << 18))).unwrap();
    });
    soon("a hundred thousand at signs", || {
        let prepared = prepare(&format!("http://{}h/", "@".repeat(100_000))).unwrap();
        assert_eq!(prepared.url.host_str(), Some("h"));
    });
    soon("a host of a hundred thousand letters", || {
        for host in ["ü".repeat(100_000), "ü.".repeat(50_000), "x".repeat(100_000), "xn--".repeat(25_000)] {
            let _ = prepare(&format!("http://{host}/"));
        }
    });
}

/// Other ways to write an address are that address, for the certificate too (urllib3 issue 5029).
#[test]
fn sec_39_an_address_is_verified_as_the_address_it_is() {
    let server = Scripted::https().with(|_| ok("hello"));
    let mut s = Session::new();
    s.trust_env = false;
    s.verify = Some(Verify::pem(ca_pem().as_bytes()));
    for written in ["127.0.0.1", "0x7f000001", "0x7f.1", "2130706433", "0177.0.0.1", "127.1"] {
        let r = s.get(server.url_on(written, "/")).send().unwrap();
        assert_eq!((r.url().host_str(), &*r.text()), (Some("127.0.0.1"), "hello"), "{written}");
    }
    // The certificate is not for this one, however it is written.
    let elsewhere = HttpAdapter::new().connect_to("127.0.0.2", server.address());
    s.mount("https://127.0.0.2", elsewhere);
    for written in ["127.0.0.2", "0x7f000002"] {
        let error = s.get(server.url_on(written, "/")).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ssl, "{written}: {error}");
    }
}

/// urllib3 issue 5095, CVE-2022-27780, CVE-2016-8624
#[test]
fn sec_40_sec_66_a_host_is_a_host_or_an_error() {
    let refused = [
        "http://a b/",
        "http://a%20b/",
        "http://a%00b/",
        "http://a\u{7f}b/",
        "http://a%7Fb/",
        "http://a%2Fb/",
        "http://a%3Fb/",
        "http://a%23b/",
        "http://a%40b/",
        "http://a%5Cb/",
        "http://a%3Ab/",
        "http://a<b/",
        "http://a^b/",
        "http://a|b/",
        "http://[::1/",
        "http://[::1]x/",
        "http://[v1.x]/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://0x1ffffffff/",
    ];
    for url in refused {
        match prepare(url) {
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidUrl, "{url:?}: {error}"),
            Ok(prepared) => panic!("{url:?} is {:?}", prepared.url.host_str()),
        }
    }
    for (url, host) in [
        ("http://a#@evil/", "a"),
        ("http://a?@evil/", "a"),
        ("http://a/@evil/", "a"),
        ("http://a\\@evil/", "a"),
        ("http://a:@evil/", "evil"),
        ("http://a:80@evil/", "evil"),
        ("http://a%40b@evil/", "evil"),
    ] {
        assert_eq!(prepare(url).unwrap().url.host_str(), Some(host), "{url}");
    }
}

/// CVE-2016-8625, RUSTSEC-2024-0421, CVE-2022-42916, CVE-2022-43551
#[test]
fn sec_67_sec_96_a_name_has_one_spelling_before_anything_is_decided() {
    for (written, host) in [
        ("straße.example", "xn--strae-oqa.example"),
        ("STRASSE.example", "strasse.example"),
        ("a\u{3002}example", "a.example"),
        ("a\u{ff0e}example", "a.example"),
        ("ｅxample.com", "example.com"),
        ("%C3%BC.example", "xn--tda.example"),
    ] {
        assert_eq!(prepare(&format!("http://{written}/")).unwrap().url.host_str(), Some(host), "{written}");
    }
    for written in ["xn--example-.org", "xn--.example", "xn--a-ecp.example.xn--\u{fc}"] {
        assert_eq!(
            prepare(&format!("http://{written}/")).unwrap_err().kind(),
            ErrorKind::InvalidUrl,
            "{written}"
        );
    }

    // Cookies, netrc and NO_PROXY see that spelling.
    let server = Scripted::with(|_| ok(""));
    let mut s = session_to(&[("xn--tda.example", server.address())]);
    let mut netrc = tempfile::NamedTempFile::new().unwrap();
    netrc.write_all(b"machine xn--tda.example login user password pass").unwrap();
    s.trust_env = true;
    let proxy = "http://127.0.0.1:1";
    s.set_environment(Environment::new([
        ("NETRC", netrc.path().to_str().unwrap()),
        ("HTTP_PROXY", proxy),
        ("NO_PROXY", "xn--tda.example"),
    ]));
    s.cookies.set("a", "1", "xn--tda.example", "/");
    s.get("http://ü\u{3002}EXAMPLE/").send().unwrap();
    let sent = server.requests().remove(0);
    assert_eq!(sent.header("host").as_deref(), Some("xn--tda.example"));
    assert_eq!(sent.header("cookie").as_deref(), Some("a=1"));
    assert_eq!(sent.header("authorization").as_deref(), Some("Basic dXNlcjpwYXNz"));
}

/// CVE-2021-22890: a session of TLS with a proxy is never taken for one with the origin behind it.
#[test]
fn sec_58_the_sessions_of_a_proxy_and_of_an_origin_are_kept_apart() {
    let answer = response("200 OK", &[("Connection", "close")], "the origin");
    let origin = Scripted::https().with(move |_| answer.clone());
    let proxy = TlsProxy::start();
    let mut s = Session::new();
    s.trust_env = false;
    s.verify = Some(Verify::pem(ca_pem().as_bytes()));
    s.proxies.insert("https", proxy.url());
    proxy.lead_to(origin.address());
    for resumed in [false, true, true] {
        let r = s.get(origin.url("/")).send().unwrap();
        assert_eq!(r.text(), "the origin");
        assert_eq!(r.connection().unwrap().tls.as_ref().unwrap().resumed, resumed);
    }

    // A proxy that ends the tunnel itself is not believed for the sake of a session that it has.
    let liar = Scripted::each(Connection::new().start_tls_as(Identity::WrongHost).answer(ok("the proxy")));
    proxy.lead_to(liar.address());
    for _ in 0..2 {
        let error = s.get(origin.url("/")).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ssl, "{error}");
    }
    proxy.lead_to(origin.address());
    assert_eq!(s.get(origin.url("/")).send().unwrap().text(), "the origin");
}

/// A proxy that is spoken to over TLS, under a name that is not the origin's, and tunnels to wherever it is told.
struct TlsProxy {
    port: u16,
    target: Arc<Mutex<Option<SocketAddr>>>,
    /// Its tasks end with it.
    _runtime: Runtime,
}

impl TlsProxy {
    fn start() -> TlsProxy {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Arc::new(Mutex::new(None));
        let acceptor = TlsAcceptor::from(server_config(Identity::Valid));
        let shared = Arc::clone(&target);
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, target) = (acceptor.clone(), *shared.lock().unwrap());
                tokio::spawn(async move {
                    let mut client = acceptor.accept(socket).await?;
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(client.read_u8().await?);
                    }
                    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
                    let mut origin = TcpStream::connect(target.unwrap()).await?;
                    tokio::io::copy_bidirectional(&mut client, &mut origin).await
                });
            }
        });
        TlsProxy { port, target, _runtime: runtime }
    }

    fn lead_to(&self, address: SocketAddr) {
        *self.target.lock().unwrap() = Some(address);
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }
}
