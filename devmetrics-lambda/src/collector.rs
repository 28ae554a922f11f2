//! The collector: one function for the schedule and for the queue.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use devmetrics_core::engine::{SyncOptions, SyncReport};
use devmetrics_core::model::Window;
use devmetrics_core::store::Slot;
use devmetrics_core::{Engine, Error, ErrorKind, Result};
use serde_json::{Value, json};
use tracing::{error, warn};

use crate::emf::{self, Emf};
use crate::{Engines, Event, Message, Queue};

/// What is left of an invocation for matching what came in, and for handing the rest on.
const RESERVE: TimeDelta = TimeDelta::seconds(20);

/// How long a source is waited for: a fault that passes in a moment, and no limit.
const PATIENCE: TimeDelta = TimeDelta::seconds(10);

/// By how much the schedule's clock may be ahead of ours.
const EARLY: TimeDelta = TimeDelta::minutes(5);

/// With less than this left, nothing more is begun.
const LEAST: TimeDelta = TimeDelta::seconds(20);

/// Collects by events. Every method may be called again with the same event: that does nothing twice.
#[derive(Debug)]
pub struct Collector {
    pub(crate) engines: Arc<dyn Engines>,
    queue: Option<Arc<dyn Queue>>,
    pub(crate) emf: Emf,
    pub(crate) tenant: String,
    pub(crate) group_size: usize,
}

/// One invocation.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    /// Its id.
    pub(crate) id: String,
    /// When reading has to be over.
    pub(crate) ends: DateTime<Utc>,
}

impl Collector {
    /// A collector that puts work on `queue`, or without one does all of it itself; a message names at most `group_size` scopes.
    pub fn new(
        engines: Arc<dyn Engines>,
        queue: Option<Arc<dyn Queue>>,
        emf: Emf,
        tenant: impl Into<String>,
        group_size: usize,
    ) -> Self {
        Self {
            engines,
            queue,
            emf,
            tenant: tenant.into(),
            group_size: group_size.max(1),
        }
    }

    /// Does what an event asks, within the time until `deadline`; `id` is the invocation's. The answer is what Lambda is told: of
    /// messages, which ones have to come again.
    ///
    /// # Errors
    /// When Lambda should bring the same event again.
    pub async fn handle(&self, event: Event, id: &str, deadline: DateTime<Utc>) -> Result<Value> {
        let engine = self.engines.engine().await?;
        let now = engine.now();
        let reserve = RESERVE.min((deadline - now) / 4);
        let invocation = Invocation {
            id: id.to_owned(),
            ends: deadline - reserve,
        };
        match event {
            Event::Schedule { slot } => {
                let slot = slot.unwrap_or(now).trunc_subsecs(0);
                if slot > now + EARLY {
                    // It would supersede every slot until then.
                    let message =
                        "the slot lies in the future: a slot is an instant of the schedule that has come";
                    return Err(Error::new(ErrorKind::InvalidInput, message).with("slot", slot));
                }
                let planned = self
                    .known(async || match &self.queue {
                        Some(queue) => self.plan(queue.as_ref(), slot, 0, &invocation).await,
                        None => self.collect_alone(slot, &invocation).await,
                    })
                    .await?;
                Ok(json!({ "slot": slot, "groups": planned.map(|slot| slot.groups.len()) }))
            }
            Event::Queue(event) => {
                let answer = self.take(event, &invocation).await?;
                serde_json::to_value(answer).map_err(|error| {
                    Error::new(ErrorKind::Internal, "the answer cannot be written").caused_by(error)
                })
            }
        }
    }

    async fn take(&self, event: SqsEvent, invocation: &Invocation) -> Result<SqsBatchResponse> {
        let Some(queue) = &self.queue else {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "messages come and there is no queue to hand the rest on by: set QUEUE_URL",
            ));
        };
        let mut answer = SqsBatchResponse::default();
        for (n, record) in event.records.into_iter().enumerate() {
            let id = record.message_id.unwrap_or_default();
            let body = record.body.unwrap_or_default();
            let done = match Message::read(&body) {
                Ok(message) if n > 0 && self.is_late(invocation).await? => {
                    // It was not tried, so it must not count as a failure.
                    queue.send(&[message], Duration::ZERO).await
                }
                Ok(message) => {
                    self.known(async || self.work(queue.as_ref(), message.clone(), invocation).await)
                        .await
                }
                Err(unreadable) => {
                    // Every delivery fails like this one, until the queue gives the message to its dead-letter queue.
                    error!(message.id = %id, error = %unreadable, "a message cannot be read");
                    let now = self.engines.engine().await?.now();
                    self.emf.emit(now, &[(emf::POISON_MESSAGES, 1.0)]);
                    Err(unreadable)
                }
            };
            if let Err(failure) = done {
                warn!(message.id = %id, error = %failure, cause = ?std::error::Error::source(&failure), "a message has to come again");
                answer.add_failure(id);
            }
        }
        Ok(answer)
    }

    /// Does a piece of work, once more if the database refused us and the secret holds another password by now.
    async fn known<T>(&self, work: impl AsyncFn() -> Result<T>) -> Result<T> {
        match work().await {
            Err(refused) if refused.kind() == ErrorKind::Unauthenticated => {
                match self.engines.renewed().await? {
                    Some(_) => work().await,
                    None => Err(refused),
                }
            }
            done => done,
        }
    }

    async fn is_late(&self, invocation: &Invocation) -> Result<bool> {
        Ok(self.engines.engine().await?.now() + LEAST >= invocation.ends)
    }

    /// How a worker or planner of this invocation reads.
    pub(crate) fn options(&self, invocation: &Invocation, scopes: Option<Vec<String>>) -> SyncOptions {
        SyncOptions {
            deadline: Some(invocation.ends),
            patience: PATIENCE,
            scopes,
            ..SyncOptions::default()
        }
    }

    /// Reads these scopes (`None`: all), once more with other credentials if those were refused and there are others.
    pub(crate) async fn sync(
        &self,
        invocation: &Invocation,
        scopes: Option<Vec<String>>,
    ) -> Result<SyncReport> {
        let engine = self.engines.engine().await?;
        let begin = engine.now();
        let mut result = engine.sync(self.options(invocation, scopes.clone())).await;
        let refused = result.as_ref().is_ok_and(|report| {
            let mut kinds = report.failures.iter().map(|failure| failure.kind);
            kinds.any(|kind| kind == ErrorKind::Unauthenticated)
        });
        if refused && let Some(renewed) = self.engines.renewed().await? {
            result = renewed.sync(self.options(invocation, scopes)).await;
        }
        let now = engine.now();
        match &result {
            Ok(report) => {
                let seconds = (now - begin).as_seconds_f64();
                self.emf.emit_run(now, report, seconds);
                for failure in &report.failures {
                    warn!(source = %failure.source, kind = %failure.kind, feed = ?failure.feed.as_ref().map(ToString::to_string),
                        reason = %failure.message, "not everything was read");
                }
            }
            Err(_) => self.emf.emit_partial(now, "error"),
        }
        result
    }

    /// The slot at this instant, and whether a newer one was planned.
    pub(crate) async fn look(&self, engine: &Engine, slot: DateTime<Utc>) -> Result<(Option<Slot>, bool)> {
        let window = Window {
            from: slot,
            to: DateTime::<Utc>::MAX_UTC,
        };
        let slots = engine.slots(window).await?;
        let newer = slots.iter().any(|other| other.at > slot);
        Ok((slots.into_iter().find(|other| other.at == slot), newer))
    }
}
