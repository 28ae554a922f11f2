//! Measures software delivery: collects pull requests and deployments, attributes them to teams by dated membership, and
//! answers with team velocity and the DORA metrics: exact, with sample sizes, intervals and evidence.
//!
//! # In five lines
//! - A [source](source::SourceProvider) gives pages of raw records, each with the checkpoint that follows it.
//! - A pure function turns a record into [facts](model::Fact); [another](attribution) decides whose they are.
//! - A [store](store::MetricsStore) applies facts, attributions and the checkpoint in one transaction, or none of it.
//! - A [metric](metric) is a definition over narrow samples, and its value is a summary of its evidence.
//! - The [`Engine`] is the only door: the command line, and every other front-end, goes through it.
//!
//! # From a git clone to a number
//! ```no_run
//! use devmetrics_core::{Config, Engine};
//! use devmetrics_core::metric::{Bucket, MetricQuery};
//!
//! # async fn example() -> devmetrics_core::Result<()> {
//! let config = Config::from_toml("devmetrics.toml", r#"
//!     database = "sqlite:metrics.db"
//!     [[source]]
//!     kind = "git"
//!     path = "."
//! "#)?;
//! let engine = Engine::open(&config).await?;
//! engine.sync(Default::default()).await?;
//!
//! let now = engine.now();
//! let query = MetricQuery::new(["velocity", "change_lead_time"], now - chrono::TimeDelta::days(90), now)
//!     .bucket(Bucket::Week);
//! for answer in engine.report(&query).await? {
//!     println!("{}: {:?} (n = {})", answer.definition, answer.total.value, answer.total.n);
//! }
//! # Ok(()) }
//! ```
//!
//! # Bring your own
//! Implement [`source::SourceProvider`] to collect from another system, [`store::MetricsStore`] to keep facts elsewhere,
//! and [`Clock`] to simulate time; hand them to [`Engine::new`] and [`Engine::with_source`]. Each trait states its laws
//! under `# Behavior`. With the feature `mock`, each has a mock for your tests.

pub mod attribution;
mod clock;
mod config;
pub mod engine;
mod error;
mod id;
pub mod matching;
pub mod metric;
pub mod model;
pub mod source;
pub mod store;
mod suggest;
mod zone;

#[cfg(feature = "mock")]
pub use clock::MockClock;
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{Config, SourceConfig, read_roster};
pub use engine::{Engine, Settings};
pub use error::{Error, ErrorKind, Result};
pub use id::Id;
pub use zone::{midnight, zone};
