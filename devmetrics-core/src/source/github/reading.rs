//! What the feeds of repositories have in common: where a list begins, and its next page.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Fault;
use super::checkpoint;
use super::classify::Outcome;
use super::documents::{List, MAX_IDS};
use super::feed::Kind;
use super::lanes::{HOLD_BACK, Lane, Lanes, Walk, settled};
use super::pages::{Direction, Page, Question, is_too_heavy};
use super::run::{Pace, Probe, SeenRepository};
use super::source::GithubSource;
use crate::Result;
use crate::model::{Feed, RawRecord};
use crate::source::{SourcePage, Unreadable};

/// More rows than any page has: as many as one point pays.
const AS_MANY_AS_FIT: usize = 1000;
/// How often in a run a feed begins anew, because GitHub does not know its place.
const MAX_REFUSALS: u32 = 3;

/// What a page of a feed comes to.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    pub(super) records: Vec<RawRecord>,
    pub(super) unreadable: Vec<Unreadable>,
    /// How many elements the list has.
    pub(super) total: Option<u64>,
    /// How many of the records a sweep found.
    pub(super) swept: u64,
}

impl Outcomes {
    /// Whether it tells nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.unreadable.is_empty()
    }
}

impl GithubSource {
    /// The lanes of a list that was never read. The head's place is taken before the tail begins.
    pub(super) async fn begin(
        &self,
        seen: &SeenRepository,
        list: List,
        probe: Option<Probe>,
    ) -> Result<Lanes> {
        let date = self.run().started;
        match probe {
            Some(Probe { total: 0, .. }) => {
                return Ok(Lanes {
                    tail: Walk::ended(),
                    ..Lanes::default()
                });
            }
            Some(Probe {
                newest: Some(newest), ..
            }) if newest.at <= date - HOLD_BACK => {
                return Ok(Lanes {
                    head: Some(newest),
                    ..Lanes::default()
                });
            }
            _ => {}
        }
        let newest = self.newest(&seen.node, list).await?;
        let head = settled(&newest.places(), newest.date);
        if head.is_none() && newest.rows.len() == MAX_IDS {
            let retry_at = self.clock.now() + HOLD_BACK;
            return Err(self
                .passing("the repository changes too fast to begin; it is tried again in a moment")
                .retry_at(retry_at));
        }
        Ok(Lanes {
            // A list that is all of the last moments is read by its head, from the oldest row on.
            tail: if head.is_none() {
                Walk::ended()
            } else {
                Walk::default()
            },
            head,
            again: None,
        })
    }

    /// Whether everything new of a list has been read in this run, or there is nothing new.
    pub(super) fn head_is_read(&self, kind: Kind, scope: &str, lanes: &Lanes, probe: Option<&Probe>) -> bool {
        let key = (kind, scope.to_owned(), None);
        self.run().read.contains(&key) || probe.is_some_and(|probe| probe.newest == lanes.head)
    }

