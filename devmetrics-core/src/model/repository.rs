use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Id;

/// A repository: what pull requests belong to, and the service that deployments deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// For example `git:repo:github.com/rust-lang/cargo`.
    pub id: Id<Repository>,
    /// How people call it: `rust-lang/cargo`.
    pub name: String,
    /// The branch that changes are merged to.
    pub default_branch: Option<String>,
    /// Where a person looks at it.
    pub url: Option<String>,
    /// Whether its history is known only from some commit on (a shallow clone).
    #[serde(default)]
    pub partial_history: bool,
    /// Whether nobody works on it any more (read-only at the host).
    #[serde(default)]
    pub archived: bool,
    /// Since when the source cannot see it any more (deleted, made private); what was collected stays.
    pub unreachable_since: Option<DateTime<Utc>>,
}

impl Repository {
    /// Whose it is by its name: `rust-lang` of `rust-lang/cargo`; `None` where the name tells nobody.
    pub fn owner(&self) -> Option<&str> {
        self.name.split_once('/').map(|(owner, _)| owner)
    }
}
