//! What happened so far, shared by the test, the accepting thread and the players.

use std::net::{Shutdown, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Received;

#[derive(Debug, Default)]
pub(super) struct Log {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) connections: Vec<Entry>,
    /// Which request of which connection, in the order of arrival.
    order: Vec<(usize, usize)>,
    /// Handles on every open socket, so that stopping wakes the threads that wait on them.
    sockets: Vec<(usize, TcpStream)>,
    pub(super) stopping: bool,
}

/// One connection's share.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) bytes: Vec<u8>,
    pub(super) requests: Vec<Received>,
    /// How the script ended; `None` while it plays.
    pub(super) outcome: Option<Result<(), String>>,
}

impl State {
    pub(super) fn requests(&self) -> Vec<Received> {
        self.order.iter().map(|&(connection, at)| self.connections[connection].requests[at].clone()).collect()
    }
}

impl Log {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A player that panicked has said so already; what it recorded still counts.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes whoever waits for a change.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Waits until `done` or until the time is up; tells whether it is done.
    pub(super) fn wait(&self, limit: Duration, done: impl Fn(&State) -> bool) -> bool {
        let state = self.lock();
        let waited = self.changed.wait_timeout_while(state, limit, |state| !done(state));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        done(&state)
    }

    pub(super) fn open_connection(&self) -> usize {
        self.change(|state| {
            state.connections.push(Entry::default());
            state.connections.len() - 1
        })
    }

    /// Keeps a handle on a socket for as long as its connection plays.
    pub(super) fn keep(&self, connection: usize, socket: &TcpStream) {
        let Ok(handle) = socket.try_clone() else {
            return;
        };
        let mut state = self.lock();
        if state.stopping {
            let _ = handle.shutdown(Shutdown::Both);
        } else {
            state.sockets.push((connection, handle));
        }
    }

    /// Gives the handles up: while one is held, closing a socket would not close the connection.
    pub(super) fn release(&self, connection: usize) {
        self.lock().sockets.retain(|(owner, _)| *owner != connection);
    }

    pub(super) fn record_bytes(&self, connection: usize, bytes: &[u8]) {
        self.change(|state| state.connections[connection].bytes.extend_from_slice(bytes));
    }

    pub(super) fn record_request(&self, connection: usize, request: Received) {
        self.change(|state| {
            let requests = &mut state.connections[connection].requests;
            requests.push(request);
            let at = requests.len() - 1;
            state.order.push((connection, at));
        });
    }

    /// Puts the whole request where only its head stood.
    pub(super) fn complete_request(&self, connection: usize, request: Received) {
        self.change(|state| {
            if let Some(last) = state.connections[connection].requests.last_mut() {
                *last = request;
            }
        });
    }

    /// A problem is never overwritten, not even by a good end.
    pub(super) fn end(&self, connection: usize, outcome: Result<(), String>) {
        self.change(|state| {
            let known = &mut state.connections[connection].outcome;
            if !matches!(known, Some(Err(_))) {
                *known = Some(outcome);
            }
        });
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().stopping
    }

    pub(super) fn stop(&self) {
        self.change(|state| {
            state.stopping = true;
            for (_, socket) in state.sockets.drain(..) {
                let _ = socket.shutdown(Shutdown::Both);
            }
        });
    }
}
