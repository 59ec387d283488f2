//! Makes `data/public_suffixes.txt` from the Public Suffix List:
//!
//! ```text
//! curl -O https://publicsuffix.org/list/public_suffix_list.dat
//! cargo run -p reqs-cookies --example update_suffixes -- public_suffix_list.dat
//! ```

use std::{collections::BTreeSet, env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let list = env::args().nth(1).ok_or("usage: update_suffixes PUBLIC_SUFFIX_LIST")?;
    let mut rules = BTreeSet::new();
    for line in fs::read_to_string(list)?.lines() {
        let rule = line.split_whitespace().next().unwrap_or_default();
        if !rule.is_empty() && !rule.starts_with("//") {
            rules.insert(canonical(rule)?);
        }
    }
    // A set of strings is sorted by bytes, which the lookup relies on.
    let text = rules.into_iter().collect::<Vec<_>>().join("\n") + "\n";
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/public_suffixes.txt");
    Ok(fs::write(target, text)?)
}

/// A rule with its host as URLs have it: lower case, IDNs as `xn--`.
fn canonical(rule: &str) -> Result<String, url::ParseError> {
    let host = rule.trim_start_matches("!").trim_start_matches("*.");
    let mark = rule.strip_suffix(host).unwrap_or_default();
    Ok(format!("{mark}{}", url::Host::parse(host)?))
}
