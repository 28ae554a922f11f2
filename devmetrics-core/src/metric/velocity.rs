use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::finding::left_out;
use super::{
    Beside, Better, Context, Coverage, Definition, Facts, Finding, LooksBack, Metric, Outcome, Tally, Terms,
    Unit, Value, quantile, summary,
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

    fn summarize(&self, tally: Tally, observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::count(&tally, observed)
    }

    fn needs(&self) -> Needs {
        Needs::OPEN
    }

    fn looks_back(&self) -> LooksBack {
        LooksBack::Weeks
    }

    fn beside(&self) -> Option<Box<dyn Beside>> {
        Some(Box::<Surroundings>::default())
    }
}

/// What a count of merged changes should be read with.
#[derive(Debug, Default)]
struct Surroundings {
    authors: HashSet<Arc<str>>,
    additions: Option<i64>,
    deletions: Option<i64>,
    opened: u64,
    closed_unmerged: u64,
    reverted_within_24h: u64,
    /// What was merged in each of the weeks that are looked back at.
    weeks: Vec<f64>,
}

impl Beside for Surroundings {
    fn add(&mut self, findings: &[Finding<'_>], context: &Context<'_>) {
        let samples = &context.facts.pull_requests;
        let counted = findings.iter().filter(|finding| finding.counted().is_some());
        for sample in counted.map(|finding| &samples[finding.sample]) {
            if let Some(author) = sample
                .author
                .as_ref()
                .filter(|author| !self.authors.contains(*author))
            {
                self.authors.insert(author.clone());
            }
            for (sum, lines) in [
                (&mut self.additions, sample.additions),
                (&mut self.deletions, sample.deletions),
            ] {
                *sum = lines.map(|lines| lines + sum.unwrap_or_default()).or(*sum);
            }
            let reverted = sample.merged_at.zip(sample.reverted_at);
            let soon = reverted.is_some_and(|(merged, reverted)| reverted - merged <= Duration::hours(24));
            self.reverted_within_24h += u64::from(soon);
        }
        for sample in samples {
            let counts = !sample.bot && (context.query.policy != Policy::Primary || sample.primary);
            let within =
                |at: Option<DateTime<Utc>>| counts && at.is_some_and(|at| context.query.window.contains(at));
            self.opened += u64::from(within(sample.opened_at));
            let closed_unmerged = sample.closed_at.filter(|_| sample.merged_at.is_none());
            self.closed_unmerged += u64::from(within(closed_unmerged));
        }
        self.add_weeks(context);
    }

    fn figures(&self, tally: &Tally, context: &Context<'_>) -> BTreeMap<String, Option<f64>> {
        let merged = !tally.values().is_empty();
        let known = merged || context.observed_within(&context.query.window).is_some();
        // Authors are unknown where every one of them is (deleted accounts).
        let authors_known = known && (!merged || !self.authors.is_empty());
        // A git history tells of merged changes alone.
        let tells = known && context.facts.coverage.pull_requests_from.is_some();
        let mut weeks = self.weeks.clone();
        weeks.resize(observed_weeks(context).len(), 0.0);
        weeks.sort_by(f64::total_cmp);
        [
            (
                "distinct_authors",
                authors_known.then_some(self.authors.len() as f64),
            ),
            ("additions", self.additions.map(|lines| lines as f64)),
            ("deletions", self.deletions.map(|lines| lines as f64)),
            ("opened", tells.then_some(self.opened as f64)),
            ("closed_unmerged", tells.then_some(self.closed_unmerged as f64)),
            (
                "reverted_within_24h",
                known.then_some(self.reverted_within_24h as f64),
            ),
            ("median_last_8_weeks", quantile(&weeks, 0.5)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

impl Surroundings {
    fn add_weeks(&mut self, context: &Context<'_>) {
        let weeks = observed_weeks(context);
        let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else {
            return;
        };
        let terms = Terms {
            window: Window {
                from: first.from,
                to: last.to,
            },
            ..context.terms
        };
        self.weeks.resize(weeks.len(), 0.0);
        for finding in &Velocity.assess(context.facts, &terms) {
            let after = weeks.partition_point(|week| week.to <= finding.at);
            if let (Some(count), Some(weight)) = (self.weeks.get_mut(after), finding.counted()) {
                *count += weight;
            }
        }
    }
}

/// The last complete weeks that were observed from their begin to their end.
fn observed_weeks(context: &Context<'_>) -> Vec<Window> {
    context
        .weeks_back
        .iter()
        .map(|week| week.window)
        .filter(|week| context.observed_within(week) == Some(*week))
        .collect()
}
