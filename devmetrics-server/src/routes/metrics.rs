use axum::response::Response;
use devmetrics_answers::cursor;
use devmetrics_core::metric::Scope;
use devmetrics_core::{Error, ErrorKind};
use serde::Deserialize;
use utoipa::IntoParams;

use super::refusals::Refused;
use crate::ask::Ask;
use crate::format::Format;
use crate::params::{self, MetricParams, Query};
use crate::path::{Path, ScopeKind, checked};
use crate::problem::Problem;
use crate::schema;
use crate::text;

/// The velocity of a team: merged pull requests.
#[utoipa::path(
    get, path = "/metrics/team/{team_id}/velocity", tag = "metrics", operation_id = "team_velocity",
    params(("team_id" = inline(text::Name), Path, description = "The team's id, or `unassigned`", example = "web"), MetricParams),
    responses((status = 200, description = "The value, and one a bucket", content((schema::Answer = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn velocity(
    ask: Ask,
    Path(team): Path<String>,
    params: Query<MetricParams>,
) -> Result<Response, Problem> {
    answer(ask, ScopeKind::Team.scope(&team)?, "velocity", params.0).await
}

/// The lead time of a team's changes: from the first commit to the deployment.
#[utoipa::path(
    get, path = "/metrics/team/{team_id}/lead-time", tag = "metrics", operation_id = "team_lead_time",
    params(("team_id" = inline(text::Name), Path, description = "The team's id, or `unassigned`", example = "web"), MetricParams),
    responses((status = 200, description = "The value, and one a bucket", content((schema::Answer = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn lead_time(
    ask: Ask,
    Path(team): Path<String>,
    params: Query<MetricParams>,
) -> Result<Response, Problem> {
    answer(ask, ScopeKind::Team.scope(&team)?, "change_lead_time", params.0).await
}

/// A metric of a team, a repository, a service or an organization.
#[utoipa::path(
    get, path = "/metrics/{scope}/{id}/{metric}", tag = "metrics", operation_id = "metric",
    params(
        ("scope" = ScopeKind, Path, description = "What kind of thing", example = "repository"),
        ("id" = inline(text::Name), Path, description = "Which; `/` is written `%2F`", example = "acme/web"),
        ("metric" = inline(text::Name), Path, description = "The metric, by id or alias; see `/catalog`", example = "deployment_frequency"),
        MetricParams,
    ),
    responses((status = 200, description = "The value, and one a bucket", content((schema::Answer = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn metric(
    ask: Ask,
    Path((kind, id, metric)): Path<(ScopeKind, String, String)>,
    params: Query<MetricParams>,
) -> Result<Response, Problem> {
    answer(ask, kind.scope(&id)?, &metric, params.0).await
}

/// A metric over everything.
#[utoipa::path(
    get, path = "/metrics/all/{metric}", tag = "metrics", operation_id = "metric_of_all",
    params(("metric" = inline(text::Name), Path, description = "The metric, by id or alias", example = "velocity"), MetricParams),
    responses((status = 200, description = "The value, and one a bucket", content((schema::Answer = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn metric_of_all(
    ask: Ask,
    Path(metric): Path<String>,
    params: Query<MetricParams>,
) -> Result<Response, Problem> {
    answer(ask, Scope::All, &metric, params.0).await
}

/// What the value of a metric is made of: every sample, counted or left out, in order of time.
#[utoipa::path(
    get, path = "/metrics/{scope}/{id}/{metric}/evidence", tag = "metrics", operation_id = "evidence",
    params(
        ("scope" = ScopeKind, Path, description = "What kind of thing", example = "team"),
        ("id" = inline(text::Name), Path, description = "Which; `/` is written `%2F`", example = "web"),
        ("metric" = inline(text::Name), Path, description = "The metric, by id or alias", example = "cycle_time"),
        EvidenceParams,
    ),
    responses((status = 200, description = "A page of samples", content((schema::Page<schema::Evidence> = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn evidence(
    ask: Ask,
    Path((kind, id, metric)): Path<(ScopeKind, String, String)>,
    params: Query<EvidenceParams>,
) -> Result<Response, Problem> {
    explain(ask, kind.scope(&id)?, &metric, params.0).await
}

/// What the value of a metric over everything is made of.
#[utoipa::path(
    get, path = "/metrics/all/{metric}/evidence", tag = "metrics", operation_id = "evidence_of_all",
    params(("metric" = inline(text::Name), Path, description = "The metric, by id or alias", example = "velocity"), EvidenceParams),
    responses((status = 200, description = "A page of samples", content((schema::Page<schema::Evidence> = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn evidence_of_all(
    ask: Ask,
    Path(metric): Path<String>,
    params: Query<EvidenceParams>,
) -> Result<Response, Problem> {
    explain(ask, Scope::All, &metric, params.0).await
}

/// What evidence is asked by.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EvidenceParams {
    /// The first day or instant. Default: 90 days before `to`.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-01-01")]
    from: Option<String>,
    /// The first day or instant that is no longer in it. Default: now, by the minute.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-04-01")]
    to: Option<String>,
    /// The IANA zone of days.
    #[param(value_type = Option<String>, example = "Europe/Berlin")]
    zone: Option<chrono_tz::Tz>,
    /// How a change counts whose author is in several teams.
    #[param(value_type = Option<schema::Policy>)]
    policy: Option<devmetrics_core::metric::Policy>,
    /// What durations are measured by.
    #[param(value_type = Option<schema::ClockKind>)]
    clock: Option<devmetrics_core::metric::ClockKind>,
    /// Whether commits that were pushed without a pull request count.
    direct_pushes: Option<bool>,
    /// The form of the answer; `Accept` does the same.
    format: Option<Format>,
    /// How many items a page has.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// Where the page begins: `next` of the page before.
    #[param(value_type = Option<text::Place>, inline)]
    cursor: Option<String>,
}

async fn answer(ask: Ask, scope: Scope, metric: &str, params: MetricParams) -> Result<Response, Problem> {
    ask.caller.sees(&scope)?;
    let metric = known(&ask, metric)?;
    let holds = params.holds(ask.now);
    let compute = async {
        let query = params.query(&ask, &scope, &[&metric]).await?;
        let mut answers = ask.engine().report(&query).await?;
        answers.pop().ok_or_else(|| {
            Error::new(
                ErrorKind::Internal,
                "one metric was asked about, and none answered",
            )
            .into()
        })
    };
    ask.tabular(params.format, holds, compute).await
}

async fn explain(ask: Ask, scope: Scope, metric: &str, params: EvidenceParams) -> Result<Response, Problem> {
    ask.caller.sees(&scope)?;
    let metric = known(&ask, metric)?;
    let limit = params::limit(&ask.state, params.limit)?;
    let after = params.cursor.as_deref().map(cursor::read).transpose()?;
    let asked = MetricParams::of(
        &params.from,
        &params.to,
        params.zone,
        params.policy,
        params.clock,
        params.direct_pushes,
    );
    let holds = asked.holds(ask.now);
    let compute = async {
        let query = asked.query(&ask, &scope, &[&metric]).await?;
        let items = ask.engine().explain(&query, &metric).await?;
        Ok(schema::Evidence::page(items, after.as_ref(), limit)?)
    };
    ask.tabular(params.format, holds, compute).await
}

/// The id of a metric.
fn known(ask: &Ask, metric: &str) -> Result<String, Problem> {
    let metric = ask.engine().catalog().find(checked("metric", metric)?)?;
    Ok(metric.definition().id.to_string())
}
