//! Reviews.

use apollo_compiler::resolvers::ResolveInfo;

use super::actor::ActorView;
use super::commit::CommitView;
use super::context::{Answer, Context, View, instant, int_id, leaf, maybe_instant};
use super::pull_request::PullRequestView;
use super::query::unknown;
use crate::world::{Review, ReviewState, encode};

/// `PullRequestReview`.
#[derive(Clone, Copy)]
pub(super) struct ReviewView<'w> {
    pub(super) pull_request: PullRequestView<'w>,
    pub(super) review: &'w Review,
}

pub(super) fn review_state_name(state: ReviewState) -> &'static str {
    match state {
        ReviewState::Approved => "APPROVED",
        ReviewState::ChangesRequested => "CHANGES_REQUESTED",
        ReviewState::Commented => "COMMENTED",
        ReviewState::Dismissed => "DISMISSED",
        ReviewState::Pending => "PENDING",
    }
}

impl<'w> View<'w> for ReviewView<'w> {
    fn type_name(&self) -> &'static str {
        "PullRequestReview"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let Self { pull_request, review } = *self;
        let repository = pull_request.id.repository;
        match info.field_name() {
            "id" => leaf(encode("PRR", repository.0, review.database_id)),
            "databaseId" => int_id(review.database_id),
            "fullDatabaseId" => leaf(review.database_id.to_string()),
            "state" => leaf(review_state_name(review.state)),
            "createdAt" => instant(review.created_at),
            "updatedAt" => instant(review.updated_at),
            "submittedAt" => maybe_instant(review.submitted_at),
            "body" => leaf(""),
            "url" => {
                let (name, number) = (
                    context.world.name_with_owner(repository),
                    pull_request.pull_request.number,
                );
                let id = review.database_id;
                leaf(format!(
                    "https://github.com/{name}/pull/{number}#pullrequestreview-{id}"
                ))
            }
            "author" => context.nullable(ActorView::living(context, review.author)),
            "commit" => {
                let mut commits = pull_request.pull_request.commits.iter();
                let found = commits.find(|commit| commit.oid == review.commit);
                // A force-push took the commit away from the pull request; GitHub still knows it.
                let bare = CommitView::bare(repository, review.commit, review.created_at);
                Ok(context.object(found.map_or(bare, |commit| CommitView::new(repository, commit))))
            }
            "comments" => context.count("PullRequestReviewComment", review.comments),
            other => Err(unknown(self.type_name(), other)),
        }
    }
}
