//! What metrics read.

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
            let within = |instant: Option<DateTime<Utc>>| instant.is_some_and(|at| query.window.contains(at));
            if !within(at.merged_at) && !within(deployed_at) {
                continue;
            }
            let Some((weight, primary)) = entry.part(&query.scope) else {
                continue;
            };
            samples.push(PullRequestSample {
                id: fact.id.clone(),
                repository: fact.repository.clone(),
                author: fact.author.key(),
                first_commit_at: at.first_commit_at,
                opened_at: at.opened_at,
                ready_at: at.ready_at,
                first_review_at: at.first_review_at,
                approved_at: at.approved_at,
                merged_at: at.merged_at,
                deployed_at,
                matched,
                reverted_at: self.reverted_at(fact),
                landing: fact.landing,
                first_commit_estimated: fact.first_commit_estimated,
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
            let Some((weight, primary)) = entry.part(&query.scope) else {
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
                bot: entry.bot,
                weight,
                primary,
            });
        }
        samples.sort_by_key(|sample| sample.finished_at);
        samples
    }
}

impl<T: Versioned> Entry<T> {
    /// The scope's part in the fact; `None` if it has none.
    fn part(&self, scope: &Scope) -> Option<(f64, bool)> {
        match scope {
            Scope::All => Some((1.0, true)),
            Scope::Repository(repository) => (self.fact.repository() == repository).then_some((1.0, true)),
            Scope::Team(team) => self
                .shares
                .iter()
                .find(|share| share.team == *team)
                .map(|share| (share.weight, share.primary)),
        }
    }
}
