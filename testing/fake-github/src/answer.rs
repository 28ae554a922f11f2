//! The way of every request: who asks, what it costs, what the world answers, and what is noted.

use std::cell::Cell;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::fault::{Effects, Fault, http_date, limited};
use crate::github::{FakeGithub, Hook, Overload, State};
use crate::graphql::{self, Answered, Context, Prepared, RateLimit};
use crate::quota::Resource;
use crate::reply::Reply;
use crate::request::{Request, RequestRecord};
use crate::rest;
use crate::token::{Token, TokenKind};

/// A query, or why it cannot be executed; `None` for REST.
type Question = Option<Result<Prepared, Vec<Value>>>;

/// Milliseconds that even the smallest request takes.
const BASE_MS: u64 = 40;

/// Answers one request and writes it into the log.
pub(crate) fn answer(github: &FakeGithub, request: &Request) -> Reply {
    let (mut record, prepared, hooks) = begin(&mut github.lock(), request);
    // Hooks run without the lock, so that they may look at the world and change it.
    let mut faults: Vec<Fault> = hooks.iter().filter_map(|hook| hook(record.n, &record)).collect();
    let state = &mut *github.lock();
    faults.extend(
        state
            .faults
            .iter_mut()
            .filter_map(|injected| injected.strike(request, &record)),
    );
    state.faults.retain(|injected| !injected.is_spent());
    record.faults = faults.iter().map(Fault::name).collect();
    let token = find_token(state, request).cloned();
    let mut effects = Effects::default();
    for fault in &faults {
        fault.before(state, token.as_ref());
        fault.during(&mut effects);
    }
    let instead = faults.iter().find_map(|fault| fault.instead(request));
    let mut reply = instead.unwrap_or_else(|| serve(state, request, prepared, &effects, &mut record));
    for fault in &faults {
        fault.after(&mut reply, state.world.now());
    }
    finish(state, request, reply, record)
}

/// Numbers the request and reads what it asks.
fn begin(state: &mut State, request: &Request) -> (RequestRecord, Question, Vec<Hook>) {
    state.requests += 1;
    let (operation, variables) = match request.is_graphql {
        true => graphql::describe(&request.body),
        false => (None, Value::Null),
    };
    let prepared = request
        .is_graphql
        .then(|| graphql::prepare(&state.schema(), &request.body));
    let asked = prepared.as_ref().and_then(|prepared| prepared.as_ref().ok());
    let record = RequestRecord {
        n: state.requests,
        method: request.method.clone(),
        path: request.path.clone(),
        operation,
        variables,
        root_fields: asked.map_or(0, |asked| asked.root_fields),
        cost: 0,
        node_count: asked.map_or(0, |asked| asked.cost.nodes),
        status: 0,
        token: find_token(state, request).map(|token| token.name.clone()),
        at: state.world.now(),
        elapsed_ms: BASE_MS,
        faults: Vec::new(),
    };
    (record, prepared, state.hooks.clone())
}

/// The token that the request carries, working or not.
fn find_token<'s>(state: &'s State, request: &Request) -> Option<&'s Token> {
    let header = request.authorization.as_deref()?;
    let (scheme, secret) = header.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    state
        .tokens
        .iter()
        .find(|token| known && token.secret == secret.trim())
}

fn serve(
    state: &mut State,
    request: &Request,
    prepared: Question,
    effects: &Effects,
    record: &mut RequestRecord,
) -> Reply {
    let Some(prepared) = prepared else {
        return rest::serve(state, request, effects, record);
    };
    if request.method != "POST" {
        return Reply::message(404, "Not Found");
    }
    match authenticate(state, request) {
        Ok(Some(token)) => serve_graphql(state, &token, prepared, effects, record),
        Ok(None) => Reply::message(401, "This endpoint requires you to be authenticated."),
        Err(refusal) => refusal,
    }
}

/// The working token of the request, `None` without one, or why GitHub refuses it.
pub(crate) fn authenticate(state: &State, request: &Request) -> Result<Option<Token>, Reply> {
    if request.authorization.is_none() {
        return Ok(None);
    }
    let bad = || Reply::message(401, "Bad credentials");
    let token = find_token(state, request)
        .filter(|token| token.works(state.world.now()))
        .ok_or_else(bad)?;
    if let (TokenKind::Installation { installation, .. }, Some(app)) = (&token.kind, &state.app) {
        let found = app
            .installations
            .iter()
            .find(|found| found.id == *installation)
            .ok_or_else(bad)?;
        if found.suspended {
            return Err(Reply::message(403, "This installation has been suspended"));
        }
    }
    Ok(Some(token.clone()))
}

