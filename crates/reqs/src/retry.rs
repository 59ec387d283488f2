//! When a request is sent again, how often, and after what wait: pure functions over what happened so far.
//!
//! What is not said here: whether the body can be replayed at all. The loop asks that before it asks this.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use reqs_proto::{Headers, ResponseHead};

use crate::error::{Error, ErrorKind};

/// Sends a request again when its connection, its response or its status says that it may work next time. (urllib3's
/// `Retry`, Requests' `max_retries`.)
///
/// Off unless set: for a [session](crate::Session::retry), a [request](crate::Request::retry) or an
/// [adapter](crate::HttpAdapter::retry); a number is `Retry::new(number)`.
///
/// ```
/// use reqs::{Retry, Session};
///
/// let mut session = Session::new();
/// session.retry = Some(Retry::new(3).statuses([500, 502, 503]).backoff(0.5).jitter(0.25));
/// ```
///
/// - A connection that could not be made is tried again for every method, since nothing was sent.
/// - A response that did not come, broke or is not HTTP, and a status in [`statuses`](Retry::statuses), are retried
///   for [`methods`](Retry::methods) alone: the idempotent ones by default.
/// - 413, 429 and 503 with a Retry-After are retried even when not in `statuses`, after that time (RFC 9110 §10.2.3).
/// - What cannot heal is not retried: a certificate that does not verify, a setting that cannot be used, a total timeout.
/// - A body that can be read once is never sent twice: what happened to the first attempt is what the caller gets.
///
/// Each request of a chain of redirects has the whole budget. Where retries run out, the last error is returned as it
/// is, and a status as [`ErrorKind::Retry`] with the response in it, or as a plain response where
/// [`raise_on_status`](Retry::raise_on_status) is off.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry(Arc<Rules>);

#[derive(Clone, Debug, PartialEq)]
struct Rules {
    total: Option<u32>,
    connect: Option<u32>,
    read: Option<u32>,
    status: Option<u32>,
    statuses: Vec<u16>,
    /// `None`: any.
    methods: Option<Vec<Method>>,
    backoff: f64,
    jitter: f64,
    max_backoff: Duration,
    respect_retry_after: bool,
    max_retry_after: Duration,
    raise_on_status: bool,
}

/// No wait is longer than this by default, as in urllib3.
const MAX_BACKOFF: Duration = Duration::from_secs(120);

/// No Retry-After is believed beyond this by default, as in urllib3 (SEC-37).
const MAX_RETRY_AFTER: Duration = Duration::from_secs(6 * 60 * 60);

/// Statuses for which a Retry-After is a promise (RFC 9110 §10.2.3, §15.5.14, RFC 6585 §4).
const WITH_RETRY_AFTER: [u16; 3] = [413, 429, 503];

/// RFC 9110 §9.2.2.
const IDEMPOTENT: [Method; 6] =
    [Method::HEAD, Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS, Method::TRACE];

impl Retry {
    /// Up to this many retries, whatever their reasons; no backoff, no statuses.
    pub fn new(total: u32) -> Retry {
        Retry(Arc::new(Rules { total: Some(total), ..Rules::default() }))
    }

    /// No retries: takes a session's away for one request.
    pub fn none() -> Retry {
        Retry::new(0)
    }

    /// At most this many retries in all; `None` leaves it to the other counts.
    #[must_use]
    pub fn total(self, count: impl Into<Option<u32>>) -> Retry {
        self.with(|rules| rules.total = count.into())
    }

    /// At most this many retries of connections that could not be made.
    #[must_use]
    pub fn connect(self, count: impl Into<Option<u32>>) -> Retry {
        self.with(|rules| rules.connect = count.into())
    }

    /// At most this many retries after a request was sent and no good response came.
    #[must_use]
    pub fn read(self, count: impl Into<Option<u32>>) -> Retry {
        self.with(|rules| rules.read = count.into())
    }

    /// At most this many retries for the response's status.
    #[must_use]
    pub fn status(self, count: impl Into<Option<u32>>) -> Retry {
        self.with(|rules| rules.status = count.into())
    }

    /// Retries responses of these statuses; none by default. (urllib3: `status_forcelist`.)
    #[must_use]
    pub fn statuses(self, statuses: impl IntoIterator<Item = u16>) -> Retry {
        self.with(|rules| rules.statuses = statuses.into_iter().collect())
    }

