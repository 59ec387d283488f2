//! Proxies: what is theirs stays with them, and they learn nothing else.

use reqs::{ErrorKind, Session};
use reqs_tests::scripted::{ok, redirect, response};
use reqs_tests::{Connection, Scripted};

fn through(proxy: &Scripted) -> Session {
    let mut session = Session::new();
    session.trust_env = false;
    session.verify = Some(false.into());
    session.proxies.insert("all", proxy.url("/"));
    session
}

#[test]
fn sec_02_sec_30_sec_78_proxy_authorization_reaches_no_origin_without_a_proxy() {
    let server = Scripted::answers([redirect("/b"), ok("")]);
    let mut session = Session::new();
    session.trust_env = false;
    session.get(server.url("/")).header("Proxy-Authorization", "Basic secret").send().unwrap();
    assert!(server.requests().iter().all(|request| request.header("proxy-authorization").is_none()));
}

#[test]
fn sec_05_sec_11_sec_55_inside_the_tunnel_there_is_nothing_of_the_proxys_and_on_connect_nothing_of_the_origins()
 {
    let origin = Scripted::https().answers([ok("in")]);
    let proxy =
        Scripted::start([Connection::new().answer("HTTP/1.1 200 OK\r\n\r\n").tunnel_to(origin.address())]);
    let session = through(&proxy);
    let request = session.get(format!("https://localhost:{}/", origin.port())).auth(("user", "pass"));
    let r = request
        .header("Proxy-Authorization", "Basic own")
        .header("X-Own", "1")
        .cookies([("c", "1")])
        .send()
        .unwrap();
    assert_eq!(r.text(), "in");
    let connect = proxy.requests().remove(0);
    let authority = format!("localhost:{}", origin.port());
    assert_eq!(
        connect.text(),
        format!(
            "CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nProxy-Authorization: Basic own\r\n\r\n"
        )
    );
    let inside = origin.requests().remove(0);
    assert_eq!(inside.header("proxy-authorization"), None);
    assert_eq!(inside.header("authorization").as_deref(), Some("Basic dXNlcjpwYXNz"));
}

/// PRX-9: t:test_proxy_auth, t:test_proxy_authorization_preserved_on_request
#[test]
fn prx_9_an_http_target_in_the_clear() {
    let proxy = Scripted::with(|_| ok(""));
    let mut session = through(&proxy);
    let url = "http://user:pass@origin.example:81/p?q#frag";
    session.get(url).header("Proxy-Authorization", "Basic own").send().unwrap();
    session.proxies.insert("all", format!("http://us%40er:p@127.0.0.1:{}/path", proxy.port()));
    session.get(url).header("Proxy-Authorization", "Basic own").send().unwrap();
    let requests = proxy.requests();
    for (request, expected) in requests.iter().zip(["Basic own", "Basic dXNAZXI6cA=="]) {
        assert_eq!(request.line(), "GET http://origin.example:81/p?q HTTP/1.1");
        assert_eq!(request.header("host").as_deref(), Some("origin.example:81"));
        assert_eq!(request.header_all("proxy-authorization"), [expected]);
    }
}

/// t:test_proxy_authorization_not_appended_to_https_request
#[test]
fn prx_9_sec_11_a_proxys_credentials_are_not_in_what_it_tunnels() {
    let origin = Scripted::https().answers([ok("")]);
    let tunnel = Connection::new().answer("HTTP/1.1 200 OK\r\n\r\n").tunnel_to(origin.address());
    let (clear, tunnel) = (Scripted::with(|_| ok("")), Scripted::start([tunnel]));
    let mut session = Session::new();
    session.trust_env = false;
    session.verify = Some(false.into());
    for (scheme, proxy) in [("http", &clear), ("https", &tunnel)] {
        session.proxies.insert(scheme, format!("http://test:pass@127.0.0.1:{}", proxy.port()));
    }
    session.get("http://example.com").send().unwrap();
    session.get(origin.url("/")).send().unwrap();
    let told = |server: &Scripted| server.requests()[0].header("proxy-authorization");
    let basic = Some("Basic dGVzdDpwYXNz".to_owned());
    assert_eq!((told(&clear), told(&tunnel), told(&origin)), (basic.clone(), basic, None));
}

