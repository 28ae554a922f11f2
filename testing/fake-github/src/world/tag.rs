//! Tags.

use super::{ActorId, Annotation, Commit, RepositoryId, Tag, World};

impl World {
    /// Puts a tag on a commit, wherever it was before; annotated if there is a tagger.
    pub fn tag(&mut self, repository: RepositoryId, name: &str, commit: &Commit, tagger: Option<ActorId>) {
        let at = self.now;
        let annotation = tagger.map(|tagger| Annotation {
            oid: self.new_oid(),
            tagger,
            at,
        });
        let repo = self.repository_mut(repository);
        let before = repo.tags.iter().position(|tag| &*tag.name == name);
        let index = match before {
            Some(place) => repo.tags.remove(place).index,
            None => {
                repo.tags_made += 1;
                repo.tags_made
            }
        };
        repo.tags.push(Tag {
            index,
            name: name.into(),
            commit: commit.oid,
            committed_at: commit.committed_at,
            annotation,
        });
        repo.empty = false;
        repo.bump_pushed(at);
    }

    /// Deletes a tag, if there is one of that name.
    pub fn delete_tag(&mut self, repository: RepositoryId, name: &str) {
        self.repository_mut(repository)
            .tags
            .retain(|tag| &*tag.name != name);
    }
}
