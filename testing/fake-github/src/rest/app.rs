//! What an app asks for with a JSON web token.

use serde_json::{Value, json};

use crate::app::Installation;
use crate::github::State;
use crate::graphql::rfc3339;
use crate::reply::Reply;
use crate::request::Request;
use crate::token::{Token, TokenKind};
use crate::world::{OwnerId, RepositoryId, World};

pub(super) fn serve(state: &mut State, request: &Request, path: &[&str]) -> Reply {
    let Some(app) = state.app.clone() else {
        return Reply::message(404, "Integration not found");
    };
    let bearer = request
        .authorization
        .as_deref()
        .and_then(|header| header.split_once(' '))
        .map(|(_, token)| token);
    let Some(token) = bearer else {
        return Reply::message(401, "Requires authentication");
    };
    if let Err(message) = app.check(token.trim(), state.world.now()) {
        return Reply::message(401, message);
    }
    match (request.method.as_str(), path) {
        ("GET", ["app"]) => {
            let slug = &*state.world.actor(app.actor).login;
            Reply::json(
                200,
                &json!({ "id": app.id, "client_id": app.client_id, "slug": slug, "name": slug }),
            )
        }
        ("GET", ["app", "installations"]) => {
            let shown = app
                .installations
                .iter()
                .map(|found| show(&state.world, app.id, found))
                .collect();
            Reply::json(200, &Value::Array(shown))
        }
        ("POST", ["app", "installations", id, "access_tokens"]) => {
            let installation = app.installations.iter().find(|found| found.id.to_string() == *id);
            match installation {
                None => Reply::message(404, "Not Found"),
                Some(found) if found.suspended => Reply::message(403, "This installation has been suspended"),
                Some(found) => mint(state, app.actor, found, &request.body),
            }
        }
        _ => Reply::message(404, "Not Found"),
    }
}

fn show(world: &World, app: u64, found: &Installation) -> Value {
    let (kind, login) = match found.account {
        OwnerId::Organization(_) => ("Organization", world.owner_login(found.account)),
        OwnerId::User(_) => ("User", world.owner_login(found.account)),
    };
    json!({
        "id": found.id,
        "app_id": app,
        "account": { "login": **login, "type": kind },
        "target_type": kind,
        "repository_selection": if found.repositories.is_some() { "selected" } else { "all" },
        "permissions": permissions(&found.permissions),
        "suspended_at": found.suspended.then(|| rfc3339(world.now())),
    })
}

fn permissions(names: &[String]) -> Value {
    names
        .iter()
        .map(|name| (name.clone(), Value::from("read")))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A new token of the installation, for the repositories that the body names if it names some.
fn mint(state: &mut State, actor: crate::world::ActorId, found: &Installation, body: &str) -> Reply {
    let now = state.world.now();
    let of_account = |id: &RepositoryId| {
        let repository = state.world.repository(*id);
        let chosen = found
            .repositories
            .as_ref()
            .is_none_or(|chosen| chosen.contains(id));
        repository.owner == found.account && chosen
    };
    let mut allowed: Vec<RepositoryId> = state
        .world
        .repositories()
        .map(|(id, _)| id)
        .filter(|id| of_account(id))
        .collect();
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    if let Some(names) = body["repositories"].as_array() {
        allowed.retain(|id| {
            names
                .iter()
                .any(|name| *name == *state.world.repository(*id).name)
        });
    }
    if let Some(ids) = body["repository_ids"].as_array() {
        allowed.retain(|id| {
            ids.iter()
                .any(|number| *number == state.world.repository(*id).database_id)
        });
    }
    let secret = state.new_secret("ghs");
    let mut token = Token::installation(found.id, &secret, actor, now);
    token.kind = TokenKind::Installation {
        installation: found.id,
        permissions: found.permissions.clone(),
    };
    token.repositories = Some(allowed);
    let expires_at = token.expires_at.map(rfc3339);
    state.tokens.push(token);
    let selection = if found.repositories.is_some() {
        "selected"
    } else {
        "all"
    };
    let body = json!({
        "token": secret,
        "expires_at": expires_at,
        "permissions": permissions(&found.permissions),
        "repository_selection": selection,
    });
    Reply::json(201, &body)
}
