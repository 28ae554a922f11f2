//! The state of the fake GitHub and the truth that tests compare with: plain structs, changed by operations that bump
//! `updatedAt` as GitHub does, at the world's own virtual clock.

mod actor;
mod commit;
mod deployment;
mod id;
mod issue;
mod kept;
mod merge;
mod pull_request;
mod release;
mod repository;
mod review;
mod tag;
mod team;
mod timeline;

pub use actor::{Actor, ActorKind, Organization};
pub use commit::{Commit, Oid};
pub use deployment::{Deployment, DeploymentState, DeploymentStatus, NewDeployment};
pub(crate) use id::encode;
pub use id::{
    ActorId, DeploymentId, IssueId, NodeId, OrganizationId, OwnerId, PullRequestId, ReleaseId, RepositoryId,
    TeamId,
};
pub use issue::{Issue, IssueStateReason};
pub use kept::Kept;
pub use merge::MergeMethod;
pub use pull_request::{NewPullRequest, PullRequest, PullRequestState};
pub use release::{NewRelease, Release};
pub use repository::{Annotation, Numbered, Repository, Tag};
pub use review::{Review, ReviewState};
pub use team::{Member, MemberRole, Team};
pub use timeline::{Event, EventKind, Reviewer};

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

/// An instant of the virtual clock: whole seconds, UTC.
pub type Timestamp = DateTime<Utc>;

/// A shared string: names and labels repeat, and 200,000 pull requests have to fit into memory.
pub type Text = Arc<str>;

/// Everything that this GitHub knows.
#[derive(Debug, Clone)]
pub struct World {
    now: Timestamp,
    pub(crate) actors: Vec<Actor>,
    pub(crate) organizations: Vec<Organization>,
    pub(crate) repositories: Vec<Repository>,
    pub(crate) teams: Vec<Team>,
    keep_versions: TimeDelta,
    next_id: u32,
    next_long_id: u64,
    next_oid: u64,
}

impl World {
    /// An empty world whose clock stands at `now`; parts of a second are dropped.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now: whole_seconds(now),
            actors: Vec::new(),
            organizations: Vec::new(),
            repositories: Vec::new(),
            teams: Vec::new(),
            keep_versions: TimeDelta::zero(),
            next_id: 1_000,
            // The ids of pull requests, reviews and issues soon cross 2^31, as GitHub's did in 2024.
            next_long_id: (1 << 31) - 40,
            next_oid: 1,
        }
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Sets the virtual clock; it may go back.
    pub fn set_now(&mut self, now: Timestamp) {
        self.now = whole_seconds(now);
    }

    /// Moves the virtual clock forward by `seconds`.
    pub fn advance(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    /// From now on each changed object keeps the versions of the last `seconds`, so that a stale replica can serve them.
    pub fn keep_versions(&mut self, seconds: i64) {
        self.keep_versions = self.keep_versions.max(TimeDelta::seconds(seconds));
    }

    fn oldest_kept(&self) -> Option<Timestamp> {
        (self.keep_versions > TimeDelta::zero()).then(|| self.now - self.keep_versions)
    }

    fn new_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    fn new_long_id(&mut self) -> u64 {
        self.next_long_id += 1;
        self.next_long_id
    }

    /// A commit id that no other commit has.
    pub fn new_oid(&mut self) -> Oid {
        self.next_oid += 1;
        Oid::from_number(self.next_oid)
    }
}

fn whole_seconds(instant: Timestamp) -> Timestamp {
    DateTime::from_timestamp(instant.timestamp(), 0).unwrap_or(instant)
}
