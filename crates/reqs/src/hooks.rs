//! What a person's own code may do along the way of a request.

use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::response::{Response, Stream};

type ResponseHook = Arc<dyn Fn(Response<Stream>) -> Result<Response<Stream>> + Send + Sync>;

/// Closures that are called while a request is on its way. (Requests: `hooks=`.)
///
/// `response` hooks see every response of a chain, redirects too, before its body is read; they may look, replace,
/// or refuse with an error, which reaches the caller. A request that has hooks of its own is not given the
/// session's (SES-18).
///
/// ```
/// let mut session = reqs::Session::new();
/// session.hooks.response(|r| {
///     println!("{} {}", r.status(), r.url());
///     Ok(r)
/// });
/// ```
#[derive(Clone, Default)]
pub struct Hooks {
    response: Vec<ResponseHook>,
}

impl Hooks {
    /// No hooks.
    pub fn new() -> Hooks {
        Hooks::default()
    }

    /// Adds a hook for responses; hooks are called in the order in which they were added, each with what the one
    /// before it returned.
    pub fn response<F>(&mut self, hook: F)
    where
        F: Fn(Response<Stream>) -> Result<Response<Stream>> + Send + Sync + 'static,
    {
        self.response.push(Arc::new(hook));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.response.is_empty()
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.response.clear();
    }

    pub(crate) fn run_response(&self, response: Response<Stream>) -> Result<Response<Stream>> {
        self.response.iter().try_fold(response, |response, hook| hook(response))
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hooks({} for responses)", self.response.len())
    }
}
