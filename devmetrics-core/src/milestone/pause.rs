//! When nobody was asked to look at a pull request.

use chrono::{DateTime, Utc};

use crate::model::{Activity, EventKind, Milestones, Pause};

/// The spans within its life in which a pull request was a draft, or was closed, in order and apart from each other. The
/// last has no end while it is a draft.
///
/// It began as a draft if the first thing that is told of it is that it became ready, or if nothing is told and `given` has a
/// pause from the opening on.
pub(super) fn pauses(given: &Milestones, activity: &Activity) -> Vec<Pause> {
    let Some(opened) = given.opened_at else {
        return Vec::new();
    };
    let mut steps: Vec<(DateTime<Utc>, &EventKind)> = activity
        .events
        .iter()
        .filter(|event| {
            matches!(
                event.kind,
                EventKind::ReadyForReview
                    | EventKind::ConvertedToDraft
                    | EventKind::Closed
                    | EventKind::Reopened
            )
        })
        .map(|event| (event.at.max(opened), &event.kind))
        .filter(|(at, _)| given.merged_at.is_none_or(|merged| *at < merged))
        .collect();
    steps.sort();
    let first_of_draft = steps
        .iter()
        .find(|(_, kind)| matches!(kind, EventKind::ReadyForReview | EventKind::ConvertedToDraft));
    let mut draft = match first_of_draft {
        Some((_, kind)) => **kind == EventKind::ReadyForReview,
        None => given.pauses.first().is_some_and(|pause| pause.from == opened),
    };
    let mut closed = false;
    let mut since = draft.then_some(opened);
    let mut pauses = Vec::new();
    for (at, kind) in steps {
        match kind {
            EventKind::ReadyForReview => draft = false,
            EventKind::ConvertedToDraft => draft = true,
            EventKind::Closed => closed = true,
            _ => closed = false,
        }
        match (since, draft || closed) {
            (None, true) => since = Some(at),
            (Some(from), false) => {
                since = None;
                if from < at {
                    pauses.push(Pause { from, to: Some(at) });
                }
            }
            _ => {}
        }
    }
    // What it was when it was closed for good says nothing about the time after.
    match (since, given.closed_at) {
        (Some(from), None) if draft => pauses.push(Pause { from, to: None }),
        (Some(from), Some(end)) if from < end => pauses.push(Pause { from, to: Some(end) }),
        _ => {}
    }
    pauses
}
