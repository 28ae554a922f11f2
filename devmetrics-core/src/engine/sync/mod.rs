//! Reading every source into the store.

mod agenda;
mod options;
mod page;
mod report;
mod run;
mod turn;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub use options::{StopSignal, SyncOptions};
pub use report::{Due, FeedReport, Outcome, PartialReason, Progress, SyncFailure, SyncReport};

use agenda::{Group, Task};
use run::Run;

use super::{Engine, Settled};
use crate::model::{Checkpoint, Feed};
use crate::source::{KnownFeed, SourceProvider};
use crate::store::FeedState;
use crate::{ErrorKind, Result};

impl Engine {
    /// Reads every feed of every source from where the last run ended, then matches what came in.
    ///
    /// A page is committed at once with its checkpoint, so a run may be killed at any moment: the next one goes on. News is
    /// read before history; feeds of different repositories are read side by side, those of one repository one after the
    /// other. Two runs at once share the repositories of a source whose requests cost.
    ///
    /// # Errors
    /// As the store fails at the beginning. What fails later, or at a source, is in [`SyncReport::failures`], and the rest
    /// is still read.
    pub async fn sync(&self, options: SyncOptions) -> Result<SyncReport> {
        let roster_changed = self.bring_in_roster().await?;
        let observed = self.store().observed_rosters().await?;
        let observed = observed
            .into_iter()
            .map(|observed| ((observed.source, observed.scope), observed.roster))
            .collect();
        let run = Run::new(self, &options, self.attributor().await?, observed);
        let Found {
            groups,
            unchanged,
            imported,
        } = self.find(&run).await?;
        run.set_agenda(groups);
        let workers = (0..options.concurrency.max(1)).map(|_| run.work());
        futures::future::join_all(workers).await;
        run.leave_the_rest().await;

        let is_lost = run.is_lost();
        let (mut feeds, mut failures, reason) = run.end();
        feeds.sort_by(|a: &FeedReport, b| a.feed.cmp(&b.feed));
        (options.progress)(Progress::Settling);
        let mut outcome = reason.map_or(Outcome::Complete, |reason| Outcome::Partial { reason });
        let settled = if is_lost {
            // Said already; the next run matches what was read.
            Settled::default()
        } else {
            let settle = async {
                self.confirm_imported(&imported).await?;
                self.settle().await
            };
            match settle.await {
                Err(error) if error.kind() == ErrorKind::Unavailable => {
                    failures.push(SyncFailure {
                        source: "the database".to_owned(),
                        feed: None,
                        kind: error.kind(),
                        message: error.to_string(),
                        retry_at: None,
                    });
                    outcome = Outcome::Partial {
                        reason: PartialReason::Degraded,
                    };
                    Settled::default()
                }
                settled => settled?,
            }
        };
        Ok(SyncReport {
            outcome,
            feeds,
            unchanged,
            roster_changed,
            settled,
            failures,
            usage: report::total(self.sources().iter().map(|source| source.usage())),
        })
    }

    /// What [`sync`](Self::sync) would read, for who shares it among several workers: each then syncs some of the scopes.
    ///
    /// What has nothing new is confirmed. Where nothing is due, it also does what a sync does at its end.
    ///
    /// # Errors
    /// As the store fails. What fails at a source is in [`Due::failures`].
    pub async fn due(&self, options: SyncOptions) -> Result<Due> {
        self.bring_in_roster().await?;
        let run = Run::new(self, &options, self.attributor().await?, BTreeMap::new());
        let Found {
            groups,
            unchanged,
            imported,
        } = self.find(&run).await?;
        let (_, failures, reason) = run.end();
        // Two sources may both have something to say about a scope.
        let mut seen = BTreeSet::new();
        let scopes: Vec<String> = groups
            .into_iter()
            .map(|group| group.scope)
            .filter(|scope| seen.insert(scope.clone()))
            .collect();
        self.confirm_imported(&imported).await?;
        if scopes.is_empty() {
            self.settle().await?;
        }
        Ok(Due {
            scopes,
            unchanged,
            outcome: reason.map_or(Outcome::Complete, |reason| Outcome::Partial { reason }),
            failures,
            usage: report::total(self.sources().iter().map(|source| source.usage())),
        })
    }

