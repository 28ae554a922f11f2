//! Repositories.

use serde_json::{Value, json};

use super::list::{cut, page, with_link};
use super::{Call, deployment, issue, pull_request, release};
use crate::graphql::rfc3339;
use crate::reply::Reply;
use crate::world::{OwnerId, RepositoryId};

/// What lies below a repository.
pub(super) fn serve(call: &Call<'_>, id: RepositoryId, rest: &[&str]) -> Option<Reply> {
    let repository = call.world.repository(id);
    let path = format!("/repositories/{}", repository.database_id);
    match rest {
        [] => Some(Reply::json(200, &show(call, id))),
        ["commits"] if repository.empty => Some(Reply::message(409, "Git Repository is empty.")),
        ["pulls", rest @ ..] => pull_request::serve(call, id, &path, rest),
        ["issues"] => Some(issue::list(call, id, &path)),
        ["deployments", rest @ ..] => deployment::serve(call, id, &path, rest),
        ["releases"] => Some(release::list(call, id, &path)),
        _ => None,
    }
}

/// A repository.
pub(super) fn show(call: &Call<'_>, id: RepositoryId) -> Value {
    let repository = call.world.repository(id);
    let owner = match repository.owner {
        OwnerId::Organization(owner) => {
            let found = call.world.organization(owner);
            json!({ "login": *found.login, "id": found.database_id, "type": "Organization" })
        }
        OwnerId::User(owner) => call.actor(owner),
    };
    json!({
        "id": repository.database_id,
        "node_id": id.node_id(),
        "name": *repository.name,
        "full_name": call.world.name_with_owner(id),
        "owner": owner,
        "private": repository.private,
        "fork": repository.fork,
        "archived": repository.archived_at.is_some(),
        "disabled": repository.disabled,
        "has_issues": !repository.issues_disabled,
        "default_branch": *repository.default_branch,
        "created_at": rfc3339(repository.created_at),
        "updated_at": rfc3339(repository.updated_at),
        "pushed_at": repository.pushed_at.map(rfc3339),
        "html_url": format!("https://github.com/{}", call.world.name_with_owner(id)),
    })
}

/// 301 to the numeric path.
pub(super) fn moved(call: &Call<'_>, id: RepositoryId, rest: &[&str]) -> Reply {
    let number = call.world.repository(id).database_id;
    let mut url = format!("{}/repositories/{number}", call.request.base_url);
    for part in rest {
        url = format!("{url}/{part}");
    }
    if !call.request.query.is_empty() {
        url = format!("{url}?{}", call.request.query);
    }
    let body =
        json!({ "message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com" });
    Reply::json(301, &body).header("location", url)
}

/// All repositories that the token may see.
fn visible(call: &Call<'_>) -> Vec<RepositoryId> {
    call.world
        .repositories()
        .map(|(id, _)| id)
        .filter(|id| call.sees(*id))
        .collect()
}

pub(super) fn of_owner(call: &Call<'_>, owner: &str) -> Option<Reply> {
    let found = call.world.find_owner(owner)?;
    let mut rows = visible(call);
    rows.retain(|id| call.world.repository(*id).owner == found);
    Some(page(call, &call.request.path, &rows, |id| show(call, *id)))
}

pub(super) fn of_installation(call: &Call<'_>) -> Option<Reply> {
    let rows = visible(call);
    let (shown, link) = cut(call, &call.request.path, &rows, |id| show(call, *id));
    let selection = if call.token?.repositories.is_some() {
        "selected"
    } else {
        "all"
    };
    let body = json!({ "total_count": rows.len(), "repository_selection": selection, "repositories": shown });
    Some(with_link(Reply::json(200, &body), link))
}
