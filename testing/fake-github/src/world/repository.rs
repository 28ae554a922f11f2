//! Repositories, and what happens to them as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ActorId, Deployment, DeploymentId, Issue, IssueId, Kept, NodeId, Oid, OwnerId, PullRequest,
    PullRequestId, Release, ReleaseId, RepositoryId, Text, Timestamp, World,
};

/// What a number of a repository belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbered {
    /// The pull request at this index.
    PullRequest(u32),
    /// The issue at this index.
    Issue(u32),
}

/// A tag.
#[derive(Debug, Clone)]
pub struct Tag {
    pub(crate) index: u32,
    /// The name.
    pub name: Text,
    /// The commit.
    pub commit: Oid,
    /// When that commit was committed.
    pub committed_at: Timestamp,
    /// What an annotated one says of itself.
    pub annotation: Option<Annotation>,
}

/// The git object of an annotated tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotation {
    /// The object's id.
    pub oid: Oid,
    /// Who made it.
    pub tagger: ActorId,
    /// When.
    pub at: Timestamp,
}

/// A repository with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Repository {
    /// The numeric id; a rename or transfer keeps it.
    pub database_id: u32,
    /// The name.
    pub name: Text,
    /// The owner.
    pub owner: OwnerId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub updated_at: Timestamp,
    /// The last push to any of its branches.
    pub pushed_at: Option<Timestamp>,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
    /// Taken down by GitHub.
    pub disabled: bool,
    /// Not visible to everyone.
    pub private: bool,
    /// Deleted: nothing serves it any more.
    pub deleted: bool,
    /// A fork.
    pub fork: bool,
    /// Without a commit.
    pub empty: bool,
    /// Issues are switched off.
    pub issues_disabled: bool,
    /// The default branch.
    pub default_branch: Text,
    /// Tags, oldest first.
    pub tags: Vec<Tag>,
    pub(crate) pull_requests: Vec<Kept<PullRequest>>,
    pub(crate) pull_requests_by_update: BTreeSet<(Timestamp, u32)>,
    pub(crate) issues: Vec<Option<Kept<Issue>>>,
    pub(crate) deployments: Vec<Kept<Deployment>>,
    pub(crate) releases: Vec<Kept<Release>>,
    /// Active, non-transient deployments by environment.
    pub(crate) active_deployments: BTreeMap<Text, Vec<u32>>,
    pub(crate) tags_made: u32,
    numbers: Vec<Numbered>,
    former_names: Vec<(OwnerId, Text)>,
}

impl Repository {
    pub(crate) fn take_number(&mut self, numbered: Numbered) -> u32 {
        self.numbers.push(numbered);
        self.numbers.len() as u32
    }

    pub(crate) fn bump_pushed(&mut self, at: Timestamp) {
        self.pushed_at = self.pushed_at.max(Some(at));
    }

    /// What `number` belongs to.
    pub fn numbered(&self, number: u32) -> Option<Numbered> {
        self.numbers.get(number.checked_sub(1)? as usize).copied()
    }

    /// Its pull requests as they are now, oldest first.
    pub fn pull_requests(&self) -> impl DoubleEndedIterator<Item = &PullRequest> + ExactSizeIterator {
        self.pull_requests.iter().map(Kept::current)
    }

    /// Its issues as they are now, oldest first, without deleted ones.
    pub fn issues(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().flatten().map(Kept::current)
    }

    /// Its deployments as they are now, oldest first.
    pub fn deployments(&self) -> impl ExactSizeIterator<Item = &Deployment> {
        self.deployments.iter().map(Kept::current)
    }

    /// Its releases as they are now, oldest first.
    pub fn releases(&self) -> impl ExactSizeIterator<Item = &Release> {
        self.releases.iter().map(Kept::current)
    }
}

impl RepositoryId {
    /// The opaque node id.
    pub fn node_id(self) -> String {
        NodeId::Repository(self).encode()
    }
}

impl World {
    /// A new, empty, public repository with the default branch `main`.
    pub fn add_repository(&mut self, owner: impl Into<OwnerId>, name: &str) -> RepositoryId {
        let (database_id, now) = (self.new_id(), self.now);
        self.repositories.push(Repository {
            database_id,
            name: name.into(),
            owner: owner.into(),
            created_at: now,
            updated_at: now,
            pushed_at: None,
            archived_at: None,
            disabled: false,
            private: false,
            deleted: false,
            fork: false,
            empty: true,
            issues_disabled: false,
            default_branch: "main".into(),
            tags: Vec::new(),
            pull_requests: Vec::new(),
            pull_requests_by_update: BTreeSet::new(),
            issues: Vec::new(),
            deployments: Vec::new(),
            releases: Vec::new(),
            active_deployments: BTreeMap::new(),
            tags_made: 0,
            numbers: Vec::new(),
            former_names: Vec::new(),
        });
        RepositoryId(self.repositories.len() as u32 - 1)
    }

