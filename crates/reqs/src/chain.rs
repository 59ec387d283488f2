//! The loop of policy around one exchange: send, retry, remember, and go on while an answer or a redirect is due.
//!
//! What to do next is decided elsewhere, by functions without I/O: `redirect::next`, `Auth::answer`, `Retry`,
//! `expectation::given_up`.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::adapter::Adapter;
use crate::error::{Error, ErrorKind, Result};
use crate::expectation;
use crate::hooks::Retrying;
use crate::options::Options;
use crate::prepare;
use crate::prepared::PreparedRequest;
use crate::redirect;
use crate::redirect_policy::{Redirect, RedirectPolicy};
use crate::response::{Response, Stream};
use crate::retry::{self, Retry, SoFar, Verdict};
use crate::session::Session;

/// How often one request is answered to challenges: once, and once more when a nonce was stale (DIG-2).
const MAX_ANSWERS: u32 = 2;

/// How much of a response is read to keep its connection for the next request of a chain; more is cheaper to leave
/// behind (SEC-34).
const DRAIN: usize = 64 * 1024;

/// How many bytes of headers the responses of a chain may have before no further redirect is followed. They are kept for
/// the history, and each knows those before it, so that thirty heads of 256 KiB would come to 100 MiB (SEC-65).
const CHAIN_HEADERS: usize = 1024 * 1024;

/// What holds for a whole chain of requests.
struct Rules<'a> {
    session: &'a Session,
    options: &'a Options,
}

/// How far a chain has come.
#[derive(Default)]
struct Way {
    redirects: u32,
    /// Answers to challenges since the last redirect.
    answers: u32,
    header_bytes: usize,
}

/// What is to be done about a response.
enum Next {
    Nothing,
    /// The same without what the server refused to hear of.
    Again(PreparedRequest),
    Answer(PreparedRequest),
    Redirect(PreparedRequest),
}

/// Sends the request and whatever follows from it. The options are merged.
pub(crate) fn run(
    session: &Session,
    mut request: Arc<PreparedRequest>,
    options: &mut Options,
) -> Result<Response<Stream>> {
    let total = options.checked_timeout()?.total;
    // A time that no clock can reach is no deadline.
    options.deadline = total.and_then(|total| Instant::now().checked_add(total));
    let options = &*options;
    let rules = Rules { session, options };
    let mut history: Vec<Response> = Vec::new();
    let mut way = Way::default();
    loop {
        let mut response = rules.attempt(&mut request)?;
        let next = match rules.after(&request, &mut response, &way) {
            Ok(Next::Nothing) => return finish(response, history, &request, options),
            Ok(Next::Again(next)) => Ok(next),
            Ok(Next::Redirect(next)) => {
                way.redirects += 1;
                way.answers = 0;
                Ok(next)
            }
            Ok(Next::Answer(next)) => {
                way.answers += 1;
                Ok(next)
            }
            Err(error) => Err(error),
        };
        let next = next.and_then(|next| next.body.rewind().map(|()| next));
        way.header_bytes += size_of_headers(&response);
        let behind = leave_behind(response, &history);
        match next {
            Ok(next) => {
                history.push(behind);
                request = Arc::new(next);
            }
            Err(error) => return Err(stopped(error, &request, behind, history)),
        }
    }
}

