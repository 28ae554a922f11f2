//! Cutting a window into the days, weeks, months or quarters of a zone.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use super::Bucket;
use crate::model::Window;
use crate::zone::midnight;
use crate::{Error, ErrorKind, Result};

/// More than 27 years of days: beyond it somebody mistyped a year, and nobody reads the answer.
const MOST_PERIODS: usize = 10_000;

/// One bucket of a zone's calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its name: `2026-W14`, `2026-04-01`, `2026-04`, `2026-Q2`.
    pub label: String,
    /// Its whole span, not cut by the window that asked for it.
    pub window: Window,
    /// Whether that window cuts it, or it is not over at the present.
    pub partial: bool,
}

/// The buckets of `zone` that overlap `window`, in order of time: contiguous, and as long as the clocks of the zone make
/// them (a day has 23, 24 or 25 hours). `now` decides which ones are over.
///
/// # Errors
/// `InvalidInput` when the window would be cut into more than 10,000.
pub fn periods(window: Window, bucket: Bucket, zone: Tz, now: DateTime<Utc>) -> Result<Vec<Period>> {
    let mut found = Vec::new();
    let mut first = bucket.first_day(window.from.with_timezone(&zone).date_naive());
    while let Some((span, next)) = bucket.span(first, zone) {
        if span.from >= window.to {
            break;
        }
        if found.len() == MOST_PERIODS {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!(
                    "the window from {} to {} has more than {MOST_PERIODS} buckets of a {bucket}; take a longer \
                     bucket or a shorter window",
                    window.from.format("%FT%TZ"),
                    window.to.format("%FT%TZ"),
                ),
            ));
        }
        // A day that the zone skipped is empty; one that a clock change moved wholly before the window is not in it.
        if span.from < span.to && span.to > window.from {
            found.push(Period {
                label: bucket.label(first),
                window: span,
                partial: span.from < window.from || span.to > window.to || span.to > now,
            });
        }
        first = next;
    }
    Ok(found)
}

