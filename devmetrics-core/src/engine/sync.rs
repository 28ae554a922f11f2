use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use super::{Engine, Settled};
use crate::attribution::{Attributor, Subject};
use crate::model::{Fact, Feed};
use crate::source::{Checkpoint, KnownFeed, SourcePage, SourceProvider};
use crate::store::{Applied, Batch, Quarantined};
use crate::{Error, ErrorKind, Result};

/// How a sync is run.
#[derive(Clone)]
pub struct SyncOptions {
    /// Ends the run after the current page, with everything before it committed.
    pub stop: StopSignal,
    /// Is told what happens while it happens.
    pub progress: Arc<dyn Fn(Progress) + Send + Sync>,
    /// How many repositories are read side by side.
    pub concurrency: usize,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            stop: StopSignal::default(),
            progress: Arc::new(|_| ()),
            concurrency: 4,
        }
    }
}

impl fmt::Debug for SyncOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncOptions")
            .field("stop", &self.stop)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// Asks a run to end; clones ask the same run.
#[derive(Clone, Debug, Default)]
pub struct StopSignal(Arc<AtomicBool>);

impl StopSignal {
    /// Asks.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a sync tells while it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Progress {
    /// A feed is about to be read.
    FeedStarted {
        /// Which.
        feed: Feed,
    },
    /// A page was committed.
    PageCommitted {
        /// Of which feed.
        feed: Feed,
        /// Records read from it in this run.
        records: u64,
        /// About how many are still to come; `None` when unknown.
        remaining: Option<u64>,
    },
    /// A feed was read to its end, or given up.
    FeedFinished {
        /// Which.
        feed: Feed,
    },
    /// Everything was read; teams and deployments are being matched.
    Settling,
}

/// What a sync did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SyncReport {
    /// Whether everything was read.
    pub outcome: Outcome,
    /// One entry a feed, in order.
    pub feeds: Vec<FeedReport>,
    /// Whether the roster of the settings differed from the stored one and took its place.
    pub roster_changed: bool,
    /// What matching did afterwards.
    pub settled: Settled,
    /// What went wrong; the rest was done all the same.
    pub failures: Vec<SyncFailure>,
}

/// How a sync ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Every feed was read to its end.
    Complete,
    /// The caller asked to stop; the next run goes on from there.
    Stopped,
    /// Some feed could not be read to its end; see the failures.
    Degraded,
}

/// What a sync read of one feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedReport {
    /// Which.
    pub feed: Feed,
    /// Pages read.
    pub pages: u64,
    /// Records read.
    pub records: u64,
    /// Of these, set aside because they could not be understood.
    pub quarantined: u64,
    /// What the store did with the rest.
    pub applied: Applied,
    /// Whether the source's history was rewritten and the feed was read anew.
    pub restarted: bool,
    /// Whether it was read to its end.
    pub complete: bool,
}

/// Something that a sync could not do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncFailure {
    /// The source, as [`ProviderInfo::description`](crate::source::ProviderInfo) names it.
    pub source: String,
    /// The feed; `None` when the source as a whole failed.
    pub feed: Option<Feed>,
    /// What a caller can do about it.
    pub kind: ErrorKind,
    /// What went wrong.
    pub message: String,
    /// When the source can be asked again, where it said so.
    pub retry_at: Option<DateTime<Utc>>,
}

impl SyncReport {
    /// The sum over all feeds.
    pub fn applied(&self) -> Applied {
        let mut sum = Applied::default();
        for feed in &self.feeds {
            sum += feed.applied;
        }
        sum
    }

    /// The number of records set aside, over all feeds.
    pub fn quarantined(&self) -> u64 {
        self.feeds.iter().map(|feed| feed.quarantined).sum()
    }
}

