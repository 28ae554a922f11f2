//! The metrics that exist.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Serialize;

use super::change_lead_time::ChangeLeadTime;
use super::cycle_time::CycleTime;
use super::deployment_frequency::DeploymentFrequency;
use super::phases::{CODING_TIME, DeployTime, MERGE_TIME, PICKUP_TIME, REVIEW_TIME};
use super::velocity::Velocity;
use super::{Facts, Finding, MetricQuery, Needs, Period, Terms, Unit, Value};
use crate::model::Window;
use crate::suggest::did_you_mean;
use crate::{Error, ErrorKind, Result};

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// The id that programs use: `change_lead_time`.
    pub id: &'static str,
    /// The name that people read: `Change lead time`.
    pub name: &'static str,
    /// Other ids that [`find`] accepts.
    pub aliases: &'static [&'static str],
    /// What its values are in.
    pub unit: Unit,
    /// Which way is an improvement.
    pub better: Better,
    /// Raised whenever the same facts would give another value.
    pub version: u32,
    /// One line that says what is measured.
    pub summary: &'static str,
    /// Where the definition comes from.
    pub source: &'static str,
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

/// A definition over samples: it judges every one, and sums up what it found.
///
/// The value is a summary of the findings and of nothing else, so that `explain`, which lists them, cannot differ from it.
pub trait Metric: Debug + Send + Sync + 'static {
    /// What it is.
    fn definition(&self) -> &Definition;

    /// One finding for every sample that has to do with the window of the terms, those that were left out included.
    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>>;

    /// The value of these findings; `observed` is the time among theirs that counts are known for.
    fn summarize(&self, findings: &[&Finding<'_>], observed: Option<Window>) -> Value;

    /// Which samples it is computed from, beyond merged pull requests and deployments.
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// Whether it means nothing where no deployment was ever known.
    fn needs_deployments(&self) -> bool {
        false
    }

    /// Whether a figure beside it looks at the [weeks](Context::weeks_back) before the window.
    fn looks_back(&self) -> bool {
        false
    }

    /// Further figures over the whole window, by name.
    fn beside(&self, _findings: &[Finding<'_>], _context: &Context<'_>) -> BTreeMap<String, Option<f64>> {
        BTreeMap::new()
    }
}

static CATALOG: [&dyn Metric; 9] = [
    &Velocity,
    &CycleTime,
    &CODING_TIME,
    &PICKUP_TIME,
    &REVIEW_TIME,
    &MERGE_TIME,
    &DeployTime,
    &ChangeLeadTime,
    &DeploymentFrequency,
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
        |definition: &Definition| definition.id == wanted || definition.aliases.contains(&wanted.as_str());
    if let Some(metric) = CATALOG.into_iter().find(|metric| is(metric.definition())) {
        return Ok(metric);
    }
    let names = CATALOG.iter().flat_map(|metric| {
        let definition = metric.definition();
        std::iter::once(definition.id).chain(definition.aliases.iter().copied())
    });
    let hint = did_you_mean(&wanted, names);
    let ids: Vec<&str> = CATALOG.iter().map(|metric| metric.definition().id).collect();
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
        let id = metric.definition().id;
        if found.iter().all(|other| other.definition().id != id) {
            found.push(metric);
        }
    }
    Ok(found)
}
