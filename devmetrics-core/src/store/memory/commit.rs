//! Applying a page, and attributions.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::attribution::AttributedId;

/// What every kind of fact has in common.
pub(super) trait Versioned: Clone + PartialEq {
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

impl Versioned for Incident {
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

impl State {
    pub(super) fn commit(&mut self, batch: Batch) -> Result<Applied> {
        if let Some(lease) = &batch.lease
            && !self.holds(lease)
        {
            return Err(lease_lost(lease));
        }
        if self.feeds.get(&batch.feed).map(|entry| &entry.checkpoint) != batch.expected.as_ref() {
            return Err(checkpoint_moved(&batch.feed));
        }
        if let Some(lease) = &batch.lease {
            self.extend(lease);
        }
        let feed = match self.feeds.get(&batch.feed) {
            None => FeedEntry {
                checkpoint: batch.next,
                generation: 0,
                sweeping: false,
                covered_from: batch.covered_from,
                covered_to: None,
                total: batch.total,
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
                total: batch.total.or(entry.total),
            },
        };
        let generation = feed.generation;
        let sweep = feed.sweeping && batch.complete;
        let covered_to = if batch.complete || batch.caught_up {
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
        for id in &batch.removed_incidents {
            if let Some(entry) = self.incidents.remove(id) {
                applied.removed += 1;
                touched.insert(entry.fact.repository);
            }
        }
        let mut newer = BTreeSet::new();
        for fact in batch.incidents {
            let id = AttributedId::Incident(fact.id.clone());
            if !put(
                &mut self.incidents,
                fact,
                &batch.feed,
                generation,
                &mut applied,
                &mut touched,
            ) {
                newer.insert(id);
            }
        }
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
        for record in batch.understood {
            self.quarantine.remove(&(batch.feed.clone(), record));
        }
        for record in batch.quarantined {
            self.quarantine
                .insert((record.feed.clone(), record.record.id.clone()), record);
        }
        if let Some(observed) = batch.observed {
            let Feed { source, scope, .. } = batch.feed.clone();
            self.observed.insert((source, scope), observed);
        }
        if sweep {
            remove_unseen(
                &mut self.incidents,
                &batch.feed,
                generation,
                &mut applied,
                &mut touched,
            );
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
        self.version += 1;
        Ok(applied)
    }

    pub(super) fn attribute(&mut self, attributions: Vec<Attribution>, revision: &str) -> u64 {
        let mut changed = 0;
        for attribution in attributions {
            changed += u64::from(match &attribution.subject {
                AttributedId::PullRequest(id) => self.pull_requests.get_mut(id).is_some_and(|entry| {
                    let at = &mut entry.fact.milestones;
                    let moved = attribution.milestones.as_ref().is_some_and(|told| told != at);
                    if let Some(told) = &attribution.milestones {
                        at.clone_from(told);
                    }
                    judge(entry, &attribution, revision) || moved
                }),
                AttributedId::Deployment(id) => self
                    .deployments
                    .get_mut(id)
                    .is_some_and(|entry| judge(entry, &attribution, revision)),
                AttributedId::Incident(id) => self
                    .incidents
                    .get_mut(id)
                    .is_some_and(|entry| judge(entry, &attribution, revision)),
            });
        }
        changed
    }

    /// Whether a feed's scope is a repository that cannot be read any more.
    pub(super) fn is_gone(&self, scope: &str) -> bool {
        let found = self.repositories.get(&Id::new(scope));
        found.is_some_and(|state| state.repository.unreachable_since.is_some())
    }

    /// How many facts there are of a feed.
    pub(super) fn stored(&self, feed: &Feed) -> u64 {
        fn of<T>(facts: &BTreeMap<Id<T>, Entry<T>>, feed: &Feed) -> u64 {
            facts.values().filter(|entry| entry.feed == *feed).count() as u64
        }
        of(&self.pull_requests, feed) + of(&self.deployments, feed) + of(&self.incidents, feed)
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

/// Replaces what was judged of a fact; gives whether it was judged otherwise before.
fn judge<T>(entry: &mut Entry<T>, attribution: &Attribution, revision: &str) -> bool {
    let changed = entry.bot != attribution.bot || entry.shares != attribution.shares;
    entry.bot = attribution.bot;
    entry.shares.clone_from(&attribution.shares);
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
