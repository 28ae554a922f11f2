use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::classify::{self, Outcome, classify};
use super::envelope::{self, Gql, GqlError, Metered, RateLimit};
use super::fault::{self, Fault};
use super::governor::{Governor, GovernorSettings, Usage};
use super::transport::{Face, HttpRequest, HttpResponse, HttpSend, TransportError, TransportErrorKind};
use crate::{Clock, ErrorKind};

/// What GitHub answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T> {
    /// What was asked for.
    pub data: T,
    /// What failed of it; always empty for REST.
    pub errors: Vec<GqlError>,
    /// The server's instant (the header `Date`): watermarks follow it and never the local clock.
    pub date: DateTime<Utc>,
    /// How long the answer took.
    pub elapsed: Duration,
    /// GraphQL points, where the query asked for `rateLimit { cost }`.
    pub cost: Option<u64>,
}

/// Asks GitHub with one credential, inside the limits of that credential.
///
/// # Behavior
/// It waits only for its place among its own requests, at most a second beyond them. It repeats a request once after the
/// credential was renewed, once after a connection broke before any byte of the response, and follows one redirect to the
/// same server. Everything else is a [`Fault`], and the caller decides when to ask again.
#[derive(Debug)]
pub struct Client {
    transport: Arc<dyn HttpSend>,
    clock: Arc<dyn Clock>,
    governor: Governor,
    /// Passing faults since the last answer.
    faults: AtomicU32,
    skew_told: AtomicBool,
}

/// Passing faults in a row after which it is enough for a run.
const MAX_FAULTS: u32 = 3;
/// Nothing that GitHub says makes us ask again at once, or wait for ever.
const SHORTEST_LIMIT: TimeDelta = TimeDelta::seconds(1);
const LONGEST_LIMIT: TimeDelta = TimeDelta::hours(24);
const MAX_SKEW: TimeDelta = TimeDelta::seconds(30);
/// More pages than any list of GitHub has; beyond it `Link` runs in a circle.
const MAX_PAGES: usize = 10_000;

impl Client {
    /// A client over `transport`. All requests with one token must go through one client.
    pub fn new(transport: Arc<dyn HttpSend>, clock: Arc<dyn Clock>, settings: GovernorSettings) -> Self {
        Self {
            transport,
            clock,
            governor: Governor::new(settings),
            faults: AtomicU32::new(0),
            skew_told: AtomicBool::new(false),
        }
    }

    /// What was used of the token's budget so far.
    pub fn usage(&self) -> Usage {
        self.governor.usage()
    }

    /// A run begins, and with it a new allowance of requests that may be made again.
    pub fn begin_run(&self) {
        self.governor.begin_run();
    }

    /// Asks the GraphQL `document`; `operation` is its name, for messages and for what it usually costs.
    ///
    /// # Errors
    /// Whatever is no answer. Data together with errors is one: see [`Answer::errors`].
    pub async fn graphql<T: DeserializeOwned>(
        &self,
        operation: &str,
        document: &str,
        variables: Value,
    ) -> Result<Answer<T>, Fault> {
        let body = json!({ "query": document, "operationName": operation, "variables": variables });
        let request = HttpRequest::post(Face::Graphql, "", body.to_string().into_bytes());
        let reply = self.ask(operation, &request).await?;
        let cost = reply.rate_limit.as_ref().and_then(|limit| limit.cost);
        let envelope: Gql<T> = reply.read(operation)?;
        let data = envelope
            .data
            .ok_or_else(|| Fault::unreadable(operation, "`data` is missing"))?;
        Ok(Answer {
            data,
            errors: envelope.errors,
            date: reply.date,
            elapsed: reply.response.elapsed,
            cost,
        })
    }

