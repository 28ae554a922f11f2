//! What is kept about feeds and repositories, as the statements give it: JSON arrays, the places in which are the order of
//! the fields here.

use std::fmt;

use chrono::serde::{ts_seconds, ts_seconds_option};
use serde::de::{Deserializer, Error as DeError, Visitor};

use super::*;

pub(super) type Instant = DateTime<Utc>;

#[derive(Deserialize)]
pub(super) struct FeedRow {
    source: String,
    scope: String,
    kind: String,
    checkpoint: String,
    #[serde(with = "ts_seconds_option")]
    covered_from: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    covered_to: Option<Instant>,
    total: Option<u64>,
    stored: u64,
    quarantined: u64,
}

impl From<FeedRow> for FeedState {
    fn from(row: FeedRow) -> Self {
        Self {
            feed: Feed {
                source: row.source,
                scope: row.scope,
                kind: row.kind,
            },
            checkpoint: Checkpoint(row.checkpoint),
            covered_from: row.covered_from,
            covered_to: row.covered_to,
            quarantined: row.quarantined,
            stored: row.stored,
            total: row.total,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct QuarantineRow {
    source: String,
    scope: String,
    kind: String,
    record: String,
    payload: String,
    error: String,
    #[serde(with = "ts_seconds")]
    at: Instant,
}

impl TryFrom<QuarantineRow> for Quarantined {
    type Error = Error;

    fn try_from(row: QuarantineRow) -> Result<Self> {
        let payload = parse(&statement::QUARANTINE, &row.payload)?;
        Ok(Self {
            feed: Feed {
                source: row.source,
                scope: row.scope,
                kind: row.kind,
            },
            record: RawRecord {
                id: row.record,
                payload,
            },
            error: row.error,
            at: row.at,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct RepositoryRow {
    id: Id<Repository>,
    name: String,
    default_branch: Option<String>,
    url: Option<String>,
    #[serde(deserialize_with = "flag")]
    partial_history: bool,
    revision: i64,
    #[serde(deserialize_with = "flag")]
    unmatched: bool,
    #[serde(deserialize_with = "flag")]
    archived: bool,
    #[serde(with = "ts_seconds_option")]
    unreachable_since: Option<Instant>,
}

impl From<RepositoryRow> for RepositoryState {
    fn from(row: RepositoryRow) -> Self {
        Self {
            repository: Repository {
                id: row.id,
                name: row.name,
                default_branch: row.default_branch,
                url: row.url,
                partial_history: row.partial_history,
                archived: row.archived,
                unreachable_since: row.unreachable_since,
            },
            revision: row.revision,
            unmatched: row.unmatched,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct CoverageRow {
    #[serde(with = "ts_seconds_option")]
    from: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    deployments_from: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    to: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    team_from: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    incidents_from: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    pull_requests_from: Option<Instant>,
}

impl From<CoverageRow> for Coverage {
    fn from(
        CoverageRow {
            from,
            deployments_from,
            to,
            team_from,
            incidents_from,
            pull_requests_from,
        }: CoverageRow,
    ) -> Self {
        Self {
            from,
            deployments_from,
            to,
            team_from,
            incidents_from,
            pull_requests_from,
        }
    }
}

/// 0 or 1: SQLite has no booleans.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(u8::deserialize(deserializer)? != 0)
}

/// 0, 1 or null.
pub(super) fn flag_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(Option::<u8>::deserialize(deserializer)?.map(|flag| flag != 0))
}

/// A number in a text with all of its digits, since SQLite writes only 15 into JSON; or 1 as a number, which it nearly always is.
pub(super) fn real<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    struct Real;

    impl Visitor<'_> for Real {
        type Value = f64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number, or a text of one")
        }

        fn visit_u64<E: DeError>(self, number: u64) -> Result<f64, E> {
            Ok(number as f64)
        }

        fn visit_str<E: DeError>(self, text: &str) -> Result<f64, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_any(Real)
}
