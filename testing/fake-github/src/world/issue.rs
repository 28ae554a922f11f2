//! Issues.

use super::{
    ActorId, Event, EventKind, IssueId, Kept, NodeId, Numbered, RepositoryId, Text, Timestamp, World,
};

/// Why an issue is in its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueStateReason {
    /// Closed as done.
    Completed,
    /// Closed as a duplicate.
    Duplicate,
    /// Closed as not planned.
    NotPlanned,
    /// Opened again.
    Reopened,
}

/// An issue.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The numeric id.
    pub database_id: u64,
    /// The number in its repository, shared with pull requests.
    pub number: u32,
    /// The title.
    pub title: Text,
    /// Why it is in its state.
    pub state_reason: Option<IssueStateReason>,
    /// Labels.
    pub labels: Vec<Text>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was closed; `None` while open.
    pub closed_at: Option<Timestamp>,
    /// Who opened it.
    pub author: ActorId,
    /// How many comments it has.
    pub comments: u32,
    /// Events, oldest first.
    pub timeline: Vec<Event>,
}

impl IssueId {
    /// The opaque node id.
    pub fn node_id(self) -> String {
        NodeId::Issue(self).encode()
    }
}

impl World {
    /// Opens an issue.
    pub fn open_issue(
        &mut self,
        repository: RepositoryId,
        author: ActorId,
        title: &str,
        labels: &[&str],
    ) -> IssueId {
        let (database_id, now) = (self.new_long_id(), self.now);
        let repo = self.repository_mut(repository);
        let index = repo.issues.len() as u32;
        let number = repo.take_number(Numbered::Issue(index));
        repo.issues.push(Some(Kept::new(
            Issue {
                database_id,
                number,
                title: title.into(),
                state_reason: None,
                labels: Vec::new(),
                created_at: now,
                updated_at: now,
                closed_at: None,
                author,
                comments: 0,
                timeline: Vec::new(),
            },
            now,
        )));
        let id = IssueId { repository, index };
        for label in labels {
            self.label_issue(id, author, label);
        }
        id
    }

    /// The issue as it is now; `None` when it was deleted.
    pub fn issue(&self, id: IssueId) -> Option<&Issue> {
        self.repository(id.repository).issues[id.index as usize]
            .as_ref()
            .map(Kept::current)
    }

    fn change_issue(&mut self, id: IssueId, by: ActorId, kind: EventKind, change: impl FnOnce(&mut Issue)) {
        let (database_id, at, oldest_kept) = (self.new_long_id(), self.now, self.oldest_kept());
        if let Some(kept) = &mut self.repository_mut(id.repository).issues[id.index as usize] {
            let issue = kept.change(at, oldest_kept);
            issue.updated_at = at;
            issue.timeline.push(Event {
                database_id,
                at,
                actor: by,
                kind,
            });
            change(issue);
        }
    }

    /// Closes it as done. Does nothing unless it is open.
    pub fn close_issue(&mut self, id: IssueId, by: ActorId) {
        let now = self.now;
        if self.issue(id).is_some_and(|issue| issue.closed_at.is_none()) {
            self.change_issue(id, by, EventKind::Closed, |issue| {
                issue.closed_at = Some(now);
                issue.state_reason = Some(IssueStateReason::Completed);
            });
        }
    }

    /// Opens it again. Does nothing unless it is closed.
    pub fn reopen_issue(&mut self, id: IssueId, by: ActorId) {
        if self.issue(id).is_some_and(|issue| issue.closed_at.is_some()) {
            self.change_issue(id, by, EventKind::Reopened, |issue| {
                issue.closed_at = None;
                issue.state_reason = Some(IssueStateReason::Reopened);
            });
        }
    }

    /// Adds a label; one that it has already changes nothing.
    pub fn label_issue(&mut self, id: IssueId, by: ActorId, label: &str) {
        let label = Text::from(label);
        if self.issue(id).is_some_and(|issue| !issue.labels.contains(&label)) {
            self.change_issue(id, by, EventKind::Labeled(label.clone()), |issue| {
                issue.labels.push(label)
            });
        }
    }

    /// Removes a label; one that it has not changes nothing.
    pub fn unlabel_issue(&mut self, id: IssueId, by: ActorId, label: &str) {
        let label = Text::from(label);
        if self.issue(id).is_some_and(|issue| issue.labels.contains(&label)) {
            let kind = EventKind::Unlabeled(label.clone());
            self.change_issue(id, by, kind, |issue| issue.labels.retain(|found| *found != label));
        }
    }

    /// Deletes it: nothing serves it any more, and its number stays taken.
    pub fn delete_issue(&mut self, id: IssueId) {
        self.repository_mut(id.repository).issues[id.index as usize] = None;
    }
}
