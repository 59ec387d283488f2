//! Params and forms (PRM-1 to PRM-8, X22).

use std::collections::BTreeMap;

use reqs::{ErrorKind, Params};
use serde::Serialize;
use serde_json::json;

use crate::wire::{rest, target};

fn query(params: impl Serialize) -> String {
    target(|url| reqs::get(url).params(params))
}

/// t:test_params_bytes_are_encoded
#[test]
fn prm_1_a_string_is_used_as_it_is() {
    assert_eq!(query("test=foo"), "/?test=foo");
    assert_eq!(query("a=b c&é#"), "/?a=b%20c&%C3%A9%23");
    assert_eq!(target(|url| reqs::get(format!("{url}/?x=1")).params("y=2")), "/?x=1&y=2");
}

/// t:test_params_original_order_is_preserved_by_default
#[test]
fn prm_2_pairs_maps_and_structs_in_their_order() {
    #[derive(Serialize)]
    struct Search<'a> {
        z: u8,
        a: &'a str,
        m: Option<bool>,
    }
    assert_eq!(query([("z", "1"), ("a", "1"), ("k", "1"), ("d", "1")]), "/?z=1&a=1&k=1&d=1");
    assert_eq!(query(vec![("z", 1), ("a", 2)]), "/?z=1&a=2");
    assert_eq!(query(BTreeMap::from([("b", "2"), ("a", "1")])), "/?a=1&b=2");
    assert_eq!(query(Search { z: 1, a: "x y", m: Some(true) }), "/?z=1&a=x+y&m=true");
    assert_eq!(
        query((("text", "x"), ("number", 2), ("float", 1.5), ("list", [1, 2]))),
        "/?text=x&number=2&float=1.5&list=1&list=2"
    );
}

#[test]
fn prm_3_none_is_dropped_and_an_empty_string_is_not() {
    assert_eq!(query((("a", ""), ("b", None::<u8>), ("c", [Some(1), None]), ("d", [0; 0]))), "/?a=&c=1");
}

/// t:test_urlencoded_get_query_multivalued_param, t:test_form_encoded_post_query_multivalued_element
#[test]
fn prm_4_a_list_repeats_its_key() {
    assert_eq!(query(json!({"test": ["foo", "baz"]})), "/?test=foo&test=baz");
    assert_eq!(
        rest(|url| reqs::post(url).form([("test", ["foo", "baz"])])),
        "Content-Length: 17\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\ntest=foo&test=baz"
    );
}

/// t:test_unicode_get
#[test]
fn prm_5_prm_6_quoting() {
    assert_eq!(query([("foo", "foo")]), "/?foo=foo");
    assert_eq!(query([("foo", "føø")]), "/?foo=f%C3%B8%C3%B8");
    assert_eq!(query([("føø", "føø")]), "/?f%C3%B8%C3%B8=f%C3%B8%C3%B8");
    assert_eq!(target(|url| reqs::get(format!("{url}/ø")).params([("foo", "foo")])), "/%C3%B8?foo=foo");
    assert_eq!(query([("k /&=", "a b*!()'~-_.+%")]), "/?k+%2F%26%3D=a+b%2A%21%28%29%27~-_.%2B%25");
    assert_eq!(query((("t", true), ("i", -1), ("f", 1.0), ("c", 'x'))), "/?t=true&i=-1&f=1.0&c=x");
}

#[test]
fn prm_7_what_is_no_pairs_is_refused() {
    for value in [json!(1), json!(true), json!([1, 2]), json!([["a", "b", "c"]]), json!({"a": {"b": 1}})] {
        let error = reqs::get("http://127.0.0.1:9/").params(&value).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidParams, "{value}");
        assert!(error.to_string().starts_with("cannot encode "), "{error}");
        assert!(error.to_string().ends_with(" for url: http://127.0.0.1:9/"), "{error}");
    }
}

#[test]
fn prm_8_nothing_leaves_the_url_alone() {
    assert_eq!(query(()), "/");
    assert_eq!(query(""), "/");
    assert_eq!(query(json!({})), "/");
    assert_eq!(query(None::<&str>), "/");
    assert_eq!(query([("a", None::<&str>)]), "/");
}

#[test]
fn x22_values_inside_values() {
    let value = json!({"q": {"name": "x", "tags": [1, 2]}});
    assert_eq!(
        query(Params::nested(&value).unwrap()),
        "/?q%5Bname%5D=x&q%5Btags%5D%5B%5D=1&q%5Btags%5D%5B%5D=2"
    );
}
