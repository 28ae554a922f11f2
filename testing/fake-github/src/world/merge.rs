//! How a pull request ends.

use super::{ActorId, Commit, EventKind, Oid, PullRequestId, PullRequestState, World};

/// How a pull request is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeMethod {
    /// One new commit with all changes.
    Squash,
    /// A merge commit.
    Merge,
    /// The commits, rewritten on top of the base branch.
    Rebase,
}

impl World {
    /// Puts it into the merge queue.
    pub fn enqueue(&mut self, id: PullRequestId, by: ActorId) {
        self.add_event(id, by, EventKind::AddedToMergeQueue);
        self.change_pull_request(id, |pr| pr.in_merge_queue = true);
    }

    /// Takes it out of the merge queue.
    pub fn dequeue(&mut self, id: PullRequestId, by: ActorId, reason: &str) {
        self.add_event(id, by, EventKind::RemovedFromMergeQueue(reason.into()));
        self.change_pull_request(id, |pr| pr.in_merge_queue = false);
    }

    /// Switches auto-merge on.
    pub fn enable_auto_merge(&mut self, id: PullRequestId, by: ActorId) {
        self.add_event(id, by, EventKind::AutoMergeEnabled);
    }

    /// Merges it and closes the issues that it says it closes; gives the merge commit. Does nothing unless it is open.
    pub fn merge(&mut self, id: PullRequestId, by: ActorId, method: MergeMethod) -> Option<Oid> {
        let pull_request = self.pull_request(id);
        if pull_request.state != PullRequestState::Open {
            return None;
        }
        let (number, title, author) = (
            pull_request.number,
            pull_request.title.clone(),
            pull_request.author,
        );
        let (closes, last) = (pull_request.closes.clone(), pull_request.commits.last().cloned());
        let commit = match (method, last) {
            (MergeMethod::Rebase, Some(last)) => Commit {
                oid: self.new_oid(),
                committed_at: self.now,
                ..last
            },
            (MergeMethod::Merge, _) => {
                let headline = format!("Merge pull request #{number} from change-{number}");
                Commit {
                    body: title,
                    ..self.new_commit(by, headline)
                }
            }
            _ => self.new_commit(author, format!("{title} (#{number})")),
        };
        let (oid, now) = (commit.oid, self.now);
        self.add_event(id, by, EventKind::Merged);
        self.add_event(id, by, EventKind::Closed);
        self.change_pull_request(id, |pr| {
            pr.state = PullRequestState::Merged;
            pr.merged_at = Some(now);
            pr.closed_at = Some(now);
            pr.merged_by = Some(by);
            pr.merge_commit = Some(commit);
            pr.in_merge_queue = false;
        });
        self.repository_mut(id.repository).bump_pushed(now);
        for issue in closes {
            self.close_issue(issue, by);
        }
        Some(oid)
    }

    /// Closes it without a merge. Does nothing unless it is open.
    pub fn close(&mut self, id: PullRequestId, by: ActorId) {
        if self.pull_request(id).state == PullRequestState::Open {
            let now = self.now;
            self.add_event(id, by, EventKind::Closed);
            self.change_pull_request(id, |pr| {
                pr.state = PullRequestState::Closed;
                pr.closed_at = Some(now);
            });
        }
    }

    /// Opens a closed one again. Does nothing unless it is closed and not merged.
    pub fn reopen(&mut self, id: PullRequestId, by: ActorId) {
        if self.pull_request(id).state == PullRequestState::Closed {
            self.add_event(id, by, EventKind::Reopened);
            self.change_pull_request(id, |pr| {
                pr.state = PullRequestState::Open;
                pr.closed_at = None;
            });
        }
    }
}
