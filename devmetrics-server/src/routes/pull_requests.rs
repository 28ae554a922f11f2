use axum::response::Response;
use chrono_tz::Tz;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::lists::ListParams;
use super::refusals::Refused;
use crate::ask::{Ask, Holds};
use crate::format::Format;
use crate::params::Query;
use crate::problem::Problem;
use crate::schema;
use crate::text;

/// Which pull requests are listed.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PullRequestParams {
    /// Those that were merged in the window, or those that are open and were opened in it. Default: merged.
    state: Option<PullRequestState>,
    /// Those of a team and the teams below it, or of `unassigned`.
    #[param(value_type = Option<text::Name>, inline, example = "web")]
    team: Option<String>,
    /// Those of a repository, by its name or id.
    #[param(value_type = Option<text::Name>, inline)]
    repository: Option<String>,
    /// Those of the repositories of an owner.
    #[param(value_type = Option<text::Name>, inline)]
    organization: Option<String>,
    /// The first day or instant. Default: 90 days before `to`.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-01-01")]
    from: Option<String>,
    /// The first day or instant that is no longer in it. Default: now, by the minute.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-04-01")]
    to: Option<String>,
    /// The IANA zone of days.
    #[param(value_type = Option<String>, example = "Europe/Berlin")]
    zone: Option<Tz>,
    /// How many items a page has.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// Where the page begins: `next` of the page before.
    #[param(value_type = Option<text::Place>, inline)]
    cursor: Option<String>,
    /// The form of the answer; `Accept` does the same.
    format: Option<Format>,
}

/// What a pull request is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PullRequestState {
    /// Merged.
    #[default]
    Merged,
    /// Open now.
    Open,
}

/// Pull requests, newest first: by when they were merged, or opened if they are open.
#[utoipa::path(
    get, path = "/pull-requests", tag = "facts", operation_id = "pull_requests",
    params(PullRequestParams),
    responses((status = 200, description = "A page", content((schema::Page<schema::PullRequest> = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn pull_requests(ask: Ask, params: Query<PullRequestParams>) -> Result<Response, Problem> {
    let asked = params.0;
    let list = ListParams {
        team: asked.team,
        repository: asked.repository,
        organization: asked.organization,
        from: asked.from,
        to: asked.to,
        zone: asked.zone,
        limit: asked.limit,
        cursor: asked.cursor,
        format: asked.format,
    };
    let query = list.query(&ask, None)?;
    let compute = async {
        let listed = match asked.state.unwrap_or_default() {
            PullRequestState::Merged => ask.engine().merged_pull_requests(&query).await?,
            PullRequestState::Open => ask.engine().open_pull_requests(&query).await?,
        };
        Ok(schema::Page::of(listed, |stored| {
            schema::PullRequest::of(stored, |team| ask.caller.sees_team(team))
        }))
    };
    ask.tabular(list.format, Holds::ThisMinute, compute).await
}
