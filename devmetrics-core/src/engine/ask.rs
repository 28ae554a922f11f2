use std::collections::BTreeMap;

use globset::Glob;
use serde::{Deserialize, Serialize};

use super::Engine;
use crate::metric::{
    Answer, Catalog, Evidence, Extent, Facts, MetricQuery, PullRequestSample, SampleQuery, Scope,
};
use crate::model::{PullRequest, Repository};
use crate::suggest::did_you_mean;
use crate::{Error, ErrorKind, Id, Result};

/// One sample behind a value, with what a person needs to recognise it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceItem {
    /// What became of the sample and why.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// The pull request, where the sample is one.
    pub pull_request: Option<PullRequest>,
}

impl Engine {
    /// The metrics that can be asked about.
    pub fn catalog(&self) -> &Catalog {
        &self.settings().catalog
    }

    /// Answers every metric of the query, in its order.
    ///
    /// # Errors
    /// `InvalidInput` for a window that ends before it begins or an unknown metric, `NotFound` for an unknown team or
    /// repository, and as the store fails.
    pub async fn report(&self, query: &MetricQuery) -> Result<Vec<Answer>> {
        let (query, facts) = self.facts(query).await?;
        self.catalog().answer(&query, &facts, self.now())
    }

    /// Lists what the value of a metric is made of: the same samples and verdicts that [`report`](Self::report) counts.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub async fn explain(&self, query: &MetricQuery, metric: &str) -> Result<Vec<EvidenceItem>> {
        let query = MetricQuery {
            metrics: vec![metric.to_owned()],
            ..query.clone()
        };
        let (query, facts) = self.facts(&query).await?;
        let evidence = self.catalog().explain(&query, metric, &facts, self.now())?;
        let ids: Vec<Id<PullRequest>> = evidence.iter().map(|item| Id::new(item.item.as_str())).collect();
        let mut known: BTreeMap<String, PullRequest> = self
            .store()
            .pull_requests(&ids)
            .await?
            .into_iter()
            .map(|stored| (stored.pull_request.id.to_string(), stored.pull_request))
            .collect();
        Ok(evidence
            .into_iter()
            .map(|evidence| EvidenceItem {
                pull_request: known.remove(&evidence.item),
                evidence,
            })
            .collect())
    }

    /// The repository of this id or name.
    ///
    /// # Errors
    /// `NotFound`, with the nearest repository there is.
    pub async fn repository(&self, text: &str) -> Result<Id<Repository>> {
        let known = self.store().repositories().await?;
        let names = || known.iter().map(|state| state.repository.name.as_str());
        known
            .iter()
            .find(|state| state.repository.id.as_str() == text || state.repository.name == text)
            .map(|state| state.repository.id.clone())
            .ok_or_else(|| {
                let hint = did_you_mean(text, names());
                Error::new(ErrorKind::NotFound, format!("no repository `{text}`{hint}"))
            })
    }

    /// The samples that a query needs; the scope's names are resolved.
    pub(super) async fn facts(&self, query: &MetricQuery) -> Result<(MetricQuery, Facts)> {
        let mut query = query.clone();
        query.environment.clone_from(&self.settings().environment);
        if let Scope::Repository(id) = &query.scope {
            query.scope = Scope::Repository(self.repository(id.as_str()).await?);
        }
        let (window, needs) = self.catalog().needed(&query, self.now())?;
        let extent = match &query.scope {
            Scope::All => Extent::All,
            Scope::Team(id) => {
                self.team(id.as_str()).await?;
                Extent::Team(id.clone())
            }
            Scope::Repository(id) => Extent::Repositories(vec![id.clone()]),
        };
        let samples = SampleQuery {
            extent,
            window,
            open: needs.open,
        };
        let store = self.store();
        let failures = async {
            match needs.failures {
                true => store.failure_samples(&samples).await,
                false => Ok(Vec::new()),
            }
        };
        let incidents = async {
            match needs.incidents {
                true => store.incident_samples(&samples).await,
                false => Ok(Vec::new()),
            }
        };
        let (mut pull_requests, deployments, failures, incidents, coverage) = futures::try_join!(
            store.pull_request_samples(&samples),
            store.deployment_samples(&samples),
            failures,
            incidents,
            store.coverage(&samples.extent),
        )?;
        self.mark_base_branches(&mut pull_requests);
        let names = match needs.names {
            true => self.repository_names().await?,
            false => BTreeMap::new(),
        };
        let calendar = self.settings().calendars.of(&query.scope).clone();
        Ok((
            query,
            Facts {
                pull_requests,
                deployments,
                failures,
                incidents,
                coverage,
                calendar,
                names,
            },
        ))
    }

    async fn repository_names(&self) -> Result<BTreeMap<Id<Repository>, String>> {
        let known = self.store().repositories().await?.into_iter();
        Ok(known
            .map(|state| (state.repository.id, state.repository.name))
            .collect())
    }

    /// Where branches are configured, they say whose merges count, and not the repository's default.
    pub(super) fn mark_base_branches(&self, samples: &mut [PullRequestSample]) {
        let patterns = &self.settings().base_branches;
        if patterns.is_empty() {
            return;
        }
        let patterns: Vec<_> = patterns.iter().map(Glob::compile_matcher).collect();
        for sample in samples {
            sample.on_base_branch = patterns
                .iter()
                .any(|pattern| pattern.is_match(&sample.base_branch));
        }
    }
}
