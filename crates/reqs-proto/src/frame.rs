//! What is framing and what is body among buffered bytes: the answer of `Exchange::frame` and `ChunkedDecoder::frame`.

/// What the buffered bytes of a body are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Drop `skip` bytes; the next `len` are body. Take any number of them and tell [`Exchange::consume`](crate::Exchange::consume).
    Data {
        /// Bytes of framing, to be dropped.
        skip: usize,
        /// Bytes of the body after them, at least 1.
        len: usize,
    },
    /// Drop `skip` bytes, which are all there are, and read more.
    More {
        /// Bytes of framing, to be dropped.
        skip: usize,
    },
    /// Drop `skip` bytes: the body has ended. What follows is surplus.
    End {
        /// Bytes of framing, to be dropped.
        skip: usize,
    },
}
