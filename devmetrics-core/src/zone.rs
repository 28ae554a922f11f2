//! IANA time zones: finding one by its name, and where its days begin.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
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
