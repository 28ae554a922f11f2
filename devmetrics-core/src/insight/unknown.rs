use serde::{Deserialize, Serialize};

/// Why nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownBecause {
    /// There are fewer complete buckets than it takes: 8 for a trend, 12 weeks for a forecast.
    TooFewBuckets,
    /// Nothing was done in any week, which says nothing of those to come.
    NothingDone,
    /// There are no samples, or the time was not observed.
    NoSamples,
    /// There are fewer than 5 samples.
    LowSample,
}

impl UnknownBecause {
    /// The printed name; serde writes the same.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooFewBuckets => "too_few_buckets",
            Self::NothingDone => "nothing_done",
            Self::NoSamples => "no_samples",
            Self::LowSample => "low_sample",
        }
    }
}
