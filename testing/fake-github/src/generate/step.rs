//! What happens next.

use crate::world::{
    Commit, DeploymentId, DeploymentState, IssueId, PullRequestId, ReleaseId, RepositoryId, Text,
};

/// One thing that is going to happen.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Somebody opens a pull request.
    Open,
    /// Somebody opens a fix or a revert of what a deployment broke.
    Mend(RepositoryId, DeploymentId),
    Ready(PullRequestId),
    Review(PullRequestId),
    Push(PullRequestId),
    ForcePush(PullRequestId),
    Merge(PullRequestId),
    Close(PullRequestId),
    Reopen(PullRequestId),
    /// A label, comment or review on any pull request, mostly an old one.
    Touch,
    Deploy(RepositoryId, Box<Commit>, Text),
    Status(DeploymentId, DeploymentState),
    Incident(DeploymentId),
    CloseIssue(IssueId),
    /// A release of this repository, and the next one later.
    Release(RepositoryId),
    Publish(ReleaseId),
    /// An issue that is no incident.
    Idea,
    /// Somebody changes teams, and the next one later.
    Move,
    /// Somebody leaves, and their account is deleted.
    Leave,
    Rename,
    DeleteIssue,
}
