//! What is wrong or doubtful in what was collected, which metrics suffer from it, and what to do. Pure: facts in, findings out.
//!
//! The findings are those of `docs/metrics.md#data-quality`.

mod judge;
mod kind;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use judge::judge;
pub use kind::{Effect, FindingKind};

use crate::Id;
use crate::metric::{IncidentSample, PullRequestSample};
use crate::model::{Actor, Deployment, Repository, Window};

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
    /// The first few.
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

/// What is judged.
#[derive(Clone, Debug)]
pub struct Material {
    /// Of when.
    pub window: Window,
    /// The present.
    pub now: DateTime<Utc>,
    /// The pull requests that were merged, deployed or open within the window.
    pub pull_requests: Vec<PullRequestSample>,
    /// The deployments that finished within the window.
    pub deployments: Vec<DeploymentPlace>,
    /// The incidents that began or ended within the window.
    pub incidents: Vec<IncidentSample>,
    /// Who wrote pull requests of the window and counts as a human.
    pub people: Vec<Person>,
    /// Every repository that is still worked on and in sight.
    pub repositories: Vec<RepositoryLife>,
}

/// A deployment, and whether it is known what it contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentPlace {
    /// Which.
    pub id: Id<Deployment>,
    /// The tag, branch or version name.
    pub reference: String,
    /// Whether anything tells which changes it contains.
    pub placed: bool,
}

/// Somebody who counts as a human.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What they are told apart by ([`Actor::key`]).
    pub key: String,
    /// Who.
    pub actor: Actor,
    /// How many changes of theirs, merged in the window, belong to no team; 0 where there are no teams.
    pub unmapped: u64,
    /// Whether the roster says that they are a human.
    pub said_human: bool,
}

/// How it goes with a repository.
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
