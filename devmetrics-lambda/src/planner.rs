//! Planning a slot: finding out what is to be read, and sharing it among workers.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::engine::{Due, Outcome, PartialReason};
use devmetrics_core::model::Window;
use devmetrics_core::store::{GroupOutcome, Slot};
use devmetrics_core::{Engine, ErrorKind, Result};
use tracing::{info, warn};

use crate::collector::{Collector, Invocation};
use crate::worker::{delay_until, reason};
use crate::{Message, Queue, VERSION, Work, emf};

/// How many planners in a row may run out of time.
const PLANS: u32 = 3;

/// How far back open groups are looked for.
const OPEN_FOR: TimeDelta = TimeDelta::days(7);

impl Collector {
    /// Plans a slot, and puts a message a group on the queue. A slot that was planned before is not planned again, but what did not
    /// end of it is put on the queue again. `None`: the plan itself was put on the queue, for when the source answers again.
    pub(crate) async fn plan(
        &self,
        queue: &dyn Queue,
        slot: DateTime<Utc>,
        attempt: u32,
        invocation: &Invocation,
    ) -> Result<Option<Slot>> {
        let engine = self.engines.engine().await?;
        let (known, newer) = self.look(&engine, slot).await?;
        if let Some(known) = known {
            info!(slot = %slot, slot.run = %known.run, "the slot was planned before");
            self.send_open(queue, &known).await?;
            return Ok(Some(known));
        }
        if newer {
            let planned = self
                .plan_ended(&engine, slot, invocation, GroupOutcome::Superseded)
                .await?;
            return Ok(Some(planned));
        }
        let (engine, due) = self.due(engine, invocation).await?;
        let later = |not_before| Message {
            version: VERSION,
            run: invocation.id.clone(),
            slot,
            tenant: self.tenant.clone(),
            attempt: attempt + 1,
            not_before,
            work: Work::Plan,
        };
        let left = match due.outcome {
            Outcome::Partial { reason } if due.scopes.is_empty() => Some(reason),
            _ => None,
        };
        match left {
            Some(PartialReason::RateLimited { reset_at }) => {
                info!(slot = %slot, until = %reset_at, "the source's limit is used up: the slot is planned later");
                let delay = delay_until(reset_at, engine.now());
                queue.send(&[later(Some(reset_at))], delay).await?;
                return Ok(None);
            }
            Some(PartialReason::Deadline) if attempt + 1 < PLANS => {
                queue.send(&[later(None)], Duration::ZERO).await?;
                return Ok(None);
            }
            _ => {}
        }
        let planned = self.keep(&engine, slot, &due, invocation).await?;
        self.send_open(queue, &planned).await?;
        Ok(Some(planned))
    }

    /// What is to be read, asked once more with other credentials if those were refused and there are others.
    async fn due(&self, engine: Engine, invocation: &Invocation) -> Result<(Engine, Due)> {
        let due = engine.due(self.options(invocation, None)).await?;
        let refused = |due: &Due| {
            let mut kinds = due.failures.iter().map(|failure| failure.kind);
            kinds.any(|kind| kind == ErrorKind::Unauthenticated)
        };
        let (engine, due) = match refused(&due) {
            true => match self.engines.renewed().await? {
                Some(renewed) => {
                    let due = renewed.due(self.options(invocation, None)).await?;
                    (renewed, due)
                }
                None => (engine, due),
            },
            false => (engine, due),
        };
        for failure in &due.failures {
            warn!(source = %failure.source, kind = %failure.kind, reason = %failure.message, "a source does not say what there is");
        }
        Ok((engine, due))
    }

