use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::summary::{days, per_day};
use super::{
    Beside, Better, Context, Coverage, Definition, DeploymentSample, Facts, Finding, Metric, Needs, Outcome,
    Policy, Reason, Tally, Terms, Unit, Value, quantile,
};
use crate::model::{DeploymentStatus, Window};

/// Distinct successful production deployments a day.
#[derive(Debug)]
pub(super) struct DeploymentFrequency;

static DEFINITION: Definition = Definition {
    id: Cow::Borrowed("deployment_frequency"),
    name: Cow::Borrowed("Deployment frequency"),
    aliases: &["deploys", "deployments", "deploy_frequency"],
    unit: Unit::DeploymentsPerDay,
    unit_label: None,
    better: Better::Higher,
    version: 1,
    summary: Cow::Borrowed("Distinct successful production deployments per day observed"),
    example: Some(Cow::Borrowed(
        "3 distinct successes in 14 observed days, a redeploy and a rollback left out: 0.214 a day.",
    )),
    source: Cow::Borrowed("https://dora.dev/guides/dora-metrics/"),
};

impl Metric for DeploymentFrequency {
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
                    value: terms.weight(sample.weight),
                    skew_clamped: false,
                },
            };
            findings.push(Finding {
                end: Some(sample.finished_at),
                ..Finding::new(sample.id.as_str(), index, sample.finished_at, outcome)
            });
        }
        findings
    }

    fn needs(&self) -> Needs {
        Needs::DEPLOYMENTS
    }

    fn summarize(&self, tally: Tally, observed: Option<Window>, _coverage: &Coverage) -> Value {
        per_day(&tally, observed)
    }

    fn is_known(&self, coverage: &Coverage) -> bool {
        coverage.deployments_from.is_some()
    }

    fn beside(&self) -> Option<Box<dyn Beside>> {
        Some(Box::<Rhythm>::default())
    }
}

/// How deployments are spread over time.
#[derive(Debug, Default)]
struct Rhythm {
    days: BTreeSet<NaiveDate>,
    instants: Vec<DateTime<Utc>>,
}

impl Beside for Rhythm {
    fn add(&mut self, findings: &[Finding<'_>], context: &Context<'_>) {
        for finding in findings.iter().filter(|finding| finding.counted().is_some()) {
            self.days
                .insert(finding.at.with_timezone(&context.query.zone).date_naive());
            self.instants.push(finding.at);
        }
    }

    fn figures(&self, tally: &Tally, context: &Context<'_>) -> BTreeMap<String, Option<f64>> {
        let observed = context
            .observed_within(&context.query.window)
            .filter(|_| context.facts.coverage.deployments_from.is_some());
        let weeks = observed.map(|window| days(&window) / 7.0);
        let sum = tally.values().iter().sum::<f64>() + 0.0;
        let mut instants = self.instants.clone();
        instants.sort_unstable();
        let mut gaps: Vec<f64> = instants
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).num_seconds() as f64)
            .collect();
        gaps.sort_by(f64::total_cmp);
        [
            ("per_week", weeks.map(|weeks| sum / weeks)),
            (
                "deploy_days_per_week",
                weeks.map(|weeks| self.days.len() as f64 / weeks),
            ),
            ("median_seconds_between", quantile(&gaps, 0.5)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

/// Why a deployment does not count. A bot's does: machines deploy.
pub(super) fn exclusion(sample: &DeploymentSample, terms: &Terms<'_>) -> Option<Reason> {
    if sample.environment != terms.environment {
        Some(Reason::OtherEnvironment)
    } else if sample.status != DeploymentStatus::Success {
        Some(Reason::NotSuccessful)
    } else if sample.previous_commit.as_ref() == Some(&sample.commit) {
        Some(Reason::Redeploy)
    } else if sample.deployed_before {
        Some(Reason::Rollback)
    } else {
        (terms.policy == Policy::Primary && !sample.primary).then_some(Reason::OtherPrimaryTeam)
    }
}
