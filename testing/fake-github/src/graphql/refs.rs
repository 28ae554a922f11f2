//! Branches and tags.

use apollo_compiler::resolvers::{ResolveInfo, ResolvedValue};

use super::commit::{CommitView, GitActor, commit_url};
use super::context::{Answer, Context, View, leaf};
use super::query::unknown;
use crate::world::{Annotation, Oid, Repository, RepositoryId, Tag, Timestamp, encode};

/// `Ref`.
#[derive(Clone, Copy)]
pub(super) struct RefView<'w> {
    repository: RepositoryId,
    which: Which<'w>,
}

#[derive(Clone, Copy)]
enum Which<'w> {
    DefaultBranch {
        name: &'w str,
        at: Option<(Oid, Timestamp)>,
    },
    Tag(&'w Tag),
}

impl<'w> RefView<'w> {
    pub(super) fn tag(repository: RepositoryId, tag: &'w Tag) -> Self {
        Self {
            repository,
            which: Which::Tag(tag),
        }
    }

    fn target<'a>(&self, context: &'w Context<'w>) -> Answer<'a>
    where
        'w: 'a,
    {
        let commit = |(oid, at)| context.object(CommitView::bare(self.repository, oid, at));
        Ok(match self.which {
            Which::DefaultBranch { at, .. } => at.map_or_else(ResolvedValue::null, commit),
            Which::Tag(tag) => match tag.annotation {
                None => commit((tag.commit, tag.committed_at)),
                Some(annotation) => context.object(TagView {
                    repository: self.repository,
                    tag,
                    annotation,
                }),
            },
        })
    }
}

impl<'w> View<'w> for RefView<'w> {
    fn type_name(&self) -> &'static str {
        "Ref"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let (prefix, name, index) = match self.which {
            Which::DefaultBranch { name, .. } => ("refs/heads/", name, 0),
            Which::Tag(tag) => ("refs/tags/", &*tag.name, tag.index.into()),
        };
        match info.field_name() {
            "id" => leaf(encode("REF", self.repository.0, index)),
            "name" => leaf(name),
            "prefix" => leaf(prefix),
            "target" => self.target(context),
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

/// `Tag`: the git object of an annotated tag.
#[derive(Clone, Copy)]
struct TagView<'w> {
    repository: RepositoryId,
    tag: &'w Tag,
    annotation: Annotation,
}

impl<'w> View<'w> for TagView<'w> {
    fn type_name(&self) -> &'static str {
        "Tag"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let Annotation { oid, tagger, at } = self.annotation;
        match info.field_name() {
            "id" => leaf(encode("TA", self.repository.0, oid.number())),
            "oid" => leaf(oid.to_string()),
            "abbreviatedOid" => leaf(oid.to_string()[..7].to_owned()),
            "commitUrl" => leaf(commit_url(context, self.repository, oid)),
            "name" => leaf(&*self.tag.name),
            "tagger" => context.nullable(Some(GitActor::person(context, tagger, at))),
            "target" => Ok(context.object(CommitView::bare(
                self.repository,
                self.tag.commit,
                self.tag.committed_at,
            ))),
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
    let at = merged.next().map(|commit| (commit.oid, commit.committed_at));
    let name = &*repository.default_branch;
    (!repository.empty).then_some(RefView {
        repository: id,
        which: Which::DefaultBranch { name, at },
    })
}

/// The ref that a deployment names, while it exists.
pub(super) fn named_ref<'w>(repository: &'w Repository, id: RepositoryId, name: &str) -> Option<RefView<'w>> {
    if &*repository.default_branch == name {
        return default_branch(repository, id);
    }
    let tag = repository.tags.iter().find(|tag| &*tag.name == name)?;
    Some(RefView::tag(id, tag))
}
