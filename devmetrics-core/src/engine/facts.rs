//! Which samples a query is answered from.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::Glob;
use tokio::task::JoinSet;
use tracing::warn;

use super::Engine;
use crate::metric::{Extent, Facts, MetricQuery, Needs, PullRequestSample, SampleQuery, Scope};
use crate::model::{Repository, Service};
use crate::store::{MetricsStore, SamplePage};
use crate::{Error, ErrorKind, Id, Result};

/// A query, and what it comes down to.
#[derive(Debug)]
pub(super) struct Asked {
    /// The query, with the names of its scope resolved.
    pub(super) query: MetricQuery,
    samples: SampleQuery,
    needs: Needs,
    /// The service that is asked about, where it is a part of its repositories.
    part: Option<Service>,
}

impl Engine {
    /// The samples that a query is answered from, and the query with the names of its scope resolved: what
    /// [`Catalog::answer`](crate::metric::Catalog::answer) takes.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub async fn facts(&self, query: &MetricQuery) -> Result<(MetricQuery, Facts)> {
        let asked = self.asked(query).await?;
        let mut facts = self.facts_but_pull_requests(&asked).await?;
        if asked.part.is_none() && asked.needs.pull_requests {
            facts.pull_requests = self.store().pull_request_samples(&asked.samples).await?;
            self.mark_base_branches(&mut facts.pull_requests);
        }
        Ok((asked.query, facts))
    }

    /// The pull requests that a query about these metrics is answered from, a page at a time: those of its scope that were merged or
    /// deployed within the window that they look at, and where a metric asks for them those that were open in it.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub async fn pull_request_pages(&self, query: &MetricQuery) -> Result<SamplePages> {
        let asked = self.asked(query).await?;
        let first = match &asked.part {
            Some(_) => self.facts_but_pull_requests(&asked).await?.pull_requests,
            None => Vec::new(),
        };
        Ok(SamplePages {
            first: Some(first).filter(|page| !page.is_empty()),
            rest: self.pages(&asked),
            engine: self.clone(),
        })
    }

    pub(super) async fn asked(&self, query: &MetricQuery) -> Result<Asked> {
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
                part = Some(service).filter(|service| service.is_part()).cloned();
                Extent::Repositories(repositories.into_iter().map(|known| known.id).collect())
            }
        };
        Ok(Asked {
            query,
            samples: SampleQuery {
                extent,
                window,
                open: needs.open,
                places: Vec::new(),
            },
            needs,
            part,
        })
    }

    /// All that is needed but pull requests, which may be many. Those of a service that is a part of its repositories are there.
    pub(super) async fn facts_but_pull_requests(&self, asked: &Asked) -> Result<Facts> {
        let mut facts = match &asked.part {
            Some(service) => {
                self.service_facts(service, asked.samples.window, asked.needs)
                    .await?
            }
            None => self.stored_facts(&asked.samples, asked.needs).await?,
        };
        self.mark_base_branches(&mut facts.pull_requests);
        facts.calendar = self.settings().calendars.of(&asked.query.scope).clone();
        if asked.needs.names {
            facts.names = self.repository_names().await?;
        }
        Ok(facts)
    }

    /// The pull requests, page by page.
    pub(super) fn pages(&self, asked: &Asked) -> Pages {
        let mut pages = Pages {
            store: Arc::clone(&self.parts.store),
            query: Arc::new(asked.samples.clone()),
            reading: JoinSet::new(),
        };
        if asked.part.is_none() && asked.needs.pull_requests {
            pages.read(None);
        }
        pages
    }

    /// The facts of an extent as they are stored, but for pull requests.
    async fn stored_facts(&self, samples: &SampleQuery, needs: Needs) -> Result<Facts> {
        let store = self.store();
        let deployments = async {
            match needs.deployments {
                true => store.deployment_samples(samples).await,
                false => Ok(Vec::new()),
            }
        };
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
        let (deployments, failures, incidents, coverage) =
            futures::try_join!(deployments, failures, incidents, store.coverage(&samples.extent),)?;
        Ok(Facts {
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
                .any(|pattern| pattern.is_match(&*sample.base_branch));
        }
    }
}

/// The samples of pull requests behind a query, by pages; see [`Engine::pull_request_pages`].
#[derive(Debug)]
pub struct SamplePages {
    /// Those of a service that is a part of its repositories: all at once.
    first: Option<Vec<PullRequestSample>>,
    rest: Pages,
    engine: Engine,
}

impl SamplePages {
    /// The next page; `None` after the last. While one is looked at, the next is read.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn next(&mut self) -> Result<Option<Vec<PullRequestSample>>> {
        match self.first.take() {
            Some(first) => Ok(Some(first)),
            None => self.rest.next(&self.engine).await,
        }
    }
}

/// Pull requests by pages. The next one is read while the last is looked at.
#[derive(Debug)]
pub(super) struct Pages {
    store: Arc<dyn MetricsStore>,
    query: Arc<SampleQuery>,
    /// At most one page.
    reading: JoinSet<Result<SamplePage>>,
}

impl Pages {
    fn read(&mut self, after: Option<Id<Repository>>) {
        let (store, query) = (Arc::clone(&self.store), Arc::clone(&self.query));
        self.reading
            .spawn(async move { store.pull_request_page(&query, after).await });
    }

    /// The next page; `None` after the last.
    pub(super) async fn next(&mut self, engine: &Engine) -> Result<Option<Vec<PullRequestSample>>> {
        let Some(read) = self.reading.join_next().await else {
            return Ok(None);
        };
        let mut page = read.map_err(|error| {
            Error::new(ErrorKind::Internal, "reading a page of samples was ended").caused_by(error)
        })??;
        if page.next.is_some() {
            self.read(page.next);
        }
        engine.mark_base_branches(&mut page.samples);
        Ok(Some(page.samples))
    }
}
