use axum::response::Response;
use devmetrics_answers::person::without_addresses;
use serde::Deserialize;
use utoipa::IntoParams;

use super::refusals::Refused;
use crate::ask::{Ask, Holds};
use crate::params::{self, Query};
use crate::problem::Problem;
use crate::schema;
use crate::text;

/// Of when quality is told.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct QualityParams {
    /// The first day or instant. Default: 90 days before `to`.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-01-01")]
    from: Option<String>,
    /// The first day or instant that is no longer in it. Default: now, by the minute.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-04-01")]
    to: Option<String>,
}

/// What is wrong or doubtful in what was collected, and which metrics suffer.
#[utoipa::path(
    get, path = "/quality", tag = "collection", operation_id = "quality",
    params(QualityParams),
    responses((status = 200, description = "What was found", body = schema::Quality), Refused),
)]
pub(crate) async fn quality(ask: Ask, params: Query<QualityParams>) -> Result<Response, Problem> {
    ask.caller.sees_everything()?;
    let zone = ask.state.options().zone;
    let window = params::window(&ask, zone, params.0.from.as_deref(), params.0.to.as_deref())?;
    ask.json(Holds::ThisMinute, async {
        Ok(without_addresses(ask.engine().quality(Some(window)).await?))
    })
    .await
}
