//! How long something takes when some of it still waits: the Kaplan–Meier estimator.

use serde::{Deserialize, Serialize};

use super::{Interval, Z};

/// Products of fractions miss the fraction that they are by no more than this.
const ROUNDING: f64 = 1e-12;

/// The part that lasts longer than some time, as it falls from 1. Of a million durations it holds no more than these.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survival {
    /// What ended, by time.
    ended: Vec<f64>,
    /// What was last seen still going on, by time.
    censored: Vec<f64>,
}

/// What the part falls to at one time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalStep {
    /// The time, in seconds.
    pub seconds: f64,
    /// How many had lasted up to then.
    pub at_risk: u64,
    /// How many ended then.
    pub ended: u64,
    /// The part that lasts longer.
    pub survival: f64,
    /// Its 95 % interval: Greenwood's variance on the scale log(−log).
    pub interval: Interval,
}

/// A quantile of durations of which some had not ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalQuantile {
    /// The time in seconds by which the part has ended; `None` where too many still go on to say.
    pub seconds: Option<f64>,
    /// The lower end of its 95 % interval (Brookmeyer–Crowley); `None` where it is not reached.
    pub low: Option<f64>,
    /// The upper end; `None` where it is not reached: it may be any time later.
    pub high: Option<f64>,
}

/// The Kaplan–Meier estimate of durations in seconds, in any order: of those that ended, and of those that were last seen still going on
/// (right-censored), which count for as long as they have lasted.
///
/// Source: Kaplan and Meier (1958), <https://doi.org/10.1080/01621459.1958.10501452>. What ended at the same second as
/// another was last seen going on is taken to have ended first.
pub fn kaplan_meier(mut ended: Vec<f64>, mut censored: Vec<f64>) -> Survival {
    ended.sort_unstable_by(f64::total_cmp);
    censored.sort_unstable_by(f64::total_cmp);
    Survival { ended, censored }
}

/// Between the 95 % bounds of log(−log S), whose variance is Greenwood's sum divided by log² S.
fn interval(survival: f64, greenwood: f64) -> Interval {
    if survival <= 0.0 {
        return Interval { low: 0.0, high: 0.0 };
    }
    let log = survival.ln();
    let center = (-log).ln();
    let spread = Z * greenwood.sqrt() / -log;
    let bound = |at: f64| (-at.exp()).exp();
    Interval {
        low: bound(center + spread),
        high: bound(center - spread),
    }
}

impl Survival {
    /// How many durations there are.
    pub fn n(&self) -> u64 {
        (self.ended.len() + self.censored.len()) as u64
    }

    /// How many of them had not ended.
    pub fn censored(&self) -> u64 {
        self.censored.len() as u64
    }

    /// One step a time at which something ended, in order of time. Before the first, the part is 1.
    pub fn steps(&self) -> impl Iterator<Item = SurvivalStep> {
        let mut gone = 0;
        let mut survival = 1.0;
        let mut greenwood = 0.0;
        let times = self.ended.chunk_by(|one, next| one == next);
        times.map(move |tied| {
            let seconds = tied[0];
            let unseen = self.censored.partition_point(|last_seen| *last_seen < seconds);
            let at_risk = self.n() - (gone + unseen) as u64;
            gone += tied.len();
            let ended = tied.len() as u64;
            let (before, left) = (at_risk as f64, (at_risk - ended) as f64);
            survival *= left / before;
            greenwood += ended as f64 / (before * left);
            SurvivalStep {
                seconds,
                at_risk,
                ended,
                survival,
                interval: interval(survival, greenwood),
            }
        })
    }

    /// The median with its interval.
    pub fn median(&self) -> SurvivalQuantile {
        self.quantile(0.5)
    }

