//! What each number means. Pure: samples in, values with their evidence out.
//!
//! The definitions are those of `docs/metrics.md`; each has a version that is stamped on every result.

mod period;
mod query;
mod sample;
mod stats;
mod value;

pub use period::{Period, periods};
pub use query::{Bucket, MetricQuery, Policy};
pub use sample::{Coverage, DeploymentSample, PullRequestSample, SampleQuery, Scope};
pub use stats::{garwood, mean, quantile, quantile_interval, quantiles, wilson};
pub use value::{Answer, BucketValue, Censored, Evidence, Interval, Outcome, Quantiles, Reason, Unit, Value};
