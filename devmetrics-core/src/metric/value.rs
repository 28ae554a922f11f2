use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::names::names;
use super::{Better, Bucket, ClockKind, Policy};
use crate::Id;
use crate::metric::{Coverage, Scope};
use crate::model::{Deployment, DeploymentMatch, FailureRule, Window};

/// The answer of one metric to a query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The metric's id: `change_lead_time`.
    pub metric: String,
    /// The definition and its version: `change_lead_time@1`.
    pub definition: String,
    /// What the values are in.
    pub unit: Unit,
    /// Which way is an improvement.
    pub better: Better,
    /// Whose.
    pub scope: Scope,
    /// Of when.
    pub window: Window,
    /// What is known of which time.
    pub coverage: Coverage,
    /// The zone of the buckets.
    pub zone: Tz,
    /// How shared facts counted.
    pub policy: Policy,
    /// What durations are measured by.
    pub clock: ClockKind,
    /// Over the whole window.
    pub total: Value,
    /// The length of a bucket; `None` when not cut.
    pub bucket: Option<Bucket>,
    /// One value a bucket, in order of time. A bucket before the team's first membership or before collection began is
    /// missing; a quiet one after that is there, with 0.
    pub buckets: Vec<BucketValue>,
    /// Further figures of the metric by name (`distinct_authors`); unknown ones are null.
    pub beside: BTreeMap<String, Option<f64>>,
}

/// The value of one bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BucketValue {
    /// The bucket's name: `2026-W14`, `2026-04-01`, `2026-04`, `2026-Q2`.
    pub label: String,
    /// Its span, not cut by the query's window.
    pub window: Window,
    /// Whether the query's window or the present cuts it.
    pub partial: bool,
    /// Its value.
    #[serde(flatten)]
    pub value: Value,
}

/// What a value is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// Seconds, by the clock of the query.
    Seconds,
    /// A number of merged pull requests.
    PullRequests,
    /// Deployments a day.
    DeploymentsPerDay,
    /// A part of 1.
    Ratio,
    /// A mean number of pull requests that are open at once.
    OpenPullRequests,
    /// Rounds of review.
    Rounds,
    /// Changed lines.
    Lines,
    /// Comments on every hundred changed lines.
    #[serde(rename = "comments_per_100_lines")]
    CommentsPer100Lines,
    /// A number of whatever a custom metric counts.
    Count,
    /// What a custom metric adds up, such as lines.
    Sum,
    /// A number of whatever a custom metric counts, a day.
    PerDay,
}

/// A statistic with what is needed to judge it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Value {
    /// The headline: the median of a duration, a count, a rate. `None` where it is unknown; never a stand-in 0.
    pub value: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// The number of samples.
    pub n: u64,
    /// The distribution of a duration.
    pub quantiles: Option<Quantiles>,
    /// What was left out, by reason.
    pub excluded: BTreeMap<Reason, u64>,
    /// What is known only in part.
    pub censored: Censored,
    /// Durations between -60 s and 0 that count as 0 (clock skew).
    pub skew_clamped: u64,
    /// How many of the samples begin at an estimate (a squash keeps no earlier commit) or end at one (the deployment is
    /// matched by time). [`Evidence`] says which, and why.
    pub estimated: u64,
    /// Whether `n < 5`.
    pub low_sample: bool,
    /// Whether it can still change: merged but undeployed changes, or a time not collected yet.
    pub provisional: bool,
}

/// An interval of confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A distribution of seconds, or of what else the metric's unit says: quantiles of type 7 (PostgreSQL's `percentile_cont`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Median.
    pub p50: f64,
    /// Upper quartile.
    pub p75: f64,
    /// 90 %.
    pub p90: f64,
    /// 95 %.
    pub p95: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// 95 % intervals by binomial order statistics; `None` where the sample is too small for one.
    pub p50_interval: Option<Interval>,
    /// Of the upper quartile.
    pub p75_interval: Option<Interval>,
    /// Of 90 %.
    pub p90_interval: Option<Interval>,
    /// Of 95 %.
    pub p95_interval: Option<Interval>,
}

/// Samples of which only a part is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Censored {
    /// Merged in the period and not deployed yet.
    pub pending: u64,
    /// The oldest pending one's age in seconds at the end of what was collected; `None` when nothing is pending.
    pub oldest_pending_seconds: Option<i64>,
    /// Shipped by the first known deployment or before it.
    pub censored_left: u64,
    /// Begun in the period and not over yet: failures, incidents, what waits for its first review.
    pub open: u64,
    /// Since when the oldest open one is so, in seconds at the end of what was collected; `None` when nothing is open.
    pub oldest_open_seconds: Option<i64>,
}

