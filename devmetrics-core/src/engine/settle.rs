use serde::{Deserialize, Serialize};
use tracing::info;

use super::Engine;
use crate::Result;
use crate::attribution::Attributor;
use crate::matching::shipments;
use crate::model::Roster;

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
        self.store().set_roster(roster, self.now()).await?;
        let attributor = self.attributor().await?;
        self.settle_with(&attributor).await
    }

    /// Takes the roster of the settings over where it differs from the stored one.
    pub(super) async fn bring_in_roster(&self) -> Result<bool> {
        let Some(roster) = &self.settings().roster else {
            return Ok(false);
        };
        if self.store().roster().await?.as_ref() == Some(roster) {
            return Ok(false);
        }
        self.store().set_roster(roster, self.now()).await?;
        Ok(true)
    }

    pub(super) async fn attributor(&self) -> Result<Attributor> {
        Ok(Attributor::new(
            &self.roster().await?,
            self.settings().attribution,
            self.now(),
        ))
    }

    pub(super) async fn settle_with(&self, attributor: &Attributor) -> Result<Settled> {
        Ok(Settled {
            reattributed: self.reattribute(attributor).await?,
            rematched: self.rematch().await?,
        })
    }

    async fn reattribute(&self, attributor: &Attributor) -> Result<u64> {
        // Large enough to make a transaction worth its cost, small enough to hold in memory.
        const PAGE: u32 = 5_000;
        let mut moved = 0;
        loop {
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
                let deployments = self.store().deployments(&state.repository.id).await?;
                let shipments = shipments(&deployments, &self.settings().environment);
                moved += self.store().ship(&state.repository.id, shipments).await?;
            }
        }
        Ok(moved)
    }
}
