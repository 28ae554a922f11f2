use std::collections::{BTreeMap, HashSet};

use chrono::Duration;

use super::finding::left_out;
use super::{
    Better, Context, Definition, Facts, Finding, Metric, Outcome, Terms, Unit, Value, quantile, summary,
};
use crate::model::Window;

/// Merged human pull requests.
#[derive(Debug)]
pub(super) struct Velocity;

static DEFINITION: Definition = Definition {
    id: "velocity",
    name: "Velocity",
    aliases: &["throughput", "merged_pull_requests"],
    unit: Unit::PullRequests,
    better: Better::Higher,
    version: 1,
    summary: "Merged human pull requests",
    source: "docs/metrics.md#velocity",
};

impl Metric for Velocity {
    fn definition(&self) -> &Definition {
        &DEFINITION
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        let mut findings = Vec::new();
        for (index, sample) in facts.pull_requests.iter().enumerate() {
            let Some(merged_at) = sample.merged_at.filter(|at| terms.window.contains(*at)) else {
                continue;
            };
            let outcome = match left_out(sample, terms) {
                Some(reason) => Outcome::Excluded { reason },
                None => Outcome::Counted {
                    value: terms.weight(sample.weight),
                    skew_clamped: false,
                },
            };
            findings.push(Finding {
                end: Some(merged_at),
                ..Finding::new(sample.id.as_str(), index, merged_at, outcome)
            });
        }
        findings
    }

    fn summarize(&self, findings: &[&Finding<'_>], observed: Option<Window>) -> Value {
        summary::count(findings.iter().copied(), observed)
    }

    fn looks_back(&self) -> bool {
        true
    }

    fn beside(&self, findings: &[Finding<'_>], context: &Context<'_>) -> BTreeMap<String, Option<f64>> {
        let counted: Vec<_> = findings
            .iter()
            .filter(|finding| finding.counted().is_some())
            .map(|finding| &context.facts.pull_requests[finding.sample])
            .collect();
        let known = !counted.is_empty() || context.observed_within(&context.query.window).is_some();
        let authors: HashSet<&str> = counted
            .iter()
            .filter_map(|sample| sample.author.as_deref())
            .collect();
        let reverted = counted.iter().filter(|sample| {
            let (Some(merged), Some(reverted)) = (sample.merged_at, sample.reverted_at) else {
                return false;
            };
            reverted - merged <= Duration::hours(24)
        });
        let lines = |of: fn(&super::PullRequestSample) -> Option<i64>| {
            let lines: Vec<i64> = counted.iter().filter_map(|sample| of(sample)).collect();
            (!lines.is_empty()).then(|| lines.iter().sum::<i64>() as f64)
        };
        // Authors are unknown where every one of them is (deleted accounts).
        let authors_known = known && (counted.is_empty() || !authors.is_empty());
        [
            ("distinct_authors", authors_known.then_some(authors.len() as f64)),
            ("additions", lines(|sample| sample.additions)),
            ("deletions", lines(|sample| sample.deletions)),
            // Samples are of merged changes. Until a source tells of the others, both are unknown.
            ("opened", None),
            ("closed_unmerged", None),
            ("reverted_within_24h", known.then_some(reverted.count() as f64)),
            ("median_last_8_weeks", median_of_weeks(context)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

/// The median over the last complete weeks that were observed from their begin to their end; `None` if none was.
fn median_of_weeks(context: &Context<'_>) -> Option<f64> {
    let weeks: Vec<Window> = context
        .weeks_back
        .iter()
        .map(|week| week.window)
        .filter(|week| context.observed_within(week) == Some(*week))
        .collect();
    let window = Window {
        from: weeks.first()?.from,
        to: weeks.last()?.to,
    };
    let findings = Velocity.assess(
        context.facts,
        &Terms {
            window,
            ..context.terms
        },
    );
    let mut counts = vec![0.0; weeks.len()];
    for finding in &findings {
        let after = weeks.partition_point(|week| week.to <= finding.at);
        if let (Some(count), Some(weight)) = (counts.get_mut(after), finding.counted()) {
            *count += weight;
        }
    }
    counts.sort_by(f64::total_cmp);
    quantile(&counts, 0.5)
}
