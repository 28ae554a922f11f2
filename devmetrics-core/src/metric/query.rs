use std::str::FromStr;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Scope;
use super::names::names;
use crate::model::{PRODUCTION, Window};
use crate::{Error, ErrorKind};

/// What is asked of the metrics: whose, of when, cut how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricQuery {
    /// Ids or aliases of the metrics, in the order wanted; none for all of them.
    pub metrics: Vec<String>,
    /// Whose.
    pub scope: Scope,
    /// Of when.
    pub window: Window,
    /// Cut into what; `None` for the whole window only.
    pub bucket: Option<Bucket>,
    /// The IANA zone that buckets are cut in.
    pub zone: Tz,
    /// How a fact of several teams is shared.
    pub policy: Policy,
    /// What durations are measured by.
    #[serde(default)]
    pub clock: ClockKind,
    /// Whether commits pushed without a pull request count as changes.
    pub direct_pushes: bool,
    /// The environment whose deployments are releases to users.
    pub environment: String,
}

impl MetricQuery {
    /// These metrics (none: all of them) over everything in `window`, uncut, in UTC, by the default policy.
    pub fn new<T: Into<String>>(metrics: impl IntoIterator<Item = T>, window: Window) -> Self {
        Self {
            metrics: metrics.into_iter().map(Into::into).collect(),
            scope: Scope::All,
            window,
            bucket: None,
            zone: Tz::UTC,
            policy: Policy::default(),
            clock: ClockKind::default(),
            direct_pushes: false,
            environment: PRODUCTION.to_owned(),
        }
    }

    /// Whose.
    #[must_use]
    pub fn scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Cut into buckets of this length.
    #[must_use]
    pub fn bucket(self, bucket: impl Into<Option<Bucket>>) -> Self {
        Self {
            bucket: bucket.into(),
            ..self
        }
    }

    /// Cut by the calendar of this zone.
    #[must_use]
    pub fn zone(self, zone: Tz) -> Self {
        Self { zone, ..self }
    }

    /// Shared by this policy.
    #[must_use]
    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// With durations measured by this clock.
    #[must_use]
    pub fn clock(self, clock: ClockKind) -> Self {
        Self { clock, ..self }
    }

    /// With commits that were pushed without a pull request, or without them.
    #[must_use]
    pub fn direct_pushes(self, direct_pushes: bool) -> Self {
        Self {
            direct_pushes,
            ..self
        }
    }

    /// With the deployments to this environment.
    #[must_use]
    pub fn environment(self, environment: impl Into<String>) -> Self {
        Self {
            environment: environment.into(),
            ..self
        }
    }
}

/// The length of a bucket, by the calendar of a zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// From midnight to midnight: 23, 24 or 25 hours.
    Day,
    /// The ISO week, from Monday.
    #[default]
    Week,
    /// The calendar month.
    Month,
    /// The calendar quarter.
    Quarter,
}

/// How a fact counts whose author is in several teams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// In full for each team.
    #[default]
    Full,
    /// In equal parts that sum to 1.
    Fractional,
    /// For the main team only.
    Primary,
}

/// What durations are measured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// All the time that passes.
    #[default]
    Wall,
    /// The working hours of the scope's [calendar](super::Calendar).
    Working,
}

names!(
    Bucket,
    Day = "day",
    Week = "week",
    Month = "month",
    Quarter = "quarter"
);
names!(
    Policy,
    Full = "full",
    Fractional = "fractional",
    Primary = "primary"
);

names!(ClockKind, Wall = "wall", Working = "working");

impl FromStr for ClockKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        by_name("clock", text, Self::ALL, Self::as_str)
    }
}

impl FromStr for Bucket {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        by_name("bucket", text, Self::ALL, Self::as_str)
    }
}

impl FromStr for Policy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        by_name("policy", text, Self::ALL, Self::as_str)
    }
}

fn by_name<T: Copy>(what: &str, text: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, Error> {
    all.iter()
        .copied()
        .find(|one| name(*one).eq_ignore_ascii_case(text))
        .ok_or_else(|| {
            let names: Vec<&str> = all.iter().copied().map(&name).collect();
            Error::new(
                ErrorKind::InvalidInput,
                format!("no {what} `{text}`; there are: {}", names.join(", ")),
            )
        })
}