    /// The next page of `lane`, of `rows` rows or as many as fit; `None` when GitHub refused its place: then it has been set anew.
    pub(super) async fn read_lane(
        &self,
        seen: &SeenRepository,
        feed: &Feed,
        kind: Kind,
        lanes: &mut Lanes,
        lane: Lane,
        rows: Option<usize>,
    ) -> Result<Option<Page>, Fault> {
        let list = match kind {
            Kind::Deployments => List::Deployments,
            _ => self.pull_requests(),
        };
        let question = question(seen, &feed.scope, list, lanes, lane);
        let page = match rows {
            Some(rows) => self.page(&question, rows).await,
            None => self.paced_page(kind, &question).await,
        };
        match page {
            Ok(page) => {
                self.go_on(feed, kind, lanes, lane, &page);
                Ok(Some(page))
            }
            Err(fault) if self.may_begin_anew(feed, &fault) => {
                tracing::warn!(feed = %feed, "GitHub does not know the place in the list any more: reading back to it");
                // A place of now, before anything else: what changes from here on is the head's.
                let fresh = self.begin(seen, list, None).await.map_err(|error| Fault {
                    outcome: Outcome::Transient,
                    error,
                })?;
                lanes.lost(lane, fresh.head);
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Whether `fault` is of a place that GitHub does not know any more, and another one may help. If it refuses every one,
    /// the feed has failed: a run that began anew each time would never end.
    pub(super) fn may_begin_anew(&self, feed: &Feed, fault: &Fault) -> bool {
        fault.outcome == Outcome::BadCursor && {
            let mut run = self.run();
            let refusals = run.refusals.entry(feed.clone()).or_default();
            *refusals += 1;
            *refusals <= MAX_REFUSALS
        }
    }

    /// The page that answers `question`, of as many rows as one point pays, and of less after one that was too heavy.
    pub(super) async fn paced_page(&self, kind: Kind, question: &Question) -> Result<Page, Fault> {
        let key = (kind, question.scope.clone());
        let pace = self.run().paces.get(&key).copied();
        let rows = pace.map_or(AS_MANY_AS_FIT, |pace| pace.rows);
        match self.page(question, rows).await {
            Err(fault) if is_too_heavy(&fault) && rows > 1 => {
                let rows = rows.min(MAX_IDS) / 2;
                self.run().paces.insert(key, Pace { rows, failures: 0 });
                Err(Fault {
                    outcome: Outcome::Transient,
                    error: self.to_be_repeated(fault),
                })
            }
            answer => answer,
        }
    }

    /// Goes past `page`.
    pub(super) fn go_on(&self, feed: &Feed, kind: Kind, lanes: &mut Lanes, lane: Lane, page: &Page) {
        let mut run = self.run();
        let more = lanes.step(lane, &page.places(), page.has_next, page.date, run.started);
        if lane == Lane::Head && !more {
            run.read.insert((kind, feed.scope.clone(), None));
        }
    }

    /// A page of a feed with lanes.
    pub(super) fn lanes_page<T: Serialize>(
        &self,
        point: &T,
        lanes: &Lanes,
        progress: Progress,
        outcomes: Outcomes,
    ) -> Result<SourcePage> {
        let next = checkpoint::write(point)?;
        let has_more = progress.more || lanes.next(progress.head_is_read).is_some();
        Ok(SourcePage {
            has_more,
            caught_up: progress.head_is_read && lanes.again.is_none(),
            covered_from: if lanes.tail.done {
                Some(progress.beginning)
            } else {
                lanes.tail.at
            },
            remaining: outcomes
                .total
                .filter(|_| progress.head_is_read && lanes.again.is_none())
                .map(|total| {
                    if lanes.tail.done {
                        0
                    } else {
                        total.saturating_sub(lanes.tail.read)
                    }
                }),
            next,
            total: outcomes.total,
            records: outcomes.records,
            unreadable: outcomes.unreadable,
            restart: false,
            swept: outcomes.swept,
        })
    }
}

/// What a page of a list says that is walked from the newest back, of a repository that was made at `beginning`: all but its
/// records and its checkpoint. GitHub counts what is not kept, too (drafts, tags that ship nothing), so what is kept is never
/// held against its `total`.
pub(super) fn walk_page(walk: &Walk, beginning: DateTime<Utc>, total: Option<u64>) -> SourcePage {
    SourcePage {
        has_more: !walk.done,
        caught_up: walk.cursor.is_some() || walk.done,
        covered_from: if walk.done { Some(beginning) } else { walk.at },
        remaining: total.map(|total| {
            if walk.done {
                0
            } else {
                total.saturating_sub(walk.read)
            }
        }),
        ..SourcePage::default()
    }
}

/// How far a feed with lanes has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    pub(super) head_is_read: bool,
    /// Whether something is left that is not of a lane.
    pub(super) more: bool,
    /// When the repository was made: nothing in it is older.
    pub(super) beginning: DateTime<Utc>,
}

/// The page of `lane` that follows.
pub(super) fn question(
    seen: &SeenRepository,
    scope: &str,
    list: List,
    lanes: &Lanes,
    lane: Lane,
) -> Question {
    Question {
        scope: scope.to_owned(),
        repository: seen.node.clone(),
        list,
        label: None,
        since: None,
        direction: match lane {
            Lane::Head => Direction::Ascending,
            Lane::Again | Lane::Tail => Direction::Descending,
        },
        after: lanes.after(lane),
    }
}
