//! Who is asking: what signs a request before it is sent, and answers when a server asks for proof.

use std::fmt;
use std::sync::Arc;

use reqs_auth::{AnyAuth, Basic, Bearer, Digest, Origin, Target};
use reqs_proto::ResponseHead;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::prepared::PreparedRequest;

/// A way to authenticate requests. (Requests: `AuthBase`.)
///
/// A closure over the prepared request is one already; [`Basic`], [`Bearer`] and [`Digest`](reqs_auth::Digest) are
/// given. Every header that is set here, whatever its name, stays at the origin when a redirect leaves it, and is not
/// shown by Debug output, [`as_curl`](PreparedRequest::as_curl) or [`dump`](crate::Response::dump).
///
/// ```no_run
/// # use reqs::PreparedRequest;
/// reqs::get("http://pizzabin.org/admin")
///     .auth(|r: &mut PreparedRequest| r.headers.insert("x-pizza", "kenneth"))
///     .send()?;
/// # Ok::<(), reqs::Error>(())
/// ```
pub trait Auth: Send + Sync + 'static {
    /// Signs the request: the last step of preparing, so that method, URL, headers and body are those to be sent. A
    /// body set here has its Content-Length set anew (BOD-17).
    ///
    /// # Errors
    /// Whatever keeps it from signing; the request is not sent then.
    fn apply(&self, request: &mut PreparedRequest) -> Result<()>;

    /// The request to send in answer to this response, usually a 401, or `None` to let it stand. It is asked for every
    /// response until it has answered twice. [`challenge::parse`](reqs_auth::challenge::parse) reads `WWW-Authenticate`.
    ///
    /// # Errors
    /// Whatever makes the challenge unusable; the caller gets it instead of the response.
    fn answer(&self, _sent: &PreparedRequest, _head: &ResponseHead) -> Result<Option<PreparedRequest>> {
        Ok(None)
    }

    /// Signs anew what was signed before: the next request of a redirect that stays at the origin, or a retry. Nothing by
    /// default: what [`apply`](Auth::apply) set is still there. Where a signature covers the URL or counts, sign again.
    ///
    /// # Errors
    /// Whatever keeps it from signing; the request is not sent then.
    fn redirected(&self, _next: &mut PreparedRequest) -> Result<()> {
        Ok(())
    }

    /// Whether this goes along when a redirect leaves the origin, to sign there with [`apply`](Auth::apply). No by
    /// default; yes is only for what holds credentials for each origin of their own, as [`OriginAuth`](crate::OriginAuth) does.
    fn goes_to_other_origins(&self) -> bool {
        false
    }
}

impl<F, O> Auth for F
where
    F: Fn(&mut PreparedRequest) -> O + Send + Sync + 'static,
    O: Outcome,
{
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        self(request).into_result()
    }
}

impl Auth for Basic {
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        set_authorization(request, self.authorization())
    }
}

impl Auth for Bearer {
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        set_authorization(request, self.authorization())
    }
}

/// State is kept per origin, and used ahead of time there (DIG-5, SEC-53).
impl Auth for Digest {
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        ahead(request, |target| self.authorization(target));
        Ok(())
    }

    fn answer(&self, sent: &PreparedRequest, head: &ResponseHead) -> Result<Option<PreparedRequest>> {
        learn(sent, head, |info, origin, earlier| self.learn(info, origin, earlier));
        answer(sent, head, |challenges, target| self.answer(challenges, target, refusable(sent)))
    }

    fn redirected(&self, next: &mut PreparedRequest) -> Result<()> {
        next.headers.remove(AUTHORIZATION);
        self.apply(next)
    }
}

/// Digest where the server offers it, else Basic, and that only over TLS unless allowed.
impl Auth for AnyAuth {
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        ahead(request, |target| self.authorization(target));
        Ok(())
    }

    fn answer(&self, sent: &PreparedRequest, head: &ResponseHead) -> Result<Option<PreparedRequest>> {
        let earlier = sent.headers.get(AUTHORIZATION);
        learn(sent, head, |info, origin, earlier| self.learn(info, origin, earlier));
        answer(sent, head, |challenges, target| self.answer(challenges, target, earlier))
    }

    fn redirected(&self, next: &mut PreparedRequest) -> Result<()> {
        next.headers.remove(AUTHORIZATION);
        self.apply(next)
    }
}

const AUTHORIZATION: &str = "Authorization";

