//! The feed of a repository's pull requests.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Fault;
use super::checkpoint::{self, Behind, Degraded, PullRequestsPoint, Watched, digest};
use super::classify::Outcome;
use super::documents::List;
use super::feed::Kind;
use super::lanes::{Lane, Lanes, Place};
use super::pages::{Question, instant, is_too_heavy, text};
use super::reading::{Outcomes, Progress, question};
use super::run::{Pace, SeenRepository};
use super::source::GithubSource;
use crate::model::{Checkpoint, Feed, RawRecord};
use crate::source::{SourcePage, Unreadable};
use crate::{Error, Result};

/// Rows of a page at most: what one point pays.
const MAX_ROWS: usize = 29;
/// A page that took less lets the next one be larger.
const QUICK: Duration = Duration::from_secs(3);
/// By how much it may be larger.
const GROWTH: usize = 5;
/// Whole pull requests asked for by their ids at once.
const BY_ID: usize = 25;
/// How often a single pull request may be too heavy before it is read in parts.
const MAX_FAILURES: u32 = 3;
/// How long after a merge changes without a trace are looked for.
const FRESH: TimeDelta = TimeDelta::days(14);
/// Pull requests of a repository that are watched at most: those that changed last.
const MAX_WATCHED: usize = 1000;
/// How often what cannot be read is tried, and what may change without a trace is compared.
pub(super) const DAILY: TimeDelta = TimeDelta::hours(24);

impl GithubSource {
    /// What is read of pull requests.
    pub(super) fn pull_requests(&self) -> List {
        match self.options.paths {
            true => List::PullRequestsWithFiles,
            false => List::PullRequests,
        }
    }

    pub(super) async fn fetch_pull_requests(
        &self,
        feed: &Feed,
        after: Option<Checkpoint>,
    ) -> Result<SourcePage> {
        let seen = self.run().repository(&feed.scope)?;
        let probe = seen.pull_requests.clone();
        let mut point = match &after {
            Some(checkpoint) => checkpoint::read(feed, checkpoint)?,
            None => PullRequestsPoint {
                lanes: self
                    .begin(&seen, self.pull_requests(), Some(probe.clone()))
                    .await?,
                rows: usize::try_from(self.options.page_size).unwrap_or(1),
                degraded: Vec::new(),
                watched: BTreeMap::new(),
                swept_at: None,
                swept_to: None,
                sweep_changed: 0,
            },
        };
        let mut outcomes = Outcomes {
            total: Some(probe.total),
            ..Outcomes::default()
        };
        let head_is_read =
            |lanes: &Lanes| self.head_is_read(Kind::PullRequests, &feed.scope, lanes, Some(&probe));
        if !self.read_by_id(feed, &seen, &mut point, &mut outcomes).await? {
            while let Some(lane) = point.lanes.next(head_is_read(&point.lanes)) {
                self.read_rows(feed, &seen, &mut point, lane, &mut outcomes)
                    .await?;
                // A head without news is no progress, which every page must make.
                if lane != Lane::Head || !outcomes.is_empty() || !head_is_read(&point.lanes) {
                    break;
                }
            }
        }
        let progress = Progress {
            head_is_read: head_is_read(&point.lanes),
            more: self.has_more_by_id(&feed.scope, &point),
            beginning: seen.created_at,
        };
        self.lanes_page(&point, &point.lanes, progress, outcomes)
    }

    /// A page of `lane`, in the size that the repository bears.
    async fn read_rows(
        &self,
        feed: &Feed,
        seen: &SeenRepository,
        point: &mut PullRequestsPoint,
        lane: Lane,
        outcomes: &mut Outcomes,
    ) -> Result<()> {
        let key = (Kind::PullRequests, feed.scope.clone());
        let pace = *self.run().paces.entry(key.clone()).or_insert(Pace {
            rows: point.rows.clamp(1, MAX_ROWS),
            failures: 0,
        });
        if pace.failures >= MAX_FAILURES {
            self.step_over(feed, seen, point, lane, outcomes).await?;
            self.run().paces.insert(key, Pace { failures: 0, ..pace });
            return Ok(());
        }
        let kind = Kind::PullRequests;
        let read = self
            .read_lane(seen, feed, kind, &mut point.lanes, lane, Some(pace.rows))
            .await;
        match read {
            Ok(page) => {
                let quick = page.as_ref().is_some_and(|page| page.elapsed < QUICK);
                let rows = if quick {
                    (pace.rows + GROWTH).min(MAX_ROWS)
                } else {
                    pace.rows
                };
                self.run().paces.insert(key, Pace { rows, failures: 0 });
                point.rows = rows;
                let Some(page) = page else { return Ok(()) };
                outcomes.total = Some(page.total);
                for row in page.rows {
                    outcomes.records.push(record(seen, point, row.node, page.date));
                }
                Ok(())
            }
            Err(fault) if is_too_heavy(&fault) => {
                // One that came with others' pages is asked alone before anything is concluded from it. Whatever comes
                // next may have to wait for a limit, so it is left to the next call.
                let failures = pace.failures + u32::from(pace.rows == 1);
                let rows = (pace.rows / 2).max(1);
                self.run().paces.insert(key, Pace { rows, failures });
                Err(self.to_be_repeated(fault))
            }
            Err(fault) => Err(fault.error),
        }
    }

