//! A turn of a group: reading its feeds page by page, each page committed before the next counts.

use chrono::TimeDelta;
use tracing::{info, warn};

use super::Progress;
use super::agenda::{Group, Task, Turn};
use super::run::{DATABASE_WAITS, Run, TRIES, tired};
use crate::model::{Checkpoint, Feed};
use crate::source::{SourcePage, SourceProvider};
use crate::store::{Applied, Batch, Lease};
use crate::{Error, ErrorKind, Result};

/// How long a lease holds without a commit. Short, so that what a killed run held is soon free; a run that comes back later
/// than that loses to whoever took it over, and nothing else happens.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Pages of news that a group may read before others have their turn: a repository that never comes to rest must not keep
/// them waiting.
const PAGES_OF_NEWS: u64 = 9;

/// What reading a feed in one turn came to.
enum Read {
    /// Nothing is left.
    End,
    /// Only history is left.
    History,
    /// Something new is left; the turn is over.
    News,
}

impl Run<'_> {
    pub(super) async fn turn(&self, group: &mut Group, turn: Turn) {
        if let Err(error) = self.hold(group).await {
            self.give_up(group, None, &error);
            return;
        }
        match turn {
            Turn::News => {
                let mut pages = 0;
                while let Some(mut task) = group.news.pop_front() {
                    let before = task.report.pages;
                    let result = self.read(group, &mut task, PAGES_OF_NEWS - pages, false).await;
                    let read = task.report.pages - before;
                    self.count_news(read);
                    pages += read;
                    if !self.put(group, task, result) || pages >= PAGES_OF_NEWS || self.ends() {
                        return;
                    }
                }
            }
            Turn::History => {
                if let Some(mut task) = group.history.pop_front() {
                    let result = self.read(group, &mut task, 1, true).await;
                    self.put(group, task, result);
                }
            }
        }
    }

    /// Where a feed goes after its turn; false when the group as a whole is given up.
    fn put(&self, group: &mut Group, task: Task, result: Result<Read>) -> bool {
        match result {
            Ok(Read::End) => self.finish(task.report),
            Ok(Read::History) => group.history.push_back(task),
            Ok(Read::News) => group.news.push_front(task),
            Err(error) => {
                let feed = task.report.feed.clone();
                warn!(feed = %feed, error = %error, "feed not read to its end");
                self.finish(task.report);
                if error.kind() == ErrorKind::Conflict {
                    // Another run is at work on this repository: all of it is left to that one.
                    self.give_up(group, Some(feed), &error);
                    return false;
                }
                self.fail(group.number, group.source.as_ref(), Some(feed), &error);
            }
        }
        true
    }

    fn give_up(&self, group: &mut Group, feed: Option<Feed>, error: &Error) {
        let first = group.news.front().or(group.history.front());
        let feed = feed.or_else(|| first.map(|task| task.report.feed.clone()));
        self.fail(group.number, group.source.as_ref(), feed, error);
        for task in group.news.drain(..).chain(group.history.drain(..)) {
            self.finish(task.report);
        }
    }

    /// Sees to it that no other run reads the group, where that would cost the source's limits twice.
    async fn hold(&self, group: &mut Group) -> Result<()> {
        let info = group.source.info();
        if !info.metered {
            return Ok(());
        }
        let held = self
            .insist(|| {
                let now = self.engine.now();
                let store = self.engine.store();
                store.lease(&info.source, &group.scope, &self.owner, now, now + LEASE)
            })
            .await?;
        match held {
            Some(lease) => {
                group.lease = Some(lease);
                Ok(())
            }
            None => Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "another sync is reading this; if it was killed, it is free within {} seconds",
                    LEASE.num_seconds()
                ),
            )
            .with("scope", &group.scope)),
        }
    }

    async fn read(&self, group: &mut Group, task: &mut Task, pages: u64, history: bool) -> Result<Read> {
        let source = std::sync::Arc::clone(&group.source);
        let source = source.as_ref();
        let feed = task.report.feed.clone();
        if !task.started {
            task.started = true;
            task.after = self.insist(|| self.engine.store().checkpoint(&feed)).await?;
            self.tell(Progress::FeedStarted { feed: feed.clone() });
        }
        let last = task.report.pages + pages;
        let Some(mut page) = self.fetch(group, &feed, task.after.clone()).await? else {
            return Ok(if history { Read::History } else { Read::News });
        };
        loop {
            let (next, has_more, caught_up) = (page.next.clone(), page.has_more, page.caught_up);
            let remaining = page.remaining;
            task.report.pages += 1;
            task.report.records += page.records.len() as u64;
            task.report.swept += page.swept;
            task.report.restarted |= page.restart && task.after.is_some();
            let batch = self.batch(source, &feed, task.after.clone(), self.extended(group), page);
            task.report.quarantined += batch.quarantined.len() as u64;
            let observed = batch.observed.clone();
            let go_on = has_more && task.report.pages < last && (history || !caught_up);
            // The next page is read while this one is written, and is lost with it: only where reading it again costs
            // nothing.
            let ahead = go_on && !source.info().metered;
            let following = async {
                if ahead {
                    self.fetch(group, &feed, Some(next.clone())).await
                } else {
                    Ok(None)
                }
            };
            let (applied, following) = futures::join!(self.commit(batch), following);
            task.report.applied += applied?;
            task.after = Some(next);
            if let Some(roster) = observed {
                self.saw(&feed, roster).await?;
            }
            self.tell(Progress::PageCommitted {
                feed: feed.clone(),
                records: task.report.records,
                remaining,
                history,
                usage: source.usage(),
            });
            task.report.caught_up |= caught_up || !has_more;
            if !has_more {
                task.report.complete = true;
                info!(feed = %feed, feed.records = task.report.records, feed.pages = task.report.pages, "feed read to its end");
                return Ok(Read::End);
            }
            let following = if go_on && !ahead {
                self.fetch(group, &feed, task.after.clone()).await?
            } else {
                following?
            };
            match following {
                Some(following) if !self.options.stop.is_stopped() => page = following,
                _ if task.report.caught_up => return Ok(Read::History),
                _ => return Ok(Read::News),
            }
        }
    }

    /// The page after `after`; `None` when the run has to end before it could be read.
    async fn fetch(
        &self,
        group: &Group,
        feed: &Feed,
        after: Option<Checkpoint>,
    ) -> Result<Option<SourcePage>> {
        let source: &dyn SourceProvider = group.source.as_ref();
        for _ in 0..TRIES {
            if self.ends() {
                return Ok(None);
            }
            let begin = self.engine.clock().now();
            let error = match source.fetch(feed, after.clone()).await {
                Ok(page) => {
                    self.took(begin);
                    return Ok(Some(page));
                }
                Err(error) => error,
            };
            info!(feed = %feed, error = %error, "page not read");
            self.wait(source, Some(feed), error).await?;
        }
        Err(tired(Some(feed)))
    }

    /// The group's lease, to hold from now on.
    fn extended(&self, group: &Group) -> Option<Lease> {
        let lease = group.lease.clone()?;
        Some(Lease {
            until: self.engine.now() + LEASE,
            ..lease
        })
    }

    /// Commits a page, again when the database was away for a moment.
    async fn commit(&self, batch: Batch) -> Result<Applied> {
        let store = self.engine.store();
        let (feed, next) = (batch.feed.clone(), batch.next.clone());
        let moves = batch.expected.as_ref() != Some(&next);
        for wait in DATABASE_WAITS {
            let error = match store.commit(batch.clone()).await {
                Err(error) if error.kind() == ErrorKind::Unavailable => error,
                result => return result,
            };
            warn!(feed = %feed, error = %error, "page not committed, trying again");
            self.engine.clock().sleep_until(self.engine.now() + wait).await;
            // Whether the failed commit was applied is not known; the checkpoint tells.
            if moves && matches!(store.checkpoint(&feed).await, Ok(Some(there)) if there == next) {
                return Ok(Applied::default());
            }
        }
        let last = store.commit(batch).await;
        self.note_loss(last.as_ref().err());
        last
    }
}
