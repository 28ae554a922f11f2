use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::attribution::AttributedId;

/// A page to be applied, with what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The feed that was read.
    pub feed: Feed,
    /// The checkpoint that the page was read after.
    pub expected: Option<Checkpoint>,
    /// The checkpoint that follows it.
    pub next: Checkpoint,
    /// Whether the feed begins anew with this page.
    pub restart: bool,
    /// Whether this is the last page of the run.
    pub complete: bool,
    /// Whether the feed is known up to `at`, be it that history is still to come.
    pub caught_up: bool,
    /// How many records the source says that the whole feed has; `None` keeps what it said before.
    pub total: Option<u64>,
    /// The right to write to the feed's scope; `None` where the checkpoint alone guards it.
    pub lease: Option<Lease>,
    /// From when on the feed is known completely.
    pub covered_from: Option<DateTime<Utc>>,
    /// When the page was read.
    pub at: DateTime<Utc>,
    /// Repositories as they are now.
    pub repositories: Vec<Repository>,
    /// Pull requests as they are now.
    pub pull_requests: Vec<PullRequest>,
    /// Deployments as they are now.
    pub deployments: Vec<Deployment>,
    /// Deployments that the source no longer has.
    pub removed_deployments: Vec<Id<Deployment>>,
    /// Incidents as they are now.
    pub incidents: Vec<Incident>,
    /// Incidents that are none any more.
    pub removed_incidents: Vec<Id<Incident>>,
    /// The dated roster that the feed's scope has been observed to have; `None` keeps the stored one.
    pub observed: Option<Roster>,
    /// The teams of the pull requests and deployments above.
    pub attributions: Vec<Attribution>,
    /// The revision of the roster and rules that the attributions follow from.
    pub revision: String,
    /// Records that were understood, by their ids: they are set aside no longer.
    pub understood: Vec<String>,
    /// Records that could not be understood.
    pub quarantined: Vec<Quarantined>,
}

impl Batch {
    /// A batch that moves a feed's checkpoint and brings nothing.
    pub fn empty(feed: Feed, expected: Option<Checkpoint>, next: Checkpoint, at: DateTime<Utc>) -> Self {
        Self {
            feed,
            expected,
            next,
            restart: false,
            complete: false,
            caught_up: false,
            total: None,
            lease: None,
            covered_from: None,
            at,
            repositories: Vec::new(),
            pull_requests: Vec::new(),
            deployments: Vec::new(),
            removed_deployments: Vec::new(),
            incidents: Vec::new(),
            removed_incidents: Vec::new(),
            observed: None,
            attributions: Vec::new(),
            revision: String::new(),
            understood: Vec::new(),
            quarantined: Vec::new(),
        }
    }

    /// The batch with each fact once: its newest version, of equal versions the last; in the order of ids, so that two
    /// commits at once touch rows in one order.
    pub(super) fn distinct(mut self) -> Self {
        self.repositories = newest(self.repositories, |r| r.id.clone(), |_| ());
        self.pull_requests = newest(self.pull_requests, |p| p.id.clone(), |p| p.updated_at);
        self.deployments = newest(self.deployments, |d| d.id.clone(), |d| d.updated_at);
        self.incidents = newest(self.incidents, |i| i.id.clone(), |i| i.updated_at);
        self.attributions = newest(self.attributions, |a| a.subject.clone(), |_| ());
        self.quarantined = newest(
            self.quarantined,
            |q| (q.feed.clone(), q.record.id.clone()),
            |q| q.at,
        );
        self.removed_deployments = gone(self.removed_deployments, self.deployments.iter().map(|d| &d.id));
        self.removed_incidents = gone(self.removed_incidents, self.incidents.iter().map(|i| &i.id));
        self.judge();
        self
    }

    /// Brings the milestones that follow from attributions into the facts themselves, so that these are written once.
    fn judge(&mut self) {
        for attribution in &mut self.attributions {
            let AttributedId::PullRequest(id) = &attribution.subject else {
                continue;
            };
            let Ok(place) = self.pull_requests.binary_search_by(|fact| fact.id.cmp(id)) else {
                continue;
            };
            if let Some(milestones) = attribution.milestones.take() {
                self.pull_requests[place].milestones = milestones;
            }
        }
    }
}

/// What was removed, each once. Removed and there in one page: it has come back.
fn gone<'a, T: 'a>(removed: Vec<Id<T>>, there: impl Iterator<Item = &'a Id<T>>) -> Vec<Id<T>> {
    let there: BTreeSet<_> = there.collect();
    let gone: BTreeSet<_> = removed.into_iter().filter(|id| !there.contains(id)).collect();
    gone.into_iter().collect()
}

fn newest<T, K: Ord, V: Ord>(facts: Vec<T>, key: impl Fn(&T) -> K, version: impl Fn(&T) -> V) -> Vec<T> {
    let mut kept: BTreeMap<K, T> = BTreeMap::new();
    for fact in facts {
        match kept.entry(key(&fact)) {
            Entry::Vacant(entry) => {
                entry.insert(fact);
            }
            Entry::Occupied(mut entry) => {
                if version(&fact) >= version(entry.get()) {
                    entry.insert(fact);
                }
            }
        }
    }
    kept.into_values().collect()
}

/// What a commit did to the facts (repositories, pull requests, deployments, incidents).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// New rows.
    pub inserted: u64,
    /// Rows that changed.
    pub updated: u64,
    /// Rows that stayed as they were, an older version of them included.
    pub unchanged: u64,
    /// Rows removed, because the source no longer has them.
    pub removed: u64,
}

impl Applied {
    /// Whether any row changed.
    pub fn changed(&self) -> bool {
        self.inserted + self.updated + self.removed > 0
    }
}

impl std::ops::AddAssign for Applied {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.removed += other.removed;
    }
}

/// A record set aside: it never stops a run, and its payload is kept to be read again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quarantined {
    /// The feed it came from.
    pub feed: Feed,
    /// The record as it came.
    pub record: RawRecord,
    /// Why it was not understood.
    pub error: String,
    /// When it was read last.
    pub at: DateTime<Utc>,
}
