use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use devmetrics_core::model::KeyScope;
use devmetrics_core::{Error, ErrorKind};

use super::refusals::Refused;
use crate::ask::Ask;
use crate::params::{Nothing, Query};
use crate::problem::Problem;

/// How the server itself goes, for Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "server", operation_id = "traffic",
    responses((status = 200, description = "Counters", content((String = "application/openmetrics-text"))), Refused),
)]
pub(crate) async fn traffic(ask: Ask, _: Query<Nothing>) -> Result<Response, Problem> {
    ask.caller.needs(KeyScope::Admin)?;
    let text = ask.state.traffic().text().map_err(|error| {
        Error::new(ErrorKind::Internal, "the counters cannot be written down").caused_by(error)
    })?;
    let mut response = text.into_response();
    let media_type = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
