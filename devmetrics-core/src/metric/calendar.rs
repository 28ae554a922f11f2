//! Working time: the seconds of a span that fall into the working hours of a calendar.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::{GapInfo, Tz};
use serde::{Deserialize, Serialize};

use super::Scope;
use crate::zone::midnight;
use crate::{Error, ErrorKind, Result};

/// The years that a calendar remembers once it has worked them out; others are worked out each time.
const FIRST_YEAR: i32 = 1970;
const YEARS: usize = 140;

/// When people work: on which days of the week, between which hours of their clocks, except on which days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarRules {
    /// The IANA zone whose clocks they go by.
    pub zone: Tz,
    /// The days of the week.
    pub weekdays: Vec<Weekday>,
    /// The hours of each of these days, in any order.
    pub hours: Vec<WorkingHours>,
    /// Days without work.
    pub holidays: BTreeSet<NaiveDate>,
}

impl Default for CalendarRules {
    /// Monday to Friday from nine to five, UTC, without holidays.
    fn default() -> Self {
        Self {
            zone: Tz::UTC,
            weekdays: vec![
                Weekday::Mon,
                Weekday::Tue,
                Weekday::Wed,
                Weekday::Thu,
                Weekday::Fri,
            ],
            hours: vec![WorkingHours {
                from: 9 * 60,
                to: 17 * 60,
            }],
            holidays: BTreeSet::new(),
        }
    }
}

/// A part of the day in minutes since midnight, half-open; written `09:00-17:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkingHours {
    from: u32,
    to: u32,
}

impl FromStr for WorkingHours {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let minutes = |clock: &str| -> Option<u32> {
            let (hours, minutes) = clock.trim().split_once(':')?;
            let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
            (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
        };
        text.split_once('-')
            .and_then(|(from, to)| Some(Self { from: minutes(from)?, to: minutes(to)? }))
            .filter(|hours| hours.from < hours.to)
            .ok_or_else(|| {
                let message = format!(
                    "`{text}` are no working hours: write them as `09:00-17:00`, the end after the begin and at most 24:00"
                );
                Error::new(ErrorKind::InvalidInput, message)
            })
    }
}

impl TryFrom<String> for WorkingHours {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<WorkingHours> for String {
    fn from(hours: WorkingHours) -> Self {
        hours.to_string()
    }
}

impl fmt::Display for WorkingHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |minutes: u32| (minutes / 60, minutes % 60);
        let ((from, from_minute), (to, to_minute)) = (clock(self.from), clock(self.to));
        write!(f, "{from:02}:{from_minute:02}-{to:02}:{to_minute:02}")
    }
}

/// [`CalendarRules`] that spans of time can be measured by. A handle: cloning it is cheap, and clones share what has been
/// worked out.
#[derive(Clone)]
pub struct Calendar(Arc<Parts>);

struct Parts {
    rules: CalendarRules,
    years: Vec<OnceLock<Year>>,
}

/// The working time of one year of the zone.
#[derive(Debug)]
struct Year {
    /// In order of time, none overlapping.
    shifts: Vec<Shift>,
    /// All of it, in seconds.
    seconds: i64,
}

/// Working time without a pause, in epoch seconds, half-open.
#[derive(Clone, Copy, Debug)]
struct Shift {
    from: i64,
    to: i64,
    /// The year's working seconds before it.
    before: i64,
}

impl Calendar {
    /// The calendar of these rules.
    ///
    /// # Errors
    /// `InvalidInput` where no day of the week or no hour is left to work, or hours overlap.
    pub fn new(mut rules: CalendarRules) -> Result<Self> {
        let wrong = |message: String| Err(Error::new(ErrorKind::InvalidInput, message));
        if rules.weekdays.is_empty() {
            return wrong("`weekdays` is empty: name at least one day of the week".to_owned());
        }
        if rules.hours.is_empty() {
            return wrong("`hours` is empty: write for example `09:00-17:00`".to_owned());
        }
        rules.hours.sort_unstable();
        if let Some(pair) = rules.hours.windows(2).find(|pair| pair[1].from < pair[0].to) {
            return wrong(format!(
                "the `hours` {} and {} overlap: join them",
                pair[0], pair[1]
            ));
        }
        Ok(Self::of(rules))
    }

    fn of(rules: CalendarRules) -> Self {
        Self(Arc::new(Parts {
            rules,
            years: (0..YEARS).map(|_| OnceLock::new()).collect(),
        }))
    }

    /// What it goes by.
    pub fn rules(&self) -> &CalendarRules {
        &self.0.rules
    }

