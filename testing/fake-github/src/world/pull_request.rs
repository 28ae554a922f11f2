//! Pull requests.

use super::{
    ActorId, Commit, Event, EventKind, IssueId, Kept, NodeId, Numbered, Oid, PullRequestId, RepositoryId,
    Review, Text, Timestamp, World,
};

/// The state of a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullRequestState {
    /// Open.
    Open,
    /// Closed without a merge.
    Closed,
    /// Merged.
    Merged,
}

/// A pull request.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// The numeric id; most are above 2^31.
    pub database_id: u64,
    /// The number in its repository, shared with issues.
    pub number: u32,
    /// The title.
    pub title: Text,
    /// The description.
    pub body: Text,
    /// Open, closed or merged.
    pub state: PullRequestState,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed in a way that GitHub tells.
    pub updated_at: Timestamp,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When it was closed, by a merge too.
    pub closed_at: Option<Timestamp>,
    /// When it was merged.
    pub merged_at: Option<Timestamp>,
    /// Lines added.
    pub additions: u32,
    /// Lines removed.
    pub deletions: u32,
    /// Files changed.
    pub changed_files: u32,
    /// The folder that they lie in.
    pub folder: Text,
    /// The branch that it is to be merged into.
    pub base_ref: Text,
    /// The branch that it comes from.
    pub head_ref: Text,
    /// The tip of the head branch.
    pub head_oid: Oid,
    /// Whether it comes from a fork.
    pub cross_repository: bool,
    /// Who opened it.
    pub author: ActorId,
    /// Who merged it.
    pub merged_by: Option<ActorId>,
    /// The commit that it became on the base branch.
    pub merge_commit: Option<Commit>,
    /// Labels.
    pub labels: Vec<Text>,
    /// Commits, oldest first.
    pub commits: Vec<Commit>,
    /// Reviews, oldest first.
    pub reviews: Vec<Review>,
    /// How many comments the conversation has.
    pub comments: u32,
    /// How many threads the reviews have.
    pub review_threads: u32,
    /// Events, oldest first.
    pub timeline: Vec<Event>,
    /// Issues that its merge closes.
    pub closes: Vec<IssueId>,
    /// Whether it waits in the merge queue.
    pub in_merge_queue: bool,
}

/// What a pull request is opened with.
#[derive(Debug, Clone)]
pub struct NewPullRequest {
    /// The title.
    pub title: Text,
    /// The description.
    pub body: Text,
    /// Whether it begins as a draft.
    pub draft: bool,
    /// The base branch; `None`: the default branch.
    pub base: Option<Text>,
    /// The head branch; `None`: a name of its own.
    pub head: Option<Text>,
    /// Whether it comes from a fork.
    pub cross_repository: bool,
    /// Its commits; empty: one, written now.
    pub commits: Vec<Commit>,
    /// Lines added.
    pub additions: u32,
    /// Lines removed.
    pub deletions: u32,
    /// Files changed.
    pub changed_files: u32,
    /// The folder that they lie in.
    pub folder: Text,
    /// Issues that its merge closes.
    pub closes: Vec<IssueId>,
}

impl From<&str> for NewPullRequest {
    fn from(title: &str) -> Self {
        Self {
            title: title.into(),
            body: "".into(),
            draft: false,
            base: None,
            head: None,
            cross_repository: false,
            commits: Vec::new(),
            additions: 10,
            deletions: 2,
            changed_files: 1,
            folder: "src".into(),
            closes: Vec::new(),
        }
    }
}

impl PullRequestId {
    /// The opaque node id.
    pub fn node_id(self) -> String {
        NodeId::PullRequest(self).encode()
    }
}

impl World {
    /// Opens a pull request; a title alone is enough.
    pub fn open_pull_request(
        &mut self,
        repository: RepositoryId,
        author: ActorId,
        new: impl Into<NewPullRequest>,
    ) -> PullRequestId {
        let new = new.into();
        let commits = if new.commits.is_empty() {
            vec![self.new_commit(author, new.title.clone())]
        } else {
            new.commits
        };
        let head_oid = match commits.last() {
            Some(last) => last.oid,
            None => self.new_oid(),
        };
        let (database_id, now) = (self.new_long_id(), self.now);
        let repo = self.repository_mut(repository);
        let index = repo.pull_requests.len() as u32;
        let number = repo.take_number(Numbered::PullRequest(index));
        repo.pull_requests.push(Kept::new(
            PullRequest {
                database_id,
                number,
                title: new.title,
                body: new.body,
                state: PullRequestState::Open,
                is_draft: new.draft,
                created_at: now,
                updated_at: now,
                published_at: Some(now),
                closed_at: None,
                merged_at: None,
                additions: new.additions,
                deletions: new.deletions,
                changed_files: new.changed_files,
                folder: new.folder,
                base_ref: new.base.unwrap_or_else(|| repo.default_branch.clone()),
                head_ref: new.head.unwrap_or_else(|| format!("change-{number}").into()),
                head_oid,
                cross_repository: new.cross_repository,
                author,
                merged_by: None,
                merge_commit: None,
                labels: Vec::new(),
                commits,
                reviews: Vec::new(),
                comments: 0,
                review_threads: 0,
                timeline: Vec::new(),
                closes: new.closes,
                in_merge_queue: false,
            },
            now,
        ));
        repo.pull_requests_by_update.insert((now, index));
        repo.empty = false;
        repo.bump_pushed(now);
        PullRequestId { repository, index }
    }

