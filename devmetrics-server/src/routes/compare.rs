use axum::response::Response;
use chrono_tz::Tz;
use devmetrics_core::insight::Comparison;
use devmetrics_core::metric::{ClockKind, Policy};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::refusals::Refused;
use crate::ask::{Ask, Holds};
use crate::params::{self, MetricParams, Query};
use crate::path::{ScopeKind, checked};
use crate::problem::Problem;
use crate::schema;
use crate::text;

/// What is compared.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompareParams {
    /// The metric, by id or alias.
    #[param(value_type = text::Name, inline, example = "cycle_time")]
    metric: String,
    /// What kind of thing the sides are. Default: teams.
    scope: Option<ScopeKind>,
    /// The sides, once each: the first is compared with. One alone is compared with itself at another time.
    #[param(min_items = 1, max_items = 20, example = json!(["web", "platform"]))]
    id: Vec<String>,
    /// The first day or instant. Default: 90 days before `to`.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-01-01")]
    from: Option<String>,
    /// The first day or instant that is no longer in it. Default: now, by the minute.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-04-01")]
    to: Option<String>,
    /// Of the side that is compared with, where that is another time: its first day or instant.
    #[param(value_type = Option<text::Instant>, inline)]
    before_from: Option<String>,
    /// And the first that is no longer in it.
    #[param(value_type = Option<text::Instant>, inline)]
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

/// What is written: [`schema::Comparisons`], with the core's own.
#[derive(Serialize)]
struct Told {
    comparisons: Vec<Comparison>,
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
    let before = match (
        params.before_from.as_deref(),
        params.before_to.as_deref(),
        scopes.len(),
    ) {
        (Some(from), Some(to), 1) => Some((from, to)),
        (None, None, 2..) => None,
        _ => {
            let detail =
                "two sides are compared: name two or more `id`, or one with `before_from` and `before_to`";
            return Err(Problem::invalid("id".to_owned(), detail));
        }
    };
    let earlier = before.map_or(Holds::WithTheData, |(_, to)| Holds::of(Some(to), None, ask.now));
    let holds = match (asked.holds(ask.now), earlier) {
        (Holds::WithTheData, Holds::WithTheData) => Holds::WithTheData,
        _ => Holds::ThisMinute,
    };
    ask.json(holds, async {
        let mut queries = Vec::with_capacity(scopes.len() + 1);
        for scope in &scopes {
            queries.push(asked.query(&ask, scope, &[&metric]).await?);
        }
        if let (Some((from, to)), Some(after)) = (before, queries.first()) {
            let mut earlier = after.clone();
            earlier.window = params::window(&ask, after.zone, Some(from), Some(to))?;
            queries.insert(0, earlier);
        }
        let mut comparisons = Vec::new();
        if let Some((first, others)) = queries.split_first() {
            for other in others {
                comparisons.push(ask.engine().compare(&metric, first, other).await?);
            }
        }
        Ok(Told { comparisons })
    })
    .await
}
