//! Reviews of a pull request.

use super::{ActorId, EventKind, Oid, PullRequestId, Reviewer, Timestamp, World};

/// The state of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewState {
    /// Approved.
    Approved,
    /// Changes requested.
    ChangesRequested,
    /// Only comments.
    Commented,
    /// Dismissed after it was given.
    Dismissed,
    /// Begun and not yet submitted.
    Pending,
}

/// A review.
#[derive(Debug, Clone)]
pub struct Review {
    /// The numeric id, unique in the world.
    pub database_id: u64,
    /// The verdict.
    pub state: ReviewState,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was submitted; `None` while pending.
    pub submitted_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Who wrote it.
    pub author: ActorId,
    /// The head that was reviewed.
    pub commit: Oid,
    /// How many comments on lines it has.
    pub comments: u32,
}

impl World {
    /// Asks for a review.
    pub fn request_review(&mut self, id: PullRequestId, by: ActorId, reviewer: Reviewer) {
        self.add_event(id, by, EventKind::ReviewRequested(reviewer));
    }

    /// Reviews the current head; gives the review's numeric id. A pending review is not yet submitted.
    pub fn review(&mut self, id: PullRequestId, author: ActorId, state: ReviewState, comments: u32) -> u64 {
        let (database_id, now) = (self.new_long_id(), self.now);
        self.change_pull_request(id, |pr| {
            pr.reviews.push(Review {
                database_id,
                state,
                created_at: now,
                submitted_at: (state != ReviewState::Pending).then_some(now),
                updated_at: now,
                author,
                commit: pr.head_oid,
                comments,
            });
            pr.review_threads += comments;
        });
        database_id
    }

    /// Dismisses a review by its numeric id; an unknown id changes nothing.
    pub fn dismiss_review(&mut self, id: PullRequestId, by: ActorId, review: u64) {
        let now = self.now;
        let found = self
            .pull_request(id)
            .reviews
            .iter()
            .position(|found| found.database_id == review);
        let Some(position) = found else { return };
        let previous = self.change_pull_request(id, |pr| {
            let review = &mut pr.reviews[position];
            review.updated_at = now;
            std::mem::replace(&mut review.state, ReviewState::Dismissed)
        });
        self.add_event(id, by, EventKind::ReviewDismissed { review, previous });
    }
}
