//! The loop of policy around one exchange: send, remember, and go on while an answer or a redirect is due. `attempt` owns
//! a single request of the chain, with its retries.
//!
//! What to do next is decided elsewhere, by functions without I/O: `redirect::to`, `Auth::answer`, `Retry`,
//! `expectation::given_up`.

mod attempt;

use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, ErrorKind, Result};
use crate::expectation;
use crate::options::Options;
use crate::prepare;
use crate::prepared::PreparedRequest;
use crate::redirect;
use crate::redirect_policy::{Redirect, RedirectPolicy};
use crate::response::{Response, Stream};
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
        let next = next.and_then(|next| match next.body.rewind() {
            Ok(()) => Ok(next),
            Err(error) => Err(error.noting(format_args!("; a {} asked for it", response.status().as_u16()))),
        });
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
        let head = &response.head.head;
        let Some(location) = redirect::location(head, policy) else { return Ok(Next::Nothing) };
        let next = match redirect::to(&location, request, head, policy) {
            Err(_) if !is_wanted => return Ok(Next::Nothing),
            next => next?,
        };
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
