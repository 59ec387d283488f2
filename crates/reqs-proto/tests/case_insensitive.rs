//! `Headers` where Requests has its CaseInsensitiveDict: what its two classes of tests of that name ask (HDR-7).
//!
//! `insert` is what Requests' `d[key] = value` is: it replaces whatever was there under the name in any case. `append`,
//! `extend` and `collect` keep what was there, since a header may have several values.

#![allow(missing_docs, reason = "tests")]

use http::HeaderMap;
use reqs_proto::Headers;

fn names(headers: &Headers) -> Vec<&str> {
    headers.iter().map(|(name, _)| name).collect()
}

fn update(headers: &mut Headers, pairs: &[(&str, &str)]) {
    pairs.iter().for_each(|(name, value)| headers.insert(name, value));
}

/// t:TestCaseInsensitiveDict::test_init: from a map, from pairs, and by one after the other.
#[test]
fn it_is_made_of_a_map_of_pairs_and_one_by_one() {
    let map = std::collections::BTreeMap::from([("Foo", "foo"), ("BAr", "bar")]);
    let mut one_by_one = Headers::new();
    one_by_one.insert("FOO", "foo");
    one_by_one.insert("BAr", "bar");
    for headers in [map.into_iter().collect(), Headers::from([("Foo", "foo"), ("BAr", "bar")]), one_by_one] {
        assert_eq!(headers.len(), 2, "{headers:?}");
        assert!(headers.contains("foo") && headers.contains("bar"), "{headers:?}");
    }
}

/// t:TestCaseInsensitiveDict::test_docstring_example, t:TestCaseInsensitiveDict::test_list
#[test]
fn what_was_said_is_listed_as_it_was_written() {
    let mut headers = Headers::new();
    headers.insert("Accept", "application/json");
    assert_eq!(&headers["aCCEPT"], "application/json");
    assert_eq!(names(&headers), ["Accept"]);
}

/// t:TestCaseInsensitiveDict::test_len
#[test]
fn a_name_in_another_case_is_no_other_name() {
    let mut headers = Headers::from([("a", "a"), ("b", "b")]);
    headers.insert("A", "a");
    assert_eq!(headers.len(), 2);
}

/// t:TestCaseInsensitiveDict::test_getitem, of both files: six spellings.
#[test]
fn it_is_found_in_any_case() {
    let headers = Headers::from([("Spam", "blueval"), ("Accept", "application/json")]);
    for name in ["spam", "SPAM"] {
        assert_eq!(&headers[name], "blueval", "{name}");
    }
    for name in ["accept", "ACCEPT", "aCcEpT", "Accept"] {
        assert_eq!(&headers[name], "application/json", "{name}");
    }
}

/// t:TestCaseInsensitiveDict::test_fixes_649
#[test]
fn the_last_of_several_spellings_stands() {
    let mut headers = Headers::new();
    update(&mut headers, &[("spam", "oneval"), ("Spam", "twoval"), ("sPAM", "redval"), ("SPAM", "blueval")]);
    assert_eq!((&headers["spam"], &headers["SPAM"]), ("blueval", "blueval"));
    assert_eq!(names(&headers), ["SPAM"]);
}

/// t:TestCaseInsensitiveDict::test_delitem, of both files: five spellings.
#[test]
fn it_is_removed_in_any_case() {
    for name in ["sPam", "spam", "SPAM", "Spam"] {
        let mut headers = Headers::new();
        headers.insert("Spam", "someval");
        assert!(headers.remove(name), "{name}");
        assert!(!headers.contains("spam") && headers.is_empty(), "{name}");
    }
    for name in ["accept", "ACCEPT", "aCcEpT", "Accept"] {
        let mut headers = Headers::from([("Accept", "application/json")]);
        assert!(headers.remove(name) && !headers.contains(name), "{name}");
    }
}

/// t:TestCaseInsensitiveDict::test_contains
#[test]
fn it_is_contained_in_any_case() {
    let headers = Headers::from([("Spam", "someval")]);
    for name in ["Spam", "spam", "SPAM", "sPam"] {
        assert!(headers.contains(name), "{name}");
    }
    assert!(!headers.contains("notspam"));
}

/// t:TestCaseInsensitiveDict::test_get
#[test]
fn get_has_the_last_value_or_none() {
    let mut headers = Headers::new();
    update(&mut headers, &[("spam", "oneval"), ("SPAM", "blueval")]);
    for name in ["spam", "SPAM", "sPam"] {
        assert_eq!(headers.get(name), Some("blueval"), "{name}");
    }
    assert_eq!(headers.get("notspam").unwrap_or("default"), "default");
}

