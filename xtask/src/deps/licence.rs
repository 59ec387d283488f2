//! Licence expressions, as SPDX writes them: `(MIT OR Apache-2.0) AND Unicode-3.0`, and of old `MIT/Apache-2.0`.

/// An expression in its parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Licence {
    /// One licence, with its exception if it has one: `Apache-2.0 WITH LLVM-exception`.
    Is(String),
    /// All of them hold.
    All(Vec<Licence>),
    /// Whoever uses it chooses one.
    Any(Vec<Licence>),
}

impl Licence {
    /// `None` where it is no expression.
    pub(super) fn parse(text: &str) -> Option<Licence> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let mut words = spaced.split_whitespace().peekable();
        let licence = any(&mut words)?;
        words.next().is_none().then_some(licence)
    }

    /// Whether the licences that are accepted are enough.
    pub(super) fn is_met_by(&self, accepted: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Licence::Is(name) => accepted(name),
            Licence::All(parts) => parts.iter().all(|part| part.is_met_by(accepted)),
            Licence::Any(parts) => parts.iter().any(|part| part.is_met_by(accepted)),
        }
    }
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

/// `all *( "OR" all )`: OR binds loosest.
fn any(words: &mut Words<'_>) -> Option<Licence> {
    let mut parts = vec![all(words)?];
    while words.next_if_eq(&"OR").is_some() {
        parts.push(all(words)?);
    }
    Some(if parts.len() == 1 { parts.remove(0) } else { Licence::Any(parts) })
}

/// `one *( "AND" one )`
fn all(words: &mut Words<'_>) -> Option<Licence> {
    let mut parts = vec![one(words)?];
    while words.next_if_eq(&"AND").is_some() {
        parts.push(one(words)?);
    }
    Some(if parts.len() == 1 { parts.remove(0) } else { Licence::All(parts) })
}

/// `"(" any ")" / id [ "WITH" id ]`
fn one(words: &mut Words<'_>) -> Option<Licence> {
    if words.next_if_eq(&"(").is_some() {
        let inside = any(words)?;
        words.next_if_eq(&")")?;
        return Some(inside);
    }
    let name = id(words)?;
    Some(Licence::Is(match words.next_if_eq(&"WITH") {
        Some(_) => format!("{name} WITH {}", id(words)?),
        None => name.to_owned(),
    }))
}

fn id<'a>(words: &mut Words<'a>) -> Option<&'a str> {
    words.next_if(|word| !["AND", "OR", "WITH", "(", ")"].contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_met(text: &str, accepted: &[&str]) -> bool {
        Licence::parse(text).unwrap().is_met_by(&|name| accepted.contains(&name))
    }

    #[test]
    fn expressions_mean_what_they_say() {
        for (text, accepted, met) in [
            ("MIT", &["MIT"][..], true),
            ("MIT", &["ISC"], false),
            ("MIT/Apache-2.0", &["MIT"], true),
            ("MIT OR Apache-2.0", &["Apache-2.0"], true),
            ("MIT AND Apache-2.0", &["Apache-2.0"], false),
            ("ISC AND (Apache-2.0 OR ISC)", &["ISC"], true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", &["MIT"], false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", &["MIT", "Unicode-3.0"], true),
            // AND binds tighter.
            ("A OR B AND C", &["A"], true),
            ("A AND B OR C", &["B"], false),
            // An exception makes another licence.
            ("Apache-2.0 WITH LLVM-exception", &["Apache-2.0"], false),
            ("Apache-2.0 WITH LLVM-exception OR MIT", &["MIT"], true),
        ] {
            assert_eq!(is_met(text, accepted), met, "{text} by {accepted:?}");
        }
    }

    #[test]
    fn what_is_no_expression_is_none() {
        for text in
            ["", "MIT OR", "AND MIT", "(MIT", "MIT)", "MIT Apache-2.0", "MIT WITH", "()", "MIT WITH OR"]
        {
            assert_eq!(Licence::parse(text), None, "{text}");
        }
    }
}
