//! The environment: proxies by its variables, and who comes before it (the tables are unit tests of `proxies`).

use reqs::{Environment, Options, Request, Session};
use reqs_tests::scripted::ok;
use reqs_tests::{Connection, Scripted};

fn under(variables: &[(&str, String)]) -> Session {
    let mut session = Session::new();
    session.set_environment(Environment::new(variables.iter().cloned()));
    session
}

/// t:test_respect_proxy_env_on_get, t:test_respect_proxy_env_on_request,
/// t:test_respect_proxy_env_on_send_self_prepared_request, t:test_respect_proxy_env_on_send_session_prepared_request,
/// t:test_respect_proxy_env_on_send_with_redirects
#[test]
fn prx_3_ses_14_the_variables_count_for_every_way_of_sending() {
    type Way = fn(&Session, &str) -> reqs::Result<reqs::Response>;
    let ways: [(&str, Way); 5] = [
        ("/get", |s, url| s.get(url).send()),
        ("/get", |s, url| s.request("GET", url).send()),
        ("/get", |s, url| s.send(Request::new("GET", url).prepare()?, Options::new())),
        ("/get", |s, url| s.send(s.prepare(Request::new("GET", url))?, Options::new())),
        ("/redirect/1", |s, url| s.send(Request::new("GET", url).prepare()?, Options::new())),
    ];
    let nobody = format!("http://{}", reqs_tests::tarpit::refused());
    let (proxied, direct) = (under(&[("http_proxy", nobody)]), under(&[]));
    for (at, (path, way)) in ways.into_iter().enumerate() {
        let url = crate::SERVER.url(path);
        assert_eq!(way(&proxied, &url).unwrap_err().kind(), reqs::ErrorKind::Proxy, "{at}");
        assert_eq!(way(&direct, &url).unwrap().status(), 200, "{at}");
    }
}

/// t:test_use_proxy_from_environment
#[test]
fn prx_3_every_variable_in_either_case() {
    for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        let proxy = Scripted::one(ok("proxied"));
        let s = under(&[(variable, proxy.url(""))]);
        assert_eq!(s.get("http://origin.example/").send().unwrap().text(), "proxied", "{variable}");
        assert_eq!(proxy.requests()[0].line(), "GET http://origin.example/ HTTP/1.1");
    }
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        let proxy = Scripted::one("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
        let error = under(&[(variable, proxy.url(""))]).get("https://origin.example/").send().unwrap_err();
        assert_eq!(error.kind(), reqs::ErrorKind::Proxy, "{variable}");
        assert_eq!(proxy.requests()[0].line(), "CONNECT origin.example:443 HTTP/1.1");
    }
}

/// t:test_use_proxy_from_environment, with SOCKS proxies that hang up, as Requests has them: each of its eight cases.
#[test]
fn prx_3_prx_11_a_socks_proxy_of_the_environment_that_hangs_up() {
    let variables =
        [("http_proxy", "http"), ("https_proxy", "https"), ("all_proxy", "http"), ("all_proxy", "https")];
    let upper = variables.map(|(variable, scheme)| (variable.to_ascii_uppercase(), scheme));
    for (variable, scheme) in
        variables.map(|(variable, scheme)| (variable.to_owned(), scheme)).into_iter().chain(upper)
    {
        let proxy = Scripted::start([Connection::new().expect_bytes(3).close()]);
        let s = under(&[(&variable, proxy.url("").replace("http:", "socks5h:"))]);
        let error = s.get(format!("{scheme}://httpbin.org")).send().unwrap_err();
        assert!(error.is_connection(), "{variable} {scheme}: {error}");
        assert_eq!(proxy.connections(), 1, "{variable} {scheme}");
        assert!(!proxy.received(0).is_empty(), "{variable} {scheme}");
    }
}

/// t:test_proxy_env_vars_override_default: nothing was said to the contrary, and the environment has a proxy.
#[test]
fn prx_2_prx_3_what_the_environment_says_is_the_default() {
    let cases = [
        ("http_proxy", "http://example.com"),
        ("https_proxy", "https://example.com"),
        ("all_proxy", "http://example.com"),
        ("all_proxy", "https://example.com"),
    ];
    for (variable, url) in cases {
        let proxy = Scripted::start([Connection::new().expect_bytes(3).close()]);
        let s = under(&[(variable, proxy.url("").replace("http:", "socks5h:"))]);
        let prepared = s.prepare(reqs::Request::new("GET", url)).unwrap();
        assert!(s.send(prepared, reqs::Options::new()).unwrap_err().is_connection(), "{variable} {url}");
        assert_eq!(proxy.connections(), 1, "{variable} {url}");
    }
}

