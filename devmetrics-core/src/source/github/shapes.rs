//! The shapes of what GitHub's GraphQL interface gives, as far as facts follow from it. Fields that are not named here are
//! ignored, and so are the values of enumerations that came after this version.

use std::fmt;

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Deserializer};

/// A pull request with all of its children, and what the collector adds to it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PullRequest {
    pub(super) id: String,
    pub(super) full_database_id: Option<Number>,
    pub(super) number: i64,
    pub(super) title: Line,
    #[serde(default)]
    pub(super) body: String,
    pub(super) url: Option<String>,
    pub(super) is_draft: bool,
    pub(super) created_at: Instant,
    pub(super) updated_at: Instant,
    pub(super) merged_at: Option<Instant>,
    pub(super) closed_at: Option<Instant>,
    pub(super) additions: Option<i64>,
    pub(super) deletions: Option<i64>,
    pub(super) changed_files: Option<i64>,
    pub(super) total_comments_count: Option<i64>,
    pub(super) base_ref_name: Line,
    pub(super) author: Option<Account>,
    pub(super) merge_commit: Option<MergeCommit>,
    pub(super) labels: Option<Children<Label>>,
    pub(super) commits: Option<Children<PullRequestCommit>>,
    pub(super) reviews: Option<Children<Review>>,
    pub(super) timeline_items: Option<Children<TimelineItem>>,
    pub(super) closing_issues_references: Option<Children<ClosedIssue>>,
    /// Asked for only where services are told by their files.
    pub(super) files: Option<Children<ChangedFile>>,
    /// The repository's default branch when the pull request was read; added by the collector.
    pub(super) default_branch: Option<String>,
}

/// The commit by which a pull request landed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MergeCommit {
    pub(super) oid: String,
    pub(super) message_headline: Option<String>,
    pub(super) message_body: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) name: Line,
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangedFile {
    pub(super) path: Line,
}

