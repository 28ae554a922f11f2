//! The REST face.

mod app;
mod deployment;
mod device;
mod issue;
mod list;
mod member;
mod pull_request;
mod release;
mod repository;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::answer::authenticate;
use crate::fault::Effects;
use crate::github::State;
use crate::quota::Resource;
use crate::reply::Reply;
use crate::request::{Request, RequestRecord};
use crate::token::Token;
use crate::world::{ActorId, ActorKind, RepositoryId, Timestamp, World};

/// What a REST handler sees.
struct Call<'s> {
    world: &'s World,
    request: &'s Request,
    /// Nothing that happened later is shown.
    seen: Timestamp,
    /// `None` for an anonymous request.
    token: Option<&'s Token>,
}

impl Call<'_> {
    /// A parameter of the query.
    fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.request.query.as_bytes());
        pairs
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Whether the caller may see that living repository.
    fn sees(&self, id: RepositoryId) -> bool {
        let repository = self.world.repository(id);
        !repository.deleted && self.token.map_or(!repository.private, |token| token.sees(id))
    }

    /// A user as others see it; null for the ghost.
    fn actor(&self, id: ActorId) -> Value {
        let actor = self.world.actor(id);
        let (suffix, kind) = match actor.kind {
            ActorKind::Bot => ("[bot]", "Bot"),
            ActorKind::User => ("", "User"),
            ActorKind::Mannequin => ("", "Mannequin"),
        };
        match actor.deleted {
            true => Value::Null,
            false => json!({
                "login": format!("{}{suffix}", actor.login),
                "id": actor.database_id,
                "node_id": id.node_id(),
                "type": kind,
            }),
        }
    }
}

/// Serves one REST request.
pub(crate) fn serve(
    state: &mut State,
    request: &Request,
    effects: &Effects,
    record: &mut RequestRecord,
) -> Reply {
    let path: Vec<&str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("POST", ["login", "device", "code"]) => return device::begin(state, request),
        ("POST", ["login", "oauth", "access_token"]) => return device::poll(state, request),
        ("GET", ["app", ..]) | ("POST", ["app", ..]) => return app::serve(state, request, &path),
        ("GET", _) => {}
        _ => return Reply::message(404, "Not Found"),
    }
    let now = state.world.now();
    let token = match authenticate(state, request) {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    if path == ["rate_limit"] {
        return rate_limit(state, token.as_ref());
    }
    let identity = Token::identity_or_anonymous(token.as_ref());
    let standing = state.quotas.standing(&identity, Resource::Core, now);
    if standing.is_some_and(|standing| standing.remaining() == 0) {
        return Reply::message(403, "API rate limit exceeded.");
    }
    let seen = now - TimeDelta::seconds(effects.lag_seconds);
    let call = Call {
        world: &state.world,
        request,
        seen,
        token: token.as_ref(),
    };
    let reply = get(&call, &path).unwrap_or_else(|| Reply::message(404, "Not Found"));
    let reply = conditional(reply, request, &identity);
    if reply.status != 304 {
        record.cost = 1;
        state.quotas.charge(&identity, Resource::Core, now, 1);
    }
    reply
}

/// The answer of a path; `None`: 404.
fn get(call: &Call<'_>, path: &[&str]) -> Option<Reply> {
    match path {
        ["user"] => Some(match call.token {
            Some(token) => Reply::json(200, &call.actor(token.user)),
            None => Reply::message(401, "Requires authentication"),
        }),
        ["installation", "repositories"] => repository::of_installation(call),
        ["orgs" | "users", owner, "repos"] => repository::of_owner(call, owner),
        ["orgs", organization, "teams", rest @ ..] => member::serve(call, organization, rest),
        ["repos", owner, name, rest @ ..] => {
            let (id, former) = call
                .world
                .find_repository(owner, name)
                .filter(|(id, _)| call.sees(*id))?;
            if former {
                return Some(repository::moved(call, id, rest));
            }
            repository::serve(call, id, rest)
        }
        ["repositories", number, rest @ ..] => {
            let id = call
                .world
                .find_repository_by_number(number.parse().ok()?)
                .filter(|id| call.sees(*id))?;
            repository::serve(call, id, rest)
        }
        _ => None,
    }
}

/// Gives the answer an `ETag`, and 304 when the caller has it. As at GitHub, a tag holds for one identity only.
fn conditional(reply: Reply, request: &Request, identity: &str) -> Reply {
    if reply.status != 200 {
        return reply;
    }
    let mut hasher = DefaultHasher::new();
    (identity, &reply.body).hash(&mut hasher);
    let tag = format!("W/\"{:016x}\"", hasher.finish());
    if request.if_none_match.as_deref() == Some(&tag) {
        return Reply {
            status: 304,
            body: Vec::new(),
            ..reply
        }
        .header("etag", tag);
    }
    reply.header("etag", tag)
}

/// `GET /rate_limit`, which is free.
fn rate_limit(state: &mut State, token: Option<&Token>) -> Reply {
    let (now, identity) = (state.world.now(), Token::identity_or_anonymous(token));
    let mut resource = |resource| {
        let standing = state.quotas.standing(&identity, resource, now)?;
        Some(json!({
            "limit": standing.limit,
            "used": standing.used,
            "remaining": standing.remaining(),
            "reset": standing.reset_at.timestamp(),
        }))
    };
    match (resource(Resource::Core), resource(Resource::Graphql)) {
        (Some(core), Some(graphql)) => Reply::json(
            200,
            &json!({ "resources": { "core": core, "graphql": graphql }, "rate": core }),
        ),
        // What a GitHub Enterprise Server answers without limits.
        _ => Reply::message(404, "Rate limiting is not enabled."),
    }
}
