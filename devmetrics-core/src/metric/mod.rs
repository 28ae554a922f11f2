//! What each number means. Pure: samples in, values with their evidence out.
//!
//! The definitions are those of `docs/metrics.md`; each has a version that is stamped on every result.

mod answer;
mod catalog;
mod change_lead_time;
mod cycle_time;
mod deployment_frequency;
mod facts;
mod finding;
mod names;
mod period;
mod phases;
mod query;
mod sample;
mod stats;
mod summary;
#[cfg(test)]
mod tests;
mod value;
mod velocity;

pub use answer::{answer, explain, needed};
pub use catalog::{Better, Context, Definition, Metric, catalog, find};
pub use facts::{Facts, Needs, Terms};
pub use finding::Finding;
pub use period::{Period, periods};
pub use phases::{Phases, phases};
pub use query::{Bucket, MetricQuery, Policy};
pub use sample::{
    Coverage, DeploymentSample, Extent, FailureSample, IncidentSample, PlaceRange, PullRequestSample,
    SampleQuery, Scope,
};
pub use stats::{garwood, mean, quantile, quantile_interval, quantiles, wilson};
pub use value::{
    Answer, BucketValue, Censored, Evidence, Interval, Note, Outcome, Quantiles, Reason, Unit, Value,
};
