use super::stats::wilson_of;
use super::{Censored, Finding, Interval, Note, Outcome, Value, garwood, quantiles};
use crate::model::{DeploymentMatch, Window};

/// Below this many samples a statistic is flagged.
const LOW_SAMPLE: u64 = 5;

const SECONDS_A_DAY: f64 = 86_400.0;

/// Counts what was found, and gives the values that count; the headline is still unknown.
fn tally<'f>(findings: impl IntoIterator<Item = &'f Finding<'f>>) -> (Value, Vec<f64>) {
    let mut value = Value::default();
    let mut counted = Vec::new();
    for finding in findings {
        match finding.outcome {
            Outcome::Counted {
                value: seconds_or_weight,
                skew_clamped,
            } => {
                counted.push(seconds_or_weight);
                value.skew_clamped += u64::from(skew_clamped);
                value.estimated += u64::from(
                    finding.note == Some(Note::FirstCommitEstimated)
                        || finding.matched == Some(DeploymentMatch::Time),
                );
            }
            Outcome::Excluded { reason } => *value.excluded.entry(reason).or_default() += 1,
            Outcome::Pending { age_seconds } => {
                let Censored {
                    pending,
                    oldest_pending_seconds,
                    ..
                } = &mut value.censored;
                *pending += 1;
                *oldest_pending_seconds = (*oldest_pending_seconds).max(age_seconds);
            }
            Outcome::CensoredLeft => value.censored.censored_left += 1,
            Outcome::Open { age_seconds } => {
                let Censored {
                    open,
                    oldest_open_seconds,
                    ..
                } = &mut value.censored;
                *open += 1;
                *oldest_open_seconds = (*oldest_open_seconds).max(age_seconds);
            }
        }
    }
    value.n = counted.len() as u64;
    value.low_sample = value.n < LOW_SAMPLE;
    // What is not deployed or not over yet will add to a distribution by its own, probably long, time.
    value.provisional = value.censored.pending + value.censored.open > 0;
    (value, counted)
}

/// Sums up durations, or other amounts, by their distribution; the headline is the median.
pub(super) fn distribution<'f>(findings: impl IntoIterator<Item = &'f Finding<'f>>) -> Value {
    let (mut value, mut seconds) = tally(findings);
    seconds.sort_unstable_by(f64::total_cmp);
    value.quantiles = quantiles(&seconds);
    value.value = value.quantiles.map(|found| found.p50);
    value.interval = value.quantiles.and_then(|found| found.p50_interval);
    value
}

/// Sums up a count. Of a time that was not observed it is unknown, unless something was found there all the same.
pub(super) fn count<'f>(
    findings: impl IntoIterator<Item = &'f Finding<'f>>,
    observed: Option<Window>,
) -> Value {
    let (mut value, weights) = tally(findings);
    if observed.is_some() || value.n > 0 {
        let (sum, interval) = weighted(&weights);
        value.value = Some(sum);
        value.interval = interval;
    }
    value
}

/// Sums up amounts. Of a time that was not observed the sum is unknown, unless something was found there all the same. How
/// much amounts vary is not known, so that there is no interval.
pub(super) fn sum<'f>(
    findings: impl IntoIterator<Item = &'f Finding<'f>>,
    observed: Option<Window>,
) -> Value {
    let (mut value, amounts) = tally(findings);
    if observed.is_some() || value.n > 0 {
        // An empty sum of floats is -0, which prints as such.
        value.value = Some(amounts.iter().sum::<f64>() + 0.0);
    }
    value
}

/// Sums up a count as a rate over the exact days observed; unknown where there are none.
pub(super) fn per_day<'f>(
    findings: impl IntoIterator<Item = &'f Finding<'f>>,
    observed: Option<Window>,
) -> Value {
    let (mut value, weights) = tally(findings);
    if let Some(days) = observed.map(|window| days(&window)) {
        let (sum, interval) = weighted(&weights);
        value.value = Some(sum / days);
        value.interval = interval.map(|Interval { low, high }| Interval {
            low: low / days,
            high: high / days,
        });
    }
    value
}

/// Sums up a rate: the part of the samples whose value is 1, by their weights. The interval is Wilson's, of their number.
pub(super) fn rate<'f>(findings: impl IntoIterator<Item = &'f Finding<'f>>) -> Value {
    let (mut hits, mut whole) = (0.0, 0.0);
    let (mut value, _) = tally(findings.into_iter().inspect(|finding| {
        if let Some(hit) = finding.counted() {
            hits += hit * finding.weight;
            whole += finding.weight;
        }
    }));
    if whole > 0.0 {
        let rate = hits / whole;
        value.value = Some(rate);
        value.interval = wilson_of(rate, value.n);
    }
    value
}

/// Sums up seconds as the mean number at once over the observed time; unknown where there is none.
pub(super) fn mean_over_time<'f>(
    findings: impl IntoIterator<Item = &'f Finding<'f>>,
    observed: Option<Window>,
) -> Value {
    let (mut value, seconds) = tally(findings);
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
