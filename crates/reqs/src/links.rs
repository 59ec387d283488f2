//! Web links out of `Link` headers (RFC 8288). Pure.

use std::borrow::Cow;
use std::fmt;
use std::ops::Index;
use std::sync::Arc;

use url::Url;

use crate::parameters::{self, Parameters};
use crate::redact::Redacted;

/// The links of a response, in the order of its headers; from [`Response::links`](crate::Response::links).
///
/// `links["next"]` and `links.get("next")` find a link by its relation. Of several the last one is given, as in
/// Requests; [`all`](Links::all) gives each. A link without a relation is found by its target.
///
/// ```
/// let r = reqs::Response::builder()
///     .url(reqs::Url::parse("https://example.com/items?page=1").unwrap())
///     .header("Link", r#"</items?page=2>; rel="next", </items?page=9>; rel="last""#)
///     .build();
/// let links = r.links();
/// assert_eq!(links["next"].target(), "/items?page=2");
/// assert_eq!(links["next"].url().unwrap().as_str(), "https://example.com/items?page=2");
/// assert!(links.get("prev").is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links(Vec<Link>);

/// One link: where it leads, and what is said of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    target: String,
    /// What relative targets are resolved against, when that is asked for: a copy in each link would let a server that
    /// sends many of them multiply a long URL.
    base: Arc<Url>,
    params: Vec<(String, String)>,
}

impl Links {
    /// The links of these header values, resolved against `base`. What is malformed is passed over, up to the next
    /// comma that stands in neither quotes nor angle brackets.
    pub(crate) fn parse<'a>(values: impl Iterator<Item = &'a str>, base: &Url) -> Links {
        let mut links = Vec::new();
        let base = Arc::new(base.clone());
        for value in values {
            let closing = value.rfind('>');
            let mut rest = value;
            while !rest.is_empty() {
                rest = rest.trim_start_matches([' ', '\t', ',']);
                if closing.is_none_or(|last| last < value.len() - rest.len()) {
                    // No other link is closed. Looking for that in each element would take the square of their number.
                    break;
                }
                let Some((target, after)) = rest.strip_prefix('<').and_then(|inside| inside.split_once('>'))
                else {
                    rest = skip_element(rest);
                    continue;
                };
                let mut params = Parameters::of_element(after);
                let found = params.by_ref().map(|(name, value)| {
                    (name.to_ascii_lowercase(), parameters::unquote(value).into_owned())
                });
                let params_found = found.collect();
                rest = params.rest();
                links.push(Link {
                    target: target.trim().to_owned(),
                    base: Arc::clone(&base),
                    params: params_found,
                });
            }
        }
        Links(links)
    }

    /// The last link with this relation, in any case; else the link with all these relations in one `rel`, as written;
    /// else the link without a relation that has this target.
    pub fn get(&self, relation: &str) -> Option<&Link> {
        let last = |is: &dyn Fn(&Link) -> bool| self.0.iter().rev().find(|link| is(link));
        last(&|link| link.is(relation))
            .or_else(|| last(&|link| link.rel() == Some(relation)))
            .or_else(|| last(&|link| link.rel().is_none() && link.target == relation))
    }

    /// Every link with this relation.
    pub fn all<'a>(&'a self, relation: &'a str) -> impl Iterator<Item = &'a Link> {
        self.iter().filter(move |link| link.is(relation))
    }

    /// Every link.
    pub fn iter(&self) -> std::slice::Iter<'_, Link> {
        self.0.iter()
    }

    /// How many links there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Link {
    /// Where the link leads, as the server wrote it.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Where the link leads, resolved against the URL of the response; `None` where that is no URL.
    pub fn url(&self) -> Option<Url> {
        self.base.join(&self.target).ok()
    }

    /// The relation, as written: there may be several in it, see [`rels`](Link::rels).
    pub fn rel(&self) -> Option<&str> {
        self.param("rel")
    }

    /// Each relation (RFC 8288 §3.3).
    pub fn rels(&self) -> impl Iterator<Item = &str> {
        self.rel().unwrap_or_default().split_ascii_whitespace()
    }

    /// Whether it has this relation, in any case.
    pub fn is(&self, relation: &str) -> bool {
        self.rels().any(|rel| rel.eq_ignore_ascii_case(relation))
    }

    /// The title; of `title*` and `title` the former, decoded, where it can be (RFC 8288 §3.4.1).
    pub fn title(&self) -> Option<Cow<'_, str>> {
        let extended = self.param("title*").and_then(parameters::decode_extended).map(Cow::Owned);
        extended.or_else(|| self.param("title").map(Cow::Borrowed))
    }

    /// The value of a parameter, its name in any case; the first of several, as RFC 8288 has it.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All parameters, with their names in lower case.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The URL of the response, which may hold credentials, is shown without them (SEC-14).
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut link = f.debug_struct("Link");
        link.field("target", &self.target);
        link.field("base", &format_args!("{}", Redacted(&self.base)));
        link.field("params", &self.params).finish()
    }
}

