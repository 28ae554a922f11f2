use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The length of a bucket, by the calendar of the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// From midnight to midnight: 23, 24 or 25 hours.
    Day,
    /// The ISO week, from Monday.
    Week,
    /// The calendar month.
    Month,
    /// The calendar quarter.
    Quarter,
}

/// How a change counts whose author is in several teams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// In full for each team.
    Full,
    /// In equal parts that sum to 1.
    Fractional,
    /// For the main team only.
    Primary,
}

/// What durations are measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// All the time that passes.
    Wall,
    /// The working hours of the scope's calendar.
    Working,
}

/// Which way is an improvement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// Whose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// `all`, `team`, `repository`, `service` or `organization`.
    #[schema(example = "team")]
    pub scope: String,
    /// Which; missing for `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "platform")]
    pub id: Option<String>,
}

/// A half-open span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first instant inside.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

/// What is known of which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// From when on something is known; null when nothing is.
    pub from: Option<DateTime<Utc>>,
    /// The finish of the first known deployment; null when none is known.
    pub deployments_from: Option<DateTime<Utc>>,
    /// Up to when everything was collected.
    pub to: Option<DateTime<Utc>>,
    /// The team's first membership; null where there is none, or since ever.
    pub team_from: Option<DateTime<Utc>>,
    /// From when on incidents are known; null where nobody tells of them.
    pub incidents_from: Option<DateTime<Utc>>,
    /// From when on pull requests are known that are not merged.
    pub pull_requests_from: Option<DateTime<Utc>>,
}

/// The answer of a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The metric's id.
    #[schema(example = "velocity")]
    pub metric: String,
    /// The definition and its version: the same facts give the same value as long as it stays.
    #[schema(example = "velocity@1")]
    pub definition: String,
    /// What the values are in: `seconds`, `pull_requests`, `deployments_per_day`, `ratio` and others.
    #[schema(example = "pull_requests")]
    pub unit: String,
    /// Which way is an improvement.
    pub better: Better,
    /// Whose.
    pub scope: Scope,
    /// Of when.
    pub window: Window,
    /// What is known of which time.
    pub coverage: Coverage,
    /// The zone of the buckets.
    #[schema(example = "UTC")]
    pub zone: String,
    /// How shared facts counted.
    pub policy: Policy,
    /// What durations are measured by.
    pub clock: ClockKind,
    /// Over the whole window.
    pub total: MetricValue,
    /// The length of a bucket; null when not cut.
    pub bucket: Option<Bucket>,
    /// One value a bucket, in order of time. One that was not observed at all is missing.
    pub buckets: Vec<BucketValue>,
    /// Further figures by name; unknown ones are null.
    pub beside: BTreeMap<String, Option<f64>>,
}

/// A statistic with what is needed to judge it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricValue {
    /// The headline: the median of a duration, a count, a rate; null where it is unknown, never a stand-in 0.
    pub value: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// The number of samples.
    pub n: u64,
    /// The distribution, of durations and the like.
    pub quantiles: Option<Quantiles>,
    /// What was left out, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// What is known only in part.
    pub censored: Censored,
    /// Durations between -60 s and 0 that count as 0.
    pub skew_clamped: u64,
    /// How many samples begin or end at an estimate.
    pub estimated: u64,
    /// Whether `n < 5`.
    pub low_sample: bool,
    /// Whether it can still change.
    pub provisional: bool,
}

/// The value of a bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BucketValue {
    /// Its name: `2026-W14`, `2026-04-01`, `2026-04`, `2026-Q2`.
    #[schema(example = "2026-W14")]
    pub label: String,
    /// Its span, not cut by the window that was asked for.
    pub window: Window,
    /// Whether that window or the present cuts it.
    pub partial: bool,
    /// The headline; null where it is unknown.
    pub value: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// The number of samples.
    pub n: u64,
    /// The distribution, of durations and the like.
    pub quantiles: Option<Quantiles>,
    /// What was left out, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// What is known only in part.
    pub censored: Censored,
    /// Durations between -60 s and 0 that count as 0.
    pub skew_clamped: u64,
    /// How many samples begin or end at an estimate.
    pub estimated: u64,
    /// Whether `n < 5`.
    pub low_sample: bool,
    /// Whether it can still change.
    pub provisional: bool,
}

/// An interval of confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A distribution: quantiles of type 7.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
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
    /// 95 % interval of the median; null where the sample is too small for one.
    pub p50_interval: Option<Interval>,
    /// Of the upper quartile.
    pub p75_interval: Option<Interval>,
    /// Of 90 %.
    pub p90_interval: Option<Interval>,
    /// Of 95 %.
    pub p95_interval: Option<Interval>,
}

/// Samples of which only a part is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Censored {
    /// Merged and not deployed yet.
    pub pending: u64,
    /// Since when the oldest of them waits, in seconds at the end of what was collected.
    pub oldest_pending_seconds: Option<i64>,
    /// Shipped by the first known deployment or before it.
    pub censored_left: u64,
    /// Begun and not over yet.
    pub open: u64,
    /// Since when the oldest of them is open, in seconds at the end of what was collected.
    pub oldest_open_seconds: Option<i64>,
}
