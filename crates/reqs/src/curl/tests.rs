use crate::{Body, Request};

fn curl(request: Request) -> String {
    request.prepare().unwrap().to_curl()
}

#[test]
fn an_empty_query_is_left_out_as_it_is_when_sent() {
    let prepared = crate::get("http://user:pw@h/p?#f").prepare().unwrap();
    assert!(prepared.to_curl().ends_with(" http://h/p"), "{}", prepared.to_curl());
}

#[test]
fn sec_14_what_was_meant_for_user_and_password_is_not_shown() {
    let prepared = crate::get("user:secret@h").prepare().unwrap();
    assert!(prepared.to_curl().ends_with(" h"), "{}", prepared.to_curl());
}

#[test]
fn what_each_kind_of_request_looks_like() {
    let no = "-H 'User-Agent:' -H 'Accept:'";
    let cases = [
        (crate::get("http://h/"), format!("curl {no} http://h/")),
        (crate::head("http://h/"), format!("curl --head {no} http://h/")),
        (crate::delete("http://h/"), format!("curl -X DELETE -H 'Content-Length: 0' {no} http://h/")),
        (Request::new("m'x", "http://h/"), format!("curl -X 'M'\\''X' -H 'Content-Length: 0' {no} http://h/")),
        (
            crate::post("http://h/").json([1, 2]),
            format!("curl -X POST -H 'Content-Type: application/json' {no} --data-raw '[1,2]' http://h/"),
        ),
        (
            crate::get("http://h/?a=[1]&b={x}#gone"),
            format!("curl {no} --globoff 'http://h/?a=[1]&b={{x}}'"),
        ),
        (
            crate::get("http://h/").headers([("Accept", "*/*"), ("X-Empty", ""), ("accept-encoding", "br")]),
            "curl -H 'Accept: */*' -H 'X-Empty;' -H 'accept-encoding: br' -H 'User-Agent:' --compressed http://h/"
                .to_owned(),
        ),
        (
            crate::put("http://h/").data(vec![b'a', 0, b'%', b'\'', b'\\', 0xff, b'\n']),
            format!(
                "printf 'a\\000%%\\047\\134\\377\\012' | curl -X PUT {no} -H 'Content-Type:' --data-binary @- http://h/"
            ),
        ),
        (
            crate::put("http://h/").data(Body::chunks(["a"])),
            format!(
                "curl -X PUT -H 'Transfer-Encoding: chunked' {no} -H 'Content-Type:' -H 'Expect:' --data-binary @- \
                 http://h/"
            ),
        ),
    ];
    for (request, expected) in cases {
        assert_eq!(curl(request), expected);
    }
}

#[test]
fn sec_14_secrets_are_shown_on_demand_only() {
    let mut prepared = crate::get("http://user:secret1@h/")
        .headers([("Cookie", "a=secret2"), ("proxy-authorization", "secret3")])
        .auth(("user", "secret4"))
        .prepare()
        .unwrap();
    let encoded = prepared.headers["authorization"].to_owned();
    for shown in [prepared.to_curl(), format!("{:?}", prepared.as_curl()), format!("{prepared:?}")] {
        assert!(!shown.contains("secret") && !shown.contains(&encoded), "{shown}");
        assert!(shown.contains("[redacted]"), "{shown}");
    }
    let shown = prepared.as_curl().with_secrets().to_string();
    assert!(shown.contains("'Cookie: a=secret2'") && shown.contains(&encoded), "{shown}");
    assert!(!shown.contains("secret1"), "userinfo is never sent: {shown}");
    prepared.headers.remove("authorization");
    assert!(!prepared.to_curl().contains("secret1"));
}

#[test]
fn nothing_that_a_terminal_would_obey_is_shown() {
    let command = curl(crate::post("http://h/").data("\x1b[2J\u{9b}"));
    assert!(command.starts_with(r"printf '\033[2J\302\233' | curl "), "{command}");
    assert!(curl(crate::post("http://h/").data("a\tb\r\n")).contains("--data-raw 'a\tb\r\n'"));
}

