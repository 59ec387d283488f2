//! What every layer of a connection can be asked: the socket, TLS over it, TLS within TLS.

use std::io::{self, Read, Write};

use crate::dial::Socket;

/// One layer of a connection, over those below it.
pub(crate) trait Layer: Read + Write {
    /// The socket at the bottom.
    fn socket(&mut self) -> &mut Socket;

    /// What a read would meet now. Never waits, and takes nothing from its own reader.
    fn pending(&mut self) -> io::Result<Pending>;

    /// Ends what the layer speaks as its standard asks, and then what those below speak. Best effort.
    fn say_goodbye(&mut self) {}
}

/// What waits to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    /// Nothing: the connection is quiet and open, as far as this side knows.
    Nothing,
    /// Bytes.
    Bytes,
    /// The end: the other side has closed.
    End,
}
