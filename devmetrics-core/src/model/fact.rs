use serde::{Deserialize, Serialize};

use super::{Deployment, PullRequest, Repository};
use crate::Id;

/// Something that a source says is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fact {
    /// A repository as it is now.
    Repository(Repository),
    /// A pull request as it is now.
    PullRequest(Box<PullRequest>),
    /// A deployment as it is now.
    Deployment(Deployment),
    /// A deployment that the source no longer has (a deleted tag).
    DeploymentRemoved(Id<Deployment>),
}
