//! A mailbox: where threads that dial leave what they found for the one that waits. It is all that dialling needs of a
//! channel; the standard library's come in several flavours at once and add 20 KB to a program for every type of message.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A mailbox and the first of those who may write to it.
pub(super) fn mailbox<T>() -> (Writer<T>, Mailbox<T>) {
    let state = State { letters: VecDeque::new(), writers: 1, read: true };
    let shared = Arc::new(Shared { state: Mutex::new(state), news: Condvar::new() });
    (Writer(Arc::clone(&shared)), Mailbox(shared))
}

/// The side that waits. What comes after it was dropped is dropped too, at once.
pub(super) struct Mailbox<T>(Arc<Shared<T>>);

/// A side that delivers; a clone for every thread.
pub(super) struct Writer<T>(Arc<Shared<T>>);

/// Why there is no letter.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Empty {
    TimeUp,
    /// Every writer was dropped, as one is that panics.
    NoWriter,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    news: Condvar,
}

struct State<T> {
    letters: VecDeque<T>,
    writers: usize,
    read: bool,
}

impl<T> Mailbox<T> {
    /// The oldest letter, waited for until then, or for as long as there is a writer.
    pub(super) fn read(&self, until: Option<Instant>) -> Result<T, Empty> {
        let mut state = self.0.lock();
        loop {
            if let Some(letter) = state.letters.pop_front() {
                return Ok(letter);
            }
            if state.writers == 0 {
                return Err(Empty::NoWriter);
            }
            state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.0.news.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return Err(Empty::TimeUp),
                Some(left) => self.0.news.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }
}

impl<T> Writer<T> {
    /// Delivers a letter, or drops it where nobody waits any more.
    pub(super) fn write(&self, letter: T) {
        let mut state = self.0.lock();
        if state.read {
            state.letters.push_back(letter);
            self.0.news.notify_one();
        }
    }
}

impl<T> Shared<T> {
    /// Nothing that runs under the lock leaves the state half changed.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Writer<T> {
    fn clone(&self) -> Self {
        self.0.lock().writers += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Writer<T> {
    fn drop(&mut self) {
        self.0.lock().writers -= 1;
        self.0.news.notify_one();
    }
}

impl<T> Drop for Mailbox<T> {
    fn drop(&mut self) {
        let unread = {
            let mut state = self.0.lock();
            state.read = false;
            std::mem::take(&mut state.letters)
        };
        // Outside the lock: dropping a letter may close a socket.
        drop(unread);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn letters_arrive_in_order_and_from_every_writer() {
        let (writer, mailbox) = mailbox();
        let second = writer.clone();
        thread::spawn(move || {
            writer.write(1);
            writer.write(2);
        })
        .join()
        .unwrap();
        thread::spawn(move || second.write(3));
        let far = Some(Instant::now() + Duration::from_secs(30));
        assert_eq!([mailbox.read(far), mailbox.read(None), mailbox.read(far)], [Ok(1), Ok(2), Ok(3)]);
        assert_eq!(mailbox.read(far), Err(Empty::NoWriter));
    }

    #[test]
    fn waiting_ends_with_the_time_or_the_last_writer() {
        let (writer, mailbox) = mailbox::<u8>();
        let until = Instant::now() + Duration::from_millis(60);
        assert_eq!(mailbox.read(Some(until)), Err(Empty::TimeUp));
        assert!(Instant::now() >= until);
        let panicking = thread::spawn(move || {
            let _held = writer;
            panic!("as a resolver might");
        });
        assert_eq!(mailbox.read(None), Err(Empty::NoWriter));
        assert!(panicking.join().is_err());
    }

    #[test]
    fn nothing_is_kept_for_a_reader_that_left() {
        let (writer, mailbox) = mailbox();
        let (unread, late) = (Arc::new(()), Arc::new(()));
        writer.write(Arc::clone(&unread));
        drop(mailbox);
        writer.write(Arc::clone(&late));
        assert_eq!((Arc::strong_count(&unread), Arc::strong_count(&late)), (1, 1));
    }
}
