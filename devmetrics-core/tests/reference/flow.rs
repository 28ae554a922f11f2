//! "Time to first review" and "Flow".

use chrono::{DateTime, Utc};
use devmetrics_core::model::{PullRequest, Window};
use devmetrics_testbed::histories;

use super::lead_time::ready;
use super::{Case, Figure, Sample};

/// How long each waited, and whether it was reviewed then.
fn waits(case: Case<'_>, window: &Window) -> Vec<(i64, bool)> {
    let mut found = Vec::new();
    for (_, one, _) in case.people() {
        let at = &one.milestones;
        let Some(ready) = ready(one).filter(|ready| window.contains(*ready)) else {
            continue;
        };
        // A draft asks nobody.
        if at.review_rounds.is_none() || (at.first_review_at.is_none() && one.draft) {
            continue;
        }
        let end = at
            .first_review_at
            .or(at.closed_at)
            .unwrap_or(histories::window().to);
        found.push(((end - ready).num_seconds(), at.first_review_at.is_some()));
    }
    found.sort_unstable();
    found
}

/// Kaplan and Meier: the first time beyond which no more than this part waits.
fn quantile(waits: &[(i64, bool)], p: f64) -> Option<f64> {
    let mut survival = 1.0;
    let mut times: Vec<i64> = waits
        .iter()
        .filter(|(_, ended)| *ended)
        .map(|(time, _)| *time)
        .collect();
    times.dedup();
    for time in times {
        let at_risk = waits.iter().filter(|(other, _)| *other >= time).count() as f64;
        let ended = waits
            .iter()
            .filter(|(other, ended)| *ended && *other == time)
            .count() as f64;
        survival *= 1.0 - ended / at_risk;
        if survival <= 1.0 - p + 1e-9 {
            return Some(time as f64);
        }
    }
    None
}

pub(super) fn first_review(case: Case<'_>, window: &Window) -> Figure {
    let waits = waits(case, window);
    Figure {
        value: quantile(&waits, 0.5),
        n: waits.iter().filter(|(_, ended)| *ended).count(),
        open: waits.iter().filter(|(_, ended)| !*ended).count(),
        ..Figure::default()
    }
}

pub(super) fn first_review_beside(case: Case<'_>, window: &Window) -> Vec<(&'static str, Option<f64>)> {
    let waits = waits(case, window);
    vec![
        ("p75_seconds", quantile(&waits, 0.75)),
        ("p90_seconds", quantile(&waits, 0.9)),
    ]
}

/// Whether it is open and no draft from one second to the next.
fn is_active(one: &PullRequest, at: DateTime<Utc>) -> bool {
    let milestones = &one.milestones;
    let paused = milestones
        .pauses
        .iter()
        .any(|pause| pause.from <= at && pause.to.is_none_or(|to| at < to));
    milestones.opened_at.is_some_and(|opened| opened <= at)
        && milestones.closed_at.is_none_or(|closed| at < closed)
        && !paused
}

/// For how many seconds of a window it is so: it changes at its milestones alone.
fn active_seconds(one: &PullRequest, window: &Window) -> i64 {
    let milestones = &one.milestones;
    let mut changes: Vec<DateTime<Utc>> = milestones
        .pauses
        .iter()
        .flat_map(|pause| [Some(pause.from), pause.to])
        .chain([milestones.opened_at, milestones.closed_at, Some(window.from)])
        .flatten()
        .filter(|at| window.contains(*at))
        .collect();
    changes.push(window.to);
    changes.sort_unstable();
    let spans = changes.windows(2).filter(|span| is_active(one, span[0]));
    spans.map(|span| (span[1] - span[0]).num_seconds()).sum()
}

pub(super) fn work_in_progress(case: Case<'_>, window: &Window) -> Figure {
    let tells = match case.scope {
        devmetrics_core::metric::Scope::Repository(repository) => repository.as_str() == histories::HOSTED,
        _ => true,
    };
    let mut samples = Vec::new();
    for (_, one, weight) in case.people() {
        let seconds = active_seconds(one, window);
        if seconds > 0 {
            samples.push(Sample::new(seconds as f64 * weight, weight));
        }
    }
    let sum: f64 = samples.iter().map(|sample| sample.value).sum();
    let observed = case.observed(window).filter(|_| tells);
    Figure {
        value: observed.map(|observed| sum / (observed.to - observed.from).num_seconds() as f64),
        ..Figure::tally(&samples)
    }
}

pub(super) fn age_of_open_work(case: Case<'_>, window: &Window) -> Figure {
    let last = window.to - chrono::TimeDelta::seconds(1);
    let mut samples = Vec::new();
    for (_, one, _) in case.people() {
        if let Some(opened) = one.milestones.opened_at
            && is_active(one, last)
        {
            samples.extend(Sample::span(opened, window.to));
        }
    }
    Figure::distribution(&samples)
}
