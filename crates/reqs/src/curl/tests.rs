use crate::{Body, Request};

fn curl(request: Request) -> String {
    request.prepare().unwrap().to_curl()
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
            crate::post("http://h/").json(&[1, 2]),
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
fn a_header_that_is_not_text_goes_through_printf() {
    let mut prepared = crate::get("http://h/").prepare().unwrap();
    prepared.headers.insert_bytes("X", b"caf\xe9 %\\");
    assert!(prepared.to_curl().contains(r#" -H "$(printf 'X: caf\351 %%\134')""#), "{}", prepared.to_curl());
}
