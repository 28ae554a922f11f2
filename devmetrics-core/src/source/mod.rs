//! Where facts come from: the trait of a source, and the sources that exist.
//!
//! A provider gives pages of raw records, each page with the checkpoint that follows it. It does not store, attribute or
//! sleep: the engine does.
//!
//! # A source of your own, complete
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

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::Fact;
pub use crate::model::{Checkpoint, Feed, RawRecord};
use crate::{Error, ErrorKind, Result};

pub mod git;
pub mod github;
mod message;
mod tags;

pub use tags::TagRules;

/// What a provider is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderInfo {
    /// The kind of source: `git`, `github`.
    pub source: String,
    /// For people: `git clone at /src/cargo`.
    pub description: String,
    /// Whether requests cost (a host's limits). Overlapping runs then share its scopes, so that nothing is read twice.
    #[serde(default)]
    pub metered: bool,
}

/// Some records of a feed, and where the next ones begin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourcePage {
    /// The records, oldest first unless they are history read backwards.
    pub records: Vec<RawRecord>,
    /// Records that the source could not deliver, as far as it can name them. They are set aside like those that cannot be
    /// understood, and leave that state when they come as records.
    pub unreadable: Vec<Unreadable>,
    /// The checkpoint after them.
    pub next: Checkpoint,
    /// Whether the source has more for this run.
    pub has_more: bool,
    /// Whether everything new has been read: with `has_more`, what is still to come is history.
    pub caught_up: bool,
    /// Whether this page begins the feed anew, because what was read before is no longer true (a rewritten history).
    /// Whatever has not come again when the last page is committed is gone from the source.
    pub restart: bool,
    /// From when on the feed is known completely; `None` while it is not known.
    pub covered_from: Option<DateTime<Utc>>,
    /// About how many records are still to come after this page, for progress; `None` when unknown.
    pub remaining: Option<u64>,
    /// How many records the source says that the whole feed has; `None` when it does not say.
    pub total: Option<u64>,
    /// How many of the records changed without a trace in the source's lists, and were found by comparing what is known with it (a
    /// sweep).
    pub swept: u64,
}

/// A record that the source knows and cannot deliver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unreadable {
    /// What is known of it.
    pub record: RawRecord,
    /// Why it could not be read.
    pub error: String,
}

/// A feed with what the store knows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFeed {
    /// Which.
    pub feed: Feed,
    /// How far it has been read; `None` when never.
    pub checkpoint: Option<Checkpoint>,
    /// When it was last known to be read to its end.
    pub covered_to: Option<DateTime<Utc>>,
}

/// Which feeds may have something new. A feed in neither list was not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// To be read, the most urgent first.
    pub to_read: Vec<Feed>,
    /// Asked about, and as the store has them: known to be complete up to now.
    pub unchanged: Vec<Feed>,
}

/// What a run has used up of what its sources allow, so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Requests sent.
    pub requests: u64,
    /// Points used, as the source counts them.
    pub points: u64,
    /// Points left until `reset_at`; `None` where the source has no such limit or has not said yet.
    pub points_left: Option<u64>,
    /// Points that there are again at `reset_at`, and every hour after it; `None` as `points_left`.
    pub points_limit: Option<u64>,
    /// When the points are filled up again.
    pub reset_at: Option<DateTime<Utc>>,
}

/// What reading a feed to its end would take: an estimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFeed {
    /// Which.
    pub feed: Feed,
    /// What people call its scope: the repository's name.
    pub name: String,
    /// Records to be read, as the source counts them.
    pub records: u64,
    /// Requests to be sent.
    pub requests: u64,
    /// Points that they use up.
    pub points: u64,
    /// Seconds that they take, one after the other.
    pub seconds: u64,
}

/// A source of facts. Object safe; implement the least and the engine does the rest.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SourceProvider: Debug + Send + Sync + 'static {
    /// What this provider is. Never holds a secret.
    fn info(&self) -> ProviderInfo;

    /// The feeds of this source. A run begins with it.
    ///
    /// # Behavior
    /// The same source gives the same feeds in the same order.
    ///
    /// # Errors
    /// `InvalidInput` or `NotFound` when the source does not exist or is not one, `PermissionDenied` when it cannot be
    /// read.
    async fn discover(&self) -> Result<Vec<Feed>>;

    /// Of these feeds, those that may have something new: one cheap question for many. By default all of them.
    ///
    /// # Behavior
    /// A feed in [`Changes::unchanged`] has nothing new. One that is in neither list is asked about by a later run.
    ///
    /// # Errors
    /// As the source fails.
    async fn changed(&self, feeds: Vec<KnownFeed>) -> Result<Changes> {
        Ok(Changes {
            to_read: feeds.into_iter().map(|known| known.feed).collect(),
            unchanged: Vec::new(),
        })
    }

    /// Of these feeds, those with history to be read, and what that would take. By default none: nothing is known of it.
    ///
    /// # Behavior
    /// It reads no history itself, and changes nothing. A feed that was read to its end is not in it.
    ///
    /// # Errors
    /// As the source fails.
    async fn plan(&self, feeds: Vec<KnownFeed>) -> Result<Vec<PlannedFeed>> {
        let _ = feeds;
        Ok(Vec::new())
    }

    /// The page of `feed` that follows `after`; `None` starts at the beginning.
    ///
    /// # Behavior
    /// - Going on from any page's checkpoint never skips a record; it may repeat one.
    /// - When `has_more` is false, the checkpoint is where the next run starts. A run on an unchanged source gives no
    ///   record and the same checkpoint.
    /// - It never sleeps: a limit is an error of kind `RateLimited` with its `retry_at`.
    ///
    /// # Errors
    /// As the source fails. Nothing was lost: the same call may be made again.
    async fn fetch(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage>;

    /// What a record means.
    ///
    /// # Behavior
    /// Pure: the same record always gives the same facts.
    ///
    /// # Errors
    /// `Corrupt` when the record cannot be understood; the engine sets it aside and goes on.
    fn normalize(&self, feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>>;

    /// The checkpoint from which everything that changed since `since` (`None`: everything) is read again, after
    /// `checkpoint`. What is there already stays as it is.
    ///
    /// # Errors
    /// `Unsupported` where the source cannot, or need not.
    fn rewind(
        &self,
        feed: &Feed,
        checkpoint: &Checkpoint,
        since: Option<DateTime<Utc>>,
    ) -> Result<Checkpoint> {
        let _ = (checkpoint, since);
        Err(Error::new(
            ErrorKind::Unsupported,
            "this feed cannot be read again from some instant on",
        )
        .with("feed", feed))
    }

    /// What was used up since the last [`discover`](Self::discover). By default nothing.
    fn usage(&self) -> Usage {
        Usage::default()
    }
}
