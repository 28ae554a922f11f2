use axum::response::Response;
use devmetrics_core::{Error, ErrorKind};

use super::refusals::Refused;
use crate::ask::{Ask, Holds};
use crate::params::{Nothing, Query};
use crate::problem::Problem;
use crate::schema;

/// How the goals of the configuration go: those of teams that the key sees.
#[utoipa::path(
    get, path = "/goals", tag = "metrics", operation_id = "goals",
    responses((status = 200, description = "In the order of the configuration", body = schema::Items<schema::Goal>), Refused),
)]
pub(crate) async fn goals(ask: Ask, _: Query<Nothing>) -> Result<Response, Problem> {
    ask.json(Holds::ThisMinute, async {
        let goals = ask.engine().goals().await.map_err(wrong_goal)?.into_iter();
        let items: Vec<_> = goals
            .filter(|progress| ask.caller.sees(&progress.goal.scope).is_ok())
            .collect();
        Ok(schema::Items { items })
    })
    .await
}

/// A goal of a team that does not exist is the server's own mistake, and not of who asks: nor are other teams' names theirs to read.
fn wrong_goal(error: Error) -> Problem {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::InvalidInput => {
            Error::new(ErrorKind::Internal, "a goal of the configuration is wrong")
                .caused_by(error)
                .into()
        }
        _ => error.into(),
    }
}