    /// Reads one pull request that is too heavy in parts; if that fails too, goes past it by its own place.
    async fn step_over(
        &self,
        feed: &Feed,
        seen: &SeenRepository,
        point: &mut PullRequestsPoint,
        lane: Lane,
        outcomes: &mut Outcomes,
    ) -> Result<()> {
        let names = question(seen, &feed.scope, List::PullRequestNames, &point.lanes, lane);
        let page = match self.page(&names, 1).await {
            Ok(page) => page,
            Err(fault) if is_too_heavy(&fault) => {
                return self
                    .step_over_unseen(feed, seen, point, lane, &fault, outcomes)
                    .await;
            }
            Err(fault) => return Err(fault.error),
        };
        if let Some(row) = page.rows.first() {
            match self.read_in_parts(&row.id).await {
                Ok(Some(node)) => outcomes.records.push(record(seen, point, node, page.date)),
                Ok(None) => {}
                Err(fault) if is_too_heavy(&fault) => {
                    let now = self.run().started;
                    let known = Degraded {
                        id: row.id.clone(),
                        number: row.node.get("number").and_then(Value::as_i64).unwrap_or_default(),
                        since: now,
                        tried_at: now,
                        behind: None,
                    };
                    self.give_up(feed, point, known, &fault, outcomes);
                }
                Err(fault) => return Err(fault.error),
            }
        }
        self.go_on(feed, Kind::PullRequests, &mut point.lanes, lane, &page);
        Ok(())
    }

    /// Goes past a pull request of which not even the id can be read, by the place of its row.
    async fn step_over_unseen(
        &self,
        feed: &Feed,
        seen: &SeenRepository,
        point: &mut PullRequestsPoint,
        lane: Lane,
        fault: &Fault,
        outcomes: &mut Outcomes,
    ) -> Result<()> {
        let names = question(seen, &feed.scope, List::PullRequestNames, &point.lanes, lane);
        let bare = self.bare_row(&names).await?;
        let started = self.run().started;
        let rows: Vec<Place> = bare
            .iter()
            .map(|bare| Place {
                cursor: bare.cursor.clone(),
                // Its own instant is not known: that of the row before it leads a later reading back far enough, and at
                // the list's beginning the first or last that there can be.
                at: point.lanes.reached(lane).unwrap_or(match lane {
                    Lane::Head => seen.created_at,
                    Lane::Again | Lane::Tail => started,
                }),
            })
            .collect();
        if let Some(bare) = &bare {
            let known = Degraded {
                id: format!("row {}", bare.cursor),
                number: 0,
                since: started,
                tried_at: started,
                behind: Some(Behind {
                    cursor: names.after,
                    direction: names.direction,
                }),
            };
            self.give_up(feed, point, known, fault, outcomes);
        }
        let (has_next, date) = bare.map_or((false, started), |bare| (bare.has_next, bare.date));
        let more = point.lanes.step(lane, &rows, has_next, date, started);
        if lane == Lane::Head && !more {
            self.run()
                .read
                .insert((Kind::PullRequests, feed.scope.clone(), None));
        }
        Ok(())
    }

    fn give_up(
        &self,
        feed: &Feed,
        point: &mut PullRequestsPoint,
        given_up: Degraded,
        fault: &Fault,
        outcomes: &mut Outcomes,
    ) {
        tracing::warn!(
            feed = %feed, record.id = %given_up.id, pull_request.number = given_up.number, error = %fault.error,
            "pull request cannot be read"
        );
        outcomes.unreadable.push(Unreadable {
            record: RawRecord {
                id: given_up.id.clone(),
                payload: json!({ "id": given_up.id, "number": given_up.number }),
            },
            error: fault.error.to_string(),
        });
        match point.degraded.iter_mut().find(|known| known.id == given_up.id) {
            Some(known) => known.tried_at = given_up.tried_at,
            None => point.degraded.push(given_up),
        }
    }

