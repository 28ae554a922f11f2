//! Working at a group: reading until it is done or the time is up, and handing the rest on.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::engine::{Outcome, PartialReason, SyncReport};
use devmetrics_core::model::Feed;
use devmetrics_core::store::{GroupOutcome, Slot};
use devmetrics_core::{Engine, Error, ErrorKind, Result};
use tracing::info;

use crate::collector::{Collector, Invocation};
use crate::planner::outcome_of;
use crate::{LONGEST_DELAY, Message, Queue, Work, emf};

/// How long a scope that somebody else reads is left alone: twice as long as a killed worker holds it.
const BUSY: TimeDelta = TimeDelta::seconds(120);

/// How many workers in a row may run out of time before the first page.
const IDLE: u32 = 3;

/// What is to be done with a group after a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    /// Nothing more.
    End(GroupOutcome),
    /// These scopes are left.
    HandOn {
        scopes: Vec<String>,
        not_before: Option<DateTime<Utc>>,
        idle: u32,
        degraded: bool,
    },
    /// Somebody else is at it: the same again, later.
    Busy,
}

impl Collector {
    /// Does what a message says.
    ///
    /// # Errors
    /// When the message has to come again.
    pub(crate) async fn work(
        &self,
        queue: &dyn Queue,
        message: Message,
        invocation: &Invocation,
    ) -> Result<()> {
        if message.tenant != self.tenant {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "the message is about somebody else's facts",
            )
            .with("tenant", &message.tenant));
        }
        let engine = self.engines.engine().await?;
        if let Some(not_before) = message.not_before.filter(|at| *at > engine.now()) {
            let delay = delay_until(not_before, engine.now());
            return queue.send(&[message], delay).await;
        }
        match message.work.clone() {
            Work::Plan => self
                .plan(queue, message.slot, message.attempt, invocation)
                .await
                .map(drop),
            Work::Collect {
                group,
                scopes,
                idle,
                degraded,
            } => {
                let (slot, newer) = self.look(&engine, message.slot).await?;
                if is_done(slot.as_ref(), group, message.attempt) {
                    info!(slot = %message.slot, slot.group = group, message.attempt, "this was done before");
                    return Ok(());
                }
                if newer {
                    return self.end(&engine, &message, group, GroupOutcome::Superseded).await;
                }
                let report = self.sync(invocation, Some(scopes.clone())).await?;
                let next = judge(&report, &scopes, idle, degraded);
                self.go_on(queue, &engine, message, group, next).await
            }
        }
    }

    async fn go_on(
        &self,
        queue: &dyn Queue,
        engine: &Engine,
        message: Message,
        group: usize,
        next: Next,
    ) -> Result<()> {
        let now = engine.now();
        match next {
            Next::End(outcome) => self.end(engine, &message, group, outcome).await,
            Next::Busy => {
                self.emf.emit_partial(now, "busy");
                let message = Message {
                    not_before: Some(now + BUSY),
                    ..message
                };
                queue.send(&[message], delay_until(now + BUSY, now)).await
            }
            Next::HandOn {
                scopes,
                not_before,
                idle,
                degraded,
            } => {
                let why = match not_before {
                    Some(_) => "rate_limited",
                    None => "deadline",
                };
                self.emf.emit_partial(now, why);
                let attempt = message.attempt + 1;
                info!(slot = %message.slot, slot.group = group, message.attempt = attempt, scopes.left = scopes.len(),
                    reason = why, "the rest is handed on");
                let delay = not_before.map_or(Duration::ZERO, |at| delay_until(at, now));
                let slot = message.slot;
                let rest = Message {
                    attempt,
                    not_before,
                    work: Work::Collect {
                        group,
                        scopes,
                        idle,
                        degraded,
                    },
                    ..message
                };
                // First the message: a kill between the two leads to it twice, and the other order to none.
                queue.send(&[rest], delay).await?;
                engine.hand_on_group(slot, group, attempt).await
            }
        }
    }

    async fn end(
        &self,
        engine: &Engine,
        message: &Message,
        group: usize,
        outcome: GroupOutcome,
    ) -> Result<()> {
        engine.end_group(message.slot, group, outcome).await?;
        if outcome != GroupOutcome::Complete {
            self.emf.emit_partial(engine.now(), outcome.as_str());
        }
        self.emf.emit(engine.now(), &[(emf::ENDED_GROUPS, 1.0)]);
        info!(slot = %message.slot, slot.group = group, message.attempt, outcome = outcome.as_str(), "group ended");
        Ok(())
    }

    /// Without a queue: plans a slot as one group of everything, and reads it. What is left is the next slot's.
    pub(crate) async fn collect_alone(
        &self,
        slot: DateTime<Utc>,
        invocation: &Invocation,
    ) -> Result<Option<Slot>> {
        let engine = self.engines.engine().await?;
        let (known, newer) = self.look(&engine, slot).await?;
        if newer && known.is_none() {
            let planned = self
                .plan_ended(&engine, slot, invocation, GroupOutcome::Superseded)
                .await?;
            return Ok(Some(planned));
        }
        let planned = engine.plan_slot(slot, &invocation.id, vec![Vec::new()]).await?;
        if newer || is_done(Some(&planned), 0, 0) {
            info!(slot = %slot, "this was done before");
            return Ok(Some(planned));
        }
        if planned.run == invocation.id {
            self.supersede(&engine, slot).await?;
            self.emf.emit(
                engine.now(),
                &[(emf::PLANNED_SLOTS, 1.0), (emf::PLANNED_GROUPS, 1.0)],
            );
        }
        let report = self.sync(invocation, None).await?;
        let outcome = match report.outcome {
            Outcome::Partial { reason: why } => {
                self.emf.emit_partial(engine.now(), reason(why));
                outcome_of(why)
            }
            _ => GroupOutcome::Complete,
        };
        engine.end_group(slot, 0, outcome).await?;
        self.emf.emit(engine.now(), &[(emf::ENDED_GROUPS, 1.0)]);
        info!(slot = %slot, outcome = outcome.as_str(), "slot collected");
        Ok(Some(planned))
    }
}

