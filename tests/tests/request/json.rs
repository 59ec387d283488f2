//! JSON bodies (JSN-1 to JSN-7).

use reqs::ErrorKind;
use serde::Serialize;
use serde_json::json;

use crate::wire::rest;

fn sent(value: &impl Serialize) -> String {
    rest(|url| reqs::post(url).json(value))
}

fn expected(body: &str) -> String {
    format!("Content-Length: {}\r\nContent-Type: application/json\r\n\r\n{body}", body.len())
}

/// t:test_json_param_post_content_type_works
#[test]
fn jsn_1_whatever_was_given_is_sent() {
    for (value, body) in
        [(json!({}), "{}"), (json!([]), "[]"), (json!(""), "\"\""), (json!(0), "0"), (json!(false), "false")]
    {
        assert_eq!(sent(&value), expected(body));
    }
    assert_eq!(sent(&None::<u8>), expected("null"), "not given is not called");
}

/// t:test_json_param_post_should_not_override_data_param
#[test]
fn jsn_2_data_goes_before_json_unless_it_is_empty() {
    let json = json!({"music": "flute"});
    for flipped in [false, true] {
        let request = |url: &str| match flipped {
            false => reqs::post(url).form([("stuff", "elixr")]).json(&json),
            true => reqs::post(url).json(&json).form([("stuff", "elixr")]),
        };
        assert!(rest(request).ends_with("urlencoded\r\n\r\nstuff=elixr"));
    }
    assert_eq!(rest(|url| reqs::post(url).json(&json).data("text")), "Content-Length: 4\r\n\r\ntext");
    for empty in
        [|r: reqs::Request| r.data(""), |r: reqs::Request| r.form(json!({})), |r: reqs::Request| r.data(())]
    {
        assert_eq!(rest(|url| empty(reqs::post(url)).json(&json)), expected("{\"music\":\"flute\"}"));
    }
}

#[test]
fn jsn_3_the_content_type() {
    assert_eq!(rest(|url| reqs::get(url).json(1)), expected("1"));
    let own = rest(|url| reqs::post(url).json(1).header("content-type", "application/vnd.api+json"));
    assert_eq!(own, "content-type: application/vnd.api+json\r\nContent-Length: 1\r\n\r\n1");
}

/// Decision 4: serde_json's compact form. t:test_json_encodes_as_bytes
#[test]
fn jsn_4_jsn_7_the_bytes() {
    #[derive(Serialize)]
    struct Payload {
        z: Option<u8>,
        a: (f64, char),
        n: std::collections::BTreeMap<u8, u8>,
    }
    let value = Payload { z: None, a: (1.0, 'é'), n: [(2, 1)].into() };
    assert_eq!(sent(&value), expected("{\"z\":null,\"a\":[1.0,\"é\"],\"n\":{\"2\":1}}"));
    let prepared = reqs::post("http://h/").json(&value).prepare().unwrap();
    assert!(prepared.body.as_bytes().is_some());
}

/// t:test_post_json_nan
#[test]
fn jsn_5_nan_is_no_json() {
    let error = reqs::post("http://127.0.0.1:9/").json([("x", [1.0, f64::NAN])]).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidJson);
    assert_eq!(
        error.to_string(),
        "the value cannot be written as JSON: Out of range float values are not JSON compliant: NaN at [0][1][1] for url: \
         http://127.0.0.1:9/"
    );
    let map = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = reqs::post("http://127.0.0.1:9/").json(&map).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidJson);
    assert!(error.to_string().contains("key must be a string"), "{error}");
}

#[test]
fn jsn_6_json_beside_files_is_refused() {
    let error = reqs::post("http://127.0.0.1:9/").json(1).file("f", "x").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidBody);
    assert!(error.to_string().starts_with("json and files cannot be sent together"), "{error}");
}
