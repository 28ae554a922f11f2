//! Metrics that somebody defined in a file: a source, filters and a measure; no code.

mod assess;
mod check;
mod filter;
mod milestone;
mod spec;

use std::borrow::Cow;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

pub use spec::{
    Amount, FilterSpec, Headline, LabelSpec, LinesSpec, Measure, MetricSpec, Milestone, Per, Presence,
    Source, State,
};

use self::filter::Filter;
use super::{
    Coverage, Definition, Facts, Finding, Interval, Metric, Needs, Tally, Terms, Unit, Value, summary,
};
use crate::model::Window;
use crate::{Error, Result};

/// A [metric](Metric) that somebody defined.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "MetricSpec", into = "MetricSpec")]
pub struct CustomMetric {
    spec: MetricSpec,
    definition: Definition,
    filter: Filter,
    numerator: Option<Filter>,
    /// The milestone that places a sample in a window.
    at: Milestone,
}

impl CustomMetric {
    /// The metric that a file's entry defines.
    ///
    /// # Errors
    /// `InvalidInput` naming the field, its value and what is allowed.
    pub fn new(spec: MetricSpec) -> Result<Self> {
        let at = check::check(&spec).map_err(|error| error.with("metric", &spec.id))?;
        let compile = |filter| Filter::compile(filter).map_err(|error: Error| error.with("metric", &spec.id));
        Ok(Self {
            at,
            filter: compile(&spec.filter)?,
            numerator: spec.numerator.as_ref().map(compile).transpose()?,
            definition: define(&spec),
            spec,
        })
    }

    /// What its file says.
    pub fn spec(&self) -> &MetricSpec {
        &self.spec
    }

    /// Whether it is about failures of deployments.
    fn of_failures(&self) -> bool {
        let numerator = self.spec.numerator.as_ref();
        self.spec.filter.failed_by.is_some() || numerator.is_some_and(|filter| filter.failed_by.is_some())
    }
}

impl TryFrom<MetricSpec> for CustomMetric {
    type Error = Error;

    fn try_from(spec: MetricSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<CustomMetric> for MetricSpec {
    fn from(metric: CustomMetric) -> Self {
        metric.spec
    }
}

impl PartialEq for CustomMetric {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec
    }
}

fn define(spec: &MetricSpec) -> Definition {
    let owned = |text: &Option<String>| text.clone().map(Cow::Owned);
    let unit = match spec.measure {
        Measure::Count if spec.per.is_some() => Unit::PerDay,
        Measure::Count => Unit::Count,
        Measure::Rate => Unit::Ratio,
        Measure::Duration => Unit::Seconds,
        Measure::Sum => Unit::Sum,
    };
    Definition {
        id: Cow::Owned(spec.id.clone()),
        name: owned(&spec.name).unwrap_or_else(|| Cow::Owned(in_words(&spec.id))),
        aliases: &[],
        unit,
        unit_label: owned(&spec.unit),
        better: spec.better,
        version: spec.version,
        summary: owned(&spec.summary).unwrap_or_else(|| Cow::Owned(summary_of(spec))),
        example: owned(&spec.example),
        source: Cow::Borrowed("docs/custom-metrics.md"),
    }
}

/// `hotfix_share` as `Hotfix share`.
fn in_words(id: &str) -> String {
    let words = id.replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

/// What is measured, as far as one line tells it.
fn summary_of(spec: &MetricSpec) -> String {
    let words = |name: &str| name.replace('_', " ");
    let of = words(spec.source.as_str());
    let name = |milestone: Option<Milestone>| milestone.map(|one| words(one.as_str())).unwrap_or_default();
    let mut text = match spec.measure {
        Measure::Count => format!("Number of {of}"),
        Measure::Rate => format!("Part of {of}"),
        Measure::Duration => format!("From {} to {} of {of}", name(spec.from), name(spec.to)),
        Measure::Sum => format!(
            "Sum of {} of {of}",
            words(spec.of.map(Amount::as_str).unwrap_or_default())
        ),
    };
    let keys = spec.filter.keys();
    if !keys.is_empty() {
        text.push_str(&format!(", by {}", words(&keys.join(", "))));
    }
    text
}

impl Metric for CustomMetric {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn needs(&self) -> Needs {
        let numerator = self.spec.numerator.as_ref();
        let by_name = self.spec.filter.repositories.is_some()
            || numerator.is_some_and(|filter| filter.repositories.is_some());
        let of_pull_requests = matches!(self.spec.source, Source::PullRequests | Source::Reviews);
        Needs {
            pull_requests: of_pull_requests,
            open: of_pull_requests && !matches!(self.at, Milestone::Merged | Milestone::Deployed),
            deployments: self.spec.source == Source::Deployments,
            failures: self.of_failures(),
            incidents: self.spec.source == Source::Incidents,
            names: by_name,
        }
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        match self.spec.source {
            Source::PullRequests | Source::Reviews => self.pull_requests(facts, terms),
            Source::Deployments => self.deployments(facts, terms),
            Source::Incidents => self.incidents(facts, terms),
        }
    }

    fn summarize(&self, tally: Tally, observed: Option<Window>, coverage: &Coverage) -> Value {
        let value = match self.spec.measure {
            Measure::Count if self.spec.per.is_some() => summary::per_day(&tally, observed),
            Measure::Count => summary::count(&tally, observed),
            Measure::Rate => summary::rate(&tally),
            Measure::Sum => summary::sum(&tally, observed),
            Measure::Duration => by_headline(
                summary::distribution(tally),
                self.spec.statistic.unwrap_or_default(),
            ),
        };
        // Where nobody tells of incidents, no failure found is no answer: only those that were undone show.
        if self.of_failures() && coverage.incidents_from.is_none() && value.value == Some(0.0) {
            return Value {
                value: None,
                interval: None,
                ..value
            };
        }
        value
    }

    fn is_known(&self, coverage: &Coverage) -> bool {
        match (self.spec.source, self.at) {
            (Source::Deployments, _) | (_, Milestone::Deployed) => coverage.deployments_from.is_some(),
            (Source::Incidents, _) => coverage.incidents_from.is_some(),
            (_, Milestone::Merged) => true,
            _ => coverage.pull_requests_from.is_some(),
        }
    }

    /// An incident is charged to a deployment for a day.
    fn settles_after(&self) -> TimeDelta {
        match self.of_failures() {
            true => TimeDelta::hours(24),
            false => TimeDelta::zero(),
        }
    }
}

/// The value with another figure of its distribution as its headline.
fn by_headline(value: Value, headline: Headline) -> Value {
    let pick = |value: &Value| -> Option<(f64, Option<Interval>)> {
        let found = value.quantiles.as_ref()?;
        Some(match headline {
            Headline::P50 => (found.p50, found.p50_interval),
            Headline::P75 => (found.p75, found.p75_interval),
            Headline::P90 => (found.p90, found.p90_interval),
            Headline::P95 => (found.p95, found.p95_interval),
            Headline::Mean => (found.mean, None),
        })
    };
    let found = pick(&value);
    Value {
        value: found.map(|(figure, _)| figure),
        interval: found.and_then(|(_, interval)| interval),
        ..value
    }
}
