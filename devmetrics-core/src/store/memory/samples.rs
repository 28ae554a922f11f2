//! What metrics read.

use std::sync::Arc;

use super::commit::Versioned;
use super::*;
use crate::model::DeploymentStatus;

impl State {
    pub(super) fn shipped(&self, id: &Id<PullRequest>) -> Shipped {
        self.shipped.get(id).cloned().unwrap_or_default()
    }

    pub(super) fn pull_request_samples(&self, query: &SampleQuery) -> Vec<PullRequestSample> {
        let mut samples = Vec::new();
        for entry in self.pull_requests.values() {
            let fact = &entry.fact;
            let at = &fact.milestones;
            let Shipped {
                deployed_at, matched, ..
            } = self.shipped(&fact.id);
            let placed = fact.position.is_some_and(|position| {
                query.places.iter().any(|range| {
                    range.repository == fact.repository && range.after < position && position <= range.through
                })
            });
            if !query.picks(at.opened_at, at.merged_at, at.closed_at, deployed_at) && !placed {
                continue;
            }
            let Some((weight, primary)) = entry.part(&query.extent) else {
                continue;
            };
            samples.push(PullRequestSample {
                id: fact.id.clone(),
                repository: fact.repository.clone(),
                author: fact.author.key().map(Arc::from),
                first_commit_at: at.first_commit_at,
                opened_at: at.opened_at,
                ready_at: at.ready_at,
                first_review_at: at.first_review_at,
                approved_at: at.approved_at,
                merged_at: at.merged_at,
                closed_at: at.closed_at,
                deployed_at,
                matched,
                reverted_at: self.reverted_at(fact),
                landing: fact.landing,
                first_commit_estimated: fact.first_commit_estimated,
                base_branch: Arc::from(fact.base_branch.as_str()),
                position: fact.position,
                on_base_branch: fact.position.is_some(),
                paths_unknown: false,
                labels: fact.labels.clone(),
                pauses: at.pauses.clone(),
                review_rounds: at.review_rounds,
                self_merged: at.self_merged,
                comments: fact.comments,
                bot: entry.bot,
                additions: fact.additions,
                deletions: fact.deletions,
                weight,
                primary,
            });
        }
        samples
    }

    /// When a later change of the same repository reverted this one: a fork may carry the same commits.
    fn reverted_at(&self, fact: &PullRequest) -> Option<DateTime<Utc>> {
        let landing_commit = fact.landing_commit.as_ref()?;
        let merged_at = fact.milestones.merged_at?;
        let others = self.pull_requests.values().map(|entry| &entry.fact);
        others
            .filter(|later| later.id != fact.id && later.repository == fact.repository)
            .filter(|later| later.reverts.contains(landing_commit))
            .filter_map(|later| later.milestones.merged_at)
            .filter(|at| *at >= merged_at)
            .min()
    }

    pub(super) fn deployment_samples(&self, query: &SampleQuery) -> Vec<DeploymentSample> {
        let mut samples = Vec::new();
        for entry in self.deployments.values() {
            let fact = &entry.fact;
            let Some((weight, primary)) = entry.part(&query.extent) else {
                continue;
            };
            if !query.window.contains(fact.finished_at) {
                continue;
            }
            let place = |deployment: &Deployment| (deployment.finished_at, deployment.id.clone());
            let mut before: Vec<_> = self
                .deployments
                .values()
                .map(|entry| &entry.fact)
                .filter(|other| other.repository == fact.repository && other.environment == fact.environment)
                .filter(|other| other.status == DeploymentStatus::Success && place(other) < place(fact))
                .collect();
            before.sort_by_key(|other| place(other));
            samples.push(DeploymentSample {
                id: fact.id.clone(),
                repository: fact.repository.clone(),
                environment: fact.environment.clone(),
                status: fact.status,
                finished_at: fact.finished_at,
                commit: fact.commit.clone(),
                previous_commit: before.last().map(|previous| previous.commit.clone()),
                deployed_before: before.iter().any(|other| other.commit == fact.commit),
                rework: self
                    .graphs
                    .get(&fact.repository)
                    .and_then(|graph| graph.rework.get(&fact.id).copied()),
                bot: entry.bot,
                weight,
                primary,
            });
        }
        samples.sort_by_key(|sample| sample.finished_at);
        samples
    }

