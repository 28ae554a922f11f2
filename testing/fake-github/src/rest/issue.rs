//! Issues; as at GitHub, the list holds pull requests too.

use chrono::DateTime;
use serde_json::{Value, json};

use super::Call;
use super::list::{MAX_NUMBERED_ROWS, Paging, page};
use crate::graphql::rfc3339;
use crate::reply::Reply;
use crate::world::{
    ActorId, IssueId, NodeId, PullRequestId, PullRequestState, RepositoryId, Text, Timestamp,
};

/// A row of the list.
struct Row<'w> {
    node: NodeId,
    database_id: u64,
    number: u32,
    title: &'w Text,
    labels: &'w [Text],
    author: ActorId,
    comments: u32,
    open: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    closed_at: Option<Timestamp>,
}

pub(super) fn list(call: &Call<'_>, id: RepositoryId, path: &str) -> Reply {
    let repository = call.world.repository(id);
    if repository.issues_disabled {
        return Reply::message(410, "Issues are disabled for this repo");
    }
    if Paging::of(call).last_row() > MAX_NUMBERED_ROWS {
        let message = "Pagination with the page parameter is not supported for large datasets, please use cursor \
                       based pagination (after/before)";
        return Reply::message(422, message);
    }
    let since = call
        .parameter("since")
        .map(|since| DateTime::parse_from_rfc3339(&since));
    let Ok(since) = since.transpose() else {
        return Reply::message(422, "`since` is not a timestamp.");
    };
    let state = call.parameter("state").unwrap_or_else(|| "open".into());
    let wanted = call.parameter("labels");
    let mut rows = rows(call, id);
    rows.retain(|row| {
        let has = |label: &str| row.labels.iter().any(|found| &**found == label);
        since.is_none_or(|since| row.updated_at >= since)
            && (state == "all" || (state == "open") == row.open)
            && wanted.as_ref().is_none_or(|wanted| wanted.split(',').all(has))
    });
    let by_update = call.parameter("sort").as_deref() == Some("updated");
    rows.sort_by_key(|row| {
        (
            if by_update { row.updated_at } else { row.created_at },
            row.number,
        )
    });
    if call.parameter("direction").as_deref() != Some("asc") {
        rows.reverse();
    }
    page(call, &format!("{path}/issues"), &rows, |row| show(call, row))
}

fn rows<'w>(call: &Call<'w>, repository: RepositoryId) -> Vec<Row<'w>> {
    let found = call.world.repository(repository);
    let issues = found.issues.iter().enumerate().filter_map(|(index, kept)| {
        let issue = kept.as_ref()?.seen(call.seen)?;
        Some(Row {
            node: NodeId::Issue(IssueId {
                repository,
                index: index as u32,
            }),
            database_id: issue.database_id,
            number: issue.number,
            title: &issue.title,
            labels: &issue.labels,
            author: issue.author,
            comments: issue.comments,
            open: issue.closed_at.is_none(),
            created_at: issue.created_at,
            updated_at: issue.updated_at,
            closed_at: issue.closed_at,
        })
    });
    let pull_requests = found
        .pull_requests
        .iter()
        .enumerate()
        .filter_map(|(index, kept)| {
            let pull_request = kept.seen(call.seen)?;
            Some(Row {
                node: NodeId::PullRequest(PullRequestId {
                    repository,
                    index: index as u32,
                }),
                database_id: pull_request.database_id,
                number: pull_request.number,
                title: &pull_request.title,
                labels: &pull_request.labels,
                author: pull_request.author,
                comments: pull_request.comments,
                open: pull_request.state == PullRequestState::Open,
                created_at: pull_request.created_at,
                updated_at: pull_request.updated_at,
                closed_at: pull_request.closed_at,
            })
        });
    issues.chain(pull_requests).collect()
}

fn show(call: &Call<'_>, row: &Row<'_>) -> Value {
    let labels: Vec<Value> = row.labels.iter().map(|name| json!({ "name": **name })).collect();
    let mut shown = json!({
        "id": row.database_id,
        "node_id": row.node.encode(),
        "number": row.number,
        "title": **row.title,
        "state": if row.open { "open" } else { "closed" },
        "user": call.actor(row.author),
        "labels": labels,
        "comments": row.comments,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "closed_at": row.closed_at.map(rfc3339),
    });
    if matches!(row.node, NodeId::PullRequest(_)) {
        shown["pull_request"] = json!({ "url": format!("{}/pulls/{}", call.request.base_url, row.number) });
    }
    shown
}
