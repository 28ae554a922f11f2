//! Applying a page: facts, attributions and the checkpoint in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::attribution::AttributedId;

/// The statements of one kind of fact.
pub(super) struct FactStatements {
    survey: &'static Statement,
    put: &'static Statement,
    see: &'static Statement,
    unseen: &'static Statement,
    remove: &'static Statement,
    remove_teams: &'static Statement,
    follow: &'static Statement,
    pub(super) mark_bots: &'static Statement,
    pub(super) revise: &'static Statement,
    pub(super) drop_teams: &'static Statement,
    pub(super) put_teams: &'static Statement,
}

pub(super) const PULL_REQUESTS: FactStatements = FactStatements {
    survey: &statement::SURVEY_PULL_REQUESTS,
    put: &statement::PUT_PULL_REQUESTS,
    see: &statement::SEE_PULL_REQUESTS,
    unseen: &statement::UNSEEN_PULL_REQUESTS,
    remove: &statement::REMOVE_PULL_REQUESTS,
    remove_teams: &statement::REMOVE_PULL_REQUEST_TEAMS,
    follow: &statement::FOLLOW_PULL_REQUESTS,
    mark_bots: &statement::MARK_PULL_REQUEST_BOTS,
    revise: &statement::REVISE_PULL_REQUESTS,
    drop_teams: &statement::DROP_PULL_REQUEST_TEAMS,
    put_teams: &statement::PUT_PULL_REQUEST_TEAMS,
};

pub(super) const DEPLOYMENTS: FactStatements = FactStatements {
    survey: &statement::SURVEY_DEPLOYMENTS,
    put: &statement::PUT_DEPLOYMENTS,
    see: &statement::SEE_DEPLOYMENTS,
    unseen: &statement::UNSEEN_DEPLOYMENTS,
    remove: &statement::REMOVE_DEPLOYMENTS,
    remove_teams: &statement::REMOVE_DEPLOYMENT_TEAMS,
    follow: &statement::FOLLOW_DEPLOYMENTS,
    mark_bots: &statement::MARK_DEPLOYMENT_BOTS,
    revise: &statement::REVISE_DEPLOYMENTS,
    drop_teams: &statement::DROP_DEPLOYMENT_TEAMS,
    put_teams: &statement::PUT_DEPLOYMENT_TEAMS,
};

pub(super) async fn commit<D: Database>(store: &SqlStore<D>, batch: Batch) -> Result<Applied> {
    let mut page = Page {
        transaction: store.database.begin().await?,
        tenant: &store.tenant,
        batch: &batch.distinct(),
        applied: Applied::default(),
        touched: BTreeSet::new(),
    };
    let feed = page.move_checkpoint().await?;
    page.put_repositories().await?;
    page.remove(
        &DEPLOYMENTS,
        write::ids(page.batch.removed_deployments.iter().map(Id::as_str))?,
    )
    .await?;
    page.put_pull_requests(&feed).await?;
    page.put_deployments(&feed).await?;
    page.put_quarantined().await?;
    page.sweep(&feed).await?;
    page.unmatch().await?;
    page.transaction.commit().await?;
    Ok(page.applied)
}

/// A feed as its first statement found or left it.
#[derive(Deserialize)]
struct FeedRow {
    number: i64,
    generation: i64,
    sweeping: u8,
}

/// Known facts of a page.
#[derive(Deserialize)]
struct Survey {
    known: u64,
    /// Those of which the store has a newer version.
    newer: BTreeSet<String>,
}

struct Page<'a, T> {
    transaction: T,
    tenant: &'a str,
    batch: &'a Batch,
    applied: Applied,
    /// Repositories that have a new or changed fact, or lost one.
    touched: BTreeSet<String>,
}

impl<'a, T: Transaction> Page<'a, T> {
    async fn execute(&mut self, statement: &Statement, rows: &str) -> Result<u64> {
        self.transaction
            .execute(statement, &[self.tenant.into(), rows.into()])
            .await
    }

    async fn query(&mut self, statement: &Statement, rows: &str) -> Result<Vec<String>> {
        self.transaction
            .query(statement, &[self.tenant.into(), rows.into()])
            .await
    }