/// Why a sample was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// A bot did it.
    Bot,
    /// Merged to another branch than those whose merges count.
    OtherBranch,
    /// Pushed without a pull request.
    DirectPush,
    /// A service was asked for by its files, and it is not known which ones the change touches.
    UnknownPaths,
    /// A milestone is not known.
    UnknownMilestone,
    /// The end lies more than 60 s before the begin.
    NegativeDuration,
    /// Its repository has no known deployments.
    NoDeployments,
    /// Not the author's main team (policy `primary`).
    OtherPrimaryTeam,
    /// The deployment did not succeed.
    NotSuccessful,
    /// Not to production.
    OtherEnvironment,
    /// The running commit again.
    Redeploy,
    /// A version older than the running one.
    Rollback,
    /// Nobody reviewed it.
    Unreviewed,
    /// It is a draft.
    Draft,
    /// No line of it changed.
    NoLines,
}

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It counts, with this value (seconds, or its weight).
    Counted {
        /// The value.
        value: f64,
        /// Whether the value was negative by at most 60 s and counts as 0.
        skew_clamped: bool,
    },
    /// It was left out.
    Excluded {
        /// Why.
        reason: Reason,
    },
    /// Merged in the period and not deployed yet.
    Pending {
        /// Seconds since the merge, at the end of what was collected.
        age_seconds: Option<i64>,
    },
    /// Shipped by the first known deployment or before it.
    CensoredLeft,
    /// Begun and not over yet.
    Open {
        /// Seconds since it began, at the end of what was collected.
        age_seconds: Option<i64>,
    },
}

/// What to know about one sample's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Note {
    /// The first commit is an estimate: a squash keeps no earlier one.
    FirstCommitEstimated,
    /// The first commit is more than 180 days older than the opening.
    StaleFirstCommit,
    /// The work begins with the opening, because no earlier commit is known.
    BeginIsOpening,
    /// Deployed before it was merged, as a hotfix from its branch: its deploy time is 0.
    DeployedBeforeMerge,
}

names!(
    Unit,
    Seconds = "seconds",
    PullRequests = "pull_requests",
    DeploymentsPerDay = "deployments_per_day",
    Ratio = "ratio",
    OpenPullRequests = "open_pull_requests",
    Rounds = "rounds",
    Lines = "lines",
    CommentsPer100Lines = "comments_per_100_lines",
    Count = "count",
    Sum = "sum",
    PerDay = "per_day",
);

names!(
    Reason,
    Bot = "bot",
    OtherBranch = "other_branch",
    DirectPush = "direct_push",
    UnknownPaths = "unknown_paths",
    UnknownMilestone = "unknown_milestone",
    NegativeDuration = "negative_duration",
    NoDeployments = "no_deployments",
    OtherPrimaryTeam = "other_primary_team",
    NotSuccessful = "not_successful",
    OtherEnvironment = "other_environment",
    Redeploy = "redeploy",
    Rollback = "rollback",
    Unreviewed = "unreviewed",
    Draft = "draft",
    NoLines = "no_lines",
);

names!(
    Note,
    FirstCommitEstimated = "first_commit_estimated",
    StaleFirstCommit = "stale_first_commit",
    BeginIsOpening = "begin_is_opening",
    DeployedBeforeMerge = "deployed_before_merge",
);

/// One sample behind a value, and why it is in it or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The id of the pull request or deployment.
    pub item: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The instant that places it in a window or bucket.
    pub at: DateTime<Utc>,
    /// The begin that was used.
    pub begin: Option<DateTime<Utc>>,
    /// The end that was used.
    pub end: Option<DateTime<Utc>>,
    /// How a change was matched to its deployment, or why not, where that matters.
    pub matched: Option<DeploymentMatch>,
    /// What to know about the value.
    pub note: Option<Note>,
    /// Of a failed deployment: the reason of highest precedence.
    pub because: Option<Because>,
}

/// Why a deployment counts as failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// What tells that it failed.
    pub rule: FailureRule,
    /// The id of what tells: an incident, a deployment that rolled back, a pull request that undid a change.
    pub cause: String,
    /// The deployment that ended it.
    pub remedy: Option<Id<Deployment>>,
}
