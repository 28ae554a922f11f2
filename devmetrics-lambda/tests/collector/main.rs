//! The collector over a fake GitHub, its virtual clock, and a queue that delivers as SQS may.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod database;
mod failures;
mod slots;
mod sqs;
mod week;
mod world;