    /// Reads `path` of the REST interface (`/repos/o/r`).
    ///
    /// # Errors
    /// Whatever is no answer.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Answer<T>, Fault> {
        Ok(self.page(path).await?.0)
    }

    /// Reads a list of the REST interface to its end, by `Link`.
    ///
    /// # Errors
    /// Whatever is no answer; then nothing of the list is given.
    pub async fn get_all<T: DeserializeOwned>(&self, path: &str) -> Result<Answer<Vec<T>>, Fault> {
        let (mut all, mut next) = self.page::<Vec<T>>(path).await?;
        let mut pages = 1;
        while let Some(link) = next {
            if pages == MAX_PAGES {
                return Err(Fault::unreadable(path, "the list's `Link` headers have no end"));
            }
            let page = self.page::<Vec<T>>(&link).await?;
            all.data.extend(page.0.data);
            all.elapsed += page.0.elapsed;
            next = page.1;
            pages += 1;
        }
        Ok(all)
    }

    /// A page of a list, and the path of the next one.
    async fn page<T: DeserializeOwned>(&self, path: &str) -> Result<(Answer<T>, Option<String>), Fault> {
        let reply = self.ask(path, &HttpRequest::get(path)).await?;
        let next = match reply.response.header("link").and_then(next_link) {
            Some(link) => Some(self.relative(path, link)?),
            None => None,
        };
        let answer = Answer {
            data: reply.read(path)?,
            errors: Vec::new(),
            date: reply.date,
            elapsed: reply.response.elapsed,
            cost: None,
        };
        Ok((answer, next))
    }

    /// Whatever is an answer, with its headers.
    pub(super) async fn ask(&self, what: &str, request: &HttpRequest) -> Result<Reply, Fault> {
        let face = request.face;
        let _place = self.governor.enter(face).await;
        let mut request = request.clone();
        let (mut renewed, mut redirected) = (false, false);
        loop {
            let reply = self.exchange(what, &request).await?;
            match reply.outcome.clone() {
                Outcome::Ok | Outcome::Partial => {
                    self.governor.succeeded();
                    self.faults.store(0, Ordering::Relaxed);
                    return Ok(reply);
                }
                // GitHub also refuses good tokens now and then, so one that stayed the same is asked a second time as well.
                Outcome::Unauthenticated if !renewed => {
                    renewed = true;
                    self.transport
                        .refresh()
                        .await
                        .map_err(|error| self.unsent(what, &error))?;
                    self.governor.repeated();
                }
                Outcome::Redirect { location, .. } if face == Face::Rest && !redirected => {
                    redirected = true;
                    request.path = self.relative(what, &location)?;
                }
                _ => return Err(self.fault(what, reply)),
            }
        }
    }

    /// One request and its response, noted in the governor's book.
    async fn exchange(&self, what: &str, request: &HttpRequest) -> Result<Reply, Fault> {
        let face = request.face;
        self.governor
            .admit(face, what, self.clock.now())
            .map_err(|refused| Fault::not_sent(what, refused.until, refused.secondary))?;
        if face == Face::Rest {
            self.clock.sleep_until(self.governor.turn(self.clock.now())).await;
        }
        let response = self.send(what, request).await?;
        let now = self.clock.now();
        let date = classify::date(&response.headers).unwrap_or(now);
        let skew = self.skew(now, date);
        let outcome = classify(face, &response, date);
        let rate_limit = rate_limit(face, &response);
        self.governor
            .record(face, what, &response, rate_limit.as_ref(), now, skew);
        Ok(Reply {
            outcome,
            response,
            rate_limit,
            date,
        })
    }

    /// Sends; once more if a connection that had stood idle turns out to be dead.
    async fn send(&self, what: &str, request: &HttpRequest) -> Result<HttpResponse, Fault> {
        let stale = |error: &TransportError| {
            error.before_bytes
                && matches!(
                    error.kind,
                    TransportErrorKind::Connect | TransportErrorKind::Reset
                )
        };
        match self.transport.send(request.clone()).await {
            Err(error) if stale(&error) => {
                self.governor.repeated();
                self.transport.send(request.clone()).await
            }
            result => result,
        }
        .map_err(|error| match (error.kind, request.face) {
            (TransportErrorKind::Timeout, Face::Graphql) => {
                self.governor.timed_out(self.clock.now());
                self.passing(what, Outcome::TooHeavy, &error.message, jitter)
            }
            (TransportErrorKind::TooLarge, Face::Graphql) => {
                self.passing(what, Outcome::TooHeavy, &error.message, jitter)
            }
            _ => self.unsent(what, &error),
        })
    }

    fn unsent(&self, what: &str, error: &TransportError) -> Fault {
        match error.kind {
            TransportErrorKind::Credential(ErrorKind::Unauthenticated) => {
                Fault::lasting(what, Outcome::Unauthenticated, &error.message)
            }
            TransportErrorKind::Credential(ErrorKind::PermissionDenied) => {
                Fault::lasting(what, Outcome::Suspended, &error.message)
            }
            TransportErrorKind::TooLarge => Fault::lasting(what, Outcome::Fatal, &error.message),
            _ => self.passing(what, Outcome::Transient, &error.message, reconnect),
        }
    }

    fn fault(&self, what: &str, reply: Reply) -> Fault {
        let now = self.clock.now();
        match reply.outcome {
            Outcome::RateLimited { until, secondary } => {
                // The instant is the server's: brought to the local clock, which is the one that is waited on.
                let until =
                    until.map(|until| now + (until - reply.date).clamp(SHORTEST_LIMIT, LONGEST_LIMIT));
                let until = self.governor.limited(until, secondary, now);
                Fault::limited(what, until, secondary, &reply.response)
            }
            Outcome::TooHeavy | Outcome::Transient => {
                let message = fault::message(&reply.response);
                self.passing(what, reply.outcome, &message, jitter)
            }
            outcome => Fault::refused(what, outcome, &reply.response),
        }
    }

    /// A fault that may be gone when the same is asked a little later, unless it came too often.
    fn passing(&self, what: &str, outcome: Outcome, message: &str, wait: fn(u32) -> TimeDelta) -> Fault {
        let before = self.faults.fetch_add(1, Ordering::Relaxed);
        self.governor.repeated();
        // A query that is too heavy comes again smaller: how often is for the feed to say.
        let last = outcome == Outcome::Transient && before >= MAX_FAULTS;
        if last || self.governor.insists() {
            self.faults.store(0, Ordering::Relaxed);
            return Fault::lasting(what, outcome, message);
        }
        Fault::passing(what, outcome, message, self.clock.now() + wait(before))
    }

    /// By how much the local clock is wrong; a little is taken for the way of the response. Warns once.
    fn skew(&self, now: DateTime<Utc>, date: DateTime<Utc>) -> TimeDelta {
        let skew = now - date;
        if skew.abs() <= MAX_SKEW {
            return TimeDelta::zero();
        }
        if !self.skew_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                skew.seconds = skew.num_seconds(),
                "the local clock differs from GitHub's; set it right, a GitHub App cannot log in with a wrong one"
            );
        }
        skew
    }

    /// The path of a URL that GitHub gave, if it is on the same server: the token goes nowhere else.
    fn relative(&self, what: &str, url: &str) -> Result<String, Fault> {
        let path = url.strip_prefix(self.transport.rest_base()).unwrap_or(url);
        if path.starts_with('/') && !path.starts_with("//") {
            Ok(path.to_owned())
        } else {
            Err(Fault::lasting(
                what,
                Outcome::Fatal,
                "GitHub points to another server; check `host`",
            ))
        }
    }
}