/// Whether a group ended, or was handed on since this message was sent.
fn is_done(slot: Option<&Slot>, group: usize, attempt: u32) -> bool {
    let group = slot.and_then(|slot| slot.groups.get(group));
    group.is_some_and(|group| group.end.is_some() || group.attempt > attempt)
}

/// What follows from how a worker's run went.
fn judge(report: &SyncReport, scopes: &[String], idle: u32, degraded: bool) -> Next {
    let Outcome::Partial { reason } = report.outcome else {
        return Next::End(match degraded {
            true => GroupOutcome::Degraded,
            false => GroupOutcome::Complete,
        });
    };
    let is_busy = |kind: ErrorKind| kind == ErrorKind::Conflict;
    let failed: Vec<_> = report
        .failures
        .iter()
        .filter(|failure| !is_busy(failure.kind))
        .collect();
    let degraded = degraded || !failed.is_empty();
    let broken: BTreeSet<&Feed> = failed
        .iter()
        .filter_map(|failure| failure.feed.as_ref())
        .collect();
    let left: BTreeSet<&str> = report
        .feeds
        .iter()
        .filter(|feed| !feed.complete && !broken.contains(&feed.feed))
        .map(|feed| feed.feed.scope.as_str())
        .collect();
    let pages: u64 = report.feeds.iter().map(|feed| feed.pages).sum();
    // A source that fails as a whole fails for the next worker too.
    let hopeless = failed
        .iter()
        .any(|failure| failure.feed.is_none() || failure.kind == ErrorKind::Unauthenticated);
    if hopeless || (reason == PartialReason::Degraded && left.is_empty()) {
        return Next::End(GroupOutcome::Degraded);
    }
    if pages == 0 && report.failures.iter().any(|failure| is_busy(failure.kind)) {
        return Next::Busy;
    }
    let not_before = match reason {
        PartialReason::RateLimited { reset_at } => Some(reset_at),
        _ => None,
    };
    let idle = match not_before {
        None if pages == 0 => idle + 1,
        _ => 0,
    };
    if idle >= IDLE {
        return Next::End(GroupOutcome::Deadline);
    }
    // Of a run that ended before it knew what there is to read, nothing is told: then everything is left.
    let scopes = scopes
        .iter()
        .filter(|scope| left.is_empty() || left.contains(scope.as_str()));
    Next::HandOn {
        scopes: scopes.cloned().collect(),
        not_before,
        idle,
        degraded,
    }
}

/// How long the queue is to keep a message back that is for an instant: as long as it can, and the message is kept back again.
pub(crate) fn delay_until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or_default().min(LONGEST_DELAY)
}

/// The stable name of a reason.
pub(crate) fn reason(reason: PartialReason) -> &'static str {
    outcome_of(reason).as_str()
}

#[cfg(test)]
mod tests {
    use devmetrics_core::engine::{FeedReport, Settled, SyncFailure};
    use devmetrics_core::source::Usage;
    use devmetrics_core::store::Applied;

    use super::*;

    const SCOPES: [&str; 3] = ["a", "b", "c"];

