//! Public suffixes: domains under which strangers register names, so that no cookie may span one.

/// Whether a domain in lower case is a public suffix, `co.uk` or `github.io`.
///
/// A single label is always one, known or not (the list's rule `*`).
pub(crate) fn is_public_suffix(domain: &str) -> bool {
    psl::suffix(domain.as_bytes()).is_none_or(|suffix| suffix.as_bytes().len() == domain.len())
}
