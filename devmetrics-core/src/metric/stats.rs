//! Quantiles, means and 95 % intervals. Reference values from SciPy stand in the tests.

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Gamma};

use super::{Interval, Quantiles};

/// Half of what a 95 % interval leaves out.
const TAIL: f64 = 0.025;

/// The standard normal quantile of 0.975.
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// The quantile `p` of values in ascending order, by linear interpolation between order statistics (type 7: PostgreSQL's
/// `percentile_cont`, NumPy's default); `None` of no values.
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = p.clamp(0.0, 1.0) * last as f64;
    let below = sorted.get(place.floor() as usize)?;
    let above = sorted.get(place.ceil() as usize)?;
    Some(below + (above - below) * place.fract())
}

/// The arithmetic mean; `None` of no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The 95 % interval of the quantile `p`, between two of the values themselves (binomial order statistics): it needs no
/// assumption about how the values are distributed. `None` where there are too few of them for one.
pub fn quantile_interval(sorted: &[f64], p: f64) -> Option<Interval> {
    let n = sorted.len() as u64;
    let below = Binomial::new(p, n).ok()?;
    // With B ~ Bin(n, p) values below the quantile: P(x[low] <= quantile < x[high]) = P(low <= B < high) >= 95 %.
    let low = binomial_quantile(&below, n, p, TAIL).checked_sub(1)?;
    let high = binomial_quantile(&below, n, p, 1.0 - TAIL);
    Some(Interval {
        low: *sorted.get(usize::try_from(low).ok()?)?,
        high: *sorted.get(usize::try_from(high).ok()?)?,
    })
}

/// The least `k` with `P(B <= k) >= tail`, sought from the normal approximation on, which is off by one or two at most
/// where it matters: a few evaluations instead of a bisection of all `n`.
fn binomial_quantile(distribution: &Binomial, n: u64, p: f64, tail: f64) -> u64 {
    let mean = n as f64 * p;
    let side = if tail < 0.5 { -Z } else { Z };
    let guess = mean + side * (mean * (1.0 - p)).sqrt();
    let mut k = (guess.max(0.0) as u64).min(n);
    while k > 0 && distribution.cdf(k - 1) >= tail {
        k -= 1;
    }
    while k < n && distribution.cdf(k) < tail {
        k += 1;
    }
    k
}

/// The distribution of values in ascending order; `None` of no values.
pub fn quantiles(sorted: &[f64]) -> Option<Quantiles> {
    Some(Quantiles {
        p50: quantile(sorted, 0.50)?,
        p75: quantile(sorted, 0.75)?,
        p90: quantile(sorted, 0.90)?,
        p95: quantile(sorted, 0.95)?,
        mean: mean(sorted)?,
        p50_interval: quantile_interval(sorted, 0.50),
        p75_interval: quantile_interval(sorted, 0.75),
        p90_interval: quantile_interval(sorted, 0.90),
        p95_interval: quantile_interval(sorted, 0.95),
    })
}

/// Wilson's 95 % interval of a rate: `successes` out of `trials`; `None` of no trials.
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    wilson_of(successes.min(trials) as f64 / trials.max(1) as f64, trials)
}

/// The same of a rate that need not be a whole number of successes.
pub(super) fn wilson_of(rate: f64, trials: u64) -> Option<Interval> {
    if trials == 0 {
        return None;
    }
    let n = trials as f64;
    let spread = Z * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt();
    let center = rate + Z * Z / (2.0 * n);
    let scale = 1.0 + Z * Z / n;
    Some(Interval {
        low: ((center - spread) / scale).max(0.0),
        high: ((center + spread) / scale).min(1.0),
    })
}

