//! Pull requests.

use apollo_compiler::resolvers::ResolveInfo;

use super::actor::ActorView;
use super::commit::CommitView;
use super::context::{Answer, Context, View, instant, int_id, leaf, maybe_instant, texts, window};
use super::issue::IssueView;
use super::label::labels;
use super::query::unknown;
use super::repository::RepositoryView;
use super::review::{ReviewView, review_state_name};
use super::timeline::pull_request_timeline;
use crate::fault::Poison;
use crate::page::Key;
use crate::world::{Commit, PullRequest, PullRequestId, PullRequestState, RepositoryId, encode};

/// `PullRequest`.
#[derive(Clone, Copy)]
pub(super) struct PullRequestView<'w> {
    pub(super) id: PullRequestId,
    pub(super) pull_request: &'w PullRequest,
}

pub(super) fn state_name(state: PullRequestState) -> &'static str {
    match state {
        PullRequestState::Open => "OPEN",
        PullRequestState::Closed => "CLOSED",
        PullRequestState::Merged => "MERGED",
    }
}

impl<'w> PullRequestView<'w> {
    pub(super) fn find(context: &'w Context<'w>, id: PullRequestId) -> Option<Self> {
        let kept = context
            .world
            .repository(id.repository)
            .pull_requests
            .get(id.index as usize)?;
        Some(Self {
            id,
            pull_request: kept.seen(context.seen)?,
        })
    }

    /// Remembers when a poisonous pull request is touched by a field that breaks it.
    fn touch(&self, context: &Context<'_>, info: &ResolveInfo<'_>) {
        if context.effects.poison.is_empty() {
            return;
        }
        let node_id = self.id.node_id();
        for (poisonous, reach) in &context.effects.poison {
            let is_child = matches!(info.field_name(), "commits" | "reviews" | "timelineItems");
            let breaks = match reach {
                Poison::Always => true,
                Poison::Children => is_child,
                Poison::Combined => is_child && context.child_connections > 1,
            };
            if breaks && *poisonous == node_id {
                context.poisoned.set(true);
            }
        }
    }
}

impl<'w> View<'w> for PullRequestView<'w> {
    fn type_name(&self) -> &'static str {
        "PullRequest"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        self.touch(context, info);
        let (pr, repository) = (self.pull_request, self.id.repository);
        match info.field_name() {
            "id" => leaf(self.id.node_id()),
            "databaseId" => int_id(pr.database_id),
            "fullDatabaseId" => leaf(pr.database_id.to_string()),
            "number" => leaf(pr.number),
            "title" => leaf(&*pr.title),
            "body" => leaf(&*pr.body),
            "state" => leaf(state_name(pr.state)),
            "isDraft" => leaf(pr.is_draft),
            "merged" => leaf(pr.state == PullRequestState::Merged),
            "closed" => leaf(pr.state != PullRequestState::Open),
            "createdAt" => instant(pr.created_at),
            "updatedAt" => instant(pr.updated_at),
            "publishedAt" => maybe_instant(pr.published_at),
            "closedAt" => maybe_instant(pr.closed_at),
            "mergedAt" => maybe_instant(pr.merged_at),
            "additions" => leaf(pr.additions),
            "deletions" => leaf(pr.deletions),
            "changedFiles" => leaf(pr.changed_files),
            "baseRefName" => leaf(&*pr.base_ref),
            "headRefName" => leaf(&*pr.head_ref),
            "headRefOid" => leaf(pr.head_oid.to_string()),
            "isCrossRepository" => leaf(pr.cross_repository),
            "isInMergeQueue" => leaf(pr.in_merge_queue),
            "url" => {
                let name = context.world.name_with_owner(repository);
                leaf(format!("https://github.com/{name}/pull/{}", pr.number))
            }
            "repository" => Ok(context.object(RepositoryView::new(context, repository))),
            "author" => context.nullable(ActorView::living(context, pr.author)),
            "mergedBy" => context.nullable(pr.merged_by.and_then(|id| ActorView::living(context, id))),
            "mergeCommit" => context.nullable(
                pr.merge_commit
                    .as_ref()
                    .map(|commit| CommitView::new(repository, commit)),
            ),
            "labels" => labels(context, repository, &pr.labels, info),
            "commits" => {
                let rows = pr.commits.iter().enumerate().map(|(index, commit)| {
                    (
                        Key::number(index as i64, 0),
                        PullRequestCommitView {
                            pull_request: self.id,
                            commit,
                        },
                    )
                });
                context.connection("PullRequestCommit", window(info)?.page(rows.collect(), false))
            }
            "reviews" => {
                let states = texts(info, "states").filter(|states| !states.is_empty());
                let rows = pr.reviews.iter().filter_map(|review| {
                    let state = review_state_name(review.state);
                    let is_wanted = states.as_ref().is_none_or(|states| states.contains(&state));
                    let key = Key::number(review.created_at.timestamp(), review.database_id);
                    is_wanted.then_some((
                        key,
                        ReviewView {
                            pull_request: *self,
                            review,
                        },
                    ))
                });
                context.connection("PullRequestReview", window(info)?.page(rows.collect(), false))
            }
            "timelineItems" => pull_request_timeline(context, *self, info),
            "closingIssuesReferences" => {
                let rows = pr
                    .closes
                    .iter()
                    .filter_map(|id| Some((Key::number(id.index.into(), 0), IssueView::find(context, *id)?)));
                context.connection("Issue", window(info)?.page(rows.collect(), false))
            }
            "totalCommentsCount" => {
                let on_lines: u32 = pr.reviews.iter().map(|review| review.comments).sum();
                leaf(pr.comments + on_lines)
            }
            "comments" => context.count("IssueComment", pr.comments),
            "reviewThreads" => context.count("PullRequestReviewThread", pr.review_threads),
            "files" => {
                // As REST documents it: https://docs.github.com/rest/pulls/pulls#list-pull-requests-files
                const MOST_FILES: u32 = 3_000;
                let rows = (0..pr.changed_files.min(MOST_FILES)).map(|number| {
                    let file = ChangedFileView {
                        folder: &pr.folder,
                        number,
                    };
                    (Key::number(number.into(), 0), file)
                });
                context.connection(
                    "PullRequestChangedFile",
                    window(info)?.page(rows.collect(), false),
                )
            }
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

/// `PullRequestChangedFile`.
#[derive(Clone, Copy)]
struct ChangedFileView<'w> {
    folder: &'w str,
    number: u32,
}

impl<'w> View<'w> for ChangedFileView<'w> {
    fn type_name(&self) -> &'static str {
        "PullRequestChangedFile"
    }

    fn field<'a>(&self, _: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        match info.field_name() {
            "path" => leaf(format!("{}/{}", self.folder, self.number)),
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

/// `PullRequestCommit`.
#[derive(Clone, Copy)]
pub(super) struct PullRequestCommitView<'w> {
    pub(super) pull_request: PullRequestId,
    pub(super) commit: &'w Commit,
}

impl<'w> View<'w> for PullRequestCommitView<'w> {
    fn type_name(&self) -> &'static str {
        "PullRequestCommit"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let PullRequestId {
            repository: RepositoryId(repository),
            ..
        } = self.pull_request;
        match info.field_name() {
            "id" => leaf(encode("PRC", repository, self.commit.oid.number())),
            "commit" => Ok(context.object(CommitView::new(self.pull_request.repository, self.commit))),
            other => Err(unknown(self.type_name(), other)),
        }
    }
}
