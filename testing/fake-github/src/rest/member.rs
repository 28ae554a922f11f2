//! Teams and their members.

use serde_json::{Value, json};

use super::Call;
use super::list::page;
use crate::reply::Reply;
use crate::world::{OwnerId, TeamId};

pub(super) fn serve(call: &Call<'_>, organization: &str, rest: &[&str]) -> Option<Reply> {
    let Some(OwnerId::Organization(organization)) = call.world.find_owner(organization) else {
        return None;
    };
    if !call.token.is_some_and(|token| token.reads_teams()) {
        return Some(Reply::message(403, "Resource not accessible by integration"));
    }
    let mut rows: Vec<TeamId> = call.world.teams(organization).map(|(id, _)| id).collect();
    rows.sort_by_key(|id| call.world.team(*id).slug.clone());
    match rest {
        [] => Some(page(call, &call.request.path, &rows, |id| show(call, *id))),
        [slug, "members"] => {
            let id = rows.into_iter().find(|id| *call.world.team(*id).slug == **slug)?;
            let members = call.world.members_with_descendants(id);
            Some(page(call, &call.request.path, &members, |member| {
                call.actor(member.actor)
            }))
        }
        _ => None,
    }
}

fn show(call: &Call<'_>, id: TeamId) -> Value {
    let brief = |id: TeamId| {
        let team = call.world.team(id);
        json!({
            "id": team.database_id,
            "node_id": id.node_id(),
            "slug": *team.slug,
            "name": *team.name,
            "description": team.description.as_deref(),
        })
    };
    let mut shown = brief(id);
    shown["parent"] = call.world.team(id).parent.map_or(Value::Null, brief);
    shown
}
