//! Which buckets are unlike the others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ranks::two_sided;
use super::trend::LEAST_BUCKETS;
use super::{Direction, LeftOut, Measure, Point, Series, Subject, fisher, poisson_ratio};
use crate::Result;
use crate::metric::{Answer, quantile};
use crate::model::Window;

/// The robust z beyond which a duration is unlike the others (Iglewicz and Hoaglin 1993).
const FAR: f64 = 3.5;

/// The least number of durations whose median is judged.
const LEAST_SAMPLES: u64 = 5;

/// What part of the anomalies told may be chance (Benjamini and Hochberg).
const FALSE_DISCOVERIES: f64 = 0.05;

/// The standard normal quantile of 0.75: by it the median absolute deviation is a standard deviation.
const MAD_OF_NORMAL: f64 = 0.674_489_750_196_081_7;

/// The mean absolute deviation of a standard normal number, √(2/π).
const MEAN_DEVIATION_OF_NORMAL: f64 = 0.797_884_560_802_865_4;

/// What was found unlike the rest in some series, judged together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Anomalies {
    /// The most improbable first.
    pub found: Vec<Anomaly>,
    /// How many buckets were tested, in all series: the more, the less one of them says.
    pub tested: u64,
    /// What was judged of each series, in the order given.
    pub series: Vec<Judged>,
}

/// A bucket unlike the others of its series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anomaly {
    /// Of what.
    #[serde(flatten)]
    pub subject: Subject,
    /// The bucket's name.
    pub label: String,
    /// Its span.
    pub window: Window,
    /// Its value.
    pub value: f64,
    /// The number of samples.
    pub n: u64,
    /// The median of the other buckets.
    pub usual: f64,
    /// Whether it lies above or below them.
    pub side: Side,
    /// Whether that is the better way.
    pub direction: Direction,
    /// The robust z of a duration; `None` of counts and shares, which have an exact probability.
    pub z: Option<f64>,
    /// The two-sided probability of a value so far off by chance.
    pub p: f64,
    /// The same for all that was tested (Benjamini and Hochberg); below 0.05.
    pub adjusted_p: f64,
}

/// On which side of the usual something lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Above it.
    High,
    /// Below it.
    Low,
}

/// How much of a series was judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Which.
    #[serde(flatten)]
    pub subject: Subject,
    /// How many buckets were tested.
    pub tested: u64,
    /// How many were left out as no series has them, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
    /// How many were not tested though complete, by reason.
    pub unjudged: BTreeMap<Unjudged, u64>,
}

/// Why a complete bucket was not tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unjudged {
    /// There are fewer than 8 complete buckets: nothing is usual yet.
    TooFewBuckets,
    /// A duration of fewer than 5 samples.
    LowSample,
    /// All others have the same value: nobody knows how much they vary.
    NoSpread,
}

impl Unjudged {
    /// The printed name; serde writes the same.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooFewBuckets => "too_few_buckets",
            Self::LowSample => "low_sample",
            Self::NoSpread => "no_spread",
        }
    }
}

/// A bucket's test.
struct Tested<'s> {
    series: &'s Series,
    point: &'s Point,
    usual: f64,
    z: Option<f64>,
    p: f64,
}

/// The buckets of these answers that are unlike the others of the same answer. Every complete bucket is held against all
/// others of its series: a duration (and a mean over time) by its robust z, a count by the exact test of two Poisson rates, a share by Fisher's.
/// What is told is true of all tests together: at most 5 % of it is expected to be chance.
///
/// # Errors
/// As [`Series::of`]; `NotFound` for a metric that is not in the catalog.
pub fn anomalies(answers: &[Answer]) -> Result<Anomalies> {
    let series = answers.iter().map(Series::of).collect::<Result<Vec<_>>>()?;
    let mut tests = Vec::new();
    let mut judged = Vec::new();
    for one in &series {
        let before = tests.len();
        let mut unjudged = BTreeMap::new();
        for (index, point) in one.points.iter().enumerate() {
            match test(one, index, point) {
                Ok(tested) => tests.push(tested),
                Err(reason) => *unjudged.entry(reason).or_default() += 1,
            }
        }
        judged.push(Judged {
            subject: one.subject.clone(),
            tested: (tests.len() - before) as u64,
            left_out: one.left_out.clone(),
            unjudged,
        });
    }
    let adjusted = benjamini_hochberg(&tests.iter().map(|test| test.p).collect::<Vec<_>>());
    let mut found = Vec::new();
    for (test, adjusted_p) in tests.iter().zip(adjusted) {
        let far = test.z.is_none_or(|z| z.abs() > FAR);
        if far && adjusted_p < FALSE_DISCOVERIES {
            found.push(anomaly(test, adjusted_p)?);
        }
    }
    found.sort_by(|one, other| one.p.total_cmp(&other.p));
    Ok(Anomalies {
        found,
        tested: tests.len() as u64,
        series: judged,
    })
}

fn anomaly(test: &Tested<'_>, adjusted_p: f64) -> Result<Anomaly> {
    let Tested {
        series,
        point,
        usual,
        z,
        p,
    } = test;
    let better = series.subject.better;
    Ok(Anomaly {
        subject: series.subject.clone(),
        label: point.label.clone(),
        window: point.window,
        value: point.value,
        n: point.n,
        usual: *usual,
        side: if point.value > *usual {
            Side::High
        } else {
            Side::Low
        },
        direction: Direction::of(point.value - usual, adjusted_p, better),
        z: *z,
        p: *p,
        adjusted_p,
    })
}

