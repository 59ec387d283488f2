//! From settings to the pool's routes: TLS settings, proxies, and the table in which routes are found again.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use reqs_pool::{Identity, LocalSettings, Proxy, ProxyKind, Route, TlsSettings};
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::options::{Cert, Options, Verify};

/// What every route of an adapter starts from, and those that were made.
#[derive(Default)]
pub(crate) struct Roads {
    /// The route of requests that ask for nothing special, found without a lock.
    pub(crate) plain: Route,
    /// Routes made of other settings, so that TLS settings are built once and connections made under them are found
    /// again.
    made: Mutex<Vec<(Settings, Route)>>,
}

/// What makes one route differ from another.
#[derive(Clone, PartialEq)]
struct Settings {
    verify: Option<Verify>,
    cert: Option<Cert>,
    proxy: Option<String>,
    proxy_authorization: Option<String>,
}

/// How many routes are remembered; programs use a handful, and a forgotten one is only made again.
const ROUTES: usize = 64;

impl Roads {
    /// Changes how sockets are made.
    pub(crate) fn local(&mut self, change: impl FnOnce(&mut LocalSettings)) {
        change(Arc::make_mut(&mut self.plain.local));
        self.forget();
    }

    /// Changes what TLS starts from.
    pub(crate) fn tls(&mut self, change: impl FnOnce(&mut TlsSettings)) {
        change(Arc::make_mut(&mut self.plain.tls));
        self.forget();
    }

    fn forget(&mut self) {
        self.made.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The route to this URL under these options. `proxy_authorization` is what the request itself says to its proxy.
    pub(crate) fn find(
        &self,
        url: &Url,
        options: &Options,
        proxy_authorization: Option<&str>,
    ) -> Result<Cow<'_, Route>> {
        let proxy = options.proxies.select(url);
        let is_https = url.scheme() == "https";
        // Files of certificates are not asked for where there is no TLS (TLS-3, TLS-4).
        let verify = options.verify.as_ref().filter(|_| is_https || proxy.is_some());
        let verify = verify.filter(|verify| !self.is_the_plain(verify));
        let cert = options.cert.as_ref().filter(|_| is_https);
        if proxy.is_none() && cert.is_none() && verify.is_none() {
            // Lent, since a count of its users would be written by every thread for every request.
            return Ok(Cow::Borrowed(&self.plain));
        }
        let proxy_authorization = proxy_authorization.filter(|_| proxy.is_some());
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.iter().find(|(settings, _)| {
            settings.verify.as_ref() == verify
                && settings.cert.as_ref() == cert
                && settings.proxy.as_deref() == proxy
                && settings.proxy_authorization.as_deref() == proxy_authorization
        });
        if let Some((_, route)) = known {
            return Ok(Cow::Owned(route.clone()));
        }
        let settings = Settings {
            verify: verify.cloned(),
            cert: cert.cloned(),
            proxy: proxy.map(str::to_owned),
            proxy_authorization: proxy_authorization.map(str::to_owned),
        };
        let route = self.make(&settings)?;
        if made.len() == ROUTES {
            made.remove(0);
        }
        made.push((settings, route.clone()));
        Ok(Cow::Owned(route))
    }

    fn is_the_plain(&self, verify: &Verify) -> bool {
        *verify == Verify::On && self.plain.tls.verify == reqs_pool::Verify::System
    }

