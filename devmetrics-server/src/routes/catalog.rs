use axum::response::Response;

use super::refusals::Refused;
use crate::ask::{Ask, Holds};
use crate::params::{Nothing, Query};
use crate::problem::Problem;
use crate::schema;

/// The metrics that there are: the built-in ones, then those of the server's files.
#[utoipa::path(
    get, path = "/catalog", tag = "metrics", operation_id = "catalog",
    responses((status = 200, description = "Their definitions", body = schema::Items<schema::Definition>), Refused),
)]
pub(crate) async fn catalog(ask: Ask, _: Query<Nothing>) -> Result<Response, Problem> {
    ask.json(Holds::WithTheData, async {
        let metrics = ask.engine().catalog().iter();
        let items: Vec<_> = metrics.map(|metric| metric.definition()).collect();
        Ok(schema::Items { items })
    })
    .await
}
