//! Taking over what nobody collects.

mod fact;
mod plan;
mod repositories;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tracing::info;

use super::{Engine, Settled};
use crate::attribution::Forgotten;
use crate::import::{DeploymentRecord, IncidentRecord, Record, Records, Terms, Wrong};
use crate::model::{Checkpoint, Feed, Repository};
use crate::store::{Applied, Batch, FeedState};
use crate::{Error, ErrorKind, Id, Result};
use fact::Imported;
use plan::Plan;
use repositories::Repositories;

/// The source of what is imported without naming one.
pub const IMPORT: &str = "import";

/// Names of sources that collect: what they bring is never imported.
const COLLECTED: [&str; 2] = ["git", "github"];

/// How an import is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportOptions {
    /// Who tells: small letters, digits, `-` and `_`. An id is unique within its source.
    pub source: String,
    /// Whether the records are all that the source has of the repositories that they name: what is not among them goes.
    pub complete: bool,
    /// More repositories, by name or id, that the records speak of: also where they have nothing to tell.
    pub repositories: Vec<String>,
    /// From when on the source tells everything; `None`: from its first record on.
    pub since: Option<DateTime<Utc>>,
    /// Whether a repository that does not exist is made.
    pub create_repositories: bool,
    /// Whether everything is checked and counted, and nothing is written.
    pub dry_run: bool,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            source: IMPORT.to_owned(),
            complete: false,
            repositories: Vec::new(),
            since: None,
            create_repositories: false,
            dry_run: false,
        }
    }
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// How many records there were.
    pub records: u64,
    /// What became of them. A record that moved to another repository is removed there and inserted here.
    #[serde(flatten)]
    pub applied: Applied,
    /// The names of repositories that were made.
    pub created_repositories: Vec<String>,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// What was derived anew.
    pub settled: Settled,
}

impl Engine {
    /// Takes incidents over that nobody collects. All of them are checked before the first is written; those of one repository
    /// are written in one transaction. The same records again change nothing.
    ///
    /// # Errors
    /// `InvalidInput` that names the record and the field, `NotFound` for an unknown repository of the options, `Conflict` when
    /// another import of the source was faster; and as the store fails.
    pub async fn import_incidents(
        &self,
        records: &Records<IncidentRecord>,
        options: &ImportOptions,
    ) -> Result<ImportReport> {
        self.import(records, options).await
    }

    /// Takes deployments over that nobody collects, as [`import_incidents`](Self::import_incidents) does incidents.
    ///
    /// # Errors
    /// As there.
    pub async fn import_deployments(
        &self,
        records: &Records<DeploymentRecord>,
        options: &ImportOptions,
    ) -> Result<ImportReport> {
        self.import(records, options).await
    }

    async fn import<R>(&self, records: &Records<R>, options: &ImportOptions) -> Result<ImportReport>
    where
        R: Record<Fact: Imported>,
    {
        let feeds = self.feeds_of::<R::Fact>(&options.source).await?;
        let mut repositories = Repositories::new(self.store().repositories().await?, options);
        let mut named = Vec::with_capacity(records.records().len());
        for (index, record) in records.records().iter().enumerate() {
            let found = repositories.find(record.repository());
            named.push(found.map_err(|message| records.error(index, Wrong::new("repository", message)))?);
        }
        let mut spoken_of = BTreeSet::new();
        for name in &options.repositories {
            let found = repositories.find(name);
            spoken_of.insert(found.map_err(|message| Error::new(ErrorKind::NotFound, message))?);
        }
        let mut before = Vec::new();
        for repository in feeds
            .keys()
            .chain(&named)
            .chain(&spoken_of)
            .collect::<BTreeSet<_>>()
        {
            before.extend(R::Fact::stored(self.store(), repository).await?);
        }
        let mut plan = Plan::new(before);
        for repository in spoken_of {
            plan.speak_of(repository);
        }
        let forgotten = self.store().forgotten().await?;
        self.add_records(&mut plan, records, &named, options, &forgotten)?;
        if options.complete {
            plan.sweep(&format!("{}:{}:", options.source, R::NOUN));
        }
        let mut report = ImportReport {
            records: records.records().len() as u64,
            applied: plan.applied,
            created_repositories: repositories.made().map(|made| made.name.clone()).collect(),
            dry_run: options.dry_run,
            settled: Settled::default(),
        };
        if !options.dry_run {
            report.applied = self.write(plan, &feeds, &repositories, options).await?;
            report.settled = self.settle().await?;
            info!(
                import.source = %options.source,
                import.records = report.records,
                "records imported"
            );
        }
        Ok(report)
    }

