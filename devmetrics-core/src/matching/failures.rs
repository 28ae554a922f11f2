//! Which deployments failed, what ended that, and which deployments were unplanned fixes. Pure.
//!
//! Definitions: `docs/metrics.md`, "What a failed deployment is". The edges are kept with their rule, so that the readings
//! `strict` and `inclusive`, recovery and rework are four sums over one graph.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Placed, Release, Shipment};
use crate::Id;
use crate::model::{
    Deployment, DeploymentMatch, DeploymentStatus, Failure, FailureRule, Incident, PullRequest, Rework,
    Window,
};

/// An incident is charged to the deployment before it for so long.
const BLAME: TimeDelta = TimeDelta::hours(24);

/// A host closes an issue within this time of the merge that does it.
const CLOSED_BY_MERGE: TimeDelta = TimeDelta::seconds(60);

/// A change that mends something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Which.
    pub id: Id<PullRequest>,
    /// Its place on the line.
    pub position: i64,
    /// When it was merged.
    pub merged_at: Option<DateTime<Utc>>,
    /// The commits that it reverts.
    pub reverts: Vec<String>,
    /// The incidents that it closes.
    pub incidents: Vec<Id<Incident>>,
    /// Whether it has a hotfix's label.
    pub hotfix: bool,
}

/// What is known of a repository's line and of what went wrong on it.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// Its deployments, with their places.
    pub deployments: &'a [Placed],
    /// The environment whose deployments are releases to users.
    pub environment: &'a str,
    /// The changes that each of them shipped first ([`shipments`](super::shipments)).
    pub shipments: &'a [Shipment],
    /// The places of the changes that incidents name and of the commits that fixes revert, where they landed.
    pub landings: &'a BTreeMap<String, i64>,
    /// The changes that mend something.
    pub fixes: &'a [Fix],
    /// Its incidents.
    pub incidents: &'a [Incident],
}

/// The reasons why deployments failed, and the deployments that were unplanned fixes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureGraph {
    /// Ordered by deployment, rule and cause, each once.
    pub failures: Vec<Failure>,
    /// Ordered by deployment.
    pub rework: BTreeMap<Id<Deployment>, Rework>,
}

impl FailureGraph {
    /// All reasons of the deployments that failed within the window, were mended within it, or failed before its end and are
    /// not mended.
    pub fn within(&self, window: Window) -> impl Iterator<Item = &Failure> {
        let concerns = move |failure: &&Failure| {
            window.contains(failure.failed_at)
                || match failure.ended_at {
                    Some(ended) => window.contains(ended),
                    None => failure.failed_at < window.to,
                }
        };
        let asked: BTreeSet<_> = self
            .failures
            .iter()
            .filter(concerns)
            .map(|failure| &failure.deployment)
            .collect();
        self.failures
            .iter()
            .filter(move |failure| asked.contains(&failure.deployment))
    }
}