    /// The time by which the part `p` has ended, with its interval: the first at which the part that lasts longer, or
    /// the bound of its interval, is at most 1 − `p`.
    pub fn quantile(&self, p: f64) -> SurvivalQuantile {
        let mut quantile = SurvivalQuantile {
            seconds: None,
            low: None,
            high: None,
        };
        let fallen = |part: f64| part <= 1.0 - p + ROUNDING;
        for step in self.steps() {
            for (bound, part) in [
                (&mut quantile.seconds, step.survival),
                (&mut quantile.low, step.interval.low),
                (&mut quantile.high, step.interval.high),
            ] {
                if bound.is_none() && fallen(part) {
                    *bound = Some(step.seconds);
                }
            }
            // The upper bound of the interval falls last.
            if quantile.high.is_some() {
                break;
            }
        }
        quantile
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of durations of which some ended.
    fn estimate(seconds: &[f64], ended: &[u8]) -> Survival {
        let pairs = seconds.iter().zip(ended);
        let (ended, censored): (Vec<_>, Vec<_>) = pairs.partition(|(_, ended)| **ended == 1);
        let seconds = |pairs: Vec<(&f64, &u8)>| pairs.into_iter().map(|(seconds, _)| *seconds).collect();
        kaplan_meier(seconds(ended), seconds(censored))
    }

    fn assert_steps(found: &Survival, expected: &[(f64, u64, u64, f64, f64, f64)]) {
        assert_eq!(found.steps().count(), expected.len());
        for (step, (seconds, at_risk, ended, survival, low, high)) in found.steps().zip(expected) {
            assert_eq!(
                (step.seconds, step.at_risk, step.ended),
                (*seconds, *at_risk, *ended)
            );
            for (found, expected) in [
                (step.survival, survival),
                (step.interval.low, low),
                (step.interval.high, high),
            ] {
                assert!(
                    (found - expected).abs() < 1e-12,
                    "{found} is not {expected} at {seconds}"
                );
            }
        }
    }

    fn quantile(found: &Survival, p: f64) -> (Option<f64>, Option<f64>, Option<f64>) {
        let SurvivalQuantile { seconds, low, high } = found.quantile(p);
        (seconds, low, high)
    }

    /// `k = KaplanMeierFitter().fit(t, e)`: `k.survival_function_`, `k.confidence_interval_`,
    /// `qth_survival_times(1 - p, …)` of both; lifelines 0.30.3. The data are Freireich's remission times (1963).
    #[test]
    fn the_estimate_is_that_of_lifelines() {
        let found = estimate(
            &[
                35.0, 6.0, 6.0, 6.0, 7.0, 9.0, 10.0, 10.0, 11.0, 13.0, 16.0, 17.0, 19.0, 20.0, 22.0, 23.0,
                25.0, 32.0, 32.0, 34.0, 6.0,
            ],
            &[0, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
        );
        assert_eq!((found.n(), found.censored()), (21, 12));
        assert_steps(
            &found,
            &[
                (
                    6.0,
                    21,
                    3,
                    0.857_142_857_142_857,
                    0.619_717_955_265_983_8,
                    0.951_551_747_646_996_9,
                ),
                (
                    7.0,
                    17,
                    1,
                    0.806_722_689_075_629_9,
                    0.563_146_564_622_233_3,
                    0.922_809_019_202_880_2,
                ),
                (
                    10.0,
                    15,
                    1,
                    0.752_941_176_470_587_8,
                    0.503_199_510_799_956_4,
                    0.889_361_835_169_265_1,
                ),
                (
                    13.0,
                    12,
                    1,
                    0.690_196_078_431_372_2,
                    0.431_610_222_486_183_9,
                    0.849_065_963_349_450_5,
                ),
                (
                    16.0,
                    11,
                    1,
                    0.627_450_980_392_156_6,
                    0.367_510_855_987_501_94,
                    0.804_912_189_471_841_1,
                ),
                (
                    22.0,
                    7,
                    1,
                    0.537_815_126_050_419_9,
                    0.267_778_936_767_134_93,
                    0.746_790_717_635_394_3,
                ),
                (
                    23.0,
                    6,
                    1,
                    0.448_179_271_708_683_27,
                    0.188_052_005_959_232_33,
                    0.680_142_628_495_241_2,
                ),
            ],
        );
        assert_eq!(quantile(&found, 0.5), (Some(23.0), Some(13.0), None));
        assert_eq!(quantile(&found, 0.75), (None, Some(23.0), None));
        assert_eq!(quantile(&found, 0.9), (None, None, None));
    }

    /// As above, where everything ended.
    #[test]
    fn where_everything_ended_the_part_falls_to_nothing() {
        let seconds = [
            1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 8.0, 8.0, 8.0, 8.0, 11.0, 11.0, 12.0, 12.0, 15.0,
            17.0, 22.0, 23.0,
        ];
        let found = estimate(&seconds, &[1; 21]);
        assert_eq!(quantile(&found, 0.5), (Some(8.0), Some(4.0), Some(11.0)));
        assert_eq!(quantile(&found, 0.75), (Some(12.0), Some(8.0), Some(22.0)));
        assert_eq!(quantile(&found, 0.9), (Some(17.0), Some(12.0), Some(23.0)));
        let last = found.steps().last().unwrap();
        assert_eq!((last.survival, last.interval.high), (0.0, 0.0));
    }

    #[test]
    fn what_has_not_ended_says_no_time() {
        let found = estimate(&[5.0, 5.0, 5.0], &[0, 0, 0]);
        assert_eq!((found.n(), found.censored(), found.steps().count()), (3, 3, 0));
        assert_eq!(quantile(&found, 0.5), (None, None, None));
        assert_eq!(kaplan_meier(Vec::new(), Vec::new()), Survival::default());
    }

    #[test]
    fn a_half_is_reached_in_spite_of_rounding() {
        // 9/10 · 8/9 · … · 5/6 is a half, and a little more in floating point.
        let seconds: Vec<f64> = (1..=10).map(f64::from).collect();
        let found = estimate(&seconds, &[1; 10]);
        assert_eq!(found.median().seconds, Some(5.0));
    }

    proptest! {
        #[test]
        fn without_censoring_it_is_the_part_that_lasts_longer(
            seconds in prop::collection::vec(0u16..50, 1..60),
        ) {
            let seconds: Vec<f64> = seconds.into_iter().map(f64::from).collect();
            let found = estimate(&seconds, &vec![1; seconds.len()]);
            for step in found.steps() {
                let longer = seconds.iter().filter(|other| **other > step.seconds).count();
                prop_assert!((step.survival - longer as f64 / seconds.len() as f64).abs() < 1e-9);
                prop_assert!(step.interval.low <= step.survival && step.survival <= step.interval.high);
            }
        }

        #[test]
        fn it_falls_and_order_does_not_matter(
            mut samples in prop::collection::vec((0u16..50, 0u8..2), 0..60),
        ) {
            let of = |samples: &[(u16, u8)]| {
                let (seconds, ended): (Vec<_>, Vec<_>) =
                    samples.iter().map(|(seconds, ended)| (f64::from(*seconds), *ended)).unzip();
                estimate(&seconds, &ended)
            };
            let found = of(&samples);
            let steps: Vec<_> = found.steps().collect();
            for pair in steps.windows(2) {
                prop_assert!(pair[1].survival < pair[0].survival && pair[0].seconds < pair[1].seconds);
            }
            samples.reverse();
            prop_assert_eq!(of(&samples), found);
        }
    }
}
