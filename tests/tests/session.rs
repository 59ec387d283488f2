//! Sessions: settings and their merge, cookies, hooks, retries, adapters, auth, proxies from the environment, TLS, timeouts.

#![allow(missing_docs, reason = "tests")]

#[path = "session/adapters.rs"]
mod adapters;
#[path = "session/auth.rs"]
mod auth;
#[path = "session/cookies.rs"]
mod cookies;
#[path = "session/environment.rs"]
mod environment;
#[path = "session/hooks.rs"]
mod hooks;
#[path = "session/retries.rs"]
mod retries;
#[path = "session/settings.rs"]
mod settings;
#[path = "session/threads.rs"]
mod threads;
#[path = "session/tls.rs"]
mod tls;

use std::sync::LazyLock;

use reqs::Session;
use reqs_tests::httpbin::{self, Server};

static SERVER: LazyLock<Server> = LazyLock::new(httpbin::start);

/// A session that the machine's own settings do not reach.
fn session() -> Session {
    let mut session = Session::new();
    session.trust_env = false;
    session
}
