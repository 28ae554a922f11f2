//! devmetrics on AWS Lambda: the API behind a gateway, and the collector by a schedule and a queue.
//!
//! Thin: [`api`] gives every request to the router of `devmetrics-server`, and [`Collector`] has the
//! [`Engine`](devmetrics_core::Engine) read what a planner shared among workers. Nothing waits for a limit:
//! a worker that has to stop commits what it has and puts the rest on the queue. What each function needs and says is told in
//! `docs/lambda.md`.

pub mod api;
mod aws;
mod collector;
mod container;
mod database;
mod dead_letters;
pub mod emf;
mod event;
mod iam;
pub mod logging;
mod message;
mod planner;
mod queue;
mod secrets;
mod settings;
mod worker;

pub use aws::Aws;
pub use collector::Collector;
pub use container::{Container, Engines};
pub use dead_letters::{DeadLetter, DeadLetters, Replayed, Unreadable};
pub use event::Event;
pub use message::{Message, VERSION, Work};
pub use queue::{LONGEST_DELAY, Queue, SqsQueue};
pub use secrets::{SecretStore, SecretsManager};
pub use settings::{DatabaseAuth, Settings};
