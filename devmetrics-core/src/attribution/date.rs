use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use chrono_tz::Tz;

use crate::zone::midnight;

/// The instant that a roster's `text` means: a date is the midnight of `zone` that it begins with. The error says what is
/// wrong with the text.
pub(super) fn instant(text: &str, zone: Tz) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    let found = match text.parse::<NaiveDate>() {
        Ok(date) => midnight(date, zone),
        Err(_) => DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|at| at.to_utc().trunc_subsecs(0)),
    };
    found.ok_or_else(|| {
        format!(
            "`{text}` is no date; write `2024-01-31` (from midnight in the team's zone) or \
             `2024-01-31T09:00:00+01:00`"
        )
    })
}

/// How to show an instant in a message: the date where it is a midnight of UTC.
pub(super) fn shown(at: DateTime<Utc>) -> String {
    let pattern = if at.timestamp() % 86_400 == 0 {
        "%F"
    } else {
        "%FT%TZ"
    };
    at.format(pattern).to_string()
}
