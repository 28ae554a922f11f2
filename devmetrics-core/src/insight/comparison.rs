//! Two windows or two teams against each other.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Bounds, Direction, Measure, UnknownBecause, fisher, mann_whitney, newcombe, poisson_ratio};
use crate::metric::{Answer, ClockKind, Definition, Evidence, Outcome, Scope, Unit, quantile};
use crate::model::Window;

/// Fewer samples than these are flagged.
const LOW_SAMPLE: u64 = 5;

/// The samples of one side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "measure", rename_all = "snake_case")]
pub enum Samples {
    /// What each sample has of its own, such as seconds, in any order.
    Distribution {
        /// One a sample.
        values: Vec<f64>,
    },
    /// How often something happened in which time.
    Count {
        /// How often.
        count: u64,
        /// In how many days; 0 where nothing was observed.
        days: f64,
    },
    /// Of how many something is true.
    Share {
        /// Of how many.
        of: u64,
        /// Out of how many.
        out_of: u64,
    },
    /// A mean over time: one figure, which nothing is tested by.
    Level {
        /// The mean.
        mean: Option<f64>,
        /// Of how many.
        n: u64,
    },
}

impl Samples {
    /// What an answer's value is made of; `evidence` is that of its metric over the same facts.
    pub fn of(answer: &Answer, evidence: &[Evidence], now: DateTime<Utc>) -> Self {
        let total = &answer.total;
        match Measure::of(answer.unit) {
            Measure::Distribution => Self::Distribution {
                values: evidence
                    .iter()
                    .filter_map(|evidence| match evidence.outcome {
                        Outcome::Counted { value, .. } => Some(value),
                        _ => None,
                    })
                    .collect(),
            },
            Measure::Count => {
                let observed = answer.coverage.observed(now).filter(|_| total.value.is_some());
                let days = observed.map_or(0.0, |observed| {
                    let from = observed.from.max(answer.window.from);
                    let to = observed.to.min(answer.window.to);
                    (to - from).num_seconds().max(0) as f64 / 86_400.0
                });
                Self::Count { count: total.n, days }
            }
            Measure::Share => Self::Share {
                of: (total.value.unwrap_or_default() * total.n as f64).round() as u64,
                out_of: total.n,
            },
            // Evidence of a mean over time is how long each lasted, and no level.
            Measure::Level => Self::Level {
                mean: total.value,
                n: total.n,
            },
        }
    }
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Whose.
    #[serde(flatten)]
    pub scope: Scope,
    /// Of when.
    pub window: Window,
    /// What counts there.
    pub samples: Samples,
}

impl Compared {
    /// What is shown of it.
    fn summary(&self) -> ComparedSummary {
        let (n, value) = match &self.samples {
            Samples::Distribution { values } => {
                let mut sorted = values.clone();
                sorted.sort_unstable_by(f64::total_cmp);
                (values.len() as u64, quantile(&sorted, 0.5))
            }
            Samples::Count { count, days } => (*count, (*days > 0.0).then(|| *count as f64 / days)),
            Samples::Share { of, out_of } => (*out_of, (*out_of > 0).then(|| *of as f64 / *out_of as f64)),
            Samples::Level { mean, n } => (*n, *mean),
        };
        ComparedSummary {
            scope: self.scope.clone(),
            window: self.window,
            n,
            value,
            low_sample: n < LOW_SAMPLE,
        }
    }
}

/// What is shown of one side of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedSummary {
    /// Whose.
    #[serde(flatten)]
    pub scope: Scope,
    /// Of when.
    pub window: Window,
    /// The number of samples.
    pub n: u64,
    /// The median of values, the number a day of counts, the share; `None` where it is not known.
    pub value: Option<f64>,
    /// Whether `n < 5`.
    pub low_sample: bool,
}

/// How the second side differs from the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The metric's id.
    pub metric: String,
    /// Its definition and version.
    pub definition: String,
    /// What its values are in.
    pub unit: Unit,
    /// What durations are measured by, on both sides.
    pub clock: ClockKind,
    /// The side that is compared with.
    pub first: ComparedSummary,
    /// The side that is compared.
    pub second: ComparedSummary,
    /// By how much; `None` where a side has nothing to compare.
    pub effect: Option<Effect>,
    /// Why the effect is null; `None` where it is not.
    pub unknown_because: Option<UnknownBecause>,
    /// Whether the second is evidently better (`improving`) or worse (`worsening`) than the first.
    pub direction: Direction,
    /// Whether a side has fewer than 5 samples.
    pub low_sample: bool,
}

/// A difference with its interval and its probability by chance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// What is estimated.
    pub kind: EffectKind,
    /// The estimate; `None` for a ratio to 0.
    pub estimate: Option<f64>,
    /// Its 95 % interval.
    pub interval: Bounds,
    /// The two-sided probability of so large an effect by chance.
    pub p: f64,
}

/// What an effect is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// By how much the second's values are greater, in the metric's unit: the median of all differences (Hodges and Lehmann), with the test
    /// of Mann and Whitney.
    Shift,
    /// How many times as often it happens in the second, with the exact test of two Poisson rates.
    Ratio,
    /// By how much the second's share is greater, with Newcombe's interval and Fisher's test.
    Difference,
}

