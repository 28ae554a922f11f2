//! One store for every SQL database: JSON in, JSON out.
//!
//! A batch goes into a statement as one JSON parameter, and answers come back as JSON texts. So a database needs a thin
//! driver and its own `.sql` files, and nothing of what facts mean is said twice.

mod attribute;
mod commit;
mod deployments;
mod facts;
mod forget;
mod keys;
mod pack;
mod pack_draft;
mod pack_format;
mod read;
mod read_facts;
mod samples;
mod ship;
mod slots;
mod statement;
mod teams;
mod text;
mod version;
mod write;

use std::collections::BTreeSet;
use std::fmt::Debug;

use chrono::TimeDelta;
use serde::de::DeserializeOwned;

use super::*;
use text::{json, parse};
use version::move_version;

pub(super) use statement::Statement;

/// A parameter of a statement; typed also when it is null, as PostgreSQL wants it.
#[derive(Clone, Copy, Debug)]
pub enum Param<'a> {
    /// A text, or null.
    Text(Option<&'a str>),
    /// An integer, or null.
    Int(Option<i64>),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl From<i64> for Param<'_> {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<DateTime<Utc>>> for Param<'_> {
    fn from(instant: Option<DateTime<Utc>>) -> Self {
        Self::Int(instant.map(|instant| instant.timestamp()))
    }
}

/// What a SQL database must be able to do.
#[async_trait]
pub trait Database: Debug + Send + Sync + 'static {
    /// A write in progress; dropped without a commit, it leaves nothing behind.
    type Transaction: Transaction;

    /// Brings the tables and views to this build's version.
    async fn migrate(&self) -> Result<()>;

    /// The rows of a read, each of which is one text.
    async fn query(&self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<String>>;

    /// The rows of a read, each of which is one text and bytes, or null.
    async fn packs(
        &self,
        statement: &Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<(String, Option<Vec<u8>>)>>;

    /// Overwrites what the files still have of rows that were changed or deleted, as far as that is the database's to do.
    async fn purge(&self) -> Result<()>;

    /// Begins a write that sees no other one in progress.
    async fn begin(&self) -> Result<Self::Transaction>;
}

/// A write in progress.
#[async_trait]
pub trait Transaction: Send {
    /// The rows of a statement, each of which is one text.
    async fn query(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<String>>;

    /// Runs a statement, and gives the number of rows that it wrote.
    async fn execute(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<u64>;

    /// Makes all of it last.
    async fn commit(self) -> Result<()>;
}

/// A store in a SQL database, for one tenant. Open one by `SqliteStore::open` or `PostgresStore::connect`.
#[derive(Debug)]
pub struct SqlStore<D> {
    pub(super) database: D,
    pub(super) tenant: String,
}

impl<D: Database> SqlStore<D> {
    async fn rows<T: DeserializeOwned>(&self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<T>> {
        let rows = self.database.query(statement, params).await?;
        rows.iter().map(|row| parse(statement, row)).collect()
    }

    /// A write of one statement; gives the number of rows that it wrote.
    async fn execute(&self, statement: &Statement, params: &[Param<'_>]) -> Result<u64> {
        let mut transaction = self.database.begin().await?;
        let written = transaction.execute(statement, params).await?;
        transaction.commit().await?;
        Ok(written)
    }

    /// The samples of a team ($2), of repositories ($3) or of all, with a window ($4 to $5), in one row.
    async fn samples<R: DeserializeOwned, S: From<R>>(
        &self,
        statement: &Statement,
        query: &SampleQuery,
    ) -> Result<Vec<S>> {
        let (team, repositories) = extent_params(&query.extent)?;
        let params = [
            self.tenant.as_str().into(),
            Param::Text(team),
            Param::Text(repositories.as_deref()),
            query.window.from.timestamp().into(),
            query.window.to.timestamp().into(),
        ];
        let rows: Option<Vec<samples::Read<R, S>>> = self.row(statement, &params).await?;
        Ok(rows
            .unwrap_or_default()
            .into_iter()
            .map(samples::Read::sample)
            .collect())
    }

    /// The samples of a query and, of whom it asks for, those of these ids; row by row.
    async fn pull_request_rows(&self, query: &SampleQuery, ids: &[String]) -> Result<Vec<PullRequestSample>> {
        let (team, repositories) = extent_params(&query.extent)?;
        let places = write::places(&query.places)?;
        let mut params = vec![
            self.tenant.as_str().into(),
            Param::Text(team.or(repositories.as_deref())),
            query.window.from.timestamp().into(),
            query.window.to.timestamp().into(),
            i64::from(query.open).into(),
            places.as_str().into(),
        ];
        let ids = json(&ids)?;
        params.push(ids.as_str().into());
        let statement = if team.is_some() {
            &statement::TEAM_PULL_REQUEST_SAMPLES
        } else {
            &statement::PULL_REQUEST_SAMPLES
        };
        let rows: Option<Vec<samples::Read<samples::PullRequestSampleRow, _>>> =
            self.row(statement, &params).await?;
        let rows = rows.unwrap_or_default().into_iter();
        let mut samples: Vec<PullRequestSample> = rows.map(samples::Read::sample).collect();
        samples.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        Ok(samples)
    }

    async fn row<T: DeserializeOwned>(
        &self,
        statement: &Statement,
        params: &[Param<'_>],
    ) -> Result<Option<T>> {
        Ok(self.rows(statement, params).await?.into_iter().next())
    }
}

/// The team, and the list of the repositories, that statements take.
fn extent_params(extent: &Extent) -> Result<(Option<&str>, Option<String>)> {
    Ok(match extent {
        Extent::All => (None, None),
        Extent::Team(team) => (Some(team.as_str()), None),
        Extent::Repositories(repositories) => (None, Some(json(repositories)?)),
    })
}

#[async_trait]
impl<D: Database> MetricsStore for SqlStore<D> {
    async fn migrate(&self) -> Result<()> {
        self.database.migrate().await
    }

    async fn checkpoint(&self, feed: &Feed) -> Result<Option<Checkpoint>> {
        let params = [
            self.tenant.as_str().into(),
            feed.source.as_str().into(),
            feed.scope.as_str().into(),
            feed.kind.as_str().into(),
        ];
        let rows = self.database.query(&statement::CHECKPOINT, &params).await?;
        Ok(rows.into_iter().next().map(Checkpoint))
    }

    async fn commit(&self, batch: Batch) -> Result<Applied> {
        commit::commit(self, batch).await
    }

    async fn version(&self) -> Result<u64> {
        let row = self
            .row(&statement::VERSION, &[self.tenant.as_str().into()])
            .await?;
        Ok(row.unwrap_or_default())
    }

    async fn lease(
        &self,
        source: &str,
        scope: &str,
        owner: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<Lease>> {
        let params = [
            self.tenant.as_str().into(),
            source.into(),
            scope.into(),
            owner.into(),
            now.timestamp().into(),
            until.timestamp().into(),
        ];
        let statement = &statement::TAKE_LEASE;
        let mut transaction = self.database.begin().await?;
        let rows = transaction.query(statement, &params).await?;
        transaction.commit().await?;
        let fence: Option<(i64,)> = rows.first().map(|row| parse(statement, row)).transpose()?;
        Ok(fence.map(|(fence,)| Lease {
            source: source.to_owned(),
            scope: scope.to_owned(),
            fence,
            until,
        }))
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        let params = [
            self.tenant.as_str().into(),
            lease.source.as_str().into(),
            lease.scope.as_str().into(),
            lease.fence.into(),
        ];
        self.execute(&statement::RELEASE_LEASE, &params).await?;
        Ok(())
    }

    async fn confirm(&self, feeds: &[(Feed, Checkpoint)], at: DateTime<Utc>) -> Result<()> {
        let rows: Vec<_> = feeds
            .iter()
            .map(|(feed, checkpoint)| (&feed.source, &feed.scope, &feed.kind, checkpoint))
            .collect();
        let rows = json(&rows)?;
        let params = [
            self.tenant.as_str().into(),
            rows.as_str().into(),
            at.timestamp().into(),
        ];
        let mut transaction = self.database.begin().await?;
        if transaction.execute(&statement::CONFIRM_FEEDS, &params).await? > 0 {
            let first = feeds.first().map(|(feed, _)| &feed.scope);
            move_version(&mut transaction, &self.tenant, first).await?;
        }
        transaction.commit().await
    }

    async fn feeds(&self) -> Result<Vec<FeedState>> {
        let rows: Vec<read::FeedRow> = self
            .rows(&statement::FEEDS, &[self.tenant.as_str().into()])
            .await?;
        Ok(rows.into_iter().map(FeedState::from).collect())
    }

    async fn quarantine(&self, limit: u32) -> Result<Vec<Quarantined>> {
        let params = [self.tenant.as_str().into(), i64::from(limit).into()];
        let rows: Vec<read::QuarantineRow> = self.rows(&statement::QUARANTINE, &params).await?;
        rows.into_iter().map(Quarantined::try_from).collect()
    }

    async fn set_roster(&self, roster: &Roster, at: DateTime<Utc>) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        let forgotten = forget::forgotten_during(&mut transaction, &self.tenant).await?;
        let mut roster = roster.clone();
        forgotten.rename_roster(&mut roster);
        teams::set_roster(&mut transaction, &self.tenant, &roster, at).await?;
        move_version(&mut transaction, &self.tenant, "roster").await?;
        transaction.commit().await
    }

    async fn roster(&self) -> Result<Option<Roster>> {
        self.row(&statement::ROSTER, &[self.tenant.as_str().into()]).await
    }

    async fn observed_rosters(&self) -> Result<Vec<ObservedRoster>> {
        let rows: Vec<teams::ObservedRow> = self
            .rows(&statement::OBSERVED_ROSTERS, &[self.tenant.as_str().into()])
            .await?;
        Ok(rows.into_iter().map(ObservedRoster::from).collect())
    }

    async fn unattributed(&self, revision: &str, limit: u32) -> Result<Vec<Subject>> {
        let params = [
            self.tenant.as_str().into(),
            revision.into(),
            i64::from(limit).into(),
        ];
        let rows: Vec<read_facts::SubjectRow> = self.rows(&statement::UNATTRIBUTED, &params).await?;
        rows.into_iter().map(Subject::try_from).collect()
    }

    async fn attribute(&self, attributions: Vec<Attribution>, revision: &str) -> Result<u64> {
        let mut transaction = self.database.begin().await?;
        let changed = attribute::attribute(&mut transaction, &self.tenant, &attributions, revision).await?;
        if changed > 0 {
            let first = attributions.first().map(write::subject);
            move_version(&mut transaction, &self.tenant, first).await?;
        }
        transaction.commit().await?;
        Ok(changed)
    }

    async fn repositories(&self) -> Result<Vec<RepositoryState>> {
        let rows: Vec<read::RepositoryRow> = self
            .rows(&statement::REPOSITORIES, &[self.tenant.as_str().into()])
            .await?;
        Ok(rows.into_iter().map(RepositoryState::from).collect())
    }

    async fn ship(
        &self,
        repository: &Id<Repository>,
        revision: i64,
        matching: Matching,
    ) -> Result<Option<u64>> {
        let tenant = self.tenant.as_str();
        let mut transaction = self.database.begin().await?;
        let mut touched = BTreeSet::new();
        let shipments = &matching.shipments;
        let moved = ship::ship(&mut transaction, tenant, repository, shipments, &mut touched).await?;
        ship::put_graph(&mut transaction, tenant, repository, &matching.graph).await?;
        // Late, in the order in which a commit touches the same rows: two transactions that wait for each other would be a
        // deadlock. Dropped uncommitted, a transaction is rolled back.
        let params = [
            tenant.into(),
            repository.as_str().into(),
            revision.into(),
            i64::from(moved > 0).into(),
        ];
        if transaction
            .execute(&statement::MATCHED_REPOSITORY, &params)
            .await?
            == 0
        {
            return Ok(None);
        }
        attribute::touch_teams(&mut transaction, tenant, &touched).await?;
        move_version(&mut transaction, tenant, repository.as_str()).await?;
        transaction.commit().await?;
        Ok(Some(moved))
    }

    async fn coverage(&self, extent: &Extent) -> Result<Coverage> {
        let (team, repositories) = extent_params(extent)?;
        let params = [
            self.tenant.as_str().into(),
            Param::Text(team),
            Param::Text(repositories.as_deref()),
        ];
        let row: Option<read::CoverageRow> = self.row(&statement::COVERAGE, &params).await?;
        Ok(row.map(Coverage::from).unwrap_or_default())
    }

    async fn pull_request_samples(&self, query: &SampleQuery) -> Result<Vec<PullRequestSample>> {
        self.pull_request_rows(query, &[]).await
    }

    async fn pull_request_page(
        &self,
        query: &SampleQuery,
        after: Option<Id<Repository>>,
    ) -> Result<SamplePage> {
        if !query.places.is_empty() {
            return Ok(SamplePage {
                samples: self.pull_request_samples(query).await?,
                next: None,
            });
        }
        pack::page(self, query, after).await
    }

    async fn pack(&self) -> Result<()> {
        pack::pack(self).await
    }

    async fn deployment_samples(&self, query: &SampleQuery) -> Result<Vec<DeploymentSample>> {
        deployments::samples(self, query).await
    }

    async fn failure_samples(&self, query: &SampleQuery) -> Result<Vec<FailureSample>> {
        self.samples::<samples::FailureSampleRow, _>(&statement::FAILURE_SAMPLES, query)
            .await
    }

    async fn incident_samples(&self, query: &SampleQuery) -> Result<Vec<IncidentSample>> {
        self.samples::<samples::IncidentSampleRow, _>(&statement::INCIDENT_SAMPLES, query)
            .await
    }

    async fn pull_requests(&self, ids: &[Id<PullRequest>]) -> Result<Vec<StoredPullRequest>> {
        let ids: Vec<_> = ids.iter().map(|id| [id]).collect();
        let ids = json(&ids)?;
        let params = [self.tenant.as_str().into(), ids.as_str().into()];
        let rows: Vec<read_facts::PullRequestRow> = self.rows(&statement::PULL_REQUESTS, &params).await?;
        Ok(rows.into_iter().map(StoredPullRequest::from).collect())
    }

    async fn paths(&self, ids: &[Id<PullRequest>]) -> Result<BTreeMap<Id<PullRequest>, Paths>> {
        let ids = write::ids(ids.iter().map(Id::as_str))?;
        let params = [self.tenant.as_str().into(), ids.as_str().into()];
        let rows: Vec<(Id<PullRequest>, Paths)> = self.rows(&statement::PATHS, &params).await?;
        Ok(rows.into_iter().collect())
    }

    async fn deployments_page(
        &self,
        repository: &Id<Repository>,
        environment: Option<String>,
        after: Option<(DateTime<Utc>, Id<Deployment>)>,
        limit: u32,
    ) -> Result<Vec<Deployment>> {
        // Before every instant.
        let (at, id) = after.map_or((i64::MIN, String::new()), |(at, id)| {
            (at.timestamp(), id.to_string())
        });
        let params = [
            self.tenant.as_str().into(),
            repository.as_str().into(),
            Param::Text(environment.as_deref()),
            at.into(),
            id.as_str().into(),
            i64::from(limit).into(),
        ];
        let rows: Vec<read_facts::DeploymentRow> = self.rows(&statement::DEPLOYMENTS, &params).await?;
        Ok(rows.into_iter().map(Deployment::from).collect())
    }

    async fn deployments_by_id(&self, ids: &[Id<Deployment>]) -> Result<Vec<Deployment>> {
        let ids = write::ids(ids.iter().map(Id::as_str))?;
        let params = [self.tenant.as_str().into(), ids.as_str().into()];
        let rows: Vec<read_facts::DeploymentRow> = self.rows(&statement::DEPLOYMENTS_BY_ID, &params).await?;
        Ok(rows.into_iter().map(Deployment::from).collect())
    }

    async fn incidents_by_id(&self, ids: &[Id<Incident>]) -> Result<Vec<Incident>> {
        let ids = write::ids(ids.iter().map(Id::as_str))?;
        let params = [self.tenant.as_str().into(), ids.as_str().into()];
        let rows: Vec<read_facts::IncidentRow> = self.rows(&statement::INCIDENTS_BY_ID, &params).await?;
        Ok(rows.into_iter().map(Incident::from).collect())
    }

    async fn incidents(&self, repository: &Id<Repository>) -> Result<Vec<Incident>> {
        let params = [self.tenant.as_str().into(), repository.as_str().into()];
        let rows: Vec<read_facts::IncidentRow> = self.rows(&statement::INCIDENTS, &params).await?;
        Ok(rows.into_iter().map(Incident::from).collect())
    }

    async fn fixes(&self, repository: &Id<Repository>, hotfix_labels: &[String]) -> Result<Vec<Fix>> {
        let labels = json(&hotfix_labels)?;
        let params = [
            self.tenant.as_str().into(),
            repository.as_str().into(),
            labels.as_str().into(),
        ];
        let rows: Vec<samples::FixRow> = self.rows(&statement::FIXES, &params).await?;
        Ok(rows.into_iter().map(Fix::from).collect())
    }

    async fn landings(&self, repository: &Id<Repository>, names: &[String]) -> Result<BTreeMap<String, i64>> {
        let ids = write::ids(names.iter().map(String::as_str))?;
        let params = [
            self.tenant.as_str().into(),
            ids.as_str().into(),
            repository.as_str().into(),
        ];
        let rows: Vec<(String, i64)> = self.rows(&statement::LANDINGS, &params).await?;
        let mut found: BTreeMap<String, i64> = rows.into_iter().collect();
        let number = |name: &String| {
            let number: i64 = name.strip_prefix('#')?.parse().ok()?;
            (format!("#{number}") == *name).then_some([number])
        };
        let numbers: Vec<_> = names.iter().filter_map(number).collect();
        if !numbers.is_empty() {
            let numbers = json(&numbers)?;
            let params = [
                self.tenant.as_str().into(),
                numbers.as_str().into(),
                repository.as_str().into(),
            ];
            let rows: Vec<(i64, i64)> = self.rows(&statement::NUMBERED_LANDINGS, &params).await?;
            found.extend(
                rows.into_iter()
                    .map(|(number, place)| (format!("#{number}"), place)),
            );
        }
        Ok(found)
    }

    async fn mentions(&self) -> Result<Vec<Mention>> {
        forget::mentions(self).await
    }

    async fn forgotten(&self) -> Result<Forgotten> {
        forget::forgotten(self).await
    }

    async fn forget(&self, person: &Person, at: DateTime<Utc>) -> Result<Erased> {
        forget::forget(self, person, at).await
    }

    async fn add_key(&self, key: &StoredKey) -> Result<()> {
        self.write_key(key).await
    }

    async fn key(&self, id: &Id<ApiKey>) -> Result<Option<StoredKey>> {
        Ok(self.stored_keys(Some(id.as_str())).await?.pop())
    }

    async fn keys(&self) -> Result<Vec<ApiKey>> {
        let stored = self.stored_keys(None).await?.into_iter();
        Ok(stored.map(|stored| stored.key).collect())
    }

    async fn revoke_key(&self, id: &Id<ApiKey>, at: DateTime<Utc>) -> Result<bool> {
        self.date_key(&statement::REVOKE_KEY, id.as_str(), at).await
    }

    async fn touch_key(&self, id: &Id<ApiKey>, at: DateTime<Utc>) -> Result<()> {
        self.date_key(&statement::TOUCH_KEY, id.as_str(), at).await?;
        Ok(())
    }

    async fn plan_slot(&self, slot: &Slot) -> Result<Slot> {
        if self.write_slot(slot).await? {
            return Ok(slot.clone());
        }
        let planned = self
            .read_slots(slot.at, slot.at + TimeDelta::seconds(1))
            .await?
            .pop();
        planned.ok_or_else(|| {
            Error::new(
                ErrorKind::Conflict,
                "the slot's plan was removed meanwhile; plan it again",
            )
        })
    }

    async fn hand_on_group(&self, slot: DateTime<Utc>, number: usize, attempt: u32) -> Result<()> {
        self.write_group_attempt(slot, number, attempt).await
    }

    async fn end_group(&self, slot: DateTime<Utc>, number: usize, end: GroupEnd) -> Result<()> {
        self.write_group_end(slot, number, end).await
    }

    async fn slots(&self, window: Window) -> Result<Vec<Slot>> {
        self.read_slots(window.from, window.to).await
    }
}
