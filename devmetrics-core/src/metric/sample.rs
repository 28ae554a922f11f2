use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Id;
use crate::model::{
    Deployment, DeploymentMatch, DeploymentStatus, Landing, PullRequest, Repository, Team, Window,
};

/// Whose facts are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "scope", content = "id", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// Everybody's.
    All,
    /// A team's, its subtree included (or `unassigned`).
    Team(Id<Team>),
    /// A repository's.
    Repository(Id<Repository>),
}

/// Which samples are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleQuery {
    /// Whose.
    pub scope: Scope,
    /// Of when.
    pub window: Window,
}

/// What a metric needs of a pull request, and no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PullRequestSample {
    /// Which.
    pub id: Id<PullRequest>,
    /// Its repository.
    pub repository: Id<Repository>,
    /// One text for one author ([`Actor::key`](crate::model::Actor::key)).
    pub author: Option<String>,
    /// C.
    pub first_commit_at: Option<DateTime<Utc>>,
    /// O.
    pub opened_at: Option<DateTime<Utc>>,
    /// R.
    pub ready_at: Option<DateTime<Utc>>,
    /// V.
    pub first_review_at: Option<DateTime<Utc>>,
    /// A.
    pub approved_at: Option<DateTime<Utc>>,
    /// M.
    pub merged_at: Option<DateTime<Utc>>,
    /// D.
    pub deployed_at: Option<DateTime<Utc>>,
    /// How D was found, or why there is none.
    pub matched: Option<DeploymentMatch>,
    /// When a later change that reverts its landing commit was merged, the earliest.
    pub reverted_at: Option<DateTime<Utc>>,
    /// How it landed.
    pub landing: Option<Landing>,
    /// Whether C is an estimate.
    pub first_commit_estimated: bool,
    /// Whether a bot wrote it.
    pub bot: bool,
    /// Lines added.
    pub additions: Option<i64>,
    /// Lines deleted.
    pub deletions: Option<i64>,
    /// The team's part under the policy `fractional`; 1 where the scope is no team.
    pub weight: f64,
    /// Whether the team counts it under the policy `primary`; true where the scope is no team.
    pub primary: bool,
}

/// What a metric needs of a deployment, and no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeploymentSample {
    /// Which.
    pub id: Id<Deployment>,
    /// Its repository.
    pub repository: Id<Repository>,
    /// Its environment.
    pub environment: String,
    /// How it ended.
    pub status: DeploymentStatus,
    /// When it finished.
    pub finished_at: DateTime<Utc>,
    /// The deployed commit.
    pub commit: String,
    /// The commit of the success before it in the same repository and environment; `None` if it is the first.
    pub previous_commit: Option<String>,
    /// Whether the same commit was deployed with success before, in the same repository and environment.
    pub deployed_before: bool,
    /// Whether a bot deployed.
    pub bot: bool,
    /// The team's part under the policy `fractional`; 1 where the scope is no team.
    pub weight: f64,
    /// Whether the team counts it under the policy `primary`; true where the scope is no team.
    pub primary: bool,
}

/// What is known of which time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The earliest instant from which on some repository is known; `None` when none is.
    pub from: Option<DateTime<Utc>>,
    /// The finish of the first known deployment of the scope; `None` when none is known. Without any, a frequency is
    /// unknown, and not 0: perhaps nobody told who deploys.
    pub deployments_from: Option<DateTime<Utc>>,
    /// Up to when every feed has been read; `None` while one has not been read to its end.
    pub to: Option<DateTime<Utc>>,
    /// The team's first membership, its subtree included; `None` when the scope is no team or it has been there since
    /// ever.
    pub team_from: Option<DateTime<Utc>>,
}