fn test<'s>(series: &'s Series, index: usize, point: &'s Point) -> Result<Tested<'s>, Unjudged> {
    if series.points.len() < LEAST_BUCKETS {
        return Err(Unjudged::TooFewBuckets);
    }
    let others: Vec<&Point> = series
        .points
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index)
        .map(|(_, point)| point)
        .collect();
    let mut values: Vec<f64> = others.iter().map(|other| other.value).collect();
    values.sort_unstable_by(f64::total_cmp);
    let (z, p) = match series.measure() {
        Measure::Distribution if point.n < LEAST_SAMPLES => return Err(Unjudged::LowSample),
        Measure::Distribution | Measure::Level => {
            let z = robust_z(point.value, &values).ok_or(Unjudged::NoSpread)?;
            (Some(z), two_sided(z))
        }
        Measure::Count => {
            let sum = |of: fn(&Point) -> u64| others.iter().map(|other| of(other)).sum::<u64>();
            let seconds = |point: &Point| point.window.seconds().unsigned_abs();
            let exposures = (sum(seconds) as f64, seconds(point) as f64);
            (None, poisson_ratio((sum(|other| other.n), point.n), exposures).1)
        }
        Measure::Share => {
            let rest = others
                .iter()
                .map(|other| share(other))
                .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            (None, fisher(rest, share(point)))
        }
    };
    Ok(Tested {
        series,
        point,
        usual: quantile(&values, 0.5).unwrap_or(point.value),
        z,
        p,
    })
}

/// Of how many a share is true, out of how many.
fn share(point: &Point) -> (u64, u64) {
    ((point.value * point.n as f64).round() as u64, point.n)
}

/// How many standard deviations `value` lies off values in ascending order, by their median and the median of the absolute
/// deviations from it. Where that is 0, because more than half of the values are alike, the mean of the deviations stands
/// in, so that a value next to them is no anomaly; where all are alike nobody knows how much they vary: `None`.
///
/// Source: Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers.
fn robust_z(value: f64, sorted: &[f64]) -> Option<f64> {
    let middle = quantile(sorted, 0.5)?;
    let mut deviations: Vec<f64> = sorted.iter().map(|other| (other - middle).abs()).collect();
    deviations.sort_unstable_by(f64::total_cmp);
    let median = quantile(&deviations, 0.5)? / MAD_OF_NORMAL;
    let mean = deviations.iter().sum::<f64>() / deviations.len() as f64 / MEAN_DEVIATION_OF_NORMAL;
    let deviation = if median > 0.0 { median } else { mean };
    (deviation > 0.0).then(|| (value - middle) / deviation)
}

/// Each probability, adjusted for how many there are: what falls below 5 % is chance in at most 5 % of such cases.
///
/// Source: Benjamini and Hochberg (1995), <https://doi.org/10.1111/j.2517-6161.1995.tb02031.x>.
fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_unstable_by(|one, other| p[*other].total_cmp(&p[*one]));
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 1.0f64;
    for (after, index) in order.into_iter().enumerate() {
        let rank = p.len() - after;
        least = least.min(p[index] * p.len() as f64 / rank as f64);
        adjusted[index] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() <= 1e-12 * expected.abs(),
            "{found} is not {expected}"
        );
    }

    /// `scipy.stats.false_discovery_control(p)`, SciPy 1.17.1; the example of Benjamini and Hochberg's procedure.
    #[test]
    fn adjusted_probabilities_are_those_of_scipy() {
        let p = [
            0.222, 0.001, 0.008, 0.041, 0.039, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.251, 0.269, 0.275,
            0.34,
        ];
        let some = 0.294_642_857_142_857_15;
        let expected = [
            some,
            0.015,
            0.06,
            0.126,
            0.126,
            0.126,
            0.15,
            0.158_571_428_571_428_56,
            some,
            some,
            some,
            some,
            some,
            some,
            0.34,
        ];
        for (found, expected) in benjamini_hochberg(&p).into_iter().zip(expected) {
            close(found, expected);
        }
        assert!(benjamini_hochberg(&[]).is_empty());
    }

    /// With `m = numpy.median(x)`: `norm.ppf(.75)*(20 - m)/numpy.median(abs(x - m))`, and
    /// `(9 - m)/(numpy.mean(abs(x - m))*numpy.sqrt(numpy.pi/2))`; NumPy 2.4.6.
    #[test]
    fn a_robust_z_is_that_of_numpy() {
        let spread = [9.0, 10.0, 10.0, 11.0, 11.0, 11.0, 12.0, 12.0, 13.0, 14.0];
        let z = robust_z(20.0, &spread[..9]).unwrap();
        close(z, 0.674_489_750_196_081_7 * 9.0);
        let alike = [5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 6.0, 8.0];
        close(robust_z(9.0, &alike).unwrap(), 7.180_961_047_225_79);
    }

    #[test]
    fn where_half_are_alike_a_near_value_is_no_anomaly_and_where_all_are_nothing_is_known() {
        let alike = [5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 6.0, 8.0];
        assert!(robust_z(6.0, &alike).unwrap() < FAR);
        assert_eq!(robust_z(6.0, &[5.0; 9]), None);
        assert_eq!(robust_z(5.0, &[5.0; 9]), None);
    }
}