#[test]
fn prx_2_request_over_session_over_environment() {
    let [env, own, sessions] = ["env", "request", "session"].map(|name| Scripted::with(move |_| ok(name)));
    let origin = Scripted::with(|_| ok("direct"));
    let mut s = under(&[("http_proxy", env.url(""))]);
    let get = |s: &Session| String::from_utf8(s.get(origin.url("/")).send().unwrap().into_content()).unwrap();
    assert_eq!(get(&s), "env");
    s.proxies.insert("http", sessions.url(""));
    assert_eq!(get(&s), "session");
    assert_eq!(s.get(origin.url("/")).proxy("http", own.url("")).send().unwrap().text(), "request");
    assert_eq!(s.get(origin.url("/")).proxy("http", "").send().unwrap().text(), "direct");
    // PRX-6
    assert_eq!(s.get(origin.url("/")).proxy("no_proxy", "127.0.0.1").send().unwrap().text(), "direct");
    s.proxies.disable("http");
    assert_eq!(get(&s), "direct");
}

/// t:test_proxy_error, t:test_proxy_error_on_bad_url
#[test]
fn prx_8_prx_11_bad_proxies() {
    let mut s = Session::new();
    s.trust_env = false;
    for (proxy, kind) in [
        (format!("http://{}", reqs_tests::tarpit::refused()), reqs::ErrorKind::Proxy),
        ("no-such-name.invalid".to_owned(), reqs::ErrorKind::Proxy),
        ("http:/badproxyurl:3128".to_owned(), reqs::ErrorKind::InvalidProxyUrl),
        ("http://:8080".to_owned(), reqs::ErrorKind::InvalidProxyUrl),
        ("https://".to_owned(), reqs::ErrorKind::InvalidProxyUrl),
        ("http:///example.com:8080".to_owned(), reqs::ErrorKind::InvalidProxyUrl),
        ("ftp://h".to_owned(), reqs::ErrorKind::InvalidProxyUrl),
    ] {
        for scheme in ["http", "https"] {
            let error = s.get(format!("{scheme}://origin.example/")).proxy(scheme, &proxy).send();
            let error = error.unwrap_err();
            assert_eq!(error.kind(), kind, "{scheme} {proxy}: {error}");
        }
    }
}

/// PRX-15
#[test]
fn prx_15_tls_that_fails_behind_the_proxy_is_no_fault_of_the_proxy() {
    let origin = Scripted::https().answers([ok("")]);
    let proxy = Scripted::start([reqs_tests::Connection::new()
        .answer("HTTP/1.1 200 OK\r\n\r\n")
        .tunnel_to(origin.address())]);
    let mut s = Session::new();
    s.trust_env = false;
    s.proxies.insert("https", proxy.url(""));
    let error = s.get(origin.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), reqs::ErrorKind::Ssl, "{error}");
}

/// TLS-1, TLS-2: t:test_env_cert_bundles
#[test]
fn tls_1_tls_2_the_environments_bundle_and_who_comes_before_it() {
    let server = &*crate::SERVER;
    let ca = server.ca_file().to_str().unwrap().to_owned();
    let url = server.https_url("/get");
    for variable in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        assert_eq!(under(&[(variable, ca.clone())]).get(&url).send().unwrap().status(), 200);
    }
    let mut s = under(&[("REQUESTS_CA_BUNDLE", "/no/such/bundle.pem".into())]);
    assert_eq!(s.get(&url).send().unwrap_err().kind(), reqs::ErrorKind::Ssl);
    assert_eq!(s.get(&url).verify(false).send().unwrap().status(), 200);
    s.verify = Some(ca.into());
    assert_eq!(s.get(&url).send().unwrap().status(), 200, "the session's word counts");
    // A redirect from http to https finds it too.
    let s = under(&[("REQUESTS_CA_BUNDLE", server.ca_file().to_str().unwrap().into())]);
    let r = s.get(server.url("/redirect-to")).params([("url", &url)]).send().unwrap();
    assert_eq!((r.status().as_u16(), r.url().scheme()), (200, "https"));
}

/// PRX-2: a proxy that was said is not outvoted by an environment that is more exact, nor by its list of hosts.
#[test]
fn prx_2_prx_6_what_was_said_is_asked_first_however_general() {
    let [env, said] = ["env", "said"].map(|name| Scripted::with(move |_| ok(name)));
    let variables = [("http_proxy", env.url("")), ("no_proxy", "direct.example".to_owned())];
    let mut s = under(&variables);
    let get = |s: &Session, host: &str| {
        let r = s.get(format!("http://{host}/")).proxy("http://own.example", said.url("")).send().unwrap();
        r.text().into_owned()
    };
    assert_eq!((get(&s, "own.example"), get(&s, "other.example")), ("said".into(), "env".into()));
    s.proxies.insert("all", said.url(""));
    assert_eq!((get(&s, "other.example"), get(&s, "direct.example")), ("said".into(), "said".into()));
    // The nearest list counts for everything that is asked after it.
    s.proxies = reqs::Proxies::from([("no_proxy", "other.example")]);
    let origin = Scripted::with(|_| ok("origin"));
    s.mount("http://", reqs::HttpAdapter::new().connect_to("other.example", origin.address()));
    assert_eq!((get(&s, "other.example"), get(&s, "direct.example")), ("origin".into(), "env".into()));
}
