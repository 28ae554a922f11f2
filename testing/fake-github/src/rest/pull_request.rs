//! Pull requests, their commits and reviews.

use serde_json::{Value, json};

use super::Call;
use super::list::page;
use crate::graphql::rfc3339;
use crate::reply::Reply;
use crate::world::{
    Commit, Kept, Numbered, PullRequest, PullRequestId, PullRequestState, RepositoryId, Review, ReviewState,
    encode,
};

/// GitHub gives no more commits of a pull request.
const MAX_COMMITS: usize = 250;

pub(super) fn serve(call: &Call<'_>, id: RepositoryId, path: &str, rest: &[&str]) -> Option<Reply> {
    let [number, rest @ ..] = rest else {
        return Some(list(call, id, &format!("{path}/pulls")));
    };
    let number = number.parse().ok()?;
    let repository = call.world.repository(id);
    let Some(Numbered::PullRequest(index)) = repository.numbered(number) else {
        return None;
    };
    let found = repository.pull_requests.get(index as usize)?.seen(call.seen)?;
    let node = PullRequestId {
        repository: id,
        index,
    };
    let path = format!("{path}/pulls/{number}");
    match rest {
        [] => Some(Reply::json(200, &detail(call, node, found))),
        ["commits"] => {
            let commits = &found.commits[..found.commits.len().min(MAX_COMMITS)];
            Some(page(call, &format!("{path}/commits"), commits, |commit| {
                show_commit(call, id, commit)
            }))
        }
        ["reviews"] => Some(page(call, &format!("{path}/reviews"), &found.reviews, |review| {
            show_review(call, id, review)
        })),
        _ => None,
    }
}

/// The list; without a wish only open ones, newest first.
fn list(call: &Call<'_>, id: RepositoryId, path: &str) -> Reply {
    let state = call.parameter("state").unwrap_or_else(|| "open".into());
    let by_update = call.parameter("sort").as_deref() == Some("updated");
    let ascending = call.parameter("direction").as_deref() == Some("asc");
    let all = call.world.repository(id).pull_requests.iter().enumerate();
    let mut rows: Vec<(PullRequestId, &PullRequest)> = all
        .filter_map(|(index, kept): (usize, &Kept<PullRequest>)| {
            Some((
                PullRequestId {
                    repository: id,
                    index: index as u32,
                },
                kept.seen(call.seen)?,
            ))
        })
        .filter(|(_, found)| state == "all" || state == state_name(found.state))
        .collect();
    rows.sort_by_key(|(id, found)| {
        (
            if by_update {
                found.updated_at
            } else {
                found.created_at
            },
            *id,
        )
    });
    if !ascending {
        rows.reverse();
    }
    page(call, path, &rows, |(id, found)| show(call, *id, found))
}

fn state_name(state: PullRequestState) -> &'static str {
    match state {
        PullRequestState::Open => "open",
        PullRequestState::Closed | PullRequestState::Merged => "closed",
    }
}

/// A pull request as lists show it.
fn show(call: &Call<'_>, id: PullRequestId, found: &PullRequest) -> Value {
    let labels: Vec<Value> = found
        .labels
        .iter()
        .map(|name| json!({ "name": **name }))
        .collect();
    json!({
        "id": found.database_id,
        "node_id": id.node_id(),
        "number": found.number,
        "state": state_name(found.state),
        "title": *found.title,
        "body": *found.body,
        "draft": found.is_draft,
        "user": call.actor(found.author),
        "labels": labels,
        "created_at": rfc3339(found.created_at),
        "updated_at": rfc3339(found.updated_at),
        "closed_at": found.closed_at.map(rfc3339),
        "merged_at": found.merged_at.map(rfc3339),
        "merge_commit_sha": found.merge_commit.as_ref().map(|commit| commit.oid.to_string()),
        "head": { "ref": *found.head_ref, "sha": found.head_oid.to_string() },
        "base": { "ref": *found.base_ref },
    })
}

/// A pull request alone, with what lists leave out.
fn detail(call: &Call<'_>, id: PullRequestId, found: &PullRequest) -> Value {
    let mut shown = show(call, id, found);
    shown["merged"] = (found.state == PullRequestState::Merged).into();
    shown["merged_by"] = found.merged_by.map_or(Value::Null, |by| call.actor(by));
    shown["additions"] = found.additions.into();
    shown["deletions"] = found.deletions.into();
    shown["changed_files"] = found.changed_files.into();
    shown["commits"] = found.commits.len().into();
    shown["comments"] = found.comments.into();
    shown["review_comments"] = found
        .reviews
        .iter()
        .map(|review| review.comments)
        .sum::<u32>()
        .into();
    shown
}

fn show_commit(call: &Call<'_>, repository: RepositoryId, commit: &Commit) -> Value {
    let person =
        |at| json!({ "name": *commit.author_name, "email": *commit.author_email, "date": rfc3339(at) });
    let message = match commit.body.is_empty() {
        true => commit.headline.to_string(),
        false => format!("{}\n\n{}", commit.headline, commit.body),
    };
    let author = commit.author.map_or(Value::Null, |author| call.actor(author));
    json!({
        "sha": commit.oid.to_string(),
        "node_id": encode("C", repository.0, commit.oid.number()),
        "commit": {
            "author": person(commit.authored_at),
            "committer": person(commit.committed_at),
            "message": message,
        },
        "author": author,
        "committer": author,
    })
}

fn show_review(call: &Call<'_>, repository: RepositoryId, review: &Review) -> Value {
    let state = match review.state {
        ReviewState::Approved => "APPROVED",
        ReviewState::ChangesRequested => "CHANGES_REQUESTED",
        ReviewState::Commented => "COMMENTED",
        ReviewState::Dismissed => "DISMISSED",
        ReviewState::Pending => "PENDING",
    };
    let mut shown = json!({
        "id": review.database_id,
        "node_id": encode("PRR", repository.0, review.database_id),
        "user": call.actor(review.author),
        "state": state,
        "commit_id": review.commit.to_string(),
    });
    // A pending review has no such key at all.
    if let Some(at) = review.submitted_at {
        shown["submitted_at"] = rfc3339(at).into();
    }
    shown
}
