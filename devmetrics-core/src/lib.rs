//! Measures software delivery: collects pull requests and deployments, attributes them to teams by dated membership, and
//! answers with team velocity and the DORA metrics: exact, with sample sizes, intervals and evidence.
//!
//! # In five lines
//! - A [source](source::SourceProvider) gives pages of raw records, each with the checkpoint that follows it.
//! - A pure function turns a record into [facts](model::Fact); [another](attribution) decides whose they are.
//! - A [store](store::MetricsStore) applies facts, attributions and the checkpoint in one transaction, or none of it.
//! - A [metric] is a definition over narrow samples, and its value is a summary of its evidence.
//! - The [`Engine`] is the only door: the command line, and every other front-end, goes through it.
//!
//! # From a git clone to a number
//! ```
//! use std::sync::Arc;
//!
//! use chrono::TimeDelta;
//! use devmetrics_core::metric::MetricQuery;
//! use devmetrics_core::model::Window;
//! use devmetrics_core::source::git::{GitOptions, GitSource};
//! use devmetrics_core::store::MemoryStore;
//! use devmetrics_core::{Engine, Settings, SystemClock};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use devmetrics_core::Clock;
//! # let folder = tempfile::tempdir()?;
//! # let clone = folder.path().join("app");
//! # let mut git = devmetrics_testbed::git_repository::GitRepository::init(&clone);
//! # git.at(SystemClock.now().timestamp() - 7 * 86_400).commit("Say hello (#1)");
//! let store = Arc::new(MemoryStore::new()); // or SqliteStore, or PostgresStore
//! let engine = Engine::new(store, Arc::new(SystemClock), Settings::default())
//!     .with_source(Arc::new(GitSource::open(GitOptions::new(clone))?));
//! engine.sync(Default::default()).await?; // what is new since the last time
//!
//! let to = engine.now();
//! let window = Window { from: to - TimeDelta::days(90), to };
//! let query = MetricQuery::new(["velocity", "deployment_frequency"], window);
//! for answer in engine.report(&query).await? {
//!     println!("{}: {:?} (n = {})", answer.metric, answer.total.value, answer.total.n);
//! }
//! // Every value stands on evidence: each change with whether it counts, and why not.
//! let evidence = engine.explain(&query, "velocity").await?;
//! assert_eq!(evidence.len(), 1);
//! # Ok(()) }
//! ```
//!
//! [`Engine::open`] does the same by a [`Config`], which is what the command line reads from `devmetrics.toml`: sources, the database,
//! the roster of teams, services, calendars and goals.
//!
//! # Three traits
//!
//! | trait | what an implementation is | those that there are |
//! |---|---|---|
//! | [`SourceProvider`](source::SourceProvider) | a system to collect from | [git](source::git) clones, [GitHub](source::github) |
//! | [`MetricsStore`](store::MetricsStore) | where facts are kept | memory, SQLite, PostgreSQL |
//! | [`Clock`] | what time it is, and how to wait | the system's, one that is set by hand |
//!
//! Bring your own and hand it to [`Engine::new`] or [`Engine::with_source`]. Each trait states its laws under `# Behavior`, and the crate
//! `devmetrics-testkit` holds an implementation to them: `store_suite!` and `source_suite!` make a test of each law. There is a
//! complete source in [`source`], and among the examples of this crate `embedding`, `custom_provider` and `custom_store`.
//!
//! # Features
//!
//! | feature | | what it brings |
//! |---|---|---|
//! | `local` | by default | what a configuration finds on one's own machine: git clones, and SQLite files |
//! | `mock` | | mocks of the three traits by [mockall](https://docs.rs/mockall), for tests of code that embeds the engine |
//!
//! # Where to go on
//! - [`Engine`]: collecting ([`sync`](Engine::sync)), asking ([`report`](Engine::report), [`explain`](Engine::explain)), comparing
//!   ([`compare`](Engine::compare), [`trend`](Engine::trend)), what is doubtful ([`quality`](Engine::quality)).
//! - [`metric`]: the catalog of metrics, queries, values with their intervals; [`insight`]: what values say over time.
//! - [`attribution`]: whose a fact is; [`matching`]: which deployment shipped a change first.
//! - [`Error`]: one type with a [kind](ErrorKind), a message for people, its context and its cause.

pub mod attribution;
mod clock;
mod config;
mod csv_rows;
pub mod engine;
mod error;
mod id;
pub mod import;
pub mod insight;
pub mod matching;
pub mod metric;
pub mod milestone;
pub mod model;
pub mod quality;
pub mod source;
pub mod store;
mod suggest;
mod zone;

#[cfg(feature = "mock")]
pub use clock::MockClock;
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{
    CalendarConfig, Config, Day, GoalConfig, ReadVariable, SourceConfig, Target, metrics_from_toml,
    read_roster,
};
pub use engine::{Engine, Settings};
pub use error::{Error, ErrorKind, Result};
pub use id::Id;
pub use suggest::did_you_mean;
pub use zone::{end_of, instant, instant_or_span, midnight, zone};
