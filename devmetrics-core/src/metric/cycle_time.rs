use chrono::{DateTime, Duration, Utc};
use std::borrow::Cow;

use super::finding::{elapsed, left_out};
use super::{
    Better, Coverage, Definition, Facts, Finding, Metric, Note, Outcome, PullRequestSample, Reason, Tally,
    Terms, Unit, Value, summary,
};
use crate::model::Window;

/// From the first commit to the merge.
#[derive(Debug)]
pub(super) struct CycleTime;

static DEFINITION: Definition = Definition {
    id: Cow::Borrowed("cycle_time"),
    name: Cow::Borrowed("Cycle time"),
    aliases: &["cycle"],
    unit: Unit::Seconds,
    unit_label: None,
    better: Better::Lower,
    version: 1,
    summary: Cow::Borrowed("From the first commit to the merge"),
    example: Some(Cow::Borrowed(
        "First commits on Monday 9:00 and 14:00, merges on Tuesday 12:00 and Monday 20:00: 27 and 6 hours, median 16.5 hours.",
    )),
    source: Cow::Borrowed("docs/metrics.md#cycle-time-and-its-phases"),
};

impl Metric for CycleTime {
    fn definition(&self) -> &Definition {
        &DEFINITION
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        merged_within(facts, terms, |sample, merged_at, finding| {
            let Some((begin, note)) = work_begin(sample) else {
                return Outcome::Excluded {
                    reason: Reason::UnknownMilestone,
                };
            };
            finding.begin = Some(begin);
            finding.end = Some(merged_at);
            finding.note = note;
            elapsed(begin, merged_at, terms)
        })
    }

    fn summarize(&self, tally: Tally, _observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::distribution(tally)
    }
}

/// A finding for each pull request merged within the window; `judge` gives the outcome of those that are changes.
pub(super) fn merged_within<'a>(
    facts: &'a Facts,
    terms: &Terms<'_>,
    judge: impl Fn(&PullRequestSample, DateTime<Utc>, &mut Finding<'a>) -> Outcome,
) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    for (index, sample) in facts.pull_requests.iter().enumerate() {
        let Some(merged_at) = sample.merged_at.filter(|at| terms.window.contains(*at)) else {
            continue;
        };
        let reason = left_out(sample, terms);
        let unknown = Outcome::Excluded {
            reason: reason.unwrap_or(Reason::UnknownMilestone),
        };
        let mut finding = Finding::new(sample.id.as_str(), index, merged_at, unknown);
        if reason.is_none() {
            finding.outcome = judge(sample, merged_at, &mut finding);
        }
        findings.push(finding);
    }
    findings
}

/// C, and what to know about it: the first commit; the opening where that did not come later (a rebase gives commits new
/// dates) or where there are no commits; `None` where neither is known.
pub(super) fn work_begin(sample: &PullRequestSample) -> Option<(DateTime<Utc>, Option<Note>)> {
    let stale = Duration::days(180);
    match (sample.first_commit_at, sample.opened_at) {
        (None, None) => None,
        (None, Some(opened)) => Some((opened, Some(Note::BeginIsOpening))),
        (Some(first), Some(opened)) if opened <= first => Some((opened, Some(Note::BeginIsOpening))),
        (Some(first), opened) => {
            let note = if sample.first_commit_estimated {
                Some(Note::FirstCommitEstimated)
            } else {
                opened
                    .is_some_and(|opened| opened - first > stale)
                    .then_some(Note::StaleFirstCommit)
            };
            Some((first, note))
        }
    }
}