/// A wait of 1 to 4 s, so that many collectors do not come back at once.
fn jitter(_before: u32) -> TimeDelta {
    TimeDelta::milliseconds(fastrand::i64(1000..=4000))
}

/// The wait for a connection, after so many failures in a row before this one.
fn reconnect(before: u32) -> TimeDelta {
    match before {
        0 => TimeDelta::milliseconds(500),
        1 => TimeDelta::seconds(2),
        _ => TimeDelta::seconds(8),
    }
}

/// A response, and what it means.
pub(super) struct Reply {
    outcome: Outcome,
    pub(super) response: HttpResponse,
    rate_limit: Option<RateLimit>,
    date: DateTime<Utc>,
}

impl Reply {
    pub(super) fn read<T: DeserializeOwned>(&self, what: &str) -> Result<T, Fault> {
        envelope::read(&self.response.body).map_err(|error| Fault::unreadable(what, &error.to_string()))
    }
}

fn rate_limit(face: Face, response: &HttpResponse) -> Option<RateLimit> {
    if face != Face::Graphql {
        return None;
    }
    let body: Gql<Metered> = serde_json::from_slice(&response.body).ok()?;
    body.data?.rate_limit
}

/// The URL of the next page in a header `Link` (RFC 8288): `<https://…?page=2>; rel="next", <…>; rel="last"`.
fn next_link(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (url, parameters) = link.split_once(';')?;
        let is_next = parameters
            .split(';')
            .any(|parameter| parameter.trim() == "rel=\"next\"");
        is_next.then(|| url.trim().trim_start_matches('<').trim_end_matches('>'))
    })
}
