//! Two samples by their ranks: by how much one is shifted against the other, and whether that may be chance.

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;

use crate::metric::{Interval, Z};

/// By how much a second sample lies beyond a first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// The median of all differences, second less first (Hodges and Lehmann).
    pub estimate: f64,
    /// Its 95 % interval; `None` where the samples are too small for one.
    pub interval: Option<Interval>,
    /// The probability of so large a shift by chance (Mann and Whitney), two-sided.
    pub p: f64,
}

/// The shift of a sample against another, of values in any order: the test of Mann and Whitney by its normal approximation,
/// with ties and continuity corrected; `None` where one of them is empty.
///
/// Sources: Mann and Whitney (1947), <https://doi.org/10.1214/aoms/1177730491>; Hodges and Lehmann (1963),
/// <https://doi.org/10.1214/aoms/1177704172>.
pub fn mann_whitney(first: &[f64], second: &[f64]) -> Option<Shift> {
    let sorted = |values: &[f64]| {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    };
    let (first, second) = (sorted(first), sorted(second));
    let pairs = first.len() as u64 * second.len() as u64;
    if pairs == 0 {
        return None;
    }
    let differences = Differences {
        first: &first,
        second: &second,
    };
    let all = sorted(&[first.as_slice(), second.as_slice()].concat());
    let n = all.len() as f64;
    let tied: f64 = ties(&all).map(|t| t * t * t - t).sum();
    let spread = (pairs as f64 / 12.0 * (n + 1.0 - tied / (n * (n - 1.0)).max(1.0))).sqrt();

    let half = pairs as f64 / 2.0;
    let not_above = differences.at_most(0.0) as f64;
    let below = differences.below(0.0) as f64;
    let off = ((not_above + below) / 2.0 - half).abs();
    let beyond_chance = (off - 0.5).max(0.0);
    let p = if beyond_chance == 0.0 {
        1.0
    } else {
        two_sided(beyond_chance / spread)
    };

    // The interval runs between the differences of rank k from below and from above (Lehmann 1975).
    let rank = (half - Z * spread).floor();
    let interval = (rank >= 1.0).then(|| Interval {
        low: differences.of_rank(rank as u64),
        high: differences.of_rank(pairs + 1 - rank as u64),
    });
    let middle = differences.of_rank(pairs.div_ceil(2));
    Some(Shift {
        estimate: middle + (differences.of_rank(pairs / 2 + 1) - middle) / 2.0,
        interval,
        p,
    })
}

/// All differences between two samples in ascending order, never written out: of two samples of 10,000 they are 100
/// million.
struct Differences<'a> {
    first: &'a [f64],
    second: &'a [f64],
}

impl Differences<'_> {
    /// How many of the differences `keep` takes; it takes all up to one of them, and none after it.
    fn count(&self, keep: impl Fn(f64) -> bool) -> u64 {
        // Of a greater value to take away, more of the differences are small: the end only moves on.
        let mut end = 0;
        let mut count = 0;
        for taken in self.first {
            while self.second.get(end).is_some_and(|value| keep(value - taken)) {
                end += 1;
            }
            count += end as u64;
        }
        count
    }

    fn at_most(&self, bound: f64) -> u64 {
        self.count(|difference| difference <= bound)
    }

    fn below(&self, bound: f64) -> u64 {
        self.count(|difference| difference < bound)
    }

    /// The difference of this rank, from 1: the least one that as many are at most. Sought by halving the order of all
    /// floating point numbers, which takes 64 steps and is exact.
    fn of_rank(&self, rank: u64) -> f64 {
        let (mut low, mut high) = (place(f64::NEG_INFINITY), place(f64::INFINITY));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at_most(number(middle)) >= rank {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        number(low)
    }
}

/// The place of a number in the order of all of them.
fn place(number: f64) -> u64 {
    let bits = number.to_bits();
    if number.is_sign_negative() {
        !bits
    } else {
        bits | 1 << 63
    }
}

/// The number at a place; 0 is never negative.
fn number(place: u64) -> f64 {
    f64::from_bits(if place >> 63 == 1 {
        place & !(1 << 63)
    } else {
        !place
    }) + 0.0
}

