//! What a person's own code may do along the way of a request.

use std::fmt;
use std::mem::discriminant;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::prepared::PreparedRequest;
use crate::request::Request;
use crate::response::{Response, Stream};

/// Closures that are called while a request is on its way. (Requests: `hooks=`.)
///
/// In the order of a request's life: [`before_prepare`](Hooks::before_prepare), [`before_send`](Hooks::before_send),
/// [`retry`](Hooks::retry), [`response`](Hooks::response), [`redirect`](Hooks::redirect). Each may look, change, replace,
/// or refuse with an error, which reaches the caller. Hooks of one kind are called in the order in which they were
/// added, each with what the one before it left. A request that has hooks of a kind is not given the session's of that
/// kind (SES-18).
///
/// ```
/// let mut session = reqs::Session::new();
/// session.hooks.before_prepare(|request| Ok(request.header("x-request-id", "42")));
/// session.hooks.response(|r| {
///     println!("{} {}", r.status(), r.url());
///     Ok(r)
/// });
/// ```
#[derive(Clone, Default)]
pub struct Hooks(
    /// Nothing where there are none, so that a request without hooks carries one word and copies nothing.
    /// In the order in which they were added.
    Option<Arc<Vec<(HookId, Hook)>>>,
);

#[derive(Clone)]
enum Hook {
    BeforePrepare(BeforePrepare),
    BeforeSend(BeforeSend),
    Response(OnResponse),
    Redirect(OnRedirect),
    Retry(OnRetry),
}

type BeforePrepare = Arc<dyn Fn(Request) -> Result<Request> + Send + Sync>;
type BeforeSend = Arc<dyn Fn(&mut PreparedRequest) -> Result<Option<Response<Stream>>> + Send + Sync>;
type OnResponse = Arc<dyn Fn(Response<Stream>) -> Result<Response<Stream>> + Send + Sync>;
type OnRedirect = Arc<dyn Fn(&Response<Stream>, &mut PreparedRequest) -> Result<()> + Send + Sync>;
type OnRetry = Arc<dyn Fn(&mut Retrying<'_>) -> Result<()> + Send + Sync>;

/// Names a hook that was added, so that it can be [removed](Hooks::remove).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HookId(u64);

impl HookId {
    fn next() -> HookId {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        HookId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// What a [`before_send`](Hooks::before_send) hook may return: nothing, a [`Result`], or a `Result` with the response that
/// is to stand for the server's.
#[diagnostic::on_unimplemented(
    message = "a `before_send` hook cannot return `{Self}`",
    label = "this hook returns `{Self}`",
    note = "it returns nothing, `reqs::Result<()>`, or `reqs::Result<Option<Response<Stream>>>` to answer in the server's place"
)]
pub trait SendOutcome: sealed::Sealed {
    #[doc(hidden)]
    fn into_result(self) -> Result<Option<Response<Stream>>>;
}

impl SendOutcome for () {
    fn into_result(self) -> Result<Option<Response<Stream>>> {
        Ok(None)
    }
}

impl SendOutcome for Result<()> {
    fn into_result(self) -> Result<Option<Response<Stream>>> {
        self.map(|()| None)
    }
}

impl SendOutcome for Result<Option<Response<Stream>>> {
    fn into_result(self) -> Result<Option<Response<Stream>>> {
        self
    }
}

mod sealed {
    use crate::error::Result;
    use crate::response::{Response, Stream};

    pub trait Sealed {}
    impl Sealed for () {}
    impl Sealed for Result<()> {}
    impl Sealed for Result<Option<Response<Stream>>> {}
}

/// A request about to be sent again, as [`retry`](Hooks::retry) hooks see it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Retrying<'a> {
    /// Which retry this will be; the first is 1.
    pub attempt: u32,
    /// How long to wait before it. Change it at will.
    pub wait: Duration,
    /// The request that will be sent. Change it at will: take a fresh token, turn to another host.
    pub request: &'a mut PreparedRequest,
    /// The error that is the reason, unless a response is.
    pub error: Option<&'a Error>,
    /// The response that is the reason, unless an error is; its body is not read.
    pub response: Option<&'a Response<Stream>>,
}

impl Hooks {
    /// No hooks.
    pub fn new() -> Hooks {
        Hooks::default()
    }

    /// Adds a hook that is given every request before the session's defaults are merged into it: what it sets counts as
    /// said by the request. Called once per request, not for redirects.
    pub fn before_prepare<F>(&mut self, hook: F) -> HookId
    where
        F: Fn(Request) -> Result<Request> + Send + Sync + 'static,
    {
        self.add(Hook::BeforePrepare(Arc::new(hook)))
    }

