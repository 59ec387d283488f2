//! The pool: finds a connection or makes one, runs one exchange over it, and takes it back.
//!
//! No lock is held over I/O: connections are made, probed and closed outside of it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqs_proto::CloseReason;

use crate::call::{Call, Reply, Timings};
use crate::config::{DropReason, PoolConfig, PoolStats};
use crate::connection::{Connection, CountedPlace};
use crate::dial::{self, Steps, Target};
use crate::error::{Error, ErrorKind, Seconds, Step, TimeUp};
use crate::exchange::{self, Answer, Failure};
use crate::incoming::Incoming;
use crate::key::{self, Key};
use crate::layer::{Layer, Pending};
use crate::places::Places;
use crate::replay::Replay;
use crate::store::{Dropped, Store};
use crate::tls::ConfigCache;

/// A connection that was used within this time is trusted without a look at it, so that requests in a row cost two system
/// calls each. After it, a look tells what closed meanwhile, which matters to requests that cannot be sent again, and
/// what arrived unasked, which must not be taken for the next response (POOL-6, SEC-83).
const TRUSTED_IDLE: Duration = Duration::from_millis(20);

/// Connections, kept open from one exchange to the next. A clone shares them.
///
/// A pool starts no threads of its own. After a `fork` the child must not use connections of the parent: give it a pool
/// of its own.
///
/// See the crate's page for an example.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

/// What the clones of a pool share.
pub(crate) struct Shared {
    config: PoolConfig,
    state: Mutex<State>,
    /// Told when a connection was returned or given up, where connections per host are limited.
    freed: Condvar,
    configs: ConfigCache,
    counters: Counters,
}

struct State {
    idle: Store,
    /// Goes up when the pool is closed.
    generation: u64,
    /// Connections per key, idle and in use; kept only where they are limited.
    places: Places,
    /// Exchanges over a kept connection. Counted under the lock, which is held anyway: a counter of its own would be one
    /// more line of memory that every thread writes to for every request.
    reused: u64,
}

#[derive(Default)]
struct Counters {
    opened: AtomicU64,
    replaced: AtomicU64,
    dropped: [AtomicU64; DropReason::ALL.len()],
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new(config: PoolConfig) -> Pool {
        Pool(Arc::new(Shared {
            config,
            state: Mutex::new(State {
                idle: Store::new(),
                generation: 0,
                places: Places::default(),
                reused: 0,
            }),
            freed: Condvar::new(),
            configs: ConfigCache::default(),
            counters: Counters::default(),
        }))
    }

    /// Sends a request over a kept connection or a new one, and receives the head of its response.
    ///
    /// A kept connection that dies before the first byte of a response is replaced once, by a new one, where
    /// [`Call::replayable`] allows it and the body can be sent again: it is empty, in memory, or a file.
    ///
    /// # Errors
    /// Whatever kept the response from coming; see [`ErrorKind`].
    pub fn exchange(&self, mut call: Call<'_>) -> Result<Reply, Error> {
        let started = Instant::now();
        let timeouts = call.timeouts;
        let target = Target {
            https: call.https,
            host: call.host,
            port: call.port,
            route: call.route,
            timeouts: &timeouts,
        };
        let hash = key::hash(&target);
        let (mut connection, mut steps) = match self.0.find(hash, &target, call.replayable, started)? {
            Found::Idle(connection) => (connection, None),
            Found::Place(place) => self.0.open(hash, &target, place)?,
        };
        let reused = steps.is_none();
        let replay = if reused && call.replayable { Replay::of(&mut call.body) } else { Replay::Impossible };
        let expect_timeout = self.0.config.expect_timeout;
        let answer = match exchange::run(&mut connection, &mut call, expect_timeout) {
            Ok(answer) => answer,
            Err(failure) => {
                let place = self.0.after_failure(connection, &failure, reused);
                if !(failure.is_stale && reused && replay.rewind(&mut call.body)) {
                    return Err(failure.error);
                }
                log::debug!(
                    "a kept connection to {} was closed: sending again over a new one",
                    target.peer()
                );
                self.0.counters.replaced.fetch_add(1, Ordering::Relaxed);
                (connection, steps) = self.0.open(hash, &target, place)?;
                match exchange::run(&mut connection, &mut call, expect_timeout) {
                    Ok(answer) => answer,
                    Err(failure) => {
                        self.0.after_failure(connection, &failure, false);
                        return Err(failure.error);
                    }
                }
            }
        };
        // Made in the place where the caller wants it: a reply is large.
        Ok(self.reply(connection, answer, started, steps))
    }