    fn feed(scope: &str) -> Feed {
        Feed {
            source: "github".into(),
            scope: scope.into(),
            kind: "pull_requests".into(),
        }
    }

    /// A run that left something: of each scope how many pages were read and whether that was all, and what failed.
    fn run(
        reason: PartialReason,
        feeds: &[(&str, u64, bool)],
        failed: &[(Option<&str>, ErrorKind)],
    ) -> SyncReport {
        let report = |(scope, pages, complete): &(&str, u64, bool)| FeedReport {
            feed: feed(scope),
            pages: *pages,
            records: 0,
            quarantined: 0,
            swept: 0,
            applied: Applied::default(),
            restarted: false,
            caught_up: false,
            complete: *complete,
        };
        let failure = |(scope, kind): &(Option<&str>, ErrorKind)| SyncFailure {
            source: "github".into(),
            feed: scope.map(feed),
            kind: *kind,
            message: String::new(),
            retry_at: None,
        };
        SyncReport {
            outcome: Outcome::Partial { reason },
            feeds: feeds.iter().map(report).collect(),
            unchanged: 0,
            roster_changed: false,
            settled: Settled::default(),
            failures: failed.iter().map(failure).collect(),
            usage: Usage::default(),
        }
    }

    fn next(report: &SyncReport, idle: u32) -> Next {
        judge(report, &SCOPES.map(str::to_owned), idle, false)
    }

    fn hand_on(scopes: &[&str], idle: u32, degraded: bool) -> Next {
        Next::HandOn {
            scopes: scopes.iter().map(ToString::to_string).collect(),
            not_before: None,
            idle,
            degraded,
        }
    }

    #[test]
    fn what_is_left_is_handed_on_without_what_is_done() {
        let feeds = [("a", 3, true), ("b", 2, false), ("c", 0, false)];
        let deadline = run(PartialReason::Deadline, &feeds, &[]);
        assert_eq!(next(&deadline, 2), hand_on(&["b", "c"], 0, false));
        // Before it knew what there is to read.
        let cut = run(PartialReason::Deadline, &[], &[]);
        assert_eq!(next(&cut, 0), hand_on(&SCOPES, 1, false));
        assert_eq!(next(&cut, IDLE - 1), Next::End(GroupOutcome::Deadline));
        let reset_at = DateTime::UNIX_EPOCH;
        let limited = run(PartialReason::RateLimited { reset_at }, &[], &[]);
        let Next::HandOn { not_before, idle, .. } = next(&limited, 2) else {
            panic!("a limit ends nothing");
        };
        assert_eq!(
            (not_before, idle),
            (Some(reset_at), 0),
            "who was limited was not idle"
        );
    }

    /// One repository that may not be seen does not keep the others' past from being read.
    #[test]
    fn what_failed_is_left_out_and_not_forgotten() {
        let denied = [(Some("a"), ErrorKind::PermissionDenied)];
        let feeds = [("a", 0, false), ("b", 2, false), ("c", 1, true)];
        let report = run(PartialReason::Degraded, &feeds, &denied);
        assert_eq!(next(&report, 0), hand_on(&["b"], 0, true));
        let done = [("a", 0, false), ("b", 2, true), ("c", 1, true)];
        let report = run(PartialReason::Degraded, &done, &denied);
        assert_eq!(next(&report, 0), Next::End(GroupOutcome::Degraded));
        let mut complete = run(PartialReason::Degraded, &[], &[]);
        complete.outcome = Outcome::Complete;
        assert_eq!(judge(&complete, &[], 0, true), Next::End(GroupOutcome::Degraded));
        assert_eq!(judge(&complete, &[], 0, false), Next::End(GroupOutcome::Complete));
    }

    #[test]
    fn a_source_that_fails_as_a_whole_ends_the_group() {
        let feeds = [("a", 1, false), ("b", 0, false)];
        for failure in [
            (None, ErrorKind::Unavailable),
            (Some("a"), ErrorKind::Unauthenticated),
        ] {
            let report = run(PartialReason::Degraded, &feeds, &[failure]);
            assert_eq!(next(&report, 0), Next::End(GroupOutcome::Degraded), "{failure:?}");
        }
    }

    #[test]
    fn who_meets_another_worker_waits_unless_there_is_more_to_do() {
        let busy = [(Some("a"), ErrorKind::Conflict)];
        let all = run(PartialReason::Degraded, &[("a", 0, false)], &busy);
        assert_eq!(next(&all, 0), Next::Busy);
        let some = run(PartialReason::Degraded, &[("a", 0, false), ("b", 4, true)], &busy);
        assert_eq!(next(&some, 0), hand_on(&["a"], 0, false));
    }
}
