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
//! ```no_run
//! use devmetrics_core::{Config, Engine};
//! use devmetrics_core::metric::{Bucket, MetricQuery};
//! use devmetrics_core::model::Window;
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
//! let to = engine.now();
//! let window = Window { from: to - chrono::TimeDelta::days(90), to };
//! let query = MetricQuery::new(["velocity", "change_lead_time"], window).bucket(Bucket::Week);
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
//!
//! A source of your own, complete:
//!
//! ```
//! use std::sync::Arc;
//!
//! use chrono::DateTime;
//! use devmetrics_core::metric::MetricQuery;
//! use devmetrics_core::model::{Actor, Checkpoint, Deployment, DeploymentStatus, Fact, Feed, PRODUCTION, RawRecord, Window};
//! use devmetrics_core::source::{ProviderInfo, SourcePage, SourceProvider};
//! use devmetrics_core::store::MemoryStore;
//! use devmetrics_core::{Engine, Error, ErrorKind, Id, Result, Settings, SystemClock};
//!
//! /// A pipeline that keeps a log: one line a deployment, its finish in seconds since 1970 and its commit.
//! #[derive(Debug)]
//! struct Pipeline(Vec<&'static str>);
//!
//! #[async_trait::async_trait]
//! impl SourceProvider for Pipeline {
//!     fn info(&self) -> ProviderInfo {
//!         ProviderInfo { source: "pipeline".into(), description: "our deployment log".into(), metered: false }
//!     }
//!
//!     async fn discover(&self) -> Result<Vec<Feed>> {
//!         Ok(vec![Feed { source: "pipeline".into(), scope: "shop".into(), kind: "deployments".into() }])
//!     }
//!
//!     // A log only grows, so the number of lines read is a checkpoint.
//!     async fn fetch(&self, _feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
//!         let read: usize = after.and_then(|checkpoint| checkpoint.0.parse().ok()).unwrap_or(0);
//!         let record = |line: &&str| RawRecord { id: (*line).into(), payload: (*line).into() };
//!         Ok(SourcePage {
//!             records: self.0[read..].iter().map(record).collect(),
//!             next: Checkpoint(self.0.len().to_string()),
//!             has_more: false,
//!             restart: false,
//!             covered_from: DateTime::from_timestamp(0, 0),
//!             remaining: Some(0),
//!             ..SourcePage::default()
//!         })
//!     }
//!
//!     fn normalize(&self, feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>> {
//!         let broken = || Error::new(ErrorKind::Corrupt, "a line is `SECONDS COMMIT`").with("line", &record.id);
//!         let (seconds, commit) = record.id.split_once(' ').ok_or_else(broken)?;
//!         let finished_at = seconds.parse().ok().and_then(|at| DateTime::from_timestamp(at, 0)).ok_or_else(broken)?;
//!         Ok(vec![Fact::Deployment(Deployment {
//!             id: Id::new(format!("pipeline:{}", record.id)),
//!             repository: Id::new(&feed.scope),
//!             environment: PRODUCTION.into(),
//!             status: DeploymentStatus::Success,
//!             finished_at,
//!             reference: commit.into(),
//!             commit: commit.into(),
//!             committed_at: None,
//!             contains_to: None,
//!             declares: Vec::new(),
//!             creator: Actor::default(),
//!             url: None,
//!             updated_at: finished_at,
//!         })])
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
//! let log = Pipeline(vec!["86400 a1", "172800 b2", "172900 b2", "oops"]);
//! let engine = Engine::new(Arc::new(MemoryStore::new()), Arc::new(SystemClock), Settings::default())
//!     .with_source(Arc::new(log));
//! let report = engine.sync(Default::default()).await?;
//! assert_eq!((report.applied().inserted, report.quarantined()), (3, 1)); // the bad line is set aside
//!
//! let day = |n: i64| DateTime::from_timestamp(n * 86_400, 0).unwrap_or_default();
//! let query = MetricQuery::new(["deployment_frequency"], Window { from: day(0), to: day(10) });
//! let answer = engine.report(&query).await?.remove(0);
//! assert_eq!(answer.total.value, Some(0.2)); // two in ten days: the third was the running commit again
//! # Ok(()) }
//! ```

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