    /// Keeps the plan of a slot. What a source did not say is a group without scopes, which has ended already.
    async fn keep(
        &self,
        engine: &Engine,
        slot: DateTime<Utc>,
        due: &Due,
        invocation: &Invocation,
    ) -> Result<Slot> {
        let mut groups: Vec<Vec<String>> = due
            .scopes
            .chunks(self.group_size)
            .map(<[String]>::to_vec)
            .collect();
        let missing = match due.outcome {
            Outcome::Partial { reason } => {
                groups.push(Vec::new());
                Some((groups.len() - 1, outcome_of(reason), reason))
            }
            _ => None,
        };
        let mut planned = engine.plan_slot(slot, &invocation.id, groups).await?;
        if planned.run != invocation.id {
            return Ok(planned);
        }
        self.supersede(engine, slot).await?;
        if let Some((number, outcome, why)) = missing {
            engine.end_group(slot, number, outcome).await?;
            self.emf.emit_partial(engine.now(), reason(why));
            planned.groups.truncate(number);
        }
        let age = self.certificate_age(engine).await?;
        let mut values = vec![
            (emf::PLANNED_SLOTS, 1.0),
            (emf::PLANNED_GROUPS, planned.groups.len() as f64),
        ];
        values.extend(age.map(|age| (emf::CERTIFICATE_AGE_SECONDS, age)));
        self.emf.emit(engine.now(), &values);
        info!(slot = %slot, slot.groups = planned.groups.len(), slot.scopes = due.scopes.len(), feeds.unchanged = due.unchanged,
            points.used = due.usage.points, "slot planned");
        Ok(planned)
    }

    /// Keeps a slot of which nothing is to be done.
    pub(crate) async fn plan_ended(
        &self,
        engine: &Engine,
        slot: DateTime<Utc>,
        invocation: &Invocation,
        outcome: GroupOutcome,
    ) -> Result<Slot> {
        let planned = engine.plan_slot(slot, &invocation.id, vec![Vec::new()]).await?;
        if planned.run == invocation.id {
            engine.end_group(slot, 0, outcome).await?;
            info!(slot = %slot, outcome = outcome.as_str(), "nothing is to be done for this slot");
        }
        Ok(planned)
    }

    /// Puts every group of a slot that did not end on the queue: as often as this is done, each is done once.
    async fn send_open(&self, queue: &dyn Queue, slot: &Slot) -> Result<()> {
        let groups = slot.groups.iter().enumerate();
        // One without scopes is about a source that could not be asked: there is nothing to be read.
        let open = groups.filter(|(_, group)| group.end.is_none() && !group.scopes.is_empty());
        let messages: Vec<Message> = open
            .map(|(number, group)| Message {
                version: VERSION,
                run: slot.run.clone(),
                slot: slot.at,
                tenant: self.tenant.clone(),
                attempt: group.attempt,
                not_before: None,
                work: Work::Collect {
                    group: number,
                    scopes: group.scopes.clone(),
                    idle: 0,
                    degraded: false,
                },
            })
            .collect();
        queue.send(&messages, Duration::ZERO).await
    }

    /// Ends what is open of older slots: whoever reads this one reads that too. A message that was lost leaves nothing open.
    pub(crate) async fn supersede(&self, engine: &Engine, slot: DateTime<Utc>) -> Result<()> {
        let window = Window {
            from: slot - OPEN_FOR,
            to: slot,
        };
        for older in engine.slots(window).await? {
            for (number, group) in older.groups.iter().enumerate() {
                if group.end.is_none() {
                    engine
                        .end_group(older.at, number, GroupOutcome::Superseded)
                        .await?;
                    info!(slot = %older.at, slot.group = number, "what is left of the group is read by a newer slot");
                }
            }
        }
        Ok(())
    }

    /// For how many seconds the scope that is furthest behind has not been known; `None` before the first was read to its end.
    async fn certificate_age(&self, engine: &Engine) -> Result<Option<f64>> {
        let certificates = engine.certificates().await?;
        let oldest = certificates
            .iter()
            .filter_map(|certificate| certificate.known_to)
            .min();
        Ok(oldest.map(|known_to| (engine.now() - known_to).as_seconds_f64()))
    }
}

/// How a group ends that is left to the next slot for this reason.
pub(crate) fn outcome_of(reason: PartialReason) -> GroupOutcome {
    match reason {
        PartialReason::RateLimited { .. } => GroupOutcome::RateLimited,
        PartialReason::Deadline | PartialReason::Stopped => GroupOutcome::Deadline,
        _ => GroupOutcome::Degraded,
    }
}