#[derive(Debug, Deserialize)]
pub(super) struct PullRequestCommit {
    pub(super) commit: Commit,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Commit {
    pub(super) oid: String,
    pub(super) authored_date: Instant,
    pub(super) committed_date: Instant,
    pub(super) message_headline: Option<String>,
    pub(super) message_body: Option<String>,
    pub(super) author: Option<Signature>,
}

/// Somebody as a commit names them, and the account that owns the address.
#[derive(Debug, Deserialize)]
pub(super) struct Signature {
    pub(super) name: Option<Line>,
    pub(super) email: Option<Line>,
    pub(super) user: Option<Account>,
}

/// An account. A deleted one is null wherever an account is named.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    #[serde(rename = "__typename")]
    pub(super) kind: Option<String>,
    pub(super) login: Line,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Review {
    pub(super) id: String,
    pub(super) full_database_id: Option<Number>,
    pub(super) state: String,
    pub(super) submitted_at: Option<Instant>,
    pub(super) author: Option<Account>,
    pub(super) commit: Option<CommitId>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CommitId {
    pub(super) oid: String,
}

/// What happened to a pull request. An item of a kind that this version does not know, or may not see, is `Other`.
#[derive(Debug, Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum TimelineItem {
    ReadyForReviewEvent(Happening),
    ConvertToDraftEvent(Happening),
    ReviewRequestedEvent(Happening),
    ReviewDismissedEvent(ReviewDismissed),
    HeadRefForcePushedEvent(ForcePushed),
    BaseRefChangedEvent(BaseChanged),
    ClosedEvent(Happening),
    ReopenedEvent(Happening),
    MergedEvent(Happening),
    AddedToMergeQueueEvent(Happening),
    RemovedFromMergeQueueEvent(Dequeued),
    AutoMergeEnabledEvent(Happening),
    #[serde(other)]
    Other,
}

/// When something happened, and by whom.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Happening {
    pub(super) created_at: Instant,
    pub(super) actor: Option<Account>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReviewDismissed {
    #[serde(flatten)]
    pub(super) what: Happening,
    pub(super) previous_review_state: String,
    pub(super) review: Option<ReviewId>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReviewId {
    pub(super) id: String,
    pub(super) full_database_id: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ForcePushed {
    #[serde(flatten)]
    pub(super) what: Happening,
    pub(super) before_commit: Option<CommitId>,
    pub(super) after_commit: Option<CommitId>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BaseChanged {
    #[serde(flatten)]
    pub(super) what: Happening,
    pub(super) previous_ref_name: Line,
    pub(super) current_ref_name: Line,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dequeued {
    #[serde(flatten)]
    pub(super) what: Happening,
    pub(super) reason: Option<Line>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClosedIssue {
    pub(super) id: String,
    pub(super) full_database_id: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) database_id: Option<Number>,
    pub(super) updated_at: Instant,
    pub(super) commit_oid: String,
    pub(super) commit: Option<CommitDate>,
    #[serde(rename = "ref")]
    pub(super) reference: Option<Reference>,
    pub(super) environment: Option<Line>,
    pub(super) latest_environment: Option<Line>,
    pub(super) original_environment: Option<Line>,
    pub(super) statuses: Option<Children<DeploymentStatus>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommitDate {
    pub(super) oid: Option<String>,
    pub(super) committed_date: Option<Instant>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    pub(super) name: Line,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeploymentStatus {
    pub(super) state: String,
    pub(super) created_at: Instant,
    pub(super) updated_at: Option<Instant>,
    pub(super) environment: Option<Line>,
    pub(super) log_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Release {
    pub(super) id: String,
    pub(super) database_id: Option<Number>,
    pub(super) tag_name: Line,
    pub(super) url: Option<String>,
    pub(super) is_draft: bool,
    pub(super) published_at: Option<Instant>,
    pub(super) updated_at: Instant,
    pub(super) tag_commit: Option<CommitDate>,
    pub(super) author: Option<Account>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Tag {
    pub(super) name: Line,
    pub(super) target: Option<GitObject>,
}

/// What a tag names.
#[derive(Debug, Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum GitObject {
    Commit(TaggedCommit),
    /// What an annotated tag says of itself.
    Tag(Annotation),
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaggedCommit {
    pub(super) oid: String,
    pub(super) commit_url: Option<String>,
    pub(super) committed_date: Instant,
}

#[derive(Debug, Deserialize)]
pub(super) struct Annotation {
    pub(super) tagger: Option<Tagger>,
    pub(super) target: Option<Box<GitObject>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Tagger {
    pub(super) date: Option<Instant>,
    #[serde(flatten)]
    pub(super) who: Signature,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Issue {
    pub(super) id: String,
    pub(super) full_database_id: Option<Number>,
    pub(super) number: i64,
    pub(super) title: Line,
    pub(super) url: Option<String>,
    pub(super) created_at: Instant,
    pub(super) updated_at: Instant,
    pub(super) closed_at: Option<Instant>,
    pub(super) author: Option<Account>,
    pub(super) labels: Option<Children<Label>>,
}

/// The elements of a connection. A null among them could not be read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Children<T> {
    pub(super) total_count: Option<i64>,
    page_info: Option<PageInfo>,
    nodes: Option<Vec<Option<T>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

impl<T> Children<T> {
    /// All elements, if every one of them is there.
    pub(super) fn whole(self) -> Option<Vec<T>> {
        let is_cut = self.page_info.is_some_and(|info| info.has_next_page);
        self.nodes.filter(|_| !is_cut)?.into_iter().collect()
    }

    /// The elements that are there.
    pub(super) fn known(self) -> impl Iterator<Item = T> {
        self.nodes.into_iter().flatten().flatten()
    }
}

/// A number of GitHub's: `BigInt` comes as text, `Int` as a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Integer(i64),
    Text(String),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// An instant, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant(pub(super) DateTime<Utc>);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DateTime::<Utc>::deserialize(deserializer).map(|at| Self(at.trunc_subsecs(0)))
    }
}

/// A text on one line: what a line cannot hold, as U+0000 that databases refuse, is a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line(pub(super) String);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self(if text.contains(char::is_control) {
            text.replace(char::is_control, " ")
        } else {
            text
        }))
    }
}
