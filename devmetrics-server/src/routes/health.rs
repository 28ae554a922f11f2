use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::state::ServerState;

/// How the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`: else there is another status.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the server runs. Needs no key.
#[utoipa::path(
    get, path = "/healthz", tag = "server", operation_id = "healthy", security(()),
    responses((status = 200, description = "It does", body = Health)),
)]
pub(crate) async fn healthy() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the server can answer: its database does. Needs no key.
#[utoipa::path(
    get, path = "/readyz", tag = "server", operation_id = "ready", security(()),
    responses(
        (status = 200, description = "It can", body = Health),
        (status = 500, description = "The server failed.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Not now; see `Retry-After`.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn ready(State(state): State<ServerState>) -> Result<Json<Health>, Problem> {
    state.version().await?;
    Ok(Json(Health { status: "ok" }))
}
