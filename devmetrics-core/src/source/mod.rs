//! Where facts come from: the trait of a source, and the sources that exist.
//!
//! A provider gives pages of raw records, each page with the checkpoint that follows it. It does not store, attribute or
//! sleep: the engine does.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::model::Fact;
pub use crate::model::{Checkpoint, Feed, RawRecord};

pub mod git;
pub mod github;

/// What a provider is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderInfo {
    /// The kind of source: `git`, `github`.
    pub source: String,
    /// For people: `git clone at /src/cargo`.
    pub description: String,
}

/// Some records of a feed, and where the next ones begin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourcePage {
    /// The records, oldest first.
    pub records: Vec<RawRecord>,
    /// The checkpoint after them.
    pub next: Checkpoint,
    /// Whether the source has more for this run.
    pub has_more: bool,
    /// Whether this page begins the feed anew, because what was read before is no longer true (a rewritten history).
    /// Whatever has not come again when the last page is committed is gone from the source.
    pub restart: bool,
    /// From when on the feed is known completely; `None` while it is not known.
    pub covered_from: Option<DateTime<Utc>>,
    /// About how many records are still to come after this page, for progress; `None` when unknown.
    pub remaining: Option<u64>,
}

/// A source of facts. Object safe; implement the least and the engine does the rest.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SourceProvider: Debug + Send + Sync + 'static {
    /// What this provider is. Never holds a secret.
    fn info(&self) -> ProviderInfo;

    /// The feeds of this source.
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
    /// Never leaves out a feed that has something new.
    async fn changed(&self, feeds: Vec<(Feed, Option<Checkpoint>)>) -> Result<Vec<Feed>> {
        Ok(feeds.into_iter().map(|(feed, _)| feed).collect())
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
}
