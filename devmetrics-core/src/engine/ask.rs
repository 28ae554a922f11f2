use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Engine;
use crate::metric::{Answer, Answering, Catalog, Evidence, MetricQuery};
use crate::model::{PullRequest, Repository};
use crate::suggest::not_found;
use crate::{Id, Result};

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
        let asked = self.asked(query).await?;
        let mut facts = self.facts_but_pull_requests(&asked).await?;
        let mut answering = Answering::begin(self.catalog(), &asked.query, self.now())?;
        answering.add(&facts);
        facts.forget_samples();
        let mut pages = self.pages(&asked);
        while let Some(page) = pages.next(self).await? {
            facts.pull_requests = page;
            answering.add(&facts);
        }
        Ok(answering.end(&facts))
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
            .ok_or_else(|| not_found(format!("no repository `{text}`"), text, names(), ""))
    }

    /// The owner of this name, whatever its letters' case, as it is written, and its repositories.
    ///
    /// # Errors
    /// `NotFound`, with the nearest owner there is.
    pub async fn organization(&self, name: &str) -> Result<(String, Vec<Id<Repository>>)> {
        let known = self.store().repositories().await?;
        let owners = || known.iter().filter_map(|state| state.repository.owner());
        let Some(owner) = owners().find(|owner| owner.eq_ignore_ascii_case(name)) else {
            let message = format!("no organization `{name}` has a repository that was collected");
            return Err(not_found(message, name, owners(), ""));
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
}