/// t:TestCaseInsensitiveDict::test_update, t:TestCaseInsensitiveDict::test_update_retains_unchanged
#[test]
fn many_are_replaced_and_the_others_stay() {
    let mut headers = Headers::from([("spam", "blueval")]);
    update(&mut headers, &[("sPam", "notblueval")]);
    assert_eq!(&headers["spam"], "notblueval");

    let mut headers = Headers::from([("Foo", "foo"), ("BAr", "bar")]);
    update(&mut headers, &[("fOO", "anotherfoo"), ("bAR", "anotherbar")]);
    assert_eq!(headers.len(), 2);
    assert_eq!((&headers["foo"], &headers["bar"]), ("anotherfoo", "anotherbar"));

    let mut headers = Headers::from([("foo", "foo"), ("bar", "bar")]);
    update(&mut headers, &[("foo", "newfoo")]);
    assert_eq!(&headers["bar"], "bar");
}

/// t:TestCaseInsensitiveDict::test_iter, t:TestCaseInsensitiveDict::test_preserve_key_case
#[test]
fn names_keep_their_spelling_in_every_way_of_listing_them() {
    let headers = Headers::from([("Spam", "spam"), ("Eggs", "eggs")]);
    assert_eq!(names(&headers), ["Spam", "Eggs"]);

    let headers = Headers::from([("Accept", "application/json"), ("user-Agent", "requests")]);
    let expected = ["Accept", "user-Agent"];
    assert_eq!(names(&headers), expected);
    assert_eq!(headers.iter_bytes().map(|(name, _)| name).collect::<Vec<_>>(), expected);
    assert_eq!((&headers).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), expected);
}

/// t:TestCaseInsensitiveDict::test_preserve_last_key_case
#[test]
fn a_replaced_header_has_the_last_spelling() {
    let mut headers = Headers::from([("Accept", "application/json"), ("user-Agent", "requests")]);
    update(&mut headers, &[("ACCEPT", "application/json")]);
    headers.insert("USER-AGENT", "requests");
    assert_eq!(names(&headers), ["ACCEPT", "USER-AGENT"]);
    assert_eq!(headers.iter_bytes().map(|(name, _)| name).collect::<Vec<_>>(), ["ACCEPT", "USER-AGENT"]);
}

/// t:TestCaseInsensitiveDict::test_equality, t:TestCaseInsensitiveDict::test_instance_equality. What is no `Headers` is
/// typed away, `None` too.
#[test]
fn equal_is_who_has_the_same_names_in_any_case_and_the_same_values() {
    let headers = Headers::from([("SPAM", "blueval"), ("Eggs", "redval")]);
    let mut other = Headers::from([("spam", "blueval"), ("eggs", "redval")]);
    assert_eq!(headers, other);
    other.remove("spam");
    assert_ne!(headers, other);

    let accept = Headers::from([("Accept", "application/json")]);
    for (other, expected) in
        [(Headers::from([("AccePT", "application/json")]), true), (Headers::new(), false)]
    {
        assert_eq!(accept == other, expected, "{other:?}");
    }
    assert_ne!(Some(&accept), None);
}

/// t:TestCaseInsensitiveDict::test_setdefault, which here is written out.
#[test]
fn what_is_there_keeps_a_default_away() {
    let mut headers = Headers::from([("Spam", "blueval")]);
    for (name, expected) in [("spam", "blueval"), ("notspam", "notblueval")] {
        if !headers.contains(name) {
            headers.insert(name, "notblueval");
        }
        assert_eq!(&headers[name], expected);
    }
    assert_eq!(names(&headers), ["Spam", "notspam"]);
}

/// t:TestCaseInsensitiveDict::test_lower_items, of both files: the map of the crate `http` has its names in lower case.
#[test]
fn names_can_be_had_in_lower_case() {
    let headers = Headers::from([("Accept", "application/json"), ("user-Agent", "requests")]);
    let lower = Headers::from(&HeaderMap::try_from(&headers).unwrap());
    let mut items: Vec<_> = lower.iter().collect();
    items.sort_unstable();
    assert_eq!(items, [("accept", "application/json"), ("user-agent", "requests")]);
    assert_eq!(lower, headers);
}

/// t:TestCaseInsensitiveDict::test_copy, of both files.
#[test]
fn a_copy_is_equal_until_one_of_them_is_changed() {
    let mut headers = Headers::from([("Accept", "application/json"), ("user-Agent", "requests")]);
    let copy = headers.clone();
    assert_eq!(headers, copy);
    headers.insert("changed", "True");
    assert_ne!(headers, copy);
    assert_eq!(names(&copy), ["Accept", "user-Agent"]);
}
