use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Actor, Repository};
use crate::Id;

/// The environment whose deployments are releases to users, unless configured otherwise.
pub const PRODUCTION: &str = "production";

/// A version of a service brought to an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// For example `github:deployment:93412`.
    pub id: Id<Deployment>,
    /// The repository that was deployed.
    pub repository: Id<Repository>,
    /// `production` counts for DORA; others are kept.
    pub environment: String,
    /// How it ended.
    pub status: DeploymentStatus,
    /// When it finished.
    pub finished_at: DateTime<Utc>,
    /// The tag, branch or version name.
    pub reference: String,
    /// The deployed commit.
    pub commit: String,
    /// When the deployed commit was made; places a deployment whose commit is no landing commit (T3).
    pub committed_at: Option<DateTime<Utc>>,
    /// The highest place on the base branch's first-parent line (see [`PullRequest::position`](super::PullRequest))
    /// that the deployed commit contains; `None` if it contains none of the line, or if that is not known.
    pub contains_to: Option<i64>,
    /// The changes that it is said to ship: ids of pull requests, or the commits by which they landed (T2).
    #[serde(default)]
    pub declares: Vec<String>,
    /// Who deployed; all fields empty when unknown.
    #[serde(default)]
    pub creator: Actor,
    /// Where a person looks at it.
    pub url: Option<String>,
    /// The source's own instant of last change: of two versions the later one is kept.
    pub updated_at: DateTime<Utc>,
}

/// How a deployment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeploymentStatus {
    /// It reached its environment.
    Success,
    /// It did not.
    Failure,
}

impl DeploymentStatus {
    /// The stored and printed name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// How a change was matched to the deployment that first shipped it, or why it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeploymentMatch {
    /// T1: the deployed commit contains the landing commit.
    Ancestry,
    /// T2: the deployment is said to ship it.
    Declared,
    /// T3: the change landed on the base branch before the deployed commit was made.
    Time,
    /// Shipped by the first known deployment or before it: when is not known (`censored_left`).
    Baseline,
    /// The repository has no known deployment at all.
    Untracked,
}

impl DeploymentMatch {
    /// The stored and printed name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ancestry => "ancestry",
            Self::Declared => "declared",
            Self::Time => "time",
            Self::Baseline => "baseline",
            Self::Untracked => "untracked",
        }
    }
}
