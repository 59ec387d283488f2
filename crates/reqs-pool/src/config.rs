//! The pool's settings and figures.

use std::fmt;
use std::time::Duration;

/// How many connections are kept, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolConfig {
    /// Idle connections kept per origin (default 10, Requests' `pool_maxsize`). 0 keeps none.
    pub max_idle_per_host: usize,
    /// Idle connections kept in all (default 100). The one that was idle for longest makes room.
    pub max_idle: usize,
    /// Connections per origin, idle and in use; `None` (the default) sets no limit.
    pub max_per_host: Option<usize>,
    /// What happens when `max_per_host` is reached: wait (Requests' `pool_block=True`), or fail at once (the default).
    pub block: bool,
    /// How long an exchange waits when `block` is set; `None` (the default) waits until its deadline, or for ever.
    pub block_timeout: Option<Duration>,
    /// An idle connection is closed after this time (default 90 s); `None` keeps it as long as the server does.
    pub idle_timeout: Option<Duration>,
    /// How long `Expect: 100-continue` waits for the server's word before the body is sent anyway (default 1 s, as curl).
    pub expect_timeout: Duration,
}

impl Default for PoolConfig {
    fn default() -> Self {
        PoolConfig {
            max_idle_per_host: 10,
            max_idle: 100,
            max_per_host: None,
            block: false,
            block_timeout: None,
            idle_timeout: Some(Duration::from_secs(90)),
            expect_timeout: Duration::from_secs(1),
        }
    }
}

/// What a pool did since it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Connections that were made.
    pub opened: u64,
    /// Exchanges that ran over a kept connection.
    pub reused: u64,
    /// Exchanges sent again because a kept connection had died.
    pub replaced: u64,
    /// Connections that are idle now.
    pub idle: usize,
    /// Connections that were given up, by reason; reasons that never occurred are left out.
    pub dropped: Vec<(DropReason, u64)>,
}

impl PoolStats {
    /// How many connections were given up for `reason`.
    #[must_use]
    pub fn dropped_for(&self, reason: DropReason) -> u64 {
        self.dropped.iter().find(|(r, _)| *r == reason).map_or(0, |(_, n)| *n)
    }
}

/// Why a connection was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// It was idle for longer than the idle timeout.
    IdleTimeout,
    /// Too many connections were idle.
    PoolFull,
    /// The server closed it while it was idle, or as it was used again.
    Stale,
    /// The server sent bytes that nobody had asked for.
    Surplus,
    /// The response's body was not read to its end.
    Unread,
    /// The exchange said that it was the last: `Connection: close`, HTTP/1.0, a body that ends with the connection.
    NotKept,
    /// The exchange failed: an error of the network, of TLS or of the protocol, or a timeout.
    Failed,
    /// The pool was closed or dropped.
    Closed,
}

impl DropReason {
    pub(crate) const ALL: [DropReason; 8] = [
        DropReason::IdleTimeout,
        DropReason::PoolFull,
        DropReason::Stale,
        DropReason::Surplus,
        DropReason::Unread,
        DropReason::NotKept,
        DropReason::Failed,
        DropReason::Closed,
    ];
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DropReason::IdleTimeout => "idle for too long",
            DropReason::PoolFull => "too many idle connections",
            DropReason::Stale => "closed by the server while idle",
            DropReason::Surplus => "the server sent unasked bytes",
            DropReason::Unread => "the body was not read to its end",
            DropReason::NotKept => "the exchange was its last",
            DropReason::Failed => "the exchange failed",
            DropReason::Closed => "the pool was closed",
        })
    }
}
