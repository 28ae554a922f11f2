use std::borrow::Cow;
use std::collections::HashMap;

use chrono::TimeDelta;

use super::deployment_frequency::exclusion;
use super::{
    Better, Coverage, Definition, Facts, FailureSample, Finding, Metric, Needs, Outcome, Tally, Terms, Unit,
    Value, summary,
};
use crate::Id;
use crate::model::{Deployment, Window};

/// Failed deployments of all that count, in one of two readings.
#[derive(Debug)]
pub(super) struct ChangeFailRate {
    definition: Definition,
    strict: bool,
}

const fn definition(
    id: &'static str,
    name: &'static str,
    aliases: &'static [&'static str],
    summary: &'static str,
    example: &'static str,
) -> Definition {
    Definition {
        id: Cow::Borrowed(id),
        name: Cow::Borrowed(name),
        aliases,
        unit: Unit::Ratio,
        unit_label: None,
        better: Better::Lower,
        version: 1,
        summary: Cow::Borrowed(summary),
        example: Some(Cow::Borrowed(example)),
        source: Cow::Borrowed("https://dora.dev/guides/dora-metrics/"),
    }
}

pub(super) static CHANGE_FAIL_RATE: ChangeFailRate = ChangeFailRate {
    definition: definition(
        "change_fail_rate",
        "Change fail rate",
        &["change_failure_rate", "cfr", "fail_rate"],
        "Failed deployments of all distinct successful production deployments, guesses by time included",
        "Of ten deployments one failed by a revert and one by a guess: 0.2.",
    ),
    strict: false,
};

pub(super) static STRICT_CHANGE_FAIL_RATE: ChangeFailRate = ChangeFailRate {
    definition: definition(
        "strict_change_fail_rate",
        "Change fail rate (strict)",
        &["strict_cfr"],
        "The same by what somebody said or did: linked incidents, rollbacks and reverts",
        "Of ten deployments one failed by a revert and one by a guess: 0.1.",
    ),
    strict: true,
};

impl Metric for ChangeFailRate {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn needs(&self) -> Needs {
        Needs {
            failures: true,
            ..Needs::DEPLOYMENTS
        }
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        let failed = first_reasons(facts, self.strict);
        let mut findings = Vec::new();
        for (index, sample) in facts.deployments.iter().enumerate() {
            if !terms.window.contains(sample.finished_at) {
                continue;
            }
            let because = failed.get(&sample.id).copied();
            let outcome = match exclusion(sample, terms) {
                Some(reason) => Outcome::Excluded { reason },
                None => Outcome::Counted {
                    value: f64::from(u8::from(because.is_some())),
                    skew_clamped: false,
                },
            };
            findings.push(Finding {
                end: because.and_then(|because| because.ended_at),
                weight: terms.weight(sample.weight),
                because,
                ..Finding::new(sample.id.as_str(), index, sample.finished_at, outcome)
            });
        }
        findings
    }

    /// Where nobody tells of incidents, no failure found is no answer: only those that were rolled back or reverted show.
    fn summarize(&self, tally: Tally, _observed: Option<Window>, coverage: &Coverage) -> Value {
        let value = summary::rate(&tally);
        if coverage.incidents_from.is_none() && value.value == Some(0.0) {
            return Value {
                value: None,
                interval: None,
                ..value
            };
        }
        value
    }

    fn is_known(&self, coverage: &Coverage) -> bool {
        coverage.deployments_from.is_some()
    }

    /// An incident is charged to a deployment for a day.
    fn settles_after(&self) -> TimeDelta {
        TimeDelta::hours(24)
    }
}

/// The reason of highest precedence of each failed deployment.
fn first_reasons(facts: &Facts, strict: bool) -> HashMap<&Id<Deployment>, &FailureSample> {
    let mut first: HashMap<&Id<Deployment>, &FailureSample> = HashMap::new();
    for failure in facts.failures.iter().filter(|failure| counts(failure, strict)) {
        first
            .entry(&failure.deployment)
            .and_modify(|known| {
                if (failure.rule, &failure.cause) < (known.rule, &known.cause) {
                    *known = failure;
                }
            })
            .or_insert(failure);
    }
    first
}

/// Whether a reading takes a reason.
pub(super) fn counts(failure: &FailureSample, strict: bool) -> bool {
    !strict || failure.rule.is_strict()
}
