//! The servers that the integration tests, the examples and `cargo xtask serve` run against.
