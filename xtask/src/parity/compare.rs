//! The difference between what two sides told: field by field, each with its place.

use std::fmt;

use serde_json::Value;

/// How much of a value is shown.
const SHOWN: usize = 600;

/// A field that is not the same on both sides.
#[derive(Debug)]
pub(super) struct Difference {
    /// Where: `steps.0.text`, `wire.0.1.headers`.
    pub(super) field: String,
    theirs: Value,
    ours: Value,
}

/// Every field that differs. Texts, numbers and lists of them are compared whole: a list of headers is one field.
pub(super) fn differences(theirs: &Value, ours: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(String::new(), theirs, ours, &mut found);
    found
}

/// A value on one line, not too long.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn walk(place: String, theirs: &Value, ours: &Value, found: &mut Vec<Difference>) {
    if theirs == ours {
        return;
    }
    let inside = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match (theirs, ours) {
        // Where one side failed and the other did not, that is the difference, not each thing that it could not tell.
        (Value::Object(a), Value::Object(b)) if a.contains_key("error") == b.contains_key("error") => {
            let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let value =
                    |side: &serde_json::Map<String, Value>| side.get(name).cloned().unwrap_or(Value::Null);
                walk(inside(name), &value(a), &value(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() && a.iter().chain(b).all(is_nested) => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                walk(inside(&at.to_string()), a, b, found);
            }
        }
        _ => found.push(Difference { field: place, theirs: theirs.clone(), ours: ours.clone() }),
    }
}

/// Whether a place in it is worth naming: connections, requests and steps are; a header is not.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().all(Value::is_object),
        _ => false,
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { field, theirs, ours } = self;
        write!(f, "{field}\n      Requests: {}\n      reqs:     {}", shown(theirs), shown(ours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_have_a_place() {
        let theirs = json!({"steps": [{"a": 1, "b": ["x"]}], "wire": [[{"line": "GET"}]], "same": 1});
        let ours =
            json!({"steps": [{"a": 2, "b": ["x", "y"], "c": 0}], "wire": [[{"line": "PUT"}]], "same": 1});
        let found = differences(&theirs, &ours);
        let places: Vec<&str> = found.iter().map(|difference| difference.field.as_str()).collect();
        assert_eq!(places, ["steps.0.a", "steps.0.b", "steps.0.c", "wire.0.0.line"]);
        assert_eq!(found[0].to_string(), "steps.0.a\n      Requests: 1\n      reqs:     2");
        assert!(differences(&ours, &ours).is_empty());
        let failed = differences(&json!([{"status": 1, "url": "u"}]), &json!([{"error": "e"}]));
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].field, "0");
    }
}