/// How many are in each group of equal values, of values in ascending order.
pub(super) fn ties(sorted: &[f64]) -> impl Iterator<Item = f64> {
    sorted
        .chunk_by(|one, next| one == next)
        .map(|group| group.len() as f64)
}

/// The probability of a standard normal number at least so far from 0.
pub(super) fn two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metric::quantile;

    fn close(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() <= 1e-9 * expected.abs(),
            "{found} is not {expected}"
        );
    }

    /// Two samples, the shift, its probability and its interval.
    type Case<'a> = (&'a [f64], &'a [f64], f64, f64, Option<(f64, f64)>);

    /// `mannwhitneyu(b, a, method='asymptotic').pvalue`, SciPy 1.17.1; with `d = numpy.sort((b[:, None] - a).ravel())`,
    /// `median(d)` and `d[[k - 1, len(d) - k]]` for `k = floor(n1*n2/2 - norm.ppf(.975)*s)`, where
    /// `s = sqrt(n1*n2/12 * (N + 1 - sum(t**3 - t)/(N*(N - 1))))`.
    #[test]
    fn the_shift_is_that_of_scipy() {
        let later = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.20, 1.29];
        let ties = [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0, 5.0, 9.0];
        let tied = [3.0, 4.0, 4.0, 5.0, 5.0, 6.0, 6.0, 7.0, 8.0, 8.0, 10.0, 12.0];
        let cases: [Case<'_>; 6] = [
            (
                &[1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
                &later,
                -0.56,
                0.132_919_458_185_318_92,
                Some((-1.183, 0.369_999_999_999_999_9)),
            ),
            (
                &[10.0, 20.0, 30.0, 40.0, 50.0, 60.0],
                &[35.0, 45.0, 55.0, 65.0, 75.0, 85.0, 95.0],
                30.0,
                0.038_318_763_149_413_56,
                Some((5.0, 55.0)),
            ),
            (&ties, &tied, 3.0, 0.007_863_853_495_425_413, Some((1.0, 5.0))),
            (
                &[1.0, 2.0, 3.0],
                &[4.0, 5.0, 6.0],
                3.0,
                0.080_855_598_370_052_24,
                None,
            ),
            (&[5.0; 5], &[5.0; 5], 0.0, 1.0, Some((0.0, 0.0))),
            (
                &[1.0, 2.0, 3.0, 4.0],
                &[15.0, 16.0, 17.0, 18.0],
                14.0,
                0.030_382_821_976_577_49,
                Some((11.0, 17.0)),
            ),
        ];
        for (first, second, estimate, p, interval) in cases {
            let found = mann_whitney(first, second).unwrap();
            close(found.estimate, estimate);
            close(found.p, p);
            let ends = found.interval.map(|interval| (interval.low, interval.high));
            assert_eq!(ends, interval);
        }
        assert_eq!(mann_whitney(&[], &[1.0]), None);
    }

    #[test]
    fn tails_are_those_of_the_normal_distribution() {
        // `2*norm.sf(z)`, SciPy 1.17.1.
        close(two_sided(3.5), 0.000_465_258_158_071_050_03);
        close(two_sided(-8.0), 1.244_192_114_854_348e-15);
    }

    proptest! {
        #[test]
        fn ranks_are_those_of_all_differences(
            mut first in prop::collection::vec(-40i32..40, 1..20),
            mut second in prop::collection::vec(-40i32..40, 1..20),
        ) {
            let floats = |values: &mut Vec<i32>| {
                values.sort_unstable();
                values.iter().map(|value| f64::from(*value) / 8.0).collect::<Vec<_>>()
            };
            let (first, second) = (floats(&mut first), floats(&mut second));
            let mut all: Vec<f64> = first.iter().flat_map(|a| second.iter().map(move |b| b - a)).collect();
            all.sort_by(f64::total_cmp);
            let differences = Differences { first: &first, second: &second };
            for (rank, expected) in (1..).zip(&all) {
                prop_assert_eq!(differences.of_rank(rank), *expected);
            }
            let found = mann_whitney(&first, &second).unwrap();
            prop_assert!((found.estimate - quantile(&all, 0.5).unwrap()).abs() < 1e-12);
            let turned = mann_whitney(&second, &first).unwrap();
            prop_assert!((found.estimate + turned.estimate).abs() < 1e-12 && (found.p - turned.p).abs() < 1e-12);
        }
    }
}