    /// Closes the idle connections and forgets TLS sessions and certificate files. The pool stays usable: connections are
    /// made anew, and those in use now are closed when their exchange ends.
    pub fn close(&self) {
        let mut dropped = Dropped::new();
        {
            let mut state = self.0.lock();
            state.generation += 1;
            state.idle.clear(&mut dropped);
        }
        self.0.configs.clear();
        self.0.give_up_all(dropped);
    }

    /// What the pool did so far.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        let Counters { opened, replaced, dropped } = &self.0.counters;
        let figure = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let dropped = DropReason::ALL.into_iter().zip(dropped.iter().map(figure)).filter(|(_, n)| *n > 0);
        let state = self.0.lock();
        PoolStats {
            opened: figure(opened),
            reused: state.reused,
            replaced: figure(replaced),
            idle: state.idle.len(),
            dropped: dropped.collect(),
        }
    }

    fn reply(
        &self,
        connection: Box<Connection>,
        answer: Answer,
        started: Instant,
        steps: Option<Steps>,
    ) -> Reply {
        let reused = steps.is_none();
        let Steps { resolve, connect, proxy, tls } = steps.unwrap_or_default();
        let first_byte = answer.first_byte.saturating_duration_since(started);
        let head = match answer.head_at == answer.first_byte {
            true => first_byte,
            false => answer.head_at.saturating_duration_since(started),
        };
        Reply {
            head: answer.head,
            connection: Arc::clone(connection.info()),
            body: Incoming::new(connection, self, answer.head_at),
            timings: Timings { started, resolve, connect, proxy, tls, first_byte, head },
            reused,
            informational: answer.informational,
        }
    }

    pub(crate) fn give_up(&self, connection: Box<Connection>, reason: DropReason) {
        self.0.give_up(connection, reason);
    }

    /// Takes a connection back after its exchange, for the next one or to be closed. `now`: when its last bytes came.
    pub(crate) fn release(
        &self,
        mut connection: Box<Connection>,
        reuse: Result<(), CloseReason>,
        now: Instant,
    ) {
        let reason = match reuse {
            Ok(()) if connection.transport.has_leftovers() => DropReason::Surplus,
            Ok(()) => {
                connection.carried = connection.carried.saturating_add(1);
                return self.0.take_back(connection, now);
            }
            Err(CloseReason::UnreadBody) => DropReason::Unread,
            Err(CloseReason::Surplus) => DropReason::Surplus,
            Err(CloseReason::Error) => DropReason::Failed,
            Err(_) => DropReason::NotKept,
        };
        self.0.give_up(connection, reason);
    }
}

impl Default for Pool {
    fn default() -> Self {
        Pool::new(PoolConfig::default())
    }
}

/// The settings and the figures. Not the connections, whose buffers hold what servers sent last (SEC-14).
impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("config", &self.0.config).field("stats", &self.stats()).finish()
    }
}

/// What a search for a connection ended with.
enum Found {
    Idle(Box<Connection>),
    /// None is idle, and one may be made.
    Place(Option<CountedPlace>),
}

impl Shared {
    /// An idle connection that is still good, or leave to make one.
    fn find(
        self: &Arc<Self>,
        hash: u64,
        target: &Target<'_>,
        replayable: bool,
        now: Instant,
    ) -> Result<Found, Error> {
        let mut waiting_since = None;
        loop {
            let mut dropped = Dropped::new();
            let mut state = self.lock();
            let taken = state.idle.take(hash, target, now, &self.config, &mut dropped);
            state.reused += u64::from(taken.is_some());
            if taken.is_some() || !dropped.is_empty() {
                // Looked at and closed outside of the lock; what is closed may leave its place.
                drop(state);
                self.give_up_all(dropped);
                let Some((connection, idle)) = taken else { continue };
                match self.look_at(connection, idle, replayable) {
                    Some(connection) => return Ok(Found::Idle(connection)),
                    None => continue,
                }
            }
            let Some(limit) = self.config.max_per_host else { return Ok(Found::Place(None)) };
            if let Some(key) = state.places.take(hash, target, limit) {
                return Ok(Found::Place(Some(CountedPlace { pool: Arc::downgrade(self), key, hash })));
            }
            if !self.config.block {
                let message = format!("the limit of {limit} connections to {} is reached", target.peer());
                return Err(Error::new(ErrorKind::PoolFull, message).at(Step::Wait));
            }
            let since = *waiting_since.get_or_insert_with(Instant::now);
            let wait = self.wait_left(since, target, limit)?;
            drop(match wait {
                Some(wait) => self.freed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0,
                None => self.freed.wait(state).unwrap_or_else(PoisonError::into_inner),
            });
        }
    }

