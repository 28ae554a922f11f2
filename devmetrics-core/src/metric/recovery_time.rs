use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::finding::{elapsed, seconds};
use super::{
    Beside, Better, Context, Coverage, Definition, Facts, FailureSample, Finding, IncidentSample, Metric,
    Needs, Outcome, Policy, Reason, Tally, Terms, Unit, Value, mean, summary,
};
use crate::Id;
use crate::model::{Deployment, Window};

/// From a failed deployment to its recovery.
#[derive(Debug)]
pub(super) struct FailedDeploymentRecoveryTime;

static RECOVERY: Definition = Definition {
    id: Cow::Borrowed("failed_deployment_recovery_time"),
    name: Cow::Borrowed("Failed deployment recovery time"),
    aliases: &["recovery_time", "fdrt", "failed_deployment_recovery"],
    unit: Unit::Seconds,
    unit_label: None,
    better: Better::Lower,
    version: 1,
    summary: Cow::Borrowed("From the finish of a failed deployment to what ended the failure"),
    example: Some(Cow::Borrowed(
        "Failed on 31 March at 12:00, rolled back on 1 April at 12:00: 24 hours, in April.",
    )),
    source: Cow::Borrowed("https://dora.dev/guides/dora-metrics/"),
};

impl Metric for FailedDeploymentRecoveryTime {
    fn definition(&self) -> &Definition {
        &RECOVERY
    }

    fn needs(&self) -> Needs {
        Needs {
            failures: true,
            ..Needs::default()
        }
    }

    /// One finding a failed deployment, however many reasons there are: at its recovery, or while there is none at its finish.
    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        let mut failed: BTreeMap<&Id<Deployment>, Vec<(usize, &FailureSample)>> = BTreeMap::new();
        for (index, failure) in facts.failures.iter().enumerate() {
            failed
                .entry(&failure.deployment)
                .or_default()
                .push((index, failure));
        }
        let mut findings = Vec::new();
        for (deployment, reasons) in failed {
            let Some(&(index, because)) = reasons
                .iter()
                .min_by_key(|(_, reason)| (reason.rule, &reason.cause))
            else {
                continue;
            };
            let recovered_at = recovery(reasons.iter().map(|(_, reason)| *reason));
            let at = recovered_at.unwrap_or(because.failed_at);
            if !terms.window.contains(at) {
                continue;
            }
            let outcome = ended(because.failed_at, recovered_at, because.primary, terms);
            findings.push(Finding {
                begin: Some(because.failed_at),
                end: recovered_at,
                because: Some(because),
                ..Finding::new(deployment.as_str(), index, at, outcome)
            });
        }
        findings
    }

    fn summarize(&self, tally: Tally, _observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::distribution(tally)
    }
}

/// When a failure was over: by the first deployment that mended it, or when the last of its incidents was resolved, whichever
/// came first; `None` while it is not.
fn recovery<'a>(reasons: impl Iterator<Item = &'a FailureSample> + Clone) -> Option<DateTime<Utc>> {
    let mended = reasons
        .clone()
        .filter(|reason| reason.remedy.is_some())
        .filter_map(|reason| reason.ended_at)
        .min();
    let incidents: Option<Vec<_>> = reasons
        .filter(|reason| reason.remedy.is_none())
        .map(|reason| reason.ended_at)
        .collect();
    let resolved = incidents.and_then(|ends| ends.into_iter().max());
    mended.into_iter().chain(resolved).min()
}

/// The outcome of something that began and may be over.
fn ended(begin: DateTime<Utc>, end: Option<DateTime<Utc>>, primary: bool, terms: &Terms<'_>) -> Outcome {
    if terms.policy == Policy::Primary && !primary {
        return Outcome::Excluded {
            reason: Reason::OtherPrimaryTeam,
        };
    }
    match end {
        Some(end) => elapsed(begin, end, terms),
        None => Outcome::Open {
            age_seconds: terms.collected_to.map(|to| seconds(begin, to).max(0)),
        },
    }
}

/// From the start of an incident to its resolution.
#[derive(Debug)]
pub(super) struct TimeToRestore;

static RESTORE: Definition = Definition {
    id: Cow::Borrowed("time_to_restore"),
    name: Cow::Borrowed("Time to restore"),
    aliases: &[
        "mttr",
        "mean_time_to_recovery",
        "mean_time_to_restore",
        "incident_duration",
    ],
    unit: Unit::Seconds,
    unit_label: None,
    better: Better::Lower,
    version: 1,
    summary: Cow::Borrowed("From the start of an incident to its resolution, whatever caused it"),
    example: Some(Cow::Borrowed(
        "Incidents of 1, 2 and 6 hours were resolved: median 2 hours; one that is not over is counted as open.",
    )),
    source: Cow::Borrowed("docs/metrics.md#time-to-restore"),
};

impl Metric for TimeToRestore {
    fn definition(&self) -> &Definition {
        &RESTORE
    }

    fn needs(&self) -> Needs {
        Needs {
            incidents: true,
            ..Needs::default()
        }
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        let mut findings = Vec::new();
        for (index, incident) in facts.incidents.iter().enumerate() {
            let IncidentSample {
                started_at,
                resolved_at,
                ..
            } = *incident;
            let at = resolved_at.unwrap_or(started_at);
            if !terms.window.contains(at) {
                continue;
            }
            let outcome = ended(started_at, resolved_at, incident.primary, terms);
            findings.push(Finding {
                begin: Some(started_at),
                end: resolved_at,
                ..Finding::new(incident.id.as_str(), index, at, outcome)
            });
        }
        findings
    }

    fn summarize(&self, tally: Tally, _observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::distribution(tally)
    }

    fn beside(&self) -> Option<Box<dyn Beside>> {
        Some(Box::<Began>::default())
    }
}

/// The M of MTTR, and how many incidents began.
#[derive(Debug, Default)]
struct Began(u64);

impl Beside for Began {
    fn add(&mut self, _findings: &[Finding<'_>], context: &Context<'_>) {
        let began = context.facts.incidents.iter().filter(|incident| {
            let counts = context.query.policy != Policy::Primary || incident.primary;
            counts && context.query.window.contains(incident.started_at)
        });
        self.0 += began.count() as u64;
    }

    fn figures(&self, tally: &Tally, context: &Context<'_>) -> BTreeMap<String, Option<f64>> {
        let known = context
            .observed_within(&context.query.window)
            .filter(|_| context.facts.coverage.incidents_from.is_some());
        [
            ("mean_seconds", mean(tally.values())),
            ("incidents_started", known.map(|_| self.0 as f64)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}
