//! The cases: JSON files under `tests/parity/cases`, one per section.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::bytes;
use super::server::Servers;

/// One case, as it stands in its file but with the words for bytes made bytes.
pub(super) struct Case {
    /// A parity id, and a name: `URL-12 dot segments are removed`.
    pub(super) id: String,
    /// The name of the file it stands in.
    pub(super) section: String,
    data: Map<String, Value>,
}

/// The members of a case that are not those of its only step.
const OF_CASE: [&str; 13] = [
    "id",
    "session",
    "steps",
    "environment",
    "netrc",
    "answers",
    "connections",
    "answers2",
    "connections2",
    "tls",
    "tls2",
    "proxied",
    "note",
];

/// Every case, file by file.
///
/// # Errors
/// When a file cannot be read or is not as it must be: which, and what is wrong.
pub(super) fn load(directory: &Path) -> Result<Vec<Case>, String> {
    let entries =
        std::fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();

    let mut cases = Vec::new();
    let mut ids = BTreeSet::new();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let explain = |error: String| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| explain(error.to_string()))?;
        let file: Vec<Value> = serde_json::from_str(&text).map_err(|error| explain(error.to_string()))?;
        for value in file {
            let case = Case::new(&value, &name).map_err(|error| explain(format!("{error}, in {value}")))?;
            if !ids.insert(case.id.clone()) {
                return Err(explain(format!("`{}` is there twice", case.id)));
            }
            cases.push(case);
        }
    }
    Ok(cases)
}

impl Case {
    fn new(value: &Value, section: &str) -> Result<Case, String> {
        let Value::Object(mut data) = bytes::expand(value)? else {
            return Err("a case is an object".to_owned());
        };
        let id = data.get("id").and_then(Value::as_str).ok_or("a case has an id")?.to_owned();
        if !data.contains_key("steps") {
            let step: Map<String, Value> = data
                .iter()
                .filter(|(key, _)| !OF_CASE.contains(&key.as_str()))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect();
            data.retain(|key, _| OF_CASE.contains(&key.as_str()));
            data.insert("steps".to_owned(), json!([step]));
        }
        if let Some(unknown) = data.keys().find(|key| !OF_CASE.contains(&key.as_str())) {
            return Err(format!("unknown member `{unknown}`"));
        }
        Ok(Case { id, section: section.to_owned(), data })
    }

    /// A member of the case itself.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.data.get(name)
    }

    /// The case as both sides play it: ports and paths in their places, a directory of its own, an environment.
    pub(super) fn filled_in(&self, servers: &Servers) -> Result<Value, String> {
        let directory = servers.directory();
        let mut environment = Map::new();
        // Nobody's own netrc may be read.
        environment.insert("NETRC".to_owned(), json!(directory.join("netrc")));
        if let Some(netrc) = self.get("netrc") {
            std::fs::write(directory.join("netrc"), servers.filled(&bytes::read(netrc)?))
                .map_err(|error| format!("netrc: {error}"))?;
        }
        if let Some(Value::Object(variables)) = self.get("environment") {
            environment.extend(variables.clone());
        }

        let mut steps = self.get("steps").cloned().unwrap_or_default();
        let proxied = self.get("proxied").and_then(Value::as_bool).unwrap_or(false);
        for step in steps.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            step.entry("url").or_insert_with(|| json!("{server}/"));
            if proxied {
                step.entry("proxies").or_insert_with(|| json!({"http": "{server}"}));
            }
        }
        let case = json!({
            "id": self.id,
            "directory": directory,
            "environment": environment,
            "session": self.get("session").cloned().unwrap_or(Value::Null),
            "steps": steps,
        });
        Ok(servers.filled_value(&case))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_with_one_step_says_it_beside_its_id() {
        let case = Case::new(&json!({"id": "X-1 a", "url": "{server}/a", "answers": []}), "s").unwrap();
        assert_eq!(case.get("steps"), Some(&json!([{"url": "{server}/a"}])));
        let twice = json!({"id": "X-1 a", "steps": [], "url": "{server}/a"});
        assert!(Case::new(&twice, "s").err().unwrap().contains("unknown member `url`"));
        assert!(Case::new(&json!({"url": "x"}), "s").is_err());
    }
}