/// Compares two sides by the metric of this definition, with durations by this clock. Where a side has no durations, was not observed, or is out of
/// nothing, and of means over time, the effect is not known; nor is it where the sides are of different kinds.
pub fn compare(definition: &Definition, clock: ClockKind, first: &Compared, second: &Compared) -> Comparison {
    let effect = effect(&first.samples, &second.samples);
    let direction = effect.map_or(Direction::Unknown, |effect| {
        // A ratio without estimate is one to 0: the second has more.
        let change = match effect.kind {
            EffectKind::Ratio => effect.estimate.map_or(1.0, |ratio| ratio - 1.0),
            _ => effect.estimate.unwrap_or(0.0),
        };
        Direction::of(change, effect.p, definition.better)
    });
    let (first, second) = (first.summary(), second.summary());
    Comparison {
        metric: definition.id.to_string(),
        definition: definition.stamp(),
        unit: definition.unit,
        clock,
        low_sample: first.low_sample || second.low_sample,
        first,
        second,
        effect,
        unknown_because: effect.is_none().then_some(UnknownBecause::NoSamples),
        direction,
    }
}

fn effect(first: &Samples, second: &Samples) -> Option<Effect> {
    match (first, second) {
        (Samples::Distribution { values: first }, Samples::Distribution { values: second }) => {
            let shift = mann_whitney(first, second)?;
            Some(Effect {
                kind: EffectKind::Shift,
                estimate: Some(shift.estimate),
                interval: Bounds::from(shift.interval),
                p: shift.p,
            })
        }
        (
            Samples::Count {
                count: one,
                days: first,
            },
            Samples::Count {
                count: other,
                days: second,
            },
        ) => {
            if *first <= 0.0 || *second <= 0.0 {
                return None;
            }
            let (interval, p) = poisson_ratio((*one, *other), (*first, *second));
            Some(Effect {
                kind: EffectKind::Ratio,
                estimate: (*one > 0).then(|| *other as f64 * first / (*one as f64 * second)),
                interval,
                p,
            })
        }
        (
            Samples::Share {
                of: one,
                out_of: first,
            },
            Samples::Share {
                of: other,
                out_of: second,
            },
        ) => {
            let interval = newcombe((*one, *first), (*other, *second))?;
            Some(Effect {
                kind: EffectKind::Difference,
                estimate: Some(*other as f64 / *second as f64 - *one as f64 / *first as f64),
                interval: Bounds::from(Some(interval)),
                p: fisher((*one, *first), (*other, *second)),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Catalog;

    fn side(samples: Samples) -> Compared {
        Compared {
            scope: Scope::All,
            window: Window {
                from: DateTime::UNIX_EPOCH,
                to: DateTime::UNIX_EPOCH + chrono::Duration::days(90),
            },
            samples,
        }
    }

    fn compared(metric: &str, first: Samples, second: Samples) -> Comparison {
        compare(
            Catalog::builtin().find(metric).unwrap().definition(),
            ClockKind::Wall,
            &side(first),
            &side(second),
        )
    }

    fn seconds(seconds: impl IntoIterator<Item = u32>) -> Samples {
        Samples::Distribution {
            values: seconds.into_iter().map(f64::from).collect(),
        }
    }

    fn count(count: u64) -> Samples {
        Samples::Count { count, days: 90.0 }
    }

    #[test]
    fn the_better_way_is_the_metrics() {
        let slower = compared("cycle_time", seconds(1..20), seconds(50..70));
        assert_eq!(slower.direction, Direction::Worsening);
        let effect = slower.effect.unwrap();
        assert_eq!((effect.kind, effect.estimate), (EffectKind::Shift, Some(49.5)));
        assert_eq!(
            compared("cycle_time", seconds(50..70), seconds(1..20)).direction,
            Direction::Improving
        );
        assert_eq!(
            compared("velocity", count(40), count(90)).direction,
            Direction::Improving
        );
        assert_eq!(
            compared("velocity", count(40), count(41)).direction,
            Direction::NoEvidence
        );
        assert_eq!(
            compared("velocity", count(0), count(30)).direction,
            Direction::Improving
        );
    }

    #[test]
    fn a_share_is_compared_by_its_difference() {
        let share = |of, out_of| Samples::Share { of, out_of };
        let effect = effect(&share(48, 80), &share(56, 70)).unwrap();
        assert_eq!(effect.kind, EffectKind::Difference);
        assert!((effect.estimate.unwrap() - 0.2).abs() < 1e-12);
        assert!(effect.interval.low.unwrap() > 0.0 && effect.p < 0.05);
    }

    #[test]
    fn nothing_to_compare_is_unknown_and_a_true_zero_is_not() {
        let unknown = compared("cycle_time", seconds([]), seconds(1..20));
        assert_eq!((unknown.effect, unknown.direction), (None, Direction::Unknown));
        assert_eq!(unknown.unknown_because, Some(UnknownBecause::NoSamples));
        assert_eq!(
            (unknown.first.value, unknown.first.n, unknown.low_sample),
            (None, 0, true)
        );
        let never_observed = Samples::Count { count: 0, days: 0.0 };
        assert_eq!(compared("velocity", never_observed, count(3)).effect, None);
        let quiet = compared("velocity", count(0), count(0));
        assert_eq!(
            (quiet.first.value, quiet.direction),
            (Some(0.0), Direction::NoEvidence)
        );
        let none = Samples::Share { of: 0, out_of: 0 };
        assert_eq!(effect(&none, &Samples::Share { of: 1, out_of: 2 }), None);
    }

    #[test]
    fn a_mean_over_time_is_shown_and_not_tested() {
        let level = |mean| Samples::Level {
            mean: Some(mean),
            n: 9,
        };
        let shown = compared("work_in_progress", level(1.5), level(4.0));
        assert_eq!((shown.first.value, shown.second.value), (Some(1.5), Some(4.0)));
        assert_eq!((shown.effect, shown.direction), (None, Direction::Unknown));
    }

    #[test]
    fn few_samples_are_flagged() {
        assert!(compared("cycle_time", seconds(1..4), seconds(1..20)).low_sample);
        assert!(!compared("cycle_time", seconds(1..6), seconds(1..20)).low_sample);
    }
}
