use std::collections::BTreeMap;

use serde_json::json;

use crate::params::Params;

fn written(value: impl serde::Serialize) -> String {
    Params::new(&value).unwrap().to_string()
}

#[test]
fn prm_2_prm_4_pairs_of_any_making() {
    let cases = [
        (written([("b", "2"), ("a", "1")]), "b=2&a=1"),
        (written(vec![("a", 1)]), "a=1"),
        (
            written((("a", 1), ("b", "x"), ("c", 1.5), ("c", 1.0), ("d", true), ("e", 'é'))),
            "a=1&b=x&c=1.5&c=1.0&d=true&e=%C3%A9",
        ),
        (written(BTreeMap::from([("k", vec!["v1", "v2"])])), "k=v1&k=v2"),
        (written(json!({"a": 1, "b": ["x", null], "c": null})), "a=1&b=x"),
        (written([["a", "b"]]), "a=b"),
        (written([(1, 2)]), "1=2"),
    ];
    for (got, expected) in cases {
        assert_eq!(got, expected);
    }
}

#[test]
fn prm_3_none_is_dropped_an_empty_string_is_not() {
    assert_eq!(written((("a", None::<&str>), ("b", ""), ("c", [""; 0]), ("d", [Some("1"), None]))), "b=&d=1");
}

#[test]
fn prm_1_a_string_is_raw() {
    assert_eq!(written("a b&c"), "a b&c");
    assert_eq!(written(Some(String::from("é"))), "é");
}

#[test]
fn prm_7_other_shapes_are_refused_with_what_was_found() {
    let refused = |value: serde_json::Value| Params::new(&value).unwrap_err().to_string();
    assert!(refused(json!(1)).starts_with("cannot encode a number as params"));
    assert!(refused(json!([1])).starts_with("cannot encode objects that are not pairs"));
    assert!(refused(json!([["a", "b", "c"]])).contains("not pairs"));
    assert!(refused(json!([["a"]])).contains("not pairs"));
    assert_eq!(
        refused(json!({"a": {"b": 1}})),
        "cannot encode a map as the value of a param or form field, which is text, a number or a list of those; \
         Params::nested writes more (key \"a\")"
    );
    let of_key = Params::new(&[(None::<&str>, "b")]).unwrap_err().to_string();
    assert!(of_key.starts_with("cannot encode nothing as the key of a param or form field"), "{of_key}");
    let of_key = Params::new(&[([1], "b")]).unwrap_err().to_string();
    assert!(of_key.starts_with("cannot encode a list as the key"), "{of_key}");
    assert!(refused(json!([["a", [["b"]]]])).contains("a list inside a list"));
    assert!(Params::new(&("a", "b")).is_err());
}
