use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Activity, Actor, Incident, Repository};
use crate::Id;

/// A proposed change and its way to the base branch: a pull request, a merge request, or in a plain git history the
/// commit by which it landed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// For example `github:pr:1834551`.
    pub id: Id<PullRequest>,
    /// The repository whose base branch it targets.
    pub repository: Id<Repository>,
    /// The number at the host (`#12`).
    pub number: Option<i64>,
    /// Its title, one line.
    pub title: String,
    /// Where a person looks at it.
    pub url: Option<String>,
    /// Who wrote it; all fields empty for a deleted account.
    #[serde(default)]
    pub author: Actor,
    /// Who else wrote commits of it, or is named by `Co-authored-by`.
    #[serde(default)]
    pub co_authors: Vec<Actor>,
    /// The branch that it targets.
    pub base_branch: String,
    /// How it reached the base branch; `None` while it has not.
    pub landing: Option<Landing>,
    /// When what happened.
    #[serde(default)]
    pub milestones: Milestones,
    /// Whether [`Milestones::first_commit_at`] is only the best guess (a squash keeps no earlier commit).
    #[serde(default)]
    pub first_commit_estimated: bool,
    /// The id of the first commit, where it is known.
    pub first_commit: Option<String>,
    /// The commit by which it landed on the base branch.
    pub landing_commit: Option<String>,
    /// The place of the landing commit on the base branch's first-parent line: a number that grows along it. A git clone
    /// counts from 0 at the root; a host that does not show the line gives the seconds of landing. A commit that
    /// contains the one at place p contains every landing commit at a place ≤ p, which makes containment a comparison.
    /// `None` while it has not landed, or on another branch than the repository's default.
    pub position: Option<i64>,
    /// Whether it is a draft now.
    #[serde(default)]
    pub draft: bool,
    /// Its labels, sorted.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The issues that it closes.
    #[serde(default)]
    pub closes: Vec<Id<Incident>>,
    /// Number of its own commits.
    pub commits: Option<i64>,
    /// Lines added.
    pub additions: Option<i64>,
    /// Lines deleted.
    pub deletions: Option<i64>,
    /// Files changed.
    pub changed_files: Option<i64>,
    /// Number of comments, in the conversation and on lines.
    pub comments: Option<i64>,
    /// The files that it touches; `None` where they were not read.
    pub paths: Option<Paths>,
    /// Its commits, reviews and events; `None` where the source does not know them (a git history).
    pub activity: Option<Activity>,
    /// Commits that it says it reverts (`This reverts commit …`).
    #[serde(default)]
    pub reverts: Vec<String>,
    /// Commits that it was copied from (`cherry picked from commit …`).
    #[serde(default)]
    pub cherry_picked_from: Vec<String>,
    /// The source's own instant of last change: of two versions the later one is kept.
    pub updated_at: DateTime<Utc>,
}

/// The files that a change touches, by their paths from the root of its repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paths {
    /// Sorted, each once. Of a file that moved also where it was, if the source tells.
    pub files: Vec<String>,
    /// Whether there are more of them, which were not read.
    pub truncated: bool,
}

/// How a change reached its base branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Landing {
    /// By a merge commit of a numbered pull request.
    Merge,
    /// As one commit that stands for the whole pull request.
    Squash,
    /// By a merge commit that names no pull request.
    PlainMerge,
    /// As one or more commits at the tip of the base branch; the last of them is the landing commit.
    Rebase,
    /// In a way that the host does not tell.
    Unknown,
    /// As a commit pushed without a pull request. Not a merged pull request: metrics leave it out unless asked.
    DirectPush,
}

impl Landing {
    /// The stored and printed name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Squash => "squash",
            Self::PlainMerge => "plain_merge",
            Self::Rebase => "rebase",
            Self::Unknown => "unknown",
            Self::DirectPush => "direct_push",
        }
    }
}

/// A pull request's life as metrics see it; what the source does not know is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestones {
    /// C: the earliest author or committer date of its own commits.
    pub first_commit_at: Option<DateTime<Utc>>,
    /// O: opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// R: ready for review.
    pub ready_at: Option<DateTime<Utc>>,
    /// V: first review by a human who is not the author.
    pub first_review_at: Option<DateTime<Utc>>,
    /// A: the approval that held.
    pub approved_at: Option<DateTime<Utc>>,
    /// M: merged.
    pub merged_at: Option<DateTime<Utc>>,
    /// Closed, merged or not.
    pub closed_at: Option<DateTime<Utc>>,
    /// When nobody was asked to look at it, in order of time.
    #[serde(default)]
    pub pauses: Vec<Pause>,
    /// Rounds of review: how many of its states were reviewed; 0 for none.
    pub review_rounds: Option<i64>,
    /// Whether its author merged it.
    pub self_merged: Option<bool>,
}

/// When a pull request was a draft, or was closed and later opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; `None` while it is a draft.
    pub to: Option<DateTime<Utc>>,
}
