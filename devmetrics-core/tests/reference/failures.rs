//! "What a failed deployment is", and the metrics that follow from it.

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::Id;
use devmetrics_core::model::{HOTFIX, Incident, Repository, Window};
use devmetrics_testbed::histories::{GIT, HOSTED, History};

use super::frequency::{distinct, finished};
use super::shipping::{Shipped, contains_to, named, successes};
use super::{Case, Figure, Sample, Standing, standing};

/// What failed, and what was an unplanned fix.
pub(super) struct Graph {
    failed: Vec<Failed>,
    /// Of every deployment: the first kind of fix that it is.
    pub(super) rework: Vec<Option<&'static str>>,
}

/// A reason why a deployment failed.
struct Failed {
    deployment: usize,
    rule: &'static str,
    ended: Ended,
}

/// What ended a failure.
#[derive(Clone, Copy)]
enum Ended {
    /// The finish of this deployment.
    By(usize),
    /// The resolution of an incident.
    Resolved(DateTime<Utc>),
    Not,
}

impl Graph {
    pub(super) fn happens(&self) -> impl Iterator<Item = &'static str> {
        let reasons = self.failed.iter().flat_map(|reason| {
            let ended = match reason.ended {
                Ended::By(_) => "mended",
                Ended::Resolved(_) => "resolved",
                Ended::Not => "open",
            };
            [reason.rule, ended]
        });
        reasons.chain(self.rework.iter().flatten().copied())
    }

    pub(super) fn can_happen() -> impl Iterator<Item = &'static str> {
        RULES
            .into_iter()
            .chain(KINDS)
            .chain(["mended", "resolved", "open"])
    }
}

/// The rules by which a deployment fails, the first one first.
const RULES: [&str; 4] = ["explicit", "rollback", "fix", "time"];

/// The kinds of fixes, the first one first.
const KINDS: [&str; 4] = ["rollback", "revert", "incident", "hotfix"];

pub(super) fn graph(history: &History, shipped: &[Shipped]) -> Graph {
    let mut graph = Graph {
        failed: Vec::new(),
        rework: vec![None; history.deployments.len()],
    };
    for repository in [GIT, HOSTED] {
        let line = Line::of(history, shipped, Id::new(repository));
        line.rollbacks(&mut graph);
        line.fixes(&mut graph);
        line.incidents(&mut graph);
    }
    graph
}

/// What was deployed of a repository.
struct Line<'a> {
    history: &'a History,
    shipped: &'a [Shipped],
    repository: Id<Repository>,
    successes: Vec<usize>,
    /// Those that changed the running commit.
    steps: Vec<usize>,
}

impl<'a> Line<'a> {
    fn of(history: &'a History, shipped: &'a [Shipped], repository: Id<Repository>) -> Self {
        let successes = successes(history, &repository);
        let mut steps: Vec<usize> = Vec::new();
        for index in &successes {
            let running = steps.last().map(|last| &history.deployments[*last].commit);
            if running != Some(&history.deployments[*index].commit) {
                steps.push(*index);
            }
        }
        Self {
            history,
            shipped,
            repository,
            successes,
            steps,
        }
    }

