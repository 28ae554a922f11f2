use serde::{Deserialize, Serialize};

use super::{Deployment, Incident, PullRequest, Repository, TeamSnapshot};
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
    /// An incident as it is now.
    Incident(Incident),
    /// An issue that is no incident any more: deleted, moved away, or without the label.
    IncidentRemoved(Id<Incident>),
    /// The teams of an organization as they are now.
    Teams(TeamSnapshot),
}