/// As with maps.
///
/// # Panics
/// When there is no such link; [`Links::get`] does not.
impl Index<&str> for Links {
    type Output = Link;

    fn index(&self, relation: &str) -> &Link {
        match self.get(relation) {
            Some(link) => link,
            None => panic!("no link with the relation {relation:?}"),
        }
    }
}

impl<'a> IntoIterator for &'a Links {
    type Item = &'a Link;
    type IntoIter = std::slice::Iter<'a, Link>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Links {
    type Item = Link;
    type IntoIter = std::vec::IntoIter<Link>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What follows an element that is no link.
fn skip_element(list: &str) -> &str {
    let mut params = Parameters::of_element(list);
    params.by_ref().for_each(drop);
    params.rest()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(value: &str) -> Links {
        Links::parse([value].into_iter(), &Url::parse("http://h/a/b?c").unwrap())
    }

    /// Each link as Requests' dict would list it.
    fn shown(value: &str) -> Vec<String> {
        let show = |link: &Link| {
            link.params().fold(link.target().to_owned(), |out, (name, value)| format!("{out} {name}={value}"))
        };
        parse(value).iter().map(show).collect()
    }

    #[test]
    fn sec_14_the_password_of_the_page_is_not_shown() {
        let base = Url::parse("http://user:s3cret@h/").unwrap();
        let links = Links::parse(["</2>; rel=next"].into_iter(), &base);
        assert_eq!(
            format!("{links:?}"),
            r#"Links([Link { target: "/2", base: http://h/, params: [("rel", "next")] }])"#
        );
    }

    /// t:test_parse_header_links
    #[test]
    fn lnk_3_requests_own_cases() {
        let cases: [(&str, &[&str]); 6] = [
            (
                "<http:/.../front.jpeg>; rel=front; type=\"image/jpeg\"",
                &["http:/.../front.jpeg rel=front type=image/jpeg"],
            ),
            ("<http:/.../front.jpeg>", &["http:/.../front.jpeg"]),
            ("<http:/.../front.jpeg>;", &["http:/.../front.jpeg"]),
            (
                "<http:/.../front.jpeg>; type=\"image/jpeg\",<http://.../back.jpeg>;",
                &["http:/.../front.jpeg type=image/jpeg", "http://.../back.jpeg"],
            ),
            ("", &[]),
            ("<u>;", &["u"]),
        ];
        for (value, expected) in cases {
            assert_eq!(shown(value), expected, "{value}");
        }
        assert_eq!(parse("<u>;").get("u").unwrap().target(), "u");
    }

    /// t:test_links
    #[test]
    fn lnk_1_links_are_found_by_relation() {
        let github = "<https://api.github.com/users/kennethreitz/repos?page=2&per_page=10>; rel=\"next\", \
                      <https://api.github.com/users/kennethreitz/repos?page=7&per_page=10>;  rel=\"last\"";
        let links = parse(github);
        assert_eq!(links["next"].rel(), Some("next"));
        assert_eq!(
            links["last"].target(),
            "https://api.github.com/users/kennethreitz/repos?page=7&per_page=10"
        );

        let links = parse("<1>; rel=item, <2>; rel='item', <3>; REL=\"Next prev\", <4>");
        assert_eq!(links["item"].target(), "2", "the last of several");
        assert_eq!(links.all("item").map(Link::target).collect::<Vec<_>>(), ["1", "2"]);
        for relation in ["next", "prev", "NEXT", "Next prev"] {
            assert_eq!(links[relation].target(), "3", "{relation}");
        }
        assert_eq!(links["4"].target(), "4");
        assert!(links.get("3").is_none(), "it has a relation");
        assert_eq!(links.len(), 4);
    }

    #[test]
    fn lnk_2_as_rfc_8288_has_it() {
        let cases: [(&str, &[&str]); 9] = [
            ("<a,b;c>; rel=x", &["a,b;c rel=x"]),
            ("<a>; title=\"one, <two>; three\"; rel=x, <b>", &["a title=one, <two>; three rel=x", "b"]),
            ("<a>; title=\"a\\\"b\"; rel=x", &["a title=a\"b rel=x"]),
            ("<a>; q=1=2; rel=x", &["a q=1=2 rel=x"]),
            ("<a>; flag; rel=x", &["a flag= rel=x"]),
            ("<>; rel=self", &[" rel=self"]),
            (" , <a>,, <b> ,", &["a", "b"]),
            ("nonsense; x=\",\", <a>; rel=x", &["a rel=x"]),
            ("<a>; rel=x, <open", &["a rel=x"]),
        ];
        for (value, expected) in cases {
            assert_eq!(shown(value), expected, "{value}");
        }
        let twice = parse("<a>; rel=first; rel=second");
        assert_eq!(
            twice.get("first").map(Link::target),
            Some("a"),
            "of several rel the first counts (RFC 8288 §3.3)"
        );
        assert!(twice.get("second").is_none());
    }

    #[test]
    fn lnk_4_targets_as_given_and_resolved() {
        let cases = [
            ("<d>", "http://h/a/d"),
            ("</d>", "http://h/d"),
            ("<?p=2>", "http://h/a/b?p=2"),
            ("<>", "http://h/a/b?c"),
            ("<//other/é>", "http://other/%C3%A9"),
            ("<https://x/>", "https://x/"),
        ];
        for (value, expected) in cases {
            let links = parse(value);
            let link = links.iter().next().unwrap();
            assert_eq!(link.url().unwrap().as_str(), expected, "{value}");
            assert_eq!(format!("<{}>", link.target()), value);
        }
        assert_eq!(parse("<http://[>").iter().next().unwrap().url(), None);
    }

    #[test]
    fn a_title_in_any_language() {
        let links = parse("<a>; title=\"plain\"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel");
        assert_eq!(links["a"].title().unwrap(), "nächstes Kapitel");
        assert_eq!(parse("<a>; title=p; title*=bad")["a"].title().unwrap(), "p");
        assert_eq!(parse("<a>")["a"].title(), None);
    }

    /// One pass over whatever a server sends (SEC-46 for this header).
    #[test]
    fn a_megabyte_of_anything_takes_no_time() {
        for unit in ["<", "<a>;", "\"", "<a>,", ",", ";=", "<a>;\"\\", "<,", "<a,", "<;"] {
            let _ = parse(&unit.repeat(1_000_000 / unit.len()));
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(value in ".{0,200}") {
            let _ = parse(&value);
        }

        #[test]
        fn what_is_written_is_read(
            links in prop::collection::vec(
                ("[a-z/?,;=]{1,10}", prop::collection::vec(("[a-z]{1,5}", "[ -~]{0,10}"), 0..4)),
                0..5,
            )
        ) {
            let written: Vec<String> = links.iter().map(|(target, params)| {
                params.iter().fold(format!("<{target}>"), |out, (name, value)| {
                    let value = value.replace('\\', r"\\").replace('"', r#"\""#);
                    format!("{out}; {name}=\"{value}\"")
                })
            }).collect();
            let read: Vec<_> = parse(&written.join(", ")).iter().map(|link| {
                let params = link.params().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                (link.target().to_owned(), params)
            }).collect();
            prop_assert_eq!(read, links);
        }
    }
}
