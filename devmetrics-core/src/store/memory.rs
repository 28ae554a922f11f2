//! The plain reference: what the laws mean, without a database.

mod commit;
mod forget;
mod key;
mod lease;
mod samples;
mod slot;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use super::*;
use crate::attribution::{Forgotten, join, team_starts};
use crate::matching::FailureGraph;

/// The kinds of feed that bring changes.
const CHANGES: [&str; 2] = ["changes", "pull_requests"];

/// The kinds of feed that bring what changes are shipped by.
const DEPLOYMENTS: [&str; 3] = ["deployments", "releases", "tags"];

/// The kinds of feed that bring incidents.
const INCIDENTS: [&str; 2] = ["issues", "incidents"];

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
    incidents: BTreeMap<Id<Incident>, Entry<Incident>>,
    shipped: BTreeMap<Id<PullRequest>, Shipped>,
    graphs: BTreeMap<Id<Repository>, FailureGraph>,
    /// By source and scope.
    leases: BTreeMap<(String, String), lease::Holder>,
    roster: Option<Roster>,
    /// By source and scope.
    observed: BTreeMap<(String, String), Roster>,
    version: u64,
    keys: BTreeMap<Id<ApiKey>, StoredKey>,
    slots: BTreeMap<DateTime<Utc>, Slot>,
    forgotten: Forgotten,
}

#[derive(Debug)]
struct FeedEntry {
    checkpoint: Checkpoint,
    generation: u64,
    sweeping: bool,
    covered_from: Option<DateTime<Utc>>,
    covered_to: Option<DateTime<Utc>>,
    total: Option<u64>,
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
    async fn migrate(&self) -> Result<()> {
        Ok(())
    }

    async fn checkpoint(&self, feed: &Feed) -> Result<Option<Checkpoint>> {
        Ok(self.state().feeds.get(feed).map(|entry| entry.checkpoint.clone()))
    }

    async fn commit(&self, batch: Batch) -> Result<Applied> {
        let mut state = self.state();
        let batch = batch.without(&state.forgotten);
        state.commit(batch.distinct())
    }

    async fn version(&self) -> Result<u64> {
        Ok(self.state().version)
    }

