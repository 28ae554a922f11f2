//! Slots of a schedule.

use super::*;

impl State {
    pub(super) fn plan_slot(&mut self, slot: &Slot) -> Slot {
        self.slots.entry(slot.at).or_insert_with(|| slot.clone()).clone()
    }

    pub(super) fn slot_group(&mut self, slot: DateTime<Utc>, number: usize) -> Option<&mut SlotGroup> {
        self.slots.get_mut(&slot)?.groups.get_mut(number)
    }
}