    /// The pull request as it is now.
    pub fn pull_request(&self, id: PullRequestId) -> &PullRequest {
        self.repository(id.repository).pull_requests[id.index as usize].current()
    }

    /// Changes a pull request and its `updatedAt`.
    pub(super) fn change_pull_request<R>(
        &mut self,
        id: PullRequestId,
        change: impl FnOnce(&mut PullRequest) -> R,
    ) -> R {
        let now = self.now;
        self.touch_silently(id, |pull_request| {
            pull_request.updated_at = now;
            change(pull_request)
        })
    }

    /// Changes a pull request **without** a new `updatedAt`: what only a sweep can find.
    pub fn touch_silently<R>(&mut self, id: PullRequestId, change: impl FnOnce(&mut PullRequest) -> R) -> R {
        let (now, oldest_kept) = (self.now, self.oldest_kept());
        let repo = self.repository_mut(id.repository);
        let kept = &mut repo.pull_requests[id.index as usize];
        let before = kept.current().updated_at;
        let pull_request = kept.change(now, oldest_kept);
        let result = change(pull_request);
        let after = pull_request.updated_at;
        if before != after {
            repo.pull_requests_by_update.remove(&(before, id.index));
            repo.pull_requests_by_update.insert((after, id.index));
        }
        result
    }

    pub(super) fn add_event(&mut self, id: PullRequestId, actor: ActorId, kind: EventKind) {
        let (database_id, at) = (self.new_long_id(), self.now);
        self.change_pull_request(id, |pr| {
            pr.timeline.push(Event {
                database_id,
                at,
                actor,
                kind,
            })
        });
    }

    /// Pushes commits on top of the head branch.
    pub fn push(&mut self, id: PullRequestId, commits: Vec<Commit>) {
        let now = self.now;
        self.repository_mut(id.repository).bump_pushed(now);
        self.change_pull_request(id, |pr| {
            pr.head_oid = commits.last().map_or(pr.head_oid, |commit| commit.oid);
            pr.commits.extend(commits);
        });
    }

    /// Rewrites the head branch: all commits are replaced.
    pub fn force_push(&mut self, id: PullRequestId, by: ActorId, commits: Vec<Commit>) {
        let now = self.now;
        self.repository_mut(id.repository).bump_pushed(now);
        let before = self.pull_request(id).head_oid;
        let after = commits.last().map_or(before, |commit| commit.oid);
        self.add_event(id, by, EventKind::HeadRefForcePushed { before, after });
        self.change_pull_request(id, |pr| {
            pr.commits = commits;
            pr.head_oid = after;
        });
    }

    /// Makes it a draft again.
    pub fn convert_to_draft(&mut self, id: PullRequestId, by: ActorId) {
        self.add_event(id, by, EventKind::ConvertToDraft);
        self.change_pull_request(id, |pr| pr.is_draft = true);
    }

    /// Makes a draft ready for review.
    pub fn mark_ready(&mut self, id: PullRequestId, by: ActorId) {
        self.add_event(id, by, EventKind::ReadyForReview);
        self.change_pull_request(id, |pr| pr.is_draft = false);
    }

    /// Moves it to another base branch.
    pub fn change_base(&mut self, id: PullRequestId, by: ActorId, base: &str) {
        let (previous, current) = (self.pull_request(id).base_ref.clone(), Text::from(base));
        self.add_event(
            id,
            by,
            EventKind::BaseRefChanged {
                previous,
                current: current.clone(),
            },
        );
        self.change_pull_request(id, |pr| pr.base_ref = current);
    }

    /// Adds a comment to the conversation.
    pub fn comment(&mut self, id: PullRequestId) {
        self.change_pull_request(id, |pr| pr.comments += 1);
    }

    /// Adds a label; one that it has already changes nothing.
    pub fn label(&mut self, id: PullRequestId, by: ActorId, label: &str) {
        let label = Text::from(label);
        if !self.pull_request(id).labels.contains(&label) {
            self.add_event(id, by, EventKind::Labeled(label.clone()));
            self.change_pull_request(id, |pr| pr.labels.push(label));
        }
    }

    /// Removes a label; one that it has not changes nothing.
    pub fn unlabel(&mut self, id: PullRequestId, by: ActorId, label: &str) {
        let label = Text::from(label);
        if self.pull_request(id).labels.contains(&label) {
            self.add_event(id, by, EventKind::Unlabeled(label.clone()));
            self.change_pull_request(id, |pr| pr.labels.retain(|found| *found != label));
        }
    }
}
