//! What Requests does with cookies, line by line: every test begins with the identifier of its line. Where
//! the jar differs on purpose, the test says so.

mod collection;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use reqs_cookies::CookieJar;
use url::Url;

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// A jar that these strings were stored in, each from its URL.
fn jar(stored: &[(&str, &str)]) -> CookieJar {
    let jar = CookieJar::new();
    for (from, set_cookie) in stored {
        jar.store(&url(from), [*set_cookie]);
    }
    jar
}

fn sent(jar: &CookieJar, to: &str) -> String {
    jar.header(&url(to)).unwrap_or_default()
}

/// A jar whose clock stands until the returned counter of seconds is moved.
fn jar_with_clock() -> (CookieJar, Arc<AtomicU64>) {
    let seconds = Arc::new(AtomicU64::new(1_800_000_000));
    let clock = Arc::clone(&seconds);
    let now = move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst));
    (CookieJar::new().with_clock(now), seconds)
}
