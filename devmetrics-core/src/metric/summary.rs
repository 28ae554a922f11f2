use super::stats::wilson_of;
use super::{Interval, Tally, Value, garwood, quantiles};
use crate::model::Window;

/// Below this many samples a statistic is flagged.
const LOW_SAMPLE: u64 = 5;

const SECONDS_A_DAY: f64 = 86_400.0;

/// What a tally says besides its headline, which is still unknown.
fn beside_headline(tally: &Tally) -> Value {
    let n = tally.values.len() as u64;
    Value {
        n,
        low_sample: n < LOW_SAMPLE,
        // What is not deployed or not over yet will add to a distribution by its own, probably long, time.
        provisional: tally.censored.pending + tally.censored.open > 0,
        excluded: tally.excluded.clone(),
        censored: tally.censored,
        skew_clamped: tally.skew_clamped,
        estimated: tally.estimated,
        ..Value::default()
    }
}

/// Sums up durations, or other amounts, by their distribution; the headline is the median.
pub(super) fn distribution(tally: Tally) -> Value {
    let mut value = beside_headline(&tally);
    let mut values = tally.values;
    values.sort_unstable_by(f64::total_cmp);
    value.quantiles = quantiles(&values);
    value.value = value.quantiles.map(|found| found.p50);
    value.interval = value.quantiles.and_then(|found| found.p50_interval);
    value
}

/// Sums up a count. Of a time that was not observed it is unknown, unless something was found there all the same.
pub(super) fn count(tally: &Tally, observed: Option<Window>) -> Value {
    let mut value = beside_headline(tally);
    let weights = &tally.values;
    if observed.is_some() || value.n > 0 {
        let (sum, interval) = weighted(weights);
        value.value = Some(sum);
        value.interval = interval;
    }
    value
}

/// Sums up amounts. Of a time that was not observed the sum is unknown, unless something was found there all the same. How
/// much amounts vary is not known, so that there is no interval.
pub(super) fn sum(tally: &Tally, observed: Option<Window>) -> Value {
    let mut value = beside_headline(tally);
    let amounts = &tally.values;
    if observed.is_some() || value.n > 0 {
        // An empty sum of floats is -0, which prints as such.
        value.value = Some(amounts.iter().sum::<f64>() + 0.0);
    }
    value
}

/// Sums up a count as a rate over the exact days observed; unknown where there are none.
pub(super) fn per_day(tally: &Tally, observed: Option<Window>) -> Value {
    let mut value = beside_headline(tally);
    let weights = &tally.values;
    if let Some(days) = observed.map(|window| days(&window)) {
        let (sum, interval) = weighted(weights);
        value.value = Some(sum / days);
        value.interval = interval.map(|Interval { low, high }| Interval {
            low: low / days,
            high: high / days,
        });
    }
    value
}

/// Sums up a rate: the part of the samples whose value is 1, by their weights. The interval is Wilson's, of their number.
pub(super) fn rate(tally: &Tally) -> Value {
    let mut value = beside_headline(tally);
    let Tally { hits, whole, .. } = *tally;
    if whole > 0.0 {
        let rate = hits / whole;
        value.value = Some(rate);
        value.interval = wilson_of(rate, value.n);
    }
    value
}

/// Sums up seconds as the mean number at once over the observed time; unknown where there is none.
pub(super) fn mean_over_time(tally: &Tally, observed: Option<Window>) -> Value {
    let mut value = beside_headline(tally);
    let seconds = &tally.values;
    value.value = observed.map(|window| (seconds.iter().sum::<f64>() + 0.0) / window.seconds() as f64);
    value
}

/// The exact length in days: 29 deployments in 30 days are 0.967 a day, and not 0.
pub(super) fn days(window: &Window) -> f64 {
    window.seconds() as f64 / SECONDS_A_DAY
}

/// The sum of the weights, and its Poisson interval: that of their number, scaled by the mean weight. It is exact where
/// all weights are equal, as they are under the policies `full` and `primary`.
fn weighted(weights: &[f64]) -> (f64, Option<Interval>) {
    let sum: f64 = weights.iter().sum();
    let scale = if weights.is_empty() {
        1.0
    } else {
        sum / weights.len() as f64
    };
    let interval = garwood(weights.len() as u64).map(|Interval { low, high }| Interval {
        low: low * scale,
        high: high * scale,
    });
    // An empty sum of floats is -0, which prints as such.
    (sum + 0.0, interval)
}