/// Garwood's exact 95 % interval of the mean of a Poisson count.
pub fn garwood(count: u64) -> Option<Interval> {
    let bound = |shape: f64, tail: f64| Some(Gamma::new(shape, 1.0).ok()?.inverse_cdf(tail));
    let low = if count == 0 {
        0.0
    } else {
        bound(count as f64, TAIL)?
    };
    let high = bound(count as f64 + 1.0, 1.0 - TAIL)?;
    Some(Interval { low, high })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expected: f64) {
        let error = (found - expected).abs();
        assert!(
            error <= 1e-9 * expected.abs().max(1.0),
            "{found} is not {expected}"
        );
    }

    fn ascending(n: u32) -> Vec<f64> {
        (1..=n).map(f64::from).collect()
    }

    /// `numpy.quantile(x, [.5, .75, .9, .95])` and `numpy.mean(x)`, NumPy 2.4.6.
    #[test]
    fn quantiles_are_those_of_numpy() {
        let found = quantiles(&[60.0, 10_000.0]).unwrap();
        for (found, expected) in [
            (found.p50, 5030.0),
            (found.p75, 7515.0),
            (found.p90, 9006.0),
            (found.p95, 9503.0),
        ] {
            close(found, expected);
        }
        let found = quantiles(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]).unwrap();
        for (found, expected) in [
            (found.p50, 8.0),
            (found.p75, 24.0),
            (found.p90, 44.800_000_000_000_01),
            (found.p95, 54.399_999_999_999_98),
            (found.mean, 18.142_857_142_857_142),
        ] {
            close(found, expected);
        }
        assert_eq!(quantiles(&[]), None);
        assert_eq!(quantiles(&[7.0]).unwrap().p95, 7.0);
    }

    /// `lo = binom.ppf(.025, n, p); hi = binom.ppf(.975, n, p) + 1` (counted from 1; `None` unless 1 <= lo and hi <= n),
    /// SciPy 1.17.1.
    #[test]
    fn quantile_intervals_are_binomial_order_statistics() {
        let none: Option<(f64, f64)> = None;
        for (n, p, expected) in [
            (5, 0.5, none),
            (6, 0.5, Some((1.0, 6.0))),
            (6, 0.75, none),
            (8, 0.5, Some((1.0, 8.0))),
            (20, 0.5, Some((6.0, 15.0))),
            (20, 0.75, Some((11.0, 19.0))),
            (20, 0.9, none),
            (77, 0.5, Some((30.0, 48.0))),
            (77, 0.75, Some((50.0, 66.0))),
            (77, 0.9, Some((64.0, 75.0))),
            (77, 0.95, Some((69.0, 77.0))),
            (1000, 0.5, Some((469.0, 532.0))),
            (1000, 0.75, Some((723.0, 778.0))),
            (1000, 0.9, Some((881.0, 919.0))),
            (1000, 0.95, Some((936.0, 964.0))),
        ] {
            let found = quantile_interval(&ascending(n), p).map(|found| (found.low, found.high));
            assert_eq!(found, expected, "n = {n}, p = {p}");
        }
        assert_eq!(quantile_interval(&[], 0.5), None);
    }

    /// `chi2.ppf(.025, 2*n)/2` and `chi2.ppf(.975, 2*n + 2)/2`, SciPy 1.17.1.
    #[test]
    fn garwood_is_that_of_scipy() {
        for (count, low, high) in [
            (0, 0.0, 3.688_879_454_113_935_4),
            (1, 0.025_317_807_984_289_876, 5.571_643_390_938_898),
            (5, 1.623_486_390_118_420_7, 11.668_332_079_322_67),
            (29, 19.421_755_137_547_937, 41.648_837_438_586_6),
            (100, 81.363_991_250_923_14, 121.626_793_792_426_38),
            (1234, 1_166.101_718_517_549_2, 1_304.820_370_528_922_5),
        ] {
            let found = garwood(count).unwrap();
            close(found.low, low);
            close(found.high, high);
        }
    }

    /// `binomtest(k, n).proportion_ci(method='wilson')`, SciPy 1.17.1.
    #[test]
    fn wilson_is_that_of_scipy() {
        for (successes, trials, low, high) in [
            (0, 10, 0.0, 0.277_532_799_862_889_26),
            (1, 10, 0.017_876_213_095_072_896, 0.404_150_026_795_238_5),
            (5, 10, 0.236_593_090_512_564, 0.763_406_909_487_436_1),
            (10, 10, 0.722_467_200_137_110_1, 1.0),
            (37, 1200, 0.022_451_332_120_917_75, 0.042_209_556_777_981_855),
        ] {
            let found = wilson(successes, trials).unwrap();
            close(found.low, low);
            close(found.high, high);
        }
        assert_eq!(wilson(0, 0), None);
    }

    proptest! {
        #[test]
        fn a_quantile_lies_in_its_interval(mut values in prop::collection::vec(0.0f64..1e6, 1..300)) {
            values.sort_by(f64::total_cmp);
            for p in [0.5, 0.75, 0.9, 0.95] {
                let value = quantile(&values, p).unwrap();
                if let Some(interval) = quantile_interval(&values, p) {
                    prop_assert!(interval.low <= value && value <= interval.high);
                }
            }
        }
    }
}