impl Engine {
    /// Reads every feed of every source from where the last run ended, then matches what came in.
    ///
    /// A page is committed at once with its checkpoint, so a run may be killed at any moment: the next one goes on. Feeds
    /// of different repositories run side by side; those of one repository one after the other.
    ///
    /// # Errors
    /// As the store fails. What fails at a source is in [`SyncReport::failures`], and the other sources are still read.
    pub async fn sync(&self, options: SyncOptions) -> Result<SyncReport> {
        let roster_changed = self.bring_in_roster().await?;
        let attributor = self.attributor().await?;
        let mut failures = Vec::new();
        let mut groups: Vec<(Arc<dyn SourceProvider>, Vec<Feed>)> = Vec::new();
        for source in self.sources() {
            match self.feeds_by_scope(source).await {
                Ok(found) => groups.extend(found),
                Err(error) => failures.push(failure(source.as_ref(), None, &error)),
            }
        }
        let runs = groups
            .into_iter()
            .map(|(source, feeds)| self.sync_group(source, feeds, &attributor, &options));
        let done: Vec<_> = futures::stream::iter(runs)
            .buffer_unordered(options.concurrency.max(1))
            .collect()
            .await;
        let mut feeds = Vec::new();
        for (reports, group_failures) in done {
            feeds.extend(reports);
            failures.extend(group_failures);
        }
        feeds.sort_by(|a: &FeedReport, b| a.feed.cmp(&b.feed));
        (options.progress)(Progress::Settling);
        let settled = self.settle().await?;
        let outcome = if !failures.is_empty() {
            Outcome::Degraded
        } else if options.stop.is_stopped() && !feeds.iter().all(|feed| feed.complete) {
            Outcome::Stopped
        } else {
            Outcome::Complete
        };
        Ok(SyncReport {
            outcome,
            feeds,
            roster_changed,
            settled,
            failures,
        })
    }

    /// The feeds that may have something new, one group a repository.
    async fn feeds_by_scope(
        &self,
        source: &Arc<dyn SourceProvider>,
    ) -> Result<Vec<(Arc<dyn SourceProvider>, Vec<Feed>)>> {
        let mut known = Vec::new();
        for feed in source.discover().await? {
            let checkpoint = self.store().checkpoint(&feed).await?;
            known.push(KnownFeed {
                feed,
                checkpoint,
                covered_to: None,
            });
        }
        let mut by_scope: BTreeMap<String, Vec<Feed>> = BTreeMap::new();
        for feed in source.changed(known).await?.to_read {
            by_scope.entry(feed.scope.clone()).or_default().push(feed);
        }
        Ok(by_scope
            .into_values()
            .map(|feeds| (Arc::clone(source), feeds))
            .collect())
    }

    async fn sync_group(
        &self,
        source: Arc<dyn SourceProvider>,
        feeds: Vec<Feed>,
        attributor: &Attributor,
        options: &SyncOptions,
    ) -> (Vec<FeedReport>, Vec<SyncFailure>) {
        let mut reports = Vec::new();
        let mut failures = Vec::new();
        for feed in feeds {
            (options.progress)(Progress::FeedStarted { feed: feed.clone() });
            let mut report = FeedReport {
                feed: feed.clone(),
                pages: 0,
                records: 0,
                quarantined: 0,
                applied: Applied::default(),
                restarted: false,
                complete: false,
            };
            let result = self
                .sync_feed(source.as_ref(), attributor, options, &mut report)
                .await;
            reports.push(report);
            (options.progress)(Progress::FeedFinished { feed: feed.clone() });
            if let Err(error) = result {
                warn!(feed = %feed, error = %error, "feed not read to its end");
                let lost = error.kind() == ErrorKind::Conflict;
                failures.push(failure(source.as_ref(), Some(feed), &error));
                if lost {
                    // Another collector is at work on this repository: leave all of it to that one.
                    break;
                }
            }
        }
        (reports, failures)
    }

