//! Applying a page: facts, attributions and the checkpoint in one transaction.

use std::collections::BTreeSet;

use super::facts::{DEPLOYMENTS, INCIDENTS, PULL_REQUESTS};
use super::*;

pub(super) async fn commit<D: Database>(store: &SqlStore<D>, batch: Batch) -> Result<Applied> {
    let mut transaction = store.database.begin().await?;
    // Before anything else: who is being forgotten is waited for here, with nothing held that they wait for.
    let forgotten = forget::forgotten_during(&mut transaction, &store.tenant).await?;
    let mut page = Page {
        transaction,
        tenant: &store.tenant,
        batch: &batch.without(&forgotten).distinct(),
        applied: Applied::default(),
        touched: BTreeSet::new(),
        touched_teams: BTreeSet::new(),
    };
    page.hold_lease().await?;
    let feed = page.move_checkpoint().await?;
    page.put_repositories().await?;
    let removed = write::ids(page.batch.removed_deployments.iter().map(Id::as_str))?;
    page.remove_deployments(&removed).await?;
    let removed = write::ids(page.batch.removed_incidents.iter().map(Id::as_str))?;
    page.remove_incidents(&removed).await?;
    page.put_pull_requests(&feed).await?;
    page.put_deployments(&feed).await?;
    page.put_incidents(&feed).await?;
    page.put_quarantined().await?;
    page.put_observed().await?;
    page.sweep(&feed).await?;
    page.unmatch().await?;
    attribute::touch_teams(&mut page.transaction, page.tenant, &page.touched_teams).await?;
    move_version(&mut page.transaction, page.tenant, &page.batch.feed.scope).await?;
    page.transaction.commit().await?;
    Ok(page.applied)
}

/// Rows of no id.
const NO_IDS: &str = "[]";

/// A feed as its first statement found or left it.
#[derive(Deserialize)]
pub(super) struct FeedRow {
    pub(super) number: i64,
    pub(super) generation: i64,
    sweeping: u8,
}

pub(super) struct Page<'a, T> {
    pub(super) transaction: T,
    pub(super) tenant: &'a str,
    pub(super) batch: &'a Batch,
    applied: Applied,
    /// Repositories that have a new or changed fact, or lost one.
    pub(super) touched: BTreeSet<String>,
    /// Teams of which samples may be others.
    pub(super) touched_teams: BTreeSet<String>,
}

