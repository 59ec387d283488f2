//! How far the reading of a body has come.

/// How much of a body has been read; see [`Response::progress`](crate::Response::progress).
///
/// `received` counts what came over the wire, codings still on, which is what `total` and Content-Length count too.
/// `decoded` counts what came out of the decoders; without a coding both are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes of the body as it was sent.
    pub received: u64,
    /// Bytes of the body as it is given out.
    pub decoded: u64,
    /// How many bytes will have been received at the end, where the server said so.
    pub total: Option<u64>,
}

impl Progress {
    /// The share that was received, from 0 to 1; `None` where the total is not known. An empty body is complete.
    pub fn fraction(&self) -> Option<f64> {
        #[allow(clippy::cast_precision_loss, reason = "a share needs no more than fifteen digits")]
        match self.total? {
            0 => Some(1.0),
            total => Some(self.received as f64 / total as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x57_a_share_of_what_is_known() {
        let progress = |received, total| Progress { received, decoded: received, total }.fraction();
        assert_eq!(progress(1, Some(4)), Some(0.25));
        assert_eq!(progress(0, Some(0)), Some(1.0));
        assert_eq!(progress(9, None), None);
    }
}
