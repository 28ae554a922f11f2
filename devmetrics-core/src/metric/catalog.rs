//! The metrics that exist.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;

use chrono::TimeDelta;
use serde::Serialize;

use super::change_fail_rate::{CHANGE_FAIL_RATE, STRICT_CHANGE_FAIL_RATE};
use super::change_lead_time::ChangeLeadTime;
use super::cycle_time::CycleTime;
use super::deployment_frequency::DeploymentFrequency;
use super::deployment_rework_rate::DeploymentReworkRate;
use super::flow::{AgeOfOpenWork, WorkInProgress};
use super::phases::{CODING_TIME, DeployTime, MERGE_TIME, PICKUP_TIME, REVIEW_TIME};
use super::recovery_time::{FailedDeploymentRecoveryTime, TimeToRestore};
use super::review::{
    APPROVED_BEFORE_MERGE, COMMENTS_PER_100_LINES, PULL_REQUEST_SIZE, REVIEW_COVERAGE, REVIEW_ROUNDS,
    SELF_MERGED,
};
use super::velocity::Velocity;
use super::{Coverage, Facts, Finding, MetricQuery, Needs, Period, Terms, Unit, Value};
use crate::model::Window;
use crate::suggest::did_you_mean;
use crate::{Error, ErrorKind, Result};

/// What a metric is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// The id that programs use: `change_lead_time`.
    pub id: Cow<'static, str>,
    /// The name that people read: `Change lead time`.
    pub name: Cow<'static, str>,
    /// Other ids that [`find`] accepts.
    pub aliases: &'static [&'static str],
    /// What its values are in.
    pub unit: Unit,
    /// Which way is an improvement.
    pub better: Better,
    /// Raised whenever the same facts would give another value.
    pub version: u32,
    /// One line that says what is measured.
    pub summary: Cow<'static, str>,
    /// Where the definition comes from.
    pub source: Cow<'static, str>,
}

impl Definition {
    /// The id with the version, as every result is stamped: `change_lead_time@1`.
    pub fn stamp(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }
}

/// Which way is an improvement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// What the figures beside a metric's value are computed from.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What was asked.
    pub query: &'a MetricQuery,
    /// The samples.
    pub facts: &'a Facts,
    /// The terms under which they were judged.
    pub terms: Terms<'a>,
    /// The time that counts are known for; see [`Coverage::observed`](super::Coverage::observed).
    pub observed: Option<Window>,
    /// The last complete weeks before the end of the window.
    pub weeks_back: &'a [Period],
}

impl Context<'_> {
    /// The part of `window` that counts are known for.
    pub fn observed_within(&self, window: &Window) -> Option<Window> {
        self.observed?.overlap(window)
    }
}

/// Which time before the window of a query is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LooksBack {
    /// None.
    Not,
    /// The last complete [weeks](Context::weeks_back).
    Weeks,
    /// So many days before its end.
    Days(i64),
}

/// A definition over samples: it judges every one, and sums up what it found.
///
/// The value is a summary of the findings and of nothing else, so that `explain`, which lists them, cannot differ from it.
pub trait Metric: Debug + Send + Sync + 'static {
    /// What it is.
    fn definition(&self) -> &Definition;

    /// One finding for every sample that has to do with the window of the terms, those that were left out included.
    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>>;

    /// The value of these findings; `observed` is the time among theirs that counts are known for.
    fn summarize(&self, findings: &[&Finding<'_>], observed: Option<Window>, coverage: &Coverage) -> Value;

    /// Which samples it is computed from, beyond merged pull requests and deployments.
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// Whether what it counts is told of at all; where it is not, none is no answer.
    fn is_known(&self, _coverage: &Coverage) -> bool {
        true
    }

    /// Which time before the window a figure beside it looks at.
    fn looks_back(&self) -> LooksBack {
        LooksBack::Not
    }

    /// Whether a sample lasts and counts in every bucket that it touches; else it counts where its instant lies.
    fn lasts(&self) -> bool {
        false
    }

    /// For how long after an instant what happened at it is still open to change.
    fn settles_after(&self) -> TimeDelta {
        TimeDelta::zero()
    }

    /// Further figures over the whole window, by name.
    fn beside(&self, _findings: &[Finding<'_>], _context: &Context<'_>) -> BTreeMap<String, Option<f64>> {
        BTreeMap::new()
    }
}

static CATALOG: [&dyn Metric; 22] = [
    &Velocity,
    &CycleTime,
    &CODING_TIME,
    &PICKUP_TIME,
    &REVIEW_TIME,
    &MERGE_TIME,
    &DeployTime,
    &ChangeLeadTime,
    &DeploymentFrequency,
    &CHANGE_FAIL_RATE,
    &STRICT_CHANGE_FAIL_RATE,
    &FailedDeploymentRecoveryTime,
    &DeploymentReworkRate,
    &TimeToRestore,
    &REVIEW_COVERAGE,
    &APPROVED_BEFORE_MERGE,
    &SELF_MERGED,
    &REVIEW_ROUNDS,
    &COMMENTS_PER_100_LINES,
    &PULL_REQUEST_SIZE,
    &WorkInProgress,
    &AgeOfOpenWork,
];

/// Every metric, in the order in which people read them.
pub fn catalog() -> &'static [&'static dyn Metric] {
    &CATALOG
}

/// The metric with this id or alias; `-` and `_` are alike, and so are capitals.
///
/// # Errors
/// `NotFound` with the nearest name and the list of all.
pub fn find(name: &str) -> Result<&'static dyn Metric> {
    let wanted = name.trim().to_lowercase().replace(['-', ' '], "_");
    let is =
        |definition: &Definition| definition.id == *wanted || definition.aliases.contains(&wanted.as_str());
    if let Some(metric) = CATALOG.into_iter().find(|metric| is(metric.definition())) {
        return Ok(metric);
    }
    let names = CATALOG.iter().flat_map(|metric| {
        let definition = metric.definition();
        std::iter::once(&*definition.id).chain(definition.aliases.iter().copied())
    });
    let hint = did_you_mean(&wanted, names);
    let ids: Vec<&str> = CATALOG.iter().map(|metric| &*metric.definition().id).collect();
    Err(Error::new(
        ErrorKind::NotFound,
        format!("no metric `{name}`{hint}; there are: {}", ids.join(", ")),
    ))
}

/// The metrics that a query names, each once, in its order; all of them when it names none.
pub(super) fn wanted(query: &MetricQuery) -> Result<Vec<&'static dyn Metric>> {
    if query.metrics.is_empty() {
        return Ok(CATALOG.to_vec());
    }
    let mut found: Vec<&'static dyn Metric> = Vec::new();
    for name in &query.metrics {
        let metric = find(name)?;
        let id = &metric.definition().id;
        if found.iter().all(|other| other.definition().id != *id) {
            found.push(metric);
        }
    }
    Ok(found)
}
