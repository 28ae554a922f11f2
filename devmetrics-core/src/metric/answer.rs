//! Asking: which samples are needed, what they answer, and what the answer was made of.

use chrono::{DateTime, TimeDelta, Utc};

use super::facts::{check_window, weeks_back};
use super::{
    Answer, Beside, BucketValue, Catalog, Context, Evidence, Facts, Lasting, LooksBack, Metric, MetricQuery,
    Needs, Period, Tally, Terms, Value, periods,
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
        let mut answering = Answering::begin(self, query, now)?;
        answering.add(facts);
        Ok(answering.end(facts))
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

/// An answer in the making, for which samples come in by pages: whatever the pages, it comes out the same.
#[derive(Debug)]
pub(crate) struct Answering<'c> {
    query: &'c MetricQuery,
    now: DateTime<Utc>,
    periods: Vec<Period>,
    weeks_back: Vec<Period>,
    metrics: Vec<InTheMaking<'c>>,
}

#[derive(Debug)]
struct InTheMaking<'c> {
    metric: &'c dyn Metric,
    total: Tally,
    /// One a period.
    buckets: Vec<Tally>,
    beside: Option<Box<dyn Beside>>,
}

impl<'c> Answering<'c> {
    /// # Errors
    /// As [`Catalog::needed`].
    pub(crate) fn begin(catalog: &'c Catalog, query: &'c MetricQuery, now: DateTime<Utc>) -> Result<Self> {
        check_window(&query.window)?;
        let periods = match query.bucket {
            Some(bucket) => periods(query.window, bucket, query.zone, now)?,
            None => Vec::new(),
        };
        let metrics = catalog.wanted(query)?.into_iter().map(|metric| InTheMaking {
            metric,
            total: Tally::default(),
            buckets: vec![Tally::default(); periods.len()],
            beside: metric.beside(),
        });
        Ok(Self {
            metrics: metrics.collect(),
            weeks_back: weeks_back(query, now)?,
            periods,
            query,
            now,
        })
    }

    /// Takes a page of samples in. Whatever else a metric needs comes with the page of what it judges: failures with deployments.
    pub(crate) fn add(&mut self, facts: &Facts) {
        let context = context(self.query, facts, self.now, &self.weeks_back);
        for making in &mut self.metrics {
            making.add(&context, &self.periods);
        }
    }

    /// The answers; of `facts` the coverage counts.
    pub(crate) fn end(self, facts: &Facts) -> Vec<Answer> {
        let context = context(self.query, facts, self.now, &self.weeks_back);
        let ended = self.metrics.into_iter();
        ended.map(|making| making.end(&context, &self.periods)).collect()
    }
}

fn context<'a>(
    query: &'a MetricQuery,
    facts: &'a Facts,
    now: DateTime<Utc>,
    weeks_back: &'a [Period],
) -> Context<'a> {
    Context {
        query,
        facts,
        terms: Terms::of(query, facts, now),
        observed: facts.coverage.observed(now),
        weeks_back,
    }
}

impl InTheMaking<'_> {
    fn add(&mut self, context: &Context<'_>, periods: &[Period]) {
        let findings = self.metric.assess(context.facts, &context.terms);
        for finding in &findings {
            self.total.add(finding);
        }
        match self.metric.lasting() {
            Some(lasting) => self.add_lasting(lasting, context, periods),
            None => {
                for finding in &findings {
                    if let Some(bucket) = self.buckets.get_mut(period_of(periods, finding.at)) {
                        bucket.add(finding);
                    }
                }
            }
        }
        if let Some(beside) = &mut self.beside {
            beside.add(&findings, context);
        }
    }

    fn add_lasting(&mut self, lasting: &dyn Lasting, context: &Context<'_>, periods: &[Period]) {
        for (index, sample) in context.facts.pull_requests.iter().enumerate() {
            let Some(opened) = sample.opened_at else { continue };
            let first = period_of(periods, opened);
            let last = match sample.closed_at.or(sample.merged_at) {
                Some(end) => period_of(periods, end),
                None => periods.len(),
            };
            for (period, bucket) in periods.iter().zip(&mut self.buckets).take(last + 1).skip(first) {
                let Some(asked) = period.window.overlap(&context.query.window) else {
                    continue;
                };
                let terms = Terms {
                    window: asked,
                    ..context.terms
                };
                if let Some(finding) = lasting.assess_one(index, sample, &terms) {
                    bucket.add(&finding);
                }
            }
        }
    }

    fn end(self, context: &Context<'_>, periods: &[Period]) -> Answer {
        let Self { metric, .. } = self;
        let Context { query, facts, .. } = context;
        let definition = metric.definition();
        let beside = self.beside.map(|beside| beside.figures(&self.total, context));
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
            total: value(metric, context, self.total, &query.window),
            bucket: query.bucket,
            buckets: buckets(metric, context, self.buckets, periods),
            beside: beside.unwrap_or_default(),
        }
    }
}

/// The place of the period that holds an instant: they are contiguous, so that it is the first that ends after it.
fn period_of(periods: &[Period], at: DateTime<Utc>) -> usize {
    periods.partition_point(|period| period.window.to <= at)
}

/// One value a period; a period that was not observed at all is missing, unless something was found in it all the same.
fn buckets(
    metric: &dyn Metric,
    context: &Context<'_>,
    tallies: Vec<Tally>,
    periods: &[Period],
) -> Vec<BucketValue> {
    let mut values = Vec::new();
    for (period, tally) in periods.iter().zip(tallies) {
        let Some(asked) = period.window.overlap(&context.query.window) else {
            continue;
        };
        let lasts = metric.lasting().is_some();
        if context.observed_within(&asked).is_none() && (lasts || tally.is_empty()) {
            continue;
        }
        let observed = context.observed_within(&period.window);
        values.push(BucketValue {
            label: period.label.clone(),
            window: period.window,
            partial: period.partial || observed != Some(period.window),
            value: value(metric, context, tally, &asked),
        });
    }
    values
}

fn value(metric: &dyn Metric, context: &Context<'_>, tally: Tally, asked: &Window) -> Value {
    let observed = context.observed_within(asked);
    let coverage = &context.facts.coverage;
    let known = metric.is_known(coverage);
    let mut value = metric.summarize(tally, observed.filter(|_| known), coverage);
    let settled = context.terms.collected_to.map(|to| to - metric.settles_after());
    value.provisional |= settled.is_none_or(|to| to < asked.to);
    value
}
