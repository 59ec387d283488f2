//! `budget.toml`: for each subject and figure the limit, and the target where that is not reached yet.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// The limits in the order of their file.
pub(crate) struct Limits(Vec<Limit>);

/// One figure that is measured.
pub(crate) struct Limit {
    pub(crate) subject: String,
    pub(crate) figure: String,
    pub(crate) limit: f64,
    /// Where the figure is to go; the limit is to follow it.
    pub(crate) target: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    limit: f64,
    target: Option<f64>,
}

impl Limits {
    pub(crate) fn load(path: &Path) -> Result<Limits, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Limit> {
        self.0.iter()
    }
}

fn parse(text: &str) -> Result<Limits, toml::de::Error> {
    let tables: BTreeMap<toml::Spanned<String>, BTreeMap<toml::Spanned<String>, Entry>> =
        toml::from_str(text)?;
    let mut all: Vec<(usize, Limit)> = Vec::new();
    for (subject, figures) in tables {
        for (figure, Entry { limit, target }) in figures {
            let at = figure.span().start;
            let subject = subject.get_ref().clone();
            all.push((at, Limit { subject, figure: figure.into_inner(), limit, target }));
        }
    }
    all.sort_by_key(|(at, _)| *at);
    Ok(Limits(all.into_iter().map(|(_, limit)| limit).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_keep_the_order_of_the_file() {
        let text = "[z]\nb = { limit = 2.5, target = 2 }\na = { limit = 1 }\n[a]\nc = { limit = 0 }\n";
        let limits = parse(text).unwrap();
        let seen: Vec<_> = limits.iter().map(|l| (&*l.subject, &*l.figure, l.limit, l.target)).collect();
        assert_eq!(seen, [("z", "b", 2.5, Some(2.0)), ("z", "a", 1.0, None), ("a", "c", 0.0, None)]);
    }

    #[test]
    fn a_misspelt_limit_is_refused() {
        assert!(parse("[a]\nb = { limit = 1, tagret = 2 }\n").is_err());
        assert!(parse("[a]\nb = { target = 2 }\n").is_err());
    }
}
