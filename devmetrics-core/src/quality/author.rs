use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Timelike, Utc};

use super::Example;
use crate::Id;
use crate::model::{Actor, PullRequest};

/// More than so many pull requests a day are not opened by hand.
const DAILY: u32 = 20;
/// Nobody is awake in every hour of the day: told from so many pull requests on,
const AROUND_THE_CLOCK: u32 = 100;
/// and where no hour has less than a quarter of its even share of them: in years, people have worked in each.
const A_QUARTER_SHARE: u32 = 4 * 24;
/// Words of the names of machines.
const MACHINES: [&str; 6] = ["bot", "robot", "ci", "automation", "automated", "autobuild"];

/// Somebody who counts as a human.
#[derive(Debug)]
pub(super) struct Author {
    /// The newest of their changes.
    newest: (DateTime<Utc>, Id<PullRequest>),
    /// How many changes there are of theirs.
    pub(super) changes: i64,
    /// Who; nobody until they are introduced.
    pub(super) actor: Actor,
    /// How many of their changes belong to no team.
    pub(super) unmapped: i64,
    /// Whether the roster says that they are a human.
    pub(super) said_human: bool,
    by_day: HashMap<NaiveDate, u32>,
    /// How many were opened in each hour of the day.
    by_hour: [u32; 24],
}

impl Author {
    /// The author of this change, of whom nothing else is known.
    pub(super) fn of(change: &Id<PullRequest>, merged_at: DateTime<Utc>) -> Self {
        Self {
            newest: (merged_at, change.clone()),
            changes: 0,
            actor: Actor::default(),
            unmapped: 0,
            said_human: false,
            by_day: HashMap::new(),
            by_hour: [0; 24],
        }
    }

    /// Notes a change of theirs, and when they opened it, where that is known.
    pub(super) fn merged(
        &mut self,
        id: &Id<PullRequest>,
        at: DateTime<Utc>,
        opened_at: Option<DateTime<Utc>>,
    ) {
        self.changes += 1;
        if (at, id) > (self.newest.0, &self.newest.1) {
            self.newest = (at, id.clone());
        }
        let Some(at) = opened_at else {
            return;
        };
        *self.by_day.entry(at.date_naive()).or_default() += 1;
        if let Some(hour) = self.by_hour.get_mut(at.hour() as usize) {
            *hour += 1;
        }
    }

    pub(super) fn newest_change(&self) -> &Id<PullRequest> {
        &self.newest.1
    }

    pub(super) fn in_no_team(&self, key: &str) -> Option<Example> {
        let changes = if self.unmapped == 1 { "change" } else { "changes" };
        (self.unmapped > 0).then(|| self.example(key, format!("{} merged {changes}", self.unmapped)))
    }

    pub(super) fn like_a_bot(&self, key: &str) -> Option<Example> {
        if self.said_human {
            return None;
        }
        let detail = self.named_like_a_machine().or_else(|| self.works_like_one())?;
        Some(self.example(key, detail))
    }

    fn example(&self, key: &str, detail: String) -> Example {
        Example {
            id: key.to_owned(),
            name: self.actor.display().map(str::to_owned),
            detail,
        }
    }

    /// Whole words alone: an Abbot is a person.
    fn named_like_a_machine(&self) -> Option<String> {
        let names = [self.actor.handle.as_deref(), self.actor.name.as_deref()];
        names.into_iter().flatten().find_map(|name| {
            let lower = name.to_lowercase();
            let mut words = lower.split(|one: char| !one.is_alphanumeric());
            words
                .any(|word| MACHINES.contains(&word))
                .then(|| format!("the name `{name}`"))
        })
    }

    fn works_like_one(&self) -> Option<String> {
        let busiest = self.by_day.iter().max_by_key(|(day, count)| (**count, **day));
        if let Some((day, most)) = busiest
            && *most > DAILY
        {
            return Some(format!("{most} pull requests opened on {day}"));
        }
        let opened: u32 = self.by_hour.iter().sum();
        let least = self.by_hour.iter().min().copied().unwrap_or_default();
        let never_sleeps = opened >= AROUND_THE_CLOCK && least.saturating_mul(A_QUARTER_SHARE) >= opened;
        never_sleeps.then(|| format!("{opened} pull requests opened, at all hours of the day"))
    }
}
