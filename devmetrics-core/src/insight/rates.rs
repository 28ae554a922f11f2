//! Two counts or two shares against each other, exactly.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF};
use statrs::stats_tests::Alternative;
use statrs::stats_tests::fisher::fishers_exact;

use crate::metric::{Interval, wilson};

/// An interval that may be open.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// The lower end; `None` where there is none.
    pub low: Option<f64>,
    /// The upper end; `None` where there is none.
    pub high: Option<f64>,
}

impl From<Option<Interval>> for Bounds {
    fn from(interval: Option<Interval>) -> Self {
        Self {
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
        }
    }
}

/// The ratio of the rates of two counts, second to first: its exact 95 % interval and the two-sided probability of one so
/// far from 1 by chance, twice the smaller tail, so that the interval leaves out 1 where the probability is below 5 %.
/// `exposures` are the times in which they were counted. Nothing counted in either says nothing: the interval is open and
/// the probability 1.
///
/// Given their sum, the second count is binomial (Przyborowski and Wilenski 1940, <https://doi.org/10.1093/biomet/31.3-4.313>);
/// the interval is that of Clopper and Pearson.
pub fn poisson_ratio(counts: (u64, u64), exposures: (f64, f64)) -> (Bounds, f64) {
    let open = Bounds {
        low: None,
        high: None,
    };
    let (first, second) = counts;
    let total = first + second;
    let part = exposures.1 / (exposures.0 + exposures.1);
    let Ok(chance) = Binomial::new(part, total) else {
        return (open, 1.0);
    };
    if total == 0 {
        return (open, 1.0);
    }
    let at_most = chance.cdf(second);
    let at_least = second.checked_sub(1).map_or(1.0, |below| chance.sf(below));
    let p = (2.0 * at_most.min(at_least)).min(1.0);

    let ratio = |share: f64| share / (1.0 - share) * exposures.0 / exposures.1;
    let bound = |more: u64, less: u64, tail: f64| {
        Beta::new(more as f64, less as f64)
            .ok()
            .map(|bound| ratio(bound.inverse_cdf(tail)))
    };
    let low = if second == 0 {
        Some(0.0)
    } else {
        bound(second, first + 1, 0.025)
    };
    let high = if first == 0 {
        None
    } else {
        bound(second + 1, first, 0.975)
    };
    (Bounds { low, high }, p)
}

/// The 95 % interval of the difference of two shares, second less first; each is `(true of, out of)`. `None` where one is
/// out of nothing.
///
/// Source: Newcombe (1998), method 10, of two intervals of Wilson.
pub fn newcombe(first: (u64, u64), second: (u64, u64)) -> Option<Interval> {
    let (one, other) = (wilson(first.0, first.1)?, wilson(second.0, second.1)?);
    let share = |(of, out_of): (u64, u64)| of as f64 / out_of as f64;
    let (from, to) = (share(first), share(second));
    Some(Interval {
        low: to - from - (to - other.low).hypot(one.high - from),
        high: to - from + (other.high - to).hypot(from - one.low),
    })
}

/// The two-sided probability of two shares so different by chance, by Fisher's exact test; 1 where one is out of nothing.
pub fn fisher(first: (u64, u64), second: (u64, u64)) -> f64 {
    let without = |(of, out_of): (u64, u64)| out_of.saturating_sub(of);
    let table = [second.0, without(second), first.0, without(first)];
    fishers_exact(&table, Alternative::TwoSided).map_or(1.0, |p| p.min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        let error = (found - expected).abs();
        assert!(
            error <= 1e-9 * expected.abs().max(1e-3),
            "{found} is not {expected}"
        );
    }

    /// With `p = e2/(e1 + e2)`, `n = k1 + k2`: `binomtest(k2, n, p).proportion_ci(method='exact')` as odds times `e1/e2`, and
    /// `2*min(binom.cdf(k2, n, p), binom.sf(k2 - 1, n, p))`; SciPy 1.17.1.
    #[test]
    fn ratios_of_counts_are_those_of_scipy() {
        for (counts, exposures, low, high, p) in [
            (
                (11, 23),
                (800.0, 750.0),
                1.044_435_490_496_772,
                Some(5.067_711_301_605_008),
                0.036_918_921_640_557_5,
            ),
            (
                (40, 25),
                (90.0, 90.0),
                0.363_393_317_015_880_9,
                Some(1.055_795_385_472_244_2),
                0.081_681_533_941_540_03,
            ),
            ((0, 7), (30.0, 30.0), 1.441_308_518_834_969_7, None, 0.015_625),
            (
                (7, 0),
                (30.0, 30.0),
                0.0,
                Some(0.693_813_980_096_582_5),
                0.015_625,
            ),
            (
                (400, 480),
                (90.0, 90.0),
                1.048_685_790_301_473_2,
                Some(1.373_727_244_996_995_7),
                0.007_707_305_043_339_153,
            ),
            (
                (3, 3),
                (10.0, 10.0),
                0.133_937_588_177_730_7,
                Some(7.466_164_006_724_067),
                1.0,
            ),
        ] {
            let (bounds, found) = poisson_ratio(counts, exposures);
            close(found, p);
            close(bounds.low.unwrap(), low);
            assert_eq!(bounds.high.is_some(), high.is_some());
            if let Some((found, expected)) = bounds.high.zip(high) {
                close(found, expected);
            }
        }
        let nothing = (
            Bounds {
                low: None,
                high: None,
            },
            1.0,
        );
        assert_eq!(poisson_ratio((0, 0), (30.0, 30.0)), nothing);
    }

    /// `confint_proportions_2indep(k2, n2, k1, n1, compare='diff', method='newcomb')`, statsmodels 0.15.0, and
    /// `fisher_exact([[k2, n2 - k2], [k1, n1 - k1]])`, SciPy 1.17.1.
    #[test]
    fn differences_of_shares_are_those_of_statsmodels_and_scipy() {
        for (first, second, low, high, p) in [
            (
                (48, 80),
                (56, 70),
                0.052_431_472_402_364_98,
                0.333_872_654_036_906_14,
                0.012_521_129_749_209_154,
            ),
            (
                (3, 10),
                (9, 10),
                0.170_522_723_934_502_9,
                0.809_017_973_535_488,
                0.019_766_611_097_880_443,
            ),
            (
                (0, 20),
                (5, 20),
                0.037_765_445_566_630_31,
                0.468_700_877_618_744_1,
                0.047_124_047_124_047_13,
            ),
            (
                (0, 10),
                (0, 12),
                -0.277_532_799_862_889_26,
                0.242_494_006_655_240_96,
                1.0,
            ),
            (
                (120, 1000),
                (90, 1100),
                -0.064_361_457_473_100_93,
                -0.012_439_963_003_531_555,
                0.004_419_096_147_595_394,
            ),
            (
                (5, 56),
                (0, 29),
                -0.192_560_013_855_111_65,
                0.038_137_147_903_536_936,
                0.160_621_443_209_471_08,
            ),
        ] {
            let found = newcombe(first, second).unwrap();
            close(found.low, low);
            close(found.high, high);
            close(fisher(first, second), p);
        }
        assert_eq!(newcombe((0, 0), (1, 2)), None);
        assert_eq!(fisher((0, 0), (1, 2)), 1.0);
    }
}