    async fn lease(
        &self,
        source: &str,
        scope: &str,
        owner: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<Lease>> {
        Ok(self.state().lease(source, scope, owner, now, until))
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        self.state().release(lease);
        Ok(())
    }

    async fn confirm(&self, feeds: &[(Feed, Checkpoint)], at: DateTime<Utc>) -> Result<()> {
        let mut state = self.state();
        let mut moved = false;
        for (feed, checkpoint) in feeds {
            if let Some(entry) = state.feeds.get_mut(feed)
                && entry.checkpoint == *checkpoint
                && entry.covered_to < Some(at)
            {
                entry.covered_to = Some(at);
                moved = true;
            }
        }
        state.version += u64::from(moved);
        Ok(())
    }

    async fn feeds(&self) -> Result<Vec<FeedState>> {
        let state = self.state();
        let states = state.feeds.iter().map(|(feed, entry)| FeedState {
            feed: feed.clone(),
            checkpoint: entry.checkpoint.clone(),
            covered_from: entry.covered_from,
            covered_to: entry.covered_to,
            quarantined: state.quarantine.keys().filter(|(of, _)| of == feed).count() as u64,
            stored: state.stored(feed),
            total: entry.total,
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
        let mut state = self.state();
        let mut roster = roster.clone();
        state.forgotten.rename_roster(&mut roster);
        state.roster = Some(roster);
        state.version += 1;
        Ok(())
    }

    async fn roster(&self) -> Result<Option<Roster>> {
        Ok(self.state().roster.clone())
    }

    async fn observed_rosters(&self) -> Result<Vec<ObservedRoster>> {
        let state = self.state();
        let observed = state
            .observed
            .iter()
            .map(|((source, scope), roster)| ObservedRoster {
                source: source.clone(),
                scope: scope.clone(),
                roster: roster.clone(),
            });
        Ok(observed.collect())
    }

    async fn unattributed(&self, revision: &str, limit: u32) -> Result<Vec<Subject>> {
        let state = self.state();
        let pull_requests = state
            .pull_requests
            .values()
            .filter(|entry| entry.revision != revision)
            .map(|entry| Subject::from(&entry.fact));
        let deployments = state
            .deployments
            .values()
            .filter(|entry| entry.revision != revision)
            .map(|entry| Subject::from(&entry.fact));
        let incidents = state
            .incidents
            .values()
            .filter(|entry| entry.revision != revision)
            .map(|entry| Subject::from(&entry.fact));
        let all = pull_requests.chain(deployments).chain(incidents);
        Ok(all.take(limit as usize).collect())
    }

    async fn attribute(&self, attributions: Vec<Attribution>, revision: &str) -> Result<u64> {
        let mut state = self.state();
        let changed = state.attribute(attributions, revision);
        state.version += u64::from(changed > 0);
        Ok(changed)
    }

    async fn repositories(&self) -> Result<Vec<RepositoryState>> {
        Ok(self.state().repositories.values().cloned().collect())
    }

    async fn ship(
        &self,
        repository: &Id<Repository>,
        revision: i64,
        matching: Matching,
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
            let Some(range) = matching
                .shipments
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
        state.graphs.insert(repository.clone(), matching.graph);
        state.version += 1;
        Ok(Some(changed))
    }

    async fn coverage(&self, extent: &Extent) -> Result<Coverage> {
        let state = self.state();
        let feeds = || {
            state.feeds.iter().filter(|(feed, _)| match extent {
                Extent::Repositories(repositories) => repositories
                    .iter()
                    .any(|repository| feed.scope == repository.as_str()),
                Extent::All | Extent::Team(_) => true,
            })
        };
        // Teams, issues and lists of repositories hold no report back.
        let (changes, others): (Vec<_>, Vec<_>) = feeds()
            .filter(|(feed, _)| CHANGES.contains(&&*feed.kind) || DEPLOYMENTS.contains(&&*feed.kind))
            .partition(|(feed, _)| CHANGES.contains(&&*feed.kind));
        // Nothing is collected any more of a repository that is gone: it holds nothing back, unless it is asked about alone.
        let (gone, live): (Vec<_>, Vec<_>) = changes
            .iter()
            .chain(&others)
            .partition(|(feed, _)| state.is_gone(&feed.scope));
        let all = if live.is_empty() { gone } else { live };
        let to: Option<Vec<_>> = all.into_iter().map(|(_, entry)| entry.covered_to).collect();
        let team_from = match extent {
            Extent::Team(team) => {
                let roster = join(state.roster.as_ref(), state.observed.values());
                team_starts(&roster).get(team).copied().flatten()
            }
            _ => None,
        };
        Ok(Coverage {
            // A source that knows deployments alone begins with them.
            from: if changes.is_empty() { &others } else { &changes }
                .iter()
                .filter_map(|(_, entry)| entry.covered_from)
                .min(),
            deployments_from: state
                .deployments
                .values()
                .filter(|entry| entry.part(extent).is_some())
                .map(|entry| entry.fact.finished_at)
                .min(),
            to: to.and_then(|to| to.into_iter().min()),
            team_from,
            pull_requests_from: feeds()
                .filter(|(feed, _)| feed.kind == "pull_requests")
                .filter_map(|(_, entry)| entry.covered_from)
                .min(),
            incidents_from: feeds()
                .filter(|(feed, _)| INCIDENTS.contains(&&*feed.kind))
                .filter_map(|(_, entry)| entry.covered_from)
                .min(),
        })
    }

    async fn pull_request_samples(&self, query: &SampleQuery) -> Result<Vec<PullRequestSample>> {
        Ok(self.state().pull_request_samples(query))
    }

    async fn deployment_samples(&self, query: &SampleQuery) -> Result<Vec<DeploymentSample>> {
        Ok(self.state().deployment_samples(query))
    }

    async fn failure_samples(&self, query: &SampleQuery) -> Result<Vec<FailureSample>> {
        Ok(self.state().failure_samples(query))
    }

    async fn incident_samples(&self, query: &SampleQuery) -> Result<Vec<IncidentSample>> {
        Ok(self.state().incident_samples(query))
    }

    async fn fixes(&self, repository: &Id<Repository>, hotfix_labels: &[String]) -> Result<Vec<Fix>> {
        Ok(self.state().fixes(repository, hotfix_labels))
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

    async fn paths(&self, ids: &[Id<PullRequest>]) -> Result<BTreeMap<Id<PullRequest>, Paths>> {
        let state = self.state();
        let known = ids.iter().filter_map(|id| {
            let paths = state.pull_requests.get(id)?.fact.paths.clone()?;
            Some((id.clone(), paths))
        });
        Ok(known.collect())
    }

    async fn deployments_page(
        &self,
        repository: &Id<Repository>,
        environment: Option<String>,
        after: Option<(DateTime<Utc>, Id<Deployment>)>,
        limit: u32,
    ) -> Result<Vec<Deployment>> {
        let state = self.state();
        let of = state
            .deployments
            .values()
            .map(|entry| &entry.fact)
            .filter(|d| d.repository == *repository)
            .filter(|d| {
                environment
                    .as_ref()
                    .is_none_or(|environment| d.environment == *environment)
            });
        let mut found: Vec<_> = of
            .filter(|d| {
                after
                    .as_ref()
                    .is_none_or(|(at, id)| (d.finished_at, &d.id) > (*at, id))
            })
            .collect();
        // Stable: deployments of one instant stay in the order of their ids.
        found.sort_by_key(|deployment| deployment.finished_at);
        Ok(found.into_iter().take(limit as usize).cloned().collect())
    }

    async fn deployments_by_id(&self, ids: &[Id<Deployment>]) -> Result<Vec<Deployment>> {
        Ok(found(&self.state().deployments, ids))
    }

    async fn incidents_by_id(&self, ids: &[Id<Incident>]) -> Result<Vec<Incident>> {
        Ok(found(&self.state().incidents, ids))
    }

    async fn incidents(&self, repository: &Id<Repository>) -> Result<Vec<Incident>> {
        let state = self.state();
        let of = state
            .incidents
            .values()
            .map(|entry| &entry.fact)
            .filter(|incident| incident.repository == *repository);
        let mut found: Vec<_> = of.cloned().collect();
        // Stable: incidents of one instant stay in the order of their ids.
        found.sort_by_key(|incident| incident.started_at);
        Ok(found)
    }

    async fn landings(&self, repository: &Id<Repository>, names: &[String]) -> Result<BTreeMap<String, i64>> {
        let state = self.state();
        let wanted: BTreeSet<_> = names.iter().collect();
        let mut found = BTreeMap::new();
        let facts = state.pull_requests.values().map(|entry| &entry.fact);
        for fact in facts.filter(|fact| fact.repository == *repository) {
            let Some(position) = fact.position else {
                continue;
            };
            let number = fact.number.map(|number| format!("#{number}"));
            let names = [Some(fact.id.to_string()), number, fact.landing_commit.clone()];
            for name in names.into_iter().flatten().filter(|name| wanted.contains(name)) {
                let last = found.entry(name).or_insert(position);
                *last = position.max(*last);
            }
        }
        Ok(found)
    }

    async fn mentions(&self) -> Result<Vec<Mention>> {
        Ok(self.state().mentions())
    }

    async fn forgotten(&self) -> Result<Forgotten> {
        Ok(self.state().forgotten.clone())
    }

    async fn forget(&self, person: &Person, _at: DateTime<Utc>) -> Result<Erased> {
        self.state().forget(person)
    }

    async fn add_key(&self, key: &StoredKey) -> Result<()> {
        self.state().add_key(key.clone())
    }

    async fn key(&self, id: &Id<ApiKey>) -> Result<Option<StoredKey>> {
        Ok(self.state().keys.get(id).cloned())
    }

    async fn keys(&self) -> Result<Vec<ApiKey>> {
        Ok(self.state().keys())
    }

    async fn revoke_key(&self, id: &Id<ApiKey>, at: DateTime<Utc>) -> Result<bool> {
        Ok(self.state().revoke_key(id, at))
    }

    async fn touch_key(&self, id: &Id<ApiKey>, at: DateTime<Utc>) -> Result<()> {
        self.state().touch_key(id, at);
        Ok(())
    }

    async fn plan_slot(&self, slot: &Slot) -> Result<Slot> {
        Ok(self.state().plan_slot(slot))
    }

    async fn hand_on_group(&self, slot: DateTime<Utc>, number: usize, attempt: u32) -> Result<()> {
        if let Some(group) = self.state().slot_group(slot, number) {
            group.attempt = group.attempt.max(attempt);
        }
        Ok(())
    }

    async fn end_group(&self, slot: DateTime<Utc>, number: usize, end: GroupEnd) -> Result<()> {
        if let Some(group) = self.state().slot_group(slot, number) {
            group.end.get_or_insert(end);
        }
        Ok(())
    }

    async fn slots(&self, window: Window) -> Result<Vec<Slot>> {
        Ok(self
            .state()
            .slots
            .range(window.from..window.to.max(window.from))
            .map(|(_, slot)| slot.clone())
            .collect())
    }
}

/// The facts of these ids that there are, each once, ordered by id.
fn found<T: Clone>(facts: &BTreeMap<Id<T>, Entry<T>>, ids: &[Id<T>]) -> Vec<T> {
    let ids: BTreeSet<_> = ids.iter().collect();
    let entries = ids.into_iter().filter_map(|id| facts.get(id));
    entries.map(|entry| entry.fact.clone()).collect()
}
