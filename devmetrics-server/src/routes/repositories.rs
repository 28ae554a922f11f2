use axum::response::Response;

use super::refusals::Refused;
use super::teams::PageParams;
use crate::ask::{Ask, Holds};
use crate::params::{self, Query};
use crate::problem::Problem;
use crate::schema;

/// Every repository that was collected, in the order of their ids.
#[utoipa::path(
    get, path = "/repositories", tag = "facts", operation_id = "repositories",
    params(PageParams),
    responses((status = 200, description = "A page", content((schema::Page<schema::Repository> = "application/json"),
        (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))), Refused),
)]
pub(crate) async fn repositories(ask: Ask, params: Query<PageParams>) -> Result<Response, Problem> {
    ask.caller.sees_everything()?;
    let limit = params::limit(&ask.state, params.0.limit)?;
    let after = params.0.cursor.as_deref();
    let compute = async {
        let known = ask.engine().status().await?.repositories.into_iter();
        let known: Vec<_> = known
            .map(|state| schema::Repository::from(state.repository))
            .collect();
        Ok(schema::Page::by_key(
            known,
            |repository| &repository.id,
            after,
            limit,
        ))
    };
    ask.tabular(params.0.format, Holds::WithTheData, compute).await
}
