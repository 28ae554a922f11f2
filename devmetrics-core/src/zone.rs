//! IANA time zones: finding one by its name, where its days begin, and the instants that people write.

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveTime, SubsecRound, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, TZ_VARIANTS, Tz};

use crate::suggest::did_you_mean;
use crate::{Error, ErrorKind, Result};

/// The zone with this IANA name (`Europe/Berlin`), whatever its case.
///
/// # Errors
/// `InvalidInput` that names the nearest zone there is.
pub fn zone(name: &str) -> Result<Tz> {
    let named = |zone: &&Tz| zone.name().eq_ignore_ascii_case(name);
    TZ_VARIANTS.iter().find(named).copied().ok_or_else(|| {
        let hint = did_you_mean(name, TZ_VARIANTS.iter().map(|zone| zone.name()));
        Error::new(
            ErrorKind::InvalidInput,
            format!("no time zone `{name}`{hint}; IANA names such as `Europe/Berlin` or `UTC` are known"),
        )
    })
}

/// The instant at which `date` begins in `zone`; `None` only at the far ends of the calendar.
///
/// Where a clock change skips midnight, the day begins at the first instant after the gap; where midnight comes twice,
/// at the first of the two.
pub fn midnight(date: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let local = date.and_time(NaiveTime::MIN);
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Some(instant.to_utc()),
        LocalResult::None => GapInfo::new(&local, &zone)?.end.map(|instant| instant.to_utc()),
    }
}

/// The instant that a text names: a day (`2026-01-31`), which begins at midnight of `zone`, or RFC 3339, in whole seconds; `None`
/// where it names neither, or lies beyond all that is worth asking about (before 1800, after 2999).
pub fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let begin = || midnight(day(text)?, zone);
    begin().or_else(|| exact(text)).filter(is_worth_asking_about)
}

fn is_worth_asking_about(at: &DateTime<Utc>) -> bool {
    (1_800..3_000).contains(&at.year())
}

/// The first instant that lies beyond what a text names: the end of a day, or the instant itself; `None` where it names neither.
pub fn end_of(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let end = || midnight(day(text)?.succ_opt()?, zone);
    end().or_else(|| exact(text))
}

/// The instant that a text names, as [`instant`] reads it, or that lies so far back from `now` as it says (`90d`, `12w`), within the
/// same bounds.
pub fn instant_or_span(text: &str, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let back = || now.checked_sub_signed(TimeDelta::from_std(humantime::parse_duration(text).ok()?).ok()?);
    instant(text, zone).or_else(|| back().filter(is_worth_asking_about))
}

fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn exact(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc().trunc_subsecs(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(date: &str, zone: Tz) -> String {
        let instant = midnight(date.parse().unwrap(), zone).unwrap();
        instant.format("%FT%TZ").to_string()
    }

    #[test]
    fn days_begin_where_the_clock_says_so() {
        assert_eq!(begin("2026-01-10", Tz::UTC), "2026-01-10T00:00:00Z");
        assert_eq!(begin("2026-07-10", Tz::Europe__Berlin), "2026-07-09T22:00:00Z");
        // Santiago springs forward at midnight: the 6th of September 2026 begins at 01:00.
        assert_eq!(begin("2026-09-06", Tz::America__Santiago), "2026-09-06T04:00:00Z");
        // Havana falls back from 01:00 to 00:00: midnight comes twice, and the first one counts.
        assert_eq!(begin("2025-11-02", Tz::America__Havana), "2025-11-02T04:00:00Z");
        // Samoa skipped the 30th of December 2011: it begins, and ends, where the 31st does.
        assert_eq!(
            begin("2011-12-30", Tz::Pacific__Apia),
            begin("2011-12-31", Tz::Pacific__Apia)
        );
    }

    #[test]
    fn a_text_names_a_day_or_an_instant() {
        let read = |text| Some(instant(text, Tz::Europe__Berlin)?.to_rfc3339());
        assert_eq!(read("2026-01-31").as_deref(), Some("2026-01-30T23:00:00+00:00"));
        assert_eq!(
            read("2026-01-31T12:00:00.9+02:00").as_deref(),
            Some("2026-01-31T10:00:00+00:00")
        );
        for none in ["", "2026-02-30", "yesterday", "1500-01-01", "9999-01-01"] {
            assert_eq!(read(none), None, "{none}");
        }
        let now = midnight("2026-04-15".parse().unwrap(), Tz::UTC).unwrap();
        let read = |text| Some(instant_or_span(text, Tz::UTC, now)?.to_rfc3339());
        assert_eq!(read("2w").as_deref(), Some("2026-04-01T00:00:00+00:00"));
        assert_eq!(read("2026-04-01"), read("14d"));
        for beyond in ["300y", "264000y", "99999999999999999y"] {
            assert_eq!(read(beyond), None, "{beyond}");
        }
        let end = |text| Some(end_of(text, Tz::Europe__Berlin)?.to_rfc3339());
        assert_eq!(end("2026-01-31").as_deref(), Some("2026-01-31T23:00:00+00:00"));
        assert_eq!(
            end("2026-01-31T12:00:00Z").as_deref(),
            Some("2026-01-31T12:00:00+00:00")
        );
        assert_eq!(end("90d"), None);
    }

    #[test]
    fn zones_are_found_by_name_and_missed_with_a_hint() {
        assert_eq!(zone("europe/berlin").unwrap(), Tz::Europe__Berlin);
        let error = zone("Europe/Berln").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(
            error.message().contains("did you mean `Europe/Berlin`?"),
            "{error}"
        );
    }
}