    /// Nobody reads what is imported, so that it must hold no report back: whoever imports is taken to have told everything
    /// up to now.
    async fn confirm_imported(&self, imported: &[(Feed, Checkpoint)]) -> Result<()> {
        if imported.is_empty() {
            return Ok(());
        }
        self.store().confirm(imported, self.now()).await
    }

    async fn find(&self, run: &Run<'_>) -> Result<Found> {
        let states: BTreeMap<Feed, FeedState> = self
            .store()
            .feeds()
            .await?
            .into_iter()
            .map(|state| (state.feed.clone(), state))
            .collect();
        let mut groups = Vec::new();
        let mut unchanged = 0;
        for (number, source) in self.sources().iter().enumerate() {
            match self.ask(source, run, &states).await {
                Ok((to_read, confirmed)) => {
                    unchanged += confirmed.len() as u64;
                    run.insist(|| self.store().confirm(&confirmed, self.now()))
                        .await?;
                    groups.extend(grouped(number, source, to_read));
                }
                Err(error) => run.fail(number, source.as_ref(), None, &error),
            }
        }
        let scopes = run.options.scopes.as_ref();
        let imported = states.into_values().filter(|state| {
            state.is_imported() && scopes.is_none_or(|scopes| scopes.contains(&state.feed.scope))
        });
        Ok(Found {
            groups,
            unchanged,
            imported: imported.map(|state| (state.feed, state.checkpoint)).collect(),
        })
    }

    /// Of a source: the feeds to be read, and those that are as the store has them.
    async fn ask(
        &self,
        source: &Arc<dyn SourceProvider>,
        run: &Run<'_>,
        states: &BTreeMap<Feed, FeedState>,
    ) -> Result<(Vec<Feed>, Vec<(Feed, Checkpoint)>)> {
        let feeds = run.patiently(source, || source.discover()).await?;
        let wanted = |feed: &Feed| {
            let scopes = run.options.scopes.as_ref();
            scopes.is_none_or(|scopes| scopes.contains(&feed.scope))
        };
        let known: Vec<_> = feeds
            .into_iter()
            .filter(wanted)
            .map(|feed| {
                let state = states.get(&feed);
                KnownFeed {
                    checkpoint: state.map(|state| state.checkpoint.clone()),
                    covered_to: state.and_then(|state| state.covered_to),
                    feed,
                }
            })
            .collect();
        let changes = run.patiently(source, || source.changed(known.clone())).await?;
        let confirmed = changes.unchanged.into_iter().filter_map(|feed| {
            let state = states.get(&feed)?;
            Some((feed, state.checkpoint.clone()))
        });
        Ok((changes.to_read, confirmed.collect()))
    }
}

/// What a run begins with.
struct Found {
    /// The feeds that may have something new, one group a scope, in the order in which the sources want them read.
    groups: Vec<Group>,
    /// How many have not.
    unchanged: u64,
    /// Those that no source reads.
    imported: Vec<(Feed, Checkpoint)>,
}

fn grouped(number: usize, source: &Arc<dyn SourceProvider>, feeds: Vec<Feed>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for feed in feeds {
        let place = *places.entry(feed.scope.clone()).or_insert_with(|| {
            groups.push(Group {
                number,
                source: Arc::clone(source),
                scope: feed.scope.clone(),
                news: VecDeque::new(),
                history: VecDeque::new(),
                lease: None,
            });
            groups.len() - 1
        });
        groups[place].news.push_back(Task {
            report: FeedReport::begin(feed),
            after: None,
            started: false,
        });
    }
    groups
}
