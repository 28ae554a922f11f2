//! Which deployment first shipped a change. Pure.
//!
//! The changes of a base branch have places that grow along its first-parent line: numbers from 0 at its root, or where a
//! host does not show the line, seconds. What a commit contains of that line is always a prefix of it, so "the deployment
//! contains the change" is `contains_to >= position`: exact ancestry as one integer. [`place`] says up to where each
//! deployment of a repository contains the line, and in order they cut it into ranges, each first shipped by one of them
//! ([`shipments`]).

mod failures;
mod service;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Id;
use crate::model::{Deployment, DeploymentMatch, DeploymentStatus, Repository};

pub use failures::{FailureGraph, Fix, History, failures};
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

/// A deployment with its place on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    /// Which.
    pub deployment: &'a Deployment,
    /// The last place that it contains; `None` where that is not known.
    pub contains_to: Option<i64>,
    /// How that is known: [`Ancestry`](DeploymentMatch::Ancestry) or [`Time`](DeploymentMatch::Time).
    pub tier: DeploymentMatch,
}

/// Up to where each deployment of a repository contains its line, in the order given:
/// - as its source says ([`Deployment::contains_to`]): by ancestry;
/// - up to the deployed commit, where a change landed by it: by ancestry. `landings` gives the places of these commits;
/// - where places are seconds, up to when the deployed commit was made: by time. What landed after the deployment finished
///   is not in it, whatever the commit's clock said.
///
/// The last is a guess: a commit of an older line contains less.
pub fn place<'a>(
    deployments: &'a [Deployment],
    landings: &BTreeMap<String, i64>,
    places: Places,
) -> Vec<Placed<'a>> {
    deployments
        .iter()
        .map(|deployment| {
            let exact = deployment
                .contains_to
                .or_else(|| landings.get(&deployment.commit).copied());
            let made_at = deployment
                .committed_at
                .filter(|_| places == Places::Seconds && exact.is_none())
                .map(|at| at.min(deployment.finished_at).timestamp());
            Placed {
                deployment,
                contains_to: exact.or(made_at),
                tier: if made_at.is_some() {
                    DeploymentMatch::Time
                } else {
                    DeploymentMatch::Ancestry
                },
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

    /// A range that no deployment is credited with.
    fn unshipped(after: i64, through: i64, matched: Option<DeploymentMatch>) -> Self {
        Self {
            after,
            through,
            deployment: None,
            deployed_at: None,
            matched,
        }
    }
}

/// The place before the root of the line.
const BEFORE_ROOT: i64 = -1;

/// Cuts a repository's line of changes by the deployments that first shipped them to `environment`.
///
/// The ranges are disjoint, in order of place, none is empty, and together they cover every place from 0 on:
/// - no deployment to `environment` is known: one range, [`Untracked`](DeploymentMatch::Untracked);
/// - up to what the first success contains whose containment is known: [`Baseline`](DeploymentMatch::Baseline). It may have shipped years of changes
///   that earlier, unknown deployments shipped before it, so that nobody's lead time can be told from it;
/// - what each later success contains beyond all before it, by finish and then id: shipped by it. A rollback or a
///   patch of an older line contains nothing new, so a change keeps its first deployment;
/// - the rest is pending: `matched` is `None`.
///
/// Deployments that failed ship nothing, and neither does one whose [`contains_to`](Placed::contains_to) is `None`. It
/// is no baseline either, or the next one would be credited with the whole history.
pub fn shipments(deployments: &[Placed<'_>], environment: &str) -> Vec<Shipment> {
    let mut known: Vec<&Placed<'_>> = deployments
        .iter()
        .filter(|placed| placed.deployment.environment == environment)
        .collect();
    if known.is_empty() {
        return vec![Shipment::unshipped(
            BEFORE_ROOT,
            i64::MAX,
            Some(DeploymentMatch::Untracked),
        )];
    }
    known.retain(|placed| placed.deployment.status == DeploymentStatus::Success);
    known.sort_by_key(|placed| (placed.deployment.finished_at, &placed.deployment.id));

    let mut ranges = Vec::new();
    let mut shipped = BEFORE_ROOT;
    for placed in known {
        let Some(through) = placed.contains_to.filter(|through| *through > shipped) else {
            continue;
        };
        ranges.push(if ranges.is_empty() {
            Shipment::unshipped(shipped, through, Some(DeploymentMatch::Baseline))
        } else {
            Shipment {
                after: shipped,
                through,
                deployment: Some(placed.deployment.id.clone()),
                deployed_at: Some(placed.deployment.finished_at),
                matched: Some(placed.tier),
            }
        });
        shipped = through;
    }
    if shipped < i64::MAX {
        ranges.push(Shipment::unshipped(shipped, i64::MAX, None));
    }
    ranges
}

#[cfg(test)]
mod tests;
