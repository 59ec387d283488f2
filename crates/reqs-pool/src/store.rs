//! The idle connections: found by key, the last one returned first, bounded in number and age.
//!
//! Nothing here does I/O. What is to be closed is handed back, so that it is closed outside of the pool's lock.

use std::time::{Duration, Instant};

use crate::config::{DropReason, PoolConfig};
use crate::connection::Connection;
use crate::dial::Target;

/// How often connections of other origins are looked through for those that are too old.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// Connections to be closed, with the reason. Empty, which it nearly always is, it holds no memory.
pub(crate) type Dropped = Vec<(Box<Connection>, DropReason)>;

struct Idle {
    connection: Box<Connection>,
    since: Instant,
}

/// The idle connections of a pool, in the order in which they came back. A list: a hundred at most unless more are asked for,
/// and comparing as many hashes costs less than a table does.
pub(crate) struct Store {
    idle: Vec<Idle>,
    next_sweep: Instant,
}

impl Idle {
    /// Equal keys have equal hashes, which tell nearly all others apart.
    fn serves(&self, hash: u64, target: &Target<'_>) -> bool {
        self.connection.hash() == hash && self.connection.key().serves(target)
    }
}

impl Store {
    pub(crate) fn new() -> Self {
        Store { idle: Vec::new(), next_sweep: Instant::now() + SWEEP_EVERY }
    }

    pub(crate) fn len(&self) -> usize {
        self.idle.len()
    }

    /// The connection to `target` that was returned last, and how long it was idle.
    pub(crate) fn take(
        &mut self,
        hash: u64,
        target: &Target<'_>,
        now: Instant,
        config: &PoolConfig,
        dropped: &mut Dropped,
    ) -> Option<(Box<Connection>, Duration)> {
        let position = self.idle.iter().rposition(|idle| idle.serves(hash, target))?;
        let found = self.idle.remove(position);
        let age = now.saturating_duration_since(found.since);
        if config.idle_timeout.is_none_or(|limit| age < limit) {
            return Some((found.connection, age));
        }
        // The others of this target were idle for longer still.
        dropped.push((found.connection, DropReason::IdleTimeout));
        let others = self.idle.extract_if(.., |idle| idle.serves(hash, target));
        dropped.extend(others.map(|idle| (idle.connection, DropReason::IdleTimeout)));
        None
    }

    /// Keeps `connection`, and hands back those that must make room.
    pub(crate) fn put(
        &mut self,
        connection: Box<Connection>,
        now: Instant,
        config: &PoolConfig,
        dropped: &mut Dropped,
    ) {
        if config.max_idle == 0 || config.max_idle_per_host == 0 {
            dropped.push((connection, DropReason::PoolFull));
            return;
        }
        self.sweep(now, config, dropped);
        if self.idle.len() >= config.max_idle_per_host {
            let is_same = |idle: &Idle| {
                idle.connection.hash() == connection.hash() && idle.connection.key().same(connection.key())
            };
            let same = self.idle.iter().filter(|idle| is_same(idle)).count();
            if same >= config.max_idle_per_host {
                let oldest = self.idle.iter().position(is_same);
                dropped.extend(oldest.map(|at| (self.idle.remove(at).connection, DropReason::PoolFull)));
            }
        }
        self.idle.push(Idle { connection, since: now });
        if self.idle.len() > config.max_idle {
            dropped.push((self.idle.remove(0).connection, DropReason::PoolFull));
        }
    }

    /// Hands back everything.
    pub(crate) fn clear(&mut self, dropped: &mut Dropped) {
        dropped.extend(self.idle.drain(..).map(|idle| (idle.connection, DropReason::Closed)));
    }

    /// Now and then, hands back all connections that are too old, whomever they lead to.
    fn sweep(&mut self, now: Instant, config: &PoolConfig, dropped: &mut Dropped) {
        if now < self.next_sweep {
            return;
        }
        self.next_sweep = now + SWEEP_EVERY;
        if let Some(limit) = config.idle_timeout {
            let old = |idle: &mut Idle| now.saturating_duration_since(idle.since) >= limit;
            dropped
                .extend(self.idle.extract_if(.., old).map(|idle| (idle.connection, DropReason::IdleTimeout)));
        }
    }
}
