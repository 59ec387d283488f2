//! `tests/parity/errors.json`: which kinds of reqs answer to which exceptions of Requests.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};

/// Both sides' names for errors, and the one name that both become.
pub(super) struct ErrorNames(HashMap<String, String>);

impl ErrorNames {
    /// Reads a list of `{"name": …, "requests": [exceptions], "reqs": [kinds]}`.
    ///
    /// # Errors
    /// When the file cannot be read or names something twice.
    pub(super) fn load(path: &Path) -> Result<ErrorNames, String> {
        let explain = |error: String| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| explain(error.to_string()))?;
        let entries: Vec<Value> = serde_json::from_str(&text).map_err(|error| explain(error.to_string()))?;
        let mut names = HashMap::new();
        for entry in &entries {
            let name = entry["name"].as_str().ok_or_else(|| explain(format!("without a name: {entry}")))?;
            for (side, prefix) in [("requests", ""), ("reqs", OURS)] {
                for word in entry[side].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if names.insert(format!("{prefix}{word}"), name.to_owned()).is_some() {
                        return Err(explain(format!("{word} is there twice")));
                    }
                }
            }
        }
        Ok(ErrorNames(names))
    }

    /// The value with every `{"error": name}` and `"raised": [name, message]` by its common name.
    pub(super) fn translate(&self, value: Value) -> Value {
        match value {
            Value::Array(items) => items.into_iter().map(|item| self.translate(item)).collect(),
            Value::Object(map) => {
                let entry = |(key, inner): (String, Value)| match (key.as_str(), inner) {
                    ("error", Value::String(name)) => (key, json!(self.common(&name))),
                    ("raised", Value::Array(mut pair)) => {
                        if let Some(Value::String(name)) = pair.first() {
                            pair[0] = json!(self.common(name));
                        }
                        (key, Value::Array(pair))
                    }
                    (_, inner) => (key, self.translate(inner)),
                };
                Value::Object(map.into_iter().map(entry).collect())
            }
            other => other,
        }
    }

    fn common(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_else(|| format!("{name} (not in errors.json)"))
    }
}

/// What stands before a kind of reqs, for several have the name of an exception of Requests.
pub(super) const OURS: &str = "reqs::";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_names_become_one() {
        let names = HashMap::from([("SSLError", "tls"), ("reqs::Ssl", "tls")]);
        let names = ErrorNames(names.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect());
        let theirs =
            names.translate(json!([{"error": "SSLError", "raised": ["SSLError", "m"], "x": "SSLError"}]));
        assert_eq!(theirs, json!([{"error": "tls", "raised": ["tls", "m"], "x": "SSLError"}]));
        assert_eq!(names.common("reqs::Ssl"), "tls");
        assert!(names.common("KeyError").contains("not in errors.json"));
    }
}
