//! What is open, and what waits for its first review.

use std::borrow::Cow;

use super::finding::seconds;
use super::{
    Better, Coverage, Definition, Facts, Finding, Lasting, Metric, Needs, Outcome, Policy, PullRequestSample,
    Reason, Tally, Terms, Unit, Value, summary,
};
use crate::model::Window;

/// Pull requests that are open at once, a mean over time.
#[derive(Debug)]
pub(super) struct WorkInProgress;

static WORK_IN_PROGRESS: Definition = Definition {
    id: Cow::Borrowed("work_in_progress"),
    name: Cow::Borrowed("Work in progress"),
    aliases: &["wip", "open_pull_requests"],
    unit: Unit::OpenPullRequests,
    unit_label: None,
    better: Better::Lower,
    version: 1,
    summary: Cow::Borrowed("Pull requests that are open and no drafts, a mean weighted by time"),
    example: Some(Cow::Borrowed(
        "In April one was open throughout, one from the 16th on, two for 3 days each: (30 + 15 + 3 + 3) / 30 = 1.7.",
    )),
    source: Cow::Borrowed("docs/metrics.md#flow"),
};

/// How long the open ones have been so at the end of a time.
#[derive(Debug)]
pub(super) struct AgeOfOpenWork;

static AGE_OF_OPEN_WORK: Definition = Definition {
    id: Cow::Borrowed("age_of_open_work"),
    name: Cow::Borrowed("Age of open work"),
    aliases: &["open_age", "work_item_age"],
    unit: Unit::Seconds,
    unit_label: None,
    better: Better::Lower,
    version: 1,
    summary: Cow::Borrowed("How long pull requests that are open at the end have been so, drafts left out"),
    example: Some(Cow::Borrowed(
        "Open at the end of April since the 1st, the 16th and the 21st: 30, 15 and 10 days, median 15 days.",
    )),
    source: Cow::Borrowed("docs/metrics.md#flow"),
};

/// Why an open pull request does not count.
pub(super) fn left_out(sample: &PullRequestSample, terms: &Terms<'_>) -> Option<Reason> {
    if sample.bot {
        return Some(Reason::Bot);
    }
    if sample.paths_unknown {
        return Some(Reason::UnknownPaths);
    }
    (terms.policy == Policy::Primary && !sample.primary).then_some(Reason::OtherPrimaryTeam)
}

/// When it was open and asked somebody to look at it, within `within`.
fn active<'a>(sample: &'a PullRequestSample, within: Window) -> impl Iterator<Item = Window> + 'a {
    let end = sample.closed_at.or(sample.merged_at).unwrap_or(within.to);
    let starts = sample
        .opened_at
        .into_iter()
        .chain(sample.pauses.iter().filter_map(|pause| pause.to));
    let stops = sample.pauses.iter().map(|pause| pause.from).chain([end]);
    // A draft from the opening on leaves an empty span there.
    starts.zip(stops).filter_map(move |(from, to)| {
        let span = Window {
            from,
            to: to.min(end),
        };
        span.overlap(&within)
    })
}

impl Metric for WorkInProgress {
    fn definition(&self) -> &Definition {
        &WORK_IN_PROGRESS
    }

    fn needs(&self) -> Needs {
        Needs::OPEN
    }

    fn lasting(&self) -> Option<&dyn Lasting> {
        Some(self)
    }

    fn is_known(&self, coverage: &Coverage) -> bool {
        coverage.pull_requests_from.is_some()
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        assess_each(self, facts, terms)
    }

    fn summarize(&self, tally: Tally, observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::mean_over_time(&tally, observed)
    }
}

impl Lasting for WorkInProgress {
    /// Each counts with the seconds for which it was open in the window, as far as that was collected.
    fn assess_one<'a>(
        &self,
        index: usize,
        sample: &'a PullRequestSample,
        terms: &Terms<'_>,
    ) -> Option<Finding<'a>> {
        let spans: Vec<Window> = active(sample, terms.collected()?).collect();
        let (first, last) = (spans.first()?, spans.last()?);
        let open: i64 = spans.iter().map(|span| seconds(span.from, span.to)).sum();
        let outcome = match left_out(sample, terms) {
            Some(reason) => Outcome::Excluded { reason },
            None => Outcome::Counted {
                value: open as f64 * terms.weight(sample.weight),
                skew_clamped: false,
            },
        };
        Some(Finding {
            begin: Some(first.from),
            end: Some(last.to),
            ..Finding::new(sample.id.as_str(), index, first.from, outcome)
        })
    }
}

impl Metric for AgeOfOpenWork {
    fn definition(&self) -> &Definition {
        &AGE_OF_OPEN_WORK
    }

    fn needs(&self) -> Needs {
        Needs::OPEN
    }

    fn lasting(&self) -> Option<&dyn Lasting> {
        Some(self)
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        assess_each(self, facts, terms)
    }

    fn summarize(&self, tally: Tally, _observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::distribution(tally)
    }
}

impl Lasting for AgeOfOpenWork {
    fn assess_one<'a>(
        &self,
        index: usize,
        sample: &'a PullRequestSample,
        terms: &Terms<'_>,
    ) -> Option<Finding<'a>> {
        let Window { to: end, .. } = terms.collected()?;
        let opened = sample.opened_at.filter(|opened| *opened < end)?;
        let closed = sample.closed_at.or(sample.merged_at);
        if closed.is_some_and(|closed| closed < end) {
            return None;
        }
        let paused = sample
            .pauses
            .iter()
            .any(|pause| pause.from < end && pause.to.is_none_or(|to| end <= to));
        let reason = left_out(sample, terms).or(paused.then_some(Reason::Draft));
        let outcome = match reason {
            Some(reason) => Outcome::Excluded { reason },
            None => Outcome::Counted {
                value: terms.seconds(opened, end) as f64,
                skew_clamped: false,
            },
        };
        Some(Finding {
            begin: Some(opened),
            end: Some(end),
            ..Finding::new(sample.id.as_str(), index, end, outcome)
        })
    }
}

fn assess_each<'a>(lasting: &dyn Lasting, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
    let samples = facts.pull_requests.iter().enumerate();
    samples
        .filter_map(|(index, sample)| lasting.assess_one(index, sample, terms))
        .collect()
}
