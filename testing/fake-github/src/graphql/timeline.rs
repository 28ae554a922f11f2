//! Timelines of pull requests and issues.

use apollo_compiler::resolvers::{FieldError, ResolveInfo, ResolvedValue};
use chrono::DateTime;

use super::actor::ActorView;
use super::commit::CommitView;
use super::context::{Answer, Context, View, argument, instant, int_id, leaf, optional, text, texts, window};
use super::issue::state_reason_name;
use super::label::LabelView;
use super::pull_request::{PullRequestCommitView, PullRequestView};
use super::query::unknown;
use super::review::{ReviewView, review_state_name};
use super::team::TeamView;
use crate::page::Key;
use crate::world::{Event, EventKind, IssueId, IssueStateReason, Oid, RepositoryId, Reviewer, encode};

/// An item of a timeline: an event, or a commit or review of the pull request.
#[derive(Clone, Copy)]
enum Item<'w> {
    Event(EventView<'w>),
    Commit(PullRequestCommitView<'w>),
    Review(ReviewView<'w>),
}

impl Item<'_> {
    /// The value of the enum that selects this kind of item.
    fn item_type(&self) -> &'static str {
        match self {
            Self::Event(event) => event.names().1,
            Self::Commit(_) => "PULL_REQUEST_COMMIT",
            Self::Review(_) => "PULL_REQUEST_REVIEW",
        }
    }
}

impl<'w> View<'w> for Item<'w> {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Event(event) => event.names().0,
            Self::Commit(commit) => commit.type_name(),
            Self::Review(review) => review.type_name(),
        }
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        match self {
            Self::Event(event) => event.field(context, info),
            Self::Commit(commit) => commit.field(context, info),
            Self::Review(review) => review.field(context, info),
        }
    }
}

/// What the event happened to.
#[derive(Clone, Copy)]
enum Subject<'w> {
    PullRequest(PullRequestView<'w>),
    Issue(IssueId),
}

#[derive(Clone, Copy)]
struct EventView<'w> {
    subject: Subject<'w>,
    event: &'w Event,
}

impl EventView<'_> {
    fn repository(&self) -> RepositoryId {
        match self.subject {
            Subject::PullRequest(view) => view.id.repository,
            Subject::Issue(id) => id.repository,
        }
    }

    /// The GraphQL type and the value of the enum that selects it.
    fn names(&self) -> (&'static str, &'static str) {
        match self.event.kind {
            EventKind::ReadyForReview => ("ReadyForReviewEvent", "READY_FOR_REVIEW_EVENT"),
            EventKind::ConvertToDraft => ("ConvertToDraftEvent", "CONVERT_TO_DRAFT_EVENT"),
            EventKind::ReviewRequested(_) => ("ReviewRequestedEvent", "REVIEW_REQUESTED_EVENT"),
            EventKind::ReviewDismissed { .. } => ("ReviewDismissedEvent", "REVIEW_DISMISSED_EVENT"),
            EventKind::HeadRefForcePushed { .. } => {
                ("HeadRefForcePushedEvent", "HEAD_REF_FORCE_PUSHED_EVENT")
            }
            EventKind::BaseRefChanged { .. } => ("BaseRefChangedEvent", "BASE_REF_CHANGED_EVENT"),
            EventKind::Closed => ("ClosedEvent", "CLOSED_EVENT"),
            EventKind::Reopened => ("ReopenedEvent", "REOPENED_EVENT"),
            EventKind::Merged => ("MergedEvent", "MERGED_EVENT"),
            EventKind::AddedToMergeQueue => ("AddedToMergeQueueEvent", "ADDED_TO_MERGE_QUEUE_EVENT"),
            EventKind::RemovedFromMergeQueue(_) => {
                ("RemovedFromMergeQueueEvent", "REMOVED_FROM_MERGE_QUEUE_EVENT")
            }
            EventKind::AutoMergeEnabled => ("AutoMergeEnabledEvent", "AUTO_MERGE_ENABLED_EVENT"),
            EventKind::Labeled(_) => ("LabeledEvent", "LABELED_EVENT"),
            EventKind::Unlabeled(_) => ("UnlabeledEvent", "UNLABELED_EVENT"),
        }
    }
}

