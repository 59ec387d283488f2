//! Makes `data/public_suffixes.txt` from the Public Suffix List:
//!
//! ```text
//! curl -O https://publicsuffix.org/list/public_suffix_list.dat
//! cargo run -p reqs-cookies --example update_suffixes -- public_suffix_list.dat
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fs,
    path::Path,
};

fn main() -> Result<(), Box<dyn Error>> {
    let list = env::args().nth(1).ok_or("usage: update_suffixes PUBLIC_SUFFIX_LIST")?;
    // Maps and sets of strings are sorted by bytes, which the lookup relies on.
    let mut below = BTreeMap::<String, BTreeSet<String>>::new();
    for line in fs::read_to_string(list)?.lines() {
        let rule = line.split_whitespace().next().unwrap_or_default();
        if rule.is_empty() || rule.starts_with("//") {
            continue;
        }
        // Single labels are public suffixes whether they are listed or not.
        if let Some((label, parent)) = canonical(rule)?.split_once('.') {
            below.entry(parent.to_owned()).or_default().insert(label.to_owned());
        }
    }
    let line = |(parent, labels): (_, BTreeSet<String>)| {
        let labels = Vec::from_iter(labels).join(" ");
        format!("{parent} {labels}\n")
    };
    let text: String = below.into_iter().map(line).collect();
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/public_suffixes.txt");
    Ok(fs::write(target, text)?)
}

/// A rule with its host as URLs have it: lower case, IDNs as `xn--`.
fn canonical(rule: &str) -> Result<String, url::ParseError> {
    let host = rule.trim_start_matches("!").trim_start_matches("*.");
    let mark = rule.strip_suffix(host).unwrap_or_default();
    Ok(format!("{mark}{}", url::Host::parse(host)?))
}
