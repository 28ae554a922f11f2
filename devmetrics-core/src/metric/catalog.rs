//! The metrics that exist.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::change_fail_rate::{CHANGE_FAIL_RATE, STRICT_CHANGE_FAIL_RATE};
use super::change_lead_time::ChangeLeadTime;
use super::cycle_time::CycleTime;
use super::deployment_frequency::DeploymentFrequency;
use super::deployment_rework_rate::DeploymentReworkRate;
use super::first_review::TimeToFirstReview;
use super::flow::{AgeOfOpenWork, WorkInProgress};
use super::names::names;
use super::phases::{CODING_TIME, DeployTime, MERGE_TIME, PICKUP_TIME, REVIEW_TIME};
use super::recovery_time::{FailedDeploymentRecoveryTime, TimeToRestore};
use super::review::{
    APPROVED_BEFORE_MERGE, COMMENTS_PER_100_LINES, PULL_REQUEST_SIZE, REVIEW_COVERAGE, REVIEW_ROUNDS,
    SELF_MERGED,
};
use super::velocity::Velocity;
use super::{
    Coverage, CustomMetric, Facts, Finding, MetricQuery, Needs, Period, PullRequestSample, Tally, Terms,
    Unit, Value,
};
use crate::model::Window;
use crate::suggest::not_found;
use crate::{Error, ErrorKind, Result};

/// What a metric is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// The id that programs use: `change_lead_time`.
    pub id: Cow<'static, str>,
    /// The name that people read: `Change lead time`.
    pub name: Cow<'static, str>,
    /// Other ids that [`Catalog::find`](super::Catalog::find) accepts.
    pub aliases: &'static [&'static str],
    /// What its values are in.
    pub unit: Unit,
    /// What a custom metric's file calls that.
    pub unit_label: Option<Cow<'static, str>>,
    /// Which way is an improvement.
    pub better: Better,
    /// Raised whenever the same facts would give another value.
    pub version: u32,
    /// One line that says what is measured.
    pub summary: Cow<'static, str>,
    /// A worked example; a custom metric may have none.
    pub example: Option<Cow<'static, str>>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

names!(Better, Higher = "higher", Lower = "lower");

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
    fn summarize(&self, tally: Tally, observed: Option<Window>, coverage: &Coverage) -> Value;

    /// What it is computed from.
    fn needs(&self) -> Needs {
        Needs::PULL_REQUESTS
    }

    /// Whether what it counts is told of at all; where it is not, none is no answer.
    fn is_known(&self, _coverage: &Coverage) -> bool {
        true
    }

    /// Which time before the window a figure beside it looks at.
    fn looks_back(&self) -> LooksBack {
        LooksBack::Not
    }

    /// How a sample is judged where it lasts and counts in every bucket that it touches; else it counts where its instant lies.
    fn lasting(&self) -> Option<&dyn Lasting> {
        None
    }

    /// For how long after an instant what happened at it is still open to change.
    fn settles_after(&self) -> TimeDelta {
        TimeDelta::zero()
    }

    /// Further figures over the whole window.
    fn beside(&self) -> Option<Box<dyn Beside>> {
        None
    }
}

/// Judges what is open or under way in every bucket that it touches.
pub trait Lasting {
    /// What a pull request is in the window of the terms; `None` if it has nothing to do with it.
    fn assess_one<'a>(
        &self,
        index: usize,
        sample: &'a PullRequestSample,
        terms: &Terms<'_>,
    ) -> Option<Finding<'a>>;
}

