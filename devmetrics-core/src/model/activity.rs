use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Actor;

/// What happened on a pull request: its commits, reviews and events, each whole and in the order of time. Kept so that
/// milestones can be told anew when the rules for bots change, and as their evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Activity {
    /// Its own commits as the host lists them now, oldest first.
    pub commits: Vec<OwnCommit>,
    /// Its reviews.
    pub reviews: Vec<Review>,
    /// What else happened to it.
    pub events: Vec<Event>,
}

/// A commit of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnCommit {
    /// The commit's id.
    pub id: String,
    /// When it was written.
    pub authored_at: DateTime<Utc>,
    /// When it took its present form (a rebase writes it anew).
    pub committed_at: DateTime<Utc>,
    /// Who wrote it.
    pub author: Actor,
}

/// A review of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The host's id of it.
    pub id: String,
    /// What it says now.
    pub verdict: Verdict,
    /// When it was sent; `None` while it is a draft that only its author sees.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Who wrote it; all fields empty for a deleted account.
    pub author: Actor,
    /// The commit that was looked at.
    pub commit: Option<String>,
    /// Number of comments on lines.
    pub comments: Option<i64>,
}

/// What a review says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// The change may land.
    Approved,
    /// The change may not land as it is.
    ChangesRequested,
    /// Remarks without a verdict.
    Commented,
    /// A verdict that somebody took back.
    Dismissed,
    /// Not sent yet.
    Pending,
    /// A verdict that this version does not know.
    Unknown,
}

/// Something that happened to a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it; all fields empty when unknown.
    pub actor: Actor,
}

/// What can happen to a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// It left draft.
    ReadyForReview,
    /// It became a draft.
    ConvertedToDraft,
    /// A review was asked for.
    ReviewRequested,
    /// A review's verdict was taken back.
    ReviewDismissed {
        /// The [`Review::id`].
        review: Option<String>,
        /// What it had said.
        was: Verdict,
    },
    /// Its commits were replaced.
    ForcePushed {
        /// The head before.
        before: Option<String>,
        /// The head after.
        after: Option<String>,
    },
    /// It was given another base branch.
    BaseChanged {
        /// The branch before.
        from: String,
        /// The branch after.
        to: String,
    },
    /// It was closed.
    Closed,
    /// It was opened again.
    Reopened,
    /// It landed.
    Merged,
    /// It entered the merge queue.
    Queued,
    /// It left the merge queue.
    Dequeued {
        /// Why, as the host says it.
        reason: Option<String>,
    },
    /// It was set to land by itself.
    AutoMergeEnabled,
}