    /// A pull request, one connection a query; `None` when it is gone.
    async fn read_in_parts(&self, id: &str) -> Result<Option<Value>, Fault> {
        let nodes = self.by_id("PullRequestAlone", &[id.to_owned()]).await?;
        let Some(mut node) = nodes.into_iter().next().flatten() else {
            return Ok(None);
        };
        for child in self.pull_requests().children() {
            self.read_child(&mut node, id, *child).await?;
        }
        Ok(Some(node))
    }

    /// Reads what is asked for by its id: what changed without a trace, and what could not be read before. False when there
    /// is nothing of that kind.
    async fn read_by_id(
        &self,
        feed: &Feed,
        seen: &SeenRepository,
        point: &mut PullRequestsPoint,
        outcomes: &mut Outcomes,
    ) -> Result<bool> {
        let (swept, started) = {
            let run = self.run();
            (run.swept.get(&feed.scope).cloned(), run.started)
        };
        if let Some(swept) = swept {
            let asked = [swept.changed.as_slice(), &swept.missing].concat();
            for ids in asked.chunks(BY_ID) {
                let nodes = self.by_id(self.pull_requests().fragment(), ids).await?;
                for (id, _) in ids.iter().zip(&nodes).filter(|(_, node)| node.is_none()) {
                    // One such answer is no proof, since a replica may lag. What the sweep was shown stays watched as it was
                    // read last, so that the next sweep finds it changed again.
                    if swept.missing.contains(id) {
                        point.watched.remove(id);
                    }
                }
                let mut nodes: Vec<Value> = nodes.into_iter().flatten().collect();
                self.complete(self.pull_requests(), nodes.iter_mut().collect())
                    .await?;
                for node in nodes {
                    outcomes.records.push(record(seen, point, node, started));
                }
            }
            if !swept.changed.is_empty() {
                let count = swept.changed.len() as u64;
                tracing::info!(feed = %feed, sweep.changed = count, "pull requests changed without a trace");
                point.sweep_changed += count;
                outcomes.swept += count;
            }
            if swept.to.is_none() {
                point.swept_at = Some(started);
            }
            point.swept_to = swept.to;
            self.run().swept.remove(&feed.scope);
            return Ok(true);
        }
        let Some(place) = point.degraded.iter().position(|known| is_due(known, started)) else {
            return Ok(false);
        };
        let known = point.degraded[place].clone();
        match self.read_again(feed, seen, &known).await {
            Ok(node) => {
                point.degraded.remove(place);
                // One that is gone, or elsewhere in the list by now, is not set aside any more.
                let payload = node.map_or(Value::Null, |node| record(seen, point, node, started).payload);
                outcomes.records.push(RawRecord {
                    id: known.id,
                    payload,
                });
            }
            Err(fault) if self.may_begin_anew(feed, &fault) => {
                // Its place is lost: wherever it is in the list, a reading of all of it comes past.
                point.degraded.remove(place);
                point.lanes.rewind(None);
                let payload = Value::Null;
                outcomes.records.push(RawRecord {
                    id: known.id,
                    payload,
                });
            }
            Err(fault) if is_too_heavy(&fault) => point.degraded[place].tried_at = started,
            Err(fault) => return Err(fault.error),
        }
        Ok(true)
    }

    /// What could not be read before; `None` when it is gone.
    async fn read_again(
        &self,
        feed: &Feed,
        seen: &SeenRepository,
        known: &Degraded,
    ) -> Result<Option<Value>, Fault> {
        let id = match &known.behind {
            None => known.id.clone(),
            Some(behind) => {
                let names = Question {
                    scope: feed.scope.clone(),
                    repository: seen.node.clone(),
                    list: List::PullRequestNames,
                    label: None,
                    since: None,
                    direction: behind.direction,
                    after: behind.cursor.clone(),
                };
                match self.page(&names, 1).await {
                    Ok(page) => match page.rows.into_iter().next() {
                        Some(row) => row.id,
                        None => return Ok(None),
                    },
                    Err(fault) => return Err(fault),
                }
            }
        };
        match self
            .by_id(self.pull_requests().fragment(), std::slice::from_ref(&id))
            .await
        {
            Ok(nodes) => {
                let mut nodes: Vec<Value> = nodes.into_iter().flatten().collect();
                self.complete(self.pull_requests(), nodes.iter_mut().collect())
                    .await?;
                Ok(nodes.pop())
            }
            Err(fault) if is_too_heavy(&fault) => self.read_in_parts(&id).await,
            Err(fault) => Err(fault),
        }
    }

