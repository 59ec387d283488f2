//! What a process logs. There is one logger per process, so what comes back is of all tests of a binary.

use std::sync::{Mutex, Once, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

/// What was logged since the first call, each as `LEVEL target: message`. The first call begins it.
pub fn logged() -> Vec<String> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // A binary that has set a logger of its own keeps it.
        let _ = log::set_logger(&KEPT);
        log::set_max_level(LevelFilter::Trace);
    });
    KEPT.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

struct Kept(Mutex<Vec<String>>);

static KEPT: Kept = Kept(Mutex::new(Vec::new()));

impl Log for Kept {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}: {}", record.level(), record.target(), record.args());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn flush(&self) {}
}