    /// Whether a connection that was idle can be used: open, and nothing arrived that nobody asked for. One that cannot is
    /// given up.
    fn look_at(
        &self,
        mut connection: Box<Connection>,
        idle: Duration,
        replayable: bool,
    ) -> Option<Box<Connection>> {
        // A server that closes after every response without a word is found out at the first reuse, where the request
        // could not be sent again.
        let is_proven = replayable || connection.carried > 1;
        let found = match idle < TRUSTED_IDLE && is_proven {
            true => Ok(Pending::Nothing),
            false => connection.transport.pending(),
        };
        let reason = match found {
            Ok(Pending::Nothing) => return Some(connection),
            Ok(Pending::Bytes) => DropReason::Surplus,
            Ok(Pending::End) | Err(_) => DropReason::Stale,
        };
        self.lock().reused -= 1;
        self.give_up(connection, reason);
        None
    }

    /// How long an exchange may still wait for a connection; an error when time is up.
    fn wait_left(
        &self,
        since: Instant,
        target: &Target<'_>,
        limit: usize,
    ) -> Result<Option<Duration>, Error> {
        let now = Instant::now();
        let by_total = target.timeouts.deadline.map(|deadline| deadline.saturating_duration_since(now));
        let by_block = self.config.block_timeout.map(|limit| limit.saturating_sub(now - since));
        if by_total == Some(Duration::ZERO) {
            return Err(Error::timeout(&target.peer(), Step::Wait, target.timeouts, TimeUp::Deadline));
        }
        if by_block == Some(Duration::ZERO) {
            let waited = Seconds(self.config.block_timeout.unwrap_or_default());
            let message =
                format!("none of the {limit} connections to {} became free in {waited}", target.peer());
            return Err(Error::new(ErrorKind::PoolFull, message).at(Step::Wait));
        }
        Ok(by_total.into_iter().chain(by_block).min())
    }

    /// A counted connection is gone.
    pub(crate) fn leave(&self, hash: u64, key: &Arc<Key>) {
        self.lock().places.leave(hash, key);
        self.freed.notify_all();
    }

    fn open(
        &self,
        hash: u64,
        target: &Target<'_>,
        place: Option<CountedPlace>,
    ) -> Result<(Box<Connection>, Option<Steps>), Error> {
        let generation = self.lock().generation;
        let dialed = dial::dial(target, &self.configs)?;
        self.counters.opened.fetch_add(1, Ordering::Relaxed);
        let key = place.as_ref().map_or_else(|| Key::of(target), |place| Arc::clone(&place.key));
        let connection = Connection::new(dialed.transport, dialed.info, key, hash, generation, place);
        Ok((connection, Some(dialed.steps)))
    }

    /// Gives up a connection whose exchange failed, or takes it back. Its place among those that are counted comes out, for
    /// the connection that replaces it.
    fn after_failure(
        &self,
        mut connection: Box<Connection>,
        failure: &Failure,
        reused: bool,
    ) -> Option<CountedPlace> {
        if failure.is_untouched {
            // Nothing was sent: the connection is as good as it was.
            self.take_back(connection, Instant::now());
            return None;
        }
        let place = connection.take_place();
        let reason = if failure.is_stale && reused { DropReason::Stale } else { DropReason::Failed };
        self.give_up(connection, reason);
        place
    }

    fn take_back(&self, mut connection: Box<Connection>, now: Instant) {
        connection.settle();
        let mut dropped = Dropped::new();
        {
            let mut state = self.lock();
            if connection.generation == state.generation {
                state.idle.put(connection, now, &self.config, &mut dropped);
            } else {
                dropped.push((connection, DropReason::Closed));
            }
        }
        if self.config.max_per_host.is_some() {
            self.freed.notify_all();
        }
        self.give_up_all(dropped);
    }

    fn give_up_all(&self, dropped: Dropped) {
        if dropped.is_empty() {
            return;
        }
        for (connection, reason) in dropped {
            self.give_up(connection, reason);
        }
    }

    fn give_up(&self, mut connection: Box<Connection>, reason: DropReason) {
        let index = DropReason::ALL.iter().position(|r| *r == reason).unwrap_or_default();
        self.counters.dropped[index].fetch_add(1, Ordering::Relaxed);
        log::debug!("closing connection {} to {}: {reason}", connection.info().id, connection.key().peer());
        if matches!(reason, DropReason::IdleTimeout | DropReason::PoolFull | DropReason::Closed) {
            connection.transport.say_goodbye();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; if something did, the state is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let mut dropped = Dropped::new();
        self.lock().idle.clear(&mut dropped);
        self.give_up_all(dropped);
    }
}