    fn make(&self, settings: &Settings) -> Result<Route> {
        // Destructured without `..`, so that a new setting cannot be forgotten here.
        let Settings { verify, cert, proxy, proxy_authorization } = settings;
        let mut route = self.plain.clone();
        if let Some(verify) = verify {
            Arc::make_mut(&mut route.tls).verify = match verify {
                Verify::On => reqs_pool::Verify::System,
                Verify::Off => reqs_pool::Verify::Off,
                Verify::Path(path) => reqs_pool::Verify::Path(path.to_path_buf()),
                Verify::Pem(pem) => reqs_pool::Verify::Pem(Arc::clone(pem)),
            };
        }
        if let Some(cert) = cert {
            Arc::make_mut(&mut route.tls).identity = Some(match cert {
                Cert::Combined(path) => Identity::Combined(path.to_path_buf()),
                Cert::Pair { cert, key } => {
                    Identity::Pair { cert: cert.to_path_buf(), key: key.to_path_buf() }
                }
                Cert::Pem(pem) => Identity::Pem(Arc::clone(pem)),
            });
        }
        if let Some(proxy) = proxy {
            let mut proxy = parse_proxy(proxy)?;
            // The URL's credentials come before the header's (PRX-9), and SOCKS knows no headers.
            let speaks_http = matches!(proxy.kind, ProxyKind::Http | ProxyKind::Https);
            if speaks_http && proxy.authorization.is_none() {
                proxy.authorization = proxy_authorization.clone();
            }
            route.proxy = Some(Arc::new(proxy));
        }
        Ok(route)
    }
}

/// Routes hide their own secrets; the settings that they were made of are counted only.
impl fmt::Debug for Roads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made = self.made.try_lock().map_or(0, |made| made.len());
        f.debug_struct("Roads").field("plain", &self.plain).field("made", &made).finish()
    }
}