    /// Retries requests of these methods, once they were sent. By default HEAD, GET, PUT, DELETE, OPTIONS and TRACE.
    /// (urllib3: `allowed_methods`.)
    #[must_use]
    pub fn methods(self, methods: impl IntoIterator<Item = Method>) -> Retry {
        self.with(|rules| rules.methods = Some(methods.into_iter().collect()))
    }

    /// Retries every method. A POST may then be carried out twice. (urllib3: `allowed_methods=None`.)
    #[must_use]
    pub fn any_method(self) -> Retry {
        self.with(|rules| rules.methods = None)
    }

    /// Waits `factor * 2^(n-1)` seconds before the `n`th retry in a row, none before the first; 0 by default. Less than
    /// nothing is no wait. (urllib3: `backoff_factor`.)
    #[must_use]
    pub fn backoff(self, factor: f64) -> Retry {
        self.with(|rules| rules.backoff = factor)
    }

    /// Adds up to this many seconds, at random, to every wait of the backoff; 0 by default.
    #[must_use]
    pub fn jitter(self, seconds: f64) -> Retry {
        self.with(|rules| rules.jitter = seconds)
    }

    /// Waits no longer than this between retries, jitter included; 120 seconds by default.
    #[must_use]
    pub fn max_backoff(self, limit: Duration) -> Retry {
        self.with(|rules| rules.max_backoff = limit)
    }

    /// Whether the server's Retry-After is heeded; yes by default. (urllib3: `respect_retry_after_header`.)
    #[must_use]
    pub fn respect_retry_after(self, respect: bool) -> Retry {
        self.with(|rules| rules.respect_retry_after = respect)
    }

    /// Believes no Retry-After beyond this; 6 hours by default.
    #[must_use]
    pub fn max_retry_after(self, limit: Duration) -> Retry {
        self.with(|rules| rules.max_retry_after = limit)
    }

    /// Whether a status that is still there when retries have run out becomes an error; yes by default.
    #[must_use]
    pub fn raise_on_status(self, raise: bool) -> Retry {
        self.with(|rules| rules.raise_on_status = raise)
    }

    fn with(mut self, change: impl FnOnce(&mut Rules)) -> Retry {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// What to do about an error.
    pub(crate) fn after_error(&self, method: &Method, error: &Error, so_far: &mut SoFar) -> Verdict {
        let reason = match classify(error) {
            Some(Reason::Read) if !self.0.allows(method) => return Verdict::Accept,
            Some(reason) => reason,
            None => return Verdict::Accept,
        };
        match self.0.spend(reason, so_far) {
            true => Verdict::Retry(self.0.backoff_after(so_far, random())),
            false => Verdict::Accept,
        }
    }

    /// What to do about a response.
    pub(crate) fn after_response(
        &self,
        method: &Method,
        head: &ResponseHead,
        so_far: &mut SoFar,
        now: SystemTime,
    ) -> Verdict {
        let status = head.status.as_u16();
        let listed = self.0.statuses.contains(&status);
        let told = match self.0.respect_retry_after {
            true => retry_after(&head.headers, now).map(|wait| wait.min(self.0.max_retry_after)),
            false => None,
        };
        let invited = told.is_some() && WITH_RETRY_AFTER.contains(&status);
        if !(listed || invited) || !self.0.allows(method) {
            return Verdict::Accept;
        }
        if !self.0.spend(Reason::Status, so_far) {
            // An invitation that was not listed by the user is no failure when it is declined (RTY-3).
            return if listed && self.0.raise_on_status { Verdict::Raise } else { Verdict::Accept };
        }
        Verdict::Retry(told.unwrap_or_else(|| self.0.backoff_after(so_far, random())))
    }
}

/// `N` is `Retry::new(N)`, as in Requests' `max_retries=N`.
impl From<u32> for Retry {
    fn from(total: u32) -> Retry {
        Retry::new(total)
    }
}

/// The retries of one request that were spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SoFar {
    pub(crate) total: u32,
    connect: u32,
    read: u32,
    status: u32,
}

