//! Releases.

use apollo_compiler::resolvers::ResolveInfo;

use super::actor::ActorView;
use super::commit::CommitView;
use super::context::maybe_text;
use super::context::{Answer, Context, View, instant, int_id, leaf, maybe_instant};
use super::query::unknown;
use crate::world::{Release, ReleaseId};

/// `Release`.
#[derive(Clone, Copy)]
pub(super) struct ReleaseView<'w> {
    id: ReleaseId,
    pub(super) release: &'w Release,
}

impl<'w> ReleaseView<'w> {
    pub(super) fn find(context: &'w Context<'w>, id: ReleaseId) -> Option<Self> {
        let kept = context
            .world
            .repository(id.repository)
            .releases
            .get(id.index as usize)?;
        Some(Self {
            id,
            release: kept.seen(context.seen)?,
        })
    }
}

impl<'w> View<'w> for ReleaseView<'w> {
    fn type_name(&self) -> &'static str {
        "Release"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let (release, repository) = (self.release, self.id.repository);
        match info.field_name() {
            "id" => leaf(self.id.node_id()),
            "databaseId" => int_id(release.database_id.into()),
            "tagName" => leaf(&*release.tag_name),
            "name" => maybe_text(release.name.as_ref()),
            "createdAt" => instant(release.created_at),
            "updatedAt" => instant(release.updated_at),
            "publishedAt" => maybe_instant(release.published_at),
            "isDraft" => leaf(release.is_draft()),
            "isPrerelease" => leaf(release.is_prerelease),
            "tagCommit" => context.nullable(
                release
                    .tag_commit
                    .as_ref()
                    .map(|commit| CommitView::new(repository, commit)),
            ),
            "author" => context.nullable(ActorView::living_user(context, release.author)),
            "url" => {
                let name = context.world.name_with_owner(repository);
                leaf(format!(
                    "https://github.com/{name}/releases/tag/{}",
                    release.tag_name
                ))
            }
            other => Err(unknown(self.type_name(), other)),
        }
    }
}
