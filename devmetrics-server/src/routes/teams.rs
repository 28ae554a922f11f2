use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::refusals::Refused;
use crate::ask::{Ask, Holds};
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
        let roster = ask.engine().roster().await?;
        let seen = schema::Team::all(roster, ask.now, |team| ask.caller.sees_team(team));
        Ok(schema::Page::by_key(seen, |team| &team.id, after, limit))
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
        let items = schema::Member::all(ask.engine().roster().await?, &team, at);
        Ok(schema::Items { items })
    };
    ask.tabular(params.0.format, Holds::WithTheData, compute).await
}
