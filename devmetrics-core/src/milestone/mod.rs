//! When what happened on a pull request, told from its activity. Pure.
//!
//! Who is a bot decides which review is the first, so that milestones follow from the roster's rules and are told anew when
//! these change. Definitions: `docs/metrics.md`, "Cycle time and its phases".

mod approval;
mod pause;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use crate::model::{Activity, Actor, EventKind, Milestones, Review, Verdict};
use pause::pauses;

/// The milestones of a pull request. `given` tells when it was opened, merged and closed, as the host says; the others
/// follow from `activity`, in whichever order it lists what happened:
/// - C: the earliest author or committer date of its commits; the opening where that came first or there are no commits;
/// - V: the first review, be it a remark, that counts;
/// - R: its last exit from draft before V, else the opening;
/// - A: since when, up to the merge, some approval stands and nobody's latest verdict asks for changes;
/// - the rounds of review: how many of its states were reviewed. A review that does not say at which commit it looked is of the
///   same state as the one before it;
/// - the pauses: while it was a draft, or was closed and later opened again. That it is a draft of which nothing else is told,
///   `given` says by a pause from the opening on.
///
/// A review counts from the opening to the merge, and if neither a bot nor the author wrote it, and it was sent. A deleted
/// account is an unknown human: not the author, and each of its reviews another's.
pub fn milestones(
    given: &Milestones,
    author: &Actor,
    activity: &Activity,
    is_bot: &dyn Fn(&Actor) -> bool,
) -> Milestones {
    let open = |at: DateTime<Utc>| {
        given.opened_at.is_none_or(|opened| opened <= at) && given.merged_at.is_none_or(|merged| at <= merged)
    };
    let reviews: Vec<Sent<'_>> = activity
        .reviews
        .iter()
        .filter_map(|review| {
            let at = review.submitted_at.filter(|at| open(*at))?;
            let own = review.author.key().is_some_and(|key| author.key() == Some(key));
            (review.verdict != Verdict::Pending && !own && !is_bot(&review.author))
                .then_some(Sent { review, at })
        })
        .collect();
    let first_review_at = reviews.iter().map(|sent| sent.at).min();
    let made_ready = activity
        .events
        .iter()
        .filter(|event| event.kind == EventKind::ReadyForReview && open(event.at))
        .map(|event| event.at)
        .filter(|at| first_review_at.is_none_or(|first| *at <= first));
    let first_commit_at = activity
        .commits
        .iter()
        .map(|commit| commit.authored_at.min(commit.committed_at))
        .min();
    let merger = activity
        .events
        .iter()
        .filter(|event| event.kind == EventKind::Merged)
        .max_by_key(|event| event.at)
        .and_then(|event| event.actor.key());
    Milestones {
        first_commit_at: first_commit_at.into_iter().chain(given.opened_at).min(),
        ready_at: made_ready.max().or(given.opened_at),
        first_review_at,
        approved_at: approval::effective_since(&reviews, activity, given.merged_at),
        pauses: pauses(given, activity),
        review_rounds: Some(rounds(&reviews)),
        self_merged: given
            .merged_at
            .and(merger.zip(author.key()))
            .map(|(merger, author)| merger == author),
        ..given.clone()
    }
}

/// How many states of the pull request were reviewed.
fn rounds(reviews: &[Sent<'_>]) -> i64 {
    let mut in_order = reviews.to_vec();
    in_order.sort_by_key(|sent| (sent.at, &sent.review.id));
    let mut looked_at = None;
    let mut rounds = 0;
    for Sent { review, .. } in in_order {
        let another = review.commit.is_some() && review.commit != looked_at;
        rounds += i64::from(rounds == 0 || another && looked_at.is_some());
        looked_at = review.commit.clone().or(looked_at);
    }
    rounds
}

/// A review that counts, and when it was sent.
#[derive(Clone, Copy)]
struct Sent<'a> {
    review: &'a Review,
    at: DateTime<Utc>,
}
