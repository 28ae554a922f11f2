use std::collections::BTreeMap;

use globset::Glob;
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::Engine;
use crate::metric::{
    Answer, Catalog, Evidence, Extent, Facts, MetricQuery, Needs, PullRequestSample, SampleQuery, Scope,
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
    /// `InvalidInput` for a window that ends before it begins or an unknown metric, `NotFound` for an unknown team,
    /// repository, service or organization, and as the store fails.
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

    /// The owner of this name, whatever its letters' case, as it is written, and its repositories.
    ///
    /// # Errors
    /// `NotFound`, with the nearest owner there is.
    pub async fn organization(&self, name: &str) -> Result<(String, Vec<Id<Repository>>)> {
        let known = self.store().repositories().await?;
        let owners = || known.iter().filter_map(|state| state.repository.owner());
        let Some(owner) = owners().find(|owner| owner.eq_ignore_ascii_case(name)) else {
            let hint = did_you_mean(name, owners());
            let message = format!("no organization `{name}` has a repository that was collected{hint}");
            return Err(Error::new(ErrorKind::NotFound, message));
        };
        let repositories = known.iter().map(|state| &state.repository);
        let theirs = repositories.filter(|repository| {
            repository
                .owner()
                .is_some_and(|owner| owner.eq_ignore_ascii_case(name))
        });
        Ok((
            owner.to_owned(),
            theirs.map(|repository| repository.id.clone()).collect(),
        ))
    }

    /// The samples that a query is answered from, and the query with the names of its scope resolved: what
    /// [`Catalog::answer`] takes.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub async fn facts(&self, query: &MetricQuery) -> Result<(MetricQuery, Facts)> {
        let mut query = query.clone();
        query.environment.clone_from(&self.settings().environment);
        let (window, needs) = self.catalog().needed(&query, self.now())?;
        let mut part = None;
        let extent = match &query.scope {
            Scope::All => Extent::All,
            Scope::Team(id) => Extent::Team(self.team(id.as_str()).await?),
            Scope::Repository(id) => {
                let id = self.repository(id.as_str()).await?;
                query.scope = Scope::Repository(id.clone());
                Extent::Repositories(vec![id])
            }
            Scope::Organization(name) => {
                let (name, repositories) = self.organization(name).await?;
                query.scope = Scope::Organization(name);
                Extent::Repositories(repositories)
            }
            Scope::Service(id) => {
                let service = self.service(id.as_str())?;
                let repositories = self.repositories_of(service).await?;
                if repositories.is_empty() {
                    warn!(service.id = %id, "nothing is known of this service: none of its repositories was collected");
                }
                part = Some(service).filter(|service| service.is_part());
                Extent::Repositories(repositories.into_iter().map(|known| known.id).collect())
            }
        };
        let samples = SampleQuery {
            extent,
            window,
            open: needs.open,
            places: Vec::new(),
        };
        let mut facts = match part {
            Some(service) => self.service_facts(service, window, needs).await?,
            None => self.stored_facts(&samples, needs).await?,
        };
        self.mark_base_branches(&mut facts.pull_requests);
        facts.calendar = self.settings().calendars.of(&query.scope).clone();
        if needs.names {
            facts.names = self.repository_names().await?;
        }
        Ok((query, facts))
    }

    /// The facts of an extent as they are stored.
    async fn stored_facts(&self, samples: &SampleQuery, needs: Needs) -> Result<Facts> {
        let store = self.store();
        let failures = async {
            match needs.failures {
                true => store.failure_samples(samples).await,
                false => Ok(Vec::new()),
            }
        };
        let incidents = async {
            match needs.incidents {
                true => store.incident_samples(samples).await,
                false => Ok(Vec::new()),
            }
        };
        let (pull_requests, deployments, failures, incidents, coverage) = futures::try_join!(
            store.pull_request_samples(samples),
            store.deployment_samples(samples),
            failures,
            incidents,
            store.coverage(&samples.extent),
        )?;
        Ok(Facts {
            pull_requests,
            deployments,
            failures,
            incidents,
            coverage,
            ..Facts::default()
        })
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
