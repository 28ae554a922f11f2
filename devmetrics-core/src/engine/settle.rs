use serde::{Deserialize, Serialize};
use tracing::info;

use super::Engine;
use crate::attribution::Attributor;
use crate::matching::{Fix, History, Matching, Placed, Places, ServiceRules, failures, place, shipments};
use crate::model::{Incident, Repository, Roster};
use crate::store::RepositoryState;
use crate::{Error, ErrorKind, Id, Result};

/// What was derived anew from facts that were there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Facts whose teams, shares or bot mark changed.
    pub reattributed: u64,
    /// Changes whose first deployment changed.
    pub rematched: u64,
}

impl Engine {
    /// Replaces the roster and attributes every fact anew.
    ///
    /// Safe to be killed at any moment: the next sync goes on where it ended.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn set_roster(&self, roster: &Roster) -> Result<Settled> {
        let roster = self.forgetting(roster).await?;
        self.store().set_roster(&roster, self.now()).await?;
        self.settle().await
    }

    /// Takes the roster of the settings over where it differs from the stored one.
    pub(super) async fn bring_in_roster(&self) -> Result<bool> {
        let Some(roster) = &self.settings().roster else {
            return Ok(false);
        };
        let roster = self.forgetting(roster).await?;
        if self.store().roster().await?.as_ref() == Some(&roster) {
            return Ok(false);
        }
        self.store().set_roster(&roster, self.now()).await?;
        Ok(true)
    }

    /// The stored roster, ready to be asked.
    pub(super) async fn attributor(&self) -> Result<Attributor> {
        let roster = self.roster().await?;
        // Read last: should somebody be forgotten meanwhile, the roster is one of before, and everything is attributed anew.
        let forgotten = self.store().forgotten().await?;
        Ok(Attributor::new(&roster, self.settings().attribution, self.now()).forgetting(forgotten))
    }

    /// Attributes what follows from another roster, and matches what came in.
    pub(super) async fn settle(&self) -> Result<Settled> {
        let settled = Settled {
            reattributed: self.reattribute().await?,
            rematched: self.rematch().await?,
        };
        self.store().pack().await?;
        Ok(settled)
    }

    async fn reattribute(&self) -> Result<u64> {
        // Large enough to make a transaction worth its cost, small enough to hold in memory with all that happened.
        const PAGE: u32 = 500;
        let mut moved = 0;
        loop {
            // Asked for every page: were it kept, a run that began before an import would put the old roster back.
            let attributor = self.attributor().await?;
            let subjects = self.store().unattributed(attributor.revision(), PAGE).await?;
            if subjects.is_empty() {
                return Ok(moved);
            }
            let attributions = subjects
                .iter()
                .map(|subject| attributor.attribute(subject))
                .collect();
            moved += self
                .store()
                .attribute(attributions, attributor.revision())
                .await?;
            info!(
                facts = subjects.len(),
                facts.moved = moved,
                "facts attributed anew"
            );
        }
    }

    async fn rematch(&self) -> Result<u64> {
        let mut moved = 0;
        for state in self.store().repositories().await? {
            if state.unmatched {
                moved += self.rematch_one(state).await?;
            }
        }
        Ok(moved)
    }

    /// Matches a repository, again when another collector brought something in meanwhile.
    async fn rematch_one(&self, mut state: RepositoryState) -> Result<u64> {
        // Each further try means that somebody else made progress; more than these means that it never pauses.
        const TRIES: usize = 10;
        let id = state.repository.id.clone();
        for _ in 0..TRIES {
            let matching = self.matching(&id).await?;
            if let Some(moved) = self.store().ship(&id, state.revision, matching).await? {
                return Ok(moved);
            }
            let now = self
                .store()
                .repositories()
                .await?
                .into_iter()
                .find(|now| now.repository.id == id);
            match now.filter(|now| now.unmatched) {
                Some(now) => state = now,
                None => return Ok(0),
            }
        }
        Err(Error::new(
            ErrorKind::Unavailable,
            "another collector changes this repository all the time; its changes are matched by the next sync",
        )
        .with("repository", id))
    }

    /// What follows from the deployments of a repository. What is read in pieces may come of different states of the store:
    /// then the repository has moved on, and the matching is not applied.
    async fn matching(&self, id: &Id<Repository>) -> Result<Matching> {
        let placed = self
            .placed(id, Some(self.settings().environment.clone()), None)
            .await?;
        let incidents = self.store().incidents(id).await?;
        let fixes = self.store().fixes(id, &self.settings().hotfix_labels).await?;
        self.matching_of(id, &placed, &fixes, &incidents).await
    }

    /// What follows from these deployments, fixes and incidents for the changes of a repository.
    pub(super) async fn matching_of(
        &self,
        id: &Id<Repository>,
        deployments: &[Placed],
        fixes: &[Fix],
        incidents: &[Incident],
    ) -> Result<Matching> {
        let environment = &self.settings().environment;
        let named = incidents.iter().flat_map(|incident| &incident.caused_by);
        let reverted = fixes.iter().flat_map(|fix| &fix.reverts);
        let names: Vec<String> = named.chain(reverted).cloned().collect();
        let landings = self.store().landings(id, &names).await?;
        let shipments = shipments(deployments, environment);
        let graph = failures(&History {
            deployments,
            environment,
            shipments: &shipments,
            landings: &landings,
            fixes,
            incidents,
        });
        Ok(Matching { shipments, graph })
    }

    /// The deployments of a repository to an environment (`None`: to any), and of a service (`None`: all), with their places;
    /// ordered by finish and id. Read page by page: in full, all of them may be too many to hold.
    pub(super) async fn placed(
        &self,
        id: &Id<Repository>,
        environment: Option<String>,
        service: Option<&ServiceRules>,
    ) -> Result<Vec<Placed>> {
        // Where a page of commits landed is found among all of the repository's changes, so that small pages would take long.
        const PAGE: u32 = 4_000;
        let mut placed = Vec::new();
        let mut after = None;
        loop {
            let mut page = self
                .store()
                .deployments_page(id, environment.clone(), after, PAGE)
                .await?;
            let Some(last) = page.last() else {
                return Ok(placed);
            };
            after = Some((last.finished_at, last.id.clone()));
            page.retain(|deployment| service.is_none_or(|rules| rules.deploys(deployment)));
            let unplaced = page
                .iter()
                .filter(|deployment| deployment.contains_to.is_none())
                .map(|deployment| &deployment.commit);
            let declared = page.iter().flat_map(|deployment| &deployment.declares);
            let names: Vec<String> = unplaced.chain(declared).cloned().collect();
            let landings = self.store().landings(id, &names).await?;
            placed.extend(place(&page, &landings, Places::of(id)));
        }
    }
}
