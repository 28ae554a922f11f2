use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ClockKind, Window};

/// How the others differ from the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparisons {
    /// One for each side but the first, in the order of the request.
    pub comparisons: Vec<Comparison>,
}

/// How the second side differs from the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The metric's id.
    pub metric: String,
    /// The definition and its version.
    pub definition: String,
    /// What the values are in.
    pub unit: String,
    /// What durations are measured by.
    pub clock: ClockKind,
    /// The side that is compared with.
    pub first: Compared,
    /// The side that is compared.
    pub second: Compared,
    /// By how much they differ; null where a side has nothing to compare.
    pub effect: Option<Effect>,
    /// Why the effect is null.
    pub unknown_because: Option<String>,
    /// Whether the second is evidently better or worse: `improving`, `worsening`, `no_evidence` or `unknown`.
    pub direction: String,
    /// Whether a side has fewer than 5 samples.
    pub low_sample: bool,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// `all`, `team`, `repository`, `service` or `organization`.
    pub scope: String,
    /// Which; missing for `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Of when.
    pub window: Window,
    /// The number of samples.
    pub n: u64,
    /// The median of values, the number a day of counts, the share; null where it is not known.
    pub value: Option<f64>,
    /// Whether `n < 5`.
    pub low_sample: bool,
}

/// A difference with its interval and its probability by chance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// `shift` (by how much values are greater), `ratio` (how many times as often) or `difference` (of shares).
    #[schema(example = "shift")]
    pub kind: String,
    /// The estimate; null for a ratio to 0.
    pub estimate: Option<f64>,
    /// Its 95 % interval.
    pub interval: Bounds,
    /// The two-sided probability of so large an effect by chance.
    pub p: f64,
}

/// An interval that may be open.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Lower end; null where there is none.
    pub low: Option<f64>,
    /// Upper end; null where there is none.
    pub high: Option<f64>,
}