impl<T: Transaction> Page<'_, T> {
    pub(super) async fn execute(&mut self, statement: &Statement, rows: &str) -> Result<u64> {
        self.transaction
            .execute(statement, &[self.tenant.into(), rows.into()])
            .await
    }

    pub(super) async fn query(&mut self, statement: &Statement, rows: &str) -> Result<Vec<String>> {
        self.transaction
            .query(statement, &[self.tenant.into(), rows.into()])
            .await
    }

    /// Before anything else, so that who lost the scope learns of that.
    async fn hold_lease(&mut self) -> Result<()> {
        let Some(lease) = &self.batch.lease else {
            return Ok(());
        };
        let params = [
            self.tenant.into(),
            lease.source.as_str().into(),
            lease.scope.as_str().into(),
            lease.fence.into(),
            lease.until.timestamp().into(),
        ];
        match self.transaction.execute(&statement::HOLD_LEASE, &params).await? {
            0 => Err(lease_lost(lease)),
            _ => Ok(()),
        }
    }

    /// Comes next, so that of two collectors of one feed the second waits here, and then loses.
    async fn move_checkpoint(&mut self) -> Result<FeedRow> {
        let batch = self.batch;
        let feed = &batch.feed;
        let mut params: Vec<Param<'_>> = vec![
            self.tenant.into(),
            feed.source.as_str().into(),
            feed.scope.as_str().into(),
            feed.kind.as_str().into(),
        ];
        params.extend(
            batch
                .expected
                .as_ref()
                .map(|expected| Param::from(expected.0.as_str())),
        );
        let caught_up = batch.complete || batch.caught_up;
        params.extend::<[Param<'_>; 4]>([
            batch.next.0.as_str().into(),
            batch.covered_from.into(),
            caught_up.then_some(batch.at).into(),
            Param::Int(batch.total.map(u64::cast_signed)),
        ]);
        let statement = if batch.expected.is_some() {
            params.push(i64::from(batch.restart).into());
            &statement::MOVE_CHECKPOINT
        } else {
            &statement::OPEN_FEED
        };
        match self.transaction.query(statement, &params).await?.first() {
            Some(row) => parse(statement, row),
            None => Err(checkpoint_moved(feed)),
        }
    }

    async fn put_repositories(&mut self) -> Result<()> {
        let repositories = &self.batch.repositories;
        if repositories.is_empty() {
            return Ok(());
        }
        let rows = write::repositories(repositories)?;
        let counts = self.query(&statement::COUNT_REPOSITORIES, &rows).await?;
        let [known]: [u64; 1] = match counts.first() {
            Some(row) => parse(&statement::COUNT_REPOSITORIES, row)?,
            None => [0],
        };
        let written = self.execute(&statement::PUT_REPOSITORIES, &rows).await?;
        self.count(repositories.len() as u64, known, written);
        Ok(())
    }

    async fn put_quarantined(&mut self) -> Result<()> {
        let batch = self.batch;
        let feed = &batch.feed;
        let of_feed = [
            feed.source.as_str().into(),
            feed.scope.as_str().into(),
            feed.kind.as_str().into(),
        ];
        if batch.restart {
            let params: Vec<_> = [self.tenant.into()].into_iter().chain(of_feed).collect();
            self.transaction
                .execute(&statement::CLEAR_QUARANTINE, &params)
                .await?;
        }
        if !batch.understood.is_empty() {
            let records = write::ids(batch.understood.iter().map(String::as_str))?;
            let params: Vec<_> = [self.tenant.into(), records.as_str().into()]
                .into_iter()
                .chain(of_feed)
                .collect();
            self.transaction.execute(&statement::UNDERSTAND, &params).await?;
        }
        if !batch.quarantined.is_empty() {
            let rows = write::quarantined(&batch.quarantined)?;
            self.execute(&statement::PUT_QUARANTINE, &rows).await?;
        }
        Ok(())
    }

    async fn put_observed(&mut self) -> Result<()> {
        let Some(observed) = &self.batch.observed else {
            return Ok(());
        };
        teams::put_observed(&mut self.transaction, self.tenant, &self.batch.feed, observed).await
    }

    /// When a restarted feed has been read to its end, what did not come again goes.
    async fn sweep(&mut self, feed: &FeedRow) -> Result<()> {
        if !self.batch.complete || feed.sweeping == 0 {
            return Ok(());
        }
        let unseen = self.unseen(PULL_REQUESTS.unseen, feed).await?;
        self.remove_pull_requests(&unseen).await?;
        let unseen = self.unseen(DEPLOYMENTS.unseen, feed).await?;
        self.remove_deployments(&unseen).await?;
        let unseen = self.unseen(INCIDENTS.unseen, feed).await?;
        self.remove_incidents(&unseen).await?;
        let swept = &self.batch.feed;
        let params = [
            self.tenant.into(),
            swept.source.as_str().into(),
            swept.scope.as_str().into(),
            swept.kind.as_str().into(),
        ];
        self.transaction.execute(&statement::END_SWEEP, &params).await?;
        Ok(())
    }

    /// The ids of what did not come again, as rows.
    async fn unseen(&mut self, unseen: &Statement, feed: &FeedRow) -> Result<String> {
        let params = [self.tenant.into(), feed.number.into(), feed.generation.into()];
        let rows = self.transaction.query(unseen, &params).await?;
        Ok(rows.into_iter().next().unwrap_or_else(|| NO_IDS.to_owned()))
    }

    async fn remove_pull_requests(&mut self, ids: &str) -> Result<()> {
        if ids == NO_IDS {
            return Ok(());
        }
        attribute::teams_of(&mut self.transaction, self.tenant, ids, &mut self.touched_teams).await?;
        self.execute(&statement::DROP_REVERTS, ids).await?;
        self.execute(&statement::REMOVE_ACTIVITY, ids).await?;
        self.execute(&statement::REMOVE_PATHS, ids).await?;
        self.execute(&statement::REMOVE_PULL_REQUEST_TEAMS, ids).await?;
        let touched = self.query(&statement::REMOVE_PULL_REQUESTS, ids).await?;
        self.applied.removed += touched.len() as u64;
        self.touched.extend(touched);
        Ok(())
    }

    async fn remove_deployments(&mut self, ids: &str) -> Result<()> {
        if ids == NO_IDS {
            return Ok(());
        }
        self.execute(&statement::REMOVE_DEPLOYMENT_TEAMS, ids).await?;
        let touched = self.query(&statement::REMOVE_DEPLOYMENTS, ids).await?;
        self.applied.removed += touched.len() as u64;
        self.touched.extend(touched);
        Ok(())
    }

    async fn remove_incidents(&mut self, ids: &str) -> Result<()> {
        if ids == NO_IDS {
            return Ok(());
        }
        self.execute(&statement::REMOVE_INCIDENT_TEAMS, ids).await?;
        let touched = self.query(&statement::REMOVE_INCIDENTS, ids).await?;
        self.applied.removed += touched.len() as u64;
        self.touched.extend(touched);
        Ok(())
    }

    async fn unmatch(&mut self) -> Result<()> {
        if self.touched.is_empty() {
            return Ok(());
        }
        let rows = write::ids(self.touched.iter().map(String::as_str))?;
        self.execute(&statement::UNMATCH_REPOSITORIES, &rows).await?;
        Ok(())
    }

    /// Of `given` facts `known` were there before, and `written` are new or changed. (Another feed may have brought the
    /// same fact in between, hence no plain subtraction.)
    pub(super) fn count(&mut self, given: u64, known: u64, written: u64) {
        let inserted = given.saturating_sub(known);
        let updated = written.saturating_sub(inserted);
        self.applied += Applied {
            inserted,
            updated,
            unchanged: known.saturating_sub(updated),
            removed: 0,
        };
    }
}
