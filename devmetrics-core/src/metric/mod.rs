//! What each number means. Pure: samples in, values with their evidence out.
//!
//! The definitions are those of `docs/metrics.md`; each has a version that is stamped on every result.

mod query;
mod sample;

mod value;

pub use query::{Bucket, MetricQuery, Policy};
pub use sample::{Coverage, DeploymentSample, PullRequestSample, SampleQuery, Scope};
pub use value::{Answer, BucketValue, Censored, Evidence, Interval, Outcome, Quantiles, Reason, Unit, Value};