/// Finds them:
/// - `explicit`: an incident names the deployment, its commit, or a change that it shipped first;
/// - `rollback`: a later deployment brought an older version back. The first one after that version failed;
/// - `fix`: a later deployment ships the revert of a change that it shipped first. Taking a revert back is none;
/// - `time`: an incident that names nothing began after its finish, before the next one and within a day.
///
/// Only the first deployment of a commit can fail: what deploys it again is charged to it.
pub fn failures(history: &History<'_>) -> FailureGraph {
    let line = Line::new(history);
    let mut graph = FailureGraph::default();
    let mut edges: BTreeMap<(Id<Deployment>, FailureRule, String), Failure> = BTreeMap::new();
    let mut add = |failed: &Release, rule: FailureRule, cause: &str, end: End| {
        let failure = Failure {
            deployment: failed.id.clone(),
            rule,
            cause: cause.to_owned(),
            failed_at: failed.finished_at,
            ended_at: end.at,
            remedy: end.remedy,
        };
        edges
            .entry((failed.id.clone(), rule, cause.to_owned()))
            .or_insert(failure);
    };
    for (index, step) in line.steps.iter().enumerate() {
        if step.kind != Kind::Rollback {
            continue;
        }
        graph.rework.insert(step.deployment.id.clone(), Rework::Rollback);
        if let Some(failed) = line.first_after_version(index) {
            add(
                failed,
                FailureRule::Rollback,
                step.deployment.id.as_str(),
                End::by(step.deployment),
            );
        }
    }
    for fix in history.fixes {
        let Some(shipped_by) = line.shipped_by(fix.position) else {
            continue;
        };
        let mut kind = fix.hotfix.then_some(Rework::Hotfix);
        if !fix.incidents.is_empty() {
            kind = Some(Rework::Incident);
        }
        for place in line.undone(fix) {
            match line.shipment(place) {
                Some(Shipment {
                    matched: Some(DeploymentMatch::Baseline),
                    ..
                }) => kind = Some(Rework::Revert),
                Some(_) => {
                    let earlier = line
                        .shipped_by(place)
                        .filter(|shipped| shipped.finished_at < shipped_by.finished_at);
                    if let Some(failed) = earlier.and_then(|shipped| line.first_of(shipped)) {
                        kind = Some(Rework::Revert);
                        add(failed, FailureRule::Fix, fix.id.as_str(), End::by(shipped_by));
                    }
                }
                None => {}
            }
        }
        if let Some(kind) = kind {
            let known = graph.rework.entry(shipped_by.id.clone()).or_insert(kind);
            *known = kind.min(*known);
        }
    }
    for incident in history.incidents {
        let cause = incident.id.as_str();
        let guessed = line.before(incident.started_at);
        if let Some(failed) = guessed.filter(|_| incident.caused_by.is_empty()) {
            add(failed, FailureRule::Time, cause, line.end_of(incident));
        }
        for failed in incident.caused_by.iter().filter_map(|named| line.named(named)) {
            add(failed, FailureRule::Explicit, cause, line.end_of(incident));
        }
    }
    graph.failures = edges.into_values().collect();
    graph
}

/// What ended a failure, and when.
struct End {
    at: Option<DateTime<Utc>>,
    remedy: Option<Id<Deployment>>,
}

impl End {
    fn by(deployment: &Release) -> Self {
        Self {
            at: Some(deployment.finished_at),
            remedy: Some(deployment.id.clone()),
        }
    }
}

/// What a successful deployment did to the running version.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It brought a version that had never run.
    Release,
    /// It brought an older version back than the running one.
    Rollback,
    /// It brought a version back that is newer than the running one.
    Return,
}

/// A deployment that changed the running version.
struct Step<'a> {
    deployment: &'a Release,
    kind: Kind,
}

/// The running versions of a repository in order of time.
struct Line<'a> {
    history: &'a History<'a>,
    steps: Vec<Step<'a>>,
    /// The first deployment of each commit.
    firsts: BTreeMap<&'a str, (usize, &'a Release)>,
    by_id: BTreeMap<&'a Id<Deployment>, &'a Release>,
    /// The places of changes that are reverts themselves.
    reverts: BTreeSet<i64>,
}

impl<'a> Line<'a> {
    fn new(history: &'a History<'a>) -> Self {
        let mut successes: Vec<&'a Placed> = history
            .deployments
            .iter()
            .filter(|placed| placed.deployment.environment == history.environment)
            .filter(|placed| placed.deployment.status == DeploymentStatus::Success)
            .collect();
        successes.sort_by_key(|placed| (placed.deployment.finished_at, &placed.deployment.id));
        let mut line = Self {
            history,
            steps: Vec::new(),
            firsts: BTreeMap::new(),
            by_id: BTreeMap::new(),
            reverts: history
                .fixes
                .iter()
                .filter(|fix| !fix.reverts.is_empty())
                .map(|fix| fix.position)
                .collect(),
        };
        let mut running: Option<&'a Placed> = None;
        for placed in successes {
            let deployment = &placed.deployment;
            line.by_id.insert(&deployment.id, deployment);
            if running.is_some_and(|running| running.deployment.commit == deployment.commit) {
                continue;
            }
            let rank = |commit: &str| line.firsts.get(commit).map(|(rank, _)| *rank);
            let kind = match (rank(&deployment.commit), running) {
                (None, _) | (_, None) => Kind::Release,
                (Some(again), Some(before)) => {
                    let older = match (placed.contains_to, before.contains_to) {
                        (Some(again), Some(before)) if again != before => again < before,
                        _ => Some(again) < rank(&before.deployment.commit),
                    };
                    if older { Kind::Rollback } else { Kind::Return }
                }
            };
            let next = line.steps.len();
            line.firsts
                .entry(&deployment.commit)
                .or_insert((next, deployment));
            line.steps.push(Step { deployment, kind });
            running = Some(placed);
        }
        line
    }

