//! One run: what it may still do, and what it has done.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{info, warn};

use super::agenda::{Agenda, Group};
use super::{FeedReport, PartialReason, Progress, SyncFailure, SyncOptions};
use crate::attribution::Attributor;
use crate::engine::Engine;
use crate::model::{Feed, Roster};
use crate::source::SourceProvider;
use crate::{Error, ErrorKind, Result};

/// Of a run's requests so many in a hundred may be retries: GitHub bans who goes on asking while it fails.
const RETRY_PERCENT: u64 = 10;

/// What a short run may retry all the same.
const RETRIES_AT_LEAST: u64 = 20;

/// How often one question is asked: halving a page down to one record and then reading that in parts takes a dozen tries.
pub(super) const TRIES: u32 = 30;

/// How long is waited for a database that does not answer, time by time.
pub(super) const DATABASE_WAITS: [TimeDelta; 3] = [
    TimeDelta::seconds(1),
    TimeDelta::seconds(2),
    TimeDelta::seconds(4),
];

/// How long before its deadline a run starts nothing more, when it does not know yet how long a page takes.
const MARGIN: TimeDelta = TimeDelta::seconds(15);

#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) options: &'a SyncOptions,
    /// Whose facts are; another one once teams were observed to have changed.
    attributor: Mutex<Arc<Attributor>>,
    /// Who holds the leases of this run.
    pub(super) owner: String,
    agenda: Mutex<Agenda>,
    done: Mutex<Done>,
    retries: AtomicU64,
    /// The longest that a page took so far, in milliseconds.
    slowest: AtomicU64,
}

/// What a run has come to so far.
#[derive(Debug, Default)]
struct Done {
    reports: Vec<FeedReport>,
    failures: Vec<SyncFailure>,
    /// Why nothing more is asked of a source, by its number.
    closed: BTreeMap<usize, Closed>,
    observed: BTreeMap<(String, String), Roster>,
    /// Whether the run ended before it was over for want of time.
    out_of_time: bool,
    /// Whether the database went away and stayed away.
    lost: bool,
    /// Whether it ended before it knew what there is to read.
    cut: bool,
}

