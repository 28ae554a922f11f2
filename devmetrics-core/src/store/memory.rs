//! The plain reference: what the laws mean, without a database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use super::*;
use crate::attribution::{AttributedId, team_starts};
use crate::model::DeploymentStatus;

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

/// What the two kinds of fact have in common.
trait Versioned: Clone + PartialEq {
    fn id(&self) -> &Id<Self>;
    fn repository(&self) -> &Id<Repository>;
    fn updated_at(&self) -> DateTime<Utc>;
}

impl Versioned for PullRequest {
    fn id(&self) -> &Id<Self> {
        &self.id
    }

    fn repository(&self) -> &Id<Repository> {
        &self.repository
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }
}

impl Versioned for Deployment {
    fn id(&self) -> &Id<Self> {
        &self.id
    }

    fn repository(&self) -> &Id<Repository> {
        &self.repository
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }
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
                .map(|entry| &entry.fact)
                .filter(|deployment| match scope {
                    Scope::Repository(repository) => deployment.repository == *repository,
                    Scope::All | Scope::Team(_) => true,
                })
                .map(|deployment| deployment.finished_at)
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

impl State {
    fn commit(&mut self, batch: Batch) -> Result<Applied> {
        let known = self.feeds.get(&batch.feed);
        if known.map(|entry| &entry.checkpoint) != batch.expected.as_ref() {
            return Err(checkpoint_moved(&batch.feed));
        }
        let feed = match known {
            None => FeedEntry {
                checkpoint: batch.next,
                generation: 0,
                sweeping: false,
                covered_from: batch.covered_from,
                covered_to: None,
            },
            Some(entry) => FeedEntry {
                checkpoint: batch.next,
                generation: entry.generation + u64::from(batch.restart),
                sweeping: entry.sweeping || batch.restart,
                covered_from: if batch.restart {
                    batch.covered_from
                } else {
                    batch.covered_from.or(entry.covered_from)
                },
                covered_to: entry.covered_to,
            },
        };
        let generation = feed.generation;
        let sweep = feed.sweeping && batch.complete;
        let covered_to = if batch.complete {
            Some(batch.at)
        } else {
            feed.covered_to
        };
        let sweeping = feed.sweeping && !batch.complete;
        self.feeds.insert(
            batch.feed.clone(),
            FeedEntry {
                sweeping,
                covered_to,
                ..feed
            },
        );

        let mut applied = Applied::default();
        for repository in batch.repositories {
            let before = self.repositories.get(&repository.id);
            count(&mut applied, before.map(|before| before.repository == repository));
            let revision = before.map_or(0, |before| before.revision);
            let unmatched = before.is_none_or(|before| before.unmatched);
            self.repositories.insert(
                repository.id.clone(),
                RepositoryState {
                    repository,
                    revision,
                    unmatched,
                },
            );
        }
        let mut touched = BTreeSet::new();
        for id in &batch.removed_deployments {
            if let Some(entry) = self.deployments.remove(id) {
                applied.removed += 1;
                touched.insert(entry.fact.repository);
            }
        }
        let mut newer = BTreeSet::new();
        for fact in batch.pull_requests {
            let id = AttributedId::PullRequest(fact.id.clone());
            if !put(
                &mut self.pull_requests,
                fact,
                &batch.feed,
                generation,
                &mut applied,
                &mut touched,
            ) {
                newer.insert(id);
            }
        }
        for fact in batch.deployments {
            let id = AttributedId::Deployment(fact.id.clone());
            if !put(
                &mut self.deployments,
                fact,
                &batch.feed,
                generation,
                &mut applied,
                &mut touched,
            ) {
                newer.insert(id);
            }
        }
        let current = batch
            .attributions
            .into_iter()
            .filter(|a| !newer.contains(&a.subject))
            .collect();
        self.attribute(current, &batch.revision);
        if batch.restart {
            self.quarantine.retain(|(feed, _), _| *feed != batch.feed);
        }
        for record in batch.quarantined {
            self.quarantine
                .insert((record.feed.clone(), record.record.id.clone()), record);
        }
        if sweep {
            remove_unseen(
                &mut self.pull_requests,
                &batch.feed,
                generation,
                &mut applied,
                &mut touched,
            );
            remove_unseen(
                &mut self.deployments,
                &batch.feed,
                generation,
                &mut applied,
                &mut touched,
            );
            let left = &self.pull_requests;
            self.shipped.retain(|id, _| left.contains_key(id));
        }
        for repository in touched {
            if let Some(state) = self.repositories.get_mut(&repository) {
                state.revision += 1;
                state.unmatched = true;
            }
        }
        Ok(applied)
    }

    fn attribute(&mut self, attributions: Vec<Attribution>, revision: &str) -> u64 {
        let mut changed = 0;
        for Attribution { subject, bot, shares } in attributions {
            changed += u64::from(match &subject {
                AttributedId::PullRequest(id) => judge(self.pull_requests.get_mut(id), bot, shares, revision),
                AttributedId::Deployment(id) => judge(self.deployments.get_mut(id), bot, shares, revision),
            });
        }
        changed
    }

    fn shipped(&self, id: &Id<PullRequest>) -> Shipped {
        self.shipped.get(id).cloned().unwrap_or_default()
    }

    fn pull_request_samples(&self, query: &SampleQuery) -> Vec<PullRequestSample> {
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

    fn deployment_samples(&self, query: &SampleQuery) -> Vec<DeploymentSample> {
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

/// Keeps the newer version of a fact; gives false when that is not this one.
fn put<T: Versioned>(
    facts: &mut BTreeMap<Id<T>, Entry<T>>,
    fact: T,
    feed: &Feed,
    generation: u64,
    applied: &mut Applied,
    touched: &mut BTreeSet<Id<Repository>>,
) -> bool {
    let feed = feed.clone();
    let Some(entry) = facts.get_mut(fact.id()) else {
        count(applied, None);
        touched.insert(fact.repository().clone());
        let id = fact.id().clone();
        let (shares, revision) = (Vec::new(), String::new());
        facts.insert(
            id,
            Entry {
                fact,
                feed,
                generation,
                bot: false,
                shares,
                revision,
            },
        );
        return true;
    };
    entry.feed = feed;
    entry.generation = generation;
    let newer = fact.updated_at() >= entry.fact.updated_at();
    let same = !newer || entry.fact == fact;
    count(applied, Some(same));
    if !same {
        touched.insert(fact.repository().clone());
        entry.fact = fact;
    }
    newer
}

/// Counts a fact: new, or known and the same or not.
fn count(applied: &mut Applied, same: Option<bool>) {
    match same {
        None => applied.inserted += 1,
        Some(true) => applied.unchanged += 1,
        Some(false) => applied.updated += 1,
    }
}

fn judge<T>(entry: Option<&mut Entry<T>>, bot: bool, shares: Vec<Share>, revision: &str) -> bool {
    let Some(entry) = entry else { return false };
    let changed = entry.bot != bot || entry.shares != shares;
    entry.bot = bot;
    entry.shares = shares;
    revision.clone_into(&mut entry.revision);
    changed
}

fn remove_unseen<T: Versioned>(
    facts: &mut BTreeMap<Id<T>, Entry<T>>,
    feed: &Feed,
    generation: u64,
    applied: &mut Applied,
    touched: &mut BTreeSet<Id<Repository>>,
) {
    facts.retain(|_, entry| {
        let keep = entry.feed != *feed || entry.generation == generation;
        if !keep {
            applied.removed += 1;
            touched.insert(entry.fact.repository().clone());
        }
        keep
    });
}
