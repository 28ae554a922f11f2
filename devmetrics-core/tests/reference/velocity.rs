//! "Velocity".

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};
use devmetrics_core::model::{PullRequest, Window};
use devmetrics_testbed::histories::{self, HOSTED};

use super::{Case, Figure, Sample, median};

pub(super) fn velocity(case: Case<'_>, window: &Window) -> Figure {
    let merged = case.merged(window);
    let samples: Vec<Sample> = merged
        .iter()
        .map(|(_, _, weight)| Sample::new(*weight, *weight))
        .collect();
    let known = !merged.is_empty() || case.observed(window).is_some();
    Figure {
        value: known.then(|| samples.iter().map(|sample| sample.value).sum()),
        ..Figure::tally(&samples)
    }
}

/// The Monday of the week of an instant, at midnight.
pub(super) fn monday(at: DateTime<Utc>) -> DateTime<Utc> {
    let day = at.date_naive() - TimeDelta::days(i64::from(at.weekday().num_days_from_monday()));
    day.and_time(NaiveTime::MIN).and_utc()
}

pub(super) fn authors(changes: &[(usize, &PullRequest, f64)]) -> usize {
    let authors: BTreeSet<&String> = changes
        .iter()
        .filter_map(|(_, one, _)| one.author.email.as_ref())
        .collect();
    authors.len()
}

/// The lines of those whose size is known.
pub(super) fn lines(
    changes: &[(usize, &PullRequest, f64)],
    of: impl Fn(&PullRequest) -> Option<i64>,
) -> Option<f64> {
    let known: Vec<i64> = changes.iter().filter_map(|(_, one, _)| of(one)).collect();
    (!known.is_empty()).then(|| known.iter().sum::<i64>() as f64)
}

pub(super) fn beside(case: Case<'_>, window: &Window) -> Vec<(&'static str, Option<f64>)> {
    let merged = case.merged(window);
    let known = !merged.is_empty() || case.observed(window).is_some();
    let authors = authors(&merged);
    let reverted = merged
        .iter()
        .filter(|(_, one, _)| reverted_within_a_day(case, one));
    // Of a git history only what was merged is known.
    let tells = match case.scope {
        devmetrics_core::metric::Scope::Repository(repository) => repository.as_str() == HOSTED,
        _ => true,
    };
    let within = |at: Option<DateTime<Utc>>| at.is_some_and(|at| window.contains(at));
    let opened = case
        .people()
        .iter()
        .filter(|(_, one, _)| within(one.milestones.opened_at))
        .count();
    let closed = case
        .people()
        .iter()
        .filter(|(_, one, _)| one.milestones.merged_at.is_none() && within(one.milestones.closed_at))
        .count();
    vec![
        (
            "distinct_authors",
            (known && (merged.is_empty() || authors > 0)).then_some(authors as f64),
        ),
        ("additions", lines(&merged, |one| one.additions)),
        ("deletions", lines(&merged, |one| one.deletions)),
        ("opened", (known && tells).then_some(opened as f64)),
        ("closed_unmerged", (known && tells).then_some(closed as f64)),
        ("reverted_within_24h", known.then(|| reverted.count() as f64)),
        ("median_last_8_weeks", median_of_weeks(case, window)),
    ]
}

fn reverted_within_a_day(case: Case<'_>, one: &PullRequest) -> bool {
    let (Some(commit), Some(merged)) = (&one.landing_commit, one.milestones.merged_at) else {
        return false;
    };
    case.history().pull_requests.iter().any(|later| {
        let at = later.milestones.merged_at;
        later.id != one.id
            && later.repository == one.repository
            && later.reverts.contains(commit)
            && at.is_some_and(|at| merged <= at && at <= merged + TimeDelta::hours(24))
    })
}

/// Over the last eight weeks that were over at the end of the window, of those observed as a whole.
fn median_of_weeks(case: Case<'_>, window: &Window) -> Option<f64> {
    let end = monday(window.to.min(histories::window().to));
    let weeks = (1..=8).map(|back| Window {
        from: end - TimeDelta::weeks(back),
        to: end - TimeDelta::weeks(back - 1),
    });
    let whole = weeks.filter(|week| case.observed(week) == Some(*week));
    median(whole.filter_map(|week| velocity(case, &week).value).collect())
}
