use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Deployment;
use crate::Id;

/// The label of changes that are unplanned fixes, unless configured otherwise.
pub const HOTFIX: &str = "hotfix";

/// One reason why a deployment counts as failed: an edge of the failure graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The deployment that failed.
    pub deployment: Id<Deployment>,
    /// What tells that it did.
    pub rule: FailureRule,
    /// The id of what tells: of an incident, of the deployment that rolled back, of the pull request that undid a change.
    pub cause: String,
    /// When it failed: its finish.
    pub failed_at: DateTime<Utc>,
    /// When that was over: the incident's resolution, or the finish of [`remedy`](Self::remedy); `None` while it is not.
    pub ended_at: Option<DateTime<Utc>>,
    /// The deployment that ended it; `None` where an incident's resolution did, or nothing yet.
    pub remedy: Option<Id<Deployment>>,
}

/// What tells that a deployment failed, in the order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureRule {
    /// An incident that is said to be caused by it.
    Explicit,
    /// A deployment that brought an older version back.
    Rollback,
    /// A later deployment that ships the revert of a change first shipped in it.
    Fix,
    /// An incident that began after it, before the next one and within a day: a guess.
    Time,
}

impl FailureRule {
    /// The stored and printed name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Rollback => "rollback",
            Self::Fix => "fix",
            Self::Time => "time",
        }
    }

    /// Whether the reading `strict` takes it: somebody said or did something, and nothing was guessed.
    pub fn is_strict(self) -> bool {
        self != Self::Time
    }
}

/// Which kind of unplanned fix a deployment is; of several the first in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rework {
    /// It brought an older version back.
    Rollback,
    /// It ships the revert of a shipped change.
    Revert,
    /// It ships a change that closes an incident.
    Incident,
    /// It ships a change with a hotfix's label.
    Hotfix,
}

impl Rework {
    /// The stored and printed name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Revert => "revert",
            Self::Incident => "incident",
            Self::Hotfix => "hotfix",
        }
    }
}
