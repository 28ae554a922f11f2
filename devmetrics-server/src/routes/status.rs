use axum::response::Response;

use super::refusals::Refused;
use crate::ask::{Ask, Holds};
use crate::params::{Nothing, Query};
use crate::problem::Problem;
use crate::schema;

/// How completely everything has been collected, and up to when.
#[utoipa::path(
    get, path = "/status", tag = "collection", operation_id = "status",
    responses((status = 200, description = "One certificate for each scope", body = schema::Items<schema::Certificate>), Refused),
)]
pub(crate) async fn status(ask: Ask, _: Query<Nothing>) -> Result<Response, Problem> {
    ask.caller.sees_everything()?;
    ask.json(Holds::WithTheData, async {
        let items = ask.engine().certificates().await?;
        Ok(schema::Items { items })
    })
    .await
}
