use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{
    Beside, Better, Context, Coverage, Definition, DeploymentSample, Facts, Finding, LooksBack, Metric,
    Needs, Outcome, Policy, Reason, Tally, Terms, Unit, Value, summary,
};
use crate::model::{DeploymentStatus, Rework, Window};

/// Unplanned fixes of all deployments.
#[derive(Debug)]
pub(super) struct DeploymentReworkRate;

static DEFINITION: Definition = Definition {
    id: Cow::Borrowed("deployment_rework_rate"),
    name: Cow::Borrowed("Deployment rework rate"),
    aliases: &["rework_rate", "rework"],
    unit: Unit::Ratio,
    unit_label: None,
    better: Better::Lower,
    version: 1,
    summary: Cow::Borrowed(
        "Unplanned fixes (rollbacks, reverts, hotfixes) of all successful production deployments",
    ),
    example: Some(Cow::Borrowed(
        "Of ten deployments one is a rollback and one ships a hotfix: 0.2.",
    )),
    source: Cow::Borrowed("https://dora.dev/guides/dora-metrics/"),
};

/// How far the figure beside it looks back, in days.
const TRAILING_DAYS: i64 = 180;

impl Metric for DeploymentReworkRate {
    fn definition(&self) -> &Definition {
        &DEFINITION
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        let mut findings = Vec::new();
        for (index, sample) in facts.deployments.iter().enumerate() {
            if !terms.window.contains(sample.finished_at) {
                continue;
            }
            let outcome = match exclusion(sample, terms) {
                Some(reason) => Outcome::Excluded { reason },
                None => Outcome::Counted {
                    value: f64::from(u8::from(sample.rework.is_some())),
                    skew_clamped: false,
                },
            };
            findings.push(Finding {
                end: Some(sample.finished_at),
                weight: terms.weight(sample.weight),
                ..Finding::new(sample.id.as_str(), index, sample.finished_at, outcome)
            });
        }
        findings
    }

    fn needs(&self) -> Needs {
        Needs::DEPLOYMENTS
    }

    fn summarize(&self, tally: Tally, _observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::rate(&tally)
    }

    fn is_known(&self, coverage: &Coverage) -> bool {
        coverage.deployments_from.is_some()
    }

    fn looks_back(&self) -> LooksBack {
        LooksBack::Days(TRAILING_DAYS)
    }

    fn beside(&self) -> Option<Box<dyn Beside>> {
        Some(Box::<Trailing>::default())
    }
}

/// The rate of half a year, and the reworks by their kinds.
#[derive(Debug, Default)]
struct Trailing {
    half_a_year: Tally,
    kinds: BTreeMap<Rework, u64>,
}

impl Beside for Trailing {
    fn add(&mut self, findings: &[Finding<'_>], context: &Context<'_>) {
        let to = context.query.window.to;
        if let Some(from) = to.checked_sub_signed(TimeDelta::days(TRAILING_DAYS)) {
            let terms = Terms {
                window: Window { from, to },
                ..context.terms
            };
            for finding in &DeploymentReworkRate.assess(context.facts, &terms) {
                self.half_a_year.add(finding);
            }
        }
        for finding in findings.iter().filter(|finding| finding.counted() == Some(1.0)) {
            if let Some(kind) = context.facts.deployments[finding.sample].rework {
                *self.kinds.entry(kind).or_default() += 1;
            }
        }
    }

    fn figures(&self, tally: &Tally, _context: &Context<'_>) -> BTreeMap<String, Option<f64>> {
        let known = !tally.values().is_empty();
        [
            (Rework::Rollback, "rollbacks"),
            (Rework::Revert, "reverts"),
            (Rework::Incident, "incidents"),
            (Rework::Hotfix, "hotfixes"),
        ]
        .map(|(kind, kinds)| {
            let found = self.kinds.get(&kind).copied().unwrap_or_default();
            (kinds, known.then_some(found as f64))
        })
        .into_iter()
        .chain([("trailing_180_days", summary::rate(&self.half_a_year).value)])
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

/// Why a deployment is none of those that a rework may be a part of. A rollback is one.
fn exclusion(sample: &DeploymentSample, terms: &Terms<'_>) -> Option<Reason> {
    if sample.environment != terms.environment {
        Some(Reason::OtherEnvironment)
    } else if sample.status != DeploymentStatus::Success {
        Some(Reason::NotSuccessful)
    } else if sample.previous_commit.as_ref() == Some(&sample.commit) {
        Some(Reason::Redeploy)
    } else {
        (terms.policy == Policy::Primary && !sample.primary).then_some(Reason::OtherPrimaryTeam)
    }
}
