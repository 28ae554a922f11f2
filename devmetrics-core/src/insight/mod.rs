//! What values say over time and against each other: trends, anomalies, comparisons, forecasts and goals. Pure: answers
//! in, judgements with their evidence out.
//!
//! The methods are those of `docs/metrics.md#trend-anomaly-comparison-forecast-goals`. Nothing is said of too little: a
//! figure that cannot be known is null, with the reason.

mod anomaly;
mod comparison;
mod forecast;
mod goal;
mod measure;
mod ranks;
mod rates;
mod series;
#[cfg(test)]
mod tests;
mod trend;
mod unknown;

pub use anomaly::{Anomalies, Anomaly, Judged, Side, Unjudged, anomalies};
pub use comparison::{Compared, ComparedSummary, Comparison, Effect, EffectKind, Samples, compare};
pub use forecast::{Forecast, Likely, Outlook, forecast};
pub use goal::{Goal, GoalState, Progress, Statistic, evaluate};
pub use measure::Measure;
pub use ranks::{Shift, mann_whitney};
pub use rates::{Bounds, fisher, newcombe, poisson_ratio};
pub use series::{LeftOut, Point, Series, Subject};
pub use trend::{Direction, Slope, Trend, mann_kendall, theil_sen, trend};
pub use unknown::UnknownBecause;
