//! "Cycle time and its phases" and "Change lead time".

use chrono::{DateTime, Utc};
use devmetrics_core::model::{PullRequest, Window};

use super::shipping::Shipped;
use super::{Case, Figure, Sample};

/// When the work began, and whether that is an estimate: C, or O where that did not come later, or where C is not known.
pub(super) fn begin(one: &PullRequest) -> Option<(DateTime<Utc>, bool)> {
    match (one.milestones.first_commit_at, one.milestones.opened_at) {
        (Some(first), Some(opened)) if opened <= first => Some((opened, false)),
        (Some(first), _) => Some((first, one.first_commit_estimated)),
        (None, opened) => Some((opened?, false)),
    }
}

/// R: O stands for it where it is not known, or came after V.
pub(super) fn ready(one: &PullRequest) -> Option<DateTime<Utc>> {
    let at = &one.milestones;
    let before_review = |ready: &DateTime<Utc>| at.first_review_at.is_none_or(|review| *ready <= review);
    at.ready_at.filter(before_review).or(at.opened_at)
}

pub(super) fn cycle_time(case: Case<'_>, window: &Window) -> Figure {
    let mut samples = Vec::new();
    for (_, one, _) in case.merged(window) {
        let merged = one.milestones.merged_at.unwrap();
        if let Some((begin, estimated)) = begin(one)
            && let Some(span) = Sample::span(begin, merged)
        {
            samples.push(Sample { estimated, ..span });
        }
    }
    Figure::distribution(&samples)
}

/// The begin and end of a phase of a merged change.
pub(super) fn bounds(one: &PullRequest, metric: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let at = &one.milestones;
    let merged = at.merged_at?;
    match metric {
        "coding_time" => Some((begin(one)?.0, ready(one)?)),
        "pickup_time" => Some((ready(one)?, at.first_review_at?)),
        "review_time" => Some((at.first_review_at?, at.approved_at.unwrap_or(merged))),
        "merge_time" => at.first_review_at.and(Some((at.approved_at?, merged))),
        other => panic!("no phase `{other}`"),
    }
}

pub(super) fn phase(case: Case<'_>, metric: &str, window: &Window) -> Figure {
    let mut samples = Vec::new();
    for (_, one, _) in case.merged(window) {
        if let Some((from, to)) = bounds(one, metric)
            && let Some(span) = Sample::span(from, to)
        {
            let estimated = metric == "coding_time" && begin(one).is_some_and(|(_, estimated)| estimated);
            samples.push(Sample { estimated, ..span });
        }
    }
    Figure::distribution(&samples)
}

pub(super) fn deploy_time(case: Case<'_>, window: &Window) -> Figure {
    shipped_within(case, window, |one, deployed| {
        let merged = one.milestones.merged_at.unwrap();
        // A hotfix from its branch waited for nothing.
        Some(Sample {
            skewed: (-60..0).contains(&(deployed - merged).num_seconds()),
            ..Sample::span(merged, deployed.max(merged))?
        })
    })
}

pub(super) fn change_lead_time(case: Case<'_>, window: &Window) -> Figure {
    shipped_within(case, window, |one, deployed| {
        let (begin, estimated) = begin(one)?;
        Some(Sample {
            estimated,
            ..Sample::span(begin, deployed)?
        })
    })
}

/// Of what was deployed within the window; what was merged within it and is not deployed is counted apart.
fn shipped_within(
    case: Case<'_>,
    window: &Window,
    measure: impl Fn(&PullRequest, DateTime<Utc>) -> Option<Sample>,
) -> Figure {
    let mut samples = Vec::new();
    let (mut pending, mut baseline) = (0, 0);
    for (index, one, _) in case.changes() {
        let merged_within = one.milestones.merged_at.is_some_and(|at| window.contains(at));
        match case.world.shipped[index] {
            Shipped::By(deployment, guessed) => {
                let deployed = case.history().deployments[deployment].finished_at;
                if let Some(sample) = measure(one, deployed).filter(|_| window.contains(deployed)) {
                    let estimated = sample.estimated || guessed;
                    samples.push(Sample { estimated, ..sample });
                }
            }
            Shipped::Pending => pending += usize::from(merged_within),
            Shipped::Baseline => baseline += usize::from(merged_within),
            Shipped::Untracked | Shipped::NotLanded => {}
        }
    }
    Figure {
        pending,
        baseline,
        ..Figure::distribution(&samples)
    }
}
