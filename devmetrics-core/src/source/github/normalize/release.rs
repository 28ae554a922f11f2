use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::shapes::Release as Shape;
use super::{actor, number_or, read};
use crate::model::{Deployment, DeploymentStatus, Fact, Feed};
use crate::{Id, Result};

/// The environment of a release: it counts as a deployment where this name is configured.
const RELEASE_ENVIRONMENT: &str = "release";

/// A record of the feed of releases.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReleaseRecord {
    /// A release as it is now.
    Release(Value),
    /// The number of a release that is gone.
    Removed(String),
}

/// A published release; a draft is not released, whatever it was before.
pub(super) fn normalize(feed: &Feed, payload: &Value) -> Result<Vec<Fact>> {
    let value = match read(payload)? {
        ReleaseRecord::Removed(number) => return Ok(vec![Fact::DeploymentRemoved(id(&number))]),
        ReleaseRecord::Release(value) => value,
    };
    let shape: Shape = read(&value)?;
    let id = id(&number_or(shape.database_id, shape.id));
    let Some(published_at) = shape.published_at.filter(|_| !shape.is_draft) else {
        return Ok(vec![Fact::DeploymentRemoved(id)]);
    };
    let commit = shape.tag_commit;
    Ok(vec![Fact::Deployment(Deployment {
        declares: Vec::new(),
        id,
        repository: Id::new(&feed.scope),
        environment: RELEASE_ENVIRONMENT.to_owned(),
        status: DeploymentStatus::Success,
        finished_at: published_at.0,
        reference: shape.tag_name.0,
        committed_at: commit
            .as_ref()
            .and_then(|commit| commit.committed_date)
            .map(|at| at.0),
        // A release whose tag was deleted names no commit; then it is matched by nothing but its instant.
        commit: commit.and_then(|commit| commit.oid).unwrap_or_default(),
        contains_to: None,
        creator: actor(shape.author),
        url: shape.url,
        updated_at: shape.updated_at.0,
    })])
}

fn id(number: &str) -> Id<Deployment> {
    Id::new(format!("github:release:{number}"))
}