impl Rules<'_> {
    /// What the response asks for.
    fn after(
        &self,
        request: &Arc<PreparedRequest>,
        response: &mut Response<Stream>,
        way: &Way,
    ) -> Result<Next> {
        if let Some(next) = expectation::given_up(request, response.status()) {
            log::debug!("417: once more without Expect");
            return Ok(Next::Again(self.signed_again(next)?));
        }
        if let Some(auth) = request.auth.as_ref().filter(|_| way.answers < MAX_ANSWERS)
            && let Some(next) = auth.get().answer(request, &response.head.head)?
        {
            return Ok(Next::Answer(self.with_new_cookies_first(prepare::answered(request, next))?));
        }
        let is_wanted = self.options.allow_redirects.unwrap_or(true);
        let policy = self.options.redirects.as_ref().unwrap_or(&RedirectPolicy::ALL);
        let next = match redirect::next(request, &response.head.head, policy) {
            Err(_) if !is_wanted => None,
            next => next?,
        };
        let Some(next) = next else { return Ok(Next::Nothing) };
        let allowed = is_wanted && self.is_allowed(policy, request, response, &next, way)?;
        if allowed {
            self.check_limits(way)?;
        }
        let mut next = self.with_fresh_cookies(self.with_netrc(request, next)?)?;
        if !allowed {
            response.head.next = Some(Box::new(next));
            return Ok(Next::Nothing);
        }
        request.hooks.run_redirect(response, &mut next)?;
        log::debug!("redirect {} to {}", response.status(), next.url.host_str().unwrap_or_default());
        Ok(Next::Redirect(next))
    }

    fn is_allowed(
        &self,
        policy: &RedirectPolicy,
        from: &PreparedRequest,
        response: &Response<Stream>,
        to: &PreparedRequest,
        way: &Way,
    ) -> Result<bool> {
        policy.allows(&Redirect { head: &response.head.head, from, to, hops: way.redirects })
    }

    /// Whether one more redirect may be followed.
    fn check_limits(&self, way: &Way) -> Result<()> {
        let limit = self.options.max_redirects.unwrap_or(self.session.max_redirects);
        if way.redirects >= limit {
            return Err(too_many(format!("Exceeded {limit} redirects.")));
        }
        if way.header_bytes > CHAIN_HEADERS {
            return Err(too_many("The redirects so far hold more than 1 MiB of headers.".to_owned()));
        }
        Ok(())
    }

    /// One request of the chain until it has a response, with what every response is owed: its request, its cookies
    /// kept, its hooks run.
    fn attempt(&self, request: &mut Arc<PreparedRequest>) -> Result<Response<Stream>> {
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

    /// The request as it can be sent once more: what counts its uses, as Digest does, must not be seen twice.
    fn signed_again(&self, mut request: PreparedRequest) -> Result<PreparedRequest> {
        if let Some(auth) = request.auth.clone() {
            prepare::sign_again(&mut request, &auth)?;
        }
        self.with_fresh_cookies(request)
    }

    /// The request with the `Cookie` that the jar has for it now, unless the caller wrote one or wants none.
    fn with_fresh_cookies(&self, mut request: PreparedRequest) -> Result<PreparedRequest> {
        if request.marks.no_cookies {
            return Ok(request);
        }
        let PreparedRequest { url, headers, cookies, marks, .. } = &mut request;
        marks.cookie_from_jar = match marks.cookie_from_jar {
            true => prepare::set_cookies(self.session, url, headers, cookies)?,
            false => prepare::add_cookies(self.session, url, headers, cookies)?,
        };
        Ok(request)
    }

    /// An answer with fresh cookies. A first `Cookie`, come with the challenge, stands before the credentials (SES-2).
    fn with_new_cookies_first(&self, answer: PreparedRequest) -> Result<PreparedRequest> {
        let had_cookie = answer.headers.contains("Cookie");
        let mut answer = self.with_fresh_cookies(answer)?;
        if !had_cookie && answer.marks.cookie_from_jar {
            prepare::put_credentials_last(&mut answer.headers);
        }
        Ok(answer)
    }

    /// The redirected request with netrc's credentials for its host, if that is another one and nobody signs (RED-23).
    fn with_netrc(&self, from: &PreparedRequest, mut next: PreparedRequest) -> Result<PreparedRequest> {
        let is_signed = next.auth.is_some() || next.headers.contains("Authorization");
        if is_signed || next.marks.no_auth || from.url.host() == next.url.host() {
            return Ok(next);
        }
        if let Some(auth) = self.session.netrc_auth(&next.url) {
            prepare::sign(&mut next, &auth)?;
            next.auth = Some(auth);
        }
        Ok(next)
    }
}

/// The response as the caller gets it, or the error that its status is where that was asked for.
fn finish(
    mut response: Response<Stream>,
    mut history: Vec<Response>,
    request: &Arc<PreparedRequest>,
    options: &Options,
) -> Result<Response<Stream>> {
    if !history.is_empty() {
        history.append(&mut response.head.history);
        response.head.history = history;
    }
    match options.raise_for_status {
        Some(true) => response.raise_for_status().map_err(|error| error.with_request(request)),
        _ => Ok(response),
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

/// The error that ended a chain, with the response at which it ended and those before it.
fn stopped(
    error: Error,
    request: &Arc<PreparedRequest>,
    mut response: Response,
    history: Vec<Response>,
) -> Error {
    response.head.history = history;
    error.with_request(request).with_response(response)
}

fn too_many(message: String) -> Error {
    Error::new(ErrorKind::TooManyRedirects, message)
}

fn size_of_headers(response: &Response<Stream>) -> usize {
    response.headers().iter_bytes().map(|(name, value)| name.len() + value.len()).sum()
}

/// The response without its body, for the history; its connection is kept where little is left to read.
fn leave_behind(response: Response<Stream>, history: &[Response]) -> Response {
    let Response { mut head, body } = response;
    body.drain(DRAIN);
    head.history = history.iter().map(Response::without_history).collect();
    Response { head, body: crate::content::Content::default() }
}
