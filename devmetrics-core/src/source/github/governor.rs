use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::classify::{REMAINING, RESET};
use super::envelope::RateLimit;
use super::transport::{Face, HttpResponse};

/// How much of a token's budget is left for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GovernorSettings {
    /// Points (of REST: requests) an hour that are never used, because a person's token is shared with that person. A tenth
    /// of the limit where that is more, and never more than half of it.
    pub reserve: u64,
}

impl Default for GovernorSettings {
    fn default() -> Self {
        Self { reserve: 500 }
    }
}

/// What a token was used for since the client was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Requests that were answered.
    pub requests: u64,
    /// GraphQL points that they cost.
    pub points: u64,
    /// GraphQL points left until `reset_at`; `None` before the first answer and where limits are switched off.
    pub points_left: Option<u64>,
    /// GraphQL points an hour.
    pub points_limit: Option<u64>,
    /// When the points are whole again.
    pub reset_at: Option<DateTime<Utc>>,
    /// Requests that failed in a passing way, so that they had to be made again.
    pub retries: u64,
    /// Answers that cost more points than an earlier one of the same operation.
    pub cost_drift: u64,
    /// Whether somebody else uses the same budget; a GitHub App has one of its own.
    pub shared_token: bool,
}

/// A request that must not be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) until: DateTime<Utc>,
    pub(super) secondary: bool,
}

/// Keeps one token inside GitHub's limits. It never asks for the time: the caller gives the instants.
#[derive(Debug)]
pub(super) struct Governor {
    settings: GovernorSettings,
    book: Mutex<Book>,
    graphql: Semaphore,
    rest: Semaphore,
}

#[derive(Debug, Default)]
struct Book {
    usage: Usage,
    /// Requests and repeats before this run.
    before: (u64, u64),
    rest: Budget,
    graphql: Budget,
    blocked: Option<Refused>,
    /// Secondary limits in a row.
    strikes: u32,
    /// REST requests at once, and how many more places than these there still are.
    places: usize,
    surplus: usize,
    /// When responses came, and how long GitHub worked on them.
    busy: VecDeque<(DateTime<Utc>, Duration)>,
    /// When the last REST requests were sent, oldest first.
    sent: VecDeque<DateTime<Utc>>,
    /// What an operation cost the last time.
    costs: BTreeMap<String, u64>,
    /// Points that others used.
    foreign: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Budget {
    limit: Option<u64>,
    remaining: Option<u64>,
    reset_at: Option<DateTime<Utc>>,
}

/// GitHub takes at most 60 s of GraphQL work in 60 s, and the response time for the work. A part is left for others.
const BUSY_WINDOW: TimeDelta = TimeDelta::seconds(60);
const BUSY_LIMIT: Duration = Duration::from_secs(45);
/// The operation that completes a page which was read already. Refused for the work of the last minute, it would cost that
/// page once more, and with it more work than was saved.
pub(super) const CHILDREN: &str = "Children";
const GIVEN_UP: Duration = Duration::from_secs(10);
const REST_AT_ONCE: usize = 4;
const REST_PER_SECOND: usize = 10;
/// The secondary limit's wait when GitHub gives none; doubled each time.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(60);
const MAX_STRIKES: u32 = 3;
/// After [`MAX_STRIKES`] the token rests: going on may have it banned.
const REST_AFTER_STRIKES: TimeDelta = TimeDelta::hours(1);
/// GitHub also charges for what timed out; only more than this is somebody else.
const FOREIGN_POINTS: u64 = 20;

impl Governor {
    pub(super) fn new(settings: GovernorSettings) -> Self {
        Self {
            settings,
            book: Mutex::new(Book {
                places: REST_AT_ONCE,
                ..Book::default()
            }),
            graphql: Semaphore::new(1),
            rest: Semaphore::new(REST_AT_ONCE),
        }
    }