    async fn sync_feed(
        &self,
        source: &dyn SourceProvider,
        attributor: &Attributor,
        options: &SyncOptions,
        report: &mut FeedReport,
    ) -> Result<()> {
        let feed = report.feed.clone();
        let mut after = self.store().checkpoint(&feed).await?;
        if options.stop.is_stopped() {
            return Ok(());
        }
        let mut page = source.fetch(&feed, after.clone()).await?;
        loop {
            let (next, has_more, remaining) = (page.next.clone(), page.has_more, page.remaining);
            report.pages += 1;
            report.records += page.records.len() as u64;
            report.restarted |= page.restart && after.is_some();
            let batch = self.batch(source, attributor, &feed, after, page);
            report.quarantined += batch.quarantined.len() as u64;
            // The next page is read while this one is written; it is dropped if this one fails.
            let following = async {
                let go_on = has_more && !options.stop.is_stopped();
                if go_on {
                    source.fetch(&feed, Some(next.clone())).await.map(Some)
                } else {
                    Ok(None)
                }
            };
            let (applied, following) = futures::join!(self.store().commit(batch), following);
            report.applied += applied?;
            (options.progress)(Progress::PageCommitted {
                feed: feed.clone(),
                records: report.records,
                remaining,
            });
            if !has_more {
                report.complete = true;
                info!(feed = %feed, feed.records = report.records, feed.pages = report.pages, "feed read to its end");
                return Ok(());
            }
            after = Some(next);
            match following? {
                Some(following) if !options.stop.is_stopped() => page = following,
                _ => return Ok(()),
            }
        }
    }

    /// What a page means: its facts, whose they are, and what could not be understood.
    fn batch(
        &self,
        source: &dyn SourceProvider,
        attributor: &Attributor,
        feed: &Feed,
        after: Option<Checkpoint>,
        page: SourcePage,
    ) -> Batch {
        let at = self.now();
        let mut batch = Batch {
            feed: feed.clone(),
            expected: after,
            next: page.next,
            restart: page.restart,
            complete: !page.has_more,
            caught_up: page.caught_up || !page.has_more,
            total: page.total,
            lease: None,
            covered_from: page.covered_from,
            at,
            repositories: Vec::new(),
            pull_requests: Vec::new(),
            deployments: Vec::new(),
            removed_deployments: Vec::new(),
            incidents: Vec::new(),
            removed_incidents: Vec::new(),
            observed: None,
            understood: Vec::new(),
            attributions: Vec::new(),
            revision: attributor.revision().to_owned(),
            quarantined: Vec::new(),
        };
        for record in page.records {
            match source.normalize(feed, &record) {
                Ok(facts) => facts
                    .into_iter()
                    .for_each(|fact| add(&mut batch, attributor, fact)),
                Err(error) => {
                    warn!(feed = %feed, record.id = %record.id, error = %error, "record set aside");
                    batch.quarantined.push(Quarantined {
                        feed: feed.clone(),
                        record,
                        error: error.to_string(),
                        at,
                    });
                }
            }
        }
        batch
    }
}

fn add(batch: &mut Batch, attributor: &Attributor, fact: Fact) {
    match fact {
        Fact::Repository(repository) => batch.repositories.push(repository),
        Fact::PullRequest(pull_request) => {
            batch
                .attributions
                .push(attributor.attribute(&Subject::from(&*pull_request)));
            batch.pull_requests.push(*pull_request);
        }
        Fact::Deployment(deployment) => {
            batch
                .attributions
                .push(attributor.attribute(&Subject::from(&deployment)));
            batch.deployments.push(deployment);
        }
        Fact::DeploymentRemoved(id) => batch.removed_deployments.push(id),
        Fact::Incident(incident) => batch.incidents.push(incident),
        Fact::IncidentRemoved(id) => batch.removed_incidents.push(id),
        Fact::Teams(_) => {}
    }
}

fn failure(source: &dyn SourceProvider, feed: Option<Feed>, error: &Error) -> SyncFailure {
    SyncFailure {
        source: source.info().description,
        feed,
        kind: error.kind(),
        message: error.to_string(),
        retry_at: error.retry_after(),
    }
}
