//! Asking: which samples are needed, what they answer, and what the answer was made of.

use chrono::{DateTime, TimeDelta, Utc};

use super::facts::{check_window, weeks_back};
use super::{
    Answer, BucketValue, Catalog, Context, Evidence, Facts, Finding, LooksBack, Metric, MetricQuery, Needs,
    Period, Terms, Value, periods,
};
use crate::Result;
use crate::model::Window;

impl Catalog {
    /// The samples that the answer to `query` is computed from: of which kinds, and of which window: its own, or more where a
    /// figure looks further back.
    ///
    /// # Errors
    /// `InvalidInput` when the window ends before it begins, or has too many buckets; `NotFound` for an unknown metric.
    pub fn needed(&self, query: &MetricQuery, now: DateTime<Utc>) -> Result<(Window, Needs)> {
        check_window(&query.window)?;
        let metrics = self.wanted(query)?;
        let needs = metrics
            .iter()
            .fold(Needs::default(), |needs, metric| needs | metric.needs());
        let mut from = query.window.from;
        for metric in &metrics {
            let back = match metric.looks_back() {
                LooksBack::Not => None,
                LooksBack::Weeks => weeks_back(query, now)?.first().map(|week| week.window.from),
                LooksBack::Days(days) => query.window.to.checked_sub_signed(TimeDelta::days(days)),
            };
            from = back.map_or(from, |back| back.min(from));
        }
        let window = Window {
            from,
            to: query.window.to,
        };
        Ok((window, needs))
    }

    /// Answers `query` from the samples of the window that [`needed`](Self::needed) gave, one answer a metric.
    ///
    /// # Errors
    /// As [`needed`](Self::needed).
    pub fn answer(&self, query: &MetricQuery, facts: &Facts, now: DateTime<Utc>) -> Result<Vec<Answer>> {
        check_window(&query.window)?;
        let metrics = self.wanted(query)?;
        let periods = match query.bucket {
            Some(bucket) => periods(query.window, bucket, query.zone, now)?,
            None => Vec::new(),
        };
        let context = Context {
            query,
            facts,
            terms: Terms::of(query, facts, now),
            observed: facts.coverage.observed(now),
            weeks_back: &weeks_back(query, now)?,
        };
        Ok(metrics
            .into_iter()
            .map(|metric| answer_one(metric, &context, &periods))
            .collect())
    }

    /// Everything that a metric's value over the whole window was made of, left out or not, in order of time.
    ///
    /// # Errors
    /// As [`needed`](Self::needed).
    pub fn explain(
        &self,
        query: &MetricQuery,
        metric: &str,
        facts: &Facts,
        now: DateTime<Utc>,
    ) -> Result<Vec<Evidence>> {
        check_window(&query.window)?;
        let mut findings = self.find(metric)?.assess(facts, &Terms::of(query, facts, now));
        findings.sort_unstable_by_key(|finding| (finding.at, finding.item));
        Ok(findings.iter().map(Evidence::from).collect())
    }
}

fn answer_one(metric: &dyn Metric, context: &Context<'_>, periods: &[Period]) -> Answer {
    let Context { query, facts, .. } = context;
    let definition = metric.definition();
    let findings = metric.assess(facts, &context.terms);
    let all: Vec<&Finding<'_>> = findings.iter().collect();
    Answer {
        metric: definition.id.to_string(),
        definition: definition.stamp(),
        unit: definition.unit,
        better: definition.better,
        scope: query.scope.clone(),
        window: query.window,
        coverage: facts.coverage,
        zone: query.zone,
        policy: query.policy,
        clock: query.clock,
        total: value(metric, context, &all, &query.window),
        bucket: query.bucket,
        buckets: buckets(metric, context, &findings, periods),
        beside: metric.beside(&findings, context),
    }
}

/// One value a period; a period that was not observed at all is missing, unless something was found in it all the same.
fn buckets(
    metric: &dyn Metric,
    context: &Context<'_>,
    findings: &[Finding<'_>],
    periods: &[Period],
) -> Vec<BucketValue> {
    let mut sorted: Vec<Vec<&Finding<'_>>> = vec![Vec::new(); periods.len()];
    for finding in findings {
        // The periods are contiguous: the one that holds an instant is the first that ends after it.
        let place = periods.partition_point(|period| period.window.to <= finding.at);
        if let Some(bucket) = sorted.get_mut(place) {
            bucket.push(finding);
        }
    }
    let mut values = Vec::new();
    for (period, findings) in periods.iter().zip(sorted) {
        let Some(asked) = period.window.overlap(&context.query.window) else {
            continue;
        };
        if context.observed_within(&asked).is_none() && (metric.lasts() || findings.is_empty()) {
            continue;
        }
        let own;
        let findings = if metric.lasts() {
            let terms = Terms {
                window: asked,
                ..context.terms
            };
            own = metric.assess(context.facts, &terms);
            own.iter().collect()
        } else {
            findings
        };
        let observed = context.observed_within(&period.window);
        values.push(BucketValue {
            label: period.label.clone(),
            window: period.window,
            partial: period.partial || observed != Some(period.window),
            value: value(metric, context, &findings, &asked),
        });
    }
    values
}

fn value(metric: &dyn Metric, context: &Context<'_>, findings: &[&Finding<'_>], asked: &Window) -> Value {
    let observed = context.observed_within(asked);
    let coverage = &context.facts.coverage;
    let known = metric.is_known(coverage);
    let mut value = metric.summarize(findings, observed.filter(|_| known), coverage);
    let settled = context.terms.collected_to.map(|to| to - metric.settles_after());
    value.provisional |= settled.is_none_or(|to| to < asked.to);
    value
}