    pub(super) fn failure_samples(&self, query: &SampleQuery) -> Vec<FailureSample> {
        let mut samples = Vec::new();
        for graph in self.graphs.values() {
            for failure in graph.within(query.window) {
                let Some(entry) = self.deployments.get(&failure.deployment) else {
                    continue;
                };
                let Some((weight, primary)) = entry.part(&query.extent) else {
                    continue;
                };
                samples.push(FailureSample {
                    deployment: failure.deployment.clone(),
                    repository: entry.fact.repository.clone(),
                    rule: failure.rule,
                    cause: failure.cause.clone(),
                    failed_at: failure.failed_at,
                    ended_at: failure.ended_at,
                    remedy: failure.remedy.clone(),
                    weight,
                    primary,
                });
            }
        }
        samples.sort_by(|a, b| {
            let key = |s: &FailureSample| {
                (
                    s.failed_at,
                    s.deployment.clone(),
                    s.rule.as_str(),
                    s.cause.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        samples
    }

    pub(super) fn incident_samples(&self, query: &SampleQuery) -> Vec<IncidentSample> {
        let window = query.window;
        let mut samples = Vec::new();
        for entry in self.incidents.values() {
            let fact = &entry.fact;
            let Some((weight, primary)) = entry.part(&query.extent) else {
                continue;
            };
            let concerns = fact.started_at < window.to
                && (fact.started_at >= window.from
                    || fact.resolved_at.is_none_or(|resolved| resolved >= window.from));
            if !concerns {
                continue;
            }
            samples.push(IncidentSample {
                id: fact.id.clone(),
                repository: fact.repository.clone(),
                labels: fact.labels.clone(),
                started_at: fact.started_at,
                resolved_at: fact.resolved_at,
                bot: entry.bot,
                weight,
                primary,
            });
        }
        samples.sort_by_key(|sample| sample.started_at);
        samples
    }

    pub(super) fn fixes(&self, repository: &Id<Repository>, hotfix_labels: &[String]) -> Vec<Fix> {
        let facts = self.pull_requests.values().map(|entry| &entry.fact);
        let mut fixes: Vec<Fix> = facts
            .filter(|fact| fact.repository == *repository)
            .filter_map(|fact| {
                let mut incidents: Vec<_> = fact
                    .closes
                    .iter()
                    .filter(|id| self.incidents.contains_key(*id))
                    .cloned()
                    .collect();
                incidents.sort();
                let hotfix = fact.labels.iter().any(|label| hotfix_labels.contains(label));
                let mends = !fact.reverts.is_empty() || !incidents.is_empty() || hotfix;
                Some(Fix {
                    id: fact.id.clone(),
                    position: fact.position.filter(|_| mends)?,
                    merged_at: fact.milestones.merged_at,
                    reverts: fact.reverts.clone(),
                    incidents,
                    hotfix,
                })
            })
            .collect();
        fixes.sort_by_key(|fix| fix.position);
        fixes
    }
}

impl<T: Versioned> Entry<T> {
    /// The extent's part in the fact; `None` if it has none.
    pub(super) fn part(&self, extent: &Extent) -> Option<(f64, bool)> {
        match extent {
            Extent::All => Some((1.0, true)),
            Extent::Repositories(repositories) => repositories
                .contains(self.fact.repository())
                .then_some((1.0, true)),
            Extent::Team(team) => self
                .shares
                .iter()
                .find(|share| share.team == *team)
                .map(|share| (share.weight, share.primary)),
        }
    }
}
