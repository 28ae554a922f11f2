//! Slots of a schedule.

use chrono::serde::{ts_seconds, ts_seconds_option};

use super::read::Instant;
use super::*;

/// A group with its slot; a slot without groups has one row without a number.
#[derive(Deserialize)]
struct SlotRow {
    #[serde(with = "ts_seconds")]
    at: Instant,
    run: String,
    #[serde(with = "ts_seconds")]
    planned_at: Instant,
    number: Option<u32>,
    scopes: Option<Vec<String>>,
    attempt: Option<u32>,
    outcome: Option<GroupOutcome>,
    #[serde(with = "ts_seconds_option")]
    ended_at: Option<Instant>,
}

impl<D: Database> SqlStore<D> {
    /// Whether it was not planned before.
    pub(super) async fn write_slot(&self, slot: &Slot) -> Result<bool> {
        let at = slot.at.timestamp();
        let mut transaction = self.database.begin().await?;
        let params = [
            self.tenant.as_str().into(),
            at.into(),
            slot.run.as_str().into(),
            slot.planned_at.timestamp().into(),
        ];
        if transaction.execute(&statement::PLAN_SLOT, &params).await? == 0 {
            return Ok(false);
        }
        let groups: Vec<_> = slot.groups.iter().map(|group| &group.scopes).collect();
        let groups = json(&groups)?;
        let params = [self.tenant.as_str().into(), at.into(), groups.as_str().into()];
        transaction.execute(&statement::PLAN_SLOT_GROUPS, &params).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The slots of `[from, to)`.
    pub(super) async fn read_slots(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Slot>> {
        let params = [
            self.tenant.as_str().into(),
            from.timestamp().into(),
            to.timestamp().into(),
        ];
        let rows: Vec<SlotRow> = self.rows(&statement::SLOTS, &params).await?;
        let mut slots: Vec<Slot> = Vec::new();
        for row in rows {
            if slots.last().is_none_or(|slot| slot.at != row.at) {
                slots.push(Slot {
                    at: row.at,
                    run: row.run,
                    planned_at: row.planned_at,
                    groups: Vec::new(),
                });
            }
            let Some(slot) = slots.last_mut().filter(|_| row.number.is_some()) else {
                continue;
            };
            let end = row.ended_at.zip(row.outcome);
            slot.groups.push(SlotGroup {
                scopes: row.scopes.unwrap_or_default(),
                attempt: row.attempt.unwrap_or_default(),
                end: end.map(|(at, outcome)| GroupEnd { at, outcome }),
            });
        }
        Ok(slots)
    }

    pub(super) async fn write_group_attempt(
        &self,
        slot: DateTime<Utc>,
        number: usize,
        attempt: u32,
    ) -> Result<()> {
        let params = [
            self.tenant.as_str().into(),
            slot.timestamp().into(),
            number_of(number).into(),
            i64::from(attempt).into(),
        ];
        self.execute(&statement::HAND_ON_SLOT_GROUP, &params).await?;
        Ok(())
    }

    pub(super) async fn write_group_end(
        &self,
        slot: DateTime<Utc>,
        number: usize,
        end: GroupEnd,
    ) -> Result<()> {
        let params = [
            self.tenant.as_str().into(),
            slot.timestamp().into(),
            number_of(number).into(),
            end.outcome.as_str().into(),
            end.at.timestamp().into(),
        ];
        self.execute(&statement::END_SLOT_GROUP, &params).await?;
        Ok(())
    }
}

fn number_of(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
