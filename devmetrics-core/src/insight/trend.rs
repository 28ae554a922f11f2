//! Whether a series rises or falls: Theil–Sen's slope and the test of Mann and Kendall.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ranks::{ties, two_sided};
use super::{LeftOut, Series, Subject, UnknownBecause};
use crate::Result;
use crate::metric::{Answer, Better, Bucket, Interval, Z, quantile};
use crate::model::Window;

/// With fewer buckets nothing is said.
pub(super) const LEAST_BUCKETS: usize = 8;

/// A trend is evident below this probability.
pub(super) const EVIDENT: f64 = 0.05;

/// Which way a metric goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The better way, evidently.
    Improving,
    /// The other way, evidently.
    Worsening,
    /// What is seen may well be chance.
    NoEvidence,
    /// There is too little to say.
    Unknown,
}

impl Direction {
    /// The printed name; serde writes the same.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Improving => "improving",
            Self::Worsening => "worsening",
            Self::NoEvidence => "no_evidence",
            Self::Unknown => "unknown",
        }
    }

    /// That of a change that is evident below `p`: one of 0 is none.
    pub(super) fn of(change: f64, p: f64, better: Better) -> Self {
        if p >= EVIDENT || change == 0.0 {
            Self::NoEvidence
        } else if (change > 0.0) == (better == Better::Higher) {
            Self::Improving
        } else {
            Self::Worsening
        }
    }
}

/// Which way a metric goes, and how evidently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// Of what.
    #[serde(flatten)]
    pub subject: Subject,
    /// Of when.
    pub window: Window,
    /// The length of a bucket.
    pub bucket: Bucket,
    /// How many buckets were judged.
    pub buckets: u64,
    /// How many were left out, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
    /// Which way; `Unknown` of fewer than 8 buckets.
    pub direction: Direction,
    /// How steeply; `None` of fewer than 8 buckets.
    pub slope: Option<Slope>,
    /// How probable so clear an order is by chance (Mann and Kendall); `None` of fewer than 8 buckets.
    pub p: Option<f64>,
    /// Why the figures are null; `None` where they are not.
    pub unknown_because: Option<UnknownBecause>,
}

/// The line through a series that outliers do not bend.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slope {
    /// Change a bucket, in the metric's unit: the median of the slopes between all pairs.
    pub per_bucket: f64,
    /// Its 95 % interval (Sen 1968).
    pub interval: Interval,
    /// The line's value at the first bucket of the window.
    pub at_first: f64,
}

/// The trend of an answer's buckets by its headline.
///
/// # Errors
/// `InvalidInput` where the answer is not cut into buckets, or into too many; `NotFound` for a metric that is not in the
/// catalog.
pub fn trend(answer: &Answer) -> Result<Trend> {
    of_series(&Series::of(answer)?)
}

/// The trend of a series.
pub(super) fn of_series(series: &Series) -> Result<Trend> {
    let better = series.subject.better;
    let enough = series.points.len() >= LEAST_BUCKETS;
    let line: Vec<(f64, f64)> = series
        .points
        .iter()
        .map(|point| (point.position as f64, point.value))
        .collect();
    let slope = enough.then(|| theil_sen(&line)).flatten();
    let p = enough.then(|| mann_kendall(&series.values()));
    Ok(Trend {
        subject: series.subject.clone(),
        window: series.window,
        bucket: series.bucket,
        buckets: series.points.len() as u64,
        left_out: series.left_out.clone(),
        direction: slope.zip(p).map_or(Direction::Unknown, |(slope, p)| {
            Direction::of(slope.per_bucket, p, better)
        }),
        slope,
        p,
        unknown_because: (!enough).then_some(UnknownBecause::TooFewBuckets),
    })
}

/// Theil–Sen's slope of points whose first coordinates rise, with Sen's 95 % interval, ties corrected; `None` of fewer than
/// two points.
///
/// Source: Sen (1968), <https://doi.org/10.1080/01621459.1968.10480934>. The line goes through the medians of both
/// coordinates, as in `scipy.stats.theilslopes`.
pub fn theil_sen(points: &[(f64, f64)]) -> Option<Slope> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (index, (x, y)) in points.iter().enumerate() {
        slopes.extend(
            points[index + 1..]
                .iter()
                .map(|(later, value)| (value - y) / (later - x)),
        );
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let (mut xs, mut ys): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    xs.sort_unstable_by(f64::total_cmp);
    ys.sort_unstable_by(f64::total_cmp);
    let per_bucket = quantile(&slopes, 0.5)?;
    let spread = Z * variance_of_score(&ys).sqrt();
    let count = slopes.len() as f64;
    let low = ((count - spread) / 2.0).round_ties_even() - 1.0;
    let high = ((count + spread) / 2.0).round_ties_even();
    let slope_at = |place: f64| slopes.get(place.max(0.0) as usize).or(slopes.last()).copied();
    Some(Slope {
        per_bucket,
        interval: Interval {
            low: slope_at(low)?,
            high: slope_at(high)?,
        },
        at_first: quantile(&ys, 0.5)? - per_bucket * quantile(&xs, 0.5)?,
    })
}

