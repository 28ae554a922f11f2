use axum::extract::Request;
use axum::response::Response;
use devmetrics_core::import::IncidentRecord;

use super::lists::ListParams;
use super::record::BringParams;
use super::refusals::{Refused, RefusedBody};
use crate::ask::{Ask, Holds};
use crate::params::Query;
use crate::problem::Problem;
use crate::schema;

/// Incidents by when they began, newest first.
#[utoipa::path(
    get, path = "/incidents", tag = "facts", operation_id = "incidents",
    params(ListParams),
    responses((status = 200, description = "A page", content((schema::Page<schema::Incident> = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn incidents(ask: Ask, params: Query<ListParams>) -> Result<Response, Problem> {
    let list = params.0;
    let query = list.query(&ask, None)?;
    let compute = async {
        let listed = ask.engine().incidents(&query).await?;
        Ok(schema::Page::of(listed, schema::Incident::from))
    };
    ask.tabular(list.format, Holds::ThisMinute, compute).await
}

/// Brings incidents that nobody collects: one, or a list, all or none. The same again changes nothing.
#[utoipa::path(
    post, path = "/incidents", tag = "facts", operation_id = "bring_incidents",
    params(BringParams),
    request_body(content = schema::Brought<schema::IncidentRecord>, content_type = "application/json"),
    responses((status = 200, description = "What became of them", body = schema::Imported), RefusedBody),
)]
pub(crate) async fn bring(
    ask: Ask,
    params: Query<BringParams>,
    request: Request,
) -> Result<Response, Problem> {
    let (records, options) = super::record::read::<IncidentRecord>(&ask, params.0, request).await?;
    super::record::told(ask.engine().import_incidents(&records, &options).await?)
}
