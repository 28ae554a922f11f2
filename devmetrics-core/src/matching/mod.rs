//! Which deployment first shipped a change. Pure.
//!
//! The changes of a base branch have places that grow along its first-parent line: numbers from 0 at its root, or where a
//! host does not show the line, seconds. What a commit contains of that line is always a prefix of it, so "the deployment
//! contains the change" is `contains_to >= position`: exact ancestry as one integer. [`place`] says up to where each
//! deployment of a repository contains the line, and which places it is said to ship beyond that; in order they cut it into
//! ranges, each first shipped by one of them ([`shipments`]).

mod cut;
mod failures;
mod running;
mod service;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Id;
use crate::model::{Deployment, DeploymentMatch, DeploymentStatus, Repository};

pub use cut::shipments;
pub use failures::{FailureGraph, Fix, History, failures};
pub use running::{Before, Running};
pub use service::{Claim, ServiceRules};

/// What follows from a repository's deployments: which of them first shipped which change, and which failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matching {
    /// Disjoint ranges of places.
    pub shipments: Vec<Shipment>,
    /// The failed deployments and the unplanned fixes.
    pub graph: FailureGraph,
}

/// What the places of a repository's line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Places {
    /// Numbers from 0 at the root: the source knows the line.
    Counted,
    /// The seconds at which each change landed: a host that does not show the line.
    Seconds,
}

impl Places {
    /// Those of a repository: a git clone counts, everything else tells seconds.
    pub fn of(repository: &Id<Repository>) -> Self {
        if repository.as_str().starts_with("git:") {
            Self::Counted
        } else {
            Self::Seconds
        }
    }
}

/// What matching needs of a deployment, and no more: a repository may have had tens of thousands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Which.
    pub id: Id<Deployment>,
    /// Where to.
    pub environment: String,
    /// How it ended.
    pub status: DeploymentStatus,
    /// When it finished.
    pub finished_at: DateTime<Utc>,
    /// The deployed commit.
    pub commit: String,
}

impl From<&Deployment> for Release {
    fn from(deployment: &Deployment) -> Self {
        Self {
            id: deployment.id.clone(),
            environment: deployment.environment.clone(),
            status: deployment.status,
            finished_at: deployment.finished_at,
            commit: deployment.commit.clone(),
        }
    }
}

/// A deployment with its place on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which.
    pub deployment: Release,
    /// The last place that it contains; `None` where that is not known.
    pub contains_to: Option<i64>,
    /// How that is known: [`Ancestry`](DeploymentMatch::Ancestry) or [`Time`](DeploymentMatch::Time).
    pub tier: DeploymentMatch,
    /// The places of the changes that it is said to ship, in order, each once.
    pub declared: Vec<i64>,
}

/// Up to where each deployment of a repository contains its line, in the order given:
/// - as its source says ([`Deployment::contains_to`]): by ancestry;
/// - up to the deployed commit, where a change landed by it: by ancestry. `landings` gives the places of these commits;
/// - where places are seconds and the deployment has no list of changes, up to when the deployed commit was made: by time.
///   What landed after the deployment finished is not in it, whatever the commit's clock said.
///
/// The last is a guess: a commit of an older line contains less. Who lists what a deployment ships leaves nothing to guess.
///
/// `landings` gives the places of the changes in the lists ([`Deployment::declares`]), too; one without a place has not landed,
/// or is not known.
pub fn place(deployments: &[Deployment], landings: &BTreeMap<String, i64>, places: Places) -> Vec<Placed> {
    deployments
        .iter()
        .map(|deployment| {
            let exact = deployment
                .contains_to
                .or_else(|| landings.get(&deployment.commit).copied());
            let made_at = deployment
                .committed_at
                .filter(|_| places == Places::Seconds && exact.is_none() && deployment.declares.is_empty())
                .map(|at| at.min(deployment.finished_at).timestamp());
            let declared = deployment.declares.iter().filter_map(|name| landings.get(name));
            let declared: BTreeSet<i64> = declared.copied().collect();
            Placed {
                deployment: Release::from(deployment),
                contains_to: exact.or(made_at),
                tier: if made_at.is_some() {
                    DeploymentMatch::Time
                } else {
                    DeploymentMatch::Ancestry
                },
                declared: declared.into_iter().collect(),
            }
        })
        .collect()
}

/// The changes that a deployment was the first to ship: those of its repository whose place `p` on the first-parent
/// line satisfies `after < p <= through` ([`PullRequest::position`](crate::model::PullRequest)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The place before the first one shipped; -1 for the root.
    pub after: i64,
    /// The last place shipped.
    pub through: i64,
    /// The deployment; `None` where there is none (baseline, untracked, still pending).
    pub deployment: Option<Id<Deployment>>,
    /// Its finish; `None` where there is none.
    pub deployed_at: Option<DateTime<Utc>>,
    /// How it was matched; `None` while a change is pending.
    pub matched: Option<DeploymentMatch>,
}

impl Shipment {
    /// The one of these shipments, in order of place, that a place is in.
    pub fn at(shipments: &[Self], place: i64) -> Option<&Self> {
        let index = shipments.partition_point(|shipment| shipment.through < place);
        shipments.get(index).filter(|shipment| shipment.after < place)
    }

    /// An empty range that no deployment is credited with.
    fn unshipped(matched: Option<DeploymentMatch>) -> Self {
        Self {
            after: 0,
            through: 0,
            deployment: None,
            deployed_at: None,
            matched,
        }
    }

    /// An empty range that a deployment shipped.
    fn by(deployment: &Release, tier: DeploymentMatch) -> Self {
        Self {
            deployment: Some(deployment.id.clone()),
            deployed_at: Some(deployment.finished_at),
            ..Self::unshipped(Some(tier))
        }
    }

    /// Another range, shipped in the same way.
    fn of(&self, after: i64, through: i64) -> Self {
        Self {
            after,
            through,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod failures_tests;
#[cfg(test)]
mod tests;
