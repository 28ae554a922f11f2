use axum::response::Response;
use chrono_tz::Tz;
use devmetrics_core::metric::{ClockKind, Policy};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::refusals::Refused;
use crate::ask::{Ask, Holds};
use crate::params::{self, MetricParams, Query};
use crate::path::{ScopeKind, checked};
use crate::problem::Problem;
use crate::schema;

/// What is compared.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompareParams {
    /// The metric, by id or alias.
    #[param(pattern = r"^[^\x00-\x1f\x7f-\x9f]{1,300}$", example = "cycle_time")]
    metric: String,
    /// What kind of thing the sides are. Default: teams.
    scope: Option<ScopeKind>,
    /// The sides, once each: the first is compared with. One alone is compared with itself at another time.
    #[param(min_items = 1, max_items = 20, example = json!(["web", "platform"]))]
    id: Vec<String>,
    /// The first day or instant. Default: 90 days before `to`.
    #[param(
        pattern = r"^(1[89]|2\d)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))?$",
        example = "2026-01-01"
    )]
    from: Option<String>,
    /// The first day or instant that is no longer in it. Default: now, by the minute.
    #[param(
        pattern = r"^(1[89]|2\d)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))?$",
        example = "2026-04-01"
    )]
    to: Option<String>,
    /// Of the side that is compared with, where that is another time: its first day or instant.
    #[param(
        pattern = r"^(1[89]|2\d)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))?$"
    )]
    before_from: Option<String>,
    /// And the first that is no longer in it.
    #[param(
        pattern = r"^(1[89]|2\d)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))?$"
    )]
    before_to: Option<String>,
    /// The IANA zone of days.
    #[param(value_type = Option<String>, example = "Europe/Berlin")]
    zone: Option<Tz>,
    /// How a change counts whose author is in several teams.
    #[param(value_type = Option<schema::Policy>)]
    policy: Option<Policy>,
    /// What durations are measured by.
    #[param(value_type = Option<schema::ClockKind>)]
    clock: Option<ClockKind>,
    /// Whether commits that were pushed without a pull request count.
    direct_pushes: Option<bool>,
}

/// How teams, repositories or services differ in a metric, or how one does from itself at another time.
#[utoipa::path(
    get, path = "/metrics/compare", tag = "metrics", operation_id = "compare",
    params(CompareParams),
    responses((status = 200, description = "How the others differ from the first", body = schema::Comparisons), Refused),
)]
pub(crate) async fn compare(ask: Ask, params: Query<CompareParams>) -> Result<Response, Problem> {
    let params = params.0;
    let most = ask.state.limits().compared;
    if params.id.len() > most {
        let detail = format!(
            "{} sides are more than the {most} that are compared at once; ask for some of them, or for the metric of each",
            params.id.len()
        );
        return Err(Problem::too_much("id", detail));
    }
    let kind = params.scope.unwrap_or(ScopeKind::Team);
    let mut scopes = Vec::with_capacity(params.id.len());
    for id in &params.id {
        let scope = kind.scope(id)?;
        ask.caller.sees(&scope)?;
        if scopes.contains(&scope) {
            return Err(Problem::invalid(
                "id".to_owned(),
                format!("`{id}` is there twice; name each side once"),
            ));
        }
        scopes.push(scope);
    }
    let metric = ask.engine().catalog().find(checked("metric", &params.metric)?)?;
    let metric = metric.definition().id.to_string();
    let asked = MetricParams::of(
        &params.from,
        &params.to,
        params.zone,
        params.policy,
        params.clock,
        params.direct_pushes,
    );
    let mut queries = Vec::with_capacity(scopes.len());
    for scope in &scopes {
        queries.push(asked.query(&ask, scope, &[&metric]).await?);
    }
    match (&params.before_from, &params.before_to, queries.as_slice()) {
        (Some(from), Some(to), [after]) => {
            let window = params::window(&ask, after.zone, Some(from), Some(to))?;
            let mut before = after.clone();
            before.window = window;
            queries.insert(0, before);
        }
        (None, None, [_, _, ..]) => {}
        _ => {
            let detail =
                "two sides are compared: name two or more `id`, or one with `before_from` and `before_to`";
            return Err(Problem::invalid("id".to_owned(), detail));
        }
    }
    let now = ask.now;
    let still = queries
        .iter()
        .all(|query| Holds::of(query, now) == Holds::WithTheData);
    let holds = if still {
        Holds::WithTheData
    } else {
        Holds::ThisMinute
    };
    ask.json(holds, async {
        let mut comparisons = Vec::new();
        if let Some((first, others)) = queries.split_first() {
            for other in others {
                comparisons.push(ask.engine().compare(&metric, first, other).await?);
            }
        }
        Ok(json!({ "comparisons": comparisons }))
    })
    .await
}
