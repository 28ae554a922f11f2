//! One store for every SQL database: JSON in, JSON out.
//!
//! A batch goes into a statement as one JSON parameter, and answers come back as JSON texts. So a database needs a thin
//! driver and its own `.sql` files, and nothing of what facts mean is said twice.

mod attribute;
mod commit;
mod read;
mod samples;
mod statement;
mod write;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::attribution::team_starts;
use crate::{Error, ErrorKind};

pub(super) use statement::Statement;

/// A parameter of a statement; typed also when it is null, as PostgreSQL wants it.
#[derive(Clone, Copy, Debug)]
pub enum Param<'a> {
    /// A text, or null.
    Text(Option<&'a str>),
    /// An integer, or null.
    Int(Option<i64>),
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

    async fn row<T: DeserializeOwned>(
        &self,
        statement: &Statement,
        params: &[Param<'_>],
    ) -> Result<Option<T>> {
        Ok(self.rows(statement, params).await?.into_iter().next())
    }
}

#[async_trait]
impl<D: Database> MetricsStore for SqlStore<D> {
    async fn lease(
        &self,
        _source: &str,
        _scope: &str,
        _owner: &str,
        _now: DateTime<Utc>,
        _until: DateTime<Utc>,
    ) -> Result<Option<Lease>> {
        Ok(None)
    }

    async fn release(&self, _lease: &Lease) -> Result<()> {
        Ok(())
    }

    async fn confirm(&self, _feeds: &[(Feed, Checkpoint)], _at: DateTime<Utc>) -> Result<()> {
        Ok(())
    }

    async fn observed_rosters(&self) -> Result<Vec<ObservedRoster>> {
        Ok(Vec::new())
    }

    async fn incidents(&self, _repository: &Id<Repository>) -> Result<Vec<Incident>> {
        Ok(Vec::new())
    }

    async fn landings(
        &self,
        _repository: &Id<Repository>,
        _commits: &[String],
    ) -> Result<BTreeMap<String, i64>> {
        Ok(BTreeMap::new())
    }

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
        let starts = team_starts(roster);
        let teams: Vec<_> = roster
            .teams
            .iter()
            .map(|team| {
                let start = starts.get(&team.id).copied().flatten();
                (
                    &team.id,
                    &team.name,
                    team.zone,
                    start.map(|start| start.timestamp()),
                )
            })
            .collect();
        let (document, teams) = (json(roster)?, json(&teams)?);
        let tenant = self.tenant.as_str();
        let mut transaction = self.database.begin().await?;
        let params = [tenant.into(), document.as_str().into(), at.timestamp().into()];
        transaction.execute(&statement::SET_ROSTER, &params).await?;
        transaction
            .execute(&statement::CLEAR_TEAMS, &[tenant.into()])
            .await?;
        transaction
            .execute(&statement::PUT_TEAMS, &[tenant.into(), teams.as_str().into()])
            .await?;
        transaction.commit().await
    }

    async fn roster(&self) -> Result<Option<Roster>> {
        self.row(&statement::ROSTER, &[self.tenant.as_str().into()]).await
    }

    async fn unattributed(&self, revision: &str, limit: u32) -> Result<Vec<Subject>> {
        let params = [
            self.tenant.as_str().into(),
            revision.into(),
            i64::from(limit).into(),
        ];
        let rows: Vec<read::SubjectRow> = self.rows(&statement::UNATTRIBUTED, &params).await?;
        rows.into_iter().map(Subject::try_from).collect()
    }

    async fn attribute(&self, attributions: Vec<Attribution>, revision: &str) -> Result<u64> {
        let mut transaction = self.database.begin().await?;
        let changed = attribute::attribute(&mut transaction, &self.tenant, &attributions, revision).await?;
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
        shipments: Vec<Shipment>,
    ) -> Result<Option<u64>> {
        let tenant = self.tenant.as_str();
        let mut transaction = self.database.begin().await?;
        let params = [tenant.into(), repository.as_str().into()];
        let statement = &statement::LAST_POSITION;
        let row = transaction.query(statement, &params).await?.into_iter().next();
        let last: Option<(Option<i64>,)> = row.map(|row| parse(statement, &row)).transpose()?;
        let last = last.and_then(|(last,)| last);
        let mut moved = 0;
        let mut after = -1;
        // By and by, because the ids of what moved come back: a repository may have a million changes.
        while last.is_some_and(|last| after < last) {
            let through = after + SHIPPED_AT_ONCE;
            moved += ship_places(&mut transaction, tenant, repository, &shipments, (after, through)).await?;
            after = through;
        }
        // Last, in the order in which a commit touches the same rows: two transactions that wait for each other would be a
        // deadlock. Dropped uncommitted, a transaction is rolled back.
        let params = [tenant.into(), repository.as_str().into(), revision.into()];
        if transaction
            .execute(&statement::MATCHED_REPOSITORY, &params)
            .await?
            == 0
        {
            return Ok(None);
        }
        transaction.commit().await?;
        Ok(Some(moved))
    }

    async fn coverage(&self, scope: &Scope) -> Result<Coverage> {
        let (team, repository) = match scope {
            Scope::All => (None, None),
            Scope::Team(team) => (Some(team.as_str()), None),
            Scope::Repository(repository) => (None, Some(repository.as_str())),
        };
        let params = [
            self.tenant.as_str().into(),
            Param::Text(team),
            Param::Text(repository),
        ];
        let row: Option<read::CoverageRow> = self.row(&statement::COVERAGE, &params).await?;
        Ok(row.map(Coverage::from).unwrap_or_default())
    }

    async fn pull_request_samples(&self, query: &SampleQuery) -> Result<Vec<PullRequestSample>> {
        // A statement for teams and one for the rest: one for both would be planned anew every time.
        let (statement, id) = match &query.scope {
            Scope::Team(team) => (&statement::TEAM_PULL_REQUEST_SAMPLES, Some(team.as_str())),
            Scope::Repository(repository) => (&statement::PULL_REQUEST_SAMPLES, Some(repository.as_str())),
            Scope::All => (&statement::PULL_REQUEST_SAMPLES, None),
        };
        let (from, to) = (query.window.from.timestamp(), query.window.to.timestamp());
        let params = [
            self.tenant.as_str().into(),
            Param::Text(id),
            from.into(),
            to.into(),
        ];
        let rows: Option<Vec<samples::PullRequestSampleRow>> = self.row(statement, &params).await?;
        Ok(rows
            .unwrap_or_default()
            .into_iter()
            .map(PullRequestSample::from)
            .collect())
    }

    async fn deployment_samples(&self, query: &SampleQuery) -> Result<Vec<DeploymentSample>> {
        let (team, repository) = match &query.scope {
            Scope::All => (None, None),
            Scope::Team(team) => (Some(team.as_str()), None),
            Scope::Repository(repository) => (None, Some(repository.as_str())),
        };
        let params = [
            self.tenant.as_str().into(),
            Param::Text(team),
            Param::Text(repository),
            query.window.from.timestamp().into(),
            query.window.to.timestamp().into(),
        ];
        let rows: Option<Vec<samples::DeploymentSampleRow>> =
            self.row(&statement::DEPLOYMENT_SAMPLES, &params).await?;
        Ok(rows
            .unwrap_or_default()
            .into_iter()
            .map(DeploymentSample::from)
            .collect())
    }

    async fn pull_requests(&self, ids: &[Id<PullRequest>]) -> Result<Vec<StoredPullRequest>> {
        let ids: Vec<_> = ids.iter().map(|id| [id]).collect();
        let ids = json(&ids)?;
        let params = [self.tenant.as_str().into(), ids.as_str().into()];
        let rows: Vec<read::PullRequestRow> = self.rows(&statement::PULL_REQUESTS, &params).await?;
        Ok(rows.into_iter().map(StoredPullRequest::from).collect())
    }

    async fn deployments(&self, repository: &Id<Repository>) -> Result<Vec<Deployment>> {
        let params = [self.tenant.as_str().into(), repository.as_str().into()];
        let rows: Vec<read::DeploymentRow> = self.rows(&statement::DEPLOYMENTS, &params).await?;
        Ok(rows.into_iter().map(Deployment::from).collect())
    }
}

