//! Repositories.

use apollo_compiler::resolvers::ResolveInfo;
use chrono::TimeDelta;

use super::actor::owner_view;
use super::context::{
    Answer, Context, View, argument, instant, int_id, leaf, maybe_instant, order, text, texts, window,
};
use super::deployment::DeploymentView;
use super::issue::{IssueView, issues};
use super::pull_request::{PullRequestView, state_name};
use super::query::unknown;
use super::refs::{RefView, default_branch};
use super::release::ReleaseView;
use crate::page::{Key, Page, Sort};
use crate::world::{IssueId, Numbered, OwnerId, PullRequestId, Repository, RepositoryId, Timestamp};

/// `Repository`.
#[derive(Clone, Copy)]
pub(super) struct RepositoryView<'w> {
    id: RepositoryId,
    repository: &'w Repository,
}

impl<'w> RepositoryView<'w> {
    pub(super) fn new(context: &'w Context<'w>, id: RepositoryId) -> Self {
        Self {
            id,
            repository: context.world.repository(id),
        }
    }
}

impl<'w> View<'w> for RepositoryView<'w> {
    fn type_name(&self) -> &'static str {
        "Repository"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let Self { id, repository } = *self;
        match info.field_name() {
            "id" => leaf(id.node_id()),
            "databaseId" => int_id(repository.database_id.into()),
            "name" => leaf(&*repository.name),
            "nameWithOwner" => leaf(context.world.name_with_owner(id)),
            "owner" => owner_view(context, repository.owner),
            "url" => leaf(format!(
                "https://github.com/{}",
                context.world.name_with_owner(id)
            )),
            "createdAt" => instant(repository.created_at),
            "updatedAt" => instant(repository.updated_at),
            "pushedAt" => maybe_instant(repository.pushed_at),
            "archivedAt" => maybe_instant(repository.archived_at),
            "isArchived" => leaf(repository.archived_at.is_some()),
            "isDisabled" => leaf(repository.disabled),
            "isLocked" => leaf(false),
            "isPrivate" => leaf(repository.private),
            "isFork" => leaf(repository.fork),
            "isEmpty" => leaf(repository.empty),
            "isInOrganization" => leaf(matches!(repository.owner, OwnerId::Organization(_))),
            "hasIssuesEnabled" => leaf(!repository.issues_disabled),
            "defaultBranchRef" => context.nullable(default_branch(repository, id)),
            "pullRequest" => {
                let number = argument(info, "number")
                    .and_then(|number| number.as_i64())
                    .unwrap_or(0);
                let found = u32::try_from(number)
                    .ok()
                    .and_then(|number| repository.numbered(number));
                context.nullable(match found {
                    Some(Numbered::PullRequest(index)) => PullRequestView::find(
                        context,
                        PullRequestId {
                            repository: id,
                            index,
                        },
                    ),
                    _ => None,
                })
            }
            "issue" => {
                let number = argument(info, "number")
                    .and_then(|number| number.as_i64())
                    .unwrap_or(0);
                let found = u32::try_from(number)
                    .ok()
                    .and_then(|number| repository.numbered(number));
                context.nullable(match found {
                    Some(Numbered::Issue(index)) => IssueView::find(
                        context,
                        IssueId {
                            repository: id,
                            index,
                        },
                    ),
                    _ => None,
                })
            }
            "pullRequests" => context.connection("PullRequest", self.pull_requests(context, info)?),
            "issues" => issues(context, id, info),
            "deployments" => {
                let wanted = texts(info, "environments").filter(|wanted| !wanted.is_empty());
                let (_, descending) = order(info, "CREATED_AT");
                let rows = context.world.deployment_ids(id).filter_map(|id| {
                    let view = DeploymentView::find(context, id)?;
                    let environment = &*view.deployment.environment;
                    let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted.contains(&environment));
                    is_wanted.then(|| {
                        (
                            Key::number(view.deployment.created_at.timestamp(), id.index.into()),
                            view,
                        )
                    })
                });
                let mut rows: Vec<_> = rows.collect();
                rows.sort_by(|(left, _), (right, _)| left.cmp(right));
                context.connection("Deployment", window(info)?.page(rows, descending))
            }
            "releases" => {
                let (field, descending) = order(info, "CREATED_AT");
                let rows = context.world.release_ids(id).filter_map(|id| {
                    let view = ReleaseView::find(context, id)?;
                    let sort = match field {
                        "NAME" => Sort::Name(view.release.name.as_deref().unwrap_or_default().into()),
                        _ => Sort::Number(view.release.created_at.timestamp()),
                    };
                    Some((Key(sort, id.index.into()), view))
                });
                let mut rows: Vec<_> = rows.collect();
                rows.sort_by(|(left, _), (right, _)| left.cmp(right));
                context.connection("Release", window(info)?.page(rows, descending))
            }
            "refs" => {
                let tags = if text(info, "refPrefix") == Some("refs/tags/") {
                    &*repository.tags
                } else {
                    &[]
                };
                let (field, mut descending) = order(info, "ALPHABETICAL");
                // Without an order the argument of its own counts.
                descending |= text(info, "direction") == Some("DESC");
                let rows = tags.iter().map(|tag| {
                    let sort = match field {
                        "TAG_COMMIT_DATE" => Sort::Number(tag.committed_at.timestamp()),
                        _ => Sort::Name(tag.name.to_string()),
                    };
                    (Key(sort, tag.index.into()), RefView::tag(id, tag))
                });
                let mut rows: Vec<_> = rows.collect();
                rows.sort_by(|(left, _), (right, _)| left.cmp(right));
                context.connection("Ref", window(info)?.page(rows, descending))
            }
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

