//! Targets, and whether they will be met.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{Direction, Measure, Series, Trend, UnknownBecause, trend};
use crate::metric::{Answer, Better, ClockKind, Interval, Policy, Quantiles, Scope, Unit, Value, garwood};
use crate::model::Window;
use crate::zone::midnight;
use crate::{Error, ErrorKind, Result};

const WEEK: f64 = 7.0 * 86_400.0;

/// What some team's metric should be by some day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Whose.
    #[serde(flatten)]
    pub scope: Scope,
    /// The metric's id.
    pub metric: String,
    /// Which figure of it.
    pub statistic: Statistic,
    /// What it should be at least, or at most where less is better: seconds of a duration, a part from 0 to 1 of a share, a
    /// number a day of a frequency, a number a week of what is counted.
    pub target: f64,
    /// The last day on which it should be reached.
    pub by: NaiveDate,
    /// Over how many days up to now it is measured.
    pub days: u32,
    /// The zone of its days and weeks, where the team has none of its own.
    pub zone: Tz,
    /// How a fact of several teams is shared.
    pub policy: Policy,
    /// What durations are measured by.
    pub clock: ClockKind,
}

/// A figure of a metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The headline: the median of a duration.
    #[default]
    Value,
    /// The median.
    P50,
    /// The upper quartile.
    P75,
    /// 90 %.
    P90,
    /// 95 %.
    P95,
}

impl Statistic {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Value, Self::P50, Self::P75, Self::P90, Self::P95];

    /// The printed name; serde writes the same.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::P50 => "p50",
            Self::P75 => "p75",
            Self::P90 => "p90",
            Self::P95 => "p95",
        }
    }

    /// This figure of a value, and its interval.
    fn of(self, value: &Value) -> (Option<f64>, Option<Interval>) {
        let quantile = |pick: fn(&Quantiles) -> (f64, Option<Interval>)| {
            let found = value.quantiles.as_ref().map(pick);
            (found.map(|found| found.0), found.and_then(|found| found.1))
        };
        match self {
            Self::Value => (value.value, value.interval),
            Self::P50 => quantile(|found| (found.p50, found.p50_interval)),
            Self::P75 => quantile(|found| (found.p75, found.p75_interval)),
            Self::P90 => quantile(|found| (found.p90, found.p90_interval)),
            Self::P95 => quantile(|found| (found.p95, found.p95_interval)),
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Statistic {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let named = Self::ALL
            .iter()
            .copied()
            .find(|statistic| statistic.as_str() == text);
        named.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|statistic| statistic.as_str()).collect();
            let message = format!("no statistic `{text}`; there are: {}", names.join(", "));
            Error::new(ErrorKind::InvalidInput, message)
        })
    }
}

/// Where a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoalState {
    /// The whole interval lies on the good side.
    Met,
    /// The value lies on the good side, or evidently goes there in time.
    OnTrack,
    /// Neither.
    AtRisk,
    /// There is no value, or one of too few samples.
    Unknown,
}

impl GoalState {
    /// The printed name; serde writes the same.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::OnTrack => "on_track",
            Self::AtRisk => "at_risk",
            Self::Unknown => "unknown",
        }
    }
}

/// A goal, and how it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The goal.
    #[serde(flatten)]
    pub goal: Goal,
    /// The metric's definition and version.
    pub definition: String,
    /// The metric's unit.
    pub unit: Unit,
    /// Where it stands.
    pub state: GoalState,
    /// Why it is not known how the goal goes; `None` where it is.
    pub unknown_because: Option<UnknownBecause>,
    /// Of when the value is.
    pub window: Window,
    /// What it is now, measured as the target is; `None` where it is not known.
    pub value: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// The number of samples.
    pub n: u64,
    /// Whether the value can still change.
    pub provisional: bool,
    /// Which way it goes, week by week.
    pub direction: Direction,
    /// What it will be in the week of the last day, where it evidently goes some way and the day is to come.
    pub expected: Option<f64>,
}

/// How a goal goes, by the answer to its metric over its days, cut into weeks.
///
/// # Errors
/// As [`trend`](super::trend).
pub fn evaluate(goal: &Goal, answer: &Answer, now: DateTime<Utc>) -> Result<Progress> {
    let better = answer.better;
    let series = Series::by(answer, |bucket| goal.statistic.of(&bucket.value).0)?;
    let trend = trend::of_series(&series)?;
    let (value, interval) = match answer.unit {
        Unit::PullRequests | Unit::Count => a_week(&series),
        _ => goal.statistic.of(&answer.total),
    };
    let expected = expected(&trend, &series, last_instant(goal.by, answer), now);
    let good = |figure: f64| match better {
        Better::Higher => figure >= goal.target,
        Better::Lower => figure <= goal.target,
    };
    // A count of few is no uncertain one: its interval is exact.
    let sampled = matches!(Measure::of(answer.unit), Measure::Distribution | Measure::Share);
    let too_few = answer.total.low_sample && sampled;
    let unknown_because = match value {
        None => Some(UnknownBecause::NoSamples),
        Some(_) => too_few.then_some(UnknownBecause::LowSample),
    };
    let state = match value.filter(|_| !too_few) {
        None => GoalState::Unknown,
        Some(_) if interval.is_some_and(|interval| good(interval.low) && good(interval.high)) => {
            GoalState::Met
        }
        Some(value) if good(value) || expected.is_some_and(good) => GoalState::OnTrack,
        Some(_) => GoalState::AtRisk,
    };
    Ok(Progress {
        goal: goal.clone(),
        definition: answer.definition.clone(),
        unit: answer.unit,
        state,
        unknown_because,
        window: answer.window,
        value,
        interval,
        n: answer.total.n,
        provisional: answer.total.provisional,
        direction: trend.direction,
        expected,
    })
}

/// What was counted a week, over the complete weeks.
fn a_week(series: &Series) -> (Option<f64>, Option<Interval>) {
    let weeks = series.points.len() as f64;
    let sum: f64 = series.points.iter().map(|point| point.value).sum();
    let n = series.points.iter().map(|point| point.n).sum();
    if series.points.is_empty() {
        return (None, None);
    }
    // The interval is that of the number of samples, scaled by what one counts (a part, under the policy `fractional`).
    let scale = if n == 0 { 1.0 } else { sum / n as f64 } / weeks;
    let interval = garwood(n).map(|interval| Interval {
        low: interval.low * scale,
        high: interval.high * scale,
    });
    (Some(sum / weeks), interval)
}

/// The first instant after the day, by the clocks of the answer's zone.
fn last_instant(by: NaiveDate, answer: &Answer) -> Option<DateTime<Utc>> {
    midnight(by.succ_opt()?, answer.zone)
}

/// The line's value in the week that ends with `until`; `None` where nothing evident goes on, or the time is over.
fn expected(trend: &Trend, series: &Series, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<f64> {
    let evident = matches!(trend.direction, Direction::Improving | Direction::Worsening);
    let until = until.filter(|until| evident && *until > now)?;
    let last = series.points.last()?;
    let weeks = ((until - last.window.to).num_seconds() as f64 / WEEK).ceil();
    let slope = trend.slope?;
    // What is measured is a time, a count or a part of a whole: none goes below nothing, and no part beyond the whole.
    let most = if series.measure() == Measure::Share {
        1.0
    } else {
        f64::INFINITY
    };
    Some((slope.at_first + slope.per_bucket * (last.position as f64 + weeks)).clamp(0.0, most))
}
