//! How many connections there are per key, idle and in use, where they are limited.

use std::sync::Arc;

use crate::dial::Target;
use crate::key::Key;

/// Connections per key, those of none left out. A list: there are as many keys as hosts in use, which are few.
#[derive(Debug, Default)]
pub(crate) struct Places(Vec<Count>);

#[derive(Debug)]
struct Count {
    hash: u64,
    key: Arc<Key>,
    connections: usize,
}

impl Places {
    /// Counts one more connection to `target`, unless that is more than `limit`.
    pub(crate) fn take(&mut self, hash: u64, target: &Target<'_>, limit: usize) -> Option<Arc<Key>> {
        let of_target = |count: &&mut Count| count.hash == hash && count.key.serves(target);
        match self.0.iter_mut().find(of_target) {
            Some(count) if count.connections >= limit => None,
            Some(count) => {
                count.connections += 1;
                Some(Arc::clone(&count.key))
            }
            None if limit == 0 => None,
            None => {
                let key = Key::of(target);
                self.0.push(Count { hash, key: Arc::clone(&key), connections: 1 });
                Some(key)
            }
        }
    }

    /// One of the connections with that key is gone.
    pub(crate) fn leave(&mut self, hash: u64, key: &Arc<Key>) {
        let of_key = |count: &Count| count.hash == hash && Arc::ptr_eq(&count.key, key);
        let Some(position) = self.0.iter().position(of_key) else { return };
        self.0[position].connections -= 1;
        if self.0[position].connections == 0 {
            self.0.swap_remove(position);
        }
    }
}