impl<'w> RepositoryView<'w> {
    /// A page of pull requests. By update and without a filter it is read from an index, as a table of 200,000 rows is.
    fn pull_requests(
        &self,
        context: &'w Context<'w>,
        info: &ResolveInfo<'_>,
    ) -> Result<Page<PullRequestView<'w>>, apollo_compiler::resolvers::FieldError> {
        let Self {
            id: repository,
            repository: found,
        } = *self;
        let (field, descending) = order(info, "CREATED_AT");
        let states = texts(info, "states").filter(|states| !states.is_empty());
        let window = window(info)?;
        if field == "UPDATED_AT" && states.is_none() && context.effects.lag_seconds == 0 {
            let row = |&(at, index): &(Timestamp, u32)| {
                let view = PullRequestView::find(context, PullRequestId { repository, index })?;
                Some((Key::number(at.timestamp(), index.into()), view))
            };
            let (low, high) = window.bounds(descending);
            let low = low
                .and_then(index_key)
                .map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
            let high = high
                .and_then(index_key)
                .map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
            let total = found.pull_requests.len();
            if let (std::ops::Bound::Excluded(low), std::ops::Bound::Excluded(high)) = (low, high)
                && low >= high
            {
                return Ok(window.take(std::iter::empty(), total));
            }
            let rows = found.pull_requests_by_update.range((low, high)).filter_map(row);
            return Ok(if descending {
                window.take(rows.rev(), total)
            } else {
                window.take(rows, total)
            });
        }
        let mut rows: Vec<_> = context
            .world
            .pull_request_ids(repository)
            .filter_map(|id| {
                let view = PullRequestView::find(context, id)?;
                let state = state_name(view.pull_request.state);
                if states.as_ref().is_some_and(|states| !states.contains(&state)) {
                    return None;
                }
                let sort = match field {
                    "UPDATED_AT" => view.pull_request.updated_at.timestamp(),
                    "COMMENTS" => view.pull_request.comments.into(),
                    _ => view.pull_request.created_at.timestamp(),
                };
                Some((Key::number(sort, id.index.into()), view))
            })
            .collect();
        rows.sort_by(|(left, _), (right, _)| left.cmp(right));
        Ok(window.page(rows, descending))
    }
}

/// The place of a cursor in the index by update.
fn index_key(key: &Key) -> Option<(Timestamp, u32)> {
    let Key(Sort::Number(seconds), id) = key else {
        return None;
    };
    let at = Timestamp::UNIX_EPOCH.checked_add_signed(TimeDelta::try_seconds(*seconds)?)?;
    Some((at, u32::try_from(*id).ok()?))
}
