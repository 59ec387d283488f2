//! Loading and saving.
