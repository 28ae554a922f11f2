//! What happens to a pull request or an issue.

use super::{ActorId, Oid, ReviewState, TeamId, Text, Timestamp};

/// One item of a timeline.
#[derive(Debug, Clone)]
pub struct Event {
    /// The numeric id, unique in the world.
    pub database_id: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: ActorId,
    /// What happened.
    pub kind: EventKind,
}

/// Who was asked for a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reviewer {
    /// A user, bot or mannequin.
    Actor(ActorId),
    /// A team.
    Team(TeamId),
}

/// The kinds of events that the fake knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A draft became ready for review.
    ReadyForReview,
    /// It became a draft again.
    ConvertToDraft,
    /// A review was asked for.
    ReviewRequested(Reviewer),
    /// A review was dismissed.
    ReviewDismissed {
        /// The database id of the review.
        review: u64,
        /// The review's state before.
        previous: ReviewState,
    },
    /// The head branch was rewritten.
    HeadRefForcePushed {
        /// The head before.
        before: Oid,
        /// The head after.
        after: Oid,
    },
    /// The base branch was changed.
    BaseRefChanged {
        /// The branch before.
        previous: Text,
        /// The branch after.
        current: Text,
    },
    /// It was closed, by a merge too.
    Closed,
    /// It was opened again.
    Reopened,
    /// It was merged.
    Merged,
    /// It entered the merge queue.
    AddedToMergeQueue,
    /// It left the merge queue.
    RemovedFromMergeQueue(Text),
    /// Auto-merge was switched on.
    AutoMergeEnabled,
    /// A label was added.
    Labeled(Text),
    /// A label was removed.
    Unlabeled(Text),
}