    fn commit(&self, deployment: usize) -> &'a str {
        &self.history.deployments[deployment].commit
    }

    fn finish(&self, deployment: usize) -> DateTime<Utc> {
        self.history.deployments[deployment].finished_at
    }

    /// The first deployment of the commit of another: only that one can fail.
    fn first_of(&self, deployment: usize) -> usize {
        let same = |other: &&usize| self.commit(**other) == self.commit(deployment);
        *self.successes.iter().find(same).unwrap()
    }

    /// Whether a step brought back a version that is older than the one that ran: it contains less of the line, or where that
    /// does not tell, was deployed first.
    fn is_rollback(&self, step: usize) -> bool {
        let Some(before) = step.checked_sub(1) else {
            return false;
        };
        let (now, before) = (self.steps[step], self.steps[before]);
        if self.first_of(now) == now {
            return false;
        }
        let place = |index: usize| {
            contains_to(self.history, &self.history.deployments[index]).map(|(place, _)| place)
        };
        match (place(now), place(before)) {
            (Some(now), Some(before)) if now != before => now < before,
            _ => {
                let rank = |index: usize| {
                    let first = self.first_of(index);
                    self.successes.iter().position(|other| *other == first)
                };
                rank(now) < rank(before)
            }
        }
    }

    fn rollbacks(&self, graph: &mut Graph) {
        for step in 0..self.steps.len() {
            if !self.is_rollback(step) {
                continue;
            }
            let rollback = self.steps[step];
            graph.rework[rollback] = Some("rollback");
            let version = (0..step)
                .rev()
                .find(|earlier| self.commit(self.steps[*earlier]) == self.commit(rollback))
                .unwrap();
            graph.failed.push(Failed {
                deployment: self.first_of(self.steps[version + 1]),
                rule: "rollback",
                ended: Ended::By(rollback),
            });
        }
    }

    fn fixes(&self, graph: &mut Graph) {
        for (index, change) in self.history.pull_requests.iter().enumerate() {
            let Some(by) = self.shipped[index]
                .by()
                .filter(|_| change.repository == self.repository)
            else {
                continue;
            };
            let mut kinds = Vec::new();
            if change.labels.iter().any(|label| label == HOTFIX) {
                kinds.push("hotfix");
            }
            let known = |id: &Id<Incident>| self.history.incidents.iter().any(|incident| incident.id == *id);
            if change.closes.iter().any(known) {
                kinds.push("incident");
            }
            for commit in &change.reverts {
                let Some(undone) = named(self.history, &self.repository, commit) else {
                    continue;
                };
                let undone_change = &self.history.pull_requests[undone];
                // Who takes a revert back undoes nothing; and what landed later cannot be undone.
                if !undone_change.reverts.is_empty() || undone_change.position >= change.position {
                    continue;
                }
                match self.shipped[undone] {
                    Shipped::By(shipped, _) if self.finish(shipped) < self.finish(by) => {
                        kinds.push("revert");
                        graph.failed.push(Failed {
                            deployment: self.first_of(shipped),
                            rule: "fix",
                            ended: Ended::By(by),
                        });
                    }
                    Shipped::Baseline => kinds.push("revert"),
                    _ => {}
                }
            }
            kinds.extend(graph.rework[by]);
            graph.rework[by] = KINDS.into_iter().find(|kind| kinds.contains(kind));
        }
    }

    fn incidents(&self, graph: &mut Graph) {
        for incident in &self.history.incidents {
            if incident.repository != self.repository {
                continue;
            }
            let ended = self.end_of(incident);
            let guessed = self.guess(incident.started_at);
            if let Some(deployment) = guessed.filter(|_| incident.caused_by.is_empty()) {
                graph.failed.push(Failed {
                    deployment,
                    rule: "time",
                    ended,
                });
            }
            for name in &incident.caused_by {
                if let Some(deployment) = self.named(name) {
                    graph.failed.push(Failed {
                        deployment: self.first_of(deployment),
                        rule: "explicit",
                        ended,
                    });
                }
            }
        }
    }

    /// What ran at an instant, if that was its first time and began within the 24 hours before.
    fn guess(&self, at: DateTime<Utc>) -> Option<usize> {
        let running = *self.steps.iter().rev().find(|step| self.finish(**step) <= at)?;
        let fresh = at - self.finish(running) <= TimeDelta::hours(24);
        (fresh && self.first_of(running) == running).then_some(running)
    }

    /// What an incident names: a deployment's id, its commit, or a change that it was the first to ship.
    fn named(&self, name: &str) -> Option<usize> {
        let by_id = |index: &&usize| self.history.deployments[**index].id.as_str() == name;
        let by_commit = |index: &&usize| self.commit(**index) == name;
        let found = self.successes.iter().find(by_id);
        let found = found.or_else(|| self.successes.iter().find(by_commit)).copied();
        found.or_else(|| self.shipped[named(self.history, &self.repository, name)?].by())
    }

    /// One that a merge closed is over when that is deployed.
    fn end_of(&self, incident: &Incident) -> Ended {
        let Some(resolved) = incident.resolved_at else {
            return Ended::Not;
        };
        let mut closing: Vec<usize> = (0..self.history.pull_requests.len())
            .filter(|index| {
                let change = &self.history.pull_requests[*index];
                let close = |merged: DateTime<Utc>| (resolved - merged).abs() <= TimeDelta::seconds(60);
                change.repository == self.repository
                    && change.position.is_some()
                    && change.closes.contains(&incident.id)
                    && change.milestones.merged_at.is_some_and(close)
            })
            .collect();
        closing.sort_by_key(|index| self.history.pull_requests[*index].position);
        match closing.first().map(|index| self.shipped[*index]) {
            Some(Shipped::By(deployment, _)) => Ended::By(deployment),
            Some(Shipped::Pending) => Ended::Not,
            _ => Ended::Resolved(resolved),
        }
    }
}

/// Whether a deployment failed in a reading.
pub(super) fn has_failed(graph: &Graph, deployment: usize, strict: bool) -> bool {
    let of = graph
        .failed
        .iter()
        .filter(|reason| reason.deployment == deployment);
    of.clone().any(|reason| !strict || reason.rule != "time")
}

/// The place of the rule that is shown of a failed deployment in the order of rules.
pub(super) fn first_rule(graph: &Graph, deployment: usize) -> Option<usize> {
    let of = |rule: &&str| {
        let same = |reason: &Failed| reason.deployment == deployment && reason.rule == *rule;
        graph.failed.iter().any(same)
    };
    RULES.iter().position(of)
}

