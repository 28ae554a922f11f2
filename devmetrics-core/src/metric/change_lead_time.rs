use chrono::{DateTime, Utc};
use std::borrow::Cow;

use super::cycle_time::work_begin;
use super::finding::{elapsed, left_out};
use super::{
    Better, Coverage, Definition, Facts, Finding, Metric, Outcome, PullRequestSample, Reason, Tally, Terms,
    Unit, Value, summary,
};
use crate::model::{DeploymentMatch, Window};

/// From the first commit to the deployment that first shipped it.
#[derive(Debug)]
pub(super) struct ChangeLeadTime;

static DEFINITION: Definition = Definition {
    id: Cow::Borrowed("change_lead_time"),
    name: Cow::Borrowed("Change lead time"),
    aliases: &["lead_time", "lead_time_for_changes"],
    unit: Unit::Seconds,
    unit_label: None,
    better: Better::Lower,
    version: 1,
    summary: Cow::Borrowed(
        "From the first commit to the first successful production deployment that contains the change",
    ),
    example: Some(Cow::Borrowed(
        "Deployed within the window 2, 4 and 35 days after their first commits: median 4 days.",
    )),
    source: Cow::Borrowed("https://dora.dev/guides/dora-metrics/"),
};

impl Metric for ChangeLeadTime {
    fn definition(&self) -> &Definition {
        &DEFINITION
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        shipped_within(facts, terms, |sample, deployed_at, finding| {
            let Some((begin, note)) = work_begin(sample) else {
                return Outcome::Excluded {
                    reason: Reason::UnknownMilestone,
                };
            };
            finding.begin = Some(begin);
            finding.note = note;
            elapsed(begin, deployed_at, terms)
        })
    }

    fn summarize(&self, tally: Tally, _observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::distribution(tally)
    }
}

/// A finding for each pull request deployed within the window, placed by its deployment, with the outcome that `judge`
/// gives; and one for each merged within it whose deployment is not known, placed by its merge.
pub(super) fn shipped_within<'a>(
    facts: &'a Facts,
    terms: &Terms<'_>,
    judge: impl Fn(&PullRequestSample, DateTime<Utc>, &mut Finding<'a>) -> Outcome,
) -> Vec<Finding<'a>> {
    let within = |at: Option<DateTime<Utc>>| at.filter(|at| terms.window.contains(*at));
    let mut findings = Vec::new();
    for (index, sample) in facts.pull_requests.iter().enumerate() {
        // Deployed outside the window: it belongs to another, wherever it was merged.
        let at = match sample.deployed_at {
            Some(deployed_at) => within(Some(deployed_at)),
            None => within(sample.merged_at),
        };
        let Some(at) = at else { continue };
        let mut finding = Finding {
            end: sample.deployed_at,
            matched: sample.matched,
            ..Finding::new(sample.id.as_str(), index, at, Outcome::CensoredLeft)
        };
        finding.outcome = match (left_out(sample, terms), sample.deployed_at, sample.matched) {
            (Some(reason), _, _) => Outcome::Excluded { reason },
            (None, Some(deployed_at), _) => judge(sample, deployed_at, &mut finding),
            (None, None, Some(DeploymentMatch::Baseline)) => Outcome::CensoredLeft,
            (None, None, Some(DeploymentMatch::Untracked)) => Outcome::Excluded {
                reason: Reason::NoDeployments,
            },
            (None, None, _) => Outcome::Pending {
                age_seconds: terms.collected_to.map(|to| (to - at).num_seconds().max(0)),
            },
        };
        findings.push(finding);
    }
    findings
}
