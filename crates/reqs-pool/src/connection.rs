//! A connection with its two buffers, which live as long as it does and are used by one exchange after another.

use std::io::{self, Read};
use std::sync::{Arc, Weak};
use std::time::Duration;

use reqs_proto::{Exchange, Frame};

use crate::call::Timeouts;
use crate::dial::Clocks;
use crate::info::ConnectionInfo;
use crate::key::Key;
use crate::layer::Layer;
use crate::pool::Shared;
use crate::transport::Transport;

/// The read buffer at first: a head and a small body.
const FIRST_BUFFER: usize = 8 * 1024;

/// The read buffer at most. It doubles while reads fill it, and half a MiB makes 2 system calls per MiB: where both sides
/// share a core that is 10 % faster than 64 KiB, elsewhere no slower. Beyond it nothing is left to gain.
const LARGEST_BUFFER: usize = 512 * 1024;

/// What a connection may hold on to between exchanges.
const KEPT_BUFFER: usize = 64 * 1024;

/// A connection and what belongs to it.
pub(crate) struct Connection {
    pub(crate) transport: Transport,
    pub(crate) inbound: Inbound,
    /// Bytes to be written; empty between exchanges.
    pub(crate) outbound: Vec<u8>,
    /// The exchange that it carries, or the last one.
    pub(crate) exchange: Exchange,
    /// The time that this exchange may take.
    pub(crate) timeouts: Timeouts,
    info: Arc<ConnectionInfo>,
    key: Arc<Key>,
    hash: u64,
    /// The pool's generation that it was made in: a pool that was closed since takes it back no more.
    pub(crate) generation: u64,
    /// Exchanges that it carried to their end.
    pub(crate) carried: u32,
    /// Holds the place among the connections per host, where they are counted.
    place: Option<CountedPlace>,
}

impl Connection {
    pub(crate) fn new(
        transport: Transport,
        info: ConnectionInfo,
        key: Arc<Key>,
        hash: u64,
        generation: u64,
        place: Option<CountedPlace>,
    ) -> Box<Self> {
        Box::new(Connection {
            transport,
            inbound: Inbound::default(),
            outbound: Vec::new(),
            exchange: Exchange::over(),
            timeouts: Timeouts::default(),
            info: Arc::new(info),
            key,
            hash,
            generation,
            carried: 0,
            place,
        })
    }

    /// The clocks of the exchange, by its timeouts. `read` stands in for the read timeout where it is sooner.
    pub(crate) fn set_clocks(&mut self, read: Option<Duration>) {
        let timeouts = &self.timeouts;
        let read = match (timeouts.read, read) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let clocks = Clocks { read, write: timeouts.write, deadline: timeouts.deadline, stall: None };
        self.transport.socket().set_clocks(clocks);
    }

    /// Reads once into the buffer. 0 is the end of the connection.
    pub(crate) fn fill(&mut self) -> io::Result<usize> {
        self.inbound.fill_from(&mut self.transport)
    }

    /// Reads once for a body, of which nothing is at hand. 0 is the end of the connection.
    ///
    /// A body needs no memory in which it lies in one piece, as a head does: over TLS it is lent from where it was decrypted,
    /// which saves a copy of all of it.
    pub(crate) fn receive(&mut self) -> io::Result<usize> {
        match self.transport.receive() {
            Some(received) => received,
            None => self.fill(),
        }
    }

    /// What is at hand and not yet taken.
    pub(crate) fn received(&mut self) -> &[u8] {
        at_hand(&self.inbound, &mut self.transport)
    }

    /// What of that is framing and what is body.
    pub(crate) fn frame(&mut self) -> Result<Frame, reqs_proto::Error> {
        self.exchange.frame(at_hand(&self.inbound, &mut self.transport))
    }

    /// Drops `n` bytes of what is at hand.
    pub(crate) fn advance(&mut self, n: usize) {
        match self.inbound.len() {
            0 => self.transport.advance(n),
            _ => self.inbound.advance(n),
        }
    }

