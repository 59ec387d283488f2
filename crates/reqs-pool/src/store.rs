//! The idle connections: found by key, the last one returned first, bounded in number and age.
//!
//! Nothing here does I/O. What is to be closed is handed back, so that it is closed outside of the pool's lock.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::{Duration, Instant};

use crate::config::{DropReason, PoolConfig};
use crate::connection::Connection;
use crate::dial::Target;

/// How often connections of other origins are looked through for those that are too old.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// Connections to be closed, with the reason. Empty, which it nearly always is, it holds no memory.
pub(crate) type Dropped = Vec<(Box<Connection>, DropReason)>;

#[derive(Debug)]
struct Idle {
    connection: Box<Connection>,
    since: Instant,
}

/// The idle connections of a pool.
#[derive(Debug)]
pub(crate) struct Store {
    by_hash: HashMap<u64, Vec<Idle>, BuildHasherDefault<AlreadyHashed>>,
    count: usize,
    last_sweep: Instant,
}

impl Store {
    pub(crate) fn new() -> Self {
        Store { by_hash: HashMap::default(), count: 0, last_sweep: Instant::now() }
    }

    pub(crate) fn len(&self) -> usize {
        self.count
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
        let list = self.by_hash.get_mut(&hash)?;
        let position = list.iter().rposition(|idle| idle.connection.key().serves(target))?;
        let found = list.remove(position);
        self.count -= 1;
        let age = now.saturating_duration_since(found.since);
        if config.idle_timeout.is_none_or(|limit| age < limit) {
            return Some((found.connection, age));
        }
        // The others of this target were idle for longer still.
        dropped.push((found.connection, DropReason::IdleTimeout));
        let before = list.len();
        dropped.extend(
            list.extract_if(.., |idle| idle.connection.key().serves(target))
                .map(|idle| (idle.connection, DropReason::IdleTimeout)),
        );
        self.count -= before - list.len();
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
        let hash = connection.hash();
        let list = self.by_hash.entry(hash).or_default();
        let same = |idle: &Idle| idle.connection.key().same(connection.key());
        // The list is short, and counting stops at the limit.
        let full = list.len() >= config.max_idle_per_host
            && list.iter().filter(|idle| same(idle)).take(config.max_idle_per_host).count()
                >= config.max_idle_per_host;
        if full && let Some(oldest) = list.iter().position(same) {
            dropped.push((list.remove(oldest).connection, DropReason::PoolFull));
            self.count -= 1;
        }
        list.push(Idle { connection, since: now });
        self.count += 1;
        if self.count > config.max_idle {
            dropped.extend(self.take_oldest().map(|connection| (connection, DropReason::PoolFull)));
        }
    }

    /// Hands back everything.
    pub(crate) fn clear(&mut self, dropped: &mut Dropped) {
        self.count = 0;
        let all = self.by_hash.drain().flat_map(|(_, list)| list);
        dropped.extend(all.map(|idle| (idle.connection, DropReason::Closed)));
    }

    fn take_oldest(&mut self) -> Option<Box<Connection>> {
        let oldest = self
            .by_hash
            .iter()
            .filter_map(|(hash, list)| list.first().map(|idle| (idle.since, *hash)))
            .min_by_key(|(since, _)| *since);
        let (_, hash) = oldest?;
        let list = self.by_hash.get_mut(&hash)?;
        let taken = list.remove(0);
        if list.is_empty() {
            self.by_hash.remove(&hash);
        }
        self.count -= 1;
        Some(taken.connection)
    }

    /// Now and then, hands back all connections that are too old, whomever they lead to, and forgets origins without any.
    fn sweep(&mut self, now: Instant, config: &PoolConfig, dropped: &mut Dropped) {
        if now.saturating_duration_since(self.last_sweep) < SWEEP_EVERY {
            return;
        }
        self.last_sweep = now;
        let before = dropped.len();
        if let Some(limit) = config.idle_timeout {
            for list in self.by_hash.values_mut() {
                let old = list.extract_if(.., |idle| now.saturating_duration_since(idle.since) >= limit);
                dropped.extend(old.map(|idle| (idle.connection, DropReason::IdleTimeout)));
            }
        }
        self.by_hash.retain(|_, list| !list.is_empty());
        self.count -= dropped.len() - before;
    }
}

/// The map's keys are hashes.
#[derive(Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Keys are `u64`; this is here because the trait wants it.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