impl Bucket {
    /// The first day of the bucket that holds `day`.
    fn first_day(self, day: NaiveDate) -> NaiveDate {
        let found = match self {
            Self::Day => Some(day),
            Self::Week => day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))),
            Self::Month => day.with_day(1),
            Self::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
        };
        found.unwrap_or(day)
    }

    /// The span of the bucket that begins on `first`, and the first day of the one after; `None` at the end of the
    /// calendar.
    fn span(self, first: NaiveDate, zone: Tz) -> Option<(Window, NaiveDate)> {
        let next = match self {
            Self::Day => first.checked_add_days(Days::new(1)),
            Self::Week => first.checked_add_days(Days::new(7)),
            Self::Month => first.checked_add_months(Months::new(1)),
            Self::Quarter => first.checked_add_months(Months::new(3)),
        }?;
        let window = Window {
            from: midnight(first, zone)?,
            to: midnight(next, zone)?,
        };
        Some((window, next))
    }

    fn label(self, first: NaiveDate) -> String {
        match self {
            Self::Day => first.format("%Y-%m-%d").to_string(),
            Self::Week => first.format("%G-W%V").to_string(),
            Self::Month => first.format("%Y-%m").to_string(),
            Self::Quarter => format!("{}-Q{}", first.format("%Y"), first.month0() / 3 + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn cut(from: &str, to: &str, bucket: Bucket, zone: Tz, now: &str) -> Vec<Period> {
        let window = Window {
            from: at(from),
            to: at(to),
        };
        periods(window, bucket, zone, at(now)).unwrap()
    }

    const LATER: &str = "2030-01-01T00:00:00Z";

    #[test]
    fn iso_weeks_carry_the_iso_year() {
        let weeks = cut(
            "2025-12-29T00:00:00Z",
            "2026-01-12T00:00:00Z",
            Bucket::Week,
            Tz::UTC,
            LATER,
        );
        let labels: Vec<&str> = weeks.iter().map(|week| week.label.as_str()).collect();
        assert_eq!(labels, ["2026-W01", "2026-W02"]);
        assert!(weeks.iter().all(|week| !week.partial));
        assert_eq!(weeks[1].window.from, at("2026-01-05T00:00:00Z"));
    }

    #[test]
    fn days_are_as_long_as_the_clocks_make_them() {
        let zone = Tz::Europe__Berlin;
        let hours = |from, to| -> Vec<i64> {
            cut(from, to, Bucket::Day, zone, LATER)
                .iter()
                .map(|day| day.window.seconds() / 3600)
                .collect()
        };
        assert_eq!(
            hours("2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z"),
            [24, 23, 24]
        );
        assert_eq!(
            hours("2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z"),
            [24, 25, 24]
        );
    }

    #[test]
    fn a_skipped_day_is_no_bucket() {
        let days = cut(
            "2011-12-29T10:00:00Z",
            "2012-01-01T00:00:00Z",
            Bucket::Day,
            Tz::Pacific__Apia,
            LATER,
        );
        let labels: Vec<&str> = days.iter().map(|day| day.label.as_str()).collect();
        assert_eq!(labels, ["2011-12-29", "2011-12-31", "2012-01-01"]);
    }

    #[test]
    fn an_hour_that_comes_again_belongs_to_the_day_that_had_begun() {
        // St. John's fell back from 00:01 on the 29th to 23:01 on the 28th: half past eleven came twice.
        let days = cut(
            "2006-10-29T02:45:00Z",
            "2006-10-29T06:00:00Z",
            Bucket::Day,
            Tz::America__St_Johns,
            LATER,
        );
        assert_eq!(days.len(), 1);
        assert_eq!(
            (days[0].label.as_str(), days[0].window.from),
            ("2006-10-29", at("2006-10-29T02:30:00Z"))
        );
    }

    #[test]
    fn what_the_window_or_the_present_cuts_is_partial() {
        let months = cut(
            "2026-01-15T00:00:00Z",
            "2026-05-01T00:00:00Z",
            Bucket::Month,
            Tz::UTC,
            "2026-04-10T00:00:00Z",
        );
        let flags: Vec<(&str, bool)> = months.iter().map(|m| (m.label.as_str(), m.partial)).collect();
        assert_eq!(
            flags,
            [
                ("2026-01", true),
                ("2026-02", false),
                ("2026-03", false),
                ("2026-04", true)
            ]
        );
        assert_eq!(months[0].window.from, at("2026-01-01T00:00:00Z"));
        let quarters = cut(
            "2026-03-31T23:00:00Z",
            "2026-07-01T00:00:00Z",
            Bucket::Quarter,
            Tz::Europe__London,
            LATER,
        );
        let labels: Vec<&str> = quarters.iter().map(|quarter| quarter.label.as_str()).collect();
        assert_eq!(labels, ["2026-Q2", "2026-Q3"]);
        assert!(quarters[1].partial);
    }

    #[test]
    fn a_mistyped_year_is_told() {
        let window = Window {
            from: at("0202-01-01T00:00:00Z"),
            to: at("2026-01-01T00:00:00Z"),
        };
        let error = periods(window, Bucket::Day, Tz::UTC, at(LATER)).unwrap_err();
        assert!(error.message().contains("longer bucket"), "{error}");
    }

    proptest! {
        #[test]
        fn buckets_are_contiguous_and_cover_the_window(
            from in 1_000_000_000i64..1_900_000_000,
            length in 1i64..20_000_000,
            zone in prop::sample::select(vec![
                Tz::UTC, Tz::Europe__Berlin, Tz::America__Santiago, Tz::America__Havana, Tz::America__St_Johns,
                Tz::Pacific__Apia, Tz::Australia__Lord_Howe, Tz::Africa__Cairo,
            ]),
            bucket in prop::sample::select(vec![Bucket::Day, Bucket::Week, Bucket::Month, Bucket::Quarter]),
        ) {
            let window = Window {
                from: DateTime::from_timestamp(from, 0).unwrap(),
                to: DateTime::from_timestamp(from + length, 0).unwrap(),
            };
            let cut = periods(window, bucket, zone, at(LATER)).unwrap();
            prop_assert!(cut[0].window.from <= window.from && window.from < cut[0].window.to);
            let last = cut.last().unwrap().window;
            prop_assert!(last.from < window.to && window.to <= last.to);
            for pair in cut.windows(2) {
                prop_assert_eq!(pair[0].window.to, pair[1].window.from);
                prop_assert!(pair[0].label < pair[1].label);
            }
        }
    }
}
