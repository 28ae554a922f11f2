use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Better, ClockKind, Interval, Policy, Window};

/// What a metric is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The id that programs use.
    #[schema(example = "change_lead_time")]
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// Other ids that stand for it.
    pub aliases: Vec<String>,
    /// What its values are in.
    #[schema(example = "seconds")]
    pub unit: String,
    /// What a custom metric's file calls that.
    pub unit_label: Option<String>,
    /// Which way is an improvement.
    pub better: Better,
    /// Raised whenever the same facts would give another value.
    pub version: u32,
    /// What is measured.
    pub summary: String,
    /// A worked example.
    pub example: Option<String>,
    /// Where the definition comes from.
    pub source: String,
}

/// A goal, and how it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// `all`, `team`, `repository`, `service` or `organization`.
    pub scope: String,
    /// Which; missing for `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The metric's id.
    pub metric: String,
    /// Which figure of it: `value`, `p50`, `p75`, `p90` or `p95`.
    pub statistic: String,
    /// What it should be at least, or at most where less is better.
    pub target: f64,
    /// The last day on which it should be reached.
    pub by: NaiveDate,
    /// Over how many days up to now it is measured.
    pub days: u32,
    /// The zone of its days and weeks.
    pub zone: String,
    /// How shared facts count.
    pub policy: Policy,
    /// What durations are measured by.
    pub clock: ClockKind,
    /// The metric's definition and version.
    pub definition: String,
    /// The metric's unit.
    pub unit: String,
    /// `met`, `on_track`, `at_risk` or `unknown`.
    #[schema(example = "on_track")]
    pub state: String,
    /// Why it is not known how the goal goes.
    pub unknown_because: Option<String>,
    /// Of when the value is.
    pub window: Window,
    /// What it is now, measured as the target is.
    pub value: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// The number of samples.
    pub n: u64,
    /// Whether the value can still change.
    pub provisional: bool,
    /// Which way it goes: `improving`, `worsening`, `no_evidence` or `unknown`.
    pub direction: String,
    /// What it will be in the week of the last day, where it evidently goes some way.
    pub expected: Option<f64>,
}

/// What is wrong or doubtful in what was collected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Of when.
    pub window: Window,
    /// One a kind; a kind of which nothing was found is missing.
    pub findings: Vec<Finding>,
}

/// Something wrong or doubtful.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What kind of thing.
    #[schema(example = "unmapped_author")]
    pub kind: String,
    /// How often.
    pub count: u64,
    /// Of how many that were looked at.
    pub out_of: u64,
    /// A few of them.
    pub examples: Vec<Example>,
    /// Which metrics suffer from it, and how.
    pub affects: Vec<Affected>,
    /// What to do.
    pub remedy: String,
}

/// One of what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Its id; of a person what they are told apart by, which is a number where only an address is known.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// What is wrong with it.
    pub detail: String,
}

/// Metrics that suffer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Affected {
    /// The metrics' ids.
    pub metrics: Vec<String>,
    /// How they suffer.
    pub how: String,
}

/// How completely a repository or an organization has been collected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The id of what was collected.
    pub scope: String,
    /// What people call it.
    pub name: String,
    /// Whether nothing is missing.
    pub complete: bool,
    /// The time that everything is known up to.
    pub known_to: Option<DateTime<Utc>>,
    /// What is missing.
    pub missing: Vec<String>,
    /// What it is read by.
    pub feeds: Vec<FeedState>,
}

/// How far a feed has been read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedState {
    /// Which.
    pub feed: Feed,
    /// How far it has been read, in the words of its source.
    pub checkpoint: String,
    /// From when on it is known completely.
    pub covered_from: Option<DateTime<Utc>>,
    /// When a run last read it to its end.
    pub covered_to: Option<DateTime<Utc>>,
    /// How many of its records are set aside.
    pub quarantined: u64,
    /// How many facts are stored of it.
    pub stored: u64,
    /// How many records the source said last that it has.
    pub total: Option<u64>,
}

/// What is read from a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// The kind of source.
    pub source: String,
    /// What it is about.
    pub scope: String,
    /// What it brings.
    pub kind: String,
}