    /// A place among the requests in flight; held until the response is there.
    pub(super) async fn enter(&self, face: Face) -> Place<'_> {
        let places = match face {
            Face::Graphql => &self.graphql,
            Face::Rest | Face::Web => &self.rest,
        };
        Place {
            governor: self,
            face,
            permit: places.acquire().await.ok(), // never closed
        }
    }

    /// Whether a request may be sent at `now`.
    pub(super) fn admit(&self, face: Face, operation: &str, now: DateTime<Utc>) -> Result<(), Refused> {
        let mut book = self.book();
        if let Some(blocked) = book.blocked.filter(|blocked| now < blocked.until) {
            return Err(blocked);
        }
        let cost = book.costs.get(operation).copied().unwrap_or(1);
        if let Some(until) = book
            .budget(face)
            .exhausted_until(cost, self.settings.reserve, now)
        {
            return Err(Refused {
                until,
                secondary: false,
            });
        }
        match book.busy_until(now) {
            Some(until) if operation != CHILDREN => Err(Refused {
                until,
                secondary: true,
            }),
            _ => Ok(()),
        }
    }

    /// When the next REST request may be sent; it counts as sent then.
    pub(super) fn turn(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut book = self.book();
        let turn = match book.sent.len().checked_sub(REST_PER_SECOND) {
            Some(index) => (book.sent[index] + TimeDelta::seconds(1)).max(now),
            None => now,
        };
        book.sent.push_back(turn);
        while book.sent.len() > REST_PER_SECOND {
            book.sent.pop_front();
        }
        turn
    }

    /// Notes what a response tells of the limits, in its headers and, for GraphQL, in its body. `skew` brings the server's
    /// instants to the clock of `now`.
    pub(super) fn record(
        &self,
        face: Face,
        operation: &str,
        response: &HttpResponse,
        body: Option<&RateLimit>,
        now: DateTime<Utc>,
        skew: TimeDelta,
    ) {
        let mut book = self.book();
        book.usage.requests += 1;
        book.busy.push_back((now, response.elapsed));
        let cost = body.and_then(|body| body.cost);
        if face == Face::Graphql {
            book.charge(operation, cost);
        }
        let told = Budget::told(response, body, skew);
        let before = *book.budget(face);
        if face == Face::Graphql
            && before.reset_at == told.reset_at
            && let (Some(before), Some(after)) = (before.remaining, told.remaining)
        {
            let others = before.saturating_sub(cost.unwrap_or(1)).saturating_sub(after);
            book.foreign = book.foreign.saturating_add(others);
            book.usage.shared_token = book.foreign > FOREIGN_POINTS;
        }
        if told.remaining.is_some() {
            *book.budget(face) = told;
        }
        if face == Face::Graphql {
            let budget = book.graphql;
            book.usage.points_left = budget.remaining;
            book.usage.points_limit = budget.limit;
            book.usage.reset_at = budget.reset_at;
        }
    }

    /// Notes that GitHub answered as it should.
    pub(super) fn succeeded(&self) {
        self.book().strikes = 0;
    }

    /// Notes that GitHub refused for a limit, and says until when nothing is sent.
    pub(super) fn limited(
        &self,
        until: Option<DateTime<Utc>>,
        secondary: bool,
        now: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let mut book = self.book();
        if secondary {
            book.strikes += 1;
            let left = (book.places / 2).max(1);
            book.surplus += book.places - left;
            book.places = left;
        }
        let wait = match (until, secondary) {
            (_, true) if book.strikes > MAX_STRIKES => now + REST_AFTER_STRIKES,
            (Some(until), _) => until,
            (None, true) => now + FIRST_WAIT * 2_i32.pow(book.strikes - 1),
            (None, false) => book
                .graphql
                .reset_at
                .filter(|reset| *reset > now)
                .unwrap_or(now + FIRST_WAIT),
        };
        let until = book.blocked.map_or(wait, |blocked| blocked.until.max(wait));
        book.blocked = Some(Refused { until, secondary });
        until
    }