/// A proxy's URL; without a scheme it is `http` (PRX-7, PRX-8).
fn parse_proxy(given: &str) -> Result<Proxy> {
    let invalid = |reason: &str| {
        let shown = given.rsplit('@').next().unwrap_or_default();
        let message = format!("the proxy '{}' cannot be used: {reason}", shown.escape_debug());
        Error::new(ErrorKind::InvalidProxyUrl, message)
    };
    let no_host = "Please check proxy URL. It is malformed and could be missing the host.";
    if given.split_once(':').is_some_and(|(_, rest)| rest.starts_with('/') && !rest.starts_with("//")) {
        return Err(invalid(no_host));
    }
    let with_scheme = match given.contains("://") {
        true => given.to_owned(),
        false => format!("http://{}", given.strip_prefix("//").unwrap_or(given)),
    };
    let url = Url::parse(&with_scheme).map_err(|error| match error {
        url::ParseError::EmptyHost => invalid(no_host),
        error => invalid(&error.to_string()),
    })?;
    let (kind, port) = match url.scheme() {
        "http" => (ProxyKind::Http, 80),
        "https" => (ProxyKind::Https, 443),
        "socks4" => (ProxyKind::Socks4, 1080),
        "socks4a" => (ProxyKind::Socks4a, 1080),
        "socks5" => (ProxyKind::Socks5, 1080),
        "socks5h" => (ProxyKind::Socks5h, 1080),
        other => return Err(invalid(&format!("there are no {other} proxies"))),
    };
    // `http:///path` names no host for a person, though the URL standard finds one in it.
    let authority = with_scheme.split_once("://").map_or("", |(_, rest)| rest);
    let host = url.host_str().filter(|host| !host.is_empty() && !authority.starts_with(['/', '\\']));
    let host = host.ok_or_else(|| invalid(no_host))?;
    let mut proxy = Proxy::new(kind, host, url.port().unwrap_or(port));
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    // A `Url` does not tell `user:@` from `user@`.
    let userinfo =
        authority.split(['/', '?', '#']).next().and_then(|a| a.rsplit_once('@')).map_or("", |(u, _)| u);
    if userinfo.contains(':') {
        let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
        if matches!(kind, ProxyKind::Http | ProxyKind::Https) {
            let basic = reqs_auth::Basic::new(user.clone(), password.clone());
            proxy.authorization = Some(basic.authorization().map_err(|error| invalid(&error.to_string()))?);
        }
        proxy.username = Some(user);
        proxy.password = Some(password);
    } else if !url.username().is_empty() {
        proxy.username = Some(decoded(url.username()));
    }
    Ok(proxy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    /// t:test_prepend_scheme_if_needed, t:test_proxy_auth, t:test_proxy_auth_empty_pass
    #[test]
    fn prx_7_prx_9_what_a_proxys_url_says() {
        let basic = |text: &str| Some(format!("Basic {text}"));
        let cases = [
            ("example.com/path", ProxyKind::Http, "example.com", 80, None),
            ("//example.com/path", ProxyKind::Http, "example.com", 80, None),
            ("example.com:80", ProxyKind::Http, "example.com", 80, None),
            (
                "http://user:pass@example.com/path?query",
                ProxyKind::Http,
                "example.com",
                80,
                basic("dXNlcjpwYXNz"),
            ),
            ("http://user@example.com/path?query", ProxyKind::Http, "example.com", 80, None),
            ("///h", ProxyKind::Http, "", 0, None),
            ("http://h:8080", ProxyKind::Http, "h", 8080, None),
            ("https://h", ProxyKind::Https, "h", 443, None),
            ("user:pass@example.com", ProxyKind::Http, "example.com", 80, basic("dXNlcjpwYXNz")),
            ("http://user:@h/", ProxyKind::Http, "h", 80, basic("dXNlcjo=")),
            ("http://us%40er:p%3Ass@h/", ProxyKind::Http, "h", 80, basic("dXNAZXI6cDpzcw==")),
            ("http://user@h/", ProxyKind::Http, "h", 80, None),
            ("socks5h://u:p@[::1]:9", ProxyKind::Socks5h, "[::1]", 9, None),
        ];
        for (given, kind, host, port, authorization) in cases {
            match parse_proxy(given) {
                Ok(proxy) => {
                    assert_eq!((proxy.kind, proxy.host.as_str(), proxy.port), (kind, host, port), "{given}");
                    assert_eq!(proxy.authorization, authorization, "{given}");
                }
                Err(error) => assert!(host.is_empty(), "{given}: {error}"),
            }
        }
    }

    /// t:test_proxy_error_on_bad_url
    #[test]
    fn prx_8_sec_14_a_bad_proxy_url_is_its_own_error_and_shows_no_password() {
        for bad in [
            "http:/badproxyurl:3128",
            "http://:8080",
            "https://",
            "http:///example.com:8080",
            "ftp://h",
            "socks6://u:secret@h",
        ] {
            let error = parse_proxy(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidProxyUrl, "{bad}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn sec_02_sec_11_a_requests_own_word_to_the_proxy_is_part_of_the_route() {
        let roads = Roads::default();
        let options = Options::new().proxy("all", "http://p:1");
        let to = |options: &Options, own| roads.find(&url("https://h/"), options, own).unwrap().into_owned();
        assert_eq!(
            to(&options, Some("Basic own")).proxy.unwrap().authorization.as_deref(),
            Some("Basic own")
        );
        assert_eq!(to(&options, None).proxy.unwrap().authorization, None);
        let with_url = Options::new().proxy("all", "http://u:p@p:1");
        assert_eq!(
            to(&with_url, Some("Basic own")).proxy.unwrap().authorization.as_deref(),
            Some("Basic dTpw")
        );
        assert!(to(&Options::new(), Some("Basic own")).proxy.is_none());
        let socks = Options::new().proxy("all", "socks5://p:1");
        assert_eq!(to(&socks, Some("Basic own")).proxy.unwrap().authorization, None);
        assert!(!format!("{roads:?}").contains("Basic own"));
    }

    #[test]
    fn tls_3_tls_4_files_are_not_asked_for_without_tls() {
        let roads = Roads::default();
        let options = Options::new().verify("/none/ca.pem").cert("/none/cert.pem");
        assert_eq!(*roads.find(&url("http://h/"), &options, None).unwrap(), Route::default());
        assert_ne!(*roads.find(&url("https://h/"), &options, None).unwrap(), Route::default());
        let on = Options::new().verify(true);
        assert_eq!(*roads.find(&url("https://h/"), &on, None).unwrap(), Route::default());
    }

    #[test]
    fn what_the_adapter_was_given_holds_unless_the_request_says_otherwise() {
        let mut roads = Roads::default();
        roads.tls(|tls| tls.verify = reqs_pool::Verify::Off);
        let verify =
            |options: &Options| roads.find(&url("https://h/"), options, None).unwrap().tls.verify.clone();
        assert_eq!(verify(&Options::new()), reqs_pool::Verify::Off);
        assert_eq!(verify(&Options::new().verify(true)), reqs_pool::Verify::System);
    }
}
