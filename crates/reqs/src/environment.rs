//! What the process's environment says about proxies, roots and netrc: read once, then a plain value.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::options::{Level, Verify};
use crate::proxies::Proxies;

/// The environment's say, taken when a session sends its first request.
///
/// `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` in either case, the lower one first; `REQUESTS_CA_BUNDLE`
/// or `CURL_CA_BUNDLE`; `NETRC`. A session with [`trust_env`](crate::Session::trust_env) off ignores it all.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub(crate) proxies: Proxies,
    pub(crate) verify: Option<Verify>,
    /// The value of `NETRC`; an empty one is no file, not even that of the home directory (AUT-5).
    pub(crate) netrc: Option<OsString>,
}

impl Environment {
    /// The process's own environment.
    pub fn of_process() -> Environment {
        let relevant = |name: &str| {
            let lower = name.to_ascii_lowercase();
            lower.ends_with("_proxy") || RELEVANT.contains(&name)
        };
        let mut variables = Variables::default();
        for (name, value) in std::env::vars_os() {
            if let Some(name) = name.to_str().filter(|name| relevant(name)) {
                variables.insert(name.to_owned(), value);
            }
        }
        Environment::from_variables(&variables)
    }

    /// The environment that these variables would make; for tests, and for programs with a configuration of their
    /// own.
    pub fn new<N: Into<String>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Environment {
        let mut known = Variables::default();
        variables.into_iter().for_each(|(name, value)| known.insert(name.into(), value.into()));
        Environment::from_variables(&known)
    }

    /// Whether it says nothing about how requests are sent, as most do.
    pub(crate) fn is_silent(&self) -> bool {
        self.verify.is_none() && self.proxies.is_empty()
    }

    /// What the environment says, as the last of the levels.
    pub(crate) fn level(&self) -> Level<'_> {
        Level {
            timeout: None,
            verify: self.verify.as_ref(),
            cert: None,
            proxies: &self.proxies,
            allow_redirects: None,
            max_redirects: None,
            redirects: None,
            retry: None,
            raise_for_status: None,
        }
    }

    fn from_variables(variables: &Variables) -> Environment {
        let value = |name: &str| variables.get(name).filter(|value| !value.is_empty());
        let bundle = BUNDLES.iter().find_map(|name| value(name));
        Environment {
            proxies: proxies(variables),
            verify: bundle.map(|path| PathBuf::from(path).into()),
            netrc: variables.get("NETRC").cloned(),
        }
    }
}

/// Variables by name, in the order of their names. There are a handful, for which a hash table is much code.
#[derive(Default)]
struct Variables(Vec<(String, OsString)>);