    /// Adds a hook that is given every request right before it is handed to its adapter: redirected ones and those with an
    /// answer to a challenge too, retries not. It may change what is sent; a digest is over what was there before. Where it
    /// returns a response, that one stands for the server's and nothing is sent. Headers that it sets are not carried to
    /// another origin by a redirect: it is asked again there.
    ///
    /// ```
    /// # use reqs::{PreparedRequest, Response, Session};
    /// let mut session = Session::new();
    /// session.hooks.before_send(|request: &mut PreparedRequest| {
    ///     let known = request.url.path() == "/cached";
    ///     Ok(known.then(|| Response::builder().body("from a cache").build()))
    /// });
    /// assert_eq!(session.get("http://example.com/cached").send()?.text(), "from a cache");
    /// # Ok::<(), reqs::Error>(())
    /// ```
    pub fn before_send<F, O>(&mut self, hook: F) -> HookId
    where
        F: Fn(&mut PreparedRequest) -> O + Send + Sync + 'static,
        O: SendOutcome,
    {
        let hook = move |request: &mut PreparedRequest| hook(request).into_result();
        self.add(Hook::BeforeSend(Arc::new(hook)))
    }

    /// Adds a hook for responses: every one of a chain, redirects and challenges too, before its body is read. (Requests:
    /// `hooks={'response': …}`.)
    pub fn response<F>(&mut self, hook: F) -> HookId
    where
        F: Fn(Response<Stream>) -> Result<Response<Stream>> + Send + Sync + 'static,
    {
        self.add(Hook::Response(Arc::new(hook)))
    }

    /// Adds a hook that is given every redirect that is about to be followed, and the request that will follow it. What it
    /// changes there is sent as it is: headers that were taken away for a stranger's sake are the hook's to give back.
    pub fn redirect<F>(&mut self, hook: F) -> HookId
    where
        F: Fn(&Response<Stream>, &mut PreparedRequest) -> Result<()> + Send + Sync + 'static,
    {
        self.add(Hook::Redirect(Arc::new(hook)))
    }

