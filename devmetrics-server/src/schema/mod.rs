//! The shapes of answers, as the OpenAPI document tells them.
//!
//! Some of them are what a route writes. The others stand for values of the core, which are written as they are there; tests read
//! every real answer by its shape here, in which no field may be missing or too many.

mod answer;
mod comparison;
mod insight;
mod record;

pub use answer::{
    Answer, Better, Bucket, BucketValue, Censored, ClockKind, Coverage, Interval, MetricValue, Policy,
    Quantiles, Scope, Window,
};
pub use comparison::{Bounds, Compared, Comparison, Comparisons, Effect};
pub use devmetrics_answers::{
    Because, Deployment, Evidence, Incident, Items, Member, Named, Page, PullRequest, Repository, Team,
};
pub use insight::{Affected, Certificate, Definition, Example, Feed, FeedState, Finding, Goal, Quality};
pub use record::{Brought, DeploymentRecord, Imported, IncidentRecord, Settled};