impl Variables {
    /// Of two values of one name the later counts.
    fn insert(&mut self, name: String, value: OsString) {
        match self.find(&name) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    fn get(&self, name: &str) -> Option<&OsString> {
        self.find(name).ok().map(|at| &self.0[at].1)
    }

    /// Where the name is, or where it belongs.
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

/// In the order in which they are asked (TLS-1).
const BUNDLES: [&str; 2] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

const RELEVANT: [&str; 4] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC", "REQUEST_METHOD"];

/// `<scheme>_proxy` in any case; the lower-case name wins, even to say that there is none. Under CGI a request's
/// `Proxy` header arrives as `HTTP_PROXY`, so that one is not believed there (PRX-3, SEC-82).
fn proxies(variables: &Variables) -> Proxies {
    let cgi = variables.get("REQUEST_METHOD").is_some();
    let mut proxies = Proxies::default();
    // Lower-case letters come after upper-case ones, so that what is inserted last is what wins.
    for (name, value) in variables.0.iter().filter(|(name, _)| is_proxy(name)) {
        let lower = name.to_ascii_lowercase();
        if cgi && lower == "http_proxy" && *name != lower {
            continue;
        }
        let value = value.to_string_lossy();
        let key = if lower == "no_proxy" { "no_proxy" } else { lower.trim_end_matches("_proxy") };
        proxies.insert(key, value.trim());
    }
    proxies
}

fn is_proxy(name: &str) -> bool {
    name.len() > "_proxy".len() && name.to_ascii_lowercase().ends_with("_proxy")
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn selected(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let environment = Environment::new(variables.iter().copied());
        environment.proxies.select(&Url::parse(url).unwrap()).map(str::to_owned)
    }

    #[test]
    fn prx_3_any_case_and_the_lower_one_wins() {
        let http = "http://h/";
        assert_eq!(selected(&[("HTTP_PROXY", "http://up")], http).as_deref(), Some("http://up"));
        assert_eq!(
            selected(&[("HTTP_PROXY", "http://up"), ("http_proxy", "http://lo")], http).unwrap(),
            "http://lo"
        );
        assert_eq!(selected(&[("HTTP_PROXY", "http://up"), ("http_proxy", "")], http), None);
        assert_eq!(selected(&[("ALL_PROXY", "socks5://a")], "https://h/").as_deref(), Some("socks5://a"));
        assert_eq!(selected(&[("http_proxy", "http://p"), ("NO_PROXY", "h")], http), None);
    }

    #[test]
    fn sec_82_http_proxy_is_not_believed_under_cgi() {
        let cgi = [("HTTP_PROXY", "http://evil"), ("REQUEST_METHOD", "GET")];
        assert_eq!(selected(&cgi, "http://h/"), None);
        let lower = [("http_proxy", "http://mine"), ("REQUEST_METHOD", "GET")];
        assert_eq!(selected(&lower, "http://h/").as_deref(), Some("http://mine"));
    }

    /// t:test_env_cert_bundles
    #[test]
    fn tls_1_requests_bundle_before_curls_and_empty_is_nothing() {
        let (requests, curl) = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE");
        type Variables<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Variables<'_>, Option<&str>); 8] = [
            (&[], None),
            (&[(requests, "/a")], Some("/a")),
            (&[(requests, "")], None),
            (&[(curl, "/b")], Some("/b")),
            (&[(curl, "")], None),
            (&[(requests, ""), (curl, "")], None),
            (&[(requests, "/a"), (curl, "/b")], Some("/a")),
            (&[(requests, ""), (curl, "/b")], Some("/b")),
        ];
        for (variables, expected) in cases {
            let found = Environment::new(variables.iter().copied()).verify;
            assert_eq!(found, expected.map(Verify::from), "{variables:?}");
        }
    }

    /// Whether the URL goes through a proxy, where the environment lists `hosts` under that name, and the caller, if
    /// `own` is one, another list.
    fn is_proxied(variable: &str, own: Option<&str>, url: &str) -> bool {
        let hosts = "192.168.0.0/24,127.0.0.1,localhost.localdomain,172.16.1.1";
        let environment =
            Environment::new([("http_proxy", "http://proxy.example.com:3128/"), (variable, hosts)]);
        let said = own.map(|list| Proxies::from([("no_proxy", list)])).unwrap_or_default();
        said.over(&environment.proxies).select(&Url::parse(url).unwrap()).is_some()
    }

    const LISTED: [&str; 5] = [
        "http://192.168.0.1:5000/",
        "http://192.168.0.1/",
        "http://172.16.1.1/",
        "http://172.16.1.1:5000/",
        "http://localhost.localdomain:5000/v1.0/",
    ];
    const UNLISTED: [&str; 3] =
        ["http://192.168.1.1:5000/", "http://192.168.1.1/", "http://www.requests.com/"];

    /// t:TestGetEnvironProxies::test_bypass, t:TestGetEnvironProxies::test_not_bypass,
    /// t:TestGetEnvironProxies::test_bypass_no_proxy_keyword, t:TestGetEnvironProxies::test_not_bypass_no_proxy_keyword
    #[test]
    fn prx_3_prx_6_the_environments_list_and_the_callers() {
        for variable in ["no_proxy", "NO_PROXY"] {
            for url in LISTED {
                assert!(!is_proxied(variable, None, url), "{variable} {url}");
                assert!(is_proxied(variable, Some("192.168.1.1,requests.com"), url), "{variable} {url}");
            }
            for url in UNLISTED {
                assert!(is_proxied(variable, None, url), "{variable} {url}");
                assert!(!is_proxied(variable, Some("192.168.1.1,requests.com"), url), "{variable} {url}");
            }
        }
    }
}
