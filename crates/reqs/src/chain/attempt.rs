//! One request of a chain until it has a response: sent, retried where that was asked for, and given what every response
//! is owed, which is its request, its cookies kept, and its hooks run.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::{DRAIN, Rules};
use crate::adapter::Adapter;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::Retrying;
use crate::prepare;
use crate::prepared::PreparedRequest;
use crate::response::{Response, Stream};
use crate::retry::{self, Retry, SoFar, Verdict};

impl Rules<'_> {
    /// The response that the request has in the end. The request is left as it was sent last.
    pub(super) fn attempt(&self, request: &mut Arc<PreparedRequest>) -> Result<Response<Stream>> {
        if !request.hooks.has_before_send() {
            return self.send(request);
        }
        let started = Some(Instant::now());
        let (hooks, headers) = (request.hooks.clone(), request.headers.clone());
        let changed = Arc::make_mut(request);
        let given = hooks.run_before_send(changed);
        prepare::mark_auth_headers(&headers, changed);
        match given.map_err(|error| error.with_request(request))? {
            Some(response) => self.receive(request, response, started),
            None => self.send(request),
        }
    }

    fn send(&self, request: &mut Arc<PreparedRequest>) -> Result<Response<Stream>> {
        let mounted = self.session.adapters.find(&request.url)?;
        let adapter = &*mounted.adapter;
        // The request's own, then that of the adapter for just these URLs, then the session's for all.
        let retry = self.options.retry.as_ref().or_else(|| adapter.retry()).or(self.session.retry.as_ref());
        if let Some(retry) = retry {
            return self.send_with_retries(request, &retry.clone());
        }
        let started = (!mounted.tells_time).then(Instant::now);
        let response = self.send_by(adapter, request).map_err(|error| error.with_request(request))?;
        self.receive(request, response, started)
    }

    /// Sends until there is something that retrying cannot better.
    fn send_with_retries(
        &self,
        request: &mut Arc<PreparedRequest>,
        retry: &Retry,
    ) -> Result<Response<Stream>> {
        let mut so_far = SoFar::default();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let started = Some(Instant::now());
            // What is sent again may be another: signed anew, or changed by a hook.
            let asked = Arc::clone(request);
            let sent = self.send_once(&asked).map(|response| answering(&asked, response, started));
            let verdict = match &sent {
                Err(error) => retry.after_error(&request.method, error, &mut so_far),
                Ok(response) => {
                    let head = &response.head.head;
                    retry.after_response(&request.method, head, &mut so_far, SystemTime::now())
                }
            };
            let wait = match verdict {
                Verdict::Retry(wait) => self.before_retry(request, &sent, so_far.total, wait)?,
                Verdict::Accept | Verdict::Raise => None,
            };
            match (sent, wait) {
                (sent, Some(wait)) => {
                    if let Ok(response) = sent {
                        self.session.cookies.keep(&asked, response.url(), response.headers());
                        response.body.drain(DRAIN);
                    }
                    std::thread::sleep(wait);
                    request.body.rewind().map_err(|error| error.with_request(request))?;
                }
                (Ok(response), None) if verdict == Verdict::Raise => {
                    let response = self.receive(&asked, response, None)?;
                    let error = retry::exhausted(response.status(), attempts).with_request(&asked);
                    return Err(error.with_response(response.load_for_error()));
                }
                (Ok(response), None) => return self.receive(&asked, response, None),
                (Err(error), None) if attempts > 1 => {
                    return Err(error.noting(format_args!(" ({attempts} attempts)")).with_request(&asked));
                }
                (Err(error), None) => return Err(error.with_request(&asked)),
            }
        }
    }

    /// Gets a request ready to be sent again, and says how long to wait; `None` where it cannot be: its body is gone, or
    /// there is no time left.
    fn before_retry(
        &self,
        request: &mut Arc<PreparedRequest>,
        sent: &Result<Response<Stream>>,
        attempt: u32,
        wait: Duration,
    ) -> Result<Option<Duration>> {
        if !request.body.can_rewind() {
            log::debug!("no retry: the body can be read only once");
            return Ok(None);
        }
        let mut wait = wait;
        if let Some(auth) = request.auth.clone() {
            // What counts its uses, as Digest does, must not be seen twice.
            let signed = prepare::sign_again(Arc::make_mut(request), &auth);
            signed.map_err(|error| error.with_request(request))?;
        }
        if request.hooks.has_retry() {
            let hooks = request.hooks.clone();
            let mut retrying = Retrying {
                attempt,
                wait,
                request: Arc::make_mut(request),
                error: sent.as_ref().err(),
                response: sent.as_ref().ok(),
            };
            let outcome = hooks.run_retry(&mut retrying);
            wait = retrying.wait;
            outcome.map_err(|error| error.with_request(request))?;
        }
        let in_time =
            |deadline: Instant| Instant::now().checked_add(wait).is_some_and(|then| then < deadline);
        if !self.options.deadline.is_none_or(in_time) {
            log::debug!("no retry: waiting {wait:?} would outlast the total timeout");
            return Ok(None);
        }
        log::debug!("retry {attempt} in {wait:?}");
        Ok(Some(wait))
    }

    fn send_once(&self, request: &PreparedRequest) -> Result<Response<Stream>> {
        self.send_by(&*self.session.adapters.find(&request.url)?.adapter, request)
    }

    fn send_by(&self, adapter: &dyn Adapter, request: &PreparedRequest) -> Result<Response<Stream>> {
        if self.options.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            let message = "the total timeout ran out between two requests of a chain";
            return Err(Error::new(ErrorKind::Timeout, message));
        }
        adapter.send(request, self.options)
    }

    fn receive(
        &self,
        request: &Arc<PreparedRequest>,
        response: Response<Stream>,
        started: Option<Instant>,
    ) -> Result<Response<Stream>> {
        let response = answering(request, response, started);
        self.session.cookies.keep(request, response.url(), response.headers());
        if request.hooks.is_empty() {
            return Ok(response);
        }
        let hooked = request.hooks.run_response(response).map_err(|error| error.with_request(request))?;
        Ok(self.as_hooks_left_it(request, hooked))
    }

    /// A hook may have put another response in place, of another request even: its cookies count too (HOK-3).
    fn as_hooks_left_it(
        &self,
        request: &Arc<PreparedRequest>,
        mut response: Response<Stream>,
    ) -> Response<Stream> {
        response.head.request.get_or_insert_with(|| Arc::clone(request));
        for earlier in response.history() {
            let by = earlier.head.request.as_deref().unwrap_or(request);
            self.session.cookies.keep(by, earlier.url(), earlier.headers());
        }
        let by = response.request();
        if !std::ptr::eq(by, &**request) {
            self.session.cookies.keep(by, response.url(), response.headers());
        }
        response
    }
}

/// The response, told which request it answers and how long that took.
fn answering(
    request: &Arc<PreparedRequest>,
    mut response: Response<Stream>,
    started: Option<Instant>,
) -> Response<Stream> {
    // Where nobody took the time here, it was told before: by the adapter, mostly.
    if let Some(started) = started {
        response.head.elapsed = started.elapsed();
    }
    response.head.request = Some(Arc::clone(request));
    response
}
