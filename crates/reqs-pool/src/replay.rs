//! Which request bodies can be sent a second time, over the connection that replaces a dead one.

use std::io::{Seek, SeekFrom};

use crate::call::Outgoing;

/// How a body can be sent a second time.
pub(crate) enum Replay {
    Impossible,
    /// It is in memory, or there is none.
    AsIs,
    /// The file goes back to where the body began.
    FileFrom(u64),
}

impl Replay {
    pub(crate) fn of(body: &mut Outgoing<'_>) -> Replay {
        match body {
            Outgoing::Empty | Outgoing::Bytes(_) => Replay::AsIs,
            Outgoing::File { file, .. } => {
                file.stream_position().map_or(Replay::Impossible, Replay::FileFrom)
            }
            Outgoing::Reader { .. } | Outgoing::Chunks(_) => Replay::Impossible,
        }
    }

    /// Makes the body ready to be sent again, if it can be.
    pub(crate) fn rewind(self, body: &mut Outgoing<'_>) -> bool {
        match (self, body) {
            (Replay::AsIs, _) => true,
            (Replay::FileFrom(start), Outgoing::File { file, .. }) => {
                file.seek(SeekFrom::Start(start)).is_ok()
            }
            _ => false,
        }
    }
}
