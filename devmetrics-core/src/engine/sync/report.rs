use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::engine::Settled;
use crate::model::Feed;
use crate::source::{SourceProvider, Usage};
use crate::store::Applied;
use crate::{Error, ErrorKind};

/// What a sync tells while it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Progress {
    /// A feed is about to be read.
    FeedStarted {
        /// Which.
        feed: Feed,
    },
    /// A page was committed.
    PageCommitted {
        /// Of which feed.
        feed: Feed,
        /// Records read from it in this run.
        records: u64,
        /// About how many are still to come; `None` when unknown.
        remaining: Option<u64>,
        /// Whether it was history: everything new had been read before.
        history: bool,
        /// What the feed's source has used up in this run.
        usage: Usage,
    },
    /// The source asks to wait.
    Waiting {
        /// For which feed; `None` while it says what there is to read.
        feed: Option<Feed>,
        /// Until when.
        until: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// A feed was read to its end, or given up.
    FeedFinished {
        /// Which.
        feed: Feed,
    },
    /// Everything was read; teams and deployments are being matched.
    Settling,
}

/// What a sync did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SyncReport {
    /// Whether everything was read.
    pub outcome: Outcome,
    /// One entry a feed that was read, in order.
    pub feeds: Vec<FeedReport>,
    /// Number of feeds that were asked about and had nothing new.
    pub unchanged: u64,
    /// Whether the roster of the settings differed from the stored one and took its place.
    pub roster_changed: bool,
    /// What matching did afterwards.
    pub settled: Settled,
    /// What went wrong; the rest was done all the same.
    pub failures: Vec<SyncFailure>,
    /// What was used up, over all sources; `points_left`, `points_limit` and `reset_at` are those of the one with the least
    /// left.
    pub usage: Usage,
}

/// What a sync would read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Due {
    /// The scopes ([`Feed::scope`]) with feeds that may have something new, or whose history is not read yet; the most urgent
    /// first.
    pub scopes: Vec<String>,
    /// Number of feeds that were asked about and had nothing new; they are confirmed.
    pub unchanged: u64,
    /// Whether every source said what there is to read.
    pub outcome: Outcome,
    /// What went wrong; what the other sources have is in `scopes` all the same.
    pub failures: Vec<SyncFailure>,
    /// What asking used up, as in [`SyncReport::usage`].
    pub usage: Usage,
}

/// How a sync ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Every feed was read to its end.
    Complete,
    /// Something is left; the next run goes on from there.
    Partial {
        /// Why.
        reason: PartialReason,
    },
}

/// Why a sync left something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum PartialReason {
    /// The caller asked to stop.
    Stopped,
    /// Its time was up.
    Deadline,
    /// A source's limit is used up for longer than the run may wait.
    RateLimited {
        /// When it is filled up again.
        reset_at: DateTime<Utc>,
    },
    /// Some feed could not be read to its end; see the failures.
    Degraded,
}

/// What a sync read of one feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedReport {
    /// Which.
    pub feed: Feed,
    /// Pages read.
    pub pages: u64,
    /// Records read.
    pub records: u64,
    /// Of these, set aside because they could not be read or understood.
    pub quarantined: u64,
    /// Of these, changed without a trace in the source's lists, and found by a sweep.
    pub swept: u64,
    /// What the store did with the rest.
    pub applied: Applied,
    /// Whether the source's history was rewritten and the feed was read anew.
    pub restarted: bool,
    /// Whether everything new was read; history may be left.
    pub caught_up: bool,
    /// Whether it was read to its end.
    pub complete: bool,
}

impl FeedReport {
    pub(super) fn begin(feed: Feed) -> Self {
        Self {
            feed,
            pages: 0,
            records: 0,
            quarantined: 0,
            swept: 0,
            applied: Applied::default(),
            restarted: false,
            caught_up: false,
            complete: false,
        }
    }
}

/// Something that a sync could not do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncFailure {
    /// The source, as [`ProviderInfo::description`](crate::source::ProviderInfo) names it.
    pub source: String,
    /// The feed; `None` when the source as a whole failed.
    pub feed: Option<Feed>,
    /// What a caller can do about it.
    pub kind: ErrorKind,
    /// What went wrong.
    pub message: String,
    /// When the source can be asked again, where it said so.
    pub retry_at: Option<DateTime<Utc>>,
}

impl SyncFailure {
    pub(super) fn new(source: &dyn SourceProvider, feed: Option<Feed>, error: &Error) -> Self {
        Self {
            source: source.info().description,
            feed,
            kind: error.kind(),
            message: error.to_string(),
            retry_at: error.retry_after(),
        }
    }
}

impl SyncReport {
    /// The sum over all feeds.
    pub fn applied(&self) -> Applied {
        let mut sum = Applied::default();
        for feed in &self.feeds {
            sum += feed.applied;
        }
        sum
    }

    /// The number of records set aside, over all feeds.
    pub fn quarantined(&self) -> u64 {
        self.feeds.iter().map(|feed| feed.quarantined).sum()
    }

    /// The number of records that a sweep found changed, over all feeds.
    pub fn swept(&self) -> u64 {
        self.feeds.iter().map(|feed| feed.swept).sum()
    }
}

/// The sum of what several sources used up.
pub(super) fn total(usages: impl IntoIterator<Item = Usage>) -> Usage {
    let mut total = Usage::default();
    for usage in usages {
        total.requests += usage.requests;
        total.points += usage.points;
        let least = match (total.points_left, usage.points_left) {
            (Some(known), Some(left)) => left < known,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if least {
            (total.points_left, total.points_limit) = (usage.points_left, usage.points_limit);
            total.reset_at = usage.reset_at;
        }
    }
    total
}