/// Figures beside a value, as samples come in by pages.
pub trait Beside: Debug + Send {
    /// Takes the samples of a page in, and what was found in them.
    fn add(&mut self, findings: &[Finding<'_>], context: &Context<'_>);

    /// The figures by name, when all was taken in: what was found in all comes to `tally`. The facts of the context are the last
    /// page's.
    fn figures(&self, tally: &Tally, context: &Context<'_>) -> BTreeMap<String, Option<f64>>;
}

static BUILT_IN: [&dyn Metric; 23] = [
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
    &TimeToFirstReview,
    &REVIEW_COVERAGE,
    &APPROVED_BEFORE_MERGE,
    &SELF_MERGED,
    &REVIEW_ROUNDS,
    &COMMENTS_PER_100_LINES,
    &PULL_REQUEST_SIZE,
    &WorkInProgress,
    &AgeOfOpenWork,
];

/// The metrics that there are: the built-in ones, and those that somebody defined in a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<CustomMetric>", into = "Vec<CustomMetric>")]
pub struct Catalog {
    custom: Vec<CustomMetric>,
}

impl Catalog {
    /// What is shown where no metric is named: how fast, and the five DORA metrics.
    pub const USUAL: [&str; 7] = [
        "velocity",
        "cycle_time",
        "change_lead_time",
        "deployment_frequency",
        "change_fail_rate",
        "failed_deployment_recovery_time",
        "deployment_rework_rate",
    ];

    /// The built-in metrics alone.
    pub fn builtin() -> Self {
        Self::default()
    }

    /// The built-in metrics, then these.
    ///
    /// # Errors
    /// `InvalidInput` where an id is one of another metric, or another name of a built-in one.
    pub fn with(custom: Vec<CustomMetric>) -> Result<Self> {
        let mut catalog = Self::builtin();
        for metric in custom {
            let id = &metric.definition().id;
            if let Some(other) = catalog.get(id) {
                let other = &other.definition().id;
                let what = if catalog.custom.iter().any(|known| known.definition().id == *other) {
                    format!("two metrics have the id `{id}`: give one of them another")
                } else if id == other {
                    format!("`{id}` is a built-in metric: take another id")
                } else {
                    format!("`{id}` is another name of the built-in metric `{other}`: take another id")
                };
                return Err(Error::new(ErrorKind::InvalidInput, what)
                    .with("metric", id)
                    .with("field", "id"));
            }
            catalog.custom.push(metric);
        }
        Ok(catalog)
    }

    /// Every metric, in the order in which people read them; the built-in ones first.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Metric> {
        let custom = self.custom.iter().map(|metric| metric as &dyn Metric);
        BUILT_IN
            .into_iter()
            .map(|metric| metric as &dyn Metric)
            .chain(custom)
    }

    /// The metrics that somebody defined, in the order of their files.
    pub fn custom(&self) -> &[CustomMetric] {
        &self.custom
    }

    /// The metric with this id or alias; `-` and `_` are alike, and so are capitals.
    ///
    /// # Errors
    /// `NotFound` with the nearest name and the list of all.
    pub fn find(&self, name: &str) -> Result<&dyn Metric> {
        self.get(name).ok_or_else(|| {
            let names = self.iter().flat_map(|metric| {
                let definition = metric.definition();
                std::iter::once(&*definition.id).chain(definition.aliases.iter().copied())
            });
            let ids: Vec<&str> = self.iter().map(|metric| &*metric.definition().id).collect();
            let all = format!("; there are: {}", ids.join(", "));
            not_found(format!("no metric `{name}`"), &folded(name), names, &all)
        })
    }

    fn get(&self, name: &str) -> Option<&dyn Metric> {
        let wanted = folded(name);
        self.iter().find(|metric| {
            let Definition { id, aliases, .. } = metric.definition();
            *id == *wanted || aliases.contains(&wanted.as_str())
        })
    }

    /// The metrics that a query names, each once, in its order; all of them when it names none.
    pub(super) fn wanted(&self, query: &MetricQuery) -> Result<Vec<&dyn Metric>> {
        if query.metrics.is_empty() {
            return Ok(self.iter().collect());
        }
        let mut found: Vec<&dyn Metric> = Vec::new();
        for name in &query.metrics {
            let metric = self.find(name)?;
            let id = &metric.definition().id;
            if found.iter().all(|other| other.definition().id != *id) {
                found.push(metric);
            }
        }
        Ok(found)
    }
}

impl TryFrom<Vec<CustomMetric>> for Catalog {
    type Error = Error;

    fn try_from(custom: Vec<CustomMetric>) -> Result<Self> {
        Self::with(custom)
    }
}

impl From<Catalog> for Vec<CustomMetric> {
    fn from(catalog: Catalog) -> Self {
        catalog.custom
    }
}

/// A name as ids are written.
fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}
