use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::fact::Imported;
use crate::Id;
use crate::model::Repository;
use crate::store::Applied;

/// What an import comes to, before anything is written.
pub(super) struct Plan<F> {
    /// The facts of the repositories as they are, by id.
    before: BTreeMap<String, F>,
    /// What each repository gets.
    pub(super) groups: BTreeMap<Id<Repository>, Group<F>>,
    /// The ids of what is in another repository now, by the one before.
    pub(super) moved: BTreeMap<Id<Repository>, Vec<String>>,
    pub(super) applied: Applied,
}

/// What a repository gets.
pub(super) struct Group<F> {
    pub(super) facts: Vec<F>,
    /// When the first of them happened.
    pub(super) begins_at: Option<DateTime<Utc>>,
}

impl<F: Imported> Plan<F> {
    /// That of no records, over these facts.
    pub(super) fn new(before: Vec<F>) -> Self {
        Self {
            before: before
                .into_iter()
                .map(|fact| (fact.id().to_owned(), fact))
                .collect(),
            groups: BTreeMap::new(),
            moved: BTreeMap::new(),
            applied: Applied::default(),
        }
    }

    /// Adds a repository, be it without a record.
    pub(super) fn speak_of(&mut self, repository: Id<Repository>) -> &mut Group<F> {
        self.groups.entry(repository).or_insert_with(|| Group {
            facts: Vec::new(),
            begins_at: None,
        })
    }

    /// Adds what a record tells. One that does not say when it was changed was changed `now`, if it says something else than
    /// before; one that was changed earlier than what is stored changes nothing.
    pub(super) fn add(
        &mut self,
        fact: F,
        begins_at: DateTime<Utc>,
        updated_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) {
        let fact = match self.before.get(fact.id()) {
            None => {
                self.applied.inserted += 1;
                fact
            }
            Some(before) => {
                let stored_at = before.updated_at();
                let says_the_same = fact.clone().changed_at(stored_at) == *before;
                let at = match updated_at {
                    Some(at) => at,
                    None if says_the_same => stored_at,
                    None => now.max(stored_at),
                };
                if at < stored_at || (says_the_same && at == stored_at) {
                    self.applied.unchanged += 1;
                    before.clone()
                } else {
                    if fact.repository() == before.repository() {
                        self.applied.updated += 1;
                    } else {
                        self.applied.removed += 1;
                        self.applied.inserted += 1;
                        let moved = self.moved.entry(before.repository().clone()).or_default();
                        moved.push(before.id().to_owned());
                    }
                    fact.changed_at(at)
                }
            }
        };
        let group = self.speak_of(fact.repository().clone());
        group.begins_at = group.begins_at.into_iter().chain([begins_at]).min();
        group.facts.push(fact);
    }

    /// Counts what goes because no record tells of it: of the repositories that the records speak of, what has an id that
    /// begins so.
    pub(super) fn sweep(&mut self, prefix: &str) {
        let facts = self.groups.values().flat_map(|group| &group.facts);
        let told: BTreeSet<&str> = facts.map(Imported::id).collect();
        let gone = self
            .before
            .values()
            .filter(|fact| fact.id().starts_with(prefix) && !told.contains(fact.id()))
            .filter(|fact| self.groups.contains_key(fact.repository()));
        self.applied.removed += gone.count() as u64;
    }
}