    /// Comes first, so that of two collectors of one feed the second waits here, and then loses.
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
        params.extend::<[Param<'_>; 3]>([
            batch.next.0.as_str().into(),
            batch.covered_from.into(),
            batch.complete.then_some(batch.at).into(),
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

    async fn put_pull_requests(&mut self, feed: &FeedRow) -> Result<()> {
        let batch = self.batch;
        let attributions = self.attributions(|id| match id {
            AttributedId::PullRequest(id) => Some(id.as_str()),
            AttributedId::Deployment(_) => None,
        });
        let facts: Vec<_> = batch
            .pull_requests
            .iter()
            .map(|fact| (fact.id.as_str(), fact, fact.updated_at))
            .collect();
        let written = self.put(&PULL_REQUESTS, feed, &facts, attributions).await?;
        if written && !batch.pull_requests.is_empty() {
            let rows = write::ids(facts.iter().map(|(id, ..)| *id))?;
            self.execute(&statement::DROP_REVERTS, &rows).await?;
            self.execute(&statement::PUT_REVERTS, &rows).await?;
        }
        Ok(())
    }

    async fn put_deployments(&mut self, feed: &FeedRow) -> Result<()> {
        let batch = self.batch;
        let attributions = self.attributions(|id| match id {
            AttributedId::PullRequest(_) => None,
            AttributedId::Deployment(id) => Some(id.as_str()),
        });
        let facts: Vec<_> = batch
            .deployments
            .iter()
            .map(|fact| (fact.id.as_str(), fact, fact.updated_at))
            .collect();
        self.put(&DEPLOYMENTS, feed, &facts, attributions).await?;
        Ok(())
    }

    fn attributions(
        &self,
        id: impl Fn(&'a AttributedId) -> Option<&'a str>,
    ) -> BTreeMap<&'a str, &'a Attribution> {
        self.batch
            .attributions
            .iter()
            .filter_map(|a| Some((id(&a.subject)?, a)))
            .collect()
    }

    /// Facts of one kind with their attributions; gives whether a fact was written.
    async fn put<F>(
        &mut self,
        statements: &FactStatements,
        feed: &FeedRow,
        facts: &[(&'a str, &'a F, DateTime<Utc>)],
        mut attributions: BTreeMap<&'a str, &'a Attribution>,
    ) -> Result<bool>
    where
        write::Judged<'a, F>: Serialize,
        F: Sync,
    {
        let (tenant, revision) = (self.tenant, self.batch.revision.as_str());
        if facts.is_empty() {
            let attributions: Vec<_> = attributions.into_values().collect();
            attribute::replace(&mut self.transaction, tenant, statements, &attributions, revision).await?;
            return Ok(false);
        }
        let keys: Vec<_> = facts
            .iter()
            .map(|(id, _, updated_at)| (id, updated_at.timestamp()))
            .collect();
        let keys = json(&keys)?;
        let survey: Survey = match self.query(statements.survey, &keys).await?.first() {
            Some(row) => parse(statements.survey, row)?,
            None => Survey {
                known: 0,
                newer: BTreeSet::new(),
            },
        };
        // What followed from an older version of a fact says nothing about the newer one that is kept.
        attributions.retain(|id, _| !survey.newer.contains(*id));

        let rows: Vec<_> = facts
            .iter()
            .map(|&(id, fact, _)| match attributions.get(id) {
                Some(attribution) => write::Judged {
                    fact,
                    bot: attribution.bot,
                    revision,
                },
                None => write::Judged {
                    fact,
                    bot: false,
                    revision: "",
                },
            })
            .collect();
        let rows = json(&rows)?;
        let params = [
            tenant.into(),
            feed.number.into(),
            feed.generation.into(),
            rows.as_str().into(),
        ];
        let touched = self.transaction.query(statements.put, &params).await?;
        let written = touched.len() as u64;
        self.count(facts.len() as u64, survey.known, written);
        self.touched.extend(touched);

        if survey.known > 0 {
            let params = [
                tenant.into(),
                feed.number.into(),
                feed.generation.into(),
                keys.as_str().into(),
            ];
            self.transaction.execute(statements.see, &params).await?;
        }
        let all_new = survey.known == 0
            && facts
                .iter()
                .filter(|(id, ..)| attributions.contains_key(id))
                .count()
                == attributions.len();
        let attributions: Vec<_> = attributions.into_values().collect();
        if all_new {
            // The insert has marked them already, and they have no teams that could be wrong.
            let (_, shares) = write::attributions(&attributions)?;
            self.execute(statements.put_teams, &shares).await?;
        } else {
            if written > 0 {
                self.execute(statements.follow, &keys).await?;
            }
            attribute::replace(&mut self.transaction, tenant, statements, &attributions, revision).await?;
        }
        Ok(written > 0)
    }

    async fn put_quarantined(&mut self) -> Result<()> {
        let batch = self.batch;
        if batch.restart {
            let feed = &batch.feed;
            let params = [
                self.tenant.into(),
                feed.source.as_str().into(),
                feed.scope.as_str().into(),
                feed.kind.as_str().into(),
            ];
            self.transaction
                .execute(&statement::CLEAR_QUARANTINE, &params)
                .await?;
        }
        if !batch.quarantined.is_empty() {
            let rows = write::quarantined(&batch.quarantined)?;
            self.execute(&statement::PUT_QUARANTINE, &rows).await?;
        }
        Ok(())
    }

    /// When a restarted feed has been read to its end, what did not come again goes.
    async fn sweep(&mut self, feed: &FeedRow) -> Result<()> {
        if !self.batch.complete || feed.sweeping == 0 {
            return Ok(());
        }
        for statements in [&PULL_REQUESTS, &DEPLOYMENTS] {
            let params = [self.tenant.into(), feed.number.into(), feed.generation.into()];
            let unseen = self.transaction.query(statements.unseen, &params).await?;
            for ids in unseen {
                if statements.remove.name == statement::REMOVE_PULL_REQUESTS.name {
                    self.execute(&statement::DROP_REVERTS, &ids).await?;
                }
                self.remove(statements, ids).await?;
            }
        }
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

    async fn remove(&mut self, statements: &FactStatements, ids: String) -> Result<()> {
        if ids == "[]" {
            return Ok(());
        }
        self.execute(statements.remove_teams, &ids).await?;
        let touched = self.query(statements.remove, &ids).await?;
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
    fn count(&mut self, given: u64, known: u64, written: u64) {
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
