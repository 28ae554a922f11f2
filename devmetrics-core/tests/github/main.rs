//! The feeds of a GitHub, against one that keeps state, counts points and fails.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod budget;
mod documents;
mod faults;
mod files;
mod harness;
mod lists;
mod sweeps;
mod tags;
mod trouble;
