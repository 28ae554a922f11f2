//! The functions as they run: our binaries in an emulator of AWS (MiniStack), with its queue, its dead-letter queue and its
//! Secrets Manager, a GitHub on one side and a PostgreSQL on the other.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod cloud;
mod flow;
mod stack;