/// The probability of values in so clear an order, rising or falling, by chance: the test of Mann and Kendall by its normal
/// approximation, with ties and continuity corrected. It takes the values to be independent of each other.
///
/// Source: Kendall (1975), Rank Correlation Methods.
pub fn mann_kendall(values: &[f64]) -> f64 {
    let mut score = 0i64;
    for (index, value) in values.iter().enumerate() {
        for later in &values[index + 1..] {
            score += i64::from(later > value) - i64::from(later < value);
        }
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let beyond_chance = (score.unsigned_abs() as f64 - 1.0).max(0.0);
    if beyond_chance == 0.0 {
        return 1.0;
    }
    two_sided(beyond_chance / variance_of_score(&sorted).sqrt())
}

/// The variance of Kendall's score of values in ascending order where their order is chance.
fn variance_of_score(sorted: &[f64]) -> f64 {
    let term = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let tied: f64 = ties(sorted).map(term).sum();
    (term(sorted.len() as f64) - tied) / 18.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    /// `scipy.stats.theilslopes(y, x, 0.95)`, SciPy 1.17.1, and `pymannkendall.original_test(y).p`, pymannkendall 1.4.3.
    #[test]
    fn slope_and_probability_are_those_of_scipy_and_pymannkendall() {
        let in_row = |values: &[f64]| {
            (0..)
                .map(f64::from)
                .zip(values.iter().copied())
                .collect::<Vec<_>>()
        };
        let places = [0.0, 1.0, 3.0, 4.0, 5.0, 8.0, 9.0, 11.0];
        let falling = [10.5, 9.25, 9.75, 8.0, 7.5, 8.0, 6.25, 5.0];
        for (points, slope, at_first, low, high, p) in [
            (
                in_row(&[5.0, 7.0, 6.0, 9.0, 8.0, 11.0, 10.0, 13.0, 12.0, 15.0]),
                1.0,
                5.0,
                0.75,
                1.285_714_285_714_285_8,
                0.001_282_183_741_805_331_7,
            ),
            (
                in_row(&[3.0, 3.0, 3.0, 4.0, 4.0, 2.0, 5.0, 5.0, 6.0, 5.0, 7.0, 7.0]),
                0.4,
                2.3,
                0.25,
                0.5,
                0.001_600_635_479_105_161_4,
            ),
            (
                in_row(&[10.0, 12.0, 9.0, 11.0, 10.0, 12.0, 9.0, 11.0]),
                0.0,
                10.5,
                -0.6,
                0.5,
                1.0,
            ),
            (
                places.into_iter().zip(falling).collect(),
                -0.433_035_714_285_714_3,
                9.948_660_714_285_715,
                -0.625,
                -0.3125,
                0.006_090_546_056_578_772,
            ),
            (in_row(&[4.0; 8]), 0.0, 4.0, 0.0, 0.0, 1.0),
        ] {
            let found = theil_sen(&points).unwrap();
            close(found.per_bucket, slope);
            close(found.at_first, at_first);
            close(found.interval.low, low);
            close(found.interval.high, high);
            let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
            close(mann_kendall(&values), p);
        }
    }

    #[test]
    fn one_point_has_no_slope() {
        assert_eq!(theil_sen(&[(0.0, 1.0)]), None);
        assert_eq!(theil_sen(&[]), None);
        assert_eq!(mann_kendall(&[]), 1.0);
    }

    #[test]
    fn the_better_way_is_the_metrics() {
        assert_eq!(Direction::of(1.0, 0.01, Better::Higher), Direction::Improving);
        assert_eq!(Direction::of(1.0, 0.01, Better::Lower), Direction::Worsening);
        assert_eq!(Direction::of(-1.0, 0.01, Better::Lower), Direction::Improving);
        assert_eq!(Direction::of(1.0, 0.05, Better::Higher), Direction::NoEvidence);
        assert_eq!(Direction::of(0.0, 0.01, Better::Higher), Direction::NoEvidence);
    }
}