/// When a failed deployment was mended, or the last of its incidents was resolved, whichever came first.
pub(super) fn recovery(case: Case<'_>, deployment: usize) -> Option<DateTime<Utc>> {
    let mut mended = Vec::new();
    let mut resolved = Vec::new();
    for reason in &case.world.graph.failed {
        if reason.deployment != deployment {
            continue;
        }
        match reason.ended {
            Ended::By(remedy) => mended.push(case.history().deployments[remedy].finished_at),
            Ended::Resolved(at) => resolved.push(Some(at)),
            Ended::Not => resolved.push(None),
        }
    }
    let all_resolved = resolved.iter().all(Option::is_some);
    let last = resolved.into_iter().flatten().max().filter(|_| all_resolved);
    mended.into_iter().min().into_iter().chain(last).min()
}

pub(super) fn fail_rate(case: Case<'_>, window: &Window, strict: bool) -> Figure {
    let mut samples = Vec::new();
    for (index, weight) in distinct(case, window) {
        let failed = has_failed(&case.world.graph, index, strict);
        samples.push(Sample::new(f64::from(u8::from(failed)), weight));
    }
    let found = samples.iter().any(|sample| sample.value > 0.0);
    let figure = Figure::rate(&samples);
    Figure {
        value: figure
            .value
            .filter(|_| found || case.history().tells_of_incidents),
        ..figure
    }
}

/// From begin to end, placed at the end; while there is none, counted at the begin.
fn ended(spans: impl Iterator<Item = (DateTime<Utc>, Option<DateTime<Utc>>)>, window: &Window) -> Figure {
    let mut samples = Vec::new();
    let mut open = 0;
    for (begin, end) in spans {
        match end {
            Some(end) if window.contains(end) => samples.extend(Sample::span(begin, end)),
            None if window.contains(begin) => open += 1,
            _ => {}
        }
    }
    Figure {
        open,
        ..Figure::distribution(&samples)
    }
}

pub(super) fn recovery_time(case: Case<'_>, window: &Window) -> Figure {
    let deployments = case.history().deployments.iter().enumerate();
    let failed = deployments.filter(|(index, one)| {
        let counts = case
            .weight(&one.creator, one.finished_at, &one.repository)
            .is_some();
        counts && has_failed(&case.world.graph, *index, false)
    });
    ended(
        failed.map(|(index, one)| (one.finished_at, recovery(case, index))),
        window,
    )
}

/// The successful production deployments but those of the running commit.
fn released(case: Case<'_>, window: &Window) -> Vec<(usize, f64)> {
    let mut found = finished(case, window);
    found.retain(|(index, _)| {
        let standing = standing(case.history(), *index);
        matches!(standing, Standing::Distinct | Standing::Rollback)
    });
    found
}

pub(super) fn rework_rate(case: Case<'_>, window: &Window) -> Figure {
    let mut samples = Vec::new();
    for (index, weight) in released(case, window) {
        let rework = case.world.graph.rework[index].is_some();
        samples.push(Sample::new(f64::from(u8::from(rework)), weight));
    }
    Figure::rate(&samples)
}

pub(super) fn rework_of(case: Case<'_>, window: &Window, kind: &str) -> usize {
    let released = released(case, window);
    let of_kind = released
        .iter()
        .filter(|(index, _)| case.world.graph.rework[*index] == Some(kind));
    of_kind.count()
}

pub(super) fn rework_beside(case: Case<'_>, window: &Window) -> Vec<(&'static str, Option<f64>)> {
    let trailing = Window {
        from: window.to - TimeDelta::days(180),
        to: window.to,
    };
    let known = !released(case, window).is_empty();
    let count = |kind| known.then(|| rework_of(case, window, kind) as f64);
    vec![
        ("trailing_180_days", rework_rate(case, &trailing).value),
        ("rollbacks", count("rollback")),
        ("reverts", count("revert")),
        ("incidents", count("incident")),
        ("hotfixes", count("hotfix")),
    ]
}

/// The scope's incidents.
fn incidents(case: Case<'_>) -> Vec<&Incident> {
    let all = case.history().incidents.iter();
    all.filter(|one| {
        case.weight(&one.author, one.started_at, &one.repository)
            .is_some()
    })
    .collect()
}

pub(super) fn time_to_restore(case: Case<'_>, window: &Window) -> Figure {
    let incidents = incidents(case);
    ended(
        incidents.iter().map(|one| (one.started_at, one.resolved_at)),
        window,
    )
}

pub(super) fn restore_beside(case: Case<'_>, window: &Window) -> Vec<(&'static str, Option<f64>)> {
    let mean = time_to_restore(case, window).spread.map(|spread| spread[4]);
    let began = incidents(case)
        .iter()
        .filter(|one| window.contains(one.started_at))
        .count();
    let known = case.history().tells_of_incidents && case.observed(window).is_some();
    vec![
        ("mean_seconds", mean),
        ("incidents_started", known.then_some(began as f64)),
    ]
}
