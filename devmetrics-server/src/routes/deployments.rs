use axum::extract::Request;
use axum::response::Response;
use chrono_tz::Tz;
use devmetrics_core::import::DeploymentRecord;
use serde::Deserialize;
use utoipa::IntoParams;

use super::lists::ListParams;
use super::record::BringParams;
use super::refusals::{Refused, RefusedBody};
use crate::ask::{Ask, Holds};
use crate::format::Format;
use crate::params::Query;
use crate::problem::Problem;
use crate::schema;
use crate::text;

/// Which deployments are listed.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeploymentParams {
    /// Those to this environment. Default: to any.
    #[param(example = "production")]
    environment: Option<String>,
    /// Those of a team and the teams below it, or of `unassigned`.
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

/// Deployments by when they finished, newest first.
#[utoipa::path(
    get, path = "/deployments", tag = "facts", operation_id = "deployments",
    params(DeploymentParams),
    responses((status = 200, description = "A page", content((schema::Page<schema::Deployment> = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn deployments(ask: Ask, params: Query<DeploymentParams>) -> Result<Response, Problem> {
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
    let query = list.query(&ask, asked.environment)?;
    let compute = async {
        let listed = ask.engine().deployments(&query).await?;
        Ok(schema::Page::of(listed, schema::Deployment::from))
    };
    ask.tabular(list.format, Holds::ThisMinute, compute).await
}

/// Brings deployments that nobody collects: one, or a list, all or none. The same again changes nothing.
#[utoipa::path(
    post, path = "/deployments", tag = "facts", operation_id = "bring_deployments",
    params(BringParams),
    request_body(content = schema::Brought<schema::DeploymentRecord>, content_type = "application/json"),
    responses((status = 200, description = "What became of them", body = schema::Imported), RefusedBody),
)]
pub(crate) async fn bring(
    ask: Ask,
    params: Query<BringParams>,
    request: Request,
) -> Result<Response, Problem> {
    let (records, options) = super::record::read::<DeploymentRecord>(&ask, params.0, request).await?;
    super::record::told(ask.engine().import_deployments(&records, &options).await?)
}
