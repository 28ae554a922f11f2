//! The rules by which an ordered list is read without a gap, although it changes meanwhile. Pure.
//!
//! The **head** walks towards the newest from where it was before. The **tail** walks from the newest back, so that a first
//! run is useful from its first page. A row that is touched while the tail walks sorts behind the head's place and is read
//! there; one that is not is read by the tail. GitHub pages such lists by key, so a row never moves in front of a cursor.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How far behind the server's clock a head's place stays: rows of the same second, and of a replica that lags, come late.
pub(super) const HOLD_BACK: TimeDelta = TimeDelta::seconds(120);
/// How far before the head a list is read again when its cursor is lost.
pub(super) const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// A place in an ordered list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// The cursor of a row, which only GitHub understands.
    pub(super) cursor: String,
    /// The row's instant, by which the list can be read again when the cursor is refused.
    pub(super) at: DateTime<Utc>,
}

/// A walk from the newest row back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Walk {
    /// Behind which row it goes on; `None` at the newest.
    pub(super) cursor: Option<String>,
    /// The instant of that row: everything newer has been read.
    pub(super) at: Option<DateTime<Utc>>,
    /// Where it may end; `None` at the end of the list.
    pub(super) until: Option<DateTime<Utc>>,
    /// How many rows it has read.
    pub(super) read: u64,
    /// Whether it has come to its end.
    pub(super) done: bool,
}

impl Walk {
    /// A walk from the newest row back to `until`.
    pub(super) fn back_to(until: Option<DateTime<Utc>>) -> Self {
        Self {
            until,
            ..Self::default()
        }
    }

    /// A walk of a list that has nothing.
    pub(super) fn ended() -> Self {
        Self {
            done: true,
            ..Self::default()
        }
    }

    /// Goes past a page.
    pub(super) fn step(&mut self, rows: &[Place], has_next: bool) {
        if let Some(last) = rows.last() {
            self.cursor = Some(last.cursor.clone());
            self.at = Some(last.at);
        }
        self.read += rows.len() as u64;
        let past = self.at.zip(self.until).is_some_and(|(at, until)| at < until);
        self.done = past || !has_next || rows.is_empty();
    }
}

/// How far the list of a repository has been read from both ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lanes {
    /// Everything up to here has been read, or is the tail's; `None`: the head begins with the oldest row.
    pub(super) head: Option<Place>,
    /// History.
    pub(super) tail: Walk,
    /// A second reading of what may have been missed.
    pub(super) again: Option<Walk>,
}

/// The end at which a page is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    Head,
    Again,
    Tail,
}

impl Lanes {
    /// The lane to read next; `None` when there is nothing left. `head_is_read`: in this run.
    pub(super) fn next(&self, head_is_read: bool) -> Option<Lane> {
        if !head_is_read {
            Some(Lane::Head)
        } else if self.again.is_some() {
            Some(Lane::Again)
        } else if !self.tail.done {
            Some(Lane::Tail)
        } else {
            None
        }
    }

    /// The cursor behind which `lane` goes on.
    pub(super) fn after(&self, lane: Lane) -> Option<String> {
        match lane {
            Lane::Head => self.head.as_ref().map(|place| place.cursor.clone()),
            Lane::Again => self.again.as_ref().and_then(|walk| walk.cursor.clone()),
            Lane::Tail => self.tail.cursor.clone(),
        }
    }

    /// The instant of the row behind which `lane` goes on.
    pub(super) fn reached(&self, lane: Lane) -> Option<DateTime<Utc>> {
        match lane {
            Lane::Head => self.head.as_ref().map(|place| place.at),
            Lane::Again => self.again.as_ref().and_then(|walk| walk.at),
            Lane::Tail => self.tail.at,
        }
    }

    /// Goes past a page of `lane`; whether the head has more for this run. `date` is the server's instant of the page,
    /// `started` that of the run: a list that changes all the time is not followed beyond it.
    pub(super) fn step(
        &mut self,
        lane: Lane,
        rows: &[Place],
        has_next: bool,
        date: DateTime<Utc>,
        started: DateTime<Utc>,
    ) -> bool {
        match lane {
            Lane::Head => step_head(&mut self.head, rows, has_next, date, started),
            Lane::Again => {
                if let Some(walk) = &mut self.again {
                    walk.step(rows, has_next);
                    if walk.done {
                        self.again = None;
                    }
                }
                false
            }
            Lane::Tail => {
                self.tail.step(rows, has_next);
                false
            }
        }
    }

    /// What is left to do after GitHub has refused the cursor of `lane`. `head`: a place of now, taken before anything else.
    pub(super) fn lost(&mut self, lane: Lane, head: Option<Place>) {
        match lane {
            Lane::Head => {
                let until = self.head.as_ref().map(|place| place.at - OVERLAP);
                // Where one such walk was under way already, the new one covers both.
                let until = match &self.again {
                    Some(walk) => walk.until.min(until),
                    None => until,
                };
                self.head = head;
                self.again = Some(Walk::back_to(until));
            }
            Lane::Again => {
                if let Some(walk) = &mut self.again {
                    walk.cursor = None;
                }
            }
            Lane::Tail => self.tail.cursor = None,
        }
    }