/// RED-25
#[test]
fn red_25_sec_36_sec_54_each_hop_has_the_credentials_of_its_own_proxy() {
    let second = Scripted::with(|_| ok("second"));
    let first = Scripted::with(|_| redirect("http://b.example/"));
    let mut session = Session::new();
    session.trust_env = false;
    session.proxies.insert("http://a.example", format!("http://one:1@127.0.0.1:{}", first.port()));
    session.proxies.insert("http://b.example", format!("http://127.0.0.1:{}", second.port()));
    let request =
        session.get("http://a.example/").header("Authorization", "secret").header("Proxy-Authorization", "x");
    assert_eq!(request.send().unwrap().text(), "second");
    assert_eq!(first.requests()[0].header("proxy-authorization").as_deref(), Some("Basic b25lOjE="));
    let at_second = second.requests().remove(0);
    assert_eq!((at_second.header("proxy-authorization"), at_second.header("authorization")), (None, None));
}

#[test]
fn red_25_sec_11_without_a_proxy_its_credentials_go_nowhere() {
    let origin = Scripted::answers([redirect("/b"), ok("")]);
    let mut session = Session::new();
    session.trust_env = false;
    session.get(origin.url("/")).header("Proxy-Authorization", "Basic eA==").send().unwrap();
    let requests = origin.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.header("proxy-authorization").is_none()));
}

/// RED-26: t:test_proxy_env_vars_override_default
#[test]
fn red_26_no_proxy_is_asked_anew_for_every_hop() {
    let direct = Scripted::with(|_| ok("direct"));
    let proxy = {
        let to = direct.url("/");
        Scripted::with(move |_| redirect(&to))
    };
    let mut session = Session::new();
    let variables = [("http_proxy", proxy.url("")), ("NO_PROXY", "127.0.0.1".to_owned())];
    session.set_environment(reqs::Environment::new(variables));
    let r = session.get("http://origin.example/").send().unwrap();
    assert_eq!(r.text(), "direct");
    assert_eq!((proxy.requests().len(), direct.requests()[0].line().as_str()), (1, "GET / HTTP/1.1"));
}

/// PRX-11
#[test]
fn prx_11_a_407_can_be_read_from_the_error() {
    let page = response(
        "407 Proxy Authentication Required",
        &[("Proxy-Authenticate", "Basic realm=\"p\"")],
        "pay first",
    );
    let proxy = Scripted::one(&page);
    let error = through(&proxy).get("https://origin.example/").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Proxy);
    assert!(error.is_connection());
    assert!(error.to_string().ends_with("for url: https://origin.example/"), "{error}");
    let refusal = error.response().unwrap();
    assert_eq!((refusal.status().as_u16(), refusal.text().as_ref()), (407, "pay first"));
    assert_eq!(&refusal.headers()["proxy-authenticate"], "Basic realm=\"p\"");

    // Without a tunnel it is a response like any other.
    let proxy = Scripted::one(&page);
    assert_eq!(through(&proxy).get("http://origin.example/").send().unwrap().status(), 407);
}

#[test]
fn sec_38_what_would_break_the_connect_line_is_refused() {
    let proxy = Scripted::with(|_| ok(""));
    let session = through(&proxy);
    for url in ["https://evil\r\nX-Injected: 1/", "https://a b/", "https://h%0d%0a/"] {
        assert_eq!(session.get(url).send().unwrap_err().kind(), ErrorKind::InvalidUrl, "{url:?}");
    }
    let error = session.get("https://h/").header("Proxy-Authorization", "a\r\nb: c").send().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidHeader | ErrorKind::Proxy), "{error:?}");
    assert!(proxy.requests().is_empty());
}

#[test]
fn sec_82_http_proxy_is_ignored_under_cgi() {
    let proxy = Scripted::with(|_| ok("proxied"));
    let server = Scripted::with(|_| ok("direct"));
    let ask = |variables: &[(&str, String)]| {
        let mut session = Session::new();
        session.set_environment(reqs::Environment::new(variables.iter().cloned()));
        session.get(server.url("/")).send().unwrap().into_content()
    };
    assert_eq!(ask(&[("HTTP_PROXY", proxy.url(""))]), b"proxied");
    assert_eq!(ask(&[("HTTP_PROXY", proxy.url("")), ("REQUEST_METHOD", "GET".into())]), b"direct");
}
