//! What loading and saving tell.

/// What loading a jar came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// Cookies that went into the jar.
    pub cookies: usize,
    /// Cookies that had expired.
    pub expired: usize,
    /// Lines or entries that are no cookie, and cookies that a jar refuses.
    pub ignored: usize,
}

/// What saving a jar came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Cookies that were written.
    pub cookies: usize,
    /// Cookies that the format cannot hold: those without a domain yet, and in `cookies.txt` those with a
    /// tab in the name or the path.
    pub skipped: usize,
}