fn serve_graphql(
    state: &mut State,
    token: &Token,
    prepared: Result<Prepared, Vec<Value>>,
    effects: &Effects,
    record: &mut RequestRecord,
) -> Reply {
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(errors) => return Reply::json(200, &json!({ "errors": errors })),
    };
    let (now, identity) = (state.world.now(), token.identity());
    let points = if prepared.dry_run {
        0
    } else {
        prepared.cost.points()
    };
    let before = state.quotas.standing(&identity, Resource::Graphql, now);
    if before.is_some_and(|standing| standing.remaining() < points) {
        return limited("RATE_LIMITED", 0);
    }
    record.cost = points + effects.extra_cost;
    state
        .quotas
        .charge(&identity, Resource::Graphql, now, record.cost);
    let standing = state.quotas.standing(&identity, Resource::Graphql, now);
    let schema = state.schema();
    let run = |too_heavy: bool| {
        let context = Context {
            world: &state.world,
            seen: now - TimeDelta::seconds(effects.lag_seconds),
            token,
            rate_limit: standing.map(|standing| RateLimit {
                standing,
                cost: prepared.cost.points() + effects.extra_cost,
                node_count: prepared.cost.nodes,
            }),
            effects,
            pull_requests: Cell::new(0),
            poisoned: Cell::new(false),
            child_connections: prepared.child_connections,
            too_heavy,
        };
        let answered = graphql::execute(&schema, &prepared, &context);
        (answered, context.pull_requests.get(), context.poisoned.get())
    };
    let (mut answered, shown, poisoned) = run(effects.too_heavy);
    record.elapsed_ms = elapsed_ms(state.settings.micros_per_node, &prepared, shown);
    if poisoned {
        record.elapsed_ms = state.settings.ceiling_ms;
        return Reply::html(502, "502 Bad Gateway");
    }
    if record.elapsed_ms > state.settings.ceiling_ms {
        record.elapsed_ms = state.settings.ceiling_ms;
        match state.settings.overload {
            Overload::NullNodes => answered = run(true).0,
            Overload::BadGateway => return Reply::html(502, "502 Bad Gateway"),
            Overload::GatewayTimeout => return Reply::html(504, "504 Gateway Time-out"),
        }
    }
    graphql_reply(&answered)
}

/// The time that GitHub takes: by the nodes that the query could return for the pull requests that there are.
fn elapsed_ms(micros_per_node: u64, prepared: &Prepared, shown: u64) -> u64 {
    let (nodes, asked) = (prepared.cost.nodes, prepared.cost.pull_requests);
    let nodes = (nodes * shown.min(asked)).checked_div(asked).unwrap_or(nodes);
    BASE_MS + nodes * micros_per_node / 1_000
}

fn graphql_reply(answered: &Answered) -> Reply {
    match serde_json::to_vec(answered) {
        Ok(body) => Reply {
            body,
            ..Reply::json(200, &json!(null))
        },
        Err(error) => Reply::message(500, &error.to_string()),
    }
}

/// Adds the headers of every answer, moves the clock and writes the log.
fn finish(state: &mut State, request: &Request, reply: Reply, mut record: RequestRecord) -> Reply {
    let resource = if request.is_graphql {
        Resource::Graphql
    } else {
        Resource::Core
    };
    let now = state.world.now();
    let token = find_token(state, request).cloned();
    let has = |name: &str| reply.headers.iter().any(|(found, _)| *found == name);
    let mut extra: Vec<(&'static str, String)> = vec![
        ("x-github-request-id", format!("FA4E:{:04X}", record.n)),
        ("x-fake-elapsed-ms", record.elapsed_ms.to_string()),
        ("date", http_date(now)),
    ];
    if let Some(Token {
        kind: TokenKind::Classic(scopes),
        ..
    }) = &token
    {
        extra.push(("x-oauth-scopes", scopes.join(", ")));
    }
    let identity = Token::identity_or_anonymous(token.as_ref());
    if let Some(standing) = state.quotas.standing(&identity, resource, now) {
        extra.push(("x-ratelimit-limit", standing.limit.to_string()));
        extra.push(("x-ratelimit-remaining", standing.remaining().to_string()));
        extra.push(("x-ratelimit-used", standing.used.to_string()));
        extra.push(("x-ratelimit-reset", standing.reset_at.timestamp().to_string()));
        extra.push(("x-ratelimit-resource", resource.name().to_owned()));
    }
    extra.retain(|(name, _)| !has(name));
    let mut reply = reply;
    reply.headers.extend(extra);
    record.status = reply.status;
    if state.settings.elapse {
        state
            .world
            .advance(i64::try_from(record.elapsed_ms.div_ceil(1_000)).unwrap_or(i64::MAX));
    }
    state.log.push(record);
    reply
}