    /// Takes the place out, for the connection that replaces this one.
    pub(crate) fn take_place(&mut self) -> Option<CountedPlace> {
        self.place.take()
    }

    /// Makes the connection fit for waiting.
    pub(crate) fn settle(&mut self) {
        // The deadline of the last exchange must not be held against a look at the idle connection, or its goodbye.
        self.transport.socket().set_clocks(Clocks::default());
        self.inbound.shrink();
        self.outbound.clear();
        self.outbound.shrink_to(KEPT_BUFFER);
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn info(&self) -> &Arc<ConnectionInfo> {
        &self.info
    }
}

/// What was read behind a head comes before what the layers below hold.
fn at_hand<'a>(inbound: &'a Inbound, transport: &'a mut Transport) -> &'a [u8] {
    match inbound.len() {
        0 => transport.lent(),
        _ => inbound.bytes(),
    }
}

/// Bytes received and not yet used: `memory[start..end]`.
#[derive(Default)]
pub(crate) struct Inbound {
    memory: Vec<u8>,
    start: usize,
    end: usize,
    /// The last read filled all the room there was.
    was_filled: bool,
}

impl Inbound {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.memory.get(self.start..self.end).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Drops `n` bytes from the front.
    pub(crate) fn advance(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    fn fill_from(&mut self, io: &mut impl Read) -> io::Result<usize> {
        self.make_room();
        let room = self.memory.get_mut(self.end..).unwrap_or_default();
        let size = room.len();
        let read = io.read(room)?;
        self.end += read;
        self.was_filled = read == size;
        Ok(read)
    }

    fn make_room(&mut self) {
        let size = self.memory.len();
        if self.is_empty() {
            if size == 0 {
                self.memory = vec![0; FIRST_BUFFER];
            } else if self.was_filled && size < LARGEST_BUFFER {
                // Fresh zeroed memory comes from the system as it is; resizing would copy and clear.
                self.memory = vec![0; size * 2];
            }
        } else if self.end == size {
            if self.start > size / 2 {
                self.memory.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else {
                // The limits on heads and framing lines end this.
                self.memory.resize(size * 2, 0);
            }
        }
    }

    fn shrink(&mut self) {
        self.was_filled = false;
        if self.memory.len() > KEPT_BUFFER {
            self.memory = Vec::new();
        }
    }
}

/// One of the places that `max_per_host` counts; free again when dropped.
pub(crate) struct CountedPlace {
    pub(crate) pool: Weak<Shared>,
    pub(crate) key: Arc<Key>,
    pub(crate) hash: u64,
}

impl Drop for CountedPlace {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.leave(self.hash, &self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_grows_while_reads_fill_it_and_shrinks_between_exchanges() {
        let mut endless = io::repeat(7);
        let mut inbound = Inbound::default();
        let mut reads = Vec::new();
        for _ in 0..9 {
            reads.push(inbound.fill_from(&mut endless).unwrap());
            inbound.advance(inbound.len());
        }
        let kib: Vec<_> = reads.iter().map(|n| n / 1024).collect();
        assert_eq!(kib, [8, 16, 32, 64, 128, 256, 512, 512, 512]);
        inbound.shrink();
        assert_eq!(inbound.memory.capacity(), 0);
    }

    #[test]
    fn unused_bytes_are_kept_in_order() {
        let text: Vec<u8> = (0..40_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mut rest = &text[..];
        let mut inbound = Inbound::default();
        let mut out = Vec::new();
        while inbound.fill_from(&mut rest).unwrap() > 0 {
            // Leave some behind each time.
            let take = inbound.len() * 2 / 3;
            out.extend_from_slice(&inbound.bytes()[..take]);
            inbound.advance(take);
        }
        out.extend_from_slice(inbound.bytes());
        assert_eq!(out, text);
    }
}
