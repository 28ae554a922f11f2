//! Since when an approval is effective.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Sent;
use crate::model::{Activity, EventKind, Review, Verdict};

/// The instant from which on, up to the end (the merge, else now), some approval stands and nobody's latest verdict asks
/// for changes; `None` if that is not so in the end.
///
/// Remarks change no verdict. A verdict that was taken back stands until then, and none of that reviewer's stands
/// afterwards.
pub(super) fn effective_since(
    reviews: &[Sent<'_>],
    activity: &Activity,
    end: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let dismissals = dismissals(activity);
    let mut steps: Vec<(DateTime<Utc>, Step<'_>)> = Vec::new();
    for &Sent { review, at } in reviews {
        let dismissed = dismissals.get(review.id.as_str());
        let said = dismissed.map_or(review.verdict, |dismissed| dismissed.was);
        if matches!(said, Verdict::Approved | Verdict::ChangesRequested) {
            steps.push((at, Step::Said(id_order(&review.id), said, reviewer(review))));
            if let Some(dismissed) = dismissed {
                steps.push((dismissed.at, Step::TakenBack(reviewer(review), &review.id)));
            }
        }
    }
    steps.retain(|(at, _)| end.is_none_or(|end| *at <= end));
    steps.sort_unstable();
    let mut latest: BTreeMap<Reviewer, (&str, Verdict)> = BTreeMap::new();
    let mut since = None;
    for same_instant in steps.chunk_by(|(a, _), (b, _)| a == b) {
        for (_, step) in same_instant {
            match step {
                Step::Said((_, review), verdict, reviewer) => {
                    latest.insert(reviewer.clone(), (review, *verdict));
                }
                Step::TakenBack(reviewer, review) => {
                    if latest.get(reviewer).is_some_and(|(said, _)| said == review) {
                        latest.remove(reviewer);
                    }
                }
            }
        }
        let verdicts = || latest.values().map(|(_, verdict)| *verdict);
        let effective = verdicts().any(|verdict| verdict == Verdict::Approved)
            && verdicts().all(|verdict| verdict != Verdict::ChangesRequested);
        since = effective.then(|| since.unwrap_or(same_instant[0].0));
    }
    since
}

/// What changes the verdicts, in the order in which it does at one instant. Hosts number reviews upwards, which orders
/// those of one second.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Step<'a> {
    Said((usize, &'a str), Verdict, Reviewer),
    TakenBack(Reviewer, &'a str),
}

/// Whose verdict: an account's, or where it was deleted, that of this review alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Reviewer {
    Account(String),
    Ghost(String),
}

fn reviewer(review: &Review) -> Reviewer {
    match review.author.key() {
        Some(key) => Reviewer::Account(key),
        None => Reviewer::Ghost(review.id.clone()),
    }
}

/// Numbers of any length in their order.
fn id_order(id: &str) -> (usize, &str) {
    (id.len(), id)
}

/// When a verdict was taken back, and what it had been.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Dismissal {
    at: DateTime<Utc>,
    was: Verdict,
}

/// The dismissals by the id of their review. One that names no known review is of the latest verdict of its kind that
/// was sent before it.
fn dismissals(activity: &Activity) -> BTreeMap<&str, Dismissal> {
    let mut events: Vec<(Dismissal, Option<&str>)> = activity
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::ReviewDismissed { review, was } => {
                let (at, was) = (event.at, *was);
                Some((Dismissal { at, was }, review.as_deref()))
            }
            _ => None,
        })
        .collect();
    events.sort_unstable();
    let known = |id: &Option<&str>| {
        activity
            .reviews
            .iter()
            .any(|review| Some(review.id.as_str()) == *id)
    };
    let mut found: BTreeMap<&str, Dismissal> = BTreeMap::new();
    for (dismissal, id) in events.iter().filter(|(_, id)| known(id)) {
        found.entry(id.unwrap_or_default()).or_insert(*dismissal);
    }
    for (dismissal, _) in events.iter().filter(|(_, id)| !known(id)) {
        let candidates = activity.reviews.iter().filter(|review| {
            (review.verdict == Verdict::Dismissed || review.verdict == dismissal.was)
                && review.submitted_at.is_some_and(|at| at <= dismissal.at)
                && !found.contains_key(review.id.as_str())
        });
        // What is dismissed now says so; a verdict that still stands was hardly the one.
        let latest = candidates.max_by_key(|review| {
            let dismissed = review.verdict == Verdict::Dismissed;
            (dismissed, review.submitted_at, id_order(&review.id))
        });
        if let Some(review) = latest {
            found.insert(&review.id, *dismissal);
        }
    }
    found
}
