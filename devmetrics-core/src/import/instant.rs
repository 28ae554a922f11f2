//! Instants as records write them: RFC 3339 with an offset. Fractions of a second are cut off.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// The years that every calendar and store can hold.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9999;

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(deserializer)?;
    read(&text).map_err(D::Error::custom)
}

pub(super) fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// The same of an instant that may be missing.
pub(super) mod optional {
    use super::*;

    pub(in crate::import) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<DateTime<Utc>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| read(&text)).transpose().map_err(D::Error::custom)
    }

    pub(in crate::import) fn serialize<S: Serializer>(
        at: &Option<DateTime<Utc>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }
}

/// The instant that a text means, or why it means none.
fn read(text: &str) -> Result<DateTime<Utc>, String> {
    // The library takes a space for the `T`, too; what a schema calls a date-time has none.
    let strict = Some(text).filter(|text| !text.contains(' '));
    let Some(Ok(at)) = strict.map(DateTime::parse_from_rfc3339) else {
        return Err(unreadable(text));
    };
    DateTime::from_timestamp(at.timestamp(), 0)
        .filter(|at| YEARS.contains(&at.year()))
        .ok_or_else(|| {
            format!(
                "`{text}` is not in the years {} to {}; correct it",
                YEARS.start(),
                YEARS.end()
            )
        })
}

fn unreadable(text: &str) -> String {
    const LOCAL: [&str; 4] = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ];
    let is_local = |text: &str| {
        LOCAL
            .iter()
            .any(|pattern| NaiveDateTime::parse_from_str(text, pattern).is_ok())
    };
    if is_local(text) {
        format!(
            "`{text}` is a local time, and nobody can tell when that was; add its offset: `2026-04-01T09:30:00+02:00`, or `Z` for UTC"
        )
    } else if text.parse::<NaiveDate>().is_ok() {
        format!("`{text}` is a day and no instant; write `{text}T09:30:00Z`")
    } else {
        format!("`{text}` is no instant; write it as `2026-04-01T09:30:00Z` or `2026-04-01T09:30:00+02:00`")
    }
}