/// Why a source is not asked any more.
#[derive(Clone, Copy, Debug)]
enum Closed {
    Limited(DateTime<Utc>),
    Failed,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        options: &'a SyncOptions,
        attributor: Attributor,
        observed: BTreeMap<(String, String), Roster>,
    ) -> Self {
        Self {
            engine,
            options,
            attributor: Mutex::new(Arc::new(attributor)),
            owner: format!("{:016x}", fastrand::u64(..)),
            agenda: Mutex::default(),
            done: Mutex::new(Done {
                observed,
                ..Done::default()
            }),
            retries: AtomicU64::new(0),
            slowest: AtomicU64::new(0),
        }
    }

    pub(super) fn set_agenda(&self, groups: Vec<Group>) {
        *self.agenda() = Agenda::new(groups);
    }

    /// Works at the agenda until nothing is left, or the run has to end.
    pub(super) async fn work(&self) {
        loop {
            let next = if self.ends() { None } else { self.agenda().next() };
            let Some((mut group, turn)) = next else {
                break;
            };
            if !self.is_closed(group.number) {
                self.turn(&mut group, turn).await;
            }
            if self.ends() || self.is_closed(group.number) {
                self.leave(group).await;
            } else {
                let finished = self.agenda().put_back(group);
                if let Err(group) = finished {
                    self.leave(*group).await;
                }
            }
        }
    }

    pub(super) fn count_news(&self, pages: u64) {
        self.agenda().count_news(pages);
    }

    /// Gives up everything that nobody took any more.
    pub(super) async fn leave_the_rest(&self) {
        let rest: Vec<_> = self.agenda().drain().collect();
        for group in rest {
            self.leave(group).await;
        }
    }

    /// Ends the reading of a group: its lease is given back, what was read is reported.
    async fn leave(&self, mut group: Group) {
        for task in group.news.drain(..).chain(group.history.drain(..)) {
            if task.started {
                self.finish(task.report);
            } else {
                self.done().reports.push(task.report);
            }
        }
        if let Some(lease) = group.lease.take().filter(|_| !self.is_lost())
            && let Err(error) = self.engine.store().release(&lease).await
        {
            // It ends by itself.
            info!(scope = %group.scope, error = %error, "lease not given back");
        }
    }

    /// Reports a feed that is not read any further in this run.
    pub(super) fn finish(&self, report: FeedReport) {
        self.tell(Progress::FeedFinished {
            feed: report.feed.clone(),
        });
        self.done().reports.push(report);
    }

    pub(super) fn tell(&self, progress: Progress) {
        (self.options.progress)(progress);
    }

    /// Whether nothing more may be started.
    pub(super) fn ends(&self) -> bool {
        if self.options.stop.is_stopped() || self.is_lost() {
            return true;
        }
        let ends = self
            .options
            .deadline
            .is_some_and(|deadline| self.engine.now() + self.margin() >= deadline);
        if ends {
            self.done().out_of_time = true;
        }
        ends
    }

    /// What a page may take and its commit, with as much again for good measure.
    fn margin(&self) -> TimeDelta {
        let slowest = i64::try_from(self.slowest.load(Ordering::Relaxed)).unwrap_or(i64::MAX / 4);
        MARGIN.max(TimeDelta::milliseconds(slowest.saturating_mul(2)))
    }

    pub(super) fn took(&self, since: DateTime<Utc>) {
        let milliseconds = (self.engine.clock().now() - since).num_milliseconds();
        self.slowest
            .fetch_max(u64::try_from(milliseconds).unwrap_or(0), Ordering::Relaxed);
    }

    /// Waits until the source may be asked again.
    ///
    /// # Errors
    /// The error itself when it may not be waited for: it does not pass, or not soon enough, or too much was retried.
    pub(super) async fn wait(
        &self,
        source: &dyn SourceProvider,
        feed: Option<&Feed>,
        error: Error,
    ) -> Result<()> {
        let Some(until) = error.retry_after().filter(|_| error.kind().is_retryable()) else {
            return Err(error);
        };
        let now = self.engine.now();
        if until - now > self.options.patience {
            return Err(error);
        }
        if self
            .options
            .deadline
            .is_some_and(|deadline| until + self.margin() >= deadline)
        {
            if error.kind() == ErrorKind::Unavailable {
                self.done().out_of_time = true;
            }
            return Err(error);
        }
        if error.kind() == ErrorKind::Unavailable {
            let retries = self.retries.fetch_add(1, Ordering::Relaxed) + 1;
            let requests = source.usage().requests;
            if retries > RETRIES_AT_LEAST.max(requests * RETRY_PERCENT / 100) {
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    format!("the source fails too often: {retries} of {requests} requests were retries"),
                )
                .caused_by(error));
            }
        }
        self.tell(Progress::Waiting {
            feed: feed.cloned(),
            until,
            reason: error.message().to_owned(),
        });
        tokio::select! {
            () = self.engine.clock().sleep_until(until) => (),
            () = self.options.stop.stopped() => (),
        }
        Ok(())
    }

    /// Calls the source, again when it asks to be called later.
    pub(super) async fn patiently<T, F>(
        &self,
        source: &Arc<dyn SourceProvider>,
        call: impl Fn() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        for _ in 0..TRIES {
            match call().await {
                Ok(value) => return Ok(value),
                Err(error) => self.wait(source.as_ref(), None, error).await?,
            }
            if self.ends() {
                return Err(Error::new(
                    ErrorKind::Cancelled,
                    "the run ended before the source could be asked",
                ));
            }
        }
        Err(tired(None))
    }

    /// Asks the database, again when it was away for a moment.
    ///
    /// # Errors
    /// The last one, when it stays away.
    pub(super) async fn insist<T, F>(&self, ask: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        for wait in DATABASE_WAITS {
            match ask().await {
                Err(error) if error.kind() == ErrorKind::Unavailable => {
                    warn!(error = %error, "the database does not answer, trying again");
                    self.engine.clock().sleep_until(self.engine.now() + wait).await;
                }
                result => return result,
            }
        }
        let last = ask().await;
        self.note_loss(last.as_ref().err());
        last
    }

    /// Ends the run when the database stays away: every further page would wait for it in vain.
    pub(super) fn note_loss(&self, error: Option<&Error>) {
        if error.is_some_and(|error| error.kind() == ErrorKind::Unavailable) {
            self.done().lost = true;
        }
    }

    /// Whether the database went away and stayed away.
    pub(super) fn is_lost(&self) -> bool {
        self.done().lost
    }

    /// Records why a feed was given up; closes its source where the rest of it would fail in the same way.
    pub(super) fn fail(&self, number: usize, source: &dyn SourceProvider, feed: Option<Feed>, error: &Error) {
        let mut done = self.done();
        match (error.kind(), error.retry_after()) {
            (ErrorKind::RateLimited, Some(reset_at)) => {
                done.closed.insert(number, Closed::Limited(reset_at));
            }
            (ErrorKind::Cancelled, _) => done.cut = true,
            (ErrorKind::Unavailable, _) if done.out_of_time => {}
            (kind, _) => {
                if kind == ErrorKind::Unauthenticated && done.closed.insert(number, Closed::Failed).is_some()
                {
                    // Said once: every feed of the source fails like this.
                    return;
                }
                done.failures.push(SyncFailure::new(source, feed, error));
            }
        }
    }

    fn is_closed(&self, number: usize) -> bool {
        self.done().closed.contains_key(&number)
    }

    /// What the feed's scope has been observed to have so far.
    pub(super) fn observed(&self, feed: &Feed) -> Option<Roster> {
        let key = (feed.source.clone(), feed.scope.clone());
        self.done().observed.get(&key).cloned()
    }

    /// Takes note of what was observed: from now on facts are attributed by it, or settling would have to do it again.
    pub(super) async fn saw(&self, feed: &Feed, roster: Roster) -> Result<()> {
        let key = (feed.source.clone(), feed.scope.clone());
        self.done().observed.insert(key, roster);
        let attributor = Arc::new(self.insist(|| self.engine.attributor()).await?);
        *self.attributor.lock().unwrap_or_else(PoisonError::into_inner) = attributor;
        Ok(())
    }

    /// Says whose facts are.
    pub(super) fn attributor(&self) -> Arc<Attributor> {
        Arc::clone(&self.attributor.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was read, what failed, and why the run ended before everything was read, if it did.
    pub(super) fn end(self) -> (Vec<FeedReport>, Vec<SyncFailure>, Option<PartialReason>) {
        let done = self.done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let limited = done.closed.values().filter_map(|closed| match closed {
            Closed::Limited(reset_at) => Some(*reset_at),
            Closed::Failed => None,
        });
        let unread = done.cut || !done.reports.iter().all(|report| report.complete);
        let reason = if !done.failures.is_empty() {
            Some(PartialReason::Degraded)
        } else if let Some(reset_at) = limited.max() {
            Some(PartialReason::RateLimited { reset_at })
        } else if !unread {
            None
        } else if self.options.stop.is_stopped() {
            Some(PartialReason::Stopped)
        } else {
            Some(PartialReason::Deadline)
        };
        (done.reports, done.failures, reason)
    }

    fn agenda(&self) -> MutexGuard<'_, Agenda> {
        self.agenda.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error of a source that asked to wait and wait.
pub(super) fn tired(feed: Option<&Feed>) -> Error {
    let message = format!("the source did not answer in {TRIES} tries, and asked to wait each time");
    let error = Error::new(ErrorKind::Unavailable, message);
    match feed {
        Some(feed) => error.with("feed", feed),
        None => error,
    }
}