    /// Adds a hook that is called before a [`Retry`](crate::Retry) waits and sends a request again.
    pub fn retry<F>(&mut self, hook: F) -> HookId
    where
        F: Fn(&mut Retrying<'_>) -> Result<()> + Send + Sync + 'static,
    {
        self.add(Hook::Retry(Arc::new(hook)))
    }

    /// Takes one hook away, and says whether it was there. (Requests: `deregister_hook`.)
    pub fn remove(&mut self, id: HookId) -> bool {
        let Some(hooks) = &mut self.0 else { return false };
        let Some(at) = hooks.iter().position(|(known, _)| *known == id) else { return false };
        match hooks.len() {
            1 => self.0 = None,
            _ => drop(Arc::make_mut(hooks).remove(at)),
        }
        true
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.0 = None;
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn add(&mut self, hook: Hook) -> HookId {
        let id = HookId::next();
        Arc::make_mut(self.0.get_or_insert_default()).push((id, hook));
        id
    }

    /// These over `base`: of each kind these if there are any, else those of `base` (SES-18).
    pub(crate) fn over(self, base: &Hooks) -> Hooks {
        let Some(base) = &base.0 else { return self };
        let Some(own) = &self.0 else { return Hooks(Some(Arc::clone(base))) };
        let is_unsaid = |hook: &Hook| !own.iter().any(|(_, said)| discriminant(said) == discriminant(hook));
        let below = base.iter().filter(|(_, hook)| is_unsaid(hook));
        Hooks(Some(Arc::new(own.iter().chain(below).cloned().collect())))
    }

    /// The hooks that are here and were not in `earlier`.
    pub(crate) fn added_since(&self, earlier: &Hooks) -> Vec<HookId> {
        let is_new = |id: &HookId| earlier.list().iter().all(|(known, _)| known != id);
        self.list().iter().map(|(id, _)| *id).filter(is_new).collect()
    }

    fn list(&self) -> &[(HookId, Hook)] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    /// What `kind` takes out of the hooks, in the order in which they were added.
    fn of<'a, T: ?Sized + 'a>(
        &'a self,
        kind: impl Fn(&'a Hook) -> Option<&'a Arc<T>>,
    ) -> impl Iterator<Item = &'a Arc<T>> {
        self.list().iter().filter_map(move |(_, hook)| kind(hook))
    }

    pub(crate) fn run_before_prepare(&self, plan: Plan) -> Result<Plan> {
        let mut hooks = self.of(Hook::before_prepare).peekable();
        if hooks.peek().is_none() {
            return Ok(plan);
        }
        let changed = hooks.try_fold(Request::from_plan(plan), |request, hook| hook(request))?;
        Ok(changed.into_plan())
    }

    pub(crate) fn has_before_send(&self) -> bool {
        self.of(Hook::before_send).next().is_some()
    }

    /// The response of the first hook that has one.
    pub(crate) fn run_before_send(&self, request: &mut PreparedRequest) -> Result<Option<Response<Stream>>> {
        for hook in self.of(Hook::before_send) {
            if let Some(response) = hook(request)? {
                return Ok(Some(response));
            }
        }
        Ok(None)
    }

    pub(crate) fn run_response(&self, response: Response<Stream>) -> Result<Response<Stream>> {
        self.of(Hook::response).try_fold(response, |response, hook| hook(response))
    }

    pub(crate) fn run_redirect(&self, from: &Response<Stream>, next: &mut PreparedRequest) -> Result<()> {
        self.of(Hook::redirect).try_for_each(|hook| hook(from, next))
    }

    pub(crate) fn has_retry(&self) -> bool {
        self.of(Hook::retry).next().is_some()
    }

    pub(crate) fn run_retry(&self, retrying: &mut Retrying<'_>) -> Result<()> {
        self.of(Hook::retry).try_for_each(|hook| hook(retrying))
    }
}

macro_rules! kinds {
    ($($name:ident $kind:ident $hook:ty)*) => {
        impl Hook {$(
            fn $name(&self) -> Option<&$hook> {
                if let Hook::$kind(hook) = self { Some(hook) } else { None }
            }
        )*}
    };
}
kinds! {
    before_prepare BeforePrepare BeforePrepare
    before_send BeforeSend BeforeSend
    response Response OnResponse
    redirect Redirect OnRedirect
    retry Retry OnRetry
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hooks({})", self.list().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &'static str) -> impl Fn(Response<Stream>) -> Result<Response<Stream>> {
        move |mut r| {
            r.head.head.headers.append("X-Seen-By", name);
            Ok(r)
        }
    }

    fn seen(hooks: &Hooks) -> String {
        let r = hooks.run_response(Response::builder().build()).unwrap();
        r.headers().joined("X-Seen-By").unwrap_or_default().into_owned()
    }

    /// t:test_hooks: one hook, and three of which the second returns what it was given.
    #[test]
    fn hok_1_each_hook_is_given_what_the_last_one_returned() {
        let behead = |mut r: Response<Stream>| {
            let shorter = r.headers()["X-Value"][1..].to_owned();
            r.head.head.headers.insert("X-Value", shorter);
            Ok(r)
        };
        let mut hooks = Hooks::new();
        let value = |hooks: &Hooks| {
            let r = Response::builder().header("X-Value", "Data").build();
            hooks.run_response(r).unwrap().headers()["X-Value"].to_owned()
        };
        hooks.response(behead);
        assert_eq!(value(&hooks), "ata");
        hooks.response(Ok);
        hooks.response(behead);
        assert_eq!(value(&hooks), "ta");
    }

    /// t:test_default_hooks
    #[test]
    fn hok_1_there_are_none_by_default() {
        let hooks = Hooks::default();
        assert!(hooks.is_empty() && !hooks.has_before_send() && !hooks.has_retry());
        assert_eq!(seen(&hooks), "");
        assert!(crate::Session::new().hooks.is_empty());
    }

    #[test]
    fn hok_1_hooks_run_in_order_and_chain() {
        let mut hooks = Hooks::new();
        assert!(hooks.is_empty());
        hooks.response(named("a"));
        hooks.response(named("b"));
        assert_eq!(seen(&hooks), "a, b");
    }

    #[test]
    fn hok_3_a_hook_can_be_removed_once() {
        let mut hooks = Hooks::new();
        let a = hooks.response(named("a"));
        hooks.response(named("b"));
        let copy = hooks.clone();
        assert!(hooks.remove(a));
        assert!(!hooks.remove(a));
        assert_eq!((seen(&hooks).as_str(), seen(&copy).as_str()), ("b", "a, b"));
        hooks.clear();
        assert!(hooks.is_empty() && !hooks.remove(a));
    }

    /// t:test_session_hooks_are_used_with_no_request_hooks, t:test_session_hooks_are_overridden_by_request_hooks
    #[test]
    fn ses_18_each_kind_is_the_requests_or_the_sessions() {
        let mut session = Hooks::new();
        session.response(named("session"));
        let mut own = Hooks::new();
        own.before_send(|_: &mut PreparedRequest| ());
        let merged = own.clone().over(&session);
        assert_eq!(seen(&merged), "session");
        assert!(merged.has_before_send());
        own.response(named("request"));
        assert_eq!(seen(&own.over(&session)), "request");
        assert_eq!(seen(&Hooks::new().over(&session)), "session");
    }
}