/// Takes in the `Authentication-Info` of a response to a request that was signed (RFC 7616 §3.5).
fn learn(sent: &PreparedRequest, head: &ResponseHead, take: impl FnOnce(&str, Origin<'_>, &str)) {
    if let Some(earlier) = sent.headers.get(AUTHORIZATION)
        && let Some(info) = head.headers.get("Authentication-Info")
    {
        take(info, origin(&sent.url), earlier);
    }
}

/// The credentials that a new challenge refuses. Not those that a redirect had signed: each place of a chain may
/// challenge once, even with the nonce of the place before (DIG-4). [`AnyAuth`] needs them all the same: it must not give
/// a password to who refused its hash.
fn refusable(sent: &PreparedRequest) -> Option<&str> {
    sent.headers.get(AUTHORIZATION).filter(|_| !sent.marks.signed_by_redirect)
}

/// Sets the credentials that may go ahead of a challenge, if there are any.
fn ahead(request: &mut PreparedRequest, authorization: impl FnOnce(Target<'_>) -> Option<String>) {
    if let Some(value) = authorization(target(request)) {
        set(request, &value);
    }
}

/// The same request with credentials, where a 4xx asks for them in a way that is understood (DIG-1, DIG-3).
fn answer<'h>(
    sent: &PreparedRequest,
    head: &'h ResponseHead,
    credentials: impl FnOnce(
        &mut dyn Iterator<Item = &'h str>,
        Target<'_>,
    ) -> std::result::Result<Option<String>, reqs_auth::Error>,
) -> Result<Option<PreparedRequest>> {
    if !head.status.is_client_error() || !head.headers.contains("WWW-Authenticate") {
        return Ok(None);
    }
    let mut challenges = head.headers.get_all("WWW-Authenticate");
    let value = credentials(&mut challenges, target(sent)).map_err(|error| {
        let message = format!("the server's challenge cannot be answered: {error}");
        Error::new(ErrorKind::InvalidResponse, message).with_source(error).with_url(&sent.url)
    })?;
    Ok(value.map(|value| {
        let mut next = sent.clone();
        set(&mut next, &value);
        next
    }))
}

/// Sets `Authorization` to these bytes. As text, names and realms beyond ASCII would go as ISO-8859-1, and Digest has
/// hashed them as UTF-8 (DIG-12).
fn set(request: &mut PreparedRequest, value: &str) {
    request.headers.insert_bytes(AUTHORIZATION, value.as_bytes());
}

fn target(request: &PreparedRequest) -> Target<'_> {
    Target {
        origin: origin(&request.url),
        method: request.method.as_str(),
        uri: request.path_url(),
        body: request.body.as_bytes(),
    }
}

fn origin(url: &Url) -> Origin<'_> {
    Origin {
        scheme: url.scheme(),
        host: url.host_str().unwrap_or_default(),
        port: url.port_or_known_default().unwrap_or_default(),
    }
}

fn set_authorization(
    request: &mut PreparedRequest,
    value: std::result::Result<String, reqs_auth::Error>,
) -> Result<()> {
    let value = value.map_err(|error| {
        Error::new(ErrorKind::InvalidHeader, error.to_string()).with_source(error).with_url(&request.url)
    })?;
    set(request, &value);
    Ok(())
}

/// What a closure that signs may return: nothing, or a [`Result`].
#[diagnostic::on_unimplemented(
    message = "a closure that signs cannot return `{Self}`",
    label = "this closure returns `{Self}`",
    note = "it returns nothing, or `reqs::Result<()>`; what it does is done to the request that it is lent"
)]
pub trait Outcome: sealed::Sealed {
    #[doc(hidden)]
    fn into_result(self) -> Result<()>;
}

impl Outcome for () {
    fn into_result(self) -> Result<()> {
        Ok(())
    }
}

impl Outcome for Result<()> {
    fn into_result(self) -> Result<()> {
        self
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl Sealed for crate::error::Result<()> {}
}

/// Any [`Auth`], shared: what `auth` settings hold. A pair of user name and password is Basic.
#[derive(Clone)]
pub struct SharedAuth(Arc<dyn Auth>);

impl SharedAuth {
    pub(crate) fn get(&self) -> &dyn Auth {
        &*self.0
    }
}

impl<A: Auth> From<A> for SharedAuth {
    fn from(auth: A) -> SharedAuth {
        SharedAuth(Arc::new(auth))
    }
}

impl<A: Auth> From<Arc<A>> for SharedAuth {
    fn from(auth: Arc<A>) -> SharedAuth {
        SharedAuth(auth)
    }
}

impl<U: Into<String>, P: Into<String>> From<(U, P)> for SharedAuth {
    fn from((user, password): (U, P)) -> SharedAuth {
        SharedAuth::from(Basic::new(user, password))
    }
}

/// Text alone is a token: [`Bearer`]. (niquests: `auth=` with a string.)
impl From<&str> for SharedAuth {
    fn from(token: &str) -> SharedAuth {
        SharedAuth::from(Bearer::new(token))
    }
}

impl From<&String> for SharedAuth {
    fn from(token: &String) -> SharedAuth {
        SharedAuth::from(token.as_str())
    }
}

impl From<String> for SharedAuth {
    fn from(token: String) -> SharedAuth {
        SharedAuth::from(Bearer::new(token))
    }
}

impl fmt::Debug for SharedAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedAuth(..)")
    }
}