    /// The first deployment of a commit, which is what can fail.
    fn first_of(&self, deployment: &Release) -> Option<&'a Release> {
        self.firsts
            .get(deployment.commit.as_str())
            .map(|(_, first)| *first)
    }

    /// The first deployment after the version that a rollback brought back.
    fn first_after_version(&self, rollback: usize) -> Option<&'a Release> {
        let commit = &self.steps[rollback].deployment.commit;
        let version = self.steps[..rollback]
            .iter()
            .rposition(|step| step.deployment.commit == *commit)?;
        self.first_of(self.steps.get(version + 1)?.deployment)
    }

    fn shipment(&self, place: i64) -> Option<&'a Shipment> {
        Shipment::at(self.history.shipments, place)
    }

    /// The deployment that first shipped the change at a place.
    fn shipped_by(&self, place: i64) -> Option<&'a Release> {
        let id = self.shipment(place)?.deployment.as_ref()?;
        self.by_id.get(id).copied()
    }

    /// The places of the changes that a fix undoes; a change that is a revert itself is not undone but taken up again.
    fn undone(&self, fix: &Fix) -> impl Iterator<Item = i64> {
        fix.reverts
            .iter()
            .filter_map(|commit| self.history.landings.get(commit).copied())
            .filter(move |place| *place < fix.position && !self.reverts.contains(place))
    }

    /// The release that ran at an instant, if it was less than a day old.
    fn before(&self, at: DateTime<Utc>) -> Option<&'a Release> {
        let after = self
            .steps
            .partition_point(|step| step.deployment.finished_at <= at);
        let step = self.steps.get(after.checked_sub(1)?)?;
        (step.kind == Kind::Release && at - step.deployment.finished_at <= BLAME).then_some(step.deployment)
    }

    /// The deployment that an incident names.
    fn named(&self, name: &str) -> Option<&'a Release> {
        let by_id = self.by_id.get(&Id::new(name)).copied();
        let by_commit = || self.firsts.get(name).map(|(_, deployment)| *deployment);
        let by_change = || {
            let place = self.history.landings.get(name)?;
            self.shipped_by(*place)
        };
        by_id
            .or_else(by_commit)
            .or_else(by_change)
            .and_then(|deployment| self.first_of(deployment))
    }

    /// What ended an incident. One that a merge closed was over when that was deployed, and not before.
    fn end_of(&self, incident: &Incident) -> End {
        let resolved = End {
            at: incident.resolved_at,
            remedy: None,
        };
        let Some(at) = incident.resolved_at else {
            return resolved;
        };
        let closing = self.history.fixes.iter().find(|fix| {
            fix.incidents.contains(&incident.id)
                && fix
                    .merged_at
                    .is_some_and(|merged| (at - merged).abs() <= CLOSED_BY_MERGE)
        });
        match closing.map(|fix| (fix, self.shipped_by(fix.position))) {
            None => resolved,
            Some((_, Some(deployment))) => End::by(deployment),
            // Not deployed yet, or it is not known when.
            Some((fix, None)) => match self.shipment(fix.position).and_then(|shipment| shipment.matched) {
                None => End {
                    at: None,
                    remedy: None,
                },
                Some(_) => resolved,
            },
        }
    }
}
