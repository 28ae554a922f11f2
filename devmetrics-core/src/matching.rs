//! Which deployment first shipped a change. Pure.
//!
//! The first-parent line of the base branch is numbered from 0 at its root. What a commit contains of that line is always
//! a prefix of it, so "the deployment contains the change" is `contains_to >= position`: exact ancestry as one integer.
//! The deployments of a repository, in order, therefore cut the line into ranges, each first shipped by one of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Id;
use crate::model::{Deployment, DeploymentMatch, DeploymentStatus};

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
/// Deployments that failed ship nothing, and neither does one whose [`contains_to`](Deployment::contains_to) is `None`. It
/// is no baseline either, or the next one would be credited with the whole history.
pub fn shipments(deployments: &[Deployment], environment: &str) -> Vec<Shipment> {
    let mut known: Vec<&Deployment> = deployments
        .iter()
        .filter(|deployment| deployment.environment == environment)
        .collect();
    if known.is_empty() {
        return vec![Shipment::unshipped(
            BEFORE_ROOT,
            i64::MAX,
            Some(DeploymentMatch::Untracked),
        )];
    }
    known.retain(|deployment| deployment.status == DeploymentStatus::Success);
    known.sort_by(|a, b| (a.finished_at, &a.id).cmp(&(b.finished_at, &b.id)));

    let mut ranges = Vec::new();
    let mut shipped = BEFORE_ROOT;
    for deployment in known {
        let Some(through) = deployment.contains_to.filter(|through| *through > shipped) else {
            continue;
        };
        ranges.push(if ranges.is_empty() {
            Shipment::unshipped(shipped, through, Some(DeploymentMatch::Baseline))
        } else {
            Shipment {
                after: shipped,
                through,
                deployment: Some(deployment.id.clone()),
                deployed_at: Some(deployment.finished_at),
                matched: Some(DeploymentMatch::Ancestry),
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Actor;

    fn deployment(id: u32, at: i64, contains_to: Option<i64>) -> Deployment {
        let finished_at = DateTime::from_timestamp(at, 0).unwrap();
        Deployment {
            id: Id::new(format!("d{id:03}")),
            repository: Id::new("r"),
            environment: "production".into(),
            status: DeploymentStatus::Success,
            finished_at,
            reference: format!("v{id}"),
            commit: format!("c{id}"),
            contains_to,
            creator: Actor::default(),
            url: None,
            updated_at: finished_at,
        }
    }

    fn brief(ranges: &[Shipment]) -> Vec<(i64, i64, Option<&str>, Option<DeploymentMatch>)> {
        ranges
            .iter()
            .map(|range| {
                (
                    range.after,
                    range.through,
                    range.deployment.as_ref().map(Id::as_str),
                    range.matched,
                )
            })
            .collect()
    }

    #[test]
    fn without_any_deployment_the_repository_is_untracked() {
        let mut staging = deployment(1, 10, Some(5));
        staging.environment = "staging".into();
        for deployments in [vec![], vec![staging]] {
            assert_eq!(
                brief(&shipments(&deployments, "production")),
                [(-1, i64::MAX, None, Some(DeploymentMatch::Untracked))]
            );
        }
    }

    /// The example of `docs/metrics.md#change-lead-time`.
    #[test]
    fn the_first_success_is_a_baseline_and_swallows_nobody() {
        let mut failed = deployment(0, 5, Some(3));
        failed.status = DeploymentStatus::Failure;
        assert_eq!(
            brief(&shipments(std::slice::from_ref(&failed), "production")),
            [(-1, i64::MAX, None, None)]
        );

        let deployments = [
            deployment(2, 20, Some(12)),
            failed,
            deployment(1, 10, Some(9)),
            deployment(3, 30, Some(9)),
        ];
        assert_eq!(
            brief(&shipments(&deployments, "production")),
            [
                (-1, 9, None, Some(DeploymentMatch::Baseline)),
                (9, 12, Some("d002"), Some(DeploymentMatch::Ancestry)),
                (12, i64::MAX, None, None),
            ]
        );
    }

    #[test]
    fn a_first_deployment_of_unknown_containment_is_no_baseline() {
        let deployments = [
            deployment(1, 10, None),
            deployment(2, 20, Some(3)),
            deployment(3, 30, Some(5)),
        ];
        assert_eq!(
            brief(&shipments(&deployments, "production")),
            [
                (-1, 3, None, Some(DeploymentMatch::Baseline)),
                (3, 5, Some("d003"), Some(DeploymentMatch::Ancestry)),
                (5, i64::MAX, None, None)
            ]
        );
    }

    /// The definition, one change at a time: the first success of known containment that contains it, unless that is
    /// the very first.
    fn brute(deployments: &[Deployment], position: i64) -> (Option<Id<Deployment>>, Option<DeploymentMatch>) {
        let mut order: Vec<&Deployment> = deployments
            .iter()
            .filter(|d| d.environment == "production")
            .collect();
        if order.is_empty() {
            return (None, Some(DeploymentMatch::Untracked));
        }
        order.retain(|d| d.status == DeploymentStatus::Success && d.contains_to.is_some());
        order.sort_by_key(|d| (d.finished_at, d.id.clone()));
        let contains = |d: &Deployment| d.contains_to.is_some_and(|to| to >= position);
        match order.iter().position(|d| contains(d)) {
            Some(0) => (None, Some(DeploymentMatch::Baseline)),
            Some(index) => (Some(order[index].id.clone()), Some(DeploymentMatch::Ancestry)),
            None => (None, None),
        }
    }

    proptest! {
        #[test]
        fn every_change_is_matched_as_the_definition_says(
            parts in prop::collection::vec(
                (0i64..8, prop::option::weighted(0.8, 0i64..20), prop::bool::weighted(0.2), prop::bool::weighted(0.2)),
                0..12,
            )
        ) {
            let deployments: Vec<Deployment> = parts
                .iter()
                .enumerate()
                .map(|(index, (at, contains_to, failed, staging))| {
                    let mut made = deployment(u32::try_from(index).unwrap(), *at, *contains_to);
                    if *failed { made.status = DeploymentStatus::Failure; }
                    if *staging { made.environment = "staging".into(); }
                    made
                })
                .collect();
            let ranges = shipments(&deployments, "production");
            prop_assert_eq!(ranges.first().map(|range| range.after), Some(-1));
            prop_assert_eq!(ranges.last().map(|range| range.through), Some(i64::MAX));
            prop_assert!(ranges.iter().all(|range| range.after < range.through), "no range is empty");
            for pair in ranges.windows(2) {
                prop_assert_eq!(pair[0].through, pair[1].after);
            }
            for position in 0..22 {
                let range = ranges.iter().find(|r| r.after < position && position <= r.through).unwrap();
                let (id, matched) = brute(&deployments, position);
                prop_assert_eq!(range.matched, matched);
                prop_assert_eq!(range.deployed_at.is_some(), id.is_some());
                prop_assert_eq!(&range.deployment, &id);
            }
        }
    }
}
