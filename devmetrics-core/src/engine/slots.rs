//! The slots of a schedule: what was planned at each, and how that ended.

use chrono::{DateTime, Utc};

use super::Engine;
use crate::Result;
use crate::model::Window;
use crate::store::{GroupEnd, GroupOutcome, Slot, SlotGroup};

impl Engine {
    /// Plans what is to be read at a slot, group by group; gives the plan in force: of several plans of one slot the first stays.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn plan_slot(&self, at: DateTime<Utc>, run: &str, groups: Vec<Vec<String>>) -> Result<Slot> {
        let group = |scopes| SlotGroup {
            scopes,
            attempt: 0,
            end: None,
        };
        let slot = Slot {
            at,
            run: run.to_owned(),
            planned_at: self.now(),
            groups: groups.into_iter().map(group).collect(),
        };
        self.store().plan_slot(&slot).await
    }

    /// Notes that a group of a slot was handed on for the `attempt`th time.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn hand_on_group(&self, slot: DateTime<Utc>, number: usize, attempt: u32) -> Result<()> {
        self.store().hand_on_group(slot, number, attempt).await
    }

    /// Notes how a group of a slot ended; the first end stays.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn end_group(&self, slot: DateTime<Utc>, number: usize, outcome: GroupOutcome) -> Result<()> {
        let end = GroupEnd {
            at: self.now(),
            outcome,
        };
        self.store().end_group(slot, number, end).await
    }

    /// The slots within a window, in order.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn slots(&self, window: Window) -> Result<Vec<Slot>> {
        self.store().slots(window).await
    }
}
