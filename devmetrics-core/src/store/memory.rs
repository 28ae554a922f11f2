//! The plain reference: what the laws mean, without a database.

mod commit;
mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use super::*;
use crate::attribution::team_starts;

/// A store that lasts as long as the value: for tests, examples and small embedded uses.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    feeds: BTreeMap<Feed, FeedEntry>,
    quarantine: BTreeMap<(Feed, String), Quarantined>,
    repositories: BTreeMap<Id<Repository>, RepositoryState>,
    pull_requests: BTreeMap<Id<PullRequest>, Entry<PullRequest>>,
    deployments: BTreeMap<Id<Deployment>, Entry<Deployment>>,
    shipped: BTreeMap<Id<PullRequest>, Shipped>,
    roster: Option<Roster>,
}

#[derive(Debug)]
struct FeedEntry {
    checkpoint: Checkpoint,
    generation: u64,
    sweeping: bool,
    covered_from: Option<DateTime<Utc>>,
    covered_to: Option<DateTime<Utc>>,
}

/// A fact with what was derived for it.
#[derive(Debug)]
struct Entry<T> {
    fact: T,
    feed: Feed,
    generation: u64,
    bot: bool,
    shares: Vec<Share>,
    revision: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Shipped {
    deployment: Option<Id<Deployment>>,
    deployed_at: Option<DateTime<Utc>>,
    matched: Option<DeploymentMatch>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics between the writes of one call, so a poisoned state is a whole one.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[async_trait]
impl MetricsStore for MemoryStore {
    async fn lease(
        &self,
        _source: &str,
        _scope: &str,
        _owner: &str,
        _now: DateTime<Utc>,
        _until: DateTime<Utc>,
    ) -> Result<Option<Lease>> {
        Ok(None)
    }

    async fn release(&self, _lease: &Lease) -> Result<()> {
        Ok(())
    }

    async fn confirm(&self, _feeds: &[(Feed, Checkpoint)], _at: DateTime<Utc>) -> Result<()> {
        Ok(())
    }

    async fn observed_rosters(&self) -> Result<Vec<ObservedRoster>> {
        Ok(Vec::new())
    }

    async fn incidents(&self, _repository: &Id<Repository>) -> Result<Vec<Incident>> {
        Ok(Vec::new())
    }

    async fn landings(
        &self,
        _repository: &Id<Repository>,
        _commits: &[String],
    ) -> Result<BTreeMap<String, i64>> {
        Ok(BTreeMap::new())
    }

    async fn migrate(&self) -> Result<()> {
        Ok(())
    }

    async fn checkpoint(&self, feed: &Feed) -> Result<Option<Checkpoint>> {
        Ok(self.state().feeds.get(feed).map(|entry| entry.checkpoint.clone()))
    }

    async fn commit(&self, batch: Batch) -> Result<Applied> {
        self.state().commit(batch.distinct())
    }

    async fn feeds(&self) -> Result<Vec<FeedState>> {
        let state = self.state();
        let states = state.feeds.iter().map(|(feed, entry)| FeedState {
            stored: 0,
            total: None,
            feed: feed.clone(),
            checkpoint: entry.checkpoint.clone(),
            covered_from: entry.covered_from,
            covered_to: entry.covered_to,
            quarantined: state.quarantine.keys().filter(|(of, _)| of == feed).count() as u64,
        });
        Ok(states.collect())
    }

    async fn quarantine(&self, limit: u32) -> Result<Vec<Quarantined>> {
        let mut records: Vec<_> = self.state().quarantine.values().cloned().collect();
        records.sort_by_key(|q| q.at);
        records.truncate(limit as usize);
        Ok(records)
    }

    async fn set_roster(&self, roster: &Roster, _at: DateTime<Utc>) -> Result<()> {
        self.state().roster = Some(roster.clone());
        Ok(())
    }

    async fn roster(&self) -> Result<Option<Roster>> {
        Ok(self.state().roster.clone())
    }

    async fn unattributed(&self, revision: &str, limit: u32) -> Result<Vec<Subject>> {
        let state = self.state();
        let pull_requests = state
            .pull_requests
            .values()
            .filter(|entry| entry.revision != revision)
            .map(|entry| Subject::PullRequest {
                activity: None,
                id: entry.fact.id.clone(),
                actor: entry.fact.author.clone(),
                milestones: entry.fact.milestones,
            });
        let deployments = state
            .deployments
            .values()
            .filter(|entry| entry.revision != revision)
            .map(|entry| Subject::Deployment {
                id: entry.fact.id.clone(),
                actor: entry.fact.creator.clone(),
                finished_at: entry.fact.finished_at,
            });
        Ok(pull_requests.chain(deployments).take(limit as usize).collect())
    }

    async fn attribute(&self, attributions: Vec<Attribution>, revision: &str) -> Result<u64> {
        Ok(self.state().attribute(attributions, revision))
    }

    async fn repositories(&self) -> Result<Vec<RepositoryState>> {
        Ok(self.state().repositories.values().cloned().collect())
    }

    async fn ship(
        &self,
        repository: &Id<Repository>,
        revision: i64,
        shipments: Vec<Shipment>,
    ) -> Result<Option<u64>> {
        let state = &mut *self.state();
        let Some(known) = state
            .repositories
            .get_mut(repository)
            .filter(|known| known.revision == revision)
        else {
            return Ok(None);
        };
        known.unmatched = false;
        let mut changed = 0;
        for entry in state
            .pull_requests
            .values()
            .filter(|entry| entry.fact.repository == *repository)
        {
            let Some(position) = entry.fact.position else {
                continue;
            };
            let Some(range) = shipments
                .iter()
                .find(|s| s.after < position && position <= s.through)
            else {
                continue;
            };
            let shipped = Shipped {
                deployment: range.deployment.clone(),
                deployed_at: range.deployed_at,
                matched: range.matched,
            };
            let before = state.shipped.entry(entry.fact.id.clone()).or_default();
            changed += u64::from(*before != shipped);
            *before = shipped;
        }
        Ok(Some(changed))
    }

    async fn coverage(&self, scope: &Scope) -> Result<Coverage> {
        let state = self.state();
        let feeds: Vec<_> = state
            .feeds
            .iter()
            .filter(|(feed, _)| match scope {
                Scope::Repository(repository) => feed.scope == repository.as_str(),
                Scope::All | Scope::Team(_) => true,
            })
            .map(|(_, entry)| entry)
            .collect();
        let to: Option<Vec<_>> = feeds.iter().map(|feed| feed.covered_to).collect();
        let team_from = match (scope, &state.roster) {
            (Scope::Team(team), Some(roster)) => team_starts(roster).get(team).copied().flatten(),
            _ => None,
        };
        Ok(Coverage {
            from: feeds.iter().filter_map(|feed| feed.covered_from).min(),
            deployments_from: state
                .deployments
                .values()
                .filter(|entry| match scope {
                    Scope::All => true,
                    Scope::Repository(repository) => entry.fact.repository == *repository,
                    Scope::Team(team) => entry.shares.iter().any(|share| share.team == *team),
                })
                .map(|entry| entry.fact.finished_at)
                .min(),
            to: to.and_then(|to| to.into_iter().min()),
            team_from,
        })
    }

    async fn pull_request_samples(&self, query: &SampleQuery) -> Result<Vec<PullRequestSample>> {
        Ok(self.state().pull_request_samples(query))
    }

    async fn deployment_samples(&self, query: &SampleQuery) -> Result<Vec<DeploymentSample>> {
        Ok(self.state().deployment_samples(query))
    }

    async fn pull_requests(&self, ids: &[Id<PullRequest>]) -> Result<Vec<StoredPullRequest>> {
        let state = self.state();
        let ids: BTreeSet<_> = ids.iter().collect();
        let found = ids
            .into_iter()
            .filter_map(|id| state.pull_requests.get(id))
            .map(|entry| {
                let Shipped {
                    deployment,
                    deployed_at,
                    matched,
                } = state.shipped(&entry.fact.id);
                StoredPullRequest {
                    pull_request: entry.fact.clone(),
                    bot: entry.bot,
                    shares: entry.shares.clone(),
                    deployment,
                    deployed_at,
                    matched,
                }
            });
        Ok(found.collect())
    }

    async fn deployments(&self, repository: &Id<Repository>) -> Result<Vec<Deployment>> {
        let state = self.state();
        let of = state
            .deployments
            .values()
            .map(|entry| &entry.fact)
            .filter(|d| d.repository == *repository);
        let mut found: Vec<_> = of.cloned().collect();
        // Stable: deployments of one instant stay in the order of their ids.
        found.sort_by_key(|deployment| deployment.finished_at);
        Ok(found)
    }
}
