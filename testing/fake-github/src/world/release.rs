//! Releases.

use super::{ActorId, Commit, Kept, NodeId, ReleaseId, RepositoryId, Text, Timestamp, World};

/// A release.
#[derive(Debug, Clone)]
pub struct Release {
    /// The numeric id.
    pub database_id: u32,
    /// The tag; a draft's tag does not exist yet.
    pub tag_name: Text,
    /// The title.
    pub name: Option<Text>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was published; `None` for a draft.
    pub published_at: Option<Timestamp>,
    /// Not a stable one.
    pub is_prerelease: bool,
    /// The commit; `None` for a draft.
    pub tag_commit: Option<Commit>,
    /// Who made it.
    pub author: ActorId,
}

impl Release {
    /// Not yet published.
    pub fn is_draft(&self) -> bool {
        self.published_at.is_none()
    }
}

/// What a release is made with.
#[derive(Debug, Clone)]
pub struct NewRelease {
    /// The tag.
    pub tag_name: Text,
    /// The commit that is tagged.
    pub commit: Commit,
    /// Not a stable one.
    pub prerelease: bool,
}

impl ReleaseId {
    /// The opaque node id.
    pub fn node_id(self) -> String {
        NodeId::Release(self).encode()
    }
}

impl World {
    /// Publishes a new release and makes its tag.
    pub fn publish_release(
        &mut self,
        repository: RepositoryId,
        author: ActorId,
        new: NewRelease,
    ) -> ReleaseId {
        let id = self.draft_release(repository, author, &new.tag_name, new.prerelease);
        self.publish_draft(id, new.commit);
        id
    }

    /// Makes a draft of a release.
    pub fn draft_release(
        &mut self,
        repository: RepositoryId,
        author: ActorId,
        tag: &str,
        prerelease: bool,
    ) -> ReleaseId {
        let (database_id, now) = (self.new_id(), self.now);
        let repo = self.repository_mut(repository);
        repo.releases.push(Kept::new(
            Release {
                database_id,
                tag_name: tag.into(),
                name: Some(tag.into()),
                created_at: now,
                updated_at: now,
                published_at: None,
                is_prerelease: prerelease,
                tag_commit: None,
                author,
            },
            now,
        ));
        ReleaseId {
            repository,
            index: repo.releases.len() as u32 - 1,
        }
    }

    /// Publishes a draft and makes its tag.
    pub fn publish_draft(&mut self, id: ReleaseId, commit: Commit) {
        let (now, oldest_kept) = (self.now, self.oldest_kept());
        let repo = self.repository_mut(id.repository);
        let release = repo.releases[id.index as usize].change(now, oldest_kept);
        release.published_at = Some(now);
        release.updated_at = now;
        let name = release.tag_name.clone();
        release.tag_commit = Some(commit.clone());
        self.tag(id.repository, &name, &commit, None);
    }

    /// The release as it is now.
    pub fn release(&self, id: ReleaseId) -> &Release {
        self.repository(id.repository).releases[id.index as usize].current()
    }
}
