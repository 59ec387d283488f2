//! How a request is sent: what a session has a setting for, too, said for this one alone.

use crate::error::Result;
use crate::hooks::Hooks;
use crate::options::{Cert, Options, Verify};
use crate::proxies::Proxies;
use crate::redirect_policy::RedirectPolicy;
use crate::request::Request;
use crate::response::{Response, Stream};
use crate::retry::Retry;
use crate::timeout::Timeout;

/// How it is sent: each setting wins over the session's of the same name.
impl<C> Request<C> {
    /// Limits the waiting: seconds, as a number or a [`Duration`](std::time::Duration), for connecting and for every wait
    /// for bytes, or a pair with one for each; see [`Timeout`], which can limit the whole as well. By default the
    /// session's, which is none. (Requests: `timeout=`.)
    ///
    /// ```no_run
    /// use reqs::Timeout;
    ///
    /// reqs::get("https://example.com/").timeout(5).send()?;
    /// reqs::get("https://example.com/").timeout((3.05, 27)).send()?;
    /// reqs::get("https://example.com/").timeout(Timeout::from(5).total(60)).send()?;
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.plan.options().timeout = Some(timeout.into());
        self
    }

    /// Whether redirects are followed. By default they are, but for [`head`](crate::head). (Requests:
    /// `allow_redirects=`.)
    pub fn allow_redirects(mut self, allow: bool) -> Self {
        self.plan.options().allow_redirects = Some(allow);
        self
    }

    /// How many redirects are followed before
    /// [`TooManyRedirects`](crate::ErrorKind::TooManyRedirects); 30 by default. (Requests: `Session.max_redirects`.)
    pub fn max_redirects(mut self, limit: u32) -> Self {
        self.plan.options().max_redirects = Some(limit);
        self
    }

    /// Whether, or against which roots, the server's certificate is verified: a `bool`, or the path of a PEM file or of a
    /// directory; see [`Verify`]. By default the session's, then those that `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE`
    /// name, then the system's. (Requests: `verify=`.)
    pub fn verify(mut self, verify: impl Into<Verify>) -> Self {
        self.plan.options().verify = Some(verify.into());
        self
    }

    /// The client's certificate: the path of a PEM file with its key, or a pair of paths of certificate and key, which is
    /// not encrypted. (Requests: `cert=`.)
    pub fn cert(mut self, cert: impl Into<Cert>) -> Self {
        self.plan.options().cert = Some(cert.into());
        self
    }

    /// Adds the proxy for this scheme, or `scheme://host`; see [`Proxies`]. (Requests: `proxies=`.)
    ///
    /// ```no_run
    /// reqs::get("https://example.org").proxy("https", "socks5h://user:pass@127.0.0.1:1080").send()?;
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn proxy(mut self, scheme: impl Into<String>, url: impl Into<String>) -> Self {
        self.plan.options().proxies.insert(scheme, url);
        self
    }

    /// Adds proxies, by scheme or `scheme://host`; see [`Proxies`]. Each takes the place of one said before for the same
    /// key. (Requests: `proxies=`.)
    pub fn proxies(mut self, proxies: impl Into<Proxies>) -> Self {
        self.plan.options().proxies.replace(proxies.into());
        self
    }

    /// Sets several settings at once; what these leave unsaid stays as it was.
    pub fn options(mut self, options: Options) -> Self {
        let said = self.plan.options();
        *said = options.over(said);
        self
    }

    /// Which redirects are followed, and which headers stay behind; see [`RedirectPolicy`]. All, by default.
    pub fn redirects(mut self, policy: RedirectPolicy) -> Self {
        self.plan.options().redirects = Some(policy);
        self
    }

    /// When the request is sent again: a number of retries, or a [`Retry`]. Never, by default.
    pub fn retry(mut self, retry: impl Into<Retry>) -> Self {
        self.plan.options().retry = Some(retry.into());
        self
    }

    /// Whether a status of 400 or above is an error of `send` and `stream`, as
    /// [`Response::raise_for_status`](crate::Response::raise_for_status) makes it. Off by default.
    pub fn raise_for_status(mut self, raise: bool) -> Self {
        self.plan.options().raise_for_status = Some(raise);
        self
    }

    /// Calls these hooks, of each kind in place of the session's; see [`Hooks`]. (Requests: `hooks=`.)
    pub fn hooks(mut self, hooks: Hooks) -> Self {
        self.plan.hooks = hooks.over(&self.plan.hooks);
        self
    }

    /// Calls this with each response of the chain, before its body is read, in place of the session's hooks for
    /// responses; see [`Hooks::response`]. (Requests: `hooks=`.)
    ///
    /// ```no_run
    /// let r = reqs::get("https://example.com/")
    ///     .on_response(|r| {
    ///         println!("{} {}", r.status(), r.url());
    ///         Ok(r)
    ///     })
    ///     .send()?;
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn on_response<F>(mut self, hook: F) -> Self
    where
        F: Fn(Response<Stream>) -> Result<Response<Stream>> + Send + Sync + 'static,
    {
        self.plan.hooks.response(hook);
        self
    }
}
