use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::finding::elapsed;
use super::flow::left_out;
use super::phases::ready_for_review;
use super::{
    Beside, Better, Context, Coverage, Definition, Facts, Finding, Interval, Metric, Needs, Outcome,
    PullRequestSample, Reason, Survival, Tally, Terms, Unit, Value, kaplan_meier, summary,
};
use crate::model::Window;

/// From ready for review to the first review, of those that still wait as well.
#[derive(Debug)]
pub(super) struct TimeToFirstReview;

static DEFINITION: Definition = Definition {
    id: Cow::Borrowed("time_to_first_review"),
    name: Cow::Borrowed("Time to first review"),
    aliases: &["first_review", "ttfr"],
    unit: Unit::Seconds,
    unit_label: None,
    better: Better::Lower,
    version: 1,
    summary: Cow::Borrowed(
        "From ready for review to the first review, what still waits included (Kaplan–Meier)",
    ),
    example: Some(Cow::Borrowed(
        "Reviewed after 2 and 4 hours, two still waiting since yesterday, one given up after an hour: median 4 hours.",
    )),
    source: Cow::Borrowed("docs/metrics.md#time-to-first-review"),
};

impl Metric for TimeToFirstReview {
    fn definition(&self) -> &Definition {
        &DEFINITION
    }

    fn needs(&self) -> Needs {
        Needs::OPEN
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        let mut findings = Vec::new();
        for (index, sample) in facts.pull_requests.iter().enumerate() {
            let reviewed = sample.first_review_at;
            let ready = ready_for_review(sample.ready_at, sample.opened_at, reviewed);
            let Some(ready) = ready.filter(|ready| terms.window.contains(*ready)) else {
                continue;
            };
            let end = reviewed.or(sample.closed_at).or(sample.merged_at);
            findings.push(Finding {
                begin: Some(ready),
                end,
                ..Finding::new(
                    sample.id.as_str(),
                    index,
                    ready,
                    outcome(sample, ready, end, terms),
                )
            });
        }
        findings
    }

    /// The median by Kaplan and Meier: leaving out what still waits would make a slow team look fast.
    fn summarize(&self, tally: Tally, _observed: Option<Window>, _coverage: &Coverage) -> Value {
        let median = survival(&tally).median();
        let value = summary::distribution(tally);
        Value {
            value: median.seconds,
            interval: median
                .low
                .zip(median.high)
                .map(|(low, high)| Interval { low, high }),
            // Those of what was reviewed alone would be too short.
            quantiles: None,
            ..value
        }
    }

    fn beside(&self) -> Option<Box<dyn Beside>> {
        Some(Box::new(Further))
    }
}

/// Further quantiles.
#[derive(Debug)]
struct Further;

impl Beside for Further {
    fn add(&mut self, _findings: &[Finding<'_>], _context: &Context<'_>) {}

    fn figures(&self, tally: &Tally, _context: &Context<'_>) -> BTreeMap<String, Option<f64>> {
        let survival = survival(tally);
        [("p75_seconds", 0.75), ("p90_seconds", 0.9)]
            .into_iter()
            .map(|(name, part)| (name.to_owned(), survival.quantile(part).seconds))
            .collect()
    }
}

/// Reviewed; or it waited until it was closed, merged, or for as long as is known.
fn outcome(
    sample: &PullRequestSample,
    ready: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
    terms: &Terms<'_>,
) -> Outcome {
    let draft = sample.pauses.last().is_some_and(|pause| pause.to.is_none());
    let reason = left_out(sample, terms)
        .or(sample.review_rounds.is_none().then_some(Reason::UnknownMilestone))
        .or((sample.first_review_at.is_none() && draft).then_some(Reason::Draft));
    if let Some(reason) = reason {
        return Outcome::Excluded { reason };
    }
    match sample.first_review_at {
        Some(review) => elapsed(ready, review, terms),
        None => Outcome::Open {
            age_seconds: end
                .or(terms.collected_to)
                .map(|end| terms.seconds(ready, end).max(0)),
        },
    }
}

/// Reviewed, or still waiting.
fn survival(tally: &Tally) -> Survival {
    kaplan_meier(tally.values().to_vec(), tally.open().to_vec())
}