    /// Reads everything since `since` again (`None`: everything).
    pub(super) fn rewind(&mut self, since: Option<DateTime<Utc>>) {
        let until = match &self.again {
            Some(walk) => walk.until.min(since),
            None => since,
        };
        self.again = Some(Walk::back_to(until));
    }
}

/// Goes past a page of a head; whether it has more for this run.
pub(super) fn step_head(
    head: &mut Option<Place>,
    rows: &[Place],
    has_next: bool,
    date: DateTime<Utc>,
    started: DateTime<Utc>,
) -> bool {
    if let Some(place) = settled(rows, date) {
        *head = Some(place);
    }
    has_next && rows.last().is_some_and(|last| last.at <= started - HOLD_BACK)
}

/// Of the newest rows of a list, oldest first, the place at which a head begins.
pub(super) fn settled(rows: &[Place], date: DateTime<Utc>) -> Option<Place> {
    rows.iter().rev().find(|row| row.at <= date - HOLD_BACK).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    fn rows(seconds: &[i64]) -> Vec<Place> {
        seconds
            .iter()
            .map(|seconds| Place {
                cursor: seconds.to_string(),
                at: at(*seconds),
            })
            .collect()
    }

    fn cursor(place: &Option<Place>) -> Option<&str> {
        place.as_ref().map(|place| place.cursor.as_str())
    }

    #[test]
    fn the_head_stays_two_minutes_behind_the_server() {
        let mut lanes = Lanes::default();
        let more = lanes.step(Lane::Head, &rows(&[0, 880, 881]), true, at(1000), at(1000));
        assert_eq!(cursor(&lanes.head), Some("880"));
        assert!(!more, "a row of the last two minutes ends the run");
        let more = lanes.step(Lane::Head, &rows(&[950]), false, at(1000), at(1000));
        assert_eq!(cursor(&lanes.head), Some("880"), "it never goes back");
        assert!(!more);
        assert!(lanes.step(Lane::Head, &rows(&[880]), true, at(9000), at(1000)));
        assert!(!lanes.step(Lane::Head, &rows(&[881]), true, at(9000), at(1000)));
        assert_eq!(cursor(&lanes.head), Some("881"), "by the page's own instant");
    }

    #[test]
    fn an_empty_page_keeps_the_place() {
        let mut lanes = Lanes {
            head: rows(&[5]).pop(),
            ..Lanes::default()
        };
        assert!(!lanes.step(Lane::Head, &[], true, at(9000), at(9000)));
        assert_eq!(cursor(&lanes.head), Some("5"));
        lanes.step(Lane::Tail, &[], true, at(9000), at(9000));
        assert!(lanes.tail.done);
    }

    #[test]
    fn news_come_first_then_what_may_be_missing_then_history() {
        let mut lanes = Lanes::default();
        assert_eq!(lanes.next(false), Some(Lane::Head));
        assert_eq!(lanes.next(true), Some(Lane::Tail));
        lanes.rewind(Some(at(0)));
        assert_eq!(lanes.next(true), Some(Lane::Again));
        lanes.step(Lane::Again, &rows(&[20, 10]), true, at(99), at(99));
        assert_eq!(lanes.after(Lane::Again).as_deref(), Some("10"));
        lanes.step(Lane::Again, &rows(&[0, -1]), true, at(99), at(99));
        assert_eq!(lanes.again, None, "past its end");
        lanes.step(Lane::Tail, &rows(&[3, 2]), false, at(99), at(99));
        assert_eq!((lanes.tail.at, lanes.tail.read), (Some(at(2)), 2));
        assert_eq!(lanes.next(true), None);
    }

    #[test]
    fn a_lost_head_is_made_good_by_a_walk_that_overlaps_it() {
        let mut lanes = Lanes {
            head: rows(&[1000]).pop(),
            tail: Walk::ended(),
            again: None,
        };
        lanes.lost(Lane::Head, rows(&[2000]).pop());
        assert_eq!(cursor(&lanes.head), Some("2000"));
        assert_eq!(lanes.again, Some(Walk::back_to(Some(at(400)))));
        lanes.rewind(Some(at(900)));
        assert_eq!(
            lanes.again,
            Some(Walk::back_to(Some(at(400)))),
            "the longer of both"
        );
        lanes.rewind(None);
        assert_eq!(lanes.again, Some(Walk::back_to(None)));
    }

    #[test]
    fn a_head_begins_at_the_newest_settled_row() {
        assert_eq!(settled(&rows(&[1, 2, 880, 881]), at(1000)), rows(&[880]).pop());
        assert_eq!(settled(&rows(&[881]), at(1000)), None);
    }
}
