//! `cargo xtask`: the workspace's own tools.
fn main() {}
