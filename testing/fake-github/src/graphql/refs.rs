//! Branches and tags.

use apollo_compiler::resolvers::ResolveInfo;

use super::commit::CommitView;
use super::context::{Answer, Context, View, leaf};
use super::query::unknown;
use crate::world::{Oid, Repository, RepositoryId, Timestamp, encode};

/// `Ref`.
#[derive(Clone, Copy)]
pub(super) struct RefView<'w> {
    pub(super) repository: RepositoryId,
    pub(super) prefix: &'static str,
    pub(super) name: &'w str,
    pub(super) index: u64,
    pub(super) target: Option<(Oid, Timestamp)>,
}

impl<'w> View<'w> for RefView<'w> {
    fn type_name(&self) -> &'static str {
        "Ref"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        match info.field_name() {
            "id" => leaf(encode("REF", self.repository.0, self.index)),
            "name" => leaf(self.name),
            "prefix" => leaf(self.prefix),
            "target" => context.nullable(
                self.target
                    .map(|(oid, at)| CommitView::bare(self.repository, oid, at)),
            ),
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

/// The default branch, at the last commit that a merge put there; `None` for an empty repository.
pub(super) fn default_branch(repository: &Repository, id: RepositoryId) -> Option<RefView<'_>> {
    let mut merged = repository
        .pull_requests()
        .rev()
        .filter_map(|found| found.merge_commit.as_ref());
    let target = merged.next().map(|commit| (commit.oid, commit.committed_at));
    let name = &*repository.default_branch;
    (!repository.empty).then_some(RefView {
        repository: id,
        prefix: "refs/heads/",
        name,
        index: 0,
        target,
    })
}

/// The ref that a deployment names, while it exists.
pub(super) fn named_ref<'w>(repository: &'w Repository, id: RepositoryId, name: &str) -> Option<RefView<'w>> {
    if &*repository.default_branch == name {
        return default_branch(repository, id);
    }
    repository
        .tags
        .iter()
        .enumerate()
        .find(|(_, tag)| &*tag.name == name)
        .map(|(index, tag)| RefView {
            repository: id,
            prefix: "refs/tags/",
            name: &tag.name,
            index: index as u64 + 1,
            target: Some((tag.commit, tag.committed_at)),
        })
}
