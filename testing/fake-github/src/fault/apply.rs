//! What faults do before, during and after a request.

use serde_json::json;

use super::{BrokenText, Change, Effects, Fault};
use crate::github::State;
use crate::graphql::Failure;
use crate::quota::Resource;
use crate::reply::Reply;
use crate::token::Token;
use crate::world::Timestamp;

impl Fault {
    /// Changes the state just before a request of that token is served.
    pub(crate) fn before(&self, state: &mut State, token: Option<&Token>) {
        let now = state.world.now();
        match self {
            Self::Change(Change(change)) => change(&mut state.world),
            Self::HotRepository(repository) => {
                if let Some(last) = state.world.pull_request_ids(*repository).last() {
                    state.world.comment(last);
                }
            }
            Self::OtherConsumer { points } => {
                let identity = token.map(Token::identity).unwrap_or_default();
                state.quotas.charge(&identity, Resource::Core, now, *points);
                state.quotas.charge(&identity, Resource::Graphql, now, *points);
            }
            Self::TokenExpired => {
                for found in &mut state.tokens {
                    if token.is_some_and(|token| token.name == found.name) {
                        found.expires_at = Some(now);
                    }
                }
            }
            _ => {}
        }
    }

    /// Adds what it does while the request is executed.
    pub(crate) fn during(&self, effects: &mut Effects) {
        match self {
            Self::ResourceLimits => effects.too_heavy = true,
            Self::MissingNode { node_id } => effects.missing.push(node_id.clone()),
            Self::SingleSignOn { owner } => effects.single_sign_on.push(owner.clone()),
            Self::Forbidden { type_name, field } => {
                let failure = Failure::typed("FORBIDDEN", "Resource not accessible by integration");
                effects.denied.push((type_name.clone(), field.clone(), failure));
            }
            Self::ErrorBesideData => effects.errors.push(json!({
                "type": "FORBIDDEN",
                "path": ["node"],
                "message": "Although you appear to have the correct authorization credentials, some of it is hidden.",
            })),
            Self::PoisonPullRequest { node_id, poison } => effects.poison.push((node_id.clone(), *poison)),
            Self::NoRateLimit => effects.no_rate_limit = true,
            Self::CostDrift { extra } => effects.extra_cost += extra,
            Self::StaleReplica { seconds } => effects.lag_seconds = effects.lag_seconds.max(i64::from(*seconds)),
            _ => {}
        }
    }

    /// Changes the answer.
    pub(crate) fn after(&self, reply: &mut Reply, now: Timestamp) {
        match self {
            Self::TruncatedBody => reply.body.truncate(reply.body.len() / 2),
            Self::EmptyBody => reply.body.clear(),
            Self::BrokenTitle(text) => {
                let escape = match text {
                    BrokenText::Nul => "\\u0000",
                    BrokenText::LoneSurrogate => "\\ud83d",
                };
                let body = String::from_utf8_lossy(&reply.body);
                reply.body = body
                    .replace("\"title\":\"", &format!("\"title\":\"{escape}"))
                    .into_bytes();
            }
            Self::ClockSkew { seconds } => {
                let shown = now + chrono::TimeDelta::seconds(*seconds);
                reply.headers.push(("date", http_date(shown)));
            }
            Self::SingleSignOn { owner } => {
                let url = format!("required; url=https://github.com/orgs/{owner}/sso");
                reply.headers.push(("x-github-sso", url));
            }
            _ => {}
        }
    }
}

/// The form of the header `Date`.
pub(crate) fn http_date(at: Timestamp) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
