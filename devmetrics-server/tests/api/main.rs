//! The real router over real databases.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod callers;
mod database;
mod document;
mod edges;
mod forms;
mod fresh;
mod intruders;
mod records;
mod sockets;
mod world;