    fn has_more_by_id(&self, scope: &str, point: &PullRequestsPoint) -> bool {
        let run = self.run();
        run.swept.contains_key(scope) || point.degraded.iter().any(|known| is_due(known, run.started))
    }

    /// The error of a fault after which the same is asked in another way. One that was too heavy says itself when, or that
    /// it has been enough for this run.
    pub(super) fn to_be_repeated(&self, fault: Fault) -> Error {
        if fault.outcome == Outcome::TooHeavy {
            fault.error
        } else {
            self.passing("GitHub's answer cannot be used: asking for less")
                .caused_by(fault.error)
        }
    }
}

/// Whether a pull request that could not be read is to be tried.
pub(super) fn is_due(known: &Degraded, now: DateTime<Utc>) -> bool {
    known.tried_at + DAILY <= now
}

/// The record of a pull request, which is watched from here on where it may change without a trace.
fn record(
    seen: &SeenRepository,
    point: &mut PullRequestsPoint,
    mut node: Value,
    date: DateTime<Utc>,
) -> RawRecord {
    let id = text(&node, "id").unwrap_or_default().to_owned();
    point.degraded.retain(|known| known.id != id);
    watch(point, &id, &node, date);
    forget_prose(&mut node);
    if let Some(fields) = node.as_object_mut() {
        fields.insert("defaultBranch".to_owned(), json!(seen.default_branch));
    }
    RawRecord { id, payload: node }
}

fn watch(point: &mut PullRequestsPoint, id: &str, node: &Value, date: DateTime<Utc>) {
    let is_fresh = instant(node, "mergedAt").is_some_and(|at| at > date - FRESH);
    let updated_at = instant(node, "updatedAt").filter(|_| is_fresh || text(node, "state") == Some("OPEN"));
    match updated_at {
        Some(updated_at) => {
            let digest = state(node);
            point
                .watched
                .insert(id.to_owned(), Watched { updated_at, digest });
        }
        None => {
            point.watched.remove(id);
        }
    }
    if point.watched.len() > MAX_WATCHED {
        let oldest = point
            .watched
            .iter()
            .min_by_key(|(_, watched)| watched.updated_at)
            .map(|(id, _)| id.clone());
        point.watched.retain(|id, _| Some(id) != oldest.as_ref());
    }
}

/// A digest of what may change without a trace in the list: the same for a whole pull request and for its `PullRequestState`.
pub(super) fn state(node: &Value) -> u64 {
    const FIELDS: [&str; 9] = [
        "state",
        "isDraft",
        "title",
        "baseRefName",
        "headRefOid",
        "closedAt",
        "mergedAt",
        "additions",
        "deletions",
    ];
    const REVIEWS: usize = 50;
    let reviews = node.pointer("/reviews/nodes").and_then(Value::as_array);
    let reviews = reviews.map(Vec::as_slice).unwrap_or_default();
    let reviews = reviews[reviews.len().saturating_sub(REVIEWS)..]
        .iter()
        .map(|review| json!([review["id"], review["state"], review["submittedAt"]]));
    let fields = FIELDS.iter().map(|field| node[*field].clone());
    digest(&fields.chain(reviews).collect())
}

/// Keeps of messages only the lines that facts follow from: the rest is most of a page's memory.
fn forget_prose(node: &mut Value) {
    fn shorten(text: Option<&mut Value>) {
        if let Some(Value::String(text)) = text {
            let lines = text.lines().filter(|line| is_told(line));
            *text = lines.collect::<Vec<_>>().join("\n");
        }
    }
    shorten(node.get_mut("body"));
    shorten(node.pointer_mut("/mergeCommit/messageBody"));
    let commits = node.pointer_mut("/commits/nodes").and_then(Value::as_array_mut);
    for commit in commits.into_iter().flatten() {
        shorten(commit.pointer_mut("/commit/messageBody"));
    }
}

fn is_told(line: &str) -> bool {
    let begins = |text: &str| {
        line.trim_start()
            .get(..text.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(text))
    };
    begins("co-authored-by:")
        || line.contains("This reverts commit ")
        || line.contains("cherry picked from commit ")
}
