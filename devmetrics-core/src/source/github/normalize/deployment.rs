use serde_json::Value;

use super::super::options::GithubRules;
use super::super::shapes::{Children, CommitDate, Deployment as Shape};
use super::{number_or, read};
use crate::model::{Actor, Deployment, DeploymentStatus, Fact, Feed, PRODUCTION};
use crate::{Id, Result};

/// A deployment once it has ended. Its statuses tell, not its state: GitHub sets a good deployment to `INACTIVE` when the
/// next one succeeds.
pub(super) fn normalize(rules: &GithubRules, feed: &Feed, payload: &Value) -> Result<Vec<Fact>> {
    let shape: Shape = read(payload)?;
    let mut statuses: Vec<_> = shape.statuses.into_iter().flat_map(Children::known).collect();
    statuses.sort_by_key(|status| status.created_at);
    let updated_at = statuses
        .iter()
        .flat_map(|status| [Some(status.created_at), status.updated_at])
        .flatten()
        .fold(shape.updated_at, Ord::max);
    let of = |states: &[&str]| {
        statuses
            .iter()
            .position(|status| states.contains(&status.state.as_str()))
    };
    let ended = of(&["SUCCESS"])
        .map(|place| (DeploymentStatus::Success, place))
        .or_else(|| of(&["FAILURE", "ERROR"]).map(|place| (DeploymentStatus::Failure, place)));
    let Some((status, place)) = ended else {
        return Ok(Vec::new());
    };
    let last = statuses.swap_remove(place);
    let environment = last
        .environment
        .or(shape.latest_environment)
        .or(shape.environment)
        .or(shape.original_environment)
        .map_or_else(String::new, |environment| environment.0);
    Ok(vec![Fact::Deployment(Deployment {
        declares: Vec::new(),
        id: Id::new(format!(
            "github:deployment:{}",
            number_or(shape.database_id, shape.id)
        )),
        repository: Id::new(&feed.scope),
        environment: if rules.is_production(&environment) {
            PRODUCTION.to_owned()
        } else {
            environment
        },
        status,
        finished_at: last.created_at.0,
        reference: shape
            .reference
            .map_or_else(|| shape.commit_oid.clone(), |reference| reference.name.0),
        committed_at: shape.commit.and_then(committed_at),
        commit: shape.commit_oid,
        contains_to: None,
        creator: Actor::default(),
        url: last.log_url,
        updated_at: updated_at.0,
    })])
}

fn committed_at(commit: CommitDate) -> Option<chrono::DateTime<chrono::Utc>> {
    commit.committed_date.map(|at| at.0)
}