impl<'w> EventView<'w> {
    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let (event, repository) = (self.event, self.repository());
        let commit = |oid: Oid| context.object(CommitView::bare(repository, oid, event.at));
        match (info.field_name(), &event.kind) {
            ("id", _) => leaf(encode(self.names().0, repository.0, event.database_id)),
            ("databaseId", _) => int_id(event.database_id),
            ("createdAt", _) => instant(event.at),
            ("actor", _) => context.nullable(ActorView::living(context, event.actor)),
            ("enqueuer" | "enabler", _) => context.nullable(ActorView::living_user(context, event.actor)),
            ("requestedReviewer", EventKind::ReviewRequested(Reviewer::Actor(id))) => {
                context.nullable(ActorView::living(context, *id))
            }
            ("requestedReviewer", EventKind::ReviewRequested(Reviewer::Team(id))) => {
                Ok(context.object(TeamView::new(context, *id)))
            }
            ("previousReviewState", EventKind::ReviewDismissed { previous, .. }) => {
                leaf(review_state_name(*previous))
            }
            ("dismissalMessage", _) => Ok(ResolvedValue::null()),
            ("review", EventKind::ReviewDismissed { review, .. }) => {
                let Subject::PullRequest(pull_request) = self.subject else {
                    return Ok(ResolvedValue::null());
                };
                let mut reviews = pull_request.pull_request.reviews.iter();
                let found = reviews.find(|found| found.database_id == *review);
                context.nullable(found.map(|review| ReviewView { pull_request, review }))
            }
            ("beforeCommit", EventKind::HeadRefForcePushed { before, .. }) => Ok(commit(*before)),
            ("afterCommit", EventKind::HeadRefForcePushed { after, .. }) => Ok(commit(*after)),
            ("previousRefName", EventKind::BaseRefChanged { previous, .. }) => leaf(&**previous),
            ("currentRefName", EventKind::BaseRefChanged { current, .. }) => leaf(&**current),
            ("reason", EventKind::RemovedFromMergeQueue(reason)) => leaf(&**reason),
            ("label", EventKind::Labeled(name) | EventKind::Unlabeled(name)) => {
                Ok(context.object(LabelView { repository, name }))
            }
            ("closer", _) => Ok(ResolvedValue::null()),
            ("stateReason", kind) => optional(match (self.subject, kind) {
                (Subject::Issue(_), EventKind::Closed) => {
                    Some(state_reason_name(IssueStateReason::Completed))
                }
                (Subject::Issue(_), _) => Some(state_reason_name(IssueStateReason::Reopened)),
                (Subject::PullRequest(_), _) => None,
            }),
            ("commit", EventKind::Merged) => {
                let Subject::PullRequest(pull_request) = self.subject else {
                    return Ok(ResolvedValue::null());
                };
                let found = pull_request.pull_request.merge_commit.as_ref();
                context.nullable(found.map(|found| CommitView::new(repository, found)))
            }
            ("mergeRefName", EventKind::Merged) => match self.subject {
                Subject::PullRequest(view) => leaf(&*view.pull_request.base_ref),
                Subject::Issue(_) => Ok(ResolvedValue::null()),
            },
            (other, _) => Err(unknown(self.names().0, other)),
        }
    }
}

/// The timeline of a pull request.
pub(super) fn pull_request_timeline<'a, 'w: 'a>(
    context: &'w Context<'w>,
    view: PullRequestView<'w>,
    info: &ResolveInfo<'_>,
) -> Answer<'a> {
    let pr = view.pull_request;
    let commits = pr.commits.iter().enumerate().map(|(index, commit)| {
        let item = PullRequestCommitView {
            pull_request: view.id,
            commit,
        };
        (
            Key::number(commit.committed_at.timestamp(), index as u64),
            Item::Commit(item),
        )
    });
    let reviews = pr.reviews.iter().map(|review| {
        let at = review.submitted_at.unwrap_or(review.created_at).timestamp();
        (
            Key::number(at, review.database_id),
            Item::Review(ReviewView {
                pull_request: view,
                review,
            }),
        )
    });
    let items = commits
        .chain(reviews)
        .chain(events(Subject::PullRequest(view), &pr.timeline));
    timeline(context, "PullRequestTimelineItems", items.collect(), info)
}

/// The timeline of an issue.
pub(super) fn issue_timeline<'a, 'w: 'a>(
    context: &'w Context<'w>,
    id: IssueId,
    timeline_of: &'w [Event],
    info: &ResolveInfo<'_>,
) -> Answer<'a> {
    timeline(
        context,
        "IssueTimelineItems",
        events(Subject::Issue(id), timeline_of).collect(),
        info,
    )
}

fn events<'w>(subject: Subject<'w>, events: &'w [Event]) -> impl Iterator<Item = (Key, Item<'w>)> {
    events.iter().map(move |event| {
        (
            Key::number(event.at.timestamp(), event.database_id),
            Item::Event(EventView { subject, event }),
        )
    })
}

fn timeline<'a, 'w: 'a>(
    context: &'w Context<'w>,
    name: &'static str,
    mut items: Vec<(Key, Item<'w>)>,
    info: &ResolveInfo<'_>,
) -> Answer<'a> {
    let total = items.len();
    let wanted = texts(info, "itemTypes");
    let since = match text(info, "since").map(DateTime::parse_from_rfc3339) {
        Some(Err(_)) => {
            return Err(FieldError {
                message: "`since` is not a DateTime".into(),
            });
        }
        Some(Ok(since)) => Some(Key::number(since.timestamp(), 0)),
        None => None,
    };
    items.retain(|(key, item)| {
        wanted
            .as_ref()
            .is_none_or(|wanted| wanted.contains(&item.item_type()))
            && since.as_ref().is_none_or(|since| key >= since)
    });
    items.sort_by(|(left, _), (right, _)| left.cmp(right));
    let skip = argument(info, "skip").and_then(|skip| skip.as_u64()).unwrap_or(0) as usize;
    items.drain(..skip.min(items.len()));
    let mut page = window(info)?.page(items, false);
    page.total = total;
    context.connection(name, page)
}