/// A parameter's JSON.
fn json(value: &(impl Serialize + ?Sized)) -> Result<String> {
    serde_json::to_string(value).map_err(|error| {
        Error::new(ErrorKind::Internal, "a row could not be written as JSON").caused_by(error)
    })
}

/// A row that a statement gave.
fn parse<T: DeserializeOwned>(statement: &Statement, row: &str) -> Result<T> {
    serde_json::from_str(row).map_err(|error| {
        Error::new(
            ErrorKind::Corrupt,
            "a stored row cannot be read; restore the database from a backup, or collect anew into an empty one",
        )
        .with("statement", statement.name)
        .with("row", row.chars().take(200).collect::<String>())
        .caused_by(error)
    })
}

/// How many places of a line are matched by one statement.
const SHIPPED_AT_ONCE: i64 = 10_000;

/// Matches the changes at the places after the first up to the second one; gives how many moved.
async fn ship_places<T: Transaction>(
    transaction: &mut T,
    tenant: &str,
    repository: &Id<Repository>,
    shipments: &[Shipment],
    (after, through): (i64, i64),
) -> Result<u64> {
    let ranges: Vec<_> = shipments
        .iter()
        .filter(|range| range.after < through && after < range.through)
        .map(|range| {
            let at = range.deployed_at.map(|at| at.timestamp());
            (
                range.after.max(after),
                range.through.min(through),
                &range.deployment,
                at,
                range.matched,
            )
        })
        .collect();
    let ranges = json(&ranges)?;
    let params = [tenant.into(), repository.as_str().into(), ranges.as_str().into()];
    let shipped = transaction.query(&statement::SHIP, &params).await?;
    if !shipped.is_empty() {
        let ids = format!("[{}]", shipped.join(","));
        transaction
            .execute(
                &statement::FOLLOW_PULL_REQUESTS,
                &[tenant.into(), ids.as_str().into()],
            )
            .await?;
    }
    Ok(shipped.len() as u64)
}
