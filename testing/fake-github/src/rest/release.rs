//! Releases, newest first.

use serde_json::json;

use super::Call;
use super::list::page;
use crate::graphql::rfc3339;
use crate::reply::Reply;
use crate::world::{Release, ReleaseId, RepositoryId};

pub(super) fn list(call: &Call<'_>, id: RepositoryId, path: &str) -> Reply {
    let releases = call.world.repository(id).releases.iter().enumerate();
    let mut rows: Vec<(ReleaseId, &Release)> = releases
        .filter_map(|(index, kept)| {
            Some((
                ReleaseId {
                    repository: id,
                    index: index as u32,
                },
                kept.seen(call.seen)?,
            ))
        })
        .collect();
    rows.reverse();
    page(call, &format!("{path}/releases"), &rows, |(id, found)| {
        json!({
            "id": found.database_id,
            "node_id": id.node_id(),
            "tag_name": *found.tag_name,
            "name": found.name.as_deref(),
            "draft": found.is_draft(),
            "prerelease": found.is_prerelease,
            "created_at": rfc3339(found.created_at),
            "published_at": found.published_at.map(rfc3339),
            "author": call.actor(found.author),
        })
    })
}
