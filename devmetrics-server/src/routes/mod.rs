//! The routes, one file a noun.

mod catalog;
mod compare;
mod deployments;
mod goals;
mod health;
mod incidents;
mod lists;
mod metrics;
mod page;
mod pull_requests;
mod quality;
mod record;
mod refusals;
mod repositories;
mod status;
mod teams;
mod traffic;

use axum::Router;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use pull_requests::PullRequestState;

use crate::layers;
use crate::openapi;
use crate::problem::Problem;
use crate::state::ServerState;

/// Every path of the API, with what the OpenAPI document says of it.
pub(crate) fn documented() -> OpenApiRouter<ServerState> {
    OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(metrics::velocity))
        .routes(routes!(metrics::lead_time))
        .routes(routes!(metrics::metric))
        .routes(routes!(metrics::metric_of_all))
        .routes(routes!(metrics::evidence))
        .routes(routes!(metrics::evidence_of_all))
        .routes(routes!(compare::compare))
        .routes(routes!(catalog::catalog))
        .routes(routes!(teams::teams))
        .routes(routes!(teams::members))
        .routes(routes!(repositories::repositories))
        .routes(routes!(pull_requests::pull_requests))
        .routes(routes!(deployments::deployments, deployments::bring))
        .routes(routes!(incidents::incidents, incidents::bring))
        .routes(routes!(goals::goals))
        .routes(routes!(quality::quality))
        .routes(routes!(status::status))
        .routes(routes!(traffic::traffic))
        .routes(routes!(health::healthy))
        .routes(routes!(health::ready))
}

/// The API: for `devmetrics serve`, for a function behind a gateway, and for tests.
///
/// A request is let in without a key only from this machine, and only as long as there are no keys; which machine it comes from is
/// told by [`ConnectInfo`](axum::extract::ConnectInfo), and where nobody tells that, a key is needed.
pub fn router(state: ServerState) -> Router {
    let (router, _) = documented().split_for_parts();
    let router = router
        .route("/openapi.json", get(page::openapi))
        .route("/docs", get(page::docs))
        .fallback(async || Problem::not_found("there is nothing at this path; see /openapi.json"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed());
    layers::around(router, &state).with_state(state)
}
