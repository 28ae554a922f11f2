//! Issues.

use apollo_compiler::resolvers::{FieldError, ResolveInfo};
use chrono::DateTime;

use super::actor::ActorView;
use super::context::{
    Answer, Context, View, argument, instant, int_id, leaf, list, maybe_instant, optional, order, texts,
    window,
};
use super::label::labels;
use super::query::unknown;
use super::timeline::issue_timeline;
use crate::page::Key;
use crate::world::{Issue, IssueId, IssueStateReason, RepositoryId};

/// `Issue`.
#[derive(Clone, Copy)]
pub(super) struct IssueView<'w> {
    id: IssueId,
    issue: &'w Issue,
}

impl<'w> IssueView<'w> {
    pub(super) fn find(context: &'w Context<'w>, id: IssueId) -> Option<Self> {
        let kept = context
            .world
            .repository(id.repository)
            .issues
            .get(id.index as usize)?
            .as_ref()?;
        Some(Self {
            id,
            issue: kept.seen(context.seen)?,
        })
    }
}

/// The name of the reason, for GraphQL.
pub(super) fn state_reason_name(reason: IssueStateReason) -> &'static str {
    match reason {
        IssueStateReason::Completed => "COMPLETED",
        IssueStateReason::Duplicate => "DUPLICATE",
        IssueStateReason::NotPlanned => "NOT_PLANNED",
        IssueStateReason::Reopened => "REOPENED",
    }
}

fn state_name(issue: &Issue) -> &'static str {
    if issue.closed_at.is_some() {
        "CLOSED"
    } else {
        "OPEN"
    }
}

impl<'w> View<'w> for IssueView<'w> {
    fn type_name(&self) -> &'static str {
        "Issue"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let (issue, repository) = (self.issue, self.id.repository);
        match info.field_name() {
            "id" => leaf(self.id.node_id()),
            "databaseId" => int_id(issue.database_id),
            "fullDatabaseId" => leaf(issue.database_id.to_string()),
            "number" => leaf(issue.number),
            "title" => leaf(&*issue.title),
            "state" => leaf(state_name(issue)),
            "stateReason" => optional(issue.state_reason.map(state_reason_name)),
            "closed" => leaf(issue.closed_at.is_some()),
            "closedAt" => maybe_instant(issue.closed_at),
            "createdAt" => instant(issue.created_at),
            "updatedAt" => instant(issue.updated_at),
            "author" => context.nullable(ActorView::living(context, issue.author)),
            "labels" => labels(context, repository, &issue.labels, info),
            "comments" => context.count("IssueComment", issue.comments),
            "timelineItems" => issue_timeline(context, self.id, &issue.timeline, info),
            "url" => {
                let name = context.world.name_with_owner(repository);
                leaf(format!("https://github.com/{name}/issues/{}", issue.number))
            }
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

/// The issues of a repository; none when they are switched off.
pub(super) fn issues<'a, 'w: 'a>(
    context: &'w Context<'w>,
    repository: RepositoryId,
    info: &ResolveInfo<'_>,
) -> Answer<'a> {
    let filter = argument(info, "filterBy").and_then(|filter| filter.as_object());
    let filter_list = |name: &str| {
        filter
            .and_then(|filter| filter.get(name))
            .filter(|v| !v.is_null())
            .map(list)
    };
    let states = filter_list("states")
        .or_else(|| texts(info, "states"))
        .filter(|states| !states.is_empty());
    let wanted = filter_list("labels")
        .or_else(|| texts(info, "labels"))
        .filter(|labels| !labels.is_empty());
    let author = filter
        .and_then(|filter| filter.get("createdBy"))
        .and_then(|author| author.as_str());
    let since = filter
        .and_then(|filter| filter.get("since"))
        .and_then(|since| since.as_str());
    let since = match since.map(DateTime::parse_from_rfc3339) {
        Some(Err(_)) => {
            return Err(FieldError {
                message: "`since` is not a DateTime".into(),
            });
        }
        Some(Ok(since)) => Some(since.timestamp()),
        None => None,
    };
    let (field, descending) = order(info, "CREATED_AT");
    let disabled = context.world.repository(repository).issues_disabled;
    let mut rows: Vec<_> = context
        .world
        .issue_ids(repository)
        .filter(|_| !disabled)
        .filter_map(|id| IssueView::find(context, id))
        .filter(|view| {
            states
                .as_ref()
                .is_none_or(|states| states.contains(&state_name(view.issue)))
        })
        .filter(|view| {
            let has = |label: &&str| view.issue.labels.iter().any(|found| &**found == *label);
            wanted.as_ref().is_none_or(|wanted| wanted.iter().any(has))
        })
        .filter(|view| since.is_none_or(|since| view.issue.updated_at.timestamp() >= since))
        .filter(|view| author.is_none_or(|login| &*context.world.actor(view.issue.author).login == login))
        .map(|view| {
            let sort = match field {
                "UPDATED_AT" => view.issue.updated_at.timestamp(),
                "COMMENTS" => view.issue.comments.into(),
                _ => view.issue.created_at.timestamp(),
            };
            (Key::number(sort, view.id.index.into()), view)
        })
        .collect();
    rows.sort_by(|(left, _), (right, _)| left.cmp(right));
    context.connection("Issue", window(info)?.page(rows, descending))
}
