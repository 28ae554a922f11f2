use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Engine;
use crate::metric::{MetricQuery, Scope};
use crate::model::{DeploymentMatch, Landing, Repository, Window};
use crate::{Id, Result};

/// How the changes of a repository were matched to the deployments that first shipped them: how far its lead times can be
/// trusted. Counted are pull requests that were merged to a base branch within a window, those of bots too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchCoverage {
    /// The repository.
    pub repository: Id<Repository>,
    /// What people call it.
    pub name: String,
    /// Those that the deployed commit contains (T1).
    pub ancestry: u64,
    /// Those that a deployment is said to ship (T2).
    pub declared: u64,
    /// Those that a deployment ships by the clock (T3).
    pub time: u64,
    /// Those that the first known deployment may have shipped.
    pub baseline: u64,
    /// Those of a repository without deployments.
    pub untracked: u64,
    /// Those that no deployment has shipped yet.
    pub pending: u64,
}

impl MatchCoverage {
    fn new(repository: Id<Repository>, name: String) -> Self {
        Self {
            repository,
            name,
            ancestry: 0,
            declared: 0,
            time: 0,
            baseline: 0,
            untracked: 0,
            pending: 0,
        }
    }

    /// All of them.
    pub fn merged(&self) -> u64 {
        self.ancestry + self.declared + self.time + self.baseline + self.untracked + self.pending
    }

    fn count(&mut self, matched: Option<DeploymentMatch>) {
        let count = match matched {
            Some(DeploymentMatch::Ancestry) => &mut self.ancestry,
            Some(DeploymentMatch::Declared) => &mut self.declared,
            Some(DeploymentMatch::Time) => &mut self.time,
            Some(DeploymentMatch::Baseline) => &mut self.baseline,
            Some(DeploymentMatch::Untracked) => &mut self.untracked,
            None => &mut self.pending,
        };
        *count += 1;
    }
}

impl Engine {
    /// How the changes merged within the window were matched, for each repository that has any, in order of name.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub async fn match_coverage(&self, scope: &Scope, window: Window) -> Result<Vec<MatchCoverage>> {
        let query = MetricQuery::new(["change_lead_time"], window).scope(scope.clone());
        let asked = self.asked(&query).await?;
        let mut page = self.facts_but_pull_requests(&asked).await?.pull_requests;
        let mut pages = self.pages(&asked);
        let repositories = self.store().repositories().await?.into_iter();
        let mut names: BTreeMap<Id<Repository>, String> = repositories
            .map(|state| (state.repository.id, state.repository.name))
            .collect();
        let mut found: BTreeMap<Id<Repository>, MatchCoverage> = BTreeMap::new();
        loop {
            for sample in page {
                let is_merged = sample.merged_at.is_some_and(|at| window.contains(at));
                if !is_merged || !sample.on_base_branch || sample.landing == Some(Landing::DirectPush) {
                    continue;
                }
                let coverage = found.entry(sample.repository).or_insert_with_key(|id| {
                    let name = names.remove(id).unwrap_or_else(|| id.to_string());
                    MatchCoverage::new(id.clone(), name)
                });
                coverage.count(sample.matched);
            }
            page = match pages.next(self).await? {
                Some(page) => page,
                None => break,
            };
        }
        let mut found: Vec<_> = found.into_values().collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }
}