    /// Notes a query that was given up: GitHub works at most 10 s on one.
    pub(super) fn timed_out(&self, now: DateTime<Utc>) {
        self.book().busy.push_back((now, GIVEN_UP));
    }

    /// Notes that a request has to be made again.
    pub(super) fn repeated(&self) {
        self.book().usage.retries += 1;
    }

    /// A run begins: what the one before repeated is not held against it.
    pub(super) fn begin_run(&self) {
        let mut book = self.book();
        book.before = (book.usage.requests, book.usage.retries);
    }

    /// Whether more than a tenth of the run's requests were repeats: GitHub asks clients not to insist.
    pub(super) fn insists(&self) -> bool {
        let book = self.book();
        let requests = book.usage.requests - book.before.0;
        let retries = book.usage.retries - book.before.1;
        retries > 10 && retries * 10 > requests + retries
    }

    pub(super) fn usage(&self) -> Usage {
        self.book().usage.clone()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Every change is a whole one, so a panic elsewhere cannot have left half of one.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among the requests in flight, free again when it is dropped; one too many is not.
#[derive(Debug)]
pub(super) struct Place<'a> {
    governor: &'a Governor,
    face: Face,
    permit: Option<SemaphorePermit<'a>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut book = self.governor.book();
        if self.face != Face::Graphql
            && book.surplus > 0
            && let Some(permit) = self.permit.take()
        {
            book.surplus -= 1;
            permit.forget();
        }
    }
}

impl Book {
    fn budget(&mut self, face: Face) -> &mut Budget {
        match face {
            Face::Graphql => &mut self.graphql,
            Face::Rest | Face::Web => &mut self.rest,
        }
    }

    fn charge(&mut self, operation: &str, cost: Option<u64>) {
        let Some(cost) = cost else { return };
        self.usage.points = self.usage.points.saturating_add(cost);
        if let Some(earlier) = self.costs.insert(operation.to_owned(), cost)
            && cost > earlier
        {
            self.usage.cost_drift += 1;
            tracing::info!(operation, cost, earlier, "a query costs more points than before");
        }
    }

    /// When the work of the last minute leaves room again, if there is none at `now`.
    fn busy_until(&mut self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        while self.busy.front().is_some_and(|(at, _)| *at + BUSY_WINDOW <= now) {
            self.busy.pop_front();
        }
        let mut work: Duration = self.busy.iter().map(|(_, elapsed)| *elapsed).sum();
        let mut until = None;
        for (at, elapsed) in &self.busy {
            if work <= BUSY_LIMIT {
                break;
            }
            work = work.saturating_sub(*elapsed);
            until = Some(*at + BUSY_WINDOW);
        }
        until
    }
}

impl Budget {
    /// What a response tells; of headers and body the lower.
    fn told(response: &HttpResponse, body: Option<&RateLimit>, skew: TimeDelta) -> Self {
        let number = |name| {
            response
                .header(name)
                .and_then(|text| text.trim().parse::<u64>().ok())
        };
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        let reset = number(RESET)
            .and_then(|seconds| i64::try_from(seconds).ok())
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        Self {
            limit: least(number("x-ratelimit-limit"), body.and_then(|body| body.limit)),
            remaining: least(number(REMAINING), body.and_then(|body| body.remaining)),
            reset_at: reset
                .or(body.and_then(|body| body.reset_at))
                .and_then(|reset| reset.checked_add_signed(skew)),
        }
    }

    /// Until when a request of `cost` would reach into the reserve; `None` if it does not.
    fn exhausted_until(&self, cost: u64, reserve: u64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let reset_at = self.reset_at.filter(|reset| now < *reset)?;
        let (limit, remaining) = (self.limit.unwrap_or(0), self.remaining?);
        let reserve = reserve.max(limit / 10).min(limit / 2);
        (remaining < reserve.saturating_add(cost)).then_some(reset_at)
    }
}
