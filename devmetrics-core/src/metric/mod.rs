//! What each number means. Pure: samples in, values with their evidence out.
//!
//! The definitions are those of `docs/metrics.md`; each has a version that is stamped on every result.

mod answer;
mod calendar;
mod catalog;
mod change_fail_rate;
mod change_lead_time;
pub mod custom;
mod cycle_time;
mod deployment_frequency;
mod deployment_rework_rate;
mod facts;
mod finding;
mod first_review;
mod flow;
mod names;
mod period;
mod phases;
mod query;
mod recovery_time;
mod review;
mod sample;
mod stats;
mod summary;
mod survival;
mod tally;
#[cfg(test)]
mod tests;
mod value;
mod velocity;

pub(crate) use answer::Answering;
pub use calendar::{Calendar, CalendarRules, Calendars, WorkingHours};
pub use catalog::{Beside, Better, Catalog, Context, Definition, Lasting, LooksBack, Metric};
pub use custom::{CustomMetric, MetricSpec};
pub use facts::{Facts, Needs, Terms};
pub use finding::Finding;
pub use period::{Period, periods};
pub use phases::{Phases, phases};
pub use query::{Bucket, ClockKind, MetricQuery, Policy};
pub use sample::{
    Coverage, DeploymentSample, Extent, FailureSample, IncidentSample, PlaceRange, PullRequestSample,
    SampleQuery, Scope,
};
pub(crate) use stats::Z;
pub use stats::{garwood, mean, quantile, quantile_interval, quantiles, wilson};
pub use survival::{Survival, SurvivalQuantile, SurvivalStep, kaplan_meier};
pub use tally::Tally;
pub use value::{
    Answer, Because, BucketValue, Censored, Evidence, Interval, Note, Outcome, Quantiles, Reason, Unit, Value,
};