#[test]
fn a_header_that_is_not_text_goes_through_printf() {
    let mut prepared = crate::get("http://h/").prepare().unwrap();
    prepared.headers.insert_bytes("X", b"caf\xe9 %\\");
    assert!(prepared.to_curl().contains(r#" -H "$(printf 'X: caf\351 %%\134')""#), "{}", prepared.to_curl());
}

/// What stands between the headers and the URL.
fn settings(change: impl FnOnce(Request) -> Request) -> String {
    let shown = curl(change(crate::get("https://h/")));
    let (start, end) = ("curl -H 'User-Agent:' -H 'Accept:'", " https://h/");
    shown.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).unwrap_or(&shown).to_owned()
}

#[test]
fn settings_that_curl_knows_are_its_options() {
    let directory = std::env::temp_dir();
    let cases: [(&dyn Fn(Request) -> Request, String); 17] = [
        (&|r| r, String::new()),
        (&|r| r.verify(true).timeout((None, 5.0)).retry(3), String::new()),
        (&|r| r.verify(false), " --insecure".to_owned()),
        (&|r| r.verify("it's.pem"), " --cacert 'it'\\''s.pem'".to_owned()),
        (&|r| r.verify(directory.as_path()), format!(" --capath {}", directory.display())),
        (&|r| r.cert("a:b.pem"), " --cert 'a\\:b.pem'".to_owned()),
        (&|r| r.cert(("c.pem", "k:.pem")), " --cert c.pem --key k:.pem".to_owned()),
        (&|r| r.timeout(0.5), " --connect-timeout 0.5".to_owned()),
        (
            &|r| r.timeout(crate::Timeout::from((3.05, 27.0)).total(60)),
            " --connect-timeout 3.05 --max-time 60".to_owned(),
        ),
        (&|r| r.timeout(f64::NAN), String::new()),
        (&|r| r.proxy("https", "http://p:3128"), " --proxy http://p:3128/".to_owned()),
        (&|r| r.proxy("all", "//p:3128"), " --proxy p:3128".to_owned()),
        (&|r| r.proxy("http", "http://p:3128"), " --noproxy '*'".to_owned()),
        (&|r| r.allow_redirects(true), " --location --cookie ''".to_owned()),
        (&|r| r.max_redirects(5), " --location --cookie '' --max-redirs 5".to_owned()),
        (&|r| r.max_redirects(5).allow_redirects(false), String::new()),
        (&|r| r.raise_for_status(true), " --fail-with-body".to_owned()),
    ];
    for (change, expected) in cases {
        assert_eq!(settings(change), expected);
    }
}

/// curl sends a method that is named to wherever it is led, so that it is not named, or not led anywhere.
#[test]
fn redirects_are_followed_where_the_method_may_change() {
    let shown = |request: Request| curl(request.allow_redirects(true));
    let posted = shown(crate::post("http://h/").data("x"));
    assert!(posted.contains(" --location") && !posted.contains("-X"), "{posted}");
    assert!(shown(crate::head("http://h/")).contains("--head"));
    for request in [crate::put("http://h/").data("x"), crate::delete("http://h/"), crate::post("http://h/")] {
        let shown = shown(request);
        assert!(shown.contains("-X") && !shown.contains("--location"), "{shown}");
    }
}

#[test]
fn sec_14_the_password_of_a_proxy_is_shown_on_demand_only() {
    for proxy in
        ["http://user:secret@p:1/", "socks5h://user:secret@p:1", "user:secret@p:1", "//user:secret@p:1"]
    {
        let prepared = crate::get("http://h/").proxy("all", proxy).prepare().unwrap();
        for shown in [prepared.to_curl(), format!("{prepared:?}")] {
            assert!(!shown.contains("secret"), "{shown}");
        }
        assert!(prepared.to_curl().contains("p:1"), "{}", prepared.to_curl());
        assert!(prepared.as_curl().with_secrets().to_string().contains("user:secret@p:1"));
    }
}