    /// The working seconds of `[from, to)`; negative where `to` comes first, so that those from a to b and from b to c
    /// are those from a to c, in any order.
    ///
    /// Hours are those of the zone's clocks. Where the clocks go forward, what they skip is no time; where they go back,
    /// a shift lasts from the first time that they show its begin to the last time that they show its end.
    pub fn working_seconds(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        let year = |instant: DateTime<Utc>| instant.with_timezone(&self.0.rules.zone).year();
        let (first, last) = (year(from), year(to));
        let between = if first <= last {
            (first..last)
                .map(|year| self.year(year, |found| found.seconds))
                .sum::<i64>()
        } else {
            -(last..first)
                .map(|year| self.year(year, |found| found.seconds))
                .sum::<i64>()
        };
        let into =
            |number: i32, instant: DateTime<Utc>| self.year(number, |year| year.seconds_before(instant));
        between + into(last, to) - into(first, from)
    }

    /// What `read` finds in a year.
    fn year(&self, number: i32, read: impl Fn(&Year) -> i64) -> i64 {
        let place = usize::try_from(i64::from(number) - i64::from(FIRST_YEAR)).ok();
        match place.and_then(|place| self.0.years.get(place)) {
            Some(year) => read(year.get_or_init(|| Year::of(&self.0.rules, number))),
            None => read(&Year::of(&self.0.rules, number)),
        }
    }
}

impl Year {
    fn of(rules: &CalendarRules, number: i32) -> Self {
        let mut shifts = Vec::new();
        let mut seconds = 0;
        let days = NaiveDate::from_ymd_opt(number, 1, 1)
            .into_iter()
            .flat_map(|first| first.iter_days())
            .take_while(|day| day.year() == number);
        for day in days.filter(|day| rules.weekdays.contains(&day.weekday()) && !rules.holidays.contains(day))
        {
            for hours in &rules.hours {
                let Some((from, to)) = shift(day, *hours, rules.zone) else {
                    continue;
                };
                if from < to {
                    shifts.push(Shift {
                        from,
                        to,
                        before: seconds,
                    });
                    seconds += to - from;
                }
            }
        }
        Self { shifts, seconds }
    }

    /// Its working seconds before an instant.
    fn seconds_before(&self, instant: DateTime<Utc>) -> i64 {
        let at = instant.timestamp();
        let begun = self.shifts.partition_point(|shift| shift.from < at);
        let last = begun.checked_sub(1).and_then(|last| self.shifts.get(last));
        last.map_or(0, |shift| shift.before + at.min(shift.to) - shift.from)
    }
}

/// The span of these hours of one day in epoch seconds, kept within the day; `None` at the ends of the calendar.
fn shift(day: NaiveDate, hours: WorkingHours, zone: Tz) -> Option<(i64, i64)> {
    let begin = midnight(day, zone)?.timestamp();
    let end = midnight(day.checked_add_days(Days::new(1))?, zone)?.timestamp();
    let at =
        |minutes: u32| NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).map(|time| day.and_time(time));
    let clock = |minutes: u32, last: bool| match at(minutes) {
        None => Some(end),
        Some(local) => match zone.from_local_datetime(&local) {
            chrono::LocalResult::Single(instant) => Some(instant.timestamp()),
            chrono::LocalResult::Ambiguous(one, other) => Some(if last { other } else { one }.timestamp()),
            chrono::LocalResult::None => Some(GapInfo::new(&local, &zone)?.end?.timestamp()),
        },
    };
    let (from, to) = (clock(hours.from, false)?, clock(hours.to, true)?);
    Some((from.clamp(begin, end), to.clamp(begin, end)))
}

impl Default for Calendar {
    fn default() -> Self {
        Self::of(CalendarRules::default())
    }
}

/// Whose working time is measured by which calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendars {
    /// That of whoever has none of their own.
    pub usual: Calendar,
    /// Those of teams, by their ids.
    pub teams: BTreeMap<String, Calendar>,
}

impl Calendars {
    /// The calendar by which a scope is measured: the team's own, else the usual one. A parent team's holds for its whole
    /// subtree when the parent is asked about.
    pub fn of(&self, scope: &Scope) -> &Calendar {
        let own = match scope {
            Scope::Team(id) => self.teams.get(id.as_str()),
            _ => None,
        };
        own.unwrap_or(&self.usual)
    }
}

impl PartialEq for Calendar {
    fn eq(&self, other: &Self) -> bool {
        self.0.rules == other.0.rules
    }
}

impl Eq for Calendar {}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Calendar").field(&self.0.rules).finish()
    }
}

impl Serialize for Calendar {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.rules.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Calendar {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(CalendarRules::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
