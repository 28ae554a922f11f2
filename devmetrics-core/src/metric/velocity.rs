use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Duration, Utc};

use super::finding::left_out;
use super::{
    Better, Context, Coverage, Definition, Facts, Finding, LooksBack, Metric, Outcome, Terms, Unit, Value,
    quantile, summary,
};
use super::{Needs, Policy};
use crate::model::Window;

/// Merged human pull requests.
#[derive(Debug)]
pub(super) struct Velocity;

static DEFINITION: Definition = Definition {
    id: Cow::Borrowed("velocity"),
    name: Cow::Borrowed("Velocity"),
    aliases: &["throughput", "merged_pull_requests"],
    unit: Unit::PullRequests,
    unit_label: None,
    better: Better::Higher,
    version: 1,
    summary: Cow::Borrowed("Merged human pull requests"),
    example: Some(Cow::Borrowed(
        "Merged in a week: two changes of people, one of a bot, one pushed: 2.",
    )),
    source: Cow::Borrowed("docs/metrics.md#velocity"),
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

    fn summarize(&self, findings: &[&Finding<'_>], observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::count(findings.iter().copied(), observed)
    }

    fn needs(&self) -> Needs {
        Needs {
            open: true,
            ..Needs::default()
        }
    }

    fn looks_back(&self) -> LooksBack {
        LooksBack::Weeks
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
        // A git history tells of merged changes alone.
        let tells = known && context.facts.coverage.pull_requests_from.is_some();
        let people = |at: fn(&super::PullRequestSample) -> Option<DateTime<Utc>>| {
            let within = context.facts.pull_requests.iter().filter(|sample| {
                let counts = !sample.bot && (context.query.policy != Policy::Primary || sample.primary);
                counts && at(sample).is_some_and(|at| context.query.window.contains(at))
            });
            tells.then(|| within.count() as f64)
        };
        let opened = people(|sample| sample.opened_at);
        let closed_unmerged = people(|sample| sample.closed_at.filter(|_| sample.merged_at.is_none()));
        [
            ("distinct_authors", authors_known.then_some(authors.len() as f64)),
            ("additions", lines(|sample| sample.additions)),
            ("deletions", lines(|sample| sample.deletions)),
            ("opened", opened),
            ("closed_unmerged", closed_unmerged),
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