    /// The repository, deleted or not.
    pub fn repository(&self, id: RepositoryId) -> &Repository {
        &self.repositories[id.0 as usize]
    }

    pub(crate) fn repository_mut(&mut self, id: RepositoryId) -> &mut Repository {
        &mut self.repositories[id.0 as usize]
    }

    /// All repositories, deleted ones too.
    pub fn repositories(&self) -> impl Iterator<Item = (RepositoryId, &Repository)> {
        self.repositories
            .iter()
            .enumerate()
            .map(|(index, found)| (RepositoryId(index as u32), found))
    }

    /// `owner/name` as of now.
    pub fn name_with_owner(&self, id: RepositoryId) -> String {
        let repository = self.repository(id);
        format!("{}/{}", self.owner_login(repository.owner), repository.name)
    }

    /// The repository of that name, and whether the name is a former one; whatever the case of the letters.
    pub fn find_repository(&self, owner: &str, name: &str) -> Option<(RepositoryId, bool)> {
        let is = |(found_owner, found_name): (OwnerId, &Text)| {
            found_name.eq_ignore_ascii_case(name) && self.owner_login(found_owner).eq_ignore_ascii_case(owner)
        };
        let mut living = self.repositories().filter(|(_, found)| !found.deleted);
        let current = living.find(|(_, found)| is((found.owner, &found.name)));
        current.map(|(id, _)| (id, false)).or_else(|| {
            let mut living = self.repositories().filter(|(_, found)| !found.deleted);
            let former =
                living.find(|(_, found)| found.former_names.iter().any(|(owner, name)| is((*owner, name))));
            former.map(|(id, _)| (id, true))
        })
    }

    /// The living repository of that numeric id.
    pub fn find_repository_by_number(&self, database_id: u32) -> Option<RepositoryId> {
        self.repositories()
            .find(|(_, found)| found.database_id == database_id && !found.deleted)
            .map(|(id, _)| id)
    }

    /// Changes the repository's own fields and its `updatedAt`.
    pub fn change_repository(&mut self, id: RepositoryId, change: impl FnOnce(&mut Repository)) {
        let now = self.now;
        let repository = self.repository_mut(id);
        change(repository);
        repository.updated_at = now;
    }

    /// Renames it; the former name goes on leading to it.
    pub fn rename_repository(&mut self, id: RepositoryId, name: &str) {
        self.change_repository(id, |found| {
            let former = std::mem::replace(&mut found.name, name.into());
            found.former_names.push((found.owner, former));
        });
    }

    /// Gives it to another owner; the former name goes on leading to it.
    pub fn transfer(&mut self, id: RepositoryId, owner: impl Into<OwnerId>) {
        self.change_repository(id, |found| {
            found.former_names.push((found.owner, found.name.clone()));
            found.owner = owner.into();
        });
    }

    /// Archives it.
    pub fn archive(&mut self, id: RepositoryId) {
        let now = self.now;
        self.change_repository(id, |found| found.archived_at = Some(now));
    }

    /// Deletes it with all that belongs to it.
    pub fn delete_repository(&mut self, id: RepositoryId) {
        self.change_repository(id, |found| found.deleted = true);
    }

    /// All pull requests of a repository.
    pub fn pull_request_ids(
        &self,
        repository: RepositoryId,
    ) -> impl DoubleEndedIterator<Item = PullRequestId> + ExactSizeIterator + use<> {
        let count = self.repository(repository).pull_requests.len();
        (0..count).map(move |index| PullRequestId {
            repository,
            index: index as u32,
        })
    }

    /// All issues of a repository that are not deleted.
    pub fn issue_ids(&self, repository: RepositoryId) -> impl Iterator<Item = IssueId> {
        let issues = self.repository(repository).issues.iter().enumerate();
        issues
            .filter(|(_, kept)| kept.is_some())
            .map(move |(index, _)| IssueId {
                repository,
                index: index as u32,
            })
    }

    /// All deployments of a repository.
    pub fn deployment_ids(
        &self,
        repository: RepositoryId,
    ) -> impl DoubleEndedIterator<Item = DeploymentId> + ExactSizeIterator + use<> {
        let count = self.repository(repository).deployments.len();
        (0..count).map(move |index| DeploymentId {
            repository,
            index: index as u32,
        })
    }

    /// All releases of a repository.
    pub fn release_ids(&self, repository: RepositoryId) -> impl ExactSizeIterator<Item = ReleaseId> + use<> {
        let count = self.repository(repository).releases.len();
        (0..count).map(move |index| ReleaseId {
            repository,
            index: index as u32,
        })
    }
}