/// What to do about what happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Give it to the caller.
    Accept,
    /// Wait, and send the request again.
    Retry(Duration),
    /// Make an error of the response: retries ran out.
    Raise,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// No connection: nothing was sent.
    Connect,
    /// Something was sent, and no good response came.
    Read,
    Status,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            total: None,
            connect: None,
            read: None,
            status: None,
            statuses: Vec::new(),
            methods: Some(IDEMPOTENT.to_vec()),
            backoff: 0.0,
            jitter: 0.0,
            max_backoff: MAX_BACKOFF,
            respect_retry_after: true,
            max_retry_after: MAX_RETRY_AFTER,
            raise_on_status: true,
        }
    }
}

impl Rules {
    fn allows(&self, method: &Method) -> bool {
        self.methods.as_ref().is_none_or(|methods| methods.contains(method))
    }

    /// Takes one retry from the budget, if there is one left: `total` bounds all, each kind has a count of its own. Where
    /// neither says anything there is none, so that a `Retry` can never go on for ever.
    fn spend(&self, reason: Reason, so_far: &mut SoFar) -> bool {
        let (limit, spent) = match reason {
            Reason::Connect => (self.connect, &mut so_far.connect),
            Reason::Read => (self.read, &mut so_far.read),
            Reason::Status => (self.status, &mut so_far.status),
        };
        let is_left = match (self.total, limit) {
            (None, None) => false,
            (total, limit) => {
                total.is_none_or(|total| so_far.total < total) && limit.is_none_or(|limit| *spent < limit)
            }
        };
        if is_left {
            so_far.total += 1;
            *spent += 1;
        }
        is_left
    }

    /// RTY-6: nothing before the first retry, then exponential; `random` is from 0 to 1.
    fn backoff_after(&self, so_far: &SoFar, random: f64) -> Duration {
        if so_far.total < 2 || self.backoff == 0.0 && self.jitter == 0.0 {
            return Duration::ZERO;
        }
        let exponent = i32::try_from(so_far.total - 1).unwrap_or(i32::MAX);
        let seconds = self.backoff * 2f64.powi(exponent) + self.jitter * random;
        // Negative factors, NaN and what no clock can hold are no reason to panic: less than nothing is nothing.
        match Duration::try_from_secs_f64(seconds) {
            Ok(wait) => wait.min(self.max_backoff),
            Err(_) if seconds > 0.0 => self.max_backoff,
            Err(_) => Duration::ZERO,
        }
    }
}

/// Whether the error is of a kind that may be gone next time.
fn classify(error: &Error) -> Option<Reason> {
    if let Some(below) = error.pool_error() {
        use reqs_pool::ErrorKind as Pool;
        let connecting = below.step().is_some_and(reqs_pool::Step::is_connecting);
        return match below.kind() {
            Pool::Certificate | Pool::ClientCertificate | Pool::Settings | Pool::Blocked => None,
            Pool::Deadline | Pool::Body | Pool::PoolFull => None,
            // A proxy that answered has said no for good, but for its own gateway errors.
            Pool::Proxy => match below.proxy_response() {
                Some(answer) if !answer.head.status.is_server_error() => None,
                _ => Some(Reason::Connect),
            },
            Pool::Protocol if below.step() == Some(reqs_pool::Step::Send) => None,
            _ if connecting => Some(Reason::Connect),
            _ => Some(Reason::Read),
        };
    }
    // From another adapter, which tells no more than the kind.
    match error.kind() {
        ErrorKind::Resolve | ErrorKind::ConnectTimeout | ErrorKind::Proxy => Some(Reason::Connect),
        ErrorKind::Connection
        | ErrorKind::ReadTimeout
        | ErrorKind::WriteTimeout
        | ErrorKind::InvalidResponse
        | ErrorKind::ChunkedEncoding => Some(Reason::Read),
        _ => None,
    }
}

/// What Retry-After says, as seconds or as a date (RFC 9110 §10.2.3). What is neither says nothing.
fn retry_after(headers: &Headers, now: SystemTime) -> Option<Duration> {
    let value = headers.get("Retry-After")?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than a u64 has are as good as for ever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = reqs_cookies::parse_cookie_date(value)?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO))
}

/// From 0 to 1: good enough to keep clients from retrying in step. The standard library seeds each of these states from the
/// system and counts on.
fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// The words for a status that is still there when retries have run out.
pub(crate) fn exhausted(status: StatusCode, attempts: u32) -> Error {
    let message =
        format!("Max retries exceeded: too many {} error responses ({attempts} attempts)", status.as_u16());
    Error::new(ErrorKind::Retry, message)
}

#[cfg(test)]
mod tests;