    fn add_records<R>(
        &self,
        plan: &mut Plan<R::Fact>,
        records: &Records<R>,
        repositories: &[Id<Repository>],
        options: &ImportOptions,
        forgotten: &Forgotten,
    ) -> Result<()>
    where
        R: Record<Fact: Imported>,
    {
        let now = self.now();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (index, (record, repository)) in records.records().iter().zip(repositories).enumerate() {
            let terms = Terms {
                source: &options.source,
                repository,
                environment: &self.settings().environment,
                at: now,
            };
            let mut fact = record.fact(&terms).map_err(|wrong| records.error(index, wrong))?;
            fact.rename(forgotten);
            if let Some(first) = seen.insert(fact.id().to_owned(), index) {
                let message = format!(
                    "the id `{}` is there twice{}; keep one of them",
                    record.id(),
                    records.line(first)
                );
                return Err(records.error(index, Wrong::new("id", message)));
            }
            plan.add(fact, record.begins_at(), record.updated_at(), now);
        }
        Ok(())
    }

    /// What was imported of this kind from this source before, by repository.
    ///
    /// # Errors
    /// `InvalidInput` where the source is one that collects: it would lose what is not imported.
    async fn feeds_of<F: Imported>(&self, source: &str) -> Result<BTreeMap<Id<Repository>, FeedState>> {
        let wrong = |message: String| Error::new(ErrorKind::InvalidInput, message).with("option", "source");
        let plain = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '-' | '_');
        if source.is_empty() || !source.chars().all(plain) {
            return Err(wrong(format!(
                "`{source}` is no name of a source; write it in small letters, digits, `-` and `_`, as in `pagerduty`"
            )));
        }
        let mut feeds = self.store().feeds().await?;
        feeds.retain(|state| state.feed.source == source);
        let is_configured = self.sources().iter().any(|known| known.info().source == source);
        if is_configured || COLLECTED.contains(&source) || feeds.iter().any(|state| !state.is_imported()) {
            return Err(wrong(format!(
                "`{source}` is a source that is collected; give what you import another name, such as `{IMPORT}`"
            )));
        }
        feeds.retain(|state| state.feed.kind == F::KIND);
        let by_repository = feeds
            .into_iter()
            .map(|state| (Id::new(state.feed.scope.as_str()), state));
        Ok(by_repository.collect())
    }

    async fn write<F: Imported>(
        &self,
        plan: Plan<F>,
        feeds: &BTreeMap<Id<Repository>, FeedState>,
        repositories: &Repositories,
        options: &ImportOptions,
    ) -> Result<Applied> {
        let attributor = self.attributor().await?;
        let mut applied = Applied::default();
        let batch = |repository: &Id<Repository>, is_known: bool| {
            let feed = Feed {
                source: options.source.clone(),
                scope: repository.to_string(),
                kind: F::KIND.to_owned(),
            };
            let imported = Checkpoint(FeedState::IMPORTED.to_owned());
            let expected = is_known.then(|| imported.clone());
            Batch {
                caught_up: true,
                revision: attributor.revision().to_owned(),
                ..Batch::empty(feed, expected, imported, self.now())
            }
        };
        // First of all: what moved must be gone from where it was before it is somewhere else.
        for (repository, ids) in plan.moved {
            let mut batch = batch(&repository, true);
            F::remove(&mut batch, ids);
            applied += self.store().commit(batch).await?;
        }
        for (repository, group) in plan.groups {
            let before = feeds.get(&repository);
            let known_from = before.and_then(|state| state.covered_from);
            let mut batch = batch(&repository, before.is_some());
            batch.restart = options.complete;
            batch.complete = options.complete;
            batch.covered_from = [known_from, options.since, group.begins_at]
                .into_iter()
                .flatten()
                .min();
            batch
                .repositories
                .extend(repositories.made().find(|made| made.id == repository).cloned());
            let made = batch.repositories.len() as u64;
            F::add(&mut batch, group.facts, &attributor);
            applied += self.store().commit(batch).await?;
            applied.inserted -= made;
        }
        Ok(applied)
    }
}
