//! What is wrong or doubtful in what was collected, which metrics suffer from it, and what to do. Pure: facts in, findings out.
//!
//! A [`Survey`] is shown the facts page by page and keeps none of them. The findings are those of `docs/quality.md`.

mod author;
mod judge;
mod kind;
mod survey;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use kind::{Effect, FindingKind};
pub use survey::Survey;

use crate::Id;
use crate::model::{Deployment, Repository, Window};

/// What was found in a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityReport {
    /// Of when.
    pub window: Window,
    /// One a kind, in the order of [`FindingKind::ALL`]; a kind of which nothing was found is missing.
    pub findings: Vec<QualityFinding>,
}

/// Something wrong or doubtful.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityFinding {
    /// What kind of thing.
    pub kind: FindingKind,
    /// How often.
    pub count: u64,
    /// Of how many that were looked at.
    pub out_of: u64,
    /// A few of them: the newest changes, deployments and incidents, the people with the most changes.
    pub examples: Vec<Example>,
    /// Which metrics suffer from it, and how.
    pub affects: Vec<Effect>,
    /// What to do.
    pub remedy: String,
}

/// One of what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Its id: of a pull request, a deployment, an incident or a repository; of a person what they are told apart by.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// What is wrong with it.
    pub detail: String,
}

/// A deployment, and whether it is known what it contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentPlace {
    /// Which.
    pub id: Id<Deployment>,
    /// The tag, branch or version name.
    pub reference: String,
    /// When it finished.
    pub finished_at: DateTime<Utc>,
    /// Whether anything tells which changes it contains.
    pub placed: bool,
}

/// How it goes with a repository that is still worked on and in sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryLife {
    /// Which.
    pub id: Id<Repository>,
    /// What people call it.
    pub name: String,
    /// When a run last read all its feeds to their ends; `None` while one was not.
    pub read_to: Option<DateTime<Utc>>,
    /// When its last change was merged; `None` when none ever was. Told where pull requests are open.
    pub last_change: Option<DateTime<Utc>>,
    /// How many of its pull requests are open now.
    pub open: u64,
}
