use axum::response::Response;
use chrono::{DateTime, Utc};
use devmetrics_core::model;
use serde::Deserialize;
use utoipa::IntoParams;

use super::refusals::Refused;
use crate::ask::{Ask, Holds};
use crate::cursor;
use crate::format::Format;
use crate::params::{self, Query};
use crate::path::{Path, ScopeKind};
use crate::problem::Problem;
use crate::schema;
use crate::text;

/// How a list is paged.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// How many items a page has.
    #[param(minimum = 1, maximum = 500)]
    pub(crate) limit: Option<usize>,
    /// Where the page begins: `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// The form of the answer; `Accept` does the same.
    pub(crate) format: Option<Format>,
}

/// Which members are listed.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MemberParams {
    /// Those at this day or instant. Default: at any time.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-02-01")]
    at: Option<String>,
    /// The form of the answer; `Accept` does the same.
    format: Option<Format>,
}

/// The teams that the key sees, in the order of their ids.
#[utoipa::path(
    get, path = "/teams", tag = "teams", operation_id = "teams",
    params(PageParams),
    responses((status = 200, description = "A page", content((schema::Page<schema::Team> = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn teams(ask: Ask, params: Query<PageParams>) -> Result<Response, Problem> {
    let limit = params::limit(&ask.state, params.0.limit)?;
    let after = params.0.cursor.as_deref();
    let compute = async {
        let (mut roster, now) = (ask.engine().roster().await?, ask.now);
        roster.teams.sort_by(|a, b| a.id.cmp(&b.id));
        let seen = roster
            .teams
            .into_iter()
            .filter(|team| ask.caller.sees_team(&team.id));
        let seen: Vec<_> = seen.map(|team| told(team, now, &ask)).collect();
        let (items, next) = cursor::page(seen, |team| &team.id, after, limit);
        Ok(schema::Page { items, next })
    };
    ask.tabular(params.0.format, Holds::ThisMinute, compute).await
}

/// Who belongs to a team, and from when to when.
#[utoipa::path(
    get, path = "/teams/{team_id}/members", tag = "teams", operation_id = "members",
    params(("team_id" = inline(text::Name), Path, description = "The team's id", example = "web"), MemberParams),
    responses((status = 200, description = "The members, in the order of the roster",
        content((schema::Items<schema::Member> = "application/json"), (String = "text/csv"),
        (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn members(
    ask: Ask,
    Path(team): Path<String>,
    params: Query<MemberParams>,
) -> Result<Response, Problem> {
    ask.caller.sees(&ScopeKind::Team.scope(&team)?)?;
    let zone = ask.state.options().zone;
    let at = params
        .0
        .at
        .as_deref()
        .map(|text| params::instant("at", text, zone))
        .transpose()?;
    let compute = async {
        let team = ask.engine().team(&team).await?;
        let memberships = ask.engine().roster().await?.memberships.into_iter();
        let members = memberships
            .filter(|membership| membership.team == team)
            .filter(|membership| {
                at.is_none_or(|at| holds_at(membership.valid_from, membership.valid_to, at))
            });
        Ok(schema::Items {
            items: members.map(schema::Member::from).collect(),
        })
    };
    ask.tabular(params.0.format, Holds::WithTheData, compute).await
}

fn told(team: model::Team, now: DateTime<Utc>, ask: &Ask) -> schema::Team {
    let parents = team
        .parents
        .iter()
        .filter(|parent| holds_at(parent.valid_from, parent.valid_to, now));
    let seen = parents.filter(|parent| ask.caller.sees_team(&parent.team));
    schema::Team {
        parents: seen.map(|parent| parent.team.to_string()).collect(),
        id: team.id.to_string(),
        name: team.name,
        zone: team.zone.map(|zone| zone.name().to_owned()),
    }
}

/// Whether what lasts from an instant to another does at this one.
fn holds_at(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
    from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
}
