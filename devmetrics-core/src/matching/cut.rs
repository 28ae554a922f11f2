//! Cutting a line of changes by the deployments that first shipped them.

use std::collections::BTreeMap;

use super::{Placed, Shipment};
use crate::model::{DeploymentMatch, DeploymentStatus};

/// The place before the root of the line.
const BEFORE_ROOT: i64 = -1;

/// Cuts a repository's line of changes by the deployments that first shipped them to `environment`.
///
/// The ranges are disjoint, in order of place, none is empty, and together they cover every place from 0 on:
/// - no deployment to `environment` is known: one range, [`Untracked`](DeploymentMatch::Untracked);
/// - up to the last place that the first success contains or is said to ship: [`Baseline`](DeploymentMatch::Baseline). It may
///   have shipped years of changes that earlier, unknown deployments shipped before it, so that nobody's lead time can be
///   told from it. That holds for a list, too: whoever begins to keep lists often begins with one of everything, and what is
///   not in it landed before what is, and may have been shipped before;
/// - what each later success contains beyond all before it, by finish and then id: shipped by it. A rollback or a
///   patch of an older line contains nothing new, so a change keeps its first deployment;
/// - what it is said to ship beyond that, and nobody shipped before: exactly these places, as
///   [`Declared`](DeploymentMatch::Declared);
/// - the rest is pending: `matched` is `None`.
///
/// Deployments that failed ship nothing, and neither does one of which neither is known. It is no baseline either, or the next
/// one would be credited with the whole history.
pub fn shipments(deployments: &[Placed], environment: &str) -> Vec<Shipment> {
    let mut known: Vec<&Placed> = deployments
        .iter()
        .filter(|placed| placed.deployment.environment == environment)
        .collect();
    if known.is_empty() {
        let untracked = Shipment::unshipped(Some(DeploymentMatch::Untracked));
        return vec![untracked.of(BEFORE_ROOT, i64::MAX)];
    }
    known.retain(|placed| placed.deployment.status == DeploymentStatus::Success);
    known.sort_by_key(|placed| (placed.deployment.finished_at, &placed.deployment.id));
    let mut line = Line::default();
    for placed in known {
        line.cut(placed);
    }
    line.end()
}

/// A line that is cut, deployment by deployment.
#[derive(Default)]
struct Line {
    /// What is shipped from the root on without a gap.
    ranges: Vec<Shipment>,
    /// What is shipped beyond, by its place.
    apart: BTreeMap<i64, Shipment>,
}

impl Line {
    fn cut(&mut self, placed: &Placed) {
        let contained = placed.contains_to.unwrap_or(BEFORE_ROOT);
        if self.ranges.is_empty() {
            let last = placed.declared.last().copied().unwrap_or(BEFORE_ROOT);
            self.fill(
                contained.max(last),
                &Shipment::unshipped(Some(DeploymentMatch::Baseline)),
            );
            return;
        }
        self.fill(contained, &Shipment::by(&placed.deployment, placed.tier));
        let shipped = self.shipped();
        for place in placed.declared.iter().copied().filter(|place| *place > shipped) {
            self.apart.entry(place).or_insert_with(|| {
                Shipment::by(&placed.deployment, DeploymentMatch::Declared).of(place - 1, place)
            });
        }
    }

    /// The last place that is shipped without a gap.
    fn shipped(&self) -> i64 {
        self.ranges.last().map_or(BEFORE_ROOT, |range| range.through)
    }

    /// Ships everything up to a place in this way, but for what was shipped before.
    fn fill(&mut self, through: i64, shipment: &Shipment) {
        while let Some(before) = self.apart.first_entry().filter(|first| *first.key() <= through) {
            let before = before.remove();
            self.push(shipment.of(self.shipped(), before.after));
            self.push(before);
        }
        self.push(shipment.of(self.shipped(), through));
    }

    /// Adds a range unless it is empty, as a part of the one before it where both are shipped by one deployment alike.
    fn push(&mut self, range: Shipment) {
        if range.after >= range.through {
            return;
        }
        match self.ranges.last_mut() {
            Some(last) if range.of(last.after, last.through) == *last => last.through = range.through,
            _ => self.ranges.push(range),
        }
    }

    /// The ranges; what is in none of them so far is pending.
    fn end(mut self) -> Vec<Shipment> {
        self.fill(i64::MAX, &Shipment::unshipped(None));
        self.ranges
    }
}
