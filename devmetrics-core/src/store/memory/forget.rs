//! Whom facts name, and who is forgotten.

use super::*;
use crate::attribution::Forgotten;
use crate::model::Person;
use crate::store::forget::{Mentions, forgetting_key};

impl State {
    pub(super) fn mentions(&self) -> Vec<Mention> {
        let mut mentions = Mentions::default();
        for fact in self.pull_requests.values().map(|entry| &entry.fact) {
            mentions.add(Deed::PullRequest, &fact.author);
            for author in &fact.co_authors {
                mentions.add(Deed::CoAuthored, author);
            }
            if let Some(activity) = &fact.activity {
                mentions.add_activity(activity);
            }
        }
        for entry in self.deployments.values() {
            mentions.add(Deed::Deployment, &entry.fact.creator);
        }
        for entry in self.incidents.values() {
            mentions.add(Deed::Incident, &entry.fact.author);
        }
        mentions.all()
    }

    pub(super) fn forget(&mut self, person: &Person) -> Result<Erased> {
        if self.forgotten.key().is_empty() {
            self.forgotten = Forgotten::new(forgetting_key()?, []);
        }
        self.forgotten.add(person);
        let forgotten = &self.forgotten;
        let mut erased = Erased::default();
        for entry in self.pull_requests.values_mut() {
            erased.pull_requests += u64::from(forgotten.rename_pull_request(&mut entry.fact));
        }
        for entry in self.deployments.values_mut() {
            erased.deployments += u64::from(forgotten.rename_deployment(&mut entry.fact));
        }
        for entry in self.incidents.values_mut() {
            erased.incidents += u64::from(forgotten.rename_incident(&mut entry.fact));
        }
        for roster in self.roster.iter_mut().chain(self.observed.values_mut()) {
            erased.rosters += u64::from(forgotten.rename_roster(roster));
        }
        for quarantined in self.quarantine.values_mut() {
            erased.quarantined += u64::from(quarantined.forget(forgotten));
        }
        self.version += 1;
        Ok(erased)
    }
}
