//! "Deployment frequency".

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use devmetrics_core::metric::Policy;
use devmetrics_core::model::Window;

use super::{Case, Figure, Sample, Standing, days, median, standing};

/// The scope's deployments that finished within a window, each with what it counts.
pub(super) fn finished(case: Case<'_>, window: &Window) -> Vec<(usize, f64)> {
    let mut found = Vec::new();
    for (index, one) in case.history().deployments.iter().enumerate() {
        let weight = case.weight(&one.creator, one.finished_at, &one.repository);
        if let Some(weight) = weight.filter(|_| window.contains(one.finished_at)) {
            found.push((index, weight));
        }
    }
    found
}

/// The distinct ones.
pub(super) fn distinct(case: Case<'_>, window: &Window) -> Vec<(usize, f64)> {
    let mut found = finished(case, window);
    found.retain(|(index, _)| standing(case.history(), *index) == Standing::Distinct);
    found
}

/// Whether anybody of the scope was ever known to deploy.
pub(super) fn is_known(case: Case<'_>) -> bool {
    let everybody = Case {
        policy: Policy::Full,
        ..case
    };
    let ever = Window {
        from: DateTime::<Utc>::MIN_UTC,
        to: DateTime::<Utc>::MAX_UTC,
    };
    !finished(everybody, &ever).is_empty()
}

pub(super) fn frequency(case: Case<'_>, window: &Window) -> Figure {
    let samples: Vec<Sample> = distinct(case, window)
        .into_iter()
        .map(|(_, weight)| Sample::new(weight, weight))
        .collect();
    let sum: f64 = samples.iter().map(|sample| sample.value).sum();
    let observed = case.observed(window).filter(|_| is_known(case));
    Figure {
        value: observed.map(|observed| sum / days(observed)),
        ..Figure::tally(&samples)
    }
}

pub(super) fn deploy_days(case: Case<'_>, window: &Window) -> usize {
    let days: BTreeSet<_> = distinct(case, window)
        .into_iter()
        .map(|(index, _)| case.history().deployments[index].finished_at.date_naive())
        .collect();
    days.len()
}

pub(super) fn beside(case: Case<'_>, window: &Window) -> Vec<(&'static str, Option<f64>)> {
    let counted = distinct(case, window);
    let sum: f64 = counted.iter().map(|(_, weight)| weight).sum();
    let weeks = case
        .observed(window)
        .filter(|_| is_known(case))
        .map(|observed| days(observed) / 7.0);
    let mut instants: Vec<i64> = counted
        .iter()
        .map(|(index, _)| case.history().deployments[*index].finished_at.timestamp())
        .collect();
    instants.sort_unstable();
    let gaps = instants
        .windows(2)
        .map(|pair| (pair[1] - pair[0]) as f64)
        .collect();
    let deploy_days = deploy_days(case, window) as f64;
    vec![
        ("per_week", weeks.map(|weeks| sum / weeks)),
        ("deploy_days_per_week", weeks.map(|weeks| deploy_days / weeks)),
        ("median_seconds_between", median(gaps)),
    ]
}
