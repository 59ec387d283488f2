//! `tests/parity/differences.json`: what differs on purpose, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::case::Case;

/// The fields that differ on purpose, case by case.
pub(super) struct Differences(BTreeMap<String, BTreeSet<String>>);

impl Differences {
    /// Reads a list of `{"id": parity id, "why": one line, "cases": {case: [fields]}}`.
    ///
    /// # Errors
    /// When the file cannot be read, or an entry has no reason.
    pub(super) fn load(path: &Path) -> Result<Differences, String> {
        let explain = |error: String| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| explain(error.to_string()))?;
        let entries: Vec<Value> = serde_json::from_str(&text).map_err(|error| explain(error.to_string()))?;
        Differences::of_entries(&entries).map_err(explain)
    }

    fn of_entries(entries: &[Value]) -> Result<Differences, String> {
        let mut cases: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for entry in entries {
            let said = |name: &str| entry[name].as_str().filter(|text| !text.trim().is_empty());
            if said("id").is_none() || said("why").is_none() {
                return Err(format!("without id or why: {entry}"));
            }
            let listed = entry["cases"].as_object().filter(|listed| !listed.is_empty());
            for (case, fields) in listed.ok_or_else(|| format!("without cases: {entry}"))? {
                let fields = fields.as_array().filter(|fields| !fields.is_empty());
                for field in fields.ok_or_else(|| format!("`{case}` has no fields"))? {
                    let field = field.as_str().ok_or_else(|| format!("`{case}`: a field is text"))?;
                    if !cases.entry(case.clone()).or_default().insert(field.to_owned()) {
                        return Err(format!("`{case}`: {field} is explained twice"));
                    }
                }
            }
        }
        Ok(Differences(cases))
    }

    /// # Errors
    /// When a case is named that is none.
    pub(super) fn check_cases(&self, cases: &[Case]) -> Result<(), String> {
        match self.0.keys().find(|id| cases.iter().all(|case| case.id != **id)) {
            Some(id) => Err(format!("differences.json names `{id}`, which is no case")),
            None => Ok(()),
        }
    }

    /// The fields in which this case differs on purpose.
    pub(super) fn of(&self, case: &str) -> BTreeSet<String> {
        self.0.get(case).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_difference_has_a_reason_and_fields() {
        let good =
            json!({"id": "A-1", "why": "because", "cases": {"A-1 x": ["wire"], "A-1 y": ["steps.0.text"]}});
        let differences = Differences::of_entries(std::slice::from_ref(&good)).unwrap();
        assert!(differences.of("A-1 x").contains("wire"));
        assert!(differences.of("A-1 z").is_empty());
        for (name, bad) in [("why", json!(" ")), ("cases", json!({})), ("cases", json!({"A": []}))] {
            let mut entry = good.clone();
            entry[name] = bad;
            assert!(Differences::of_entries(&[entry]).is_err());
        }
        assert!(Differences::of_entries(&[good.clone(), good]).err().unwrap().contains("twice"));
    }
}
