use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Engine;
use crate::attribution::{Attributor, Subject, UNASSIGNED};
use crate::metric::{Extent, SampleQuery, Scope};
use crate::model::{Actor, PullRequest, Repository, Roster, Window};
use crate::store::StoredPullRequest;
use crate::{Id, Result};

/// Somebody who wrote merged changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contributor {
    /// Who, as the source names them.
    pub actor: Actor,
    /// How many changes of theirs were merged in the window.
    pub merged: u64,
}

impl Engine {
    /// The people whose changes merged in the window belong to no team, most changes first. Bots are left out.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn unmapped_contributors(&self, window: Window) -> Result<Vec<Contributor>> {
        let merged = self.merged(Extent::Team(Id::new(UNASSIGNED)), window).await?;
        Ok(contributors(
            merged
                .into_iter()
                .filter(|stored| !stored.bot)
                .map(|stored| stored.pull_request),
        ))
    }

    /// The people with changes merged in the window whom this roster would leave without a team, most changes first. Bots
    /// are left out, and nothing is changed.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn contributors_unknown_to(&self, roster: &Roster, window: Window) -> Result<Vec<Contributor>> {
        let mut roster = roster.clone();
        self.store().forgotten().await?.rename_roster(&mut roster);
        let attributor = Attributor::new(&roster, self.settings().attribution, self.now());
        let merged = self
            .merged(Extent::All, window)
            .await?
            .into_iter()
            .map(|stored| stored.pull_request);
        Ok(contributors(merged.filter(|pull_request| {
            let attribution = attributor.attribute(&Subject::from(pull_request));
            !attribution.bot
                && attribution
                    .shares
                    .iter()
                    .any(|share| share.team.as_str() == UNASSIGNED)
        })))
    }

    /// When the last change of a repository was merged; `None` when it has none.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn last_change(&self, repository: &Id<Repository>) -> Result<Option<DateTime<Utc>>> {
        let mut to = self.now();
        let mut span = TimeDelta::days(7);
        // Backwards by spans that grow: a repository at work is answered by its last weeks and not by all of its history.
        while to > DateTime::UNIX_EPOCH {
            let from = (to - span).max(DateTime::UNIX_EPOCH);
            let query = SampleQuery {
                extent: Extent::Repositories(vec![repository.clone()]),
                open: false,
                places: Vec::new(),
                window: Window { from, to },
            };
            let samples = self.store().pull_request_samples(&query).await?;
            let merged = samples.into_iter().filter_map(|sample| sample.merged_at);
            if let Some(last) = merged.filter(|at| query.window.contains(*at)).max() {
                return Ok(Some(last));
            }
            (to, span) = (from, span * 2);
        }
        Ok(None)
    }

    /// The zone that the weeks of a scope are cut in: a team's own; `None` where it has none, or is no team.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn zone_of(&self, scope: &Scope) -> Result<Option<Tz>> {
        let Scope::Team(id) = scope else {
            return Ok(None);
        };
        let roster = self.known_roster().await?;
        Ok(roster
            .teams
            .iter()
            .find(|team| team.id == *id)
            .and_then(|team| team.zone))
    }

    /// Every team of the roster, in its order, and last who is in none.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn every_team(&self) -> Result<Vec<Scope>> {
        let teams = self.roster().await?.teams.into_iter().map(|team| team.id);
        Ok(teams.chain([Id::new(UNASSIGNED)]).map(Scope::Team).collect())
    }

    async fn merged(&self, extent: Extent, window: Window) -> Result<Vec<StoredPullRequest>> {
        let samples = self
            .store()
            .pull_request_samples(&SampleQuery {
                extent,
                window,
                open: false,
                places: Vec::new(),
            })
            .await?;
        let merged = samples
            .into_iter()
            .filter(|sample| sample.merged_at.is_some_and(|at| window.contains(at)));
        let ids: Vec<Id<PullRequest>> = merged.map(|sample| sample.id).collect();
        self.store().pull_requests(&ids).await
    }
}

fn contributors(merged: impl Iterator<Item = PullRequest>) -> Vec<Contributor> {
    let mut found: BTreeMap<String, Contributor> = BTreeMap::new();
    for PullRequest { author, .. } in merged {
        if let Some(key) = author.key() {
            found
                .entry(key)
                .or_insert_with(|| Contributor {
                    actor: author,
                    merged: 0,
                })
                .merged += 1;
        }
    }
    let mut contributors: Vec<Contributor> = found.into_values().collect();
    contributors.sort_by(|a, b| b.merged.cmp(&a.merged).then_with(|| a.actor.cmp(&b.actor)));
    contributors
}
